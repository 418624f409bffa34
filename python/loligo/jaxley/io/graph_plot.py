"""Drawing graphs of compartments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loligo.graph import networkx_package
from loligo.plots.axes import pyplot

if TYPE_CHECKING:
    import networkx


def vis_compartment_graph(
    comp_graph: networkx.DiGraph,
    ax: Any = None,
    font_size: float = 7.0,
    node_size: float = 150.0,
    arrowsize: float = 10.0,
    comp_color: str = "r",
    branchpoint_color: str = "orange",
) -> None:
    """Draws compartments and branch points, with their numbers, where they are seen along z.

    Args:
        ax: Where; a new figure of 4 by 4 inches if left out.

    Raises:
        MissingPackageError: networkx or matplotlib is not installed.
    """
    package = networkx_package()
    colors = {"comp": comp_color, "branchpoint": branchpoint_color}
    package.draw(
        comp_graph,
        pos={node: (row["x"], row["y"]) for node, row in comp_graph.nodes(data=True)},
        with_labels=True,
        font_size=font_size,
        node_size=node_size,
        ax=pyplot().subplots(figsize=(4, 4))[1] if ax is None else ax,
        node_color=[colors[kind] for _, kind in comp_graph.nodes(data="type")],
        arrowsize=arrowsize,
    )
