"""Where Jaxley keeps its conductance that follows the presynaptic voltage at once."""

from loligo.jaxley.synapses.graded import TanhConductanceSynapse

__all__ = ["TanhConductanceSynapse"]
