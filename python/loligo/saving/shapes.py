"""Shapes: what models are made of, each part written once however often it is repeated."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from loligo.errors import FormatError
from loligo.origins import KINDS, TEXTS, Drawn, Origin
from loligo.saving.field import Field
from loligo.saving.readable import number
from loligo.saving.writer import Json, Writer


class Shapes:
    """The list of shapes that a model refers to; parts stand before what is made of them.

    Attributes:
        entries: As JSON.
    """

    def __init__(self, writer: Writer) -> None:
        self.entries: list[Json] = []
        self._writer = writer
        self._known: dict[str, int] = {}
        self._seen: dict[int, int] = {}

    def add(self, origin: Origin) -> int:
        """The position of a shape in the list, to which it is added if it is new."""
        # the same part is repeated far more often than equal ones
        if id(origin) not in self._seen:
            entry = self._written(origin)
            key = json.dumps(entry)
            if key not in self._known:
                self._known[key] = len(self.entries)
                self.entries.append(entry)
            self._seen[id(origin)] = self._known[key]
        return self._seen[id(origin)]

    def _written(self, origin: Origin) -> Json:
        match origin:
            case (kind, text, options) if kind in TEXTS:
                held = {name: number(v) if isinstance(v, float) else v for name, v in options.items()}
                if "axon_stub" in options:
                    at, sections = options["axon_stub"]
                    cylinders = [{"length": number(length), "radius": number(radius)} for length, radius in sections]
                    held["axon_stub"] = {"at": number(at), "sections": cylinders}
                ending = "asc" if kind == "asc" else "swc"
                return {"kind": kind, "text": self._writer.text(text, "morphologies", ending), "options": held}
            case ("branches", drawn, options):
                return {"kind": "branches", **self._written_branches(drawn), "options": dict(options)}
            case ("cylinder", length, radius, ncomp):
                return {"kind": "cylinder", "length": number(length), "radius": number(radius), "ncomp": int(ncomp)}
            case ("tree", parts, parents):
                above = [None if parent is None else int(parent) for parent in parents]
                return {"kind": "tree", "parts": [self.add(part) for part in parts], "parents": above}
            case (kind, parts):
                return {"kind": kind, "parts": [self.add(part) for part in parts]}
        raise AssertionError(origin)

    def _written_branches(self, drawn: Sequence[Drawn]) -> dict[str, Json]:
        parents = [branch.parent or (-1, 0.0) for branch in drawn]
        balls = [index for index, branch in enumerate(drawn) if branch.is_ball]
        return {
            **({"balls": balls} if balls else {}),
            "parents": self._writer.indices([branch for branch, _ in parents]),
            "at": self._writer.array(np.array([at for _, at in parents])),
            "types": self._writer.indices([branch.type for branch in drawn]),
            "names": [branch.name for branch in drawn],
            "points": self._writer.array(np.concatenate([branch.points for branch in drawn])),
            "ends": self._writer.indices(np.cumsum([len(branch.points) for branch in drawn])),
        }


def shape_of(field: Field, compartments: int) -> Origin:
    """The last shape of a list: that of the model, which has so many compartments.

    Raises:
        FormatError: It is not such a list, or has more compartments.
    """
    shapes: list[Origin] = []
    sizes: list[int] = []
    for position, entry in enumerate(field.each()):
        kind = entry["kind"].one_of(KINDS)
        if kind in TEXTS:
            shapes.append((kind, entry["text"].long_text(), _options(kind, entry["options"], compartments)))
            sizes.append(1)
        elif kind == "branches":
            drawn = _branches(entry)
            name, counts = entry["options"]["name"].text(), _counts(entry["options"]["ncomp"], compartments)
            shapes.append((kind, drawn, {"name": name, "ncomp": counts}))
            sizes.append(sum(counts))
        elif kind == "cylinder":
            ncomp = entry["ncomp"].whole(compartments + 1, least=1)
            shapes.append((kind, entry["length"].number(), entry["radius"].number(), ncomp))
            sizes.append(ncomp)
        else:
            numbers = [part.whole(position) for part in entry["parts"].each()]
            parts = [shapes[number] for number in numbers]
            sizes.append(sum(sizes[number] for number in numbers))
            shapes.append((kind, parts, _parents(entry, len(parts))) if kind == "tree" else (kind, parts))
        # parts of parts of parts double quickly, and are built only after this
        if sizes[-1] > compartments:
            raise entry.refused(f"a shape of at most {compartments} compartments, which the model has")
    if not shapes:
        raise field.refused("at least one shape")
    return shapes[-1]


def _parents(entry: Field, count: int) -> list[int | None]:
    return [None if parent.is_null else parent.whole(count) for parent in entry["parents"].each(count)]


def _branches(entry: Field) -> tuple[Drawn, ...]:
    points = entry["points"].array("float64", (None, 5))
    ends = entry["ends"].cuts(len(points))
    parents = entry["parents"].indices(ends.size, least=-1, count=ends.size).tolist()
    at = entry["at"].array("float64", (ends.size,)).tolist()
    types = entry["types"].indices(least=-(2**31), below=2**31, count=ends.size).tolist()
    names = [name.text() for name in entry["names"].each(ends.size)]
    balls = {ball.whole(ends.size) for ball in entry["balls"].each()} if entry.has("balls") else set()
    are_balls = [index in balls for index in range(ends.size)]
    attached = [None if parent == -1 else (parent, where) for parent, where in zip(parents, at)]
    return tuple(Drawn(*branch) for branch in zip(attached, types, names, np.split(points, ends[:-1]), are_balls))


def _options(kind: str, field: Field, compartments: int) -> dict[str, object]:
    """The options of a reader of SWC or Neurolucida files."""
    options: dict[str, object] = {"name": field["name"].text(), "ncomp": _ncomp(field["ncomp"], compartments)}
    options["d_lambda"] = field["d_lambda"].number()
    if kind == "swc":
        options["min_radius"] = field["min_radius"].number_or_none()
        options["max_branch_len"] = field["max_branch_len"].number_or_none()
        roots = field["roots"]
        try:
            options["roots"] = roots.whole(least=-(2**62))
        except FormatError:
            options["roots"] = roots.text()
    elif field.has("axon_stub"):
        stub = field["axon_stub"]
        sections = [(own["length"].number(), own["radius"].number()) for own in stub["sections"].each()]
        options["axon_stub"] = (stub["at"].number(), sections)
    return options


def _ncomp(field: Field, compartments: int) -> int | list[int] | None:
    if field.is_null:
        return None
    if field.is_list:
        return _counts(field, compartments)
    return field.whole(compartments + 1, least=1)


def _counts(field: Field, compartments: int) -> list[int]:
    return [count.whole(compartments + 1, least=1) for count in field.each()]
