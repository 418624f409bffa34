"""Arrays that scripts take for those of JAX: NumPy's, with what only JAX's have.

Jaxley gives its numbers as arrays of JAX. Here they stay NumPy's, so that they have double precision whatever JAX was
told, do not depend on what was imported before, and need no JAX; JAX takes them wherever it takes an array.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from autograd.numpy.numpy_boxes import ArrayBox
from autograd.numpy.numpy_vspaces import ArrayVSpace

from loligo.jaxley.required_jax import required_jax


class Array(np.ndarray):
    """An array of NumPy that has `at` and `block_until_ready`, as those of JAX.

    >>> import loligo.jaxley as jx
    >>> current = jx.step_current(1.0, 1.0, 0.1, 1.0, 3.0)
    >>> current.block_until_ready()
    Array([0. , 0.1, 0. , 0. , 0. ])
    """

    @property
    def at(self) -> Any:
        """Copies with other numbers in some places, `array.at[0].set(3.0)`: arrays of JAX, in the precision that it was
        told.

        Raises:
            MissingPackageError: JAX is not installed.
        """
        return required_jax().numpy.asarray(self).at

    def block_until_ready(self) -> Array:
        """Itself: its numbers are there."""
        return self

    def __array_wrap__(self, array: np.ndarray, context: Any = None, return_scalar: bool = False) -> Any:
        # what reduces to one number is a number, as with any array of NumPy, of which 1.26 gives no `return_scalar`
        return array.view(type(self)) if array.ndim else array[()]


ArrayBox.register(Array)
ArrayVSpace.register(Array)


def like_jaxley(value: Any) -> Any:
    """An array of NumPy as an `Array` of the same numbers; what stands for numbers that are followed, as it is."""
    return value.view(Array) if type(value) is np.ndarray else value


def each_like_jaxley(values: dict[str, Any]) -> dict[str, Any]:
    """The same for every array of a dictionary."""
    return {key: like_jaxley(value) for key, value in values.items()}
