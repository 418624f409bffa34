//! What events do to the mechanisms of a membrane.

use std::collections::HashMap;

use super::Membrane;
use super::merge::{renamed, symbol_in};
use crate::event::{Broadcast, Fire, Send, Watch};
use crate::graph::Expr;
use crate::mechanism::Mechanism;

/// The symbol of what tells events apart: 0 for one from outside, else what the mechanism called the
/// event that it sent to itself.
pub const FLAG: &str = "flag of the event";

/// The symbol of the time of an event, ms.
pub const EVENT_TIME: &str = "time of the event";

/// The symbol of a number that belongs to the connection through which an event came.
pub fn argument_of(mechanism: &str, argument: &str) -> String {
    format!("{argument} of a connection to {mechanism}")
}

/// The symbol of the same number of each connection to the mechanism, while it is changed for all of them.
pub fn each_argument_of(mechanism: &str, argument: &str) -> String {
    format!("{argument} of each connection to {mechanism}")
}

/// How a mechanism of a [`Membrane`] takes events.
///
/// Symbols: those of the membrane (states are as they are between their update and the membrane
/// phase, `v` is the voltage before the step), [`FLAG`], [`EVENT_TIME`], and what [`argument_of`] and
/// [`each_argument_of`] name.
#[derive(Clone, Debug)]
pub struct MembraneReceiver {
    /// Position of the mechanism in the list that was merged.
    pub mechanism: usize,
    /// What each connection brings, its weight first.
    pub arguments: Vec<MembraneArgument>,
    /// What states are after an event: positions among [`Membrane::states`], and values.
    pub updates: Vec<(usize, Expr)>,
    /// Events that it sends to itself when it takes one.
    pub sends: Vec<Send>,
    /// Events that it sends to others when it takes one.
    pub fires: Vec<Fire>,
    /// What it does to the arguments of all connections to it when it takes an event.
    pub broadcasts: Vec<Broadcast>,
    /// Conditions that it begins to watch when it takes an event, in place of those that it watched before.
    pub watches: Vec<Watch>,
    /// Events that it sends to itself at t = 0.
    pub initial_sends: Vec<Send>,
    /// Whether events act from their own time on, and what they do may mention [`LEFT`](super::LEFT).
    pub is_timed: bool,
}

/// A number that belongs to a connection.
#[derive(Clone, Debug)]
pub struct MembraneArgument {
    /// The name of its symbol.
    pub symbol: String,
    /// That of the same number of each connection, see [`each_argument_of`].
    pub each: String,
    /// What it is at t = 0, as a function of what the connection was made with.
    pub initial: Expr,
    /// What an event through the connection makes of it.
    pub updated: Expr,
}

impl Membrane {
    /// Takes up how a mechanism takes events.
    pub(super) fn receive(&mut self, index: usize, mechanism: &Mechanism) {
        let Some(receiver) = &mechanism.receiver else {
            return;
        };
        let rename = |name: &str| {
            let mut arguments = receiver.arguments.iter();
            let mut each = receiver.arguments.iter().enumerate();
            let each = each.find(|(index, _)| name == Broadcast::symbol(*index));
            match name {
                "flag" => FLAG.to_owned(),
                "t" => EVENT_TIME.to_owned(),
                _ if arguments.any(|argument| argument.name == name) => {
                    argument_of(&mechanism.name, name)
                }
                _ => match each {
                    Some((_, argument)) => each_argument_of(&mechanism.name, &argument.name),
                    None => renamed(mechanism, name),
                },
            }
        };
        let expressions: Vec<Expr> = receiver.expressions().collect();
        let imported = self.graph.import(&mechanism.graph, &expressions, &rename);
        let imported = self.graph.substitute(&imported, &self.reversal_potentials);
        let here: HashMap<Expr, Expr> = expressions.into_iter().zip(imported).collect();
        let send = |send: &Send| Send {
            condition: here[&send.condition],
            delay: here[&send.delay],
            flag: here[&send.flag],
            moves: send.moves,
        };
        let arguments = receiver.arguments.iter().map(|argument| MembraneArgument {
            symbol: argument_of(&mechanism.name, &argument.name),
            each: each_argument_of(&mechanism.name, &argument.name),
            initial: here[&argument.initial],
            updated: here[&argument.updated],
        });
        let updates = receiver.updates.iter().filter_map(|(name, value)| {
            let name = symbol_in(mechanism, name);
            let state = self.states.iter().position(|state| state.name == name);
            Some((state?, here[value]))
        });
        let watches = receiver.watches.iter().map(|watch| Watch {
            condition: here[&watch.condition],
            rises: here[&watch.rises],
            flag: here[&watch.flag],
        });
        let fires = receiver.fires.iter().map(|fire| Fire {
            condition: here[&fire.condition],
            time: here[&fire.time],
        });
        let broadcasts = receiver.broadcasts.iter().map(|broadcast| Broadcast {
            condition: here[&broadcast.condition],
            updated: broadcast.updated.iter().map(|e| here[e]).collect(),
        });
        let receiver = MembraneReceiver {
            mechanism: index,
            arguments: arguments.collect(),
            updates: updates.collect(),
            sends: receiver.sends.iter().map(send).collect(),
            fires: fires.collect(),
            broadcasts: broadcasts.collect(),
            watches: watches.collect(),
            initial_sends: receiver.initial_sends.iter().map(send).collect(),
            is_timed: false,
        };
        self.receivers.push(receiver);
    }
}
