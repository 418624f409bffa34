//! A run of a crew from its first step to its last, with or without tangents.

use crate::block::{Block, Slots};
use crate::crew::{Crew, Seats};
use crate::divergence::look_for_divergence;
use crate::dual::Number;
use crate::error::{Divergence, RunError};
use crate::events::Traffic;
use crate::execution::Control;
use crate::stepper::Stepper;
use crate::vector::Real;

/// So many steps are run between two looks at the control and at the numbers' sanity.
pub(crate) const STRIDE: usize = 64;

/// Who writes down what a block shows.
pub(crate) trait Records<S> {
    /// Writes down the state at t = 0, which is in the slot `slots.from`.
    fn start(&mut self, block: &mut S, slots: Slots);

    /// Writes down what the step `step` left.
    fn after_step(&mut self, block: &mut S, step: usize, slots: Slots);

    /// Writes down the last sample of the states, which takes one more update.
    fn finish(&mut self, block: &mut S, slots: Slots);

    /// Fills what is of lanes for which `diverged` holds with NaN.
    fn forget(&mut self, diverged: &dyn Fn(usize) -> bool);
}

/// What a run needs of a block's workspace beside the states.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// A slot for a copy of states that are stepped in place.
    pub(crate) spare: usize,
    /// Room for factors that is free after the last step.
    pub(crate) factors: usize,
}

/// What a run needs beside the crew.
pub(crate) struct Pass<'p> {
    /// By member.
    pub(crate) rooms: &'p [Room],
    pub(crate) control: &'p Control,
}

/// Exchanges numbers of a slot for others.
fn exchange<T: Real>(block: &mut Block<T>, slot: usize, others: &mut [(usize, T)]) {
    for (at, other) in others {
        std::mem::swap(&mut block.workspace[slot + *at], other);
    }
}

impl Pass<'_> {
    /// Runs a crew whose state at t = 0 is in its slots. `slots` says where the states of a step are, of
    /// a member; `before` is called before each.
    pub(crate) fn forward<S: Stepper>(
        &self,
        crew: &mut Crew<S>,
        recorders: &mut [impl Records<S>],
        slots: impl Fn(usize, usize) -> Slots + Copy + Sync + Send,
        mut before: impl FnMut(&Crew<S>, usize),
    ) -> Result<Vec<Divergence>, RunError> {
        let seats = |step: usize| move |member: usize| slots(step, member);
        let steps = crew.members[0].plain().inputs.steps;
        let start = move |member: usize| {
            let start = slots(0, member);
            Slots {
                to: start.from,
                ..start
            }
        };
        crew.begin(start);
        for (member, recorder) in recorders.iter_mut().enumerate() {
            recorder.start(&mut crew.members[member], start(member));
        }
        let mut diverged = Vec::new();
        let mut first = 0;
        while first < steps {
            let end = (first + STRIDE).min(steps);
            let saved = self.saved(crew, seats(first));
            for step in first..end {
                before(crew, step);
                crew.step(step, seats(step));
                for (member, recorder) in recorders.iter_mut().enumerate() {
                    let block = &mut crew.members[member];
                    let slots = slots(step, member);
                    // states are written down as they were before events
                    let events = crew.traffic.iter();
                    let before = events.flat_map(|traffic| traffic.undelivered(member));
                    let mut exchanged: Vec<(usize, S::Real)> = before.collect();
                    exchange(block.plain_mut(), slots.to, &mut exchanged);
                    recorder.after_step(block, step, slots);
                    exchange(block.plain_mut(), slots.to, &mut exchanged);
                }
            }
            self.control.check(end - first)?;
            crew.traffic.as_ref().map_or(Ok(()), Traffic::check)?;
            let here = |member: usize| Slots {
                from: slots(end - 1, member).to,
                to: slots(end - 1, member).to,
                factors: self.rooms[member].factors,
            };
            look_for_divergence(crew, first..end, here, &saved, &mut diverged);
            first = end;
        }
        // the last update must not spoil the state that a reverse sweep starts from
        let last = |member: usize| {
            let last = slots(steps - 1, member).to;
            Slots {
                from: last,
                to: last,
                factors: self.rooms[member].factors,
            }
        };
        crew.meet(last);
        for (member, recorder) in recorders.iter_mut().enumerate() {
            let (block, slots) = (&mut crew.members[member], last(member));
            let state = block.state(slots.to);
            recorder.finish(block, slots);
            block.restore(slots.to, &state);
        }
        for recorder in recorders {
            recorder.forget(&|lane| diverged.iter().any(|d| d.lane == lane));
        }
        Ok(diverged)
    }

    /// Where the states before a step will be found afterwards, by member.
    fn saved<S: Stepper>(&self, crew: &mut Crew<S>, seats: impl Seats) -> Vec<usize> {
        let members = crew.members.iter_mut().zip(self.rooms).enumerate();
        let saved = members.map(|(member, (block, room))| {
            let slots = seats(member);
            if slots.from != slots.to {
                return slots.from;
            }
            let shift = block.shift();
            let block = block.plain_mut();
            for part in 0..S::Number::PARTS {
                let from = slots.from + part * shift;
                let state = from..from + block.memory.slot;
                block
                    .workspace
                    .copy_within(state, room.spare + part * shift);
            }
            room.spare
        });
        saved.collect()
    }
}
