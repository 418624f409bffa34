"""Gradients of which a power of the norm is taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from loligo.errors import ArgumentError, did_you_mean

GROUPS = ("whole", "entry")


@dataclass(frozen=True)
class Normalization:
    """Makes g/|g|^β of a gradient g, so that its length matters less, or not (β = 1), or the other way round.

    Args:
        groups: Where the numbers of each group begin behind the first; none if the gradient is normalised as a whole.
        power: β.

    >>> Normalization((1,), 1.0)(np.array([[3.0, 0.0, 5.0]])).tolist()
    [[1.0, 0.0, 1.0]]
    """

    groups: tuple[int, ...]
    power: float

    @classmethod
    def chosen(cls, choice: Any, sizes: Sequence[int]) -> Normalization:
        """That of a choice such as ('entry', 0.8), for trainables of these sizes.

        Raises:
            ArgumentError: It is no such thing.
        """
        if not isinstance(choice, tuple | list) or len(choice) != 2:
            raise ArgumentError(f"normalize is {choice!r}, expected groups and a power, as ('entry', 0.8)")
        by, power = choice
        if by not in GROUPS:
            raise ArgumentError(f"normalize is by {by!r}, expected 'whole' or 'entry'{did_you_mean(str(by), GROUPS)}")
        if isinstance(power, bool) or not isinstance(power, int | float | np.number) or not 0 < power < np.inf:
            raise ArgumentError(f"the power of normalize is {power!r}, expected a positive number")
        ends = np.cumsum(sizes)[:-1] if by == "entry" else ()
        return cls(tuple(int(end) for end in ends), float(power))

    def __call__(self, gradients: np.ndarray) -> np.ndarray:
        """Gradients of shape (start, number)."""
        return np.concatenate([self._of_group(part) for part in np.split(gradients, self.groups, axis=1)], axis=1)

    def _of_group(self, gradients: np.ndarray) -> np.ndarray:
        norms = np.linalg.norm(gradients, axis=1, keepdims=True)
        return gradients / np.where(norms > 0, norms, 1.0) ** self.power
