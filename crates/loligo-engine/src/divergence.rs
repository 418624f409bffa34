//! Finding where and when the numbers of a block left the finite.

use std::ops::Range;

use crate::block::{Block, Slots};
use crate::error::Divergence;
use crate::vector::Real;

impl<T: Real> Block<T> {
    /// If the state at `here` is not finite in a lane that was before, replays the steps from the
    /// state at `saved` to the first that made it so.
    pub(crate) fn look_for_divergence(
        &mut self,
        steps: Range<usize>,
        here: usize,
        saved: usize,
        factors: usize,
        diverged: &mut Vec<Divergence>,
    ) {
        let slot = self.memory.slot;
        let finite = |values: &[T]| values.iter().all(|v| v.to_f64().is_finite());
        if finite(&self.workspace[here..here + slot]) {
            return;
        }
        let known: Vec<usize> = diverged.iter().map(|d| d.lane).collect();
        let bad = |block: &Self, slot: usize| -> Vec<Divergence> {
            block
                .not_finite(slot)
                .into_iter()
                .filter(|d| !known.contains(&d.lane))
                .collect()
        };
        let expected: Vec<usize> = bad(self, here).into_iter().map(|d| d.lane).collect();
        if expected.is_empty() {
            return;
        }
        let after = self.workspace[here..here + slot].to_vec();
        self.workspace.copy_within(saved..saved + slot, here);
        let mut found: Vec<Divergence> = Vec::new();
        for step in steps {
            self.step(
                step,
                Slots {
                    from: here,
                    to: here,
                    factors,
                },
            );
            for mut divergence in bad(self, here) {
                if !found.iter().any(|d| d.lane == divergence.lane) {
                    divergence.time = (step + 1) as f64 * self.inputs.dt;
                    found.push(divergence);
                }
            }
        }
        self.workspace[here..here + slot].copy_from_slice(&after);
        diverged.extend(found);
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
        for compartment in 0..population.tree.compartments {
            for lane in 0..self.lanes.width() {
                let at = slot + self.layout.offset[compartment] + lane;
                note(compartment, lane, "v", self.workspace[at]);
            }
        }
        found
    }
}
