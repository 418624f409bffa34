"""Populations of integrate-and-fire neurons that hear of each other's spikes, against the same steps written with
NumPy."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import loligo as lo

COUNT, DT, DURATION = 100, 0.1, 200.0
TAU, REVERSAL = 3.0, 0.0
"""Of the synapses, ms and mV."""

Update = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]
"""Voltage and second variable before a step → those after it, and who spikes."""


def lif(v: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    spikes = v > -50.0
    return np.where(spikes, -70.0, v), u, spikes


def izhikevich(v: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    left = np.exp(-DT * 0.02)
    u = u * left + 0.2 * v * (1 - left)
    v = v + DT * (0.04 * v**2 + 5 * v + 140 - u)
    spikes = v >= 30.0
    return np.where(spikes, -65.0, v), np.where(spikes, u + 8.0, u), spikes


def adex(v: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """In nS, pA, pF, mV of the whole neuron of Brette and Gerstner (2005)."""
    left = np.exp(-DT / 144.0)
    w = w * left + 4.0 * (v + 70.6) * (1 - left)
    upstroke = 2.0 * np.exp(np.minimum((v + 50.4) / 2.0, 10.0))
    v = v + DT * (30.0 * (upstroke - (v + 70.6)) - w) / 281.0
    spikes = v >= 20.0
    return np.where(spikes, -70.6, v), np.where(spikes, w + 80.5, w), spikes


NEURONS: dict[str, tuple[lo.Channel, Update, float, float, tuple[float, float], float]] = {
    "LIF": (lo.LIF(), lif, -70.0, 0.0, (0.24, 0.4), 0.02),
    "Izhikevich": (lo.Izhikevich(), izhikevich, -65.0, -13.0, (0.05, 0.12), 2e-3),
    "AdEx": (lo.AdEx(), adex, -70.6, 0.0, (0.6, 1.0), 0.03),
}
"""Neuron, update, voltage and second variable at t = 0, range of the injected currents (nA), greatest weight (µS)."""

LENGTH, RADIUS = {"LIF": 20.0, "Izhikevich": 20.0, "AdEx": 100.0}, {"LIF": 10.0, "Izhikevich": 10.0, "AdEx": 44.72}
"""µm."""


def drawn(kind: str) -> tuple[np.ndarray, ...]:
    """Who is connected to whom, with which weights and delays, and what is injected."""
    random = np.random.default_rng(5)
    _, _, _, _, (lowest, highest), strongest = NEURONS[kind]
    pre, post = np.nonzero(random.random((COUNT, COUNT)) < 0.1)
    weights = random.uniform(0, strongest, pre.size)
    delays = random.uniform(0.05, 3.0, pre.size)
    return pre, post, weights, delays, random.uniform(lowest, highest, COUNT)


def population(kind: str) -> lo.Network:
    neuron, _, voltage, _, _, _ = NEURONS[kind]
    cell = lo.Cell(lo.Branch(lo.Compartment(length=LENGTH[kind], radius=RADIUS[kind])))
    cell.insert(neuron)
    cell.insert(lo.mechanism("expsyn"))
    cell.set("expsyn.tau", TAU)
    cell.set("expsyn.e", REVERSAL)
    cell.set("v", voltage)
    network = lo.Network([cell] * COUNT)
    pre, post, weights, delays, currents = drawn(kind)
    for number, current in enumerate(currents):
        network.cell(number).stimulate(lo.step(start=0, duration=DURATION + 1, amplitude=float(current)))
    network.connect(pre, post, lo.SpikingSynapse("expsyn", weight=weights, delay=delays))
    network.record_spikes()
    network.record()
    return network


def reference(kind: str) -> tuple[np.ndarray, list[list[float]]]:
    """Voltages, shape (cell, time), and the spikes of each cell."""
    _, update, voltage, second, _, _ = NEURONS[kind]
    pre, post, weights, delays, currents = drawn(kind)
    area = 2 * np.pi * RADIUS[kind] * LENGTH[kind]
    capacity = 1e-5 * area / DT
    leak = 1e-2 * area * 1e-4 if kind == "LIF" else 0.0
    v, u, g = np.full(COUNT, voltage), np.full(COUNT, second), np.zeros(COUNT)
    steps = round(DURATION / DT)
    arriving: list[list[int]] = [[] for _ in range(steps)]
    spikes: list[list[float]] = [[] for _ in range(COUNT)]
    voltages = [v]
    for step in range(steps):
        if step:
            v, u, fired = update(v, u)
            g = g * np.exp(-DT / TAU)
            for cell in np.flatnonzero(fired):
                spikes[cell].append(step * DT)
                for row in np.flatnonzero(pre == cell):
                    due = int(np.ceil((step * DT + 1e-10 + delays[row]) / DT - 0.5))
                    if due < steps:
                        arriving[due].append(row)
        for row in arriving[step]:
            g[post[row]] += weights[row]
        rhs = capacity * v + g * REVERSAL + leak * -70.0 + currents
        v = rhs / (capacity + g + leak)
        voltages.append(v)
    return np.array(voltages).T, spikes


@pytest.mark.parametrize("kind", NEURONS)
def test_a_recurrent_population(kind: str) -> None:
    """A hundred neurons: every spike, and voltages within 1e-6 mV throughout."""
    run = lo.simulate(population(kind), t_max=DURATION, dt=DT)
    voltages, spikes = reference(kind)
    assert sum(map(len, spikes)) > 200
    assert len({len(times) for times in spikes}) > 1
    for cell, times in enumerate(spikes):
        np.testing.assert_allclose(run.raster.of_cell(cell), times, rtol=0, atol=1e-9)
    assert np.abs(run.v - voltages).max() <= 1e-6


def test_spikes_that_no_voltage_shows_are_announced() -> None:
    """A neuron that is reset within a step, and one that is above its threshold in every step."""
    run = lo.simulate(population("AdEx"), t_max=50, dt=DT)
    assert len(run.raster) > 20
    assert run.v.max() < 20
    cell = lo.Cell(lo.Branch(lo.Compartment(length=20, radius=10)))
    cell.insert(lo.LIF())
    cell.set("v", -70.0)
    cell.stimulate(lo.step(start=0, duration=10, amplitude=50))
    cell.record_spikes()
    cell.record("LIF.spikes")
    run = lo.simulate(cell, t_max=2, dt=DT)
    np.testing.assert_allclose(run.raster.times, DT * np.arange(1, 20))
    assert run["LIF.spikes"].sum() == pytest.approx(len(run.raster), abs=1)


def test_a_threshold_can_still_be_asked_for() -> None:
    network = population("AdEx")
    network.record_spikes(-55.0)
    run = lo.simulate(pickle.loads(pickle.dumps(network)), t_max=50, dt=DT)
    again = lo.simulate(network, t_max=50, dt=DT)
    assert (run.v == again.v).all()
    assert (run.raster.times == again.raster.times).all()
    announced = run.raster.sources < COUNT
    assert 0 < announced.sum() < len(run.raster)


def test_gradients_hold_announced_spikes_where_they_are() -> None:
    """By the weights of connections, with the spikes of all neurons held, as by differences."""
    network = population("Izhikevich")
    synapses = network.synapses("expsyn")
    synapses.make_trainable("weight")
    values = network.get_parameters()

    def loss(parameters: Any, **options: Any) -> Any:
        return (lo.simulate(network, parameters, t_max=30, dt=DT, **options).v ** 2).mean()

    slope = lo.grad(loss)(values)[0]["expsyn.weight"][0]
    assert lo.grad(loss)(values, budget=8 << 20, threads=2)[0]["expsyn.weight"][0] == slope
    weight = values[0]["expsyn.weight"][0]
    spikes = lo.simulate(network, values, t_max=30, dt=DT).raster

    def at(factor: float) -> float:
        moved = [{"expsyn.weight": np.array([weight * (1 + factor)])}]
        assert (lo.simulate(network, moved, t_max=30, dt=DT).raster.times == spikes.times).all()
        return float(loss(moved))

    difference = (8 * (at(1e-7) - at(-1e-7)) - (at(2e-7) - at(-2e-7))) / 12e-7 / weight
    assert slope == pytest.approx(difference, rel=1e-4)


def test_a_spike_state_is_a_state() -> None:
    class Odd(lo.Channel):
        states = {"x": 0.0}
        spike_state = "spikes"

        def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
            return {"x": states["x"]}

        def compute_current(self, states: dict, v: Any, params: dict) -> dict:
            return {}

    with pytest.raises(lo.errors.ArgumentError, match="spike_state of Odd is `spikes`, expected a state; it has x"):
        _ = Odd().mechanism
