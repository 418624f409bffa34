"""Diffusion along cells: which mechanism of the engine it is, and Jaxley's name of its constant."""

from __future__ import annotations

from loligo._engine import Mechanism
from loligo.jaxley.shared import ion_of, symbol_of

_PREFIX = "axial_diffusion_"


def name_of(state: str) -> str:
    """The name of the diffusion constant of a state, µm²/ms: that of the mechanism which lets it diffuse."""
    return f"{_PREFIX}{state}"


def state_of(mechanism: str) -> str | None:
    """The state that a mechanism lets diffuse, if it is one of these."""
    return mechanism.removeprefix(_PREFIX) if mechanism.startswith(_PREFIX) else None


def mechanism_of(state: str) -> Mechanism:
    """The mechanism that lets a shared state diffuse."""
    symbol = symbol_of(state)
    return Mechanism.diffusing(name_of(state), symbol, ion_of(symbol))
