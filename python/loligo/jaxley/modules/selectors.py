"""Selectors: which compartments and synapses are in view."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo import indices, view
from loligo._engine import Selection
from loligo.errors import ArgumentError, SelectionError
from loligo.jaxley.edges import Edges, labelled, picked

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
        other._controls, other._node_controls = self._controls, self._node_controls
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

    def select(self, nodes: indices.Index | None = None, edges: indices.Index | None = None) -> View:
        """The compartments of these labels of the index of `nodes`, or of a mask over its rows; or the synapses of
        these labels of the index of `edges`. A trainable gets a number for each."""
        if edges is not None:
            return self._edge_view(labelled(self._edge_numbers(), edges), shared=False)
        if nodes is None:
            raise ArgumentError("select was given neither nodes nor edges")
        labels = self._module._labels[self._selection.compartments]
        wanted = np.atleast_1d(labels if isinstance(nodes, str) and nodes == "all" else np.asarray(nodes))
        wanted = labels[wanted] if wanted.dtype == bool else wanted
        if (missing := np.setdiff1d(wanted, labels)).size:
            raise SelectionError(f"nothing in view has the label {missing[0]}; the labels are those of `nodes.index`")
        chosen = self._selection.compartments[np.isin(labels, wanted)]
        view = self._view(self._module._model.select(chosen.tolist(), "compartment"), self._level)
        view._node_controls = np.arange(chosen.size)
        return view

    def __enter__(self) -> View:
        return self

    def __exit__(self, *_: Any) -> None:
        """Nothing has to be put back."""

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
        if self is not self._module or level != "branch" or self._level == "network":
            return super()._parts(level)
        # each is looked up when its turn comes, since the one before may have been cut anew
        return (super(Selectors, self)._narrowed("branch", branch) for branch in range(self._module._model.counts[1]))

    def _synapses_called(self, name: str) -> View:
        return self._edge_view(Edges(self._module).of_type(self._edge_numbers(), name), shared=True)


def checked_scope(scope: str) -> str:
    """One of the two scopes."""
    if scope not in ("local", "global"):
        raise ArgumentError(f"the scope is {scope!r}, expected 'local' or 'global'")
    return scope
