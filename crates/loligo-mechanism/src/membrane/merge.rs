//! Merging mechanisms into a membrane: whose turn comes when, and what each sees of the others.

use std::collections::HashMap;

use super::ions::{Ions, Reversals, start_of};
use super::stepping::{Stepped, System};
use super::{
    Membrane, MembraneCurrent, MembraneDiffusion, MembraneDraw, MembraneError, MembraneObservable,
    MembraneState, Order, Owner, Rules, Slope, sum,
};
use crate::graph::{Binary, Expr, Graph};
use crate::mechanism::{
    Conserved, Direction, Dynamics, FIXED_VOLTAGE, Manner, Mechanism, Method, Placement, Solve,
    State, VOLTAGE, after, before, stepped,
};
use crate::passes::{differentiate, linear};

/// The step of [`Slope::Secant`], mV, or mM for a concentration.
const SECANT_STEP: f64 = 1e-3;

/// mA/cm² per nA/µm².
const POINT_DENSITY: f64 = 100.0;

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
    let at_start = ions.reversal_potentials_at_start(&mut merging.membrane.graph);
    merging.hold(&at_start);
    for (index, mechanism) in mechanisms.iter().enumerate() {
        merging.mechanism(index, mechanism)?;
        merging.hold(&at_start);
    }
    merging.pump();
    merging.keep_currents(&ions);
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
            self.membrane.states.push(MembraneState {
                name: symbol.clone(),
                owner: Owner::Ion,
                initial,
                updated: graph.symbol(symbol),
                kept: None,
                pumped: None,
                diffusion: None,
            });
        }
        if self.rules.order == Order::First {
            return;
        }
        for symbol in &ions.currents_read {
            // with I(V₀) + s·(V₁ − V₀)/2 the current in the middle of the step from V₀ to V₁, what is
            // kept under the current's own symbol is I(V₀) − s·V₀/2, and s/2 beside it
            let graph = &mut self.membrane.graph;
            let name = half_slope_of(symbol);
            let [current, slope, v] = [symbol, name.as_str(), "v"].map(|name| graph.symbol(name));
            let gained = graph.mul(slope, v);
            let middle = graph.add(current, gained);
            self.read.insert(current, middle);
            self.membrane.states.push(MembraneState {
                name,
                owner: Owner::Ion,
                initial: graph.constant(0.0),
                updated: slope,
                kept: None,
                pumped: None,
                diffusion: None,
            });
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
            self.membrane.states.push(MembraneState {
                name: symbol.clone(),
                owner: Owner::Ion,
                initial,
                updated,
                kept: None,
                pumped: None,
                diffusion: None,
            });
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
        let states = mechanism.states.iter().chain(&mechanism.memory);
        let own: Vec<&str> = mechanism
            .parameters
            .iter()
            .map(|p| p.name.as_str())
            .chain(states.map(|s| s.name.as_str()))
            .chain(mechanism.draws.iter().map(String::as_str))
            .collect();
        let rename = |name: &str| {
            let others = |own: &str| [stepped(own), before(own), after(own)];
            let is_own = |own: &&str| name == *own || others(own).iter().any(|o| o == name);
            if own.iter().any(is_own) {
                format!("{}.{name}", mechanism.name)
            } else {
                name.to_owned()
            }
        };
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
    fn updates(
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
            let Stepped { after, seen } = if solve.method == Method::Discrete {
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
    fn states(
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
            self.membrane.states.push(MembraneState {
                name,
                owner,
                initial,
                updated,
                kept: None,
                pumped: None,
                diffusion: None,
            });
        }
    }

    /// Which states diffuse.
    fn diffusions(
        &mut self,
        mechanism: &Mechanism,
        here: &HashMap<Expr, Expr>,
    ) -> Result<(), MembraneError> {
        for diffusion in &mechanism.diffusions {
            let name = symbol_in(mechanism, &diffusion.number);
            let Some(position) = self.state_named(&name) else {
                continue;
            };
            let state = &mut self.membrane.states[position];
            if state.diffusion.is_some() {
                return Err(MembraneError::Diffusions { number: name });
            }
            state.diffusion = Some(MembraneDiffusion {
                volume: here[&diffusion.volume],
                conductivity: here[&diffusion.conductivity],
            });
        }
        Ok(())
    }

    /// Currents, what can be recorded, and what the membrane phase leaves of states.
    fn membrane_phase(
        &mut self,
        index: usize,
        mechanism: &Mechanism,
        here: &HashMap<Expr, Expr>,
        earlier: &HashMap<Expr, Expr>,
    ) {
        let so_far = self.so_far(mechanism);
        let now = |merging: &mut Self, expr: Expr| {
            merging.membrane.graph.substitute(&[here[&expr]], &so_far)[0]
        };
        for (position, current) in mechanism.currents.iter().enumerate() {
            let value = now(self, current.density);
            let density = self.density(value, mechanism.placement, current.direction);
            let (slope, drive) = self.line(density, VOLTAGE);
            let [value, density, slope, drive] =
                [value, density, slope, drive].map(|expr| self.at_voltage(expr));
            self.membrane.currents.push(MembraneCurrent {
                mechanism: index,
                current: position,
                ion: current.ion.clone(),
                value,
                direction: current.direction,
                density,
                slope,
                drive,
            });
        }
        for (position, observable) in mechanism.observables.iter().enumerate() {
            let value = now(self, observable.value);
            let stepped = observable.stepped.map(|(initial, after)| {
                let initial = self.at_start(here[&initial]);
                let graph = &mut self.membrane.graph;
                (initial, graph.substitute(&[here[&after]], earlier)[0])
            });
            let value = self.at_voltage(value);
            self.membrane.observables.push(MembraneObservable {
                mechanism: index,
                observable: position,
                value,
                stepped,
            });
        }
        for flux in &mechanism.fluxes {
            let rate = now(self, flux.rate);
            let outflow = self.membrane.graph.neg(rate);
            let (slope, drive) = self.line(outflow, &flux.number);
            self.fluxes.push((flux.number.clone(), slope, drive));
        }
        let states = mechanism.states.iter();
        for state in states.chain(&mechanism.shared).chain(&mechanism.memory) {
            let Some(kept) = state.kept else {
                continue;
            };
            let kept = now(self, kept);
            let name = symbol_of(mechanism, state);
            let symbol = self.membrane.graph.symbol(&name);
            if let Some(position) = self.state_named(&name) {
                self.membrane.states[position].kept = Some(kept);
            }
            self.kept.insert(symbol, kept);
        }
    }

    /// A current as a density, outward positive.
    fn density(&mut self, value: Expr, placement: Placement, direction: Direction) -> Expr {
        let graph = &mut self.membrane.graph;
        let outward = match direction {
            Direction::Outward => value,
            Direction::Inward => graph.neg(value),
        };
        if placement == Placement::Density {
            return outward;
        }
        let [area, scale] = [graph.symbol("area"), graph.constant(POINT_DENSITY)];
        let share = graph.div(scale, area);
        graph.mul(share, outward)
    }

    /// What a mechanism finds in the membrane phase: shared numbers as those before it left them,
    /// and of ions' currents what those before it added.
    fn so_far(&mut self, mechanism: &Mechanism) -> HashMap<Expr, Expr> {
        let mut found = self.kept.clone();
        let (t, middle) = middle_of_step(&mut self.membrane.graph, 0.5);
        found.insert(t, middle);
        if mechanism.manner == Manner::Jaxley {
            return found;
        }
        for used in &mechanism.ions {
            let current = format!("i{}", used.ion);
            if used.reads.contains(&current) {
                let total = self.membrane.total_current(Some(&used.ion));
                found.insert(self.membrane.graph.symbol(&current), total);
            }
        }
        found
    }

    /// Lets the fluxes of each number change it, all together.
    fn pump(&mut self) {
        for index in 0..self.membrane.states.len() {
            let name = &self.membrane.states[index].name;
            let fluxes = self.fluxes.iter().filter(|(number, ..)| number == name);
            let (slopes, drives): (Vec<Expr>, Vec<Expr>) =
                fluxes.map(|(_, slope, drive)| (*slope, *drive)).unzip();
            if slopes.is_empty() {
                continue;
            }
            let graph = &mut self.membrane.graph;
            let [number, dt] = [name.as_str(), "dt"].map(|name| graph.symbol(name));
            let before = self.membrane.states[index].kept.unwrap_or(number);
            let [slope, drive] = [slopes, drives].map(|terms| sum(graph, &terms));
            let gained = graph.mul(dt, drive);
            let gained = graph.add(before, gained);
            let lost = graph.mul(dt, slope);
            let one = graph.constant(1.0);
            let lost = graph.add(one, lost);
            self.membrane.states[index].pumped = Some(graph.div(gained, lost));
        }
    }

    /// Currents that mechanisms read while states are stepped are those of the last membrane phase.
    fn keep_currents(&mut self, ions: &Ions) {
        for symbol in &ions.currents_read {
            let Some(position) = self.state_named(symbol) else {
                continue;
            };
            let is_read = self.is_read(position, symbol);
            let slope = self.state_named(&half_slope_of(symbol));
            if !is_read {
                let unread = [Some(position), slope];
                let mut index = 0;
                self.membrane.states.retain(|_| {
                    index += 1;
                    !unread.contains(&Some(index - 1))
                });
                continue;
            }
            let mut current = self.membrane.total_current(Some(&symbol[1..]));
            if let Some(slope) = slope {
                let half = self.half_slope(&symbol[1..]);
                let graph = &mut self.membrane.graph;
                let v = graph.symbol("v");
                let at_start = graph.mul(half, v);
                current = graph.sub(current, at_start);
                self.keep(slope, half);
            }
            self.keep(position, current);
        }
    }

    /// Whether a step reads what the state at `position` was before it.
    fn is_read(&self, position: usize, symbol: &str) -> bool {
        let membrane = &self.membrane;
        let states = membrane.states.iter().enumerate();
        let others = states.filter(|(index, _)| *index != position);
        let others = others.flat_map(|(_, state)| {
            let left = state.kept.into_iter().chain(state.pumped);
            left.chain([state.updated])
        });
        let currents = membrane.currents.iter().map(|current| current.density);
        let observables = membrane.observables.iter().map(|o| o.value);
        let mut all = others
            .chain(currents)
            .chain(observables)
            .chain(membrane.voltage);
        all.any(|expr| membrane.graph.mentions(expr, symbol))
    }

    /// Half of ∂I/∂V of an ion.
    fn half_slope(&mut self, ion: &str) -> Expr {
        let carried = self.membrane.currents.iter();
        let slopes = carried.filter(|c| c.ion.as_deref() == Some(ion));
        let slopes: Vec<Expr> = slopes.map(|c| c.slope).collect();
        let graph = &mut self.membrane.graph;
        let total = sum(graph, &slopes);
        let half = graph.constant(0.5);
        graph.mul(half, total)
    }

    /// Lets the membrane phase leave a value as a state, which starts as what it is at t = 0.
    fn keep(&mut self, position: usize, value: Expr) {
        let graph = &mut self.membrane.graph;
        let (t, beginning) = middle_of_step(graph, -0.5);
        let states = self.membrane.states.iter();
        let starts: Vec<(Expr, Expr)> = states
            .map(|state| (graph.symbol(&state.name), start(graph, state)))
            .collect();
        let starts = starts.into_iter().chain([(t, beginning)]).collect();
        let initial = graph.substitute(&[value], &starts)[0];
        let state = &mut self.membrane.states[position];
        (state.initial, state.kept) = (initial, Some(value));
    }

    /// An expression once slopes are taken: the voltage that they held fixed is the voltage.
    fn at_voltage(&mut self, expr: Expr) -> Expr {
        let graph = &mut self.membrane.graph;
        let [held, v] = [graph.symbol(FIXED_VOLTAGE), graph.symbol("v")];
        graph.substitute(&[expr], &HashMap::from([(held, v)]))[0]
    }

    /// Slope and drive of a current as a function of `name`.
    fn line(&mut self, density: Expr, name: &str) -> (Expr, Expr) {
        let graph = &mut self.membrane.graph;
        if let Some(line) = linear::linear_in(graph, density, name) {
            // the secant of a line is its slope
            let drive = graph.neg(line.offset);
            return (line.slope, drive);
        }
        let v = graph.symbol(name);
        let slope = match self.rules.slope {
            Slope::Exact => differentiate::derivative(graph, density, name),
            Slope::Secant => {
                let step = graph.constant(SECANT_STEP);
                let shifted = graph.add(v, step);
                let moved = graph.substitute(&[density], &HashMap::from([(v, shifted)]))[0];
                let change = graph.sub(moved, density);
                graph.div(change, step)
            }
        };
        let product = graph.mul(slope, v);
        (slope, graph.sub(product, density))
    }
}

/// The time, and the time so much of a step later.
fn middle_of_step(graph: &mut Graph, share: f64) -> (Expr, Expr) {
    let [t, dt, share] = [graph.symbol("t"), graph.symbol("dt"), graph.constant(share)];
    let later = graph.mul(share, dt);
    (t, graph.add(t, later))
}

/// What a state is at t = 0: what was given, if anything was, for one of a mechanism.
fn start(graph: &mut Graph, state: &MembraneState) -> Expr {
    if !matches!(state.owner, Owner::Mechanism { .. }) {
        return state.initial;
    }
    let given = graph.symbol(&start_of(&state.name));
    // what was not given is not a number, and equals nothing
    let is_given = graph.binary(Binary::Equal, given, given);
    graph.select(is_given, given, state.initial)
}

/// The symbol of half the slope of an ion's current.
fn half_slope_of(current: &str) -> String {
    format!("half slope of {current}")
}

/// The name of a state's symbol in a membrane.
fn symbol_of(mechanism: &Mechanism, state: &State) -> String {
    symbol_in(mechanism, &state.name)
}

fn symbol_in(mechanism: &Mechanism, name: &str) -> String {
    if mechanism.shared.iter().any(|shared| shared.name == name) {
        name.to_owned()
    } else {
        format!("{}.{name}", mechanism.name)
    }
}

/// The blocks of a mechanism in order, and states that are in none by themselves.
pub(super) fn solves_of(mechanism: &Mechanism) -> Vec<Solve> {
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
