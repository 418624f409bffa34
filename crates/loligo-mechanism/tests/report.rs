//! What people read about a mechanism.

use std::collections::HashMap;

use loligo_mechanism::formula::formula;
use loligo_mechanism::{Graph, library, nmodl};
use proptest::prelude::*;

#[test]
fn the_report_of_hodgkin_and_huxley() {
    let hh = library::builtin("hh").expect("is built in");
    let expected = "\
hh: density mechanism
parameters
  gnabar   0.12 S/cm2  per compartment, from 0 to 1e9
  gkbar   0.036 S/cm2  per compartment, from 0 to 1e9
  gl      0.0003 S/cm2  per compartment, from 0 to 1e9
  el      -54.3 mV     per compartment
";
    let report = nmodl::report(&hh);
    let expected: Vec<Vec<&str>> = expected
        .lines()
        .map(|l| l.split_whitespace().collect())
        .collect();
    let found: Vec<Vec<&str>> = report
        .lines()
        .take(6)
        .map(|l| l.split_whitespace().collect())
        .collect();
    assert_eq!(found, expected);
    for line in [
        "  na: reads ena; writes ina",
        "  ina = gna*(v - ena)",
        "    dina/dv = gna",
        "  m starts at minf",
        "    m' = (minf - m)/mtau",
        "    is linear in it, so that it is stepped exactly",
        "  gna (S/cm2) = h*m^3*gnabar",
        "depends on celsius",
        "exprelr(x) is x/(exp(x) - 1), and 1 at x = 0",
    ] {
        assert!(
            report.lines().any(|found| found == line),
            "{line} in\n{report}"
        );
    }
}

#[test]
fn a_nonlinear_state_an_update_and_a_warning_are_told() {
    let mechanism = nmodl::compile(
        "NEURON { SUFFIX x } STATE { m n } ASSIGNED { v } PARAMETER { celsius = 37 }
         BREAKPOINT { SOLVE s METHOD derivimplicit SOLVE u }
         DERIVATIVE s { m' = -m*m } PROCEDURE u() { n = n/2 }",
        "x.mod",
    )
    .expect("compiles");
    let report = nmodl::report(&mechanism);
    for part in [
        "is not linear in it, so that it takes an implicit step",
        "becomes n/2 in each step",
        "warnings\n  x.mod:1:62: ",
    ] {
        assert!(report.contains(part), "{part} in\n{report}");
    }
}

#[test]
fn formulas_have_no_parentheses_too_many_and_none_too_few() {
    let mut graph = Graph::new();
    let (a, b, c) = (graph.symbol("a"), graph.symbol("b"), graph.symbol("c"));
    let sum = graph.add(a, b);
    let difference = graph.sub(b, c);
    let mut print = |make: &dyn Fn(&mut Graph) -> loligo_mechanism::Expr| {
        let expr = make(&mut graph);
        formula(&graph, expr, &HashMap::new())
    };
    assert_eq!(print(&|g| g.sub(a, difference)), "a - (b - c)");
    assert_eq!(print(&|g| g.add(sum, c)), "c + (a + b)");
    assert_eq!(print(&|g| g.div(a, sum)), "a/(a + b)");
    assert_eq!(print(&|g| g.neg(sum)), "-(a + b)");
    assert_eq!(print(&|g| g.integer_power(sum, 3)), "(a + b)^3");
    assert_eq!(
        print(&|g| {
            let x = g.constant(-1.0);
            g.add(a, x)
        }),
        "a - 1"
    );
}

#[test]
fn a_formula_without_end_is_cut() {
    let mut graph = Graph::new();
    let mut x = graph.symbol("x");
    for _ in 0..200 {
        let e = graph.exp(x);
        x = graph.add(x, e);
        x = graph.mul(x, x);
    }
    let text = formula(&graph, x, &HashMap::new());
    assert!(text.len() < 10_000 && text.contains('…'));
}

/// An expression over a, b and whole numbers, as text. Its operators are exact on small whole
/// numbers, so that two groupings of the same sum give equal values.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("a".to_owned()),
        Just("b".to_owned()),
        (0_u8..9).prop_map(|n| n.to_string()),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        let operator = prop::sample::select(vec!["+", "-", "*", "<", "<=", "==", "&&", "||"]);
        prop_oneof![
            (inner.clone(), operator, inner.clone())
                .prop_map(|(x, o, y)| format!("({x}) {o} ({y})")),
            inner.clone().prop_map(|x| format!("-({x})")),
            inner.clone().prop_map(|x| format!("!({x})")),
            inner.clone().prop_map(|x| format!("fabs({x})")),
            (inner.clone(), inner).prop_map(|(x, y)| format!("fmax({x}, {y})")),
        ]
    })
}

/// The current of a mechanism that is this expression: as a formula, and its value at some points.
fn printed(text: &str) -> (String, Vec<f64>) {
    let file = format!(
        "NEURON {{ SUFFIX x NONSPECIFIC_CURRENT i }} PARAMETER {{ a b }} BREAKPOINT {{ i = {text} }}"
    );
    let mechanism = nmodl::compile(&file, "x.mod").unwrap_or_else(|e| panic!("{e}"));
    let density = mechanism.currents[0].density;
    let points = [(-2.0, 3.0), (0.0, 1.0), (5.0, 5.0)];
    let values = points.map(|(a, b)| {
        let inputs = |name: &str| if name == "a" { a } else { b };
        mechanism.graph.evaluate(&[density], &inputs)[0]
    });
    (
        formula(&mechanism.graph, density, &HashMap::new()),
        values.to_vec(),
    )
}

proptest! {
    #[test]
    fn a_printed_formula_reads_back_as_itself(text in expression()) {
        let (first, values) = printed(&text);
        let (_, again) = printed(&first);
        prop_assert_eq!(values, again, "{}", first);
    }
}
