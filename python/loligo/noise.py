"""Noise that forgets: Ornstein-Uhlenbeck processes, exactly sampled.

dx = (mean − x)·dt/τ + σ·√(2/τ)·dW has the exact step x(t + Δt) = mean + (x(t) − mean)·e^(−Δt/τ) + σ·√(1 − e^(−2Δt/τ))·ξ
with a standard normal ξ (Gillespie 1996), so mean, standard deviation and correlation of the samples do not depend on
Δt; a path does. Paths start in the stationary state.

Each lane draws from a bit stream of its own, which the seed and the number of the lane decide (`SeedSequence` of NumPy
and Philox), so a lane has the same noise alone and in any batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from loligo._engine import Waveform
from loligo.errors import ArgumentError
from loligo.parameters import Batch


def noise(
    start: float,
    duration: float,
    mean: float,
    sigma: float,
    tau: float,
    *,
    dt: float = 0.025,
    seed: int = 0,
    lane: int = 0,
) -> Waveform:
    """An Ornstein-Uhlenbeck current for start ≤ t < start + duration (ms), else 0.

    Compartments that are given one waveform get the same current; for independent ones take other seeds.

    Args:
        mean: nA.
        sigma: Standard deviation of the current, nA.
        tau: How long it is correlated, ms.
        dt: Time step of the runs, ms: the waveform has one sample for each.
        seed: Of the drawing, a whole number.
        lane: Which of the paths of the seed; the one that this lane of `noise_batch` has.

    Raises:
        ArgumentError: A number out of its range.

    >>> import loligo as lo
    >>> soma = lo.Compartment(length=20, radius=10)
    >>> soma.insert(lo.mechanism("pas"))
    >>> soma.stimulate(lo.noise(start=5, duration=20, mean=0.1, sigma=0.05, tau=3, seed=1))
    """
    return Waveform.samples(_currents(start, duration, mean, sigma, tau, dt, seed, [_whole(lane, "lane")])[0])


def noise_batch(
    lanes: int,
    start: float,
    duration: float,
    mean: float,
    sigma: float,
    tau: float,
    *,
    dt: float = 0.025,
    seed: int = 0,
) -> Batch:
    """The same for so many lanes, each with a path of its own: for `data_stimulate`. See `noise`.

    >>> import loligo as lo
    >>> soma = lo.Compartment(length=20, radius=10)
    >>> soma.insert(lo.mechanism("pas"))
    >>> soma.record()
    >>> trials = soma.data_stimulate(lo.noise_batch(3, start=0, duration=10, mean=0.1, sigma=0.05, tau=3))
    >>> lo.simulate(soma, t_max=10, stimuli=trials).v.shape
    (3, 1, 401)
    """
    numbers = range(_whole(lanes, "the number of lanes", least=1))
    return Batch(_currents(start, duration, mean, sigma, tau, dt, seed, numbers))


def ornstein_uhlenbeck(steps: int, dt_over_tau: float, seed: int, lanes: Sequence[int]) -> np.ndarray:
    """Paths of mean 0 and standard deviation 1, shape (lane, step)."""
    streams = [np.random.Philox(np.random.SeedSequence(seed, spawn_key=(lane,))) for lane in lanes]
    paths = np.stack([np.random.Generator(stream).standard_normal(steps) for stream in streams])
    decay, fresh = np.exp(-dt_over_tau), np.sqrt(-np.expm1(-2 * dt_over_tau))
    by_step = paths.T
    for before, now in pairwise(by_step):
        now[:] = before * decay + now * fresh
    return paths


def _currents(
    start: float, duration: float, mean: float, sigma: float, tau: float, dt: float, seed: int, lanes: Sequence[int]
) -> np.ndarray:
    for name, number, least in (("start", start, 0.0), ("mean", mean, -np.inf), ("sigma", sigma, 0.0)):
        if not _is_number(number) or number < least:
            raise ArgumentError(
                f"{name} of the noise is {number!r}, expected a number" + (", 0 or more" * (least == 0))
            )
    for name, number in (("duration", duration), ("tau", tau), ("dt", dt)):
        if not _is_number(number) or number <= 0:
            raise ArgumentError(f"{name} of the noise is {number!r}, expected a positive number of ms")
    # rounded as other waveforms are: a step begins at k·dt
    first, last = (int(np.ceil(time / dt * (1 - 1e-12))) for time in (start, start + duration))
    if last <= first:
        raise ArgumentError(f"the duration of the noise, {duration} ms, is less than a step of {dt} ms")
    currents = np.zeros((len(lanes), last))
    currents[:, first:] = mean + sigma * ornstein_uhlenbeck(last - first, dt / tau, _whole(seed, "seed"), lanes)
    return currents


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and bool(np.isfinite(value))


def _whole(value: Any, name: str, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ArgumentError(f"{name} of the noise is {value!r}, expected a whole number, {least} or more")
    return int(value)
