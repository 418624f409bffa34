"""Where Jaxley keeps what currents bring into a compartment, by Faraday's law."""

from typing import Any

from loligo.jaxley.pumps.calcium import CaFaradayConcentrationChange

FARADAY = 96485.3329
"""C/mol, as in Jaxley."""


def convert_current_to_molarity_change(current: Any, valence: Any, radius: Any) -> Any:
    """How fast a current, mA/cm², changes a concentration, mM/ms, in a cylinder of a radius, µm.

    >>> round(convert_current_to_molarity_change(1.0, 2, 1.0), 6)
    0.103643
    """
    return current * (2.0 / radius) * 1e4 / FARADAY / valence


__all__ = ["FARADAY", "CaFaradayConcentrationChange", "convert_current_to_molarity_change"]
