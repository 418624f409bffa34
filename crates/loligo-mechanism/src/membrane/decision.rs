//! Which step is chosen for the states of a mechanism, and why.

use super::Rules;
use super::merge::solves_of;
use super::stepping::System;
use crate::mechanism::{Mechanism, Method, Solve, State};

/// How states get from one time to the next.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Update {
    /// Each by its exponential, exactly for rates that do not change within the step.
    Exact,
    /// Backward Euler (or the implicit midpoint rule), which one linear solve of all of them gives.
    LinearSolve,
    /// The same by Newton's method on all of them.
    Newton,
    /// Forward Euler.
    ForwardEuler,
    /// The classical scheme of Runge and Kutta.
    RungeKutta,
    /// As the mechanism computes them itself.
    Computed,
}

/// What is decided of states that are stepped together, and what it follows from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision {
    /// How they are stepped.
    pub update: Update,
    /// Whether each rate is linear in its own state.
    pub is_linear: bool,
    /// Whether some rate depends on another one of the states.
    pub is_coupled: bool,
    /// How many laws of conservation hold among them.
    pub laws: usize,
}

/// The states of a mechanism that are stepped together, in order, each with what is decided of it.
///
/// ```
/// use loligo_mechanism::library::builtin;
/// use loligo_mechanism::membrane::{Rules, Update, decisions};
///
/// let hh = builtin("hh").expect("is built in");
/// let (solve, decision) = &decisions(&hh, Rules::NATIVE)[0];
/// assert_eq!(solve.states, ["m", "h", "n"]);
/// assert_eq!(decision.update, Update::Exact);
/// ```
pub fn decisions(mechanism: &Mechanism, rules: Rules) -> Vec<(Solve, Decision)> {
    let solves = solves_of(mechanism).into_iter();
    solves
        .map(|solve| {
            let decision = decision(mechanism, &solve, rules);
            (solve, decision)
        })
        .collect()
}

fn decision(mechanism: &Mechanism, solve: &Solve, rules: Rules) -> Decision {
    if solve.method == Method::Discrete {
        return Decision {
            update: Update::Computed,
            is_linear: false,
            is_coupled: false,
            laws: 0,
        };
    }
    let evolving = || mechanism.states.iter().chain(&mechanism.shared);
    let named = |name: &String| evolving().find(|state| state.name == *name);
    let states: Vec<&State> = solve.states.iter().filter_map(named).collect();
    let mut graph = mechanism.graph.clone();
    let rates = states.iter().map(|state| state.dynamics_value());
    let system = System {
        names: states.iter().map(|state| state.name.clone()).collect(),
        symbols: states
            .iter()
            .map(|state| graph.symbol(&state.name))
            .collect(),
        rates: rates.collect(),
        method: solve.method,
        conserved: solve.conserved.clone(),
    };
    system.decision(&mut graph, rules)
}
