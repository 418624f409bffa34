"""States of a module as one vector, for solvers and filters that want nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo.frameworks import numpy_for
from loligo.jaxley import states as dictionaries
from loligo.jaxley.array import like_jaxley

if TYPE_CHECKING:
    from loligo.jaxley.modules import Module

States = dict[str, Any]


def build_dynamic_state_utils(
    module: Module,
) -> tuple[
    Callable[[States], States],
    Callable[[States, dict[str, Any], float], States],
    Callable[[States], Any],
    Callable[[Any], States],
]:
    """Functions between all states of a module and a vector of those that have dynamics of their own.

    Returns:
        `remove_observables(all_states)`: states without currents, branch points and places where there are none;
        `add_observables(states, all_params, delta_t)`: what `step_fn` takes, with currents again; `flatten(states)`: a
        vector, the states in the order of their names; and `unflatten(vector)`.

    >>> import loligo.jaxley as jx
    >>> from loligo.jaxley.channels import HH
    >>> cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
    >>> cell.branch(0).insert(HH())
    >>> remove_observables, _, flatten, unflatten = build_dynamic_state_utils(cell)
    >>> vector = flatten(remove_observables(cell.get_all_states([])))
    >>> vector.shape, unflatten(vector)["HH_m"].shape
    ((12,), (2,))
    """
    known = dictionaries.columns(module)
    own = dictionaries.layout(module, "bwd_euler")
    kept = {key: known[key] for key in sorted(set(dictionaries.keys_of(module, own).values())) if key in known}
    ends = np.cumsum([column.rows.size for column in kept.values()])

    def remove_observables(states: States) -> States:
        return {key: states[key][column.at] for key, column in kept.items()}

    def add_observables(dynamic_states_pytree: States, all_params: dict[str, Any], delta_t: float) -> States:
        full = {}
        for key, column in kept.items():
            blank = dictionaries.blank(module, key, column)
            full[key] = dictionaries.replaced(blank, column.at, dynamic_states_pytree[key])
        return module.append_channel_currents_to_states(full, all_params, delta_t)

    def flatten(dynamic_states_pytree: States) -> Any:
        parts = [dynamic_states_pytree[key] for key in kept]
        return like_jaxley(numpy_for(*parts).concatenate(parts))

    def unflatten(vector: Any) -> States:
        starts = [0, *ends[:-1].tolist()]
        return {key: vector[first:last] for key, first, last in zip(kept, starts, ends.tolist())}

    return remove_observables, add_observables, flatten, unflatten
