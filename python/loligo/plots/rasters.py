"""Pictures of spikes: a mark for each, by time and cell, and the rate of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from loligo.arguments import as_array, as_positive
from loligo.errors import ArgumentError, ArgumentTypeError
from loligo.plots.axes import axes_or_new, legend_beside, pyplot
from loligo.waveforms import as_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEW = 60
"""Up to so many cells, spikes are strokes; dots for more."""


def plot_raster(
    times: ArrayLike,
    cells: ArrayLike,
    ax: Axes | Sequence[Axes] | None = None,
    *,
    groups: Mapping[str, ArrayLike] | None = None,
    rate_window: float | None = None,
    t_max: float | None = None,
) -> Axes | np.ndarray:
    """Draws spikes: a mark for each, time to the right, cells upwards.

    Args:
        times: When, ms, shape (spike,).
        cells: Which cell each is of, whole numbers, shape (spike,).
        ax: Where, one for marks, or two for marks and rates; a new figure if left out.
        groups: The numbers of the cells of each group by its name; a colour for each. A cell in none is grey.
        rate_window: Width of the bins of a histogram below, ms: spikes per cell and second, of each group, or of all
            cells from 0 to the last that spikes. No histogram if left out.
        t_max: Where time ends, ms; at the last spike if left out.

    Returns:
        The axes; an array of two, marks and rates, where there is a histogram.

    Raises:
        ArgumentError: Arrays of different shapes, times that are not finite, a window that is not positive, a cell in
            two groups, other axes than needed.

    >>> import loligo as lo
    >>> groups = {"excitatory": [0, 1], "inhibitory": [2]}
    >>> marks, rates = lo.plot_raster([1.0, 4.0, 2.0], [0, 1, 2], groups=groups, rate_window=5.0)
    >>> [line.get_ydata().tolist() for line in marks.lines]
    [[0, 1], [2]]
    >>> rates.patches[0].get_data().values.tolist()  # 2 spikes of 2 cells in 5 ms, 1/s
    [200.0]
    """
    times, cells = as_numbers(times, "the times of spikes"), as_array(cells, "the list of cells", "whole numbers")
    if not cells.size:
        cells = cells.astype(int)
    if cells.dtype.kind not in "iu":
        raise ArgumentTypeError(f"the cells of spikes are of type {cells.dtype}, expected whole numbers")
    if times.ndim != 1 or times.shape != cells.shape:
        raise ArgumentError(f"the spikes have times of shape {times.shape} and cells of shape {cells.shape}")
    if not np.isfinite(times).all():
        raise ArgumentError("the times of spikes are not all finite")
    members = _members(groups)
    rate_window = None if rate_window is None else as_positive(rate_window, "rate_window", "ms")
    last = float(times.max(initial=0.0)) if t_max is None else as_positive(t_max, "t_max", "ms")
    marks, rates = _axes(ax, rate_window is not None)

    colors = {name: f"C{index}" for index, name in enumerate(members)}
    everyone = np.concatenate([*members.values(), cells])
    stroke: dict[str, Any] = (
        {"marker": "|", "markersize": 6} if np.unique(everyone).size <= FEW else {"marker": ".", "markersize": 2}
    )
    parts = {name: np.isin(cells, inside) for name, inside in members.items()}
    rest = ~np.logical_or.reduce([np.zeros(cells.size, dtype=bool), *parts.values()])
    if rest.any() or not members:
        parts[""] = rest
    for name, own in parts.items():
        # a label with an underscore in front stays out of the legend
        look: dict[str, Any] = {
            "color": colors.get(name, "0.5" if members else "black"),
            "label": name or "_",
            **stroke,
        }
        marks.plot(times[own], cells[own], linestyle="none", rasterized=cells.size > 20_000, **look)
    marks.set_ylabel("cell")
    marks.yaxis.get_major_locator().set_params(integer=True)
    marks.set_ylim(everyone.min(initial=0) - 0.5, everyone.max(initial=0) + 0.5)
    marks.set_xlim(0, last or 1.0)
    (marks if rates is None else rates).set_xlabel("time (ms)")
    if members:
        legend_beside(marks, markerscale=2)
    if rates is None or rate_window is None:
        return marks

    edges = np.arange(max(1, int(np.ceil(last / rate_window - 1e-9))) + 1) * rate_window
    counts = {name: inside.size for name, inside in members.items()} or {"": int(cells.max(initial=0)) + 1}
    for name, count in counts.items():
        spikes = np.histogram(times[parts[name]], edges)[0]
        rates.stairs(1e3 * spikes / (rate_window * count), edges, color=colors.get(name, "black"))
    rates.set_ylabel("rate (1/s)")
    rates.set_ylim(bottom=0)
    return np.array([marks, rates])


def _members(groups: Mapping[str, ArrayLike] | None) -> dict[str, np.ndarray]:
    """The cells of each group."""
    if not isinstance(groups, Mapping | None):
        raise ArgumentTypeError(f"the groups are {groups!r}, expected the numbers of cells by the name of a group")
    members: dict[str, np.ndarray] = {}
    for name, inside in (groups or {}).items():
        own = np.unique(np.asarray(inside))
        if own.size == 0 or own.dtype.kind not in "iu":
            raise ArgumentError(f"the group {name} is {inside!r}, expected the numbers of its cells")
        for other, taken in members.items():
            if (both := np.intersect1d(own, taken)).size:
                raise ArgumentError(f"cell {both[0]} is in the groups {other} and {name}, expected it in one")
        members[str(name)] = own
    return members


def _axes(ax: Axes | Sequence[Axes] | None, with_rates: bool) -> tuple[Axes, Axes | None]:
    """Those for marks and for rates."""
    several = list(ax) if isinstance(ax, Sequence) or (isinstance(ax, np.ndarray) and ax.ndim > 0) else []
    if not with_rates:
        if several:
            raise ArgumentError(f"{len(several)} axes were given, expected one without a rate_window")
        return axes_or_new(ax), None
    if ax is None:
        options = {"sharex": True, "height_ratios": [3, 1], "layout": "constrained"}
        several = list(pyplot().subplots(2, 1, **options)[1])
    if len(several) != 2:
        raise ArgumentError(f"the axes are {ax!r}, expected two, for marks and for rates")
    return axes_or_new(several[0]), axes_or_new(several[1])
