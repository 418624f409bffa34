"""Models as data: their shape, and what is on it; see `loligo.origins`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from loligo import modules, origins
from loligo._engine import Mechanism, Waveform
from loligo.errors import FormatError, LoligoError, SavingError
from loligo.saving import mechanisms, waveforms
from loligo.saving.field import Field
from loligo.saving.readable import number
from loligo.saving.shapes import Shapes, shape_of
from loligo.saving.writer import Json, Writer
from loligo.sonata.network import SonataNetwork

_JAXLEY = "jaxley."
"""Before the names of the modules of Jaxley's door."""

_PLAIN = ("Compartment", "Branch", "Cell", "Network")
"""Modules that keep nothing besides their model."""

_KINDS: dict[str, type[modules.Module]] = {
    **{kind.__name__: kind for kind in (modules.Compartment, modules.Branch, modules.Cell, modules.Network)},
    SonataNetwork.__name__: SonataNetwork,
}


def written(module: modules.Module, writer: Writer) -> dict[str, Json]:
    """Everything that a module is and has.

    Raises:
        SavingError: Its class is one of the caller's, or it holds what files have no place for.
    """
    model = module._model
    kind = _name_of(type(module))
    held = origins.contents(model, module._inserted)
    shapes = Shapes(writer)
    shapes.add(module._origin)
    used = {mechanism.name: mechanism for mechanism, *_ in (*held["mechanisms"], *held["synapses"])}
    return {
        "kind": kind,
        "compartments": model.counts[2],
        "shapes": shapes.entries,
        **({"cylinders": writer.indices(held["cylinders"])} if held["cylinders"] else {}),
        "groups": {name: writer.indices(members) for name, members in held["groups"]},
        "mechanisms": {name: mechanisms.written(mechanism, writer) for name, mechanism in used.items()},
        "insertions": [
            {"mechanism": mechanism.name, "compartments": writer.indices(members)}
            for mechanism, members in held["mechanisms"]
        ],
        "spike_sources": _written_sources(held["sources"], writer),
        "synapses": [
            {
                "mechanism": mechanism.name,
                "pre": writer.indices(pre),
                "post": writer.indices(post),
                "spike_sources": writer.indices(sources),
            }
            for mechanism, pre, post, sources in held["synapses"]
        ],
        "celsius": None if held["celsius"] is None else number(held["celsius"]),
        "reversal_potentials": dict(held["reversals"]),
        "values": {name: writer.array(values) for name, values in held["values"].items()},
        "stimuli": _written_stimuli(held["stimuli"], writer),
        **_written_plays(held["plays"], writer),
        "clamps": [
            {
                "compartment": int(compartment),
                "target": waveforms.written(target, writer),
                "series_resistance": None if resistance is None else number(resistance),
                "start": number(start),
                "duration": number(duration),
            }
            for compartment, target, resistance, start, duration in held["clamps"]
        ],
        "recordings": [[int(row), what, name] for row, what, name in held["recordings"]],
        "trainables": [
            {
                "quantity": quantity,
                "rows": writer.indices(rows),
                "ends": writer.indices(ends),
                "bounds": None if bounds is None else [number(bound) for bound in bounds],
            }
            for _, quantity, rows, ends, bounds in held["trainables"]
        ],
        "further": _written_further(kind, module, writer),
    }


def fingerprint(module: modules.Module) -> dict[str, str]:
    """Hashes of the parts of a model, by what a message calls them."""
    writer = Writer()
    found: dict[str, str] = {}
    for part, content in written(module, writer).items():
        if part in ("mechanisms", "values"):
            one = part.removesuffix("s")
            found |= {f"the {one} `{name}` of the model": writer.digest(own) for name, own in content.items()}
        else:
            found[f"`{part}` of the model"] = writer.digest(content)
    return found


def module_of(field: Field) -> modules.Module:
    """The module that is written there.

    Raises:
        FormatError: It is no such thing, or one that cannot be built; the message says what and where.
    """
    made = _kind_of(field["kind"])
    try:
        origin, held = _contents(field)
        model, inserted = origins.restored(origin, held)
        if model.counts[2] != field["compartments"].whole():
            raise field["compartments"].refused(f"{model.counts[2]}, which the shape has")
        kind = field["kind"].text()
        further = None if kind in _PLAIN else _format_of(kind).further_of(field["further"], model)
        return modules._remade(made, origin, model, inserted, further)
    except FormatError:
        raise
    except (LoligoError, OverflowError) as error:
        raise field.refused_as_a_whole(error) from error


def _contents(field: Field) -> tuple[origins.Origin, origins.Contents]:
    # a number for each compartment is in the file, so that its size is a bound for theirs
    compartments = field["compartments"].whole(least=1)
    field["values"]["radius"].array("float64", (compartments,))
    origin = shape_of(field["shapes"], compartments)
    made = {name: mechanisms.mechanism_of(own, name) for name, own in field["mechanisms"].items()}
    sources = _sources(field["spike_sources"], compartments, list(made))
    synapses = [_synapses(own, made, compartments, len(sources)) for own in field["synapses"].each()]
    sizes = {mechanism.name: post.size for mechanism, _, post, _ in synapses}
    held: origins.Contents = {
        "cylinders": field["cylinders"].indices(compartments).tolist() if field.has("cylinders") else [],
        "groups": [(name, members.indices(compartments).tolist()) for name, members in field["groups"].items()],
        "mechanisms": [
            (made[own["mechanism"].one_of(made)], own["compartments"].indices(compartments).tolist())
            for own in field["insertions"].each()
        ],
        "sources": sources,
        "synapses": synapses,
        "celsius": field["celsius"].number_or_none(),
        "reversals": [(ion, choice.text()) for ion, choice in field["reversal_potentials"].items()],
        "values": {name: _values(name, own, compartments, sizes) for name, own in field["values"].items()},
        "stimuli": _stimuli(field["stimuli"], compartments),
        "plays": _plays(field["plays"]) if field.has("plays") else [],
        "clamps": [
            (
                own["compartment"].whole(compartments),
                waveforms.waveform_of(own["target"]),
                own["series_resistance"].number_or_none(),
                own["start"].number(),
                own["duration"].number(),
            )
            for own in field["clamps"].each()
        ],
        "recordings": [
            (row.whole(2**62), what.text(), name.text())
            for row, what, name in (own.each(3) for own in field["recordings"].each())
        ],
        "trainables": [_trainable(own) for own in field["trainables"].each()],
    }
    return origin, held


def _values(name: str, field: Field, compartments: int, synapses: dict[str, int]) -> np.ndarray:
    """A number for each compartment, or for each synapse."""
    values = field.array("float64", (None,))
    known = {compartments, synapses.get(name.partition(".")[0], 0)}
    if values.size not in known:
        raise field["shape"].refused(" or ".join(f"[{size}]" for size in sorted(known)))
    return values


def _trainable(field: Field) -> tuple[str, str, np.ndarray, np.ndarray, tuple[float, float] | None]:
    rows = field["rows"].indices()
    ends = field["ends"].cuts(rows.size)
    quantity = field["quantity"].text()
    return quantity, quantity, rows.astype(np.uintp), ends.astype(np.uintp), field["bounds"].bounds()


def _synapses(
    field: Field, made: dict[str, Mechanism], compartments: int, sources: int
) -> tuple[Mechanism, np.ndarray, np.ndarray, np.ndarray]:
    post = field["post"].indices(compartments)
    pre = field["pre"].indices(compartments, least=-1, count=post.size)
    found = field["spike_sources"].indices(sources)
    if found.size not in (0, post.size):
        raise field["spike_sources"].refused(f"none or {post.size}, one for each synapse")
    if not found.size and (pre < 0).any():
        raise field["pre"].refused("compartments where no spikes are given")
    return made[field["mechanism"].one_of(made)], pre, post, found.astype(np.uintp)


def _written_sources(sources: list[tuple[int, float, str | None, np.ndarray | None]], writer: Writer) -> Json:
    """Where spikes come from, a row each; trains of given spikes one after the other."""
    announcers = list(dict.fromkeys(name for _, _, name, _ in sources if name is not None))
    trains = [times for *_, times in sources if times is not None]
    return {
        "compartments": writer.indices([compartment for compartment, *_ in sources]),
        "thresholds": writer.array(np.array([threshold for _, threshold, _, _ in sources], dtype=np.float64)),
        "announcers": announcers,
        "announcer": writer.indices([-1 if name is None else announcers.index(name) for _, _, name, _ in sources]),
        "times": writer.array(np.concatenate([np.empty(0), *trains])),
        "ends": writer.indices(np.cumsum([len(times) for times in trains], dtype=np.int64)),
    }


def _sources(
    field: Field, compartments: int, mechanisms: list[str]
) -> list[tuple[int, float, str | None, np.ndarray | None]]:
    places = field["compartments"].indices(compartments, least=-1)
    thresholds = field["thresholds"].array("float64", (places.size,))
    announcers = [name.one_of(mechanisms) for name in field["announcers"].each()]
    announcer = field["announcer"].indices(len(announcers), least=-1, count=places.size)
    times = field["times"].array("float64", (None,))
    ends = field["ends"].cuts(times.size, count=int((places < 0).sum()))
    trains = iter(np.split(times, ends[:-1]) if ends.size else [])
    return [
        (place, threshold, None if who < 0 else announcers[who], next(trains) if place < 0 else None)
        for place, threshold, who in zip(places.tolist(), thresholds.tolist(), announcer.tolist())
    ]


def _written_stimuli(stimuli: list[tuple[int, Waveform]], writer: Writer) -> Json:
    """Waveforms, and which is injected where."""
    return {
        "compartments": writer.indices([compartment for compartment, _ in stimuli]),
        **_each_once([waveform for _, waveform in stimuli], writer),
    }


def _each_once(all_waveforms: list[Waveform], writer: Writer) -> dict[str, Json]:
    """Waveforms, each once, and which of them each is."""
    known: dict[str, int] = {}
    distinct: list[Json] = []
    which = []
    for waveform in all_waveforms:
        entry = waveforms.written(waveform, writer)
        if str(entry) not in known:
            known[str(entry)] = len(distinct)
            distinct.append(entry)
        which.append(known[str(entry)])
    return {"waveform": writer.indices(which), "waveforms": distinct}


def _stimuli(field: Field, compartments: int) -> list[tuple[int, Waveform]]:
    places = field["compartments"].indices(compartments)
    return list(zip(places.tolist(), _all_of(field, places.size)))


def _all_of(field: Field, count: int) -> list[Waveform]:
    distinct = [waveforms.waveform_of(own) for own in field["waveforms"].each()]
    return [distinct[own] for own in field["waveform"].indices(len(distinct), count=count).tolist()]


def _written_plays(plays: list[tuple[str, int, Waveform]], writer: Writer) -> dict[str, Json]:
    """Waveforms, and which each quantity of a compartment or synapse follows; nothing if nothing is played."""
    if not plays:
        return {}
    return {
        "plays": {
            "quantities": [name for name, _, _ in plays],
            "rows": writer.indices([row for _, row, _ in plays]),
            **_each_once([waveform for _, _, waveform in plays], writer),
        }
    }


def _plays(field: Field) -> list[tuple[str, int, Waveform]]:
    names = field["quantities"].texts()
    rows = field["rows"].indices(count=len(names))
    return list(zip(names, rows.tolist(), _all_of(field, len(names))))


def _name_of(kind: type[modules.Module]) -> str:
    """What files call a class of modules."""
    for name, known in _KINDS.items():
        if kind is known:
            return name
    if kind.__module__.startswith("loligo.jaxley.modules."):
        return _JAXLEY + kind.__name__
    raise SavingError(
        f"a {kind.__name__} cannot be saved: reading it would need the code of the class; save one of "
        f"{', '.join(f'lo.{name}' for name in _PLAIN)}"
    )


def _kind_of(field: Field) -> type[modules.Module]:
    """The class of a name; only those that are known here are looked up."""
    name = field.one_of((*_KINDS, *(_JAXLEY + each for each in _PLAIN)))
    if name in _KINDS:
        return _KINDS[name]
    return getattr(import_module("loligo.jaxley.modules"), name.removeprefix(_JAXLEY))


def _written_further(kind: str, module: modules.Module, writer: Writer) -> Json:
    """What subclasses keep of their own."""
    if kind in _PLAIN:
        return None
    return _format_of(kind).written(module._further(), writer)


def _format_of(kind: str) -> Any:
    """Who writes and reads that."""
    from loligo.saving import jaxley, sonata

    return jaxley if kind.startswith(_JAXLEY) else sonata
