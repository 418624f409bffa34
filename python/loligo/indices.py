"""Indices: which cells, branches, compartments or locations a selector means."""

from collections.abc import Iterable

import numpy as np

from loligo.arguments import as_array
from loligo.errors import ArgumentTypeError, SelectionError

Index = int | slice | range | list[int] | np.ndarray | str
"""One number (negative ones count from the end), a slice, a range, a list, an array of numbers or of booleans, or
`"all"`."""

Locations = float | Iterable[float] | str
"""One location from 0 to 1 along a branch, several, or `"all"`."""


def resolved(index: Index, available: int, level: str) -> list[int] | None:
    """The numbers that an index means among `available` things; None for all.

    Raises:
        SelectionError: Nothing, a number that does not exist, or booleans of another length.
        ArgumentTypeError: Something that is no index.
    """
    if isinstance(index, str):
        if index == "all":
            return None
        raise ArgumentTypeError(f"the {level} index is {index!r}, expected a number, a slice, a list or 'all'")
    if isinstance(index, slice):
        chosen = list(range(*index.indices(available)))
        if not chosen:
            raise SelectionError(f"the {level} index {index} selects none of {available}")
        return chosen
    array = as_array(index, f"the {level} index", "a number, a slice, a list or 'all'")
    if array.dtype == bool:
        if array.shape != (available,):
            raise SelectionError(f"the {level} index has {array.size} booleans where {available} are expected")
        return np.flatnonzero(array).tolist()
    if array.size and array.dtype.kind not in "iu":
        raise ArgumentTypeError(f"the {level} index is {index!r}, expected a number, a slice, a list or 'all'")
    numbers = array.ravel().astype(int)
    if (missing := numbers[numbers < -available]).size:
        raise SelectionError(f"there is no {level} {missing[0]}: there are {available}")
    return np.where(numbers < 0, numbers + available, numbers).tolist()
