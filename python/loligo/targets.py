"""Targets: which rows of a quantity share a trainable number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Targets:
    """For each trainable number the compartments that share it, or the synapses by their numbers; there may be millions
    of numbers."""

    rows: np.ndarray
    """Those of one number after those of another."""
    ends: np.ndarray
    """Where those of each number end."""

    @classmethod
    def of(cls, each: Sequence[Sequence[int] | np.ndarray]) -> Targets:
        """The targets with these rows for each number."""
        rows = (
            np.concatenate([np.asarray(own, dtype=np.uintp) for own in each]) if each else np.empty(0, dtype=np.uintp)
        )
        return cls(rows, np.cumsum([len(own) for own in each], dtype=np.uintp))

    @property
    def sizes(self) -> np.ndarray:
        """How many rows share each number."""
        return np.diff(self.ends.astype(np.intp), prepend=0)

    @property
    def numbers(self) -> np.ndarray:
        """For each row which number is its."""
        return np.repeat(np.arange(len(self)), self.sizes)

    def __len__(self) -> int:
        return self.ends.size

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter(np.split(self.rows, self.ends[:-1].astype(np.intp)) if len(self) else [])

    def lists(self) -> list[list[int]]:
        """The rows of each number."""
        return [own.tolist() for own in self]
