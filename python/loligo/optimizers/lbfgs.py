"""L-BFGS, through SciPy."""

from collections.abc import Callable
from typing import Any

import numpy as np

from loligo.errors import MissingPackageError


def lbfgs(
    objective: Callable[[np.ndarray], tuple[float, np.ndarray]],
    point: np.ndarray,
    steps: int,
    seen: Callable[[float], None],
) -> np.ndarray:
    """The best point that L-BFGS finds from a point, shape (number,), in so many iterations.

    Args:
        objective: From a point to its loss and its gradient; a loss that is not finite means that there is none.
        seen: What is told the loss after each iteration.

    Raises:
        MissingPackageError: SciPy is not installed.
    """
    try:
        from scipy.optimize import minimize
    except ImportError as error:
        raise MissingPackageError("L-BFGS needs SciPy: pip install scipy, or use optimizer='adam'") from error

    def one(point: np.ndarray) -> tuple[float, np.ndarray]:
        loss, gradient = objective(point)
        return (loss, gradient) if np.isfinite(loss) else (np.inf, np.zeros_like(point))

    def after_iteration(intermediate_result: Any) -> None:
        seen(intermediate_result.fun)

    return minimize(one, point, jac=True, method="L-BFGS-B", callback=after_iteration, options={"maxiter": steps}).x
