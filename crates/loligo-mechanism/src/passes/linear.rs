//! Finds expressions that are linear in a symbol, so that a state can be stepped exactly.
//!
//! ds/dt = a·s + b with a and b free of s gives s(t + Δt) = s + Δt·φ₁(aΔt)·(a·s + b),
//! φ₁(z) = (eᶻ − 1)/z (Hochbruck and Ostermann 2010, Acta Numerica 19:209, eq. 1.2). φ₁ is smooth
//! through z = 0, where a quotient of a and b is not.

use std::collections::HashMap;

use super::differentiate::derivative;
use crate::graph::{Expr, Graph, Unary};

/// slope·x + offset, both free of x.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Linear {
    /// What multiplies the symbol.
    pub slope: Expr,
    /// What is left where the symbol is 0.
    pub offset: Expr,
}

/// `expr` as a linear function of the symbol `name`, or `None` if it is not one.
pub fn linear_in(graph: &mut Graph, expr: Expr, name: &str) -> Option<Linear> {
    let slope = derivative(graph, expr, name);
    // a slope that still mentions the symbol means a nonlinear expression
    if graph.mentions(slope, name) {
        return None;
    }
    let symbol = graph.symbol(name);
    let zero = graph.constant(0.0);
    let offset = graph.substitute(&[expr], &HashMap::from([(symbol, zero)]))[0];
    Some(Linear { slope, offset })
}

/// The exact step over `dt` of a state whose derivative is linear in itself.
pub fn exact_step(graph: &mut Graph, state: Expr, linear: Linear) -> Expr {
    let dt = graph.symbol("dt");
    let z = graph.mul(dt, linear.slope);
    let phi = graph.unary(Unary::Phi(1), z);
    let decay = graph.mul(linear.slope, state);
    let rate = graph.add(linear.offset, decay);
    let increment = graph.mul(dt, rate);
    let increment = graph.mul(phi, increment);
    graph.add(state, increment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::value;

    #[test]
    fn a_gate_is_linear_and_its_step_is_exact() {
        let mut graph = Graph::new();
        let [m, alpha, beta] = ["m", "alpha", "beta"].map(|name| graph.symbol(name));
        let one = graph.constant(1.0);
        let closed = graph.sub(one, m);
        let opening = graph.mul(alpha, closed);
        let closing = graph.mul(beta, m);
        let derivative = graph.sub(opening, closing);
        let linear = linear_in(&mut graph, derivative, "m").expect("a gate is linear");
        let step = exact_step(&mut graph, m, linear);
        let at = [("m", 0.1), ("alpha", 2.0), ("beta", 3.0), ("dt", 0.5)];
        let expected = 0.4 + (0.1 - 0.4) * (-2.5f64).exp();
        assert!((value(&graph, step, &at) - expected).abs() < 1e-15);
    }

    #[test]
    fn a_squared_state_is_not_linear() {
        let mut graph = Graph::new();
        let x = graph.symbol("x");
        let square = graph.mul(x, x);
        assert_eq!(linear_in(&mut graph, square, "x"), None);
    }
}
