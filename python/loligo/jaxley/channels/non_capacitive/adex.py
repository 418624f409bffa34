"""Where Jaxley keeps its adaptive exponential integrate-and-fire neuron."""

from loligo.jaxley.channels.point_neurons import AdEx

__all__ = ["AdEx"]
