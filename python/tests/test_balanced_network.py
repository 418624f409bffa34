"""The balanced network of 4,000 neurons in `examples`: spike for spike as in NEURON, and the same on any threads."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from neuron import h

import loligo as lo

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
import balanced_network

DT = 0.1
"""ms."""


def neuron_says(cells: lo.Network, duration: float) -> tuple[np.ndarray, np.ndarray]:
    """Times and cells of the spikes of the same network in NEURON."""
    count = len(cells.nodes)
    sections = [h.Section(name=f"neuron{cell}") for cell in range(count)]
    synapses: dict[str, list] = {"excitation": [], "inhibition": []}
    for section in sections:
        section.L = section.diam = balanced_network.SIDE
        for name in ("pospischil_na", "pospischil_k", "pas"):
            section.insert(name)
        segment = section(0.5)
        segment.pospischil_na.gbar, segment.pospischil_na.vt = 0.1, -63.0
        segment.pospischil_k.gbar, segment.pospischil_k.vt = 0.03, -63.0
        segment.pas.g, segment.pas.e = 5e-5, -60.0
        segment.ena, segment.ek = 50.0, -90.0
        for name, tau, reversal in (("excitation", 5.0, 0.0), ("inhibition", 10.0, -80.0)):
            synapse = h.ExpSyn(segment)
            synapse.tau, synapse.e = tau, reversal
            synapses[name].append(synapse)
    connections = []
    weights = {"excitation": 6e-3, "inhibition": 67e-3}
    for name, targets in synapses.items():
        made = cells.synapses(name)
        for pre, post in zip(made.pre.tolist(), made.post.tolist(), strict=True):
            section = sections[pre]
            connection = h.NetCon(section(0.5)._ref_v, targets[post], sec=section)
            connection.threshold, connection.delay, connection.weight[0] = -20, 0, weights[name]
            connections.append(connection)
    times, ids = h.Vector(), h.Vector()
    watches = []
    for cell, section in enumerate(sections):
        watch = h.NetCon(section(0.5)._ref_v, None, sec=section)
        watch.threshold = -20
        watch.record(times, ids, cell)
        watches.append(watch)
    start = cells.nodes
    opened = {name: cells.get(f"{name}.g") for name in synapses}

    def begin() -> None:
        for name, targets in synapses.items():
            for synapse, conductance in zip(targets, opened[name], strict=True):
                synapse.g = conductance

    handler = h.FInitializeHandler(1, begin)
    voltages = np.asarray(start["v"])

    def set_voltages() -> None:
        for section, voltage in zip(sections, voltages, strict=True):
            section(0.5).v = voltage

    first = h.FInitializeHandler(0, set_voltages)
    h.secondorder, h.dt = 0, DT
    h.finitialize(-65)
    for _ in range(round(duration / DT)):
        h.fadvance()
    found = np.array(times), np.array(ids, dtype=int)
    del handler, first
    watches.clear()
    connections.clear()
    synapses.clear()
    for section in sections:
        h.delete_section(sec=section)
    return found


@pytest.mark.usefixtures("library_in_neuron")
def test_spikes_are_those_of_neuron() -> None:
    """All spikes of 30 ms at the same times: the network is chaotic, so that any difference would grow."""
    cells = balanced_network.network()
    times, ids = neuron_says(cells, 30)
    raster = lo.simulate(cells, t_max=30, dt=DT, convention="neuron").raster
    assert len(times) > 2000
    order = np.lexsort((ids, np.round(times, 6)))
    assert len(raster) == len(times)
    np.testing.assert_array_equal(raster.cells, ids[order])
    np.testing.assert_allclose(raster.times, times[order], rtol=0, atol=1e-9)


def test_threads_and_rebuilding_change_no_bit() -> None:
    cells = balanced_network.network()
    cells.cell(range(0, 4000, 100)).record()
    one = lo.simulate(cells, t_max=60, dt=DT, threads=1)
    assert len(one.raster) > 5000
    for run in (
        lo.simulate(cells, t_max=60, dt=DT, threads=2),
        lo.simulate(balanced_network_again(), t_max=60, dt=DT, threads=2),
    ):
        assert (run.v == one.v).all()
        assert (run.raster.times == one.raster.times).all()
        assert (run.raster.sources == one.raster.sources).all()


def balanced_network_again() -> lo.Network:
    """The same network, built anew."""
    cells = balanced_network.network()
    cells.cell(range(0, 4000, 100)).record()
    return cells
