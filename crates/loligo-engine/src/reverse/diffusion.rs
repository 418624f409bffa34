//! The transpose of diffusion between the halves of a step.

use std::collections::BTreeSet;

use super::{GroupPlan, Reverse, Sums};
use crate::block::{Block, Field, Slots};
use crate::code;
use crate::diffusion::pull_back_conductance;
use crate::dual::Number;
use crate::setup::{Cables, Ends};
use crate::stepper::Stepper;
use crate::vector::Real;
use loligo_model::Quantity;

/// For each species where the sums of its links start, `[link][lane]`, if they are wanted.
pub(super) type LinkSums = Vec<Option<usize>>;

/// Which links must be summed to reach the wanted sources, and how many sums there are in all, if
/// there are `len` before them.
pub(super) fn link_sums<T: Real>(
    block: &Block<T>,
    plans: &[GroupPlan],
    quantities: &BTreeSet<Quantity>,
    mut len: usize,
) -> (LinkSums, usize) {
    let population = block.lanes.population();
    let is_wanted = |name: &str| {
        let name = code::conductivity_of(name);
        let mut groups = population.groups.iter().zip(plans);
        quantities.contains(&Quantity::Length)
            || groups.any(|(group, plan)| {
                let sources = block.lanes.program.codes[group.code].sources_of(&name);
                plan.sources.iter().any(|source| sources.contains(source))
            })
    };
    let species = population.species.iter();
    let starts = species.map(|species| {
        is_wanted(&species.name).then(|| {
            len += species.links.len() * block.lanes.width();
            len - species.links.len() * block.lanes.width()
        })
    });
    (starts.collect(), len)
}

impl<S: Stepper> Reverse<S> {
    /// From the cotangents of concentrations that diffused to those of what the update left of them,
    /// which its adjoint takes from where the solutions were.
    pub(super) fn diffuse(&mut self, stepper: &mut S, slots: Slots) {
        for index in 0..stepper.plain().diffusing.len() {
            let at = stepper.plain().diffusing[index].at.clone();
            for (region, state) in &at.places {
                for (offset, position) in region.clone().enumerate() {
                    let cotangent = stepper.number(self.cotangent + state + offset);
                    stepper.set(at.rhs + position, cotangent);
                }
                // what the update left was written over
                let own = self.cotangent + state;
                stepper.clear(own..own + region.len());
            }
            stepper.solve_again(Field::Concentration(index), slots, at.rhs, at.solution);
            if let Some(start) = self.links[index] {
                sum_links(stepper, &mut self.sums, (index, start), slots);
            }
        }
    }

    /// The cotangents of conductivities, an array over nodes for each species, from the sums of the
    /// links; those of lengths go to `length`, by compartment and lane.
    pub(super) fn conductivities(
        &self,
        stepper: &S,
        conductivity: &[Vec<S::Wide>],
        cables: &Cables<'_, S::Wide>,
        mut length: impl FnMut(usize, usize, S::Wide),
    ) -> Vec<Vec<S::Wide>> {
        let block = stepper.plain();
        let species = block.lanes.population().species.iter();
        let all = species.zip(&self.links).zip(conductivity);
        all.map(|((species, start), conductivity)| {
            let mut cotangents = vec![S::Wide::default(); block.memory.nodes];
            let ends = Ends {
                layout: &block.layout,
                cables,
                conductivity,
            };
            let Some(start) = *start else {
                return cotangents;
            };
            for (index, link) in species.links.iter().enumerate() {
                for lane in 0..block.lanes.width() {
                    let sum = self.sums.get(start + index * block.lanes.width() + lane);
                    let slope = pull_back_conductance(ends.of(*link, lane), sum);
                    for compartment in [link.child, link.parent] {
                        let at = block.layout.offset[compartment] + lane;
                        cotangents[at] = cotangents[at] + slope.conductivity;
                        length(compartment, lane, slope.length);
                    }
                }
            }
            cotangents
        })
        .collect()
    }
}

/// −(w_i − w_j)(c_i − c_j) for each link.
fn sum_links<S: Stepper>(
    stepper: &S,
    sums: &mut Sums<S::Wide>,
    (index, start): (usize, usize),
    slots: Slots,
) {
    let block = stepper.plain();
    let diffusing = &block.diffusing[index];
    let width = block.lanes.width();
    let links = diffusing.order.edges().zip(&diffusing.in_slot);
    for (link, ((child, parent), in_slot)) in links.enumerate() {
        for lane in 0..width {
            let w = |node: usize| stepper.number(diffusing.at.solution + node + lane);
            let c =
                |state: usize| stepper.number(slots.factors + block.memory.halfway(state) + lane);
            let flow = (w(child) - w(parent)) * (c(in_slot.0) - c(in_slot.1));
            sums.add(start + link * width + lane, -flow.widen());
        }
    }
}
