//! The membranes of the reference engine: the expressions of compartments that have the same
//! mechanisms, and what their symbols stand for.

use std::collections::HashMap;

use loligo_mechanism::Mechanism;
use loligo_mechanism::graph::{Expr, Graph};
use loligo_mechanism::membrane::{
    Membrane, Order, Owner, Rules, Slope, Stepping, start_of, started,
};
use loligo_mechanism::passes::differentiate;
use loligo_model::{IonValue, Model, Quantity, Recorded};

use super::super::complex::Number;
use super::super::function::{Binding, Function};
use super::cable_diffusion::{Along, along};
use super::diffusion::{Diffusing, diffusing};
use super::{Choices, Experiment, Reference};

/// The expressions of compartments that have the same mechanisms.
pub(super) struct MembraneFunctions {
    pub(super) mechanisms: Vec<usize>,
    pub(super) states: Vec<String>,
    pub(super) owners: Vec<Owner>,
    /// Whether the membrane phase leaves each state as it is.
    pub(super) updated_only: Vec<bool>,
    pub(super) initial: Function,
    pub(super) update: Function,
    /// What the membrane phase leaves of the states.
    pub(super) kept: Function,
    /// ∂I/∂V, I, then what is recorded.
    pub(super) currents: Function,
    pub(super) recorded: Vec<Recorded>,
    pub(super) diffusing: Vec<Diffusing>,
    pub(super) along: Vec<Along>,
}

pub(super) fn membrane_functions(
    model: &Model,
    mechanisms: Vec<usize>,
    choices: Choices,
) -> MembraneFunctions {
    let merged: Vec<&Mechanism> = mechanisms
        .iter()
        .map(|&i| model.insertions()[i].mechanism.as_ref())
        .collect();
    let rules = Rules {
        slope: if choices.secant {
            Slope::Secant
        } else {
            Slope::Exact
        },
        stepping: if choices.as_written {
            Stepping::AsWritten
        } else {
            Stepping::ExactWherePossible
        },
        order: if choices.crank_nicolson && !choices.updates_at_once {
            Order::Second
        } else {
            Order::First
        },
    };
    let mut membrane = Membrane::new(&merged, rules).expect("a membrane");
    let densities: Vec<Expr> = membrane.currents.iter().map(|c| c.density).collect();
    let graph = &mut membrane.graph;
    let mut slope = graph.constant(0.0);
    for &density in &densities {
        let own = if choices.secant {
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
    let mut kept = Vec::new();
    for state in &membrane.states {
        let symbol = membrane.graph.symbol(&state.name);
        kept.push(state.kept.unwrap_or(symbol));
    }
    MembraneFunctions {
        mechanisms,
        owners: membrane.states.iter().map(|s| s.owner).collect(),
        kept: Function::new(&membrane.graph, &kept),
        updated_only: membrane.states.iter().map(|s| s.kept.is_none()).collect(),
        states: membrane.states.iter().map(|s| s.name.clone()).collect(),
        initial: Function::new(&membrane.graph, &initial),
        update: Function::new(&membrane.graph, &updated),
        currents: Function::new(&membrane.graph, &outputs),
        recorded,
        diffusing: diffusing(&membrane),
        along: along(&membrane),
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
                .map(|c| c.value)
        }
        Recorded::IonNumber { ion, value } => {
            Some(membrane.shared_number(&model.ions()[ion].symbol(value)))
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

impl Reference<'_> {
    pub(super) fn binding<S: Number>(
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
        if let Some((owner, own)) = started(name).and_then(|name| name.split_once('.')) {
            let mut insertions = self.model.insertions().iter();
            let mechanism = insertions
                .position(|insertion| insertion.mechanism.name == owner)
                .expect("inserted");
            let states = &self.model.insertions()[mechanism].mechanism.states;
            let state = states
                .iter()
                .position(|state| state.name == own)
                .expect("declared");
            let given = (experiment.values)(Quantity::InitialState { mechanism, state }, index);
            return Binding::Number(given.unwrap_or(S::from_f64(f64::NAN)));
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
        for (ion, known) in self.model.ions().iter().enumerate() {
            for kind in IonValue::ALL {
                let symbol = known.symbol(kind);
                if symbol == name || start_of(&symbol) == name {
                    return value(Quantity::Ion { ion, value: kind });
                }
            }
        }
        panic!("nothing is called {name}")
    }
}
