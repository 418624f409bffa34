"""`.mod` files of published models, each run in NEURON and in Loligo: `python -m benchmarks.corpus FOLDER`."""
