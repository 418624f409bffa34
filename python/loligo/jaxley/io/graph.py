"""Graphs of cells under Jaxley's names: traced points, and the compartments that are made of them.

>>> import networkx
>>> traced = networkx.DiGraph([(1, 2), (2, 3), (2, 4)])
>>> compartments = build_compartment_graph(traced, ncomp=2)
>>> cell = from_graph(compartments)
>>> cell.shape
(3, 6)
"""

from loligo.jaxley.io.compartment_graph import build_compartment_graph
from loligo.jaxley.io.editing import connect_graphs
from loligo.jaxley.io.graph_import import from_graph
from loligo.jaxley.io.graph_plot import vis_compartment_graph
from loligo.jaxley.io.swc_graph import completed, to_swc_graph

_add_missing_graph_attrs = completed
"""Its name in Jaxley, where graphs without attributes have to go through it."""

__all__ = ["build_compartment_graph", "connect_graphs", "from_graph", "to_swc_graph", "vis_compartment_graph"]
