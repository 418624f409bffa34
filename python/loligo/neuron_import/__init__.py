"""What is alive in a running NEURON, taken over: sections, mechanisms, point processes, connections.

NEURON is never imported here; whoever calls hands over its `h`.
"""

from loligo.neuron_import.taken import Taken, from_neuron

__all__ = ["Taken", "from_neuron"]
