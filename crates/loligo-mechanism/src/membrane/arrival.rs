//! Events that act from their own time on, wherever in a step that is.
//!
//! States live in the middles of steps. Of an event that adds Δ to a state which decays by E in a step,
//! what acts in the step that it comes in, x steps before its end, is Δ·x·E^(x/2): the part of the step
//! that is left, at its middle. From the next step on the state is as if Δ had been added at its time,
//! Δ·E^(x + ½) in the middle of that step. What is missing until then is kept beside the state, and the
//! next update adds it. So a state does not jump where the time of an event crosses from one step into
//! the next, and voltages can be differentiated by that time.

use std::collections::HashMap;

use super::{Membrane, MembraneReceiver, MembraneState, Owner};
use crate::graph::{Binary, Expr, Graph, Unary};
use crate::mechanism::{PRESYNAPTIC, VOLTAGE};
use crate::passes::{linear, simplify};

/// The symbol of how much of the step is left when an event comes, in steps: above 1 if it came before
/// the step began.
pub const LEFT: &str = "what is left of the step";

/// What is added to a state by its next update.
fn late(state: &str) -> String {
    format!("{state} late")
}

/// Why the events of a mechanism cannot act from their own time on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OnTheGrid {
    /// Position of the mechanism in the list that was merged.
    pub mechanism: usize,
    /// What it does, to follow its name.
    pub reason: String,
}

impl Membrane {
    /// Lets events act from their own time on.
    ///
    /// # Errors
    /// [`OnTheGrid`] for a mechanism that sends itself events, or whose events do anything else than add
    /// to states that decay linearly what only the connection and numbers decide.
    pub fn take_events_between_steps(&mut self) -> Result<(), OnTheGrid> {
        let mut receivers = std::mem::take(&mut self.receivers);
        for receiver in &mut receivers {
            let placed = self.place(receiver);
            placed.map_err(|reason| OnTheGrid {
                mechanism: receiver.mechanism,
                reason,
            })?;
        }
        self.receivers = receivers;
        Ok(())
    }

    fn place(&mut self, receiver: &mut MembraneReceiver) -> Result<(), String> {
        let sends = receiver.sends.len() + receiver.initial_sends.len();
        if sends + receiver.watches.len() + receiver.fires.len() > 0 {
            return Err("sends events itself".into());
        }
        if !receiver.broadcasts.is_empty() {
            return Err("changes what other connections bring (FOR_NETCONS)".into());
        }
        // all events come from outside
        let [flag, zero] = [self.graph.symbol(super::FLAG), self.graph.constant(0.0)];
        let outside = HashMap::from([(flag, zero)]);
        for argument in &mut receiver.arguments {
            argument.updated = self.graph.substitute(&[argument.updated], &outside)[0];
        }
        let mut placed = Vec::new();
        for &(state, value) in &receiver.updates {
            let value = self.graph.substitute(&[value], &outside)[0];
            let name = self.states[state].name.clone();
            let symbol = self.graph.symbol(&name);
            if value == symbol {
                continue;
            }
            let added = self.added(value, &name)?;
            let decay = self.decay(state)?;
            let [now, then] = self.shares(decay);
            let graph = &mut self.graph;
            let acts = graph.mul(now, added);
            placed.push((state, graph.add(symbol, acts)));
            // what the update makes of that is not added once more
            let carried = graph.mul(now, decay);
            let missing = graph.sub(then, carried);
            let missing = graph.mul(missing, added);
            let name = late(&name);
            let waiting = graph.symbol(&name);
            let more = graph.add(waiting, missing);
            let updated = graph.add(self.states[state].updated, waiting);
            self.states[state].updated = updated;
            placed.push((self.states.len(), more));
            self.states
                .push(MembraneState::new(name, Owner::Memory, zero, zero));
        }
        receiver.updates = placed;
        receiver.is_timed = true;
        Ok(())
    }

    /// What an event adds to a state, if it is a sum and what is added depends on nothing that a run
    /// changes.
    fn added(&mut self, value: Expr, state: &str) -> Result<Expr, String> {
        let line = linear::linear_in(&mut self.graph, value, state);
        let line = line.and_then(|line| {
            let slope = simplify::simplify(&mut self.graph, &[line.slope])[0];
            (self.graph.literal(slope) == Some(1.0)).then_some(line.offset)
        });
        let added = line.ok_or_else(|| format!("does not add to `{state}`"))?;
        match self.varying(added) {
            None => Ok(added),
            Some(what) => Err(format!("adds to `{state}` what depends on `{what}`")),
        }
    }

    /// What is left of a difference of a state after a step.
    fn decay(&mut self, state: usize) -> Result<Expr, String> {
        let MembraneState {
            name,
            updated,
            kept,
            diffusion,
            ..
        } = self.states[state].clone();
        let line = linear::linear_in(&mut self.graph, updated, &name);
        let slope = line.map(|line| simplify::simplify(&mut self.graph, &[line.slope])[0]);
        let slope = slope.filter(|slope| self.varying(*slope).is_none());
        let decays = slope.filter(|_| kept.is_none() && diffusion.is_none());
        decays.ok_or_else(|| format!("changes `{name}`, which does not decay by itself"))
    }

    /// A symbol that a run changes, if an expression mentions any.
    fn varying(&self, expr: Expr) -> Option<String> {
        let states = self.states.iter().map(|state| state.name.as_str());
        let draws = self.draws.iter().map(|draw| draw.symbol.as_str());
        let mut names = states.chain(draws).chain([VOLTAGE, PRESYNAPTIC, "t"]);
        let found = names.find(|name| self.graph.mentions(expr, name));
        found.map(str::to_owned)
    }

    /// How much of what is added acts in the step that an event comes in, and in the next one.
    fn shares(&mut self, decay: Expr) -> [Expr; 2] {
        let graph = &mut self.graph;
        let left = graph.symbol(LEFT);
        let [half, one] = [0.5, 1.0].map(|value| graph.constant(value));
        let rate = graph.unary(Unary::Log, decay);
        let after = |graph: &mut Graph, steps: Expr| {
            let exponent = graph.mul(rate, steps);
            graph.exp(exponent)
        };
        // within the step, the part that is left, at its middle
        let middle = graph.mul(left, half);
        let within = after(graph, middle);
        let within = graph.mul(left, within);
        // before it began, all of it
        let passed = graph.sub(left, half);
        let whole = after(graph, passed);
        let is_within = graph.binary(Binary::Less, left, one);
        let now = graph.select(is_within, within, whole);
        let passed = graph.add(left, half);
        [now, after(graph, passed)]
    }
}
