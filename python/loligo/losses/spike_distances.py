"""How far trains of spikes are from each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from loligo.arguments import as_float, as_positive
from loligo.errors import ArgumentError
from loligo.frameworks import numpy_for, of_jax, of_torch
from loligo.losses.traces import as_trace
from loligo.parameters import shape_of, value_of
from loligo.waveforms import as_numbers


def van_rossum(spikes: Any, target: Any, *, tau: float) -> Any:
    """The squared distance of van Rossum (2001): (1/τ)·∫(f − g)² dt with an exponential e^(−t/τ) for each spike
    in f and g, in closed form. A spike that has no counterpart within many τ counts ½.

    It is differentiated with respect to times of spikes, which move; spikes that are missing or too many have no
    derivative that makes them come or go. In a function that is differentiated, `run.spikes()` gives times that are
    followed.

    Args:
        spikes: Times of a train, ms, shape (spike,), or a list of trains such as `run.spikes()`, of which the distances
            are added up.
        target: The same.
        tau: Over what time spikes count as near, ms.

    Raises:
        ArgumentError: Lists of different lengths, times that are no train, or a τ that is not positive.

    >>> round(float(van_rossum(np.array([10.0]), np.array([]), tau=5.0)), 6)
    0.5
    >>> round(float(van_rossum([np.array([10.0])], [np.array([12.0])], tau=5.0)), 6)
    0.32968
    """
    tau = as_positive(tau, "tau", "ms")

    def nearness(these: Any, those: Any) -> Any:
        functions = numpy_for(these, those)
        if of_torch(these) or of_torch(those):
            these, those = functions.as_tensor(these), functions.as_tensor(those)
        return functions.sum(functions.exp(-functions.abs(these[:, None] - those[None, :]) / tau))

    pairs = _pairs(spikes, target)
    return sum(0.5 * nearness(a, a) + 0.5 * nearness(b, b) - nearness(a, b) for a, b in pairs)


def victor_purpura(spikes: Any, target: Any, *, cost: float) -> float:
    """The distance of Victor and Purpura (1996): the least cost of making one train the other, where adding or removing
    a spike costs 1 and moving it by a time Δt costs cost·|Δt|. For evaluation: it is a number, which nothing follows.

    Args:
        spikes: Times of a train, ms, ascending, or a list of trains such as `run.spikes()`, of which the distances are
            added up.
        target: The same.
        cost: Of moving a spike, per ms; with 0 only the number of spikes counts.

    Raises:
        ArgumentError: Lists of different lengths, times that are no train or do not ascend, or a negative cost.

    >>> victor_purpura(np.array([10.0, 20.0]), np.array([11.0]), cost=0.1)
    1.1
    """
    if not 0 <= as_float(cost, "cost", "ms⁻¹") < np.inf:
        raise ArgumentError(f"cost is {cost!r}, expected a number per ms, 0 or more")
    return float(sum(_least_cost(value_of(a), value_of(b), cost) for a, b in _pairs(spikes, target)))


def _least_cost(spikes: np.ndarray, target: np.ndarray, cost: float) -> float:
    spikes, target = as_numbers(spikes, "a train of spikes"), as_numbers(target, "the target")
    if (np.diff(spikes) < 0).any() or (np.diff(target) < 0).any():
        raise ArgumentError("the times of a train do not ascend")
    # of the spikes so far and each number of the target's first ones
    added = np.arange(target.size + 1.0)
    least = added
    for spike in spikes:
        moved = least[:-1] + cost * np.abs(target - spike)
        without = np.minimum(least + 1, np.concatenate([[np.inf], moved]))
        # whatever comes before, spikes of the target may be added behind it
        least = np.minimum.accumulate(without - added) + added
    return least[-1]


def _pairs(spikes: Any, target: Any) -> list[tuple[Any, Any]]:
    these, those = _trains(spikes), _trains(target)
    if len(these) != len(those):
        raise ArgumentError(f"there are {len(these)} trains of spikes, and {len(those)} in the target")
    return list(zip(these, those))


def _trains(spikes: Any) -> list[Any]:
    several = isinstance(spikes, list | tuple) and len(spikes) > 0 and all(len(shape_of(each)) == 1 for each in spikes)
    trains = [as_trace(train, "a train of spikes") for train in (spikes if several else [spikes])]
    for train in trains:
        if len(shape_of(train)) != 1:
            raise ArgumentError(f"a train of spikes has shape {shape_of(train)}, expected (spike,)")
        if not of_jax(train) and np.isnan(value_of(train)).any():
            raise ArgumentError("a train of spikes has a time that is NaN")
    return trains
