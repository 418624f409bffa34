//! Voltages and states that are held at given values: they are overwritten in every step.

use super::{Block, Slots};
use crate::lanes::{Lanes, NodeLayout};
use crate::program::Driven;
use crate::vector::Real;

/// A number of the state that is held.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    /// Position of the stimulus in the program that gives its values.
    pub(crate) stimulus: usize,
    /// In a slot.
    pub(crate) position: usize,
    pub(crate) batch: usize,
    pub(crate) kind: HeldKind,
}

/// What is held, and when in a step it is overwritten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HeldKind {
    /// A state: when the currents were taken.
    State,
    /// A voltage: after the solve, what that found is kept.
    Voltage,
}

/// What is held in a block. `states` are offsets in a slot, `[group][state]`.
pub(super) fn held(lanes: &Lanes, layout: &NodeLayout, states: &[Vec<usize>]) -> Vec<Held> {
    let mut held = Vec::new();
    for (stimulus, driven) in lanes.program.stimuli.iter().enumerate() {
        for (lane, batch) in lanes.of_site(&driven.site) {
            let node = layout.offset[driven.site.compartment] + lane;
            let (kind, position) = match driven.drives {
                Driven::Current | Driven::Number { .. } => continue,
                Driven::Voltage => (HeldKind::Voltage, node),
                Driven::State { group, state } => {
                    let start = layout.groups[group].start;
                    (HeldKind::State, states[group][state] + node - start)
                }
            };
            held.push(Held {
                stimulus,
                position,
                batch,
                kind,
            });
        }
    }
    held
}

impl<T: Real> Block<T> {
    /// Overwrites what is held of this kind.
    #[inline]
    pub(crate) fn hold_numbers(&mut self, step: usize, slots: Slots, kind: HeldKind) {
        for index in 0..self.held.len() {
            let held = self.held[index];
            if held.kind == kind {
                let drive = &self.inputs.stimuli[held.stimulus];
                let value = drive.at(held.batch, self.inputs.lanes, step, self.middle(step));
                let at = slots.to + held.position;
                if kind == HeldKind::Voltage {
                    self.workspace[slots.factors + self.memory.factors.held + index] =
                        self.workspace[at];
                }
                self.workspace[at] = T::from_f64(value);
            }
        }
    }
}
