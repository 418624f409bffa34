"""Synapses under Jaxley's names, and the class that others are subclasses of."""

from loligo.jaxley.synapses.graded import IonotropicSynapse, TanhConductanceSynapse, TanhRateSynapse
from loligo.jaxley.synapses.synapse import Synapse

__all__ = ["IonotropicSynapse", "Synapse", "TanhConductanceSynapse", "TanhRateSynapse"]
