"""The mean squared error of traces, of all of their samples or of those that a mask names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from loligo.arguments import as_array
from loligo.errors import ArgumentError
from loligo.frameworks import numpy_for, of_jax, of_torch
from loligo.losses.traces import as_trace
from loligo.parameters import shape_of, value_of
from loligo.run import Run


def mean_squared_error(run: Any, target: Any, *, mask: ArrayLike | None = None) -> Any:
    """Mean of the squared difference of voltages, mV².

    Args:
        run: A run, or an array.
        target: An array of the same shape. NaN stands for a sample that is not known, which must be left out by the
            mask: `mask=np.isfinite(target)`.
        mask: Which samples are compared, booleans of a shape that broadcasts to that of the target; all if left out.

    Raises:
        ArgumentError: Shapes that do not fit, a mask that leaves nothing, or a target that is NaN where it is compared.

    >>> target = np.array([[-65.0, np.nan, -63.0]])
    >>> float(mean_squared_error(np.array([[-65.0, 20.0, -61.0]]), target, mask=np.isfinite(target)))
    2.0
    """
    voltage = run.v if isinstance(run, Run) else as_trace(run, "the run")
    target = as_trace(target, "the target")
    expected, found = shape_of(target), shape_of(voltage)
    if expected != found:
        raise ArgumentError(f"the target has shape {expected}, but the recordings have {found}")
    compared = np.ones(expected, dtype=bool) if mask is None else _checked(mask, expected)
    # the numbers of what JAX traces cannot be looked at
    if not of_jax(target) and (unknown := compared & np.isnan(value_of(target))).any():
        place = [int(index) for index in np.argwhere(unknown)[0]]
        raise ArgumentError(
            f"the target is NaN at {place}; to leave unknown samples out, say so: mask=np.isfinite(target)"
        )
    functions = numpy_for(voltage)
    target = functions.as_tensor(target) if of_torch(voltage) else target
    if mask is None:
        return functions.mean((voltage - target) ** 2)
    known = functions.as_tensor(compared) if of_torch(voltage) else compared
    # not a product with the mask: 0·NaN is NaN
    difference = functions.where(known, voltage - target, functions.zeros_like(voltage))
    return functions.sum(difference**2) / int(compared.sum())


def _checked(mask: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    booleans = as_array(mask, "the mask", "booleans")
    if booleans.dtype != bool:
        raise ArgumentError(f"the mask is of type {booleans.dtype}, expected booleans, as from np.isfinite(target)")
    try:
        booleans = np.broadcast_to(booleans, shape).copy()  # torch takes none that cannot be written to
    except ValueError:
        raise ArgumentError(f"the mask has shape {booleans.shape}, expected that of the target, {shape}") from None
    if not booleans.any():
        raise ArgumentError("the mask leaves out every sample")
    return booleans
