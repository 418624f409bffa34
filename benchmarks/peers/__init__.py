"""One module a simulator; each runs alone too: `python -m benchmarks.peers.jaxley_peer --precision f32`."""
