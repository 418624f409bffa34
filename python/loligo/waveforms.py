"""Waveforms: what is injected or commanded, as a function of time."""

import sys
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from loligo._engine import Waveform
from loligo.arguments import as_float
from loligo.errors import ArgumentError, ArgumentTypeError
from loligo.frameworks import of_jax, of_torch


def step(start: float, duration: float, amplitude: float, *, baseline: float = 0.0) -> Waveform:
    """`amplitude` for start ≤ t < start + duration (ms), else `baseline`; nA for a stimulus, mV for a clamp.

    >>> step(start=5, duration=20, amplitude=0.5)
    step(5, 20, 0.5, baseline=0)
    """
    return Waveform.step(*_numbers(start=start, duration=duration, amplitude=amplitude, baseline=baseline))


def ramp(start: float, duration: float, amplitude: float, *, baseline: float = 0.0) -> Waveform:
    """From `baseline` to `amplitude` in a straight line over `duration` ms, then back at `baseline`."""
    return Waveform.ramp(*_numbers(start=start, duration=duration, amplitude=amplitude, baseline=baseline))


def sine(
    start: float, duration: float, amplitude: float, frequency: float, *, phase: float = 0.0, baseline: float = 0.0
) -> Waveform:
    """baseline + amplitude·sin(2π·frequency·(t − start) + phase) for `duration` ms, else `baseline`; Hz and radians."""
    shape = {"amplitude": amplitude, "frequency": frequency, "phase": phase, "baseline": baseline}
    return Waveform.sine(*_numbers(start=start, duration=duration, **shape))


def _numbers(**named: Any) -> list[float]:
    return [as_float(value, f"the {name} of the waveform") for name, value in named.items()]


def as_waveform(value: Waveform | ArrayLike) -> Waveform:
    """A waveform, a number that holds for ever, or an array with one value per time step.

    Raises:
        ArgumentError: An array of more than one dimension, or without numbers.
        ArgumentTypeError: Something else.
    """
    if isinstance(value, Waveform):
        return value
    samples = as_numbers(value, "a waveform")
    if samples.ndim == 0:
        return Waveform.step(0.0, np.inf, float(samples), float(samples))
    if samples.ndim > 1 or samples.size == 0:
        raise ArgumentError(f"a waveform has shape {samples.shape}, expected (step,) with at least one step")
    return Waveform.samples(samples)


def as_numbers(value: Any, what: str) -> np.ndarray:
    """An array of floats.

    Raises:
        ArgumentTypeError: Something that is not made of numbers, or a tensor that torch differentiates by.
    """
    if of_torch(value) and value.requires_grad:
        raise ArgumentTypeError(
            f"{what} is a tensor that requires grad, which is followed through runs only (parameters, v_init, "
            "data_set, data_stimulate, data_play); expected numbers, as from tensor.detach()"
        )
    if of_jax(value) and isinstance(value, sys.modules["jax"].core.Tracer):
        raise ArgumentTypeError(
            f"{what} is traced by JAX, which is followed through runs only (parameters, v_init, data_set, "
            "data_stimulate, data_play); expected numbers"
        )
    try:
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            return np.asarray(array, dtype=np.float64, order="C")
    except (ValueError, RuntimeError, TypeError):
        # lists of different lengths; of tensors that require grad; tensors on a GPU
        pass
    raise ArgumentTypeError(f"{what} is {value!r}, expected numbers")
