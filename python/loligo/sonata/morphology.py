"""Morphologies: cells from SWC files with the sections that SONATA counts, and the stub that replaces an axon."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from loligo.errors import MorphologyError, SonataError, did_you_mean
from loligo.modules import Cell
from loligo.read import text_of

SOMA, AXON = 1, 2
STUB_LENGTH = 30.0
"""µm, of each of the two sections of a stub."""

PROCESSING = ("fullaxon", "aibs_perisomatic", "aibs_allactive")
"""What can be done to a morphology; the second and the third put a stub in the place of the axon."""


@dataclass(frozen=True)
class Sections:
    """The sections of a cell in SONATA's order: the soma, then axon, basal and apical dendrites; a stub comes last.

    Attributes:
        starts: The first compartment of each, shape (section,).
        counts: How many compartments it has, shape (section,).
    """

    starts: np.ndarray
    counts: np.ndarray


def read_morphology(path: Path, processing: str, longest: float | None) -> tuple[Cell, Sections]:
    """The cell in an SWC file.

    Args:
        processing: One of `PROCESSING`.
        longest: About how long a compartment may be, µm: a section of length L has 1 + 2·floor(L/(2·longest)); by the
            d_lambda rule if left out.

    Raises:
        SonataError: Another way of processing, or no axon where it gives a stub its diameters.
        MorphologyError: The file cannot be taken.
    """
    if processing not in PROCESSING:
        raise SonataError(
            f"model_processing is `{processing}`, expected one of {', '.join(PROCESSING)}"
            f"{did_you_mean(processing, PROCESSING)}"
        )
    text, has_stub = text_of(path), processing != "fullaxon"
    if has_stub:
        text = _with_stub(text, path, *_diameters(text, path, processing))
    # lengths of sections, or numbers of compartments by the rule
    whole = _cell(text, path, 1 if longest is not None else None)
    branches = whole._model.branches()
    is_axon = np.array([name.startswith("axon") for name, *_ in branches])
    if longest is not None:
        counts = 1 + 2 * (whole.get("length") / (2 * longest)).astype(int)
        half = 1 + 2 * int(STUB_LENGTH / (2 * longest))
    else:
        counts = np.array([last - first for _, _, _, (first, last), *_ in branches])
        half = max(1, -(-int(counts[is_axon].sum()) // 2))
    if has_stub:
        counts[is_axon] = 2 * half
    starts = np.cumsum(counts) - counts
    cell = _cell(text, path, counts.tolist())
    if not has_stub:
        return cell, Sections(starts, counts)
    first = int(starts[is_axon][0])
    return cell, Sections(
        np.concatenate([starts[~is_axon], [first, first + half]]), np.concatenate([counts[~is_axon], [half, half]])
    )


def _cell(text: str, path: Path, ncomp: int | list[int] | None) -> Cell:
    return Cell._read(("import3d", text, {"name": path.name, "ncomp": ncomp, "d_lambda": 0.1}))


def _diameters(text: str, path: Path, processing: str) -> tuple[float, float]:
    """Those of the two sections of a stub, µm: 1, or those of the first and the last section of the axon."""
    if processing == "aibs_perisomatic":
        return 1.0, 1.0
    whole = _cell(text, path, 1)
    if "axon" not in whole.groups:
        raise SonataError(f"model_processing is `{processing}`, but {path} has no axon")
    radii = whole.axon.get("radius")
    return 2 * float(radii[0]), 2 * float(radii[-1])


def _with_stub(text: str, path: Path, first: float, second: float) -> str:
    """The text of an SWC file without its axon, and with two straight sections at the middle of the soma instead."""
    lines = [line.split()[:7] for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    types = {line[0]: line[1] for line in lines}
    roots = [line for line in lines if line[1] == str(SOMA)]
    if not roots:
        raise MorphologyError(f"{path} has no soma, at which a stub of an axon would begin")
    kept = [line for line in lines if line[1] != str(AXON)]
    for line in kept:
        if types.get(line[6]) == str(AXON):
            raise MorphologyError(f"{path}: point {line[0]} is no axon, but begins at one, which a stub replaces")
    soma, *position = roots[0][0], *map(float, roots[0][2:5])
    number = max(int(line[0]) for line in lines)
    parent = soma
    # a step in the radius lies between two points at the same place
    for along, diameter in ((0.0, first), (STUB_LENGTH, first), (STUB_LENGTH, second), (2 * STUB_LENGTH, second)):
        number += 1
        x, y, z = position[0], position[1] + along, position[2]
        kept.append([str(number), str(AXON), f"{x!r}", f"{y!r}", f"{z!r}", f"{diameter / 2!r}", str(parent)])
        parent = str(number)
    return "\n".join(" ".join(line) for line in kept) + "\n"
