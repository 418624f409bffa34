"""Where Jaxley keeps what is common to modules, and their export."""

from loligo.jaxley.io.graph_export import to_graph
from loligo.jaxley.modules.module import Module
from loligo.jaxley.modules.view import View

__all__ = ["Module", "View", "to_graph"]
