//! The step that is chosen for each state and why, and its time constant.

use std::collections::HashMap;
use std::fmt::Write;

use super::Report;
use crate::curves::{Curves, StateCurve, curves, in_one_moment};
use crate::graph::Expr;
use crate::mechanism::{Mechanism, Method, Solve, VOLTAGE};
use crate::membrane::{Decision, Rules, Stepping, Update, decisions};
use crate::passes::{linear, simplify};
use crate::surroundings;

/// What is decided of the states of a mechanism, natively and under NEURON's conventions.
pub(super) struct Steps(Vec<(Solve, Decision, Decision)>);

impl Steps {
    pub fn of(mechanism: &Mechanism) -> Self {
        let as_written = Rules {
            stepping: Stepping::AsWritten,
            ..Rules::NATIVE
        };
        let native = decisions(mechanism, Rules::NATIVE);
        let as_written = decisions(mechanism, as_written);
        let both = native.into_iter().zip(as_written);
        let both = both.map(|((solve, native), (_, as_written))| (solve, native, as_written));
        Steps(both.collect())
    }

    /// What is said of a state.
    pub fn lines(&self, state: &str) -> Vec<String> {
        let mut solves = self.0.iter();
        let found = solves.find(|(solve, ..)| solve.states.iter().any(|name| name == state));
        let Some((solve, native, as_written)) = found else {
            return Vec::new();
        };
        let wording = match solve.wording.as_str() {
            "" => String::new(),
            wording => format!("{wording}: "),
        };
        let mut lines = vec![format!("{wording}{}", explanation(solve, *native, state))];
        if as_written.update != native.update {
            let neuron = name_of(as_written.update, solve);
            lines.push(format!("under NEURON's conventions: {neuron}, as written"));
        }
        lines
    }
}

/// What is done, and why.
fn explanation(solve: &Solve, decision: Decision, state: &str) -> String {
    let Decision {
        update,
        is_linear,
        is_coupled,
        laws,
    } = decision;
    let what = name_of(update, solve);
    let why = match update {
        Update::Computed => return what,
        Update::Exact if solve.method == Method::Exact => {
            format!("since {state}' is linear in {state}")
        }
        Update::Exact => {
            format!("since {state}' is linear in {state} and depends on no other state")
        }
        _ if !is_linear && solve.states.len() == 1 => {
            format!("since {state}' is not linear in {state}")
        }
        _ if !is_linear => "since not every rate is linear in its state".to_owned(),
        _ if laws > 0 => "since a law of conservation ties the states".to_owned(),
        _ if is_coupled => "since the states depend on each other".to_owned(),
        _ => "as written".to_owned(),
    };
    format!("{what}, {why}")
}

fn name_of(update: Update, solve: &Solve) -> String {
    let together = match solve.states.len() {
        1 => String::new(),
        count => format!(" of {count} states together"),
    };
    match update {
        Update::Exact => "exact exponential step".to_owned(),
        Update::LinearSolve => format!("implicit step{together}, one linear solve"),
        Update::Newton => format!("implicit step{together} by Newton's method"),
        Update::ForwardEuler => "forward Euler".to_owned(),
        Update::RungeKutta => "Runge and Kutta's step of fourth order".to_owned(),
        Update::Computed => "computed as written".to_owned(),
    }
}

impl Report {
    /// The time constant of a state with a rate that is linear in it, and what it is at rest.
    pub(super) fn time_constant(
        &mut self,
        mechanism: &Mechanism,
        state: &str,
        rate: Expr,
        at_rest: Option<&Curves>,
    ) {
        let Some(formula) = self.time_constant_formula(mechanism, state, rate) else {
            return;
        };
        let mut line = format!("time constant{formula}");
        let mut curves = at_rest.iter().flat_map(|curves| &curves.states);
        if let Some(curve) = curves.find(|curve| curve.name == state) {
            line.push_str(&numbers(mechanism, curve));
        }
        self.line(2, &line);
    }

    /// −1/(∂f/∂s) of s′ = f, behind a space; nothing where that is a number.
    fn time_constant_formula(
        &mut self,
        mechanism: &Mechanism,
        state: &str,
        rate: Expr,
    ) -> Option<String> {
        let rate = in_one_moment(&mut self.graph, mechanism, rate);
        // what has a name and does not depend on the state stays whole, as one number
        let names: Vec<(Expr, String)> = self.names.clone().into_iter().collect();
        let named = names.into_iter().filter_map(|(expr, name)| {
            let free = !self.graph.mentions(expr, state);
            free.then(|| (expr, self.graph.symbol(&name)))
        });
        let named: HashMap<Expr, Expr> = named.collect();
        let rate = self.graph.substitute(&[rate], &named)[0];
        let slope = linear::linear_in(&mut self.graph, rate, state)?.slope;
        // a rate that does not depend on the state at all goes nowhere
        if self.graph.literal(slope) == Some(0.0) {
            return None;
        }
        let (one, decay) = (self.graph.constant(1.0), self.graph.neg(slope));
        let time_constant = self.graph.div(one, decay);
        let time_constant = simplify::simplify(&mut self.graph, &[time_constant])[0];
        match self.graph.literal(time_constant) {
            Some(number) if number > 0.0 => Some(String::new()),
            Some(_) => None,
            None => Some(format!(" {}", self.formula(time_constant))),
        }
    }
}

/// A mechanism at the initial voltage and the temperature that models have until they are set.
pub(super) fn at_rest(mechanism: &Mechanism) -> Option<Curves> {
    curves(mechanism, VOLTAGE, &[surroundings::VOLTAGE], &[]).ok()
}

/// Time constant and steady state, as far as there are any.
fn numbers(mechanism: &Mechanism, curve: &StateCurve) -> String {
    let (tau, steady) = (curve.time_constant[0], curve.steady[0]);
    if tau.is_nan() {
        return String::new();
    }
    let mut text = format!(" = {} ms", significant(tau));
    if !steady.is_nan() {
        let _ = write!(text, ", steady state {}", significant(steady));
    }
    let _ = write!(text, " at {} mV", surroundings::VOLTAGE);
    if mechanism.depends_on_temperature() {
        let _ = write!(text, " and {} degC", surroundings::CELSIUS);
    }
    text
}

/// A number with four digits.
fn significant(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    crate::formula::number(rounded)
}
