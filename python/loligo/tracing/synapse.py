"""Synapses as functions of the voltages on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from loligo._engine import Formulas, Mechanism
from loligo.errors import ArgumentTypeError, TracingError, UnknownNameError, did_you_mean
from loligo.tracing.description import Description
from loligo.tracing.entries import Entries
from loligo.tracing.methods import Inputs, source_of, traced
from loligo.tracing.number import Number, position
from loligo.tracing.solvers import steps_by_the_engine

VOLTAGES = ("v_pre", "v_post")
"""The symbols of the voltages of both sides, mV."""


@dataclass(frozen=True)
class TracedSynapse:
    """A synapse, traced."""

    name: str
    description: Description
    defaults: dict[str, float]
    """Parameters and states, and their defaults."""

    @staticmethod
    def of(synapse: Any, name: str, parameters: Mapping[str, Any], states: Mapping[str, Any]) -> TracedSynapse:
        """Calls the methods of a synapse once.

        Raises:
            TracingError: A method cannot be traced.
            ArgumentTypeError: A default that is not a number.
        """
        entries = Entries()

        def number(symbol: str) -> Number:
            return Number(entries, entries.symbol(symbol))

        defaults = {each: _default(each, value) for each, value in {**parameters, **states}.items()}
        given = [
            Inputs({each: number(each) for each in states}, "states"),
            *map(number, VOLTAGES),
            Inputs({each: number(each) for each in parameters}, "parameters"),
        ]
        with steps_by_the_engine(synapse):
            updated = traced(synapse.update_states, entries, given[0], number("dt"), *given[1:])
        current = traced(synapse.compute_current, entries, *given)
        for each in updated or {}:
            if each not in states:
                where = f"update_states of {type(synapse).__name__}"
                raise TracingError(f"{where} sets `{each}`, which is none of its states ({', '.join(states)})")
        described = Description(name, source_of(type(synapse)), entries.rows, entries.systems)
        described.parameters = [(each, defaults[each], "") for each in parameters]
        for each in states:
            step = position(entries, updated[each]) if each in updated else entries.symbol(each)
            described.states.append((each, entries.constant(defaults[each]), False, step))
        described.solves = [(list(states), False)] if states else []
        described.currents = [("i", None, position(entries, current))]
        return TracedSynapse(name, described, defaults)

    @property
    def mechanism(self) -> Mechanism:
        """The synapse, compiled; its current `i` is in nA, and it reads `v_pre` and `v_post`."""
        return self.description.mechanism()

    def evaluate(self, inputs: Mapping[str, ArrayLike]) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """States after a step, and the current (nA) at the states before it.

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
        columns = {name: array.reshape(-1).tolist() for name, array in zip(numbers, spread)}
        described = self.description
        outputs = [*(step for *_, step in described.states), described.currents[0][2]]
        found = Formulas(described.entries, described.systems).evaluate(outputs, columns)
        *states, current = (values.reshape(spread[0].shape) for values in found)
        return dict(zip((name for name, *_ in described.states), states)), current


def _default(name: str, value: Any) -> float:
    try:
        return float(np.asarray(value).reshape(()))
    except (TypeError, ValueError):
        raise ArgumentTypeError(f"the default of `{name}` is {value!r}, expected a number") from None
