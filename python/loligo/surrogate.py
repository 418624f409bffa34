"""Steps whose derivative is that of a smooth function, so that gradients pass thresholds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from loligo import parameters
from loligo.arguments import as_float, as_positive
from loligo.errors import UnknownNameError, did_you_mean
from loligo.tracing.number import Number, call, elementwise, is_traced
from loligo.waveforms import as_numbers

Surrogate = str | Callable[[Any], Any] | None
"""The name of a smooth step, or a function of z that is its slope."""


def heaviside(x: Any, surrogate: Surrogate = None, width: Any = 1.0, at_zero: float = 1.0) -> Any:
    """0 where x is below 0 and 1 above, exactly; its derivative is that of a smooth step of your choice.

    For the methods of a channel, in NumPy or `jax.numpy`; elsewhere it is the step alone. The smooth steps go from 0 to
    1 and depend on z = x/width: `sigmoid`, 1/(1 + e^−z); `fast_sigmoid`, (1 + z/(1 + |z|))/2, whose slope
    1/(1 + |z|)² is SuperSpike's but for a factor of 2·width (Zenke and Ganguli 2018, Neural Comput 30:1514-1541);
    `arctan`, 1/2 + arctan(z)/π. Second derivatives are those of the smooth step, too.

    Args:
        surrogate: One of these names; or a function of z, the slope of your step with respect to z (its second
            derivative then counts as 0); or nothing, and the derivative is 0.
        width: Over how much of x the step is smooth, in the units of x.
        at_zero: The value where x is 0.

    Raises:
        UnknownNameError: There is no such step.
        ArgumentError: A width that is not above 0.

    >>> import loligo as lo
    >>> import numpy as np
    >>> class Counter(lo.Channel):
    ...     '''How long the voltage was above 0 mV.'''
    ...     states = {"above": 0.0}
    ...
    ...     def update_states(self, states, dt, v, params):
    ...         return {"above": states["above"] + dt * lo.heaviside(v, "fast_sigmoid", width=5.0)}
    ...
    ...     def compute_current(self, states, v, params):
    ...         return {}
    >>> Counter().mechanism
    <mechanism Counter>
    >>> lo.heaviside(np.array([-1.0, 0.0, 2.0]))
    array([0., 1., 1.])
    """
    shape = _shape(surrogate)
    if not isinstance(width, Number) and not _is_jax(width):
        as_positive(width, "the width of a surrogate")
    if not isinstance(at_zero, Number) and not _is_jax(at_zero):
        at_zero = as_float(at_zero, "at_zero")
    if not (isinstance(x, Number) or is_traced(x) or _is_jax(x) or parameters.is_traced(x)):
        x = as_numbers(x, "what a step is made of")
    if is_traced(x):
        return elementwise(lambda one: _step(one, shape, width, at_zero), x)
    return _step(x, shape, width, at_zero)


def detached(x: Any) -> Any:
    """A number whose derivative is 0."""
    if isinstance(x, Number):
        return call("detach", x)
    return sys.modules["jax"].lax.stop_gradient(x) if _is_jax(x) else x


Shape = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""The first and the second derivative of a smooth step, as functions of z."""


def _step(x: Any, shape: Shape | None, width: Any, at_zero: float) -> Any:
    numpy = _numpy(x)
    step = numpy.where(x == 0.0, at_zero, numpy.where(x > 0.0, 1.0, 0.0))
    if not isinstance(at_zero, Number) and not _is_jax(at_zero):
        at_zero = as_float(at_zero, "at_zero")
    if not (isinstance(x, Number) or _is_jax(x)):
        return step[()]
    if shape is None:
        return step
    # Taylor's polynomial of the smooth step at x itself without its constant: 0, with both derivatives
    away = x - detached(x)
    slope, bend = (derivative(x / width) for derivative in shape)
    return step + (detached(slope / width) + detached(bend / width**2) * away / 2.0) * away


def _shape(surrogate: Surrogate) -> Shape | None:
    if surrogate is None:
        return None
    if callable(surrogate):
        return surrogate, lambda z: 0.0 * z
    if not isinstance(surrogate, str) or surrogate not in _SHAPES:
        known = ", ".join(_SHAPES)
        raise UnknownNameError(
            f"there is no surrogate `{surrogate}`{did_you_mean(str(surrogate), list(_SHAPES)) or '.'} There are {known}"
        )
    return _SHAPES[surrogate]


def _logistic(z: Any) -> Any:
    # a large −z makes the exponential infinite, and the quotient 0
    return 1.0 / (1.0 + _numpy(z).exp(-z))


def _sigmoid_bend(z: Any) -> Any:
    open_ = _logistic(z)
    return open_ * (1.0 - open_) * (1.0 - 2.0 * open_)


_SHAPES: dict[str, Shape] = {
    "sigmoid": (lambda z: _logistic(z) * (1.0 - _logistic(z)), _sigmoid_bend),
    "fast_sigmoid": (lambda z: 0.5 / (1.0 + abs(z)) ** 2, lambda z: -_numpy(z).sign(z) / (1.0 + abs(z)) ** 3),
    "arctan": (lambda z: 1.0 / (np.pi * (1.0 + z * z)), lambda z: -2.0 * z / (np.pi * (1.0 + z * z) ** 2)),
}


def _numpy(x: Any) -> Any:
    return sys.modules["jax"].numpy if _is_jax(x) else np


def _is_jax(x: Any) -> bool:
    return type(x).__module__.partition(".")[0] in ("jax", "jaxlib")
