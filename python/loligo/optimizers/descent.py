"""What optimisers have in common that take one step after the other from several starts at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np

Objective = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""From points, shape (start, number), and which of the starts these are to losses, shape (start,), and gradients, shape
(start, number); a loss that is not finite means that there is none."""


class Descent(ABC):
    """Steps against a gradient, from several starts at once.

    A start that went too far (there is no loss, or more than twice the best) goes back to its best point, and goes on
    with half the learning rate: a spike that appears or goes makes a step in the loss. A start that is dropped is not
    evaluated any more, and keeps its best point.

    Args:
        points: Where they start, shape (start, number).
        learning_rate: Of all of them at first.
        normalized: What is made of gradients before steps are taken.
    """

    def __init__(
        self, points: np.ndarray, learning_rate: float, normalized: Callable[[np.ndarray], np.ndarray] | None = None
    ) -> None:
        self.points = points.copy()
        self.best_points = points.copy()
        self.best_losses = np.full(len(points), np.inf)
        self.dropped_after = np.zeros(len(points))
        """After how many steps each start was dropped; 0 for those that go on."""
        self.learning_rates = np.full((len(points), 1), learning_rate)
        self.best_gradients = np.zeros_like(points)
        self._normalized = normalized

    @property
    @abstractmethod
    def _own_state(self) -> tuple[str, ...]:
        """The attributes that decide about further steps besides those that all have."""

    @abstractmethod
    def _moves(self, rows: np.ndarray, losses: np.ndarray, gradients: np.ndarray, reset: np.ndarray) -> np.ndarray:
        """How far the starts of these rows move, learning rate aside; of some the memory begins anew. The losses and
        gradients are those at the points that they move from."""

    @property
    def state(self) -> dict[str, np.ndarray]:
        """All that decides about further steps, by name; `dropped_after` is said by who drops."""
        return {name: getattr(self, name) for name in (*_STATE, *self._own_state)}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Goes on from a state."""
        for name, values in state.items():
            setattr(self, name, values.copy())

    def drop(self, keep: int, steps: int) -> None:
        """Goes on with so many of the best starts; the steps are how many were taken until now."""
        rows = self.going_on
        # starts without a loss are the worst, and of equal ones the later
        order = rows[np.argsort(self.best_losses[rows], kind="stable")]
        self.dropped_after[order[keep:]] = steps

    @property
    def going_on(self) -> np.ndarray:
        """The starts that were not dropped."""
        return np.flatnonzero(self.dropped_after == 0)

    def step(self, objective: Objective) -> np.ndarray:
        """Evaluates the present points and moves on; the losses that it found, NaN for starts that are dropped."""
        rows = self.going_on
        points = self.points[rows]
        losses, gradients = objective(points, rows)
        usable = np.isfinite(losses) & np.isfinite(gradients).all(axis=1)
        better = usable & (losses < self.best_losses[rows])
        self.best_losses[rows[better]] = losses[better]
        self.best_points[rows[better]] = points[better]
        self.best_gradients[rows[better]] = gradients[better]

        best = self.best_losses[rows]
        too_far = ~usable | (losses > best + np.abs(best))
        self.learning_rates[rows[too_far]] /= 2
        points = np.where(too_far[:, None], self.best_points[rows], points)
        gradients = np.where(too_far[:, None], self.best_gradients[rows], gradients)
        if self._normalized is not None:
            gradients = self._normalized(gradients)
        # a start that never had a loss has no gradient, and stays
        there = np.where(np.isfinite(best), np.where(too_far, best, losses), 0.0)
        moves = self._moves(rows, there, gradients, too_far)
        self.points[rows] = points - self.learning_rates[rows] * moves
        found = np.full(len(self.points), np.nan)
        found[rows] = losses
        return found


_STATE = ("points", "best_points", "best_losses", "best_gradients", "learning_rates")
