"""Pictures of fits: the loss, recordings before and after, and what was found on the cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from loligo.plots.axes import pyplot
from loligo.plots.cells import plot_cell
from loligo.plots.runs import draw_quantities, recorded_quantities

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from loligo.fitting import Fit


def plot_fit(fit: Fit) -> Figure:
    """Draws the loss over the steps, the recordings of each quantity before and after, and the cell coloured by the
    first parameter that has more than one number."""
    figures = pyplot()
    trainables = fit.module._trainables()
    regional = next((i for i, trainable in enumerate(trainables) if len(trainable.targets) > 1), None)
    before, after = fit.before(), fit.after()
    quantities = recorded_quantities(before)
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
            draw_quantities(run, ax, [quantity], color=color, label=None)
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
