"""A network of cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from loligo import layout, modules
from loligo.jaxley.modules.module import Module


class Network(modules.Network, Module):
    """Cells side by side.

    Args:
        cells: The cells.
        vectorize_cells: Accepted for Jaxley's sake; like cells always run together.
    """

    __slots__ = ()

    def __init__(self, cells: Sequence[Module], vectorize_cells: bool | None = None) -> None:
        super().__init__(cells)
        self._take_channels_of(list(cells))

    def arrange_in_layers(
        self,
        layers: Sequence[int],
        within_layer_offset: float = 500.0,
        between_layer_offset: float = 1500.0,
        vertical_layers: bool = False,
    ) -> None:
        """Says where `vis` draws the cells: in columns from left to right, or in rows from above.

        Args:
            layers: How many cells are in each layer, which are the next in the order of the network.
            within_layer_offset: Distance of neighbours in a layer, µm.
            between_layer_offset: Distance of neighbouring layers, µm.
            vertical_layers: Whether layers are rows.

        Raises:
            ArgumentError: Layers with more or fewer cells than there are.

        >>> import loligo.jaxley as jx
        >>> network = jx.Network([jx.Cell() for _ in range(3)])
        >>> network.arrange_in_layers([2, 1])
        """
        offsets = layout.arrange_in_layers(layers, within=within_layer_offset, between=between_layer_offset)
        if vertical_layers:
            downwards = offsets[:, 0].max(initial=0.0) - offsets[:, 0]
            offsets = np.stack([offsets[:, 1], downwards, offsets[:, 2]], axis=1)
        moved = layout.moves(self._model, offsets)
        roots = {cell: points[0, :3] for _, parent, cell, _, _, points in self._model.branches() if parent is None}
        self._positions = moved - np.array([roots[cell] for cell in range(len(moved))])

    def vis(
        self,
        detail: str = "full",
        ax: Any = None,
        color: Any = "black",
        synapse_color: Any = "blue",
        dims: tuple[int, int] = (0, 1),
    ) -> Any:
        """Draws the cells where `arrange_in_layers` put them, and their synapses; see `loligo.plot_network`.

        Args:
            detail: Accepted for Jaxley's sake: cells that are too small to be seen are dots.
        """
        from loligo.network_plot import plot_network

        where = {"ax": ax, "dims": dims, "positions": self._positions}
        return plot_network(self, color, synapse_color=synapse_color, **where)
