"""The cross entropy of what a network read out and what it should have."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from loligo.arguments import as_array
from loligo.errors import ArgumentError
from loligo.frameworks import numpy_for, of_jax, of_torch
from loligo.losses.traces import as_trace
from loligo.parameters import shape_of


def cross_entropy(scores: Any, target: ArrayLike) -> Any:
    """Mean of −Σ p·log softmax(scores), in nats; large scores do not overflow.

    Args:
        scores: One for each class, shape (…, class), such as mean voltages of the neurons of a last layer.
        target: The number of the class, shape (…), or probabilities of all classes, shape (…, class).

    Raises:
        ArgumentError: Another shape, a class that does not exist, or numbers that are no probabilities.

    >>> float(cross_entropy(np.array([[0.0, 0.0], [1e6, 0.0]]), [1, 0]).round(6))
    0.346574
    """
    scores = as_trace(scores, "the scores")
    shape = shape_of(scores)
    if not shape or shape[-1] == 0:
        raise ArgumentError(f"the scores have shape {shape}, expected one for each class along the last axis")
    functions, log = numpy_for(scores), _log_softmax(scores)
    probabilities = _probabilities(as_array(target, "the target", "classes, or probabilities"), shape)
    probabilities = functions.as_tensor(probabilities) if of_torch(scores) else probabilities
    return -functions.mean(functions.sum(probabilities * log, axis=-1))


def _log_softmax(scores: Any) -> Any:
    functions = numpy_for(scores)
    if of_torch(scores):
        return functions.log_softmax(scores, -1)
    if of_jax(scores):
        from jax.nn import log_softmax

        return log_softmax(scores, axis=-1)
    shifted = scores - functions.max(scores, axis=-1, keepdims=True)
    return shifted - functions.log(functions.sum(functions.exp(shifted), axis=-1, keepdims=True))


def _probabilities(target: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The probability of every class."""
    if target.shape == shape and target.dtype.kind in "biuf":
        # as many digits as a softmax in single precision leaves
        if (target < 0).any() or (np.abs(target.sum(axis=-1) - 1) > 1e-5).any():
            raise ArgumentError("the target has the shape of the scores, so it should be probabilities that sum to 1")
        return target.astype(np.float64)
    if target.shape != shape[:-1] or target.dtype.kind not in "iu":
        raise ArgumentError(
            f"the target has shape {target.shape} and is of type {target.dtype}, expected whole numbers of shape "
            f"{shape[:-1]}, or probabilities of shape {shape}"
        )
    if (wrong := target[(target < 0) | (target >= shape[-1])]).size:
        raise ArgumentError(f"there is no class {wrong.flat[0]}: there are {shape[-1]}, from 0 on")
    return (target[..., None] == np.arange(shape[-1])).astype(np.float64)
