"""What a traced mechanism is made of, as plain data that can be pickled."""

from __future__ import annotations

from dataclasses import dataclass, field

from loligo._engine import Mechanism
from loligo.tracing.entries import Entry, System


@dataclass
class Description:
    """A mechanism; expressions are positions in `entries`."""

    name: str
    source: str
    """The Python text that it was traced from, if it can be had."""
    entries: list[Entry]
    systems: list[System]
    parameters: list[tuple[str, float, str]] = field(default_factory=list)
    """Name, default, units."""
    states: list[tuple[str, int, bool, int]] = field(default_factory=list)
    """Name, value at t = 0, whether it has a rate, the rate or the next value."""
    shared: list[tuple[str, int | None, bool, int]] = field(default_factory=list)
    """The same of numbers that others see, too; without a value at t = 0 they start at what is set."""
    commons: list[tuple[str, float]] = field(default_factory=list)
    """Name and default of shared numbers that are no ion's."""
    ions: list[tuple[str, list[str], list[str], int | None]] = field(default_factory=list)
    """Name, what is read, what is written, charge."""
    currents: list[tuple[str, str | None, int]] = field(default_factory=list)
    """Name, ion, density."""
    conductance: int | None = None
    """That of a gap junction, µS."""
    fluxes: list[tuple[str, int]] = field(default_factory=list)
    """A shared number, and its rate of change."""
    observables: list[tuple[str, int]] = field(default_factory=list)
    """Name and value."""
    solves: list[tuple[list[str], bool]] = field(default_factory=list)
    """States that are stepped together, and whether by an implicit step."""
    spikes: str | None = None
    """The state that says when it spikes."""
    in_jaxleys_manner: bool = False
    is_synapse: bool = False
    """Whether it sits between two compartments, and its currents are in nA."""

    def mechanism(self) -> Mechanism:
        """The mechanism, compiled."""
        return Mechanism.assemble(self)
