//! The mathematics of a membrane mechanism.
//!
//! This crate knows what a channel *is*: parameters, states, currents and the expressions that
//! connect them, held in one hash-consed [`graph::Graph`]. Front ends ([`nmodl`], [`builder`], [`traced`])
//! produce a [`Mechanism`]; [`passes`] turn expressions into other expressions (derivatives,
//! updates, adjoints); [`tape`] is the straight-line code that the engine runs.
//! It must not know of cells, compartments or time loops.

pub mod builder;
pub mod curves;
pub mod event;
pub mod formula;
pub mod graph;
pub mod library;
pub mod mechanism;
pub mod membrane;
mod nearest;
pub mod nmodl;
pub mod passes;
pub mod pointer;
pub mod report;
pub mod surroundings;
pub mod tape;
pub mod traced;

pub use graph::{Expr, Graph, Symbol};
pub use mechanism::Mechanism;
