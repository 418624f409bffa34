//! What runs: a model lowered to flat arrays and tapes, the step, the tree solver, the adjoint.
//!
//! [`lower`] turns a model into a [`Program`], which is immutable and knows no names;
//! [`Program::run`] runs it and keeps nothing, [`Program::trace`] keeps what
//! [`Trace::pull_back`] needs for a gradient. [`Program::jvp`] runs it with its derivative along a
//! [`Direction`], and [`Program::trace_tangent`] keeps what [`TangentTrace::pull_back`] needs for a
//! product with a Hessian. Numbers, drives and time are [`Inputs`] of a run.
//! This crate must not know how a model was described, read or named, nor who asks for the
//! gradient. Unsafe code lives in [`vector`] only.

mod arena;
pub mod arguments;
mod block;
mod budget;
mod carried;
mod check;
mod checkpoint;
mod code;
mod convention;
mod crew;
mod diffusion;
mod direction;
mod divergence;
mod dual;
mod error;
mod events;
mod exchange;
mod execution;
mod folded;
mod forward;
mod gaps;
mod geometry;
mod gradient;
mod hessian;
mod inputs;
mod kept;
mod kernel;
mod lanes;
mod layout;
mod lowering;
mod members;
mod observe;
mod partition;
mod pass;
mod precision;
mod program;
mod random;
mod reverse;
mod run;
mod setup;
mod sources;
mod stepper;
mod sweep;
mod threads;
mod trace;
mod traced;
mod tree;
pub mod vector;
mod wiring;

pub use checkpoint::{Plan, Weights};
pub use convention::{Choices, Convention, Scheme, SpikeTimes};
pub use direction::Direction;
pub use error::{Divergence, RunError};
pub use events::{Spike, Surrogate, SurrogateShape};
pub use execution::{Control, Execution};
pub use gradient::Gradient;
pub use hessian::TangentTrace;
pub use inputs::{Drive, Inputs, LaneValues, Train};
pub use layout::ValueLayout;
pub use lowering::{LoweringError, WhyNotPlayed, lower, lower_holding, lower_with};
pub use precision::Precision;
pub use program::Program;
pub use reverse::Wanted;
pub use run::{Recordings, Run};
pub use threads::count as thread_count;
pub use trace::Trace;
