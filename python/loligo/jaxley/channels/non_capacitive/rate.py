"""Where Jaxley keeps its unit of a rate model."""

from loligo.jaxley.channels.point_neurons import Rate

__all__ = ["Rate"]
