"""Channels and pumps that are written in Python with Jaxley's methods, as mechanisms of the engine.

A method is traced once, see `loligo.tracing`. Names with the prefix of the channel are its own; others are shared by
all channels of a compartment that have them. A shared parameter is what is set; a shared state is what the channels
before it in a step made of it; a current is that of the step before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from loligo._engine import Formulas, Mechanism, start_symbol
from loligo.errors import ArgumentError, ArgumentTypeError, TracingError
from loligo.jaxley.shared import EVERYWHERE, carrier_of, ion_of, is_current, symbol_of
from loligo.tracing import Description, Entries, Inputs, Number, traced
from loligo.tracing.entries import Entry, System
from loligo.tracing.methods import source_of
from loligo.tracing.number import position
from loligo.tracing.solvers import steps_by_the_engine

_METHODS = ("update_states", "compute_current", "channel_params", "channel_states", "current_name", "name")


@dataclass(frozen=True)
class Written:
    """A channel or pump, traced."""

    mechanism: Mechanism
    numbers: dict[str, float]
    """What is set when it is inserted: parameters and states under Jaxley's names, with their defaults."""
    start: Start


@dataclass(frozen=True)
class Start:
    """What a channel takes from its module at t = 0: what `init_state` makes of the numbers that are set, and currents
    that must be there."""

    entries: list[Entry]
    systems: list[System]
    reads: dict[str, str]
    """Symbols and Jaxley's names of what they stand for."""
    results: dict[str, int]
    """Jaxley's names of states, and their values."""
    currents: tuple[str, ...]
    """Currents that the channel reads, and that other channels must have: they are not among its states."""
    refused: str | None = None
    """Why `init_state` cannot be traced, which matters only once it is called."""

    def values(self, get: Callable[[str], np.ndarray], delta_t: float) -> dict[str, np.ndarray]:
        """States at the start, by name; `get` looks a number up in all compartments of the channel.

        Raises:
            TracingError: `init_state` cannot be traced.
        """
        if self.refused is not None:
            raise TracingError(self.refused)
        inputs = {symbol: get(name) for symbol, name in self.reads.items()}
        points = len(get("v"))
        inputs["dt"] = np.full(points, delta_t)
        found = Formulas(self.entries, self.systems).evaluate(
            list(self.results.values()), {name: numbers.tolist() for name, numbers in inputs.items()}
        )
        return dict(zip(self.results, found))


def is_written(channel: Any) -> bool:
    """Whether something has the methods of a channel, from Jaxley's classes or ours."""
    return not isinstance(channel, type) and all(hasattr(channel, name) for name in _METHODS)


def written(channel: Any) -> Written:
    """Traces a channel or pump.

    Raises:
        TracingError: It cannot be traced; the message says which line and why.
        ArgumentError, ArgumentTypeError: Parameters or states that are not numbers, a pump of nothing.
    """
    return _Tracer(channel).written()


class _Tracer:
    def __init__(self, channel: Any) -> None:
        self.channel = channel
        self.name = str(channel.name)
        self.prefix = f"{self.name}_"
        self.entries = Entries()
        self.parameters = self._defaults("channel_params")
        self.states = self._defaults("channel_states")
        self.is_pump = hasattr(channel, "ion_name")
        self.currents_read: dict[str, str] = {}

    def written(self) -> Written:
        """The mechanism."""
        channel, entries = self.channel, self.entries
        v, dt = Number(entries, entries.symbol("v")), Number(entries, entries.symbol("dt"))
        with steps_by_the_engine(channel):
            updated = self._call(channel.update_states, self._states(), dt, v, self._parameters())
        modified = v
        if self.is_pump:
            modified = Number(entries, entries.symbol(symbol_of(channel.ion_name)))
        current = self._call(channel.compute_current, self._states(), modified, self._parameters())
        description = Description(self.name, source_of(type(channel)), entries.rows, entries.systems)
        description.in_jaxleys_manner = True
        description.parameters = [(self._own(name), value, "") for name, value in self.own(self.parameters).items()]
        self._describe_states(description, self._checked(updated))
        self._describe_current(description, self._placed(current))
        self._describe_shared(description)
        numbers = {name: value for name, value in {**self.parameters, **self.states}.items() if not is_current(name)}
        return Written(description.mechanism(), numbers, self._start())

    def own(self, numbers: dict[str, float]) -> dict[str, float]:
        """Those that carry the prefix of the channel."""
        return {name: value for name, value in numbers.items() if name.startswith(self.prefix)}

    def shared(self, numbers: dict[str, float]) -> dict[str, float]:
        """The others, currents aside."""
        of_others = {name: value for name, value in numbers.items() if not name.startswith(self.prefix)}
        return {name: value for name, value in of_others.items() if not is_current(name)}

    def _defaults(self, kind: str) -> dict[str, float]:
        numbers = getattr(self.channel, kind) or {}
        defaults = {}
        for name, value in numbers.items():
            try:
                defaults[str(name)] = float(np.asarray(value).reshape(()))
            except (TypeError, ValueError):
                raise ArgumentTypeError(f"`{name}` of {kind} is {value!r}, expected a number") from None
        return defaults

    def _own(self, name: str) -> str:
        return name[len(self.prefix) :]

    def _call(self, method: Any, *arguments: Any) -> Any:
        return traced(method, self.entries, *arguments)

    def _placed(self, value: Any) -> int:
        return position(self.entries, value)

    def _states(self) -> Inputs:
        """Own and shared states, and the currents of the last step."""
        numbers = {name: self._number(self._own(name)) for name in self.own(self.states)}
        numbers |= {name: self._number(symbol_of(name)) for name in self.shared(self.states)}
        numbers |= {name: self._current(name) for name in self.states if is_current(name)}
        return Inputs(numbers, "states", lambda name: self._current(name) if is_current(name) else None)

    def _parameters(self) -> Inputs:
        """Own parameters, shared ones as they are set, and the size of the compartment."""
        numbers = {name: self._number(self._own(name)) for name in self.own(self.parameters)}
        numbers |= {name: self._number(start_symbol(symbol_of(name))) for name in self.shared(self.parameters)}
        return Inputs(
            numbers, "parameters", lambda name: self._number(EVERYWHERE[name]) if name in EVERYWHERE else None
        )

    def _number(self, symbol: str) -> Number:
        return Number(self.entries, self.entries.symbol(symbol))

    def _current(self, name: str) -> Number:
        self.currents_read[name] = carrier_of(name)
        return self._number(f"i{carrier_of(name)}")

    def _checked(self, updated: Any) -> dict[str, int]:
        """What `update_states` returned, by name."""
        where = type(self.channel).__name__
        if updated is None:
            updated = {}
        if not isinstance(updated, dict):
            raise TracingError(f"update_states of {where} returned {updated!r}, expected a dictionary of states")
        placed = {}
        for name, value in updated.items():
            place = self._placed(value)
            if is_current(name):
                if place != self.entries.symbol(f"i{carrier_of(name)}"):
                    raise TracingError(f"update_states of {where} sets the current `{name}`, which channels add up")
            elif name == "v" or name in self.states:
                placed[name] = place
            elif name in self.parameters:
                raise TracingError(f"update_states of {where} sets the parameter `{name}`; make it a state")
            else:
                known = ", ".join(self.states) or "none"
                raise TracingError(f"update_states of {where} sets `{name}`, which is none of its states ({known})")
        return placed

    def _describe_states(self, description: Description, updated: dict[str, int]) -> None:
        together = []
        for name, default in self.own(self.states).items():
            own = self._own(name)
            step = updated.get(name, self.entries.symbol(own))
            description.states.append((own, self.entries.constant(default), False, step))
            together.append(own)
        for name in ["v", *self.shared(self.states)]:
            if name in updated:
                symbol = name if name == "v" else symbol_of(name)
                if updated[name] != self.entries.symbol(symbol):
                    description.shared.append((symbol, None, False, updated[name]))
                    together.append(symbol)
        if together:
            description.solves = [(together, False)]

    def _describe_current(self, description: Description, current: int) -> None:
        named = str(self.channel.current_name)
        if not self.is_pump:
            carrier = carrier_of(named) if is_current(named) else None
            description.currents = [(named if carrier is None else f"i{carrier}", carrier, current)]
            return
        number = symbol_of(str(self.channel.ion_name))
        if self.channel.ion_name not in self.states:
            known = ", ".join(self.shared(self.states)) or "none"
            raise ArgumentError(
                f"the pump {self.name} changes `{self.channel.ion_name}`, which is none of its shared states ({known})"
            )
        if number not in (name for name, *_ in description.shared):
            description.shared.append((number, None, False, self.entries.symbol(number)))
            description.solves = [([*(description.solves[0][0] if description.solves else []), number], False)]
        description.fluxes = [(number, self.entries.call("neg", current))]
        description.observables = [(named, current)]

    def _describe_shared(self, description: Description) -> None:
        """Numbers of ions and common ones; and currents, each carried by what its name says."""
        used = {**self.shared(self.parameters), **self.shared(self.states)}
        reads: dict[str, list[str]] = {}
        writes: dict[str, list[str]] = {}
        written = [name for name, *_ in description.shared]
        for name, default in used.items():
            symbol = symbol_of(name)
            ion = ion_of(symbol)
            if ion is None:
                description.commons.append((symbol, default))
            else:
                (writes if symbol in written else reads).setdefault(ion, []).append(symbol)
        for carrier in self.currents_read.values():
            reads.setdefault(carrier, []).append(f"i{carrier}")
        for name, carrier, _ in description.currents:
            if carrier is not None:
                writes.setdefault(carrier, []).append(name)
        ions = dict.fromkeys([*reads, *writes])
        description.ions = [(ion, reads.get(ion, []), writes.get(ion, []), None) for ion in ions]

    def _start(self) -> Start:
        """What `init_state` does, in a list of entries of its own."""
        init = getattr(self.channel, "init_state", None)
        self.entries = entries = Entries()
        reads: dict[str, str] = {"v": "v"}
        numbers = {}
        for name in (*self.parameters, *self.states, *EVERYWHERE):
            reads[f"given {name}"] = name
            numbers[name] = self._number(f"given {name}")
        states = Inputs({name: numbers[name] for name in self.states}, "states")
        parameters = Inputs({name: numbers[name] for name in (*self.parameters, *EVERYWHERE)}, "parameters")
        refused, started = None, {}
        try:
            if init is not None:
                started = self._call(init, states, self._number("v"), parameters, self._number("dt"))
        except TracingError as error:
            refused = f"init_state of {type(self.channel).__name__}: {error}"
        results = {name: self._placed(value) for name, value in (started or {}).items()}
        for name in results:
            if name not in self.states:
                where = f"init_state of {type(self.channel).__name__}"
                raise TracingError(f"{where} sets `{name}`, which is none of its states ({', '.join(self.states)})")
        used = entries.symbols_of(list(results.values()))
        reads = {symbol: name for symbol, name in reads.items() if symbol in used and not is_current(name)}
        currents = tuple(name for name in self.currents_read if name not in self.states)
        return Start(entries.rows, entries.systems, reads, results, currents, refused)
