"""Cells made of other cells: with branches taken away, or joined to another cell. Both need networkx."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from loligo.errors import ArgumentError, ArgumentTypeError
from loligo.jaxley.io.editing import connect_graphs
from loligo.jaxley.io.graph_export import to_graph
from loligo.jaxley.io.graph_import import from_graph
from loligo.jaxley.modules import Cell, View

if TYPE_CHECKING:
    import networkx


def morph_delete(module_view: View) -> Cell:
    """A cell like another, without the branches in view; channels and groups stay where they were, branches are
    numbered anew.

    Raises:
        ArgumentTypeError: It is no view of a cell.
        ArgumentError: Not whole branches, or nothing would be left; recordings, stimuli, clamps or trainables.
        MorphologyError: The rest is in several pieces.

    >>> import loligo.jaxley as jx
    >>> cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
    >>> cell.branch(2).set("length", 30.0)
    >>> morph_delete(cell.branch(1)).nodes["length"].tolist()
    [10.0, 10.0, 30.0, 30.0]
    """
    cell = _bare_cell(module_view, "morph_delete")
    inside = module_view._selection.compartments
    branches, counts = np.unique(cell._places[1][inside], return_counts=True)
    if parts := [int(branch) for branch, count in zip(branches, counts) if count != cell._tree.counts[branch]]:
        raise ArgumentError(f"only a part of branch {parts[0]} is in view, expected whole branches")
    if inside.size == len(cell._selection):
        raise ArgumentError("all of the cell is in view: nothing would be left")
    graph = to_graph(cell, channels=True)
    graph.remove_nodes_from(module_view.nodes.index.tolist())
    return from_graph(graph)


def morph_connect(module_view1: View, module_view2: View) -> Cell:
    """A cell of two, the second moved to where it is joined to the first: each at the start (`loc(0.0)`) or the end
    (`loc(1.0)`) of a branch.

    Raises:
        ArgumentTypeError: One is no view of a cell.
        ArgumentError: Not one compartment at an end of its branch; a branch of one compartment, of which it is not
            known which end is meant; recordings, stimuli, clamps or trainables.
    """
    ends = []
    for view in (module_view1, module_view2):
        cell = _bare_cell(view, "morph_connect")
        graph = to_graph(cell, channels=True)
        ends.append((graph, _joint(graph, view)))
    (graph1, node1), (graph2, node2) = ends
    return from_graph(connect_graphs(graph1, graph2, node1, node2))


def _bare_cell(view: Any, name: str) -> Cell:
    """The cell that a view is of, if nothing would be lost."""
    cell = view._module if isinstance(view, View) else None
    if not isinstance(cell, Cell):
        raise ArgumentTypeError(f"{name} was given {view!r}, expected a view of a cell")
    for there, what, verb in (
        (len(cell.recordings), "recordings", "delete_recordings"),
        (len(cell._model.stimuli()), "stimuli", "delete_stimuli"),
        (len(cell._model.clamps()), "clamps", "delete_clamps"),
        (cell.num_trainable_params, "trainables", "delete_trainables"),
    ):
        if there:
            raise ArgumentError(f"the cell has {what}, which {name} would lose; call {verb}() first")
    return cell


def _joint(graph: networkx.DiGraph, view: View) -> int:
    """The node of a graph that is joined at the end of a branch which a view is of."""
    cell, inside = view._module, view._selection.compartments
    if inside.size != 1:
        raise ArgumentError(f"there are {inside.size} compartments in view, expected one, such as branch(1).loc(0.0)")
    branch = int(cell._places[1][inside[0]])
    number, count = int(inside[0]) - int(cell._tree.firsts[branch]), int(cell._tree.counts[branch])
    if count == 1 and cell._tree.counts.size > 1:
        raise ArgumentError(f"branch {branch} has one compartment, and it is not known at which end to join it")
    if number not in (0, count - 1):
        raise ArgumentError(f"compartment {number} of branch {branch} is at none of its ends")
    label = int(cell._labels[inside[0]])
    beside = graph.predecessors(label) if number == 0 else graph.successors(label)
    return next((node for node in beside if graph.nodes[node]["type"] == "branchpoint"), label)


__all__ = ["morph_connect", "morph_delete"]
