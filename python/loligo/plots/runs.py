"""Pictures of runs: recordings over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from loligo.parameters import value_of
from loligo.plots.axes import axes_or_new, passing_on, pyplot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loligo.run import Run


def plot_run(run: Run, ax: Axes | None = None, **options: Any) -> Axes | np.ndarray:
    """Draws every recording of a run over time; a batch in one colour per recording.

    Args:
        ax: Where; a new figure if left out, with axes for each quantity, one below the other.
        options: Passed on to `Axes.plot`.

    Returns:
        The axes; an array of them where there are several quantities.
    """
    quantities = recorded_quantities(run)
    if ax is not None or len(quantities) == 1:
        return draw_quantities(run, axes_or_new(ax), quantities, **options)
    height = min(4.8, 1.2 + 1.8 * len(quantities))
    _, axes = pyplot().subplots(len(quantities), 1, sharex=True, figsize=(6.4, height), layout="constrained")
    for each, quantity in zip(axes, quantities):
        draw_quantities(run, each, [quantity], **options)
        each.label_outer()
    return axes


def recorded_quantities(run: Run) -> list[str]:
    """What was recorded, in the order of the recordings."""
    return list(dict.fromkeys(quantity for _, quantity, _ in run._recorded))


def draw_quantities(run: Run, ax: Axes, quantities: list[str], **options: Any) -> Axes:
    """Draws the recordings of these quantities over time; lanes of a batch in the colour of their recording."""
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
