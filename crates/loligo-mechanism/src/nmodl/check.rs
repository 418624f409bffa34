//! Semantic checks: every name is known, every call fits, every statement stands where it means
//! something, also in code that nothing calls. Collects what each block may assign.

use std::collections::{BTreeMap, BTreeSet};

use super::ast::{
    Block, Call, Expression, ExpressionKind, Name, Program, Routine, RoutineKind, Statement,
    StatementKind,
};
use super::ast::{Rates, Reaction};
use super::diagnostics::{Diagnostic, Problem, Span};
use super::lower::functions;
use super::names::{Meaning, Names};

/// What a DERIVATIVE block may be solved with. (after_cvode and cvode_t are for variable steps; with a
/// fixed one NEURON takes an implicit step.)
const METHODS: &[&str] = &[
    "cnexp",
    "derivimplicit",
    "sparse",
    "euler",
    "runge",
    "after_cvode",
    "cvode_t",
];

/// Methods that NEURON has or had.
const OTHER_METHODS: &[&str] = &[
    "adams",
    "adeuler",
    "adrunge",
    "clsoda",
    "cvode_v",
    "heun",
    "newton",
    "seidel",
    "simeq",
    "sparse_thread",
];

/// Routines that call routines: deeper chains are refused.
const CALL_DEPTH_LIMIT: usize = 40;

/// Which variables each block may assign, itself or through what it calls.
#[derive(Debug, Default)]
pub(crate) struct Effects<'p> {
    /// INITIAL.
    pub initial: BTreeSet<&'p str>,
    /// The blocks that BREAKPOINT solves.
    pub solved: BTreeSet<&'p str>,
    /// BREAKPOINT itself.
    pub breakpoint: BTreeSet<&'p str>,
}

/// Checks a program whose declarations are known.
pub(crate) fn check<'p>(
    program: &'p Program,
    names: &Names<'p>,
) -> Result<Effects<'p>, Diagnostic> {
    let mut routines = BTreeMap::new();
    for routine in &program.routines {
        let mut walk = Walk::new(program, names, Place::Routine(routine));
        let arguments = routine.arguments.iter().map(|a| a.name.text.as_str());
        let mut scope: BTreeSet<&str> = arguments.collect();
        if routine.kind == RoutineKind::Function {
            scope.insert(&routine.name.text);
        }
        walk.scopes.push(scope);
        walk.block(&routine.body)?;
        routines.insert(routine.name.text.as_str(), walk.found);
    }
    for routine in &program.routines {
        finite(&routine.name, &routines, &mut Vec::new())?;
    }

    let mut effects = Effects::default();
    let body = |place, block: Option<&'p Block>| -> Result<Found<'p>, Diagnostic> {
        let mut walk = Walk::new(program, names, place);
        if let Some(block) = block {
            walk.block(block)?;
        }
        Ok(walk.found)
    };
    let initial = body(Place::Initial, program.initial.as_ref())?;
    initial.collect(&routines, &mut effects.initial);
    let breakpoint = body(Place::Breakpoint, program.breakpoint.as_ref())?;
    breakpoint.collect(&routines, &mut effects.breakpoint);
    for derivative in &program.derivatives {
        let place = match derivative.is_kinetic {
            true => Place::Kinetic,
            false => Place::Derivative,
        };
        let found = body(place, Some(&derivative.body))?;
        found.collect(&routines, &mut effects.solved);
    }
    for name in &breakpoint.solves {
        if let Some(found) = routines.get(name) {
            found.collect(&routines, &mut effects.solved);
        }
    }
    check_solved(program, &breakpoint)?;
    Ok(effects)
}

/// A DERIVATIVE block that nothing solves would leave its states where they are.
fn check_solved(program: &Program, breakpoint: &Found) -> Result<(), Diagnostic> {
    for derivative in &program.derivatives {
        let name = &derivative.name;
        if !breakpoint.solves.contains(name.text.as_str()) {
            return Err(Diagnostic::invalid(
                name.span,
                format!(
                    "nothing solves the DERIVATIVE block `{0}`; BREAKPOINT needs SOLVE {0} METHOD cnexp",
                    name.text
                ),
            ));
        }
    }
    Ok(())
}

/// No routine may call itself, and chains of calls are short.
fn finite<'p>(
    name: &Name,
    routines: &BTreeMap<&'p str, Found<'p>>,
    chain: &mut Vec<&'p str>,
) -> Result<(), Diagnostic> {
    // walk depth first, without revisiting: every routine is a start of its own
    let mut visited = BTreeSet::new();
    search(name, &name.text, routines, chain, &mut visited)
}

fn search<'p>(
    start: &Name,
    current: &str,
    routines: &BTreeMap<&'p str, Found<'p>>,
    chain: &mut Vec<&'p str>,
    visited: &mut BTreeSet<&'p str>,
) -> Result<(), Diagnostic> {
    if chain.len() > CALL_DEPTH_LIMIT {
        let limit = CALL_DEPTH_LIMIT;
        return Err(Diagnostic::new(start.span, Problem::TooDeep { limit }));
    }
    let Some(found) = routines.get(current) else {
        return Ok(());
    };
    for &callee in &found.calls {
        if callee == start.text {
            let through = chain.iter().copied().chain([callee]);
            return Err(Diagnostic::new(
                start.span,
                Problem::Recursive {
                    name: start.text.clone(),
                    through: through.collect::<Vec<_>>().join(", "),
                },
            ));
        }
        if visited.insert(callee) {
            chain.push(callee);
            search(start, callee, routines, chain, visited)?;
            chain.pop();
        }
    }
    Ok(())
}

/// What one block does by itself.
#[derive(Debug, Default)]
struct Found<'p> {
    assigns: BTreeSet<&'p str>,
    calls: BTreeSet<&'p str>,
    solves: BTreeSet<&'p str>,
}

impl<'p> Found<'p> {
    /// Adds what this block assigns, itself and through its calls.
    fn collect(&self, routines: &BTreeMap<&'p str, Found<'p>>, into: &mut BTreeSet<&'p str>) {
        into.extend(&self.assigns);
        let mut pending: Vec<&str> = self.calls.iter().copied().collect();
        let mut visited: BTreeSet<&str> = BTreeSet::new();
        while let Some(name) = pending.pop() {
            if let Some(found) = routines.get(name).filter(|_| visited.insert(name)) {
                into.extend(&found.assigns);
                pending.extend(&found.calls);
            }
        }
    }
}

/// The block that a statement stands in.
#[derive(Clone, Copy)]
enum Place<'p> {
    Initial,
    Breakpoint,
    Derivative,
    Kinetic,
    Routine(&'p Routine),
}

impl Place<'_> {
    fn name(self) -> &'static str {
        match self {
            Place::Initial => "INITIAL",
            Place::Breakpoint => "BREAKPOINT",
            Place::Derivative => "DERIVATIVE",
            Place::Kinetic => "KINETIC",
            Place::Routine(routine) => match routine.kind {
                RoutineKind::Function => "a FUNCTION",
                RoutineKind::Procedure => "a PROCEDURE",
            },
        }
    }
}

struct Walk<'p, 'n> {
    program: &'p Program,
    names: &'n Names<'p>,
    place: Place<'p>,
    /// Names that LOCAL, arguments and loops declare, innermost last.
    scopes: Vec<BTreeSet<&'p str>>,
    found: Found<'p>,
    /// How many IF and FROM enclose the statement.
    conditional: usize,
    /// How many of these are FROM.
    loops: usize,
}

impl<'p, 'n> Walk<'p, 'n> {
    fn new(program: &'p Program, names: &'n Names<'p>, place: Place<'p>) -> Self {
        Walk {
            program,
            names,
            place,
            scopes: Vec::new(),
            found: Found::default(),
            conditional: 0,
            loops: 0,
        }
    }

    fn block(&mut self, block: &'p Block) -> Result<(), Diagnostic> {
        let mut scope = BTreeSet::new();
        if matches!(self.place, Place::Kinetic) {
            scope.extend(["f_flux", "b_flux"]);
        }
        self.scopes.push(scope);
        for statement in &block.statements {
            self.statement(statement)?;
        }
        self.scopes.pop();
        Ok(())
    }

    fn conditional_block(&mut self, block: &'p Block) -> Result<(), Diagnostic> {
        self.conditional += 1;
        self.block(block)?;
        self.conditional -= 1;
        Ok(())
    }

    fn statement(&mut self, statement: &'p Statement) -> Result<(), Diagnostic> {
        match &statement.kind {
            StatementKind::Local(names) => {
                let scope = self.scopes.last_mut();
                if let Some(scope) = scope {
                    scope.extend(names.iter().map(|name| name.text.as_str()));
                }
                Ok(())
            }
            StatementKind::Assign(name, value) => {
                self.expression(value)?;
                self.assignable(name)
            }
            StatementKind::Evolve(name, value) => {
                self.expression(value)?;
                self.evolves(name)
            }
            StatementKind::Call(call) => self.call(call).map(|_| ()),
            StatementKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.expression(condition)?;
                self.conditional_block(then)?;
                self.conditional_block(otherwise)
            }
            StatementKind::Loop {
                counter,
                from,
                to,
                by,
                body,
            } => {
                for bound in [Some(from), Some(to), by.as_ref()].into_iter().flatten() {
                    self.expression(bound)?;
                }
                self.scopes.push(BTreeSet::from([counter.text.as_str()]));
                self.loops += 1;
                self.conditional_block(body)?;
                self.loops -= 1;
                self.scopes.pop();
                Ok(())
            }
            StatementKind::Solve {
                block,
                method,
                steady,
            } => self.solve(block, method.as_ref(), *steady, statement.span),
            StatementKind::Reaction(reaction) => self.reaction(reaction, statement.span),
            StatementKind::Conserve { terms, total } => {
                self.kinetic("CONSERVE", statement.span)?;
                self.expression(total)?;
                terms.iter().try_for_each(|term| self.reference(&term.name))
            }
            StatementKind::Compartment {
                counter,
                volume,
                states,
            } => {
                self.kinetic("COMPARTMENT", statement.span)?;
                let counter = counter.iter().map(|name| name.text.as_str());
                self.scopes.push(counter.collect());
                self.expression(volume)?;
                self.scopes.pop();
                states.iter().try_for_each(|name| self.known_or_array(name))
            }
            StatementKind::Table(table) => {
                let mut names = table.names.iter().chain(&table.depends);
                names.try_for_each(|name| self.known_or_array(name))?;
                self.expression(&table.intervals)
            }
            StatementKind::Conductance { name, .. } => match self.place {
                Place::Breakpoint => self.known(name),
                _ => Err(self.misplaced("CONDUCTANCE", statement.span)),
            },
            StatementKind::Block(block) => self.block(block),
        }
    }

    fn misplaced(&self, statement: &str, span: Span) -> Diagnostic {
        let statement = statement.to_owned();
        let block = self.place.name();
        Diagnostic::new(span, Problem::Misplaced { statement, block })
    }

    fn is_local(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.contains(name))
    }

    /// A name, or a whole array.
    fn known_or_array(&self, name: &Name) -> Result<(), Diagnostic> {
        match self.names.array(&name.text) {
            Some(_) => Ok(()),
            None => self.known(name),
        }
    }

    /// A variable that is read or assigned: with an index if it is an array, and only then.
    fn reference(&mut self, name: &'p Name) -> Result<(), Diagnostic> {
        let is_array = self.names.array(&name.text).is_some();
        match &name.index {
            Some(index) if is_array => self.expression(index),
            Some(_) => {
                let message = format!("`{}` is no array", name.text);
                Err(Diagnostic::invalid(name.span, message))
            }
            None if is_array && !self.is_local(&name.text) => {
                let message = format!(
                    "`{0}` is an array: say which element, as in {0}[0]",
                    name.text
                );
                Err(Diagnostic::invalid(name.span, message))
            }
            None => self.known(name),
        }
    }

    fn known(&self, name: &Name) -> Result<(), Diagnostic> {
        if self.is_local(&name.text) || self.names.variable(&name.text).is_some() {
            return Ok(());
        }
        if self.names.routine(&name.text).is_some() {
            let message = format!(
                "`{0}` is a routine, not a variable: call it, as in {0}(…)",
                name.text
            );
            return Err(Diagnostic::invalid(name.span, message));
        }
        let locals = self.scopes.iter().flatten().copied();
        let valid = self.names.variables().map(|(name, _)| name).chain(locals);
        Err(Diagnostic::unknown(
            name.span, "variable", &name.text, valid,
        ))
    }

    fn assignable(&mut self, name: &'p Name) -> Result<(), Diagnostic> {
        self.reference(name)?;
        if self.is_local(&name.text) {
            return Ok(());
        }
        if let Some(elements) = self.names.array(&name.text) {
            let elements = elements.iter().map(|element| element.text.as_str());
            self.found.assigns.extend(elements);
            return Ok(());
        }
        let reason = match self.names.variable(&name.text) {
            // within a block the voltage is a copy that the mechanism may nudge off a singularity
            Some(Meaning::Input) if name.text != "v" => "it is given from outside",
            Some(Meaning::Constant(_)) => "it is a constant",
            Some(Meaning::StateStart) => "it says where a state starts",
            _ => {
                self.found.assigns.insert(&name.text);
                return Ok(());
            }
        };
        Err(Diagnostic::new(
            name.span,
            Problem::NotAssignable {
                name: name.text.clone(),
                reason: reason.to_owned(),
            },
        ))
    }

    fn evolves(&mut self, name: &'p Name) -> Result<(), Diagnostic> {
        if !matches!(self.place, Place::Derivative) {
            return Err(self.misplaced(&format!("{}' = …", name.text), name.span));
        }
        let first = self.names.array(&name.text).and_then(<[Name]>::first);
        let variable = first.map_or(name.text.as_str(), |element| &element.text);
        if self.names.variable(variable) == Some(Meaning::State) {
            return self.reference(name);
        }
        let states = self.program.states.iter();
        let valid = states.map(|state| state.name.text.as_str());
        Err(Diagnostic::unknown(name.span, "state", &name.text, valid))
    }

    /// A statement that only a KINETIC block has.
    fn kinetic(&self, statement: &str, span: Span) -> Result<(), Diagnostic> {
        if !matches!(self.place, Place::Kinetic) {
            return Err(self.misplaced(statement, span));
        }
        if self.conditional > self.loops {
            let construct = format!("{statement} inside IF");
            return Err(Diagnostic::unsupported(span, construct, ""));
        }
        Ok(())
    }

    fn reaction(&mut self, reaction: &'p Reaction, span: Span) -> Result<(), Diagnostic> {
        self.kinetic("a reaction", span)?;
        let mut terms = reaction.left.iter().chain(&reaction.right);
        terms.try_for_each(|term| self.reference(&term.name))?;
        match &reaction.rates {
            Rates::BothWays(forward, backward) => {
                self.expression(forward)?;
                self.expression(backward)
            }
            Rates::OneWay(rate) | Rates::Into(rate) => self.expression(rate),
        }
    }

    fn solve(
        &mut self,
        block: &'p Name,
        method: Option<&Name>,
        steady: bool,
        span: Span,
    ) -> Result<(), Diagnostic> {
        let place = match steady {
            true => matches!(self.place, Place::Initial),
            false => matches!(self.place, Place::Breakpoint),
        };
        if !place {
            let statement = if steady {
                "SOLVE … STEADYSTATE"
            } else {
                "SOLVE"
            };
            return Err(self.misplaced(statement, span));
        }
        if self.conditional > 0 {
            return Err(Diagnostic::unsupported(span, "SOLVE inside IF or FROM", ""));
        }
        let derivatives = self.program.derivatives.iter();
        let mut derivatives = derivatives.map(|derivative| derivative.name.text.as_str());
        let allowed: &[&str] = if derivatives.any(|name| name == block.text) {
            METHODS
        } else {
            match self.names.routine(&block.text) {
                Some(routine) if routine.kind == RoutineKind::Procedure => {
                    if !routine.arguments.is_empty() {
                        return Err(Diagnostic::invalid(
                            block.span,
                            "a PROCEDURE that is solved takes no arguments",
                        ));
                    }
                    &[]
                }
                _ => {
                    let procedures = self.names.routine_names();
                    let derivatives = self.program.derivatives.iter();
                    let derivatives = derivatives.map(|derivative| derivative.name.text.as_str());
                    return Err(Diagnostic::unknown(
                        block.span,
                        "DERIVATIVE or PROCEDURE block",
                        &block.text,
                        derivatives.chain(procedures),
                    ));
                }
            }
        };
        if let Some(method) = method.filter(|method| !allowed.contains(&method.text.as_str())) {
            let is_near = crate::nearest::nearest(&method.text, allowed.iter().copied()).is_some();
            if is_near && !OTHER_METHODS.contains(&method.text.as_str()) {
                let valid = allowed.iter().copied();
                return Err(Diagnostic::unknown(
                    method.span,
                    "METHOD",
                    &method.text,
                    valid,
                ));
            }
            let advice = if allowed.is_empty() {
                "a PROCEDURE is solved without METHOD"
            } else {
                "cnexp, derivimplicit, sparse, euler and runge are"
            };
            let construct = format!("METHOD {}", method.text);
            return Err(Diagnostic::unsupported(method.span, construct, advice));
        }
        if !steady {
            self.found.solves.insert(&block.text);
        }
        Ok(())
    }

    fn expression(&mut self, expression: &'p Expression) -> Result<(), Diagnostic> {
        match &expression.kind {
            ExpressionKind::Number(..) => Ok(()),
            ExpressionKind::Variable(name) => self.reference(name),
            ExpressionKind::Call(call) => match self.call(call)? {
                Some(RoutineKind::Procedure) => Err(Diagnostic::invalid(
                    call.name.span,
                    format!("the PROCEDURE `{}` has no value", call.name.text),
                )),
                _ => Ok(()),
            },
            ExpressionKind::Unary(_, operand) => self.expression(operand),
            ExpressionKind::Binary(_, left, right) => {
                self.expression(left)?;
                self.expression(right)
            }
        }
    }

    /// Checks a call; the kind of routine is `None` for a built-in function.
    fn call(&mut self, call: &'p Call) -> Result<Option<RoutineKind>, Diagnostic> {
        for argument in &call.arguments {
            self.expression(argument)?;
        }
        let name = &call.name;
        let (expected, kind) = if let Some(routine) = self.names.routine(&name.text) {
            self.found.calls.insert(&name.text);
            (routine.arguments.len(), Some(routine.kind))
        } else if let Some(function) = functions::find(&name.text) {
            (function.arity(), None)
        } else if let Some(advice) = functions::unsupported(&name.text) {
            let construct = format!("`{}`", name.text);
            return Err(Diagnostic::unsupported(name.span, construct, advice));
        } else if self.is_local(&name.text) || self.names.variable(&name.text).is_some() {
            let message = format!(
                "`{}` is a variable, not a function: is a `*` missing?",
                name.text
            );
            return Err(Diagnostic::invalid(name.span, message));
        } else {
            let valid = self.names.routine_names().chain(functions::names());
            return Err(Diagnostic::unknown(
                name.span, "function", &name.text, valid,
            ));
        };
        let found = call.arguments.len();
        if found != expected {
            return Err(Diagnostic::new(
                name.span,
                Problem::WrongArguments {
                    name: name.text.clone(),
                    expected,
                    found,
                },
            ));
        }
        Ok(kind)
    }
}
