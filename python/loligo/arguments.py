"""Arguments: what a name, a path, a number, a list, a function or a module must be, said where it is none."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from loligo.errors import ArgumentError, ArgumentTypeError


def as_name(value: Any, what: str) -> str:
    """A name.

    >>> as_name(3, "the group")
    Traceback (most recent call last):
    loligo.errors.ArgumentTypeError: the group is 3, expected a name
    """
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{what} is {value!r}, expected a name")
    return value


def as_identifier(value: Any, what: str) -> str:
    """A name that can be followed by a dot, as that of a mechanism is by a parameter.

    >>> as_identifier("my.synapse", "the name")
    Traceback (most recent call last):
    loligo.errors.ArgumentError: the name is 'my.synapse', expected letters, digits and underscores, no digit first
    """
    if not re.fullmatch(r"[A-Za-z_]\w*", as_name(value, what), re.ASCII):
        raise ArgumentError(f"{what} is {value!r}, expected letters, digits and underscores, no digit first")
    return str(value)


def as_path(value: Any) -> Path:
    """Where a file or a folder is."""
    if not isinstance(value, str | os.PathLike):
        raise ArgumentTypeError(f"the path is {value!r}, expected a string or a pathlib.Path")
    return Path(value)


def as_float(value: Any, what: str, unit: str = "") -> float:
    """One number, as a float."""
    try:
        if isinstance(value, bool | np.bool_ | str | bytes | list | tuple) or np.ndim(value) != 0:
            raise TypeError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentTypeError(f"{what} is {value!r}, expected a number{unit and f' of {unit}'}") from None


def as_positive(value: Any, what: str, unit: str = "") -> float:
    """One number above 0, and finite, as a float.

    >>> as_positive("long", "dt", "ms")
    Traceback (most recent call last):
    loligo.errors.ArgumentError: dt is 'long', expected a positive number of ms
    """
    try:
        number = as_float(value, what, unit)
    except ArgumentTypeError:
        number = np.nan
    if not 0 < number < np.inf:
        raise ArgumentError(f"{what} is {value!r}, expected a positive number{unit and f' of {unit}'}")
    return number


def as_whole(value: Any, what: str, least: int = 0) -> int:
    """A whole number, such as a count or a seed.

    >>> as_whole(1.5, "steps", 1)
    Traceback (most recent call last):
    loligo.errors.ArgumentError: steps is 1.5, expected a whole number, 1 or more
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ArgumentError(f"{what} is {value!r}, expected a whole number, {least} or more")
    return int(value)


def as_list(values: Any, what: str, of: str) -> list[Any]:
    """A list."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable) or getattr(values, "ndim", 1) == 0:
        raise ArgumentTypeError(f"{what} are {values!r}, expected a list of {of}")
    return list(values)


def as_array(value: Any, what: str, of: str) -> np.ndarray:
    """An array of any type.

    >>> as_array([[1, 2], [3]], "the mask", "booleans")
    Traceback (most recent call last):
    loligo.errors.ArgumentTypeError: the mask is [[1, 2], [3]], expected booleans
    """
    try:
        return np.asarray(value)
    except (ValueError, TypeError):  # lists of different lengths; what JAX traces
        raise ArgumentTypeError(f"{what} is {value!r}, expected {of}") from None


def as_function(value: Any, what: str) -> Callable[..., Any]:
    """Something that can be called."""
    if not callable(value):
        raise ArgumentTypeError(f"{what} is {value!r}, expected a function")
    return value


def checked_view(value: Any, what: str) -> None:
    """Raises an error if a value is neither a module nor a part of one."""
    from loligo.view import View

    if not isinstance(value, View):
        raise ArgumentTypeError(f"{what} is {value!r}, expected a module, such as a lo.Cell, or a part of one")
