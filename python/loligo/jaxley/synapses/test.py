"""The synapse of Jaxley's own tests, which scripts take for an example of a second type."""

from __future__ import annotations

from typing import Any

import loligo.synapses as native
from loligo.jaxley.synapses.synapse import Synapse

_LIKE = native.IonotropicSynapse()
_FIXED = {name: default for name, (default, _) in _LIKE.parameters.items() if name != "gS"}


class TestSynapse(Synapse):
    """An `IonotropicSynapse` of which all is fixed but the conductance, `gC`; its state is `c`."""

    __test__ = False  # for pytest, which collects what is called so

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self.synapse_params = {f"{self._name}_gC": 1e-4}
        self.synapse_states = {f"{self._name}_c": 0.2}

    def update_states(self, states: dict, delta_t: Any, pre_voltage: Any, post_voltage: Any, params: dict) -> dict:
        """An exact step while the presynaptic voltage stays."""
        key = f"{self._name}_c"
        return {key: _LIKE.update_states({"s": states[key]}, delta_t, pre_voltage, post_voltage, _FIXED)["s"]}

    def compute_current(self, states: dict, pre_voltage: Any, post_voltage: Any, params: dict) -> Any:
        """The current into the postsynaptic cell, nA, outward positive."""
        opened = {"s": states[f"{self._name}_c"]}
        numbers = _FIXED | {"gS": params[f"{self._name}_gC"]}
        return _LIKE.compute_current(opened, pre_voltage, post_voltage, numbers)
