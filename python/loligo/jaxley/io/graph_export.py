"""Modules as graphs, in the form of those that `build_compartment_graph` makes."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from loligo.errors import LeftOutWarning
from loligo.graph import networkx_package
from loligo.jaxley import names
from loligo.jaxley.io import carried
from loligo.jaxley.io.shapes import shapes_of

if TYPE_CHECKING:
    import networkx

    from loligo.jaxley.modules import Module, View


def to_graph(module: View, synapses: bool = False, channels: bool = False) -> networkx.DiGraph:
    """The compartments in view as a graph: nodes by the labels of the index of `nodes`, with its columns and the points
    that compartments go through (`xyzr`), then branch points; edges along cells away from the root.

    The graph itself has `type` (of module), `ncomp`, `group_names`, `recordings`, `externals`, `external_inds`,
    `trainable_params` and `indices_set_by_trainables` (by numbers of compartments, or of synapses among their type).

    Args:
        synapses: Whether there are edges for synapses, too, with what `edges` has of them.
        channels: Whether nodes have the parameters and states of channels and pumps; then the graph has `channels`.

    Raises:
        MissingPackageError: networkx is not installed.

    >>> import loligo.jaxley as jx
    >>> cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
    >>> graph = to_graph(cell)
    >>> sorted(graph.edges)
    [(0, 1), (1, 6), (2, 3), (4, 5), (6, 2), (6, 4)]
    >>> graph.nodes[6]["type"], graph.nodes[3]["length"]
    ('branchpoint', 10.0)
    """
    graph = networkx_package().DiGraph()
    whole, inside = module._module, module._selection.compartments
    _add_compartments(graph, module, channels)
    _add_cables(graph, whole, set(inside.tolist()))
    graph.graph.update(_of_module(module))
    if channels:
        graph.graph["channels"] = carried.channels_of(whole)
        graph.graph["diffusion_states"] = whole.diffusion_states
        graph.graph["membrane_current_names"] = [channel.current_name for channel in graph.graph["channels"]]
    if synapses:
        _add_synapses(graph, module)
    return graph


def _of_module(module: View) -> dict[str, Any]:
    whole = module._module
    return {
        "type": type(module).__name__.lower(),
        "ncomp": module.ncomp,
        "group_names": list(whole.group_names),
        "recordings": whole.recordings,
        "externals": whole.externals,
        "external_inds": whole.external_inds,
        "trainable_params": whole.get_parameters(),
        "indices_set_by_trainables": [list(trainable.targets) for trainable in whole._trained],
    }


def _add_compartments(graph: networkx.DiGraph, module: View, channels: bool) -> None:
    whole = module._module
    table = module.nodes
    gone = [name for name in table.columns if name.startswith("local_")]
    if not channels:
        gone += [name for name, _ in names.channels(whole._model)]
        gone += [name for name in names.quantities(whole._model) if name not in names.EVERYWHERE]
    rows = table.drop(columns=gone, errors="ignore").to_dict("records")
    shapes = shapes_of(whole)
    for label, number, row in zip(table.index.tolist(), module._selection.compartments, rows):
        attributes = {name.removeprefix("global_"): value for name, value in row.items()}
        graph.add_node(label, **attributes, type="comp", xyzr=shapes[number].points)


def _add_cables(graph: networkx.DiGraph, whole: Module, inside: set[int]) -> None:
    """The edges within branches, and the branch points with theirs."""
    labels = whole._labels.tolist()
    branches, outlines = whole._model.branches(), whole._where()
    joints: dict[tuple[int, bool], list[int]] = {}
    moved = 0
    for index, (_, parent, _, (first, end), *_) in enumerate(branches):
        for number in range(first, end - 1):
            if {number, number + 1} <= inside:
                graph.add_edge(labels[number], labels[number + 1])
        if parent is not None:
            joints.setdefault((parent[0], parent[1] != 0.0), []).append(index)
            moved += 0.0 < parent[1] < 1.0
    if moved:
        warnings.warn(
            f"{moved} branches leave the inside of another, which a graph cannot say: they are put to its end",
            LeftOutWarning,
            stacklevel=4,
        )
    tree = whole._tree
    free = dict(zip(tree.forks.tolist(), tree.fork_labels.tolist()))
    beyond = max([*labels, *free.values()])
    for (parent, at_end), children in sorted(joints.items(), key=lambda item: (item[0][0], not item[0][1])):
        first, end = branches[parent][3]
        own = end - 1 if at_end else first
        firsts = [branches[child][3][0] for child in children]
        if not inside.intersection([own, *firsts]):
            continue
        label = free.pop(parent, None)
        if label is None:  # the root has branches at both ends
            beyond += 1
            label = beyond
        place = outlines[parent][-1 if at_end else 0, :3].tolist()
        graph.add_node(label, **dict(zip("xyz", place)), type="branchpoint")
        if own in inside:
            graph.add_edge(*((labels[own], label) if at_end else (label, labels[own])))
        for start in firsts:
            if start in inside:
                graph.add_edge(label, labels[start])


def _add_synapses(graph: networkx.DiGraph, module: View) -> None:
    whole = module._module
    graph.graph["synapses"] = carried.synapses_of(whole)
    graph.graph["synapse_names"] = list(whole._model.synapse_names())
    for name in ("synapse_param_names", "synapse_state_names", "synapse_current_names"):
        graph.graph[name] = getattr(whole, name)
    taken = []
    for row in module.edges.to_dict("records"):
        ends = row.pop("pre_index"), row.pop("post_index")
        if graph.has_edge(*ends):
            taken.append(row["global_edge_index"])
            continue
        graph.add_edge(*ends, **{**row, "syn_type": row["type"], "type": "synapse"})
    if taken:
        warnings.warn(
            f"the synapses {taken} are left out: their compartments are joined otherwise, and a graph has one edge for "
            "two nodes",
            LeftOutWarning,
            stacklevel=3,
        )
