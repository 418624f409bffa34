"""The cases that every simulator is timed on: Hodgkin–Huxley everywhere, Δt 0.025 ms.

Case names are the contract between the peers and `benchmarks.run`:

==================  ==============================================================
`compartments/N`    N uncoupled single compartments, every voltage recorded
`cell`              one reconstructed CA1 pyramidal cell, its soma recorded
`cells/10`          ten such cells, every soma recorded
`gradient/T`        d(loss)/d(gNa, gK, gLeak of every branch) of the cell over T ms
`build/forward`     from the SWC file to the first voltages, once, compilation included
`build/gradient`    the same to the first gradient
`l5pc`              the layer 5b pyramidal cell of `examples/l5pc.py` over 100 ms, its soma recorded
`l5pc/gradient`     d(loss)/d(its 19 conductances and calcium parameters)
`build/l5pc`        from its SWC file to the first gradient, over 20 ms (Jaxley's over 100 ms: it is all compilation)
`hay`               1,000 single compartments with all twelve of its mechanisms, voltages recorded
`hay/gradient`      d(loss)/d(all their conductances, which they share)
`ring`              ten of the reconstructed cells, each of which excites the next by a delayed spike; somata and spikes
                    recorded
`events`            1,000 single compartments with ten synapses each that spikes drive, drawn at random; spikes recorded
`graded`            the same with ten graded synapses each, voltages recorded
`graded/gradient`   d(loss)/d(all 10,000 synaptic conductances, and three of the membrane that all cells share)
`build/graded`      to the network with these as its trainable numbers
`precision`         the cell over 20 ms with several Δt: cost and error against its own converged solution
==================  ==============================================================

A case has variants, named by each peer. Loligo's are `recorded` (every step), `nothing recorded` (but the last
step), `two cores`, and for gradients `ample budget` and `32 MiB`; Jaxley's gradients have the `default` and the
`best` checkpoints.
"""

from pathlib import Path

DT = 0.025
"""Time step, ms."""

CA1 = Path(__file__).parents[1] / "data" / "morphologies" / "neuromorpho" / "n120.swc"
"""Rat CA1 pyramidal cell, 155 branches in Jaxley's reading."""

COMPARTMENTS_PER_BRANCH = 4
AXIAL_RESISTIVITY = 100.0
"""Ω·cm."""

INITIAL_VOLTAGE = -65.0
"""mV."""

SINGLE_COMPARTMENTS = {1: 1000.0, 10: 200.0, 100: 100.0, 1_000: 20.0, 10_000: 10.0}
"""Duration in ms by the size of the batch, so that every run is long enough to time."""

CELL_DURATION = 50.0
CELLS = 10
CELLS_DURATION = 20.0
GRADIENT_DURATIONS = (20.0, 100.0)
"""Durations in ms."""

PRECISION_DURATION = 20.0
PRECISION_SAMPLING = 0.1
"""Voltages are compared at multiples of this, ms."""

PRECISION_STEPS = (0.05, 0.025, 0.0125, 0.00625, 0.003125)
CONVERGED_STEP = 0.025 / 128
"""Δt in ms; the converged solution is that of Crank–Nicolson."""

STIMULUS_START = 1.0
"""ms."""


def compartment_currents(count: int) -> list[float]:
    """Amplitudes in nA of the steps into single compartments (10 µm long, radius 1 µm): near and above threshold."""
    return [0.005 + 0.01 * index / count for index in range(count)]


def cell_currents(count: int) -> list[float]:
    """Amplitudes in nA of the steps into the somata of reconstructed cells."""
    return [1.0 + index / count for index in range(count)]


def steps(duration: float, step: float = DT) -> int:
    """The number of time steps of `step` ms in `duration` ms."""
    return round(duration / step)
