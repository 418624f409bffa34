"""Calcium: what currents bring into a compartment, what pumps take out, and the reversal potential that follows."""

from __future__ import annotations

from typing import Any

import numpy as np

from loligo.jaxley.pumps.pump import Pump

_PER_CURRENT = 1e4
"""mM/ms from (mA/cm²)·(1/µm)·(mol/C)."""


class CaPump(Pump):
    """Calcium in a shell under the membrane, pumped out towards its resting concentration (Destexhe et al. 1994, J
    Neurophysiol 72:803-818)."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        defaults = {"gamma": 0.05, "decay": 80.0, "depth": 0.1, "minCaCon_i": 1e-4}
        self.channel_params = {f"{self.name}_{key}": value for key, value in defaults.items()}
        self.channel_states = {"i_Ca": 1e-8, "CaCon_i": 5e-5}
        self.ion_name = "CaCon_i"
        self.current_name = "i_CaPump"

    def compute_current(self, states: dict, modified_state: Any, params: dict) -> Any:
        """What leaves, less what the free part of the current brings, mM/ms."""
        gamma, decay, depth, least = (params[f"{self.name}_{key}"] for key in ("gamma", "decay", "depth", "minCaCon_i"))
        faraday = 96485.0  # C/mol, as in Jaxley
        brought = -_PER_CURRENT * states["i_Ca"] * gamma / (2.0 * faraday * depth)
        return (modified_state - least) / decay - brought


class CaFaradayConcentrationChange(Pump):
    """Calcium that the current brings into the whole of a compartment, and nothing takes out: Faraday's law."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self.channel_params = {}
        self.channel_states = {"i_Ca": 1e-8, "CaCon_i": 5e-5}
        self.ion_name = "CaCon_i"
        self.current_name = "i_CaCurrent"

    def compute_current(self, states: dict, modified_state: Any, params: dict) -> Any:
        """Minus what the current brings, mM/ms; a cylinder has 2/radius of membrane to its volume."""
        faraday = 96485.3329  # C/mol, as in Jaxley
        return _PER_CURRENT * states["i_Ca"] * (2.0 / params["radius"]) / (2.0 * faraday)


class CaNernstReversal(Pump):
    """The reversal potential of calcium as its concentrations have it, at 279.45 K."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self.channel_params = {}
        self.channel_states = {"eCa": 0.0, "CaCon_i": 5e-5, "CaCon_e": 2.0}
        self.ion_name = "CaCon_i"
        self.current_name = "i_Ca"

    def update_states(self, u: dict, dt: Any, voltages: Any, params: dict) -> dict:
        """eCa, mV."""
        thermal = 8.314 * 279.45 / (2.0 * 96485.3329) * 1000.0  # mV; the constants are Jaxley's
        return {"eCa": thermal * np.log(u["CaCon_e"] / u["CaCon_i"])}

    def compute_current(self, u: dict, voltages: Any, params: dict) -> float:
        """It changes no concentration."""
        return 0.0
