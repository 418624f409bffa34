"""Where Jaxley keeps neurons without a capacitive membrane, whose channels move the voltage themselves."""

from loligo.jaxley.channels.non_capacitive import adex, izhikevich, rate, spike
from loligo.jaxley.channels.point_neurons import AdEx, Fire, Izhikevich, Rate

__all__ = ["AdEx", "Fire", "Izhikevich", "Rate", "adex", "izhikevich", "rate", "spike"]
