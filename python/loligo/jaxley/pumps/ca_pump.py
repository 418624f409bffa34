"""Where Jaxley keeps its calcium pump."""

from loligo.jaxley.pumps.calcium import CaPump

__all__ = ["CaPump"]
