//! A run that can be differentiated, of either precision.

use std::sync::Arc;

use loligo::engine::{Divergence, Gradient, Inputs, Program, RunError, Trace, Wanted};
use loligo::engine::{Execution, Precision};

use crate::recorded::{Extent, by_lane, by_time};

pub enum AnyTrace {
    Double(Box<Trace<f64>>),
    Single(Box<Trace<f32>>),
}

impl AnyTrace {
    /// Runs within `budget` bytes.
    pub fn new(
        program: &Arc<Program>,
        inputs: &Arc<Inputs>,
        is_single: bool,
        budget: usize,
        execution: &Execution,
    ) -> Result<Self, RunError> {
        Ok(if is_single {
            AnyTrace::Single(Box::new(program.trace(inputs, budget, execution)?))
        } else {
            AnyTrace::Double(Box::new(program.trace(inputs, budget, execution)?))
        })
    }

    /// What was recorded, lane by lane.
    pub fn recordings(&self) -> Vec<f64> {
        match self {
            AnyTrace::Double(trace) => by_lane(trace.recordings()),
            AnyTrace::Single(trace) => by_lane(trace.recordings()),
        }
    }

    pub fn diverged(&self) -> &[Divergence] {
        match self {
            AnyTrace::Double(trace) => trace.diverged(),
            AnyTrace::Single(trace) => trace.diverged(),
        }
    }

    /// The most that it takes, in bytes.
    pub fn bytes(&self) -> usize {
        match self {
            AnyTrace::Double(trace) => trace.bytes(),
            AnyTrace::Single(trace) => trace.bytes(),
        }
    }

    /// The gradient, given the derivative with respect to the recordings, lane by lane.
    pub fn pull_back(&self, cotangent: &[f64], wanted: &Wanted) -> Result<Gradient, RunError> {
        match self {
            AnyTrace::Double(trace) => pull_back(trace, cotangent, wanted),
            AnyTrace::Single(trace) => pull_back(trace, cotangent, wanted),
        }
    }
}

fn pull_back<T: Precision>(
    trace: &Trace<T>,
    cotangent: &[f64],
    wanted: &Wanted,
) -> Result<Gradient, RunError> {
    let cotangent: Vec<T> = by_time(cotangent, Extent::of(trace.recordings()));
    trace.pull_back(&cotangent, wanted)
}
