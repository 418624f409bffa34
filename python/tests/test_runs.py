"""Runs: times, shapes, names, spikes, tables, files, provenance, schemes and precision."""

import numpy as np
import pytest

import loligo as lo


def test_times_and_shapes(fork: lo.Cell) -> None:
    run = lo.simulate(fork, t_max=5)
    assert run.t.shape == (201,)
    assert run.t[0] == 0
    assert np.allclose(np.diff(run.t), 0.025)
    assert run.v.shape == run.recordings.shape == (2, 201)
    assert run.lanes is None


def test_thinned_recordings_are_every_nth_sample(fork: lo.Cell) -> None:
    whole, thinned = lo.simulate(fork, t_max=5), lo.simulate(fork, t_max=5, record_every=0.1)
    assert (thinned.v == whole.v[:, ::4]).all()
    assert np.allclose(thinned.t, whole.t[::4])


def test_recordings_are_found_by_name_and_by_quantity(fork: lo.Cell) -> None:
    fork.branch(0).loc(0.5).record("hh.m", name="activation")
    fork.branch(1).record("hh.h")
    run = lo.simulate(fork, t_max=5)
    assert run.names[:3] == ["branch[1](0.8333).v", "branch[2](0.8333).v", "activation"]
    assert run.v.shape == (2, 201)
    assert run["activation"].shape == (201,)
    assert (run["branch[1](0.8333).v"] == run.v[0]).all()
    assert run["hh.h"].shape == (3, 201)
    assert (run["hh.m"] == run["activation"]).all()


def test_currents_add_up_to_the_membrane_current(soma: lo.Compartment) -> None:
    for what in ("hh.ina", "hh.ik", "hh.il", "i_membrane"):
        soma.record(what)
    run = lo.simulate(soma, t_max=5)
    # what flows out through the membrane is what the electrode brings, nA
    expected = np.where((run.t > 1) & (run.t <= 9), 0.2, 0.0)
    assert np.allclose(run["i_membrane"][0, 2:], expected[2:], atol=1e-9)
    assert (run["hh.ina"].min(), run["hh.ik"].max()) != (0, 0)


def test_spikes_are_where_the_voltage_crosses_the_threshold(soma: lo.Compartment) -> None:
    run = lo.simulate(soma, t_max=10)
    (times,) = run.spikes()
    assert times.size == 1
    after = np.searchsorted(run.t, times[0])
    assert run.v[0, after - 1] < 0 <= run.v[0, after]


def test_tables_and_files(fork: lo.Cell, tmp_path) -> None:
    run = lo.simulate(fork, t_max=1)
    table = run.to_pandas()
    assert table.shape == (41, 2)
    assert table.columns.tolist() == run.names
    run.save(tmp_path / "run.npz")
    kept = np.load(tmp_path / "run.npz")
    assert (kept["recordings"] == run.recordings).all()
    assert kept["names"].tolist() == run.names
    run.save(tmp_path / "run.csv")
    assert (tmp_path / "run.csv").read_text().splitlines()[0] == "t," + ",".join(run.names)
    with pytest.raises(lo.errors.ArgumentError, match=r"run\.txt, expected one that ends in \.npz or \.csv"):
        run.save(tmp_path / "run.txt")


def test_a_run_says_what_it_depends_on(tmp_path) -> None:
    cell = lo.datasets.ca1(ncomp=1)
    cell.insert(lo.mechanism("pas"))
    cell.record()
    facts = lo.simulate(cell, t_max=0.1).provenance
    assert facts["loligo"] == lo.__version__
    assert facts["dt"] == 0.025
    assert facts["scheme"] == "backward_euler"
    assert facts["morphologies"]["n144.swc"].startswith("sha256:")
    assert facts["mechanisms"]["pas"].startswith("sha256:")
    assert facts["vector_unit"] in ("avx512", "avx2", "neon", "plain")


def test_single_precision_is_asked_for_and_close(soma: lo.Compartment) -> None:
    double, single = (lo.simulate(soma, t_max=10, precision=p).v for p in ("float64", "float32"))
    assert (double.dtype, single.dtype) == (np.float64, np.float32)
    assert 0 < np.abs(double - single).max() < 0.5  # a rounding error of 1e-5 mV, grown by a spike


def test_crank_nicolson_is_of_second_order() -> None:
    cell = lo.Compartment(length=20, radius=10)
    cell.insert(lo.mechanism("hh"))
    cell.set("v", -55)
    cell.record()
    ends = {
        scheme: [lo.simulate(cell, t_max=4, dt=dt, scheme=scheme).v[0, -1] for dt in (0.02, 0.01, 0.005)]
        for scheme in ("backward_euler", "crank_nicolson")
    }
    for scheme, order in (("backward_euler", 1), ("crank_nicolson", 2)):
        coarse, middle, fine = ends[scheme]
        assert np.log2((coarse - middle) / (middle - fine)) == pytest.approx(order, abs=0.25)


def test_clamps_hold_and_their_current_is_recorded(soma: lo.Compartment) -> None:
    soma.delete_stimuli()
    soma.clamp(-40)
    soma.record("i_clamp")
    run = lo.simulate(soma, t_max=2)
    assert np.allclose(run.v[0, 1:], -40)
    assert run["i_clamp"].shape == (1, 81)
    soma.delete_clamps()
    soma.clamp(lo.step(0, 1, -20, baseline=-65), series_resistance=1.0)
    soma.record("i_clamp")
    run = lo.simulate(soma, t_max=2)
    # Ohm's law in the electrode: mV / MOhm = nA
    target = np.where(run.t <= 1, -20, -65)
    assert np.allclose(run["i_clamp"][0, 1:], (target - run.v[0])[1:], atol=1e-9)


def test_a_stimulus_array_is_a_waveform_of_samples(soma: lo.Compartment) -> None:
    by_name = lo.simulate(soma, t_max=5).v
    soma.delete_stimuli()
    soma.stimulate(lo.step(1, 8, 0.2).sampled(0.025, 200))
    assert (lo.simulate(soma, t_max=5).v == by_name).all()


def test_plots_are_drawn(fork: lo.Cell) -> None:
    run = lo.simulate(fork, t_max=5)
    assert len(run.plot().lines) == 2
    assert fork.plot("hh.gnabar").collections
    assert fork.branch(0).plot(np.arange(3.0)).collections
    assert fork.plot(color="red").collections
