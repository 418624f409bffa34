"""Steps of gates, for channels written in Python; they take numbers of NumPy and of JAX."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def save_exp(x: Any, max_value: float = 20.0) -> Any:
    """e^x, with x cut off at `max_value`."""
    numpy = _numpy_of(x, max_value)
    return numpy.exp(numpy.minimum(x, max_value))


def exponential_euler(x: Any, dt: Any, x_inf: Any, x_tau: Any) -> Any:
    """The exact step of x′ = (x_inf − x)/x_tau."""
    left = save_exp(-dt / x_tau)
    return x * left + x_inf * (1.0 - left)


def solve_inf_gate_exponential(x: Any, dt: Any, s_inf: Any, tau_s: Any) -> Any:
    """As `exponential_euler`."""
    return exponential_euler(x, dt, s_inf, tau_s)


def solve_gate_exponential(x: Any, dt: Any, alpha: Any, beta: Any) -> Any:
    """The exact step of x′ = alpha·(1 − x) − beta·x."""
    tau = 1.0 / (alpha + beta)
    return exponential_euler(x, dt, alpha * tau, tau)


def solve_gate_implicit(gating_state: Any, dt: Any, alpha: Any, beta: Any) -> Any:
    """The step of backward Euler of x′ = alpha·(1 − x) − beta·x."""
    return (gating_state + dt * alpha) / (1.0 + dt * (alpha + beta))


def _numpy_of(*values: Any) -> Any:
    """`jax.numpy` if any of the values is JAX's, else NumPy."""
    if any(type(value).__module__.partition(".")[0] in ("jax", "jaxlib") for value in values):
        return sys.modules["jax"].numpy
    return np
