"""Compartments, branches, cells and networks with Jaxley's verbs and defaults."""

from loligo.jaxley.modules.branch import Branch
from loligo.jaxley.modules.cell import Cell
from loligo.jaxley.modules.compartment import Compartment
from loligo.jaxley.modules.module import Module
from loligo.jaxley.modules.network import Network
from loligo.jaxley.modules.view import View

__all__ = ["Branch", "Cell", "Compartment", "Module", "Network", "View"]
