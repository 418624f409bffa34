//! What events do to a mechanism (NMODL: NET_RECEIVE), and what events it makes.
//!
//! Expressions of a [`Receiver`] may mention, beside the symbols of its mechanism, the arguments of
//! the connection that an event came through, each under its own name, and `flag`: 0 for an event
//! from outside, else what the mechanism called the event that it sent to itself. `t` is the time
//! of the event.

use crate::graph::Expr;

/// How a mechanism takes events.
#[derive(Clone, Default, Debug)]
pub struct Receiver {
    /// What each connection brings, its weight first.
    pub arguments: Vec<Argument>,
    /// What states, shared numbers and memories are after an event, by name.
    pub updates: Vec<(String, Expr)>,
    /// Events that it sends to itself when it takes one.
    pub sends: Vec<Send>,
    /// Events that it sends to others when it takes one.
    pub fires: Vec<Fire>,
    /// What it does to the arguments of all connections when it takes an event.
    pub broadcasts: Vec<Broadcast>,
    /// Conditions that it begins to watch when it takes an event. Those that it watched before are
    /// then forgotten.
    pub watches: Vec<Watch>,
    /// Events that it sends to itself at t = 0.
    pub initial_sends: Vec<Send>,
}

/// A number that belongs to a connection.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// What it is at t = 0, as a function of what the connection was made with.
    pub initial: Expr,
    /// What an event through the connection makes of it.
    pub updated: Expr,
}

/// An event that a mechanism sends to itself (NMODL: net_send).
#[derive(Clone, Debug)]
pub struct Send {
    /// It is sent where this is not 0.
    pub condition: Expr,
    /// How long it takes, ms.
    pub delay: Expr,
    /// What `flag` is when it arrives.
    pub flag: Expr,
    /// Whether it takes the place of the last one that is still under way (NMODL: net_move).
    pub moves: bool,
}

/// An event that a mechanism sends to whatever listens (NMODL: net_event).
#[derive(Clone, Debug)]
pub struct Fire {
    /// It is sent where this is not 0.
    pub condition: Expr,
    /// When, ms.
    pub time: Expr,
}

/// A change of the arguments of every connection to a mechanism (NMODL: FOR_NETCONS). In it the
/// arguments of each connection stand under the names that [`Broadcast::symbol`] gives.
#[derive(Clone, Debug)]
pub struct Broadcast {
    /// It happens where this is not 0.
    pub condition: Expr,
    /// What each argument becomes, in order.
    pub updated: Vec<Expr>,
}

impl Broadcast {
    /// The symbol of an argument of each connection.
    pub fn symbol(argument: usize) -> String {
        format!("argument {argument} of each connection")
    }

    fn expressions(&self) -> impl Iterator<Item = Expr> + '_ {
        [self.condition]
            .into_iter()
            .chain(self.updated.iter().copied())
    }

    fn expressions_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        [&mut self.condition].into_iter().chain(&mut self.updated)
    }
}

/// An event that a mechanism sends to itself when something becomes true (NMODL: WATCH).
#[derive(Clone, Debug)]
pub struct Watch {
    /// It begins to be watched where this is not 0.
    pub condition: Expr,
    /// What rises through 0 when the event is sent.
    pub rises: Expr,
    /// What `flag` is when it arrives.
    pub flag: Expr,
}

impl Receiver {
    /// Every expression that it names.
    pub fn expressions(&self) -> impl Iterator<Item = Expr> + '_ {
        let sends = self.sends.iter().chain(&self.initial_sends);
        self.arguments
            .iter()
            .flat_map(|argument| [argument.initial, argument.updated])
            .chain(self.updates.iter().map(|(_, value)| *value))
            .chain(sends.flat_map(|send| [send.condition, send.delay, send.flag]))
            .chain(
                self.fires
                    .iter()
                    .flat_map(|fire| [fire.condition, fire.time]),
            )
            .chain(self.broadcasts.iter().flat_map(Broadcast::expressions))
            .chain(
                self.watches
                    .iter()
                    .flat_map(|watch| [watch.condition, watch.rises, watch.flag]),
            )
    }

    pub(crate) fn expressions_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        let sends = self.sends.iter_mut().chain(&mut self.initial_sends);
        self.arguments
            .iter_mut()
            .flat_map(|argument| [&mut argument.initial, &mut argument.updated])
            .chain(self.updates.iter_mut().map(|(_, value)| value))
            .chain(sends.flat_map(|send| [&mut send.condition, &mut send.delay, &mut send.flag]))
            .chain(
                self.fires
                    .iter_mut()
                    .flat_map(|fire| [&mut fire.condition, &mut fire.time]),
            )
            .chain(
                self.broadcasts
                    .iter_mut()
                    .flat_map(Broadcast::expressions_mut),
            )
            .chain(
                self.watches
                    .iter_mut()
                    .flat_map(|watch| [&mut watch.condition, &mut watch.rises, &mut watch.flag]),
            )
    }
}
