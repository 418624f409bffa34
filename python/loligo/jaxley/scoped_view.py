"""Views of compartments whose selectors count anew within what is in view, or through the whole module: Jaxley's scopes
"local" and "global"."""

from __future__ import annotations

import numpy as np

from loligo import indices
from loligo._engine import Selection
from loligo.errors import SelectionError
from loligo.jaxley.modules import Module, View

_SHARING = {"cell": "cell", "branch": "branch", "comp": "compartment"}


class ScopedView(View):
    """Some compartments of a module, and how selectors count."""

    __slots__ = ("_chosen", "_controls", "_cuts", "_end", "_given", "_node_controls", "_scope")

    def __init__(self, module: Module, selection: Selection, level: str, scope: str) -> None:
        self._scope = scope
        self._controls: np.ndarray | None = None
        self._node_controls: np.ndarray | None = None
        self._given: np.ndarray | None = None
        self._end: float | None = None
        self._cuts = module._cuts
        super().__init__(module, selection, level)

    @property
    def _selection(self) -> Selection:
        """What is selected, if its compartments are still those of the module."""
        if self._cuts != self._module._cuts:
            raise SelectionError(
                "this view was made before set_ncomp, which numbers compartments anew; select it again from the module"
            )
        return self._chosen

    @_selection.setter
    def _selection(self, selection: Selection) -> None:
        self._chosen = selection

    def __reduce__(self) -> tuple:
        selection, controls = self._selection, (self._controls, self._node_controls, self._given, self._end)
        where = selection.compartments.tolist(), selection.sharing, self._level, self._scope
        return _restored, (self._module, *where, *controls)


def numbered(view: View, level: str, index: indices.Index) -> Selection:
    """What is in view of the cells, branches or compartments of these numbers in the whole module.

    Raises:
        SelectionError: Nothing.
    """
    model, inside = view._module._model, view._selection.compartments
    cells, branches = view._module._places
    count = dict(zip(("cell", "branch", "comp"), model.counts))[level]
    own = {"cell": cells, "branch": branches, "comp": np.arange(cells.size)}[level][inside]
    chosen = indices.resolved(index, count, _SHARING[level])
    there = inside if chosen is None else inside[np.isin(own, chosen)]
    if not there.size:
        raise SelectionError(f"nothing is selected: no {_SHARING[level]} in view has the number {index} in the module")
    return model.select(there.tolist(), _SHARING[level])


def _restored(
    module: Module,
    compartments: list[int],
    sharing: str,
    level: str,
    scope: str,
    controls: np.ndarray | None,
    node_controls: np.ndarray | None,
    given: np.ndarray | None,
    end: float | None,
) -> ScopedView:
    view = ScopedView(module, module._model.select(compartments, sharing), level, scope)
    view._controls, view._node_controls, view._given, view._end = controls, node_controls, given, end
    return view
