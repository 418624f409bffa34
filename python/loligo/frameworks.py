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


def of_torch(value: Any) -> bool:
    """Whether it is a tensor of PyTorch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def numpy_for(*values: Any) -> ModuleType:
    """The functions of NumPy for these values: those of JAX for arrays of JAX, those that torch has by the same names
    for its tensors, otherwise those that HIPS autograd follows."""
    if any(of_torch(value) for value in values):
        return sys.modules["torch"]
    return sys.modules["jax"].numpy if any(of_jax(value) for value in values) else anp
