//! Moves what cannot change during a run out of the time loop.
//!
//! Temperature factors and everything else that depends on parameters only are computed once per
//! run, by a prologue; the step reads them as symbols of their own.

use std::collections::HashMap;

use crate::graph::{Expr, Graph, Node};

/// A split of `outputs` into what runs once and what runs at every step.
#[derive(Clone, Debug)]
pub struct Hoisted {
    /// New symbols and their values, free of anything that varies.
    pub prologue: Vec<(String, Expr)>,
    /// The outputs in terms of the old and the new symbols.
    pub outputs: Vec<Expr>,
}

/// Hoists every largest subexpression that mentions none of the symbols for which `varies` holds.
///
/// A subexpression that needs no computation (a symbol, a literal) stays where it is. New symbols
/// are called `prefix` and a number.
pub fn hoist(
    graph: &mut Graph,
    outputs: &[Expr],
    prefix: &str,
    varies: &dyn Fn(&str) -> bool,
) -> Hoisted {
    let order = graph.reachable(outputs);
    let mut varying: HashMap<Expr, bool> = HashMap::new();
    for &expr in &order {
        let itself = match graph.node(expr) {
            Node::Symbol(symbol) => varies(graph.name(symbol)),
            _ => graph.operands(expr).any(|a| varying[&a]),
        };
        varying.insert(expr, itself);
    }
    // what something varying (or the caller) reads, and is not itself varying, is hoisted
    let mut hoisted = Vec::new();
    let computed =
        |e: Expr| !matches!(graph.node(e), Node::Constant(_) | Node::Symbol(_)) && !varying[&e];
    for &expr in &order {
        if varying[&expr] {
            hoisted.extend(graph.operands(expr).filter(|a| computed(*a)));
        }
    }
    hoisted.extend(outputs.iter().copied().filter(|e| computed(*e)));
    hoisted.sort();
    hoisted.dedup();
    let mut prologue = Vec::new();
    let mut replacements = HashMap::new();
    for (number, expr) in hoisted.into_iter().enumerate() {
        let name = format!("{prefix}{number}");
        replacements.insert(expr, graph.symbol(&name));
        prologue.push((name, expr));
    }
    Hoisted {
        outputs: graph.substitute(outputs, &replacements),
        prologue,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::value;

    #[test]
    fn a_temperature_factor_leaves_the_loop() {
        let mut graph = Graph::new();
        let [v, celsius] = ["v", "celsius"].map(|name| graph.symbol(name));
        let tenth = graph.constant(0.1);
        let scaled = graph.mul(tenth, celsius);
        let factor = graph.exp(scaled);
        let rate = graph.mul(factor, v);
        let hoisted = hoist(&mut graph, &[rate], "h", &|name| name == "v");
        assert_eq!(hoisted.prologue, vec![("h0".to_owned(), factor)]);
        assert!(!graph.mentions(hoisted.outputs[0], "celsius"));
        assert_eq!(
            value(&graph, hoisted.outputs[0], &[("v", 2.0), ("h0", 3.0)]),
            6.0
        );
    }

    #[test]
    fn a_parameter_alone_stays() {
        let mut graph = Graph::new();
        let [v, g] = ["v", "g"].map(|name| graph.symbol(name));
        let current = graph.mul(g, v);
        let hoisted = hoist(&mut graph, &[current], "h", &|name| name == "v");
        assert!(hoisted.prologue.is_empty());
        assert_eq!(hoisted.outputs, vec![current]);
    }
}
