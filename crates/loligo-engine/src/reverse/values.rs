//! From the sums over time and the cotangents at t = 0 back to the numbers of the model: the
//! transpose of what is computed once per run.

use loligo_model::Quantity;

use super::Reverse;
use crate::block::Block;
use crate::code::cotangent_of;
use crate::geometry;
use crate::inputs::LaneLookup;
use crate::program::{Source, TapeKind};
use crate::setup::{Cables, Setup, run_once};
use crate::vector::Real;

impl<T: Real> Reverse<T> {
    /// Carries the cotangents of the state at t = 0 and the sums over time back to the numbers of
    /// the model; calls `add(place in Inputs::values, lane of the block, derivative)`.
    pub(crate) fn values(
        &self,
        block: &Block<T>,
        setup: &Setup,
        mut add: impl FnMut(usize, usize, f64),
    ) {
        let lanes = &block.lanes;
        let lookup = LaneLookup::new(&block.inputs);
        let cables = Cables::new(lanes, &lookup);
        let width = lanes.width();
        let tree = &lanes.population().tree;
        let mut to = |quantity: Quantity, compartment: usize, lane: usize, value: f64| {
            let place = lanes.compartment(compartment, lane);
            if let Some(index) = lanes.program.layout.index(quantity, place) {
                add(index, lane, value);
            }
        };
        for compartment in 0..tree.compartments {
            for lane in 0..width {
                let at = self.cotangent + block.layout.offset[compartment] + lane;
                to(
                    Quantity::InitialVoltage,
                    compartment,
                    lane,
                    block.workspace[at].to_f64(),
                );
            }
        }
        for group in 0..self.plans.len() {
            self.group_values(block, setup, &cables, &lookup, group, &mut to);
        }
        let Some(start) = self.edges else { return };
        for (index, edge) in tree.edges.iter().enumerate() {
            for lane in 0..width {
                let sum = self.sums[start + index * width + lane];
                geometry::pull_back_conductance(
                    edge,
                    sum,
                    |compartment| cables.at(compartment, lane),
                    |compartment, slope| cable_values(slope, compartment, lane, &mut to),
                );
            }
        }
    }

    fn group_values(
        &self,
        block: &Block<T>,
        setup: &Setup,
        cables: &Cables<'_>,
        lookup: &LaneLookup<'_>,
        group: usize,
        to: &mut impl FnMut(Quantity, usize, usize, f64),
    ) {
        let lanes = &block.lanes;
        let plan = &self.plans[group];
        let code = &lanes.program.codes[lanes.population().groups[group].code];
        let region = block.layout.groups[group].clone();
        let sources = &setup.sources[group];
        let len = region.len();
        let wanted = &plan.sources;
        let names: Vec<String> = wanted.iter().map(|name| cotangent_of(name)).collect();
        let sum = |i: usize| &self.sums[plan.sums[i]..plan.sums[i] + len];

        // through the prologue
        let seeds: Vec<(String, &[f64])> = (0..plan.invariants.len())
            .map(|i| (cotangent_of(&plan.invariants[i]), sum(i)))
            .collect();
        let kind = TapeKind::PrologueAdjoint(wanted.clone());
        let through_prologue = run_once(code, kind, sources, &seeds, &names, len, block.unit);

        // through the initial states, unless they were given
        let states: Vec<Vec<f64>> = (0..code.states.len())
            .map(|state| self.initial_cotangents(block, lookup, group, state, to))
            .collect();
        let mut seeds: Vec<(String, &[f64])> = code
            .state_names
            .iter()
            .zip(&states)
            .map(|(name, values)| (cotangent_of(name), values.as_slice()))
            .collect();
        let voltage = &setup.voltage[region.clone()];
        seeds.push(("v".to_owned(), voltage));
        let mut with_voltage = vec![cotangent_of("v")];
        with_voltage.extend(names);
        let kind = TapeKind::InitialAdjoint(wanted.clone());
        let through_initial = run_once(code, kind, sources, &seeds, &with_voltage, len, block.unit);

        block
            .layout
            .for_each_in_group(lanes.population(), group, |compartment, lane, position| {
                let at = position - region.start;
                to(
                    Quantity::InitialVoltage,
                    compartment,
                    lane,
                    through_initial[0][at],
                );
                for (index, name) in wanted.iter().enumerate() {
                    let mut value = through_prologue[index][at] + through_initial[index + 1][at];
                    if let Some(direct) = plan.invariants.iter().position(|n| n == name) {
                        value += sum(direct)[at];
                    }
                    let source = code
                        .sources
                        .iter()
                        .find(|(n, _)| n == name)
                        .map(|(_, s)| *s);
                    let (cable, geometry) = cables.at(compartment, lane);
                    let solve_step = lanes.program.solve_step(block.inputs.dt);
                    let slope = match source {
                        Some(Source::Value(quantity)) => {
                            to(quantity, compartment, lane, value);
                            continue;
                        }
                        Some(Source::Area) => {
                            geometry::pull_back_membrane(cable, geometry, solve_step, value, 0.0)
                        }
                        Some(Source::Capacitance) => {
                            geometry::pull_back_membrane(cable, geometry, solve_step, 0.0, value)
                        }
                        Some(Source::Diameter) => geometry::Cable {
                            radius: 2.0 * value,
                            ..Default::default()
                        },
                        Some(Source::Axial | Source::TimeStep) | None => continue,
                    };
                    cable_values(slope, compartment, lane, to);
                }
            });
    }

    /// The cotangents of a state at t = 0 where it starts at its steady state; where it was given,
    /// they are those of what was given.
    fn initial_cotangents(
        &self,
        block: &Block<T>,
        lookup: &LaneLookup<'_>,
        group: usize,
        state: usize,
        to: &mut impl FnMut(Quantity, usize, usize, f64),
    ) -> Vec<f64> {
        let lanes = &block.lanes;
        let code = &lanes.program.codes[lanes.population().groups[group].code];
        let quantity = code.states[state];
        let region = block.layout.groups[group].clone();
        let given = lanes.values(lookup, quantity);
        let mut values = vec![0.0; region.len()];
        let start = self.cotangent + block.memory.states[group][state];
        block
            .layout
            .for_each_in_group(lanes.population(), group, |compartment, lane, position| {
                let at = position - region.start;
                let cotangent = block.workspace[start + at].to_f64();
                if given(compartment, lane).is_nan() {
                    values[at] = cotangent;
                } else {
                    to(quantity, compartment, lane, cotangent);
                }
            });
        values
    }
}

fn cable_values(
    slope: geometry::Cable,
    compartment: usize,
    lane: usize,
    to: &mut impl FnMut(Quantity, usize, usize, f64),
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
