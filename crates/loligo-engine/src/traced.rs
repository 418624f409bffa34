//! A run that can be swept back, with or without tangents.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use loligo_model::Quantity;

use crate::checkpoint::Plan;
use crate::convention::SpikeTimes;
use crate::dual::Number;
use crate::error::{Divergence, RunError};
use crate::events::Spike;
use crate::execution::Execution;
use crate::gradient::{Ranks, Slopes};
use crate::inputs::Inputs;
use crate::kept::{Kept, Shown, Tracing};
use crate::program::Program;
use crate::reverse::{Asked, Wanted};
use crate::run::{Recordings, sort};
use crate::sources::Folding;
use crate::stepper::Stepper;
use crate::threads;

/// A run with what its reverse sweep needs.
pub(crate) struct Traced<S: Stepper> {
    pub(crate) program: Arc<Program>,
    pub(crate) inputs: Arc<Inputs>,
    pub(crate) execution: Execution,
    folding: Folding,
    pub(crate) plan: Plan,
    pub(crate) diverged: Vec<Divergence>,
    pub(crate) spikes: Vec<Spike>,
    kept: Vec<Mutex<Kept<S>>>,
}

impl<S: Stepper> Traced<S> {
    /// From what each crew kept, and what diverged in it.
    pub(crate) fn new(
        program: &Arc<Program>,
        inputs: &Arc<Inputs>,
        execution: &Execution,
        (plan, folding): (Plan, Folding),
        crews: impl IntoIterator<Item = Result<(Kept<S>, Shown), RunError>>,
    ) -> Result<Self, RunError> {
        let (mut kept, mut diverged, mut spikes) = (Vec::new(), Vec::new(), Vec::new());
        for crew in crews {
            let (crew, (divergences, of_crew)) = crew?;
            kept.push(Mutex::new(crew));
            diverged.extend(divergences);
            spikes.extend(of_crew);
        }
        sort(&mut spikes);
        diverged.sort_by_key(|d| d.lane);
        Ok(Traced {
            program: Arc::clone(program),
            inputs: Arc::clone(inputs),
            execution: execution.clone(),
            folding,
            plan,
            diverged,
            spikes,
            kept,
        })
    }

    /// Bytes that the events take which were delivered.
    pub(crate) fn bytes_of_events(&self) -> usize {
        let kept = self.kept.iter();
        let kept = kept.map(|kept| kept.lock().unwrap_or_else(PoisonError::into_inner));
        kept.map(|kept| kept.bytes_of_events()).sum()
    }

    /// The most that it takes, in bytes, what it is swept back with included.
    pub(crate) fn bytes(&self) -> usize {
        let threads = self.execution.threads;
        let planned = self
            .program
            .bytes_of::<S>(&self.plan, &self.inputs, &self.folding, threads);
        planned + self.bytes_of_events()
    }

    /// The gradient, given the cotangents of the recordings.
    fn pull_back(
        &self,
        cotangents: <S::Number as Number>::Samples<'_>,
        wanted: &Wanted,
    ) -> Result<Slopes<S::Wide>, RunError> {
        let ranks = Ranks::new(&self.program, wanted);
        let asked = Asked::new(&self.program, wanted);
        let tracing = Tracing {
            inputs: &self.inputs,
            plan: &self.plan,
            unit: self.execution.unit,
            control: &self.execution.control,
        };
        let kept: Vec<&Mutex<Kept<S>>> = self.kept.iter().collect();
        // each step backward once, and forward again on each level
        let passes = self.plan.runs(self.inputs.steps);
        let control = &self.execution.control;
        control.expect(kept.len() * self.inputs.steps * passes);
        let parts = threads::map_wide(kept, self.execution.threads, |kept| {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.pull_back(&tracing, cotangents, &asked, &ranks)
        });
        let mut gradient = Slopes::zeros(&self.program, &self.inputs, wanted);
        for (parts, kept) in parts.into_iter().zip(&self.kept) {
            let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            let (parts, lines) = parts?;
            for (part, lanes) in parts.into_iter().zip(kept.lanes()) {
                gradient.add(part, lanes, &self.inputs, &ranks);
            }
            gradient.add_lines(&lines, &self.inputs, &ranks);
        }
        for divergence in &self.diverged {
            gradient.forget(divergence.lane, self.inputs.lanes);
        }
        Ok(gradient)
    }

    fn check(&self, wanted: &Wanted) -> Result<(), RunError> {
        let layout = &self.program.layout;
        let len = layout.len();
        let is_delay =
            |index: &&usize| matches!(layout.at(**index), Some((Quantity::Delay { .. }, _)));
        let on_grid = self.program.spike_times == SpikeTimes::Grid;
        let mut delays = wanted.values.iter().filter(|_| on_grid);
        if let Some(&index) = delays.find(is_delay) {
            return Err(RunError::DelayOnGrid {
                what: layout.name(index).to_owned(),
            });
        }
        if let Some(&index) = wanted.values.iter().find(|index| **index >= len) {
            return Err(RunError::Index { index, len });
        }
        self.program.check_played(&wanted.values)
    }
}

/// The gradient, given the cotangents of the recordings, after the run was made `again` without folding
/// synapses, if that is needed.
pub(crate) fn pull_back<S: Stepper>(
    traced: &RwLock<Traced<S>>,
    again: impl FnOnce(&Traced<S>) -> Result<Traced<S>, RunError>,
    cotangents: <S::Number as Number>::Samples<'_>,
    wanted: &Wanted,
) -> Result<Slopes<S::Wide>, RunError> {
    let found = traced.read().unwrap_or_else(PoisonError::into_inner);
    found.check(wanted)?;
    let serves = |of: &Traced<S>| !of.kept.is_empty() && !of.folding.hides(&of.program, wanted);
    if serves(&found) {
        return found.pull_back(cotangents, wanted);
    }
    drop(found);
    let mut replaced = traced.write().unwrap_or_else(PoisonError::into_inner);
    if !serves(&replaced) {
        // both do not fit into the budget; if the other is stopped, it is made by whoever comes next
        replaced.kept.clear();
        *replaced = again(&replaced)?;
    }
    replaced.pull_back(cotangents, wanted)
}

/// Whether there is one of `what` for each sample.
pub(crate) fn check_samples<T>(
    what: &str,
    given: &[T],
    recordings: &Recordings<T>,
) -> Result<(), RunError> {
    let r = recordings;
    if given.len() == r.data.len() + r.end.len() {
        return Ok(());
    }
    let end = match r.end.len() {
        0 => String::new(),
        len => format!(" + {len} of the state at the end"),
    };
    Err(RunError::Length {
        what: what.to_owned(),
        found: given.len(),
        expected: format!("{} x {} x {}{end}", r.samples, r.lanes, r.recordings),
    })
}
