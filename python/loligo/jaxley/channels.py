"""Channels under Jaxley's names and with its defaults: Hodgkin and Huxley's, and those of Pospischil et al. (2008)."""

from __future__ import annotations

from functools import cache
from importlib import resources

from loligo._engine import Mechanism
from loligo.errors import ArgumentTypeError

SHARED = {"eNa": ("ena", 50.0), "eK": ("ek", -90.0), "eCa": ("eca", 120.0), "vt": ("vt", -60.0)}
"""Numbers that all channels of a compartment share: Jaxley's name, ours, and the default."""

INITIAL_STATE = 0.2
"""What every gate starts at until it is set."""


class Channel:
    """A channel to insert: one of the classes below.

    Args:
        name: What its parameters and states are prefixed with; the name of the class if left out.

    Attributes:
        channel_params: Its parameters and their defaults.
        channel_states: Its states and their defaults.
        current_name: What its current is recorded as.
    """

    current_name: str
    _shared: tuple[str, ...] = ()

    def __init__(self, name: str | None = None) -> None:
        if type(self) is Channel or type(self).__module__ != __name__:
            raise ArgumentTypeError(
                "channels written in Python are not supported yet; write a .mod file, and insert "
                "loligo.Mechanism.from_mod(path) in a module of `import loligo`"
            )
        self._name = type(self).__name__ if name is None else name
        self.current_name = type(self).current_name.format(name=self._name)

    @property
    def name(self) -> str:
        """What its parameters and states are prefixed with."""
        return self._name

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
    def channel_params(self) -> dict[str, float]:
        own = {f"{self._name}_{name}": default for name, default, *_ in self.mechanism.parameters if name not in SHARED}
        return own | {name: SHARED[name][1] for name in self._shared}

    @property
    def channel_states(self) -> dict[str, float]:
        return {f"{self._name}_{name}": INITIAL_STATE for name in self.mechanism.states}

    def __repr__(self) -> str:
        return f"<channel {self._name}>"


class HH(Channel):
    """Sodium, potassium and leak channels of Hodgkin and Huxley (1952), as given by Sterratt et al."""

    current_name = "i_HH"


class Leak(Channel):
    """Leak channel."""

    current_name = "i_{name}"


class Na(Channel):
    """Fast sodium channel of Pospischil et al. (2008)."""

    current_name = "i_Na"
    _shared = ("eNa", "vt")


class K(Channel):
    """Delayed rectifier of Pospischil et al. (2008)."""

    current_name = "i_K"
    _shared = ("eK", "vt")


class Km(Channel):
    """Slow potassium channel of Pospischil et al. (2008)."""

    current_name = "i_K"
    _shared = ("eK",)


class CaL(Channel):
    """High-threshold calcium channel of Pospischil et al. (2008)."""

    current_name = "i_Ca"
    _shared = ("eCa",)


class CaT(Channel):
    """Low-threshold calcium channel of Pospischil et al. (2008)."""

    current_name = "i_Ca"
    _shared = ("eCa",)


@cache
def _compiled(kind: str) -> Mechanism:
    file = resources.files("loligo.jaxley") / "mechanisms" / f"{kind}.mod"
    return Mechanism.compile(file.read_text(encoding="utf-8"), f"{kind}.mod")
