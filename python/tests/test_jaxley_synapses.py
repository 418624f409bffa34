"""Networks of Jaxley's three synapses, run by Jaxley and by its door: voltages, states, currents and gradients."""

from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import autograd.numpy as anp
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxley_values import Jaxley, import_jaxley_mech
from test_jaxley_parity import TOLERANCE

import loligo as lo
import loligo.jaxley

DURATION = 12.0


@pytest.fixture(autouse=True)
def double_precision() -> None:
    """For the synapse that is written with JAX, which computes in single precision unless it is told."""
    jax.config.update("jax_enable_x64", True)


def network(jx: ModuleType) -> Any:
    """Three cells that are not alike, the first of which is made to spike."""
    cell = jx.Cell(jx.Branch(jx.Compartment(), ncomp=2), parents=[-1, 0, 0])
    cell.set("axial_resistivity", 500.0)
    cell.branch(1).set("radius", 0.6)
    point = jx.Cell(jx.Branch(jx.Compartment(), ncomp=1), parents=[-1])
    point.set("length", 25.0)
    point.set("radius", 6.0)
    made = jx.Network([cell, point, cell])
    made.insert(jx.channels.HH())
    made.cell(0).branch(0).comp(0).stimulate(jx.step_current(0.5, 3.0, 0.1, 0.025, DURATION), verbose=False)
    return made


def ionotropic(jx: ModuleType, net: Any) -> None:
    kind = jx.synapses.IonotropicSynapse
    jx.connect(net.cell(0).branch(2).loc(1.0), net.cell(1).branch(0).loc(0.0), kind())
    jx.fully_connect(net.cell([0, 1]), net.cell([1, 2]), kind())
    net.IonotropicSynapse.edge("all").set("IonotropicSynapse_gS", np.linspace(1e-4, 3e-3, 5))
    net.IonotropicSynapse.edge([1, 3]).set("IonotropicSynapse_e_syn", -80.0)
    net.IonotropicSynapse.edge(2).set("IonotropicSynapse_s", 0.9)


def rate(jx: ModuleType, net: Any) -> None:
    jx.fully_connect(net.cell([0, 2]), net.cell([1, 2]), jx.synapses.TanhRateSynapse())
    net.set("TanhRateSynapse_gS", 5e-3)
    net.TanhRateSynapse.edge(0).set("TanhRateSynapse_slope", 0.05)


def conductance(jx: ModuleType, net: Any) -> None:
    jx.fully_connect(net.cell([0, 1]), net.cell([2, 1]), jx.synapses.TanhConductanceSynapse())
    net.set("TanhConductanceSynapse_gS", 2e-3)
    net.set("TanhConductanceSynapse_x_offset", -100.0)  # a conductance below 0 would grow without bounds
    net.set("TanhConductanceSynapse_slope", 0.1)
    net.TanhConductanceSynapse.edge(1).set("TanhConductanceSynapse_e_syn", -70.0)


def all_types(jx: ModuleType, net: Any) -> None:
    for connected in (rate, ionotropic, conductance, rate):
        connected(jx, net)


def onto_itself(jx: ModuleType, net: Any) -> None:
    """A synapse whose two sides are one compartment, and two from one compartment to one other."""
    jx.connect(net.cell(0).branch(0).comp(0), net.cell(0).branch(0).comp(0), jx.synapses.IonotropicSynapse())
    for _ in range(2):
        jx.connect(net.cell(0).branch(0).comp(0), net.cell(1).branch(0).comp(0), jx.synapses.IonotropicSynapse())
    net.set("IonotropicSynapse_gS", 1e-3)


def gap(jx: ModuleType, net: Any) -> None:
    """Both ways; the current is linear in both voltages."""
    here, there = net.cell(0).branch(0).comp(0), net.cell(1).branch(0).comp(0)
    junction = import_jaxley_mech().synapses.GapJunction
    jx.connect(here, there, junction())
    jx.connect(there, here, junction())


CONNECTED: dict[str, Callable[[ModuleType, Any], None]] = {
    "ionotropic": ionotropic,
    "rate": rate,
    "conductance": conductance,
    "all types": all_types,
    "onto itself": onto_itself,
    "gap junctions": gap,
}


def recorded(net: Any) -> Any:
    net.record(verbose=False)
    for name in net.synapse_names:
        getattr(net, name).edge("all").record(f"i_{name}", verbose=False)
    for name in net.synapse_state_names:
        getattr(net, name.partition("_")[0]).edge("all").record(name, verbose=False)
    return net


@pytest.mark.parametrize("solver", ["bwd_euler", "crank_nicolson"])
@pytest.mark.parametrize("how", CONNECTED)
def test_runs_are_those_of_jaxley(how: str, solver: str, jaxley: Jaxley) -> None:
    def script(jx: ModuleType) -> Any:
        net = network(jx)
        CONNECTED[how](jx, net)
        return jx.integrate(recorded(net), solver=solver)

    ours = jaxley.agrees(script, atol=TOLERANCE)
    assert np.ptp(ours[6]) > 1e-3  # something reaches the second cell
    assert np.abs(ours).max() < 150.0


def test_numbers_for_one_run(jaxley: Jaxley) -> None:
    def script(jx: ModuleType) -> Any:
        net = network(jx)
        all_types(jx, net)
        net.record(verbose=False)
        state = net.IonotropicSynapse.edge([0, 2]).data_set("IonotropicSynapse_gS", np.array([4e-3, 5e-3]), None)
        state = net.TanhRateSynapse.data_set("TanhRateSynapse_gS", 1e-3, state)
        return jx.integrate(net, param_state=state)

    assert np.isfinite(jaxley.agrees(script, atol=TOLERANCE)).all()


def test_gradients_are_those_of_jaxley(jaxley: Jaxley) -> None:
    @cache
    def value_and_gradient(jx: ModuleType) -> tuple[Any, Any]:
        ours = jx is loligo.jaxley
        numpy, differentiated = (anp, lo.value_and_grad) if ours else (jnp, jax.value_and_grad)
        net = network(jx)
        for connected in (ionotropic, rate, conductance):  # of states of another type than the first Jaxley's is 0
            connected(jx, net)
        net.record(verbose=False)
        net.IonotropicSynapse.edge("all").make_trainable("IonotropicSynapse_gS", verbose=False)
        net.IonotropicSynapse.make_trainable("IonotropicSynapse_v_th", verbose=False)
        net.IonotropicSynapse.edge([1, 2]).make_trainable("IonotropicSynapse_s", verbose=False)
        net.TanhRateSynapse.make_trainable("TanhRateSynapse_gS", verbose=False)
        net.TanhConductanceSynapse.edge([0, 3]).make_trainable("TanhConductanceSynapse_slope", verbose=False)
        net.cell("all").make_trainable("HH_gNa", verbose=False)

        def loss(parameters: Any) -> Any:
            return numpy.mean((jx.integrate(net, params=parameters)[:, ::10] + 60.0) ** 2)

        return differentiated(loss)(net.get_parameters())

    jaxley.agrees(lambda jx: value_and_gradient(jx)[0], rtol=1e-10)
    # Jaxley differentiates its secant of 1e-3 mV with the rounding of a difference, some 1e-10 of a slope
    jaxley.agrees(lambda jx: value_and_gradient(jx)[1], rtol=1e-6)


def own_types(jx: ModuleType, gain: str = "gain", state: str = "{}_state") -> Any:
    """Synapses of two types, in turns, with a parameter and a state under these names."""

    class Ohmic(jx.synapses.Synapse):
        reversal = 0.0

        def __init__(self, name: str | None = None) -> None:
            super().__init__(name)
            self.gain, self.state = gain.format(self.name), state.format(self.name)
            self.synapse_params = {self.gain: 1e-3, f"{self.name}_slow": 0.2}
            self.synapse_states = {self.state: 0.1}

        def update_states(self, states: Any, delta_t: Any, pre: Any, post: Any, params: Any) -> Any:
            aim = 1 / (1 + jnp.exp(-(pre + 30.0) / 10.0))
            return {self.state: states[self.state] + delta_t * params[f"{self.name}_slow"] * (aim - states[self.state])}

        def compute_current(self, states: Any, pre: Any, post: Any, params: Any) -> Any:
            return params[self.gain] * states[self.state] * (post - self.reversal)

    class Calming(Ohmic):
        reversal = -85.0

    net = network(jx)
    for pre, post, kind in ((0, 1, Ohmic), (0, 2, Calming), (1, 2, Ohmic)):
        jx.connect(net.cell(pre).branch(0).comp(0), net.cell(post).branch(0).comp(0), kind())
    net.record(verbose=False)
    return net


def test_types_of_synapses_may_share_the_name_of_a_parameter(jaxley: Jaxley) -> None:
    def script(jx: ModuleType) -> Any:
        net = own_types(jx)
        net.set("gain", 4e-3)
        return {"table": net.edges["gain"].to_numpy(), "run": np.asarray(jx.integrate(net))[:, ::20]}

    jaxley.agrees(script, atol=TOLERANCE)
    # where they differ, Jaxley takes those of the last type for all; here each has its own
    net, apart = own_types(loligo.jaxley), own_types(loligo.jaxley, "{}_gain")
    assert net.get("gain").tolist() == [1e-3, 1e-3, 1e-3]
    net.set("gain", np.array([2e-3, 5e-3, 3e-3]))
    net.Ohmic.edge(1).set("gain", 1e-2)
    assert net.edges["gain"].tolist() == [2e-3, 5e-3, 1e-2]
    apart.set("Ohmic_gain", np.array([2e-3, 1e-2]))
    apart.set("Calming_gain", 5e-3)
    assert np.array_equal(loligo.jaxley.integrate(net), loligo.jaxley.integrate(apart))
    given = net.data_set("gain", np.array([6e-3, 1e-3, 2e-3]), None)
    named = apart.data_set("Calming_gain", 1e-3, apart.data_set("Ohmic_gain", np.array([6e-3, 2e-3]), None))
    runs = (loligo.jaxley.integrate(own, param_state=state) for own, state in ((net, given), (apart, named)))
    assert np.array_equal(*runs)


def test_names_that_types_of_synapses_share_are_not_trained_or_stepped_together() -> None:
    net = own_types(loligo.jaxley)
    with pytest.raises(
        lo.errors.ModelError, match="`gain` is of `Ohmic` and `Calming`; make it trainable type by type"
    ):
        net.make_trainable("gain")
    net.Calming.edge("all").make_trainable("gain", verbose=False)
    assert net.num_trainable_params == 1
    with pytest.raises(lo.errors.ModelError, match="`gain` is of `Ohmic` and `Calming`, which steps one by one"):
        net.get_all_parameters([])
    with pytest.raises(
        lo.errors.ModelError, match="the synapses `Calming` and `Ohmic` have `state`, a state, in common"
    ):
        own_types(loligo.jaxley, state="state")
