"""Networks whose synapses and gap junctions are `.mod` files with a POINTER, as NEURON runs the same files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from neuron import h
from neuron_cells import DT, INITIAL_VOLTAGE, run_neuron

import loligo as lo

DURATION = 40.0
"""ms."""

JOINED = [(0, 2, 1, 0), (1, 0, 2, 1), (2, 2, 0, 2), (0, 0, 2, 0)]
"""Synapses: cell and compartment on this side, then on the other."""

GAPS = [(0, 1, 1, 1), (1, 2, 2, 2)]
"""The same of gap junctions, which are two halves each."""

SCHEMES = ["backward_euler", "crank_nicolson"]


def neuron_says(scheme: str) -> dict[str, np.ndarray]:
    """Voltages, and what the synapses do, of three cables of three compartments in NEURON."""
    cells = [h.Section(name=f"cable{cell}") for cell in range(3)]
    for section in cells:
        section.L, section.diam, section.nseg, section.Ra, section.cm = 150, 4, 3, 100, 1
        section.insert("hh")
    h.celsius = 6.3

    def segment(cell: int, compartment: int) -> h.Segment:
        return cells[cell]((compartment + 0.5) / 3)

    stimulus = h.IClamp(segment(0, 0))
    stimulus.delay, stimulus.dur, stimulus.amp = 2, 30, 0.6
    kept: list[object] = [stimulus]
    synapses = []
    for number, (pre_cell, pre, post_cell, post) in enumerate(JOINED):
        synapse = h.TGraded(segment(post_cell, post))
        synapse.g = 0.002 * (number + 1)
        h.setpointer(segment(pre_cell, pre)._ref_v, "vpre", synapse)
        synapses.append(synapse)
    for first_cell, first, second_cell, second in GAPS:
        ends = [(first_cell, first), (second_cell, second)]
        for (cell, here), (other, there) in (ends, ends[::-1]):
            half = h.halfgap(segment(cell, here))
            half.g = 3e-3
            h.setpointer(segment(other, there)._ref_v, "vgap", half)
            kept.append(half)
    references = {f"v{cell}{at}": segment(cell, at)._ref_v for cell in range(3) for at in range(3)}
    references |= {f"s{number}": synapse._ref_s for number, synapse in enumerate(synapses)}
    references |= {f"i{number}": synapse._ref_i for number, synapse in enumerate(synapses)}
    recorded = {name: h.Vector().record(reference) for name, reference in references.items()}
    run_neuron(DURATION, scheme)
    said = {name: np.array(vector) for name, vector in recorded.items()}
    kept.clear()
    synapses.clear()
    for section in cells:
        h.delete_section(sec=section)
    return said


def a_network(folder: Path) -> lo.Network:
    """The same of Loligo."""
    cable = lo.Cell(lo.Branch(lo.Compartment(length=50, radius=2), ncomp=3), parents=[-1])
    cable.insert(lo.mechanism("hh"))
    network = lo.Network([cable] * 3)
    network.celsius = 6.3
    network.set("axial_resistivity", 100)
    network.cell(0).branch(0).comp(0).stimulate(lo.step(start=2, duration=30, amplitude=0.6))
    graded = lo.Mechanism.from_mod(folder / "tgraded.mod")

    def compartments(ends: list[tuple[int, int]]) -> np.ndarray:
        return np.array([3 * cell + compartment for cell, compartment in ends])

    network.connect(
        compartments([(cell, at) for cell, at, _, _ in JOINED]),
        compartments([(cell, at) for _, _, cell, at in JOINED]),
        graded,
    ).set("g", 0.002 * np.arange(1, 5))
    first = [(cell, at) for cell, at, _, _ in GAPS]
    second = [(cell, at) for _, _, cell, at in GAPS]
    halves = lo.mechanism("halfgap")
    network.connect(compartments(first + second), compartments(second + first), halves).set("g", 3e-3)
    network.record("v")
    for what in ["s", "i"]:
        network.synapses("TGraded").record(what)
    return network


@pytest.mark.parametrize("scheme", SCHEMES)
def test_synapses_and_gap_junctions_of_mod_files(
    mechanisms_in_neuron: Path, library_in_neuron: None, scheme: str
) -> None:
    """Spikes that synapses and lagged gap junctions hand on: 1e-6 mV, and 1e-6 of each other trace's size."""
    theirs = neuron_says(scheme)
    network = a_network(mechanisms_in_neuron)
    run = lo.simulate(network, t_max=DURATION, dt=DT, scheme=scheme, convention="neuron", v_init=INITIAL_VOLTAGE)
    ours = {f"v{cell}{at}": run.v[3 * cell + at] for cell in range(3) for at in range(3)}
    ours |= {f"s{number}": run["TGraded.s"][number] for number in range(len(JOINED))}
    ours |= {f"i{number}": run["TGraded.i"][number] for number in range(len(JOINED))}
    assert all(theirs[f"v{cell}1"].max() > 0 for cell in range(3)), "a cell does not fire"
    for name, trace in ours.items():
        size = 1.0 if name.startswith("v") else np.abs(theirs[name]).max()
        apart = np.abs(trace - theirs[name]).max() / size
        print(f"{name:4} {apart:.1e}")
        assert apart <= 1e-6, f"{name} is {apart:.1e} apart"
