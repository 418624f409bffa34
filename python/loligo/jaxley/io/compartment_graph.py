"""Compartments of traced points as a graph: a node for each compartment, and for each point where branches meet."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo.errors import ArgumentError, LeftOutWarning
from loligo.graph import networkx_package
from loligo.jaxley.io.points import Points
from loligo.jaxley.io.swc_graph import completed
from loligo.jaxley.io.tracing import Branch, Traced, traced
from loligo.jaxley.utils.cell_utils import v_interp
from loligo.jaxley.utils.morph_attributes import morph_attrs_from_xyzr, split_xyzr_into_equal_length_segments

if TYPE_CHECKING:
    import networkx

GROUPS = {0: "undefined", 1: "soma", 2: "axon", 3: "basal", 4: "apical"}
"""Names of the SWC types; others are called `custom` and their number."""

NO_LENGTH = 1e-8
"""µm; shorter branches have no length."""

INSTEAD_OF_NO_LENGTH = 0.1
"""µm."""


def build_compartment_graph(
    swc_graph: networkx.Graph,
    ncomp: int,
    root: int | None = None,
    min_radius: float | None = None,
    max_len: float | None = None,
    ignore_swc_tracing_interruptions: bool = True,
    relevant_type_ids: list[int] | None = None,
) -> networkx.DiGraph:
    """Branches of traced points, cut into compartments, as a graph for `from_graph`.

    Compartments come first, and have `type` (`"comp"`), `x`, `y`, `z`, `radius`, `length`, `xyzr` (the points that they
    go through), `area`, `volume`, `resistive_load_in`, `resistive_load_out`, `groups`, `branch_index`, `comp_index` and
    `cell_index`. Nodes of `type` `"branchpoint"` join branches. Edges lead away from the root.

    Args:
        swc_graph: As from `to_swc_graph`; what nodes and edges lack is completed (no place, radius and length 1 µm).
        ncomp: Compartments of every branch.
        root: The point where tracing starts; the tip of the lowest number if left out.
        min_radius: Smaller radii of compartments are raised to it, µm; their areas stay.
        max_len: Longer branches are cut at the first points beyond its multiples, µm.
        ignore_swc_tracing_interruptions: Whether a branch goes on where the file went on elsewhere.
        relevant_type_ids: The types whose changes end a branch; 1 to 4 if left out.

    Raises:
        ArgumentError: Not a positive number of compartments, or a root that is no point.
        MorphologyError: A ring, or a radius of 0 without `min_radius`.
        MissingPackageError: networkx is not installed.
    """
    package = networkx_package()
    if not isinstance(ncomp, int | np.integer) or ncomp < 1:
        raise ArgumentError(f"ncomp is {ncomp!r}, expected a whole number, 1 or more")
    if root is not None and root not in swc_graph:
        raise ArgumentError(f"root is {root!r}, which is no node of the graph")
    points = Points.of(completed(swc_graph.copy()))
    found = traced(points, root, max_len, ignore_swc_tracing_interruptions, relevant_type_ids)
    reached = {node for branch in found.branches for node in branch.nodes}
    if left := len(found.points.rows) - len(reached):
        text = f"{left} points are not connected to those from the root, and are left out"
        warnings.warn(text, LeftOutWarning, stacklevel=2)
    graph = package.DiGraph()
    ends = []
    for index, branch in enumerate(found.branches):
        nodes = _compartments(branch, found, int(ncomp), min_radius)
        first = graph.number_of_nodes()
        for number, node in enumerate(nodes, start=first):
            graph.add_node(number, **node, branch_index=index, comp_index=number, cell_index=0)
        package.add_path(graph, range(first, first + len(nodes)))
        ends.append((branch.nodes[0], first, first + len(nodes) - 1, branch.nodes[-1]))
    _join(graph, found, ends)
    return graph


def _compartments(branch: Branch, found: Traced, ncomp: int, min_radius: float | None) -> list[dict[str, Any]]:
    """The compartments of a branch."""
    rows = [found.points.rows[node] for node in branch.nodes]
    points = np.array([[row[name] for name in ("x", "y", "z", "r")] for row in rows], dtype=float)
    # where the type changes, the point belongs to what was before
    if rows[0]["id"] != rows[1]["id"]:
        points[0, 3] = points[1, 3]
    path = np.concatenate([[0.0], np.cumsum(branch.lengths)])
    length = path[-1]
    if length < NO_LENGTH:
        warnings.warn(
            f"a branch at point {branch.nodes[-1]} has no length; it is taken to be {INSTEAD_OF_NO_LENGTH} µm long",
            LeftOutWarning,
            stacklevel=4,
        )
        length = INSTEAD_OF_NO_LENGTH
    centers = v_interp(length / ncomp * (np.arange(ncomp) + 0.5), path, points[:, :3]).T
    is_apart = branch.nodes[0] in found.apart
    places = np.isfinite(points).all()
    own = points[1:] if is_apart else points
    # without places, along a line
    flat = own if places else np.column_stack([path[is_apart:], np.zeros((len(own), 2)), own[:, 3]])
    nodes = []
    for center, part in zip(centers, split_xyzr_into_equal_length_segments(flat, ncomp)):
        radius, area, volume, load_in, load_out = morph_attrs_from_xyzr(part, min_radius, ncomp)
        nodes.append(
            {
                **dict(zip(("x", "y", "z"), center.tolist())),
                "type": "comp",
                "xyzr": part if places else np.column_stack([np.full((len(part), 3), np.nan), part[:, 3]]),
                "groups": [group_of(branch.type)],
                "radius": float(radius),
                "length": float(length / ncomp),
                "area": float(area),
                "volume": float(volume),
                "resistive_load_in": float(load_in),
                "resistive_load_out": float(load_out),
            }
        )
    return nodes


def _join(graph: networkx.DiGraph, found: Traced, ends: list[tuple[int, int, int, int]]) -> None:
    """Adds the branch points, in the order of the branches that end there, and the edges from and to them."""
    numbers: dict[int, int] = {}
    starts_and_ends = [end for *_, end in ends] + [start for start, *_ in ends]
    for node in starts_and_ends:
        if node in found.joints and node not in numbers:
            numbers[node] = len(graph)
            point = found.points.rows[node]
            graph.add_node(
                numbers[node],
                **{name: float(point[name]) for name in ("x", "y", "z")},
                type="branchpoint",
                groups=[group_of(point["id"])],
                radius=float(point["r"]),
                length=0.0,
                cell_index=0,
            )
    for start, first, last, end in ends:
        if start in numbers:
            graph.add_edge(numbers[start], first)
        if end in numbers:
            graph.add_edge(last, numbers[end])


def group_of(type_: int) -> str:
    """The name of the group of an SWC type."""
    return GROUPS.get(type_, f"custom{type_}")
