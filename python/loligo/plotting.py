"""Pictures with matplotlib: recordings over time, cells, fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from loligo.errors import ArgumentError, MissingPackageError
from loligo.parameters import value_of
from loligo.waveforms import as_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    from loligo.fitting import Fit
    from loligo.run import Run
    from loligo.view import View


def plot_run(run: Run, ax: Axes | None = None, **options: Any) -> Axes | np.ndarray:
    """Draws every recording of a run over time; a batch in one colour per recording.

    Args:
        ax: Where; a new figure if left out, with axes for each quantity, one below the other.
        options: Passed on to `Axes.plot`.

    Returns:
        The axes; an array of them where there are several quantities.
    """
    quantities = _quantities(run)
    if ax is not None or len(quantities) == 1:
        return _draw(run, axes_or_new(ax), quantities, **options)
    height = min(4.8, 1.2 + 1.8 * len(quantities))
    _, axes = pyplot().subplots(len(quantities), 1, sharex=True, figsize=(6.4, height), layout="constrained")
    for each, quantity in zip(axes, quantities):
        _draw(run, each, [quantity], **options)
        each.label_outer()
    return axes


def _quantities(run: Run) -> list[str]:
    """What was recorded, in the order of the recordings."""
    return list(dict.fromkeys(quantity for _, quantity, _ in run._recorded))


def _draw(run: Run, ax: Axes, quantities: list[str], **options: Any) -> Axes:
    recordings = np.asarray(value_of(run.recordings))
    lanes = recordings if recordings.ndim == 3 else recordings[None]
    rows = [row for row, (_, quantity, _) in enumerate(run._recorded) if quantity in quantities]
    for count, row in enumerate(rows):
        drawn = {"color": f"C{count}", "label": run.names[row], **options}
        for index, lane in enumerate(lanes):
            ax.plot(run.t, lane[row], **{**drawn, "label": drawn["label"] if index == 0 else None})
    ax.set_xlabel("time (ms)")
    ax.set_ylabel("voltage (mV)" if quantities == ["v"] else ", ".join(quantities))
    if len(rows) > 1 and "label" not in options:
        ax.legend(fontsize="small")
    return ax


def plot_cell(
    view: View,
    color: str | ArrayLike | None = None,
    *,
    ax: Axes | None = None,
    dims: tuple[int, int] = (0, 1),
    cmap: str = "viridis",
    label: str | None = None,
) -> Axes:
    """Draws the compartments in view, lines as thick as they are.

    Args:
        color: A colour; the name of a quantity such as `"hh.gnabar"`; or one number per compartment in view.
        ax: Where; a new figure if left out.
        dims: Which coordinates go to the right and up: 0, 1, 2 for x, y, z.
        cmap: The colour map for numbers.
        label: Of the colour bar; the quantity if left out.

    Raises:
        ArgumentError: Numbers of the wrong length.
    """
    ax = axes_or_new(ax)
    draw_cells(ax, view, color, dims=dims, cmap=cmap, label=label)
    ax.autoscale_view()
    label_space(ax, dims)
    return ax


def draw_cells(
    ax: Axes,
    view: View,
    color: str | ArrayLike | None,
    *,
    dims: tuple[int, int],
    cmap: str,
    label: str | None,
    moved: np.ndarray | None = None,
) -> LineCollection:
    """Adds the compartments in view to axes, and returns what draws them; see `plot_cell`.

    Args:
        moved: How far each cell is moved, µm, shape (cell, 3).
    """
    from matplotlib.collections import LineCollection

    lines, widths, owners = _lines(view, dims)
    if moved is not None:
        lines = np.asarray(lines) + moved[view._module._places[0][owners]][:, None, list(dims)]
    numbers = None
    if isinstance(color, str) and color in view._module.quantities:
        numbers, label = view.get(color), label or color
    elif color is not None and not isinstance(color, str):
        numbers = as_numbers(color, "the colour")
        count = len(view._selection)
        if numbers.shape != (count,):
            raise ArgumentError(
                f"the colour has shape {numbers.shape}, expected a number for each of {count} compartments"
            )
    drawn = LineCollection(lines, linewidths=widths, capstyle="round")
    if numbers is None:
        drawn.set_color(color or "black")
    else:
        row = {compartment: row for row, compartment in enumerate(view._selection.compartments.tolist())}
        drawn.set_array(numbers[[row[owner] for owner in owners]])
        drawn.set_cmap(cmap)
        ax.figure.colorbar(drawn, ax=ax, label=label, shrink=0.6)
    ax.add_collection(drawn)
    return drawn


def label_space(ax: Axes, dims: tuple[int, int]) -> None:
    """Makes both directions of axes the same, and says which they are."""
    ax.set_aspect("equal")
    ax.set_xlabel(f"{'xyz'[dims[0]]} (µm)")
    ax.set_ylabel(f"{'xyz'[dims[1]]} (µm)")


def plot_fit(fit: Fit) -> Figure:
    """Draws the loss over the steps, the recordings of each quantity before and after, and the cell coloured by the
    first parameter that has more than one number."""
    figures = pyplot()
    trainables = fit.module._trainables()
    regional = next((i for i, trainable in enumerate(trainables) if len(trainable.targets) > 1), None)
    before, after = fit.before(), fit.after()
    quantities = _quantities(before)
    columns = 1 + len(quantities) + (regional is not None)
    figure, axes = figures.subplots(1, columns, figsize=(4 * columns, 3.5))
    axes[0].plot(fit.history, color="C0", alpha=0.6)
    axes[0].set_xlabel("step")
    axes[0].set_ylabel("loss")
    if np.nanmin(fit.history) > 0:
        axes[0].set_yscale("log")
    for ax, quantity in zip(axes[1:], quantities):
        for run, color, label in ((before, "0.7", "before"), (after, "C0", "after")):
            first = len(ax.lines)
            _draw(run, ax, [quantity], color=color, label=None)
            ax.lines[first].set_label(label)
        ax.legend(fontsize="small")
    if regional is not None:
        trainable = trainables[regional]
        numbers = fit.parameters[regional][trainable.name]
        compartments = trainable.targets.rows
        each = numbers[trainable.targets.numbers]
        view = fit.module._view(fit.module._model.select(compartments.tolist(), "compartment"), "comp")
        order = np.argsort(compartments)
        plot_cell(view, each[order], ax=axes[-1], label=trainable.name)
    figure.tight_layout()
    return figure


def _lines(view: View, dims: tuple[int, int]) -> tuple[list[np.ndarray], list[float], list[int]]:
    """The pieces between neighbouring points of the branches: lines, widths in points, and compartments."""
    inside = set(view._selection.compartments.tolist())
    lines, widths, owners = [], [], []
    for _, _, _, (first, last), _, points in view._module._model.branches():
        if not inside.intersection(range(first, last)):
            continue
        lengths = np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1)
        path = np.concatenate([[0.0], np.cumsum(lengths)])
        cuts = np.linspace(0, path[-1], last - first + 1)
        # points at the ends of compartments, so that each piece has one colour
        along = np.union1d(path, cuts)
        drawn = np.column_stack([np.interp(along, path, points[:, column]) for column in (*dims, 3)])
        middle = (along[1:] + along[:-1]) / 2
        owner = first + np.clip(np.searchsorted(cuts, middle) - 1, 0, last - first - 1)
        for piece, compartment in enumerate(owner.tolist()):
            if compartment in inside:
                lines.append(drawn[piece : piece + 2, :2])
                widths.append(float(np.clip(drawn[piece : piece + 2, 2].mean(), 0.4, 6.0)))
                owners.append(compartment)
    return lines, widths, owners


def pyplot() -> Any:
    """Matplotlib's pyplot, imported when it is used."""
    try:
        from matplotlib import pyplot as imported
    except ImportError as error:
        raise MissingPackageError('plots need matplotlib: pip install "loligo[plot]"') from error
    return imported


def axes_or_new(ax: Axes | None) -> Axes:
    """These axes, or those of a new figure."""
    return pyplot().subplots()[1] if ax is None else ax
