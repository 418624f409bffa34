"""Recordings of Neurodata Without Borders: a sweep of a file of version 1 or 2, read with h5py; runs are written with
pynwb."""

from __future__ import annotations

import os
import re
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo.arguments import as_path
from loligo.errors import (
    ArgumentError,
    MissingPackageError,
    RecordingError,
    UnreadableFileError,
    UnwritableFileError,
    did_you_mean,
)
from loligo.recordings.recording import Recording
from loligo.recordings.units import factor, is_electrical

if TYPE_CHECKING:
    from loligo.run import Run

RESPONSES = ("acquisition/timeseries", "acquisition")
"""Where version 1 and version 2 keep what was measured."""

STIMULI = ("stimulus/presentation",)


def read_nwb(path: Path, sweep: int | str) -> Recording:
    """A sweep by its number, or by the name of what was measured; see `loligo.read_recording`.

    A series belongs to a sweep that it names as its `sweep_number`, or else by the number at the end of its name.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingPackageError('NWB files need h5py: pip install "loligo[nwb]"') from error
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise UnreadableFileError(f"cannot open {path} as HDF5: {error}") from error
    with file:
        responses, stimuli = _series(file, RESPONSES), _series(file, STIMULI)
        if isinstance(sweep, str):
            if sweep not in responses:
                known = ", ".join(list(responses)[:8])
                raise RecordingError(
                    f"{path} has no series `{sweep}` in acquisition{did_you_mean(sweep, responses)}; it has {known}"
                )
            own, number = [responses[sweep]], _number(responses[sweep])
        else:
            number = sweep
            electrical = {name: series for name, series in responses.items() if is_electrical(_unit(series))}
            own = [series for series in electrical.values() if _number(series) == sweep]
            if len(own) > 1:
                names = ", ".join(series.name.rpartition("/")[2] for series in own)
                raise RecordingError(f"{path} has several series of sweep {sweep}: give one by its name, of {names}")
            if not own:
                numbers = {_number(series) for series in electrical.values()}
                sweeps = sorted(each for each in numbers if each is not None)
                raise RecordingError(
                    f"{path} has no sweep {sweep}: its sweeps are {', '.join(map(str, sweeps)) or 'none'}"
                )
        own += [series for series in stimuli.values() if number is not None and _number(series) == number]
        found: dict[str, np.ndarray] = {}
        dt, size = _interval(own[0], path), own[0]["data"].size
        for series in own:
            kind, samples = _samples(series, path)
            if kind in found:
                continue
            if samples.size != size:
                raise RecordingError(f"{path}: {series.name} has {samples.size} samples, and {own[0].name} has {size}")
            found[kind] = samples
    label = f"sweep {sweep}" if isinstance(sweep, int) else sweep
    return Recording(np.arange(size) * dt, found.get("v"), found.get("i"), f"{path.name}, {label}")


def _series(file: Any, places: tuple[str, ...]) -> dict[str, Any]:
    """The series with samples, by their names, in the first of these places that there is."""
    for place in places:
        if place in file:
            return {
                name: series for name, series in file[place].items() if hasattr(series, "keys") and "data" in series
            }
    return {}


def _number(series: Any) -> int | None:
    """The number of the sweep that a series belongs to."""
    if "sweep_number" in series.attrs:
        return int(series.attrs["sweep_number"])
    if "sweep_number" in series:
        return int(series["sweep_number"][()])
    match = re.search(r"(\d+)$", series.name)
    return int(match.group(1)) if match else None


def _interval(series: Any, path: Path) -> float:
    """ms."""
    if "starting_time" in series and "rate" in series["starting_time"].attrs:
        return 1e3 / float(series["starting_time"].attrs["rate"])
    if "timestamps" in series and series["timestamps"].size > 1:
        steps = np.diff(series["timestamps"][()])
        if np.allclose(steps, steps[0], rtol=1e-3):
            return 1e3 * float(steps.mean())
        raise RecordingError(f"{path}: the samples of {series.name} are not equally far apart")
    raise RecordingError(f"{path}: {series.name} has neither a rate nor timestamps")


def _unit(series: Any) -> str:
    unit = series["data"].attrs.get("unit", "")
    return unit.decode() if isinstance(unit, bytes) else str(unit)


def _samples(series: Any, path: Path) -> tuple[str, np.ndarray]:
    data = series["data"]
    kind, scale = factor(_unit(series), f"{series.name} in {path}")
    conversion, offset = float(data.attrs.get("conversion", 1.0)), float(data.attrs.get("offset", 0.0))
    return kind, scale * (conversion * np.asarray(data[()], dtype=float) + offset)


def write_nwb(run: Run, path: str | os.PathLike[str]) -> None:
    """Writes a run; see `loligo.Run.to_nwb`."""
    path = as_path(path)
    if path.suffix != ".nwb":
        raise ArgumentError(f"the file is {path.name}, expected one that ends in .nwb")
    if run.t.size < 2:
        raise ArgumentError("the run has one sample, and so no rate: record more of it, or a longer run")
    try:
        import pynwb
    except ImportError as error:
        raise MissingPackageError('to_nwb needs pynwb: pip install "loligo[nwb]"') from error
    file = pynwb.NWBFile(
        session_description="a simulation by Loligo",
        identifier=str(uuid.uuid4()),
        session_start_time=datetime.now(UTC),
        source_script=str(run.provenance["loligo"]),
        source_script_file_name="loligo",
    )
    device = file.create_device(name="Loligo", description="a simulation")
    rate = 1e3 / float(run.t[1] - run.t[0])
    for sweep, lane in enumerate([run] if run.lanes is None else run):
        for row, (_, what, name) in enumerate(lane._recorded):
            label = f"{re.sub(r'[/:]', '_', name)}_{row}_{sweep}"
            samples = np.ascontiguousarray(lane.recordings[row])
            if what != "v":
                # units are those of Loligo, which has no list of them
                series = pynwb.TimeSeries(name=label, data=samples, unit="unknown", rate=rate, description=what)
                file.add_acquisition(series)
                continue
            electrode = file.create_icephys_electrode(name=label, description=name, device=device)
            series = pynwb.icephys.CurrentClampSeries(
                name=label,
                data=samples,
                conversion=1e-3,
                rate=rate,
                electrode=electrode,
                gain=1.0,
                sweep_number=np.uint64(sweep),
            )
            file.add_acquisition(series)
    try:
        with pynwb.NWBHDF5IO(os.fspath(path), "w") as io:
            io.write(file)
    except OSError as error:
        raise UnwritableFileError(f"cannot write {os.fspath(path)}: {error}") from error
