"""Means and standard deviations of traces over windows of time."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from loligo.arguments import as_float, as_list
from loligo.errors import ArgumentError, ArgumentTypeError
from loligo.frameworks import numpy_for
from loligo.losses.traces import as_trace
from loligo.parameters import shape_of
from loligo.waveforms import as_numbers


def windowed_mean(trace: Any, t: Any, start: float, stop: float) -> Any:
    """Mean over start ≤ t < stop (ms) along the last axis."""
    return numpy_for(trace).mean(_window(trace, t, start, stop), axis=-1)


def windowed_std(trace: Any, t: Any, start: float, stop: float, floor: float = 1e-6) -> Any:
    """Standard deviation over start ≤ t < stop (ms) along the last axis, √(variance + floor²): its derivative is finite
    where the trace is constant, too."""
    functions, window = numpy_for(trace), _window(trace, t, start, stop)
    floor = as_float(floor, "floor")
    deviation = window - functions.mean(window, axis=-1, keepdims=True)
    return functions.sqrt(functions.mean(deviation**2, axis=-1) + floor**2)


def windowed_statistics(trace: Any, t: Any, windows: Sequence[tuple[float, float]]) -> Any:
    """Mean and standard deviation in each window along the last axis: from shape (…, time) to (…, window, 2).

    >>> t = np.arange(4.0)
    >>> windowed_statistics(np.array([1.0, 3.0, 5.0, 5.0]), t, [(0.0, 2.0), (2.0, 4.0)]).round(3).tolist()
    [[2.0, 1.0], [5.0, 0.0]]
    """
    windows = as_list(windows, "the windows", "pairs of start and stop, ms")
    if wrong := [each for each in windows if np.shape(each) != (2,)]:
        raise ArgumentTypeError(f"a window is {wrong[0]!r}, expected a pair of start and stop, ms")
    if not windows:
        raise ArgumentError("there is no window: expected a list of pairs of start and stop, ms")
    stack = numpy_for(trace).stack
    # the axis by its place: torch calls it dim
    each = [stack([windowed_mean(trace, t, *w), windowed_std(trace, t, *w)], -1) for w in windows]
    return stack(each, -2)


def _window(trace: Any, t: Any, start: float, stop: float) -> Any:
    times = as_numbers(t, "t")
    trace = as_trace(trace, "the trace")
    if times.ndim != 1 or shape_of(trace)[-1:] != times.shape:
        raise ArgumentError(
            f"the trace has shape {shape_of(trace)} and t {times.shape}, expected (…, time) and (time,)"
        )
    inside = (times >= as_float(start, "start", "ms")) & (times < as_float(stop, "stop", "ms"))
    if not inside.any():
        raise ArgumentError(f"no sample lies in the window from {start} to {stop} ms")
    return trace[..., inside]
