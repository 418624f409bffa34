//! Formulas of SCoP, the simulator that NMODL was written for, as NEURON still has them: saturation
//! curves, and waves in time. Constants have the digits that they have there.

use crate::graph::{Binary, Expr, Graph, Unary};
use crate::membrane::{FARADAY, GAS_CONSTANT, ZERO_CELSIUS};

#[expect(clippy::approx_constant, reason = "NEURON has no more digits")]
const TWO_PI: f64 = 6.283_185_3;

/// max·x/(x + K)
pub(super) fn hyperbol(graph: &mut Graph, [x, max, k]: [Expr; 3]) -> Expr {
    share(graph, max, x, k)
}

/// max·K/(x + K)
pub(super) fn revhyperbol(graph: &mut Graph, [x, max, k]: [Expr; 3]) -> Expr {
    share(graph, max, k, x)
}

/// max·xⁿ/(xⁿ + Kⁿ)
pub(super) fn sigmoid(graph: &mut Graph, [x, max, k, n]: [Expr; 4]) -> Expr {
    let [x, k] = [x, k].map(|base| super::power(graph, base, n));
    share(graph, max, x, k)
}

/// max·Kⁿ/(xⁿ + Kⁿ)
pub(super) fn revsigmoid(graph: &mut Graph, [x, max, k, n]: [Expr; 4]) -> Expr {
    let [x, k] = [x, k].map(|base| super::power(graph, base, n));
    share(graph, max, k, x)
}

/// whole·a/(a + b)
fn share(graph: &mut Graph, whole: Expr, a: Expr, b: Expr) -> Expr {
    let part = graph.mul(whole, a);
    let sum = graph.add(a, b);
    graph.div(part, sum)
}

/// The normal density.
pub(super) fn gauss(graph: &mut Graph, [x, mean, deviation]: [Expr; 3]) -> Expr {
    let away = graph.sub(x, mean);
    let away = graph.div(away, deviation);
    let square = graph.mul(away, away);
    let [minus_half, scale] = [-0.5, TWO_PI.sqrt()].map(|value| graph.constant(value));
    let exponent = graph.mul(minus_half, square);
    let bell = graph.exp(exponent);
    let area = graph.mul(scale, deviation);
    graph.div(bell, area)
}

/// The current of Goldman, Hodgkin and Katz for a permeability of 1 cm/s: mA/cm² for mV and mM.
pub(super) fn nrn_ghk(graph: &mut Graph, [v, inside, outside, charge]: [Expr; 4]) -> Expr {
    let celsius = graph.symbol("celsius");
    let [zero, scale] =
        [ZERO_CELSIUS, 1000.0 * GAS_CONSTANT / FARADAY].map(|value| graph.constant(value));
    let kelvin = graph.add(celsius, zero);
    let thermal = graph.mul(scale, kelvin);
    let moved = graph.mul(charge, v);
    let z = graph.div(moved, thermal);
    let minus = graph.neg(z);
    let (inward, outward) = (
        graph.unary(Unary::Exprel(0), z),
        graph.unary(Unary::Exprel(0), minus),
    );
    let (inward, outward) = (graph.mul(outside, inward), graph.mul(inside, outward));
    let net = graph.sub(outward, inward);
    let faraday = graph.constant(0.001 * FARADAY);
    let carried = graph.mul(faraday, charge);
    graph.mul(carried, net)
}

/// amplitude·sin(2π (t + offset)/period)
pub(super) fn harmonic(graph: &mut Graph, [t, period, amplitude, offset]: [Expr; 4]) -> Expr {
    let turn = graph.constant(TWO_PI);
    let frequency = graph.div(turn, period);
    let shifted = graph.add(t, offset);
    let phase = graph.mul(frequency, shifted);
    let sine = graph.unary(Unary::Sin, phase);
    graph.mul(amplitude, sine)
}

/// `jump` from the time `at` on.
pub(super) fn step(graph: &mut Graph, [t, at, jump]: [Expr; 3]) -> Expr {
    let zero = graph.constant(0.0);
    let has_come = graph.binary(Binary::LessEqual, at, t);
    graph.select(has_come, jump, zero)
}

/// `height` for `duration` from `lag` on.
pub(super) fn pulse(graph: &mut Graph, [t, lag, height, duration]: [Expr; 4]) -> Expr {
    let zero = graph.constant(0.0);
    let end = graph.add(lag, duration);
    let is_over = graph.binary(Binary::LessEqual, end, t);
    let started = graph.select(is_over, zero, height);
    from(graph, t, lag, started)
}

/// From 0 at `lag` to `height` within `duration`.
pub(super) fn ramp(graph: &mut Graph, [t, lag, height, duration]: [Expr; 4]) -> Expr {
    let passed = graph.sub(t, lag);
    let risen = graph.mul(passed, height);
    let risen = graph.div(risen, duration);
    let end = graph.add(lag, duration);
    let is_over = graph.binary(Binary::Less, end, t);
    let started = graph.select(is_over, height, risen);
    from(graph, t, lag, started)
}

/// A [`pulse`] again and again, `delay` after the last has ended.
pub(super) fn perpulse(graph: &mut Graph, [t, lag, height, duration, delay]: [Expr; 5]) -> Expr {
    let zero = graph.constant(0.0);
    let period = graph.add(duration, delay);
    let passed = graph.sub(t, lag);
    let phase = phase(graph, passed, period);
    let since = graph.mul(phase, period);
    let is_on = graph.binary(Binary::Less, since, duration);
    let started = graph.select(is_on, height, zero);
    from(graph, t, lag, started)
}

/// A `jump` more at `lag`, and in every `period` behind it.
pub(super) fn perstep(graph: &mut Graph, [t, lag, period, jump]: [Expr; 4]) -> Expr {
    let one = graph.constant(1.0);
    let passed = graph.sub(t, lag);
    let periods = graph.div(passed, period);
    let periods = super::truncated(graph, periods);
    let jumps = graph.add(periods, one);
    let started = graph.mul(jumps, jump);
    from(graph, t, lag, started)
}

/// `amplitude` in the first half of each period, its negative in the second.
pub(super) fn squarewave(graph: &mut Graph, [t, period, amplitude]: [Expr; 3]) -> Expr {
    let half = graph.constant(0.5);
    let phase = phase(graph, t, period);
    let is_first = graph.binary(Binary::Less, phase, half);
    let negative = graph.neg(amplitude);
    graph.select(is_first, amplitude, negative)
}

/// From 0 to `amplitude` in each period.
pub(super) fn sawtooth(graph: &mut Graph, [t, period, amplitude]: [Expr; 3]) -> Expr {
    let phase = phase(graph, t, period);
    graph.mul(amplitude, phase)
}

/// From `amplitude` to 0 in each period.
pub(super) fn revsawtooth(graph: &mut Graph, [t, period, amplitude]: [Expr; 3]) -> Expr {
    let one = graph.constant(1.0);
    let phase = phase(graph, t, period);
    let left = graph.sub(one, phase);
    graph.mul(amplitude, left)
}

/// The fraction of t/period, with its sign.
fn phase(graph: &mut Graph, t: Expr, period: Expr) -> Expr {
    let periods = graph.div(t, period);
    let whole = super::truncated(graph, periods);
    graph.sub(periods, whole)
}

/// 0 before `lag`.
fn from(graph: &mut Graph, t: Expr, lag: Expr, started: Expr) -> Expr {
    let zero = graph.constant(0.0);
    let is_early = graph.binary(Binary::Less, t, lag);
    graph.select(is_early, zero, started)
}
