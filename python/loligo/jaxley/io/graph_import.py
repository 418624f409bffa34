"""Modules from graphs of compartments."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo import origins
from loligo.errors import LeftOutWarning, MorphologyError
from loligo.jaxley import modules
from loligo.jaxley.io import carried
from loligo.jaxley.io.compartment_graph import GROUPS
from loligo.jaxley.io.shapes import Shape, branch_origin, joined_points
from loligo.jaxley.io.tracing import depth_first, first_tip
from loligo.jaxley.utils.morph_attributes import cylinder_area, cylinder_resistive_load

if TYPE_CHECKING:
    import networkx

    from loligo.jaxley.modules import Module

PLACED = ("axial_resistivity", "capacitance", "v")
"""What nodes have that is set as it is."""


@dataclass
class CellTree:
    """A cell of a graph.

    Attributes:
        branches: For each branch its nodes, from its start, and whether each is turned round.
        parents: The parent of each branch, which comes before it; −1 for the first.
    """

    branches: list[list[tuple[Any, bool]]] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)

    @property
    def nodes(self) -> list[Any]:
        """All nodes in the order of compartments."""
        return [node for branch in self.branches for node, _ in branch]


def from_graph(
    comp_graph: networkx.DiGraph,
    assign_groups: bool = True,
    solve_root: Any = None,
    traverse_for_solve_order: bool = True,
) -> Module:
    """A module from a graph of compartments, as from `build_compartment_graph` or `to_graph`.

    What flows follows `area`, `resistive_load_in` and `resistive_load_out` of the nodes, as in Jaxley; `radius` and
    `length` count where those are missing (then compartments are cylinders). Groups, channels, synapses, recordings and
    stimuli are taken over; trainables are not.

    Args:
        assign_groups: Whether the lists `groups` of the nodes become groups.
        solve_root: The compartment at a tip that becomes the first; that of the lowest number if left out.
        traverse_for_solve_order: Whether branches and compartments are numbered anew, depth first from the root. If
            not, `cell_index`, `branch_index` and `comp_index` of the nodes are kept.

    Raises:
        MorphologyError: A graph that is no tree, or several for a cell; nodes without a type; a shape that is none.
        MissingPackageError: networkx is not installed.
    """
    graph = _cables(comp_graph)
    cells = _traversed(graph, solve_root) if traverse_for_solve_order else _as_numbered(graph)
    kind = comp_graph.graph.get("type", "cell")
    if len(cells) > 1 and kind != "network":
        raise MorphologyError(
            f"the graph is in {len(cells)} pieces, expected one; nodes {cells[0].nodes[0]!r} and "
            f"{cells[1].nodes[0]!r} are not connected"
        )
    module = module_of(graph.nodes, cells, kind, comp_graph.graph.get("group_names", []), assign_groups)
    order = [node for cell in cells for node in cell.nodes]
    _insert(module, [graph.nodes[node] for node in order], comp_graph.graph)
    numbers = {node: number for number, node in enumerate(order)}
    if "synapses" in comp_graph.graph:
        _connect(module, comp_graph, numbers)
    _take_inputs(module, comp_graph.graph, numbers)
    return module


def module_of(
    nodes: Mapping[Any, dict[str, Any]], cells: list[CellTree], kind: str, group_names: list[str], assign_groups: bool
) -> Module:
    """A module of cells, with the numbers and the groups that the nodes have."""
    origin, made = _origin(nodes, cells, kind)
    module = object.__new__(made)
    modules.Module.__init__(module, origin, origins.build(origin), {})
    rows = [nodes[node] for cell in cells for node in cell.nodes]
    _set_numbers(module, rows)
    _set_groups(module, rows, group_names, assign_groups)
    module._drawn = _outlines(nodes, cells)
    return module


def _cables(comp_graph: networkx.DiGraph) -> networkx.DiGraph:
    """The graph without its synapses, and without branch points that join nothing."""
    graph = comp_graph.copy()  # of a view of a graph, too
    graph.remove_edges_from([(*ends,) for *ends, kind in comp_graph.edges(data="type") if kind == "synapse"])
    for node, kind in graph.nodes(data="type"):
        if kind not in ("comp", "branchpoint"):
            raise MorphologyError(f"node {node!r} has the type {kind!r}, expected 'comp' or 'branchpoint'")
    while loose := [n for n, kind in graph.nodes(data="type") if kind == "branchpoint" and graph.degree(n) < 2]:
        graph.remove_nodes_from(loose)
    if not len(graph):
        raise MorphologyError("the graph has no compartments")
    return graph


def _traversed(graph: networkx.DiGraph, root: Any) -> list[CellTree]:
    """The cells of a graph, each traversed from a tip."""
    both = graph.to_undirected(as_view=True)
    if root is not None and (root not in graph or graph.degree(root) > 1):
        raise MorphologyError(f"solve_root is {root!r}, expected a compartment at a tip")
    cells, left = [], set(graph.nodes)
    while left:
        piece = both.subgraph(left)
        start = root if root in left else first_tip(piece.adj)
        cell = _traverse(graph, both, start)
        cells.append(cell)
        reached = {start, *(end for _, end in depth_first(both.adj, start))}
        left -= reached
    return sorted(cells, key=lambda cell: min(cell.nodes)) if root is None else cells


def _traverse(graph: networkx.DiGraph, both: networkx.Graph, root: Any) -> CellTree:
    cell = CellTree([[]], [-1])
    # for each node that was reached the branch that goes on there
    reached = {root: 0}
    edges = list(depth_first(both.adj, root))
    is_turned = bool(edges) and not graph.has_edge(root, edges[0][1])
    cell.branches[0].append((root, is_turned))
    for start, end in edges:
        branch = reached[start]
        if graph.nodes[end]["type"] == "comp":
            if graph.nodes[start]["type"] == "branchpoint":
                cell.branches.append([])
                cell.parents.append(branch)
                branch = len(cell.branches) - 1
            elif cell.branches[branch][-1][0] != start:
                raise MorphologyError(f"three cables meet in compartment {start!r}; put a branch point between them")
            cell.branches[branch].append((end, not graph.has_edge(start, end)))
        reached[end] = branch
    return cell


def _as_numbered(graph: networkx.DiGraph) -> list[CellTree]:
    """The cells of a graph by the numbers that its nodes have."""
    compartments = [node for node, kind in graph.nodes(data="type") if kind == "comp"]
    compartments.sort(key=lambda node: graph.nodes[node]["comp_index"])
    of_branch: dict[int, list[Any]] = {}
    for node in compartments:
        of_branch.setdefault(graph.nodes[node]["branch_index"], []).append(node)
    cells: dict[int, CellTree] = {}
    places: dict[int, int] = {}
    for branch, nodes in sorted(of_branch.items()):
        cell = cells.setdefault(graph.nodes[nodes[0]]["cell_index"], CellTree())
        above = [node for joint in graph.predecessors(nodes[0]) for node in graph.predecessors(joint)]
        parents = {graph.nodes[node].get("branch_index") for node in above} - {branch}
        known = [places.get(parent) for parent in parents]
        if len(known) != (1 if cell.branches else 0) or None in known:
            raise MorphologyError(
                f"branch {branch} has {len(known)} parents before it, expected {1 if cell.branches else 0}; "
                "traverse_for_solve_order=True numbers branches anew"
            )
        places[branch] = len(cell.branches)
        cell.parents.append(known[0] if known else -1)
        cell.branches.append([(node, False) for node in nodes])
    return [cells[index] for index in sorted(cells)]


def _origin(
    nodes: Mapping[Any, dict[str, Any]], cells: list[CellTree], kind: str
) -> tuple[origins.Origin, type[Module]]:
    """What the model is built of, and the class of the module."""
    trees: list[origins.Origin] = []
    for cell in cells:
        chains = []
        for branch in cell.branches:
            shapes = [(_shape(nodes[node]), is_turned) for node, is_turned in branch]
            chains.append(branch_origin([shape.turned if is_turned else shape for shape, is_turned in shapes]))
        trees.append(("tree", chains, [None if parent < 0 else parent for parent in cell.parents]))
    if kind == "network":
        return ("network", trees), modules.Network
    chains = trees[0][1]
    if kind == "branch" and len(chains) == 1:
        return chains[0], modules.Branch
    if kind == "compartment" and len(cells[0].nodes) == 1:
        return chains[0], modules.Compartment
    return trees[0], modules.Cell


def _shape(node: dict[str, Any]) -> Shape:
    """The shape of a compartment; a cylinder as far as the node does not say otherwise."""
    length, radius = float(node.get("length", 10.0)), float(node.get("radius", 1.0))
    half = cylinder_resistive_load(length / 2, radius)
    points = node.get("xyzr")
    return Shape(
        length=length,
        radius=radius,
        area=float(node.get("area", cylinder_area(length, radius))),
        loads=(float(node.get("resistive_load_in", half)), float(node.get("resistive_load_out", half))),
        points=None if points is None else np.asarray(points, dtype=float),
        type=_type(node),
        volume=None if "volume" not in node else float(node["volume"]),
    )


def _type(node: dict[str, Any]) -> int | None:
    """The SWC type of a compartment, by its groups."""
    for number, name in GROUPS.items():
        if name in node.get("groups", ()) or node.get(name) is True:
            return number
    customs = [name.removeprefix("custom") for name in (*node.get("groups", ()), *node) if name.startswith("custom")]
    return next((int(rest) for rest in customs if rest.isdigit() and node.get(f"custom{rest}", True)), None)


def _outline(node: dict[str, Any], is_turned: bool) -> np.ndarray | None:
    points = node.get("xyzr")
    return points[::-1] if is_turned and points is not None else points


def _outlines(nodes: Mapping[Any, dict[str, Any]], cells: list[CellTree]) -> list[np.ndarray] | None:
    """The points that branches go through, if they are known of all compartments."""
    outlines = []
    for branch in (branch for cell in cells for branch in cell.branches):
        points = joined_points([_outline(nodes[node], is_turned) for node, is_turned in branch])
        if points is None or not np.isfinite(points).all():
            return None
        outlines.append(points)
    return outlines


def _set_numbers(module: Module, rows: list[dict[str, Any]]) -> None:
    """The electrical properties of compartments; Jaxley's where a node has none."""
    module.set("axial_resistivity", 5000.0)
    module.set("v", -70.0)
    for name in PLACED:
        _set_each(module, name, rows)


def _set_each(module: Module, name: str, rows: list[dict[str, Any]]) -> None:
    values = np.array([_number(row.get(name)) for row in rows])
    there = np.flatnonzero(~np.isnan(values))
    if there.size:
        _compartments(module, there).set(name, values[there])


def _number(value: Any) -> float:
    return np.nan if value is None else float(value)


def _compartments(module: Module, numbers: Any) -> modules.View:
    return module._view(module._model.select([int(number) for number in numbers], "compartment"), "comp")


def _set_groups(module: Module, rows: list[dict[str, Any]], named: list[str], assign_groups: bool) -> None:
    members: dict[str, list[int]] = {name: [] for name in named}
    for number, row in enumerate(rows):
        for name in row.get("groups", ()) if assign_groups else ():
            members.setdefault(name, []).append(number)
        for name in named:
            if row.get(name):
                members[name].append(number)
    for name, numbers in members.items():
        if numbers:
            _compartments(module, sorted(set(numbers))).add_to_group(name)


def _insert(module: Module, rows: list[dict[str, Any]], graph: dict[str, Any]) -> None:
    inserted = False
    for channel in graph.get("channels", []):
        there = [number for number, row in enumerate(rows) if row.get(channel.name) is True]
        if there:
            carried.insert(channel, _compartments(module, there))
            inserted = True
    if inserted:
        from loligo.jaxley import names

        for state in graph.get("diffusion_states", []):
            if state in names.quantities(module._model):
                module.diffuse(state)
        for name in names.quantities(module._model):
            if name not in names.EVERYWHERE:
                _set_each(module, name, rows)


def _connect(module: Module, comp_graph: networkx.DiGraph, numbers: dict[Any, int]) -> None:
    """Makes the synapses in their order; runs of the same type go together."""
    types = {synapse.name: synapse for synapse in comp_graph.graph["synapses"]}
    edges = [(pre, post, row) for pre, post, row in comp_graph.edges(data=True) if row.get("type") == "synapse"]
    edges.sort(key=lambda edge: edge[2]["global_edge_index"])
    start = 0
    for stop in range(1, len(edges) + 1):
        if stop < len(edges) and edges[stop][2]["syn_type"] == edges[start][2]["syn_type"]:
            continue
        run = edges[start:stop]
        ends = (np.array([numbers[edge[side]] for edge in run]) for side in (0, 1))
        carried.connect(types[run[0][2]["syn_type"]], module, *ends)
        start = stop
    for name in types:
        keys = [key for key in (*module.synapse_param_names, *module.synapse_state_names)]
        own = [edge[2] for edge in edges if edge[2]["syn_type"] == name]
        for key in keys if own else ():
            values = np.array([_number(row.get(key)) for row in own])
            if not np.isnan(values).any():
                getattr(module, name).set(key, values)


def _take_inputs(module: Module, held: dict[str, Any], numbers: dict[Any, int]) -> None:
    """Recordings and stimuli of compartments; what else the exported module had is named."""
    left = []
    recordings = held.get("recordings")
    of_synapses = {*module.synapse_state_names, *module.synapse_current_names}
    for label, state in () if recordings is None or not len(recordings) else recordings.to_numpy():
        if state in of_synapses or label not in numbers:
            left.append(f"the recording of {state} at {label}")
        else:
            _compartments(module, [numbers[label]]).record(state, verbose=False)
    for key, places in held.get("external_inds", {}).items():
        for label, values in zip(places, held["externals"][key]):
            if label not in numbers:
                left.append(f"the external input {key} at {label}")
            elif key == "i":
                _compartments(module, [numbers[label]]).stimulate(values, verbose=False)
            else:
                _compartments(module, [numbers[label]]).clamp(key, values, verbose=False)
    if len(held.get("trainable_params", ())):
        left.append("what is trainable")
    if left:
        warnings.warn(f"not taken over: {', '.join(left)}", LeftOutWarning, stacklevel=3)
