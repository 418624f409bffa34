//! The built-in mechanisms against the published equations.

use loligo_mechanism::graph::{Node, Unary};
use loligo_mechanism::mechanism::{Dynamics, Mechanism};
use loligo_mechanism::{Expr, library};

fn builtin(name: &str) -> Mechanism {
    library::builtin(name).unwrap_or_else(|| panic!("{name} is built in"))
}

/// The value of an expression at a voltage and temperature, with parameters at their defaults.
fn value(mechanism: &Mechanism, expr: Expr, inputs: &[(&str, f64)]) -> f64 {
    let lookup = |name: &str| {
        let given = inputs.iter().find(|(given, _)| *given == name);
        let default = || mechanism.parameters.iter().find(|p| p.name == name);
        match given {
            Some(&(_, value)) => value,
            None => {
                default()
                    .unwrap_or_else(|| panic!("{name} has a value"))
                    .default
            }
        }
    };
    mechanism.graph.evaluate(&[expr], &lookup)[0]
}

fn observable(mechanism: &Mechanism, name: &str) -> Expr {
    let mut observables = mechanism.observables.iter();
    observables
        .find(|o| o.name == name)
        .unwrap_or_else(|| panic!("{name} is observable"))
        .value
}

#[test]
fn every_file_compiles_without_a_warning() {
    for name in library::names() {
        let mechanism = builtin(name);
        assert_eq!(mechanism.warnings, [""; 0], "{name}");
    }
}

/// z/(e^z − 1) by its definition.
fn exprel(z: f64) -> f64 {
    if z == 0.0 { 1.0 } else { z / z.exp_m1() }
}

#[test]
fn the_rates_of_hodgkin_and_huxley_are_those_of_the_paper() {
    let hh = builtin("hh");
    for celsius in [6.3, 16.3, 20.0] {
        for i in -1000..=1000 {
            let v = f64::from(i) / 10.0;
            let q10 = 3f64.powf((celsius - 6.3) / 10.0);
            let rates = [
                (
                    "m",
                    exprel(-(v + 40.0) / 10.0),
                    4.0 * (-(v + 65.0) / 18.0).exp(),
                ),
                (
                    "h",
                    0.07 * (-(v + 65.0) / 20.0).exp(),
                    1.0 / ((-(v + 35.0) / 10.0).exp() + 1.0),
                ),
                (
                    "n",
                    0.1 * exprel(-(v + 55.0) / 10.0),
                    0.125 * (-(v + 65.0) / 80.0).exp(),
                ),
            ];
            for (gate, alpha, beta) in rates {
                let at = [("v", v), ("celsius", celsius)];
                let steady = value(&hh, observable(&hh, &format!("{gate}inf")), &at);
                let tau = value(&hh, observable(&hh, &format!("{gate}tau")), &at);
                let expected = alpha / (alpha + beta);
                // a dozen roundings, none of which is magnified
                assert!((steady - expected).abs() <= 1e-14, "{gate}inf({v})");
                let expected = 1.0 / (q10 * (alpha + beta));
                assert!((tau - expected).abs() <= 1e-13 * expected, "{gate}tau({v})");
            }
        }
    }
}

#[test]
fn hodgkin_and_huxley_rest_at_minus_65() {
    let hh = builtin("hh");
    let at = [("v", -65.0), ("celsius", 6.3)];
    let initial: Vec<f64> = hh
        .states
        .iter()
        .map(|s| value(&hh, s.initial, &at))
        .collect();
    // table of steady states: 0.0529, 0.5961, 0.3177
    let expected = [
        0.052_932_485_257_249_6,
        0.596_120_753_508_459_9,
        0.317_676_914_060_697_2,
    ];
    for (initial, expected) in initial.iter().zip(expected) {
        assert!((initial - expected).abs() < 1e-12, "{initial} {expected}");
    }
    // at rest every state stands still
    let gates = [("m", initial[0]), ("h", initial[1]), ("n", initial[2])];
    let at = [&at[..], &gates[..]].concat();
    for state in &hh.states {
        let Dynamics::Derivative(derivative) = state.dynamics else {
            panic!("{} has an equation", state.name);
        };
        assert!(value(&hh, derivative, &at).abs() < 1e-15);
    }
}

#[test]
fn singular_rates_end_as_one_smooth_function() {
    let hh = builtin("hh");
    let outputs: Vec<Expr> = hh.expressions().collect();
    let nodes = hh.graph.reachable(&outputs);
    let count =
        |test: &dyn Fn(Node) -> bool| nodes.iter().filter(|&&e| test(hh.graph.node(e))).count();
    assert_eq!(count(&|n| matches!(n, Node::Select(..))), 0);
    assert_eq!(count(&|n| matches!(n, Node::Unary(Unary::Exprel(0), _))), 2);
}
