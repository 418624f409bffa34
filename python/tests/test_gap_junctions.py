"""Gap junctions that are solved for together with the cells: as NEURON solves them, and in Python's terms."""

from typing import Any

import numpy as np
import pytest
from neuron import h
from neuron_cells import DT, INITIAL_VOLTAGE, run_neuron
from test_gradients import agrees

import loligo as lo

DURATION = 40.0
"""ms."""

CELLS = 3
COMPARTMENTS = 3
JUNCTIONS = [((0, 2), (1, 0), 4e-3), ((1, 2), (2, 1), 3e-3), ((2, 2), (0, 0), 2e-3), ((1, 0), (1, 2), 1e-3)]
"""Cell and compartment of both ends, and µS: a loop through three cells, and one within a cell."""


class Rectifier(lo.ElectricalSynapse):
    """It closes on one side, slowly."""

    parameters = {"g": (1e-3, "uS"), "tau": (4.0, "ms")}
    states = {"open": 0.5}

    def derivatives(self, states: dict, pre: Any, post: Any, params: dict) -> dict:
        return {"open": (1 / (1 + np.exp((post - pre) / 10)) - states["open"]) / params["tau"]}

    def compute_conductance(self, states: dict, pre: Any, post: Any, params: dict) -> Any:
        return params["g"] * states["open"]


def neuron_says() -> dict[str, np.ndarray]:
    """Voltages of NEURON, which has the conductances in its matrix (LinearMechanism)."""
    sections = []
    for cell in range(CELLS):
        section = h.Section(name=f"cell{cell}")
        section.L, section.diam, section.nseg, section.Ra = 150, 4, COMPARTMENTS, 100
        section.insert("hh")
        sections.append(section)
    h.celsius = 6.3
    stimulus = h.IClamp(sections[0](1 / 6))
    stimulus.delay, stimulus.dur, stimulus.amp = 2, 30, 0.6
    ends = [end for *pair, _ in JUNCTIONS for end in pair]
    places = {end: index for index, end in enumerate(dict.fromkeys(ends))}
    size = len(places)
    conductances, capacities = h.Matrix(size, size, 2), h.Matrix(size, size, 2)
    # its rows are current densities, mA/cm²
    density = 100 / sections[0](0.5).area()
    for one, other, g in JUNCTIONS:
        g *= density
        for here, there in [(one, other), (other, one)]:
            here, there = places[here], places[there]
            conductances.setval(here, here, conductances.getval(here, here) + g)
            conductances.setval(here, there, conductances.getval(here, there) - g)
    joined, locations = h.SectionList(), h.Vector()
    for cell, compartment in places:
        joined.append(sec=sections[cell])
        locations.append((compartment + 0.5) / COMPARTMENTS)
    voltages, none = h.Vector(size), h.Vector(size)
    coupling = h.LinearMechanism(capacities, conductances, voltages, none, joined, locations)
    kept = {
        f"v{cell}{at}": h.Vector().record(sections[cell]((at + 0.5) / COMPARTMENTS)._ref_v)
        for cell in range(CELLS)
        for at in range(COMPARTMENTS)
    }
    run_neuron(DURATION, "backward_euler")
    said = {name: np.array(vector) for name, vector in kept.items()}
    del coupling, stimulus
    for section in sections:
        h.delete_section(sec=section)
    return said


def circuit() -> lo.Network:
    cable = lo.Cell(lo.Branch(lo.Compartment(length=50, radius=2), ncomp=COMPARTMENTS), parents=[-1])
    cable.insert(lo.mechanism("hh"))
    network = lo.Network([cable] * CELLS)
    network.celsius = 6.3
    network.set("axial_resistivity", 100)
    network.cell(0).branch(0).comp(0).stimulate(lo.step(start=2, duration=30, amplitude=0.6))
    network.record("v")
    return network


def joined(synapse: lo.Synapse) -> lo.Network:
    network = circuit()
    number = [np.array([COMPARTMENTS * cell + at for cell, at in ends]) for ends in list(zip(*JUNCTIONS))[:2]]
    network.connect(*number, synapse).set("g", [g for *_, g in JUNCTIONS])
    return network


def test_voltages_are_neurons_with_the_conductances_in_its_matrix() -> None:
    """A loop through cells that fire, and one within a cell: 1e-6 mV. NEURON does it for backward Euler only."""
    theirs = neuron_says()
    network = joined(lo.GapJunction())
    run = lo.simulate(network, t_max=DURATION, dt=DT, convention="neuron", v_init=INITIAL_VOLTAGE)
    assert all(theirs[f"v{cell}1"].max() > 0 for cell in range(CELLS)), "a cell does not fire"
    for cell in range(CELLS):
        for at in range(COMPARTMENTS):
            apart = np.abs(run.v[COMPARTMENTS * cell + at] - theirs[f"v{cell}{at}"]).max()
            print(f"v{cell}{at} {apart:.1e}")
            assert apart <= 1e-6, f"v{cell}{at} is {apart:.1e} mV apart"


def test_half_gap_junctions_lag_and_come_near_as_steps_shrink() -> None:
    """Halves see the other side as it was a step before: the difference goes with the step."""
    whole, halves = joined(lo.GapJunction()), circuit()
    for one, other, g in JUNCTIONS:
        numbers = [np.array([COMPARTMENTS * cell + at]) for cell, at in (one, other)]
        for pre, post in (numbers, numbers[::-1]):
            halves.connect(pre, post, lo.mechanism("halfgap")).set("g", g)
    apart = []
    for dt in (0.02, 0.005):
        runs = [lo.simulate(network, t_max=10.0, dt=dt) for network in (whole, halves)]
        apart.append(np.abs(runs[0].v - runs[1].v).max())
    assert 1e-3 < apart[1] < apart[0] / 3, apart


def test_what_flows_is_recorded() -> None:
    network = joined(lo.GapJunction())
    network.synapses("GapJunction").record("i")
    run = lo.simulate(network, t_max=10.0, dt=DT)
    for (one, other, g), current in zip(JUNCTIONS, run["GapJunction.i"]):
        pre, post = (run.v[COMPARTMENTS * cell + at] for cell, at in (one, other))
        # of the voltages as the step began, as all currents are
        np.testing.assert_allclose(current[1:], g * (post - pre)[:-1], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("scheme", ["backward_euler", "crank_nicolson"])
@pytest.mark.parametrize("name", ["g", "tau", "open"])
def test_gradients_of_a_rectifier_of_ones_own(name: str, scheme: str) -> None:
    """By each conductance, time constant and state at t = 0, against differences."""
    network = joined(Rectifier())
    network.synapses("Rectifier").set("g", 1e-2)
    network.synapses("Rectifier")[:].make_trainable(name)
    start = network.get_parameters()[0][f"Rectifier.{name}"]
    agrees(
        lambda x: (
            (lo.simulate(network, [{f"Rectifier.{name}": x}], t_max=8.0, dt=DT, scheme=scheme).v[:, ::10] / 10) ** 2
        ).mean(),
        start,
        tolerance=1e-6,
    )


def test_a_junction_without_a_conductance_is_refused() -> None:
    class Nothing(lo.ElectricalSynapse):
        pass

    with pytest.raises(lo.errors.TracingError, match="Nothing has no compute_conductance"):
        circuit().connect([0], [1], Nothing())
    assert lo.GapJunction().mechanism.report().splitlines()[0] == "GapJunction: gap junction"
