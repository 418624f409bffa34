"""Pictures of who is connected with whom: cells before and behind synapses as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from loligo.arguments import as_name, checked_view
from loligo.errors import ArgumentError, UnknownNameError, did_you_mean
from loligo.plots.axes import axes_or_new, colormap
from loligo.view import View

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DENSE = 400
"""Up to so many cells the matrix is drawn as one; beyond it only what is not 0, so that it is never in memory."""


def plot_connectivity(
    view: View,
    mechanism: str | None = None,
    weight: str | None = None,
    *,
    ax: Axes | None = None,
    cmap: str = "viridis_r",
    label: str | None = None,
) -> Axes:
    """Draws the synapses onto what is in view as a matrix: the cells that they come from down, those that they are onto
    to the right.

    Args:
        mechanism: The name of the synapses; of every name if left out.
        weight: A parameter of the synapses, or a state at t = 0, such as `"gS"`, summed over those of a pair of cells;
            their number if left out.
        ax: Where; a new figure if left out.
        cmap: The colour map.
        label: Of the colour bar; what is counted or summed if left out.

    Raises:
        UnknownNameError: A name that no synapse has, or a quantity that none of these has.
        ArgumentError: A sum over states that are not numbers, since they start at their steady state.

    >>> import loligo as lo
    >>> network = lo.Network([lo.Cell() for _ in range(3)])
    >>> network.connect([0, 0, 2], [1, 1, 0], lo.IonotropicSynapse())
    <3 synapses IonotropicSynapse>
    >>> ax = lo.plot_connectivity(network)
    >>> ax.images[0].get_array().filled(0).tolist()
    [[0.0, 2.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    """
    pre, post, numbers = connected_pairs(view, mechanism, weight)
    ax, count = axes_or_new(ax), view._module._model.counts[0]
    from matplotlib.ticker import MaxNLocator

    # nothing is 0, so that colours of numbers that differ little do not differ much
    look = {"cmap": colormap(cmap), "vmin": numbers.min(initial=0.0), "vmax": numbers.max(initial=0.0) or 1.0}
    if count <= DENSE:
        matrix = np.zeros((count, count))
        there = np.zeros((count, count), dtype=bool)
        matrix[pre, post], there[pre, post] = numbers, True
        drawn = ax.imshow(np.ma.masked_where(~there, matrix), interpolation="nearest", **look)
    else:
        # as large as a cell of the matrix, in points, and not too small to be seen
        side = max(0.4, ax.get_window_extent().width * 72 / ax.figure.dpi / count)
        drawn = ax.scatter(post, pre, c=numbers, s=side**2, marker="s", linewidths=0, rasterized=True, **look)
        ax.set_aspect("equal")
        ax.set(xlim=(-0.5, count - 0.5), ylim=(count - 0.5, -0.5))
    ax.set_xlabel("cell behind the synapses")
    ax.set_ylabel("cell before the synapses")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(6, integer=True))
    ticks = MaxNLocator(5, integer=weight is None)
    ax.figure.colorbar(drawn, ax=ax, label=weight or "synapses" if label is None else label, shrink=0.8, ticks=ticks)
    return ax


def connected_pairs(
    view: View, mechanism: str | None = None, weight: str | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pairs of cells that synapses onto what is in view join, each once: the cells before, those behind, and the
    number of synapses, or their summed weight; shape (pair,) each. See `plot_connectivity`."""
    checked_view(view, "what is drawn")
    model, cells = view._module._model, view._module._places[0].astype(np.int64)
    ends, weights = [], []
    for name in _names(view, mechanism, weight):
        pre, post = model.joins(name)
        onto = np.isin(post, view._selection.compartments) & (pre >= 0)
        ends.append(cells[pre[onto]] * model.counts[0] + cells[post[onto]])
        weights.append(np.ones(onto.sum()) if weight is None else model.values(_quantity(name, weight))[onto])
    if not ends:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
    pairs, which = np.unique(np.concatenate(ends), return_inverse=True)
    numbers = np.bincount(which, np.concatenate(weights), minlength=pairs.size)
    if np.isnan(numbers).any():
        raise ArgumentError(f"`{weight}` starts at its steady state in some synapses, and so is no number to be summed")
    return pairs // model.counts[0], pairs % model.counts[0], numbers


def _names(view: View, mechanism: str | None, weight: str | None) -> list[str]:
    """The synapses that are meant: of the name, or of every name that has the weight."""
    model = view._module._model
    known = model.connected_names()
    if mechanism is not None:
        if as_name(mechanism, "the synapse") not in known:
            raise UnknownNameError(f"there are no synapses `{mechanism}`{did_you_mean(mechanism, known)}")
        known = [mechanism]
    if weight is None:
        return known
    as_name(weight, "the weight")
    quantities = model.quantities()
    having = [name for name in known if _quantity(name, weight) in quantities]
    if not having:
        theirs = [own for owner, _, own in (each.partition(".") for each in quantities) if owner in known]
        whose = f"none of the synapses {', '.join(known)} has" if known else "there are no synapses to have"
        raise UnknownNameError(f"{whose} a quantity `{weight}`{did_you_mean(weight, theirs)}")
    return having


def _quantity(name: str, weight: str) -> str:
    return f"{name}.{weight.removeprefix(f'{name}.')}"
