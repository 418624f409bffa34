"""Connections: what a NetCon joins, its delay and its weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo.errors import LoligoError
from loligo.neuron_import.left_out import LeftOut
from loligo.neuron_import.mechanisms import numbers_of
from loligo.neuron_import.point_processes import Point, Points
from loligo.spiking import SpikingSynapse

if TYPE_CHECKING:
    from loligo.modules import Module


@dataclass
class Connection:
    """A NetCon.

    Attributes:
        alive: NEURON's own.
        name: As NEURON shows it, `NetCon[3]`.
        target: The name of the point process that it goes to; none if it only records.
        source: The name of the point process or artificial cell that it comes from.
        segment: Where the voltage is that it watches.
    """

    alive: Any
    name: str
    target: str | None
    source: str | None
    segment: Any

    @property
    def ends(self) -> str:
        """`soma(0.5) → ExpSyn[0]`."""
        return f"{self.segment or self.source or 'nothing'} → {self.target or 'nothing'}"


@dataclass(frozen=True)
class Made:
    """A connection of the module, the `number`-th of those to mechanisms of this `name`."""

    connection: Connection
    name: str
    number: int


def read_connections(h: Any) -> list[Connection]:
    """Every NetCon that is alive."""
    found = []
    for alive in h.List("NetCon"):
        target, source = alive.syn(), alive.pre()
        found.append(
            Connection(
                alive,
                alive.hname(),
                None if target is None else target.hname(),
                None if source is None else source.hname(),
                alive.preseg(),
            )
        )
    return found


def counted(connections: list[Connection]) -> tuple[Counter[str], set[str]]:
    """How many connections go to each point process, and from which others come."""
    targets = Counter(each.target for each in connections if each.target is not None)
    return targets, {each.source for each in connections if each.source is not None}


class Connector:
    """Makes the connections of a module."""

    def __init__(
        self, h: Any, module: Module, points: Points, left_out: LeftOut, compartment_at: Callable[[Any], int | None]
    ) -> None:
        self._h = h
        self._module = module
        self._points = points
        self._left_out = left_out
        self._compartment_at = compartment_at
        self._sources: dict[tuple[Any, float], int | str] = {}

    def connect(self, connections: list[Connection]) -> list[Made]:
        """Makes all that can be made; the others are left out."""
        groups: dict[tuple[str, bool, int], list[tuple[Connection, int, Point]]] = {}
        for connection in connections:
            if not self._is_wanted(connection):
                continue
            source = self._source(connection)
            if source is None or connection.target is None:
                continue
            point = self._points.of[connection.target]
            weights = len(self._weights(point))
            groups.setdefault((point.label, point.is_own, weights), []).append((connection, source, point))
        made = []
        for (label, is_own, _), rows in groups.items():
            try:
                made += self._made(label, is_own, rows)
            except LoligoError as error:
                for connection, *_ in rows:
                    self._left_out.add(connection.name, connection.ends, error)
        return made

    def _is_wanted(self, connection: Connection) -> bool:
        """Whether there is something to make; says why not."""
        if connection.target in self._points.elsewhere:
            return False
        why = None
        if connection.target is not None and connection.target not in self._points.of:
            why = f"{connection.target} was not taken"
        elif connection.target is not None and not connection.alive.active():
            why = "it is not active"
        elif connection.segment is None and connection.source is None:
            why = "it watches no voltage: events that are sent by hand, or another variable, are not seen"
        if why is not None:
            self._left_out.add(connection.name, connection.ends, why)
        return why is None

    def _source(self, connection: Connection) -> int | None:
        """The number of the source of its spikes in the module; none, with the reason listed, if it has none there."""
        segment = connection.segment
        place = connection.source if segment is None else (hash(segment.sec), segment.x)
        key = (place, float(connection.alive.threshold))
        if key not in self._sources:
            try:
                self._sources[key] = self._found(connection)
            except LoligoError as error:
                self._sources[key] = str(error)
        found = self._sources[key]
        if isinstance(found, str):
            self._left_out.add(connection.name, connection.ends, found)
            return None
        return found

    def _found(self, connection: Connection) -> int | str:
        """The number of a source that is made now, or why there is none."""
        model = self._module._model
        if connection.source is not None:
            if connection.source in self._points.trains:
                return model.spike_train(self._points.trains[connection.source])
            if connection.source not in self._points.of:
                return f"{connection.source} was not taken"
            point = self._points.of[connection.source]
            return int(model.follow_spikes(point.label, np.array([point.compartment], dtype=np.uintp))[0])
        compartment = self._compartment_at(connection.segment)
        if compartment is None:
            return "its source is in a section that was not asked for"
        if connection.segment.x in (0.0, 1.0):
            return "the voltage of an end of a section is not watched: move it to a segment"
        watched = np.array([compartment], dtype=np.uintp)
        return int(model.detect_spikes(watched, float(connection.alive.threshold))[0])

    def _made(self, label: str, is_own: bool, rows: list[tuple[Connection, int, Point]]) -> list[Made]:
        first_point = rows[0][2]
        mechanism = first_point.mechanism
        if mechanism is None:
            raise LoligoError("a stimulus or a clamp takes no events")
        columns: dict[str, Any] = {"delay": np.array([connection.alive.delay for connection, *_ in rows])}
        for index, argument in enumerate(self._weights(first_point)):
            columns[argument] = np.array([connection.alive.weight[index] for connection, *_ in rows])
        if is_own:
            name = first_point.name.partition("[")[0]
            owners = [point.alive for *_, point in rows]
            where = ", ".join(point.name for *_, point in rows[:3])
            columns |= numbers_of(self._h, mechanism, name, owners, where, self._left_out)
        synapse = SpikingSynapse(mechanism if is_own else label)
        sources = np.array([source for _, source, _ in rows], dtype=np.uintp)
        post = np.array([point.compartment for *_, point in rows], dtype=np.uintp)
        first, last = synapse.connected(self._module, sources, post, columns)
        made = [Made(connection, label, number) for (connection, *_), number in zip(rows, range(first, last))]
        if is_own:
            for (*_, point), number in zip(rows, range(first, last)):
                point.number = number
        return made

    def _weights(self, point: Point) -> list[str]:
        """What an event brings to a point process, in the order of NEURON's weights."""
        return [] if point.mechanism is None else list(point.mechanism.arguments)
