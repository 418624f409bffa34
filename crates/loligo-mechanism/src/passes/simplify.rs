//! Algebra that makes expressions cheaper: common factors cancel, literals gather.
//!
//! A gate written with a steady state and a time constant, (α/(α + β) − m)/(1/(q(α + β))), comes
//! out as q·α − q(α + β)·m, without a division. A product that nothing cancels in keeps its shape,
//! so that what was shared stays shared.

use std::collections::HashMap;

use crate::graph::{Binary, Expr, Graph, Node, Unary};

/// `outputs`, simplified.
pub fn simplify(graph: &mut Graph, outputs: &[Expr]) -> Vec<Expr> {
    let mut done: HashMap<Expr, Expr> = HashMap::new();
    for expr in graph.reachable(outputs) {
        let rebuilt = graph.rebuild(expr, &|e| done[&e]);
        let result = match graph.node(rebuilt) {
            Node::Binary(Binary::Mul | Binary::Div, ..) => cancel(graph, rebuilt),
            Node::Binary(Binary::Sub, a, b) => difference(graph, rebuilt, a, b),
            _ => rebuilt,
        };
        let result = gather_affine(graph, result);
        done.insert(expr, result);
    }
    outputs.iter().map(|e| done[e]).collect()
}

/// literal · Π numerator / Π denominator.
#[derive(Default)]
struct Fraction {
    literal: f64,
    numerator: Vec<Expr>,
    denominator: Vec<Expr>,
    divisions: usize,
}

impl Fraction {
    fn of(graph: &Graph, expr: Expr) -> Self {
        let mut fraction = Fraction {
            literal: 1.0,
            ..Default::default()
        };
        fraction.gather(graph, expr, false);
        fraction
    }

    fn gather(&mut self, graph: &Graph, expr: Expr, below: bool) {
        match graph.node(expr) {
            Node::Constant(bits) if below => self.literal /= f64::from_bits(bits),
            Node::Constant(bits) => self.literal *= f64::from_bits(bits),
            Node::Unary(Unary::Neg, a) => {
                self.literal = -self.literal;
                self.gather(graph, a, below);
            }
            Node::Binary(Binary::Mul, a, b) => {
                self.gather(graph, a, below);
                self.gather(graph, b, below);
            }
            Node::Binary(Binary::Div, a, b) => {
                self.divisions += 1;
                self.gather(graph, a, below);
                self.gather(graph, b, !below);
            }
            _ if below => self.denominator.push(expr),
            _ => self.numerator.push(expr),
        }
    }

    /// Removes factors that stand above and below; says whether there were any.
    fn cancel(&mut self) -> bool {
        let before = self.numerator.len();
        let denominator = &mut self.denominator;
        self.numerator.retain(
            |factor| match denominator.iter().position(|d| d == factor) {
                Some(at) => {
                    denominator.swap_remove(at);
                    false
                }
                None => true,
            },
        );
        self.numerator.len() < before
    }

    fn expression(mut self, graph: &mut Graph) -> Expr {
        self.numerator.sort();
        self.denominator.sort();
        let literal = graph.constant(self.literal);
        let product = |graph: &mut Graph, factors: &[Expr]| {
            factors.iter().copied().reduce(|a, b| graph.mul(a, b))
        };
        let above = match product(graph, &self.numerator) {
            Some(above) => graph.mul(literal, above),
            None => literal,
        };
        match product(graph, &self.denominator) {
            Some(below) => graph.div(above, below),
            None => above,
        }
    }
}

fn cancel(graph: &mut Graph, expr: Expr) -> Expr {
    let mut fraction = Fraction::of(graph, expr);
    if !fraction.literal.is_finite() || fraction.literal == 0.0 {
        return expr;
    }
    let cancelled = fraction.cancel();
    let literal_divisor =
        matches!(graph.node(expr), Node::Binary(Binary::Div, _, b) if graph.literal(b).is_some());
    // one division stays where it is; two nested ones become one
    if cancelled || fraction.divisions > 1 || literal_divisor {
        fraction.expression(graph)
    } else {
        expr
    }
}

/// a/d − b/d with the same d: one division, (a − b)/d, which may then cancel.
fn difference(graph: &mut Graph, expr: Expr, a: Expr, b: Expr) -> Expr {
    match (graph.node(a), graph.node(b)) {
        (Node::Binary(Binary::Div, x, d), Node::Binary(Binary::Div, y, e)) if d == e => {
            let numerator = graph.sub(x, y);
            graph.div(numerator, d)
        }
        _ => expr,
    }
}

/// literal·u + literal where a chain of literal operations built it in more steps.
fn gather_affine(graph: &mut Graph, expr: Expr) -> Expr {
    let affine = Affine::of(graph, expr);
    if affine.steps < 2 || !affine.scale.is_finite() || !affine.shift.is_finite() {
        return expr;
    }
    affine.expression(graph)
}

/// scale·of + shift with literal scale and shift.
#[derive(Clone, Copy, Debug)]
pub struct Affine {
    /// What is scaled.
    pub of: Expr,
    /// The factor.
    pub scale: f64,
    /// The summand.
    pub shift: f64,
    steps: usize,
}

impl Affine {
    /// Peels literal operations off `expr`.
    pub fn of(graph: &Graph, expr: Expr) -> Self {
        let mut affine = Affine {
            of: expr,
            scale: 1.0,
            shift: 0.0,
            steps: 0,
        };
        loop {
            let literal = |e| graph.literal(e);
            let (inner, scale, shift) = match graph.node(affine.of) {
                Node::Unary(Unary::Neg, a) => (a, -1.0, 0.0),
                Node::Binary(Binary::Add, c, a) if literal(c).is_some() => {
                    (a, 1.0, literal(c).unwrap_or(0.0))
                }
                Node::Binary(Binary::Sub, c, a) if literal(c).is_some() => {
                    (a, -1.0, literal(c).unwrap_or(0.0))
                }
                Node::Binary(Binary::Mul, c, a) if literal(c).is_some() => {
                    (a, literal(c).unwrap_or(1.0), 0.0)
                }
                Node::Binary(Binary::Div, a, c) if literal(c).is_some() => {
                    (a, 1.0 / literal(c).unwrap_or(1.0), 0.0)
                }
                _ => return affine,
            };
            affine.shift += affine.scale * shift;
            affine.scale *= scale;
            affine.of = inner;
            affine.steps += 1;
        }
    }

    fn expression(self, graph: &mut Graph) -> Expr {
        let scale = graph.constant(self.scale);
        let shift = graph.constant(self.shift);
        let scaled = graph.mul(scale, self.of);
        graph.add(shift, scaled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::{arbitrary_expression, assert_same_value, value};
    use proptest::prelude::*;

    fn divisions(graph: &Graph, outputs: &[Expr]) -> usize {
        let division = |e: &Expr| matches!(graph.node(*e), Node::Binary(Binary::Div, ..));
        graph
            .reachable(outputs)
            .iter()
            .filter(|e| division(e))
            .count()
    }

    #[test]
    fn a_gate_written_with_its_steady_state_needs_no_division() {
        let mut graph = Graph::new();
        let [a, b, q, m] = ["a", "b", "q", "m"].map(|name| graph.symbol(name));
        let one = graph.constant(1.0);
        let sum = graph.add(a, b);
        let scaled = graph.mul(q, sum);
        let tau = graph.div(one, scaled);
        let steady = graph.div(a, sum);
        let rate = graph.div(one, tau);
        let offset = graph.div(steady, tau);
        let decay = graph.mul(rate, m);
        let derivative = graph.sub(offset, decay);
        let simple = simplify(&mut graph, &[derivative]);
        assert_eq!(divisions(&graph, &simple), 0);
        let at = [("a", 2.0), ("b", 3.0), ("q", 1.5), ("m", 0.25)];
        assert!((value(&graph, simple[0], &at) - 1.5 * (2.0 - 5.0 * 0.25)).abs() < 1e-14);
    }

    #[test]
    fn a_chain_of_literals_becomes_one_multiply_and_add() {
        let mut graph = Graph::new();
        let v = graph.symbol("v");
        let shift = graph.constant(40.0);
        let ten = graph.constant(10.0);
        let shifted = graph.add(v, shift);
        let negated = graph.neg(shifted);
        let argument = graph.div(negated, ten);
        let simple = simplify(&mut graph, &[argument])[0];
        let affine = Affine::of(&graph, simple);
        assert_eq!((affine.of, affine.scale, affine.shift), (v, -0.1, -4.0));
        assert_eq!(affine.steps, 2);
    }

    proptest! {
        #[test]
        fn the_value_stays(build in arbitrary_expression(), x in 0.2..2.0, y in 0.2..2.0) {
            assert_same_value(&build, (x, y), |graph, expr| simplify(graph, &[expr])[0])?;
        }
    }
}
