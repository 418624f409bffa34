//! The compiler between a mechanism and a tape: small pure functions from graph to graph.
