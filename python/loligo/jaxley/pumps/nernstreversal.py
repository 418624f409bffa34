"""Where Jaxley keeps its reversal potential of calcium."""

from loligo.jaxley.pumps.calcium import CaNernstReversal

__all__ = ["CaNernstReversal"]
