"""Scripts for Jaxley, run by Jaxley and by its door: the voltages differ by less than 1e-8 mV.

Both do the same arithmetic in another order. A rounding error of 1e-14 mV grows with the steepest growth of a
difference during a spike, some hundred thousand times, so 1e-8 mV leaves room for rounding and for nothing else.
"""

import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from jaxley_values import Jaxley

import loligo as lo
import loligo.jaxley

TOLERANCE = 1e-8

CELL = Path(__file__).parents[2] / "data" / "morphologies" / "neuromorpho" / "n173.swc"

SMALL_CELL = """\
1 1   0   0 0 8.0 -1
2 1   0  12 0 7.0  1
3 3   0  20 0 2.0  2
4 3  10  60 0 1.2  3
5 3 -30  70 0 0.8  3
6 3 -40 120 5 0.5  5
7 2   5  25 0 0.7  2
8 2   8 140 0 0.4  7
"""
"""A soma of two points: where it has one, Jaxley has dendrites leave its end and Loligo its middle."""

Script = Callable[[ModuleType], Any]
Same = Callable[[Script], np.ndarray]


@pytest.fixture
def assert_same(jaxley: Jaxley) -> Same:
    """Runs a script with both, compares shapes and numbers, and returns the door's."""

    def compared(script: Script) -> np.ndarray:
        ours = jaxley.agrees(lambda jx: np.asarray(script(jx)), atol=TOLERANCE)
        assert np.isfinite(ours).all()
        return ours

    return compared


def branched(jx: ModuleType, ncomp: int = 2) -> Any:
    """A Y with compartments that are not all alike."""
    cell = jx.Cell(jx.Branch(jx.Compartment(), ncomp), parents=[-1, 0, 0])
    cell.branch(0).set("radius", 2.5)
    cell.branch(1).set("length", 30.0)
    cell.branch(2).comp(0).set("radius", 0.7)
    cell.set("axial_resistivity", 800.0)
    return cell


def stimulated(jx: ModuleType, module: Any, amplitude: float = 0.1, t_max: float = 8.0) -> Any:
    """The module with a step into its first compartment."""
    first = module[tuple(0 for _ in module.shape)] if module.shape else module
    first.stimulate(jx.step_current(0.5, 2.0, amplitude, 0.025, t_max), verbose=False)
    return module


def every_compartment(module: Any) -> Any:
    """The module with all voltages recorded."""
    module.record(verbose=False)
    return module


@pytest.mark.parametrize("solver", ["bwd_euler", "crank_nicolson"])
@pytest.mark.parametrize("shape", ["compartment", "branch", "cell", "network"])
def test_hodgkin_huxley_on_every_kind_of_module(shape: str, solver: str, assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        modules = {
            "compartment": lambda: jx.Compartment(),
            "branch": lambda: jx.Branch(jx.Compartment(), 4),
            "cell": lambda: branched(jx),
            "network": lambda: jx.Network([branched(jx, 3), jx.Cell(jx.Branch(jx.Compartment(), 2), [-1]), jx.Cell()]),
        }
        module = modules[shape]()
        module.insert(jx.channels.HH())
        stimulated(jx, module, amplitude=0.02 if shape == "compartment" else 0.3)
        return jx.integrate(every_compartment(module), solver=solver)

    voltages = assert_same(script)
    assert voltages[0].max() > 0  # a comparison without a spike would prove little


@pytest.mark.parametrize("channel", ["Leak", "Na", "K", "Km", "CaL", "CaT", "HH"])
def test_every_channel_alone(channel: str, assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        cell = stimulated(jx, branched(jx), amplitude=0.05)
        cell.insert(getattr(jx.channels, channel)())
        return jx.integrate(every_compartment(cell))

    assert_same(script)


@pytest.mark.parametrize("solver", ["bwd_euler", "crank_nicolson"])
def test_all_channels_together(solver: str, assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        cell = stimulated(jx, branched(jx), amplitude=0.3, t_max=20.0)
        for channel in ("Leak", "Na", "K", "Km", "CaL", "CaT"):
            cell.insert(getattr(jx.channels, channel)())
        return jx.integrate(every_compartment(cell), solver=solver)

    assert assert_same(script).max() > 0


def test_channels_in_parts_of_a_cell(assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        cell = stimulated(jx, branched(jx), amplitude=0.3)
        cell.insert(jx.channels.Leak())
        cell.branch(0).insert(jx.channels.HH())
        cell.branch(1).comp(1).insert(jx.channels.K())
        cell.branch([0, 1]).insert(jx.channels.Na())
        cell.branch(2).insert(jx.channels.HH())
        cell.branch(2).comp(0).delete(jx.channels.HH())
        return jx.integrate(every_compartment(cell))

    assert_same(script)


def test_two_channels_of_one_kind_under_two_names(assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        cell = stimulated(jx, branched(jx), amplitude=0.3)
        cell.insert(jx.channels.HH())
        cell.insert(jx.channels.Leak("Shunt"))
        cell.branch(1).insert(jx.channels.Leak().change_name("Second"))
        cell.set("Shunt_gLeak", 1e-3)
        cell.branch(1).set("Second_eLeak", -40.0)
        return jx.integrate(every_compartment(cell))

    assert_same(script)


def test_numbers_set_for_all_for_some_and_for_each(assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        cell = stimulated(jx, branched(jx), amplitude=0.3)
        for channel in (jx.channels.HH(), jx.channels.Na(), jx.channels.K()):
            cell.insert(channel)
        cell.set("HH_gNa", 0.1 + 0.01 * np.arange(6))
        cell.branch(1).set("HH_gK", np.array([0.03, 0.04]))
        cell.branch(2).comp(1).set("v", -62.0)
        cell.branch(0).set("HH_m", 0.05)
        cell.set("capacitance", 1.3)
        cell.branch(0).loc(1.0).set("axial_resistivity", 300.0)
        cell.branch(2).set("vt", -57.0)
        cell.branch(1).set("eNa", 60.0)
        cell.set("length", 12.0 + np.arange(6))
        return jx.integrate(every_compartment(cell))

    assert_same(script)


def test_radii_that_step_within_a_branch(assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        branch = jx.Branch(jx.Compartment(), 5)
        branch.set("radius", np.array([3.0, 0.5, 2.0, 1.0, 0.2]))
        branch.set("length", np.array([5.0, 50.0, 10.0, 100.0, 20.0]))
        cell = jx.Cell([branch, jx.Branch(jx.Compartment(), 2), branch, jx.Branch()], parents=[-1, 0, 0, 2])
        cell.insert(jx.channels.HH())
        return jx.integrate(every_compartment(stimulated(jx, cell, amplitude=1.0)))

    assert_same(script)


def test_gates_at_their_steady_state(assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        cell = stimulated(jx, branched(jx), amplitude=0.3)
        for channel in (jx.channels.HH(), jx.channels.Na(), jx.channels.K(), jx.channels.CaL()):
            cell.insert(channel)
        cell.branch(1).set("v", -60.0)
        cell.init_states()
        return jx.integrate(every_compartment(cell))

    assert_same(script)


def test_states_and_currents(assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        cell = stimulated(jx, branched(jx), amplitude=0.3)
        for channel in ("HH", "Leak", "Na", "K", "Km", "CaL", "CaT"):
            cell.insert(getattr(jx.channels, channel)())
        for what in ("HH_m", "i_HH", "v", "Na_h", "i_Na", "i_K", "Km_p", "i_Ca", "CaT_u", "i_Leak"):
            cell.branch(0).comp(1).record(what, verbose=False)
        return jx.integrate(cell)

    assert_same(script)


@pytest.mark.parametrize("t_max", [None, 3.0, 5.0, 5.01, 8.0, 10.0])
def test_steps_and_columns(t_max: float | None, assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        compartment = jx.Compartment()
        compartment.insert(jx.channels.HH())
        compartment.stimulate(jx.step_current(0.5, 1.0, 0.02, 0.025, 5.0), verbose=False)
        return jx.integrate(every_compartment(compartment), t_max=t_max)

    assert_same(script)


def test_no_stimulus_but_a_duration_and_another_step(assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        compartment = jx.Compartment()
        compartment.insert(jx.channels.HH())
        return jx.integrate(every_compartment(compartment), t_max=7.0, delta_t=0.1)

    assert_same(script)


@pytest.mark.parametrize("offset", [0.0, 0.01])
@pytest.mark.parametrize("t_max", [3.0, 5.0, 10.0, 10.01])
def test_step_currents(t_max: float, offset: float, jaxley: Jaxley) -> None:
    jaxley.agrees(lambda jx: jx.step_current(0.7, 1.3, 0.2, 0.025, t_max, offset))
    amplitudes = np.array([0.1, 0.2, 0.3])
    jaxley.agrees(lambda jx: jx.datapoint_to_step_currents(0.7, 1.3, amplitudes, 0.025, t_max, offset))


def test_stimuli_add_up_and_differ_between_compartments(assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        cell = branched(jx)
        cell.insert(jx.channels.HH())
        steps = jx.datapoint_to_step_currents(0.5, 1.0, np.array([0.1, 0.2]), 0.025, 5.0)
        cell.branch(0).stimulate(steps, verbose=False)
        cell.branch(0).comp(1).stimulate(steps[0], verbose=False)
        cell.branch([1, 2]).comp(0).stimulate(steps[1], verbose=False)
        cell.branch(1).delete_stimuli()
        return jx.integrate(every_compartment(cell))

    assert_same(script)


def test_data_given_to_one_run(assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        cell = branched(jx)
        cell.insert(jx.channels.HH())
        step = jx.step_current(0.5, 1.0, 0.2, 0.025, 5.0)
        stimuli = cell.branch(0).comp(0).data_stimulate(step, None)
        stimuli = cell.branch(2).comp(1).data_stimulate(-0.5 * step, stimuli)
        state = cell.branch(1).data_set("HH_gNa", 0.2, None)
        state = cell.branch(0).comp(1).data_set("radius", 1.5, state)
        state = cell.data_set("v", -65.0, state)
        return jx.integrate(every_compartment(cell), param_state=state, data_stimuli=stimuli)

    assert_same(script)


def trained(jx: ModuleType) -> Any:
    """A network with trainables of every way of sharing."""
    cells = [branched(jx), branched(jx, 3), jx.Cell(jx.Branch(jx.Compartment(), 4), [-1])]
    network = jx.Network(cells)
    network.insert(jx.channels.HH())
    network.cell(0).insert(jx.channels.Na())
    network.cell([0, 1]).add_to_group("both")
    network.make_trainable("HH_gK", verbose=False)
    network.cell("all").make_trainable("HH_gNa", verbose=False)
    network.cell(0).branch("all").make_trainable("radius", verbose=False)
    network.cell(1).branch([0, 2]).comp("all").make_trainable("HH_gLeak", verbose=False)
    network.cell(1).branch(1).loc(0.5).make_trainable("capacitance", verbose=False)
    network.cell(2).branch(0).loc([0.1, 0.9]).make_trainable("length", [8.0, 9.0], verbose=False)
    network.both.make_trainable("v", -68.0, verbose=False)
    network.cell(0).make_trainable("vt", verbose=False)
    network.cell(0).branch("all").comp(0).make_trainable("HH_m", 0.1, verbose=False)
    return network


def test_trainables_are_shared_by_the_last_selector(jaxley: Jaxley) -> None:
    jaxley.agrees(lambda jx: trained(jx).get_parameters(), rtol=1e-15)
    jaxley.agrees(lambda jx: trained(jx).num_trainable_params)


def scaled(parameters: list) -> list:
    """Other numbers than those that were set."""
    return [
        {key: np.asarray(value) * (1 + 0.02 * np.arange(1, len(value) + 1)) for key, value in entry.items()}
        for entry in parameters
    ]


def run_with(jx: ModuleType, network: Any, parameters: list | tuple = ()) -> Any:
    """A run of the trained network."""
    network.cell([0, 1]).branch(0).comp(0).stimulate(jx.step_current(0.5, 2, 0.3, 0.025, 4), verbose=False)
    return jx.integrate(every_compartment(network), params=list(parameters))


def test_trained_numbers(assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        network = trained(jx)
        return run_with(jx, network, scaled(network.get_parameters()))

    assert_same(script)


def test_trained_numbers_that_are_written_into_the_module(assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        network = trained(jx)
        parameters = scaled(network.get_parameters())
        # Jaxley cannot write what only some compartments have, so it is given the numbers instead
        if jx is not loligo.jaxley:
            return run_with(jx, network, parameters)
        network.write_trainables(parameters)
        return run_with(jx, network)

    assert_same(script)


def test_later_trainables_win(assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        cell = stimulated(jx, branched(jx), amplitude=0.3)
        cell.insert(jx.channels.HH())
        cell.make_trainable("HH_gNa", 0.1, verbose=False)
        cell.branch(1).comp("all").make_trainable("HH_gNa", [0.2, 0.05], verbose=False)
        state = cell.branch(2).data_set("HH_gNa", 0.15, None)
        return jx.integrate(every_compartment(cell), params=cell.get_parameters(), param_state=state)

    assert_same(script)


def test_a_cell_from_a_file(tmp_path: Path, assert_same: Same) -> None:
    file = tmp_path / "small.swc"
    file.write_text(SMALL_CELL)

    def script(jx: ModuleType) -> Any:
        cell = jx.read_swc(str(file), ncomp=2)
        cell.set("axial_resistivity", 150.0)
        cell.insert(jx.channels.HH())
        cell.branch(0).set("HH_gNa", 0.2)
        cell.branch(0).loc(0.2).stimulate(jx.step_current(0.5, 2.0, 2.0, 0.025, 5.0), verbose=False)
        return jx.integrate(every_compartment(cell))

    assert assert_same(script).max() > 0


def test_the_compartments_of_a_reconstructed_cell(jaxley: Jaxley) -> None:
    def table(jx: ModuleType) -> dict[str, Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Jaxley says how it reads the file
            nodes = jx.read_swc(str(CELL), ncomp=3).nodes
        columns = ("length", "radius", "area", "soma", "basal", "apical")
        return {"labels": nodes.index.tolist()} | {column: nodes[column].to_numpy(float) for column in columns}

    jaxley.agrees(table, rtol=1e-12)


def test_a_compartment_under_a_clamp(assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        compartment = jx.Compartment()
        compartment.insert(jx.channels.HH())
        compartment.clamp("v", -60 + 10 * np.sin(np.arange(80) / 5), verbose=False)
        for what in ("v", "HH_m", "i_HH"):
            compartment.record(what, verbose=False)
        return jx.integrate(compartment)

    assert_same(script)


def test_beside_a_clamp(assert_same: Same) -> None:
    def script(jx: ModuleType) -> Any:
        branch = jx.Branch(jx.Compartment(), 3)
        branch.insert(jx.channels.Leak())
        branch.comp(0).clamp("v", np.full(80, -20.0), verbose=False)
        branch.record(verbose=False)
        return jx.integrate(branch)

    assert_same(script)


WRONG_CALLS: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "an unknown parameter": (lambda c: c.set("HH_gNaa", 1.0), lo.errors.UnknownNameError, "did you mean `HH_gNa`"),
    "an unknown recording": (lambda c: c.record("HH_x"), lo.errors.UnknownNameError, "nothing to record"),
    "a negative radius": (lambda c: c.set("radius", -1.0), lo.errors.ModelError, "radius"),
    "a list of the wrong length": (lambda c: c.set("HH_gK", [1.0, 2.0]), lo.errors.ModelError, "expected one or 6"),
    "a stimulus of the wrong shape": (lambda c: c.stimulate(np.ones((2, 9))), lo.errors.ArgumentError, r"\(6, time\)"),
    "no channel": (lambda c: c.insert("HH"), lo.errors.ArgumentTypeError, "expected a channel"),
    "an empty view": (lambda c: c.branch(7), lo.errors.SelectionError, "7"),
    "a wrong label": (lambda c: c.select([6]), lo.errors.SelectionError, "label 6"),
}


@pytest.mark.parametrize("call", WRONG_CALLS)
def test_wrong_calls_say_what_was_expected(call: str) -> None:
    cell = branched(loligo.jaxley)
    cell.insert(loligo.jaxley.channels.HH())
    wrong, error, message = WRONG_CALLS[call]
    with pytest.raises(error, match=message):
        wrong(cell)


WRONG_RUNS: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown solver": ({"solver": "exp_euler"}, "bwd_euler"),
    "nothing to say how long": ({}, "neither a stimulus nor t_max"),
    "a step of no length": ({"t_max": 1.0, "delta_t": 0.0}, "delta_t"),
    "too few checkpoints": ({"t_max": 1.0, "checkpoint_lengths": [2, 3]}, "reach 6 steps"),
    "parameters of nothing": ({"t_max": 1.0, "params": [{"HH_gNa": np.ones(1)}]}, "has 0 trainables"),
}


@pytest.mark.parametrize("run", WRONG_RUNS)
def test_wrong_runs_say_what_was_expected(run: str) -> None:
    cell = every_compartment(branched(loligo.jaxley))
    arguments, message = WRONG_RUNS[run]
    with pytest.raises(lo.errors.ArgumentError, match=message):
        loligo.jaxley.integrate(cell, **arguments)


def test_nothing_recorded() -> None:
    with pytest.raises(lo.errors.RunError, match="nothing is recorded"):
        loligo.jaxley.integrate(branched(loligo.jaxley), t_max=1.0)
