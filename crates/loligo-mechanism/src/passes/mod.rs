//! The compiler between a mechanism and a tape: small pure functions from graph to graph.
//!
//! | pass | what it does |
//! |---|---|
//! | [`removable_singularity`] | makes z/(e^z − 1) one smooth function, guarded or not |
//! | [`simplify`] | cancels factors, gathers literals |
//! | [`share_exponentials`] | makes one exponential serve several whose arguments are multiples |
//! | [`share_functions`] | computes functions of one argument from one another |
//! | [`share_reciprocals`] | makes one division serve several by the same denominator |
//! | [`linear`] | finds states whose equation is linear in themselves |
//! | [`elimination`], [`implicit`] | solve small systems of equations; implicit steps of states that depend on each other |
//! | [`differentiate`] | tangents, derivatives and adjoints |
//! | [`reassociate`] | brings together what does not vary, and repeated factors |
//! | [`hoist`] | moves what does not change during a run out of the time loop |

pub mod differentiate;
pub mod elimination;
pub mod hoist;
pub mod implicit;
pub mod linear;
mod polynomial;
pub mod reassociate;
pub mod removable_singularity;
pub mod share_exponentials;
pub mod share_functions;
pub mod share_reciprocals;
pub mod simplify;

#[cfg(test)]
mod testing;
