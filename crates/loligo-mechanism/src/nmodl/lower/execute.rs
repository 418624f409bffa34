//! Runs statements on expressions instead of numbers: assignments bind, IF merges with `select`,
//! calls and loops are unrolled.

use std::collections::BTreeMap;

use super::super::ast::{
    BinaryOperator, Block, Call, Expression, ExpressionKind, Name, Program, RoutineKind, Statement,
    StatementKind, UnaryOperator,
};
use super::super::diagnostics::{Diagnostic, Problem, Span};
use super::super::names::{Meaning, Names};
use super::super::table::Table;
use super::draws::DrawCall;
use super::environment::{Binding, Environment, Missing, Scope, Variable};
use super::events::{EventCall, Events};
use super::functions;
use super::kinetic::Kinetics;
use crate::graph::{Binary, Expr, Graph, Unary};
use crate::mechanism::stepped;

/// More operations than this are refused, so that no text can take all memory or time.
const OPERATION_LIMIT: usize = 200_000;

/// WHILE and FROM whose end only a run knows are unrolled so often.
const OPEN_LIMIT: usize = 40;

/// FROM whose bounds are PARAMETERs is unrolled as often as their defaults say, but not more often.
const DEFAULT_LIMIT: usize = 400;

/// Deeper recursion over blocks, calls and expressions is refused.
const DEPTH_LIMIT: usize = 600;

/// Which statements are being run, which decides what they may assign.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// INITIAL: states get their first value.
    Initial,
    /// A DERIVATIVE block.
    Derivative,
    /// A KINETIC block.
    Kinetic,
    /// A PROCEDURE that is solved: states get their next value.
    Update,
    /// BREAKPOINT without its SOLVE.
    Breakpoint,
    /// NET_RECEIVE.
    Receive,
}

pub(super) struct Executor<'p, 'n> {
    pub names: &'n Names<'p>,
    tables: &'n BTreeMap<String, Table>,
    pub graph: Graph,
    pub environment: Environment<'p>,
    pub phase: Phase,
    /// Whether what follows m' = … in a block sees m after its step, as NEURON's cnexp has it.
    pub steps_in_place: bool,
    /// Names like `m0`, of states that have no such parameter, that were read.
    pub state_starts: Vec<String>,
    /// What the statements of a KINETIC block came to so far.
    pub(super) kinetics: Kinetics<'p>,
    /// The events that the statements send so far.
    pub(super) events: Events,
    /// The random numbers that the statements draw so far.
    pub(super) draws: Vec<String>,
    /// The equations of a LINEAR or NONLINEAR block so far: what is to be 0.
    pub(super) equations: Vec<Expr>,
    /// The conditions under which the statement that is being run is reached.
    path: Vec<Expr>,
    /// What COMPARTMENT names and nothing declares.
    pub(super) undeclared: Vec<&'p Name>,
    /// Defaults of parameters, by name.
    defaults: BTreeMap<&'p str, f64>,
    /// Where `return;` and `break;` have left what is being run.
    exits: Exits,
    /// How many routines enclose the statement that is being run.
    pub(super) calls: usize,
    operations: usize,
    depth: usize,
}

/// The conditions under which what follows is not run.
#[derive(Clone, Copy, Default, PartialEq)]
struct Exits {
    /// `return;` has left the routine or block.
    returned: Option<Expr>,
    /// `break;` has left the innermost loop.
    broken: Option<Expr>,
}

/// Which element of an array is meant.
enum Element<'p> {
    /// This one.
    Known(&'p Name),
    /// The one whose index a run will say.
    Open(Expr, &'p [Name]),
}

pub(super) type Lowered<T> = Result<T, Diagnostic>;

impl<'p, 'n> Executor<'p, 'n> {
    pub fn new(
        program: &'p Program,
        names: &'n Names<'p>,
        tables: &'n BTreeMap<String, Table>,
    ) -> Self {
        let parameters = program.parameters.iter();
        let defaults = parameters.map(|p| (p.name.text.as_str(), p.default.unwrap_or(0.0)));
        Executor {
            names,
            tables,
            graph: Graph::new(),
            environment: Environment::default(),
            phase: Phase::Initial,
            steps_in_place: false,
            state_starts: Vec::new(),
            kinetics: Kinetics::default(),
            events: Events::default(),
            draws: Vec::new(),
            equations: Vec::new(),
            path: Vec::new(),
            undeclared: Vec::new(),
            defaults: defaults.collect(),
            exits: Exits::default(),
            calls: 0,
            operations: 0,
            depth: 0,
        }
    }

    /// Counts work, and says when it is too much.
    fn spend(&mut self, operations: usize, span: Span) -> Lowered<()> {
        self.operations += operations;
        if self.operations > OPERATION_LIMIT {
            let limit = OPERATION_LIMIT;
            return Err(Diagnostic::new(span, Problem::TooLarge { limit }));
        }
        Ok(())
    }

    fn deeper<T>(&mut self, span: Span, rule: impl FnOnce(&mut Self) -> Lowered<T>) -> Lowered<T> {
        if self.depth == DEPTH_LIMIT {
            let limit = DEPTH_LIMIT;
            return Err(Diagnostic::new(span, Problem::TooDeep { limit }));
        }
        self.depth += 1;
        let result = rule(self);
        self.depth -= 1;
        result
    }

    pub fn block(&mut self, block: &'p Block) -> Lowered<()> {
        self.environment.scopes.push(Scope::new());
        self.statements(&block.statements)?;
        self.environment.scopes.pop();
        Ok(())
    }

    fn statements(&mut self, statements: &'p [Statement]) -> Lowered<()> {
        for (index, statement) in statements.iter().enumerate() {
            let before = self.exits;
            self.deeper(statement.span, |executor| executor.statement(statement))?;
            if self.exits != before {
                let rest = &statements[index + 1..];
                return self.unless_left(statement.span, |executor| executor.statements(rest));
            }
        }
        Ok(())
    }

    /// Runs what follows, where `return;` and `break;` have not left it.
    fn unless_left(
        &mut self,
        span: Span,
        rest: impl FnOnce(&mut Self) -> Lowered<()>,
    ) -> Lowered<()> {
        let always = self.graph.constant(1.0);
        let stays = self.and_stays(always);
        self.branch(stays, span, rest, |_| Ok(()))
    }

    /// Whether a condition holds, and `return;` and `break;` have not left what is being run.
    fn and_stays(&mut self, condition: Expr) -> Expr {
        let Exits { returned, broken } = self.exits;
        let exits = [returned, broken].into_iter().flatten();
        exits.fold(condition, |condition, left| {
            let stays = self.graph.unary(Unary::Not, left);
            match self.graph.literal(condition) {
                Some(value) if value != 0.0 => stays,
                _ => self.graph.binary(Binary::And, condition, stays),
            }
        })
    }

    /// Runs a loop: what `break;` leaves, and no more.
    fn in_loop(&mut self, run: impl FnOnce(&mut Self) -> Lowered<()>) -> Lowered<()> {
        let outer = std::mem::take(&mut self.exits);
        run(self)?;
        let inner = std::mem::replace(&mut self.exits, outer);
        if let Some(returned) = inner.returned {
            self.exits.returned = Some(self.either(outer.returned, returned));
        }
        Ok(())
    }

    /// Whether one of two conditions holds.
    fn either(&mut self, first: Option<Expr>, second: Expr) -> Expr {
        match first {
            Some(first) => self.graph.binary(Binary::Or, first, second),
            None => second,
        }
    }

    /// Runs what holds where `condition` does, and what holds elsewhere, and merges.
    fn branch(
        &mut self,
        condition: Expr,
        span: Span,
        then: impl FnOnce(&mut Self) -> Lowered<()>,
        otherwise: impl FnOnce(&mut Self) -> Lowered<()>,
    ) -> Lowered<()> {
        // a literal decides now: the other branch is never run
        if let Some(value) = self.graph.literal(condition) {
            return if value != 0.0 {
                then(self)
            } else {
                otherwise(self)
            };
        }
        self.spend(self.environment.len(), span)?;
        let before = self.environment.clone();
        self.path.push(condition);
        then(self)?;
        self.path.pop();
        let after_then = std::mem::replace(&mut self.environment, before);
        let not = self.graph.unary(Unary::Not, condition);
        self.path.push(not);
        otherwise(self)?;
        self.path.pop();
        let after_otherwise = std::mem::take(&mut self.environment);
        self.environment =
            Environment::merge(&mut self.graph, condition, after_then, after_otherwise);
        Ok(())
    }

    /// The condition under which the statement that is being run is reached.
    pub(super) fn here(&mut self) -> Expr {
        let always = self.graph.constant(1.0);
        let path = self.path.clone();
        let mut path = path.into_iter();
        let first = path.next().unwrap_or(always);
        path.fold(first, |all, next| self.graph.binary(Binary::And, all, next))
    }

    /// Ends what `return;` leaves.
    pub(super) fn left_block(&mut self) {
        self.exits = Exits::default();
    }

    fn statement(&mut self, statement: &'p Statement) -> Lowered<()> {
        self.spend(1, statement.span)?;
        match &statement.kind {
            StatementKind::Local(names) => {
                if let Some(scope) = self.environment.scopes.last_mut() {
                    for name in names {
                        let unassigned = Binding::Missing(Missing::Unassigned);
                        scope.insert(Variable::Plain(&name.text), unassigned);
                    }
                }
                Ok(())
            }
            StatementKind::Assign(name, value) => {
                let value = self.expression(value)?;
                self.assign(name, value)
            }
            StatementKind::Evolve(name, value) => {
                let value = self.expression(value)?;
                let name = self.known_element(name)?;
                let variable = Variable::Derivative(&name.text);
                self.environment.set(variable, Binding::Value(value));
                if self.steps_in_place {
                    let stepped = self.graph.symbol(&stepped(&name.text));
                    let variable = Variable::Plain(&name.text);
                    self.environment.set(variable, Binding::Value(stepped));
                }
                Ok(())
            }
            StatementKind::Call(call) => self.call(call).map(|_| ()),
            StatementKind::If {
                condition,
                then,
                otherwise,
            } => self.condition(condition, then, otherwise),
            StatementKind::Loop {
                counter,
                from,
                to,
                by,
                body,
            } => {
                let bounds = [Some(from), Some(to), by.as_ref()];
                self.in_loop(|executor| executor.counted_loop(counter, bounds, body))
            }
            StatementKind::While { condition, body } => {
                self.in_loop(|executor| executor.conditional_loop(condition, body))
            }
            StatementKind::Return => {
                let here = self.here();
                self.exits.returned = Some(self.either(self.exits.returned, here));
                Ok(())
            }
            StatementKind::Break => {
                let here = self.here();
                self.exits.broken = Some(self.either(self.exits.broken, here));
                Ok(())
            }
            StatementKind::Equation(left, right) => {
                let (left, right) = (self.expression(left)?, self.expression(right)?);
                let residual = self.graph.sub(left, right);
                self.equations.push(residual);
                Ok(())
            }
            StatementKind::Draw(name, distribution, _) => self.draw_into(name, *distribution),
            StatementKind::Watch { condition, flag } => self.watch(condition, flag),
            StatementKind::Block(block) => self.block(block),
            StatementKind::Reaction(reaction) => self.reaction(reaction),
            StatementKind::Conserve { terms, total } => self.conserve(terms, total),
            StatementKind::Compartment {
                counter,
                volume,
                states,
            } => self.compartment(counter.as_ref(), volume, states),
            // in BREAKPOINT blocks are solved before it is run
            StatementKind::Solve { block, .. }
                if self.phase == Phase::Initial || self.calls > 0 =>
            {
                match self.names.derivative(&block.text) {
                    Some(block) => self.settle(block, statement.span),
                    None => Ok(()),
                }
            }
            StatementKind::Diffusion {
                counter,
                conductivity,
                states,
            } => self.diffusion(counter.as_ref(), conductivity, states, statement.span),
            StatementKind::ForConnections { arguments, body } => {
                self.for_connections(arguments, body, statement.span)
            }
            // arguments of connections start before any event; the rest asks for no arithmetic
            StatementKind::Initial(_)
            | StatementKind::Verbatim(_)
            | StatementKind::Solve { .. }
            | StatementKind::Table(_)
            | StatementKind::Conductance { .. } => Ok(()),
        }
    }

    /// Assigns to a variable, or to whichever element of an array the index will say.
    pub(super) fn assign(&mut self, name: &'p Name, value: Expr) -> Lowered<()> {
        match self.element(name)? {
            Element::Known(name) => self.assign_known(name, value),
            Element::Open(index, elements) => {
                for (position, element) in elements.iter().enumerate() {
                    let here = self.is_at(index, position);
                    let before = self.variable(element)?;
                    let after = self.graph.select(here, value, before);
                    self.assign_known(element, after)?;
                }
                Ok(())
            }
        }
    }

    /// Whether an index means this position.
    fn is_at(&mut self, index: Expr, position: usize) -> Expr {
        // C takes the integer below
        let index = self.graph.unary(Unary::Floor, index);
        let position = self.graph.constant(position as f64);
        self.graph.binary(Binary::Equal, index, position)
    }

    fn assign_known(&mut self, name: &'p Name, value: Expr) -> Lowered<()> {
        let variable = Variable::Plain(&name.text);
        let mut scopes = self.environment.scopes.iter();
        let is_local = scopes.any(|scope| scope.contains_key(&variable));
        if !is_local && self.names.variable(&name.text) == Some(Meaning::State) {
            let reason = match self.phase {
                Phase::Initial | Phase::Update | Phase::Breakpoint | Phase::Receive => None,
                Phase::Derivative | Phase::Kinetic => Some(format!(
                    "DERIVATIVE says how a state changes; write {}' = …",
                    name.text
                )),
            };
            if let Some(reason) = reason {
                let name_text = name.text.clone();
                return Err(Diagnostic::new(
                    name.span,
                    Problem::NotAssignable {
                        name: name_text,
                        reason,
                    },
                ));
            }
        }
        self.environment.set(variable, Binding::Value(value));
        Ok(())
    }

    fn condition(
        &mut self,
        condition: &'p Expression,
        then: &'p Block,
        otherwise: &'p Block,
    ) -> Lowered<()> {
        let span = condition.span;
        let condition = self.expression(condition)?;
        self.branch(
            condition,
            span,
            |executor| executor.block(then),
            |executor| executor.block(otherwise),
        )
    }

    /// WHILE. Where only a run knows how often it repeats, it is unrolled up to [`OPEN_LIMIT`] times;
    /// numbers that it has not settled by then are none, so that the run says where.
    fn conditional_loop(&mut self, condition: &'p Expression, body: &'p Block) -> Lowered<()> {
        loop {
            let again = self.expression(condition)?;
            let again = self.and_stays(again);
            match self.graph.literal(again) {
                Some(0.0) => return Ok(()),
                Some(_) => self.block(body)?,
                None => return self.repeat(again, condition, body, OPEN_LIMIT),
            }
        }
    }

    fn repeat(
        &mut self,
        again: Expr,
        condition: &'p Expression,
        body: &'p Block,
        times: usize,
    ) -> Lowered<()> {
        let then = |executor: &mut Self| {
            if times == 0 {
                return executor.unsettle(body);
            }
            executor.block(body)?;
            let again = executor.expression(condition)?;
            let again = executor.and_stays(again);
            executor.repeat(again, condition, body, times - 1)
        };
        self.branch(again, condition.span, then, |_| Ok(()))
    }

    /// Takes the value from whatever the body changes.
    fn unsettle(&mut self, body: &'p Block) -> Lowered<()> {
        let before = self.environment.clone();
        self.block(body)?;
        let nothing = Binding::Value(self.graph.constant(f64::NAN));
        self.environment.replace_changed(&before, nothing);
        Ok(())
    }

    /// FROM. Where only a run knows the bounds, it is a WHILE.
    fn counted_loop(
        &mut self,
        counter: &'p Name,
        bounds: [Option<&'p Expression>; 3],
        body: &'p Block,
    ) -> Lowered<()> {
        let one = self.graph.constant(1.0);
        let mut evaluated = [one; 3];
        for (bound, value) in bounds.into_iter().zip(&mut evaluated) {
            if let Some(bound) = bound {
                *value = self.expression(bound)?;
            }
        }
        let [from, to, by] = evaluated;
        if self
            .graph
            .literal(by)
            .is_some_and(|by| by.is_nan() || by <= 0.0)
        {
            let message = "a loop must count upwards";
            return Err(Diagnostic::invalid(counter.span, message));
        }
        let variable = Variable::Plain(counter.text.as_str());
        let mut i = from;
        loop {
            self.spend(1, counter.span)?;
            let again = self.graph.binary(Binary::LessEqual, i, to);
            match self.graph.literal(again) {
                Some(0.0) => return Ok(()),
                Some(_) => {}
                None => {
                    let bounds = [i, to, by];
                    let times = self.turns(bounds, counter.span)?;
                    return self.open_loop(counter, bounds, body, times);
                }
            }
            let scope = Scope::from([(variable, Binding::Value(i))]);
            self.environment.scopes.push(scope);
            self.unless_left(counter.span, |executor| executor.block(body))?;
            self.environment.scopes.pop();
            i = self.graph.add(i, by);
        }
    }

    /// How often a loop is unrolled whose bounds only a run knows: as often as it turns while
    /// PARAMETERs have their defaults, and at least [`OPEN_LIMIT`] times.
    fn turns(&self, bounds: [Expr; 3], span: Span) -> Lowered<usize> {
        let default = |name: &str| self.defaults.get(name).copied().unwrap_or(f64::NAN);
        let bounds = self.graph.evaluate(&bounds, &default);
        let turns = ((bounds[1] - bounds[0]) / bounds[2]).floor() + 1.0;
        if turns > DEFAULT_LIMIT as f64 {
            let construct = format!("a loop of {turns} turns whose bounds can be set");
            let advice = "give the bound by DEFINE";
            return Err(Diagnostic::unsupported(span, construct, advice));
        }
        // what is not a number, since more than parameters decide it, is 0
        Ok(OPEN_LIMIT.max(turns as usize))
    }

    /// A loop whose bounds only a run knows, as a chain of conditions: see
    /// [`Executor::conditional_loop`].
    fn open_loop(
        &mut self,
        counter: &'p Name,
        [i, to, by]: [Expr; 3],
        body: &'p Block,
        times: usize,
    ) -> Lowered<()> {
        let again = self.graph.binary(Binary::LessEqual, i, to);
        let again = self.and_stays(again);
        let then = |executor: &mut Self| {
            let variable = Variable::Plain(counter.text.as_str());
            let scope = Scope::from([(variable, Binding::Value(i))]);
            executor.environment.scopes.push(scope);
            match times {
                0 => executor.unsettle(body)?,
                _ => executor.block(body)?,
            }
            executor.environment.scopes.pop();
            if times == 0 {
                return Ok(());
            }
            let next = executor.graph.add(i, by);
            executor.open_loop(counter, [next, to, by], body, times - 1)
        };
        self.branch(again, counter.span, then, |_| Ok(()))
    }

    fn call(&mut self, call: &'p Call) -> Lowered<Option<Expr>> {
        if let Some(draw) = DrawCall::named(&call.name.text) {
            return self.drawn(draw, call).map(Some);
        }
        if let Some(event) = EventCall::named(&call.name.text) {
            return self.event(event, call);
        }
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            arguments.push(self.expression(argument)?);
        }
        let Some(routine) = self.names.routine(&call.name.text) else {
            let function = functions::find(&call.name.text);
            return Ok(function.and_then(|f| f.apply(&mut self.graph, &arguments)));
        };
        if routine.kind == RoutineKind::Table {
            return self.table(call, &arguments).map(Some);
        }
        let mut scope = Scope::new();
        for (argument, value) in routine.arguments.iter().zip(arguments) {
            let name = &argument.name;
            scope.insert(Variable::Plain(&name.text), Binding::Value(value));
        }
        let result = Variable::Plain(routine.name.text.as_str());
        let is_function = routine.kind == RoutineKind::Function;
        if is_function {
            // where no path gives it a value it has none, and a run that takes that path says so
            let nothing = self.graph.constant(f64::NAN);
            scope.insert(result, Binding::Value(nothing));
        }
        // the routine sees its own scopes and the file's, not its caller's
        let callers = std::mem::replace(&mut self.environment.scopes, vec![scope]);
        let exits = std::mem::take(&mut self.exits);
        self.calls += 1;
        self.deeper(call.name.span, |executor| executor.block(&routine.body))?;
        self.calls -= 1;
        self.exits = exits;
        let scopes = std::mem::replace(&mut self.environment.scopes, callers);
        if !is_function {
            return Ok(None);
        }
        match scopes.first().and_then(|scope| scope.get(&result)) {
            Some(Binding::Value(value)) if !self.graph.literal(*value).is_some_and(f64::is_nan) => {
                Ok(Some(*value))
            }
            _ => {
                let name = routine.name.text.clone();
                let reason = "no path through the FUNCTION gives it a value".to_owned();
                Err(Diagnostic::new(
                    call.name.span,
                    Problem::NoValue { name, reason },
                ))
            }
        }
    }

    /// The value of a FUNCTION_TABLE.
    fn table(&mut self, call: &'p Call, arguments: &[Expr]) -> Lowered<Expr> {
        let name = call.name.text.as_str();
        let span = call.name.span;
        if arguments.len() > 2 {
            let construct = "a FUNCTION_TABLE of more than two arguments";
            return Err(Diagnostic::unsupported(span, construct, ""));
        }
        let Some(table) = self.tables.get(name) else {
            let message =
                format!("the FUNCTION_TABLE `{name}` has no values: give them as the file is read");
            return Err(Diagnostic::invalid(span, message));
        };
        self.spend(table.len(), span)?;
        table.at(&mut self.graph, arguments).ok_or_else(|| {
            let message = format!(
                "`{name}` takes {} arguments, the table that was given for it {}",
                arguments.len(),
                table.arity()
            );
            Diagnostic::invalid(span, message)
        })
    }

    pub(super) fn expression(&mut self, expression: &'p Expression) -> Lowered<Expr> {
        self.spend(1, expression.span)?;
        self.deeper(expression.span, |executor| match &expression.kind {
            ExpressionKind::Number(value, _) => Ok(executor.graph.constant(*value)),
            ExpressionKind::Variable(name) => executor.variable(name),
            ExpressionKind::Call(call) => executor.call(call)?.ok_or_else(|| {
                let message = format!("`{}` has no value", call.name.text);
                Diagnostic::invalid(call.name.span, message)
            }),
            ExpressionKind::Unary(operator, operand) => {
                let operand = executor.expression(operand)?;
                Ok(match operator {
                    UnaryOperator::Negate => executor.graph.neg(operand),
                    UnaryOperator::Not => executor.graph.unary(Unary::Not, operand),
                })
            }
            ExpressionKind::Binary(operator, left, right) => {
                let left = executor.expression(left)?;
                let right = executor.expression(right)?;
                Ok(binary(&mut executor.graph, *operator, left, right))
            }
        })
    }

    /// The element that a reference means, or the name itself.
    fn element(&mut self, name: &'p Name) -> Lowered<Element<'p>> {
        let Some(index) = &name.index else {
            return Ok(Element::Known(name));
        };
        let elements = self.names.array(&name.text).unwrap_or_default();
        let open = self.expression(index)?;
        let Some(value) = self.graph.literal(open) else {
            return Ok(Element::Open(open, elements));
        };
        let position = (value >= 0.0).then_some(value as usize);
        let element = position.and_then(|p| elements.get(p)).ok_or_else(|| {
            let last = elements.len().saturating_sub(1);
            let message = format!("`{}` has no element {value}, only 0 to {last}", name.text);
            Diagnostic::invalid(index.span, message)
        })?;
        Ok(Element::Known(element))
    }

    /// The element that a reference means, where that must be known now.
    pub(super) fn known_element(&mut self, name: &'p Name) -> Lowered<&'p Name> {
        match self.element(name)? {
            Element::Known(name) => Ok(name),
            Element::Open(..) => {
                let construct = "an index here that is not known when the mechanism is read";
                Err(Diagnostic::unsupported(name.span, construct, ""))
            }
        }
    }

    pub(super) fn variable(&mut self, name: &'p Name) -> Lowered<Expr> {
        let name = match self.element(name)? {
            Element::Known(name) => name,
            Element::Open(index, elements) => {
                // an index outside of the array means nothing
                let mut value = self.graph.constant(f64::NAN);
                for (position, element) in elements.iter().enumerate() {
                    let here = self.is_at(index, position);
                    let element = self.variable(element)?;
                    value = self.graph.select(here, element, value);
                }
                return Ok(value);
            }
        };
        match self.environment.get(Variable::Plain(&name.text)) {
            Some(Binding::Value(value)) => Ok(value),
            Some(Binding::Missing(missing)) => Err(Diagnostic::new(
                name.span,
                Problem::NoValue {
                    name: name.text.clone(),
                    reason: missing.reason().to_owned(),
                },
            )),
            None => match self.names.variable(&name.text) {
                Some(Meaning::Constant(value)) => Ok(self.graph.constant(value)),
                Some(Meaning::Input) if name.text == "t" && self.phase == Phase::Initial => {
                    Ok(self.graph.constant(0.0))
                }
                Some(Meaning::StateStart) => {
                    if !self.state_starts.contains(&name.text) {
                        self.state_starts.push(name.text.clone());
                    }
                    Ok(self.graph.symbol(&name.text))
                }
                Some(_) => Ok(self.graph.symbol(&name.text)),
                None => {
                    let valid = self.names.variables().map(|(name, _)| name);
                    Err(Diagnostic::unknown(
                        name.span, "variable", &name.text, valid,
                    ))
                }
            },
        }
    }
}

fn binary(graph: &mut Graph, operator: BinaryOperator, left: Expr, right: Expr) -> Expr {
    match operator {
        BinaryOperator::Or => graph.binary(Binary::Or, left, right),
        BinaryOperator::And => graph.binary(Binary::And, left, right),
        BinaryOperator::Less => graph.binary(Binary::Less, left, right),
        BinaryOperator::LessEqual => graph.binary(Binary::LessEqual, left, right),
        BinaryOperator::Greater => graph.binary(Binary::Less, right, left),
        BinaryOperator::GreaterEqual => graph.binary(Binary::LessEqual, right, left),
        BinaryOperator::Equal => graph.binary(Binary::Equal, left, right),
        BinaryOperator::NotEqual => {
            let equal = graph.binary(Binary::Equal, left, right);
            graph.unary(Unary::Not, equal)
        }
        BinaryOperator::Add => graph.add(left, right),
        BinaryOperator::Subtract => graph.sub(left, right),
        BinaryOperator::Multiply => graph.mul(left, right),
        BinaryOperator::Divide => graph.div(left, right),
        BinaryOperator::Power => functions::power(graph, left, right),
    }
}
