"""The networks that every simulator is timed on, as numbers: who is connected to whom, how strongly, after which delay.

A ring of reconstructed cells, which Arbor's and NEURON's users know, and a random network of single compartments whose
synapses are driven by spikes (`expsyn`) or graded (Jaxley's `IonotropicSynapse`).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

THRESHOLD = 0.0
"""Of a spike, mV."""

RING_CELLS = 10
RING_DURATION = 50.0
RING_DELAY = 5.0
RING_WEIGHT = 0.1
"""ms, and µS: one spike makes the next cell spike."""
RING_KICK = 1.0
"""When the first cell gets an event, ms."""

CELLS = 1_000
SYNAPSES_PER_CELL = 10
LENGTH = 10.0
"""Of the single compartments, µm."""

EVENTS_DURATION = 100.0
EVENTS_RADIUS = 2.0
EVENTS_WEIGHT = 2e-5
EVENTS_DELAYS = (1.0, 5.0)
"""ms, µm, µS, and the delays between which all are drawn, ms."""

GRADED_DURATION = 20.0
GRADED_RADIUS = 1.0
GRADED_WEIGHT = 2e-5
"""ms, µm, µS."""


@dataclass(frozen=True)
class RandomNetwork:
    """Onto every cell the same number of synapses, from cells that are drawn, no pair twice."""

    cells: int = CELLS
    synapses_per_cell: int = SYNAPSES_PER_CELL
    seed: int = 0

    @cached_property
    def pre(self) -> np.ndarray:
        """The cell before each synapse."""
        random = np.random.default_rng(self.seed)
        drawn = [random.choice(self.cells, self.synapses_per_cell, replace=False) for _ in range(self.cells)]
        return np.concatenate(drawn)

    @cached_property
    def post(self) -> np.ndarray:
        """The cell behind each synapse, ascending."""
        return np.repeat(np.arange(self.cells), self.synapses_per_cell)

    @cached_property
    def delays(self) -> np.ndarray:
        """Of each synapse, ms."""
        return np.random.default_rng(self.seed + 1).uniform(*EVENTS_DELAYS, self.pre.size)


def events_currents(count: int) -> list[float]:
    """Amplitudes in nA of the steps into cells with synapses that spikes drive: the upper half fires by itself."""
    return [0.005 + 0.02 * index / count for index in range(count)]
