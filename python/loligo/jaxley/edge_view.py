"""Views of edges: some synapses of a network, and the compartments that they join."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from loligo._engine import Selection
from loligo.errors import SelectionError
from loligo.jaxley.edges import Edges
from loligo.jaxley.modules import Module, View

if TYPE_CHECKING:
    import pandas as pd


class EdgeView(View):
    """Some synapses of a network, and the compartments that they join."""

    __slots__ = ("_chosen", "_deletions", "_shared")

    def __init__(self, module: Module, numbers: np.ndarray, *, shared: bool, level: str = "network") -> None:
        if not numbers.size:
            raise SelectionError("nothing is selected: no synapse is in view")
        self._chosen = numbers
        self._deletions = module._deletions
        self._shared = shared
        every = Edges(module)
        ends = np.unique([every.pre[numbers], every.post[numbers]])
        super().__init__(module, module._model.select(ends.tolist(), "shared"), level)

    @property
    def edges(self) -> pd.DataFrame:
        """The synapses in view as a table under Jaxley's names, made now; change the network with `set`."""
        from loligo.tables import Table

        table = Edges(self._module).table(self._numbers)
        table["local_edge_index"] = np.arange(self._numbers.size)
        return Table(table)

    @property
    def _numbers(self) -> np.ndarray:
        """The numbers of the synapses among all, if these are still the numbers of the same synapses."""
        if self._deletions != self._module._deletions:
            raise SelectionError(
                "these synapses were selected before some were deleted, which numbers the rest anew; select them again"
            )
        return self._chosen

    def _edges_in_view(self) -> np.ndarray:
        return self._numbers

    def _shares_edges(self) -> bool:
        return self._shared

    def _view(self, selection: Selection, level: str) -> View:
        """The synapses in view that both come from and are onto these compartments, if there are any."""
        inside = Edges(self._module).within(self._numbers, selection.compartments)
        if not inside.size:
            return super()._view(selection, level)
        return EdgeView(self._module, inside, shared=True, level=level)

    def __reduce__(self) -> tuple:
        return _restored, (self._module, self._numbers, self._shared, self._level)


def _restored(module: Module, numbers: np.ndarray, shared: bool, level: str) -> EdgeView:
    return EdgeView(module, numbers, shared=shared, level=level)
