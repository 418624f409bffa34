"""Adam (Kingma and Ba 2015, algorithm 1)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from loligo.optimizers.descent import Descent

FIRST, SECOND, LEAST = 0.9, 0.999, 1e-8
"""How slowly the moments forget, and what is added to the root of the second; those of the paper."""


class Adam(Descent):
    """Steps along the mean of past gradients, relative to the root of their mean square, number by number."""

    _own_state = ("mean_gradients", "mean_squares", "steps_since_reset")

    def __init__(
        self, points: np.ndarray, learning_rate: float, normalized: Callable[[np.ndarray], np.ndarray] | None = None
    ) -> None:
        super().__init__(points, learning_rate, normalized)
        self.mean_gradients = np.zeros_like(points)
        self.mean_squares = np.zeros_like(points)
        self.steps_since_reset = np.zeros((len(points), 1))

    def _moves(self, rows: np.ndarray, losses: np.ndarray, gradients: np.ndarray, reset: np.ndarray) -> np.ndarray:
        for memory in (self.mean_gradients, self.mean_squares, self.steps_since_reset):
            memory[rows[reset]] = 0
        self.steps_since_reset[rows] += 1
        self.mean_gradients[rows] = FIRST * self.mean_gradients[rows] + (1 - FIRST) * gradients
        self.mean_squares[rows] = SECOND * self.mean_squares[rows] + (1 - SECOND) * gradients**2
        steps = self.steps_since_reset[rows]
        mean = self.mean_gradients[rows] / (1 - FIRST**steps)
        square = self.mean_squares[rows] / (1 - SECOND**steps)
        return mean / (np.sqrt(square) + LEAST)
