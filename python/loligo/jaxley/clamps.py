"""Clamps: voltages, gates, concentrations and states of synapses that runs hold at given values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo._engine import SynapseSelection
from loligo.errors import ArgumentError, UnknownNameError, did_you_mean
from loligo.jaxley import names
from loligo.jaxley.edges import rows_in_view, synapses_of
from loligo.parameters import Hold, as_array, shape_of

if TYPE_CHECKING:
    from loligo.jaxley.modules import Module, View


@dataclass(frozen=True)
class DataClamp(Hold):
    """A clamp for one run."""

    key: str
    """What is held, by Jaxley's name."""
    labels: np.ndarray
    """Where it is: labels of the index of `nodes`, or the numbers of synapses among those of their type."""


@dataclass(frozen=True)
class Clamp:
    """A clamp of a module."""

    key: str
    """What is held, by Jaxley's name."""
    rows: np.ndarray
    """Compartments, or synapses among those of their type."""
    values: np.ndarray
    """Shape (row, time)."""
    of: str | None
    """The type of the synapses that it is of."""

    def kept(self, stay: np.ndarray, rows: np.ndarray) -> list[Clamp]:
        """The same of some of the rows, which have these numbers now; none if none is left."""
        return [replace(self, rows=rows, values=self.values[stay])] if rows.size else []


def hold(view: View, key: str, values: Any) -> DataClamp:
    """What holds a number of everything in view at given values, shape (time,), or (row, time).

    Raises:
        ArgumentError: An array of another shape; a current.
        UnknownNameError: There is no such state.
    """
    module = view._module
    of_edges = names.recordable_of_edges(module)
    known = names.recordables(module._model, module._currents)
    currents = {current for current, _ in module._currents.values()} | set(module.synapse_current_names)
    if key in currents:
        raise ArgumentError(
            f"`{key}` is a current, which follows from states; clamp a state, or set a conductance to 0"
        )
    if key in known:
        selection: Any = view._selection
        labels, quantity = module._labels[selection.compartments], known[key]
    elif key in of_edges:
        quantity = of_edges[key]
        numbers = rows_in_view(view, quantity, key)
        selection, labels = synapses_of(view, quantity, numbers), numbers
    else:
        raise UnknownNameError(f"there is no state `{key}` to clamp{did_you_mean(key, [*known, *of_edges])}")
    array = as_array(values, f"the values of `{key}`")
    if key in known:
        array = view._as_in_module(array, axes=2)
    shape = shape_of(array)
    if len(shape) not in (1, 2) or (len(shape) == 2 and shape[0] != labels.size):
        raise ArgumentError(f"the values of `{key}` have shape {shape}, expected (time,) or ({labels.size}, time)")
    return DataClamp(selection, array, quantity, key, labels)


def clamp(view: View, key: str, values: Any) -> None:
    """Clamps everything in view in all runs."""
    own = hold(view, key, values)
    rows = own.selection.rows.astype(np.intp)
    array = np.array(np.broadcast_to(np.asarray(own.current, dtype=np.float64), (rows.size, shape_of(own.current)[-1])))
    if not np.isfinite(array).all():
        raise ArgumentError(f"the values of `{key}` are not all finite")
    of = own.quantity.partition(".")[0] if isinstance(own.selection, SynapseSelection) else None
    view._module._clamps.append(Clamp(key, rows, array, of))


def held(module: Module) -> list[DataClamp]:
    """The clamps of a module, as what a run holds."""
    model = module._model
    named = names.recordables(model, module._currents) | names.recordable_of_edges(module)
    found = []
    for own in module._clamps:
        if own.key not in named:
            raise UnknownNameError(f"`{own.key}` is clamped, but there is no such state any more: delete_clamps")
        if own.of is None:
            selection: Any = model.select(own.rows.tolist(), "compartment")
            labels = module._labels[own.rows]
        else:
            selection, labels = model.synapses(own.of, own.rows.astype(np.uintp), False), own.rows
        found.append(DataClamp(selection, own.values, named[own.key], own.key, labels))
    return found


def delete(view: View, key: str | None) -> None:
    """Takes the clamps of a state, or all, off what is in view."""
    seen = view._synapses_in_view()
    left = []
    for own in view._module._clamps:
        inside = view._selection.compartments if own.of is None else np.array(sorted(seen.get(own.of, ())), dtype=int)
        stay = ~np.isin(own.rows, inside) if key in (None, own.key) else np.ones(own.rows.size, dtype=bool)
        left += own.kept(stay, own.rows[stay])
    view._module._clamps[:] = left
