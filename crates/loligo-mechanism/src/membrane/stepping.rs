//! How the states of a mechanism are stepped.

use std::collections::HashMap;

use super::decision::{Decision, Update};
use super::{Order, Rules, Stepping};
use crate::graph::{Expr, Graph};
use crate::mechanism::{Conserved, Method, before};
use crate::passes::implicit::Equations;
use crate::passes::linear::{self, Linear};
use crate::passes::simplify;

/// States that are stepped together: symbols, and their rates in terms of the symbols.
pub(super) struct System {
    pub names: Vec<String>,
    pub symbols: Vec<Expr>,
    pub rates: Vec<Expr>,
    pub method: Method,
    pub conserved: Vec<Conserved>,
}

/// How they are stepped.
enum Chosen {
    Exact(Vec<Linear>),
    ForwardEuler,
    RungeKutta,
    Implicit,
}

/// States of a system as functions of those before a step of `dt`.
pub(super) struct Stepped {
    /// After the step.
    pub after: Vec<Expr>,
    /// As other statements of their block see them: an implicit step of second order solves for its
    /// middle, and NEURON runs the block there.
    pub seen: Vec<Expr>,
    /// The step as these statements see it: to the middle where they are seen there.
    pub within: Option<Expr>,
}

impl Stepped {
    /// States that are seen as they are after the step.
    pub fn seen_after(after: Vec<Expr>) -> Self {
        let seen = after.clone();
        Stepped {
            after,
            seen,
            within: None,
        }
    }
}

impl System {
    /// The states after a step of `dt`, as functions of those before it.
    pub fn step(mut self, graph: &mut Graph, rules: Rules) -> Stepped {
        let now = self.prepare(graph, rules);
        let lines = self.lines(graph);
        let stepped = match self.chosen(graph, rules, lines) {
            Chosen::Exact(lines) => Stepped::seen_after(self.exactly(graph, &lines)),
            Chosen::ForwardEuler => Stepped::seen_after(self.forward(graph)),
            Chosen::RungeKutta => Stepped::seen_after(self.runge_kutta(graph)),
            Chosen::Implicit => match rules.order {
                Order::First => Stepped::seen_after(self.implicitly(graph)),
                Order::Second => self.through_the_middle(graph),
            },
        };
        Stepped {
            after: graph.substitute(&stepped.after, &now),
            seen: graph.substitute(&stepped.seen, &now),
            within: stepped.within,
        }
    }

    /// Brings the rates into the form that is stepped; the answer is what symbols of states before the
    /// step stand for.
    fn prepare(&mut self, graph: &mut Graph, rules: Rules) -> HashMap<Expr, Expr> {
        let names = self.names.iter().zip(&self.symbols);
        let now: HashMap<Expr, Expr> = names
            .map(|(name, &symbol)| (graph.symbol(&before(name)), symbol))
            .collect();
        // NEURON takes what rates read of the states from before the step
        if rules.stepping == Stepping::ExactWherePossible {
            self.rates = graph.substitute(&self.rates, &now);
        }
        self.rates = simplify::simplify(graph, &self.rates);
        now
    }

    /// How the states are stepped, if the rates are these lines, each in its own state.
    fn chosen(&self, graph: &Graph, rules: Rules, lines: Option<Vec<Linear>>) -> Chosen {
        let free = self.conserved.is_empty() && self.is_uncoupled(graph);
        let exactly = match (self.method, rules.stepping) {
            (Method::Exact, _) => true,
            (_, Stepping::ExactWherePossible) => free,
            (_, Stepping::AsWritten) => false,
        };
        match (lines, self.method) {
            (Some(lines), _) if exactly => Chosen::Exact(lines),
            (_, Method::Euler) => Chosen::ForwardEuler,
            (_, Method::RungeKutta) => Chosen::RungeKutta,
            // what cnexp cannot solve NEURON steps as derivimplicit does
            _ => Chosen::Implicit,
        }
    }

    /// The rates as lines, each in its own state, if all are.
    fn lines(&self, graph: &mut Graph) -> Option<Vec<Linear>> {
        let states = self.names.iter().zip(&self.rates);
        states
            .map(|(name, rate)| linear::linear_in(graph, *rate, name))
            .collect()
    }

    /// What is decided of these states, and why.
    pub fn decision(mut self, graph: &mut Graph, rules: Rules) -> Decision {
        self.prepare(graph, rules);
        let lines = self.lines(graph);
        let is_linear = lines.is_some();
        let update = match self.chosen(graph, rules, lines) {
            Chosen::Exact(_) => Update::Exact,
            Chosen::ForwardEuler => Update::ForwardEuler,
            Chosen::RungeKutta => Update::RungeKutta,
            Chosen::Implicit => match self.backward_euler(graph).0.is_linear(graph) {
                true => Update::LinearSolve,
                false => Update::Newton,
            },
        };
        Decision {
            update,
            is_linear,
            is_coupled: !self.is_uncoupled(graph),
            laws: self.conserved.len(),
        }
    }

    /// Whether no rate depends on another state.
    fn is_uncoupled(&self, graph: &Graph) -> bool {
        self.rates.iter().enumerate().all(|(index, rate)| {
            let mut others = self.names.iter().enumerate().filter(|(i, _)| *i != index);
            !others.any(|(_, name)| graph.mentions(*rate, name))
        })
    }

    /// One after the other: a later one sees what an earlier one became.
    fn exactly(&self, graph: &mut Graph, lines: &[Linear]) -> Vec<Expr> {
        let mut done: HashMap<Expr, Expr> = HashMap::new();
        let mut after = Vec::new();
        for (&symbol, &line) in self.symbols.iter().zip(lines) {
            let step = linear::exact_step(graph, symbol, line);
            let step = graph.substitute(&[step], &done)[0];
            done.insert(symbol, step);
            after.push(step);
        }
        after
    }

    /// s + Δt·f(s)
    fn forward(&self, graph: &mut Graph) -> Vec<Expr> {
        let dt = graph.symbol("dt");
        let states = self.symbols.iter().zip(&self.rates);
        states
            .map(|(&state, &rate)| {
                let change = graph.mul(dt, rate);
                graph.add(state, change)
            })
            .collect()
    }

    /// The classical scheme of Runge and Kutta (Kutta 1901).
    fn runge_kutta(&self, graph: &mut Graph) -> Vec<Expr> {
        let dt = graph.symbol("dt");
        let mut slopes: Vec<Vec<Expr>> = Vec::new();
        for share in [0.0, 0.5, 0.5, 1.0] {
            let last = slopes.last();
            let share = graph.constant(share);
            let reach = graph.mul(share, dt);
            let mut there = HashMap::new();
            for (index, &state) in self.symbols.iter().enumerate() {
                let moved = match last {
                    Some(slope) => {
                        let change = graph.mul(reach, slope[index]);
                        graph.add(state, change)
                    }
                    None => state,
                };
                there.insert(state, moved);
            }
            slopes.push(graph.substitute(&self.rates, &there));
        }
        let mut after = Vec::new();
        for (index, &state) in self.symbols.iter().enumerate() {
            let mut total = graph.constant(0.0);
            for (weight, slope) in [1.0, 2.0, 2.0, 1.0].into_iter().zip(&slopes) {
                let weight = graph.constant(weight / 6.0);
                let weighted = graph.mul(weight, slope[index]);
                total = graph.add(total, weighted);
            }
            let change = graph.mul(dt, total);
            after.push(graph.add(state, change));
        }
        after
    }

    /// Half a backward Euler step, then twice as far: the implicit midpoint rule.
    fn through_the_middle(&self, graph: &mut Graph) -> Stepped {
        let middle = self.implicitly(graph);
        let [dt, half] = [graph.symbol("dt"), graph.constant(0.5)];
        let half_step = graph.mul(half, dt);
        let middle = graph.substitute(&middle, &HashMap::from([(dt, half_step)]));
        let states = self.symbols.iter().zip(&middle);
        let after = states
            .map(|(&before, &middle)| {
                let twice = graph.add(middle, middle);
                graph.sub(twice, before)
            })
            .collect();
        Stepped {
            after,
            seen: middle,
            within: Some(half_step),
        }
    }

    /// The equations of a backward Euler step, with laws of conservation in place of some, and what
    /// the states were before it.
    fn backward_euler(&self, graph: &mut Graph) -> (Equations, Vec<Expr>) {
        let (mut equations, before) = Equations::backward_euler(graph, &self.symbols, &self.rates);
        equations.conserve(&self.names, &self.conserved);
        (equations, before)
    }

    /// Backward Euler.
    fn implicitly(&self, graph: &mut Graph) -> Vec<Expr> {
        let (equations, before) = self.backward_euler(graph);
        let solution = equations.solve(graph, &before);
        let states = self.symbols.iter().copied();
        let back: HashMap<Expr, Expr> = before.into_iter().zip(states).collect();
        graph.substitute(&solution, &back)
    }
}
