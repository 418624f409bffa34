"""What modules of Jaxley's door have beside their model: Jaxley's names, its trainables, and how edges are numbered."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from loligo._engine import Model
from loligo.parameters import Trainable
from loligo.saving import mechanisms
from loligo.saving.columns import column_of, written_column
from loligo.saving.field import Field
from loligo.saving.readable import number
from loligo.saving.writer import Json, Writer
from loligo.targets import Targets


def written(further: tuple[Any, ...], writer: Writer) -> Json:
    """The parts of what `Module._further` of the door returns, by name."""
    currents, starts, trained, connected, edge_keys, copied, controls, outlines, scope = further[:-5]
    node_controls, described, clamps, notes, midway = further[-5:]
    return {
        "currents": {name: list(names) for name, names in currents.items()},
        "starts": {name: _written_start(start) for name, start in starts.items()},
        "trainables": [_written_trainable(trainable, writer) for trainable in trained],
        "connected": [[name, int(count)] for name, count in connected],
        "edge_keys": dict(edge_keys),
        "copied": [list(each) for each in copied],
        "controls": None if controls is None else writer.indices(controls),
        "outlines": None if outlines is None else _written_outlines(outlines, writer),
        "scope": scope,
        "node_controls": None if node_controls is None else writer.indices(node_controls),
        "described": {name: asdict(description) for name, description in described.items()},
        "clamps": [_written_clamp(clamp, writer) for clamp in clamps],
        "notes": {
            name: written_column(name, pd.Series(noted).infer_objects(), writer) for name, noted in notes.items()
        },
        "midway": sorted(midway),
    }


def further_of(field: Field, model: Model) -> tuple[Any, ...]:
    """What `Module._take_further` of the door takes."""
    compartments = np.arange(model.values("v").size)
    controls, outlines, node_controls = field["controls"], field["outlines"], field["node_controls"]
    return (
        {name: _pair(own) for name, own in field["currents"].items()},
        {name: _start(own) for name, own in field["starts"].items()},
        [_trainable(own, model) for own in field["trainables"].each()],
        [(name.text(), count.whole()) for name, count in (own.each(2) for own in field["connected"].each())],
        {name: key.text() for name, key in field["edge_keys"].items()},
        [_pair(own) for own in field["copied"].each()],
        None if controls.is_null else controls.indices(least=-(2**62)),
        None if outlines.is_null else _outlines(outlines, len(model.branches())),
        field["scope"].one_of(("local", "global")),
        None if node_controls.is_null else node_controls.indices(least=-(2**62)),
        {name: _description(own) for name, own in field["described"].items()},
        [_clamp(own, model) for own in field["clamps"].each()],
        {name: column_of(own, compartments).to_numpy(dtype=object) for name, own in field["notes"].items()},
        {own.whole(len(model.branches())) for own in field["midway"].each()},
    )


def _pair(field: Field) -> tuple[str, str]:
    first, second = (own.text() for own in field.each(2))
    return first, second


def _written_clamp(clamp: Any, writer: Writer) -> Json:
    return {"key": clamp.key, "of": clamp.of, "rows": writer.indices(clamp.rows), "values": writer.array(clamp.values)}


def _clamp(field: Field, model: Model) -> Any:
    from loligo.jaxley.clamps import Clamp

    of = None if field["of"].is_null else field["of"].one_of(model.synapse_names())
    count = model.values("v").size if of is None else model.joins(of)[0].size
    rows = field["rows"].indices(count)
    return Clamp(field["key"].text(), rows, field["values"].array("float64", (rows.size, None)), of)


def _written_outlines(outlines: list[np.ndarray], writer: Writer) -> Json:
    """The points of each branch, those of one after those of another."""
    ends = np.cumsum([len(points) for points in outlines], dtype=np.int64)
    return {"points": writer.array(np.concatenate(outlines)), "ends": writer.indices(ends)}


def _outlines(field: Field, branches: int) -> list[np.ndarray]:
    points = field["points"].array("float64", (None, 4))
    ends = field["ends"].cuts(len(points), count=branches)
    return np.split(points, ends[:-1])


def _description(field: Field) -> Any:
    from loligo.jaxley.described import ChannelDescription, SynapseDescription

    def numbers(name: str) -> dict[str, float]:
        return {key: own.number() for key, own in field[name].items()}

    name = field["name"].text()
    if "synapse_params" in dict(field.items()):
        return SynapseDescription(name, numbers("synapse_params"), numbers("synapse_states"))
    ion = field["ion_name"]
    states, current = numbers("channel_states"), field["current_name"].text()
    return ChannelDescription(name, numbers("channel_params"), states, current, None if ion.is_null else ion.text())


def _written_start(start: Any) -> Json:
    return {
        "entries": mechanisms.written_entries(start.entries),
        "systems": mechanisms.written_systems(start.systems),
        "reads": dict(start.reads),
        "results": {name: int(at) for name, at in start.results.items()},
        "currents": list(start.currents),
        "refused": start.refused,
    }


def _start(field: Field) -> Any:
    from loligo.jaxley.written import Start

    entries = mechanisms.entries_of(field["entries"])
    return Start(
        entries,
        mechanisms.systems_of(field["systems"], len(entries)),
        {symbol: name.text() for symbol, name in field["reads"].items()},
        {name: at.whole(len(entries)) for name, at in field["results"].items()},
        tuple(field["currents"].texts()),
        None if field["refused"].is_null else field["refused"].text(),
    )


def _written_trainable(trainable: Trainable, writer: Writer) -> Json:
    return {
        "name": trainable.name,
        "quantities": list(trainable.quantities),
        "rows": writer.indices(trainable.targets.rows),
        "ends": writer.indices(trainable.targets.ends),
        "initial": writer.array(np.asarray(trainable.initial, dtype=np.float64)),
        "bounds": None if trainable.bounds is None else [number(bound) for bound in trainable.bounds],
    }


def _trainable(field: Field, model: Model) -> Trainable:
    quantities = tuple(own.one_of(model.quantities()) for own in field["quantities"].each())
    rows = field["rows"].indices(min((model.values(name).size for name in quantities), default=0))
    ends = field["ends"].cuts(rows.size)
    return Trainable(
        field["name"].text(),
        quantities,
        Targets(rows.astype(np.uintp), ends.astype(np.uintp)),
        field["initial"].array("float64", (ends.size,)),
        field["bounds"].bounds(),
    )
