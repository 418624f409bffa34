"""Norms of parameters."""

from typing import Any

from loligo.frameworks import numpy_for


def l2_norm(x: Any) -> Any:
    """The square root of the sum of squares of all numbers in lists and dictionaries."""
    square = _square(x)
    return numpy_for(square).sqrt(square)


def _square(tree: Any) -> Any:
    if hasattr(tree, "keys"):
        return sum(_square(tree[key]) for key in tree.keys())
    if isinstance(tree, list | tuple):
        return sum(_square(item) for item in tree)
    return numpy_for(tree).sum(tree**2)
