"""Trees: which branch starts at the end of which, and what is next to what, with Jaxley's numbers for branch points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from loligo._engine import Model

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Tree:
    """The branches of a model."""

    parents: np.ndarray
    """The parent of each branch, −1 for roots."""
    owners: np.ndarray
    """The cell of each branch."""
    counts: np.ndarray
    """How many compartments each branch has."""

    @classmethod
    def of(cls, model: Model) -> Tree:
        """The branches of this model."""
        rows = model.branches()
        return cls(
            np.array([-1 if parent is None else parent[0] for _, parent, *_ in rows], dtype=int),
            np.array([cell for _, _, cell, *_ in rows], dtype=int),
            np.array([last - first for _, _, _, (first, last), *_ in rows], dtype=int),
        )

    @property
    def firsts(self) -> np.ndarray:
        """The first compartment of each branch."""
        return np.cumsum(self.counts) - self.counts

    @property
    def pairs(self) -> np.ndarray:
        """Branches and their children, by the number of the child, shape (pair, 2)."""
        children = np.flatnonzero(self.parents >= 0)
        return np.stack([self.parents[children], children], axis=1)

    @property
    def forks(self) -> np.ndarray:
        """The branches that have children, at whose ends there are branch points."""
        return np.unique(self.parents[self.parents >= 0])

    @property
    def labels(self) -> np.ndarray:
        """For each compartment its label in tables: those of a cell are followed by its branch points."""
        points = np.bincount(self.owners[self.forks], minlength=self.owners.max() + 1)
        before = np.cumsum(points) - points
        return np.arange(self.counts.sum()) + np.repeat(before[self.owners], self.counts)

    @property
    def fork_labels(self) -> np.ndarray:
        """The labels of the branch points."""
        compartments = np.bincount(self.owners, self.counts).astype(int)
        return np.arange(self.forks.size) + np.cumsum(compartments)[self.owners[self.forks]]

    def neighbours(self) -> pd.DataFrame:
        """A row for each pair of neighbours, both ways (`source`, `sink`: labels), cell by cell: `ordered` is 1 away
        from the root, and `type` 0 within a branch, 1 from a branch point to the parent, 2 to a child, 3 and 4
        back."""
        import pandas as pd

        label, firsts, forks = self.labels, self.firsts, self.forks
        point = np.full(self.parents.size, -1)
        point[forks] = self.fork_labels
        children = self.pairs[:, 1]
        parts = []
        for cell in range(self.owners.max() + 1):
            for branch in np.flatnonzero(self.owners == cell).tolist():
                inside = label[firsts[branch] : firsts[branch] + self.counts[branch]]
                parts += [_rows(inside[:-1], inside[1:], 1, 0), _rows(inside[1:], inside[:-1], 0, 0)]
            above, below = forks[self.owners[forks] == cell], children[self.owners[children] == cell]
            last, first = label[firsts[above] + self.counts[above] - 1], label[firsts[below]]
            ends, starts = point[above], point[self.parents[below]]
            parts += [_rows(ends, last, 0, 1), _rows(starts, first, 1, 2)]
            parts += [_rows(last, ends, 1, 3), _rows(first, starts, 0, 4)]
        return pd.DataFrame(np.concatenate(parts), columns=["source", "sink", "ordered", "type"])


def _rows(source: np.ndarray, sink: np.ndarray, ordered: int, kind: int) -> np.ndarray:
    return np.stack([source, sink, np.full_like(source, ordered), np.full_like(source, kind)], axis=1)
