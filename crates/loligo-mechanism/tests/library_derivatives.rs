//! Derivatives of every built-in mechanism, with respect to everything that it reads, against finite
//! differences; and no number that is not finite between −150 and 100 mV.

use std::collections::{BTreeMap, HashMap};

use loligo_mechanism::graph::{Binary, Node, Unary};
use loligo_mechanism::passes::differentiate::{adjoints, tangents};
use loligo_mechanism::{Expr, Graph, Mechanism, library};

/// Numbers between 0 and 1, the same in every run.
struct Sampler(u64);

impl Sampler {
    fn unit(&mut self) -> f64 {
        // Knuth's multiplier and increment for 64 bits
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
}

/// A value of every symbol that a mechanism reads.
type Point = BTreeMap<String, f64>;

/// The names of counts: what a condition asks to be equal to something (the events of a connection, and
/// what kind they are of). They are 0 or 1 here, and nothing has a derivative with respect to them.
fn counts(mechanism: &Mechanism, outputs: &[Expr]) -> Vec<String> {
    let graph = &mechanism.graph;
    let nodes = graph.reachable(outputs).into_iter();
    let compared = nodes.flat_map(|expr| match graph.node(expr) {
        Node::Binary(Binary::Equal, a, b) => vec![a, b],
        _ => Vec::new(),
    });
    let symbols = compared.filter_map(|expr| match graph.node(expr) {
        Node::Symbol(symbol) => Some(graph.name(symbol).to_owned()),
        _ => None,
    });
    symbols.collect()
}

/// A random point: parameters near their defaults, states between 0 and 1, ions as in a cell.
fn point(mechanism: &Mechanism, outputs: &[Expr], sampler: &mut Sampler) -> Point {
    let graph = &mechanism.graph;
    let counts = counts(mechanism, outputs);
    let mut point = Point::new();
    for symbol in graph.symbols_of(outputs) {
        let name = graph.name(symbol);
        let parameter = mechanism.parameters.iter().find(|p| p.name == name);
        let value = match (name, parameter) {
            (name, _) if counts.iter().any(|count| count == name) => sampler.unit().round(),
            // what a POINTER finds: a voltage
            (_, Some(p)) if p.default.is_nan() => sampler.between(-150.0, 100.0),
            // a time constant of 0 is that of nothing
            (_, Some(p)) if p.default == 0.0 && p.limits.is_some() => sampler.between(1.0, 3.0),
            // a shift whose default is 0 is one of voltage
            (_, Some(p)) if p.default == 0.0 => sampler.between(-3.0, 3.0),
            (_, Some(p)) => p.default * sampler.between(0.8, 1.2),
            ("v", _) => sampler.between(-150.0, 100.0),
            ("celsius", _) => sampler.between(6.0, 40.0),
            ("dt", _) => 0.025,
            ("diam", _) => sampler.between(0.5, 20.0),
            ("cai", _) => sampler.between(5e-5, 2e-3),
            ("cao", _) => 2.0,
            ("nai", _) => sampler.between(5.0, 20.0),
            ("nao", _) => 140.0,
            ("ki", _) => 120.0,
            ("ko", _) => sampler.between(2.0, 10.0),
            ("ena", _) => 50.0,
            ("ek", _) => -80.0,
            ("eca", _) => 120.0,
            ("ina" | "ik" | "ica", _) => sampler.between(-0.1, -0.01),
            _ => sampler.between(0.05, 0.95),
        };
        point.insert(name.to_owned(), value);
    }
    point
}

fn values(graph: &Graph, outputs: &[Expr], point: &Point) -> Vec<f64> {
    graph.evaluate(outputs, &|name: &str| point[name])
}

/// The derivatives of all outputs with respect to one symbol: forward, and reverse for the sum of the
/// outputs.
fn derivatives(graph: &mut Graph, outputs: &[Expr], name: &str) -> (Vec<Expr>, Expr) {
    let symbol = graph.symbol(name);
    let one = graph.constant(1.0);
    let forward = tangents(graph, outputs, &HashMap::from([(symbol, one)]));
    let summed: Vec<(Expr, Expr)> = outputs.iter().map(|&output| (output, one)).collect();
    let reverse = adjoints(graph, &summed, &[symbol])[0];
    (forward, reverse)
}

/// How far a symbol may be moved before expressions change much: 5 mV, or the size of a number.
fn scale(name: &str, value: f64) -> f64 {
    if name == "v" { 5.0 } else { value.abs() }
}

/// Central differences of fourth order of all outputs, for a step of `h`.
fn differences(graph: &Graph, outputs: &[Expr], at: &Point, name: &str, h: f64) -> Vec<f64> {
    let moved = |by: f64| {
        let mut point = at.clone();
        *point.get_mut(name).expect("a symbol of the point") += by;
        values(graph, outputs, &point)
    };
    let [far_below, below, above, far_above] = [-2.0 * h, -h, h, 2.0 * h].map(moved);
    (0..outputs.len())
        .map(|k| (8.0 * (above[k] - below[k]) - (far_above[k] - far_below[k])) / (12.0 * h))
        .collect()
}

/// Truncation goes as h⁴ and rounding as δ/h, where δ is the relative error of the function, so that the
/// best step errs by δ^(4/5) of the function over its scale. The steady state of a scheme whose rates span
/// seven orders (`allen_nav`: .01/ms to 1e5/ms) has δ = 1e7·ε = 2e-9, which makes it 1.1e-7.
const TOLERANCE: f64 = 1.1e-7;

/// Compares all derivatives at a point.
fn check(mechanism: &Mechanism, outputs: &[Expr], at: &Point) {
    let functions = &mechanism.graph;
    let mut graph = functions.clone();
    let here = values(functions, outputs, at);
    let initial = |expr: Expr| mechanism.states.iter().any(|state| state.initial == expr);
    let counts = counts(mechanism, outputs);
    for (name, &value) in at {
        if counts.contains(name) {
            continue;
        }
        let (forward, reverse) = derivatives(&mut graph, outputs, name);
        let exact = values(&graph, &forward, at);
        let scale = scale(name, value);
        let mut error = vec![f64::INFINITY; outputs.len()];
        for exponent in 1..=5 {
            let h = scale * 10f64.powi(-exponent);
            let found = differences(functions, outputs, at, name, h);
            for (error, (found, exact)) in error.iter_mut().zip(found.iter().zip(&exact)) {
                *error = error.min((found - exact).abs());
            }
        }
        for (k, error) in error.iter().enumerate() {
            // states that start together in a steady state are exact to a part of their whole
            let starts = |j: &usize| *j == k || (initial(outputs[k]) && initial(outputs[*j]));
            let together = (0..outputs.len()).filter(starts);
            let size = together
                .map(|j| exact[j].abs().max(here[j].abs() / scale))
                .fold(0.0, f64::max);
            assert!(
                *error <= TOLERANCE * size,
                "{}: the derivative of expression {k} with respect to {name} is {:e}, of size {size:e}, and \
                 {error:e} off at {at:?}",
                mechanism.name,
                exact[k],
            );
        }
        let total: f64 = exact.iter().sum();
        let backward = values(&graph, &[reverse], at)[0];
        let size: f64 = exact.iter().map(|slope| slope.abs()).sum();
        // two orders of summation
        assert!(
            (backward - total).abs() <= 1e-12 * size,
            "{} {name}: {backward:e} {total:e}",
            mechanism.name
        );
    }
}

fn builtin(name: &str) -> (Mechanism, Vec<Expr>) {
    let mechanism = library::builtin(name).unwrap_or_else(|| panic!("{name} is built in"));
    let outputs = mechanism.expressions().collect();
    (mechanism, outputs)
}

#[test]
fn derivatives_meet_differences_at_random_points() {
    for name in library::names() {
        let (mechanism, outputs) = builtin(name);
        let mut sampler = Sampler(1);
        for _ in 0..10 {
            let at = point(&mechanism, &outputs, &mut sampler);
            check(&mechanism, &outputs, &at);
        }
    }
}

/// Where x/(eˣ − 1) of a line in the voltage is 0/0.
fn removable_singularities(mechanism: &Mechanism, outputs: &[Expr], at: &Point) -> Vec<f64> {
    let graph = &mechanism.graph;
    let arguments = graph.reachable(outputs).into_iter().filter_map(|expr| {
        let Node::Unary(Unary::Exprel(_), argument) = graph.node(expr) else {
            return None;
        };
        Some(argument)
    });
    let mut voltages = Vec::new();
    for argument in arguments {
        let at_voltage = |v: f64| {
            let mut point = at.clone();
            point.insert("v".to_owned(), v);
            values(graph, &[argument], &point)[0]
        };
        let slope = at_voltage(1.0) - at_voltage(0.0);
        voltages.push(-at_voltage(0.0) / slope);
    }
    voltages
}

#[test]
fn derivatives_meet_differences_at_removable_singularities() {
    let mut count = 0;
    for name in library::names() {
        let (mechanism, outputs) = builtin(name);
        let mut at = point(&mechanism, &outputs, &mut Sampler(2));
        for v in removable_singularities(&mechanism, &outputs, &at) {
            at.insert("v".to_owned(), v);
            check(&mechanism, &outputs, &at);
            count += 1;
        }
    }
    assert!(count > 40, "{count}");
}

#[test]
fn nothing_is_infinite_or_not_a_number() {
    for name in library::names() {
        let (mechanism, outputs) = builtin(name);
        let at = point(&mechanism, &outputs, &mut Sampler(3));
        let mut graph = mechanism.graph.clone();
        let mut all = outputs.clone();
        for symbol in at.keys() {
            let (forward, reverse) = derivatives(&mut graph, &outputs, symbol);
            all.extend(forward);
            all.push(reverse);
        }
        for celsius in [0.0, 45.0] {
            for step in 0..=1000 {
                let mut at = at.clone();
                at.entry("v".to_owned())
                    .and_modify(|v| *v = -150.0 + 0.25 * f64::from(step));
                at.entry("celsius".to_owned()).and_modify(|c| *c = celsius);
                let values = values(&graph, &all, &at);
                let wrong = values.iter().position(|value| !value.is_finite());
                assert!(wrong.is_none(), "{name} at {at:?}: output {wrong:?}");
            }
        }
    }
}
