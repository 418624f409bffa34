"""Traces as losses take them: arrays of the framework that they are of, made of what users write."""

from typing import Any

from loligo.frameworks import of_torch
from loligo.parameters import as_array


def as_trace(value: Any, what: str) -> Any:
    """An array of NumPy, or one of JAX or PyTorch, or one that is followed, as it is.

    Raises:
        ArgumentTypeError: Something that is not made of numbers.

    >>> as_trace([1, 2], "the target")
    array([1., 2.])
    """
    return value if of_torch(value) else as_array(value, what)
