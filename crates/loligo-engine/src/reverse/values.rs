//! From the sums over time and the cotangents at t = 0 back to the numbers of the model: the
//! transpose of what is computed once per run.

use std::collections::HashMap;

use loligo_model::Quantity;

use super::Reverse;
use super::origin::{GroupPart, Once, Origin};
use crate::code;
use crate::dual::{Number, Scalar};
use crate::geometry::{self, Cable};
use crate::inputs::LaneLookup;
use crate::program::Source;
use crate::setup::Cables;
use crate::stepper::Stepper;

/// What the numbers of a model are found from.
struct From<'a, N> {
    lookup: &'a LaneLookup<'a>,
    cables: &'a Cables<'a, N>,
    /// Cotangents of conductivities, `[species]`, over nodes.
    conductivities: &'a [Vec<N>],
}

impl<S: Stepper> Reverse<S> {
    /// Carries the cotangents of the state at t = 0 and the sums over time back to the numbers of
    /// the model; calls `add(place in Inputs::values, lane of the block, derivative)`. What is played at t = 0
    /// goes to its sample.
    pub(crate) fn values(
        &mut self,
        stepper: &S,
        origin: &S::Origin,
        mut add: impl FnMut(usize, usize, S::Wide),
    ) {
        let block = stepper.plain();
        let lanes = &block.lanes;
        let lookup = LaneLookup::new(&block.inputs);
        let cables = origin.cables(lanes, &block.inputs);
        let width = lanes.width();
        let tree = &lanes.population().tree;
        let mut to = |quantity: Quantity, compartment: usize, lane: usize, value: S::Wide| {
            let place = lanes.row(compartment, lane);
            if !lanes.has(quantity) {
                return;
            }
            if let Some(index) = lanes.program.layout.index(quantity, place) {
                add(index, lane, value);
            }
        };
        for compartment in 0..tree.compartments {
            for lane in 0..width {
                let at = self.cotangent + block.layout.offset[compartment] + lane;
                let cotangent = stepper.number(at).widen();
                to(Quantity::InitialVoltage, compartment, lane, cotangent);
            }
        }
        let conductivity = origin.conductivities();
        let length = |compartment, lane, slope| to(Quantity::Length, compartment, lane, slope);
        let of_conductivities = self.conductivities(stepper, &conductivity, &cables, length);
        let from = From {
            lookup: &lookup,
            cables: &cables,
            conductivities: &of_conductivities,
        };
        let mut played = Vec::new();
        for group in 0..self.plans.len() {
            self.group_values(stepper, origin, &from, group, &mut to, &mut played);
        }
        for (index, more) in played {
            self.add_played(stepper, index, 0, more);
        }
        let Some(start) = self.edges else { return };
        for (index, edge) in tree.edges.iter().enumerate() {
            for lane in 0..width {
                geometry::pull_back_conductance(
                    edge,
                    self.sums.get(start + index * width + lane),
                    |compartment| cables.at(compartment, lane),
                    |compartment, slope| cable_values(slope, compartment, lane, &mut to),
                );
            }
        }
    }

    fn group_values(
        &self,
        stepper: &S,
        origin: &S::Origin,
        from: &From<'_, S::Wide>,
        group: usize,
        to: &mut impl FnMut(Quantity, usize, usize, S::Wide),
        of_samples: &mut Vec<(usize, S::Wide)>,
    ) {
        let block = stepper.plain();
        let lanes = &block.lanes;
        let played = block.played.iter().enumerate();
        let played: HashMap<usize, usize> = played.map(|(index, p)| (p.position, index)).collect();
        let plan = &self.plans[group];
        let code = &lanes.program.codes[lanes.population().groups[group].code];
        let region = block.layout.groups[group].clone();
        let part = GroupPart {
            code,
            group,
            region: region.clone(),
            wanted: &plan.sources,
            unit: block.unit,
        };

        let sums = |start: &usize| -> Vec<S::Wide> {
            let sums = *start..*start + region.len();
            sums.map(|at| self.sums.get(at)).collect()
        };
        let names = plan.invariants.iter().map(String::as_str);
        let mut invariants: Vec<_> = names.zip(plan.sums.iter().map(sums)).collect();
        let species = lanes.population().species.iter();
        let results: Vec<String> = species.map(|s| code::conductivity_of(&s.name)).collect();
        let conductivities = results.iter().zip(from.conductivities);
        invariants.extend(conductivities.map(|(name, cotangents)| {
            let cotangents = &cotangents[region.clone()];
            (name.as_str(), cotangents.to_vec())
        }));
        let through_prologue = origin.pull_back(Once::Prologue, &part, &invariants);

        // through the initial states, unless they were given
        let names = code.state_names.iter().map(String::as_str);
        let states: Vec<_> = names
            .enumerate()
            .map(|(state, name)| {
                let place = (group, state);
                (
                    name,
                    self.initial_cotangents(stepper, from.lookup, place, to),
                )
            })
            .collect();
        let through_initial = origin.pull_back(Once::Initial, &part, &states);

        let solve_step = lanes.program.solve_step(block.inputs.dt);
        let zero = S::Wide::default();
        block
            .layout
            .for_each_in_group(lanes.population(), group, |compartment, lane, position| {
                let at = position - region.start;
                let of_voltage = through_initial[0][at];
                to(Quantity::InitialVoltage, compartment, lane, of_voltage);
                for (index, name) in part.wanted.iter().enumerate() {
                    let mut value =
                        through_prologue[index + 1][at] + through_initial[index + 1][at];
                    if let Some((_, direct)) = invariants.iter().find(|(n, _)| n == name) {
                        value = value + direct[at];
                    }
                    let source = code
                        .sources
                        .iter()
                        .find(|(n, _)| n == name)
                        .map(|(_, s)| *s);
                    let (cable, geometry) = from.cables.at(compartment, lane);
                    let slope = match source {
                        Some(Source::Value(quantity)) => {
                            let state = code.state_played(quantity);
                            let played = state.and_then(|state| {
                                played.get(&(block.memory.states[group][state] + at))
                            });
                            match played {
                                Some(&index) => of_samples.push((index, value)),
                                None => to(quantity, compartment, lane, value),
                            }
                            continue;
                        }
                        Some(Source::Area) => {
                            geometry::pull_back_membrane(cable, geometry, solve_step, value, zero)
                        }
                        Some(Source::Capacitance) => {
                            geometry::pull_back_membrane(cable, geometry, solve_step, zero, value)
                        }
                        Some(Source::Diameter) => Cable {
                            radius: S::Wide::constant(2.0) * value,
                            ..Default::default()
                        },
                        Some(Source::Axial | Source::TimeStep | Source::Draw(_)) | None => continue,
                    };
                    cable_values(slope, compartment, lane, to);
                }
            });
    }

    /// The cotangents of a state at t = 0 where it starts at its steady state; where it was given,
    /// they are those of what was given.
    fn initial_cotangents(
        &self,
        stepper: &S,
        lookup: &LaneLookup<'_>,
        (group, state): (usize, usize),
        to: &mut impl FnMut(Quantity, usize, usize, S::Wide),
    ) -> Vec<S::Wide> {
        let block = stepper.plain();
        let lanes = &block.lanes;
        let code = &lanes.program.codes[lanes.population().groups[group].code];
        let quantity = code.states[state];
        let region = block.layout.groups[group].clone();
        let given = quantity.map(|quantity| (quantity, lanes.values(lookup, quantity)));
        let mut values = vec![S::Wide::default(); region.len()];
        let start = self.cotangent + block.memory.states[group][state];
        block
            .layout
            .for_each_in_group(lanes.population(), group, |compartment, lane, position| {
                let at = position - region.start;
                let cotangent = stepper.number(start + at).widen();
                match &given {
                    Some((quantity, given)) if !given(compartment, lane).is_nan() => {
                        to(*quantity, compartment, lane, cotangent);
                    }
                    _ => values[at] = cotangent,
                }
            });
        values
    }
}

fn cable_values<N: Scalar>(
    slope: Cable<N>,
    compartment: usize,
    lane: usize,
    to: &mut impl FnMut(Quantity, usize, usize, N),
) {
    to(Quantity::Radius, compartment, lane, slope.radius);
    to(Quantity::Length, compartment, lane, slope.length);
    to(
        Quantity::AxialResistivity,
        compartment,
        lane,
        slope.axial_resistivity,
    );
    to(Quantity::Capacitance, compartment, lane, slope.capacitance);
}
