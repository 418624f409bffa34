"""Recordings: what is read has the units of simulations; what is done to it keeps what it is; runs become NWB."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import loligo as lo

h5py = pytest.importorskip("h5py")

RATE = 20_000.0
"""Hz."""

VOLTAGE = -0.07 + 0.001 * np.arange(100)
"""In volts."""

CURRENT = 1e-12 * np.arange(100)
"""In amperes."""


def add(parent: Any, name: str, samples: np.ndarray, unit: str, **attributes: Any) -> None:
    """A series as both versions of NWB have it."""
    series = parent.create_group(name)
    series["data"] = samples
    series["data"].attrs["unit"] = unit
    series["data"].attrs["conversion"] = attributes.pop("conversion", 1.0)
    series["starting_time"] = 0.0
    series["starting_time"].attrs["rate"] = RATE
    series.attrs.update(attributes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of version 2 with two sweeps, in volts and in millivolts by conversion, and a series of something else."""
    path = tmp_path / "cell.nwb"
    with h5py.File(path, "w") as file:
        responses, stimuli = file.create_group("acquisition"), file.create_group("stimulus/presentation")
        add(responses, "data_a", VOLTAGE, "volts", sweep_number=3)
        add(responses, "data_b", VOLTAGE * 1e4, "volts", sweep_number=4, conversion=1e-4)
        add(responses, "temperature_3", VOLTAGE, "celsius")
        add(stimuli, "stimulus_a", CURRENT, "amperes", sweep_number=3)
        add(stimuli, "stimulus_b", CURRENT * 1e12, "pA", sweep_number=4)
    return path


@pytest.mark.parametrize("sweep", [3, 4, "data_a", "data_b"])
def test_units_of_version_2_are_converted(path: Path, sweep: int | str) -> None:
    recording = lo.read_recording(path, sweep)
    assert recording.dt == pytest.approx(0.05)
    np.testing.assert_allclose(recording.v, VOLTAGE * 1e3, rtol=1e-12)
    np.testing.assert_allclose(recording.i, CURRENT * 1e9, rtol=1e-12)
    assert recording.name == f"cell.nwb, {f'sweep {sweep}' if isinstance(sweep, int) else sweep}"


def test_version_1_names_sweeps_by_their_groups(tmp_path: Path) -> None:
    path = tmp_path / "cell.nwb"
    with h5py.File(path, "w") as file:
        add(file.create_group("acquisition/timeseries"), "Sweep_12", VOLTAGE, "Volts".lower())
        add(file.create_group("stimulus/presentation"), "Sweep_12", CURRENT, "Amps".lower())
    recording = lo.read_recording(path, 12)
    np.testing.assert_allclose(recording.v, VOLTAGE * 1e3, rtol=1e-12)
    np.testing.assert_allclose(recording.i, CURRENT * 1e9, rtol=1e-12)


def test_resampling_takes_means_or_straight_lines(path: Path) -> None:
    """The samples of `v` are a straight line, which neither way bends; of alternating ones a mean is left."""
    recording = lo.read_recording(path, 3)
    for dt in (0.025, 0.05, 0.1, 0.2):
        resampled = recording.resample(dt)
        assert resampled.dt == pytest.approx(dt)
        inner = slice(1, -1)  # at the ends a mean has samples on one side only
        np.testing.assert_allclose(resampled.v[inner], (-70 + resampled.t / 0.05)[inner], rtol=1e-12)
    noisy = lo.Recording(recording.t, (-1.0) ** np.arange(100), None, "noise")
    assert np.abs(noisy.resample(0.5).v[1:-1]).max() < 0.1
    assert noisy.resample(0.5).i is None
    np.testing.assert_allclose(recording.resample(0.05).v, recording.v)


def test_what_is_done_before_a_fit(path: Path) -> None:
    recording = lo.read_recording(path, 3)
    window = recording.window(1.0, 2.0)
    assert window.t[0] == 0
    assert window.v == pytest.approx(-50 + np.arange(20))
    assert window.i.size == 20
    assert recording.baseline(1.0, 2.0) == pytest.approx(-40.5)
    assert recording.without_junction_potential(14).v == pytest.approx(recording.v - 14)
    assert np.flatnonzero(recording.mask((0, 0.1), (4.8, 9))).tolist() == [0, 1, 96, 97, 98, 99]


def test_a_recorded_current_is_a_stimulus(path: Path) -> None:
    """The current of the file, 1 nA/s, into a compartment without channels: its charge moves the voltage by it/C."""
    recording = lo.read_recording(path, 3).resample(0.05)
    cell = lo.Compartment(length=100 / np.pi, radius=5)  # 1000 µm², 10 pF
    cell.stimulate(recording.i)
    cell.record()
    cell.set("v", -70.0)
    run = lo.simulate(cell, t_max=float(recording.t[-1]), dt=recording.dt)
    charge = np.concatenate([[0], np.cumsum(recording.i[:-1]) * recording.dt])
    assert run.v[0].shape == recording.v.shape
    np.testing.assert_allclose(run.v[0] + 70, charge / 0.01, atol=0.06)  # one sample sooner or later


def test_runs_are_written_and_read(tmp_path: Path) -> None:
    pytest.importorskip("pynwb")
    cell = lo.Compartment()
    cell.insert(lo.mechanism("hh"))
    cell.celsius = 6.3
    cell.record()
    cell.record("hh.m")
    path = tmp_path / "run.nwb"
    run = lo.simulate(cell, t_max=2)
    run.to_nwb(path)
    np.testing.assert_allclose(lo.read_recording(path).v, run.v[0], rtol=1e-12)
    many = lo.simulate(cell, t_max=2, v_init=lo.batch([-70.0, -60.0]))
    many.to_nwb(path)
    for sweep in range(2):
        np.testing.assert_allclose(lo.read_recording(path, sweep).v, many.v[sweep, 0], rtol=1e-12)
    import pynwb

    with pynwb.NWBHDF5IO(path, "r") as io:
        assert len(io.read().acquisition) == 4


def test_abf_is_converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that pyabf wrote: voltage clamp, pA, kept as whole numbers of about 0.01 pA."""
    with np.printoptions():
        pytest.importorskip("pyabf")
        from pyabf.abfWriter import writeABF1

    path = tmp_path / "cell.abf"
    samples = np.arange(5000.0) / 100
    writeABF1(np.array([samples, -samples]), str(path), RATE)
    recording = lo.read_recording(path, 1)
    assert recording.dt == pytest.approx(0.05)
    np.testing.assert_allclose(recording.i, -1e-3 * samples, atol=1e-4)
    with pytest.raises(lo.errors.RecordingError, match="no sweep 2: its sweeps are 0 to 1"):
        lo.read_recording(path, 2)
    path.write_text("text")
    with pytest.raises(lo.errors.UnreadableFileError, match="as ABF"):
        lo.read_recording(path)
    monkeypatch.setitem(sys.modules, "pyabf", None)
    with pytest.raises(lo.errors.MissingPackageError, match=r'pip install "loligo\[abf\]"'):
        lo.read_recording(path)


def test_mistakes_have_names(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(message: str, sweep: int | str = 3, error: type = lo.errors.RecordingError) -> None:
        with pytest.raises(error, match=message):
            lo.read_recording(path, sweep)

    refused("has no sweep 5: its sweeps are 3, 4", 5)
    refused("no series `data_c` in acquisition; did you mean `data_[ab]`", "data_c")
    refused("/acquisition/temperature_3 in .* is in 'celsius', expected a voltage or a current", "temperature_3")
    recording = lo.read_recording(path, 3)
    with pytest.raises(lo.errors.ArgumentError, match=r"dt is 0 ms, expected a positive number up to the 4\.95 ms"):
        recording.resample(0)
    with pytest.raises(lo.errors.ArgumentError, match="the window from 5 to 9 ms holds 0 samples"):
        recording.window(5, 9)
    with pytest.raises(lo.errors.ArgumentError, match="mask was given no window"):
        recording.mask()
    with pytest.raises(lo.errors.ArgumentError, match="has no voltage"):
        lo.Recording(recording.t, None, recording.i, "clamp").baseline(0, 1)
    with h5py.File(path, "a") as file:
        add(file["acquisition"], "data_c", VOLTAGE, "volts", sweep_number=3)
        add(file["stimulus/presentation"], "short", CURRENT[:-1], "amperes", sweep_number=4)
        add(file["acquisition"], "timeless", VOLTAGE, "volts", sweep_number=6)
        del file["acquisition/timeless/starting_time"]
    refused("several series of sweep 3: give one by its name, of data_a, data_c")
    with h5py.File(path, "a") as file:
        del file["stimulus/presentation/stimulus_b"]
    refused("short has 99 samples, and /acquisition/data_b has 100", 4)
    refused("timeless has neither a rate nor timestamps", 6)
    path.write_text("text")
    refused("as HDF5", error=lo.errors.UnreadableFileError)
    with pytest.raises(lo.errors.MissingFileError, match="no such file"):
        lo.read_recording(tmp_path / "nothing.nwb")
    with pytest.raises(lo.errors.RecordingError, match=r"expected a file whose name ends in \.abf or \.nwb"):
        lo.read_recording(tmp_path / "cell.mat")
    monkeypatch.setitem(sys.modules, "h5py", None)
    refused(r'pip install "loligo\[nwb\]"', error=lo.errors.MissingPackageError)
