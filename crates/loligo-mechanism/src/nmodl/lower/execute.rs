//! Runs statements on expressions instead of numbers: assignments bind, IF merges with `select`,
//! calls and loops are unrolled.

use super::super::ast::{
    BinaryOperator, Block, Call, Expression, ExpressionKind, Name, RoutineKind, Statement,
    StatementKind, UnaryOperator,
};
use super::super::diagnostics::{Diagnostic, Problem, Span};
use super::super::names::{Meaning, Names};
use super::environment::{Binding, Environment, Missing, Scope, Variable};
use super::functions;
use super::kinetic::Kinetics;
use crate::graph::{Binary, Expr, Graph, Unary};

/// More operations than this are refused, so that no text can take all memory or time.
const OPERATION_LIMIT: usize = 200_000;

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
}

pub(super) struct Executor<'p, 'n> {
    pub names: &'n Names<'p>,
    pub graph: Graph,
    pub environment: Environment<'p>,
    pub phase: Phase,
    /// Names like `m0`, of states that have no such parameter, that were read.
    pub state_starts: Vec<String>,
    /// What the statements of a KINETIC block came to so far.
    pub(super) kinetics: Kinetics<'p>,
    operations: usize,
    depth: usize,
}

pub(super) type Lowered<T> = Result<T, Diagnostic>;

impl<'p, 'n> Executor<'p, 'n> {
    pub fn new(names: &'n Names<'p>) -> Self {
        Executor {
            names,
            graph: Graph::new(),
            environment: Environment::default(),
            phase: Phase::Initial,
            state_starts: Vec::new(),
            kinetics: Kinetics::default(),
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
        for statement in &block.statements {
            self.deeper(statement.span, |executor| executor.statement(statement))?;
        }
        self.environment.scopes.pop();
        Ok(())
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
                let name = self.element(name)?;
                self.assign(name, value)
            }
            StatementKind::Evolve(name, value) => {
                let value = self.expression(value)?;
                let name = self.element(name)?;
                let variable = Variable::Derivative(&name.text);
                self.environment.set(variable, Binding::Value(value));
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
            } => self.counted_loop(counter, [Some(from), Some(to), by.as_ref()], body),
            StatementKind::Block(block) => self.block(block),
            StatementKind::Reaction(reaction) => self.reaction(reaction),
            StatementKind::Conserve { terms, total } => self.conserve(terms, total),
            StatementKind::Compartment {
                counter,
                volume,
                states,
            } => self.compartment(counter.as_ref(), volume, states),
            StatementKind::Solve {
                block,
                steady: true,
                ..
            } => match self.names.derivative(&block.text) {
                Some(block) => self.steady_state(block, statement.span),
                None => Ok(()),
            },
            // other SOLVEs are run with the phases; the rest asks for no arithmetic
            StatementKind::Solve { .. }
            | StatementKind::Table(_)
            | StatementKind::Conductance { .. } => Ok(()),
        }
    }

    fn assign(&mut self, name: &'p Name, value: Expr) -> Lowered<()> {
        let variable = Variable::Plain(&name.text);
        let mut scopes = self.environment.scopes.iter();
        let is_local = scopes.any(|scope| scope.contains_key(&variable));
        if !is_local && self.names.variable(&name.text) == Some(Meaning::State) {
            let reason = match self.phase {
                Phase::Initial | Phase::Update | Phase::Breakpoint => None,
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
        // a literal decides now: the other branch is never run
        if let Some(value) = self.graph.literal(condition) {
            return self.block(if value != 0.0 { then } else { otherwise });
        }
        self.spend(self.environment.len(), span)?;
        let before = self.environment.clone();
        self.block(then)?;
        let after_then = std::mem::replace(&mut self.environment, before);
        self.block(otherwise)?;
        let after_otherwise = std::mem::take(&mut self.environment);
        self.environment =
            Environment::merge(&mut self.graph, condition, after_then, after_otherwise);
        Ok(())
    }

    fn counted_loop(
        &mut self,
        counter: &'p Name,
        bounds: [Option<&'p Expression>; 3],
        body: &'p Block,
    ) -> Lowered<()> {
        let mut literal = |bound: Option<&'p Expression>| -> Lowered<f64> {
            let Some(bound) = bound else {
                return Ok(1.0);
            };
            let value = self.expression(bound)?;
            self.graph.literal(value).ok_or_else(|| {
                let construct = "a loop whose bounds are not literal";
                Diagnostic::unsupported(bound.span, construct, "write the bounds as numbers")
            })
        };
        let from = literal(bounds[0])?;
        let to = literal(bounds[1])?;
        let by = literal(bounds[2])?;
        if by.is_nan() || by <= 0.0 {
            let message = "a loop must count upwards";
            return Err(Diagnostic::invalid(counter.span, message));
        }
        let mut i = from;
        while i <= to {
            self.spend(1, counter.span)?;
            let value = Binding::Value(self.graph.constant(i));
            let scope = Scope::from([(Variable::Plain(counter.text.as_str()), value)]);
            self.environment.scopes.push(scope);
            self.block(body)?;
            self.environment.scopes.pop();
            i += by;
        }
        Ok(())
    }

    fn call(&mut self, call: &'p Call) -> Lowered<Option<Expr>> {
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            arguments.push(self.expression(argument)?);
        }
        let Some(routine) = self.names.routine(&call.name.text) else {
            let function = functions::find(&call.name.text);
            return Ok(function.and_then(|f| f.apply(&mut self.graph, &arguments)));
        };
        let mut scope = Scope::new();
        for (argument, value) in routine.arguments.iter().zip(arguments) {
            let name = &argument.name;
            scope.insert(Variable::Plain(&name.text), Binding::Value(value));
        }
        let result = Variable::Plain(routine.name.text.as_str());
        let is_function = routine.kind == RoutineKind::Function;
        if is_function {
            scope.insert(result, Binding::Missing(Missing::Unassigned));
        }
        // the routine sees its own scopes and the file's, not its caller's
        let callers = std::mem::replace(&mut self.environment.scopes, vec![scope]);
        self.deeper(call.name.span, |executor| executor.block(&routine.body))?;
        let scopes = std::mem::replace(&mut self.environment.scopes, callers);
        if !is_function {
            return Ok(None);
        }
        match scopes.first().and_then(|scope| scope.get(&result)) {
            Some(Binding::Value(value)) => Ok(Some(*value)),
            Some(Binding::Missing(_)) | None => {
                let name = routine.name.text.clone();
                let reason = "not every path through the FUNCTION gives it a value".to_owned();
                Err(Diagnostic::new(
                    call.name.span,
                    Problem::NoValue { name, reason },
                ))
            }
        }
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

    /// The name of the element that a reference means, or the name itself.
    pub(super) fn element(&mut self, name: &'p Name) -> Lowered<&'p Name> {
        let Some(index) = &name.index else {
            return Ok(name);
        };
        let elements = self.names.array(&name.text).unwrap_or_default();
        let value = self.expression(index)?;
        let Some(value) = self.graph.literal(value) else {
            let construct = "an index that is not known when the mechanism is read";
            return Err(Diagnostic::unsupported(index.span, construct, ""));
        };
        let position = (value.fract() == 0.0 && value >= 0.0).then_some(value as usize);
        position.and_then(|p| elements.get(p)).ok_or_else(|| {
            let last = elements.len().saturating_sub(1);
            let message = format!("`{}` has no element {value}, only 0 to {last}", name.text);
            Diagnostic::invalid(index.span, message)
        })
    }

    pub(super) fn variable(&mut self, name: &'p Name) -> Lowered<Expr> {
        let name = self.element(name)?;
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
