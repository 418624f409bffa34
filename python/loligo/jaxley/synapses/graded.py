"""Jaxley's synapses: those of Abbott and Marder (1998), and two that follow the presynaptic voltage at once."""

from __future__ import annotations

from typing import Any

import loligo.synapses as native
from loligo.jaxley.synapses.synapse import Synapse


class Graded(Synapse):
    """One of the synapses below: what it computes is what a class of `loligo` does."""

    _native: type[native.Synapse]

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        own = self._native.parameters
        self.synapse_params = {f"{self._name}_{key}": value[0] for key, value in own.items()}
        self.synapse_states = {f"{self._name}_{key}": value for key, value in dict(self._native.states).items()}

    def update_states(self, states: dict, delta_t: Any, pre_voltage: Any, post_voltage: Any, params: dict) -> dict:
        """States after a step of `delta_t` ms."""
        own = self._native().update_states(self._own(states), delta_t, pre_voltage, post_voltage, self._own(params))
        return {f"{self._name}_{key}": value for key, value in own.items()}

    def compute_current(self, states: dict, pre_voltage: Any, post_voltage: Any, params: dict) -> Any:
        """The current into the postsynaptic cell, nA, outward positive."""
        return self._native().compute_current(self._own(states), pre_voltage, post_voltage, self._own(params))

    def _own(self, numbers: dict) -> dict:
        return {key.removeprefix(f"{self._name}_"): value for key, value in numbers.items()}


class IonotropicSynapse(Graded):
    """A synapse that opens with the presynaptic voltage (Abbott and Marder 1998); see `loligo.IonotropicSynapse`."""

    _native = native.IonotropicSynapse


class TanhRateSynapse(Graded):
    """A synapse between units of a rate model; see `loligo.TanhRateSynapse`."""

    _native = native.TanhRateSynapse


class TanhConductanceSynapse(Graded):
    """A conductance that follows the presynaptic voltage at once; see `loligo.TanhConductanceSynapse`."""

    _native = native.TanhConductanceSynapse
