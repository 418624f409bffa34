//! A run of a block from its first step to its last, with or without tangents.

use crate::block::Slots;
use crate::error::{Divergence, RunError};
use crate::execution::Control;
use crate::stepper::Stepper;

/// So many steps are run between two looks at the control and at the numbers' sanity.
pub(crate) const STRIDE: usize = 64;

/// Who writes down what a block shows.
pub(crate) trait Records<S> {
    /// Writes down the state at t = 0, which is in the slot `slots.from`.
    fn start(&mut self, block: &mut S, slots: Slots);

    /// Writes down what the step `step` left.
    fn after_step(&mut self, block: &S, step: usize, slots: Slots);

    /// Writes down the last sample of the states, which takes one more update.
    fn finish(&mut self, block: &mut S, slots: Slots);

    /// Fills the rows for whose number `diverged` holds with NaN.
    fn forget(&mut self, diverged: &dyn Fn(usize) -> bool);
}

/// What a run needs beside the block.
pub(crate) struct Pass<'p> {
    /// A slot for a copy of states that are stepped in place.
    pub(crate) spare: usize,
    /// Room for factors that is free after the last step.
    pub(crate) factors: usize,
    pub(crate) control: &'p Control,
}

impl Pass<'_> {
    /// Runs a block whose state at t = 0 is in its slot. `slots` says where the states of a step
    /// are; `before` is called before each.
    pub(crate) fn forward<S: Stepper>(
        &self,
        block: &mut S,
        recorder: &mut impl Records<S>,
        slots: impl Fn(usize) -> Slots,
        mut before: impl FnMut(&S, usize),
    ) -> Result<Vec<Divergence>, RunError> {
        let steps = block.plain().inputs.steps;
        let start = slots(0);
        recorder.start(
            block,
            Slots {
                to: start.from,
                ..start
            },
        );
        let mut diverged = Vec::new();
        let mut first = 0;
        while first < steps {
            let end = (first + STRIDE).min(steps);
            let saved = self.saved(block, slots(first));
            for step in first..end {
                before(block, step);
                block.step(step, slots(step));
                recorder.after_step(block, step, slots(step));
            }
            self.control.check(end - first)?;
            let here = slots(end - 1).to;
            block.plain_mut().look_for_divergence(
                first..end,
                here,
                saved,
                self.factors,
                &mut diverged,
            );
            first = end;
        }
        // the last update must not spoil the state that a reverse sweep starts from
        let last = slots(steps - 1).to;
        let state = block.state(last);
        recorder.finish(
            block,
            Slots {
                from: last,
                to: last,
                factors: self.factors,
            },
        );
        block.restore(last, &state);
        let recordings = block.plain().lanes.program.recordings.len();
        recorder.forget(&|row| diverged.iter().any(|d| d.lane == row / recordings));
        Ok(diverged)
    }

    /// Where the state before a step will be found afterwards.
    fn saved<S: Stepper>(&self, block: &mut S, slots: Slots) -> usize {
        if slots.from != slots.to {
            return slots.from;
        }
        let block = block.plain_mut();
        let state = slots.from..slots.from + block.memory.slot;
        block.workspace.copy_within(state, self.spare);
        self.spare
    }
}
