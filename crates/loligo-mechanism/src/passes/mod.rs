//! The compiler between a mechanism and a tape: small pure functions from graph to graph.
//!
//! | pass | what it does |
//! |---|---|
//! | [`simplify`] | cancels factors, gathers literals |
//! | [`share_exponentials`] | makes one exponential serve several whose arguments are multiples |
//! | [`linear`] | finds states whose equation is linear in themselves |
//! | [`differentiate`] | tangents, derivatives and adjoints |
//! | [`hoist`] | moves what does not change during a run out of the time loop |

pub mod differentiate;
pub mod hoist;
pub mod linear;
pub mod share_exponentials;
pub mod simplify;

#[cfg(test)]
mod testing;
