"""Channels under Jaxley's names, and the class that yours are subclasses of."""

from loligo.jaxley.channels import hh, non_capacitive, pospischil
from loligo.jaxley.channels.channel import Channel
from loligo.jaxley.channels.compiled import HH, CaL, CaT, K, Km, Leak, Na
from loligo.jaxley.channels.point_neurons import AdEx, Fire, Izhikevich, Rate

__all__ = [
    "HH",
    "AdEx",
    "CaL",
    "CaT",
    "Channel",
    "Fire",
    "Izhikevich",
    "K",
    "Km",
    "Leak",
    "Na",
    "Rate",
    "hh",
    "non_capacitive",
    "pospischil",
]
