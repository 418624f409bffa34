"""How models, views and runs show themselves in notebooks: as HTML."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from loligo.parameters import value_of

if TYPE_CHECKING:
    from loligo.run import Run
    from loligo.view import View

ROWS = 20
"""Longer tables are cut, and say so."""
TRACES = 4
"""So many recordings are drawn."""
WIDTH, HEIGHT = 480, 90
COLORS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728")


def of_view(view: View) -> str:
    """What is in view: groups, mechanisms, synapses, and what is recorded and trained."""
    module, inside = view._module, view._selection.compartments
    model = module._model
    rows: list[tuple[str, str, str]] = []
    for kind, named in (("group", model.groups()), ("mechanism", model.mechanisms())):
        counts = [(name, int(np.isin(members, inside).sum())) for name, members in named]
        rows += [(kind, name, _counted(count, "compartment")) for name, count in counts if count]
    for name in model.synapse_names():
        if count := int(np.isin(model.joins(name)[1], inside).sum()):
            rows.append(("synapse", name, f"{count}"))
    here = set(inside.tolist())
    rows += [("recording", name, quantity) for place, quantity, name in model.recordings() if place in here]
    for trainable in module._trainables():
        if here.intersection(trainable.targets.rows.tolist()):
            bounds = "" if trainable.bounds is None else f", {trainable.bounds[0]:g} to {trainable.bounds[1]:g}"
            rows.append(("trainable", trainable.name, _counted(len(trainable.targets), "number") + bounds))
    return _headed(repr(view)) + _table(("", "name", ""), rows)


def of_run(run: Run) -> str:
    """The first recordings as lines over time, and a table of all."""
    recordings = np.asarray(value_of(run.recordings), dtype=np.float64)
    lanes = recordings if recordings.ndim == 3 else recordings[None]
    spiking = {row for row, (_, quantity, _) in enumerate(run._recorded) if quantity == "v"}
    counts = np.zeros(len(run.names), dtype=int)
    for each in [run] if run.lanes is None else run:
        counts[sorted(spiking)] += [len(times) for times in (each.spikes() if spiking else [])]
    rows = []
    for row, (_, quantity, name) in enumerate(run._recorded):
        values = lanes[:, row][np.isfinite(lanes[:, row])]
        extremes = (f"{values.min():.4g}", f"{values.max():.4g}") if values.size else ("", "")
        rows.append((name, quantity, *extremes, str(counts[row]) if row in spiking else ""))
    spikes = "spikes" if run.lanes is None else "spikes of all lanes"
    table = _table(("recording", "quantity", "least", "largest", spikes), rows)
    more = f"<p>{len(run.raster)} spikes in the raster</p>" if len(run.raster) else ""
    lost = f"<p>{len(run.diverged)} lanes diverged</p>" if run.diverged else ""
    return _headed(repr(run)) + _lines(lanes[0, :TRACES]) + table + more + lost


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + "s" * (count != 1)


def _headed(text: str) -> str:
    return f"<p><code>{html.escape(text)}</code></p>"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""

    def line(cells: Iterable[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(line(row, "td") for row in rows[:ROWS])
    rest = f"<p>… and {len(rows) - ROWS} more</p>" if len(rows) > ROWS else ""
    return f"<table><thead>{line(header, 'th')}</thead><tbody>{body}</tbody></table>{rest}"


def _lines(traces: np.ndarray) -> str:
    """Traces as lines, each over its own range."""
    drawn = "".join(
        f'<polyline fill="none" stroke="{color}" points="{_points(trace)}"/>'
        for trace, color in zip(traces, COLORS)
        if np.isfinite(trace).all()
    )
    return f'<svg width="{WIDTH}" height="{HEIGHT}" xmlns="http://www.w3.org/2000/svg">{drawn}</svg>'


def _points(trace: np.ndarray) -> str:
    """Of each stretch as wide as a pixel the least and the largest value, so that no spike is missed."""
    parts = np.array_split(trace, min(WIDTH, trace.size))
    ends = np.array([(part.min(), part.max()) for part in parts])
    span = max(trace.max() - trace.min(), 1e-12)
    y = 2 + (HEIGHT - 4) * (trace.max() - ends) / span
    x = np.linspace(0, WIDTH, len(parts))
    return " ".join(f"{across:.1f},{low:.1f} {across:.1f},{high:.1f}" for across, (low, high) in zip(x, y))
