"""Neurons without an extent, under Jaxley's names: `loligo.point_neurons` says what a step does."""

from __future__ import annotations

from typing import Any

from loligo.jaxley.channels.channel import Channel
from loligo.point_neurons import Spiking, adex, decayed, fire, izhikevich
from loligo.surrogate import Surrogate


class _PointNeuron(Channel):
    """A mechanism without a current of its own.

    Args:
        surrogate: How gradients pass the threshold, see `loligo.heaviside`; nothing: they do not, as in Jaxley.
        width: Of the surrogate, mV.
        detach_reset: Whether gradients see spikes and not what a reset does to the voltage.
    """

    def __init__(
        self, name: str | None = None, surrogate: Surrogate = None, width: float = 1.0, detach_reset: bool = False
    ) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.spiking = Spiking(surrogate, width, detach_reset)

    def own(self, params: dict) -> dict:
        """Parameters without the prefix of the channel."""
        prefix = f"{self.name}_"
        return {key.removeprefix(prefix): value for key, value in params.items() if key.startswith(prefix)}

    def compute_current(self, states: dict, v: Any, params: dict) -> float:
        """There is none: the voltage is moved in `update_states`."""
        return 0.0


class Fire(_PointNeuron):
    """Resets the voltage where it is above a threshold; with `Leak` an integrate-and-fire neuron."""

    def __init__(self, name: str | None = None, **surrogate: Any) -> None:
        super().__init__(name, **surrogate)
        self.channel_params = {f"{self.name}_vth": -50.0, f"{self.name}_vreset": -70.0}
        self.channel_states = {f"{self.name}_spikes": 0.0}
        self.current_name = f"{self.name}_fire"

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        """The voltage, mV, and whether it was reset."""
        v, spike = fire(self.spiking, v, params[f"{self.name}_vth"], params[f"{self.name}_vreset"])
        return {"v": v, f"{self.name}_spikes": spike}


class Izhikevich(_PointNeuron):
    """The quadratic neuron with a recovery variable of Izhikevich (2003, IEEE Trans Neural Netw 14:1569-1572)."""

    def __init__(self, name: str | None = None, **surrogate: Any) -> None:
        super().__init__(name, **surrogate)
        defaults = {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0}
        self.channel_params = {f"{self.name}_{key}": value for key, value in defaults.items()}
        self.channel_states = {f"{self.name}_u": 0.0}
        self.current_name = f"{self.name}_izhikevich"

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        """The recovery variable by its exact step, then the voltage by one of forward Euler, then the reset."""
        v, u, _ = izhikevich(self.spiking, v, states[f"{self.name}_u"], dt, self.own(params))
        return {"v": v, f"{self.name}_u": u}

    def init_state(self, states: dict, v: Any, params: dict, delta_t: Any) -> dict:
        """Where the recovery variable rests at this voltage."""
        return {f"{self.name}_u": params[f"{self.name}_b"] * v}


_ADEX = {
    "g_L": ("g_leak", 10.0),
    "E_L": ("e_leak", -70.0),
    "v_T": ("v_rise", -50.0),
    "delta_T": ("delta", 2.0),
    "v_threshold": ("v_peak", 0.0),
    "v_reset": ("v_reset", -58.0),
    "tau_w": ("tau_w", 30.0),
    "a": ("a", 2.0),
    "b": ("b", 0.0),
}
"""Jaxley's names of the parameters, the native ones, and Jaxley's defaults."""


class AdEx(_PointNeuron):
    """The adaptive exponential integrate-and-fire neuron of Brette and Gerstner (2005, J Neurophysiol 94:3637-3642).

    Args:
        surrogate_warning: Accepted for Jaxley's sake.
    """

    def __init__(self, name: str | None = None, surrogate_warning: bool = True, **surrogate: Any) -> None:
        super().__init__(name, **surrogate)
        self.channel_params = {f"{self.name}_{key}": value for key, (_, value) in _ADEX.items()}
        self.channel_states = {f"{self.name}_w": 0.0, f"{self.name}_spikes": 0.0}
        self.current_name = f"i_{self.name}"

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        """The adaptation by its exact step, then the voltage by one of forward Euler, then the reset."""
        native = {_ADEX[key][0]: value for key, value in self.own(params).items()}
        v, w, spike = adex(self.spiking, v, states[f"{self.name}_w"], dt, params["capacitance"], native)
        return {"v": v, f"{self.name}_w": w, f"{self.name}_spikes": spike}


class Rate(_PointNeuron):
    """A rate without a unit: the voltage decays to 0."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self.channel_params = {f"{self.name}_tau": 1.0}
        self.channel_states = {}
        self.current_name = f"{self.name}_rate"

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        """The exact step of the decay."""
        return {"v": decayed(v, 0.0, dt / params[f"{self.name}_tau"])}
