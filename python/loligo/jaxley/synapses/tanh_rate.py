"""Where Jaxley keeps its synapse between units of a rate model."""

from loligo.jaxley.synapses.graded import TanhRateSynapse

__all__ = ["TanhRateSynapse"]
