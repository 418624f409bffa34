"""Pumps under Jaxley's names, and the class that yours are subclasses of."""

from loligo.jaxley.pumps import ca_pump, faraday_electrolysis, nernstreversal
from loligo.jaxley.pumps.calcium import CaFaradayConcentrationChange, CaNernstReversal, CaPump
from loligo.jaxley.pumps.pump import Pump

__all__ = [
    "CaFaradayConcentrationChange",
    "CaNernstReversal",
    "CaPump",
    "Pump",
    "ca_pump",
    "faraday_electrolysis",
    "nernstreversal",
]
