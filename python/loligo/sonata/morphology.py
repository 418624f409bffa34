"""Morphologies: cells from SWC files with the sections that SONATA counts, and the stub that replaces an axon."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from loligo.errors import SonataError, did_you_mean
from loligo.modules import Cell
from loligo.read import text_of

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
    text = text_of(path)
    options: dict[str, Any] = {"name": path.name, "ncomp": None if longest is None else 1, "d_lambda": 0.1}
    if processing != "fullaxon":
        diameters = _diameters(text, path, processing)
        options["axon_stub"] = (0.5, [(STUB_LENGTH, diameter / 2) for diameter in diameters])
    # lengths of sections, or numbers of compartments by the rule
    whole = Cell._read(("import3d", text, options))
    if longest is not None:
        counts = 1 + 2 * (whole.get("length") / (2 * longest)).astype(int)
    else:
        counts = np.array([last - first for _, _, _, (first, last), *_ in whole._model.branches()])
    cell = Cell._read(("import3d", text, {**options, "ncomp": counts.tolist()}))
    return cell, Sections(np.cumsum(counts) - counts, counts)


def _diameters(text: str, path: Path, processing: str) -> tuple[float, float]:
    """Those of the two sections of a stub, µm: 1, or those of the first and the last section of the axon."""
    if processing == "aibs_perisomatic":
        return 1.0, 1.0
    whole = Cell._read(("import3d", text, {"name": path.name, "ncomp": 1, "d_lambda": 0.1}))
    if "axon" not in whole.groups:
        raise SonataError(f"model_processing is `{processing}`, but {path} has no axon")
    radii = whole.axon.get("radius")
    return 2 * float(radii[0]), 2 * float(radii[-1])
