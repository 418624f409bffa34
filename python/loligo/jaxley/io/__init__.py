"""Cells from files, and modules from and to graphs of the package networkx."""

from loligo.jaxley.io import graph, swc
from loligo.jaxley.io.graph import from_graph
from loligo.jaxley.io.swc import read_swc

__all__ = ["from_graph", "graph", "read_swc", "swc"]
