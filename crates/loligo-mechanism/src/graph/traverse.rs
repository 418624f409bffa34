//! Walking a graph: what an expression needs, mentions, and becomes under substitution.

use std::collections::HashMap;

use super::{Expr, Graph, Node, Symbol};

impl Graph {
    /// The operands of a node.
    pub fn operands(&self, expr: Expr) -> impl Iterator<Item = Expr> + use<> {
        let operands = match self.node(expr) {
            Node::Constant(_) | Node::Symbol(_) => [None, None, None],
            Node::Unary(_, a) => [Some(a), None, None],
            Node::Binary(_, a, b) => [Some(a), Some(b), None],
            Node::Select(c, a, b) => [Some(c), Some(a), Some(b)],
        };
        operands.into_iter().flatten()
    }

    /// Every node that `outputs` need, operands first.
    pub fn reachable(&self, outputs: &[Expr]) -> Vec<Expr> {
        let mut seen = vec![false; self.len()];
        let mut stack: Vec<Expr> = outputs.to_vec();
        while let Some(expr) = stack.pop() {
            if !std::mem::replace(&mut seen[expr.index()], true) {
                stack.extend(self.operands(expr));
            }
        }
        (0..self.len())
            .filter(|&i| seen[i])
            .map(|i| Expr(i as u32))
            .collect()
    }

    /// The symbols that `outputs` mention, in order of first use.
    pub fn symbols_of(&self, outputs: &[Expr]) -> Vec<Symbol> {
        let symbol = |e| match self.node(e) {
            Node::Symbol(symbol) => Some(symbol),
            _ => None,
        };
        self.reachable(outputs)
            .into_iter()
            .filter_map(symbol)
            .collect()
    }

    /// Whether `expr` mentions the symbol of that name.
    pub fn mentions(&self, expr: Expr, name: &str) -> bool {
        self.find_symbol(name)
            .is_some_and(|s| self.symbols_of(&[expr]).contains(&s))
    }

    /// The same node with other operands, built by the folding constructors.
    pub fn rebuild(&mut self, expr: Expr, map: &dyn Fn(Expr) -> Expr) -> Expr {
        match self.node(expr) {
            Node::Constant(_) | Node::Symbol(_) => expr,
            Node::Unary(function, a) => self.unary(function, map(a)),
            Node::Binary(function, a, b) => self.binary(function, map(a), map(b)),
            Node::Select(c, a, b) => self.select(map(c), map(a), map(b)),
        }
    }

    /// `outputs` with each key of `replacements` replaced by its value.
    pub fn substitute(
        &mut self,
        outputs: &[Expr],
        replacements: &HashMap<Expr, Expr>,
    ) -> Vec<Expr> {
        let mut done: HashMap<Expr, Expr> = HashMap::new();
        for expr in self.reachable(outputs) {
            let result = match replacements.get(&expr) {
                Some(&replacement) => replacement,
                None => self.rebuild(expr, &|e| done[&e]),
            };
            done.insert(expr, result);
        }
        outputs.iter().map(|e| done[e]).collect()
    }

    /// Copies `outputs` of another graph into this one; `rename` gives each symbol its name here.
    pub fn import(
        &mut self,
        other: &Graph,
        outputs: &[Expr],
        rename: &dyn Fn(&str) -> String,
    ) -> Vec<Expr> {
        let mut done: HashMap<Expr, Expr> = HashMap::new();
        for expr in other.reachable(outputs) {
            let result = match other.node(expr) {
                Node::Constant(bits) => self.constant(f64::from_bits(bits)),
                Node::Symbol(symbol) => {
                    let name = rename(other.name(symbol));
                    self.symbol(&name)
                }
                Node::Unary(function, a) => self.unary(function, done[&a]),
                Node::Binary(function, a, b) => self.binary(function, done[&a], done[&b]),
                Node::Select(c, a, b) => self.select(done[&c], done[&a], done[&b]),
            };
            done.insert(expr, result);
        }
        outputs.iter().map(|e| done[e]).collect()
    }
}
