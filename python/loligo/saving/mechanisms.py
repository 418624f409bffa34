"""Mechanisms as data: NMODL text with its tables, the formulas that were traced of a class in Python, or the number
that diffuses.

A class in Python is not needed to read what was traced of it: the engine assembles the mechanism from the formulas. Its
text is kept beside them for people, and is never run.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import PureWindowsPath
from typing import Any

import numpy as np

from loligo._engine import Mechanism
from loligo.saving.field import Field
from loligo.saving.readable import number
from loligo.saving.writer import Json, Writer
from loligo.tracing import Description
from loligo.tracing.entries import Entry, System


def written(mechanism: Mechanism, writer: Writer) -> Json:
    """A mechanism, without its name."""
    # what a mechanism pickles as is the call that makes it, with texts and numbers or with a description, which is data
    maker, arguments = mechanism.__reduce__()
    if maker.__name__ == "compile":
        text, file, _, tables = arguments
        return {
            "made_of": "nmodl",
            "text": writer.text(text, "mechanisms", "mod"),
            # where the file was is nobody's business; this takes both kinds of slashes
            "file": PureWindowsPath(file).name,
            "tables": {name: _table(points, writer) for name, points in (tables or {}).items()},
        }
    if maker.__name__ == "diffusing":
        _, diffusing, ion = arguments
        return {"made_of": "diffusion", "number": diffusing, "ion": ion}
    description, _ = arguments
    return {
        "made_of": "formulas",
        "text": writer.text(description.source, "mechanisms", "py"),
        "formulas": _described(description),
    }


def mechanism_of(field: Field, name: str) -> Mechanism:
    """The mechanism that is written there, under this name."""
    made_of = field["made_of"].one_of(("nmodl", "formulas", "diffusion"))
    if made_of == "diffusion":
        return Mechanism.diffusing(name, field["number"].text(), field["ion"].text_or_none())
    if made_of == "nmodl":
        tables = {table: _points(points) for table, points in field["tables"].items()}
        return Mechanism.compile(field["text"].long_text(), field["file"].text(), name, tables or None)
    return Mechanism.assemble(_description(field["formulas"], field["text"].long_text()), name)


def written_entries(entries: list[Entry]) -> Json:
    """Traced expressions: `["constant", 2.0]`, `["symbol", "v"]`, or an operation and the positions of its operands."""
    return [_entry(*entry) for entry in entries]


def entries_of(field: Field) -> list[Entry]:
    """The expressions that are written there."""
    return [_entry_of(item, position) for position, item in enumerate(field.each())]


def written_systems(systems: list[System]) -> Json:
    """Implicit steps."""
    return [
        {"unknowns": unknowns, "before": before, "change": change, "solution": solution}
        for unknowns, before, change, solution in systems
    ]


def systems_of(field: Field, count: int) -> list[System]:
    """The implicit steps that are written there, of so many expressions."""
    systems = []
    for item in field.each():
        unknowns = item["unknowns"].texts()
        size = len(unknowns)
        before, change = ([at.whole(count) for at in item[name].each(size)] for name in ("before", "change"))
        systems.append((unknowns, before, change, [own.text() for own in item["solution"].each(size)]))
    return systems


def _table(points: tuple[Any, ...], writer: Writer) -> Json:
    *axes, values = (np.asarray(part, dtype=np.float64) for part in points)
    return {"axes": [writer.array(axis) for axis in axes], "values": writer.array(values)}


def _points(field: Field) -> tuple[Any, ...]:
    axes = [axis.array("float64", (None,)) for axis in field["axes"].each()]
    if len(axes) not in (1, 2):
        raise field["axes"].refused("one axis or two")
    values = field["values"].array("float64", tuple(axis.size for axis in axes))
    return (*(axis.tolist() for axis in axes), values.tolist())


def _entry(operation: str, operands: tuple[int, ...], value: float, name: str) -> Json:
    if operation == "constant":
        return [operation, number(value)]
    return [operation, name] if operation == "symbol" else [operation, *map(int, operands)]


def _entry_of(item: Field, position: int) -> Entry:
    parts = item.each()
    if not parts:
        raise item.refused("an operation and the positions of its operands")
    kind = parts[0].text()
    if kind in ("constant", "symbol"):
        (operand,) = item.each(2)[1:]
        return (kind, (), operand.number(), "") if kind == "constant" else (kind, (), 0.0, operand.text())
    return kind, tuple(operand.whole(position) for operand in parts[1:]), 0.0, ""


_LISTS = ("parameters", "states", "shared", "commons", "ions", "currents", "fluxes", "observables", "solves")


def _described(description: Description) -> Json:
    held: dict[str, Any] = {each.name: getattr(description, each.name) for each in fields(description)}
    del held["source"]
    held["entries"] = written_entries(description.entries)
    held["systems"] = written_systems(description.systems)
    for name in _LISTS:
        held[name] = [[number(part) if isinstance(part, float) else part for part in row] for row in held[name]]
    return held


def _description(field: Field, source: str) -> Description:
    entries = entries_of(field["entries"])
    count = len(entries)

    def rows(name: str, length: int) -> list[list[Field]]:
        return [row.each(length) for row in field[name].each()]

    def at(place: Field) -> int:
        return place.whole(count)

    def at_or_none(place: Field) -> int | None:
        return None if place.is_null else at(place)

    described = Description(field["name"].text(), source, entries, systems_of(field["systems"], count))
    described.parameters = [(n.text(), default.number(), unit.text()) for n, default, unit in rows("parameters", 3)]
    described.states = [(n.text(), at(start), rate.truth(), at(step)) for n, start, rate, step in rows("states", 4)]
    described.shared = [
        (n.text(), at_or_none(start), rate.truth(), at(step)) for n, start, rate, step in rows("shared", 4)
    ]
    described.commons = [(n.text(), default.number()) for n, default in rows("commons", 2)]
    described.ions = [
        (n.text(), reads.texts(), writes.texts(), None if charge.is_null else charge.whole(2**31, least=-(2**31)))
        for n, reads, writes, charge in rows("ions", 4)
    ]
    described.currents = [(n.text(), ion.text_or_none(), at(density)) for n, ion, density in rows("currents", 3)]
    described.conductance = at_or_none(field["conductance"])
    described.fluxes = [(n.text(), at(rate)) for n, rate in rows("fluxes", 2)]
    described.observables = [(n.text(), at(value)) for n, value in rows("observables", 2)]
    described.solves = [(names.texts(), implicit.truth()) for names, implicit in rows("solves", 2)]
    described.spikes = field["spikes"].text_or_none()
    described.in_jaxleys_manner = field["in_jaxleys_manner"].truth()
    described.is_synapse = field["is_synapse"].truth()
    return described
