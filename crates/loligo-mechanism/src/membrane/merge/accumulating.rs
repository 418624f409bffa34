//! Currents that mechanisms read while states are stepped, as those that accumulate: they are those of
//! the last membrane phase, kept as states.

use super::super::ions::{Ions, start_of};
use super::super::{MembraneState, Owner, sum};
use super::{Merging, middle_of_step};
use crate::graph::{Binary, Expr, Graph};

impl Merging {
    /// Lets the currents that are read be those in the middle of the last step.
    pub(super) fn read_in_the_middle(&mut self, ions: &Ions) {
        for symbol in &ions.currents_read {
            // with I(V₀) + s·(V₁ − V₀)/2 the current in the middle of the step from V₀ to V₁, what is
            // kept under the current's own symbol is I(V₀) − s·V₀/2, and s/2 beside it
            let graph = &mut self.membrane.graph;
            let name = half_slope_of(symbol);
            let [current, slope, v] = [symbol, name.as_str(), "v"].map(|name| graph.symbol(name));
            let gained = graph.mul(slope, v);
            let middle = graph.add(current, gained);
            self.read.insert(current, middle);
            let none = graph.constant(0.0);
            let state = MembraneState::new(name, Owner::Ion, none, slope);
            self.membrane.states.push(state);
        }
    }

    /// Currents that mechanisms read while states are stepped are those of the last membrane phase.
    pub(super) fn keep_currents(&mut self, ions: &Ions) {
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
            left.chain(state.outflow.into_iter().flatten())
                .chain([state.updated])
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
