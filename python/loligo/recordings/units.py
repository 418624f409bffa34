"""Units of recordings: what numbers of a file are in mV and nA."""

from __future__ import annotations

from loligo.errors import RecordingError

VOLTAGES = {"V": 1e3, "volts": 1e3, "volt": 1e3, "mV": 1.0, "uV": 1e-3, "µV": 1e-3}
CURRENTS = {
    "A": 1e9,
    "amperes": 1e9,
    "ampere": 1e9,
    "amps": 1e9,
    "mA": 1e6,
    "uA": 1e3,
    "µA": 1e3,
    "nA": 1.0,
    "pA": 1e-3,
}


def is_electrical(unit: str) -> bool:
    """Whether a unit is of a voltage or a current."""
    return unit.strip() in VOLTAGES or unit.strip() in CURRENTS


def factor(unit: str, where: str) -> tuple[str, float]:
    """Whether a unit is of a voltage (`v`) or a current (`i`), and what its numbers are multiplied by for mV or nA.

    Raises:
        RecordingError: It is of neither.
    """
    unit = unit.strip()
    for kind, units in (("v", VOLTAGES), ("i", CURRENTS)):
        if unit in units:
            return kind, units[unit]
    raise RecordingError(
        f"{where} is in {unit!r}, expected a voltage or a current: {', '.join([*VOLTAGES, *CURRENTS])}"
    )
