//! The order in which the steps of a run are transposed, and run again where nothing was kept.

use std::ops::Range;

use crate::block::Slots;
use crate::checkpoint::Plan;
use crate::dual::Number;
use crate::error::RunError;
use crate::execution::Control;
use crate::kept::Trajectory;
use crate::pass::STRIDE;
use crate::reverse::{Reverse, Seeds};
use crate::stepper::Stepper;

/// The reverse sweep of one block.
pub(crate) struct Sweep<'s, 'c, N: Number> {
    pub(crate) trajectory: Trajectory,
    pub(crate) plan: &'s Plan,
    pub(crate) seeds: &'s Seeds<'c, N>,
    pub(crate) control: &'s Control,
    pub(crate) steps: usize,
}

impl<N: Number> Sweep<'_, '_, N> {
    /// Reverses a span of `level - 1` that starts from `snapshot`.
    pub(crate) fn reverse_span<S: Stepper<Number = N, Real = N::Real>>(
        &mut self,
        block: &mut S,
        reverse: &mut Reverse<S>,
        range: Range<usize>,
        snapshot: &[N::Real],
        level: usize,
    ) -> Result<(), RunError> {
        block.restore(self.trajectory.slot(0), snapshot);
        if level == self.plan.spans.len() {
            for step in range.clone() {
                block.step(step, self.trajectory.slots(step - range.start));
            }
            self.control.check(range.len())?;
            return self.reverse_kept(block, reverse, range);
        }
        // run through the span once more, keeping what its parts start from
        let span = self.plan.spans[level];
        let mut starts = Vec::with_capacity(range.len().div_ceil(span));
        let slots = self.trajectory.in_place();
        for step in range.clone() {
            if (step - range.start).is_multiple_of(span) {
                starts.push(block.state(slots.from));
            }
            block.step(step, slots);
        }
        self.control.check(range.len())?;
        for (index, start) in starts.into_iter().enumerate().rev() {
            let from = range.start + index * span;
            let part = from..(from + span).min(range.end);
            self.reverse_span(block, reverse, part, &start, level + 1)?;
        }
        Ok(())
    }

    /// Reverses steps whose states are all in the trajectory, the first in its first slot.
    pub(crate) fn reverse_kept<S: Stepper<Number = N>>(
        &mut self,
        block: &mut S,
        reverse: &mut Reverse<S>,
        range: Range<usize>,
    ) -> Result<(), RunError> {
        if range.end == self.steps {
            let last = self.trajectory.slot(range.len());
            let slots = Slots {
                from: last,
                to: last,
                factors: self.trajectory.spare_factors(),
            };
            reverse.finish(block, slots, self.seeds);
        }
        for step in range.clone().rev() {
            reverse.step(
                block,
                step,
                self.trajectory.slots(step - range.start),
                self.seeds,
            );
            if step.is_multiple_of(STRIDE) {
                self.control.check(STRIDE)?;
            }
        }
        if range.start == 0 {
            reverse.start(block, self.trajectory.slots(0), self.seeds);
        }
        Ok(())
    }
}
