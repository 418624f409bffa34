"""Which framework an array is of. Frameworks are never imported for that: who has an array of one has imported it."""

from __future__ import annotations

import sys
from typing import Any


def of_jax(value: Any) -> bool:
    """Whether it is an array of JAX, or what stands for one while JAX traces a function."""
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.Array)
