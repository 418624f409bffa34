//! Diffusion in shells in the reference engine: concentrations of each name, over all compartments that
//! have it, in a dense system that is solved by Gaussian elimination.

use loligo_mechanism::mechanism::Course;
use loligo_mechanism::membrane::Membrane;
use loligo_model::Quantity;

use super::super::complex::Number;
use super::super::function::{Binding, Function};
use super::{Reference, Run};

/// A state that diffuses.
pub(super) struct Diffusing {
    pub(super) state: usize,
    pub(super) name: String,
    /// Volume per length (µm²) and conductivity (µm⁴/ms).
    pub(super) numbers: Function,
}

/// The states of a membrane that diffuse.
pub(super) fn diffusing(membrane: &Membrane) -> Vec<Diffusing> {
    let states = membrane.states.iter().enumerate();
    let diffusing = states.filter_map(|(state, found)| {
        let diffusion = found.diffusion.filter(|own| own.course == Course::Shells)?;
        let volume = diffusion.volume.expect("of a shell");
        let formulas = [volume, diffusion.conductivity];
        Some(Diffusing {
            state,
            name: found.name.clone(),
            numbers: Function::new(&membrane.graph, &formulas),
        })
    });
    diffusing.collect()
}

impl Reference<'_> {
    /// The compartment that another grows from, past a branch point.
    fn grows_from(&self, compartment: usize) -> Option<usize> {
        let (above, _) = self.nodes[self.node_of[compartment]].parent.as_ref()?;
        if let Some(parent) = self.nodes[*above].compartment {
            return Some(parent);
        }
        let (above, _) = self.nodes[*above].parent.as_ref()?;
        self.nodes[*above].compartment
    }
}

impl<S: Number> Run<'_, '_, S> {
    /// An implicit step of the diffusion of everything that diffuses.
    pub(super) fn diffuse(&mut self) {
        let membranes = self.reference.membranes.iter();
        let mut names: Vec<&str> = membranes
            .flat_map(|membrane| membrane.diffusing.iter().map(|d| d.name.as_str()))
            .collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            self.diffuse_one(name);
        }
    }

    fn diffuse_one(&mut self, name: &str) {
        let reference = self.reference;
        let number = S::from_f64;
        let found = |compartment: usize| {
            let membrane = &reference.membranes[reference.membrane_of[compartment]];
            membrane.diffusing.iter().find(|d| d.name == name)
        };
        let having: Vec<usize> = (0..self.compartments.len())
            .filter(|compartment| found(*compartment).is_some())
            .collect();
        let length = |c: usize| (self.experiment.values)(Quantity::Length, c).expect("a length");
        let numbers: Vec<(S, S)> = having
            .iter()
            .map(|&compartment| {
                let numbers = &found(compartment).expect("it has it").numbers;
                let symbols: Vec<Binding<S>> = numbers
                    .symbols
                    .iter()
                    .map(|name| reference.binding(self.experiment, compartment, name))
                    .collect();
                let both = numbers.evaluate(&symbols, number(0.0), &[]);
                (both[0], both[1])
            })
            .collect();
        let count = having.len();
        let mut matrix = vec![vec![number(0.0); count + 1]; count];
        for (row, &compartment) in having.iter().enumerate() {
            let state = found(compartment).expect("it has it").state;
            let capacity = numbers[row].0 * length(compartment) / number(self.experiment.dt);
            matrix[row][row] = matrix[row][row] + capacity;
            matrix[row][count] = capacity * self.compartments[compartment].states[state];
            let above = reference.grows_from(compartment);
            let Some(column) = above.and_then(|c| having.iter().position(|h| *h == c)) else {
                continue;
            };
            let mean = (numbers[row].1 + numbers[column].1) / number(2.0);
            let apart = (length(compartment) + length(having[column])) / number(2.0);
            for (a, b) in [(row, column), (column, row)] {
                matrix[a][a] = matrix[a][a] + mean / apart;
                matrix[a][b] = matrix[a][b] - mean / apart;
            }
        }
        for (row, value) in solve(matrix).into_iter().enumerate() {
            let state = found(having[row]).expect("it has it").state;
            self.compartments[having[row]].states[state] = value;
        }
    }
}

/// Gaussian elimination of a system whose diagonal dominates; the last column is the right-hand side.
pub(super) fn solve<S: Number>(mut matrix: Vec<Vec<S>>) -> Vec<S> {
    let count = matrix.len();
    for pivot in 0..count {
        for row in pivot + 1..count {
            let above = matrix[pivot].clone();
            let factor = matrix[row][pivot] / above[pivot];
            for (here, above) in matrix[row].iter_mut().zip(above) {
                *here = *here - factor * above;
            }
        }
    }
    let mut solution = vec![S::from_f64(0.0); count];
    for row in (0..count).rev() {
        let known = (row + 1..count).map(|column| matrix[row][column] * solution[column]);
        let rest = known.fold(matrix[row][count], |rest, term| rest - term);
        solution[row] = rest / matrix[row][row];
    }
    solution
}
