"""Views whose selectors count through the whole module, as Jaxley's do in the scope "global"."""

from __future__ import annotations

import numpy as np

from loligo import indices
from loligo._engine import Selection
from loligo.errors import SelectionError
from loligo.jaxley.modules import Module, View

_SHARING = {"cell": "cell", "branch": "branch", "comp": "compartment"}


class GlobalView(View):
    """Some compartments of a module, with selectors that count through the module."""

    __slots__ = ()
    _scope = "global"

    def __reduce__(self) -> tuple:
        selection = self._selection
        return _restored, (self._module, selection.compartments.tolist(), selection.sharing, self._level)


def view_in(scope: str, module: Module, selection: Selection, level: str) -> View:
    """A view in one of the scopes."""
    return (GlobalView if scope == "global" else View)(module, selection, level)


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


def _restored(module: Module, compartments: list[int], sharing: str, level: str) -> GlobalView:
    return GlobalView(module, module._model.select(compartments, sharing), level)
