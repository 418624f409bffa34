"""A network of cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from loligo import layout, modules
from loligo.errors import ArgumentError
from loligo.jaxley import coordinates
from loligo.jaxley.edges import Edges
from loligo.jaxley.modules.module import Module

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


class Network(modules.Network, Module):
    """Cells side by side, without the stimuli, clamps, recordings and trainables that they have.

    Args:
        cells: The cells.
        vectorize_cells: Accepted for Jaxley's sake; like cells always run together.
    """

    __slots__ = ()
    network_params: ClassVar[dict[str, float]] = {}
    """What is set as one is made; a class of yours may have some."""
    network_states: ClassVar[dict[str, float]] = {}
    """The same of what it starts with."""

    def __init__(self, cells: Sequence[Module], vectorize_cells: bool | None = None) -> None:
        super().__init__(cells)
        self._take_channels_of(list(cells))
        self._take_defaults(self.network_params | self.network_states)
        first = 0
        for cell in cells:
            self._midway.update(first + branch for branch in cell._midway)
            first += cell.total_nbranches
        if any(cell._drawn is not None for cell in cells):
            self._drawn = [points.copy() for cell in cells for points in cell._where()]

    def _append_multiple_synapses(self, pre_nodes: pd.DataFrame, post_nodes: pd.DataFrame, synapse_type: Any) -> None:
        """Connects the compartments of these rows of `nodes` one to one: what `connect` does, which is as fast."""
        from loligo.jaxley.connect import append

        ends = (rows["global_comp_index"].to_numpy() for rows in (pre_nodes, post_nodes))
        append(self, *ends, synapse_type)

    def arrange_in_layers(
        self,
        layers: Sequence[int],
        within_layer_offset: float = 500.0,
        between_layer_offset: float = 1500.0,
        vertical_layers: bool = False,
    ) -> None:
        """Moves the cells into layers: in columns from left to right, or in rows from above.

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
        self.move_to(*layout.moves(self._model, offsets).T)

    def vis(
        self,
        detail: str = "full",
        ax: Axes | None = None,
        color: Any = "k",
        synapse_color: Any = "b",
        dims: Sequence[int] = (0, 1),
        cell_plot_kwargs: Mapping[str, Any] = {},
        synapse_plot_kwargs: Mapping[str, Any] = {},
        synapse_scatter_kwargs: Mapping[str, Any] = {},
        **kwargs: Any,
    ) -> Axes:
        """Draws cells where they are, and synapses as lines with a dot where they act. `plot` draws them bent, so that
        there and back are two lines.

        Args:
            detail: `"full"` for the branches of cells, `"point"` for a dot for each cell.
            ax: Where; a new figure if left out.
            dims: Two or three of 0, 1, 2 for x, y, z.
            cell_plot_kwargs: Passed on to what draws cells, see `vis` of a cell; also `kwargs`.
            synapse_plot_kwargs: Passed on to `Axes.plot` for the lines of synapses.
            synapse_scatter_kwargs: Passed on to `Axes.scatter` for the dots of synapses.

        Raises:
            ArgumentError: Another `detail`.

        >>> import loligo.jaxley as jx
        >>> network = jx.Network([jx.Cell(), jx.Cell()])
        >>> jx.connect(network.cell(0), network.cell(1), jx.synapses.TanhRateSynapse())
        >>> network.arrange_in_layers([1, 1], between_layer_offset=50.0)
        >>> network.vis(detail="point").lines[0].get_xdata().tolist()
        [5.0, 55.0]
        """
        from loligo.jaxley.utils.plot_utils import axes_for, gapped

        if detail not in ("full", "point"):
            raise ArgumentError(f"detail is {detail!r}, expected 'full' or 'point'")
        axes, columns, outlines = axes_for(ax, dims), list(dims), self._where()
        places = coordinates.centers(outlines, self._tree.counts)
        if detail == "full":
            super().vis(axes, color, dims, **cell_plot_kwargs, **kwargs)
        else:
            owners = np.repeat(self._tree.owners, [len(points) for points in outlines])
            sums = [np.bincount(owners, column) for column in np.concatenate(outlines)[:, :3].T]
            middles = np.stack(sums, axis=1) / np.bincount(owners)[:, None]
            axes.scatter(*middles[:, columns].T, color=color, **cell_plot_kwargs)
            places = middles[self._places[0]]
        every = Edges(self)
        if len(every):
            ends = np.stack([places[every.pre], places[every.post]], axis=1)[:, :, columns]
            axes.plot(*gapped(list(ends)).T, color=synapse_color, **synapse_plot_kwargs)
            axes.scatter(*ends[:, 1].T, color=synapse_color, **synapse_scatter_kwargs)
        return axes
