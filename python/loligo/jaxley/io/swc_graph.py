"""Traced points as a graph: a node for each point of an SWC file, and an edge from its parent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from loligo.errors import MorphologyError
from loligo.graph import networkx_package
from loligo.read import Path_, text_of

if TYPE_CHECKING:
    import networkx

SHORTEST = 1e-5
"""µm; no edge is shorter, so that points that lie on one another have an order."""

_DEFAULTS = {"id": 0, "x": math.nan, "y": math.nan, "z": math.nan, "r": 1, "p": 0}


def to_swc_graph(fname: Path_, num_lines: int | None = None) -> networkx.DiGraph:
    """The points of an SWC file. Nodes have `id` (the type), `x`, `y`, `z`, `r` (µm) and `p` (the parent, −1 for none);
    edges go from the parent, and have a length `l`, µm.

    Args:
        num_lines: How many points to read; all if left out.

    Raises:
        MissingFileError, UnreadableFileError: The file cannot be read.
        MorphologyError: A line that is no point.
        MissingPackageError: networkx is not installed.
    """
    graph = networkx_package().DiGraph()
    rows = [
        (line, text.split("#")[0].split())
        for line, text in enumerate(text_of(fname).splitlines(), start=1)
        if text.split("#")[0].strip()
    ]
    parents = []
    for line, fields in rows[:num_lines]:
        try:
            number, kind, x, y, z, radius, parent = (float(field) for field in fields)
        except ValueError:
            raise MorphologyError(f"{fname}, line {line}: {' '.join(fields)!r} is no point of seven numbers") from None
        graph.add_node(int(number), id=int(kind), x=x, y=y, z=z, r=radius, p=int(parent))
        if int(parent) != -1:
            parents.append((int(parent), int(number)))
    for parent, number in parents:
        if parent not in graph:
            raise MorphologyError(f"{fname}: point {number} has the parent {parent}, which is no point")
    graph.add_edges_from(parents)
    return completed(graph)


def completed(graph: networkx.Graph) -> networkx.Graph:
    """The same graph, with what is missing of its attributes: type 0, radius 1 µm, no place, and edges as long as
    their points are apart, or 1 µm."""
    for node in graph.nodes:
        for name, default in _DEFAULTS.items():
            graph.nodes[node].setdefault(name, default)
    for start, end, edge in graph.edges(data=True):
        apart = math.dist(_place(graph.nodes[start]), _place(graph.nodes[end]))
        edge["l"] = edge.get("l", 1.0) if math.isnan(apart) else max(apart, SHORTEST)
    return graph


def _place(node: dict[str, Any]) -> tuple[float, float, float]:
    return node["x"], node["y"], node["z"]
