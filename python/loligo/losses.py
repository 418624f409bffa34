"""Losses and features for fits: smooth, with finite gradients, for runs and plain arrays alike."""

from typing import Any

import numpy as np

from loligo.errors import ArgumentError
from loligo.frameworks import numpy_for, of_torch
from loligo.parameters import shape_of
from loligo.run import Run


def mean_squared_error(run: Any, target: Any) -> Any:
    """Mean of the squared difference of voltages, mV²; `run` is a run or an array of the shape of `target`."""
    voltage = run.v if isinstance(run, Run) else run
    expected, found = shape_of(target), shape_of(voltage)
    if expected != found:
        raise ArgumentError(f"the target has shape {expected}, but the recordings have {found}")
    functions = numpy_for(voltage)
    target = functions.asarray(target) if of_torch(voltage) else target
    return functions.mean((voltage - target) ** 2)


def windowed_mean(trace: Any, t: Any, start: float, stop: float) -> Any:
    """Mean over start ≤ t < stop (ms) along the last axis."""
    return numpy_for(trace).mean(_window(trace, t, start, stop), axis=-1)


def windowed_std(trace: Any, t: Any, start: float, stop: float, floor: float = 1e-6) -> Any:
    """Standard deviation over start ≤ t < stop (ms) along the last axis, √(variance + floor²): its derivative is finite
    where the trace is constant, too."""
    functions, window = numpy_for(trace), _window(trace, t, start, stop)
    deviation = window - functions.mean(window, axis=-1, keepdims=True)
    return functions.sqrt(functions.mean(deviation**2, axis=-1) + floor**2)


def _window(trace: Any, t: Any, start: float, stop: float) -> Any:
    inside = (np.asarray(t) >= start) & (np.asarray(t) < stop)
    if not inside.any():
        raise ArgumentError(f"no sample lies in the window from {start} to {stop} ms")
    return trace[..., inside]
