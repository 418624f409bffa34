"""Optimisers for numbers without bounds: Adam, and L-BFGS through SciPy."""

from collections.abc import Callable
from typing import Any

import numpy as np

from loligo.errors import MissingPackageError

Objective = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""From points, shape (start, number), to losses, shape (start,), and gradients, shape (start, number); a loss that is
not finite means that there is none."""


class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1), for several starts at once.

    A start that went too far (there is no loss, or more than twice the best) goes back to its best point, and goes on
    with half the learning rate: a spike that appears or goes makes a step in the loss.
    """

    def __init__(self, points: np.ndarray, learning_rate: float) -> None:
        self.points = points.copy()
        self.best_points = points.copy()
        self.best_losses = np.full(len(points), np.inf)
        self._rates = np.full((len(points), 1), learning_rate)
        self._best_gradients = np.zeros_like(points)
        self._mean = np.zeros_like(points)
        self._square = np.zeros_like(points)
        self._steps = np.zeros((len(points), 1))

    @property
    def state(self) -> dict[str, np.ndarray]:
        """All that decides about further steps, by name."""
        return {name: getattr(self, attribute) for name, attribute in _STATE.items()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Goes on from a state."""
        for name, attribute in _STATE.items():
            setattr(self, attribute, state[name].copy())

    def step(self, objective: Objective, first: float = 0.9, second: float = 0.999) -> np.ndarray:
        """Evaluates the present points and moves on; the losses that it found."""
        losses, gradients = objective(self.points)
        usable = np.isfinite(losses) & np.isfinite(gradients).all(axis=1)
        better = usable & (losses < self.best_losses)
        self.best_losses[better] = losses[better]
        self.best_points[better] = self.points[better]
        self._best_gradients[better] = gradients[better]

        too_far = ~usable | (losses > self.best_losses + np.abs(self.best_losses))
        self._rates[too_far] /= 2
        self._mean[too_far] = self._square[too_far] = self._steps[too_far] = 0
        self.points[too_far] = self.best_points[too_far]
        gradients = np.where(too_far[:, None], self._best_gradients, gradients)

        self._steps += 1
        self._mean = first * self._mean + (1 - first) * gradients
        self._square = second * self._square + (1 - second) * gradients**2
        mean = self._mean / (1 - first**self._steps)
        square = self._square / (1 - second**self._steps)
        self.points -= self._rates * mean / (np.sqrt(square) + 1e-8)
        return losses


_STATE = {
    "points": "points",
    "best_points": "best_points",
    "best_losses": "best_losses",
    "best_gradients": "_best_gradients",
    "learning_rates": "_rates",
    "mean_gradients": "_mean",
    "mean_squares": "_square",
    "steps_since_reset": "_steps",
}
"""What a state calls the attributes of `Adam`."""


def lbfgs(objective: Objective, point: np.ndarray, steps: int, seen: Callable[[float], None]) -> np.ndarray:
    """The best point that L-BFGS finds from a point, shape (number,), in so many iterations; `seen` is told the loss
    after each.

    Raises:
        MissingPackageError: SciPy is not installed.
    """
    try:
        from scipy.optimize import minimize
    except ImportError as error:
        raise MissingPackageError("L-BFGS needs SciPy: pip install scipy, or use optimizer='adam'") from error

    def one(point: np.ndarray) -> tuple[float, np.ndarray]:
        losses, gradients = objective(point[None])
        usable = np.isfinite(losses[0])
        return (float(losses[0]), gradients[0]) if usable else (np.inf, np.zeros_like(point))

    def after_iteration(intermediate_result: Any) -> None:
        seen(intermediate_result.fun)

    return minimize(one, point, jac=True, method="L-BFGS-B", callback=after_iteration, options={"maxiter": steps}).x
