"""Norms of parameters."""

from typing import Any

import autograd.numpy as np


def l2_norm(pytree: Any) -> Any:
    """The square root of the sum of squares of all numbers in lists and dictionaries."""
    return np.sqrt(_square(pytree))


def _square(tree: Any) -> Any:
    if hasattr(tree, "keys"):
        return sum(_square(tree[key]) for key in tree.keys())
    if isinstance(tree, list | tuple):
        return sum(_square(item) for item in tree)
    return np.sum(tree**2)
