//! The transpose of diffusion, between the halves of a step and at its end.

use std::collections::BTreeSet;

use loligo_mechanism::mechanism::Course;

use super::{GroupPlan, Reverse, Sums};
use crate::block::{Block, Diffusing, Field, Slots};
use crate::code;
use crate::convention::Scheme;
use crate::diffusion::Species;
use crate::dual::Number;
use crate::geometry::Cable;
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
    let is_wanted = |species: &Species| {
        let name = code::conductivity_of(&species.name);
        let mut groups = population.groups.iter().zip(plans);
        quantities.contains(&Quantity::Length)
            || species.course == Course::Cable && quantities.contains(&Quantity::Radius)
            || groups.any(|(group, plan)| {
                let sources = block.lanes.program.codes[group.code].sources_of(&name);
                plan.sources.iter().any(|source| sources.contains(source))
            })
    };
    let species = population.species.iter();
    let starts = species.map(|species| {
        is_wanted(species).then(|| {
            len += species.links.len() * block.lanes.width();
            len - species.links.len() * block.lanes.width()
        })
    });
    (starts.collect(), len)
}

impl<S: Stepper> Reverse<S> {
    /// From the cotangents of concentrations that diffused to those of what the tapes left of them,
    /// which their adjoints take from where the solutions were.
    pub(super) fn diffuse(&mut self, stepper: &mut S, slots: Slots, course: Course) {
        let scheme = stepper.plain().lanes.program.scheme;
        for index in 0..stepper.plain().diffusing.len() {
            let Diffusing {
                at,
                branch_points,
                course: own_course,
                ..
            } = &stepper.plain().diffusing[index];
            if *own_course != course {
                continue;
            }
            let (at, branch_points) = (at.clone(), branch_points.clone());
            for (region, state) in &at.places {
                for (offset, position) in region.clone().enumerate() {
                    let own = self.cotangent + state + offset;
                    let cotangent = stepper.number(own);
                    let zero = S::Number::default();
                    let (of_solution, of_left) = match (course, scheme) {
                        // c⁺ = 2·solution − what was left
                        (Course::Cable, Scheme::CrankNicolson) => {
                            (cotangent + cotangent, zero - cotangent)
                        }
                        // what was left was written over
                        _ => (cotangent, zero),
                    };
                    stepper.set(at.rhs + position, of_solution);
                    stepper.set(own, of_left);
                }
            }
            for position in branch_points {
                stepper.set(at.rhs + position, S::Number::default());
            }
            stepper.solve_again(Field::Concentration(index), slots, at.rhs, at.solution);
            if let Some(start) = self.links[index] {
                sum_links(stepper, &mut self.sums, (index, start), slots);
            }
        }
    }

    /// The cotangents of conductivities, an array over nodes for each species, from the sums of the
    /// links; those of the cable's numbers go to `own`, by compartment and lane.
    pub(super) fn conductivities(
        &self,
        stepper: &S,
        conductivity: &[Vec<S::Wide>],
        cables: &Cables<'_, S::Wide>,
        mut own: impl FnMut(usize, usize, Cable<S::Wide>),
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
            for link in 0..species.links.len() {
                for lane in 0..block.lanes.width() {
                    let sum = self.sums.get(start + link * block.lanes.width() + lane);
                    ends.pull_back(species, link, lane, sum, |compartment, slope, cable| {
                        let at = block.layout.offset[compartment] + lane;
                        cotangents[at] = cotangents[at] + slope;
                        own(compartment, lane, cable);
                    });
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
            let [below, above] = match diffusing.at.found {
                Some(found) => [found + child, found + parent],
                None => [in_slot.0, in_slot.1].map(|state| block.memory.halfway(state)),
            };
            let c = |at: usize| stepper.number(slots.factors + at + lane);
            let flow = (w(child) - w(parent)) * (c(below) - c(above));
            sums.add(start + link * width + lane, -flow.widen());
        }
    }
}
