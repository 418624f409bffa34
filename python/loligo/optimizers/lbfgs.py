"""L-BFGS, through SciPy."""

from collections.abc import Callable
from typing import Any

import numpy as np

from loligo.errors import MissingPackageError
from loligo.optimizers.descent import Objective


def lbfgs(objective: Objective, point: np.ndarray, start: int, steps: int, seen: Callable[[float], None]) -> np.ndarray:
    """The best point that L-BFGS finds from the point of a start, shape (number,), in so many iterations; `seen` is
    told the loss after each.

    Raises:
        MissingPackageError: SciPy is not installed.
    """
    try:
        from scipy.optimize import minimize
    except ImportError as error:
        raise MissingPackageError("L-BFGS needs SciPy: pip install scipy, or use optimizer='adam'") from error

    def one(point: np.ndarray) -> tuple[float, np.ndarray]:
        losses, gradients = objective(point[None], np.array([start]))
        usable = np.isfinite(losses[0])
        return (float(losses[0]), gradients[0]) if usable else (np.inf, np.zeros_like(point))

    def after_iteration(intermediate_result: Any) -> None:
        seen(intermediate_result.fun)

    return minimize(one, point, jac=True, method="L-BFGS-B", callback=after_iteration, options={"maxiter": steps}).x
