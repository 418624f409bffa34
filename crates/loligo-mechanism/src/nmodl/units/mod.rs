//! Units: what they are worth, and whether the formulas of a file agree with them.
//!
//! [`check`] walks over a file and warns where two sides can not be in the same units: an assignment, a
//! sum, a comparison, an argument, a rate. Nothing is converted, and nothing is an error: a unit
//! behind a number or a name does not change a value. (Constants of nature in UNITS do have one:
//! [`Definitions::convert`].)
//!
//! NEURON's modlunit checks the same; what it means by a construct holds here too: a number alone in
//! parentheses converts between units, `5 (mV)` has a unit, UNITSOFF silences, LOCAL has the units of
//! what it was last assigned, `x'` those of x per millisecond, a STATE without units is a pure number.
//! It asks for more than most files give: to it, whatever has no units is a pure number, so that
//! `exp(v/18)` is an error. Here what has no units is unknown and fits everywhere, and a bare number in
//! a product may have the units that are missing ([`inferred`]), so that a warning is a wrong formula
//! or a wrong declaration, not an omitted label.

mod declared;
mod definitions;
mod formula;
mod inferred;
mod known;
mod quantity;
mod reaction;
mod statement;

pub(crate) use definitions::Definitions;

use std::collections::HashMap;

use super::ast::{Argument, Block, Program, RoutineKind};
use super::diagnostics::Span;
use super::source::Source;
use declared::Declared;
use inferred::{Agreement, Units};
use quantity::{Factor, Quantity};

/// Where the units of a file do not fit, each with its place: `file:line:column: …`, in order.
pub(crate) fn check(program: &Program, source: &Source) -> Vec<String> {
    let mut checker = Checker::new(program);
    checker.blocks();
    let mut warnings = checker.declared.warnings;
    warnings.sort_by_key(|(span, _)| (span.start, span.end));
    warnings.dedup();
    let print = |(span, message)| format!("{}: {message}", source.place(span));
    warnings.into_iter().map(print).collect()
}

struct Checker<'p> {
    program: &'p Program,
    declared: Declared<'p>,
    /// LOCAL variables and arguments, the innermost block last.
    scopes: Vec<HashMap<&'p str, Units>>,
    /// Volumes of the compartments that states of a KINETIC block are in.
    volumes: HashMap<&'p str, Units>,
    /// Whether UNITSOFF holds.
    silent: bool,
}

impl<'p> Checker<'p> {
    fn new(program: &'p Program) -> Self {
        Checker {
            program,
            declared: Declared::of(program),
            scopes: Vec::new(),
            volumes: HashMap::new(),
            silent: false,
        }
    }

    fn blocks(&mut self) {
        let program = self.program;
        let blocks = [&program.initial, &program.breakpoint];
        let moments = program.moments.values().map(|timed| &timed.body);
        let solved = program.derivatives.iter().map(|block| &block.body);
        let blocks = blocks.into_iter().flatten().chain(moments);
        for block in blocks.chain(solved) {
            self.volumes.clear();
            self.in_scope(HashMap::new(), block);
        }
        if let Some(receive) = &program.receive {
            let scope = self.arguments(&receive.arguments);
            self.in_scope(scope, &receive.body);
        }
        for routine in &program.routines {
            let mut scope = self.arguments(&routine.arguments);
            if routine.kind != RoutineKind::Procedure {
                let units = self.declared.units(&routine.units, routine.name.span);
                scope.insert(routine.name.text.as_str(), units);
            }
            self.in_scope(scope, &routine.body);
        }
    }

    fn arguments(&mut self, arguments: &'p [Argument]) -> HashMap<&'p str, Units> {
        let mut units = |argument: &'p Argument| {
            let units = self.declared.units(&argument.units, argument.name.span);
            (argument.name.text.as_str(), units)
        };
        arguments.iter().map(&mut units).collect()
    }

    fn in_scope(&mut self, scope: HashMap<&'p str, Units>, block: &'p Block) {
        self.scopes.push(scope);
        for statement in &block.statements {
            self.statement(statement);
        }
        self.scopes.pop();
    }

    /// Warns unless `found` is in the units of `expected`, which `what` names.
    fn compare(&mut self, what: &str, expected: &Units, found: &Units, span: Span) {
        if self.silent {
            return;
        }
        let (Some(wanted), Some(given)) = (expected.quantity(), found.quantity()) else {
            return;
        };
        let missing = match found.agreement(expected) {
            Agreement::Fits => return,
            Agreement::Factor(factor) => format!(": the factor ({}) is missing", Factor(factor)),
            Agreement::Differs if wanted.is_number() || given.is_number() => String::new(),
            Agreement::Differs => {
                let difference = wanted.times(given, -1).in_common_units();
                format!(": they differ by ({difference})")
            }
        };
        let (wanted, given) = (described(wanted), described(given));
        let message = format!("{what} {wanted}, but this {given}{missing}");
        self.declared.warnings.push((span, message));
    }
}

fn described(quantity: Quantity) -> String {
    match quantity == Quantity::ONE {
        true => "has no units".to_owned(),
        false => format!("is in ({quantity})"),
    }
}
