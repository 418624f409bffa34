//! One exponential for several whose arguments are small whole multiples of each other.
//!
//! The rates of Hodgkin and Huxley need e^(−v/80), e^(−v/20) and e^(−v/10): the last two are the
//! first one's fourth and eighth power. A power costs up to eight roundings, so the argument of
//! `exprel` or φ₁ is never such a power (near their removable singularity that error would be
//! magnified); those have their own opcodes and are not touched.

use std::collections::HashMap;

use super::simplify::Affine;
use crate::graph::{Expr, Graph, Node, Unary};

/// The largest power that stands for an exponential of its own.
const LARGEST_POWER: f64 = 8.0;

/// e^shift moves out of the exponential only while it cannot overflow or underflow by itself,
/// also in `f32`.
const LARGEST_SHIFT: f64 = 30.0;

/// `outputs` with exponentials shared.
pub fn share_exponentials(graph: &mut Graph, outputs: &[Expr]) -> Vec<Expr> {
    // the exponentials of each argument, by their scale
    let mut families: HashMap<Expr, Vec<(Expr, Affine)>> = HashMap::new();
    for expr in graph.reachable(outputs) {
        if let Node::Unary(Unary::Exp, argument) = graph.node(expr) {
            let affine = Affine::of(graph, argument);
            if affine.scale != 0.0 && affine.shift.abs() <= LARGEST_SHIFT {
                families.entry(affine.of).or_default().push((expr, affine));
            }
        }
    }
    let mut replacements = HashMap::new();
    let mut arguments: Vec<Expr> = families.keys().copied().collect();
    arguments.sort();
    for argument in arguments {
        let mut family = families.remove(&argument).unwrap_or_default();
        family.sort_by(|(_, a), (_, b)| a.scale.abs().total_cmp(&b.scale.abs()));
        while !family.is_empty() {
            let base = family[0].1.scale;
            let (members, rest): (Vec<_>, Vec<_>) = family
                .into_iter()
                .partition(|(_, affine)| power_of(affine.scale, base).is_some());
            family = rest;
            if members.len() < 2 {
                continue;
            }
            let scale = graph.constant(base);
            let scaled = graph.mul(scale, argument);
            let root = graph.exp(scaled);
            for (expr, affine) in members {
                let power = power_of(affine.scale, base).unwrap_or(1);
                let factor = graph.constant(affine.shift.exp());
                let product = graph.integer_power(root, power);
                replacements.insert(expr, graph.mul(factor, product));
            }
        }
    }
    graph.substitute(outputs, &replacements)
}

/// n with scale = n·base, if n is a whole number that may be shared.
fn power_of(scale: f64, base: f64) -> Option<u32> {
    let ratio = scale / base;
    let whole = ratio.round();
    let shared = (1.0..=LARGEST_POWER).contains(&whole) && (ratio - whole).abs() < 1e-13 * whole;
    shared.then_some(whole as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::value;

    fn exponentials(graph: &Graph, outputs: &[Expr]) -> usize {
        let is = |e: &&Expr| matches!(graph.node(**e), Node::Unary(Unary::Exp, _));
        graph.reachable(outputs).iter().filter(is).count()
    }

    #[test]
    fn the_rates_of_hodgkin_and_huxley_need_two_exponentials() {
        let mut graph = Graph::new();
        let v = graph.symbol("v");
        let mut outputs = Vec::new();
        for (shift, scale) in [(65.0, -20.0), (35.0, -10.0), (65.0, -80.0), (65.0, -18.0)] {
            let [shift, scale] = [shift, scale].map(|c| graph.constant(c));
            let shifted = graph.add(v, shift);
            let argument = graph.div(shifted, scale);
            outputs.push(graph.exp(argument));
        }
        let shared = share_exponentials(&mut graph, &outputs);
        assert_eq!(exponentials(&graph, &shared), 2);
        for (before, after) in outputs.iter().zip(&shared) {
            for at in [-120.0, -65.0, 0.0, 60.0] {
                let [b, a] = [before, after].map(|e| value(&graph, *e, &[("v", at)]));
                // eight roundings of half an ulp, and those of the literal and its product
                assert!((a - b).abs() <= 6.0 * f64::EPSILON * b, "{a} {b}");
            }
        }
    }
}
