"""eFEL finds in a run what can be seen there, and BluePyOpt finds the numbers of a model."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest

import loligo as lo


@pytest.fixture
def firing(soma: lo.Compartment) -> lo.Compartment:
    """It fires several times between 5 and 55 ms, which are those of its stimulus."""
    soma.delete_stimuli()
    soma.stimulate(lo.step(start=5, duration=50, amplitude=0.3))
    return soma


def test_traces_are_those_of_lanes_and_recordings(fork: lo.Cell) -> None:
    run = lo.simulate(fork, t_max=5, v_init=lo.batch(np.array([-65.0, -60.0])))
    traces = lo.features.efel_traces(run, start=1, stop=4)
    assert len(traces) == 4
    assert (traces[2]["V"] == run.v[1, 0]).all() and traces[2]["V"].flags.c_contiguous
    assert traces[0]["stim_start"] == [1] and traces[0]["stim_end"] == [4]


def test_features_are_what_the_voltage_shows(firing: lo.Compartment) -> None:
    pytest.importorskip("efel", reason="needs eFEL, which is among the extra `test`")
    run = lo.simulate(firing, t_max=80)
    names = ["spike_count", "voltage_base", "peak_voltage", "all_ISI_values"]
    (row,) = lo.features.efel_table(run, names, start=5, stop=55).to_dict("records")
    (times,) = run.spikes()
    assert row["spike_count"] == times.size > 2
    # eFEL averages the last tenth of what is before the stimulus, where the cell rests
    assert row["voltage_base"] == pytest.approx(run.v[0, 190], abs=0.01)
    peaks = [run.v[0, (run.t > time) & (run.t < time + 2)].max() for time in times]
    assert row["peak_voltage"] == pytest.approx(np.mean(peaks), abs=0.5)  # samples of 0.1 ms
    assert row["all_ISI_values"] == pytest.approx(np.diff(times).mean(), abs=0.1)


def test_features_of_lanes_and_those_that_are_not_there(firing: lo.Compartment) -> None:
    pytest.importorskip("efel", reason="needs eFEL, which is among the extra `test`")
    run = lo.simulate(firing, t_max=80, param_state=firing.data_set("hh.gnabar", lo.batch([0.0, 0.12])))
    table = lo.features.efel_table(run, ["spike_count", "peak_voltage"], start=5, stop=55)
    assert table.index.names == ["lane", "recording"]
    assert table["spike_count"].tolist() == [0, run.lane(1).spikes()[0].size]
    assert np.isnan(table["peak_voltage"].iloc[0])
    with pytest.raises(lo.errors.UnknownNameError, match=r"no feature `spike_cont`; did you mean `spike_count`\?"):
        lo.features.efel_table(run, ["spike_cont"], start=5, stop=55)
    with pytest.raises(lo.errors.ArgumentTypeError, match="are 'spike_count', expected a list of names"):
        lo.features.efel_table(run, "spike_count", start=5, stop=55)


@pytest.mark.parametrize(("start", "stop"), [(5, 4), (-1, 4), (1, 100)])
def test_a_stimulus_outside_of_the_run(soma: lo.Compartment, start: float, stop: float) -> None:
    with pytest.raises(
        lo.errors.ArgumentError, match=f"the stimulus is from {start} to {stop} ms, expected .* 0 to 5 ms"
    ):
        lo.features.efel_traces(lo.simulate(soma, t_max=5), start=start, stop=stop)


def test_packages_that_are_not_there_are_named(soma: lo.Compartment, monkeypatch: pytest.MonkeyPatch) -> None:
    run = lo.simulate(soma, t_max=5)
    monkeypatch.setitem(sys.modules, "efel", None)
    with pytest.raises(lo.errors.MissingPackageError, match=r'pip install "loligo\[efel\]"'):
        lo.features.efel_table(run, ["spike_count"], start=1, stop=4)
    monkeypatch.setitem(sys.modules, "bluepyopt", None)
    monkeypatch.setitem(sys.modules, "bluepyopt.evaluators", None)
    monkeypatch.delitem(sys.modules, "loligo.bluepyopt", raising=False)
    with pytest.raises(lo.errors.MissingPackageError, match=r'pip install "loligo\[bluepyopt\]"'):
        import loligo.bluepyopt  # noqa: F401


WITHOUT = "needs BluePyOpt, which brings NEURON and Jupyter: pip install 'loligo[bluepyopt]'"


def both(run: lo.Run) -> dict[str, float]:
    return {"rest": abs(run.v[0, 0] + 65), "peak": abs(run.v.max() - 40)}


def test_a_generation_is_one_batch(soma: lo.Compartment, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("bluepyopt", reason=WITHOUT)
    from bluepyopt.deapext.optimisations import IBEADEAPOptimisation

    import loligo.bluepyopt

    soma.make_trainable("hh.gnabar", bounds=(0.02, 0.3))
    soma.make_trainable("v", bounds=(-80.0, -50.0))
    evaluator = loligo.bluepyopt.Evaluator(soma, both, ["rest", "peak"], t_max=8)
    batches = []

    def counted(*arguments: object, **options: object) -> lo.Run:
        batches.append(lo.simulate(*arguments, **options))
        return batches[-1]

    monkeypatch.setattr(loligo.bluepyopt, "simulate", counted)
    search = IBEADEAPOptimisation(evaluator, offspring_size=12, seed=1, map_function=evaluator.map)
    _, best, _, _ = search.run(max_ngen=4)
    assert batches[0].lanes == 12 and len(batches) <= 2 + 4
    assert sum(best[0].fitness.values) < 10
    # what it says of an individual is what a run says, alone as in a batch
    run = lo.simulate(soma, evaluator.parameters(best[0]), t_max=8)
    assert best[0].fitness.values == tuple(both(run).values())
    assert evaluator.evaluate_with_lists(best[0]) == list(best[0].fitness.values)
    named = dict(zip(evaluator.param_names, best[0]))
    assert list(named) == ["hh.gnabar", "v"]
    assert evaluator.evaluate_with_dicts(named) == both(run)


def test_what_is_not_finite_has_the_penalty() -> None:
    pytest.importorskip("bluepyopt", reason=WITHOUT)
    from loligo.bluepyopt import Evaluator

    cable = lo.Branch(ncomp=3)
    cable.insert(lo.mechanism("pas"))
    cable.record()
    cable.comp("all").make_trainable("pas.g", bounds=(-1.0, 1.0))
    evaluator = Evaluator(cable, lambda run: run.v[0, 0], t_max=20, penalty=77)
    assert evaluator.param_names == ["pas.g[0]", "pas.g[1]", "pas.g[2]"]
    # the voltage grows by C/(C + g dt) = 4 in a step, of which 512 are too many
    assert evaluator.map(None, [[1e-3] * 3, [-0.03] * 3]) == [[-65.0], [77.0]]
    assert Evaluator(cable, lambda run: np.nan, t_max=1, penalty=77).evaluate_with_lists([1e-3] * 3) == [77.0]
    assert evaluator.map(None, []) == []


def trained(cell: lo.Cell, bounds: tuple[float, float] | None = (0.0, 1.0)) -> lo.Cell:
    cell.make_trainable("hh.gnabar", bounds=bounds)
    return cell


WRONG: dict[str, tuple[Callable, str]] = {
    "view": (lambda e, c: e(c.branch(0), both, t_max=1), "expected a whole module"),
    "trainables": (lambda e, c: e(c, both, t_max=1), "nothing is trainable: call make_trainable"),
    "bounds": (lambda e, c: e(trained(c, None), both, t_max=1), "`hh.gnabar` has no bounds to search within"),
    "objectives": (lambda e, c: e(trained(c), both, "rest", t_max=1), "the objectives are 'rest', expected a list of"),
    "objective": (
        lambda e, c: e(trained(c), both, ["rest"], t_max=1).evaluate_with_lists([0.1]),
        "the measure gives the objectives ['rest', 'peak'], expected ['rest']",
    ),
    "individual": (
        lambda e, c: e(trained(c), both, t_max=1).evaluate_with_lists([0.1, 0.2]),
        "an individual has 2 numbers, expected 1",
    ),
    "names": (
        lambda e, c: e(trained(c), both, t_max=1).evaluate_with_dicts({"gnabar": 0.1}),
        "the parameters are ['gnabar'], expected ['hh.gnabar']",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_of_an_evaluator(name: str, fork: lo.Cell) -> None:
    pytest.importorskip("bluepyopt", reason=WITHOUT)
    from loligo.bluepyopt import Evaluator

    call, message = WRONG[name]
    with pytest.raises(lo.LoligoError) as caught:
        call(Evaluator, fork)
    assert message in str(caught.value)
