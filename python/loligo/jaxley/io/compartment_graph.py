"""Compartments of traced points as a graph: a node for each compartment, and for each point where branches meet."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
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

    Compartments have the first numbers, and `type` (`"comp"`), `x`, `y`, `z`, `radius`, `length`, `xyzr` (the points
    that they go through), `area`, `volume`, `resistive_load_in`, `resistive_load_out`, `groups`, `branch_index`,
    `comp_index` and `cell_index`. Nodes of `type` `"branchpoint"` join branches, and come first, as in Jaxley. Edges
    lead away from the root.

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
    if root is not None and root not in swc_graph:
        raise ArgumentError(f"root is {root!r}, which is no node of the graph")
    points = Points.of(completed(swc_graph.copy()))
    found = traced(points, root, max_len, ignore_swc_tracing_interruptions, relevant_type_ids)
    compartments, ends = [], []
    for index, (branch, nodes) in enumerate(zip(found.branches, compartments_of(found, ncomp, min_radius))):
        first = len(compartments)
        for number, node in enumerate(nodes, start=first):
            compartments.append({**node, "branch_index": index, "comp_index": number, "cell_index": 0})
        ends.append((branch.nodes[0], first, len(compartments) - 1, branch.nodes[-1]))
    joints = _joints(found, [end for *_, end in ends] + [start for start, *_ in ends], len(compartments))
    graph = package.DiGraph()
    # first what is drawn first by Jaxley
    graph.add_nodes_from((joints[node], _joint(row)) for node, row in found.points.rows.items() if node in joints)
    graph.add_nodes_from(enumerate(compartments))
    for start, first, last, end in ends:
        package.add_path(graph, range(first, last + 1))
        if start in joints:
            graph.add_edge(joints[start], first)
        if end in joints:
            graph.add_edge(last, joints[end])
    return graph


def compartments_of(found: Traced, ncomp: int, min_radius: float | None) -> list[list[dict[str, Any]]]:
    """The compartments of all branches, each as what a node has of it; the arguments are those of
    `build_compartment_graph`."""
    if not isinstance(ncomp, int | np.integer) or ncomp < 1:
        raise ArgumentError(f"ncomp is {ncomp!r}, expected a whole number, 1 or more")
    reached = {node for branch in found.branches for node in branch.nodes}
    if left := len(found.points.rows) - len(reached):
        text = f"{left} points are not connected to those from the root, and are left out"
        warnings.warn(text, LeftOutWarning, stacklevel=3)
    return [_compartments(branch, found, int(ncomp), min_radius) for branch in found.branches]


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


def _joints(found: Traced, reached: list[int], first: int) -> dict[int, int]:
    """The numbers of the branch points among points, from `first` on, in the order in which they are reached."""
    joints = dict.fromkeys(node for node in reached if node in found.joints)
    return {node: number for number, node in enumerate(joints, start=first)}


def _joint(point: Mapping[str, Any]) -> dict[str, Any]:
    """What the node of a branch point has."""
    return {
        **{name: float(point[name]) for name in ("x", "y", "z")},
        "type": "branchpoint",
        "groups": [group_of(point["id"])],
        "radius": float(point["r"]),
        "length": 0.0,
        "cell_index": 0,
    }


def group_of(type_: int) -> str:
    """The name of the group of an SWC type."""
    return GROUPS.get(type_, f"custom{type_}")
