"""Where Jaxley keeps its reset of a voltage above a threshold."""

from loligo.jaxley.channels.point_neurons import Fire

__all__ = ["Fire"]
