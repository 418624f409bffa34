"""Trees of sections as cells with the same compartments: their frusta, lengths and junctions are NEURON's.

A cell is written as the text of an SWC file of our own, which the reader cuts into the branches that are meant. What
the text relies on: a soma (type 1) is not cut where something of another type leaves it, and what leaves from its
inside starts with its own first point and is connected to the middle of the compartment; all other branches are cut
where several points leave, or one of another type. A point on the same place as the last one, behind it, gives the
branches that start there its radius, and no area.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from loligo.errors import MorphologyError
from loligo.modules import Cell
from loligo.neuron_import.sections import Section

SOMA = 1
CUT = 99
"""The type of a point that only cuts: it makes no branch."""

TYPES = (("soma", SOMA), ("axon", 2), ("dend", 3), ("basal", 3), ("apic", 4))
"""The SWC types of sections by how their names begin."""

START, END = -1, -2
"""Connected to an end of the parent; else the number of a compartment, to whose middle it is."""


@dataclass
class Piece:
    """What becomes a branch: a section, or as much of it as can be one cable without a step in the radius.

    Attributes:
        section: The number of the section.
        segments: The segments of the section, from the end that is nearer to the root, shape (compartment,).
        points: x, y, z and radius, µm, shape (point, 4), from that end; where it lies is decided later.
        path: How far along the branch the points are, µm, shape (point,).
        is_placed: Whether NEURON says where the points are.
        parent: The piece that it is connected to.
        at: Where on that: `START`, `END` or the number of a compartment.
        type: SWC type.
        children: The pieces that are connected to it.
    """

    section: int
    segments: np.ndarray
    points: np.ndarray
    path: np.ndarray
    is_placed: bool
    parent: int | None = None
    at: int = END
    type: int = 0
    children: list[int] = field(default_factory=list)


def build(sections: list[Section], tree: list[int]) -> tuple[Cell, list[Piece]]:
    """The cell of a tree of sections, and the pieces that its branches are, in their order.

    Raises:
        MorphologyError: The reader made other branches of the text than were meant.
    """
    pieces = _connected(sections, tree)
    _choose_types(sections, pieces)
    _place(pieces)
    order, text = _written(pieces)
    counts = [pieces[index].segments.size for index in order]
    options = {
        "name": sections[tree[0]].name,
        "ncomp": counts,
        "d_lambda": 0.1,
        "min_radius": None,
        "max_branch_len": None,
        "roots": "single",
    }
    cell = Cell._read(("swc", text, options))
    if [last - first for _, _, _, (first, last), *_ in cell._model.branches()] != counts:
        raise MorphologyError(f"the branches of {options['name']} are not its sections")
    return cell, [pieces[index] for index in order]


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
            piece.parent, piece.at = first + offset, END
        pieces += made
    for index, piece in enumerate(pieces):
        if piece.parent is not None:
            pieces[piece.parent].children.append(index)
    return pieces


def _attachment(parent: Section, its_pieces: range, pieces: list[Piece], section: Section) -> tuple[int, int]:
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
            return index, int(inside[0])
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
    part of the last segment; the reader leaves it out unless it is before the end, by however little."""
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
    return moved


def _choose_types(sections: list[Section], pieces: list[Piece]) -> None:
    """Gives pieces the SWC types of their names, and that of a soma to those that others leave in ways that only somata
    allow."""
    for piece in pieces:
        name = sections[piece.section].kind.lower()
        piece.type = next((kind for beginning, kind in TYPES if name.startswith(beginning)), 0)
        inside = any(pieces[child].at >= 0 for child in piece.children)
        if inside or len(_radii_at_end(piece, pieces)) > 1:
            piece.type = SOMA
    root = pieces[0]
    at_start = [pieces[child] for child in root.children if pieces[child].at == START]
    # a tree with a soma is turned to start there
    if at_start or any(piece.type == SOMA for piece in pieces):
        root.type = SOMA


def _radii_at_end(piece: Piece, pieces: list[Piece]) -> list[float]:
    """The radii of what leaves the far end."""
    radii = [float(pieces[child].points[0, 3]) for child in piece.children if pieces[child].at == END]
    return list(dict.fromkeys(radii))


def _place(pieces: list[Piece]) -> None:
    """Lays the pieces out: those with 3-D points where they are, or where the end of their parent is; others, which lie
    along x, in a fan. The distances between points are as the path says, to rounding."""
    angles = np.zeros(len(pieces))
    for index, piece in enumerate(pieces):
        origin = piece.points[0, :3]
        if piece.parent is not None:
            parent = pieces[piece.parent]
            siblings = [child for child in parent.children if pieces[child].at == piece.at]
            position = siblings.index(index) - (len(siblings) - 1) / 2
            leaves = {START: np.pi, END: 0.0}.get(piece.at, np.pi / 2 if len(siblings) < 3 else 0.0)
            angles[index] = angles[piece.parent] + leaves + 0.6 * position
            if piece.at < 0:
                origin = parent.points[0 if piece.at == START else -1, :3]
            elif not piece.is_placed:
                middle = (piece.at + 0.5) / parent.segments.size * parent.path[-1]
                origin = np.array([np.interp(middle, parent.path, parent.points[:, axis]) for axis in range(3)])
        if piece.is_placed:
            directions = np.diff(piece.points[:, :3], axis=0)
            for number in range(1, len(directions)):
                if not directions[number].any():
                    directions[number] = directions[number - 1]
        else:
            directions = np.array([[np.cos(angles[index]), np.sin(angles[index]), 0.0]])
        lengths = np.diff(piece.path)
        norms = np.linalg.norm(directions, axis=1)
        steps = directions * np.divide(lengths, norms, out=np.zeros_like(lengths), where=norms > 0)[:, None]
        at = origin.copy()
        for point, step in enumerate(steps, start=1):
            piece.points[point - 1, :3] = at
            at = at + step
        piece.points[-1, :3] = at


def _written(pieces: list[Piece]) -> tuple[list[int], str]:
    """The pieces in the order of the branches that the reader makes, depth first, and the text that it reads."""
    order: list[int] = []
    lines: list[str] = []

    def write(kind: int, point: np.ndarray, parent: int) -> int:
        numbers = " ".join(repr(float(number)) for number in point)
        lines.append(f"{len(lines) + 1} {kind} {numbers} {parent}")
        return len(lines)

    waiting = [(0, -1, False)]
    while waiting:
        index, above, is_cut = waiting.pop()
        piece = pieces[index]
        order.append(index)
        if is_cut:
            above = write(CUT, np.array([*map(float, lines[above - 1].split()[2:6])]), above)
        points, nodes_of = _with_junctions(piece, pieces)
        ids = []
        for point in points:
            above = write(piece.type, point, above)
            ids.append(above)
        later = []
        for child in piece.children:
            same = pieces[child].type == piece.type
            # where it would be taken for the rest of its parent
            joins = same and (piece.type == SOMA or len(piece.children) == 1)
            later.append((child, ids[nodes_of[child]], joins))
        waiting += later[::-1]
    return order, "\n".join(lines) + "\n"


def _with_junctions(piece: Piece, pieces: list[Piece]) -> tuple[np.ndarray, dict[int, int]]:
    """The points of a piece with those that others leave from, and which of them each of these leaves from."""
    points, path = [piece.points], piece.path
    centers = sorted({pieces[child].at for child in piece.children if pieces[child].at >= 0})
    places = (np.array(centers) + 0.5) / piece.segments.size * path[-1]
    before = np.searchsorted(path, places, side="right")
    inserted = []
    for place, next_ in zip(places, before):
        fraction = (place - path[next_ - 1]) / (path[next_] - path[next_ - 1])
        inserted.append((1 - fraction) * piece.points[next_ - 1] + fraction * piece.points[next_])
    if inserted:
        points = [np.insert(piece.points, before, inserted, axis=0)]
    node_of_center = {center: int(before[k]) + k for k, center in enumerate(centers)}
    last = len(points[0]) - 1
    node_of_radius = {float(points[0][-1, 3]): last}
    for radius in _radii_at_end(piece, pieces):
        if radius not in node_of_radius:
            node_of_radius[radius] = last + len(points)
            points.append(np.array([[*points[0][-1, :3], radius]]))
    nodes = {}
    for child in piece.children:
        at = pieces[child].at
        end = node_of_radius.get(float(pieces[child].points[0, 3]), last)
        nodes[child] = 0 if at == START else end if at == END else node_of_center[at]
    return np.concatenate(points), nodes
