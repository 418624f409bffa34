//! A run that can be differentiated.

use std::sync::Arc;

use crate::block::Block;
use crate::checkpoint::Plan;
use crate::error::{Divergence, RunError};
use crate::events::Spike;
use crate::execution::Execution;
use crate::gradient::Gradient;
use crate::inputs::Inputs;
use crate::kept::{Kept, Tracing};
use crate::observe::tracks;
use crate::precision::Precision;
use crate::program::Program;
use crate::reverse::Wanted;
use crate::run::Recordings;
use crate::traced::{Traced, check_samples};
use crate::vector::Real;

/// A run with what its reverse sweep needs.
pub struct Trace<T: Real> {
    recordings: Recordings<T>,
    traced: Traced<Block<T>>,
}

impl Program {
    /// Runs the program and keeps what its gradient needs, within `budget` bytes.
    ///
    /// # Errors
    /// [`RunError`] if an input is wrong, nothing fits in the budget, or the run was stopped.
    pub fn trace<T: Precision>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        budget: usize,
        execution: &Execution,
    ) -> Result<Trace<T>, RunError> {
        T::trace(self, inputs, budget, execution)
    }

    pub(crate) fn trace_in<T: Real>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        budget: usize,
        execution: &Execution,
    ) -> Result<Trace<T>, RunError> {
        self.check(inputs)?;
        let inputs = &Inputs::of_lanes(inputs);
        let plan = self.plan::<T>(inputs, budget, execution.threads)?;
        let tracing = Tracing {
            inputs,
            plan: &plan,
            unit: execution.unit,
            control: &execution.control,
        };
        let (recordings, crews) = self.recorded(inputs, execution, |starts| {
            Kept::<Block<T>>::of_run(starts, &tracing, |block, mut rows| {
                rows.recorder(&tracks(block))
            })
        });
        Ok(Trace {
            recordings,
            traced: Traced::new(self, inputs, execution, plan, crews)?,
        })
    }
}

impl<T: Real> Trace<T> {
    /// What recordings showed; NaN throughout for a lane that diverged.
    pub fn recordings(&self) -> &Recordings<T> {
        &self.recordings
    }

    /// The lanes that diverged; their gradients are NaN.
    pub fn diverged(&self) -> &[Divergence] {
        &self.traced.diverged
    }

    /// The spikes of the run: see [`crate::Run::spikes`].
    pub fn spikes(&self) -> &[Spike] {
        &self.traced.spikes
    }

    /// What was kept.
    pub fn plan(&self) -> &Plan {
        &self.traced.plan
    }

    /// The gradient of a function of the recordings, given its derivative with respect to them
    /// (`cotangents`, shape `[sample][lane][recording]`).
    ///
    /// # Errors
    /// [`RunError`] if the cotangents have the wrong shape, a wanted place does not exist, or the
    /// sweep was stopped.
    pub fn pull_back(&self, cotangents: &[T], wanted: &Wanted) -> Result<Gradient, RunError>
    where
        T: Precision,
    {
        T::pull_back(self, cotangents, wanted)
    }

    pub(crate) fn pull_back_in(
        &self,
        cotangents: &[T],
        wanted: &Wanted,
    ) -> Result<Gradient, RunError> {
        let what = "the cotangent of the recordings";
        check_samples(what, cotangents, &self.recordings)?;
        Ok(self.traced.pull_back(cotangents, wanted)?.into())
    }
}
