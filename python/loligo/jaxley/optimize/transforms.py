"""Transforms of parameters, so that an optimiser need not know their bounds."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from loligo.errors import ArgumentError
from loligo.frameworks import numpy_for
from loligo.jaxley.solver_gate import save_exp
from loligo.transforms import Sigmoid, Softplus, Transform

LOGISTIC_SCALE = np.pi / np.sqrt(3.0)
"""What gives the logistic distribution unit variance."""


class IdentityTransform(Transform):
    """Leaves numbers as they are."""

    def forward(self, x: Any) -> Any:
        return x

    def inverse(self, y: Any) -> Any:
        return y


class SigmoidTransform(Sigmoid):
    """Between two bounds, by the logistic function."""


class LogisticTransform(Sigmoid):
    """Between two bounds, by the logistic function of πx/√3, the distribution function of unit variance."""

    def forward(self, x: Any) -> Any:
        return super().forward(LOGISTIC_SCALE * x)

    def inverse(self, y: Any) -> Any:
        return super().inverse(y) / LOGISTIC_SCALE


class SoftplusTransform(Softplus):
    """Above a bound, by log(1 + eˣ).

    Args:
        threshold: Accepted for Jaxley's sake, which takes x for log(1 + eˣ) above it; that differs by e⁻ˣ.
    """

    def __init__(self, lower: Any, threshold: float = 20.0) -> None:
        super().__init__(lower)


class NegSoftplusTransform(Softplus):
    """Below a bound: upper − log(1 + e⁻ˣ)."""

    def __init__(self, upper: Any) -> None:
        super().__init__(upper, -1.0)

    def forward(self, x: Any) -> Any:
        return super().forward(-x)

    def inverse(self, y: Any) -> Any:
        return -super().inverse(y)


class AffineTransform(Transform):
    """scale·x + shift."""

    def __init__(self, scale: Any, shift: Any) -> None:
        if np.any(np.isclose(scale, 0)):
            raise ArgumentError(f"scale is {scale}, expected numbers other than 0")
        self.scale = scale
        self.shift = shift

    def forward(self, x: Any) -> Any:
        return self.scale * x + self.shift

    def inverse(self, y: Any) -> Any:
        return (y - self.shift) / self.scale


class ChainTransform(Transform):
    """One transform after the other."""

    def __init__(self, transforms: Sequence[Transform]) -> None:
        self.transforms = list(transforms)

    def forward(self, x: Any) -> Any:
        for transform in self.transforms:
            x = transform.forward(x)
        return x

    def inverse(self, y: Any) -> Any:
        for transform in reversed(self.transforms):
            y = transform.inverse(y)
        return y


class MaskedTransform(Transform):
    """Another transform where a mask is true; elsewhere numbers are left as they are."""

    def __init__(self, mask: Any, transform: Transform) -> None:
        self.mask = mask
        self.transform = transform

    def forward(self, x: Any) -> Any:
        return self._masked(self.transform.forward, x)

    def inverse(self, y: Any) -> Any:
        return self._masked(self.transform.inverse, y)

    def _masked(self, function: Callable[[Any], Any], x: Any) -> Any:
        # what is masked out goes through as a number from the inside, where no function is undefined
        functions = numpy_for(x)
        inside = functions.where(self.mask, x, functions.mean(x[self.mask]))
        return functions.where(self.mask, function(inside), x)


class CustomTransform(Transform):
    """Any pair of functions."""

    def __init__(self, forward_fn: Callable[[Any], Any], inverse_fn: Callable[[Any], Any]) -> None:
        self._forward = forward_fn
        self._inverse = inverse_fn

    def forward(self, x: Any) -> Any:
        return self._forward(x)

    def inverse(self, y: Any) -> Any:
        return self._inverse(y)


class ParamTransform:
    """A transform for each parameter: a list of one-key dictionaries, in the order of `get_parameters`."""

    def __init__(self, tf_dict: Sequence[dict[str, Transform]]) -> None:
        self.tf_dict = list(tf_dict)

    def forward(self, params: Any) -> Any:
        """From numbers without bounds to parameters."""
        return self._mapped(params, lambda transform, value: transform.forward(value))

    def inverse(self, params: Any) -> Any:
        """From parameters to numbers without bounds."""
        return self._mapped(params, lambda transform, value: transform.inverse(value))

    def _mapped(self, params: Any, function: Callable[[Transform, Any], Any]) -> list[dict[str, Any]]:
        if len(params) != len(self.tf_dict):
            raise ArgumentError(f"{len(params)} parameters were given for {len(self.tf_dict)} transforms")
        mapped = []
        for entry, transforms in zip(params, self.tf_dict):
            if list(entry.keys()) != list(transforms):
                raise ArgumentError(f"a parameter is {list(entry.keys())}, expected {list(transforms)}")
            mapped.append({key: function(transforms[key], value) for key, value in entry.items()})
        return mapped


__all__ = [
    "AffineTransform",
    "ChainTransform",
    "CustomTransform",
    "IdentityTransform",
    "LogisticTransform",
    "MaskedTransform",
    "NegSoftplusTransform",
    "ParamTransform",
    "SigmoidTransform",
    "SoftplusTransform",
    "Transform",
    "save_exp",
]
