//! Numbers of mechanisms that follow a drive: to the tapes they are states, which are overwritten before each half
//! of a step.
//!
//! States are updated with what was played when the step began, and currents taken with what is played in its
//! middle. As the n-th sample holds from t_n to t_{n+1}, states that step from t_{n−½} to t_{n+½} see sample n − 1
//! and currents sample n, which is NEURON's order of events. Where the states of a step go from its beginning to
//! its end, as Jaxley's do, both see the middle of it.

use super::{Block, Moment, Slots};
use crate::convention::Convention;
use crate::inputs::{Drive, Inputs};
use crate::lanes::{Lanes, NodeLayout};
use crate::program::Driven;
use crate::vector::Real;

/// A number of a mechanism that is played.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Played {
    /// Position of the stimulus in the program that gives its values.
    pub(crate) stimulus: usize,
    /// In a slot.
    pub(crate) position: usize,
    pub(crate) batch: usize,
}

/// The halves of a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Half {
    /// The update of states.
    Update,
    /// Currents, and what events do before them.
    Currents,
}

/// What is played in a block. `states` are offsets in a slot, `[group][state]`.
pub(super) fn played(lanes: &Lanes, layout: &NodeLayout, states: &[Vec<usize>]) -> Vec<Played> {
    let mut played = Vec::new();
    for (stimulus, driven) in lanes.program.stimuli.iter().enumerate() {
        let Driven::Number { group, state, .. } = driven.drives else {
            continue;
        };
        played.extend(lanes.of_site(&driven.site).map(|(lane, batch)| {
            let element = layout.offset[driven.site.compartment] + lane;
            Played {
                stimulus,
                position: states[group][state] + element - layout.groups[group].start,
                batch,
            }
        }));
    }
    played
}

/// What a drive plays at t = 0.
pub(crate) fn played_at_start(drive: &Drive, batch: usize, inputs: &Inputs) -> f64 {
    drive.at(batch, inputs.lanes, 0, 0.0)
}

impl<T: Real> Block<T> {
    /// Overwrites what is played, before a half of a step.
    #[inline]
    pub(crate) fn play(&mut self, moment: Moment, half: Half, slots: Slots) {
        if self.played.is_empty() {
            return;
        }
        let (sample, time) = self.sample(moment, half);
        for index in 0..self.played.len() {
            let played = self.played[index];
            let drive = &self.inputs.stimuli[played.stimulus];
            let value = drive.at(played.batch, self.inputs.lanes, sample, time);
            let at = self.playing(played, half, slots);
            self.workspace[at] = T::from_f64(value);
        }
    }

    /// Where a half of a step reads a number that is played.
    pub(crate) fn playing(&self, played: Played, half: Half, slots: Slots) -> usize {
        match half {
            Half::Update => slots.from + played.position,
            Half::Currents => slots.factors + self.memory.halfway(played.position),
        }
    }

    /// Which sample a half of a step sees, and of which time, ms.
    pub(crate) fn sample(&self, moment: Moment, half: Half) -> (usize, f64) {
        // the update after the last step is followed by none whose sample there is
        let last = self.inputs.steps - 1;
        let Some(step) = moment.draws.checked_sub(1).map(|step| step as usize) else {
            return (0, 0.0);
        };
        let whole = self.lanes.program.convention == Convention::Jaxley;
        match half {
            Half::Update if !whole => (step.saturating_sub(1).min(last), moment.time),
            Half::Update | Half::Currents => (step.min(last), self.middle(step)),
        }
    }
}
