//! Random numbers: each time that a statement draws one, it is a symbol of its own.

use super::super::ast::{Call, Distribution, Name};
use super::environment::{Binding, Variable};
use super::execute::{Executor, Lowered};
use crate::graph::{Expr, Unary};

/// Functions that draw.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct DrawCall {
    name: &'static str,
    distribution: Distribution,
    /// Whether its first argument is a stream (RANDOM), which is no number.
    streamed: bool,
    /// The fewest and the most arguments, the stream aside.
    arguments: (usize, usize),
}

const CALLS: &[DrawCall] = &[
    call("scop_random", Distribution::Uniform, false, (0, 1)),
    call("exprand", Distribution::Exponential, false, (1, 1)),
    call("normrand", Distribution::Normal, false, (2, 2)),
    call("random_uniform", Distribution::Uniform, true, (0, 2)),
    call("random_dpick", Distribution::Uniform, true, (0, 0)),
    call("random_negexp", Distribution::Exponential, true, (0, 1)),
    call("random_normal", Distribution::Normal, true, (0, 2)),
];

const fn call(
    name: &'static str,
    distribution: Distribution,
    streamed: bool,
    arguments: (usize, usize),
) -> DrawCall {
    DrawCall {
        name,
        distribution,
        streamed,
        arguments,
    }
}

impl DrawCall {
    pub fn named(name: &str) -> Option<&'static Self> {
        CALLS.iter().find(|call| call.name == name)
    }

    pub fn names<'a>() -> impl Iterator<Item = &'a str> {
        CALLS.iter().map(|call| call.name)
    }

    /// Whether its first argument is a stream.
    pub fn is_streamed(&self) -> bool {
        self.streamed
    }

    /// The number of arguments nearest to `found` that it takes.
    pub fn arity(&self, found: usize) -> usize {
        let stream = usize::from(self.streamed);
        let (fewest, most) = self.arguments;
        found.clamp(fewest + stream, most + stream)
    }
}

impl<'p> Executor<'p, '_> {
    /// A function that draws: its number scaled and shifted by its arguments.
    pub(super) fn drawn(&mut self, draw: &DrawCall, call: &'p Call) -> Lowered<Expr> {
        let number = self.draw(draw.distribution);
        let mut arguments = Vec::new();
        for argument in call.arguments.iter().skip(usize::from(draw.streamed)) {
            arguments.push(self.expression(argument)?);
        }
        let graph = &mut self.graph;
        Ok(match (draw.distribution, arguments.as_slice()) {
            (Distribution::Exponential, &[mean]) => graph.mul(mean, number),
            (Distribution::Normal, &[mean, deviation]) => {
                let scaled = graph.mul(deviation, number);
                graph.add(mean, scaled)
            }
            (Distribution::Uniform, &[lowest, highest]) => {
                let width = graph.sub(highest, lowest);
                let scaled = graph.mul(width, number);
                graph.add(lowest, scaled)
            }
            // the argument of scop_random is a relic
            _ => number,
        })
    }

    /// A fresh random number.
    pub(super) fn draw(&mut self, distribution: Distribution) -> Expr {
        let number = self.uniform();
        match distribution {
            Distribution::Uniform => number,
            Distribution::Exponential => {
                let logarithm = self.graph.unary(Unary::Log, number);
                self.graph.neg(logarithm)
            }
            Distribution::Normal => {
                // Box and Muller (1958): √(−2 ln u₁)·cos(2π u₂)
                let angle = self.uniform();
                let graph = &mut self.graph;
                let logarithm = graph.unary(Unary::Log, number);
                let scale = graph.constant(-2.0);
                let square = graph.mul(scale, logarithm);
                let radius = graph.unary(Unary::Sqrt, square);
                let turn = graph.constant(std::f64::consts::TAU);
                let angle = graph.mul(turn, angle);
                let cosine = graph.unary(Unary::Cos, angle);
                graph.mul(radius, cosine)
            }
        }
    }

    fn uniform(&mut self) -> Expr {
        let symbol = format!("draw {}", self.draws.len());
        let number = self.graph.symbol(&symbol);
        self.draws.push(symbol);
        number
    }

    /// Assigns a random number to a FUNCTION that C code computes, or to a variable that C declares.
    pub(super) fn draw_into(&mut self, name: &'p Name, distribution: Distribution) -> Lowered<()> {
        let number = self.draw(distribution);
        let variable = Variable::Plain(name.text.as_str());
        if self.environment.get(variable).is_none()
            && let Some(scope) = self.environment.scopes.last_mut()
        {
            scope.insert(variable, Binding::Value(number));
            return Ok(());
        }
        self.assign(name, number)
    }
}
