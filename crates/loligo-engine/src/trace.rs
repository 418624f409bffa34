//! A run that can be differentiated.

use std::sync::{Arc, PoisonError, RwLock};

use crate::block::Block;
use crate::checkpoint::Plan;
use crate::error::{Divergence, RunError};
use crate::events::Spike;
use crate::execution::Execution;
use crate::gradient::Gradient;
use crate::inputs::Inputs;
use crate::kept::{Kept, Tracing};
use crate::precision::Precision;
use crate::program::Program;
use crate::reverse::Wanted;
use crate::run::Recordings;
use crate::sources::Folding;
use crate::traced::{Traced, check_samples, pull_back};
use crate::vector::Real;

/// A run with what its reverse sweep needs.
pub struct Trace<T: Real> {
    recordings: Recordings<T>,
    diverged: Vec<Divergence>,
    spikes: Vec<Spike>,
    plan: Plan,
    budget: usize,
    traced: RwLock<Traced<Block<T>>>,
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
        self.check_broadcasts()?;
        let inputs = &Inputs::of_lanes(inputs);
        let folding = Folding::of(self, &[&**inputs]);
        let (recordings, traced) = self.traced(inputs, folding, budget, execution)?;
        Ok(Trace {
            recordings,
            diverged: traced.diverged.clone(),
            spikes: traced.spikes.clone(),
            plan: traced.plan.clone(),
            budget,
            traced: RwLock::new(traced),
        })
    }

    fn traced<T: Real>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        folding: Folding,
        budget: usize,
        execution: &Execution,
    ) -> Result<(Recordings<T>, Traced<Block<T>>), RunError> {
        let plan_within =
            |budget| self.plan_of::<Block<T>>(inputs, &folding, budget, execution.threads);
        let mut plan = plan_within(budget)?;
        loop {
            let (recordings, traced) =
                self.traced_with(inputs, (plan, folding.clone()), execution)?;
            // events that were delivered count, too; there are as many in each run
            let events = traced.bytes_of_events();
            let left = plan_within(budget.saturating_sub(events));
            plan = left.map_err(|error| error.needing_more(budget, events))?;
            if plan == traced.plan {
                return Ok((recordings, traced));
            }
        }
    }

    fn traced_with<T: Real>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        (plan, folding): (Plan, Folding),
        execution: &Execution,
    ) -> Result<(Recordings<T>, Traced<Block<T>>), RunError> {
        let tracing = Tracing {
            inputs,
            plan: &plan,
            unit: execution.unit,
            control: &execution.control,
        };
        let (recordings, crews) = self.recorded(inputs, &folding, execution, |starts| {
            Kept::<Block<T>>::of_run(starts, &tracing, |block, mut rows| rows.recorder(block))
        });
        let traced = Traced::new(self, inputs, execution, (plan, folding), crews)?;
        Ok((recordings, traced))
    }
}

impl<T: Real> Trace<T> {
    /// What recordings showed; NaN throughout for a lane that diverged.
    pub fn recordings(&self) -> &Recordings<T> {
        &self.recordings
    }

    /// The lanes that diverged; their gradients are NaN.
    pub fn diverged(&self) -> &[Divergence] {
        &self.diverged
    }

    /// The spikes of the run: see [`crate::Run::spikes`].
    pub fn spikes(&self) -> &[Spike] {
        &self.spikes
    }

    /// What was kept.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The most that it takes, in bytes, what it is swept back with included.
    pub fn bytes(&self) -> usize {
        let traced = self.traced.read().unwrap_or_else(PoisonError::into_inner);
        traced.bytes()
    }

    /// The gradient of a function of the recordings, given its derivative with respect to them
    /// (`cotangents`, shape `[sample][lane][recording]`), and behind that with respect to the state at the
    /// end, if it was kept.
    ///
    /// Of numbers that synapses share which come from one compartment derivatives are known only if
    /// the synapses are stepped one by one: the first time that they are wanted the run is made once
    /// more. A number that is a trainable of the model is known to be wanted from the start.
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
        let again = |traced: &Traced<Block<T>>| {
            let Traced {
                program,
                inputs,
                execution,
                ..
            } = traced;
            let unfolded = Folding::default();
            let traced = program.traced(inputs, unfolded, self.budget, execution);
            traced.map(|(_, traced)| traced)
        };
        Ok(pull_back(&self.traced, again, cotangents, wanted)?.into())
    }
}
