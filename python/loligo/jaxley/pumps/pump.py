"""What a pump is: a mechanism that changes a concentration, and carries no current."""

from __future__ import annotations

from typing import Any

from loligo.jaxley.channels.channel import Channel


class Pump(Channel):
    """A pump to insert: one of `loligo.jaxley.pumps`, or one of yours.

    Pumps have their turn after all channels. What they make of their ion is taken implicitly, together with all other
    pumps of it, at the end of a step.

    Attributes:
        ion_name: The shared state that it changes, such as `CaCon_i`.
    """

    ion_name: str

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        """States after a step; none, unless a pump has some."""
        return {}

    def compute_current(self, states: dict, v: Any, params: dict) -> Any:
        """Minus the rate of change of its ion, mM/ms; `v` is the concentration, and currents are those of the last
        step."""
        raise NotImplementedError(f"{type(self).__name__} has no compute_current")

    def __repr__(self) -> str:
        return f"<pump {self._name}>"
