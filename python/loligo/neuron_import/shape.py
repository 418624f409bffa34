"""Trees of sections as cells with the same compartments: their frusta, lengths and junctions are NEURON's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loligo.errors import MorphologyError
from loligo.modules import Cell
from loligo.neuron_import.sections import Section
from loligo.origins import Drawn

TYPES = (("soma", 1), ("axon", 2), ("dend", 3), ("basal", 3), ("apic", 4))
"""The SWC types of sections by how their names begin."""

START, END = 0.0, 1.0


@dataclass
class Piece:
    """What becomes a branch: a section, or as much of it as can be one cable without a step in the radius.

    Attributes:
        section: The number of the section.
        segments: The segments of the section, from the end that is nearer to the root, shape (compartment,).
        points: x, y, z and radius, µm, shape (point, 4), from that end.
        path: How far along the branch the points are, µm, shape (point,).
        is_placed: Whether NEURON says where the points are.
        parent: The piece that it is connected to.
        at: Where on that, from 0 to 1: an end, or the middle of a compartment.
    """

    section: int
    segments: np.ndarray
    points: np.ndarray
    path: np.ndarray
    is_placed: bool
    parent: int | None = None
    at: float = END


def build(sections: list[Section], tree: list[int]) -> tuple[Cell, list[Piece]]:
    """The cell of a tree of sections, and the pieces that its branches are, in their order.

    Raises:
        MorphologyError: A section of which no branch can be made.
    """
    pieces = _connected(sections, tree)
    _place(pieces)
    drawn = tuple(_drawn(piece, sections[piece.section]) for piece in pieces)
    options = {"name": sections[tree[0]].name, "ncomp": [piece.segments.size for piece in pieces]}
    return Cell._read(("branches", drawn, options)), pieces


def _drawn(piece: Piece, section: Section) -> Drawn:
    kind = section.kind.lower()
    type_ = next((known for beginning, known in TYPES if kind.startswith(beginning)), 0)
    parent = None if piece.parent is None else (piece.parent, piece.at)
    return Drawn(parent, type_, section.name.rpartition(".")[2], np.column_stack([piece.points, piece.path]))


def _connected(sections: list[Section], tree: list[int]) -> list[Piece]:
    """All pieces, parents first, with what they are connected to."""
    root = tree[0]
    # so that, where it can be, everything leaves the far end of the root
    at_ends = [sections[i].parent_x for i in tree[1:] if sections[i].parent == root]
    sections[root].near_end = int(0.0 in at_ends and 1.0 not in at_ends)
    pieces: list[Piece] = []
    of_section: dict[int, range] = {}
    for index in tree:
        section = sections[index]
        made = _pieces(index, section)
        first = len(pieces)
        of_section[index] = range(first, first + len(made))
        if section.parent is not None:
            made[0].parent, made[0].at = _attachment(
                sections[section.parent], of_section[section.parent], pieces, section
            )
        for offset, piece in enumerate(made[1:]):
            piece.parent = first + offset
        pieces += made
    return pieces


def _attachment(parent: Section, its_pieces: range, pieces: list[Piece], section: Section) -> tuple[int, float]:
    """The piece and the place on it that a section is connected to."""
    x = section.parent_x
    if x in (0.0, 1.0):
        if x != parent.near_end:
            return its_pieces[-1], END
        first = pieces[its_pieces[0]]
        # the near end of a section is where that is connected itself
        return (its_pieces[0], START) if first.parent is None else (first.parent, first.at)
    segment = parent.segment_at(x)
    for index in its_pieces:
        inside = np.flatnonzero(pieces[index].segments == segment)
        if inside.size:
            return index, (int(inside[0]) + 0.5) / pieces[index].segments.size
    raise MorphologyError(f"{section.name} is connected to no segment of {parent.name}")


def _pieces(index: int, section: Section) -> list[Piece]:
    """A section from its near end, as one piece, or one for each run of segments of the same diameter."""
    segments = np.arange(section.nseg)
    if len(section.points):
        points, path = section.points, section.path
        if section.near_end == 1:
            segments, points, path = segments[::-1], points[::-1], path[-1] - path[::-1]
        path = _with_rim(points, path, section.areas[segments])
        return [Piece(index, segments, points.copy(), path, is_placed=True)]
    if section.near_end == 1:
        segments = segments[::-1]
    diameters = section.diameters[segments]
    runs = np.split(segments, np.flatnonzero(np.diff(diameters)) + 1)
    made = []
    for run in runs:
        length = section.length * (run.size / section.nseg)
        points = np.zeros((2, 4))
        points[1, 0] = length
        points[:, 3] = section.diameters[run[0]] / 2
        made.append(Piece(index, run, points, np.array([0.0, length]), is_placed=False))
    return made


def _with_rim(points: np.ndarray, path: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """The path along points. Where the radius steps at the far end, NEURON's rounding decides whether the ring there is
    part of the last segment; that of a branch is not, unless it is before the end, by however little."""
    at_end = path == path[-1]
    if at_end.sum() < 2:
        return path
    start = path[-1] * (1 - 1 / areas.size)
    behind = path > start
    along = np.concatenate([[start], path[behind]])
    radii = np.concatenate([[np.interp(start, path, points[:, 3])], points[behind, 3]])
    pieces = np.pi * (radii[:-1] + radii[1:]) * np.hypot(np.diff(along), np.diff(radii))
    ring = pieces[np.diff(along) == 0][-(at_end.sum() - 1) :].sum()
    if areas[-1] - (pieces.sum() - ring) < ring / 2:
        return path
    moved = path.copy()
    moved[np.flatnonzero(at_end)[:-1]] -= 1e-12 * path[-1]
    return np.maximum.accumulate(moved)


def _place(pieces: list[Piece]) -> None:
    """Lays those out of which NEURON does not say where they are: along x, turned so that those that leave one place
    fan out."""
    angles = np.zeros(len(pieces))
    siblings: dict[tuple[int | None, float], list[int]] = {}
    for index, piece in enumerate(pieces):
        siblings.setdefault((piece.parent, piece.at), []).append(index)
    for index, piece in enumerate(pieces):
        if piece.parent is None:
            continue
        parent, own = pieces[piece.parent], siblings[piece.parent, piece.at]
        leaves = {START: np.pi, END: 0.0}.get(piece.at, np.pi / 2 if len(own) < 3 else 0.0)
        angles[index] = angles[piece.parent] + leaves + 0.6 * (own.index(index) - (len(own) - 1) / 2)
        if not piece.is_placed:
            along = piece.at * parent.path[-1]
            start = [np.interp(along, parent.path, parent.points[:, axis]) for axis in range(3)]
            direction = np.array([np.cos(angles[index]), np.sin(angles[index]), 0.0])
            piece.points[:, :3] = np.array(start) + piece.path[:, None] * direction
