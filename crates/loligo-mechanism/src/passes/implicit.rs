//! Implicit steps: what s becomes when its rate is taken at the end of the step.
//!
//! For rates that are linear in the states together this is one solve. Otherwise it is Newton's
//! method, unrolled; its last two iterations are what derivatives see. At the solution x of
//! F(x, p) = 0 one iteration x − J⁻¹·F has the derivative −J⁻¹·∂F/∂p in p, which is that of the
//! implicit function, and none in x: so the iterations before need no derivative
//! ([`Unary::Detach`]), and a second one makes second derivatives right too.

use std::collections::HashMap;

use super::differentiate::derivative;
use super::elimination;
use crate::graph::{Binary, Expr, Graph, Unary};
use crate::mechanism::Conserved;

/// Iterations before the two that are differentiated. Newton's error squares each time: from a
/// change of a tenth of the state within a step, six reach rounding, and then some.
const DETACHED: usize = 8;
/// The first of these do not change the sign of an unknown, but take it to a tenth: a step that lands
/// beyond the pole of a saturating rate, c/(c + k), would never come back.
const CAREFUL: usize = 6;
/// Iterations that are differentiated.
const ATTACHED: usize = 2;
/// The last change of a state relative to its size: a larger one did not converge.
const CONVERGED: f64 = 1e-5;

/// Equations F(x) = 0 for unknowns that are symbols.
pub struct Equations {
    /// The unknowns.
    pub unknowns: Vec<Expr>,
    /// As many expressions of them, which are to be 0.
    pub residuals: Vec<Expr>,
}

impl Equations {
    /// A backward Euler step over `dt`: x − s − Δt·f(x), where `unknowns` are the symbols s of the
    /// states in `rates`, and stand for x.
    pub fn backward_euler(graph: &mut Graph, states: &[Expr], rates: &[Expr]) -> (Self, Vec<Expr>) {
        let dt = graph.symbol("dt");
        let before: Vec<Expr> = states
            .iter()
            .enumerate()
            .map(|(index, _)| graph.symbol(&format!("before the step {index}")))
            .collect();
        let residuals = states
            .iter()
            .zip(&before)
            .zip(rates)
            .map(|((&state, &before), &rate)| {
                let change = graph.sub(state, before);
                let grown = graph.mul(dt, rate);
                graph.sub(change, grown)
            })
            .collect();
        let equations = Equations {
            unknowns: states.to_vec(),
            residuals,
        };
        (equations, before)
    }

    /// Puts laws of conservation in place of the equations of the states that they name; `names` are
    /// those of the unknowns.
    pub fn conserve(&mut self, names: &[impl AsRef<str>], laws: &[Conserved]) {
        for law in laws {
            if let Some(row) = names.iter().position(|name| name.as_ref() == law.state) {
                self.residuals[row] = law.residual;
            }
        }
    }

    /// Their solution, from a first guess; it is not a number where the iteration does not settle.
    pub fn solve(&self, graph: &mut Graph, guess: &[Expr]) -> Vec<Expr> {
        let jacobian = self.jacobian(graph);
        if self.is_constant(graph, &jacobian) {
            return self.iterate(graph, &jacobian, guess).0;
        }
        let mut x = guess.to_vec();
        for iteration in 0..DETACHED {
            let next = self.iterate(graph, &jacobian, &x).0;
            x = match iteration < CAREFUL {
                true => x
                    .iter()
                    .zip(next)
                    .map(|(&x, next)| same_sign(graph, x, next))
                    .collect(),
                false => next,
            };
        }
        x = x.iter().map(|x| graph.unary(Unary::Detach, *x)).collect();
        let mut change = Vec::new();
        for _ in 0..ATTACHED {
            (x, change) = self.iterate(graph, &jacobian, &x);
        }
        let settled = x.iter().zip(&change).zip(guess);
        let settled: Vec<Expr> = settled
            .map(|((&x, &change), &guess)| settled_or_nothing(graph, x, change, guess))
            .collect();
        settled
    }

    /// Whether one linear solve gives the solution.
    pub fn is_linear(&self, graph: &mut Graph) -> bool {
        let jacobian = self.jacobian(graph);
        self.is_constant(graph, &jacobian)
    }

    /// Whether the unknowns are in no entry of their Jacobian.
    fn is_constant(&self, graph: &Graph, jacobian: &[Vec<Expr>]) -> bool {
        let names = self.names(graph);
        let mut entries = jacobian.iter().flatten();
        !entries.any(|entry| names.iter().any(|name| graph.mentions(*entry, name)))
    }

    fn names(&self, graph: &Graph) -> Vec<String> {
        let symbols = graph.symbols_of(&self.unknowns);
        symbols
            .into_iter()
            .map(|symbol| graph.name(symbol).to_owned())
            .collect()
    }

    /// ∂F/∂x, rows first.
    fn jacobian(&self, graph: &mut Graph) -> Vec<Vec<Expr>> {
        let names: Vec<String> = self
            .unknowns
            .iter()
            .flat_map(|unknown| graph.symbols_of(&[*unknown]))
            .map(|symbol| graph.name(symbol).to_owned())
            .collect();
        let row = |residual: &Expr| {
            let columns = names.iter();
            columns
                .map(|name| derivative(graph, *residual, name))
                .collect()
        };
        self.residuals.iter().map(row).collect()
    }

    /// x − J⁻¹·F(x), and the change that this is.
    fn iterate(
        &self,
        graph: &mut Graph,
        jacobian: &[Vec<Expr>],
        x: &[Expr],
    ) -> (Vec<Expr>, Vec<Expr>) {
        let here: HashMap<Expr, Expr> = self
            .unknowns
            .iter()
            .copied()
            .zip(x.iter().copied())
            .collect();
        let residuals = graph.substitute(&self.residuals, &here);
        let matrix = jacobian
            .iter()
            .map(|row| graph.substitute(row, &here))
            .collect();
        let change = elimination::solve(graph, matrix, residuals);
        let next = x.iter().zip(&change);
        let next = next.map(|(&x, &change)| graph.sub(x, change)).collect();
        (next, change)
    }
}

/// `next`, or a tenth of `x` if it has another sign.
fn same_sign(graph: &mut Graph, x: Expr, next: Expr) -> Expr {
    let product = graph.mul(x, next);
    let zero = graph.constant(0.0);
    let crosses = graph.binary(Binary::Less, product, zero);
    let tenth = graph.constant(0.1);
    let closer = graph.mul(tenth, x);
    graph.select(crosses, closer, next)
}

/// `x`, or not a number if its last change was large beside it and where it started.
fn settled_or_nothing(graph: &mut Graph, x: Expr, change: Expr, guess: Expr) -> Expr {
    let [change, size, start] = [change, x, guess].map(|e| graph.unary(Unary::Abs, e));
    let size = graph.add(size, start);
    let relative = graph.constant(CONVERGED);
    let bound = graph.mul(relative, size);
    let settled = graph.binary(Binary::LessEqual, change, bound);
    let nothing = graph.constant(f64::NAN);
    graph.select(settled, x, nothing)
}

/// A backward Euler step of states that depend on each other.
pub fn step(graph: &mut Graph, states: &[Expr], rates: &[Expr]) -> Vec<Expr> {
    let (equations, before) = Equations::backward_euler(graph, states, rates);
    let solution = equations.solve(graph, &before);
    let back: HashMap<Expr, Expr> = before.into_iter().zip(states.iter().copied()).collect();
    graph.substitute(&solution, &back)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::value;

    /// x′ = −k·x² has the step 2s/(1 + √(1 + 4Δt·k·s)).
    fn decay(graph: &mut Graph) -> Expr {
        let [x, k] = ["x", "k"].map(|name| graph.symbol(name));
        let square = graph.mul(x, x);
        let rate = graph.mul(k, square);
        let rate = graph.neg(rate);
        step(graph, &[x], &[rate])[0]
    }

    fn exact(k: f64, s: f64, dt: f64) -> f64 {
        2.0 * s / (1.0 + (1.0 + 4.0 * dt * k * s).sqrt())
    }

    #[test]
    fn a_nonlinear_step_solves_its_equation() {
        let mut graph = Graph::new();
        let stepped = decay(&mut graph);
        for (k, s, dt) in [(0.3, 2.0, 0.025), (3.0, 1.0, 1.0), (1e-3, 1e2, 0.1)] {
            let found = value(&graph, stepped, &[("k", k), ("x", s), ("dt", dt)]);
            assert!((found - exact(k, s, dt)).abs() < 1e-15 * s, "{found}");
        }
    }

    /// A pump that saturates far below what there is: c + A·c/(c + d) = s.
    #[test]
    fn a_step_beyond_a_pole_comes_back() {
        let mut graph = Graph::new();
        let [c, d, k] = ["c", "d", "k"].map(|name| graph.symbol(name));
        let sum = graph.add(c, d);
        let share = graph.div(c, sum);
        let rate = graph.mul(k, share);
        let rate = graph.neg(rate);
        let stepped = step(&mut graph, &[c], &[rate])[0];
        for (s, k) in [(1e-3, 0.1), (1.0, 0.1), (1e-2, 4.0), (1.0, 400.0)] {
            let (d, dt) = (1e-4, 0.025);
            let found = value(&graph, stepped, &[("c", s), ("d", d), ("k", k), ("dt", dt)]);
            // the positive root of c² + (d + A − s)·c − s·d, without cancellation
            let b: f64 = d + dt * k - s;
            let root = (b * b + 4.0 * s * d).sqrt();
            let exact = if b > 0.0 {
                2.0 * s * d / (b + root)
            } else {
                (root - b) / 2.0
            };
            assert!(
                (found - exact).abs() < 1e-12 * exact,
                "{s} {k}: {found} {exact}"
            );
        }
    }

    /// A state may change its sign.
    #[test]
    fn a_step_across_zero_is_taken() {
        let mut graph = Graph::new();
        let x = graph.symbol("x");
        let cube = graph.integer_power(x, 3);
        let minus_one = graph.constant(-1.0);
        let rate = graph.sub(minus_one, cube);
        let stepped = step(&mut graph, &[x], &[rate])[0];
        for s in [0.01, 0.05, -0.02] {
            let found = value(&graph, stepped, &[("x", s), ("dt", 0.1)]);
            let residual = found - s + 0.1 * (1.0 + found.powi(3));
            assert!(residual.abs() < 1e-15, "{s}: {found}");
        }
    }

    /// The first two derivatives are those of the implicit function.
    #[test]
    fn a_nonlinear_step_has_the_derivatives_of_its_solution() {
        let mut graph = Graph::new();
        let stepped = decay(&mut graph);
        let first = derivative(&mut graph, stepped, "k");
        let second = derivative(&mut graph, first, "x");
        let (k, s, dt) = (3.0, 1.0, 0.5);
        let at = [("k", k), ("x", s), ("dt", dt)];
        let h = 1e-4;
        let slope = (exact(k + h, s, dt) - exact(k - h, s, dt)) / (2.0 * h);
        assert!((value(&graph, first, &at) - slope).abs() < 1e-8);
        let mixed = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)]
            .map(|(a, b)| a * b * exact(k + a * h, s + b * h, dt));
        let mixed: f64 = mixed.iter().sum::<f64>() / (4.0 * h * h);
        assert!((value(&graph, second, &at) - mixed).abs() < 1e-7);
    }

    /// Two states that turn into each other keep their sum.
    #[test]
    fn a_linear_exchange_conserves() {
        let mut graph = Graph::new();
        let [a, b, k] = ["a", "b", "k"].map(|name| graph.symbol(name));
        let two = graph.constant(2.0);
        let forth = graph.mul(k, a);
        let back = graph.mul(two, b);
        let gain = graph.sub(forth, back);
        let loss = graph.neg(gain);
        let after = step(&mut graph, &[a, b], &[loss, gain]);
        let at = [("a", 0.7), ("b", 0.3), ("k", 5.0), ("dt", 0.1)];
        let values = [value(&graph, after[0], &at), value(&graph, after[1], &at)];
        assert!((values[0] + values[1] - 1.0).abs() < 1e-15);
        // (1 + Δt·k)·a − Δt·2·b = a₀
        assert!((1.5 * values[0] - 0.2 * values[1] - 0.7).abs() < 1e-15);
    }

    #[test]
    fn an_iteration_that_does_not_settle_gives_no_number() {
        let mut graph = Graph::new();
        let x = graph.symbol("x");
        // x + 1 + x² has no root
        let one = graph.constant(1.0);
        let square = graph.mul(x, x);
        let sum = graph.add(square, one);
        let residual = graph.add(sum, x);
        let equations = Equations {
            unknowns: vec![x],
            residuals: vec![residual],
        };
        let guess = graph.constant(0.3);
        let solution = equations.solve(&mut graph, &[guess]);
        assert!(value(&graph, solution[0], &[("x", 0.0)]).is_nan());
    }
}
