"""Synapses under Jaxley's names, and the class that others are subclasses of."""

from loligo.jaxley.synapses import ionotropic, tanh_conductance, tanh_rate
from loligo.jaxley.synapses.graded import IonotropicSynapse, TanhConductanceSynapse, TanhRateSynapse
from loligo.jaxley.synapses.synapse import Synapse
from loligo.jaxley.synapses.test import TestSynapse

__all__ = [
    "IonotropicSynapse",
    "Synapse",
    "TanhConductanceSynapse",
    "TanhRateSynapse",
    "TestSynapse",
    "ionotropic",
    "tanh_conductance",
    "tanh_rate",
]
