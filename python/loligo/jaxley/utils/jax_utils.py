"""Scans that keep little for gradients, and the device of JAX. Both need JAX; `integrate` needs neither."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from loligo.errors import ArgumentError
from loligo.jaxley.required_jax import required_jax


def nested_checkpoint_scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any,
    length: int | None = None,
    *,
    nested_lengths: Sequence[int],
    scan_fn: Callable | None = None,
    checkpoint_fn: Callable | None = None,
) -> tuple[Any, Any]:
    """As `jax.lax.scan`, but in blocks of blocks, of which gradients keep the beginnings and compute the rest anew.

    Args:
        nested_lengths: How many parts there are at each level; their product is the number of steps.
        scan_fn: What scans, `jax.lax.scan` if left out.
        checkpoint_fn: What is put around blocks, `jax.checkpoint` if left out.

    Raises:
        ArgumentError: Lengths that do not fit together.
        MissingPackageError: JAX is not installed.
    """
    jax = required_jax()
    scan = jax.lax.scan if scan_fn is None else scan_fn
    checkpoint = jax.checkpoint if checkpoint_fn is None else checkpoint_fn
    first, *inner = nested_lengths
    steps = math.prod(nested_lengths)
    if length is not None and length != steps:
        raise ArgumentError(f"length is {length}, but nested_lengths {list(nested_lengths)} make {steps}")
    if not inner:
        return scan(f, init, xs, first)

    def block(carry: Any, part: Any) -> tuple[Any, Any]:
        return nested_checkpoint_scan(f, carry, part, nested_lengths=inner, scan_fn=scan, checkpoint_fn=checkpoint)

    blocks = jax.tree_util.tree_map(lambda array: array.reshape(first, steps // first, *array.shape[1:]), xs)
    last, outputs = scan(checkpoint(block), init, blocks, first)
    return last, jax.tree_util.tree_map(lambda array: array.reshape(steps, *array.shape[2:]), outputs)


def infer_device() -> str:
    """What JAX computes on: `"cpu"`, `"gpu"` or `"tpu"`. Loligo computes on the CPU.

    Raises:
        MissingPackageError: JAX is not installed.
    """
    platform = required_jax().devices()[0].platform
    return platform if platform in ("gpu", "tpu") else "cpu"


__all__ = ["infer_device", "nested_checkpoint_scan"]
