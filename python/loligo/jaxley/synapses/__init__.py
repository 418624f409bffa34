"""The class that synapses are subclasses of; those of Jaxley come with the networks that run them."""

from loligo.jaxley.synapses.synapse import Synapse

__all__ = ["Synapse"]
