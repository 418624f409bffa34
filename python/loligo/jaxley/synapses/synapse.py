"""What a synapse is: the methods that a class of the user's has."""

from __future__ import annotations

from typing import Any

from loligo.jaxley.channels.channel import prefixed_anew
from loligo.tracing.synapse import TAKEN, TracedSynapse


class Synapse:
    """A synapse of yours: a function of the voltages on both sides, in every time step.

    Args:
        name: What its parameters and states are prefixed with; the name of the class if left out.

    Attributes:
        synapse_params: Its parameters and their defaults.
        synapse_states: Its states and their defaults.
    """

    synapse_params: dict[str, float]
    synapse_states: dict[str, float]

    def __init__(self, name: str | None = None) -> None:
        self._name = type(self).__name__ if name is None else name

    @property
    def name(self) -> str:
        """What its parameters and states are prefixed with."""
        return self._name

    def change_name(self, new_name: str) -> Synapse:
        """The same synapse with another prefix."""
        old, self._name = self._name, new_name
        self.synapse_params = prefixed_anew(self.synapse_params, old, new_name)
        self.synapse_states = prefixed_anew(self.synapse_states, old, new_name)
        return self

    def update_states(self, states: dict, delta_t: Any, pre_voltage: Any, post_voltage: Any, params: dict) -> dict:
        """States after a step of `delta_t` ms."""
        return {}

    def compute_current(self, states: dict, pre_voltage: Any, post_voltage: Any, params: dict) -> Any:
        """The current into the postsynaptic cell, nA, outward positive."""
        raise NotImplementedError(f"{type(self).__name__} has no compute_current")

    def __repr__(self) -> str:
        return f"<synapse {self._name}>"


_METHODS = ("update_states", "compute_current", "synapse_params", "synapse_states", "name")


def is_synapse(synapse: Any) -> bool:
    """Whether something has the methods of a synapse, from Jaxley's classes or ours."""
    return not isinstance(synapse, type) and all(hasattr(synapse, name) for name in _METHODS)


def traced_synapse(synapse: Any) -> TracedSynapse:
    """A synapse with Jaxley's methods, traced.

    Raises:
        TracingError: A method cannot be traced; the message says which line and why.
    """
    name = str(synapse.name)
    parameters, states = synapse.synapse_params or {}, synapse.synapse_states or {}
    keys = [*parameters, *states]

    def own(key: str) -> str:
        stripped = key.removeprefix(f"{name}_")
        return key if stripped in TAKEN or (stripped != key and stripped in keys) else stripped

    return TracedSynapse.of(synapse, name, parameters, states, own)
