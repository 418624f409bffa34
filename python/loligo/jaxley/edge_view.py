"""Views of edges: some synapses of a network, and the compartments that they join."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from loligo._engine import Selection
from loligo.errors import SelectionError
from loligo.jaxley.edges import Edges
from loligo.jaxley.modules import Module, View
from loligo.jaxley.modules.selectors import checked_scope
from loligo.jaxley.names import CONTROLS

if TYPE_CHECKING:
    import pandas as pd


class EdgeView(View):
    """Some synapses of a network, and the compartments that they join."""

    __slots__ = ("_chosen", "_controls", "_deletions", "_end", "_given", "_node_controls", "_scope")

    def __init__(
        self, module: Module, numbers: np.ndarray, *, shared: bool, level: str = "network", scope: str = "local"
    ) -> None:
        if not numbers.size:
            raise SelectionError("nothing is selected: no synapse is in view")
        self._chosen = numbers
        self._deletions = module._deletions
        self._controls = np.zeros(numbers.size, dtype=int) if shared else np.arange(numbers.size)
        self._node_controls: np.ndarray | None = None
        self._given: np.ndarray | None = None
        self._end: float | None = None
        self._scope = scope
        every = Edges(module)
        ends = np.unique([every.pre[numbers], every.post[numbers]])
        super().__init__(module, module._model.select(ends.tolist(), "shared"), level)

    @property
    def edges(self) -> pd.DataFrame:
        """The synapses in view as a table under Jaxley's names, made now. What is written to parameters and initial
        states is set. The column `controlled_by_param` may be written, too: synapses of the same number in it share
        what this view trains.

        >>> import loligo.jaxley as jx
        >>> network = jx.Network([jx.Cell() for _ in range(3)])
        >>> jx.fully_connect(network.cell([0, 1]), network.cell([1, 2]), jx.synapses.TanhRateSynapse())
        >>> network.copy_node_property_to_edges("global_cell_index", "post")
        >>> view = network.TanhRateSynapse
        >>> view.edges["controlled_by_param"] = view.edges["post_global_cell_index"]
        >>> view.make_trainable("TanhRateSynapse_gS", verbose=False)
        >>> network.num_trainable_params
        2
        """
        table = Edges(self._module).table(self._numbers, self._controls)
        table.insert(table.columns.get_loc(CONTROLS), "local_edge_index", np.arange(self._numbers.size))
        return self._edge_table(table)

    def scope(self, scope: str) -> EdgeView:
        """The same in view, with selectors that count otherwise; see `View.scope`."""
        other = EdgeView(self._module, self._numbers, shared=True, level=self._level, scope=checked_scope(scope))
        other._controls = self._controls
        other._show(self)
        return other

    def _show(self, other: View) -> None:
        """Has the compartments of another view in view, in its order and with its numbers to train, and not the ends of
        the synapses."""
        self._selection, self._given, self._node_controls = other._selection, other._given, other._node_controls

    @property
    def _numbers(self) -> np.ndarray:
        """The numbers of the synapses among all, if these are still the numbers of the same synapses."""
        if self._deletions != self._module._deletions:
            raise SelectionError(
                "these synapses were selected before some were deleted, which numbers the rest anew; select them again"
            )
        return self._chosen

    def _edge_numbers(self) -> np.ndarray:
        return self._numbers

    def _edge_controls(self) -> np.ndarray:
        return self._controls

    def _view(self, selection: Selection, level: str) -> View:
        """The synapses in view that both come from and are onto these compartments, if there are any."""
        inside = Edges(self._module).within(self._numbers, selection.compartments)
        if not inside.size:
            return super()._view(selection, level)
        narrowed = EdgeView(self._module, inside, shared=True, level=level, scope=self._scope)
        ends = narrowed._selection.compartments.tolist()
        # what is trained of compartments is shared as the selector says
        narrowed._selection = self._module._model.select(ends, selection.sharing)
        return narrowed

    def __reduce__(self) -> tuple:
        compartments = self._module._view(self._selection, self._level)
        compartments._given, compartments._node_controls = self._given, self._node_controls
        return _restored, (self._module, self._numbers, self._controls, compartments, self._level, self._scope)


def _restored(
    module: Module,
    numbers: np.ndarray,
    controls: np.ndarray,
    compartments: View,
    level: str,
    scope: str,
) -> EdgeView:
    view = EdgeView(module, numbers, shared=True, level=level, scope=scope)
    view._controls = controls
    view._show(compartments)
    return view
