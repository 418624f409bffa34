"""Sums, tables and words, and marks of what is going to be removed."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from loligo.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd


def cumsum_leading_zero(array: ArrayLike) -> np.ndarray:
    """Sums of all numbers before each, and of all, shape (number + 1,).

    >>> cumsum_leading_zero([2, 4, 3]).tolist()
    [0, 2, 6, 9]
    """
    numbers = np.asarray(array)
    return np.concatenate([[0], np.cumsum(numbers)]).astype(numbers.dtype)


def concat_and_ignore_empty(dfs: Sequence[pd.DataFrame], **kwargs: Any) -> pd.DataFrame:
    """Tables that have rows, one below the other; the keywords are those of `pandas.concat`."""
    import pandas as pd

    return pd.concat([frame for frame in dfs if len(frame)], **kwargs)


def is_str_all(arg: Any, force: bool = True) -> bool:
    """Whether an index is the word `"all"`.

    Args:
        force: Whether to refuse other words.

    Raises:
        ArgumentError: It is another word.
    """
    if not isinstance(arg, str):
        return False
    if force and arg != "all":
        raise ArgumentError(f"the index is {arg!r}, expected numbers or 'all'")
    return arg == "all"


class deprecated:
    """Marks a function that is going to be removed: calling it warns."""

    def __init__(self, version: str, amend_msg: str = "") -> None:
        self._version = version
        self._amend_msg = amend_msg

    def __call__(self, func: Callable) -> Callable:
        """The function that warns."""

        @functools.wraps(func)
        def warning(*args: Any, **kwargs: Any) -> Any:
            text = f"{func.__name__} is deprecated and will be removed in version {self._version}."
            warnings.warn(text + self._amend_msg, stacklevel=2)
            return func(*args, **kwargs)

        return warning


class deprecated_kwargs:
    """Marks keywords of a function that are going to be removed: giving one that is not None warns."""

    def __init__(self, version: str, kwargs: Sequence[str] = (), amend_msg: str = "") -> None:
        self._version = version
        self._kwargs = list(kwargs)
        self._amend_msg = amend_msg

    def __call__(self, func: Callable) -> Callable:
        """The function that warns."""

        @functools.wraps(func)
        def warning(*args: Any, **kwargs: Any) -> Any:
            for name in self._kwargs:
                if kwargs.get(name) is not None:
                    text = f"{name} is deprecated and will be removed in version {self._version}."
                    warnings.warn(text + self._amend_msg, stacklevel=2)
            return func(*args, **kwargs)

        return warning


__all__ = ["concat_and_ignore_empty", "cumsum_leading_zero", "deprecated", "deprecated_kwargs", "is_str_all"]
