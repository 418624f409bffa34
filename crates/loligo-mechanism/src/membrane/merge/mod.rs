//! Merging mechanisms into a membrane: whose turn comes when, and what each sees of the others.

mod accumulating;
mod currents;
mod updates;

pub(super) use updates::solves_of;

use std::collections::HashMap;

use super::ions::{Ions, Reversals, start_of};
use super::{Membrane, MembraneDraw, MembraneError, MembraneState, Order, Owner, Rules};
use crate::graph::{Expr, Graph};
use crate::mechanism::{Diffusion, Mechanism, State, after, before, stepped};

pub(super) fn merge(
    mechanisms: &[&Mechanism],
    rules: Rules,
    reversals: &Reversals,
) -> Result<Membrane, MembraneError> {
    let ions = Ions::of(mechanisms, reversals)?;
    let mut merging = Merging {
        membrane: Membrane {
            graph: Graph::new(),
            states: Vec::new(),
            currents: Vec::new(),
            observables: Vec::new(),
            draws: Vec::new(),
            voltage: None,
            receivers: Vec::new(),
            reversal_potentials: HashMap::new(),
        },
        rules,
        read: HashMap::new(),
        kept: HashMap::new(),
        fluxes: Vec::new(),
    };
    let graph = &mut merging.membrane.graph;
    merging.membrane.reversal_potentials = ions.reversal_potentials(graph);
    merging.share(&ions);
    if rules.order == Order::Second {
        merging.read_in_the_middle(&ions);
    }
    let at_start = ions.reversal_potentials_at_start(&mut merging.membrane.graph);
    merging.hold(&at_start);
    for (index, mechanism) in mechanisms.iter().enumerate() {
        merging.mechanism(index, mechanism)?;
        merging.hold(&at_start);
    }
    merging.pump();
    merging.keep_currents(&ions);
    for (index, mechanism) in mechanisms.iter().enumerate() {
        merging.membrane.receive(index, mechanism);
    }
    Ok(merging.membrane)
}

struct Merging {
    membrane: Membrane,
    rules: Rules,
    /// Currents of ions as they are read while states are stepped, by symbol.
    read: HashMap<Expr, Expr>,
    /// What mechanisms so far left of shared numbers in the membrane phase, by symbol.
    kept: HashMap<Expr, Expr>,
    /// Fluxes: the number that each changes, the slope of its outflow and its drive.
    fluxes: Vec<(String, Expr, Expr)>,
}

impl Merging {
    /// Numbers of ions that change, as states that so far do not.
    fn share(&mut self, ions: &Ions) {
        let graph = &mut self.membrane.graph;
        for symbol in ions.written.iter().chain(&ions.currents_read) {
            let initial = if ions.written.contains(symbol) {
                graph.symbol(&start_of(symbol))
            } else {
                graph.constant(0.0)
            };
            let updated = graph.symbol(symbol);
            let state = MembraneState::new(symbol.clone(), Owner::Ion, initial, updated);
            self.membrane.states.push(state);
        }
    }

    /// Lets reversal potentials be states that stay what they are at t = 0, after those mechanisms that
    /// had their turn.
    fn hold(&mut self, reversals: &[(String, Expr)]) {
        for (symbol, value) in reversals {
            let initial = self.at_start(*value);
            if let Some(state) = self.state_named(symbol) {
                self.membrane.states[state].initial = initial;
                continue;
            }
            let updated = self.membrane.graph.symbol(symbol);
            let state = MembraneState::new(symbol.clone(), Owner::Ion, initial, updated);
            self.membrane.states.push(state);
        }
    }

    fn mechanism(&mut self, index: usize, mechanism: &Mechanism) -> Result<(), MembraneError> {
        let here = self.import(mechanism);
        for (draw, symbol) in mechanism.draws.iter().enumerate() {
            self.membrane.draws.push(MembraneDraw {
                symbol: symbol_in(mechanism, symbol),
                mechanism: index,
                draw,
            });
        }
        self.start(mechanism, &here);
        let (updates, earlier) = self.updates(mechanism, &here);
        self.states(index, mechanism, &here, &updates);
        self.membrane_phase(index, mechanism, &here, &earlier);
        self.diffusions(mechanism, &here)
    }

    /// The expressions of a mechanism as ones of the membrane's graph.
    fn import(&mut self, mechanism: &Mechanism) -> HashMap<Expr, Expr> {
        let rename = |name: &str| renamed(mechanism, name);
        let graph = &mut self.membrane.graph;
        let expressions: Vec<Expr> = mechanism.expressions().collect();
        let imported = graph.import(&mechanism.graph, &expressions, &rename);
        let imported = graph.substitute(&imported, &self.membrane.reversal_potentials);
        expressions.into_iter().zip(imported).collect()
    }

    /// What shared numbers are at t = 0, after those mechanisms that had their turn.
    fn start(&mut self, mechanism: &Mechanism, here: &HashMap<Expr, Expr>) {
        for shared in &mechanism.shared {
            let initial = self.at_start(here[&shared.initial]);
            if let Some(state) = self.state_named(&shared.name) {
                self.membrane.states[state].initial = initial;
            }
        }
    }

    /// An expression at t = 0, where shared numbers are what mechanisms made of them so far.
    fn at_start(&mut self, expr: Expr) -> Expr {
        let graph = &mut self.membrane.graph;
        let ions = self.membrane.states.iter();
        let ions = ions.filter(|state| state.owner == Owner::Ion);
        let starts = ions.map(|s| (graph.symbol(&s.name), s.initial)).collect();
        graph.substitute(&[expr], &starts)[0]
    }

    fn state_named(&self, name: &str) -> Option<usize> {
        self.membrane.states.iter().position(|s| s.name == name)
    }

    /// Which states diffuse.
    fn diffusions(
        &mut self,
        mechanism: &Mechanism,
        here: &HashMap<Expr, Expr>,
    ) -> Result<(), MembraneError> {
        for (number, diffusion) in &mechanism.diffusions {
            let name = symbol_in(mechanism, number);
            let Some(position) = self.state_named(&name) else {
                continue;
            };
            let state = &mut self.membrane.states[position];
            if state.diffusion.is_some() {
                return Err(MembraneError::Diffusions { number: name });
            }
            state.diffusion = Some(Diffusion {
                course: diffusion.course,
                conductivity: here[&diffusion.conductivity],
                volume: diffusion.volume.map(|volume| here[&volume]),
            });
        }
        Ok(())
    }
}

/// The time, and the time so much of a step later.
fn middle_of_step(graph: &mut Graph, share: f64) -> (Expr, Expr) {
    let [t, dt, share] = [graph.symbol("t"), graph.symbol("dt"), graph.constant(share)];
    let later = graph.mul(share, dt);
    (t, graph.add(t, later))
}

/// The name of a state's symbol in a membrane.
fn symbol_of(mechanism: &Mechanism, state: &State) -> String {
    symbol_in(mechanism, &state.name)
}

pub(super) fn symbol_in(mechanism: &Mechanism, name: &str) -> String {
    if mechanism.shared.iter().any(|shared| shared.name == name) {
        name.to_owned()
    } else {
        format!("{}.{name}", mechanism.name)
    }
}

/// The name in a membrane of a symbol of a mechanism.
pub(super) fn renamed(mechanism: &Mechanism, name: &str) -> String {
    let states = mechanism.states.iter().chain(&mechanism.memory);
    let states = states.map(|state| state.name.as_str());
    let parameters = mechanism.parameters.iter().map(|p| p.name.as_str());
    let draws = mechanism.draws.iter().map(String::as_str);
    let mut own = parameters.chain(states).chain(draws);
    let others = |own: &str| [stepped(own), before(own), after(own)];
    let is_own = |own: &str| name == own || others(own).iter().any(|o| o == name);
    match own.any(is_own) {
        true => format!("{}.{name}", mechanism.name),
        false => name.to_owned(),
    }
}
