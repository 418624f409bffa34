"""Units: what the numbers of a quantity of a model are in, for labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loligo.modules import Module

_FIXED = {
    **{"radius": "µm", "length": "µm", "axial_resistivity": "Ω·cm", "capacitance": "µF/cm²", "celsius": "°C"},
    **{"v": "mV", "i_membrane": "nA", "i_clamp": "nA"},
}


def unit_of(module: Module, quantity: str) -> str:
    """The unit of what can be set or recorded; empty where there is none, or none is known.

    >>> import loligo as lo
    >>> cell = lo.Cell()
    >>> cell.insert(lo.mechanism("hh"))
    >>> [unit_of(cell, quantity) for quantity in ("v", "ena", "hh.gnabar", "hh.ina", "hh.m")]
    ['mV', 'mV', 'S/cm2', 'mA/cm²', '']
    """
    if quantity in _FIXED:
        return _FIXED[quantity]
    owner, _, name = quantity.rpartition(".")
    if mechanism := module._inserted.get(owner):
        if name in mechanism.currents:
            return "nA" if mechanism.placement == "point" else "mA/cm²"
        return {parameter: unit for parameter, _, unit, *_ in mechanism.parameters}.get(name, "")
    for ion, _ in module._model.reversals():
        own = {f"e{ion}": "mV", f"{ion}i": "mM", f"{ion}o": "mM", f"i{ion}": "mA/cm²"}
        if quantity in own:
            return own[quantity]
    return ""


def labelled(module: Module, quantity: str) -> str:
    """A quantity with its unit in brackets."""
    unit = unit_of(module, quantity)
    return f"{quantity} ({unit})" if unit else quantity
