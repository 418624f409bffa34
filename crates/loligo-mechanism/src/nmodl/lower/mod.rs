//! From a checked program to a [`Mechanism`].
//!
//! NEURON runs INITIAL once, then in every step the solved blocks and BREAKPOINT. Here each of the
//! three is run once on expressions. What a variable keeps from one block to the next is followed
//! as far as it is a formula of inputs that are known there; beyond that (memory from step to
//! step) the reader is told.

mod environment;
mod execute;
pub(crate) mod functions;
mod interface;

use std::collections::BTreeSet;

use super::ast::{Name, Program, StatementKind};
use super::check::Effects;
use super::diagnostics::{Diagnostic, Place, Problem, Span};
use super::names::{Meaning, Names};
use crate::graph::{Expr, Graph};
use crate::mechanism::{Dynamics, Mechanism, State};
use crate::passes::removable_singularity;
use environment::{Binding, Environment, Missing, Scope, Variable};
use execute::{Executor, Phase};

/// Lowers a program that has passed the checks.
pub(crate) fn lower<'p>(
    program: &'p Program,
    names: &Names<'p>,
    effects: &Effects<'p>,
    text: &str,
    file: &str,
) -> Result<Mechanism, Diagnostic> {
    let interface = &program.interface;
    let suffix = interface.suffix.as_ref().ok_or_else(|| {
        let end = Span { start: 0, end: 0 };
        Diagnostic::invalid(end, "the NEURON block must name the mechanism: SUFFIX name")
    })?;
    let mut lowering = Lowering {
        program,
        names,
        effects,
        executor: Executor::new(names),
        text,
        file,
        warnings: Vec::new(),
    };
    lowering.warn_of_unused_values();

    let (initial, at_start) = lowering.initial()?;
    let (dynamics, after_solve) = lowering.solve(&at_start)?;
    let at_end = lowering.breakpoint(&at_start, &after_solve)?;
    let currents = lowering.currents(&at_end)?;
    let observables = lowering.observables(&at_end);
    let parameters = lowering.parameters();

    let states = program.states.iter().zip(initial).zip(dynamics);
    let states = states.map(|((state, initial), dynamics)| State {
        name: state.name.text.clone(),
        units: state.units.clone(),
        initial,
        dynamics,
    });
    let mut mechanism = Mechanism {
        name: suffix.text.clone(),
        parameters,
        states: states.collect(),
        ions: lowering.ions(),
        currents,
        observables,
        graph: lowering.executor.graph,
        warnings: lowering.warnings,
    };
    let formulas: Vec<Expr> = mechanism.expressions().collect();
    if height(&mechanism.graph, &formulas) > HEIGHT_LIMIT {
        let limit = HEIGHT_LIMIT;
        return Err(Diagnostic::new(suffix.span, Problem::TooDeep { limit }));
    }
    mechanism.rewrite(removable_singularity::smooth);
    Ok(mechanism)
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
    text: &'n str,
    file: &'n str,
    warnings: Vec<String>,
}

impl<'p> Lowering<'p, '_> {
    fn warn(&mut self, span: Span, message: &str) {
        let place = Place::new(self.text, self.file, span);
        self.warnings.push(format!("{place}: {message}"));
    }

    /// Runs INITIAL: the value of each state at t = 0, and what the variables are then.
    fn initial(&mut self) -> Result<(Vec<Expr>, Scope<'p>), Diagnostic> {
        let mut file = Scope::new();
        for (name, meaning) in self.variables() {
            let binding = match meaning {
                Meaning::Memory | Meaning::Current { read: false } if !self.is_settable(name) => {
                    Some(Binding::Missing(Missing::Unassigned))
                }
                _ => None,
            };
            if let Some(binding) = binding {
                file.insert(Variable::Plain(name), binding);
            }
        }
        for state in &self.program.states {
            // as in NEURON: the parameter m0 if there is one, else START, else 0
            let parameter = format!("{}0", state.name.text);
            let start = match self.names.variable(&parameter) {
                Some(Meaning::Parameter) => self.executor.graph.symbol(&parameter),
                _ => self.executor.graph.constant(state.start.unwrap_or(0.0)),
            };
            file.insert(Variable::Plain(&state.name.text), Binding::Value(start));
        }
        let file = self.run(Phase::Initial, file, self.program.initial.as_ref())?;
        let mut values = Vec::new();
        for state in &self.program.states {
            values.push(value_of(&file, &state.name)?);
        }
        Ok((values, file))
    }

    /// Runs the blocks that BREAKPOINT solves: how each state evolves, and what the variables are
    /// after the last of them.
    fn solve(&mut self, at_start: &Scope<'p>) -> Result<(Vec<Dynamics>, Scope<'p>), Diagnostic> {
        let mut file = Scope::new();
        let written = |name: &str| {
            self.effects.solved.contains(name) || self.effects.breakpoint.contains(name)
        };
        for (name, meaning) in self.variables() {
            let binding = match meaning {
                Meaning::Current { read: true } => None,
                Meaning::Current { read: false } => Some(Binding::Missing(Missing::LastStep)),
                Meaning::Memory | Meaning::Parameter if written(name) => {
                    Some(Binding::Missing(Missing::LastStep))
                }
                Meaning::Memory | Meaning::Parameter => self.kept(at_start, name),
                _ => None,
            };
            if let Some(binding) = binding {
                file.insert(Variable::Plain(name), binding);
            }
        }
        let mut updated: BTreeSet<&str> = BTreeSet::new();
        for (block, method, span) in self.solves() {
            let derivative = self.program.derivatives.iter();
            let mut derivative = derivative.filter(|d| d.name.text == block.text);
            if let Some(derivative) = derivative.next() {
                if method.is_none_or(|method| method.text != "cnexp") {
                    self.warn(
                        span,
                        "the step of each equation is chosen here (exact where it is linear in its state), not by METHOD",
                    );
                }
                file = self.run(Phase::Derivative, file, Some(&derivative.body))?;
            } else if let Some(routine) = self.names.routine(&block.text) {
                let states = self.program.states.iter();
                let before: Vec<_> = states
                    .map(|s| (s, file.get(&Variable::Plain(&s.name.text)).copied()))
                    .collect();
                file = self.run(Phase::Update, file, Some(&routine.body))?;
                for (state, before) in before {
                    if file.get(&Variable::Plain(&state.name.text)).copied() != before {
                        updated.insert(&state.name.text);
                    }
                }
            }
        }
        let mut dynamics = Vec::new();
        for state in &self.program.states {
            let name = state.name.text.as_str();
            let derivative = file.remove(&Variable::Derivative(name));
            let dynamic = match (derivative, updated.contains(name)) {
                (Some(_), true) => {
                    let message = format!("`{name}` has an equation and is also assigned");
                    return Err(Diagnostic::invalid(state.name.span, message));
                }
                (Some(Binding::Value(derivative)), false) => Dynamics::Derivative(derivative),
                (Some(Binding::Missing(_)), false) => {
                    return Err(Diagnostic::new(
                        state.name.span,
                        Problem::NoValue {
                            name: format!("{name}'"),
                            reason: Missing::OnSomePaths.reason().to_owned(),
                        },
                    ));
                }
                (None, true) => Dynamics::Update(value_of(&file, &state.name)?),
                (None, false) => {
                    let message =
                        format!("nothing changes the state `{name}`: it keeps its initial value");
                    self.warn(state.name.span, &message);
                    Dynamics::Derivative(self.executor.graph.constant(0.0))
                }
            };
            dynamics.push(dynamic);
            file.remove(&Variable::Plain(name));
        }
        Ok((dynamics, file))
    }

    /// Runs BREAKPOINT: what the variables are at its end.
    fn breakpoint(
        &mut self,
        at_start: &Scope<'p>,
        after_solve: &Scope<'p>,
    ) -> Result<Scope<'p>, Diagnostic> {
        let mut file = Scope::new();
        for (name, meaning) in self.variables() {
            let binding = match meaning {
                Meaning::Current { read: true } => None,
                Meaning::Current { read: false } => Some(Binding::Missing(Missing::Unassigned)),
                Meaning::Memory | Meaning::Parameter if self.effects.solved.contains(name) => {
                    let binding = after_solve.get(&Variable::Plain(name)).copied();
                    binding.map(|binding| self.unless_of_states(binding))
                }
                Meaning::Memory | Meaning::Parameter if self.effects.breakpoint.contains(name) => {
                    Some(Binding::Missing(Missing::LastStep))
                }
                Meaning::Memory | Meaning::Parameter => self.kept(at_start, name),
                _ => None,
            };
            if let Some(binding) = binding {
                file.insert(Variable::Plain(name), binding);
            }
        }
        self.run(Phase::Breakpoint, file, self.program.breakpoint.as_ref())
    }

    /// Runs one block that starts with these variables; the answer is what they are at its end.
    fn run(
        &mut self,
        phase: Phase,
        file: Scope<'p>,
        block: Option<&'p super::ast::Block>,
    ) -> Result<Scope<'p>, Diagnostic> {
        let scopes = Vec::new();
        self.executor.phase = phase;
        self.executor.environment = Environment { file, scopes };
        if let Some(block) = block {
            self.executor.block(block)?;
        }
        Ok(std::mem::take(&mut self.executor.environment.file))
    }

    /// The variables of the file, with the lifetime of the program's text.
    fn variables(&self) -> Vec<(&'p str, Meaning)> {
        let program = self.program;
        let interface = &program.interface;
        let parameters = program.parameters.iter().map(|p| &p.name);
        let assigned = program.assigned.iter().map(|a| &a.name);
        let ions = interface.ions.iter().flat_map(|ion| &ion.writes);
        let mut variables: Vec<(&str, Meaning)> = parameters
            .chain(assigned)
            .chain(&program.file_locals)
            .chain(ions)
            .chain(&interface.nonspecific)
            .filter_map(|name| Some((name.text.as_str(), self.names.variable(&name.text)?)))
            .collect();
        variables.sort_by_key(|&(name, _)| name);
        variables.dedup_by_key(|&mut (name, _)| name);
        variables
    }

    /// SOLVE statements of BREAKPOINT, in order.
    fn solves(&self) -> Vec<(&'p Name, Option<&'p Name>, Span)> {
        let statements = self.program.breakpoint.iter().flat_map(|b| &b.statements);
        statements
            .filter_map(|statement| match &statement.kind {
                StatementKind::Solve { block, method } => {
                    Some((block, method.as_ref(), statement.span))
                }
                _ => None,
            })
            .collect()
    }

    /// What a variable that only INITIAL assigns is later; `None` leaves it a symbol.
    fn kept(&self, at_start: &Scope<'p>, name: &'p str) -> Option<Binding> {
        let binding = at_start.get(&Variable::Plain(name)).copied()?;
        let Binding::Value(value) = binding else {
            return Some(binding);
        };
        let graph = &self.executor.graph;
        let changes = graph.symbols_of(&[value]).into_iter().any(|symbol| {
            let name = graph.name(symbol);
            let meaning = self.names.variable(name);
            matches!(name, "v" | "t") || meaning == Some(Meaning::IonInput)
        });
        Some(if changes {
            Binding::Missing(Missing::OnlyAtStart)
        } else {
            binding
        })
    }

    /// A value that the solved block left, unless it was computed from states before their step.
    fn unless_of_states(&self, binding: Binding) -> Binding {
        let Binding::Value(value) = binding else {
            return binding;
        };
        let graph = &self.executor.graph;
        let mut symbols = graph.symbols_of(&[value]).into_iter();
        let of_states = symbols.any(|s| self.names.variable(graph.name(s)) == Some(Meaning::State));
        if of_states {
            Binding::Missing(Missing::OldStates)
        } else {
            binding
        }
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
