"""Point processes: currents and clamps, synapses and other mechanisms at points, and artificial cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo._engine import Mechanism, Waveform
from loligo.errors import LoligoError
from loligo.neuron_import.left_out import LeftOut
from loligo.neuron_import.mechanisms import Finder, names_of, numbers_of, place, set_numbers
from loligo.waveforms import step

if TYPE_CHECKING:
    from loligo.modules import Module

TRAIN = "NetStim"
"""An artificial cell whose spikes are known beforehand, if they are even and nothing turns it on or off."""

MOST_GIVEN = 10_000
"""Spikes; a source that is to go on for ever becomes a cell."""

ONLY_COUNTS = "APCount"


@dataclass
class Point:
    """A point process, or an artificial cell.

    Attributes:
        alive: NEURON's own.
        name: As NEURON shows it, `ExpSyn[3]`.
        compartment: Where it is; of an artificial cell the cell that was made for it.
        kind: `"mechanism"`, `"current"` or `"clamp"`.
        mechanism: Of a mechanism.
        label: The name that it has in the module.
        is_own: Whether it is a synapse with a single connection, which is made together with it.
        number: Of such a synapse, which it is among those of its name; −1 for others.
    """

    alive: Any
    name: str
    compartment: int
    kind: str
    mechanism: Mechanism | None = None
    label: str = ""
    is_own: bool = False
    number: int = -1


def alive_points(h: Any) -> Iterator[tuple[str, bool, Any]]:
    """Every point process that is alive, with the name of its type and whether it is an artificial cell."""
    types = h.MechanismType(1)
    for index, name in enumerate(names_of(h, 1)):
        for alive in h.List(name):
            yield name, bool(types.is_artificial(index)), alive


class Points:
    """The point processes of NEURON, as they are put on a module."""

    def __init__(self, h: Any, finder: Finder, left_out: LeftOut, compartment_at: Callable[[Any], int | None]) -> None:
        self._h = h
        self._finder = finder
        self._left_out = left_out
        self._compartment_at = compartment_at
        self.of: dict[str, Point] = {}
        self.trains: dict[str, np.ndarray] = {}
        self._clamped: set[int] = set()
        self.elsewhere: set[str] = set()
        """Those that are in sections that were not asked for."""

    def find(self, connections: Counter[str], sources: set[str]) -> list[str]:
        """Looks at all that are alive; returns the artificial cells that need a cell.

        Args:
            connections: How many connections each point process has.
            sources: The names of those that connections come from.
        """
        cells = []
        for name, is_artificial, alive in alive_points(self._h):
            full = alive.hname()
            if name == TRAIN and alive.noise != 0:
                self._left_out.add(full, "an artificial cell", "its intervals are random, and other numbers are drawn")
            elif name == TRAIN and alive.number <= MOST_GIVEN and not connections[full]:
                self.trains[full] = regular(alive.start, alive.interval, alive.number)
            elif name == ONLY_COUNTS:
                self._left_out.add(full, _where(alive), "it only counts spikes: run.raster has them")
            elif is_artificial:
                if mechanism := self._mechanism(name, full, "an artificial cell"):
                    self.of[full] = Point(alive, full, -1, "mechanism", mechanism, name)
                    cells.append(full)
            else:
                self._find_point(name, full, alive, connections[full], full in sources)
        self._label()
        return cells

    def _find_point(self, name: str, full: str, alive: Any, connections: int, is_source: bool) -> None:
        segment = alive.get_segment()
        if segment is None:
            self._left_out.add(full, "nowhere", "it is in no section")
            return
        compartment = self._compartment_at(segment)
        if compartment is None:
            self.elsewhere.add(full)
            return
        if segment.x in (0.0, 1.0):
            self._left_out.add(full, str(segment), "an end of a section has no membrane: move it to a segment")
            return
        clamped = name == "SEClamp" and compartment not in self._clamped and commanded(alive) is not None
        if name == "IClamp" or clamped:
            self._clamped |= {compartment} if clamped else set()
            self.of[full] = Point(alive, full, compartment, "clamp" if clamped else "current")
        elif mechanism := self._mechanism(name, full, str(segment)):
            is_own = connections == 1 and not is_source
            self.of[full] = Point(alive, full, compartment, "mechanism", mechanism, name, is_own)

    def _mechanism(self, name: str, full: str, where: str) -> Mechanism | None:
        try:
            return self._finder.named(name)
        except LoligoError as error:
            self._left_out.add(full, where, error)
            return None

    def _label(self) -> None:
        """Names what is inserted so that a compartment has each name once, and none is that of synapses."""
        own = {point.label for point in self.of.values() if point.is_own}
        here: Counter[tuple[str, int]] = Counter()
        for point in self.of.values():
            if point.mechanism is None or point.is_own or point.compartment < 0:
                continue
            name = point.label
            here[name, point.compartment] += 1
            count = here[name, point.compartment] + (name in own)
            point.label = name if count == 1 else f"{name}_{count}"

    def put(self, module: Module) -> None:
        """Puts all that are no synapses with a single connection on the module."""
        groups: dict[str, list[Point]] = {}
        for point in list(self.of.values()):
            if point.kind == "current":
                current = step(point.alive.delay, point.alive.dur, point.alive.amp)
                place(module, [point.compartment]).stimulate(current)
            elif point.kind == "clamp" and (command := commanded(point.alive)) is not None:
                waveform, duration = command
                view = place(module, [point.compartment])
                view.clamp(waveform, series_resistance=point.alive.rs, duration=duration)
            elif not point.is_own:
                groups.setdefault(point.label, []).append(point)
        for label, points in groups.items():
            self._insert(module, label, sorted(points, key=lambda point: point.compartment))

    def _insert(self, module: Module, label: str, points: list[Point]) -> None:
        mechanism, name = points[0].mechanism, points[0].name.partition("[")[0]
        assert mechanism is not None
        compartments = np.array([point.compartment for point in points])
        mechanism = mechanism if label == mechanism.name else mechanism.renamed(label)
        try:
            place(module, compartments).insert(mechanism)
        except LoligoError as error:
            for point in points:
                self._left_out.add(point.name, _where(point.alive), error)
                del self.of[point.name]
            return
        where = ", ".join(point.name for point in points[:3])
        owners = [point.alive for point in points]
        for parameter, numbers in numbers_of(self._h, mechanism, name, owners, where, self._left_out).items():
            set_numbers(module, f"{label}.{parameter}", numbers, compartments, where, self._left_out)


def regular(start: float, interval: float, number: float) -> np.ndarray:
    """The spikes of a NetStim without noise, ms: each is an interval after the one before, summed up as NEURON does."""
    if start < 0 or number <= 0:
        return np.empty(0)
    mean = interval if interval > 0 else 0.01
    first = start + mean - mean
    return np.cumsum([max(first, 0.0), *np.full(int(np.ceil(number)) - 1, mean)])


def commanded(clamp: Any) -> tuple[Waveform, float] | None:
    """What an SEClamp commands, mV, and for how long, ms; none if that has three levels, or lasts no time."""
    levels: list[list[float]] = []
    start = 0.0
    for duration, amplitude in [(clamp.dur1, clamp.amp1), (clamp.dur2, clamp.amp2), (clamp.dur3, clamp.amp3)]:
        if duration > 0:
            if not levels or levels[-1][1] != amplitude:
                levels.append([start, amplitude])
            start += duration
    if len(levels) == 1:
        return step(0.0, np.inf, levels[0][1], baseline=levels[0][1]), start
    if len(levels) == 2:
        return step(levels[1][0], np.inf, levels[1][1], baseline=levels[0][1]), start
    if len(levels) == 3 and levels[0][1] == levels[2][1]:
        first, second, third = levels
        return step(second[0], third[0] - second[0], second[1], baseline=first[1]), start
    return None


def _where(alive: Any) -> str:
    segment = alive.get_segment()
    return "nowhere" if segment is None else str(segment)
