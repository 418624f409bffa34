"""States in and out of `integrate`, and steps one by one, as Jaxley has them."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

import loligo.jaxley as jx
from loligo.errors import ArgumentError, ArgumentTypeError, UnknownNameError

STEPS = 120


def a_network(jx: Any) -> Any:
    """Two cells with calcium that a pump removes, and a synapse."""
    channels, pumps, synapses = (
        importlib.import_module(f"{jx.__name__}.{of}") for of in ("channels", "pumps", "synapses")
    )
    cell = jx.Cell(jx.Branch(jx.Compartment(), ncomp=2), parents=[-1, 0, 0])
    network = jx.Network([cell, cell])
    network.insert(channels.HH())
    network.insert(channels.CaL())
    network.insert(pumps.CaPump())
    jx.connect(network.cell(0).branch(0).comp(0), network.cell(1).branch(2).comp(1), synapses.IonotropicSynapse())
    network.set("IonotropicSynapse_gS", 1e-3)
    network.cell(0).branch(0).comp(0).make_trainable("HH_gNa", verbose=False)
    network.record(verbose=False)
    network.record("i_Ca", verbose=False)
    network.record("CaCon_i", verbose=False)
    network.cell(1).branch(1).record("HH_m", verbose=False)
    network.IonotropicSynapse.record("IonotropicSynapse_s", verbose=False)
    return network


def stimulated(jx: Any, steps: int) -> Any:
    network = a_network(jx)
    network.cell(0).branch(0).comp(0).stimulate(0.4 * np.ones(steps), verbose=False)
    return network


KEYS = ["v", "HH_m", "HH_h", "HH_n", "CaL_q", "CaL_r", "CaCon_i", "IonotropicSynapse_s"]


def test_states_come_out_and_go_in(jaxley: Any) -> None:
    def script(jx: Any) -> Any:
        network = stimulated(jx, STEPS)
        first, states = jx.integrate(network, network.get_parameters(), return_states=True)
        second = jx.integrate(network, network.get_parameters(), all_states=states)
        inside = np.asarray(network.nodes.index)
        shown = {key: np.asarray(states[key]) if "Synapse" in key else np.asarray(states[key])[inside] for key in KEYS}
        return {"states": shown, "first": np.asarray(first)[:, -1], "second": np.asarray(second)[:, 1::20]}

    # rounding, over a run and a half
    jaxley.agrees(script, atol=1e-8)


def test_a_run_that_goes_on_is_one_run() -> None:
    network, whole = stimulated(jx, STEPS), stimulated(jx, 2 * STEPS)
    first, states = jx.integrate(network, network.get_parameters(), return_states=True)
    second = jx.integrate(network, network.get_parameters(), all_states=states)
    assert (np.concatenate([first, second[:, 1:]], axis=1) == jx.integrate(whole, whole.get_parameters())).all()


def stepped(jx: Any, network: Any, parameters: Any, steps: int) -> Any:
    """The recordings of a module that is stepped."""
    integration = importlib.import_module(f"{jx.__name__}.integrate")
    network.to_jax()
    init_fn, step_fn = integration.build_init_and_step_fn(network)
    recorded = network.recordings
    places = list(zip(recorded.state, recorded.rec_index))
    externals, external_inds = network.externals.copy(), network.external_inds.copy()
    states, all_params = init_fn(parameters)
    shown = [[states[state][at] for state, at in places]]
    for step in range(steps):
        now = {key: values[:, step] for key, values in externals.items()}
        states = step_fn(states, all_params, now, external_inds, delta_t=0.025)
        shown.append([states[state][at] for state, at in places])
    return shown


def test_steps_one_by_one_are_a_run() -> None:
    network = stimulated(jx, 40)
    parameters = [{"HH_gNa": np.array([0.15])}]
    recorded = np.array(stepped(jx, network, parameters, 40)).T
    assert (recorded == jx.integrate(network, parameters)).all()


@pytest.mark.usefixtures("double_precision")
def test_steps_can_be_compiled_and_differentiated() -> None:
    import jax

    network = stimulated(jx, 20)

    def by_steps(parameters: Any) -> Any:
        return jax.numpy.asarray(stepped(jx, network, parameters, 20)[-1])[0]

    def at_once(parameters: Any) -> Any:
        return jx.integrate(network, parameters)[0, -1]

    parameters = jax.tree.map(jax.numpy.asarray, network.get_parameters())
    [found], [expected] = jax.grad(by_steps)(parameters), jax.grad(at_once)(parameters)
    # the same sums in another order
    np.testing.assert_allclose(found["HH_gNa"], expected["HH_gNa"], rtol=1e-9)
    integration = importlib.import_module("loligo.jaxley.integrate")
    init_fn, step_fn = integration.build_init_and_step_fn(network)
    states, all_params = jax.jit(init_fn)(parameters)
    step = jax.jit(lambda states, all_params: step_fn(states, all_params, {}, {}))
    assert float(step(states, all_params)["v"][0]) == float(step_fn(states, all_params, {}, {})["v"][0])


@pytest.mark.usefixtures("double_precision")
def test_parameters_have_what_they_imply(jaxley: Any) -> None:
    import jax

    def script(jx: Any) -> Any:
        network = a_network(jx)
        network.cell(1).branch(2).set("length", 15.0)
        network.diffuse("CaCon_i")
        network.cell(0).set("axial_diffusion_CaCon_i", 2.0)
        inside = np.asarray(network.nodes.index)
        network.to_jax()

        def parameters(radius: Any) -> Any:
            return network.get_all_parameters(network.cell(0).branch(1).data_set("radius", radius, None))

        def load(radius: Any) -> Any:
            return jax.numpy.sum(parameters(radius)["axial_conductances"]["v"][:6] * np.arange(6))

        found = parameters(2.5)
        sizes = ("area", "volume", "resistive_load_in", "resistive_load_out")
        return {
            "sizes": {key: np.asarray(found[key])[inside] for key in sizes},
            "between": {key: np.asarray(numbers) for key, numbers in found["axial_conductances"].items()},
            "slope": float(jax.grad(load)(2.5)),
        }

    jaxley.agrees(script, rtol=1e-12)


def test_stimuli_of_one_run_are_added_to_those_of_the_module() -> None:
    integration = importlib.import_module("loligo.jaxley.integrate")
    network = stimulated(jx, 5)
    data = network.cell(1).branch(1).data_stimulate(0.1 * np.ones(5))
    externals, inds = integration.add_stimuli(network.externals.copy(), network.external_inds.copy(), data)
    assert externals["i"].shape == (3, 5)
    assert inds["i"].tolist() == [0, *network.cell(1).branch(1).nodes.index.tolist()]


def test_wrong_states_are_refused() -> None:
    network = stimulated(jx, 5)
    _, states = jx.integrate(network, network.get_parameters(), return_states=True)
    with pytest.raises(UnknownNameError, match=r"no state `HH_mm`; did you mean `HH_m`"):
        jx.integrate(network, network.get_parameters(), all_states=states | {"HH_mm": states["HH_m"]})
    with pytest.raises(ArgumentError, match=r"`HH_m` have shape \(3,\), expected \(14,\)"):
        jx.integrate(network, network.get_parameters(), all_states=states | {"HH_m": states["HH_m"][:3]})
    del states["HH_m"]
    with pytest.raises(UnknownNameError, match="the states have no `HH_m`"):
        jx.integrate(network, network.get_parameters(), all_states=states)


def test_currents_of_the_same_name_are_one(jaxley: Any) -> None:
    def script(jx: Any) -> Any:
        network = stimulated(jx, 40)
        return np.asarray(jx.integrate(network, network.get_parameters()))[12:24:3, ::10]

    jaxley.agrees(script, atol=1e-8)


@pytest.mark.usefixtures("double_precision")
def test_states_are_a_vector_that_can_be_stepped() -> None:
    import jax

    from loligo.jaxley.utils.dynamics import build_dynamic_state_utils

    network = stimulated(jx, 5)
    integration = importlib.import_module("loligo.jaxley.integrate")
    init_fn, step_fn = integration.build_init_and_step_fn(network)
    remove_observables, add_observables, flatten, unflatten = build_dynamic_state_utils(network)
    states, all_params = init_fn(network.get_parameters())
    vector = jax.numpy.asarray(flatten(remove_observables(states)))
    assert vector.shape == (7 * 12 + 1,)
    back = add_observables(unflatten(vector), all_params, 0.025)
    for key, values in states.items():
        np.testing.assert_array_equal(back[key], values)

    def stepped_vector(vector: Any) -> Any:
        states = add_observables(unflatten(vector), all_params, 0.025)
        return flatten(remove_observables(step_fn(states, all_params, {}, {})))

    jacobian = jax.jacfwd(stepped_vector)(vector)
    moved = 1e-4 * np.eye(vector.size)[-3]
    difference = (stepped_vector(vector + moved) - stepped_vector(vector - moved)) / 2e-4
    # central differences: the square of the step
    np.testing.assert_allclose(jacobian[:, -3], difference, rtol=1e-5, atol=1e-8)


def test_parameters_of_synapses_of_several_types_are_those_of_jaxley(jaxley: Any) -> None:
    def script(jx: Any) -> Any:
        synapses = importlib.import_module(f"{jx.__name__}.synapses")
        build = importlib.import_module(f"{jx.__name__}.integrate").build_init_and_step_fn
        network = jx.Network([jx.Cell()] * 4)
        for number, kind in enumerate(("IonotropicSynapse", "TestSynapse") * 2):
            jx.connect(network[number, 0, 0], network[3 - number, 0, 0], getattr(synapses, kind)())
        network.IonotropicSynapse.make_trainable("IonotropicSynapse_gS", verbose=False)
        network.TestSynapse.edge([0, 1]).make_trainable("TestSynapse_gC", verbose=False)
        network.to_jax()
        given = [{"IonotropicSynapse_gS": np.array([2.2])}, {"TestSynapse_gC": np.array([3.3, 4.4])}]
        _, parameters = build(network)[0](given)
        return {key: np.asarray(parameters[key]) for key in ("IonotropicSynapse_gS", "TestSynapse_gC", "radius")}

    jaxley.agrees(script)


def test_where_there_is_nothing_there_are_jaxleys_numbers(jaxley: Any) -> None:
    """Branch points have −1, compartments without a channel have none of its states, and currents of 0."""

    def script(jx: Any) -> Any:
        channels = importlib.import_module(f"{jx.__name__}.channels")
        build = importlib.import_module(f"{jx.__name__}.integrate").build_init_and_step_fn
        cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
        cell.branch(0).insert(channels.HH())
        cell.insert(channels.Leak())
        cell.to_jax()
        states, parameters = build(cell)[0]([])
        keys = ("HH_gNa", "Leak_gLeak", "radius", "axial_resistivity", "area", "resistive_load_in")
        found = {key: np.asarray(parameters[key]) for key in keys}
        return found | {key: np.asarray(states[key]) for key in ("HH_m", "HH_h", "HH_n", "i_HH", "i_Leak")}

    # rounding; currents are differences of numbers of their size, 0.03 mA/cm²
    jaxley.agrees(script, rtol=1e-15, atol=1e-15)


def test_a_compiled_step_may_be_given_where_currents_are() -> None:
    jax = pytest.importorskip("jax")
    integration = importlib.import_module("loligo.jaxley.integrate")
    cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
    init_fn, step_fn = integration.build_init_and_step_fn(cell)
    states, parameters = init_fn([])
    currents, places = {"i": np.array([0.1, 0.2, 0.3])}, {"i": np.array([5, 0, 5])}
    compiled = jax.jit(step_fn)(states, parameters, currents, places)
    # of single precision, and of the three currents, of which two meet
    np.testing.assert_allclose(compiled["v"], step_fn(states, parameters, currents, places)["v"], rtol=1e-6)
    with pytest.raises(ArgumentTypeError, match="leave external_inds out of what is compiled"):
        jax.jit(step_fn)(states, parameters, {"v": np.array([-50.0])}, {"v": np.array([0])})


def test_a_step_is_compiled_for_one_time_step() -> None:
    jax = pytest.importorskip("jax")
    integration = importlib.import_module("loligo.jaxley.integrate")
    init_fn, step_fn = integration.build_init_and_step_fn(jx.Cell())
    states, parameters = init_fn([])
    with pytest.raises(ArgumentTypeError, match='static_argnames="delta_t"'):
        jax.jit(step_fn)(states, parameters, {}, {}, delta_t=0.025)
    stepped = jax.jit(step_fn, static_argnames="delta_t")(states, parameters, {}, {}, delta_t=0.025)
    assert stepped["v"].shape == (1,)
    # what there is before a step does not depend on it
    assert jax.jit(init_fn)([], None, None, 0.025)[0]["v"].shape == (1,)
