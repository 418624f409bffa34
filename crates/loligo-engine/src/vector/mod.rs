//! The virtual machine that runs tapes over lanes with the machine's vector instructions.
//!
//! A [`Runner`] holds a tape bound to memory and runs it block by block. Lanes are independent:
//! what one computes depends neither on its position nor on its neighbours, nor (among units with
//! fused multiply–add) on the [`VectorUnit`].
//!
//! This is the engine's one module with unsafe code: memory that is aligned (`aligned`) or not zeroed
//! first (`unwritten`), chunk-wise access through pointers (`kernel`, `tree_solve`), gathering (`sparse`),
//! and the checks that make it safe to call (`runner`).

mod aligned;
mod functions;
mod kernel;
mod lane;
mod real;
mod runner;
mod sparse;
mod tree_solve;
mod unit;
mod unwritten;

pub use aligned::AlignedVec;
pub use real::{Arithmetic, Real};
pub(crate) use runner::REGISTER_BYTES;
pub use runner::{Binding, Runner};
pub(crate) use sparse::{Entries, Pattern, ROWS};
pub(crate) use tree_solve::SolveOrder;
pub use unit::{VectorUnit, VectorUnitError, Vectorized};
pub(crate) use unwritten::{Rows, Unwritten};
