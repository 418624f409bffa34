//! What runs: a model lowered to flat arrays and tapes, the step, the tree solver, the adjoint.
//!
//! [`lower`] turns a model into a [`Program`], which is immutable and knows no names;
//! [`Program::run`] runs it and keeps nothing, [`Program::trace`] keeps what
//! [`Trace::pull_back`] needs for a gradient. Numbers, drives and time are [`Inputs`] of a run.
//! This crate must not know how a model was described, read or named, nor who asks for the
//! gradient. Unsafe code lives in [`vector`] only.

mod arena;
mod block;
mod check;
mod checkpoint;
mod code;
mod convention;
mod direction;
mod dual;
mod error;
mod forward;
mod geometry;
mod inputs;
mod kernel;
mod lanes;
mod layout;
mod lowering;
mod observe;
mod program;
mod reverse;
mod run;
mod setup;
mod threads;
mod trace;
mod tree;
pub mod vector;

pub use checkpoint::{Plan, Weights};
pub use convention::{Convention, Scheme};
pub use direction::Direction;
pub use error::{Divergence, RunError};
pub use inputs::{Drive, Inputs, LaneValues};
pub use layout::ValueLayout;
pub use lowering::{LoweringError, lower};
pub use program::Program;
pub use reverse::Wanted;
pub use run::{Control, Execution, Recordings, Run};
pub use threads::count as thread_count;
pub use trace::{Gradient, Trace};
