"""Neurons that move the voltage themselves."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from test_surrogates import SMOOTH

import loligo as lo

LIF = {"g": 1e-4, "e": -70.0, "vth": -50.0, "vreset": -65.0}
"""S/cm² and mV."""

AMPLITUDE = 0.04
"""nA."""


def rule(
    p: dict[str, float], steps: int, fixed: tuple[np.ndarray, np.ndarray] | None, surrogate: str, width: float
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """The integrate-and-fire neuron in NumPy: voltages, spikes, and the steps and what was stepped.

    With `fixed`, the steps and what was stepped of another run, the step is that run's plus what the smooth step makes
    of the difference to it: a smooth function of the parameters whose derivative is what the surrogate promises.
    """
    dt, capacitance = 0.025, 1.0
    stimulus = AMPLITUDE / (math.pi * 20 * 20) * 1e5  # µA/cm²
    v, voltages, spikes = p["v"], [p["v"]], [0.0]
    hard, above = np.zeros(steps), np.zeros(steps)
    for n in range(steps):
        spike = 0.0
        if n > 0:  # the first step does not step states
            above[n] = v - p["vth"]
            hard[n] = float(above[n] > 0)
            spike = hard[n]
            if fixed is not None:
                smooth = SMOOTH[surrogate]
                spike = fixed[0][n] + smooth(above[n] / width) - smooth(fixed[1][n] / width)
            v = v + spike * (p["vreset"] - v)
        g = 1e3 * p["g"]
        current = stimulus if 1.0 <= (n + 0.5) * dt < 50.0 else 0.0
        v = (capacitance / dt * v + g * p["e"] + current) / (capacitance / dt + g)
        voltages.append(v)
        spikes.append(spike)
    return np.array(voltages), np.array(spikes), (hard, above)


@pytest.mark.parametrize("surrogate", SMOOTH)
def test_the_gradient_of_a_run_with_a_spike_is_that_of_the_smoothed_rule(surrogate: str) -> None:
    width, steps = 3.0, 640
    neuron = lo.Compartment(length=20, radius=10)
    neuron.insert(lo.LIF(surrogate=surrogate, width=width))
    neuron.stimulate(lo.step(1, 49, AMPLITUDE))
    neuron.record()
    neuron.record("LIF.spikes")
    for name, value in LIF.items():
        neuron.set(f"LIF.{name}", value)
        neuron.make_trainable(f"LIF.{name}")
    weights = np.cos(np.arange(steps + 1) / 50.0)

    def loss(parameters: Any) -> Any:
        run = lo.simulate(neuron, parameters, t_max=steps * 0.025, v_init=-70.0)
        return anp.sum(weights * run.recordings[0]) / 100 + anp.sum(weights[:-1] * run.recordings[1][:-1])

    numbers = {**LIF, "v": -70.0}
    v, spikes, fixed = rule(numbers, steps, None, surrogate, width)
    run = lo.simulate(neuron, t_max=steps * 0.025, v_init=-70.0)
    assert fixed[0].sum() == 1
    np.testing.assert_allclose(run.v[0], v, rtol=1e-12)
    # the spike of step n was recorded at its start
    np.testing.assert_array_equal(run["LIF.spikes"][0][1:-1], spikes[2:])

    def smoothed(moved: dict[str, float]) -> float:
        v, spikes, _ = rule(moved, steps, fixed, surrogate, width)
        return float(np.sum(weights * v) / 100 + np.sum(weights[1:-1] * spikes[2:]))

    value, gradient = lo.value_and_grad(loss)(neuron.get_parameters())
    assert value == pytest.approx(smoothed(numbers), rel=1e-12)
    for part in gradient:
        ((name, found),) = part.items()
        key = name.removeprefix("LIF.")
        errors = []
        for step in 10.0 ** np.arange(-7, -2):
            h = step * abs(numbers[key])
            above, below = (smoothed({**numbers, key: numbers[key] + sign * h}) for sign in (1, -1))
            errors.append(abs((above - below) / (2 * h) / found[0] - 1))
        assert min(errors) < 1e-6, (name, errors)


def test_resets_can_be_left_out_of_gradients() -> None:
    """Without a surrogate a run after its reset does not know of what was before it."""

    def gradient(**options: Any) -> np.ndarray:
        neuron = lo.Compartment(length=20, radius=10)
        neuron.insert(lo.LIF(**options))
        neuron.set("LIF.vreset", -65.0)
        neuron.stimulate(lo.step(1, 49, AMPLITUDE))
        neuron.record()
        neuron.make_trainable("LIF.vth")

        def loss(parameters: Any) -> Any:
            return lo.simulate(neuron, parameters, t_max=16, v_init=-70.0).v.mean()

        return lo.value_and_grad(loss)(neuron.get_parameters())[1][0]["LIF.vth"]

    assert gradient() == 0
    assert gradient(surrogate="arctan", detach_reset=True) == 0
    assert gradient(surrogate="arctan") != 0


def spikes_of(neuron: lo.Channel, amplitude: float, dt: float, duration: float, v_init: float) -> np.ndarray:
    """When a neuron of 28,100 µm² fires for a current from the start, ms."""
    cell = lo.Compartment(length=100, radius=28100 / (2 * math.pi * 100))
    cell.insert(neuron)
    cell.stimulate(lo.step(0, duration, amplitude))
    cell.record(f"{neuron.name}.spikes")
    run = lo.simulate(cell, t_max=duration, dt=dt, v_init=v_init)
    return run.t[np.flatnonzero(run.recordings[0])]


def exact_spikes(
    change: Callable[..., list[float]], reset: Callable[..., list[float]], peak: float, start: list[float], end: float
) -> np.ndarray:
    """When the equation itself fires."""

    def fires(t: float, y: np.ndarray) -> float:
        return float(y[0] - peak)

    fires.terminal, fires.direction = True, 1.0  # type: ignore[attr-defined]
    times: list[float] = []
    at, y = 0.0, start
    while at < end:
        found = solve_ivp(change, (at, end), y, events=fires, rtol=1e-9, atol=1e-9)
        at = float(found.t[-1])
        if found.status == 1:
            times.append(at)
            y = reset(*found.y[:, -1])
    return np.array(times)


def test_izhikevichs_neuron_fires_when_its_equation_does() -> None:
    """Regular spiking (2003, figure 2) for a current of 10; the error goes with the step."""

    def change(t: float, y: np.ndarray) -> list[float]:
        v, u = y
        return [0.04 * v**2 + 5 * v + 140 - u + 10, 0.02 * (0.2 * v - u)]

    exact = exact_spikes(change, lambda v, u: [-65.0, u + 8], 30.0, [-70.0, -14.0], 180.0)
    assert len(exact) == 5
    # 10 µA/cm² over 28,100 µm²
    apart = []
    for dt in (0.01, 0.00125):
        found = spikes_of(lo.Izhikevich(), 2.81, dt, 180.0, -70.0)
        assert len(found) == len(exact)
        apart.append(np.abs(found - exact).max())
    assert apart[1] < apart[0] / 4 < 0.25


def test_the_neuron_of_brette_and_gerstner_fires_when_its_equation_does() -> None:
    """The paper's parameters, in nA, nS, pF and mV, for 1 nA; the error goes with the step."""

    def change(t: float, y: np.ndarray) -> list[float]:
        v, w = y
        leak, upstroke = 30e-3 * (v + 70.6), 30e-3 * 2 * math.exp(min((v + 50.4) / 2, 10))
        return [(-leak + upstroke - w + 1.0) / 0.281, (4e-3 * (v + 70.6) - w) / 144]

    exact = exact_spikes(change, lambda v, w: [-70.6, w + 0.0805], 20.0, [-70.6, 0.0], 300.0)
    assert 5 < len(exact) < 20
    apart = []
    for dt in (0.01, 0.00125):
        found = spikes_of(lo.AdEx(), 1.0, dt, 300.0, -70.6)
        assert len(found) == len(exact)
        apart.append(np.abs(found - exact).max())
    assert apart[1] < apart[0] / 4 < 0.25


def test_a_rate_decays() -> None:
    neuron = lo.Compartment()
    neuron.insert(lo.Rate())
    neuron.set("Rate.tau", 4.0)
    neuron.record()
    v = lo.simulate(neuron, t_max=10, v_init=3.0).v[0]
    # the first step does not step states
    np.testing.assert_allclose(v[1:], 3.0 * np.exp(-0.025 * np.arange(len(v) - 1) / 4.0), rtol=1e-12)


@pytest.mark.parametrize("kind", [lo.AdEx, lo.Izhikevich])
def test_gradients_of_neurons_with_a_surrogate_are_finite(kind: Any) -> None:
    cell = lo.Compartment(length=100, radius=28100 / (2 * math.pi * 100))
    neuron = kind(surrogate="sigmoid", width=2.0)
    cell.insert(neuron)
    cell.stimulate(lo.step(0, 50, 2.81))
    cell.record(f"{neuron.name}.spikes")
    for parameter in neuron.parameters:
        cell.make_trainable(f"{neuron.name}.{parameter}")

    def loss(parameters: Any) -> Any:
        return lo.simulate(cell, parameters, t_max=50, v_init=-70.0).recordings.sum()

    value, gradient = lo.value_and_grad(loss)(cell.get_parameters())
    assert value >= 2
    for part in gradient:
        for name, numbers in part.items():
            assert np.isfinite(numbers).all() and numbers[0] != 0, name


def test_the_library_lists_them() -> None:
    cells = lo.mechanisms()[lo.mechanisms().kind == "cell"]
    assert list(cells.index) == ["AdEx", "Fire", "Izhikevich", "LIF", "Rate"]
    assert cells.reference["AdEx"] == "Brette and Gerstner 2005"
    for name in cells.index:
        mechanism = lo.mechanism(name)
        assert mechanism.name == name == getattr(lo, name)().mechanism.name
    assert "brette2005" not in lo.cite(lo.Compartment())
    neuron = lo.Compartment()
    neuron.insert(lo.AdEx())
    assert lo.cite(neuron).startswith("@article{brette2005,")
    with pytest.raises(lo.errors.UnknownNameError, match="did you mean `Izhikevich`"):
        lo.mechanism("Izhikevic")
