//! A simulator as naive as can be, to compare the engine with.
//!
//! It shares with the engine what a mechanism is (its expressions) and what a model is, and nothing
//! of how they are run: expressions are evaluated node by node, one compartment after the other;
//! the cable is put together anew from half resistances, in its own units (MΩ, cm², nF); nothing is
//! hoisted, fused, vectorised or differentiated. Every number may be complex.

mod cable;
mod cable_diffusion;
mod diffusion;
mod membrane;
mod observe;

use loligo_model::{Model, Quantity};

use super::complex::Number;
use super::function::{Binding, Function};
use cable::{CableNode, cable};
use loligo_mechanism::membrane::Owner;
use membrane::{MembraneFunctions, membrane_functions};

/// What simulators differ in.
#[derive(Clone, Copy, Debug)]
pub struct Choices {
    /// Crank–Nicolson: solve half a step, then go twice as far. Else backward Euler.
    pub crank_nicolson: bool,
    /// The first step updates the states, too.
    pub updates_at_once: bool,
    /// ∂I/∂V is a secant over 1e-3 mV.
    pub secant: bool,
    /// States are stepped as METHOD says.
    pub as_written: bool,
    /// The n-th sample of a state is the one that the n-th step reads, half a step ahead.
    pub states_lead: bool,
}

/// What a run takes.
pub struct Experiment<'a, S> {
    /// ms.
    pub dt: f64,
    pub steps: usize,
    /// A number of the model in a compartment.
    pub values: &'a dyn Fn(Quantity, usize) -> Option<S>,
    /// Current of a stimulus during a step, nA.
    pub stimuli: &'a dyn Fn(usize, usize) -> S,
    /// Command of a clamp during a step, mV.
    pub commands: &'a dyn Fn(usize, usize) -> S,
}

/// A model, ready to be simulated.
pub struct Reference<'m> {
    model: &'m Model,
    choices: Choices,
    nodes: Vec<CableNode>,
    /// The node of each compartment.
    node_of: Vec<usize>,
    membranes: Vec<MembraneFunctions>,
    /// The membrane of each compartment.
    membrane_of: Vec<usize>,
}

/// A compartment of a run.
struct Compartment<S> {
    initial: Vec<Binding<S>>,
    update: Vec<Binding<S>>,
    currents: Vec<Binding<S>>,
    kept: Vec<Binding<S>>,
    /// cm².
    area: S,
    /// nF.
    capacitance: S,
    v: S,
    states: Vec<S>,
    slope: S,
    current: S,
    recorded: Vec<S>,
}

impl<'m> Reference<'m> {
    pub fn new(model: &'m Model, choices: Choices) -> Self {
        let (nodes, node_of) = cable(model);
        let mut membranes: Vec<MembraneFunctions> = Vec::new();
        let compartments = 0..model.shape().compartments.len();
        let membrane_of = compartments
            .map(|compartment| {
                let insertions = model.insertions().iter().enumerate();
                let mut mechanisms: Vec<usize> = insertions
                    .filter(|(_, insertion)| insertion.present[compartment])
                    .map(|(index, _)| index)
                    .collect();
                // a concentration is written before it is read, or, for Jaxley, after
                mechanisms.sort_by_key(|index| {
                    let writes = !model.insertions()[*index].mechanism.shared.is_empty();
                    writes == choices.updates_at_once
                });
                let known = membranes.iter().position(|m| m.mechanisms == mechanisms);
                known.unwrap_or_else(|| {
                    membranes.push(membrane_functions(model, mechanisms, choices));
                    membranes.len() - 1
                })
            })
            .collect();
        Reference {
            model,
            choices,
            nodes,
            node_of,
            membranes,
            membrane_of,
        }
    }

    /// `[recording][sample]`, the first sample at t = 0.
    pub fn run<S: Number>(&self, experiment: &Experiment<S>) -> Vec<Vec<S>> {
        let mut run = Run::start(self, experiment);
        let mut samples: Vec<Vec<S>> = vec![Vec::new(); self.model.recordings().len()];
        run.membrane();
        run.observe_start(&mut samples);
        for step in 0..experiment.steps {
            let updates = step > 0 || self.choices.updates_at_once;
            if updates {
                run.update();
            }
            run.membrane();
            run.keep();
            if updates {
                run.diffuse_along_cable();
            }
            run.observe_states(&mut samples, true);
            run.solve(step);
            run.observe(&mut samples);
            run.observe_states(&mut samples, false);
        }
        run.update();
        run.diffuse_along_cable();
        run.observe_states(&mut samples, true);
        samples
    }
}

/// A run of the reference.
struct Run<'r, 'm, S> {
    reference: &'r Reference<'m>,
    experiment: &'r Experiment<'r, S>,
    compartments: Vec<Compartment<S>>,
    /// To the parent of each node, µS; 0 for roots.
    conductance: Vec<S>,
    /// What the last solve found: for Crank–Nicolson in the middle of the step.
    solved: Vec<S>,
    membrane_currents: Vec<S>,
    clamp_currents: Vec<S>,
}

impl<'r, 'm, S: Number> Run<'r, 'm, S> {
    fn start(reference: &'r Reference<'m>, experiment: &'r Experiment<'r, S>) -> Self {
        let number = S::from_f64;
        let compartments: Vec<Compartment<S>> = (0..reference.node_of.len())
            .map(|index| {
                let functions = &reference.membranes[reference.membrane_of[index]];
                let bind = |function: &Function| -> Vec<Binding<S>> {
                    let symbols = function.symbols.iter();
                    symbols
                        .map(|name| reference.binding(experiment, index, name))
                        .collect()
                };
                let value = |quantity| (experiment.values)(quantity, index).expect("a number");
                let area = number(1e-8) * reference.area(experiment, index);
                Compartment {
                    initial: bind(&functions.initial),
                    update: bind(&functions.update),
                    currents: bind(&functions.currents),
                    kept: bind(&functions.kept),
                    capacitance: area * value(Quantity::Capacitance) * number(1e3),
                    area,
                    v: value(Quantity::InitialVoltage),
                    states: Vec::new(),
                    slope: number(0.0),
                    current: number(0.0),
                    recorded: Vec::new(),
                }
            })
            .collect();
        let conductance = reference
            .nodes
            .iter()
            .map(|node| match &node.parent {
                None => number(0.0),
                Some((_, halves)) => {
                    let resistances = halves
                        .iter()
                        .map(|&(c, half)| reference.resistance(experiment, c, half));
                    number(1.0) / resistances.fold(number(0.0), |sum, r| sum + r)
                }
            })
            .collect();
        let mut run = Run {
            reference,
            experiment,
            compartments,
            conductance,
            solved: Vec::new(),
            membrane_currents: Vec::new(),
            clamp_currents: Vec::new(),
        };
        run.initial_states();
        run
    }

    /// Given, or steady for the initial voltage.
    fn initial_states(&mut self) {
        let reference = self.reference;
        for (index, compartment) in self.compartments.iter_mut().enumerate() {
            let functions = &reference.membranes[reference.membrane_of[index]];
            let steady = functions
                .initial
                .evaluate(&compartment.initial, compartment.v, &[]);
            let owners = functions.owners.iter().zip(steady);
            compartment.states = owners
                .map(|(owner, steady)| match *owner {
                    Owner::Mechanism { mechanism, state } => {
                        let mechanism = functions.mechanisms[mechanism];
                        let quantity = Quantity::InitialState { mechanism, state };
                        (self.experiment.values)(quantity, index).unwrap_or(steady)
                    }
                    Owner::Ion | Owner::Memory => steady,
                })
                .collect();
        }
    }

    fn update(&mut self) {
        for (index, compartment) in self.compartments.iter_mut().enumerate() {
            let functions = &self.reference.membranes[self.reference.membrane_of[index]];
            compartment.states =
                functions
                    .update
                    .evaluate(&compartment.update, compartment.v, &compartment.states);
        }
        self.diffuse();
    }

    fn membrane(&mut self) {
        for (index, compartment) in self.compartments.iter_mut().enumerate() {
            let functions = &self.reference.membranes[self.reference.membrane_of[index]];
            let outputs = functions.currents.evaluate(
                &compartment.currents,
                compartment.v,
                &compartment.states,
            );
            (compartment.slope, compartment.current) = (outputs[0], outputs[1]);
            compartment.recorded = outputs[2..].to_vec();
        }
    }

    /// What the membrane phase leaves of the states.
    fn keep(&mut self) {
        for (index, compartment) in self.compartments.iter_mut().enumerate() {
            let functions = &self.reference.membranes[self.reference.membrane_of[index]];
            compartment.states =
                functions
                    .kept
                    .evaluate(&compartment.kept, compartment.v, &compartment.states);
        }
    }

    /// The voltages after a step, and the currents of the step.
    fn solve(&mut self, step: usize) {
        let number = S::from_f64;
        let crank_nicolson = self.reference.choices.crank_nicolson;
        let dt = self.experiment.dt * if crank_nicolson { 0.5 } else { 1.0 };
        let nodes = self.reference.nodes.len();
        let (mut diagonal, mut rhs) = (vec![number(0.0); nodes], vec![number(0.0); nodes]);
        let mut held: Vec<Option<S>> = vec![None; nodes];
        for (compartment, &node) in self.compartments.iter().zip(&self.reference.node_of) {
            // mA to nA
            let area = compartment.area * number(1e6);
            diagonal[node] = compartment.capacitance / number(dt) + area * compartment.slope;
            rhs[node] = diagonal[node] * compartment.v - area * compartment.current;
        }
        for (index, node) in self.reference.nodes.iter().enumerate() {
            if let Some((parent, _)) = &node.parent {
                diagonal[index] = diagonal[index] + self.conductance[index];
                diagonal[*parent] = diagonal[*parent] + self.conductance[index];
            }
        }
        for (index, stimulus) in self.reference.model.stimuli().iter().enumerate() {
            let node = self.reference.node_of[stimulus.compartment];
            rhs[node] = rhs[node] + (self.experiment.stimuli)(index, step);
        }
        let clean = (diagonal.clone(), rhs.clone());
        for (index, clamp) in self.reference.model.clamps().iter().enumerate() {
            let node = self.reference.node_of[clamp.compartment];
            let command = (self.experiment.commands)(index, step);
            match clamp.series_resistance {
                _ if !self.is_on(index, step) => {}
                Some(resistance) => {
                    diagonal[node] = diagonal[node] + number(1.0 / resistance);
                    rhs[node] = rhs[node] + command / number(resistance);
                }
                None if crank_nicolson => {
                    let before = self.compartments[clamp.compartment].v;
                    held[node] = Some((command + before) / number(2.0));
                }
                None => held[node] = Some(command),
            }
        }
        self.solved = self.eliminate(diagonal, rhs, &held);
        self.observe_currents(step, &clean, dt);
        for (compartment, &node) in self.compartments.iter_mut().zip(&self.reference.node_of) {
            let solved = self.solved[node];
            compartment.v = if crank_nicolson {
                solved + solved - compartment.v
            } else {
                solved
            };
        }
    }

    fn is_on(&self, clamp: usize, step: usize) -> bool {
        let middle = (step as f64 + 0.5) * self.experiment.dt;
        self.reference.model.clamps()[clamp].window.contains(middle)
    }
}
