//! What each variable stands for at a point of the program: an expression, or why there is none.

use std::collections::BTreeMap;

use super::super::diagnostics::{Diagnostic, Problem, Span};
use crate::graph::{Expr, Graph};

/// What a variable is bound to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Binding {
    /// This expression.
    Value(Expr),
    /// Nothing that can be known.
    Missing(Missing),
}

/// Why a variable has no value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Missing {
    Unassigned,
    OnSomePaths,
    BeforeInitial,
}

impl Missing {
    pub fn reason(self) -> &'static str {
        match self {
            Missing::Unassigned => "nothing has assigned it before",
            Missing::OnSomePaths => "not every path through IF has assigned it",
            Missing::BeforeInitial => {
                "before INITIAL it is what the run before has left, which nobody can know"
            }
        }
    }
}

impl Missing {
    /// The error of reading a variable here.
    pub fn diagnostic(self, span: Span, name: String) -> Diagnostic {
        let reason = self.reason().to_owned();
        Diagnostic::new(span, Problem::NoValue { name, reason })
    }
}

/// What can be assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Variable<'p> {
    /// a
    Plain(&'p str),
    /// a'
    Derivative(&'p str),
}

pub(super) type Scope<'p> = BTreeMap<Variable<'p>, Binding>;

/// All variables that a statement can see: those of the file, and the scopes of the routine that
/// it stands in, innermost last.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Environment<'p> {
    pub file: Scope<'p>,
    pub scopes: Vec<Scope<'p>>,
}

impl<'p> Environment<'p> {
    /// What a variable is bound to, if it exists.
    pub fn get(&self, variable: Variable<'p>) -> Option<Binding> {
        let scopes = self.scopes.iter().rev();
        scopes
            .chain([&self.file])
            .find_map(|scope| scope.get(&variable).copied())
    }

    /// Binds a variable in the innermost scope that has it, else in the file.
    pub fn set(&mut self, variable: Variable<'p>, binding: Binding) {
        let scopes = self.scopes.iter_mut().rev();
        let known = scopes
            .chain([&mut self.file])
            .find_map(|scope| scope.get_mut(&variable));
        match known {
            Some(slot) => *slot = binding,
            None => {
                self.file.insert(variable, binding);
            }
        }
    }

    /// Binds what was bound to something else before.
    pub fn replace_changed(&mut self, before: &Self, binding: Binding) {
        let scopes = self.scopes.iter_mut().zip(&before.scopes);
        for (now, before) in scopes.chain([(&mut self.file, &before.file)]) {
            for (variable, slot) in now {
                if before.get(variable) != Some(slot) {
                    *slot = binding;
                }
            }
        }
    }

    /// How many variables there are.
    pub fn len(&self) -> usize {
        self.file.len() + self.scopes.iter().map(BTreeMap::len).sum::<usize>()
    }

    /// What holds after `IF (condition)` with `then` and `otherwise` as its two outcomes.
    pub fn merge(graph: &mut Graph, condition: Expr, then: Self, otherwise: Self) -> Self {
        let mut scope = |then: Scope<'p>, mut otherwise: Scope<'p>| {
            let missing = Binding::Missing(Missing::Unassigned);
            let mut merged = Scope::new();
            for (variable, left) in then {
                let right = otherwise.remove(&variable).unwrap_or(missing);
                merged.insert(variable, merge(graph, condition, left, right));
            }
            // what only the second outcome knows
            for (variable, right) in otherwise {
                merged.insert(variable, merge(graph, condition, missing, right));
            }
            merged
        };
        let file = scope(then.file, otherwise.file);
        let scopes = then.scopes.into_iter().zip(otherwise.scopes);
        let scopes = scopes.map(|(then, otherwise)| scope(then, otherwise));
        Environment {
            file,
            scopes: scopes.collect(),
        }
    }
}

fn merge(graph: &mut Graph, condition: Expr, then: Binding, otherwise: Binding) -> Binding {
    match (then, otherwise) {
        (Binding::Value(a), Binding::Value(b)) => Binding::Value(graph.select(condition, a, b)),
        (Binding::Missing(a), Binding::Missing(b)) if a == b => then,
        (Binding::Missing(_), _) | (_, Binding::Missing(_)) => {
            Binding::Missing(Missing::OnSomePaths)
        }
    }
}
