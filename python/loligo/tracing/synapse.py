"""Synapses as functions of the voltages on both sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from loligo._engine import Formulas, Mechanism
from loligo.errors import ArgumentError, TracingError, UnknownNameError, did_you_mean
from loligo.tracing.declarations import with_unit
from loligo.tracing.description import Description
from loligo.tracing.entries import Entries
from loligo.tracing.methods import Inputs, source_of, traced
from loligo.tracing.number import Number, position
from loligo.tracing.solvers import steps_by_the_engine

VOLTAGES = {"v_pre": "v_pre", "v_post": "v"}
"""What the voltages of both sides, mV, are called, and the symbols for them."""

EVERYWHERE = ("celsius",)
"""What every synapse can read beside its parameters."""

TAKEN = ("v", "v_pre", "v_post", "t", "dt", *EVERYWHERE)
"""Names that mean something else than a parameter or a state."""


@dataclass(frozen=True)
class TracedSynapse:
    """A synapse, traced."""

    name: str
    description: Description
    defaults: dict[str, float]
    """Parameters and states as the class calls them, and their defaults."""
    owned: dict[str, str]
    """What the mechanism calls them."""

    @staticmethod
    def of(
        synapse: Any,
        name: str,
        parameters: Mapping[str, Any],
        states: Mapping[str, Any],
        own: Callable[[str], str] = str,
        rates: Callable[..., Any] | None = None,
        conductance: Callable[..., Any] | None = None,
    ) -> TracedSynapse:
        """Calls the methods of a synapse once.

        Args:
            own: What the mechanism calls a parameter or state of the class.
            rates: Its method for the rates of change of its states, if it has that in the place of `update_states`.
            conductance: Its method for its conductance, if it is a gap junction.

        Raises:
            TracingError: A method cannot be traced, or sets other states than there are.
            ArgumentError: A default that is not a number; a name that means something else, or is used twice.
        """
        entries = Entries()

        def number(symbol: str) -> Any:
            return Number(entries, entries.symbol(symbol))

        def everywhere(key: str) -> Number | None:
            return number(key) if key in EVERYWHERE else None

        kind = type(synapse).__name__
        if twice := set(parameters) & set(states):
            raise ArgumentError(f"`{twice.pop()}` of {kind} is both a parameter and a state")
        owned = {key: own(key) for key in (*parameters, *states)}
        for key, symbol in owned.items():
            if symbol in TAKEN:
                raise ArgumentError(f"`{key}` of {kind} is a name that means something else")
        numbers = {key: with_unit(key, value) for key, value in {**parameters, **states}.items()}
        given = [
            Inputs({key: number(owned[key]) for key in states}, "states"),
            *map(number, VOLTAGES.values()),
            Inputs({key: number(owned[key]) for key in parameters}, "parameters", everywhere),
        ]
        if rates is None:
            with steps_by_the_engine(synapse):
                evolved = traced(synapse.update_states, entries, given[0], number("dt"), *given[1:])
        else:
            evolved = traced(rates, entries, *given)
        where = f"{'update_states' if rates is None else 'derivatives'} of {kind}"
        for key in evolved or {}:
            if key not in states:
                raise TracingError(f"{where} sets `{key}`, which is none of its states ({', '.join(states)})")
        if rates is not None and (missing := [key for key in states if key not in evolved]):
            raise TracingError(f"{where} leaves out the state `{missing[0]}`")
        if conductance is None:
            current = traced(synapse.compute_current, entries, *given)
        else:
            between = traced(conductance, entries, *given)
            current = between * (number(VOLTAGES["v_post"]) - number(VOLTAGES["v_pre"]))
        described = Description(name, source_of(type(synapse)), entries.rows, entries.systems)
        described.is_synapse = True
        if conductance is not None:
            described.conductance = position(entries, between)
        described.parameters = [(owned[key], *numbers[key]) for key in parameters]
        evolution: dict[str, int] = {}
        for key in states:
            symbol = owned[key]
            evolution[symbol] = position(entries, evolved[key]) if key in evolved else entries.symbol(symbol)
            start = entries.constant(numbers[key][0])
            described.states.append((symbol, start, rates is not None, evolution[symbol]))
        if rates is not None:
            described.solves = [(group, True) for group in entries.coupled(evolution) if len(group) > 1]
        elif states:
            described.solves = [(list(evolution), False)]
        described.currents = [("i", None, position(entries, current))]
        return TracedSynapse(name, described, {key: value for key, (value, _) in numbers.items()}, owned)

    @property
    def mechanism(self) -> Mechanism:
        """The synapse, compiled; its current `i` is in nA, and it reads `v_pre` and, of the other side, `v`."""
        return self.description.mechanism()

    def evaluate(self, inputs: Mapping[str, ArrayLike]) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """States after a step (of a synapse with `derivatives` their rates of change, 1/ms), and the current (nA) at
        the states before it.

        Args:
            inputs: Numbers, all of one shape or single, for `v_pre` and `v_post` (mV), `dt` (ms, 0.025 if left out),
                parameters and states (their defaults if left out).

        Raises:
            UnknownNameError: An input that it does not have.
        """
        known = {**self.defaults, "dt": 0.025}
        for name in inputs:
            if name not in known and name not in VOLTAGES:
                names = [*known, *VOLTAGES]
                raise UnknownNameError(f"the synapse {self.name} has no input `{name}`{did_you_mean(name, names)}")
        if missing := [name for name in VOLTAGES if name not in inputs]:
            raise UnknownNameError(f"the synapse {self.name} needs a number for `{missing[0]}`")
        numbers = known | dict(inputs)
        spread = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in numbers.values()))
        symbols = {**self.owned, **VOLTAGES, "dt": "dt"}
        columns = {symbols[name]: array.reshape(-1).tolist() for name, array in zip(numbers, spread)}
        described = self.description
        outputs = [*(step for *_, step in described.states), described.currents[0][2]]
        found = Formulas(described.entries, described.systems).evaluate(outputs, columns)
        *states, current = (values.reshape(spread[0].shape) for values in found)
        keys = {symbol: key for key, symbol in self.owned.items()}
        return dict(zip((keys[symbol] for symbol, *_ in described.states), states)), current
