//! The tapes of what events do to a group: how a mechanism takes one, and what connections and events
//! there are at t = 0.
//!
//! Taking an event is a function of the voltage, the states, what the connection brings, and what does
//! not change during a run; its results are the states that change, what becomes of the connection's
//! numbers, and the events that follow. What becomes of the numbers of all connections (NMODL: FOR_NETCONS) is
//! another function, of one of them at a time.

use loligo_mechanism::event;
use loligo_mechanism::graph::Expr;
use loligo_mechanism::membrane::{EVENT_TIME, FLAG, LEFT, Membrane, MembraneReceiver};
use loligo_mechanism::passes::differentiate;
use loligo_mechanism::tape::{Output, OutputKind, Tape, compile};

use super::{GroupCode, cotangent_of};

/// Name of a result that says whether, when and as what an event is sent.
pub fn sent(index: usize, what: Sent) -> String {
    format!("event {index}: {what:?}")
}

/// What is known of an event that is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sent {
    /// It is sent where this is not 0.
    Condition,
    /// How long it takes, ms.
    Delay,
    /// What its flag is.
    Flag,
}

impl Sent {
    /// All that is known.
    pub const ALL: [Self; 3] = [Sent::Condition, Sent::Delay, Sent::Flag];
}

/// How a mechanism of the group takes events.
#[derive(Clone, Debug)]
pub struct Handler {
    /// Position of the mechanism among those of the group; in a program, in the model.
    pub mechanism: usize,
    /// Symbols of what a connection brings.
    pub arguments: Vec<String>,
    /// Symbols of the same of each connection, where they are changed for all.
    pub each: Vec<String>,
    /// Whether events change it.
    pub changes: Vec<bool>,
    /// Positions of the states that an event changes.
    pub writes: Vec<usize>,
    /// Of the events that it may send to itself when it takes one, which take the place of the last one.
    pub sends: Vec<bool>,
    /// How many conditions it may begin to watch; what is known of each follows that of events that are
    /// sent, with how far it is above 0 in place of the delay.
    pub watches: usize,
    /// How many spikes it may announce when it takes an event; what is known of each follows, with the time in
    /// place of the delay.
    pub fires: usize,
    /// In how many ways it may change the numbers of all connections; whether it does follows.
    pub broadcasts: usize,
    /// How many events it may send to itself at t = 0.
    pub initial_sends: usize,
    /// Whether events act from their own time on, so that what they do has a derivative by it.
    pub is_timed: bool,
    /// Results of taking an event, by name: states, arguments, and events.
    taken: Vec<(String, Expr)>,
    /// What arguments are at t = 0, by name.
    made: Vec<(String, Expr)>,
    /// Events at t = 0.
    first: Vec<(String, Expr)>,
    /// How far each condition is above 0.
    watched: Vec<(String, Expr)>,
    /// What becomes of the numbers of each connection, by name.
    told: Vec<Vec<(String, Expr)>>,
}

/// Which function of a [`Handler`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Handling {
    /// An event is taken.
    Take,
    /// A connection is made: what it was made with → its arguments at t = 0.
    Make,
    /// Events that are sent at t = 0.
    Begin,
    /// How far conditions that are watched are above 0.
    Watch,
    /// What one of the broadcasts makes of the numbers of a connection.
    Tell(usize),
}

impl Handler {
    pub(super) fn new(membrane: &mut Membrane, receiver: &MembraneReceiver) -> Self {
        let graph = &mut membrane.graph;
        let mut changes = Vec::new();
        let mut taken: Vec<(String, Expr)> = Vec::new();
        let mut writes = Vec::new();
        for (state, value) in &receiver.updates {
            let name = &membrane.states[*state].name;
            if graph.symbol(name) != *value {
                writes.push(*state);
                taken.push((name.clone(), *value));
            }
        }
        for argument in &receiver.arguments {
            let changed = graph.symbol(&argument.symbol) != argument.updated;
            changes.push(changed);
            if changed {
                taken.push((argument.symbol.clone(), argument.updated));
            }
        }
        for (index, send) in receiver.sends.iter().enumerate() {
            taken.extend(sending(index, send));
        }
        let mut known = receiver.sends.len();
        let mut also = |condition, delay, flag| {
            let send = event::Send {
                condition,
                delay,
                flag,
                moves: false,
            };
            taken.extend(sending(known, &send));
            known += 1;
        };
        for watch in &receiver.watches {
            also(watch.condition, watch.rises, watch.flag);
        }
        let nothing = graph.constant(0.0);
        for fire in &receiver.fires {
            also(fire.condition, fire.time, nothing);
        }
        for broadcast in &receiver.broadcasts {
            also(broadcast.condition, nothing, nothing);
        }
        let told = receiver.broadcasts.iter().map(|broadcast| {
            let arguments = receiver.arguments.iter().zip(&broadcast.updated);
            let told = arguments.map(|(argument, updated)| (argument.each.clone(), *updated));
            told.collect()
        });
        let watched = receiver.watches.iter().enumerate();
        let watched = watched.map(|(i, watch)| (sent(i, Sent::Delay), watch.rises));
        let initial = receiver.initial_sends.iter().enumerate();
        let arguments = receiver.arguments.iter();
        Handler {
            mechanism: receiver.mechanism,
            arguments: arguments.clone().map(|a| a.symbol.clone()).collect(),
            each: arguments.clone().map(|a| a.each.clone()).collect(),
            told: told.collect(),
            changes,
            writes,
            sends: receiver.sends.iter().map(|send| send.moves).collect(),
            watches: receiver.watches.len(),
            fires: receiver.fires.len(),
            broadcasts: receiver.broadcasts.len(),
            initial_sends: receiver.initial_sends.len(),
            is_timed: receiver.is_timed,
            watched: watched.collect(),
            taken,
            made: arguments.map(|a| (a.symbol.clone(), a.initial)).collect(),
            first: initial.flat_map(|(i, send)| sending(i, send)).collect(),
        }
    }

    /// Symbols that are others for each event.
    pub(super) fn varies(&self, name: &str) -> bool {
        let mut own = self.arguments.iter().chain(&self.each);
        [FLAG, EVENT_TIME, LEFT].contains(&name) || own.any(|own| own == name)
    }

    /// All expressions.
    pub(super) fn results(&mut self) -> impl Iterator<Item = &mut (String, Expr)> {
        let all = self.taken.iter_mut().chain(&mut self.made);
        let all = all.chain(&mut self.first).chain(&mut self.watched);
        all.chain(self.told.iter_mut().flatten())
    }

    fn function(&self, handling: Handling) -> &[(String, Expr)] {
        match handling {
            Handling::Take => &self.taken,
            Handling::Make => &self.made,
            Handling::Begin => &self.first,
            Handling::Watch => &self.watched,
            Handling::Tell(broadcast) => &self.told[broadcast],
        }
    }
}

fn sending(index: usize, send: &event::Send) -> [(String, Expr); 3] {
    [
        (sent(index, Sent::Condition), send.condition),
        (sent(index, Sent::Delay), send.delay),
        (sent(index, Sent::Flag), send.flag),
    ]
}

impl GroupCode {
    /// The value of a function of a handler.
    pub fn handling_tape(&self, handler: usize, handling: Handling) -> Tape {
        let handler = &self.handlers[handler];
        let outputs = handler.function(handling).iter();
        let outputs = outputs.map(|(name, value)| {
            let mut numbers = handler.arguments.iter().chain(&handler.each);
            let kept = numbers.any(|number| number == name) || self.states.contains(name);
            Output {
                name: name.clone(),
                value: *value,
                kind: match kept {
                    true => OutputKind::StoreOver(name.clone()),
                    false => OutputKind::Store,
                },
            }
        });
        compile(&self.graph, &outputs.collect::<Vec<_>>())
    }

    /// The transpose: cotangents of the states and arguments that a function leaves → those of the voltage,
    /// of all states and of the arguments before it, of its time, and of each of `wanted` invariants. What an event
    /// does not change is passed over: its cotangent is only what is to be added.
    pub fn handling_adjoint_tape(
        &mut self,
        handler: usize,
        handling: Handling,
        wanted: &[String],
    ) -> Tape {
        let handler = self.handlers[handler].clone();
        let is_left =
            |name: &String| handler.arguments.contains(name) || self.states.contains(name);
        let results = handler.function(handling).iter();
        let results: Vec<(String, Expr)> =
            results.filter(|(name, _)| is_left(name)).cloned().collect();
        let mut inputs = vec!["v".to_owned()];
        inputs.extend(self.states.iter().cloned());
        inputs.extend(handler.arguments.iter().cloned());
        if handler.is_timed {
            inputs.extend([EVENT_TIME, LEFT].map(str::to_owned));
        }
        inputs.extend_from_slice(wanted);
        let graph = &mut self.graph;
        let seeds: Vec<(Expr, Expr)> = results
            .iter()
            .map(|(name, value)| (*value, graph.symbol(&cotangent_of(name))))
            .collect();
        let symbols: Vec<Expr> = inputs.iter().map(|name| graph.symbol(name)).collect();
        let cotangents = differentiate::adjoints_of_used(graph, &seeds, &symbols);
        let left: Vec<&String> = results.iter().map(|(name, _)| name).collect();
        let outputs = inputs.iter().zip(cotangents);
        // what has no effect has no cotangent to add
        let outputs = outputs
            .filter(|(name, value)| left.contains(name) || self.graph.literal(*value) != Some(0.0));
        let outputs = outputs.map(|(name, value)| {
            let cotangent = cotangent_of(name);
            let kind = match () {
                () if left.contains(&name) => OutputKind::StoreOver(cotangent.clone()),
                () if wanted.contains(name) => OutputKind::Accumulate,
                () => OutputKind::Store,
            };
            Output {
                name: cotangent,
                value,
                kind,
            }
        });
        compile(&self.graph, &outputs.collect::<Vec<_>>())
    }
}
