"""Cells that are put together or taken apart, branch by branch, by way of graphs of their compartments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loligo.errors import ArgumentTypeError, ModelError
from loligo.jaxley.bare import check_bare
from loligo.jaxley.io.editing import connect_graphs
from loligo.jaxley.io.graph_export import to_graph
from loligo.jaxley.io.graph_import import from_graph
from loligo.jaxley.modules import Cell, View
from loligo.jaxley.scoped_view import ScopedView

if TYPE_CHECKING:
    import networkx


def morph_delete(module_view: View) -> Cell:
    """A cell without the branches in view; branches are numbered anew, from a tip. Groups and channels stay.

    Raises:
        ArgumentTypeError: What is in view is not of a cell.
        ModelError: Compartments without the rest of their branch; stimuli, recordings or trainables in the cell.
        MorphologyError: What is left is nothing, or in pieces.
        MissingPackageError: networkx is not installed.

    >>> import loligo.jaxley as jx
    >>> cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0, 1, 1])
    >>> morph_delete(cell.branch([3, 4])).shape
    (3, 6)
    """
    cell = _cell(module_view)
    whole = cell._tree.counts[module_view._branches_in_view].sum()
    if len(module_view._selection) != whole:
        raise ModelError(
            f"{len(module_view._selection)} of {whole} compartments of branches are in view, expected all: only whole "
            "branches can be deleted"
        )
    graph = to_graph(cell, channels=True)
    graph.remove_nodes_from(module_view._nodes_in_view.tolist())
    return from_graph(graph)


def morph_connect(module_view1: View, module_view2: View) -> Cell:
    """Two cells in one, joined at the end of a branch of each. The second is moved to where it is joined; branches are
    numbered anew, from a tip. Groups and channels stay.

    Args:
        module_view1: `cell.branch(i).loc(0.0)` or `cell.branch(i).loc(1.0)`.
        module_view2: The same of the other cell.

    Raises:
        ArgumentTypeError: What is in view is not of a cell.
        ModelError: Views that are no end of a branch; stimuli, recordings or trainables in a cell.
        MissingPackageError: networkx is not installed.

    >>> import loligo.jaxley as jx
    >>> cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
    >>> morph_connect(cell.branch(2).loc(1.0), jx.Cell().branch(0).loc(0.0)).shape
    (4, 7)
    """
    graphs, nodes = [], []
    for seen in (module_view1, module_view2):
        cell = _cell(seen)
        if not isinstance(seen, ScopedView) or seen._end is None or len(seen._selection) != 1:
            raise ModelError(
                f"{seen!r} is no end of a branch, expected cell.branch(i).loc(0.0) or cell.branch(i).loc(1.0)"
            )
        graphs.append(to_graph(cell, channels=True))
        nodes.append(_node_at(graphs[-1], int(seen._nodes_in_view[0]), seen._end))
    return from_graph(connect_graphs(*graphs, *nodes))


def _node_at(graph: networkx.DiGraph, compartment: int, end: float) -> Any:
    """The branch point at an end of a compartment, or else the compartment, which is a tip there."""
    beyond = graph.predecessors(compartment) if end == 0.0 else graph.successors(compartment)
    for node in beyond:
        if graph.nodes[node]["type"] == "branchpoint":
            return node
    if not graph.degree(compartment) and end == 1.0:
        # alone, it would be joined at its start
        row = graph.nodes[compartment]
        row["xyzr"] = row["xyzr"][::-1]
        row["resistive_load_in"], row["resistive_load_out"] = row["resistive_load_out"], row["resistive_load_in"]
    return compartment


def _cell(seen: View) -> Cell:
    """The cell that a view is of, if nothing is on it that belongs to compartments as they are."""
    if not isinstance(seen, View) or not isinstance(seen._module, Cell):
        raise ArgumentTypeError(f"expected a view of a cell, such as cell.branch(0), and was given {seen!r}")
    check_bare(seen._module)
    return seen._module


__all__ = ["morph_connect", "morph_delete"]
