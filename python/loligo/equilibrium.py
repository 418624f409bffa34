"""Resting states: what a model comes to if nothing happens, found by large implicit steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from autograd.core import defjvp_argnums, defvjp_argnums
from autograd.extend import primitive

from loligo.errors import ArgumentError, ArgumentTypeError, ConvergenceError
from loligo.frameworks import of_jax, of_torch
from loligo.modules import Module
from loligo.parameters import Batch, Parameters, Setting, is_traced, value_of
from loligo.preparing import prepare
from loligo.simulation import Simulation
from loligo.state import State

STEPS = 16
"""How many steps are made between two looks at how much changed."""

FIRST, LARGEST = 0.1, 1e4
"""The time steps that the search begins with, and that it grows to at most, ms."""


def equilibrate(
    module: Module,
    values: Parameters | Batch | None = None,
    *,
    v_init: Any = None,
    param_state: Sequence[Setting] | None = None,
    tolerance: float = 1e-9,
    scheme: str = "backward_euler",
    convention: str = "native",
    spike_times: str = "grid",
    threads: int | None = None,
) -> State:
    """The state in which nothing changes any more, without stimuli, to start other runs from.

    Implicit steps grow until they span seconds, so that what is slow arrives, too. Derivatives are those of the state
    as a function of the numbers, by the implicit function theorem: they do not go through the steps. First ones can be
    taken, with `lo.grad`, `lo.jvp` and `jax.grad`. From several resting states the one that is found is that to which a
    run from `v_init` goes.

    Args:
        module: A module, whose stimuli, and what is played, are left out; clamps stay.
        values: Numbers for the trainables, as for `simulate`, with `batch` or without.
        v_init: Voltage at which the search begins, mV.
        param_state: Numbers from `data_set`.
        tolerance: How much a number may still change over a search step of seconds, relative to its size (or to 1).
        scheme, convention, spike_times: As for the runs that start from it.

    Raises:
        ConvergenceError: There is no rest: the model fires by itself, or has no stable state.
        RunError: Connections deliver events: states of such networks cannot be kept yet.

    >>> import loligo as lo
    >>> soma = lo.Compartment(length=20, radius=10)
    >>> soma.insert(lo.mechanism("hh"))
    >>> soma.celsius = 6.3
    >>> soma.record()
    >>> rest = lo.equilibrate(soma)
    >>> rest["v"].round(3).tolist()
    [-64.974]
    >>> run = lo.simulate(soma, t_max=50, start=rest)
    >>> bool(np.ptp(run.v) < 1e-6)
    True
    """
    if not isinstance(tolerance, int | float | np.number) or not 0 < tolerance < 1:
        raise ArgumentError(f"tolerance is {tolerance!r}, expected a number between 0 and 1")
    resting = _resting(module)
    options: dict[str, Any] = {
        "param_state": param_state,
        "scheme": scheme,
        "convention": convention,
        "spike_times": spike_times,
        "threads": threads,
        "keep_state": True,
    }
    # a state to begin with: that at t = 0, and a step; the model's own where JAX traces numbers that are not known yet
    first, arrays = prepare(resting, values, v_init=v_init, t_max=FIRST, dt=FIRST, **options)
    if any(of_jax(array) for array in arrays):
        own, _ = prepare(resting, t_max=FIRST, dt=FIRST, **options | {"param_state": None})
        begun = _end(own, own.recorded([]))
        begun = begun if first.lanes is None else np.repeat(begun[None], first.lanes, axis=0)
    else:
        begun = _end(first, first.recorded([np.asarray(value_of(array), dtype=np.float64) for array in arrays]))
    start = State(begun, first.layout)
    search, arrays = prepare(resting, values, start=start, t_max=STEPS * FIRST, dt=FIRST, **options)
    at = next(index for index, own in enumerate(search.assignments) if own.name == "start")
    equilibrium = Equilibrium(search, at, float(tolerance))
    others = [array for index, array in enumerate(arrays) if index != at]
    return State(equilibrium.found(begun, others), search.layout)


class Equilibrium:
    """The search for the state that steps leave as it is, with everything decided but the numbers of the model."""

    def __init__(self, simulation: Simulation, at: int, tolerance: float) -> None:
        self.simulation = simulation
        self.at = at
        """Which of the arrays of the simulation is the state that it starts from."""
        self.tolerance = tolerance

    def found(self, begun: np.ndarray, others: list[Any]) -> Any:
        """The resting state, as a function of the other arrays."""
        if any(of_torch(array) for array in others):
            raise ArgumentError("equilibrate takes arrays of NumPy or JAX, and no tensors yet: use value.numpy()")
        if any(of_jax(array) for array in others):
            from loligo.jax import at_rest

            return at_rest(self, begun, others)
        if any(is_traced(array) for array in others):
            return _at_rest(self, begun, *others)
        return self.searched(begun, others)

    def arrays(self, state: Any, others: Sequence[Any]) -> list[Any]:
        """The arrays of the simulation."""
        return [*others[: self.at], state, *others[self.at :]]

    def searched(self, begun: np.ndarray, others: Sequence[np.ndarray]) -> np.ndarray:
        """The resting state for these numbers; leaves the time step with which it was found."""
        simulation = self.simulation
        state, step, before = begun, FIRST, math.inf
        for _ in range(2000):
            simulation.dt = step
            after = _end(simulation, simulation.recorded(self.arrays(state, others)))
            change = self.change(state, after)
            if not np.isfinite(change) or change > max(2 * before, self.tolerance):
                step, before = step / 4, math.inf
                if step < FIRST / 1e3:
                    break
                if np.isfinite(change):
                    state = after
                continue
            state = after
            if change <= self.tolerance and step >= LARGEST / 10:
                return state
            before = change
            step = min(2 * step, LARGEST)
        raise ConvergenceError(
            f"no resting state was found: over steps of {step:.3g} ms numbers still change by {before:.2g} of their "
            "size; does the model fire by itself?"
        )

    @staticmethod
    def change(before: Any, after: Any) -> Any:
        """By how much numbers change, relative to their size or to 1."""
        return (abs(after - before) / (1.0 + abs(before))).max()

    def pulled_back(self, state: np.ndarray, others: Sequence[np.ndarray], cotangent: np.ndarray) -> list[np.ndarray]:
        """The gradient with respect to the other arrays: with F the steps and x = F(x, p), that of p is ∂F/∂pᵀ·λ, where
        λ = x̄ + ∂F/∂xᵀ·λ."""
        simulation = self.simulation
        simulation.differentiated = tuple(True for _ in range(len(others) + 1))
        recorded = simulation.recorded(self.arrays(state, others))
        nothing = np.zeros((*recorded.shape[:-1], recorded.shape[-1] - state.shape[-1]))
        summed = cotangent
        for _ in range(2000):
            pulled = simulation.pull_back(np.concatenate([nothing, summed], axis=-1))
            further = cotangent + pulled[self.at]
            if self.change(summed, further) <= self.tolerance:
                break
            summed = further
        else:
            raise ConvergenceError("the derivatives of the resting state did not settle: it is hardly stable")
        return [gradient for index, gradient in enumerate(pulled) if index != self.at and gradient is not None]

    def pushed_forward(self, state: np.ndarray, others: Sequence[np.ndarray], along: Sequence[np.ndarray]) -> Any:
        """How the resting state moves as the other arrays move along a direction: ẋ = ∂F/∂x·ẋ + ∂F/∂p·ṗ."""
        simulation = self.simulation
        simulation.differentiated = tuple(True for _ in range(len(others) + 1))
        moved = np.zeros_like(state)
        for _ in range(2000):
            _, tangents = simulation.push_forward(self.arrays(state, others), self.arrays(moved, along))
            further = _end(simulation, tangents)
            if self.change(moved, further) <= self.tolerance:
                return further
            moved = further
        raise ConvergenceError("the derivatives of the resting state did not settle: it is hardly stable")


def _end(simulation: Simulation, recorded: np.ndarray) -> np.ndarray:
    return recorded[..., recorded.shape[-1] - simulation.layout.places.size :]


def _resting(module: Module) -> Module:
    """The module without stimuli and recordings."""
    if not isinstance(module, Module):
        raise ArgumentError(f"equilibrate was given {module!r}, expected a whole module")
    resting = module._silent()
    module._keep_programs_of(resting, "resting")
    return resting


@primitive
def _at_rest(equilibrium: Equilibrium, begun: np.ndarray, *others: np.ndarray) -> np.ndarray:
    return equilibrium.searched(begun, others)


def _vjp_at_rest(
    positions: tuple[int, ...], found: Any, arguments: tuple[Any, ...], named: dict[str, Any]
) -> Callable[[Any], tuple[Any, ...]]:
    equilibrium, _, *others = arguments

    def vjp(cotangent: Any) -> tuple[Any, ...]:
        if any(is_traced(array) for array in (cotangent, *others)):
            raise ArgumentTypeError("derivatives of a resting state are available up to the first")
        gradients = equilibrium.pulled_back(found, others, np.asarray(cotangent))
        return tuple(gradients[position - 2] for position in positions)

    return vjp


def _jvp_at_rest(
    positions: tuple[int, ...], tangents: list[Any], found: Any, arguments: tuple[Any, ...], named: dict[str, Any]
) -> Any:
    equilibrium, _, *others = arguments
    along = [np.zeros_like(array) for array in others]
    for position, tangent in zip(positions, tangents):
        along[position - 2] = np.asarray(tangent)
    return equilibrium.pushed_forward(found, others, along)


defvjp_argnums(_at_rest, _vjp_at_rest)
defjvp_argnums(_at_rest, _jvp_at_rest)
