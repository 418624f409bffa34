"""What channels of a compartment share in Jaxley: numbers without a prefix, and currents."""

from __future__ import annotations

import re

_IONS = {"eNa": "ena", "eK": "ek", "eCa": "eca", "CaCon_i": "cai", "CaCon_e": "cao"}
"""Numbers that are those of an ion here, so that mechanisms from elsewhere see them: Jaxley's name, and ours."""

_CARRIERS = {"i_Na": "na", "i_K": "k", "i_Ca": "ca"}
"""Currents that are those of an ion here."""

EVERYWHERE = {"radius": "radius", "length": "length", "axial_resistivity": "Ra", "capacitance": "cm"}
"""What every channel is given beside its parameters, and the symbols for it."""

_TAKEN = ("v", "dt", "t", "celsius", "diam", "area", "axial", *EVERYWHERE, *EVERYWHERE.values())
"""Symbols that mean something else."""

_RENAMED = "jaxleys_"


def symbol_of(name: str) -> str:
    """The symbol of a shared number."""
    if name in _IONS:
        return _IONS[name]
    # a current `iCa` is that of an ion `Ca`, whose concentrations would be `Cai` and `Cao`, and whose potential `eCa`
    is_of_ion = name.startswith("e") or name.endswith(("i", "o"))
    return f"{_RENAMED}{name}" if name in _TAKEN or is_of_ion else name


def name_of(symbol: str) -> str:
    """Jaxley's name of a shared number."""
    theirs = {ours: theirs for theirs, ours in _IONS.items()}
    return theirs.get(symbol, symbol.removeprefix(_RENAMED))


def ion_of(symbol: str) -> str | None:
    """The ion that a shared number belongs to, if it belongs to one."""
    if symbol not in _IONS.values():
        return None
    return symbol[1:] if symbol.startswith("e") else symbol[:-1]


def is_current(name: str) -> bool:
    """Whether a name without a prefix is that of a current: `i_Ca`, `iCa`."""
    return re.fullmatch(r"i(_.+|[A-Z].*)", name) is not None


def carrier_of(current: str) -> str:
    """What carries a current; the engine sums currents that have it in common, under the symbol `i` and its name."""
    return _CARRIERS.get(current, current[1:])


def current_of(carrier: str) -> str:
    """Jaxley's name of the current that something carries."""
    theirs = {ours: theirs for theirs, ours in _CARRIERS.items()}
    return theirs.get(carrier, f"i{carrier}")
