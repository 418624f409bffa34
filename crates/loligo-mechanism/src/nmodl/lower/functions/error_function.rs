//! erf, by Cody's rational approximations (1969, Math. Comp. 23, 631).
//!
//! Its value is taken at x as a number that does not move ([`Unary::Detach`]); x less that number is 0,
//! and stands in the Taylor series of erf, so that derivatives up to the fourth are exact.

use std::f64::consts::FRAC_2_SQRT_PI;

use super::polynomial;
use crate::graph::{Binary, Expr, Graph, Unary};

/// Up to here erf(x) = x·P(x²)/Q(x²), from here on 1 − exp(−x²)·R(x)/S(x).
const NEAR: f64 = 0.46875;

/// From here on erf is 1 to the last bit.
const FAR: f64 = 6.0;

const P: [f64; 5] = [
    3.209_377_589_138_469_4e3,
    3.774_852_376_853_02e2,
    1.138_641_541_510_501_6e2,
    3.161_123_743_870_565_5,
    1.857_777_061_846_031_5e-1,
];

const Q: [f64; 5] = [
    2.844_236_833_439_171e3,
    1.282_616_526_077_372_3e3,
    2.440_246_379_344_441_6e2,
    2.360_129_095_234_412e1,
    1.0,
];

const R: [f64; 9] = [
    1.230_339_354_797_997_2e3,
    2.051_078_377_826_071_6e3,
    1.712_047_612_634_070_7e3,
    8.819_522_212_417_69e2,
    2.986_351_381_974_001e2,
    6.611_919_063_714_163e1,
    8.883_149_794_388_377,
    5.641_884_969_886_701e-1,
    2.153_115_354_744_038_3e-8,
];

const S: [f64; 9] = [
    1.230_339_354_803_749_5e3,
    3.439_367_674_143_721_6e3,
    4.362_619_090_143_247e3,
    3.290_799_235_733_459_7e3,
    1.621_389_574_566_690_3e3,
    5.371_811_018_620_099e2,
    1.176_939_508_913_125e2,
    1.574_492_611_070_983_3e1,
    1.0,
];

pub(super) fn erf(graph: &mut Graph, x: Expr) -> Expr {
    let fixed = graph.unary(Unary::Detach, x);
    let square = graph.mul(fixed, fixed);
    let minus = graph.neg(square);
    let bell = graph.exp(minus);

    let value = value(graph, fixed, square, bell);
    // h·(1 − x h + (2x² − 1)/3 h² + (x/2 − x³/3) h³)·2/√π·exp(−x²) for h = 0
    let step = graph.sub(x, fixed);
    let second = graph.neg(fixed);
    let third = polynomial(graph, square, &[-1.0 / 3.0, 2.0 / 3.0]);
    let fourth = polynomial(graph, square, &[0.5, -1.0 / 3.0]);
    let fourth = graph.mul(fixed, fourth);
    let mut sum = fourth;
    for coefficient in [third, second, graph.constant(1.0)] {
        let scaled = graph.mul(step, sum);
        sum = graph.add(coefficient, scaled);
    }
    let scale = graph.constant(FRAC_2_SQRT_PI);
    let slope = graph.mul(scale, bell);
    let change = graph.mul(slope, step);
    let change = graph.mul(change, sum);
    graph.add(value, change)
}

fn value(graph: &mut Graph, x: Expr, square: Expr, bell: Expr) -> Expr {
    let (above, below) = (polynomial(graph, square, &P), polynomial(graph, square, &Q));
    let near = graph.mul(x, above);
    let near = graph.div(near, below);

    let size = graph.unary(Unary::Abs, x);
    let [one, end, far] = [1.0, NEAR, FAR].map(|value| graph.constant(value));
    let capped = graph.binary(Binary::Min, size, far);
    let (above, below) = (polynomial(graph, capped, &R), polynomial(graph, capped, &S));
    let ratio = graph.div(above, below);
    let rest = graph.mul(bell, ratio);
    let away = graph.sub(one, rest);
    let sign = graph.unary(Unary::Sign, x);
    let away = graph.mul(sign, away);

    let is_near = graph.binary(Binary::LessEqual, size, end);
    graph.select(is_near, near, away)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::differentiate::derivative;

    /// From mpmath, to all digits.
    const VALUES: &[(f64, f64)] = &[
        (1e-12, 1.1283791670955126e-12),
        (0.001, 0.0011283787909692365),
        (0.125, 0.1403162048013338),
        (0.46875, 0.49261347321793797),
        (0.484375, 0.5066621963729179),
        (0.75, 0.7111556336535151),
        (1.0, 0.8427007929497149),
        (1.5, 0.9661051464753108),
        (2.25, 0.9985372834133188),
        (3.5, 0.9999992569016276),
        (5.0, 0.9999999999984626),
        (6.0, 1.0),
        (30.0, 1.0),
    ];

    #[test]
    fn it_is_within_a_few_units_in_the_last_place() {
        let mut graph = Graph::new();
        let x = graph.symbol("x");
        let value = erf(&mut graph, x);
        for &(at, expected) in VALUES {
            for sign in [1.0, -1.0] {
                let found = sign * graph.evaluate(&[value], &|_| sign * at)[0];
                let apart = (found - expected).abs();
                assert!(apart <= 3.0 * f64::EPSILON * expected, "{at}: {found}");
            }
        }
        assert_eq!(graph.evaluate(&[value], &|_| 0.0), [0.0]);
    }

    #[test]
    fn derivatives_are_those_of_the_function() {
        let mut graph = Graph::new();
        let x = graph.symbol("x");
        let mut value = erf(&mut graph, x);
        let slopes: Vec<Expr> = (0..4)
            .map(|_| {
                value = derivative(&mut graph, value, "x");
                value
            })
            .collect();
        for at in [-2.5_f64, -0.46875, -0.1, 0.0, 0.3, 0.46875, 1.0, 4.0, 7.0] {
            let slope = FRAC_2_SQRT_PI * (-at * at).exp();
            let expected = [
                slope,
                -2.0 * at * slope,
                (4.0 * at * at - 2.0) * slope,
                (12.0 * at - 8.0 * at.powi(3)) * slope,
            ];
            let found = graph.evaluate(&slopes, &|_| at);
            for (order, (found, expected)) in found.iter().zip(expected).enumerate() {
                let apart = (found - expected).abs();
                assert!(apart < 1e-14, "{order} at {at}: {found} {expected}");
            }
        }
    }
}
