//! Finding where and when the numbers of a crew left the finite.

use std::ops::Range;

use crate::block::{Block, Slots};
use crate::crew::{Crew, Seats};
use crate::error::Divergence;
use crate::stepper::Stepper;
use crate::vector::Real;

/// If the states at `here` are not finite in a lane that was before, replays the steps from the states
/// at `saved` (by member) to the first that made them so. `here` is where steps in place find and leave
/// states.
pub(crate) fn look_for_divergence<S: Stepper>(
    crew: &mut Crew<S>,
    steps: Range<usize>,
    here: impl Seats,
    saved: &[usize],
    diverged: &mut Vec<Divergence>,
) {
    let finite = |(member, block): (usize, &S)| block.plain().is_finite(here(member));
    if crew.members.iter().enumerate().all(finite) {
        return;
    }
    let known: Vec<usize> = diverged.iter().map(|d| d.lane).collect();
    let bad = |crew: &Crew<S>| -> Vec<Divergence> {
        let members = crew.members.iter().enumerate();
        let all = members.flat_map(|(member, block)| block.plain().not_finite(here(member).to));
        all.filter(|d| !known.contains(&d.lane)).collect()
    };
    if bad(crew).is_empty() {
        return;
    }
    let members = crew.members.iter().enumerate();
    let after: Vec<_> = members
        .map(|(member, block)| block.state(here(member).to))
        .collect();
    for (member, (block, saved)) in crew.members.iter_mut().zip(saved).enumerate() {
        let state = block.state(*saved);
        block.restore(here(member).to, &state);
    }
    let mut found: Vec<Divergence> = Vec::new();
    for step in steps {
        crew.step(step, here);
        for mut divergence in bad(crew) {
            if !found.iter().any(|d| d.lane == divergence.lane) {
                divergence.time = (step + 1) as f64 * crew.members[0].plain().inputs.dt;
                found.push(divergence);
            }
        }
    }
    for (member, (block, after)) in crew.members.iter_mut().zip(&after).enumerate() {
        block.restore(here(member).to, after);
    }
    diverged.extend(found);
}

impl<T: Real> Block<T> {
    fn is_finite(&self, slots: Slots) -> bool {
        let state = &self.workspace[slots.to..slots.to + self.memory.slot];
        state.iter().all(|value| value.to_f64().is_finite())
    }

    /// For each lane the first number of a slot that is not finite; states before voltages, since
    /// a state that diverges takes the voltage with it.
    fn not_finite(&self, slot: usize) -> Vec<Divergence> {
        let mut found: Vec<Divergence> = Vec::new();
        let mut note = |compartment: usize, lane: usize, what: &str, value: T| {
            if value.to_f64().is_finite() {
                return;
            }
            let batch = self.lanes.cell_and_batch(lane).1;
            if found.iter().all(|d| d.lane != batch) {
                found.push(Divergence {
                    lane: batch,
                    time: f64::NAN,
                    what: what.to_owned(),
                    value: value.to_f64(),
                    place: self.lanes.program.places[self.lanes.compartment(compartment, lane)],
                });
            }
        };
        let population = self.lanes.population();
        for (group, region) in self.layout.groups.iter().enumerate() {
            let code = &self.lanes.program.codes[population.groups[group].code];
            for (state, name) in code.state_names.iter().enumerate() {
                let start = slot + self.memory.states[group][state];
                self.layout
                    .for_each_in_group(population, group, |compartment, lane, position| {
                        let value = self.workspace[start + position - region.start];
                        note(compartment, lane, name, value);
                    });
            }
        }
        if population.junctions.is_some() {
            // what synapses have of voltages is a copy
            return found;
        }
        for compartment in 0..population.tree.compartments {
            for lane in 0..self.lanes.width() {
                let at = slot + self.layout.offset[compartment] + lane;
                note(compartment, lane, "v", self.workspace[at]);
            }
        }
        found
    }
}
