//! Rates of the form z/(e^z − 1) become one function that is smooth through z = 0.
//!
//! Such rates (Hodgkin and Huxley 1952, eq. 12 and 20) are 0/0 at one voltage. Authors either leave
//! that, or guard it: near 0 they put the limit 1 or the line 1 − z/2. Both become
//! [`Unary::Exprel`], of which those are the first terms; the guard, whose derivatives jump, goes.
//! A guard that does anything else is left as it is.

use std::collections::HashMap;

use super::polynomial::{Polynomials, Term};
use crate::graph::{Binary, Expr, Graph, Node, Unary};

/// A guard is taken for one against 0/0 if |z| is below this inside. There 1 − z/2 is off by z²/12
/// and the limit by z/2 at most.
const GUARD_LIMIT: f64 = 0.01;

/// `outputs` with their removable singularities removed.
pub fn smooth(graph: &mut Graph, outputs: &[Expr]) -> Vec<Expr> {
    let nudges = nudges(graph, outputs);
    let guarded = smooth_quotients(graph, outputs);
    if nudges.is_empty() {
        return guarded;
    }
    let away: HashMap<Expr, Expr> = nudges.iter().map(|n| (n.select, n.quantity)).collect();
    let free = graph.substitute(outputs, &away);
    let free = smooth_quotients(graph, &free);
    let choose = |(guarded, free): (&Expr, &Expr)| {
        let harmless = nudges.iter().all(|nudge| nudge.is_needless(graph, *free));
        if harmless { *free } else { *guarded }
    };
    guarded.iter().zip(&free).map(choose).collect()
}

/// IF (w == c) { w = w + δ }, which moves a voltage off a point where a rate is 0/0.
struct Nudge {
    select: Expr,
    quantity: Expr,
    point: Expr,
}

/// A larger δ than this, mV, is no nudge.
const NUDGE_LIMIT: f64 = 0.01;

fn nudges(graph: &mut Graph, outputs: &[Expr]) -> Vec<Nudge> {
    let mut nudges = Vec::new();
    for select in graph.reachable(outputs) {
        let Node::Select(condition, moved, quantity) = graph.node(select) else {
            continue;
        };
        let Node::Binary(Binary::Equal, a, b) = graph.node(condition) else {
            continue;
        };
        let point = match (a == quantity, b == quantity) {
            (true, _) => b,
            (_, true) => a,
            _ => continue,
        };
        let step = graph.sub(moved, quantity);
        let step = match graph.node(moved) {
            Node::Binary(Binary::Add, c, x) if x == quantity => graph.literal(c),
            _ => graph.literal(step),
        };
        if step.is_some_and(|step| step.abs() <= NUDGE_LIMIT) {
            nudges.push(Nudge {
                select,
                quantity,
                point,
            });
        }
    }
    nudges
}

impl Nudge {
    /// Whether `expr`, which does without the nudge, has a value where the nudge would act, for
    /// arbitrary values of whatever else it depends on.
    fn is_needless(&self, graph: &Graph, expr: Expr) -> bool {
        let Node::Symbol(symbol) = graph.node(self.quantity) else {
            return false;
        };
        let moved = graph.name(symbol);
        let arbitrary = |name: &str| {
            let sum = name.bytes().fold(7_u32, |sum, byte| {
                sum.wrapping_mul(31).wrapping_add(u32::from(byte))
            });
            0.5 + f64::from(sum % 997) / 997.0
        };
        let point = graph.evaluate(&[self.point], &arbitrary)[0];
        let there = |name: &str| match name == moved {
            true => point,
            false => arbitrary(name),
        };
        graph.evaluate(&[expr], &there)[0].is_finite()
    }
}

fn smooth_quotients(graph: &mut Graph, outputs: &[Expr]) -> Vec<Expr> {
    let mut pass = Pass::default();
    let mut done: HashMap<Expr, Expr> = HashMap::new();
    for expr in graph.reachable(outputs) {
        let rebuilt = graph.rebuild(expr, &|e| done[&e]);
        let result = pass.rewrite(graph, rebuilt).unwrap_or(rebuilt);
        // operands first, so that the expansion of what follows is not deep
        pass.polynomials.of(graph, result);
        done.insert(expr, result);
    }
    outputs.iter().map(|e| done[e]).collect()
}

#[derive(Default)]
struct Pass {
    polynomials: Polynomials,
}

/// scale · (e^z − 1)
struct Expm1 {
    scale: Term,
    z: Expr,
}

impl Pass {
    /// What a node becomes whose operands are done, if it is one of ours.
    fn rewrite(&mut self, graph: &mut Graph, expr: Expr) -> Option<Expr> {
        match graph.node(expr) {
            Node::Binary(Binary::Div, a, b) => self.quotient(graph, &[a], b),
            Node::Binary(Binary::Mul, a, b) => match (graph.node(a), graph.node(b)) {
                (_, Node::Binary(Binary::Div, c, d)) => self.quotient(graph, &[a, c], d),
                (Node::Binary(Binary::Div, c, d), _) => self.quotient(graph, &[b, c], d),
                _ => None,
            },
            Node::Select(condition, a, b) => self.guarded(graph, condition, a, b),
            _ => None,
        }
    }

    /// Π `above` / `below`, where `below` is scale · (e^z − 1) and one factor above is r · z.
    fn quotient(&mut self, graph: &mut Graph, above: &[Expr], below: Expr) -> Option<Expr> {
        let Expm1 { scale, z } = self.expm1(graph, below)?;
        let divisor = self.polynomials.of(graph, z);
        let factors: Vec<Expr> = above.iter().flat_map(|&e| factors(graph, e)).collect();
        let ratios: Vec<Option<Term>> = factors
            .iter()
            .map(|&factor| self.polynomials.of(graph, factor).ratio(&divisor))
            .collect();
        // z = a·v divides everything; what is wanted is the factor that vanishes with z
        let literal = |r: &Term| r.is_literal();
        let finite = |r: &Term| {
            let mut below = r.monomial.iter().filter(|&(_, &power)| power < 0);
            below.all(|(&atom, _)| !graph.mentions(atom, "v"))
        };
        let found = |accept: &dyn Fn(&Term) -> bool| {
            let mut ratios = ratios.iter().enumerate();
            ratios.find_map(|(i, ratio)| Some((i, ratio.clone().filter(accept)?)))
        };
        let (position, ratio) = found(&literal).or_else(|| found(&finite))?;
        let ratio = ratio.times(&scale.inverse());
        let mut product = graph.unary(Unary::Exprel(0), z);
        for (i, factor) in factors.into_iter().enumerate() {
            if i != position {
                product = graph.mul(factor, product);
            }
        }
        let ratio = ratio.build(graph);
        Some(graph.mul(ratio, product))
    }

    /// Whether an expression is scale · (e^z − 1).
    fn expm1(&mut self, graph: &Graph, expr: Expr) -> Option<Expm1> {
        let [a, b] = self.polynomials.of(graph, expr).two_terms()?;
        [(&a, &b), (&b, &a)]
            .into_iter()
            .find_map(|(with, without)| {
                if with.coefficient != -without.coefficient {
                    return None;
                }
                let ratio = with.times(&without.inverse()).monomial;
                match (ratio.len(), ratio.first_key_value()) {
                    (1, Some((&atom, 1))) => match graph.node(atom) {
                        Node::Unary(Unary::Exp, z) => Some(Expm1 {
                            scale: with.times(&Term {
                                coefficient: 1.0,
                                monomial: [(atom, -1)].into(),
                            }),
                            z,
                        }),
                        _ => None,
                    },
                    _ => None,
                }
            })
    }

    /// A branch on |w| < ε, where w is a multiple of z, between rest · exprel(z) and its value near
    /// z = 0: the guard of a quotient that is smooth by now.
    fn guarded(
        &mut self,
        graph: &mut Graph,
        condition: Expr,
        then: Expr,
        otherwise: Expr,
    ) -> Option<Expr> {
        let guard = Guard::of(graph, condition)?;
        let (near, far) = if guard.holds_near {
            (then, otherwise)
        } else {
            (otherwise, then)
        };
        let factors = factors(graph, far);
        let (position, z) =
            factors
                .iter()
                .enumerate()
                .find_map(|(i, &factor)| match graph.node(factor) {
                    Node::Unary(Unary::Exprel(0), z) => Some((i, z)),
                    _ => None,
                })?;
        self.bounds(graph, &guard, z).then_some(())?;

        let mut rest = graph.constant(1.0);
        for (i, factor) in factors.into_iter().enumerate() {
            if i != position {
                rest = graph.mul(rest, factor);
            }
        }
        let rest = self.polynomials.of(graph, rest);
        let line = self.polynomials.of(graph, z).one_plus(-0.5);
        let near = self.polynomials.of(graph, near);
        let is_line = rest
            .times(&line)
            .is_some_and(|line| near.is_close_to(&line));
        (is_line || near.is_close_to(&rest)).then_some(far)
    }

    /// Whether the guard holds only where |z| is small, at z = 0 among others.
    fn bounds(&mut self, graph: &mut Graph, guard: &Guard, z: Expr) -> bool {
        // |e^w − 1| < ε is |w| < ε, nearly
        let (w, scale) = match self.expm1(graph, guard.quantity) {
            Some(Expm1 { scale, z }) => (z, scale.coefficient),
            None => (guard.quantity, 1.0),
        };
        let z = self.polynomials.of(graph, z);
        let Some(ratio) = z.ratio(&self.polynomials.of(graph, w)) else {
            return false;
        };
        let limit = guard.limit / scale.abs();
        if ratio.is_literal() {
            limit * ratio.coefficient.abs() <= GUARD_LIMIT
        } else {
            // z = w/k with a slope k that is a parameter: more than a hundredth of a millivolt
            limit <= GUARD_LIMIT * GUARD_LIMIT
        }
    }
}

/// |quantity| < limit
struct Guard {
    quantity: Expr,
    limit: f64,
    /// Whether the condition is that, or its opposite.
    holds_near: bool,
}

impl Guard {
    fn of(graph: &mut Graph, condition: Expr) -> Option<Guard> {
        let Node::Binary(comparison, a, b) = graph.node(condition) else {
            return None;
        };
        match comparison {
            Binary::Less | Binary::LessEqual => {
                let (quantity, limit, holds_near) = match (graph.node(a), graph.node(b)) {
                    (Node::Unary(Unary::Abs, w), _) => (w, graph.literal(b)?, true),
                    (_, Node::Unary(Unary::Abs, w)) => (w, graph.literal(a)?, false),
                    _ => return None,
                };
                (limit >= 0.0).then_some(Guard {
                    quantity,
                    limit,
                    holds_near,
                })
            }
            Binary::Equal => Some(Guard {
                quantity: graph.sub(a, b),
                limit: 0.0,
                holds_near: true,
            }),
            // −ε < w && w < ε
            Binary::And => {
                let side = |e| match graph.node(e) {
                    Node::Binary(Binary::Less | Binary::LessEqual, x, y) => {
                        match (graph.literal(x), graph.literal(y)) {
                            (Some(lower), None) if lower <= 0.0 => Some((y, -lower, false)),
                            (None, Some(upper)) if upper >= 0.0 => Some((x, upper, true)),
                            _ => None,
                        }
                    }
                    _ => None,
                };
                let ((quantity, one, below), (other, two, above)) = (side(a)?, side(b)?);
                (quantity == other && below != above).then_some(Guard {
                    quantity,
                    limit: f64::max(one, two),
                    holds_near: true,
                })
            }
            _ => None,
        }
    }
}

/// How many factors of a product are looked at.
const FACTOR_LIMIT: usize = 16;

/// The factors of a product, signs among them.
fn factors(graph: &mut Graph, expr: Expr) -> Vec<Expr> {
    let mut factors = Vec::new();
    let mut pending = vec![expr];
    while let Some(expr) = pending.pop() {
        match graph.node(expr) {
            Node::Binary(Binary::Mul, a, b) if pending.len() + factors.len() < FACTOR_LIMIT => {
                pending.extend([a, b]);
            }
            Node::Unary(Unary::Neg, a) => {
                factors.push(graph.constant(-1.0));
                pending.push(a);
            }
            _ => factors.push(expr),
        }
    }
    factors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nmodl;

    /// The rate `f` of a mechanism whose FUNCTION f(v) has this body, after the pass.
    fn rate(body: &str) -> (Graph, Expr) {
        let text = format!(
            "NEURON {{ SUFFIX x NONSPECIFIC_CURRENT i }}
             PARAMETER {{ half = -40 k = 10 rate = 2 }}
             ASSIGNED {{ v }}
             BREAKPOINT {{ i = f(v) }}
             FUNCTION f(v) {{ {body} }}"
        );
        let mechanism = nmodl::compile(&text, "x.mod").unwrap_or_else(|e| panic!("{e}"));
        (mechanism.graph, mechanism.currents[0].density)
    }

    fn is_smooth((graph, expr): &(Graph, Expr)) -> bool {
        let nodes = graph.reachable(&[*expr]);
        let exprel = |e: &Expr| matches!(graph.node(*e), Node::Unary(Unary::Exprel(0), _));
        let select = |e: &Expr| matches!(graph.node(*e), Node::Select(..));
        nodes.iter().any(exprel) && !nodes.iter().any(select)
    }

    fn value((graph, expr): &(Graph, Expr), v: f64) -> f64 {
        let inputs = |name: &str| match name {
            "half" => -40.0,
            "k" => 10.0,
            "rate" => 2.0,
            _ => v,
        };
        graph.evaluate(&[*expr], &inputs)[0]
    }

    /// x/(eˣ − 1)
    fn exprel(x: f64) -> f64 {
        if x == 0.0 { 1.0 } else { x / x.exp_m1() }
    }

    #[test]
    fn every_way_to_write_it_is_found() {
        let down = |v: f64| exprel(-(v + 40.0) / 10.0);
        let up = |v: f64| exprel((v + 40.0) / 10.0);
        let rates: &[(&str, &dyn Fn(f64) -> f64)] = &[
            ("f = .1*(v + 40)/(1 - exp(-(v + 40)/10))", &down),
            ("f = 0.1*(v+40)/(1-exp(-0.1*v - 4))", &down),
            ("f = (4 + v/10)/(1 - exp(-(v+40)/10))", &down),
            ("f = -.1*(v + 40)/(exp((-40 - v)/10) - 1)", &down),
            ("f = (v - half)/k/(1 - exp(-(v - half)/k))", &down),
            ("f = (v - half)/(1 - exp((half - v)/k))/k", &down),
            ("f = (v - half)*(1/(1 - exp((half - v)/k)))/k", &down),
            ("f = rate*(v + 40)/(rate*10*(exp((v + 40)/10) - 1))", &up),
            (
                "f = (v + 40)*rate/(10*rate*exp((v + 40)/10) - 10*rate)",
                &up,
            ),
            ("f = .2*v/rate/(exp(v/rate/5) - 1)", &|v| exprel(v / 10.0)),
            ("f = v/k/(exp(v/k) - 1)", &|v| exprel(v / 10.0)),
        ];
        for (body, expected) in rates {
            let rate = rate(body);
            assert!(is_smooth(&rate), "{body}");
            for v in [-100.0, -40.1, -40.0, -39.999_999, 0.0, 1e-9, 30.0] {
                let (found, expected) = (value(&rate, v), expected(v));
                // the argument is rounded, relative to the terms of v + 40, before it is used
                let bound = 1e-14 * (1.0 + expected.abs());
                assert!((found - expected).abs() <= bound, "{body} at {v}: {found}");
            }
        }
    }

    #[test]
    fn a_guard_with_the_line_or_the_limit_goes() {
        for body in [
            "IF (fabs((v+40)/10) < 1e-6) { f = 10*(1 - (v+40)/10/2) } ELSE { f = (v+40)/(exp((v+40)/10) - 1) }",
            "IF (fabs(v+40) > 1e-4) { f = (v+40)/(exp((v+40)/10) - 1) } ELSE { f = 10 - (v+40)/2 }",
            "IF (v == -40) { f = 10 } ELSE { f = (v+40)/(exp((v+40)/10) - 1) }",
            "IF (v + 40 < 1e-5 && v + 40 > -1e-5) { f = 10 } ELSE { f = (v+40)/(exp((v+40)/10) - 1) }",
            "IF (fabs(exp((v+40)/10) - 1) < 1e-6) { f = 10 } ELSE { f = (v+40)/(exp((v+40)/10) - 1) }",
            "IF (fabs(v - half) < 1e-5) { f = k } ELSE { f = (v - half)/(exp((v - half)/k) - 1) }",
        ] {
            let rate = rate(body);
            assert!(is_smooth(&rate), "{body}");
            assert!((value(&rate, -40.0) - 10.0).abs() < 1e-14, "{body}");
        }
    }

    #[test]
    fn a_nudge_off_the_singularity_goes() {
        let body = "IF (v == -40) { v = v + .0001 } f = (v+40)/(exp((v+40)/10) - 1)";
        let rate = rate(body);
        assert!(is_smooth(&rate));
        assert_eq!(value(&rate, -40.0), 10.0);
    }

    #[test]
    fn a_nudge_off_a_pole_stays() {
        let rate = rate("IF (v == -40) { v = v + .0001 } f = 1/(v + 40)");
        assert!((value(&rate, -40.0) - 1e4).abs() < 1e-6);
    }

    #[test]
    fn a_guard_that_does_anything_else_stays() {
        for body in [
            // another value, a wide guard, a guard elsewhere
            "IF (fabs(v+40) < 1e-6) { f = 11 } ELSE { f = (v+40)/(exp((v+40)/10) - 1) }",
            "IF (fabs(v+40) < 5) { f = 10 } ELSE { f = (v+40)/(exp((v+40)/10) - 1) }",
            "IF (fabs(v+41) < 1e-6) { f = 10 } ELSE { f = (v+40)/(exp((v+40)/10) - 1) }",
            "IF (v < -40) { f = 10 } ELSE { f = (v+40)/(exp((v+40)/10) - 1) }",
        ] {
            assert!(!is_smooth(&rate(body)), "{body}");
        }
    }

    #[test]
    fn a_quotient_that_is_truly_infinite_stays() {
        for body in [
            "f = 1/(exp(v/k) - 1)",
            "f = (v + 41)/(exp((v + 40)/10) - 1)",
            "f = (v + 40)/(exp((v + 40)/10) + 1)",
            "f = (v + 40)/(2*exp((v + 40)/10) - 1)",
        ] {
            assert!(!is_smooth(&rate(body)), "{body}");
        }
    }
}
