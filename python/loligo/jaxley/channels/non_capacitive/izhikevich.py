"""Where Jaxley keeps its neuron of Izhikevich."""

from loligo.jaxley.channels.point_neurons import Izhikevich

__all__ = ["Izhikevich"]
