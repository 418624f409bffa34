//! What diffusion makes of concentrations: in shells between the halves of a step, along the cable at
//! its end.
//!
//! The tapes leave right-hand side and diagonal of (volume/Δt + ΣG)·c⁺ = volume/Δt·c, but for the sum
//! of the conductances; the solution takes the place of what was updated. In shells that is, as in
//! NEURON, an implicit step of its own after that of the reactions. Along the cable fluxes are part of
//! both sides, and with Crank–Nicolson, as for the voltage, the solution is that in the middle of the
//! step, from which the step goes twice as far.

use std::collections::BTreeSet;
use std::ops::Range;

use loligo_mechanism::mechanism::Course;

use super::{Block, Memory, Slots, fill};
use crate::convention::Scheme;
use crate::diffusion::Species;
use crate::lanes::{Lanes, NodeLayout};
use crate::setup::{Passages, Setup};
use crate::vector::{Real, SolveOrder};

/// Where the numbers of a concentration that diffuses are in the workspace of a block.
#[derive(Clone, Debug)]
pub(crate) struct Reservoir {
    /// The name of the state.
    pub(crate) name: String,
    /// Right-hand side, over nodes.
    pub(crate) rhs: usize,
    /// Solution, over nodes.
    pub(crate) solution: usize,
    /// `[link][lane]`
    pub(crate) conductance: usize,
    /// The solve's factors, relative to those of the step.
    pub(crate) factors: usize,
    /// Along the cable, where a step keeps the solution, likewise.
    pub(crate) found: Option<usize>,
    /// Where the state is: a region of an array over nodes, and where it starts in a slot.
    pub(crate) places: Vec<(Range<usize>, usize)>,
}

/// A concentration that diffuses in a block.
pub(crate) struct Diffusing<T> {
    pub(crate) order: SolveOrder,
    pub(crate) at: Reservoir,
    /// Where child and parent of each link are in a slot.
    pub(crate) in_slot: Vec<(usize, usize)>,
    /// The sum of the conductances at each node, an array over nodes.
    outflow: Vec<T>,
    /// Which way it goes.
    pub(crate) course: Course,
    /// Positions of branch points that it goes through.
    pub(crate) branch_points: Vec<usize>,
}

impl Reservoir {
    /// `take` reserves so many numbers of the workspace; `states` are where those of each group start
    /// in a slot.
    pub(super) fn new(
        species: &Species,
        lanes: &Lanes,
        layout: &NodeLayout,
        states: &[Vec<usize>],
        (factors, found): (usize, Option<usize>),
        mut take: impl FnMut(usize) -> usize,
    ) -> Self {
        let groups = species.states.iter().zip(&layout.groups).zip(states);
        let places = groups.filter_map(|((state, region), states)| {
            let state = states[(*state)?];
            Some((region.clone(), state))
        });
        Reservoir {
            name: species.name.clone(),
            rhs: take(layout.len),
            solution: take(layout.len),
            conductance: take(species.links.len() * lanes.width()),
            factors,
            found,
            places: places.collect(),
        }
    }

    /// Whether a group with this region of an array over nodes has it.
    pub(crate) fn is_in(&self, region: &Range<usize>) -> bool {
        self.places.iter().any(|(of, _)| of == region)
    }

    /// Lets the solution be the states between the halves of the step, or those after it, so much further
    /// on.
    pub(super) fn leave_solution<T: Real>(
        &self,
        memory: &Memory,
        scheme: Scheme,
        slots: Slots,
        shift: usize,
        workspace: &mut [T],
    ) {
        let from = self.solution + shift;
        let Some(found) = self.found else {
            for (region, state) in &self.places {
                let to = slots.factors + memory.halfway(*state) + shift;
                workspace.copy_within(from + region.start..from + region.end, to);
            }
            return;
        };
        workspace.copy_within(from..from + memory.nodes, slots.factors + found + shift);
        for (region, state) in &self.places {
            for (offset, position) in region.clone().enumerate() {
                let solved = workspace[from + position];
                let to = slots.to + state + offset + shift;
                workspace[to] = match scheme {
                    Scheme::BackwardEuler => solved,
                    Scheme::CrankNicolson => solved + solved - workspace[to],
                };
            }
        }
    }

    /// Where the concentrations of two nodes are in a slot.
    fn in_slot(&self, (child, parent): (usize, usize)) -> (usize, usize) {
        let position = |node: usize| {
            let mut places = self.places.iter();
            let place = places.find(|(region, _)| region.contains(&node));
            // links join compartments that have the concentration
            place.map_or(0, |(region, state)| state + node - region.start)
        };
        (position(child), position(parent))
    }
}

/// The concentrations that diffuse in a block whose workspace they are written into.
pub(super) fn diffusing<T: Real>(
    lanes: &Lanes,
    layout: &NodeLayout,
    reservoirs: &[Reservoir],
    setup: &Setup,
    workspace: &mut [T],
) -> Vec<Diffusing<T>> {
    let all = lanes.population().species.iter();
    let all = all.zip(reservoirs).zip(&setup.diffusion);
    all.map(|((species, at), passages)| {
        let offset = |compartment: usize| layout.offset[compartment];
        let links = species.links.iter();
        let order = SolveOrder::new(
            links.map(|link| (offset(link.child), offset(link.parent))),
            species.roots.iter().map(|root| offset(*root)),
            lanes.width(),
        );
        let to = at.conductance..at.conductance + passages.conductance.len();
        fill(&mut workspace[to], &passages.conductance);
        Diffusing {
            outflow: outflow(&order, layout, passages),
            in_slot: order.edges().map(|ends| at.in_slot(ends)).collect(),
            order,
            at: at.clone(),
            course: species.course,
            branch_points: branch_points(species, lanes, layout),
        }
    })
    .collect()
}

/// Positions, lane by lane, of the branch points that a concentration goes through.
fn branch_points(species: &Species, lanes: &Lanes, layout: &NodeLayout) -> Vec<usize> {
    let compartments = lanes.population().tree.compartments;
    let nodes = species
        .links
        .iter()
        .flat_map(|link| [link.child, link.parent]);
    let points: BTreeSet<usize> = nodes.filter(|node| *node >= compartments).collect();
    let first = points.into_iter().map(|point| layout.offset[point]);
    first
        .flat_map(|first| first..first + layout.width)
        .collect()
}

fn outflow<T: Real>(order: &SolveOrder, layout: &NodeLayout, passages: &Passages) -> Vec<T> {
    let mut sums = vec![0.0; layout.len];
    for (link, ends) in order.edges().enumerate() {
        for lane in 0..layout.width {
            let conductance = passages.conductance[link * layout.width + lane];
            for end in [ends.0, ends.1] {
                sums[end + lane] += conductance;
            }
        }
    }
    sums.into_iter().map(T::from_f64).collect()
}

impl<T: Real> Block<T> {
    /// Lets concentrations diffuse that go this way: those of the states between the halves of the step, or
    /// those after it.
    pub(crate) fn diffuse(&mut self, slots: Slots, course: Course) {
        let nodes = self.memory.nodes;
        for diffusing in self.diffusing.iter().filter(|own| own.course == course) {
            let Diffusing {
                order,
                at,
                outflow,
                branch_points,
                ..
            } = diffusing;
            let factors = slots.factors + at.factors;
            let workspace = &mut self.workspace;
            for (region, _) in &at.places {
                for position in region.clone() {
                    let diagonal = &mut workspace[factors + position];
                    *diagonal = *diagonal + outflow[position];
                }
            }
            // a branch point holds nothing
            for &position in branch_points {
                workspace[at.rhs + position] = T::ZERO;
                workspace[factors + position] = outflow[position];
            }
            let links = order.edges().len() * self.layout.width;
            let parts = [
                at.conductance..at.conductance + links,
                factors..factors + nodes,
                at.rhs..at.rhs + nodes,
                at.solution..at.solution + nodes,
            ];
            if let Ok([conductance, factors, rhs, solution]) = workspace.get_disjoint_mut(parts) {
                order.factor_and_solve(self.unit, conductance, factors, rhs, solution);
            }
            let scheme = self.lanes.program.scheme;
            at.leave_solution(&self.memory, scheme, slots, 0, workspace);
        }
    }
}
