"""Networks in which spikes become events, as NEURON runs them: every spike time, and voltages throughout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from neuron import h
from neuron_cells import DT, INITIAL_VOLTAGE, run_neuron

import loligo as lo

SCHEMES = ["backward_euler", "crank_nicolson"]
THRESHOLD = 0.0
"""mV."""

SYNAPSES: dict[str, dict[str, float]] = {
    "expsyn": {"weight": 0.02},
    "exp2syn": {"weight": 0.02, "tau_rise": 0.7, "tau_decay": 3.0},
    "tsodyks_markram": {"weight": 0.08, "tau_facilitation": 50.0, "use": 0.3},
    "stdp": {"weight": 0.04, "a_plus": 0.2, "a_minus": 0.1},
    "destexhe_ampa": {"weight": 0.02},
    "destexhe_nmda": {"weight": 0.02},
    "destexhe_gabaa": {"weight": 0.01},
    "destexhe_gabab": {"weight": 0.02},
}
"""Synapses of the library and what differs from their defaults."""


@contextmanager
def cables(count: int, compartments: int) -> Iterator[list[Any]]:
    """Cables with squid channels in NEURON, 50 µm a compartment."""
    cells = [h.Section(name=f"cable{cell}") for cell in range(count)]
    for section in cells:
        section.L, section.diam, section.nseg, section.Ra, section.cm = 50 * compartments, 4, compartments, 100, 1
        section.insert("hh")
    h.celsius = 6.3
    try:
        yield cells
    finally:
        for section in cells:
            h.delete_section(sec=section)


def network(count: int, compartments: int) -> lo.Network:
    """The same of Loligo."""
    cable = lo.Cell(lo.Branch(lo.Compartment(length=50, radius=2), ncomp=compartments), parents=[-1])
    cable.insert(lo.mechanism("hh"))
    cells = lo.Network([cable] * count)
    cells.celsius = 6.3
    cells.set("axial_resistivity", 100)
    return cells


def spike_times(connection: Any) -> Any:
    """What records the spikes of a NetCon's source."""
    times = h.Vector()
    connection.record(times)
    return times


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", SYNAPSES)
def test_a_synapse_of_the_library(library_in_neuron: None, name: str, scheme: str) -> None:
    """A train, and the spikes that it causes handed on to another cell, with delays on and between steps: equal spike
    times, voltages within 1e-6 mV, states within 1e-6 of their size."""
    numbers = dict(SYNAPSES[name])
    weight = numbers.pop("weight")
    excites = name not in ("destexhe_nmda", "destexhe_gabaa", "destexhe_gabab")
    with cables(2, 3) as cells:
        stimulus = h.NetStim()
        stimulus.start, stimulus.interval, stimulus.number, stimulus.noise = 3, 7.31, 5, 0
        electrode = h.IClamp(cells[0](0.5))
        electrode.delay, electrode.dur, electrode.amp = 1, 45, 0 if excites else 0.3
        synapses = [getattr(h, name)(cells[0](0.5)), getattr(h, name)(cells[1](5 / 6))]
        for synapse in synapses:
            for parameter, value in numbers.items():
                setattr(synapse, parameter, value)
        connections = [h.NetCon(stimulus, synapses[0]), h.NetCon(cells[0](5 / 6)._ref_v, synapses[1], sec=cells[0])]
        for connection, delay in zip(connections, [1.0, 0.33], strict=True):
            connection.delay, connection.threshold, connection.weight[0] = delay, THRESHOLD, weight
        spikes = spike_times(connections[1])
        states = lo.mechanism(name).states
        references = {f"v{cell}": cells[cell](0.5)._ref_v for cell in range(2)}
        references |= {f"{s}{i}": getattr(synapses[i], f"_ref_{s}") for s in [*states, "i"] for i in range(2)}
        recorded = {key: h.Vector().record(reference) for key, reference in references.items()}
        run_neuron(50, scheme)
        theirs = {key: np.array(vector) for key, vector in recorded.items()}
        their_spikes = np.array(spikes)
        connections.clear()
        synapses.clear()
        del stimulus, electrode, connection

    ours = network(2, 3)
    if not excites:
        ours.cell(0).branch(0).comp(1).stimulate(lo.step(start=1, duration=45, amplitude=0.3))
    train = lo.SpikeTrains.regular(3, 7.31, 5)
    mechanism = lo.mechanism(name)
    own = ours.connect(train, [1], lo.SpikingSynapse(mechanism, weight=weight, delay=1.0, **numbers))
    synapse = lo.SpikingSynapse(mechanism, threshold=THRESHOLD, weight=weight, delay=0.33, **numbers)
    other = ours.connect([2], [5], synapse)
    ours.record()
    for synapses in (own, other):
        for what in [*states, "i"]:
            synapses.record(what)
    run = lo.simulate(ours, t_max=50, dt=DT, scheme=scheme, convention="neuron", v_init=INITIAL_VOLTAGE)

    found = run.raster.times[run.raster.compartments == 2]
    assert len(found) >= 1
    assert found.size == their_spikes.size
    np.testing.assert_allclose(found, their_spikes, rtol=0, atol=1e-9)
    for cell in range(2):
        apart = np.abs(run.v[3 * cell + 1] - theirs[f"v{cell}"]).max()
        assert apart <= 1e-6, f"v{cell} is {apart:.1e} apart"
    for what in [*states, "i"]:
        for number in range(2):
            trace = theirs[f"{what}{number}"]
            apart = np.abs(run[f"{name}.{what}"][number] - trace).max() / max(np.abs(trace).max(), 1e-12)
            assert apart <= 1e-6, f"{what}{number} is {apart:.1e} apart"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_ring_of_twenty_cells(scheme: str) -> None:
    """Spikes go round for 200 ms: all spike times are equal, and voltages within 1e-6 mV throughout."""
    count, compartments = 20, 5
    delays = 1.0 + 0.1 * (np.arange(count) % 7)
    with cables(count, compartments) as cells:
        stimulus = h.NetStim()
        stimulus.start, stimulus.number = 1, 1
        synapses = [h.ExpSyn(section(0.9)) for section in cells]
        for synapse in synapses:
            synapse.tau = 2.0
        first = h.NetCon(stimulus, synapses[0])
        first.delay, first.weight[0] = 1, 0.05
        connections = []
        for cell in range(count):
            after = (cell + 1) % count
            connection = h.NetCon(cells[cell](0.1)._ref_v, synapses[after], sec=cells[cell])
            connection.delay, connection.threshold, connection.weight[0] = delays[cell], THRESHOLD, 0.05
            connections.append(connection)
        spikes = [spike_times(connection) for connection in connections]
        recorded = [h.Vector().record(section(0.5)._ref_v) for section in cells]
        run_neuron(200, scheme)
        theirs = np.array([np.array(vector) for vector in recorded])
        their_spikes = [np.array(times) for times in spikes]
        connections.clear()
        synapses.clear()
        del stimulus, first, connection

    ours = network(count, compartments)
    ends = np.arange(count) * compartments + compartments - 1
    ours.branch(0).comp(compartments - 1).insert(lo.mechanism("expsyn"))
    ours.connect(lo.SpikeTrains([1.0]), ends[:1], lo.SpikingSynapse("expsyn", weight=0.05, delay=1.0))
    ring = lo.SpikingSynapse("expsyn", threshold=THRESHOLD, weight=0.05, delay=delays)
    ours.connect(np.arange(count) * compartments, np.roll(ends, -1), ring)
    ours.branch(0).comp(compartments // 2).record()
    run = lo.simulate(ours, t_max=200, dt=DT, scheme=scheme, convention="neuron", v_init=INITIAL_VOLTAGE)

    assert sum(map(len, their_spikes)) > 40
    for cell, times in enumerate(their_spikes):
        np.testing.assert_allclose(run.raster.of_cell(cell), times, rtol=0, atol=1e-9)
    assert np.abs(run.v - theirs).max() <= 1e-6
