//! Semantic checks: every name is known, every call fits, every statement stands where it means
//! something, also in code that nothing calls. Collects what each block may assign.

mod calls;
mod expressions;
mod solve;
mod statements;

use std::collections::{BTreeMap, BTreeSet};

use super::ast::{Block, DerivativeKind, Moment, Placement, Program, Routine, RoutineKind};
use super::diagnostics::{Diagnostic, Span};
use super::names::Names;
use calls::{Found, finite, uncalled};

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
        finite(&routine.name, &routines)?;
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

/// A walk over the statements of one block.
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
}
