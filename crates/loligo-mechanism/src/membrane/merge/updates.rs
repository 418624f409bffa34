//! The update of the states, mechanism by mechanism.

use std::collections::HashMap;

use super::super::stepping::{Stepped, System};
use super::super::{MembraneState, Owner};
use super::{Merging, symbol_in, symbol_of};
use crate::graph::Expr;
use crate::mechanism::{
    Conserved, Dynamics, Mechanism, Method, STEP_WITHIN, Solve, State, VOLTAGE, after, stepped,
};

impl Merging {
    /// What mechanisms before this one made of their states, by symbol.
    fn earlier(&mut self) -> HashMap<Expr, Expr> {
        let graph = &mut self.membrane.graph;
        let before = self.membrane.states.iter();
        let before = before.map(|s| (graph.symbol(&s.name), s.updated));
        let mut earlier: HashMap<Expr, Expr> = before.collect();
        earlier.extend(&self.read);
        earlier
    }

    /// What each state, shared number and memory of a mechanism is after a step, by its name in the
    /// mechanism, as a function of all states before it; and what symbols in its solved blocks stand
    /// for.
    pub(super) fn updates(
        &mut self,
        mechanism: &Mechanism,
        here: &HashMap<Expr, Expr>,
    ) -> (HashMap<String, Expr>, HashMap<Expr, Expr>) {
        let rules = self.rules;
        let mut earlier = self.earlier();
        let graph = &mut self.membrane.graph;
        // then its own blocks
        let mut done = earlier.clone();
        let mut updates = HashMap::new();
        let [dt, step_within] = ["dt", STEP_WITHIN].map(|name| graph.symbol(name));
        done.insert(step_within, dt);
        let evolving = || mechanism.states.iter().chain(&mechanism.shared);
        for solve in solves_of(mechanism) {
            let states: Vec<&State> = solve
                .states
                .iter()
                .filter_map(|name| evolving().find(|state| state.name == *name))
                .collect();
            let names: Vec<String> = states.iter().map(|s| symbol_of(mechanism, s)).collect();
            let symbols: Vec<Expr> = names.iter().map(|name| graph.symbol(name)).collect();
            let expressions: Vec<Expr> = states
                .iter()
                .map(|state| {
                    let (Dynamics::Derivative(step) | Dynamics::Update(step)) = state.dynamics;
                    here[&step]
                })
                .collect();
            let Stepped {
                after,
                seen,
                within,
            } = if solve.method == Method::Discrete {
                Stepped::seen_after(expressions)
            } else {
                let conserved = solve.conserved.iter().map(|law| Conserved {
                    state: symbol_in(mechanism, &law.state),
                    residual: here[&law.residual],
                });
                let system = System {
                    names,
                    symbols: symbols.clone(),
                    rates: expressions,
                    method: solve.method,
                    conserved: conserved.collect(),
                };
                system.step(graph, rules)
            };
            let after = graph.substitute(&after, &done);
            let seen = graph.substitute(&seen, &done);
            done.extend(within.map(|within| (step_within, within)));
            for ((state, symbol), (after, seen)) in
                states.iter().zip(symbols).zip(after.into_iter().zip(seen))
            {
                updates.insert(state.name.clone(), after);
                // all states are stepped at the voltage before the step
                if state.name != VOLTAGE {
                    done.insert(symbol, after);
                }
                let name = symbol_of(mechanism, state);
                let later = [(stepped(&name), seen), (self::after(&name), after)];
                for (name, value) in later {
                    let symbol = graph.symbol(&name);
                    done.insert(symbol, value);
                    earlier.insert(symbol, value);
                }
            }
        }
        earlier.insert(step_within, done[&step_within]);
        for state in evolving() {
            if let Some(corrected) = state.corrected {
                let after = graph.substitute(&[here[&corrected]], &earlier)[0];
                updates.insert(state.name.clone(), after);
            }
        }
        for state in mechanism.shared.iter().chain(&mechanism.memory) {
            let Dynamics::Update(value) = state.dynamics else {
                continue;
            };
            if !updates.contains_key(&state.name) {
                let after = graph.substitute(&[here[&value]], &earlier)[0];
                updates.insert(state.name.clone(), after);
            }
        }
        (updates, earlier)
    }

    /// Takes a mechanism's states up, and what it made of shared numbers.
    pub(super) fn states(
        &mut self,
        index: usize,
        mechanism: &Mechanism,
        here: &HashMap<Expr, Expr>,
        updates: &HashMap<String, Expr>,
    ) {
        if let Some(&moved) = updates.get(VOLTAGE) {
            self.membrane.voltage = Some(moved);
        }
        for shared in &mechanism.shared {
            let updated = updates.get(&shared.name).copied();
            if let (Some(state), Some(updated)) = (self.state_named(&shared.name), updated) {
                self.membrane.states[state].updated = updated;
            }
        }
        let own = mechanism.states.iter().enumerate();
        let own = own.map(|(state, own)| {
            let owner = Owner::Mechanism {
                mechanism: index,
                state,
            };
            (own, owner)
        });
        let memory = mechanism.memory.iter().map(|own| (own, Owner::Memory));
        for (state, owner) in own.chain(memory) {
            let name = symbol_of(mechanism, state);
            let symbol = self.membrane.graph.symbol(&name);
            let initial = self.at_start(here[&state.initial]);
            let updated = updates.get(&state.name).copied().unwrap_or(symbol);
            let state = MembraneState::new(name, owner, initial, updated);
            self.membrane.states.push(state);
        }
    }
}

/// The blocks of a mechanism in order, and states that are in none by themselves.
pub(in super::super) fn solves_of(mechanism: &Mechanism) -> Vec<Solve> {
    let mut solves = mechanism.solves.clone();
    let shared = mechanism.shared.iter();
    // a shared number that is only assigned is what it was assigned, see `updates`
    let evolving = shared.filter(|s| matches!(s.dynamics, Dynamics::Derivative(_)));
    for state in mechanism.states.iter().chain(evolving) {
        let mut listed = solves.iter().flat_map(|solve| &solve.states);
        if listed.any(|name| *name == state.name) {
            continue;
        }
        let method = match state.dynamics {
            Dynamics::Derivative(_) => Method::Exact,
            Dynamics::Update(_) => Method::Discrete,
        };
        solves.push(Solve {
            states: vec![state.name.clone()],
            method,
            wording: String::new(),
            conserved: Vec::new(),
        });
    }
    solves
}
