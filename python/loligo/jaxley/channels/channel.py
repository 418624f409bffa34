"""What a channel is: the methods that a class of the user's has."""

from __future__ import annotations

from typing import Any

from loligo.errors import ArgumentError


class Channel:
    """A channel to insert: one of the classes below, or one of yours.

    A class of yours sets `channel_params` and `channel_states` (names and defaults; those that start with the channel's
    name and an underscore are its own, others are shared with the channels of its compartment) and `current_name`, and
    has the methods below. They are called once, when the channel is inserted, with numbers that are not known yet: use
    NumPy's functions, or those of `jax.numpy`; `np.where` in the place of `if`.

    Args:
        name: What its parameters and states are prefixed with; the name of the class if left out.

    Attributes:
        channel_params: Its parameters and their defaults.
        channel_states: Its states and their defaults.
        current_name: What its current is recorded as; those of one name add up.

    Raises:
        ArgumentError: `current_is_in_mA_per_cm2` was not set to True before, as in Jaxley.

    >>> import numpy as np
    >>> import loligo.jaxley as jx
    >>> class Slow(Channel):
    ...     def __init__(self, name=None):
    ...         self.current_is_in_mA_per_cm2 = True
    ...         super().__init__(name)
    ...         self.channel_params = {f"{self.name}_g": 1e-4, "eK": -90.0}
    ...         self.channel_states = {f"{self.name}_n": 0.2}
    ...         self.current_name = "i_K"
    ...
    ...     def update_states(self, states, dt, v, params):
    ...         steady = 1 / (1 + np.exp(-(v + 35) / 10))
    ...         return {f"{self.name}_n": steady + (states[f"{self.name}_n"] - steady) * np.exp(-dt / 20)}
    ...
    ...     def compute_current(self, states, v, params):
    ...         return params[f"{self.name}_g"] * states[f"{self.name}_n"] * (v - params["eK"])
    >>> cell = jx.Compartment()
    >>> cell.insert(Slow())
    >>> cell.record("Slow_n", verbose=False)
    >>> jx.integrate(cell, t_max=1.0).shape
    (1, 41)
    """

    current_name: str
    channel_params: dict[str, float]
    channel_states: dict[str, float]

    def __init__(self, name: str | None = None) -> None:
        if not getattr(self, "current_is_in_mA_per_cm2", False):
            raise ArgumentError(
                f"{type(self).__name__} does not say that its current is in mA/cm2: set "
                "self.current_is_in_mA_per_cm2 = True before super().__init__(name)"
            )
        self._name = type(self).__name__ if name is None else name

    @property
    def name(self) -> str:
        """What its parameters and states are prefixed with."""
        return self._name

    def change_name(self, new_name: str) -> Channel:
        """The same channel with another prefix; the current keeps its name."""
        old, self._name = self._name, new_name
        self.channel_params = prefixed_anew(self.channel_params, old, new_name)
        self.channel_states = prefixed_anew(self.channel_states, old, new_name)
        return self

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        """States after a step of `dt` ms from the voltage `v`, mV, before it; those that are left out stay.

        Args:
            states: Own and shared states, and the currents of the last step, mA/cm².
            params: Own and shared parameters, `radius` and `length` (µm), `axial_resistivity` (Ω·cm), `capacitance`
                (µF/cm²).

        Returns:
            States by name; under `v` the voltage, if the channel sets it.
        """
        raise NotImplementedError(f"{type(self).__name__} has no update_states")

    def compute_current(self, states: dict, v: Any, params: dict) -> Any:
        """The current, mA/cm², outward positive."""
        raise NotImplementedError(f"{type(self).__name__} has no compute_current")

    def init_state(self, states: dict, v: Any, params: dict, delta_t: Any) -> dict:
        """What `init_states` of a module sets; the states that are left out stay."""
        return {}

    def __repr__(self) -> str:
        return f"<channel {self._name}>"


def prefixed_anew(numbers: dict[str, float], old: str, new: str) -> dict[str, float]:
    """Numbers under another prefix; those without one keep their names."""
    prefix = f"{old}_"
    return {
        f"{new}_{name.removeprefix(prefix)}" if name.startswith(prefix) else name: value
        for name, value in numbers.items()
    }
