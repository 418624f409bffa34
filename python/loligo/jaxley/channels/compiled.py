"""Channels under Jaxley's names and with its defaults: Hodgkin and Huxley's, and those of Pospischil et al. (2008)."""

from __future__ import annotations

from functools import cache
from importlib import resources

from loligo._engine import Mechanism
from loligo.jaxley.channels.channel import Channel

SHARED = {"eNa": 50.0, "eK": -90.0, "eCa": 120.0, "vt": -60.0}
"""The defaults of what these channels share with the channels of their compartment."""

INITIAL_STATE = 0.2
"""What every gate starts at until it is set."""


class Compiled(Channel):
    """One of the channels below, which are compiled from `.mod` files."""

    _shared: tuple[str, ...] = ()

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.current_name = type(self).current_name.format(name=self._name)

    def change_name(self, new_name: str) -> Channel:
        """The same channel with another prefix; the current keeps its name."""
        self._name = new_name
        return self

    @property
    def mechanism(self) -> Mechanism:
        """What is inserted."""
        compiled = _compiled(type(self).__name__)
        return compiled if compiled.name == self._name else compiled.renamed(self._name)

    @property
    def channel_params(self) -> dict[str, float]:  # type: ignore[override]
        own = {f"{self._name}_{name}": default for name, default, *_ in self.mechanism.parameters}
        own.pop(f"{self._name}_vt_of_all", None)
        return own | {name: SHARED[name] for name in self._shared}

    @property
    def channel_states(self) -> dict[str, float]:  # type: ignore[override]
        return {f"{self._name}_{name}": INITIAL_STATE for name in self.mechanism.states}


class HH(Compiled):
    """Sodium, potassium and leak channels of Hodgkin and Huxley (1952), as given by Sterratt et al."""

    current_name = "i_HH"


class Leak(Compiled):
    """Leak channel."""

    current_name = "i_{name}"


class Na(Compiled):
    """Fast sodium channel of Pospischil et al. (2008)."""

    current_name = "i_Na"
    _shared = ("eNa", "vt")


class K(Compiled):
    """Delayed rectifier of Pospischil et al. (2008)."""

    current_name = "i_K"
    _shared = ("eK", "vt")


class Km(Compiled):
    """Slow potassium channel of Pospischil et al. (2008)."""

    current_name = "i_K"
    _shared = ("eK",)


class CaL(Compiled):
    """High-threshold calcium channel of Pospischil et al. (2008)."""

    current_name = "i_Ca"
    _shared = ("eCa",)


class CaT(Compiled):
    """Low-threshold calcium channel of Pospischil et al. (2008)."""

    current_name = "i_Ca"
    _shared = ("eCa",)


@cache
def _compiled(kind: str) -> Mechanism:
    file = resources.files("loligo.jaxley") / "mechanisms" / f"{kind}.mod"
    return Mechanism.compile(file.read_text(encoding="utf-8"), f"{kind}.mod")
