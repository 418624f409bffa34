//! Derivatives of expressions, as expressions: forward (tangents) and reverse (adjoints).
//!
//! Both walk the graph once, so the result has a small multiple of its nodes. A branch that is not
//! taken contributes exactly zero, never 0·∞: what the chain rule multiplies below a `select` is a
//! [`Binary::Gate`].

use std::collections::HashMap;

use crate::graph::{Binary, Expr, Graph, Node, Unary};

/// ∂`expr`/∂`name`.
pub fn derivative(graph: &mut Graph, expr: Expr, name: &str) -> Expr {
    let symbol = graph.symbol(name);
    let one = graph.constant(1.0);
    tangents(graph, &[expr], &HashMap::from([(symbol, one)]))[0]
}

/// The tangents of `outputs` where the nodes that are keys of `seeds` (symbols) have these
/// tangents, and every other symbol has none.
pub fn tangents(graph: &mut Graph, outputs: &[Expr], seeds: &HashMap<Expr, Expr>) -> Vec<Expr> {
    let mut tangent: HashMap<Expr, Expr> = HashMap::new();
    let zero = graph.constant(0.0);
    for expr in graph.reachable(outputs) {
        let result = match graph.node(expr) {
            Node::Constant(_) => zero,
            Node::Symbol(_) => seeds.get(&expr).copied().unwrap_or(zero),
            Node::Unary(function, a) => push_unary(graph, expr, function, a, tangent[&a]),
            Node::Binary(function, a, b) => {
                push_binary(graph, expr, function, (a, tangent[&a]), (b, tangent[&b]))
            }
            Node::Select(c, a, b) => graph.select(c, tangent[&a], tangent[&b]),
        };
        tangent.insert(expr, result);
    }
    outputs.iter().map(|e| tangent[e]).collect()
}

/// Given cotangents of outputs, the cotangents of `inputs` (symbols): the transpose of
/// [`tangents`]. An output may be listed more than once; its cotangents add.
pub fn adjoints(graph: &mut Graph, outputs: &[(Expr, Expr)], inputs: &[Expr]) -> Vec<Expr> {
    seeded(graph, outputs, inputs, false)
}

/// The same where a cotangent of an output that is 0 contributes exactly 0, also where a slope is not
/// finite: what was taken out of a branch that is not taken (1/x for x = 0) has no effect.
pub fn adjoints_of_used(graph: &mut Graph, outputs: &[(Expr, Expr)], inputs: &[Expr]) -> Vec<Expr> {
    seeded(graph, outputs, inputs, true)
}

fn seeded(graph: &mut Graph, outputs: &[(Expr, Expr)], inputs: &[Expr], gated: bool) -> Vec<Expr> {
    let roots: Vec<Expr> = outputs.iter().map(|(output, _)| *output).collect();
    let active = depends_on(graph, &roots, inputs);
    let mut cotangents = Cotangents {
        of: HashMap::new(),
        active,
    };
    for &(output, cotangent) in outputs {
        cotangents.add(graph, output, cotangent, gated);
    }
    for expr in graph.reachable(&roots).into_iter().rev() {
        let Some(&(cotangent, gated)) = cotangents.of.get(&expr) else {
            continue;
        };
        match graph.node(expr) {
            Node::Constant(_) | Node::Symbol(_) => {}
            Node::Unary(function, a) => {
                if cotangents.active.contains_key(&a)
                    && let Some(slope) = slope(graph, expr, function, a)
                {
                    let product = product(graph, cotangent, slope, gated);
                    cotangents.add(graph, a, product, gated);
                }
            }
            Node::Binary(function, a, b) => {
                cotangents.pull_binary(graph, expr, function, (a, b), cotangent, gated);
            }
            Node::Select(c, a, b) => {
                let zero = graph.constant(0.0);
                let then = graph.select(c, cotangent, zero);
                let otherwise = graph.select(c, zero, cotangent);
                cotangents.add(graph, a, then, true);
                cotangents.add(graph, b, otherwise, true);
            }
        }
    }
    let zero = graph.constant(0.0);
    inputs
        .iter()
        .map(|e| cotangents.of.get(e).map_or(zero, |c| c.0))
        .collect()
}

/// The nodes below `roots` that depend on one of `inputs`.
fn depends_on(graph: &Graph, roots: &[Expr], inputs: &[Expr]) -> HashMap<Expr, ()> {
    let mut active = HashMap::new();
    for expr in graph.reachable(roots) {
        if inputs.contains(&expr) || graph.operands(expr).any(|a| active.contains_key(&a)) {
            active.insert(expr, ());
        }
    }
    active
}

fn product(graph: &mut Graph, cotangent: Expr, factor: Expr, gated: bool) -> Expr {
    if gated {
        graph.gate(cotangent, factor)
    } else {
        graph.mul(cotangent, factor)
    }
}

/// f′(a) for `expr` = f(a), or `None` where f is flat.
fn slope(graph: &mut Graph, expr: Expr, function: Unary, a: Expr) -> Option<Expr> {
    Some(match function {
        Unary::Neg => graph.constant(-1.0),
        Unary::Exp => expr,
        Unary::Log => {
            let one = graph.constant(1.0);
            graph.div(one, a)
        }
        Unary::Sqrt => {
            let half = graph.constant(0.5);
            graph.div(half, expr)
        }
        Unary::Sin => graph.unary(Unary::Cos, a),
        Unary::Cos => {
            let sine = graph.unary(Unary::Sin, a);
            graph.neg(sine)
        }
        Unary::Tanh => {
            let one = graph.constant(1.0);
            let square = graph.mul(expr, expr);
            graph.sub(one, square)
        }
        Unary::Abs => graph.unary(Unary::Sign, a),
        Unary::Exprel(order @ 0..=1) => graph.unary(Unary::Exprel(order + 1), a),
        Unary::Exprel(_) => third_derivative_of_exprel(graph, a),
        // φₖ′ = φₖ − k φₖ₊₁; the last one that has an opcode, φ₃, by its recurrence
        Unary::Phi(order @ 1..=2) => {
            let next = graph.unary(Unary::Phi(order + 1), a);
            let k = graph.constant(f64::from(order));
            let shifted = graph.mul(k, next);
            graph.sub(expr, shifted)
        }
        Unary::Phi(_) => derivative_of_phi_three(graph, expr, a),
        Unary::Floor | Unary::Ceil | Unary::Sign | Unary::Not | Unary::Detach => return None,
    })
}

/// E‴ of E(x) = x/(eˣ − 1), from twice differentiating x·E′ = E(1 − E − x); its series near 0.
fn third_derivative_of_exprel(graph: &mut Graph, x: Expr) -> Expr {
    let [e, d, s] = [0, 1, 2].map(|order| graph.unary(Unary::Exprel(order), x));
    let [one, two] = [1.0, 2.0].map(|c| graph.constant(c));
    let bracket = {
        let y = graph.sub(one, e);
        let y = graph.sub(y, x);
        let y = graph.sub(y, e);
        graph.sub(y, two)
    };
    let first = graph.mul(s, bracket);
    let second = {
        let shifted = graph.add(one, d);
        let twice = graph.mul(two, d);
        graph.mul(twice, shifted)
    };
    let numerator = graph.sub(first, second);
    let away = graph.div(numerator, x);
    // −x/30 + x³/252 − x⁵/3600
    let near = odd_series(graph, x, [-1.0 / 30.0, 1.0 / 252.0, -1.0 / 3600.0]);
    near_zero(graph, x, 0.1, near, away)
}

/// φ₃′ = φ₃ − 3 φ₄ with φ₄ = (φ₃ − 1/6)/x, and 1/24 + x/60 + … near 0.
fn derivative_of_phi_three(graph: &mut Graph, phi: Expr, x: Expr) -> Expr {
    let sixth = graph.constant(1.0 / 6.0);
    let difference = graph.sub(phi, sixth);
    let away = graph.div(difference, x);
    let mut near = graph.constant(1.0 / 362_880.0 / 11.0 / 10.0);
    for factorial in [3_628_800.0, 362_880.0, 40_320.0, 5040.0, 720.0, 120.0, 24.0] {
        let scaled = graph.mul(near, x);
        let c = graph.constant(1.0 / factorial);
        near = graph.add(c, scaled);
    }
    let four = near_zero(graph, x, 0.05, near, away);
    let three = graph.constant(3.0);
    let scaled = graph.mul(three, four);
    graph.sub(phi, scaled)
}

fn odd_series(graph: &mut Graph, x: Expr, coefficients: [f64; 3]) -> Expr {
    let square = graph.mul(x, x);
    let mut sum = graph.constant(0.0);
    for c in coefficients.into_iter().rev() {
        let scaled = graph.mul(sum, square);
        let c = graph.constant(c);
        sum = graph.add(c, scaled);
    }
    graph.mul(sum, x)
}

fn near_zero(graph: &mut Graph, x: Expr, radius: f64, near: Expr, away: Expr) -> Expr {
    let size = graph.unary(Unary::Abs, x);
    let radius = graph.constant(radius);
    let inside = graph.binary(Binary::Less, size, radius);
    graph.select(inside, near, away)
}

fn push_unary(graph: &mut Graph, expr: Expr, function: Unary, a: Expr, da: Expr) -> Expr {
    if graph.literal(da) == Some(0.0) {
        return da;
    }
    match slope(graph, expr, function, a) {
        Some(slope) => graph.mul(slope, da),
        None => graph.constant(0.0),
    }
}

fn push_binary(
    graph: &mut Graph,
    expr: Expr,
    function: Binary,
    (a, da): (Expr, Expr),
    (b, db): (Expr, Expr),
) -> Expr {
    if graph.literal(da) == Some(0.0) && graph.literal(db) == Some(0.0) {
        return da;
    }
    match function {
        Binary::Add => graph.add(da, db),
        Binary::Sub => graph.sub(da, db),
        Binary::Mul => {
            let first = graph.mul(da, b);
            let second = graph.mul(a, db);
            graph.add(first, second)
        }
        Binary::Div => {
            let change = graph.mul(expr, db);
            let numerator = graph.sub(da, change);
            graph.div(numerator, b)
        }
        Binary::Pow => {
            let (base, exponent) = power_slopes(graph, expr, a, b);
            let first = graph.mul(da, base);
            let second = graph.gate(db, exponent);
            graph.add(first, second)
        }
        Binary::Min => {
            let first = graph.binary(Binary::LessEqual, a, b);
            graph.select(first, da, db)
        }
        Binary::Max => {
            let first = graph.binary(Binary::LessEqual, b, a);
            graph.select(first, da, db)
        }
        Binary::Gate => {
            let first = graph.gate(da, b);
            let second = graph.gate(a, db);
            graph.add(first, second)
        }
        Binary::ExprelFirst => {
            let slope = graph.unary(Unary::Exprel(2), a);
            graph.mul(da, slope)
        }
        Binary::Less | Binary::LessEqual | Binary::Equal | Binary::And | Binary::Or => {
            graph.constant(0.0)
        }
    }
}

/// ∂(aᵇ)/∂a = b·aᵇ⁻¹ and ∂(aᵇ)/∂b = aᵇ·ln a, which is 0 where aᵇ is.
fn power_slopes(graph: &mut Graph, power: Expr, a: Expr, b: Expr) -> (Expr, Expr) {
    let one = graph.constant(1.0);
    let lower = graph.sub(b, one);
    let lower = graph.pow(a, lower);
    let base = graph.mul(b, lower);
    let log = graph.unary(Unary::Log, a);
    (base, graph.gate(power, log))
}

/// The cotangents gathered so far; the flag says that a `select` lies above.
struct Cotangents {
    of: HashMap<Expr, (Expr, bool)>,
    active: HashMap<Expr, ()>,
}

impl Cotangents {
    fn add(&mut self, graph: &mut Graph, expr: Expr, cotangent: Expr, gated: bool) {
        if !self.active.contains_key(&expr) || graph.literal(cotangent) == Some(0.0) {
            return;
        }
        let sum = match self.of.get(&expr) {
            Some(&(sum, also)) => (graph.add(sum, cotangent), gated || also),
            None => (cotangent, gated),
        };
        self.of.insert(expr, sum);
    }

    fn pull_binary(
        &mut self,
        graph: &mut Graph,
        expr: Expr,
        function: Binary,
        (a, b): (Expr, Expr),
        cotangent: Expr,
        gated: bool,
    ) {
        match function {
            Binary::Add => {
                self.add(graph, a, cotangent, gated);
                self.add(graph, b, cotangent, gated);
            }
            Binary::Sub => {
                self.add(graph, a, cotangent, gated);
                let negated = graph.neg(cotangent);
                self.add(graph, b, negated, gated);
            }
            Binary::Mul => {
                self.add_product(graph, a, cotangent, b, gated);
                self.add_product(graph, b, cotangent, a, gated);
            }
            Binary::Div => {
                let one = graph.constant(1.0);
                let scaled = if gated {
                    let reciprocal = graph.div(one, b);
                    graph.gate(cotangent, reciprocal)
                } else {
                    graph.div(cotangent, b)
                };
                self.add(graph, a, scaled, gated);
                if self.active.contains_key(&b) {
                    let change = product(graph, scaled, expr, gated);
                    let negated = graph.neg(change);
                    self.add(graph, b, negated, gated);
                }
            }
            Binary::Pow => {
                let (base, exponent) = power_slopes(graph, expr, a, b);
                self.add_product(graph, a, cotangent, base, gated);
                self.add_product(graph, b, cotangent, exponent, true);
            }
            Binary::Min | Binary::Max => {
                let (low, high) = if function == Binary::Min {
                    (a, b)
                } else {
                    (b, a)
                };
                let first = graph.binary(Binary::LessEqual, low, high);
                let zero = graph.constant(0.0);
                let (to_a, to_b) = (
                    graph.select(first, cotangent, zero),
                    graph.select(first, zero, cotangent),
                );
                self.add(graph, a, to_a, true);
                self.add(graph, b, to_b, true);
            }
            Binary::Gate => {
                self.add_product(graph, a, cotangent, b, true);
                self.add_product(graph, b, cotangent, a, true);
            }
            Binary::ExprelFirst => {
                let slope = graph.unary(Unary::Exprel(2), a);
                self.add_product(graph, a, cotangent, slope, true);
            }
            Binary::Less | Binary::LessEqual | Binary::Equal | Binary::And | Binary::Or => {}
        }
    }

    fn add_product(
        &mut self,
        graph: &mut Graph,
        to: Expr,
        cotangent: Expr,
        factor: Expr,
        gated: bool,
    ) {
        if self.active.contains_key(&to) {
            let product = product(graph, cotangent, factor, gated);
            self.add(graph, to, product, gated);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::{arbitrary_expression, value};
    use proptest::prelude::*;

    #[test]
    fn a_branch_not_taken_contributes_zero_even_where_its_slope_is_infinite() {
        let mut graph = Graph::new();
        let x = graph.symbol("x");
        let zero = graph.constant(0.0);
        let positive = graph.binary(Binary::Less, zero, x);
        let root = graph.unary(Unary::Sqrt, x);
        let expr = graph.select(positive, root, zero);
        let one = graph.constant(1.0);
        let slope = adjoints(&mut graph, &[(expr, one)], &[x])[0];
        assert_eq!(value(&graph, slope, &[("x", 0.0)]), 0.0);
        assert_eq!(value(&graph, slope, &[("x", 4.0)]), 0.25);
    }

    #[test]
    fn the_derivatives_of_exprel_and_phi_meet_their_finite_differences_through_zero() {
        for order in 0..=2 {
            for function in [Unary::Exprel(order), Unary::Phi(order + 1)] {
                let mut graph = Graph::new();
                let x = graph.symbol("x");
                let expr = graph.unary(function, x);
                let slope = derivative(&mut graph, expr, "x");
                for at in [-30.0, -2.0, -0.3, -1e-3, 0.0, 1e-5, 0.04, 0.2, 1.5, 20.0] {
                    let f = |x: f64| value(&graph, expr, &[("x", x)]);
                    let step = 1e-3;
                    let difference = (8.0 * (f(at + step) - f(at - step))
                        - (f(at + 2.0 * step) - f(at - 2.0 * step)))
                        / (12.0 * step);
                    let exact = value(&graph, slope, &[("x", at)]);
                    // fourth-order differences: rounding 1e-13, truncation 1e-13, and the closed
                    // form of the third derivative cancels to about 1e-11 at 0.1
                    let size = exact.abs().max(1.0);
                    assert!(
                        (difference - exact).abs() < 2e-10 * size,
                        "{function:?} at {at}: {difference} {exact}"
                    );
                }
            }
        }
    }

    proptest! {
        /// Forward and reverse are transposes of each other.
        #[test]
        fn adjoints_and_tangents_agree(build in arbitrary_expression(), x in 0.2..2.0, y in 0.2..2.0) {
            let mut graph = Graph::new();
            let expr = build.expression(&mut graph);
            let symbols = [graph.symbol("x"), graph.symbol("y")];
            let one = graph.constant(1.0);
            let reverse = adjoints(&mut graph, &[(expr, one)], &symbols);
            for (name, cotangent) in ["x", "y"].into_iter().zip(reverse) {
                let forward = derivative(&mut graph, expr, name);
                let at = [("x", x), ("y", y)];
                let (f, r) = (value(&graph, forward, &at), value(&graph, cotangent, &at));
                prop_assume!(f.is_finite() && r.is_finite());
                prop_assert!((f - r).abs() <= 1e-9 * (1.0 + f.abs()), "{f} {r}");
            }
        }
    }
}
