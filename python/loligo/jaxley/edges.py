"""Edges: the synapses of a network as Jaxley numbers, names and shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from loligo import indices
from loligo._engine import SynapseSelection
from loligo.errors import ArgumentError, ModelError, SelectionError
from loligo.jaxley import names
from loligo.waveforms import as_numbers

if TYPE_CHECKING:
    import pandas as pd

    from loligo.jaxley.modules import Module, View


class Edges:
    """The synapses of a network, in the order in which they were connected, whatever their type.

    Attributes:
        types: The names of the types.
        type: For each synapse, the position of its type in `types`.
        row: For each synapse, its number among those of its type.
        pre, post: The compartments that it joins.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self.types = module._model.synapse_names()
        joins = [module._model.joins(name) for name in self.types]
        left = {name: post.size for name, (_, post) in zip(self.types, joins)}
        runs = []
        for name, count in module._connected:
            runs.append((self.types.index(name), count))
            left[name] -= count
        # synapses that were made by the verbs of `loligo` come last
        runs += [(self.types.index(name), count) for name, count in left.items() if count]
        kinds, counts = (
            (np.array(column, dtype=np.intp) for column in zip(*runs)) if runs else 2 * [np.empty(0, np.intp)]
        )
        self.type = np.repeat(kinds, counts)
        self.row = np.empty(self.type.size, dtype=np.intp)
        self.pre, self.post = np.empty_like(self.row), np.empty_like(self.row)
        for kind, (pre, post) in enumerate(joins):
            own = np.flatnonzero(self.type == kind)
            self.row[own], self.pre[own], self.post[own] = np.arange(own.size), pre, post

    def __len__(self) -> int:
        return self.type.size

    def runs(self, numbers: np.ndarray) -> list[tuple[str, int]]:
        """How often each type comes before the next, among these synapses."""
        kinds = self.type[numbers]
        starts = np.flatnonzero(np.diff(kinds, prepend=-1))
        counts = np.diff(np.append(starts, kinds.size)).tolist()
        return [(self.types[kind], count) for kind, count in zip(kinds[starts], counts)]

    def within(self, numbers: np.ndarray, compartments: np.ndarray) -> np.ndarray:
        """Those of these synapses that both come from and are onto some compartments."""
        both = np.isin(self.pre[numbers], compartments) & np.isin(self.post[numbers], compartments)
        return numbers[both]

    def of_type(self, numbers: np.ndarray, name: str) -> np.ndarray:
        """Those of these synapses that are of a type."""
        return numbers[self.type[numbers] == self.types.index(name)]

    def table(self, numbers: np.ndarray, controls: np.ndarray) -> pd.DataFrame:
        """Jaxley's table of these synapses.

        Args:
            controls: Which trainable number each gets.
        """
        import pandas as pd

        module = self.module
        model = module._model
        labels = module._labels
        locations = np.asarray(dict(model.compartment_table())["location"])
        kinds, pre, post = self.type[numbers], self.pre[numbers], self.post[numbers]
        columns: dict[str, Any] = {
            "global_edge_index": numbers,
            "index_within_type": self.row[numbers],
            "pre_index": labels[pre],
            "post_index": labels[post],
            "type": np.array([*self.types, ""], dtype=object)[kinds],
            "type_ind": kinds,
            "pre_locs": locations[pre],
            "post_locs": locations[post],
        }
        for key, quantities in names.of_edges(module).items():
            values = np.full(numbers.size, np.nan)
            for quantity in quantities:
                own = kinds == self.types.index(quantity.partition(".")[0])
                values[own] = model.values(quantity)[self.row[numbers[own]]]
            columns[key] = values
        columns[names.CONTROLS] = controls
        for key, side in module._copied:
            columns[f"{side}_{key}"] = module._node_column(key)[pre if side == "pre" else post]
        return pd.DataFrame(columns, index=pd.Index(numbers))


def picked(there: np.ndarray, index: indices.Index) -> np.ndarray:
    """Those of the synapses in view that an index means."""
    wanted = indices.resolved(index, there.size, "edge")
    positions = np.arange(there.size) if wanted is None else np.unique(np.asarray(wanted, dtype=np.intp))
    if positions.size and positions[-1] >= there.size:
        raise SelectionError(f"there is no edge {positions[-1]}: there are {there.size} in view")
    return there[positions]


def labels_of(there: np.ndarray, chosen: Any) -> np.ndarray:
    """Labels of rows of a table: as they are given, all, or those of a mask or a slice over its rows."""
    if isinstance(chosen, slice):
        return there[chosen]
    wanted = np.atleast_1d(there if isinstance(chosen, str) and chosen == "all" else np.asarray(chosen))
    return there[wanted] if wanted.dtype == bool else wanted


def labelled(there: np.ndarray, labels: Any) -> np.ndarray:
    """Those of the synapses in view with these labels of the index of `edges`, see `labels_of`."""
    wanted = labels_of(there, labels)
    if (missing := np.setdiff1d(wanted, there)).size:
        raise SelectionError(f"nothing in view has the label {missing[0]}; the labels are those of `edges.index`")
    if np.unique(wanted).size != wanted.size:
        raise SelectionError("an edge was selected twice, expected each label once")
    return wanted.astype(np.intp)


def rows_in_view(view: View, quantity: str, key: str) -> np.ndarray:
    """The numbers, among those of their type, of the synapses in view that have a quantity.

    Raises:
        ModelError: There are none.
    """
    edges = Edges(view._module)
    own = edges.of_type(view._edge_numbers(), quantity.partition(".")[0])
    if not own.size:
        raise ModelError(f"no synapse in view has `{key}`")
    return edges.row[own]


def groups_in_view(view: View, quantity: str) -> list[list[int]]:
    """The synapses in view that have a quantity, by their numbers among those of their type, in groups that share a
    trainable number."""
    edges, there, controls = Edges(view._module), view._edge_numbers(), view._edge_controls()
    own = edges.type[there] == edges.types.index(quantity.partition(".")[0])
    rows, controls = edges.row[there[own]], controls[own]
    order = np.argsort(controls, kind="stable")
    starts = np.flatnonzero(np.diff(controls[order])) + 1
    return [group.tolist() for group in np.split(rows[order], starts)]


def delete_edges(view: View, numbers: np.ndarray) -> None:
    """Deletes synapses in view by their numbers among all.

    Raises:
        SelectionError: There are none.
    """
    if not numbers.size:
        raise SelectionError("nothing is deleted: no synapse is in view")
    edges = Edges(view._module)
    for name in edges.types:
        own = edges.row[edges.of_type(numbers, name)]
        if own.size:
            view._module._delete_synapses(name, own.astype(np.uintp))


def synapses_of(view: View, quantity: str, numbers: np.ndarray) -> SynapseSelection:
    """Synapses of the type that a quantity belongs to, by their numbers."""
    model = view._module._model
    return model.synapses(quantity.partition(".")[0], numbers.astype(np.uintp), True)


@dataclass(frozen=True)
class Part:
    """The synapses of one type among those in view that have a parameter or state.

    Attributes:
        quantity: What it is in the model.
        rows: Their numbers among those of their type.
        positions: Where they are among all in view that have it.
    """

    quantity: str
    rows: np.ndarray
    positions: np.ndarray


def parts_in_view(view: View, quantities: Sequence[str], key: str) -> list[Part]:
    """The synapses in view that have a parameter or state, type by type.

    Raises:
        ModelError: There are none.
    """
    edges, there = Edges(view._module), view._edge_numbers()
    kinds = {edges.types.index(quantity.partition(".")[0]): quantity for quantity in quantities}
    own = there[np.isin(edges.type[there], list(kinds))]
    if not own.size:
        raise ModelError(f"no synapse in view has `{key}`")
    found = [(quantity, np.flatnonzero(edges.type[own] == kind)) for kind, quantity in kinds.items()]
    return [Part(quantity, edges.row[own[at]], at) for quantity, at in found if at.size]


def values_of_edges(view: View, key: str, quantities: Sequence[str]) -> np.ndarray:
    """The number of every synapse in view that has a parameter or state."""
    parts = parts_in_view(view, quantities, key)
    values = np.empty(sum(part.rows.size for part in parts))
    for part in parts:
        values[part.positions] = view._module._model.values(part.quantity)[part.rows]
    return values


def set_edges(view: View, key: str, quantities: Sequence[str], value: ArrayLike) -> None:
    """Sets a parameter or initial state of the synapses in view: one number, or one for each that has it."""
    parts = parts_in_view(view, quantities, key)
    count = sum(part.rows.size for part in parts)
    numbers = as_numbers(value, f"the value of `{key}`")
    if numbers.ndim > 1 or (numbers.ndim == 1 and numbers.size not in (1, count)):
        raise ModelError(f"`{key}` was given numbers of shape {numbers.shape}, expected one or {count}")
    spread = np.broadcast_to(numbers, count)
    for part in parts:
        selection = synapses_of(view, part.quantity, part.rows)
        view._module._model.set_each_synapse(part.quantity, spread[part.positions], selection)


def copied(properties: Any, sides: Any) -> list[tuple[str, str]]:
    """Columns of `nodes`, and on which side of synapses they are wanted."""
    properties = [properties] if isinstance(properties, str) else list(properties)
    sides = [sides] if isinstance(sides, str) else list(sides)
    if wrong := [side for side in sides if side not in ("pre", "post")]:
        raise ArgumentError(f"pre_or_post holds {wrong[0]!r}, expected 'pre' or 'post'")
    return [(name, side) for name in properties for side in sides]
