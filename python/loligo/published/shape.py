"""Shapes of published cells: the sections of NEURON's Import3d, cut as their scripts cut them; the axon may be a stub.

Scripts of the Allen Institute and BluePyOpt give a section of length L (µm) 1 + 2·floor(L/40) compartments, and replace
the axon by two cylinders, whose diameters they may take from the axon that was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from loligo.errors import ModelFileError
from loligo.modules import Cell
from loligo.read import text_of

LONGEST = 40.0
"""µm; a section that is longer has two compartments more for each time that this goes into it."""

FAR = 60.0
"""µm from the soma: the first section of the axon whose middle is farther gives the second cylinder its width."""

KINDS = {".swc": "import3d", ".asc": "asc"}
"""The readers by how names of files end."""

AXON = 2

SOMA = "1"
"""The type of its points in SWC files."""


@dataclass(frozen=True)
class Stub:
    """What replaces an axon.

    Attributes:
        at: Where on the soma it begins, from 0 to 1.
        length: Of each of its sections, µm.
        diameters: Of these sections, µm.
    """

    at: float
    length: float
    diameters: Sequence[float]


def read_shape(path: Path, stub: Stub | None = None) -> Cell:
    """The cell in a file, SWC or Neurolucida (`.asc`), with a stub in the place of its axon if one is given.

    Trees that an SWC file leaves apart from a soma of one point begin in the middle of that, as in NEURON.

    Raises:
        ModelFileError: The file is of another kind.
        MissingFileError, UnreadableFileError, MorphologyError: As from the readers.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise ModelFileError(f"{path} is no morphology: expected a file whose name ends in {' or '.join(KINDS)}")
    text = text_of(path) if kind == "asc" else _joined(text_of(path))
    options: dict[str, Any] = {"name": path.name, "ncomp": 1, "d_lambda": 0.1}
    if stub is not None:
        options["axon_stub"] = (stub.at, [(stub.length, diameter / 2) for diameter in stub.diameters])
    lengths = Cell._read((kind, text, options)).get("length")
    options["ncomp"] = [1 + 2 * int(length / LONGEST) for length in lengths]
    return Cell._read((kind, text, options))


def _joined(text: str) -> str:
    """The text of an SWC file whose soma is a single point, with that as the parent of whatever has none.

    So does NEURON connect trees that the file leaves apart.
    """
    lines = text.splitlines()
    points = {number: line.split("#")[0].split() for number, line in enumerate(lines)}
    points = {number: columns for number, columns in points.items() if len(columns) >= 7}
    somata = [columns for columns in points.values() if columns[1] == SOMA]
    roots = [number for number, columns in points.items() if columns[6] == "-1"]
    if len(somata) != 1 or len(roots) < 2 or points[roots[0]] != somata[0]:
        return text
    for number in roots[1:]:
        lines[number] = " ".join([*points[number][:6], somata[0][0]])
    return "\n".join(lines) + "\n"


def axon_diameters(cell: Cell, origin: float) -> tuple[float, float] | None:
    """The diameters of a stub, µm, that scripts take from an axon; none if there is no axon.

    They are that of its first section, and that of the first one whose middle is farther than 60 µm from a place on the
    soma (`origin`, from 0 to 1), or else of the first again; of a section it is that of the compartment in its middle.
    """
    axons = [branch for branch in cell._model.branches() if branch[4] == AXON]
    if not axons:
        return None
    radii, distances = cell.get("radius"), distances_from_soma(cell, origin)
    middles = [(first + end - 1) // 2 for _, _, _, (first, end), *_ in axons]
    far = [middle for middle in middles if distances[middle] > FAR]
    return 2 * float(radii[middles[0]]), 2 * float(radii[(far or middles)[0]])


def distances_from_soma(cell: Cell, origin: float) -> np.ndarray:
    """The way from a place on the first branch (from 0 to 1) to the middle of each compartment, µm, shape
    (compartment,)."""
    lengths = cell.get("length")
    distances = np.empty(lengths.size)
    starts: list[float] = []
    totals: list[float] = []
    for _, parent, _, (first, end), *_ in cell._model.branches():
        own = lengths[first:end]
        totals.append(float(own.sum()))
        middles = (np.arange(own.size) + 0.5) / own.size * totals[-1]
        if parent is None:
            starts.append(0.0)
            distances[first:end] = np.abs(middles - origin * totals[0])
            continue
        above, at = parent
        way = at * totals[above]
        starts.append(abs(way - origin * totals[0]) if above == 0 else starts[above] + way)
        distances[first:end] = starts[-1] + middles
    return distances
