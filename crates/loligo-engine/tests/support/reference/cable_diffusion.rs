//! Diffusion along the cable in the reference engine: what flows between all nodes, branch points
//! included, and what fluxes take out, in one dense system for each concentration.

use loligo_mechanism::mechanism::Course;
use loligo_mechanism::membrane::Membrane;
use loligo_model::Quantity;

use super::super::complex::Number;
use super::super::function::{Binding, Function};
use super::diffusion::solve;
use super::{Experiment, Reference, Run};

/// A state that diffuses along the cable.
pub(super) struct Along {
    state: usize,
    name: String,
    /// µm²/ms.
    constant: Function,
    /// Slope and drive.
    outflow: Function,
}

/// The states of a membrane that diffuse along the cable.
pub(super) fn along(membrane: &Membrane) -> Vec<Along> {
    let states = membrane.states.iter().enumerate();
    let along = states.filter_map(|(state, found)| {
        let diffusion = found.diffusion.filter(|own| own.course == Course::Cable)?;
        Some(Along {
            state,
            name: found.name.clone(),
            constant: Function::new(&membrane.graph, &[diffusion.conductivity]),
            outflow: Function::new(&membrane.graph, &found.outflow.expect("it has one")),
        })
    });
    along.collect()
}

impl Reference<'_> {
    fn along(&self, compartment: usize, name: &str) -> Option<&Along> {
        let membrane = &self.membranes[self.membrane_of[compartment]];
        membrane.along.iter().find(|along| along.name == name)
    }

    /// µm³.
    fn volume<S: Number>(&self, experiment: &Experiment<S>, index: usize) -> S {
        let geometry = &self.model.shape().compartments[index];
        let radius = self.radius(experiment, index) / S::from_f64(geometry.radius);
        let length = (experiment.values)(Quantity::Length, index).expect("a number");
        let volume = S::from_f64(geometry.volume / geometry.length);
        volume * radius * radius * length
    }
}

impl<S: Number> Run<'_, '_, S> {
    pub(super) fn diffuse_along_cable(&mut self) {
        let membranes = self.reference.membranes.iter();
        let names = membranes.flat_map(|membrane| membrane.along.iter().map(|a| a.name.as_str()));
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            self.diffuse_one_along_cable(name);
        }
    }

    fn diffuse_one_along_cable(&mut self, name: &str) {
        let (reference, experiment) = (self.reference, self.experiment);
        let number = S::from_f64;
        let crank_nicolson = reference.choices.crank_nicolson;
        let dt = number(experiment.dt * if crank_nicolson { 0.5 } else { 1.0 });
        let count = reference.nodes.len();
        let mut matrix = vec![vec![number(0.0); count + 1]; count];
        let mut constants: Vec<Option<S>> = vec![None; self.compartments.len()];
        for (index, compartment) in self.compartments.iter().enumerate() {
            let row = reference.node_of[index];
            let Some(along) = reference.along(index, name) else {
                matrix[row][row] = number(1.0);
                continue;
            };
            let bind = |function: &Function| -> Vec<Binding<S>> {
                let symbols = function.symbols.iter();
                let bound = symbols.map(|name| reference.binding(experiment, index, name));
                bound.collect()
            };
            let constant = &along.constant;
            constants[index] = Some(constant.evaluate(&bind(constant), number(0.0), &[])[0]);
            let (outflow, states) = (&along.outflow, &compartment.states);
            let line = outflow.evaluate(&bind(outflow), compartment.v, states);
            let volume = reference.volume(experiment, index);
            matrix[row][row] = volume / dt + volume * line[0];
            matrix[row][count] = volume / dt * states[along.state] + volume * line[1];
        }
        for (below, node) in reference.nodes.iter().enumerate() {
            let Some((above, halves)) = &node.parent else {
                continue;
            };
            let resistance = |&(compartment, half)| {
                let constant = constants[compartment]?;
                let resistivity = (experiment.values)(Quantity::AxialResistivity, compartment)?;
                // 1/µm: MΩ per Ω·cm are 1e-2 of it
                let resistance = reference.resistance(experiment, compartment, half);
                Some(resistance * number(1e2) / resistivity / constant)
            };
            let resistances: Option<Vec<S>> = halves.iter().map(resistance).collect();
            let Some(resistances) = resistances else {
                continue;
            };
            let total = resistances.into_iter().fold(number(0.0), |sum, r| sum + r);
            for (a, b) in [(below, *above), (*above, below)] {
                matrix[a][a] = matrix[a][a] + number(1.0) / total;
                matrix[a][b] = matrix[a][b] - number(1.0) / total;
            }
        }
        for (index, node) in reference.nodes.iter().enumerate() {
            // a branch point that nothing comes to
            let is_alone = matrix[index].iter().all(|entry| entry.real() == 0.0);
            if node.compartment.is_none() && is_alone {
                matrix[index][index] = number(1.0);
            }
        }
        let solution = solve(matrix);
        for (index, compartment) in self.compartments.iter_mut().enumerate() {
            if let Some(along) = reference.along(index, name) {
                let solved = solution[reference.node_of[index]];
                let state = &mut compartment.states[along.state];
                *state = if crank_nicolson {
                    solved + solved - *state
                } else {
                    solved
                };
            }
        }
    }
}
