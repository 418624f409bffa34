"""Cutting traced points into branches, in the order and by the rules of Jaxley.

Points are followed depth first, lower numbers first, from the tip of the lowest number. A branch ends where several
leave, and where the type changes. A soma of one point becomes a branch as long as it is wide; what leaves it, and what
leaves the inside of a soma, starts with its own first point.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from loligo.errors import MorphologyError
from loligo.jaxley.io.points import Points

SOMA = 1
RELEVANT_TYPES = (1, 2, 3, 4)


@dataclass
class Branch:
    """Points one behind the other.

    Attributes:
        nodes: Their numbers.
        lengths: How far each is from the one before, µm, one fewer.
        type: SWC type.
    """

    nodes: list[int]
    lengths: list[float] = field(default_factory=list)
    type: int = 0

    def cut(self, position: int) -> tuple[Branch, Branch]:
        """Its parts before and behind one of its points, which both have."""
        return (
            Branch(self.nodes[: position + 1], self.lengths[:position], self.type),
            Branch(self.nodes[position:], self.lengths[position:], self.type),
        )


@dataclass
class Traced:
    """Branches, parents first, and what has to be known to make compartments of them.

    Attributes:
        points: What they run through.
        branches: The branches.
        joints: Points where branches meet.
        apart: Points that are not part of the branches that start there.
    """

    points: Points
    branches: list[Branch]
    joints: set[int]
    apart: set[int]


def traced(
    points: Points,
    root: int | None,
    max_len: float | None,
    ignore_swc_tracing_interruptions: bool,
    relevant_type_ids: list[int] | None,
) -> Traced:
    """The branches of traced points, which are changed where there is a soma; the arguments are those of
    `build_compartment_graph`.

    Raises:
        MorphologyError: There is no tip to start from.
    """
    relevant = set(RELEVANT_TYPES if relevant_type_ids is None else relevant_type_ids)
    apart = _with_soma(points)
    if root is None:
        root = first_tip(points.lengths)
    branches = list(_branches(points, root, relevant))
    joints: set[int] = set()
    if max_len:
        pieces = [_pieces(branch, max_len) for branch in branches]
        joints |= {piece.nodes[0] for cut in pieces for piece in cut[1:]}
        branches = [piece for cut in pieces for piece in cut]
    joints |= {branch.nodes[0] for branch in branches[1:]}
    if not ignore_swc_tracing_interruptions:
        for node in _interruptions(points, joints):
            branches = _cut_at(branches, node)
            joints.add(node)
    return Traced(points, branches, joints, apart)


def first_tip(neighbours: Mapping[Any, Collection]) -> Any:
    """The node of the lowest number that has at most one neighbour.

    Raises:
        MorphologyError: There is none.
    """
    tips = [node for node in sorted(neighbours) if len(neighbours[node]) < 2]
    if not tips:
        raise MorphologyError("the graph has no tip to start from: it is empty, or a ring")
    return tips[0]


def depth_first(neighbours: Mapping[Any, Collection], root: Any) -> Iterator[tuple[Any, Any]]:
    """The edges of a tree away from its root, lower numbers first.

    Raises:
        MorphologyError: It is no tree.
    """
    seen = {root}
    waiting = [(root, node) for node in sorted(neighbours[root], reverse=True)]
    while waiting:
        start, end = waiting.pop()
        if end in seen:
            raise MorphologyError(f"the graph has a ring through node {end}, expected a tree")
        seen.add(end)
        yield start, end
        waiting += [(end, node) for node in sorted(neighbours[end], reverse=True) if node != start]


def _with_soma(points: Points) -> set[int]:
    """Makes a soma of one point a branch, and returns the points that are not part of what starts there; its edges
    have no length then."""
    apart: set[int] = set()
    somatic = [node for node, row in points.rows.items() if row["id"] == SOMA]
    if len(somatic) == 1:
        (soma,) = somatic
        for neighbour in points.lengths[soma]:
            points.set_length(soma, neighbour, 0.0)
        # before all others, so that it is where tracing starts
        twin = min(points.rows) - 1
        points.add(twin, dict(points.rows[soma]))
        points.join(twin, soma, 2 * points.rows[soma]["r"])
        return {twin, soma}
    for node in somatic:
        others = [neighbour for neighbour in points.lengths[node] if points.rows[neighbour]["id"] != SOMA]
        if len(points.lengths[node]) - len(others) > 1 and others:
            apart.add(node)
            for neighbour in others:
                points.set_length(node, neighbour, 0.0)
    return apart


def _branches(points: Points, root: int, relevant: set[int]) -> Iterator[Branch]:
    """The branches by where points fork and types change."""
    types = {node: row["id"] for node, row in points.rows.items()}

    def differ(start: int, end: int) -> bool:
        return types[start] != types[end] and (types[start] in relevant or types[end] in relevant)

    branch = Branch([root])
    for start, end in depth_first(points.lengths, root):
        length = points.lengths[start][end]
        if branch is None or branch.nodes[-1] != start:
            branch = Branch([start])
        neighbours = len(points.lengths[end])
        # a change of type belongs to the side that comes later in the file
        is_downwards = (start, end) in points.edges or (end, start) not in points.edges
        changes = differ(start, end)
        if changes and (neighbours < 2 or (neighbours == 2 and is_downwards)):
            if branch.lengths:
                yield Branch(branch.nodes, branch.lengths, types[start])
            branch = Branch([start])
        branch.nodes.append(end)
        branch.lengths.append(length)
        if neighbours < 2 and changes:
            yield Branch(branch.nodes, branch.lengths, types[end])
            branch = None
        elif neighbours != 2 or (changes and not is_downwards):
            yield Branch(branch.nodes, branch.lengths, types[start])
            branch = None


def _pieces(branch: Branch, max_len: float) -> list[Branch]:
    """A branch cut where its path passes a multiple of a length."""
    pieces, walked = [], 0.0
    start, bin_ = 0, None
    for position, length in enumerate(branch.lengths):
        walked += length
        own = walked // max_len
        if bin_ is not None and own != bin_:
            pieces.append(Branch(branch.nodes[start : position + 1], branch.lengths[start:position], branch.type))
            start = position
        bin_ = own
    return [*pieces, Branch(branch.nodes[start:], branch.lengths[start:], branch.type)]


def _interruptions(points: Points, joints: set[int]) -> list[int]:
    """Points after which a file goes on elsewhere, though the cable does not fork there."""
    found = []
    for node, row in points.rows.items():
        parent = row["p"]
        if parent is not None and parent > -1 and parent != node - 1 and not {node, parent} & joints:
            found.append(parent)
    return found


def _cut_at(branches: list[Branch], node: int) -> list[Branch]:
    for index, branch in enumerate(branches):
        if node in branch.nodes[1:-1]:
            return [*branches[:index], *branch.cut(branch.nodes.index(node)), *branches[index + 1 :]]
    return branches
