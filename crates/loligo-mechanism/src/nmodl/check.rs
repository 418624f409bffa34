//! Semantic checks: every name is known, every call fits, every statement stands where it means
//! something, also in code that nothing calls. Collects what each block may assign.

use std::collections::{BTreeMap, BTreeSet};

use super::ast::{
    Block, Call, Expression, ExpressionKind, Moment, Name, Placement, Program, Routine,
    RoutineKind, Statement, StatementKind,
};
use super::ast::{DerivativeKind, Rates, Reaction};
use super::diagnostics::{Diagnostic, Problem, Span};
use super::lower::draws::DrawCall;
use super::lower::events::EventCall;
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
    "newton",
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
    /// INITIAL, and what is BEFORE and AFTER it.
    pub initial: BTreeSet<&'p str>,
    /// The blocks that BREAKPOINT solves, AFTER SOLVE and BEFORE STEP.
    pub solved: BTreeSet<&'p str>,
    /// BREAKPOINT itself, and what is BEFORE it.
    pub breakpoint: BTreeSet<&'p str>,
    /// BEFORE and AFTER, each by itself.
    pub moments: BTreeMap<Moment, BTreeSet<&'p str>>,
    /// NET_RECEIVE.
    pub received: BTreeSet<&'p str>,
    /// Routines that none of these call.
    pub uncalled: BTreeSet<&'p str>,
}

impl<'p> Effects<'p> {
    /// What the phase of a run may assign that a moment belongs to.
    fn of_moment(&mut self, moment: Moment) -> &mut BTreeSet<&'p str> {
        match moment {
            Moment::BeforeInitial | Moment::AfterInitial => &mut self.initial,
            Moment::BeforeBreakpoint => &mut self.breakpoint,
            Moment::AfterSolve | Moment::BeforeStep => &mut self.solved,
        }
    }

    /// Whether the block of a moment may assign a variable.
    pub fn moment(&self, moment: Moment, name: &str) -> bool {
        let assigned = self.moments.get(&moment);
        assigned.is_some_and(|assigned| assigned.contains(name))
    }

    /// Whether any block may assign a variable.
    pub fn assign(&self, name: &str) -> bool {
        let blocks = [
            &self.initial,
            &self.solved,
            &self.breakpoint,
            &self.received,
        ];
        blocks.iter().any(|names| names.contains(name))
    }
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
    let body = |place, block: Option<&'p Block>| -> Result<Found<'p>, Diagnostic> {
        let mut walk = Walk::new(program, names, place);
        if let Some(block) = block {
            walk.block(block)?;
        }
        Ok(walk.found)
    };
    // routines may have blocks of equations solved, which is as if they called them
    for derivative in &program.derivatives {
        let found = body(Place::Solved(derivative.kind), Some(&derivative.body))?;
        routines.insert(derivative.name.text.as_str(), found);
    }
    for routine in &program.routines {
        finite(&routine.name, &routines, &mut Vec::new())?;
    }

    let mut effects = Effects::default();
    let initial = body(Place::Initial, program.initial.as_ref())?;
    initial.collect(&routines, &mut effects.initial);
    let breakpoint = body(Place::Breakpoint, program.breakpoint.as_ref())?;
    breakpoint.collect(&routines, &mut effects.breakpoint);
    let mut blocks = Vec::new();
    for (&moment, timed) in &program.moments {
        let found = body(Place::Moment(moment), Some(&timed.body))?;
        let mut assigned = BTreeSet::new();
        found.collect(&routines, &mut assigned);
        check_moment(program, names, moment, &assigned)?;
        effects.of_moment(moment).extend(assigned.iter().copied());
        effects.moments.insert(moment, assigned);
        blocks.push(found);
    }
    let derivatives = program.derivatives.iter();
    let derivatives = derivatives.map(|derivative| derivative.name.text.as_str());
    for name in derivatives.chain(breakpoint.solves.iter().copied()) {
        if let Some(found) = routines.get(name) {
            found.collect(&routines, &mut effects.solved);
        }
    }
    if let Some(receive) = &program.receive {
        let mut walk = Walk::new(program, names, Place::Receive);
        let arguments = receive.arguments.iter().map(|a| a.name.text.as_str());
        walk.scopes.push(arguments.chain(["flag"]).collect());
        walk.block(&receive.body)?;
        walk.found.collect(&routines, &mut effects.received);
        blocks.push(walk.found);
    }
    check_solved(program, routines.values().chain([&initial, &breakpoint]))?;
    blocks.extend([initial, breakpoint]);
    effects.uncalled = uncalled(&routines, blocks)?;
    Ok(effects)
}

/// What BEFORE and AFTER cannot do here.
fn check_moment(
    program: &Program,
    names: &Names<'_>,
    moment: Moment,
    assigned: &BTreeSet<&str>,
) -> Result<(), Diagnostic> {
    let timed = program.moments.get(&moment);
    let span = timed.map_or(Span { start: 0, end: 0 }, |timed| timed.span);
    if program.interface.placement == Placement::Cell {
        let message = format!(
            "NEURON never runs the {} block of an ARTIFICIAL_CELL",
            moment.name()
        );
        return Err(Diagnostic::invalid(span, message));
    }
    // here the turn of a mechanism is over before those have theirs who read what it writes
    let mut shared = assigned.iter().filter(|name| names.is_shared(name));
    if let (true, Some(name)) = (moment != Moment::BeforeBreakpoint, shared.next()) {
        let construct = format!("{} that assigns `{name}`", moment.name());
        let advice = "other mechanisms would see it too early; assign it in INITIAL or in a block \
                      that BREAKPOINT solves";
        return Err(Diagnostic::unsupported(span, construct, advice));
    }
    Ok(())
}

/// A DERIVATIVE block that nothing solves would leave its states where they are.
fn check_solved<'f, 'p: 'f>(
    program: &Program,
    blocks: impl Iterator<Item = &'f Found<'p>>,
) -> Result<(), Diagnostic> {
    let solved: BTreeSet<&str> = blocks.flat_map(|block| &block.solves).copied().collect();
    for derivative in &program.derivatives {
        let name = &derivative.name;
        if !solved.contains(name.text.as_str()) {
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
    /// The first C code in it that has no meaning here.
    verbatim: Option<Span>,
}

/// The routines that no block calls; one that is called must have a meaning.
fn uncalled<'p>(
    routines: &BTreeMap<&'p str, Found<'p>>,
    blocks: Vec<Found<'p>>,
) -> Result<BTreeSet<&'p str>, Diagnostic> {
    let mut uncalled: BTreeSet<&'p str> = routines.keys().copied().collect();
    let mut pending: Vec<&Found<'p>> = blocks.iter().collect();
    while let Some(found) = pending.pop() {
        if let Some(span) = found.verbatim {
            let advice = "C code has no meaning here; write it in NMODL";
            return Err(Diagnostic::unsupported(span, "VERBATIM", advice));
        }
        for name in found.calls.iter().chain(&found.solves) {
            if let Some(callee) = routines.get(name).filter(|_| uncalled.remove(name)) {
                pending.push(callee);
            }
        }
    }
    Ok(uncalled)
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
    Moment(Moment),
    Breakpoint,
    Solved(DerivativeKind),
    Receive,
    Routine(&'p Routine),
}

impl Place<'_> {
    fn name(self) -> &'static str {
        match self {
            Place::Initial => "INITIAL",
            Place::Moment(moment) => moment.name(),
            Place::Breakpoint => "BREAKPOINT",
            Place::Solved(DerivativeKind::Rates) => "DERIVATIVE",
            Place::Solved(DerivativeKind::Kinetic) => "KINETIC",
            Place::Solved(DerivativeKind::Linear) => "LINEAR",
            Place::Solved(DerivativeKind::Nonlinear) => "NONLINEAR",
            Place::Receive => "NET_RECEIVE",
            Place::Routine(routine) => match routine.kind {
                RoutineKind::Function | RoutineKind::Table => "a FUNCTION",
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
        if matches!(self.place, Place::Solved(DerivativeKind::Kinetic)) {
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
            StatementKind::While { condition, body } => {
                self.expression(condition)?;
                self.loops += 1;
                self.conditional_block(body)?;
                self.loops -= 1;
                Ok(())
            }
            StatementKind::Reaction(reaction) => self.reaction(reaction, statement.span),
            StatementKind::Equation(left, right) => {
                self.expression(left)?;
                self.expression(right)
            }
            StatementKind::Initial(block) => match self.place {
                Place::Receive => self.block(block),
                _ => Err(self.misplaced("INITIAL", statement.span)),
            },
            StatementKind::Watch { condition, flag } => match self.place {
                Place::Receive => {
                    self.expression(condition)?;
                    self.expression(flag)
                }
                _ => Err(self.misplaced("WATCH", statement.span)),
            },
            StatementKind::ForConnections { arguments, body } => match self.place {
                Place::Receive => {
                    let names = arguments.iter().map(|a| a.name.text.as_str());
                    self.scopes.push(names.collect());
                    self.block(body)?;
                    self.scopes.pop();
                    Ok(())
                }
                _ => Err(self.misplaced("FOR_NETCONS", statement.span)),
            },
            StatementKind::Return => Ok(()),
            StatementKind::Break if self.loops > 0 => Ok(()),
            StatementKind::Break => {
                Err(self.misplaced("`break;` outside of a loop", statement.span))
            }
            StatementKind::Draw(name, ..) => {
                if self.known(name).is_err()
                    && let Some(scope) = self.scopes.last_mut()
                {
                    scope.insert(&name.text);
                }
                Ok(())
            }
            StatementKind::Verbatim(_) => {
                self.found.verbatim.get_or_insert(statement.span);
                Ok(())
            }
            StatementKind::Diffusion {
                counter,
                conductivity,
                states,
            } => {
                self.kinetic("LONGITUDINAL_DIFFUSION", statement.span)?;
                let counter = counter.iter().map(|name| name.text.as_str());
                self.scopes.push(counter.collect());
                self.expression(conductivity)?;
                self.scopes.pop();
                states.iter().try_for_each(|name| self.known_or_array(name))
            }
            StatementKind::Conserve { terms, total } => {
                self.kinetic("CONSERVE", statement.span)?;
                self.expression(total)?;
                terms.iter().try_for_each(|term| self.reference(&term.name))
            }
            StatementKind::Compartment {
                counter, volume, ..
            } => {
                self.kinetic("COMPARTMENT", statement.span)?;
                let counter = counter.iter().map(|name| name.text.as_str());
                self.scopes.push(counter.collect());
                self.expression(volume)?;
                self.scopes.pop();
                // as in NEURON, states that there are not have no volume either
                Ok(())
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
            None if self.names.variable(&name.text) == Some(Meaning::Handle) => {
                let message = format!("`{}` is a random stream, not a number", name.text);
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
            Some(Meaning::Pointer) => {
                "a POINTER is only read here: what it points to is not the mechanism's"
            }
            Some(Meaning::Handle) => "it is a random stream",
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
        if !matches!(self.place, Place::Solved(DerivativeKind::Rates)) {
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
        if !matches!(self.place, Place::Solved(DerivativeKind::Kinetic)) {
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
        let equations = |name: &str| {
            let derivative = self.names.derivative(name);
            derivative.is_some_and(|d| {
                matches!(d.kind, DerivativeKind::Linear | DerivativeKind::Nonlinear)
            })
        };
        // equations have a solution at t = 0 as at any other time
        let place = match self.place {
            Place::Initial => steady || equations(&block.text),
            Place::Breakpoint => !steady,
            // where they are called from, the states become the solution
            Place::Routine(_) => equations(&block.text),
            _ => false,
        };
        if !place {
            let statement = if steady {
                "SOLVE … STEADYSTATE"
            } else {
                "SOLVE"
            };
            return Err(self.misplaced(statement, span));
        }
        if self.loops > 0 {
            return Err(Diagnostic::unsupported(span, "SOLVE inside a loop", ""));
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
                    // how a variable step goes on after it is not asked here
                    &["after_cvode", "cvode_t", "cvode_t_v"]
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
            let advice = if allowed.contains(&"cnexp") {
                "cnexp, derivimplicit, sparse, euler and runge are"
            } else {
                "a PROCEDURE is solved without METHOD"
            };
            let construct = format!("METHOD {}", method.text);
            return Err(Diagnostic::unsupported(method.span, construct, advice));
        }
        self.found.solves.insert(&block.text);
        if let (Place::Routine(_), Some(solved)) = (self.place, self.names.derivative(&block.text))
        {
            self.found.calls.insert(&block.text);
            let unknowns = solved.unknowns.iter().map(|name| name.text.as_str());
            match solved.unknowns.is_empty() {
                true => self.found.assigns.extend(self.names.states()),
                false => self.found.assigns.extend(unknowns),
            }
        }
        Ok(())
    }

    /// A RANDOM variable.
    fn stream(&self, name: &Name) -> Result<(), Diagnostic> {
        match self.names.variable(&name.text) {
            Some(Meaning::Handle) => Ok(()),
            _ => {
                let valid = self.names.variables();
                let valid = valid.filter(|(_, meaning)| *meaning == Meaning::Handle);
                let valid = valid.map(|(name, _)| name);
                Err(Diagnostic::unknown(
                    name.span,
                    "RANDOM variable",
                    &name.text,
                    valid,
                ))
            }
        }
    }

    /// Events are sent where they are taken, and at the start.
    fn event(&mut self, event: EventCall, call: &'p Call) -> Result<(), Diagnostic> {
        let name = &call.name;
        let fits = match event {
            EventCall::Send => matches!(self.place, Place::Receive | Place::Initial),
            EventCall::Fire | EventCall::Move => matches!(self.place, Place::Receive),
            EventCall::Discontinuity => true,
        };
        if !fits {
            return Err(self.misplaced(&name.text, name.span));
        }
        if event == EventCall::Discontinuity
            && let Some(ExpressionKind::Variable(state)) =
                call.arguments.first().map(|argument| &argument.kind)
        {
            self.assignable(state)?;
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
        let name = &call.name;
        let is_stream =
            |index| index == 0 && DrawCall::named(&name.text).is_some_and(DrawCall::is_streamed);
        for (index, argument) in call.arguments.iter().enumerate() {
            match &argument.kind {
                ExpressionKind::Variable(stream) if is_stream(index) => self.stream(stream)?,
                _ => self.expression(argument)?,
            }
        }
        let (expected, kind) = if let Some(routine) = self.names.routine(&name.text) {
            self.found.calls.insert(&name.text);
            (routine.arguments.len(), Some(routine.kind))
        } else if let Some(function) = functions::find(&name.text) {
            (function.arity(), None)
        } else if let Some(draw) = DrawCall::named(&name.text) {
            (draw.arity(call.arguments.len()), None)
        } else if let Some(event) = EventCall::named(&name.text) {
            self.event(event, call)?;
            (event.arity(), Some(RoutineKind::Procedure))
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
            let valid = self.names.routine_names();
            let valid = valid
                .chain(functions::names())
                .chain(DrawCall::names())
                .chain(EventCall::NAMES);
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
