//! One division for several that have the same denominator.
//!
//! The derivatives of a quotient divide by its denominator once more each, and a division takes as
//! long as five multiplications. a·(1/b) has one more rounding than a/b. What a run computes is
//! left alone; its adjoint may round differently.

use std::collections::HashMap;

use crate::graph::{Binary, Expr, Graph, Node};

/// `outputs` with quotients of equal denominators made products with one reciprocal.
pub fn share_reciprocals(graph: &mut Graph, outputs: &[Expr]) -> Vec<Expr> {
    let mut quotients: HashMap<Expr, usize> = HashMap::new();
    let reachable = graph.reachable(outputs);
    for &expr in &reachable {
        if let Node::Binary(Binary::Div, _, denominator) = graph.node(expr) {
            *quotients.entry(denominator).or_default() += 1;
        }
    }
    let mut rebuilt: HashMap<Expr, Expr> = HashMap::new();
    for expr in reachable {
        let done = |operand: Expr| rebuilt.get(&operand).copied().unwrap_or(operand);
        let new = match graph.node(expr) {
            Node::Binary(Binary::Div, numerator, denominator) if quotients[&denominator] > 1 => {
                let (numerator, denominator) = (done(numerator), done(denominator));
                let one = graph.constant(1.0);
                let reciprocal = graph.div(one, denominator);
                graph.mul(numerator, reciprocal)
            }
            _ => graph.rebuild(expr, &done),
        };
        rebuilt.insert(expr, new);
    }
    outputs.iter().map(|output| rebuilt[output]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::value;

    fn divisions(graph: &Graph, outputs: &[Expr]) -> usize {
        let is = |e: &&Expr| matches!(graph.node(**e), Node::Binary(Binary::Div, ..));
        graph.reachable(outputs).iter().filter(is).count()
    }

    #[test]
    fn quotients_of_one_denominator_share_its_reciprocal() {
        let mut graph = Graph::new();
        let [a, b, c] = ["a", "b", "c"].map(|name| graph.symbol(name));
        let sum = graph.add(a, b);
        let quotients = [graph.div(a, sum), graph.div(c, sum), graph.div(a, c)];
        let nested = graph.div(quotients[1], sum);
        let outputs = [quotients[0], quotients[1], quotients[2], nested];
        let shared = share_reciprocals(&mut graph, &outputs);
        assert_eq!(divisions(&graph, &outputs), 4);
        assert_eq!(divisions(&graph, &shared), 2);
        let at = [("a", 3.0), ("b", 4.0), ("c", 0.7)];
        for (old, new) in outputs.iter().zip(&shared) {
            let (old, new) = (value(&graph, *old, &at), value(&graph, *new, &at));
            assert!((old - new).abs() <= 4.0 * f64::EPSILON * old.abs());
        }
    }

    #[test]
    fn a_lone_quotient_stays() {
        let mut graph = Graph::new();
        let [a, b] = ["a", "b"].map(|name| graph.symbol(name));
        let quotient = graph.div(a, b);
        assert_eq!(share_reciprocals(&mut graph, &[quotient]), [quotient]);
    }
}
