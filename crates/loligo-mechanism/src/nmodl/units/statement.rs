//! What each statement asks of units: assignments, equations, branches, loops.

use std::collections::HashMap;

use super::super::ast::{Name, Statement, StatementKind};
use super::super::diagnostics::Span;
use super::Checker;
use super::inferred::{Agreement, Units};

impl<'p> Checker<'p> {
    pub(super) fn statement(&mut self, statement: &'p Statement) {
        self.silent = statement.units_off;
        match &statement.kind {
            StatementKind::Local(names) => {
                if let Some(scope) = self.scopes.last_mut() {
                    scope.extend(names.iter().map(|name| (base(name), Units::Unknown)));
                }
            }
            StatementKind::Assign(name, value) => {
                let units = self.formula(value);
                self.assign(name, units, value.span);
            }
            StatementKind::Evolve(name, value) => {
                let found = self.formula(value);
                let time = self.declared.fixed("ms");
                let expected = self.variable(&name.text).times(time, -1);
                let what = format!("`{}'`", name.text);
                self.compare(&what, &expected, &found, value.span);
            }
            StatementKind::Call(call) => {
                self.call(call);
            }
            StatementKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.formula(condition);
                let before = self.scopes.clone();
                self.in_scope(HashMap::new(), then);
                let after = std::mem::replace(&mut self.scopes, before);
                self.in_scope(HashMap::new(), otherwise);
                self.merge(&after);
            }
            StatementKind::Loop {
                counter,
                from,
                to,
                by,
                body,
            } => {
                for bound in [Some(from), Some(to), by.as_ref()].into_iter().flatten() {
                    self.formula(bound);
                }
                let before = self.scopes.clone();
                let counter = HashMap::from([(counter.text.as_str(), Units::Unknown)]);
                self.in_scope(counter, body);
                self.merge(&before);
            }
            StatementKind::While { condition, body } => {
                self.formula(condition);
                let before = self.scopes.clone();
                self.in_scope(HashMap::new(), body);
                self.merge(&before);
            }
            StatementKind::Block(block) | StatementKind::Initial(block) => {
                self.in_scope(HashMap::new(), block);
            }
            StatementKind::ForConnections { arguments, body } => {
                let scope = self.arguments(arguments);
                self.in_scope(scope, body);
            }
            StatementKind::Watch { condition, flag } => {
                self.formula(condition);
                self.formula(flag);
            }
            StatementKind::Equation(left, right) => {
                let (expected, found) = (self.formula(left), self.formula(right));
                self.compare("the left side of `=`", &expected, &found, right.span);
            }
            StatementKind::Diffusion {
                counter,
                conductivity,
                ..
            } => self.diffusion(counter.as_ref(), conductivity),
            StatementKind::Draw(name, ..) => {
                // C code may assign what it declares itself
                if let Some(scope) = self.scopes.last_mut() {
                    scope.entry(&name.text).or_insert(Units::Unknown);
                }
            }
            StatementKind::Reaction(reaction) => self.reaction(reaction),
            StatementKind::Conserve { terms, total } => self.conserve(terms, total),
            StatementKind::Compartment {
                counter,
                volume,
                states,
            } => self.compartment(counter.as_ref(), volume, states),
            StatementKind::Solve { .. }
            | StatementKind::Return
            | StatementKind::Break
            | StatementKind::Verbatim(_)
            | StatementKind::Table(_)
            | StatementKind::Conductance { .. } => {}
        }
    }

    fn assign(&mut self, name: &'p Name, found: Units, span: Span) {
        let is_result = self.declares_result(&name.text);
        let scopes = self.scopes.iter_mut().rev();
        let local = scopes
            .filter_map(|scope| scope.get_mut(name.text.as_str()))
            .next();
        match local {
            Some(local) if !is_result => {
                // what is not checked is not known
                *local = match self.silent {
                    true => Units::Unknown,
                    false => found,
                };
            }
            _ => {
                let expected = self.variable(&name.text);
                self.compare(&format!("`{}`", name.text), &expected, &found, span);
            }
        }
    }

    /// Whether a name is a FUNCTION's, whose units are declared once for all.
    fn declares_result(&self, name: &str) -> bool {
        let mut routines = self.program.routines.iter();
        routines.any(|routine| routine.name.text == name)
    }

    /// The units of a variable where the walk has come to.
    pub(super) fn variable(&self, name: &str) -> Units {
        let mut scopes = self.scopes.iter().rev();
        let local = scopes.find_map(|scope| scope.get(name));
        match local {
            Some(units) => units.clone(),
            None => self.declared.of_variable(name),
        }
    }

    /// Leaves known what is the same at the end of two paths.
    fn merge(&mut self, other: &[HashMap<&'p str, Units>]) {
        for (mine, its) in self.scopes.iter_mut().zip(other) {
            for (name, units) in mine {
                let Some(other) = its.get(name).filter(|other| *other != units) else {
                    continue;
                };
                let mine = std::mem::replace(units, Units::Unknown);
                if mine.agreement(other) == Agreement::Fits {
                    *units = mine.joined(other.clone());
                }
            }
        }
    }
}

/// The name of a variable, or of the array that it is an element of.
fn base(name: &Name) -> &str {
    name.text.split('[').next().unwrap_or_default()
}
