//! Inverse trigonometric functions, all of them as the angle of a point of the plane.
//!
//! For any angle ρ the point (x, y) is ρ + arctan((y cos ρ − x sin ρ)/(x cos ρ + y sin ρ)). With ρ near
//! the angle, the arctangent is of a small number and its series is short. ρ is taken as a number that
//! does not move ([`Unary::Detach`]), so that derivatives are those of the series, whatever ρ is made of.

use std::f64::consts::{FRAC_PI_2, PI};

use crate::graph::{Binary, Expr, Graph, Unary};

/// arctan q for |q| ≤ 1, off by at most 1.2e-5 (Abramowitz and Stegun 1964, 4.4.49): the coefficients of
/// q, q³, q⁵, …
const ROUGH: [f64; 5] = [0.9998660, -0.3302995, 0.1801410, -0.0851330, 0.0208351];

/// The coefficients of δ, δ³ and δ⁵ in arctan δ; for δ of [`ROUGH`] the next term is 1e-35.
const SERIES: [f64; 3] = [1.0, -1.0 / 3.0, 1.0 / 5.0];

/// The arctangent.
pub(super) fn atan(graph: &mut Graph, x: Expr) -> Expr {
    let one = graph.constant(1.0);
    angle(graph, x, one)
}

/// The angle of the point (x, y), between −π and π; 0 at the origin.
pub(super) fn atan2(graph: &mut Graph, y: Expr, x: Expr) -> Expr {
    let [zero, one] = [0.0, 1.0].map(|value| graph.constant(value));
    let [no_y, no_x] = [y, x].map(|coordinate| graph.binary(Binary::Equal, coordinate, zero));
    let is_origin = graph.binary(Binary::And, no_y, no_x);
    let x = graph.select(is_origin, one, x);
    angle(graph, y, x)
}

/// The arcsine; not a number beyond ±1.
pub(super) fn asin(graph: &mut Graph, x: Expr) -> Expr {
    let other = other_side(graph, x);
    angle(graph, x, other)
}

/// The arccosine; not a number beyond ±1.
pub(super) fn acos(graph: &mut Graph, x: Expr) -> Expr {
    let other = other_side(graph, x);
    angle(graph, other, x)
}

/// √(1 − x²), without cancellation near ±1.
fn other_side(graph: &mut Graph, x: Expr) -> Expr {
    let one = graph.constant(1.0);
    let (less, more) = (graph.sub(one, x), graph.add(one, x));
    let square = graph.mul(less, more);
    graph.unary(Unary::Sqrt, square)
}

/// The angle of the point (x, y), which is not the origin.
fn angle(graph: &mut Graph, y: Expr, x: Expr) -> Expr {
    let rough = rough_angle(graph, y, x);
    let (sine, cosine) = (
        graph.unary(Unary::Sin, rough),
        graph.unary(Unary::Cos, rough),
    );
    let (up, across) = (graph.mul(y, cosine), graph.mul(x, sine));
    let beside = graph.sub(up, across);
    let (along, over) = (graph.mul(x, cosine), graph.mul(y, sine));
    let ahead = graph.add(along, over);
    let tangent = graph.div(beside, ahead);
    let rest = odd(graph, tangent, &SERIES);
    graph.add(rough, rest)
}

/// About the angle of the point (x, y), as a number that does not move.
fn rough_angle(graph: &mut Graph, y: Expr, x: Expr) -> Expr {
    let [y, x] = [y, x].map(|coordinate| graph.unary(Unary::Detach, coordinate));
    let [zero, quarter, half] = [0.0, FRAC_PI_2, PI].map(|value| graph.constant(value));
    let [height, width] = [y, x].map(|coordinate| graph.unary(Unary::Abs, coordinate));
    let is_flat = graph.binary(Binary::LessEqual, height, width);
    let (short, long) = (graph.select(is_flat, y, x), graph.select(is_flat, x, y));
    let ratio = graph.div(short, long);
    let small = odd(graph, ratio, &ROUGH);
    let is_below = graph.binary(Binary::Less, y, zero);
    let signed = |graph: &mut Graph, turn: Expr| {
        let negative = graph.neg(turn);
        graph.select(is_below, negative, turn)
    };
    let (quarter, half) = (signed(graph, quarter), signed(graph, half));
    let is_behind = graph.binary(Binary::Less, x, zero);
    let behind = graph.add(half, small);
    let flat = graph.select(is_behind, behind, small);
    let steep = graph.sub(quarter, small);
    graph.select(is_flat, flat, steep)
}

/// c₀x + c₁x³ + c₂x⁵ + …
fn odd(graph: &mut Graph, x: Expr, coefficients: &[f64]) -> Expr {
    let square = graph.mul(x, x);
    let sum = super::polynomial(graph, square, coefficients);
    graph.mul(x, sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::differentiate::derivative;

    /// Within this many units in the last place of what the system's library says.
    const ULPS: f64 = 4.0;

    fn check(what: &str, found: f64, expected: f64) {
        let apart = (found - expected).abs();
        assert!(
            apart <= ULPS * f64::EPSILON * expected.abs(),
            "{what}: {found} {expected}"
        );
    }

    #[test]
    fn every_angle_is_that_of_its_point() {
        let mut graph = Graph::new();
        let [x, y] = ["x", "y"].map(|name| graph.symbol(name));
        let around = atan2(&mut graph, y, x);
        let places = [
            -3e9, -7.0, -1.0, -0.3, -1e-12, 0.0, 2e-7, 0.9, 1.0, 4.5, 1e15,
        ];
        for across in places {
            for up in places {
                let at = |name: &str| if name == "x" { across } else { up };
                let found = graph.evaluate(&[around], &at)[0];
                check(&format!("{up} over {across}"), found, up.atan2(across));
            }
        }
        let values = [
            atan(&mut graph, x),
            asin(&mut graph, x),
            acos(&mut graph, x),
        ];
        for at in [-1.0, -0.999_999_9, -0.6, -1e-9, 0.0, 0.2, 0.71, 0.999, 1.0] {
            let found = graph.evaluate(&values, &|_| at);
            let expected = [f64::atan(at), f64::asin(at), f64::acos(at)];
            for (found, expected) in found.into_iter().zip(expected) {
                check(&format!("at {at}"), found, expected);
            }
        }
        let beyond = asin(&mut graph, x);
        assert!(graph.evaluate(&[beyond], &|_| 1.5)[0].is_nan());
    }

    #[test]
    fn derivatives_are_those_of_the_functions() {
        let mut graph = Graph::new();
        let x = graph.symbol("x");
        let value = atan(&mut graph, x);
        let first = derivative(&mut graph, value, "x");
        let second = derivative(&mut graph, first, "x");
        let third = derivative(&mut graph, second, "x");
        for at in [-40.0_f64, -1.0, -0.4, 0.0, 0.1, 1.0, 2.5] {
            let square = 1.0 + at * at;
            let slopes = graph.evaluate(&[first, second, third], &|_| at);
            check("first", slopes[0], 1.0 / square);
            let expected = [
                -2.0 * at / (square * square),
                (6.0 * at * at - 2.0) / (square * square * square),
            ];
            for (found, expected) in slopes[1..].iter().zip(expected) {
                assert!((found - expected).abs() < 1e-14, "{at}: {found} {expected}");
            }
        }
        let (arcsine, arccosine) = (asin(&mut graph, x), acos(&mut graph, x));
        let slopes = [arcsine, arccosine].map(|f| derivative(&mut graph, f, "x"));
        for at in [-0.99_f64, -0.3, 0.0, 0.7] {
            let expected = 1.0 / ((1.0 - at) * (1.0 + at)).sqrt();
            let found = graph.evaluate(&slopes, &|_| at);
            check("arcsine", found[0], expected);
            check("arccosine", found[1], -expected);
        }
        // whichever way the other coordinate is, and at the origin it is finite
        let y = graph.symbol("y");
        let around = atan2(&mut graph, y, x);
        let slopes = ["x", "y"].map(|name| derivative(&mut graph, around, name));
        for (across, up) in [(3.0, 4.0), (-3.0, 0.5), (0.0, -2.0), (-1.0, 0.0)] {
            let at = |name: &str| if name == "x" { across } else { up };
            let found = graph.evaluate(&slopes, &at);
            let square: f64 = across * across + up * up;
            assert!((found[0] + up / square).abs() < 1e-15, "{across} {up}");
            assert!((found[1] - across / square).abs() < 1e-15, "{across} {up}");
        }
        let found = graph.evaluate(&slopes, &|_| 0.0);
        assert!(found.iter().all(|slope| slope.is_finite()));
    }
}
