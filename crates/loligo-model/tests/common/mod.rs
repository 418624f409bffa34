//! Mechanisms and cells that the tests share.

// every test binary takes what it needs
#![allow(dead_code)]

use loligo_mechanism::mechanism::{
    Current, Direction, Dynamics, IonUse, Mechanism, Observable, Parameter, Scope, State,
};
use loligo_mechanism::{Expr, Graph};
use loligo_model::{Attachment, Model};

/// A sodium channel with one gate: reads `ena`, carries `ina`.
pub fn sodium() -> Mechanism {
    channel("sodium", "na", 0.12)
}

/// The same for another ion, or with another conductance.
pub fn channel(name: &str, ion: &str, conductance: f64) -> Mechanism {
    let mut graph = Graph::new();
    let [v, m, gbar, e] = ["v", "m", "gbar", &format!("e{ion}")].map(|symbol| graph.symbol(symbol));
    let half = graph.constant(0.5);
    let driving = graph.sub(v, e);
    let open = graph.mul(gbar, m);
    let density = graph.mul(open, driving);
    let change = graph.sub(half, m);
    Mechanism {
        name: name.to_string(),
        parameters: vec![
            parameter("gbar", conductance, Some((0.0, 1e9)), Scope::Range),
            parameter("q10", 3.0, None, Scope::Global),
        ],
        states: vec![State {
            name: "m".to_string(),
            units: String::new(),
            initial: half,
            dynamics: Dynamics::Derivative(change),
            corrected: None,
            kept: None,
        }],
        ions: vec![IonUse {
            ion: ion.to_string(),
            reads: vec![format!("e{ion}")],
            writes: vec![format!("i{ion}")],
            valence: None,
        }],
        currents: vec![Current {
            name: format!("i{ion}"),
            ion: Some(ion.to_string()),
            direction: Direction::Outward,
            density,
        }],
        observables: vec![Observable {
            name: "g".to_string(),
            units: "S/cm2".to_string(),
            value: open,
            stepped: None,
        }],
        graph,
        ..Mechanism::default()
    }
}

/// A leak without ions or states.
pub fn leak() -> Mechanism {
    let mut graph = Graph::new();
    let [v, g, e] = ["v", "g", "e"].map(|symbol| graph.symbol(symbol));
    let driving = graph.sub(v, e);
    let density: Expr = graph.mul(g, driving);
    Mechanism {
        name: "leak".to_string(),
        parameters: vec![
            parameter("g", 1e-3, Some((0.0, 1e9)), Scope::Range),
            parameter("e", -70.0, None, Scope::Range),
        ],
        states: Vec::new(),
        ions: Vec::new(),
        currents: vec![Current {
            name: "i".to_string(),
            ion: None,
            direction: Direction::Outward,
            density,
        }],
        observables: Vec::new(),
        graph,
        ..Mechanism::default()
    }
}

fn parameter(name: &str, default: f64, limits: Option<(f64, f64)>, scope: Scope) -> Parameter {
    Parameter {
        name: name.to_string(),
        default,
        units: "S/cm2".to_string(),
        limits,
        scope,
    }
}

/// A root of two compartments with two children of three and four.
pub fn fork() -> Model {
    let end = Some(Attachment { branch: 0, at: 1.0 });
    let branches = [2, 3, 4].map(|count| {
        Model::cylinder(30.0 * count as f64, 1.0, count).expect("positive sizes make a cylinder")
    });
    Model::tree(&branches, &[None, end, end]).expect("a tree")
}

/// Two forks.
pub fn two_forks() -> Model {
    Model::network(&[fork(), fork()]).expect("two cells")
}

/// What an error says.
pub fn message<T: std::fmt::Debug, E: std::fmt::Display>(result: Result<T, E>) -> String {
    match result {
        Ok(value) => panic!("expected an error, got {value:?}"),
        Err(error) => error.to_string(),
    }
}
