"""Neurons without an extent: mechanisms that move the voltage themselves.

They act while states are stepped, before the currents of other channels and of stimuli are taken. A reset is a jump:
the voltage after it does not depend on the voltage before it, and gradients say so.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from loligo.jaxley.channels.channel import Channel
from loligo.jaxley.solver_gate import exponential_euler, save_exp


class _PointNeuron(Channel):
    """A mechanism without a current of its own."""

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)

    def compute_current(self, states: dict, v: Any, params: dict) -> float:
        """There is none: the voltage is moved in `update_states`."""
        return 0.0


class Fire(_PointNeuron):
    """Resets the voltage where it is above a threshold; with `Leak` an integrate-and-fire neuron."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self.channel_params = {f"{self.name}_vth": -50.0, f"{self.name}_vreset": -70.0}
        self.channel_states = {f"{self.name}_spikes": 0.0}
        self.current_name = f"{self.name}_fire"

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        """The voltage, mV, and whether it was reset."""
        fires = v > params[f"{self.name}_vth"]
        return {"v": np.where(fires, params[f"{self.name}_vreset"], v), f"{self.name}_spikes": fires}


class Izhikevich(_PointNeuron):
    """The quadratic neuron with a recovery variable of Izhikevich (2003, IEEE Trans Neural Netw 14:1569-1572)."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        defaults = {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0}
        self.channel_params = {f"{self.name}_{key}": value for key, value in defaults.items()}
        self.channel_states = {f"{self.name}_u": 0.0}
        self.current_name = f"{self.name}_izhikevich"

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        """The recovery variable by its exact step, then the voltage by one of forward Euler, then the reset."""
        a, b, c, d = (params[f"{self.name}_{key}"] for key in "abcd")
        u = exponential_euler(states[f"{self.name}_u"], dt, b * v, 1.0 / a)
        moved = v + dt * (0.04 * v**2 + 5.0 * v + 140.0 - u)
        fires = moved >= 30.0
        return {"v": np.where(fires, c, moved), f"{self.name}_u": np.where(fires, u + d, u)}

    def init_state(self, states: dict, v: Any, params: dict, delta_t: Any) -> dict:
        """Where the recovery variable rests at this voltage."""
        return {f"{self.name}_u": params[f"{self.name}_b"] * v}


class AdEx(_PointNeuron):
    """The adaptive exponential integrate-and-fire neuron of Brette and Gerstner (2005, J Neurophysiol 94:3637-3642).

    Args:
        surrogate_warning: Accepted for Jaxley's sake.
    """

    def __init__(self, name: str | None = None, surrogate_warning: bool = True) -> None:
        super().__init__(name)
        defaults = {
            "g_L": 10.0,
            "E_L": -70.0,
            "v_T": -50.0,
            "delta_T": 2.0,
            "v_threshold": 0.0,
            "v_reset": -58.0,
            "tau_w": 30.0,
            "a": 2.0,
            "b": 0.0,
        }
        self.channel_params = {f"{self.name}_{key}": value for key, value in defaults.items()}
        self.channel_states = {f"{self.name}_w": 0.0, f"{self.name}_spikes": 0.0}
        self.current_name = f"i_{self.name}"

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        """The adaptation by its exact step, then the voltage by one of forward Euler, then the reset."""
        own = {key.removeprefix(f"{self.name}_"): value for key, value in params.items()}
        from_rest = v - own["E_L"]
        w = exponential_euler(states[f"{self.name}_w"], dt, own["a"] * from_rest, own["tau_w"])
        upstroke = own["delta_T"] * save_exp((v - own["v_T"]) / own["delta_T"], 10.0)
        moved = v + dt * (own["g_L"] * (upstroke - from_rest) - w) / params["capacitance"]
        fires = moved >= own["v_threshold"]
        return {
            "v": np.where(fires, own["v_reset"], moved),
            f"{self.name}_w": np.where(fires, w + own["b"], w),
            f"{self.name}_spikes": fires,
        }


class Rate(_PointNeuron):
    """A rate without a unit: the voltage decays to 0."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self.channel_params = {f"{self.name}_tau": 1.0}
        self.channel_states = {}
        self.current_name = f"{self.name}_rate"

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        """The exact step of the decay."""
        return {"v": exponential_euler(v, dt, 0.0, params[f"{self.name}_tau"])}
