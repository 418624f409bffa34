"""Traced points as a graph: a node for each point of an SWC file, and an edge from its parent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from loligo.graph import networkx_package
from loligo.jaxley.io.points import SHORTEST, Points, apart
from loligo.read import Path_, text_of

if TYPE_CHECKING:
    import networkx

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
    points = Points.read(text_of(fname), str(fname), num_lines)
    graph.add_nodes_from(points.rows.items())
    graph.add_edges_from(sorted(points.edges))
    return completed(graph)


def completed(graph: networkx.Graph) -> networkx.Graph:
    """The same graph, with what is missing of its attributes: type 0, radius 1 µm, no place, and edges as long as
    their points are apart, or 1 µm."""
    for node in graph.nodes:
        for name, default in _DEFAULTS.items():
            graph.nodes[node].setdefault(name, default)
    for start, end, edge in graph.edges(data=True):
        length = apart(graph.nodes[start], graph.nodes[end])
        edge["l"] = edge.get("l", 1.0) if math.isnan(length) else max(length, SHORTEST)
    return graph
