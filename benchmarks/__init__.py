"""Speed of Loligo beside NEURON, Jaxley and Arbor: `python -m benchmarks.run`."""
