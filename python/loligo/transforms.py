"""Transforms between numbers with bounds and numbers without, for optimisers that know no bounds."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from loligo.frameworks import numpy_for


class Transform(ABC):
    """A smooth, monotonic function of numbers without bounds, and its inverse; of arrays, also those that autograd
    follows, or of tensors."""

    @abstractmethod
    def forward(self, x: Any) -> Any:
        """From numbers without bounds."""

    @abstractmethod
    def inverse(self, y: Any) -> Any:
        """To numbers without bounds."""

    def __call__(self, x: Any) -> Any:
        return self.forward(x)


class Scale(Transform):
    """Multiplies by a number, so that steps of an optimiser are relative to it."""

    def __init__(self, scale: Any) -> None:
        self.scale = scale

    def forward(self, x: Any) -> Any:
        return x * self.scale

    def inverse(self, y: Any) -> Any:
        return y / self.scale


class Sigmoid(Transform):
    """Between two bounds: lower + (upper − lower)/(1 + e⁻ˣ)."""

    def __init__(self, lower: Any, upper: Any) -> None:
        self.lower = lower
        self.upper = upper

    def forward(self, x: Any) -> Any:
        functions = numpy_for(x)
        # where e⁻ˣ overflows its derivative is not a number
        x = functions.clip(x, -700.0, None)
        return self.lower + (self.upper - self.lower) / (1 + functions.exp(-x))

    def inverse(self, y: Any) -> Any:
        log = numpy_for(y).log
        return log(y - self.lower) - log(self.upper - y)


class Softplus(Transform):
    """Above a bound, or below it with a negative scale: bound + scale·log(1 + eˣ)."""

    def __init__(self, bound: Any, scale: Any = 1.0) -> None:
        self.bound = bound
        self.scale = scale

    def forward(self, x: Any) -> Any:
        functions = numpy_for(x)
        return self.bound + self.scale * functions.logaddexp(x, functions.zeros_like(x))

    def inverse(self, y: Any) -> Any:
        z = (y - self.bound) / self.scale
        functions = numpy_for(z)
        return z + functions.log1p(-functions.exp(-z))


def for_bounds(bounds: tuple[float, float] | None, size: float) -> Transform:
    """The transform for a trainable with these bounds, whose numbers are of this size."""
    if bounds is None:
        return Scale(size or 1.0)
    lower, upper = bounds
    match bool(np.isfinite(lower)), bool(np.isfinite(upper)):
        case True, True:
            return Sigmoid(lower, upper)
        case True, False:
            return Softplus(lower, abs(size - lower) or 1.0)
        case False, True:
            return Softplus(upper, -(abs(upper - size) or 1.0))
        case _:
            return Scale(size or 1.0)


def inside(values: np.ndarray, bounds: tuple[float, float], size: float) -> np.ndarray:
    """The values, those on a bound moved inside by a millionth of the range, or of the size where that is infinite: on
    a bound there is no number without bounds."""
    lower, upper = bounds
    least = 1e-6 * min(upper - lower, max(1.0, size))
    return np.clip(values, lower + least, upper - least)


__all__ = ["Scale", "Sigmoid", "Softplus", "Transform", "for_bounds", "inside"]
