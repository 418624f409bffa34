"""Neurons without an extent: mechanisms that move the voltage themselves.

They act while states are stepped, before currents and stimuli are taken, and need backward Euler. A reset is a jump:
the voltage after it does not depend on the voltage before it, and gradients say so, unless a surrogate is asked for.
What a step does is written once here, for these classes and for those of Jaxley's door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from loligo.channel import Channel
from loligo.surrogate import Surrogate, detached, heaviside


@dataclass(frozen=True)
class Spiking:
    """How a neuron passes its threshold: the surrogate of `lo.heaviside`, its width in mV, and whether what a reset
    changes is left out of the gradient."""

    surrogate: Surrogate = None
    width: float = 1.0
    detach_reset: bool = False

    def spike(self, above: Any, at_zero: float = 1.0) -> Any:
        """1 where the voltage is above the threshold, by `above` mV, else 0."""
        return heaviside(above, self.surrogate, self.width, at_zero)

    def after(self, spike: Any, reset: Any, moved: Any) -> Any:
        """`reset` where there is a spike, else `moved`, exactly; differentiated as spike·reset + (1 − spike)·moved."""
        chosen = np.where(spike > 0.5, reset, moved)
        if self.surrogate is None or self.detach_reset:
            return chosen
        return chosen + (spike - detached(spike)) * (reset - moved)


def fire(spiking: Spiking, v: Any, threshold: Any, reset: Any) -> tuple[Any, Any]:
    """The voltage, mV, and whether it was reset because it was above the threshold."""
    spike = spiking.spike(v - threshold, at_zero=0.0)
    return spiking.after(spike, reset, v), spike


def izhikevich(spiking: Spiking, v: Any, u: Any, dt: Any, p: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """The recovery variable by its exact step, the voltage by one of forward Euler, then the reset; and the spike."""
    u = decayed(u, p["b"] * v, dt * p["a"])
    moved = v + dt * (0.04 * v**2 + 5.0 * v + 140.0 - u)
    spike = spiking.spike(moved - 30.0)
    return spiking.after(spike, p["c"], moved), spiking.after(spike, u + p["d"], u), spike


STEEPEST = 10.0
"""The exponent at which the upstroke of `adex` is cut off; spikes are over by then."""


def adex(spiking: Spiking, v: Any, w: Any, dt: Any, capacitance: Any, p: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """The adaptation by its exact step, the voltage by one of forward Euler, then the reset; and the spike.

    Conductances, currents and the capacitance are in units in which (conductance · mV)/capacitance is in mV/ms.
    """
    from_rest = v - p["e_leak"]
    w = decayed(w, p["a"] * from_rest, dt / p["tau_w"])
    upstroke = p["delta"] * np.exp(np.minimum((v - p["v_rise"]) / p["delta"], STEEPEST))
    moved = v + dt * (p["g_leak"] * (upstroke - from_rest) - w) / capacitance
    spike = spiking.spike(moved - p["v_peak"])
    return spiking.after(spike, p["v_reset"], moved), spiking.after(spike, w + p["b"], w), spike


def decayed(x: Any, limit: Any, part: Any) -> Any:
    """What x is on its way to a limit after `part` time constants."""
    left = np.exp(-part)
    return x * left + limit * (1.0 - left)


class PointNeuron(Channel):
    """A neuron without an extent.

    Args:
        name: What it is inserted as; the name of the class if left out.
        surrogate: How gradients pass the threshold, see `lo.heaviside`; nothing: they do not.
        width: Of the surrogate, mV.
        detach_reset: Whether gradients see spikes and not what a reset does to the voltage.
    """

    def __init__(
        self, name: str | None = None, surrogate: Surrogate = None, width: float = 1.0, detach_reset: bool = False
    ) -> None:
        super().__init__(name)
        self.spiking = Spiking(surrogate, width, detach_reset)

    spike_state: str | None = "spikes"

    def compute_current(self, states: dict[str, Any], v: Any, params: dict[str, Any]) -> Any:
        """None: the voltage is moved in `update_states`."""
        return {}


class Fire(PointNeuron):
    """Resets the voltage where it is above a threshold; with a leak an integrate-and-fire neuron, see `LIF`.

    `Fire.spikes` is 1 in a step that resets, else 0.

    >>> import loligo as lo
    >>> neuron = lo.Compartment(length=20, radius=10)
    >>> neuron.insert(lo.mechanism("pas"))
    >>> neuron.insert(lo.Fire(surrogate="fast_sigmoid", width=2.0))
    >>> neuron.set("pas.g", 1e-4)
    >>> neuron.stimulate(lo.step(start=5, duration=50, amplitude=0.05))
    >>> neuron.record("Fire.spikes")
    >>> float(lo.simulate(neuron, t_max=60)["Fire.spikes"].sum())
    7.0
    """

    parameters: Mapping[str, tuple[float, str]] = {"vth": (-50.0, "mV"), "vreset": (-70.0, "mV")}
    states: Mapping[str, float] = {"spikes": 0.0}

    def update_states(self, states: dict[str, Any], dt: Any, v: Any, params: dict[str, Any]) -> dict[str, Any]:
        """The voltage, mV, and whether it was reset."""
        v, spike = fire(self.spiking, v, params["vth"], params["vreset"])
        return {"v": v, "spikes": spike}


class LIF(Fire):
    """The leaky integrate-and-fire neuron (Lapicque 1907, J Physiol Pathol Gen 9:620-635), without a refractory period.

    Its time constant is the capacitance over `g`: 10 ms by default. `LIF.spikes` is 1 in a step that resets, else 0.
    """

    parameters: Mapping[str, tuple[float, str]] = {"g": (1e-4, "S/cm2"), "e": (-70.0, "mV"), **Fire.parameters}

    def compute_current(self, states: dict[str, Any], v: Any, params: dict[str, Any]) -> Any:
        """The leak, mA/cm²."""
        return params["g"] * (v - params["e"])


class Izhikevich(PointNeuron):
    """The quadratic neuron with a recovery variable of Izhikevich (2003, IEEE Trans Neural Netw 14:1569-1572).

    A current of 1 µA/cm² counts as 1 at a capacitance of 1 µF/cm². `Izhikevich.spikes` is 1 in a step that resets.
    """

    parameters: Mapping[str, tuple[float, str]] = {
        "a": (0.02, "/ms"),
        "b": (0.2, "/ms"),
        "c": (-65.0, "mV"),
        "d": (8.0, "mV/ms"),
    }
    states = ("u", "spikes")

    def init_state(self, states: dict[str, Any], v: Any, params: dict[str, Any], delta_t: Any) -> dict[str, Any]:
        """Where the recovery variable rests at this voltage."""
        return {"u": params["b"] * v, "spikes": 0.0}

    def update_states(self, states: dict[str, Any], dt: Any, v: Any, params: dict[str, Any]) -> dict[str, Any]:
        """The voltage, mV, the recovery variable, and whether there was a spike."""
        v, u, spike = izhikevich(self.spiking, v, states["u"], dt, params)
        return {"v": v, "u": u, "spikes": spike}


_AREA = 2.81e-4
"""cm², of the neuron of Brette and Gerstner: 281 pF at 1 µF/cm²."""


class AdEx(PointNeuron):
    """The adaptive exponential integrate-and-fire neuron of Brette and Gerstner (2005, J Neurophysiol 94:3637-3642).

    Its capacitance is that of the compartment. The defaults are the paper's for 281 pF at 1 µF/cm²: a compartment of
    28,100 µm² (`lo.Compartment(length=100, radius=44.72)`) has its currents in nA. `AdEx.w` is the adaptation, mA/cm²;
    `AdEx.spikes` is 1 in a step that resets.
    """

    parameters: Mapping[str, tuple[float, str]] = {
        "g_leak": (30e-9 / _AREA, "S/cm2"),
        "e_leak": (-70.6, "mV"),
        "v_rise": (-50.4, "mV"),
        "delta": (2.0, "mV"),
        "v_peak": (20.0, "mV"),
        "v_reset": (-70.6, "mV"),
        "tau_w": (144.0, "ms"),
        "a": (4e-9 / _AREA, "S/cm2"),
        "b": (0.0805e-6 / _AREA, "mA/cm2"),
    }
    states: Mapping[str, float] = {"w": 0.0, "spikes": 0.0}

    def update_states(self, states: dict[str, Any], dt: Any, v: Any, params: dict[str, Any]) -> dict[str, Any]:
        """The voltage, mV, the adaptation, and whether there was a spike."""
        # 1 S/cm² · 1 mV over 1 µF/cm² is 1000 mV/ms
        v, w, spike = adex(self.spiking, v, states["w"], dt, params["capacitance"] / 1e3, params)
        return {"v": v, "w": w, "spikes": spike}


class Rate(PointNeuron):
    """A rate without a unit, in the place of the voltage: it decays to 0, and currents push it (Wilson and Cowan 1972,
    Biophys J 12:1-24, without their sigmoid, which is the business of connections)."""

    parameters: Mapping[str, tuple[float, str]] = {"tau": (1.0, "ms")}
    spike_state = None

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)

    def update_states(self, states: dict[str, Any], dt: Any, v: Any, params: dict[str, Any]) -> dict[str, Any]:
        """The exact step of the decay."""
        return {"v": decayed(v, 0.0, dt / params["tau"])}


CLASSES = {kind.__name__: kind for kind in (AdEx, Fire, Izhikevich, LIF, Rate)}
"""What the catalogue of the library says is written here."""
