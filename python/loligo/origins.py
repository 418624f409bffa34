"""Origins: how a model came to be and what was put on it, as plain data, so that it can be pickled."""

from collections.abc import Callable
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from loligo._engine import Mechanism, Model, Selection, SynapseSelection, Waveform

Origin = tuple[Any, ...]
"""What a shape is made of: `(kind, text, options)` of a kind in `TEXTS`, `("branches", drawn, options)`,
`("cylinder", length, radius, ncomp)`, `("chain", origins)`, `("tree", origins, parents)` or `("network", origins)`."""

TEXTS: dict[str, Callable[..., Model]] = {
    "swc": Model.parse_swc,
    "import3d": Model.parse_import3d,
    "asc": Model.parse_asc,
}
"""Kinds of shapes that are read from a text, and what reads it."""

RECONSTRUCTED = (*TEXTS, "branches")
"""Kinds of shapes whose branches go through points."""

KINDS = (*RECONSTRUCTED, "cylinder", "chain", "tree", "network")


class Drawn(NamedTuple):
    """A branch that is given by its points."""

    parent: tuple[int, float] | None
    """The branch that it attaches to, which comes before it, and where on that, from 0 to 1; None for the root."""
    type: int
    """SWC type, which makes groups."""
    name: str
    """To show, such as `dend[3]`; empty for one that its type makes."""
    points: np.ndarray
    """Shape (point, 5): x, y, z, radius, and how far along the branch each is, µm."""
    is_ball: bool = False
    """Whether it is a cylinder as long as wide that stands for a ball, of which it has the volume, too."""


Contents = dict[str, Any]
"""What is on a model."""

SILENCE = Waveform.samples(np.zeros(1))
"""No current."""


def build(origin: Origin) -> Model:
    """A bare model of this shape; a part that is repeated is made once."""
    made: dict[int, Model] = {}

    def part(origin: Origin) -> Model:
        if id(origin) not in made:
            made[id(origin)] = _build(origin, part)
        return made[id(origin)]

    return part(origin)


def _build(origin: Origin, build: Callable[[Origin], Model]) -> Model:
    match origin:
        case (kind, text, options) if kind in TEXTS:
            return TEXTS[kind](text, **options)
        case ("branches", drawn, options):
            return Model.from_branches(drawn, **options)
        case ("cylinder", length, radius, ncomp):
            return Model.cylinder(length, radius, ncomp)
        case ("chain", parts):
            return Model.chain([build(part) for part in parts])
        case ("tree", parts, parents):
            return Model.tree([build(part) for part in parts], parents)
    _, parts = origin
    return Model.network([build(part) for part in parts])


def contents(model: Model, inserted: dict[str, Mechanism]) -> Contents:
    """What is on a model, for `restored`."""
    return {
        "cylinders": model.cylinders(),
        "groups": model.groups(),
        "mechanisms": [(inserted[name], members) for name, members in model.mechanisms()],
        "sources": [
            (int(compartment), float(threshold), announcer, model.spike_times(source))
            for source, (compartment, threshold, announcer) in enumerate(zip(*model.spike_sources()))
        ],
        "synapses": [
            (inserted[name], *model.joins(name), model.connection_sources(name)) for name in model.connected_names()
        ],
        "celsius": float(model.values("celsius")[0]) if model.has_celsius else None,
        "reversals": model.reversals(),
        "values": {name: model.values(name) for name in model.quantities() if name != "celsius"},
        "stimuli": model.stimuli(),
        "plays": model.plays(),
        "clamps": model.clamps(),
        "recordings": model.recordings(),
        "trainables": model.trainables(),
    }


def restored(origin: Origin, held: Contents) -> tuple[Model, dict[str, Mechanism]]:
    """A model of this shape with these contents, and its mechanisms by name."""
    model = build(origin)
    if held["cylinders"]:
        model.make_cylinders(model.select(held["cylinders"], "shared"))
    for name, members in held["groups"]:
        model.add_to_group(name, model.select(members, "shared"))
    for mechanism, members in held["mechanisms"]:
        model.insert(mechanism, model.select(members, "shared"))
    # alike ones that follow each other go together: each call looks for all that there are
    for (announcer, threshold, is_train), alike in groupby(held["sources"], _way_of_spiking):
        own = list(alike)
        compartments = np.array([compartment for compartment, *_ in own], dtype=np.intp)
        if is_train:
            for *_, times in own:
                model.spike_train(times)
        elif announcer is not None:
            model.follow_spikes(announcer, compartments.astype(np.uintp))
        else:
            model.detect_spikes(compartments.astype(np.uintp), threshold)
    for mechanism, pre, post, sources in held["synapses"]:
        post = post.astype(np.uintp)
        if not sources.size:
            model.connect(mechanism, pre.astype(np.uintp), post)
        elif mechanism.name in {inserted.name for inserted, _ in held["mechanisms"]}:
            model.connect_events(mechanism.name, sources, post)
        else:
            model.connect_synapses(mechanism, sources, post)
    if held["celsius"] is not None:
        model.set("celsius", held["celsius"], model.everything())
    for ion, reversal in held["reversals"]:
        model.set_reversal(ion, reversal)
    for name, numbers in held["values"].items():
        there = np.flatnonzero(~np.isnan(numbers))
        if there.size and model.has_row_per_synapse(name):
            model.set_each_synapse(name, numbers[there], model.synapses(_owner(name), there.astype(np.uintp), True))
        elif there.size:
            model.set_each(name, numbers[there], model.select(there.tolist(), "shared"))
    for compartment, waveform in held["stimuli"]:
        model.stimulate(waveform, _only(model, compartment))
    for name, row, waveform in held["plays"]:
        play(model, name, waveform, _rows(model, name, row))
    for compartment, target, series_resistance, start, duration in held["clamps"]:
        model.clamp(target, series_resistance, start, duration, _only(model, compartment))
    for row, what, name in held["recordings"]:
        if _is_synaptic(model, what):
            model.record_synapses(what, name, _synapse(model, what, row))
        else:
            model.record(what, name, _only(model, row))
    for _, quantity, rows, ends, bounds in held["trainables"]:
        model.train_together(quantity, bounds, rows, ends)
    return model, {mechanism.name: mechanism for mechanism, *_ in (*held["mechanisms"], *held["synapses"])}


def _way_of_spiking(source: tuple[int, float, str | None, np.ndarray | None]) -> tuple[str | None, float, bool]:
    """Who announces the spikes of a source, or else the threshold, or else that they are given."""
    _, threshold, announcer, times = source
    return announcer, threshold if announcer is None and times is None else 0.0, times is not None


def play(model: Model, name: str, waveform: Waveform, selection: Selection | SynapseSelection) -> int:
    """Lets a quantity follow a waveform in compartments, or of synapses. Returns how many have it."""
    if isinstance(selection, SynapseSelection):
        return model.play_synapses(name, waveform, selection)
    return model.play(name, waveform, selection)


def as_set(model: Model, name: str, selection: Selection | SynapseSelection) -> Waveform:
    """A waveform that stands for what a run will play: what is set, which a mechanism's limits allow."""
    values = model.values(name)[selection.rows.astype(np.intp)]
    known = values[~np.isnan(values)]
    # where there is none the engine says why not
    return Waveform.samples(known[:1]) if known.size else SILENCE


def _rows(model: Model, name: str, row: int) -> Selection | SynapseSelection:
    return _synapse(model, name, row) if _is_synaptic(model, name) else _only(model, row)


def _only(model: Model, compartment: int) -> Selection:
    return model.select([compartment], "compartment")


def _synapse(model: Model, name: str, number: int) -> SynapseSelection:
    return model.synapses(_owner(name), np.array([number], dtype=np.uintp), True)


def _owner(name: str) -> str:
    return name.partition(".")[0]


def _is_synaptic(model: Model, name: str) -> bool:
    """Whether something is of synapses, and not of compartments."""
    return "." in name and _owner(name) in model.synapse_names()
