//! What people read about a mechanism.

use std::collections::HashMap;

use insta::assert_snapshot;
use loligo_mechanism::formula::formula;
use loligo_mechanism::{Graph, library, nmodl};
use proptest::prelude::*;

#[test]
fn the_report_of_hodgkin_and_huxley() {
    let hh = library::builtin("hh").expect("is built in");
    assert_snapshot!(nmodl::report(&hh), @r"
    hh: density mechanism
    parameters
      gnabar    0.12 S/cm2  per compartment, from 0 to 1e9
      gkbar    0.036 S/cm2  per compartment, from 0 to 1e9
      gl      0.0003 S/cm2  per compartment, from 0 to 1e9
      el       -54.3 mV     per compartment
    ions
      na: reads ena; writes ina
      k: reads ek; writes ik
    currents, mA/cm2, outward positive
      ina = gna*(v - ena)
        dina/dv = gna
      ik = gk*(v - ek)
        dik/dv = gk
      il = gl*(v - el)
        dil/dv = gl
    states
      m starts at minf
        m' = (minf - m)/mtau
        time constant mtau = 0.2368 ms, steady state 0.05293 at -65 mV and 6.3 degC
        METHOD cnexp: exact exponential step, since m' is linear in m
      h starts at hinf
        h' = (hinf - h)/htau
        time constant htau = 8.516 ms, steady state 0.5961 at -65 mV and 6.3 degC
        METHOD cnexp: exact exponential step, since h' is linear in h
      n starts at ninf
        n' = (ninf - n)/ntau
        time constant ntau = 5.459 ms, steady state 0.3177 at -65 mV and 6.3 degC
        METHOD cnexp: exact exponential step, since n' is linear in n
    can also be recorded
      gna (S/cm2) = h*m^3*gnabar
      gk (S/cm2) = n^4*gkbar
      minf = exprelr(-(v + 40)/10)/(4*exp(-(v + 65)/18) + exprelr(-(v + 40)/10))
      hinf = 0.07*exp(-(v + 65)/20)/(0.07*exp(-(v + 65)/20) + 1/(exp(-(v + 35)/10) + 1))
      ninf = 0.1*exprelr(-(v + 55)/10)/(0.125*exp(-(v + 65)/80) + 0.1*exprelr(-(v + 55)/10))
      mtau (ms) = 1/(exp(1.0986122886681098*((celsius - 6.3)/10))*(4*exp(-(v + 65)/18) + exprelr(-(v + 40)/10)))
      htau (ms) = 1/(exp(1.0986122886681098*((celsius - 6.3)/10))*(0.07*exp(-(v + 65)/20) + 1/(exp(-(v + 35)/10) + 1)))
      ntau (ms) = 1/(exp(1.0986122886681098*((celsius - 6.3)/10))*(0.125*exp(-(v + 65)/80) + 0.1*exprelr(-(v + 55)/10)))
    depends on celsius
    operations in a compartment
                                           + -     *     /   exp other    if
      at t = 0, as written                  12     4    10     6     0     0
      at t = 0, simplified                  10     8     4     6     0     0
      each step, as written                 24    38     4    10     0     0
      each step, simplified                 20    32     1     7     0     0
      once a run, taken out of the step      1     5     0     1     0     0
      a step is 17 instructions, many of them several operations
    exprelr(x) is x/(exp(x) - 1), and 1 at x = 0
    ");
}

/// One state for each way in which states are stepped.
const MANY_WAYS: &str = "
    NEURON { SUFFIX many USEION ca READ ica WRITE cai NONSPECIFIC_CURRENT i }
    PARAMETER { k1 = 0.1 (/ms) k2 = 0.05 (/ms) tau = 20 (ms) }
    STATE { closed open slow a b fast own still cai (mM) }
    ASSIGNED { v (mV) dt (ms) i (mA/cm2) ica (mA/cm2) }
    INITIAL { closed = 1 cai = 5e-5 }
    BREAKPOINT {
      SOLVE gates METHOD derivimplicit
      SOLVE scheme METHOD sparse
      SOLVE pool METHOD cnexp
      SOLVE decay METHOD euler
      SOLVE pair METHOD runge
      SOLVE update
      i = 0.001*open*(v + 70)
    }
    DERIVATIVE gates { slow' = (1/(1 + exp(-v/9)) - slow)/tau }
    KINETIC scheme { ~ closed <-> open (k1, k2) CONSERVE closed + open = 1 }
    DERIVATIVE pool { cai' = -cai*cai*3 }
    DERIVATIVE decay { fast' = -fast*fast }
    DERIVATIVE pair { a' = b - a b' = a - b }
    PROCEDURE update() { own = own + (1 - exp(-dt/7))*(v/100 - own) }";

#[test]
fn the_step_of_each_state_is_told_and_why() {
    let mechanism = nmodl::compile(MANY_WAYS, "many.mod").expect("compiles");
    let report = nmodl::report(&mechanism);
    let states = report.split_once("states\n").expect("has states").1;
    let states = states.split_once("operations").expect("and then more").0;
    assert_snapshot!(states, @r"
    closed starts at 1
      closed' = k2*open - k1*closed
      time constant 1/k1 = 10 ms, steady state 0.3333 at -65 mV
      METHOD sparse: implicit step of 2 states together, one linear solve, since a law of conservation ties the states
    open starts at 0
      open' = k1*closed - k2*open
      time constant 1/k2 = 20 ms, steady state 0.6667 at -65 mV
      METHOD sparse: implicit step of 2 states together, one linear solve, since a law of conservation ties the states
    slow starts at 0
      slow' = (1/(exp(-v/9) + 1) - slow)/tau
      time constant tau = 20 ms, steady state 0.0007296 at -65 mV
      METHOD derivimplicit: exact exponential step, since slow' is linear in slow and depends on no other state
      under NEURON's conventions: implicit step, one linear solve, as written
    a starts at 0
      a' = b - a
      time constant = 1 ms, steady state 0 at -65 mV
      METHOD runge: Runge and Kutta's step of fourth order, since the states depend on each other
    b starts at 0
      b' = a - b
      time constant = 1 ms, steady state 0 at -65 mV
      METHOD runge: Runge and Kutta's step of fourth order, since the states depend on each other
    fast starts at 0
      fast' = -fast^2
      METHOD euler: forward Euler, since fast' is not linear in fast
    own starts at 0
      becomes own + (1 - exp(-dt/7))*(v/100 - own) in each step
      PROCEDURE update: computed as written
    still starts at 0
      keeps its value
    cai (shared with other mechanisms) starts at 5e-5
      cai' = -3*cai^2
      METHOD cnexp: implicit step by Newton's method, since cai' is not linear in cai
    ");
}

#[test]
fn warnings_are_told() {
    let text = "NEURON { SUFFIX x } PARAMETER { celsius = 37 }";
    let mechanism = nmodl::compile(text, "x.mod").expect("compiles");
    let report = nmodl::report(&mechanism);
    assert!(report.contains("warnings\n  x.mod:1:33: "), "{report}");
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
