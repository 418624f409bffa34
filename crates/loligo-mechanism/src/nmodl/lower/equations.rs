//! LINEAR and NONLINEAR blocks: states that satisfy equations, whatever they were before.

use super::super::ast::{Derivative, DerivativeKind};
use super::super::diagnostics::{Diagnostic, Span};
use super::environment::{Binding, Variable};
use super::execute::{Executor, Lowered, Phase};
use crate::graph::Expr;
use crate::passes::implicit::Equations;

impl<'p> Executor<'p, '_> {
    /// Runs a block of equations, and solves them for its states; the states must be symbols.
    /// Returns each state with its solution.
    pub(super) fn solution(
        &mut self,
        block: &'p Derivative,
        span: Span,
    ) -> Lowered<Vec<(&'p str, Expr)>> {
        let callers = std::mem::take(&mut self.environment.scopes);
        let phase = std::mem::replace(&mut self.phase, Phase::Derivative);
        self.equations.clear();
        self.block(&block.body)?;
        self.phase = phase;
        self.environment.scopes = callers;
        let residuals = std::mem::take(&mut self.equations);

        let states: Vec<&'p str> = match block.unknowns.is_empty() {
            true => self.names.states(),
            false => block
                .unknowns
                .iter()
                .map(|name| name.text.as_str())
                .collect(),
        };
        let mentioned = |name: &&str| {
            let mut residuals = residuals.iter();
            residuals.any(|residual| self.graph.mentions(*residual, name))
        };
        let states: Vec<&'p str> = states.into_iter().filter(mentioned).collect();
        if states.len() != residuals.len() {
            let message = format!(
                "`{}` has {} equations for {} states; it needs as many",
                block.name.text,
                residuals.len(),
                states.len()
            );
            return Err(Diagnostic::invalid(span, message));
        }
        let unknowns: Vec<Expr> = states.iter().map(|name| self.graph.symbol(name)).collect();
        let guess = match block.kind {
            // one step of Newton's method solves them from anywhere
            DerivativeKind::Linear => vec![self.graph.constant(0.0); unknowns.len()],
            _ => unknowns.clone(),
        };
        let equations = Equations {
            unknowns,
            residuals,
        };
        let solution = equations.solve(&mut self.graph, &guess);
        Ok(states.into_iter().zip(solution).collect())
    }

    /// SOLVE block in INITIAL, of equations: the states become their solution.
    pub(super) fn satisfy(&mut self, block: &'p Derivative, span: Span) -> Lowered<()> {
        let mut starts = Vec::new();
        for state in self.names.states() {
            let variable = Variable::Plain(state);
            let symbol = self.graph.symbol(state);
            starts.push((state, symbol, self.environment.get(variable)));
            self.environment.set(variable, Binding::Value(symbol));
        }
        let solution = self.solution(block, span)?;
        // what the solution starts from, and states that are no unknowns, are what they were
        let known = starts
            .iter()
            .filter_map(|&(_, symbol, before)| match before {
                Some(Binding::Value(value)) => Some((symbol, value)),
                _ => None,
            });
        let known = known.collect();
        for (state, _, before) in starts {
            if let Some(before) = before {
                self.environment.set(Variable::Plain(state), before);
            }
        }
        for (state, value) in solution {
            let value = self.graph.substitute(&[value], &known)[0];
            let variable = Variable::Plain(state);
            self.environment.set(variable, Binding::Value(value));
        }
        Ok(())
    }
}
