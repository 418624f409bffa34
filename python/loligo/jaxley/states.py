"""States and parameters of modules as Jaxley has them: dictionaries of arrays, over all compartments and branch points
or over the synapses of a type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo.errors import ArgumentError, ArgumentTypeError, UnknownNameError, did_you_mean
from loligo.frameworks import numpy_for
from loligo.jaxley import names
from loligo.jaxley.array import each_like_jaxley
from loligo.jaxley.edges import Edges
from loligo.jaxley.shared import current_of
from loligo.parameters import Setting, as_array, shape_of
from loligo.simulation import layout_of
from loligo.state import State, StateLayout

if TYPE_CHECKING:
    from loligo.jaxley.modules import Module

CHOICES = {"bwd_euler": "backward_euler", "crank_nicolson": "crank_nicolson"}
"""Jaxley's solvers, and the schemes that they are here."""


@dataclass(frozen=True)
class Column:
    """A key of the dictionaries: where its numbers are."""

    quantities: tuple[str, ...]
    """Of the model."""
    rows: np.ndarray
    """Compartments, or synapses of their type, that have it."""
    at: np.ndarray
    """For each of them the position in the array of the key."""
    length: int
    """How many numbers that array has."""
    of_synapses: str | None
    """The type of the synapses that it is of."""


def columns(module: Module) -> dict[str, Column]:
    """All that can be set, by Jaxley's names, but for parameters that several types of synapses have."""
    model, labels = module._model, module._labels
    nodes = node_count(module)
    found = {}
    for key, quantities in names.quantities(model).items():
        there = [np.flatnonzero(~np.isnan(model.values(quantity))) for quantity in quantities]
        rows = np.unique(np.concatenate(there))
        found[key] = Column(quantities, rows, labels[rows], nodes, None)
    for key, quantities in names.of_edges(module).items():
        if len(quantities) == 1:
            count = model.values(quantities[0]).size
            rows = np.arange(count)
            found[key] = Column(quantities, rows, rows, count, quantities[0].partition(".")[0])
    return found


def node_count(module: Module) -> int:
    """How many compartments and branch points there are."""
    return module._labels.size + module._tree.forks.size


def layout(module: Module, solver: str) -> StateLayout:
    """What is carried from step to step."""
    return layout_of(module, module._program((CHOICES[solver], "jaxley", "grid")))


def keys_of(module: Module, own: StateLayout) -> dict[str, str]:
    """For each name of what is carried Jaxley's name."""
    theirs = {quantity: key for key, column in columns(module).items() for quantity in column.quantities}
    named = dict.fromkeys(own.names.tolist())
    return {name: theirs.get(name) or (current_of(name[1:]) if name.startswith("i") else name) for name in named}


def blank(module: Module, key: str, column: Column) -> np.ndarray:
    """The array of a key before its numbers are filled in: NaN where it has none."""
    return blank_nodes(module, key) if column.of_synapses is None else np.full(column.length, np.nan)


def blank_nodes(module: Module, key: str) -> np.ndarray:
    """The same over compartments and branch points. The latter have −1, as in Jaxley, but for voltages and what
    diffuses, which Jaxley finds there and this solver does not keep."""
    array = np.full(node_count(module), np.nan)
    if key != "v" and key not in module.diffusion_states:
        array[module._tree.fork_labels] = -1.0
    return array


def values(module: Module, key: str, column: Column) -> np.ndarray:
    """The numbers of a key as they are set."""
    array = blank(module, key, column)
    for quantity in reversed(column.quantities):
        numbers = module._model.values(quantity)[column.rows]
        known = ~np.isnan(numbers)
        array[column.at[known]] = numbers[known]
    return array


def replaced(array: Any, positions: np.ndarray, numbers: Any) -> Any:
    """An array with other numbers at some positions; one of JAX if these are."""
    functions = numpy_for(array, numbers)
    if functions.__name__ == "jax.numpy":
        return functions.asarray(array).at[positions].set(numbers)
    if functions.__name__ == "torch":
        raise ArgumentTypeError("states and parameters one by one are made of arrays of NumPy or JAX, not of tensors")
    taken = np.full(shape_of(array)[0], -1)
    spread = np.broadcast_to(np.arange(positions.size), positions.shape)
    taken[positions] = spread
    moved = functions.broadcast_to(numbers, positions.shape)[np.maximum(taken, 0)] if positions.size else array
    return functions.where(taken >= 0, moved, array)


def overridden(module: Module, arrays: dict[str, Any], pstate: Sequence[Any]) -> dict[str, Any]:
    """Arrays by key with the numbers of `pstate`, in which later entries win.

    Args:
        pstate: What `data_set` returns, and what `params_to_pstate` makes of parameters.
    """
    known = columns(module)
    for entry in pstate:
        if isinstance(entry, Setting):
            key, column = entry.name, known[entry.name]
            here = np.isin(column.rows, entry.selection.rows)
            positions, numbers = column.at[here], as_array(entry.value, f"the value of `{key}`")
            if key in arrays:
                arrays[key] = replaced(arrays[key], positions, numbers)
            continue
        key = entry["key"]
        if key not in arrays:
            continue
        numbers = as_array(entry["val"], f"`{key}`")
        # synapses are counted among all, and their arrays are those of a type
        row = Edges(module).row if known[key].of_synapses else None
        for number, indices in enumerate(entry["indices"]):
            there = np.asarray(indices)[np.asarray(indices) >= 0]
            arrays[key] = replaced(arrays[key], there if row is None else row[there], numbers[number])
    return each_like_jaxley(arrays)


def as_dictionary(module: Module, state: State) -> dict[str, Any]:
    """A state as Jaxley has it; NaN where there is no such state."""
    known = columns(module)
    states: dict[str, Any] = {}
    for name, key in keys_of(module, state.layout).items():
        numbers, positions, length = _where(module, known.get(key), state.layout, name)
        array = values(module, key, known[key]) if key in known else np.full(length, np.nan)
        states[key] = replaced(array, positions, state.numbers[numbers])
    return each_like_jaxley(states)


def _where(module: Module, column: Column | None, own: StateLayout, name: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Which numbers of a state have a name, their positions in the array of the key, and how long that is."""
    numbers = own.numbers_of(name)
    rows = own.rows[numbers].astype(np.intp)
    if column is None:
        return numbers, module._labels[rows], node_count(module)
    return numbers, rows if column.of_synapses else module._labels[rows], column.length


def from_dictionary(module: Module, states: dict[str, Any], own: StateLayout) -> tuple[State, list[Setting]]:
    """What a run goes on from, given a state as Jaxley has it: what is carried, and what in this module is a number
    that stays.

    Raises:
        ArgumentError: An array of another length.
        UnknownNameError: A key that is none, or one that is missing.
    """
    if not isinstance(states, dict):
        raise ArgumentTypeError(f"the states are {states!r}, expected a dictionary as from return_states=True")
    known, keys = columns(module), keys_of(module, own)
    recorded = names.recordables(module._model, module._currents) | names.recordable_of_edges(module)
    for key in states:
        if key not in keys.values() and key not in known and key not in recorded:
            raise UnknownNameError(f"there is no state `{key}`{did_you_mean(key, keys.values())}")
    taken, parts = [], []
    for name, key in keys.items():
        numbers, positions, length = _where(module, known.get(key), own, name)
        if key not in states:
            if key not in known:  # what follows from the rest at the start
                continue
            raise UnknownNameError(f"the states have no `{key}`")
        array = as_array(states[key], f"the states `{key}`")
        if shape_of(array) != (length,):
            raise ArgumentError(f"the states `{key}` have shape {shape_of(array)}, expected ({length},)")
        taken.append(numbers)
        parts.append(array[positions])
    functions = numpy_for(*parts)
    start = State(functions.concatenate(parts), own.part(np.concatenate(taken)))
    return start, list(_that_stay(module, states, own, keys))


def _that_stay(module: Module, states: dict[str, Any], own: StateLayout, keys: dict[str, str]) -> Iterator[Setting]:
    """Numbers of states in compartments in which nothing changes them."""
    known = columns(module)
    for name, key in keys.items():
        column = known.get(key)
        if column is None or column.of_synapses or key not in states:
            continue
        stay = ~np.isin(column.rows, own.rows[own.numbers_of(name)])
        if stay.any():
            selection = module._model.select(column.rows[stay].tolist(), "shared")
            yield Setting(key, selection, as_array(states[key], key)[column.at[stay]], column.quantities)


def settings(module: Module, arrays: dict[str, Any], carried: set[str]) -> list[Setting]:
    """Parameters as Jaxley has them, as what a run is given; those that are carried are states."""
    found = []
    for key, column in columns(module).items():
        if key not in arrays or key in carried or not column.rows.size:
            continue
        numbers = as_array(arrays[key], f"the parameters `{key}`")[column.at]
        if column.of_synapses:
            selection: Any = module._model.synapses(column.of_synapses, column.rows.astype(np.uintp), False)
        else:
            selection = module._model.select(column.rows.tolist(), "compartment")
        found.append(Setting(key, selection, numbers, column.quantities))
    return found
