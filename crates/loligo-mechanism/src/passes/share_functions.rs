//! Functions of one argument that are computed from one another.
//!
//! A function and its derivative often stand side by side in an adjoint: E and E′ of a rate, φ₁ and
//! φ₂ of a step, a power and the next lower one. One follows from the other by a few operations,
//! where computing it afresh takes an exponential. The last places may differ, so that what a run
//! computes is left alone.

use std::collections::{HashMap, HashSet};

use crate::graph::{Binary, Expr, Graph, Node, Unary};

/// `outputs` with E′ computed from E, φ₁ from φ₂ and powers from the next lower ones, where both
/// are needed.
pub fn share_functions(graph: &mut Graph, outputs: &[Expr]) -> Vec<Expr> {
    let reachable = graph.reachable(outputs);
    let needed: HashSet<Node> = reachable.iter().map(|expr| graph.node(*expr)).collect();
    let mut rebuilt: HashMap<Expr, Expr> = HashMap::new();
    for expr in reachable {
        let done = |operand: Expr| rebuilt.get(&operand).copied().unwrap_or(operand);
        let new = match graph.node(expr) {
            Node::Unary(Unary::Exprel(1), x)
                if needed.contains(&Node::Unary(Unary::Exprel(0), x)) =>
            {
                let exprel = graph.unary(Unary::Exprel(0), done(x));
                graph.binary(Binary::ExprelFirst, done(x), exprel)
            }
            // φ₁ = 1 + x·φ₂
            Node::Unary(Unary::Phi(1), x) if needed.contains(&Node::Unary(Unary::Phi(2), x)) => {
                let phi_two = graph.unary(Unary::Phi(2), done(x));
                let change = graph.mul(done(x), phi_two);
                let one = graph.constant(1.0);
                graph.add(change, one)
            }
            // xᵇ = x·xᵇ⁻¹ (also where x is 0, if b is above 1)
            Node::Binary(Binary::Pow, x, exponent) => match next_lower(graph, x, exponent) {
                Some((lower, exponent)) if needed.contains(&lower) => {
                    let lower = graph.pow(done(x), exponent);
                    graph.mul(done(x), lower)
                }
                _ => graph.rebuild(expr, &done),
            },
            _ => graph.rebuild(expr, &done),
        };
        rebuilt.insert(expr, new);
    }
    outputs.iter().map(|output| rebuilt[output]).collect()
}

/// The power of x below one with a literal exponent above 1, and its exponent.
fn next_lower(graph: &mut Graph, x: Expr, exponent: Expr) -> Option<(Node, Expr)> {
    let lower = graph.literal(exponent).filter(|literal| *literal > 1.0)? - 1.0;
    let lower = graph.constant(lower);
    Some((Node::Binary(Binary::Pow, x, lower), lower))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::value;

    /// Asserts that `count` nodes of `shared` satisfy `is`, of more in `outputs`, and that values
    /// agree but for rounding.
    fn assert_fewer(build: impl Fn(&mut Graph, Expr) -> [Expr; 2], is: fn(Node) -> bool) {
        let mut graph = Graph::new();
        let x = graph.symbol("x");
        let outputs = build(&mut graph, x);
        let shared = share_functions(&mut graph, &outputs);
        let count = |outputs: &[Expr]| {
            let nodes = graph.reachable(outputs).into_iter();
            nodes.filter(|e| is(graph.node(*e))).count()
        };
        assert_eq!((count(&outputs), count(&shared)), (2, 1));
        for x in [0.0, 1e-9, 0.3, 0.99, 1.01, 2.5, 30.0] {
            for (old, new) in outputs.iter().zip(&shared) {
                let of = |expr: Expr| value(&graph, expr, &[("x", x)]);
                let (old, new) = (of(*old), of(*new));
                let close = (old - new).abs() <= 8.0 * f64::EPSILON * old.abs();
                assert!(close, "{old} and {new} at {x}");
            }
        }
    }

    #[test]
    fn a_rate_and_its_slope_take_one_exponential() {
        let build = |graph: &mut Graph, x| [0, 1].map(|k| graph.unary(Unary::Exprel(k), x));
        assert_fewer(build, |node| {
            matches!(node, Node::Unary(Unary::Exprel(_), _))
        });
    }

    #[test]
    fn a_step_and_its_slope_take_one_exponential() {
        let build = |graph: &mut Graph, x| [1, 2].map(|k| graph.unary(Unary::Phi(k), x));
        assert_fewer(build, |node| matches!(node, Node::Unary(Unary::Phi(_), _)));
    }

    #[test]
    fn a_power_and_its_slope_take_one_power() {
        let build = |graph: &mut Graph, x| {
            [4.8, 3.8].map(|exponent| {
                let exponent = graph.constant(exponent);
                graph.pow(x, exponent)
            })
        };
        assert_fewer(build, |node| matches!(node, Node::Binary(Binary::Pow, ..)));
    }

    #[test]
    fn a_root_stays() {
        // x·x^-0.5 would be NaN at 0
        let mut graph = Graph::new();
        let x = graph.symbol("x");
        let outputs = [0.7, -0.3].map(|exponent| {
            let exponent = graph.constant(exponent);
            graph.pow(x, exponent)
        });
        assert_eq!(share_functions(&mut graph, &outputs), outputs);
    }
}
