//! From a checked program to a [`Mechanism`].
//!
//! [`phases`] runs the blocks on expressions ([`execute`], in an [`environment`]); what they leave is
//! gathered into states, currents and the rest ([`interface`]).

pub(crate) mod draws;
mod environment;
mod equations;
pub(crate) mod events;
mod execute;
pub(crate) mod functions;
mod interface;
mod kinetic;
mod moments;
mod phases;

use std::collections::BTreeSet;
use std::path::Path;

use super::ast::{Interface, Name, Program, StatementKind};
use super::check::Effects;
use super::diagnostics::{Diagnostic, Problem, Span};
use super::names::Names;
use super::source::Source;
use crate::graph::{Expr, Graph};
use crate::mechanism::{Dynamics, Mechanism, Observable, State};
use crate::passes::removable_singularity;
use environment::{Binding, Missing, Scope, Variable};
use execute::Executor;
use phases::Phases;

/// Lowers a program that has passed the checks.
pub(crate) fn lower<'p>(
    program: &'p Program,
    names: &Names<'p>,
    effects: &Effects<'p>,
    source: &Source,
) -> Result<Mechanism, Diagnostic> {
    let interface = &program.interface;
    let mut lowering = Lowering {
        program,
        names,
        effects,
        executor: Executor::new(program, names, source.tables()),
        source,
        warnings: Vec::new(),
        read_at_start: BTreeSet::new(),
    };
    lowering.warn_of_unused_values();
    lowering.warn_of_c();
    lowering.warn_of_conditional_solves();

    let mut phases = lowering.run_phases()?;
    lowering.warn_of_undeclared();
    let currents = lowering.currents(&phases.end)?;
    phases.end = lowering.let_go_of_voltage(&phases.end);
    let states = lowering.states(&phases)?;
    let shared = lowering.shared(&phases)?;
    let observables = lowering.observables(&phases);
    let mut receiver = lowering.receiver(&phases)?;

    let evolving = states.iter().chain(&shared);
    let steps =
        evolving.flat_map(|state| [Some(state.dynamics_value()), state.corrected, state.kept]);
    let mut roots: Vec<Expr> = steps.flatten().collect();
    roots.extend(currents.iter().map(|current| current.density));
    let exposed = observables.iter().filter(|o| lowering.is_exposed(&o.name));
    roots.extend(exposed.flat_map(Observable::expressions));
    let mut events = Vec::new();
    if let Some(receiver) = &mut receiver {
        // what events make of a variable matters only if the variable does
        events = std::mem::take(&mut receiver.updates);
        roots.extend(receiver.expressions());
        let matter = events.iter().filter(|(name, _)| lowering.is_evolving(name));
        roots.extend(matter.map(|(_, value)| *value));
    }
    let memory = lowering.memory(&phases, &roots, &events);
    if let Some(receiver) = &mut receiver {
        receiver.updates = lowering.remembered_updates(events, &memory);
    }
    let observables = lowering.known(observables, &memory);

    let mut mechanism = Mechanism {
        name: name_of(interface, source)?,
        placement: interface.placement,
        parameters: lowering.parameters(),
        states,
        shared,
        memory,
        solves: phases.solves,
        diffusions: phases.diffusions,
        read_at_start: std::mem::take(&mut lowering.read_at_start)
            .into_iter()
            .collect(),
        draws: std::mem::take(&mut lowering.executor.draws),
        ions: lowering.ions(),
        currents,
        receiver,
        observables,
        graph: lowering.executor.graph,
        warnings: lowering.warnings,
        ..Mechanism::default()
    };
    let formulas: Vec<Expr> = mechanism.expressions().collect();
    if height(&mechanism.graph, &formulas) > HEIGHT_LIMIT {
        let limit = HEIGHT_LIMIT;
        return Err(Diagnostic::new(START, Problem::TooDeep { limit }));
    }
    mechanism.rewrite(removable_singularity::smooth);
    Ok(mechanism)
}

/// The start of the file.
const START: Span = Span { start: 0, end: 0 };

/// What the mechanism is called: as the NEURON block says, else as the file is.
fn name_of(interface: &Interface, source: &Source) -> Result<String, Diagnostic> {
    if let Some(suffix) = &interface.suffix {
        return Ok(suffix.text.clone());
    }
    let stem = Path::new(source.file()).file_stem();
    let stem = stem
        .and_then(|stem| stem.to_str())
        .filter(|stem| !stem.is_empty());
    let message = "the NEURON block must name the mechanism: SUFFIX name, POINT_PROCESS name or \
                   ARTIFICIAL_CELL name";
    stem.map(str::to_owned)
        .ok_or_else(|| Diagnostic::invalid(START, message))
}

/// Formulas of more levels are refused, so that no pass over them can exhaust the stack.
const HEIGHT_LIMIT: usize = 2_000;

/// How many levels the highest of these formulas has.
fn height(graph: &Graph, formulas: &[Expr]) -> usize {
    let mut heights = vec![0; graph.len()];
    let mut highest = 0;
    for expr in graph.reachable(formulas) {
        let operands = graph.operands(expr).map(|e| heights[e.index()]);
        heights[expr.index()] = operands.max().unwrap_or(0) + 1;
        highest = highest.max(heights[expr.index()]);
    }
    highest
}

struct Lowering<'p, 'n> {
    program: &'p Program,
    names: &'n Names<'p>,
    effects: &'n Effects<'p>,
    executor: Executor<'p, 'n>,
    source: &'n Source,
    warnings: Vec<String>,
    /// Parameters of which INITIAL computes something that stays.
    read_at_start: BTreeSet<String>,
}

impl<'p> Lowering<'p, '_> {
    fn warn(&mut self, span: Span, message: &str) {
        let place = self.source.place(span);
        self.warnings.push(format!("{place}: {message}"));
    }

    /// What COMPARTMENT names and nothing declares.
    fn warn_of_undeclared(&mut self) {
        let mut names = std::mem::take(&mut self.executor.undeclared);
        names.sort_by_key(|name| name.span.start);
        names.dedup_by_key(|name| name.span.start);
        for name in names {
            let message = format!("`{}` has a COMPARTMENT, but nothing declares it", name.text);
            self.warn(name.span, &message);
        }
    }

    /// C code that is no part of the model.
    fn warn_of_c(&mut self) {
        let lifetimes = self.program.lifetimes.iter().map(|block| block.span);
        let declarations = self.program.declarations_in_c.iter();
        let mut spans: Vec<Span> = declarations
            .map(|code| code.span)
            .chain(lifetimes)
            .collect();
        spans.sort_by_key(|span| span.start);
        for span in spans {
            self.warn(span, "C code outside of blocks is no part of the model");
        }
        for routine in &self.program.routines {
            let mut statements = routine.body.statements.iter();
            let c = statements.find(|s| matches!(s.kind, StatementKind::Verbatim(_)));
            if let Some(statement) = c {
                let name = &routine.name.text;
                let message = format!(
                    "nothing in the mechanism calls `{name}`, so that its C code is no part of the model"
                );
                self.warn(statement.span, &message);
            }
        }
    }

    /// The states that are the mechanism's own.
    fn states(&mut self, phases: &Phases<'p>) -> Result<Vec<State>, Diagnostic> {
        let mut states = Vec::new();
        for state in &self.program.states {
            let name = state.name.text.as_str();
            if self.names.is_shared(name) {
                continue;
            }
            let symbol = self.executor.graph.symbol(name);
            let kept = Some(value_of(&phases.end, &state.name)?).filter(|kept| *kept != symbol);
            let dynamics = phases.dynamics.get(name).copied();
            let mut diffusing = phases.diffusions.iter();
            let diffuses = diffusing.any(|(state, _)| state == name);
            if dynamics.is_none() && kept.is_none() && !diffuses {
                let message =
                    format!("nothing changes the state `{name}`: it keeps its initial value");
                self.warn(state.name.span, &message);
            }
            states.push(State {
                name: name.to_owned(),
                units: state.units.clone(),
                initial: value_of(&phases.initial, &state.name)?,
                dynamics: dynamics.unwrap_or(Dynamics::Update(symbol)),
                corrected: phases.corrected.get(name).copied(),
                kept,
            });
        }
        Ok(states)
    }
}

/// The value of a variable that must have one.
fn value_of(scope: &Scope<'_>, name: &Name) -> Result<Expr, Diagnostic> {
    match scope.get(&Variable::Plain(&name.text)) {
        Some(Binding::Value(value)) => Ok(*value),
        other => {
            let missing = match other {
                Some(Binding::Missing(missing)) => *missing,
                _ => Missing::Unassigned,
            };
            Err(Diagnostic::new(
                name.span,
                Problem::NoValue {
                    name: name.text.clone(),
                    reason: missing.reason().to_owned(),
                },
            ))
        }
    }
}
