"""Where Jaxley keeps its synapse that opens with the presynaptic voltage."""

from loligo.jaxley.synapses.graded import IonotropicSynapse

__all__ = ["IonotropicSynapse"]
