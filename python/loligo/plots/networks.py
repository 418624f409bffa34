"""Pictures of networks: cells where they are, and synapses from the compartment before to the compartment behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from loligo import layout
from loligo.arguments import checked_view
from loligo.errors import ArgumentTypeError, UnknownNameError, did_you_mean
from loligo.plots.axes import legend_beside
from loligo.plots.cells import Color, add_lines, axes_in, checked_dims, draw_cells, is_color, label_space, plain
from loligo.view import View

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BEND = 0.15
"""How far a synapse is bent to its left, seen from above, as a part of its length: so there and back are two lines."""
LOOP = 0.02
"""The radius of a synapse of a compartment onto itself, as a part of the picture."""
SMALL = 0.03
"""Cells smaller than this part of the picture are dots."""
FAINT = 150
"""From so many synapses on they are drawn the fainter, the more there are."""


def plot_network(
    view: View,
    color: Color | None = None,
    *,
    ax: Axes | None = None,
    positions: ArrayLike | None = None,
    dims: tuple[int, ...] = (0, 1),
    synapse_color: str | Mapping[str, str] | None = None,
    style: str = "line",
    cmap: Any = "viridis",
    label: str | None = None,
) -> Axes:
    """Draws the cells in view, and the synapses that both come from and are onto what is in view: lines that are bent
    to the left of their direction, with a dot at the end that the current flows into. Cells that are too small to be
    seen are dots.

    Args:
        color: Of the cells, as `View.plot` takes it: a colour, a quantity, numbers, a snapshot of a run, or groups.
        ax: Where; a new figure if left out.
        positions: How far to move each cell of the network, µm, shape (cell, 3); see `arrange_in_layers`. If left out,
            cells stay where they are, unless some lie on each other: then they are put in a square.
        dims: Which coordinates go to the right and up: 0, 1, 2 for x, y, z; three of them for a picture in space.
        style: Of the cells: `"line"`, `"scatter"`, `"comp"` or `"morph"`; see `View.plot`.
        synapse_color: One colour, or one by the name of the synapses.
        cmap: The colour map for numbers.
        label: Of the colour bar; the quantity if left out.

    Raises:
        ArgumentError: Numbers or positions of the wrong shape.
        UnknownNameError: A colour for synapses that there are not.

    >>> import loligo as lo
    >>> network = lo.Network([lo.Cell() for _ in range(5)])
    >>> lo.fully_connect(network.cell([0, 1, 2]), network.cell([3, 4]), lo.IonotropicSynapse())
    <6 synapses IonotropicSynapse>
    >>> ax = lo.plot_network(network, positions=lo.arrange_in_layers([3, 2], within=50, between=100))
    >>> [round(float(limit)) for limit in ax.dataLim.intervalx]
    [0, 110]
    """
    checked_view(view, "what is drawn")
    model, module = view._module._model, view._module
    moved = layout.moves_apart(view) if positions is None else layout.moves(model, positions)
    dims = checked_dims(dims, (2, 3))
    ax = axes_in(ax, dims)
    draw_cells(ax, view, color, dims=dims, style=style, cmap=cmap, label=label, moved=moved).set_zorder(3)
    ax.autoscale_view()
    extent = _extent(ax, dims)
    places = (layout.centers(model) + moved[module._places[0]])[:, list(dims)]
    _draw_dots(ax, view, places, color, extent)
    colors = _colors(model.connected_names(), synapse_color)
    for name, drawn in colors.items():
        ends = np.stack(model.joins(name)).astype(np.intp)
        # given spikes come from nowhere in the picture
        ends = ends[:, ends[0] >= 0]
        ends = ends[:, np.isin(ends, view._selection.compartments).all(axis=0)]
        if ends.size:
            _draw_synapses(ax, places[ends[0]], places[ends[1]], extent, color=drawn, label=name)
    if len(dims) == 2:
        ax.autoscale_view()
    label_space(ax, dims)
    _add_legend(ax)
    return ax


def _add_legend(ax: Any) -> None:
    """Says which synapses have which colour, below the groups of cells if these are told apart."""
    handles, labels = ax.get_legend_handles_labels()
    if not handles:
        return
    if (groups := ax.get_legend()) is not None:
        handles = [*groups.legend_handles, *handles]
        labels = [*(text.get_text() for text in groups.get_texts()), *labels]
    legend = legend_beside(ax, handles=handles, labels=labels)
    for handle in legend.legend_handles:
        handle.set_alpha(1.0)


def _extent(ax: Any, dims: tuple[int, ...]) -> float:
    """How large the picture is, µm."""
    limits = [ax.dataLim.intervalx, ax.dataLim.intervaly] if len(dims) == 2 else [ax.get_w_lims()]
    return float(np.ptp(np.reshape(limits, (-1, 2)), axis=1).max())


def _draw_dots(ax: Axes, view: View, places: np.ndarray, color: Any, extent: float) -> None:
    """Draws a dot for each cell in view that would be too small to be seen."""
    inside = view._selection.compartments
    cells, first = np.unique(view._module._places[0][inside], return_index=True)
    small = layout.sizes(view._module._model)[cells] < SMALL * extent
    if small.any():
        # what has a number is the compartment, and a dot has the one colour of the picture
        dots, size = places[inside[first[small]]], float(np.clip(4000 / cells.size, 4, 40))
        ax.scatter(*dots.T, s=size, color=plain(view, color), zorder=3)


def _draw_synapses(ax: Axes, start: np.ndarray, end: np.ndarray, extent: float, **look: Any) -> None:
    alpha = float(np.clip(FAINT / len(start), 0.05, 0.8))
    curves = np.concatenate([_bent(start, end), _loops(start, end, LOOP * extent)])
    color = look["color"]
    add_lines(ax, curves, colors=color, linewidths=0.8, alpha=alpha, zorder=2, label=look["label"])
    ax.scatter(*end.T, s=6, color=color, alpha=alpha, linewidths=0, zorder=4)


def _bent(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Parabolas between points that are apart, shape (synapse, point, 2 or 3)."""
    apart = (start != end).any(axis=1)
    start, end = start[apart][:, None], end[apart][:, None]
    along = end - start
    control = (start + end) / 2 + 2 * BEND * _left(along)
    t = np.linspace(0, 1, 17)[None, :, None]
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end


def _left(along: np.ndarray) -> np.ndarray:
    """What is to the left of vectors seen from above, as long as they are."""
    left = np.zeros_like(along)
    left[..., 0], left[..., 1] = -along[..., 1], along[..., 0]
    if along.shape[-1] == 3:
        # one that goes straight up has no left
        left[..., 0] += np.where(left.any(axis=-1), 0.0, along[..., 2])
        left *= np.linalg.norm(along, axis=-1, keepdims=True) / np.linalg.norm(left, axis=-1, keepdims=True)
    return left


def _loops(start: np.ndarray, end: np.ndarray, radius: float) -> np.ndarray:
    """Circles above points that are their own end, shape (synapse, point, 2 or 3)."""
    own = start[(start == end).all(axis=1)][:, None]
    turn = np.linspace(0, 2 * np.pi, 17)
    circle = np.zeros((17, start.shape[1]))
    circle[:, 0], circle[:, -1] = np.sin(turn), 1 - np.cos(turn)
    return own + radius * circle


def _colors(names: list[str], given: str | Mapping[str, str] | None) -> dict[str, str]:
    """A colour for the synapses of each name."""
    cycle = {name: f"C{index}" for index, name in enumerate(names)}
    if given is None:
        return cycle
    if isinstance(given, str) and is_color(given):
        return dict.fromkeys(names, given)
    if not isinstance(given, Mapping):
        raise ArgumentTypeError(f"synapse_color is {given!r}, expected a colour, or one by the name of the synapses")
    if wrong := [name for name in given if name not in names]:
        raise UnknownNameError(f"there are no synapses `{wrong[0]}` to be coloured{did_you_mean(str(wrong[0]), names)}")
    return cycle | dict(given)
