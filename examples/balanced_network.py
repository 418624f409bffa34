"""4,000 Hodgkin-Huxley neurons whose excitation and inhibition balance: benchmark 3 of Brette et al. (2007).

3,200 excitatory and 800 inhibitory neurons of one compartment are connected at random with a probability of 2 %, by
conductances that jump with each spike and decay exponentially. After a start with open conductances they keep each
other active, irregularly and asynchronously.

Brette R et al (2007) Simulation of networks of spiking neurons: a review of tools and strategies. J Comput Neurosci
23:349-398.

    python examples/balanced_network.py [duration in ms]
"""

from __future__ import annotations

import sys
import time

import numpy as np

import loligo as lo

EXCITATORY, INHIBITORY = 3200, 800
"""How many neurons there are."""

SIDE = 79.788456
"""Length and diameter of a cylinder of 20,000 µm², µm."""

PROBABILITY = 0.02


def neuron() -> lo.Cell:
    """A neuron with the channels of Traub and Miles, and a synapse of each kind that all connections share."""
    cell = lo.Cell(lo.Branch(lo.Compartment(length=SIDE, radius=SIDE / 2)))
    for name in ("pospischil_na", "pospischil_k", "pas"):
        cell.insert(lo.mechanism(name))
    for name, tau, reversal in (("excitation", 5.0, 0.0), ("inhibition", 10.0, -80.0)):
        cell.insert(lo.mechanism("expsyn").renamed(name))
        cell.set(f"{name}.tau", tau)
        cell.set(f"{name}.e", reversal)
    cell.set("pospischil_na.gbar", 0.1)
    cell.set("pospischil_k.gbar", 0.03)
    cell.set("pospischil_na.vt", -63.0)
    cell.set("pospischil_k.vt", -63.0)
    cell.set("pas.g", 5e-5)
    cell.set("pas.e", -60.0)
    cell.set("ena", 50.0)
    cell.set("ek", -90.0)
    return cell


def network(excitatory: int = EXCITATORY, inhibitory: int = INHIBITORY, seed: int = 1) -> lo.Network:
    """The network, started as its authors start it."""
    count = excitatory + inhibitory
    cells = lo.Network([neuron()] * count)
    excitation = lo.SpikingSynapse("excitation", weight=6e-3, delay=0.0, threshold=-20.0)
    inhibition = lo.SpikingSynapse("inhibition", weight=67e-3, delay=0.0, threshold=-20.0)
    lo.sparse_connect(cells.cell(range(excitatory)), cells, excitation, PROBABILITY, seed=seed, autapses=False)
    lo.sparse_connect(
        cells.cell(range(excitatory, count)), cells, inhibition, PROBABILITY, seed=seed + 1, autapses=False
    )
    random = np.random.Generator(np.random.Philox(seed + 2))
    cells.set("v", -65.0 + 5.0 * random.standard_normal(count))
    cells.set("excitation.g", np.abs(0.04 + 0.015 * random.standard_normal(count)))
    cells.set("inhibition.g", np.abs(0.2 + 0.12 * random.standard_normal(count)))
    return cells


def main() -> None:
    """Builds the network, runs it, and says what it did."""
    duration = float(sys.argv[1]) if len(sys.argv) > 1 else 250.0
    start = time.perf_counter()
    cells = network()
    built = time.perf_counter()
    run = lo.simulate(cells, t_max=duration, dt=0.1)
    done = time.perf_counter()
    synapses = len(cells.synapses("excitation")) + len(cells.synapses("inhibition"))
    print(f"{EXCITATORY + INHIBITORY} neurons, {synapses} connections: built in {built - start:.2f} s")
    print(f"{duration:g} ms in {done - built:.2f} s, {len(run.raster)} spikes")
    late = run.raster.times > duration / 2
    for name, first, end in (("excitatory", 0, EXCITATORY), ("inhibitory", EXCITATORY, EXCITATORY + INHIBITORY)):
        own = (run.raster.cells >= first) & (run.raster.cells < end)
        rate = 1e3 * (own & late).sum() / (end - first) / (duration / 2)
        print(f"{name} neurons: {rate:.1f} Hz in the second half")


if __name__ == "__main__":
    main()
