//! A simulator as naive as can be, to compare the engine with.
//!
//! It shares with the engine what a mechanism is (its expressions) and what a model is, and nothing
//! of how they are run: expressions are evaluated node by node, one compartment after the other;
//! the cable is put together anew from half resistances, in its own units (MΩ, cm², nF); nothing is
//! hoisted, fused, vectorised or differentiated. Every number may be complex.

use std::collections::HashMap;

use loligo_mechanism::Mechanism;
use loligo_mechanism::graph::{Expr, Graph};
use loligo_mechanism::membrane::{Membrane, Slope};
use loligo_mechanism::passes::differentiate;
use loligo_model::{IonValue, Model, Quantity, Recorded};

use super::complex::Number;
use super::function::{Binding, Function};

/// What simulators differ in.
#[derive(Clone, Copy, Debug)]
pub struct Choices {
    /// Crank–Nicolson: solve half a step, then go twice as far. Else backward Euler.
    pub crank_nicolson: bool,
    /// The first step updates the states, too.
    pub updates_at_once: bool,
    /// ∂I/∂V is a secant over 1e-3 mV.
    pub secant: bool,
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

/// A compartment's centre or a point where branches meet.
struct CableNode {
    /// Towards the root, and the half compartments that lie between.
    parent: Option<(usize, Vec<(usize, Half)>)>,
    compartment: Option<usize>,
}

#[derive(Clone, Copy)]
enum Half {
    In,
    Out,
}

/// The expressions of compartments that have the same mechanisms.
struct MembraneFunctions {
    mechanisms: Vec<usize>,
    states: Vec<String>,
    initial: Function,
    update: Function,
    /// ∂I/∂V, I, then what is recorded.
    currents: Function,
    recorded: Vec<Recorded>,
}

/// A compartment of a run.
struct Compartment<S> {
    initial: Vec<Binding<S>>,
    update: Vec<Binding<S>>,
    currents: Vec<Binding<S>>,
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
                let mechanisms: Vec<usize> = insertions
                    .filter(|(_, insertion)| insertion.present[compartment])
                    .map(|(index, _)| index)
                    .collect();
                let known = membranes.iter().position(|m| m.mechanisms == mechanisms);
                known.unwrap_or_else(|| {
                    membranes.push(membrane_functions(model, mechanisms, choices.secant));
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
            if step > 0 || self.choices.updates_at_once {
                run.update();
            }
            run.membrane();
            run.observe_states(&mut samples, true);
            run.solve(step);
            run.observe(&mut samples);
            run.observe_states(&mut samples, false);
        }
        run.update();
        run.observe_states(&mut samples, true);
        samples
    }
}

/// Nodes of all cells, parents before children.
fn cable(model: &Model) -> (Vec<CableNode>, Vec<usize>) {
    let shape = model.shape();
    let mut nodes: Vec<CableNode> = Vec::new();
    let mut node_of = vec![0; shape.compartments.len()];
    let (mut starts, mut ends) = (HashMap::new(), HashMap::new());
    for branch in &shape.branches {
        // the node at the 0 end
        let start = branch.parent.map(|attachment| {
            let (mut parent, mut at) = (attachment.branch, attachment.at);
            while let (true, Some(above)) = (at <= 0.0, shape.branches[parent].parent) {
                (parent, at) = (above.branch, above.at);
            }
            let inside = &shape.branches[parent].compartments;
            let (found, end, half) = if at <= 0.0 {
                (&mut starts, inside.start, Half::In)
            } else if at >= 1.0 {
                (&mut ends, inside.end - 1, Half::Out)
            } else {
                let offset = (at * inside.len() as f64).floor() as usize;
                return node_of[inside.start + offset];
            };
            *found.entry(parent).or_insert_with(|| {
                nodes.push(CableNode {
                    parent: Some((node_of[end], vec![(end, half)])),
                    compartment: None,
                });
                nodes.len() - 1
            })
        });
        let mut before = start.map(|node| (node, None));
        for compartment in branch.compartments.clone() {
            nodes.push(CableNode {
                parent: before.map(|(node, neighbour): (usize, Option<usize>)| {
                    let far = neighbour.map(|neighbour| (neighbour, Half::Out));
                    (
                        node,
                        far.into_iter().chain([(compartment, Half::In)]).collect(),
                    )
                }),
                compartment: Some(compartment),
            });
            node_of[compartment] = nodes.len() - 1;
            before = Some((nodes.len() - 1, Some(compartment)));
        }
    }
    (nodes, node_of)
}

fn membrane_functions(model: &Model, mechanisms: Vec<usize>, secant: bool) -> MembraneFunctions {
    let merged: Vec<&Mechanism> = mechanisms
        .iter()
        .map(|&i| model.insertions()[i].mechanism.as_ref())
        .collect();
    let mut membrane = Membrane::new(&merged, Slope::Exact).expect("linear kinetics");
    let densities: Vec<Expr> = membrane.currents.iter().map(|c| c.density).collect();
    let graph = &mut membrane.graph;
    let mut slope = graph.constant(0.0);
    for &density in &densities {
        let own = if secant {
            secant_slope(graph, density)
        } else {
            differentiate::derivative(graph, density, "v")
        };
        slope = graph.add(slope, own);
    }
    let total = membrane.total_current(None);
    let mut outputs = vec![slope, total];
    let mut recorded = Vec::new();
    for recording in model.recordings() {
        if let Some(value) = recorded_value(model, &mechanisms, &mut membrane, recording.what) {
            recorded.push(recording.what);
            outputs.push(value);
        }
    }
    let initial: Vec<Expr> = membrane.states.iter().map(|s| s.initial).collect();
    let updated: Vec<Expr> = membrane.states.iter().map(|s| s.updated).collect();
    MembraneFunctions {
        mechanisms,
        states: membrane.states.iter().map(|s| s.name.clone()).collect(),
        initial: Function::new(&membrane.graph, &initial),
        update: Function::new(&membrane.graph, &updated),
        currents: Function::new(&membrane.graph, &outputs),
        recorded,
    }
}

fn secant_slope(graph: &mut Graph, density: Expr) -> Expr {
    let derivative = differentiate::derivative(graph, density, "v");
    // the secant of a line is its slope; as a quotient it would be all rounding
    if !graph.mentions(derivative, "v") {
        return derivative;
    }
    let (v, step) = (graph.symbol("v"), graph.constant(1e-3));
    let shifted = graph.add(v, step);
    let moved = graph.substitute(&[density], &HashMap::from([(v, shifted)]))[0];
    let change = graph.sub(moved, density);
    graph.div(change, step)
}

fn recorded_value(
    model: &Model,
    mechanisms: &[usize],
    membrane: &mut Membrane,
    what: Recorded,
) -> Option<Expr> {
    let local = |mechanism: usize| mechanisms.iter().position(|m| *m == mechanism);
    match what {
        Recorded::Current { mechanism, current } => {
            let mechanism = local(mechanism)?;
            let mut currents = membrane.currents.iter();
            currents
                .find(|c| (c.mechanism, c.current) == (mechanism, current))
                .map(|c| c.density)
        }
        Recorded::IonCurrent { ion } => Some(membrane.total_current(Some(&model.ions()[ion].name))),
        Recorded::Observable {
            mechanism,
            observable,
        } => {
            let mechanism = local(mechanism)?;
            let mut observables = membrane.observables.iter();
            observables
                .find(|o| (o.mechanism, o.observable) == (mechanism, observable))
                .map(|o| o.value)
        }
        _ => None,
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
            let states = functions.mechanisms.iter().flat_map(|&mechanism| {
                let count = reference.model.insertions()[mechanism]
                    .mechanism
                    .states
                    .len();
                (0..count).map(move |state| Quantity::InitialState { mechanism, state })
            });
            compartment.states = states
                .zip(steady)
                .map(|(quantity, steady)| {
                    (self.experiment.values)(quantity, index).unwrap_or(steady)
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

    /// From the leaves to the root and back; nodes that are held have a known value.
    fn eliminate(&self, mut diagonal: Vec<S>, mut rhs: Vec<S>, held: &[Option<S>]) -> Vec<S> {
        let nodes = &self.reference.nodes;
        for index in (0..nodes.len()).rev() {
            let Some((parent, _)) = nodes[index].parent else {
                continue;
            };
            let g = self.conductance[index];
            if let Some(value) = held[index] {
                rhs[parent] = rhs[parent] + g * value;
            } else {
                let share = g / diagonal[index];
                diagonal[parent] = diagonal[parent] - share * g;
                rhs[parent] = rhs[parent] + share * rhs[index];
            }
        }
        let mut solution: Vec<S> = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let above = match node.parent {
                Some((parent, _)) => self.conductance[index] * solution[parent],
                None => S::from_f64(0.0),
            };
            solution.push(held[index].unwrap_or((rhs[index] + above) / diagonal[index]));
        }
        solution
    }

    fn is_on(&self, clamp: usize, step: usize) -> bool {
        let middle = (step as f64 + 0.5) * self.experiment.dt;
        self.reference.model.clamps()[clamp].window.contains(middle)
    }

    /// What flows into a node from its neighbours, nA.
    fn axial_current(&self, node: usize, voltage: &[S]) -> S {
        let nodes = &self.reference.nodes;
        let mut current = S::from_f64(0.0);
        if let Some((parent, _)) = nodes[node].parent {
            current = current + self.conductance[node] * (voltage[parent] - voltage[node]);
        }
        for (child, _) in nodes
            .iter()
            .enumerate()
            .filter(|(_, n)| n.parent.as_ref().is_some_and(|(p, _)| *p == node))
        {
            current = current + self.conductance[child] * (voltage[child] - voltage[node]);
        }
        current
    }

    /// Membrane currents from the membrane's side, clamp currents from Ohm's law or, for an ideal
    /// clamp, from what is missing in the balance of its node.
    fn observe_currents(&mut self, step: usize, clean: &(Vec<S>, Vec<S>), dt: f64) {
        let number = S::from_f64;
        let compartments = self.compartments.iter().zip(&self.reference.node_of);
        self.membrane_currents = compartments
            .map(|(compartment, &node)| {
                let change = self.solved[node] - compartment.v;
                let area = compartment.area * number(1e6);
                compartment.capacitance / number(dt) * change
                    + area * (compartment.current + compartment.slope * change)
            })
            .collect();
        let clamps = self.reference.model.clamps().iter().enumerate();
        self.clamp_currents = clamps
            .map(|(index, clamp)| {
                let node = self.reference.node_of[clamp.compartment];
                let solved = self.solved[node];
                match clamp.series_resistance {
                    _ if !self.is_on(index, step) => number(0.0),
                    Some(resistance) => {
                        ((self.experiment.commands)(index, step) - solved) / number(resistance)
                    }
                    None => {
                        let mut neighbours = self.axial_current(node, &self.solved);
                        // the diagonal has the neighbours' conductances, too
                        let mut own = clean.0[node];
                        for (index, other) in self.reference.nodes.iter().enumerate() {
                            let touches = index == node && other.parent.is_some()
                                || other.parent.as_ref().is_some_and(|(p, _)| *p == node);
                            if touches {
                                own = own - self.conductance[index];
                            }
                        }
                        neighbours = -neighbours;
                        own * solved - clean.1[node] + neighbours
                    }
                }
            })
            .collect();
    }

    /// Samples at t = 0: membrane and clamp currents are those of the voltages as they are.
    fn observe_start(&mut self, samples: &mut [Vec<S>]) {
        let number = S::from_f64;
        let reference = self.reference;
        let mut voltage = vec![number(0.0); reference.nodes.len()];
        for (compartment, &node) in self.compartments.iter().zip(&reference.node_of) {
            voltage[node] = compartment.v;
        }
        // where branches meet no charge gathers
        for (index, node) in reference.nodes.iter().enumerate() {
            if node.compartment.is_none() {
                let (mut total, mut weighted) = (number(0.0), number(0.0));
                for (child, other) in reference.nodes.iter().enumerate() {
                    let Some((parent, _)) = other.parent else {
                        continue;
                    };
                    let neighbour = match (child == index, parent == index) {
                        (true, _) => parent,
                        (_, true) => child,
                        _ => continue,
                    };
                    total = total + self.conductance[child];
                    weighted = weighted + self.conductance[child] * voltage[neighbour];
                }
                voltage[index] = weighted / total;
            }
        }
        let clamps = reference.model.clamps().iter().enumerate();
        self.clamp_currents = clamps
            .map(|(index, clamp)| match clamp.series_resistance {
                Some(resistance) if self.is_on(index, 0) => {
                    let v = self.compartments[clamp.compartment].v;
                    ((self.experiment.commands)(index, 0) - v) / number(resistance)
                }
                _ => number(0.0),
            })
            .collect();
        self.membrane_currents = (0..self.compartments.len())
            .map(|compartment| {
                let mut current = self.axial_current(reference.node_of[compartment], &voltage);
                for (index, stimulus) in reference.model.stimuli().iter().enumerate() {
                    if stimulus.compartment == compartment {
                        current = current + (self.experiment.stimuli)(index, 0);
                    }
                }
                for (index, clamp) in reference.model.clamps().iter().enumerate() {
                    if clamp.compartment == compartment {
                        current = current + self.clamp_currents[index];
                    }
                }
                current
            })
            .collect();
        self.observe(samples);
        self.observe_states(samples, false);
    }

    fn observe(&self, samples: &mut [Vec<S>]) {
        for (row, recording) in samples.iter_mut().zip(self.reference.model.recordings()) {
            let compartment = &self.compartments[recording.compartment];
            row.push(match recording.what {
                Recorded::Voltage => compartment.v,
                Recorded::State { .. } => continue,
                Recorded::MembraneCurrent => self.membrane_currents[recording.compartment],
                Recorded::ClampCurrent { clamp } => self.clamp_currents[clamp],
                what => {
                    let membrane = self.reference.membrane_of[recording.compartment];
                    let mut recorded = self.reference.membranes[membrane].recorded.iter();
                    let position = recorded.position(|r| *r == what);
                    compartment.recorded[position.expect("it was asked for")]
                }
            });
        }
    }

    fn observe_states(&self, samples: &mut [Vec<S>], leading: bool) {
        if leading != self.reference.choices.states_lead {
            return;
        }
        for (row, recording) in samples.iter_mut().zip(self.reference.model.recordings()) {
            let Recorded::State { mechanism, state } = recording.what else {
                continue;
            };
            let owner = &self.reference.model.insertions()[mechanism].mechanism;
            let name = format!("{}.{}", owner.name, owner.states[state].name);
            let membrane = self.reference.membrane_of[recording.compartment];
            let mut states = self.reference.membranes[membrane].states.iter();
            let position = states.position(|s| *s == name).expect("it is there");
            row.push(self.compartments[recording.compartment].states[position]);
        }
    }
}

impl Reference<'_> {
    /// µm.
    fn radius<S: Number>(&self, experiment: &Experiment<S>, index: usize) -> S {
        (experiment.values)(Quantity::Radius, index).expect("a number")
    }

    /// Of the membrane, µm².
    fn area<S: Number>(&self, experiment: &Experiment<S>, index: usize) -> S {
        let geometry = &self.model.shape().compartments[index];
        let radius = self.radius(experiment, index) / S::from_f64(geometry.radius);
        let length = (experiment.values)(Quantity::Length, index).expect("a number");
        S::from_f64(geometry.area) * radius * (length / S::from_f64(geometry.length))
    }

    /// Of half a compartment, MΩ.
    fn resistance<S: Number>(&self, experiment: &Experiment<S>, index: usize, half: Half) -> S {
        let geometry = &self.model.shape().compartments[index];
        let value = |quantity| (experiment.values)(quantity, index).expect("a number");
        let radius = value(Quantity::Radius) / S::from_f64(geometry.radius);
        let length = value(Quantity::Length) / S::from_f64(geometry.length);
        let per_resistivity = match half {
            Half::In => geometry.resistance_in,
            Half::Out => geometry.resistance_out,
        };
        // Ω·cm are 1e4 Ω·µm, and Ω are 1e-6 MΩ
        value(Quantity::AxialResistivity) * S::from_f64(per_resistivity * 1e-2) * length
            / (radius * radius)
    }

    fn binding<S: Number>(
        &self,
        experiment: &Experiment<S>,
        index: usize,
        name: &str,
    ) -> Binding<S> {
        let functions = &self.membranes[self.membrane_of[index]];
        if let Some(state) = functions.states.iter().position(|s| s == name) {
            return Binding::State(state);
        }
        let value = |quantity| {
            let found = (experiment.values)(quantity, index);
            Binding::Number(found.unwrap_or_else(|| panic!("no number for {name}")))
        };
        match name {
            "v" => return Binding::Voltage,
            "dt" => return Binding::Number(S::from_f64(experiment.dt)),
            "celsius" => return value(Quantity::Celsius),
            "diam" => return Binding::Number(S::from_f64(2.0) * self.radius(experiment, index)),
            "area" => return Binding::Number(self.area(experiment, index)),
            _ => {}
        }
        if let Some((owner, own)) = name.split_once('.') {
            let mechanisms = self.model.insertions().iter().map(|i| &i.mechanism);
            for (mechanism, inserted) in mechanisms.enumerate() {
                if inserted.name == owner {
                    let mut parameters = inserted.parameters.iter();
                    let parameter = parameters.position(|p| p.name == own).expect("declared");
                    return value(Quantity::Parameter {
                        mechanism,
                        parameter,
                    });
                }
            }
        }
        let values = [IonValue::Reversal, IonValue::Inside, IonValue::Outside];
        for (ion, known) in self.model.ions().iter().enumerate() {
            for kind in values {
                if known.symbol(kind) == name {
                    return value(Quantity::Ion { ion, value: kind });
                }
            }
        }
        panic!("nothing is called {name}")
    }
}
