//! The precision of a run: `f64` or `f32`.
//!
//! What runs and sweeps is generic over it, and long. Behind this trait it is compiled for each
//! precision once, in this crate, and not again in every crate that calls it.

use std::sync::Arc;

use crate::direction::Direction;
use crate::error::RunError;
use crate::execution::Execution;
use crate::gradient::Gradient;
use crate::hessian::TangentTrace;
use crate::inputs::Inputs;
use crate::program::Program;
use crate::reverse::Wanted;
use crate::run::{Recordings, Run};
use crate::trace::Trace;
use crate::vector::Real;

/// `f64` or `f32`: what a program runs in. The methods are those of [`Program`], [`Trace`] and
/// [`TangentTrace`], which say what they do.
pub trait Precision: Real {
    #[doc(hidden)]
    fn run(
        program: &Arc<Program>,
        inputs: &Arc<Inputs>,
        execution: &Execution,
    ) -> Result<Run<Self>, RunError>;

    #[doc(hidden)]
    fn jvp(
        program: &Arc<Program>,
        inputs: &Arc<Inputs>,
        direction: &Direction,
        execution: &Execution,
    ) -> Result<(Run<Self>, Recordings<Self>), RunError>;

    #[doc(hidden)]
    fn trace(
        program: &Arc<Program>,
        inputs: &Arc<Inputs>,
        budget: usize,
        execution: &Execution,
    ) -> Result<Trace<Self>, RunError>;

    #[doc(hidden)]
    fn pull_back(
        trace: &Trace<Self>,
        cotangents: &[Self],
        wanted: &Wanted,
    ) -> Result<Gradient, RunError>;

    #[doc(hidden)]
    fn trace_tangent(
        program: &Arc<Program>,
        inputs: &Arc<Inputs>,
        direction: &Direction,
        budget: usize,
        execution: &Execution,
    ) -> Result<TangentTrace<Self>, RunError>;

    #[doc(hidden)]
    fn pull_back_tangent(
        trace: &TangentTrace<Self>,
        cotangents: &[Self],
        moved: &[Self],
        wanted: &Wanted,
    ) -> Result<(Gradient, Gradient), RunError>;
}

macro_rules! precision {
    ($real:ident) => {
        impl Precision for $real {
            fn run(
                program: &Arc<Program>,
                inputs: &Arc<Inputs>,
                execution: &Execution,
            ) -> Result<Run<Self>, RunError> {
                program.run_in(inputs, execution)
            }

            fn jvp(
                program: &Arc<Program>,
                inputs: &Arc<Inputs>,
                direction: &Direction,
                execution: &Execution,
            ) -> Result<(Run<Self>, Recordings<Self>), RunError> {
                program.jvp_in(inputs, direction, execution)
            }

            fn trace(
                program: &Arc<Program>,
                inputs: &Arc<Inputs>,
                budget: usize,
                execution: &Execution,
            ) -> Result<Trace<Self>, RunError> {
                program.trace_in(inputs, budget, execution)
            }

            fn pull_back(
                trace: &Trace<Self>,
                cotangents: &[Self],
                wanted: &Wanted,
            ) -> Result<Gradient, RunError> {
                trace.pull_back_in(cotangents, wanted)
            }

            fn trace_tangent(
                program: &Arc<Program>,
                inputs: &Arc<Inputs>,
                direction: &Direction,
                budget: usize,
                execution: &Execution,
            ) -> Result<TangentTrace<Self>, RunError> {
                program.trace_tangent_in(inputs, direction, budget, execution)
            }

            fn pull_back_tangent(
                trace: &TangentTrace<Self>,
                cotangents: &[Self],
                moved: &[Self],
                wanted: &Wanted,
            ) -> Result<(Gradient, Gradient), RunError> {
                trace.pull_back_in(cotangents, moved, wanted)
            }
        }
    };
}

precision!(f64);
precision!(f32);
