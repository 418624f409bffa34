"""Channels under Jaxley's names and with its defaults: Hodgkin and Huxley's, and those of Pospischil et al. (2008)."""

from __future__ import annotations

from functools import cache
from importlib import resources

from loligo._engine import Mechanism
from loligo.errors import ArgumentTypeError, UnknownNameError
from loligo.jaxley.channels.channel import Channel

SHARED = {"eNa": 50.0, "eK": -90.0, "eCa": 120.0, "vt": -60.0}
"""The defaults of what these channels share with the channels of their compartment."""

INITIAL_STATE = 0.2
"""What every gate starts at until it is set."""

_METHODS = ("update_states", "compute_current", "init_state")


class Compiled(Channel):
    """One of the channels below, which are compiled from `.mod` files: their defaults may be changed, and classes
    derived from them may have others, but no other methods or names."""

    _shared: tuple[str, ...] = ()

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.current_name = type(self).current_name.format(name=self._name)
        own = {f"{self._name}_{name}": default for name, default, *_ in self.mechanism.parameters}
        own.pop(f"{self._name}_vt_of_all", None)
        self.channel_params = own | {name: SHARED[name] for name in self._shared}
        self.channel_states = {f"{self._name}_{name}": INITIAL_STATE for name in self.mechanism.states}

    @property
    def mechanism(self) -> Mechanism:
        """What is inserted."""
        compiled = _compiled(self._built_in().__name__)
        return compiled if compiled.name == self._name else compiled.renamed(self._name)

    def numbers(self) -> dict[str, float]:
        """Parameters and states, with their defaults.

        Raises:
            ArgumentTypeError: A derived class has methods of its own.
            UnknownNameError: There is a name that the channel of the file does not have, or one is missing.
        """
        kind = self._built_in()
        if own := [name for name in _METHODS if getattr(type(self), name) is not getattr(Channel, name)]:
            raise ArgumentTypeError(
                f"{type(self).__name__} has its own {own[0]}, but {kind.__name__} is compiled from a file, and has no "
                "methods to derive from; derive from loligo.jaxley.channels.Channel, and write all of them"
            )
        plain = kind(self._name)
        known, given = plain.channel_params | plain.channel_states, self.channel_params | self.channel_states
        for name in [*given, *known]:
            if name not in known or name not in given:
                what = f"has `{name}`" if name in given else f"lacks `{name}`"
                raise UnknownNameError(
                    f"the channel {self._name} {what}, but a {kind.__name__} is compiled from a file, with "
                    f"{', '.join(known)}; other defaults may be given, but no other names"
                )
        return given

    def _built_in(self) -> type[Compiled]:
        """The class below that it is of, or that its class is derived from."""
        return next(kind for kind in type(self).__mro__ if Compiled in kind.__bases__)


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
