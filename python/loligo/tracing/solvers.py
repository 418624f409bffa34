"""Implicit solvers that channels bring along: their step is left to the engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

IMPLICIT = ("newton", "diffrax_implicit")
"""Solvers of jaxley-mech that take a step of backward Euler."""


@contextmanager
def steps_by_the_engine(mechanism: Any) -> Iterator[None]:
    """Within it a mechanism that was built on jaxley-mech's `SolverExtension` hands its `derivatives` to the engine, if
    its solver is an implicit one; explicit ones are traced as they are."""
    if getattr(mechanism, "solver_name", None) not in IMPLICIT:
        yield
        return
    from loligo.tracing.jaxpr import implicit_step

    solver = mechanism.solver_func
    mechanism.solver_func = implicit_step
    try:
        yield
    finally:
        mechanism.solver_func = solver
