"""Traced points: what an SWC file says of them, or a graph, without the package that graphs are of."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from loligo.errors import MorphologyError

if TYPE_CHECKING:
    import networkx

SHORTEST = 1e-5
"""µm; no edge is shorter, so that points that lie on one another have an order."""


@dataclass
class Points:
    """Points and what joins them.

    Attributes:
        rows: For each point `id` (SWC type), `x`, `y`, `z`, `r` (µm) and `p` (the parent, −1 for none).
        lengths: For each point its neighbours, and how far they are apart, µm.
        edges: The pairs of a parent and its child.
    """

    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    lengths: dict[int, dict[int, float]] = field(default_factory=dict)
    edges: set[tuple[int, int]] = field(default_factory=set)

    @classmethod
    def read(cls, text: str, name: str, count: int | None = None) -> Points:
        """The points of an SWC file, the first `count` of them.

        Raises:
            MorphologyError: A line that is no point, or a parent that is none.
        """
        points = cls()
        lines = ((number, line.split("#")[0].split()) for number, line in enumerate(text.splitlines(), start=1))
        for line, fields in [row for row in lines if row[1]][:count]:
            try:
                number, kind, x, y, z, radius, parent = (float(value) for value in fields)
            except ValueError:
                written = " ".join(fields)
                raise MorphologyError(f"{name}, line {line}: {written!r} is no point of seven numbers") from None
            points.add(int(number), {"id": int(kind), "x": x, "y": y, "z": z, "r": radius, "p": int(parent)})
        for number, row in points.rows.items():
            if row["p"] == -1:
                continue
            if row["p"] not in points.rows:
                raise MorphologyError(f"{name}: point {number} has the parent {row['p']}, which is no point")
            points.join(row["p"], number, max(apart(points.rows[row["p"]], row), SHORTEST))
        return points

    @classmethod
    def of(cls, graph: networkx.Graph) -> Points:
        """Those of a graph that is complete."""
        points = cls()
        for number, row in graph.nodes(data=True):
            points.add(number, dict(row))
        for parent, child, length in graph.edges(data="l"):
            points.join(parent, child, length)
            if not graph.is_directed():
                points.edges.add((child, parent))
        return points

    def add(self, number: int, row: dict[str, Any]) -> None:
        """One more point."""
        self.rows[number] = row
        self.lengths[number] = {}

    def join(self, parent: int, child: int, length: float) -> None:
        """One more edge."""
        self.edges.add((parent, child))
        self.set_length(parent, child, length)

    def set_length(self, one: int, other: int, length: float) -> None:
        """How far apart two neighbours are, µm."""
        self.lengths[one][other] = self.lengths[other][one] = length


def apart(one: dict[str, Any], other: dict[str, Any]) -> float:
    """How far points are apart, µm."""
    return math.dist(*((row["x"], row["y"], row["z"]) for row in (one, other)))
