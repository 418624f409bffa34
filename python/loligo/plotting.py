"""Pictures with matplotlib: recordings over time, fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo.errors import ArgumentTypeError, MissingPackageError, UnknownNameError, did_you_mean
from loligo.parameters import value_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from loligo.fitting import Fit
    from loligo.run import Run


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
            with passing_on(options):
                ax.plot(run.t, lane[row], **{**drawn, "label": drawn["label"] if index == 0 else None})
    ax.set_xlabel("time (ms)")
    ax.set_ylabel("voltage (mV)" if quantities == ["v"] else ", ".join(quantities))
    if len(rows) > 1 and "label" not in options:
        ax.legend(fontsize="small")
    return ax


def plot_fit(fit: Fit) -> Figure:
    """Draws the loss over the steps, the recordings of each quantity before and after, and the cell coloured by the
    first parameter that has more than one number."""
    from loligo.cell_plot import plot_cell

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


def pyplot() -> Any:
    """Matplotlib's pyplot, imported when it is used."""
    try:
        from matplotlib import pyplot as imported
    except ImportError as error:
        raise MissingPackageError('plots need matplotlib: pip install "loligo[plot]"') from error
    return imported


def axes_or_new(ax: Axes | None) -> Axes:
    """These axes, or those of a new figure."""
    if ax is None:
        return pyplot().subplots()[1]
    if not hasattr(ax, "add_collection"):
        raise ArgumentTypeError(f"ax is {ax!r}, expected axes of matplotlib, as from pyplot.subplots()")
    return ax


def colormap(cmap: Any) -> Any:
    """A colour map of matplotlib, or that of a name."""
    figures = pyplot()
    try:
        return figures.get_cmap(cmap)
    except (ValueError, TypeError) as error:
        meant = did_you_mean(cmap, figures.colormaps()) if isinstance(cmap, str) else ""
        raise UnknownNameError(f"there is no colour map {cmap!r}{meant}") from error


@contextmanager
def passing_on(options: Mapping[str, Any]) -> Iterator[None]:
    """Says so where matplotlib does not take the options that a user wants it to have."""
    try:
        yield
    except (AttributeError, TypeError, ValueError) as error:
        if not options:
            raise
        from matplotlib.artist import ArtistInspector
        from matplotlib.lines import Line2D

        known = ArtistInspector(Line2D).get_setters()
        meant = "".join(did_you_mean(name, known) for name in options if name not in known)
        listed = ", ".join(f"{name}={value!r}" for name, value in options.items())
        raise ArgumentTypeError(f"matplotlib cannot draw with {listed} ({error}){meant}") from error


def legend_beside(ax: Any, **entries: Any) -> Any:
    """A small legend to the right of axes, where it covers nothing; `entries` as `Axes.legend` takes them."""
    return ax.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, **entries)
