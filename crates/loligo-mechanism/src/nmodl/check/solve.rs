//! SOLVE: which blocks it may name where, and by which METHOD.

use super::super::ast::{DerivativeKind, Name, RoutineKind};
use super::super::diagnostics::{Diagnostic, Span};
use super::{Place, Walk};

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

impl<'p> Walk<'p, '_> {
    pub(super) fn solve(
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
}
