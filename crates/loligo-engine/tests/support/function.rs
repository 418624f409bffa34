//! Expressions, evaluated node by node with numbers of any kind.

use std::collections::HashMap;

use loligo_mechanism::graph::{Binary, Expr, Graph, Node, Unary};

use super::complex::Number;

/// Expressions of one graph, to be evaluated together.
pub struct Function {
    steps: Vec<Step>,
    /// What it reads.
    pub symbols: Vec<String>,
    outputs: Vec<usize>,
}

enum Step {
    Constant(f64),
    Symbol(usize),
    Unary(Unary, usize),
    Binary(Binary, usize, usize),
    Select(usize, usize, usize),
}

impl Function {
    pub fn new(graph: &Graph, outputs: &[Expr]) -> Self {
        let mut position: HashMap<Expr, usize> = HashMap::new();
        let (mut steps, mut symbols) = (Vec::new(), Vec::new());
        for expr in graph.reachable(outputs) {
            position.insert(expr, steps.len());
            steps.push(match graph.node(expr) {
                Node::Constant(bits) => Step::Constant(f64::from_bits(bits)),
                Node::Symbol(symbol) => {
                    symbols.push(graph.name(symbol).to_owned());
                    Step::Symbol(symbols.len() - 1)
                }
                Node::Unary(function, a) => Step::Unary(function, position[&a]),
                Node::Binary(function, a, b) => Step::Binary(function, position[&a], position[&b]),
                Node::Select(c, a, b) => Step::Select(position[&c], position[&a], position[&b]),
            });
        }
        Function {
            steps,
            symbols,
            outputs: outputs.iter().map(|e| position[e]).collect(),
        }
    }

    /// The outputs, with `symbols` saying what [`Function::symbols`] stand for.
    pub fn evaluate<S: Number>(&self, symbols: &[Binding<S>], v: S, states: &[S]) -> Vec<S> {
        let mut values: Vec<S> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let value = match *step {
                Step::Constant(number) => S::from_f64(number),
                Step::Symbol(i) => match symbols[i] {
                    Binding::Voltage => v,
                    Binding::State(i) => states[i],
                    Binding::Number(number) => number,
                },
                Step::Unary(function, a) => S::unary(function, values[a]),
                Step::Binary(function, a, b) => S::binary(function, values[a], values[b]),
                Step::Select(c, a, _) if values[c].real() != 0.0 => values[a],
                Step::Select(_, _, b) => values[b],
            };
            values.push(value);
        }
        self.outputs.iter().map(|&i| values[i]).collect()
    }
}

/// What a symbol stands for in a compartment.
#[derive(Clone, Copy)]
pub enum Binding<S> {
    Voltage,
    State(usize),
    Number(S),
}
