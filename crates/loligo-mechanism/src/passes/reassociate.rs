//! Orders products so that what does not vary meets what does not vary, and repeated factors become
//! powers.
//!
//! Δt·(q·(α + β)) becomes (Δt·q)·(α + β), and q·α − q·(α + β)·m becomes q·(α − (α + β)·m): the
//! factor in front is then one number that [`hoist`](super::hoist) takes out of the time loop.

use std::collections::HashMap;

use crate::graph::{Binary, Expr, Graph, Node, Unary};

/// `outputs` with products reassociated; `varies` says which symbols change during a run.
pub fn reassociate(
    graph: &mut Graph,
    outputs: &[Expr],
    varies: &dyn Fn(&str) -> bool,
) -> Vec<Expr> {
    let mut terms: HashMap<Expr, Term> = HashMap::new();
    for expr in graph.reachable(outputs) {
        let term = match graph.node(expr) {
            Node::Constant(bits) => Term {
                literal: f64::from_bits(bits),
                ..Term::one()
            },
            Node::Symbol(symbol) if varies(graph.name(symbol)) => Term::varying(expr),
            Node::Symbol(_) => Term::fixed(expr),
            Node::Unary(Unary::Neg, a) => {
                let term = terms[&a].clone();
                Term {
                    literal: -term.literal,
                    ..term
                }
            }
            Node::Binary(Binary::Mul, a, b) => product(graph, &terms[&a], &terms[&b]),
            Node::Binary(Binary::Div, a, b) => quotient(graph, &terms[&a], &terms[&b]),
            Node::Binary(Binary::Add, a, b) => sum(graph, &terms[&a], &terms[&b], 1.0),
            Node::Binary(Binary::Sub, a, b) => sum(graph, &terms[&a], &terms[&b], -1.0),
            _ => {
                let operands: Vec<Expr> = graph.operands(expr).collect();
                let varying = operands.iter().any(|a| terms[a].varying.is_some());
                let built: HashMap<Expr, Expr> = operands
                    .iter()
                    .map(|a| (*a, terms[a].expression(graph)))
                    .collect();
                let rebuilt = graph.rebuild(expr, &|a| built[&a]);
                match graph.literal(rebuilt) {
                    Some(literal) => Term {
                        literal,
                        ..Term::one()
                    },
                    None if varying => Term::varying(rebuilt),
                    None => Term::fixed(rebuilt),
                }
            }
        };
        terms.insert(expr, term);
    }
    outputs.iter().map(|e| terms[e].expression(graph)).collect()
}

/// literal · Π fixed · varying
#[derive(Clone, Debug)]
struct Term {
    literal: f64,
    /// Sorted; a factor occurs as often as it multiplies.
    fixed: Vec<Expr>,
    varying: Option<Expr>,
}

impl Term {
    fn one() -> Self {
        Term {
            literal: 1.0,
            fixed: Vec::new(),
            varying: None,
        }
    }

    fn fixed(expr: Expr) -> Self {
        Term {
            fixed: vec![expr],
            ..Term::one()
        }
    }

    fn varying(expr: Expr) -> Self {
        Term {
            varying: Some(expr),
            ..Term::one()
        }
    }

    /// The part that does not vary.
    fn front(&self, graph: &mut Graph) -> Expr {
        let literal = graph.constant(self.literal);
        let product = self.fixed.iter().copied().reduce(|a, b| graph.mul(a, b));
        product.map_or(literal, |product| graph.mul(literal, product))
    }

    fn expression(&self, graph: &mut Graph) -> Expr {
        let front = self.front(graph);
        self.varying
            .map_or(front, |varying| graph.mul(front, varying))
    }
}

fn product(graph: &mut Graph, a: &Term, b: &Term) -> Term {
    let mut fixed = [a.fixed.as_slice(), b.fixed.as_slice()].concat();
    fixed.sort();
    let varying = match (a.varying, b.varying) {
        (Some(a), Some(b)) => Some(power_product(graph, a, b)),
        (a, b) => a.or(b),
    };
    Term {
        literal: a.literal * b.literal,
        fixed,
        varying,
    }
}

fn quotient(graph: &mut Graph, a: &Term, b: &Term) -> Term {
    let below = b.expression(graph);
    if b.varying.is_none() {
        let above = Term {
            varying: None,
            ..a.clone()
        }
        .expression(graph);
        let front = graph.div(above, below);
        let term = match graph.literal(front) {
            Some(literal) => Term {
                literal,
                ..Term::one()
            },
            None => Term::fixed(front),
        };
        return Term {
            varying: a.varying,
            ..term
        };
    }
    match a.varying {
        Some(above) => Term {
            varying: Some(graph.div(above, below)),
            ..a.clone()
        },
        None => {
            let above = a.expression(graph);
            Term::varying(graph.div(above, below))
        }
    }
}

/// a + sign·b, with the fixed factors that both have in front.
fn sum(graph: &mut Graph, a: &Term, b: &Term, sign: f64) -> Term {
    let (mut common, mut only_a, mut only_b) = (Vec::new(), Vec::new(), b.fixed.clone());
    for factor in &a.fixed {
        match only_b.iter().position(|f| f == factor) {
            Some(at) => {
                only_b.remove(at);
                common.push(*factor);
            }
            None => only_a.push(*factor),
        }
    }
    let varying = a.varying.is_some() || b.varying.is_some();
    let a = Term {
        fixed: only_a,
        ..a.clone()
    }
    .expression(graph);
    let b = Term {
        fixed: only_b,
        literal: sign * b.literal,
        varying: b.varying,
    };
    let b = b.expression(graph);
    let rest = graph.add(a, b);
    let rest = match graph.literal(rest) {
        Some(literal) => Term {
            literal,
            ..Term::one()
        },
        None if varying => Term::varying(rest),
        None => Term::fixed(rest),
    };
    product(
        graph,
        &rest,
        &Term {
            fixed: common,
            ..Term::one()
        },
    )
}

/// a·b, with repeated factors gathered into powers by squaring; without any it stays as it is, so
/// that what was shared stays shared.
fn power_product(graph: &mut Graph, a: Expr, b: Expr) -> Expr {
    let mut factors: Vec<(Expr, u32)> = Vec::new();
    let mut stack = vec![a, b];
    while let Some(expr) = stack.pop() {
        match graph.node(expr) {
            Node::Binary(Binary::Mul, x, y) => stack.extend([x, y]),
            _ => match factors.iter_mut().find(|(factor, _)| *factor == expr) {
                Some((_, times)) => *times += 1,
                None => factors.push((expr, 1)),
            },
        }
    }
    if factors.iter().all(|(_, times)| *times == 1) {
        return graph.mul(a, b);
    }
    // powers first, single factors last
    factors.sort_by_key(|(factor, times)| (std::cmp::Reverse(*times), *factor));
    let powers: Vec<Expr> = factors
        .into_iter()
        .map(|(factor, times)| graph.integer_power(factor, times))
        .collect();
    powers
        .into_iter()
        .reduce(|x, y| graph.mul(x, y))
        .unwrap_or(a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::hoist::hoist;
    use crate::passes::testing::{arbitrary_expression, assert_same_value, value};
    use proptest::prelude::*;

    #[test]
    fn time_step_and_temperature_factor_meet() {
        let mut graph = Graph::new();
        let [dt, q, a, s, m] = ["dt", "q", "a", "s", "m"].map(|name| graph.symbol(name));
        // dt·(q·a − (q·s)·m)
        let first = graph.mul(q, a);
        let second = graph.mul(q, s);
        let second = graph.mul(second, m);
        let difference = graph.sub(first, second);
        let step = graph.mul(dt, difference);
        let varies = |name: &str| ["a", "s", "m"].contains(&name);
        let outputs = reassociate(&mut graph, &[step], &varies);
        let hoisted = hoist(&mut graph, &outputs, "h", &varies);
        assert_eq!(hoisted.prologue.len(), 1);
        assert!(
            !graph.mentions(hoisted.outputs[0], "q") && !graph.mentions(hoisted.outputs[0], "dt")
        );
        let at = [("dt", 0.5), ("q", 3.0), ("a", 2.0), ("s", 5.0), ("m", 0.25)];
        assert_eq!(value(&graph, outputs[0], &at), value(&graph, step, &at));
    }

    #[test]
    fn a_product_of_four_equal_gates_takes_two_multiplications() {
        let mut graph = Graph::new();
        let [g, n] = ["g", "n"].map(|name| graph.symbol(name));
        let product = (0..4).fold(g, |product, _| graph.mul(product, n));
        let output = reassociate(&mut graph, &[product], &|name| name == "n")[0];
        let count = graph.reachable(&[output]).len();
        // g, n, n², n⁴, g·n⁴
        assert_eq!(count, 5);
    }

    proptest! {
        #[test]
        fn the_value_stays(build in arbitrary_expression(), x in 0.2..2.0, y in 0.2..2.0) {
            let pass = |graph: &mut Graph, expr| reassociate(graph, &[expr], &|name| name == "x")[0];
            assert_same_value(&build, (x, y), pass)?;
        }
    }
}
