"""Joining graphs of compartments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from loligo.errors import ArgumentError, UnknownNameError
from loligo.graph import networkx_package

if TYPE_CHECKING:
    import networkx


def connect_graphs(graph1: networkx.DiGraph, graph2: networkx.DiGraph, node1: Any, node2: Any) -> networkx.DiGraph:
    """Two graphs of compartments in one, joined at a node of each: branch points become one, compartments are joined by
    a branch point at an end that is free, the start if both are. The second is moved to where it is joined.

    Nodes are numbered anew: compartments of the first, of the second, then branch points. Lists of the graphs, such as
    `channels`, are put together.

    Raises:
        UnknownNameError: A node that its graph does not have.
        ArgumentError: A compartment both of whose ends are taken.

    >>> import loligo.jaxley as jx
    >>> from loligo.jaxley.io.graph_export import to_graph
    >>> stub = to_graph(jx.Cell())
    >>> joined = connect_graphs(to_graph(jx.Branch(ncomp=2)), stub, 1, 0)
    >>> sorted(joined.edges)
    [(0, 1), (1, 3), (3, 2)]
    """
    package = networkx_package()
    for graph, node in ((graph1, node1), (graph2, node2)):
        if node not in graph:
            raise UnknownNameError(f"there is no node {node!r} in the graph")
    first, second = _copied(graph1), _copied(graph2)
    ends = [_end(graph, node) for graph, node in ((first, node1), (second, node2))]
    _move(second, ends[0] - ends[1])
    joined = package.union(first, second, rename=("1 ", "2 "))
    joined.graph.clear()
    joined.graph.update(_together(graph1.graph, graph2.graph))
    _fill_in(joined)
    at = [f"1 {node1}", f"2 {node2}"]
    points = [node for node in at if joined.nodes[node]["type"] == "branchpoint"]
    if not points:
        points = ["joint"]
        joined.add_node("joint", **dict(zip("xyz", ends[0].tolist())), type="branchpoint")
    for node in at:
        if joined.nodes[node]["type"] == "comp":
            joined.add_edge(*((points[0], node) if not joined.in_degree(node) else (node, points[0])))
    if len(points) == 2:
        joined.add_edges_from([(above, points[0]) for above in joined.predecessors(points[1])])
        joined.add_edges_from([(points[0], below) for below in joined.successors(points[1])])
        joined.remove_node(points[1])
    order = [f"{prefix} {node}" for prefix, graph in ((1, graph1), (2, graph2)) for node in sorted(graph)]
    return _numbered(joined, order)


def _copied(graph: networkx.DiGraph) -> networkx.DiGraph:
    copied = graph.copy()
    for _, row in copied.nodes(data=True):
        if "xyzr" in row:
            row["xyzr"] = np.array(row["xyzr"], dtype=float)
    return copied


def _end(graph: networkx.DiGraph, node: Any) -> np.ndarray:
    """Where something is joined to a node, shape (3,)."""
    row = graph.nodes[node]
    if row["type"] == "branchpoint":
        return np.array([row[axis] for axis in "xyz"], dtype=float)
    if graph.in_degree(node) and graph.out_degree(node):
        raise ArgumentError(f"both ends of compartment {node!r} are taken; join at a branch point, or at a tip")
    return row["xyzr"][-1 if graph.in_degree(node) else 0, :3]


def _move(graph: networkx.DiGraph, by: np.ndarray) -> None:
    for _, row in graph.nodes(data=True):
        for axis, offset in zip("xyz", by):
            row[axis] += offset
        if "xyzr" in row:
            row["xyzr"][:, :3] += by


def _together(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """What belongs to the graphs as a whole; lists are put together, of the rest that of the second counts."""
    both = first | second
    for name in first.keys() & second.keys():
        if isinstance(first[name], list) and isinstance(second[name], list):
            both[name] = [*first[name], *(item for item in second[name] if not _is_in(item, first[name]))]
    return both


def _is_in(item: Any, others: list[Any]) -> bool:
    """Whether a name, or a channel of the same name, is among others."""
    name = getattr(item, "name", item)
    return isinstance(name, str) and any(getattr(other, "name", other) == name for other in others)


def _fill_in(graph: networkx.DiGraph) -> None:
    """Compartments without a group or a channel say so."""
    named = [*graph.graph.get("group_names", ()), *(channel.name for channel in graph.graph.get("channels", ()))]
    for _, row in graph.nodes(data=True):
        if row["type"] == "comp":
            for name in named:
                row.setdefault(name, False)


def _numbered(graph: networkx.DiGraph, order: list[str]) -> networkx.DiGraph:
    """Nodes by numbers: compartments, then branch points."""
    left = [node for node in [*order, "joint"] if node in graph]
    left.sort(key=lambda node: graph.nodes[node]["type"] != "comp")
    numbers = {node: number for number, node in enumerate(left)}
    ordered = networkx_package().DiGraph(**graph.graph)
    ordered.add_nodes_from((numbers[node], graph.nodes[node]) for node in left)
    ordered.add_edges_from((numbers[start], numbers[end], row) for start, end, row in graph.edges(data=True))
    return ordered
