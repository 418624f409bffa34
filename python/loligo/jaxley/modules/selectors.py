"""Selectors: which compartments and synapses are in view."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from loligo import indices, view
from loligo._engine import Selection
from loligo.errors import ArgumentError, SelectionError
from loligo.jaxley.edges import Edges, labelled, labels_of, picked
from loligo.parameters import Batch, shape_of

if TYPE_CHECKING:
    from loligo.jaxley.modules.view import View


class Selectors(view.View):
    """What narrows a view."""

    __slots__ = ()
    _scope: str
    _controls: np.ndarray | None
    """For each synapse in view which trainable number it gets, if that was written."""
    _node_controls: np.ndarray | None
    """For each compartment in view."""
    _given: np.ndarray | None = None
    """The positions, among the compartments in view, of those that were selected, if in another order than the
    module's."""
    _end: float | None = None
    """Which end of branches is meant, 0 or 1, if it was selected so."""

    def cell(self, idx: indices.Index) -> View:
        """Some of the cells in view."""
        return super().cell(idx)

    def branch(self, idx: indices.Index) -> View:
        """Some of the branches in view of every cell in view."""
        return super().branch(idx)

    def comp(self, idx: indices.Index) -> View:
        """Some of the compartments in view of every branch in view."""
        return super().comp(idx)

    def add_to_group(self, group_name: str) -> None:
        """Puts what is in view in a group, made if it does not exist; then `cell.name` is a view of it."""
        self._group_as(group_name)

    def edge(self, idx: indices.Index) -> View:
        """Some of the synapses in view, in the order in which they were connected; a trainable gets a number for
        each. In the scope `"global"` numbers count all synapses of the network."""
        there = self._edge_numbers()
        if self._scope == "global":
            chosen = indices.resolved(idx, len(Edges(self._module)), "edge")
            return self._edge_view(there if chosen is None else there[np.isin(there, chosen)], shared=False)
        return self._edge_view(picked(there, idx), shared=False)

    def loc(self, at: indices.Locations) -> View:
        """The compartments at locations from 0 to 1 along every branch in view; a location exactly between two
        compartments belongs to the one nearer to the 0 end."""
        found = super().loc(at)
        if not isinstance(at, str) and np.ndim(at) == 0 and at in (0.0, 1.0):
            found._end = float(at)
        return found

    def scope(self, scope: str) -> View:
        """The same in view, with selectors that count anew within what is in view (`"local"`, as they do unless they
        are told), or through the whole module (`"global"`).

        Raises:
            ArgumentError: Another word.

        >>> import loligo.jaxley as jx
        >>> cell = jx.Cell(jx.Branch(ncomp=3), parents=[-1, 0, 0])
        >>> cell.scope("global").comp(7).nodes["global_comp_index"].tolist()
        [7]
        >>> cell.scope("global").branch(2).scope("local").comp(1).nodes["global_comp_index"].tolist()
        [7]
        """
        from loligo.jaxley.scoped_view import ScopedView

        other = ScopedView(self._module, self._selection, self._level, checked_scope(scope))
        other._controls, other._node_controls, other._given = self._controls, self._node_controls, self._given
        return other

    def set_scope(self, scope: str) -> None:
        """Chooses how selectors count; see `scope`.

        Raises:
            ArgumentError: Another word than `"local"` or `"global"`.
        """
        self._scope = checked_scope(scope)

    @property
    def view(self) -> View:
        """A view of all that is in view."""
        return self.scope(self._scope)

    def select(
        self, nodes: indices.Index | None = None, edges: indices.Index | None = None, sorted: bool = False
    ) -> View:
        """The compartments of these labels of the index of `nodes`, or of a mask or slice over its rows, and the
        synapses of these labels of the index of `edges`: without labels of them those between the compartments, or the
        compartments that the synapses join. A trainable gets a number for each. Lists of numbers, recordings and
        synapses are in the order of the labels; selectors on the view start anew from the module's.

        Args:
            sorted: Whether they are in the order of the module instead.

        Raises:
            SelectionError: A label that nothing in view has; an edge twice.
            ArgumentError: Neither nodes nor edges.

        >>> import loligo.jaxley as jx
        >>> cell = jx.Cell(jx.Branch(ncomp=3), parents=[-1])
        >>> cell.select(nodes=[2, 0]).set("radius", [5.0, 7.0])
        >>> cell.nodes["radius"].tolist()
        [7.0, 1.0, 5.0]
        """
        if nodes is None and edges is None:
            raise ArgumentError("select was given neither nodes nor edges, expected labels of some")
        compartments = None if nodes is None else self._labelled(nodes, sorted)
        if edges is None:
            return compartments
        chosen = labelled(self._edge_numbers(), edges)
        view = self._edge_view(np.sort(chosen) if sorted else chosen, shared=False)
        if compartments is None:
            view._node_controls = np.arange(len(view._selection))
        else:
            view._show(compartments)
        return view

    def copy(self, reset_index: bool = False, as_module: bool = False) -> Self:
        """A copy of the module that goes its own way, or a view of such a copy.

        Args:
            reset_index, as_module: Accepted for Jaxley's sake, which can do neither.

        Raises:
            ArgumentError: One of them is true.
        """
        if reset_index or as_module:
            raise ArgumentError("reset_index and as_module are not supported, expected False")
        return copy.deepcopy(self)

    def __enter__(self) -> View:
        return self

    def __exit__(self, *_: Any) -> None:
        """Nothing has to be put back."""

    def _labelled(self, nodes: indices.Index, in_order: bool) -> View:
        """The compartments of these labels of the index of `nodes`, in their order, or in that of the module."""
        labels = self._module._labels[self._selection.compartments]
        wanted = labels_of(labels, nodes)
        if (missing := np.setdiff1d(wanted, labels)).size:
            raise SelectionError(f"nothing in view has the label {missing[0]}; the labels are those of `nodes.index`")
        chosen = np.unique(wanted)
        compartments = self._selection.compartments[np.searchsorted(labels, chosen)]
        view = self._view(self._module._model.select(compartments.tolist(), "compartment"), self._level)
        view._node_controls = np.arange(chosen.size)
        view._controls = np.arange(view._edge_numbers().size)
        if not in_order and not np.array_equal(chosen, wanted):
            view._given = np.searchsorted(chosen, wanted)
            view._node_controls[view._given] = np.arange(wanted.size)
        return view

    def _compartments(self) -> np.ndarray:
        """What is in view, in the order in which it was selected."""
        inside = self._selection.compartments
        return inside if self._given is None else inside[self._given]

    def _as_in_module(self, values: Any, axes: int = 1) -> Any:
        """A number for each that was selected in the order of the module, of which the last counts where one was
        selected twice; what is no such list stays as it is.

        Args:
            axes: How many axes such a list has; the first is that of what was selected.
        """
        if self._given is None:
            return values
        last = np.empty(self._selection.compartments.size, dtype=int)
        last[self._given] = np.arange(self._given.size)
        if isinstance(values, Batch):
            lanes = shape_of(values.values)
            is_list = len(lanes) == axes + 1 and lanes[1] == self._given.size
            return Batch(values.values[:, last]) if is_list else values
        shape = shape_of(values)
        if len(shape) != axes or shape[0] != self._given.size:
            return values
        return (np.asarray(values) if isinstance(values, list | tuple) else values)[last]

    def _edge_numbers(self) -> np.ndarray:
        """The synapses in view, in the order in which they were connected."""
        every = Edges(self._module)
        return every.within(np.arange(len(every)), self._selection.compartments)

    def _edge_view(self, numbers: np.ndarray, *, shared: bool) -> View:
        from loligo.jaxley.edge_view import EdgeView

        return EdgeView(self._module, numbers, shared=shared, level=self._level, scope=self._scope)

    def _view(self, selection: Selection, level: str) -> View:
        from loligo.jaxley.scoped_view import ScopedView

        return ScopedView(self._module, selection, level, self._scope)

    def _narrowed(self, level: str, index: indices.Index) -> View:
        if self._scope == "local":
            return super()._narrowed(level, index)
        from loligo.jaxley.scoped_view import numbered

        return self._view(numbered(self, level, index), level)

    def _parts(self, level: str) -> Iterator[View]:
        if self is self._module and level == "branch" and self._level != "network":
            # each is looked up when its turn comes, since the one before may have been cut anew
            every = range(self._module._model.counts[1])
            return (super(Selectors, self)._narrowed("branch", branch) for branch in every)
        above = {"branch": self._cells_in_view, "comp": self._branches_in_view}.get(level, ())
        if self._scope == "global" or len(above) <= 1:
            return super()._parts(level)
        # each number means one of every cell, or of every branch
        most = self._module._model.count(self._selection, "branch" if level == "branch" else "compartment")
        return (self._narrowed(level, number) for number in range(most))

    def _synapses_called(self, name: str) -> View:
        return self._edge_view(Edges(self._module).of_type(self._edge_numbers(), name), shared=True)


def checked_scope(scope: str) -> str:
    """One of the two scopes."""
    if scope not in ("local", "global"):
        raise ArgumentError(f"the scope is {scope!r}, expected 'local' or 'global'")
    return scope
