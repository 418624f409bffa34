"""Which framework an array is of. Frameworks are never imported for that: who has an array of one has imported it."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import autograd.numpy as anp


def of_jax(value: Any) -> bool:
    """Whether it is an array of JAX, or what stands for one while JAX traces a function."""
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.Array)


def numpy_for(*values: Any) -> ModuleType:
    """The functions of NumPy for these values: those of JAX for arrays of JAX, otherwise those that HIPS autograd
    follows."""
    return sys.modules["jax"].numpy if any(of_jax(value) for value in values) else anp
