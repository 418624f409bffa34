"""Soft dynamic time warping: how unlike two traces are whose times may be stretched against each other.

The recursion of Cuturi and Blondel (2017, algorithm 1): with costs δ(i, j) of matching sample i of one trace and sample
j of the other,

    r(i, j) = δ(i, j) + softmin(r(i−1, j), r(i, j−1), r(i−1, j−1)),    softmin(a) = −γ log Σ exp(−a/γ),

and the value is r at the last samples. Its derivative with respect to δ(i, j) is how much of all alignments goes
through (i, j), which a second recursion finds from the last samples backwards (algorithm 2). Cells of an antidiagonal
i + j = k do not depend on each other, so both go by antidiagonals; a *row* below is one of those, as a function of i.
"""

from __future__ import annotations

import functools
import sys
from types import ModuleType
from typing import Any

import numpy as np
from autograd.extend import defjvp, defvjp, primitive

from loligo.arguments import as_positive
from loligo.errors import ArgumentError
from loligo.frameworks import numpy_for, of_jax, of_torch
from loligo.losses.traces import as_trace
from loligo.parameters import shape_of


def soft_dtw(trace: Any, target: Any, *, gamma: float = 1.0) -> Any:
    """Soft dynamic time warping of two traces, the cost of a match being the squared distance of the samples.

    Time and memory are those of all pairs of samples, so thin long traces first (`record_every`). It is below 0 for
    traces that are alike, and not stationary for those that are equal; `soft_dtw_divergence` is.

    Args:
        trace: Shape (time,), or (recording, time) such as `run.v`: then samples are vectors.
        target: The same, possibly of another duration.
        gamma: How soft the minimum over all alignments is, in the unit of the cost (mV²); with less it is nearer to
            dynamic time warping, and less smooth.

    Raises:
        ArgumentError: Shapes that do not fit, or a γ that is not positive.

    >>> late, early = np.array([0.0, 0.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.0, 0.0])
    >>> abs(float(soft_dtw(late, early, gamma=1e-3))) < 0.01  # but for a shift they are equal
    True
    """
    return soft_dtw_of_costs(_squared_distances(trace, target), gamma=gamma)


def soft_dtw_divergence(trace: Any, target: Any, *, gamma: float = 1.0) -> Any:
    """soft_dtw(x, y) − ½·soft_dtw(x, x) − ½·soft_dtw(y, y), which is 0 for equal traces, and stationary there (Blondel,
    Mensch and Vert 2021). See `soft_dtw`.

    >>> trace = np.array([0.0, 1.0, 0.0])
    >>> abs(float(soft_dtw_divergence(trace, trace))) < 1e-12
    True
    """
    of_each = soft_dtw(trace, trace, gamma=gamma) + soft_dtw(target, target, gamma=gamma)
    return soft_dtw(trace, target, gamma=gamma) - 0.5 * of_each


def soft_dtw_of_costs(costs: Any, *, gamma: float = 1.0) -> Any:
    """Soft dynamic time warping for costs of one's own, shape (sample of one trace, sample of the other), such as
    absolute differences, or with a penalty for matches that are far apart in time.

    First derivatives are available, with autograd, JAX and torch; forward mode with autograd alone.

    Raises:
        ArgumentError: No matrix, or a γ that is not positive.

    >>> trace, target = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0])
    >>> apart = np.abs(np.arange(3)[:, None] - np.arange(3)) / 3
    >>> costs = np.abs(trace[:, None] - target)
    >>> bool(soft_dtw_of_costs(costs + apart) > soft_dtw_of_costs(costs))
    True
    """
    costs = as_trace(costs, "the costs")
    shape = shape_of(costs)
    if len(shape) != 2 or 0 in shape:
        raise ArgumentError(f"the costs have shape {shape}, expected (sample of one trace, sample of the other)")
    gamma = as_positive(gamma, "gamma")
    if of_torch(costs):
        return _for_torch().apply(costs, gamma)
    return _for_jax()(gamma, costs) if of_jax(costs) else _value(costs, gamma)


def _squared_distances(trace: Any, target: Any) -> Any:
    trace, target = as_trace(trace, "a trace"), as_trace(target, "the target")
    shapes = shape_of(trace), shape_of(target)
    for shape in shapes:
        if len(shape) not in (1, 2) or 0 in shape:
            raise ArgumentError(f"a trace has shape {shape}, expected (time,) or (recording, time), with samples")
    if shapes[0][:-1] != shapes[1][:-1]:
        raise ArgumentError(f"the traces have shapes {shapes[0]} and {shapes[1]}, expected as many recordings in both")
    functions = numpy_for(trace, target)
    if of_torch(trace) or of_torch(target):
        trace, target = functions.as_tensor(trace), functions.as_tensor(target)
    squares = (trace[..., :, None] - target[..., None, :]) ** 2
    return squares if len(shapes[0]) == 1 else functions.sum(squares, axis=0)


# the recursions, one row at a time; a row of r has an entry for i = −1 in front, one of its derivative has one for the
# last i + 1 behind


def _softmins(functions: ModuleType, before: Any, two_before: Any, gamma: float) -> Any:
    """softmin(…) of a row, from the two rows of r before it."""
    pairs = functions.logaddexp(before[:-1] / -gamma, before[1:] / -gamma)
    return -gamma * functions.logaddexp(pairs, two_before[:-1] / -gamma)


def _shares(functions: ModuleType, row: Any, after: tuple[Any, Any], two_after: tuple[Any, Any], gamma: float) -> Any:
    """How much of all alignments goes through the cells of a row of r, from that and the softmins of the two rows
    behind it."""
    (share, softmin), (share_of_both, softmin_of_both) = after, two_after
    along_one = share[1:] * functions.exp((softmin[1:] - row) / gamma)
    along_other = share[:-1] * functions.exp((softmin[:-1] - row) / gamma)
    return along_one + along_other + share_of_both[1:] * functions.exp((softmin_of_both[1:] - row) / gamma)


def _by_row(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For antidiagonal k and row i of a matrix: i, the column k − i, or the nearest there is, and whether it exists."""
    i, column = np.broadcast_arrays(np.arange(rows), np.arange(rows + columns - 1)[:, None] - np.arange(rows))
    return i, np.clip(column, 0, columns - 1), (column >= 0) & (column < columns)


def _rows_of(costs: np.ndarray, gamma: float) -> tuple[np.ndarray, np.ndarray]:
    """r and the softmins by antidiagonal; where there is no column they are ∞ and −∞."""
    i, column, exists = _by_row(*costs.shape)
    skewed = np.where(exists, costs[i, column], np.inf)
    r, softmins = np.full((len(skewed), costs.shape[0]), np.inf), np.full((len(skewed), costs.shape[0]), -np.inf)
    two_before, before = np.full((2, costs.shape[0] + 1), np.inf)
    two_before[0] = 0.0
    for k, (costs_of_row, exist) in enumerate(zip(skewed, exists)):
        softmins[k, exist] = _softmins(np, before, two_before, gamma)[exist]
        r[k, exist] = costs_of_row[exist] + softmins[k, exist]
        two_before, before = before, np.concatenate([[np.inf], r[k]])
    return r, softmins


@primitive
def _value(costs: np.ndarray, gamma: float) -> np.ndarray:
    return _rows_of(costs, gamma)[0][-1, -1]


@primitive
def _alignment(costs: np.ndarray, gamma: float) -> np.ndarray:
    """The derivative of the value with respect to each cost."""
    r, softmins = _rows_of(costs, gamma)
    i, column, exists = _by_row(*costs.shape)
    shares = np.zeros_like(r)
    shares[-1, -1] = 1.0
    nothing = (np.zeros(costs.shape[0] + 1), np.full(costs.shape[0] + 1, -np.inf))
    two_after, after = nothing, (np.append(shares[-1], 0.0), np.append(softmins[-1], -np.inf))
    for k in range(len(r) - 2, -1, -1):
        shares[k] = _shares(np, r[k], after, two_after, gamma)
        two_after, after = after, (np.append(shares[k], 0.0), np.append(softmins[k], -np.inf))
    found = np.empty_like(costs)
    found[i[exists], column[exists]] = shares[exists]
    return found


defvjp(_value, lambda ans, costs, gamma: lambda cotangent: cotangent * _alignment(costs, gamma), None)
defjvp(_value, lambda tangent, ans, costs, gamma: np.sum(tangent * _alignment(costs, gamma)), None)


@functools.cache
def _for_jax() -> Any:
    """The same for arrays of JAX, compiled as a loop over antidiagonals."""
    import jax
    import jax.numpy as jnp

    def rows_of(gamma: float, costs: Any) -> tuple[Any, Any]:
        i, column, exists = _by_row(*costs.shape)
        nothing = jnp.full(costs.shape[0] + 1, jnp.inf, costs.dtype)

        def row(carry: tuple[Any, Any], at: tuple[Any, Any]) -> tuple[Any, Any]:
            before, two_before = carry
            costs_of_row, exist = at
            softmin = jnp.where(exist, _softmins(jnp, before, two_before, gamma), -jnp.inf)
            r = jnp.where(exist, costs_of_row + softmin, jnp.inf)
            return (jnp.concatenate([nothing[:1], r]), before), (r, softmin)

        first = (nothing, nothing.at[0].set(0.0))
        return jax.lax.scan(row, first, (costs[i, column], jnp.asarray(exists)))[1]

    @functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
    def value(gamma: float, costs: Any) -> Any:
        return rows_of(gamma, costs)[0][-1, -1]

    def forward(gamma: float, costs: Any) -> tuple[Any, tuple[Any, Any, Any]]:
        rows = rows_of(gamma, costs)
        return rows[0][-1, -1], (*rows, costs)

    def backward(gamma: float, kept: tuple[Any, Any, Any], cotangent: Any) -> tuple[Any]:
        r, softmins, costs = kept
        zero, lowest = jnp.zeros(1, costs.dtype), jnp.full(1, -jnp.inf, costs.dtype)

        def row(carry: tuple[Any, Any], at: tuple[Any, Any]) -> tuple[Any, Any]:
            after, two_after = carry
            r_of_row, softmin = at
            share = _shares(jnp, r_of_row, after, two_after, gamma)
            return ((jnp.concatenate([share, zero]), jnp.concatenate([softmin, lowest])), after), share

        last = jnp.zeros(costs.shape[0] + 1, costs.dtype).at[-2].set(1.0)
        nothing = (jnp.zeros_like(last), jnp.full_like(last, -jnp.inf))
        first = ((last, jnp.concatenate([softmins[-1], lowest])), nothing)
        shares = jax.lax.scan(row, first, (r[:-1], softmins[:-1]), reverse=True)[1]
        shares = jnp.concatenate([shares, last[None, :-1]])
        rows, columns = np.indices(costs.shape)
        return (cotangent * shares[rows + columns, rows],)

    value.defvjp(forward, backward)
    return value


@functools.cache
def _for_torch() -> Any:
    """The same for tensors of PyTorch on the processor."""
    torch: Any = sys.modules["torch"]

    class SoftDTW(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, costs: Any, gamma: float) -> Any:
            context.save_for_backward(costs)
            context.gamma = gamma
            return torch.as_tensor(_value(costs.numpy(force=True), gamma), dtype=costs.dtype)

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(context: Any, cotangent: Any) -> tuple[Any, None]:
            (costs,) = context.saved_tensors
            return cotangent * torch.as_tensor(_alignment(costs.numpy(force=True), context.gamma)), None

    return SoftDTW
