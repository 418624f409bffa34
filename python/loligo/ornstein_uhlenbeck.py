"""Noise that forgets: Ornstein-Uhlenbeck processes, exactly sampled.

dx = (mean − x)·dt/τ + σ·√(2/τ)·dW has the exact step x(t + Δt) = mean + (x(t) − mean)·e^(−Δt/τ) + σ·√(1 − e^(−2Δt/τ))·ξ
with a standard normal ξ (Gillespie 1996), so mean, standard deviation and correlation of the samples do not depend on
Δt; a path does. Paths start in the stationary state.

Each lane draws from a bit stream of its own, which the seed and the number of the lane decide (`SeedSequence` of NumPy
and Philox), so a lane has the same noise alone and in any batch, and a longer run has it at its beginning.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any, TypeVar

import numpy as np

from loligo._engine import Waveform
from loligo.errors import ArgumentError
from loligo.parameters import Batch, Driving

Own = TypeVar("Own", bound=Driving)


@dataclass(frozen=True)
class Noise:
    """A current, or what is played, that a run draws for the steps that it has; made by `noise`."""

    start: float
    duration: float
    mean: float
    sigma: float
    tau: float
    seed: int = 0
    lane: int = 0
    """Which of the paths of the seed; of a batch, that of its first lane."""
    lanes: int | None = None
    """How many lanes have paths of their own; None for one path for all."""
    least: float | None = None
    """What is below is cut off; None for nothing."""

    def batch(self, lanes: int) -> Noise:
        """The same for so many lanes, each with a path of its own."""
        return replace(self, lanes=_whole(lanes, "the number of lanes", least=1))

    def at_least(self, least: float) -> Noise:
        """The same, but where it is below a number it is that number: `at_least(0)` for conductances, which cannot be
        negative. Mean and standard deviation are then those of a normal distribution cut off there: with a mean of four
        standard deviations, as in neocortical neurons (Destexhe et al. 2001), they change by 1e-5 of the latter.

        >>> import loligo as lo
        >>> quiet = lo.noise(start=0, duration=10, mean=0.0, sigma=1.0, tau=1).at_least(0)
        >>> float(quiet.currents(dt=0.1, steps=50).min())
        0.0
        """
        if not _is_number(least):
            raise ArgumentError(f"the least value of the noise is {least!r}, expected a number")
        return replace(self, least=float(least))

    def waveform(self, dt: float) -> Waveform:
        """The waveform for runs with this time step, ms, with one sample for each: for `stimulate`. Its duration must
        be finite."""
        if not _is_number(dt) or dt <= 0:
            raise ArgumentError(f"dt of the noise is {dt!r}, expected a positive number of ms")
        if self.duration == math.inf:
            raise ArgumentError("the duration of the noise is infinite, and a waveform is not")
        if self.lanes is not None:
            raise ArgumentError(f"the noise is of {self.lanes} lanes, and a waveform the same in all")
        return Waveform.samples(self.currents(dt, _steps(self.start + self.duration, dt))[0])

    def currents(self, dt: float, steps: int) -> np.ndarray:
        """What a run of so many steps injects, nA, or plays, shape (lane, step)."""
        first, last = _steps(self.start, dt), steps
        if self.duration < math.inf:
            last = min(steps, _steps(self.start + self.duration, dt))
        lanes = range(self.lane, self.lane + (self.lanes or 1))
        currents = np.zeros((len(lanes), steps))
        if first < last:
            own = paths(last - first, dt / self.tau, self.seed, lanes)
            drawn = self.mean + self.sigma * own
            currents[:, first:last] = drawn if self.least is None else np.maximum(drawn, self.least)
        return currents


def noise(
    start: float,
    duration: float,
    mean: float,
    sigma: float,
    tau: float,
    *,
    seed: int = 0,
    lane: int = 0,
) -> Noise:
    """An Ornstein-Uhlenbeck process for start ≤ t < start + duration (ms), else 0: a current for `data_stimulate`, or
    the value of any parameter for `data_play`, since a run draws it for its own time steps. `noise(...).waveform(dt)`
    is for `stimulate` and `play`.

    It is the same in all lanes of a batch, unless it is `noise(...).batch(8)`, which has a path of its own for each of
    eight lanes. Compartments that are given one noise get the same path; for independent ones take other seeds.

    As a conductance (Destexhe, Rudolph, Fellous and Sejnowski 2001) it is played into one, with a reversal potential:
    see `lo.conductance`.

    Args:
        duration: ms; infinite for until the end.
        mean: nA, or the unit of what it is played into.
        sigma: Standard deviation, in the same unit.
        tau: How long it is correlated, ms.
        seed: Of the drawing, a whole number.
        lane: Which of the paths of the seed: `noise(..., lane=3)` is what lane 3 of a batch has.

    Raises:
        ArgumentError: A number out of its range.

    >>> import loligo as lo
    >>> soma = lo.Compartment(length=20, radius=10)
    >>> soma.insert(lo.mechanism("pas"))
    >>> soma.record()
    >>> current = lo.noise(start=0, duration=10, mean=0.1, sigma=0.05, tau=3, seed=1)
    >>> lo.simulate(soma, t_max=10, stimuli=soma.data_stimulate(current)).v.shape
    (1, 401)
    >>> lo.simulate(soma, t_max=10, stimuli=soma.data_stimulate(current.batch(3))).v.shape
    (3, 1, 401)
    >>> soma.stimulate(current.waveform(dt=0.025))
    """
    for name, number, least in (("start", start, 0.0), ("mean", mean, -math.inf), ("sigma", sigma, 0.0)):
        if not _is_number(number) or number < least:
            raise ArgumentError(
                f"{name} of the noise is {number!r}, expected a number" + (", 0 or more" * (least == 0))
            )
    for name, number in (("duration", duration), ("tau", tau)):
        is_endless = name == "duration" and isinstance(number, float) and number == math.inf
        if not (_is_number(number) or is_endless) or number <= 0:
            raise ArgumentError(f"{name} of the noise is {number!r}, expected a positive number of ms")
    return Noise(
        float(start),
        float(duration),
        float(mean),
        float(sigma),
        float(tau),
        seed=_whole(seed, "seed"),
        lane=_whole(lane, "lane"),
    )


def drawn(injection: Own, dt: float, steps: int) -> Own:
    """An injection for a run of so many steps, in which noise is drawn."""
    own = injection.current
    if not isinstance(own, Noise):
        return injection
    currents = own.currents(dt, steps)
    return replace(injection, current=Waveform.samples(currents[0]) if own.lanes is None else Batch(currents))


MANY = 16
"""From more lanes than so many on, an array of them for each step is faster than Python's own numbers for each lane."""


def paths(steps: int, dt_over_tau: float, seed: int, lanes: Sequence[int]) -> np.ndarray:
    """Paths of mean 0 and standard deviation 1, shape (lane, step)."""
    streams = [np.random.Philox(np.random.SeedSequence(seed, spawn_key=(lane,))) for lane in lanes]
    standard = np.stack([np.random.Generator(stream).standard_normal(steps) for stream in streams])
    decay, fresh = float(np.exp(-dt_over_tau)), np.sqrt(-np.expm1(-2 * dt_over_tau))
    standard[:, 1:] *= fresh
    if len(lanes) > MANY:
        for before, now in pairwise(standard.T):
            now += before * decay
        return standard
    for own in standard:
        own[:] = list(accumulate(own.tolist(), lambda before, now: before * decay + now))
    return standard


def _steps(time: float, dt: float) -> int:
    """How many steps begin before a time; a time that is that of a step but for rounding is one."""
    return math.ceil(time / dt * (1 - 1e-12))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and bool(np.isfinite(value))


def _whole(value: Any, name: str, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ArgumentError(f"{name} of the noise is {value!r}, expected a whole number, {least} or more")
    return int(value)
