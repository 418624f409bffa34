//! NET_RECEIVE: what an event makes of the variables, and the events that it sends.

use super::super::ast::{
    self, BinaryOperator, Block, Call, Expression, ExpressionKind, Name, StatementKind,
};
use super::super::diagnostics::{Diagnostic, Problem, Span};
use super::super::names::Meaning;
use super::Lowering;
use super::environment::{Binding, Scope, Variable};
use super::execute::{Executor, Lowered, Phase};
use super::phases::Phases;
use crate::event::{Argument, Broadcast, Fire, Receiver, Send, Watch};
use crate::graph::Expr;
use crate::mechanism::State;

/// Events that statements send.
#[derive(Default)]
pub(super) struct Events {
    pub sends: Vec<Send>,
    pub fires: Vec<Fire>,
    pub watches: Vec<Watch>,
    pub broadcasts: Vec<Broadcast>,
}

/// Calls that are about events.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventCall {
    /// net_send(delay, flag)
    Send,
    /// net_move(time)
    Move,
    /// net_event(time)
    Fire,
    /// state_discontinuity(state, value)
    Discontinuity,
}

impl EventCall {
    pub const NAMES: [&'static str; 4] =
        ["net_send", "net_move", "net_event", "state_discontinuity"];

    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "net_send" => EventCall::Send,
            "net_move" => EventCall::Move,
            "net_event" => EventCall::Fire,
            "state_discontinuity" => EventCall::Discontinuity,
            _ => return None,
        })
    }

    /// How many arguments it takes.
    pub fn arity(self) -> usize {
        match self {
            EventCall::Send | EventCall::Discontinuity => 2,
            EventCall::Move | EventCall::Fire => 1,
        }
    }
}

impl<'p> Executor<'p, '_> {
    /// A call that is about events; it has no value.
    pub(super) fn event(&mut self, event: EventCall, call: &'p Call) -> Lowered<Option<Expr>> {
        let condition = self.here();
        match (event, call.arguments.as_slice()) {
            (EventCall::Discontinuity, [state, value]) => {
                let ExpressionKind::Variable(state) = &state.kind else {
                    let message = "state_discontinuity changes a variable: name it";
                    return Err(Diagnostic::invalid(state.span, message));
                };
                let value = self.expression(value)?;
                self.assign(state, value)?;
            }
            (EventCall::Send, [delay, flag]) => {
                let (delay, flag) = (self.expression(delay)?, self.expression(flag)?);
                self.events.sends.push(Send {
                    condition,
                    delay,
                    flag,
                    moves: false,
                });
            }
            (EventCall::Move, [time]) => {
                let time = self.expression(time)?;
                let now = self.graph.symbol("t");
                let delay = self.graph.sub(time, now);
                let flag = self.graph.constant(1.0);
                self.events.sends.push(Send {
                    condition,
                    delay,
                    flag,
                    moves: true,
                });
            }
            (EventCall::Fire, [time]) => {
                let time = self.expression(time)?;
                self.events.fires.push(Fire { condition, time });
            }
            // the number of arguments was checked
            _ => {}
        }
        Ok(None)
    }

    /// FOR_NETCONS (a, b) { }: the statements may change the connections' arguments, and nothing else.
    pub(super) fn for_connections(
        &mut self,
        arguments: &'p [ast::Argument],
        body: &'p Block,
        span: Span,
    ) -> Lowered<()> {
        let condition = self.here();
        let mut scope = Scope::new();
        for (index, declared) in arguments.iter().enumerate() {
            let symbol = self.graph.symbol(&Broadcast::symbol(index));
            let name = &declared.name.text;
            scope.insert(Variable::Plain(name), Binding::Value(symbol));
        }
        let before = self.environment.clone();
        self.environment.scopes.push(scope);
        self.block(body)?;
        let scope = self.environment.scopes.pop().unwrap_or_default();
        if self.environment != before {
            let construct = "FOR_NETCONS that changes more than the connections' arguments";
            return Err(Diagnostic::unsupported(span, construct, ""));
        }
        let mut updated = Vec::new();
        for declared in arguments {
            updated.push(argument(&scope, &declared.name)?);
        }
        self.events
            .broadcasts
            .push(Broadcast { condition, updated });
        Ok(())
    }

    /// WATCH (a > b) flag
    pub(super) fn watch(&mut self, condition: &'p Expression, flag: &'p Expression) -> Lowered<()> {
        let reached = self.here();
        let (above, below) = match &condition.kind {
            ExpressionKind::Binary(
                BinaryOperator::Greater | BinaryOperator::GreaterEqual,
                above,
                below,
            )
            | ExpressionKind::Binary(
                BinaryOperator::Less | BinaryOperator::LessEqual,
                below,
                above,
            ) => (above, below),
            _ => {
                let message = "WATCH waits for one value to pass another: WATCH (v > threshold) 1";
                return Err(Diagnostic::invalid(condition.span, message));
            }
        };
        let (above, below) = (self.expression(above)?, self.expression(below)?);
        let rises = self.graph.sub(above, below);
        let flag = self.expression(flag)?;
        self.events.watches.push(Watch {
            condition: reached,
            rises,
            flag,
        });
        Ok(())
    }
}

impl<'p> Lowering<'p, '_> {
    /// Runs NET_RECEIVE, and what it says of the start.
    pub(super) fn receiver(&mut self, phases: &Phases<'p>) -> Result<Option<Receiver>, Diagnostic> {
        let initial_sends = std::mem::take(&mut self.executor.events.sends);
        let Some(receive) = &self.program.receive else {
            return match initial_sends.is_empty() {
                true => Ok(None),
                false => {
                    let span = Span { start: 0, end: 0 };
                    let message = "INITIAL sends an event, but there is no NET_RECEIVE to take it";
                    Err(Diagnostic::invalid(span, message))
                }
            };
        };
        let initial = self.connection_start(&receive.arguments, receive, phases)?;

        let before = self.before_event();
        let arguments = self.bind_arguments(&receive.arguments);
        self.enter(before.clone());
        self.executor.environment.scopes.push(arguments);
        self.executor.phase = Phase::Receive;
        self.executor.block(&receive.body)?;
        self.executor.left_block();
        let arguments = self.executor.environment.scopes.pop().unwrap_or_default();
        let after = std::mem::take(&mut self.executor.environment.file);

        let mut updates = Vec::new();
        for (variable, binding) in &after {
            let Variable::Plain(name) = *variable else {
                continue;
            };
            if before.get(variable) == Some(binding) || name == "v" {
                continue;
            }
            match binding {
                Binding::Value(value) => {
                    let meaning = self.names.variable(name);
                    let name = meaning.map_or(name.to_owned(), |m| self.carried_name(name, m));
                    updates.push((name, *value));
                }
                Binding::Missing(missing) => {
                    return Err(missing.diagnostic(receive.span, name.to_owned()));
                }
            }
        }
        let events = std::mem::take(&mut self.executor.events);
        let mut connection = Vec::new();
        for (declared, initial) in receive.arguments.iter().zip(initial) {
            let name = &declared.name;
            let updated = argument(&arguments, name)?;
            connection.push(Argument {
                name: name.text.clone(),
                initial,
                updated,
            });
        }
        Ok(Some(Receiver {
            arguments: connection,
            updates,
            sends: events.sends,
            fires: events.fires,
            broadcasts: events.broadcasts,
            watches: events.watches,
            initial_sends,
        }))
    }

    /// What the arguments of a connection start as: INITIAL within NET_RECEIVE, else what the
    /// connection was made with.
    fn connection_start(
        &mut self,
        arguments: &'p [ast::Argument],
        receive: &'p super::super::ast::Receive,
        phases: &Phases<'p>,
    ) -> Result<Vec<Expr>, Diagnostic> {
        let scope = self.bind_arguments(arguments);
        self.enter(phases.initial.clone());
        self.executor.environment.scopes.push(scope);
        self.executor.phase = Phase::Initial;
        for statement in &receive.body.statements {
            if let StatementKind::Initial(block) = &statement.kind {
                self.executor.block(block)?;
            }
        }
        let scope = self.executor.environment.scopes.pop().unwrap_or_default();
        arguments
            .iter()
            .map(|declared| argument(&scope, &declared.name))
            .collect()
    }

    fn bind_arguments(&mut self, arguments: &'p [ast::Argument]) -> Scope<'p> {
        let names = arguments.iter().map(|a| a.name.text.as_str());
        let graph = &mut self.executor.graph;
        names
            .chain(["flag"])
            .map(|name| (Variable::Plain(name), Binding::Value(graph.symbol(name))))
            .collect()
    }

    /// Variables before an event: states, and what variables keep from step to step.
    fn before_event(&mut self) -> Scope<'p> {
        let mut file = Scope::new();
        for (name, meaning) in self.variables() {
            let value = self.carried(name, meaning);
            file.insert(Variable::Plain(name), Binding::Value(value));
        }
        self.bind_states_by_name(&mut file);
        file
    }

    /// Whether a variable is a state, or a shared number.
    pub(super) fn is_evolving(&self, name: &str) -> bool {
        self.names.variable(name) == Some(Meaning::State) || self.names.is_shared(name)
    }

    /// What of an event's doing matters: changes of states, and of variables that are remembered.
    pub(super) fn remembered_updates(
        &self,
        mut updates: Vec<(String, Expr)>,
        memory: &[State],
    ) -> Vec<(String, Expr)> {
        updates.retain(|(name, _)| {
            self.is_evolving(name) || memory.iter().any(|state| state.name == *name)
        });
        updates
    }
}

fn argument(scope: &Scope<'_>, name: &Name) -> Result<Expr, Diagnostic> {
    match scope.get(&Variable::Plain(&name.text)) {
        Some(Binding::Value(value)) => Ok(*value),
        _ => Err(Diagnostic::new(
            name.span,
            Problem::NoValue {
                name: name.text.clone(),
                reason: "not every path through NET_RECEIVE keeps its value".to_owned(),
            },
        )),
    }
}
