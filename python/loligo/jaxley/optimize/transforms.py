"""Transforms of parameters, so that an optimiser need not know their bounds."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from loligo.errors import ArgumentError
from loligo.frameworks import numpy_for
from loligo.jaxley.array import like_jaxley
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

    def inverse(self, x: Any) -> Any:
        return (x - self.shift) / self.scale


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
        return like_jaxley(functions.where(self.mask, function(inside), x))


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
    """A transform for each parameter: lists, tuples and dictionaries of transforms, arranged as the parameters are
    (a list of one-key dictionaries, as from `get_parameters`), or one transform for all.

    >>> transform = ParamTransform([{"radius": SigmoidTransform(0.0, 4.0)}])
    >>> float(transform.forward([{"radius": 0.0}])[0]["radius"])
    2.0
    """

    def __init__(self, tf_dict: Any) -> None:
        self.tf_dict = tf_dict

    def forward(self, params: Any) -> Any:
        """From numbers without bounds to parameters."""
        return _mapped(self.tf_dict, params, lambda transform, value: transform.forward(value))

    def inverse(self, params: Any) -> Any:
        """From parameters to numbers without bounds."""
        return _mapped(self.tf_dict, params, lambda transform, value: transform.inverse(value))


def _mapped(transforms: Any, params: Any, function: Callable[[Any, Any], Any]) -> Any:
    """What a function makes of transforms and the parameters in the same places.

    Raises:
        ArgumentError: Parameters that are in other places than the transforms.
    """
    if isinstance(transforms, list | tuple):
        # not only lists: autograd wraps those that it follows
        is_list = hasattr(params, "__len__") and not hasattr(params, "shape") and not hasattr(params, "keys")
        if not is_list or len(params) != len(transforms):
            given = len(params) if is_list else repr(params)
            raise ArgumentError(f"{given} parameters were given for {len(transforms)} transforms")
        return type(transforms)([_mapped(own, value, function) for own, value in zip(transforms, params)])
    if isinstance(transforms, dict):
        keys = list(params.keys()) if hasattr(params, "keys") else params
        if not hasattr(params, "keys") or sorted(keys) != sorted(transforms):
            raise ArgumentError(f"a parameter is {keys}, expected {list(transforms)}")
        return {key: _mapped(transforms[key], params[key], function) for key in keys}
    return function(transforms, params)


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
