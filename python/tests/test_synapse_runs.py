"""Networks with graded synapses: against a scheme written out, and their gradients against differences."""

from typing import Any

import numpy as np
import pytest
from test_gradients import agrees, smooth

import loligo as lo

HOW = {"t_max": 6.0}


def pair() -> lo.Network:
    """Two passive somata, one onto the other, and back."""
    soma = lo.Compartment(length=20.0, radius=10.0)
    soma.insert(lo.mechanism("pas"))
    network = lo.Network([soma, soma])
    network.cell(0).set("v", -40.0)
    network.connect_edges({"pre": [0, 1], "post": [1, 0], "gS": [2e-3, 1e-3]}, lo.IonotropicSynapse())
    network.record()
    return network


def spiking() -> lo.Network:
    """Cells that are not alike, the first of which is made to spike."""
    cell = lo.Cell(lo.Branch(lo.Compartment(length=40, radius=1.5), ncomp=2), parents=[-1, 0, 0])
    network = lo.Network([cell, lo.Compartment(length=20, radius=10), cell])
    network.insert(lo.mechanism("hh"))
    network.celsius = 6.3
    network.cell(0).branch(0).loc(0.0).stimulate(lo.step(start=0.5, duration=3, amplitude=0.5))
    network.record()
    return network


@pytest.fixture
def network() -> lo.Network:
    """The same with synapses of two kinds."""
    network = spiking()
    lo.fully_connect(network.cell([0, 1]), network.cell([1, 2]), lo.IonotropicSynapse())
    lo.fully_connect(network, network, lo.TanhConductanceSynapse())
    network.IonotropicSynapse.set("gS", [2e-3, 1e-3, 3e-3, 5e-4])
    network.TanhConductanceSynapse.set("slope", 0.05)
    return network


def test_a_scheme_written_out() -> None:
    """Backward Euler with states stepped before the voltages: nA, nF and µS, so that charges are pC."""
    network = pair()
    steps, dt = 200, 0.025
    area = 2 * np.pi * 10.0 * 20.0 * 1e-8
    capacitance, leak = area * 1e3, area * 1e-3 * 1e6
    v, s = np.array([-40.0, -65.0]), np.array([0.2, 0.2])
    conductances, onto = np.array([2e-3, 1e-3]), np.array([1, 0])
    expected = [v]
    for step in range(steps):
        if step:  # the native convention has states half a step ahead, so the first step does not move them
            pre = v[[0, 1]]
            opened = 1 / (1 + np.exp(-(pre + 35) / 10))
            s = opened + (s - opened) * np.exp(-dt * 0.025 / (1 - opened))
        synaptic = np.zeros(2)
        np.add.at(synaptic, onto, conductances * s)
        v = (capacitance / dt * v + leak * -70.0) / (capacitance / dt + leak + synaptic)
        expected.append(v)
    found = lo.simulate(network, t_max=steps * dt, dt=dt).v
    np.testing.assert_allclose(found, np.array(expected).T, rtol=1e-10)


def test_currents_and_states_are_recorded() -> None:
    network = pair()
    network.IonotropicSynapse.record("s")
    network.IonotropicSynapse[0].record("i")
    run = lo.simulate(network, **HOW)
    states, current = run["IonotropicSynapse.s"], run["synapse[0].IonotropicSynapse.i"]
    assert states.shape == (2, 241)
    # a current is that of the voltage before the step; states are recorded half a step ahead
    np.testing.assert_allclose(current[1:], 2e-3 * states[0, :-1] * run.v[1, :-1], rtol=1e-10)


def test_synapses_without_conductance_change_nothing(network: lo.Network) -> None:
    network.IonotropicSynapse.set("gS", 0.0)
    network.TanhConductanceSynapse.set("gS", 0.0)
    np.testing.assert_allclose(lo.simulate(network, **HOW).v, lo.simulate(spiking(), **HOW).v, rtol=1e-12)


def test_a_cell_may_have_synapses_onto_itself() -> None:
    cell = lo.Cell(lo.Branch(lo.Compartment(length=40, radius=1.5), ncomp=2), parents=[-1, 0])
    cell.insert(lo.mechanism("pas"))
    cell.connect([0, 1, 1], [3, 0, 1], lo.TanhRateSynapse())
    cell.record()
    alone = lo.simulate(cell, **HOW).v
    together = lo.Network([cell, cell])
    np.testing.assert_allclose(lo.simulate(together, **HOW).v, np.concatenate([alone, alone]), rtol=1e-12)


@pytest.mark.parametrize("scheme", ["backward_euler", "crank_nicolson"])
@pytest.mark.parametrize("name", ["gS", "e_syn", "k_minus", "v_th", "delta", "s"])
def test_gradients_of_each_synapse(network: lo.Network, name: str, scheme: str) -> None:
    network.IonotropicSynapse[:].make_trainable(name)
    start = network.get_parameters()[0][f"IonotropicSynapse.{name}"]
    start = start + (start == 0) * 1.0
    agrees(
        lambda x: smooth(lo.simulate(network, [{f"IonotropicSynapse.{name}": x}], scheme=scheme, **HOW).v),
        start,
        tolerance=1e-5,
    )


def test_gradients_of_shared_numbers_and_of_cells(network: lo.Network) -> None:
    network.TanhConductanceSynapse.make_trainable("slope")
    network.cell("all").make_trainable("hh.gnabar")
    agrees(
        lambda x: smooth(
            lo.simulate(network, [{"TanhConductanceSynapse.slope": x[:1]}, {"hh.gnabar": x[1:]}], **HOW).v
        ),
        np.array([0.05, 0.12, 0.11, 0.13]),
        tolerance=1e-5,
    )


def test_lanes_have_numbers_of_their_own(network: lo.Network) -> None:
    conductances = np.outer([1.0, 2.0, 0.5], [1e-3, 2e-3, 3e-3, 4e-3])
    setting = network.IonotropicSynapse.data_set
    together = lo.simulate(network, param_state=setting("gS", lo.batch(conductances)), **HOW).v
    for lane, own in enumerate(conductances):
        assert np.array_equal(together[lane], lo.simulate(network, param_state=setting("gS", own), **HOW).v)


def test_settings_are_differentiated(network: lo.Network) -> None:
    def loss(x: Any) -> Any:
        state = network.IonotropicSynapse[[1, 3]].data_set("gS", x)
        return smooth(lo.simulate(network, param_state=state, **HOW).v)

    agrees(loss, np.array([1e-3, 2e-3]), tolerance=1e-5)


def test_a_fit_finds_the_conductance() -> None:
    network = pair()
    network.IonotropicSynapse[0].set("gS", 4e-3)
    target = lo.simulate(network, **HOW).v
    network.IonotropicSynapse[0].set("gS", 1e-3)
    network.IonotropicSynapse[0].make_trainable("gS", bounds=(1e-4, 1e-2))
    fit = lo.fit(network, lambda run: ((run.v - target) ** 2).mean(), steps=120, progress=False, **HOW)
    assert fit.parameters[0]["IonotropicSynapse.gS"][0] == pytest.approx(4e-3, rel=1e-2)
