//! Every construct of the NMODL front end, by what it computes.

use loligo_mechanism::graph::Expr;
use loligo_mechanism::mechanism::{Dynamics, Mechanism, Scope};
use loligo_mechanism::membrane::{Membrane, Phases, Rules, Slope, Stepping};
use loligo_mechanism::nmodl;

fn compile(text: &str) -> Mechanism {
    nmodl::compile(text, "x.mod").unwrap_or_else(|error| panic!("{error}"))
}

/// The value of an expression; parameters have their defaults.
fn value(mechanism: &Mechanism, expr: Expr, inputs: &[(&str, f64)]) -> f64 {
    let lookup = |name: &str| {
        let given = inputs.iter().find(|(given, _)| *given == name);
        let mut parameters = mechanism.parameters.iter();
        match given {
            Some(&(_, value)) => value,
            None => match parameters.find(|p| p.name == name) {
                Some(parameter) => parameter.default,
                None => panic!("{name} has no value"),
            },
        }
    };
    mechanism.graph.evaluate(&[expr], &lookup)[0]
}

/// The current i of a BREAKPOINT with these statements, at v, with parameters p = 3 and q = -2.
fn current(statements: &str, routines: &str, v: f64) -> f64 {
    let mechanism = compile(&format!(
        "NEURON {{ SUFFIX x NONSPECIFIC_CURRENT i RANGE p, q }}
         PARAMETER {{ p = 3 (mV) q = -2 }} ASSIGNED {{ v (mV) i a b }}
         BREAKPOINT {{ {statements} }} {routines}"
    ));
    value(&mechanism, mechanism.currents[0].density, &[("v", v)])
}

#[test]
fn operators_bind_as_in_nmodl() {
    // NEURON's own translator turns -a^2 into -pow(a, 2) and 2^3^2 into pow(2, pow(3, 2))
    for (expression, expected) in [
        ("-p^2", -9.0),
        ("2^3^2", 512.0),
        ("2^-1*4", 2.0),
        ("2 - 3 - 4", -5.0),
        ("12/3/2", 2.0),
        ("2 + 3*4", 14.0),
        ("-p*q", 6.0),
        ("- -p", 3.0),
        ("+p", 3.0),
        ("p - -q", 1.0),
        ("1 + 2 < 2 + 2", 1.0),
        ("p > 2 && q > 0 || 1", 1.0),
        ("p > 2 && (q > 0 || 0)", 0.0),
        ("!p", 0.0),
        ("!(p > 5) + 1", 2.0),
        ("(p == 3) + (p != 3) + (p >= 3) + (p <= 3) + (q < p)", 4.0),
        ("3 (mV)*2 (/ms)", 6.0),
        ("(.001)*p", 0.003),
        ("1.5e1 + .5 + 2.", 17.5),
    ] {
        let found = current(&format!("i = {expression}"), "", 0.0);
        assert_eq!(found, expected, "{expression}");
    }
}

#[test]
fn functions_compute_what_their_names_say() {
    let v = 0.7_f64;
    #[expect(clippy::approx_constant, reason = "NEURON has no more digits")]
    let two_pi = 6.283_185_3_f64;
    for (expression, expected) in [
        ("exp(v)", v.exp()),
        ("log(v)", v.ln()),
        ("log10(v)", v.log10()),
        ("sqrt(v)", v.sqrt()),
        ("fabs(-v)", v),
        ("abs(-v)", v),
        ("floor(-v)", -1.0),
        ("ceil(v)", 1.0),
        ("sin(v)", v.sin()),
        ("cos(v)", v.cos()),
        ("tan(v)", v.tan()),
        ("sinh(v)", v.sinh()),
        ("cosh(v)", v.cosh()),
        ("tanh(v)", v.tanh()),
        ("expm1(v)", v.exp_m1()),
        ("exprelr(v)", v / v.exp_m1()),
        ("pow(v, 3)", v.powi(3)),
        ("pow(2, v)", 2f64.powf(v)),
        ("v^p", v.powi(3)),
        ("v^1.5", v.powf(1.5)),
        ("fmin(v, 2)", v),
        ("fmax(v, 2)", 2.0),
        ("fmod(-v*10, 3)", -1.0),
        ("atan(v)", v.atan()),
        ("atan2(v, -2)", v.atan2(-2.0)),
        ("asin(v)", v.asin()),
        ("acos(v)", v.acos()),
        // as NEURON computes them, whose constants have fewer digits
        ("erf(v)", 0.677_801_193_837_418_4),
        ("hyperbol(v, 2, 3)", 2.0 * v / (v + 3.0)),
        ("revhyperbol(v, 2, 3)", 6.0 / (v + 3.0)),
        ("sigmoid(v, 2, 3, p)", 2.0 * v.powi(3) / (v.powi(3) + 27.0)),
        ("revsigmoid(v, 2, 3, p)", 54.0 / (v.powi(3) + 27.0)),
        (
            "gauss(v, 0.2, 0.5)",
            (-0.5_f64).exp() / (two_pi.sqrt() * 0.5),
        ),
        ("harmonic(v, 4, 2, 0.3)", 2.0 * (two_pi / 4.0).sin()),
    ] {
        let found = current(&format!("i = {expression}"), "", v);
        assert!(
            (found - expected).abs() <= 4.0 * f64::EPSILON * expected.abs(),
            "{expression}"
        );
    }
    // a hyperbolic sine of a small number does not cancel
    let small = 1e-10_f64;
    let found = current("i = sinh(v)", "", small);
    assert!((found - small).abs() <= 2.0 * f64::EPSILON * small);
}

/// Values of NEURON 9.0.2 at times that are 0.5 apart.
#[test]
fn waves_go_as_those_of_neuron() {
    for (wave, expected) in [
        ("step(v, 1, 2)", [0.0, 0.0, 2.0, 2.0, 2.0, 2.0]),
        ("pulse(v, 1, 2, 1)", [0.0, 0.0, 2.0, 2.0, 0.0, 0.0]),
        ("ramp(v, 0.5, 2, 2)", [0.0, 0.0, 0.5, 1.0, 1.5, 2.0]),
        ("squarewave(v, 2, 3)", [3.0, 3.0, -3.0, -3.0, 3.0, 3.0]),
        ("sawtooth(v, 1, 4)", [0.0, 2.0, 0.0, 2.0, 0.0, 2.0]),
        ("revsawtooth(v, 1, 4)", [4.0, 2.0, 4.0, 2.0, 4.0, 2.0]),
        (
            "perpulse(v, 1, 2, 0.5, 0.5)",
            [0.0, 0.0, 2.0, 0.0, 2.0, 0.0],
        ),
        ("perstep(v, 1, 0.5, 3)", [0.0, 0.0, 3.0, 6.0, 9.0, 12.0]),
    ] {
        for (step, expected) in expected.into_iter().enumerate() {
            let found = current(&format!("i = {wave}"), "", 0.5 * step as f64);
            assert_eq!(found, expected, "{wave} in step {step}");
        }
    }
}

#[test]
fn a_literal_base_becomes_an_exponential() {
    use loligo_mechanism::graph::{Binary, Node};
    let mechanism = compile(
        "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } ASSIGNED { celsius }
         BREAKPOINT { i = 3^((celsius - 6.3)/10) }",
    );
    let density = mechanism.currents[0].density;
    let nodes = mechanism.graph.reachable(&[density]);
    let mut nodes = nodes.iter().map(|&e| mechanism.graph.node(e));
    assert!(!nodes.any(|node| matches!(node, Node::Binary(Binary::Pow, ..))));
    let found = value(&mechanism, density, &[("celsius", 16.3)]);
    assert!((found - 3.0).abs() < 4e-15);
    assert!(mechanism.depends_on_temperature());
}

#[test]
fn if_selects_and_merges() {
    let sign = "IF (v > 0) { a = 1 } ELSE IF (v < 0) { a = -1 } ELSE { a = 0 } i = a*p";
    assert_eq!(
        [-2.0, 0.0, 5.0].map(|v| current(sign, "", v)),
        [-3.0, 0.0, 3.0]
    );
    // one branch only: the other keeps what was there
    let kept = "a = 2 if (v > 0) { a = a + v b = a } else { b = 7 } i = a + b";
    assert_eq!([-1.0, 4.0].map(|v| current(kept, "", v)), [9.0, 12.0]);
    // decided by literals: the branch that is not taken may be senseless
    assert_eq!(current("LOCAL c IF (1 < 2) { c = 1 } i = c", "", 0.0), 1.0);
    // truth is what is not 0
    assert_eq!(current("IF (v) { i = 1 } ELSE { i = 2 }", "", -0.5), 1.0);
}

#[test]
fn loops_with_literal_bounds_unroll() {
    let sum = "a = 0 FROM k = 1 TO 4 { a = a + k*v } i = a";
    assert_eq!(current(sum, "", 2.0), 20.0);
    let stride = "a = 0 FROM k = 0 TO 10 BY 5 { a = a + k } i = a";
    assert_eq!(current(stride, "", 0.0), 15.0);
    let never = "a = 1 FROM k = 3 TO 2 { a = 5 } i = a";
    assert_eq!(current(never, "", 0.0), 1.0);
}

#[test]
fn routines_are_inlined_with_their_own_scopes() {
    let routines = "
        FUNCTION twice(x (mV)) (mV) { twice = x  twice = twice + x }
        FUNCTION shadow(v) { LOCAL p  v = -v  p = 100  shadow = v + p }
        PROCEDURE set(x) { LOCAL p  p = 10  a = x + p }
        FUNCTION nested(x) { IF (x > 0) { LOCAL y  y = 1  nested = y } ELSE { nested = 0 } }";
    assert_eq!(
        current("i = twice(v) + twice(twice(1))", routines, 5.0),
        14.0
    );
    // arguments and LOCALs hide the file's names and change nothing outside
    assert_eq!(current("i = shadow(v) + p + v", routines, 5.0), 103.0);
    assert_eq!(current("set(v)  i = a + p", routines, 5.0), 18.0);
    assert_eq!(current("i = nested(v)", routines, 5.0), 1.0);
    // a LOCAL of the caller is not seen by what it calls
    assert_eq!(
        current("LOCAL p  p = 50  set(1)  i = a", routines, 0.0),
        11.0
    );
}

#[test]
fn constants_of_all_kinds() {
    let mechanism = compile(
        "NEURON { SUFFIX x NONSPECIFIC_CURRENT i }
         DEFINE N 4
         UNITS { (mV) = (millivolt) F = (faraday) (kilocoulomb) R = 8.3 (joule/degC) PI = (pi) (1) }
         CONSTANT { c = -2 (mM) }
         BREAKPOINT { i = F + R + PI + c + N }",
    );
    let found = value(&mechanism, mechanism.currents[0].density, &[]);
    let expected = 96.485_332_123_31 + 8.3 + std::f64::consts::PI - 2.0 + 4.0;
    assert!((found - expected).abs() < 1e-12);
}

#[test]
fn parameters_keep_units_limits_and_reach() {
    let mechanism = compile(
        "NEURON { SUFFIX x RANGE g, e GLOBAL tau }
         PARAMETER { g = .1 (S/cm2) <0,1e9>  e = -70 (mV)  tau (ms)  k = 1e-3 <-1, 1> }",
    );
    let summary: Vec<_> = mechanism
        .parameters
        .iter()
        .map(|p| {
            (
                p.name.as_str(),
                p.default,
                p.units.as_str(),
                p.limits,
                p.scope,
            )
        })
        .collect();
    assert_eq!(
        summary,
        [
            ("g", 0.1, "S/cm2", Some((0.0, 1e9)), Scope::Range),
            ("e", -70.0, "mV", None, Scope::Range),
            ("tau", 0.0, "ms", None, Scope::Global),
            ("k", 1e-3, "", Some((-1.0, 1.0)), Scope::Global),
        ]
    );
}

#[test]
fn ions_are_read_and_written() {
    let mechanism = compile(
        "NEURON { SUFFIX x USEION ca READ cai, cao, eca WRITE ica VALENCE 2 USEION k READ ek
                  NONSPECIFIC_CURRENT i, j }
         BREAKPOINT { ica = cai/cao*(v - eca)  i = v - ek  j = ica }",
    );
    assert_eq!(mechanism.ions[0].reads, ["cai", "cao", "eca"]);
    assert_eq!(mechanism.ions[0].writes, ["ica"]);
    assert_eq!(mechanism.ions[0].valence, Some(2));
    let currents: Vec<_> = mechanism
        .currents
        .iter()
        .map(|c| (c.name.as_str(), c.ion.as_deref()))
        .collect();
    assert_eq!(currents, [("ica", Some("ca")), ("i", None), ("j", None)]);
    let at = [
        ("cai", 1.0),
        ("cao", 2.0),
        ("v", 10.0),
        ("eca", 4.0),
        ("ek", -80.0),
    ];
    let values: Vec<f64> = mechanism
        .currents
        .iter()
        .map(|c| value(&mechanism, c.density, &at))
        .collect();
    assert_eq!(values, [3.0, 90.0, 3.0]);
}

#[test]
fn a_concentration_that_is_written_is_no_current() {
    let mechanism = compile(
        "NEURON { SUFFIX x USEION ca READ ica, cai WRITE cai, eca }
         UNITSOFF STATE { cai (mM) } ASSIGNED { ica eca }
         BREAKPOINT { SOLVE pool METHOD cnexp  eca = 3*cai } DERIVATIVE pool { cai' = -ica - cai }",
    );
    assert!(mechanism.currents.is_empty(), "{:?}", mechanism.currents);
    assert_eq!(mechanism.warnings, [""; 0]);
    let shared: Vec<&str> = mechanism.shared.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(shared, ["cai", "eca"]);
}

fn derivative(mechanism: &Mechanism, state: usize) -> Expr {
    match mechanism.states[state].dynamics {
        Dynamics::Derivative(derivative) => derivative,
        _ => panic!("has no equation"),
    }
}

#[test]
fn states_start_where_initial_says() {
    let mechanism = compile(
        "NEURON { SUFFIX x RANGE m0 } PARAMETER { m0 = .3 }
         STATE { m n START 2 o q r FROM 0 TO 1 START .5 (mM) <1e-4> }
         INITIAL { o = v + n  q = t + q0 }
         BREAKPOINT { SOLVE s METHOD cnexp }
         DERIVATIVE s { m' = -m n' = -n o' = -o q' = -q r' = -r }",
    );
    let initial: Vec<f64> = mechanism
        .states
        .iter()
        .map(|state| value(&mechanism, state.initial, &[("v", 5.0)]))
        .collect();
    assert_eq!(initial, [0.3, 2.0, 7.0, 0.0, 0.5]);
    assert_eq!(mechanism.states[4].units, "mM");
    // q0 was read and nobody declared it: NEURON's parameter for where q starts
    assert_eq!(mechanism.parameters[1].name, "q0");
}

/// One parameter says where all elements of an array start.
#[test]
fn elements_start_together() {
    let mechanism = compile(
        "NEURON { SUFFIX x } PARAMETER { a0 = .3 } STATE { a[2] b[2] } INITIAL { b[0] = b0 b[1] = 2*b0 }
         BREAKPOINT { SOLVE s METHOD cnexp }
         DERIVATIVE s { a[0]' = -a[0] a[1]' = -a[1] b[0]' = -b[0] b[1]' = -b[1] }",
    );
    let initial: Vec<f64> = mechanism
        .states
        .iter()
        .map(|state| value(&mechanism, state.initial, &[("b0", 4.0)]))
        .collect();
    assert_eq!(initial, [0.3, 0.3, 4.0, 8.0]);
    let parameters: Vec<&str> = mechanism
        .parameters
        .iter()
        .map(|p| p.name.as_str())
        .collect();
    assert_eq!(parameters, ["a0", "b0"]);
}

/// NEURON solves a block whatever the condition around SOLVE.
#[test]
fn solve_behind_if_is_unconditional() {
    let mechanism = compile(
        "NEURON { SUFFIX x NONSPECIFIC_CURRENT i RANGE on } PARAMETER { on = 0 } ASSIGNED { v i } STATE { m }
         BREAKPOINT { IF (on > 0) { SOLVE s METHOD cnexp } i = m*v } DERIVATIVE s { m' = -m }",
    );
    assert_eq!(
        value(&mechanism, derivative(&mechanism, 0), &[("m", 2.0)]),
        -2.0
    );
    assert!(
        mechanism
            .warnings
            .iter()
            .any(|w| w.contains("solved whatever the condition"))
    );
    // also in a mechanism without currents
    let mechanism = compile(
        "NEURON { SUFFIX x } STATE { m } BREAKPOINT { IF (m > 0) { SOLVE s METHOD cnexp } }
         DERIVATIVE s { m' = -m }",
    );
    let rate = derivative(&mechanism, 0);
    assert_eq!(value(&mechanism, rate, &[("m", -2.0)]), 2.0);
}

/// What BREAKPOINT of a mechanism without currents makes of a state belongs to its step.
#[test]
fn a_breakpoint_without_currents_corrects_what_is_stepped() {
    let mechanism = compile(
        "NEURON { SUFFIX x } STATE { m n } BREAKPOINT { SOLVE s METHOD cnexp  IF (m < 1) { m = 1 }  n = 2*m }
         DERIVATIVE s { m' = -m  n' = -n }",
    );
    let corrected = |state: usize, m: f64| {
        let corrected = mechanism.states[state].corrected.expect("it is corrected");
        value(&mechanism, corrected, &[("m after", m)])
    };
    assert_eq!([0.5, 3.0].map(|m| corrected(0, m)), [1.0, 3.0]);
    assert_eq!([0.5, 3.0].map(|m| corrected(1, m)), [2.0, 6.0]);
    assert!(mechanism.states.iter().all(|state| state.kept.is_none()));
    // and blocks behind it see that
    let samples = run(
        "NEURON { SUFFIX x } STATE { m n } INITIAL { m = 2 } BREAKPOINT { SOLVE s METHOD cnexp  IF (m < 1) { m = 1 } }
         DERIVATIVE s { m' = -m } AFTER SOLVE { n = 10*m }",
        2,
    );
    assert_eq!(samples[1].1, [1.0, 10.0]);
}

/// Fluxes only move what there is: without CONSERVE the sum of the states is what it was.
#[test]
fn a_steady_state_keeps_the_sum_of_states() {
    let mechanism = compile(
        "NEURON { SUFFIX x } PARAMETER { p = 10 q = 0.03 r = 3 } STATE { a b c d }
         INITIAL { a = 1 SOLVE s STEADYSTATE sparse } BREAKPOINT { SOLVE s METHOD sparse }
         KINETIC s { ~ a <-> b (p, q) ~ c <-> d (p, q) ~ a <-> c (r, 0.7*r) ~ b <-> d (r, 0.7*r) }",
    );
    let states = mechanism.states.iter();
    let states: Vec<f64> = states
        .map(|state| value(&mechanism, state.initial, &[]))
        .collect();
    let sum: f64 = states.iter().sum();
    assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    // both reactions balance by themselves
    assert!((states[1] / states[0] - 10.0 / 0.03).abs() < 1e-6 * 10.0 / 0.03);
    assert!((states[3] / states[1] - 1.0 / 0.7).abs() < 1e-6);
}

#[test]
fn loops_and_indices_that_only_a_run_knows() {
    let steps = "a = p  b = 0  WHILE (a > 1) { a = a/2  b = b + 1 }  i = b";
    assert_eq!(current(steps, "", 0.0), 2.0);
    let far = "a = v  WHILE (a > 1) { a = a - 1 }  i = a";
    assert_eq!(current(far, "", 20.5), 0.5);
    // more than are unrolled: nothing that can be taken for a number
    assert!(current(far, "", 100.0).is_nan());
    assert_eq!(
        current("b = 0  FROM k = 1 TO p { b = b + k }  i = b", "", 0.0),
        6.0
    );
    let mechanism = compile(
        "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } ASSIGNED { v i a[3] }
         BREAKPOINT { a[0] = 5  a[1] = 6  a[2] = 7  a[v] = 1  i = 100*a[0] + 10*a[1] + a[v + 1] }",
    );
    let at = |v: f64| value(&mechanism, mechanism.currents[0].density, &[("v", v)]);
    assert_eq!(at(0.0), 166.0);
    assert_eq!(at(1.0), 517.0);
}

/// `return;` of C leaves the routine: what follows is not run there.
#[test]
fn a_return_leaves_its_routine() {
    let routines = "PROCEDURE clip(x) { a = x  IF (x < p) { VERBATIM return; ENDVERBATIM } a = p }";
    assert_eq!(current("clip(v)  i = a", routines, 1.0), 1.0);
    assert_eq!(current("clip(v)  i = a", routines, 9.0), 3.0);
    // also from within a loop
    let search = "PROCEDURE search(x) { a = -1 FROM k = 0 TO 9 {
            IF (k*k > x) { a = k VERBATIM return 0; ENDVERBATIM } b = k } a = 99 }";
    let found = |v| current("b = 0 search(v) i = a + 100*b", search, v);
    assert_eq!([10.0, 0.0, 500.0].map(found), [304.0, 1.0, 999.0]);
}

/// The innermost loop, and no more.
#[test]
fn a_break_leaves_its_loop() {
    let leave = "VERBATIM break; ENDVERBATIM";
    let counted = format!(
        "a = 0 FROM j = 1 TO 3 {{ FROM k = 1 TO 5 {{ IF (k > v) {{ {leave} }} a = a + j }} a = a + 100 }} i = a"
    );
    let found = |v| current(&counted, "", v);
    assert_eq!([0.0, 2.0, 7.0].map(found), [300.0, 312.0, 330.0]);
    let open = format!("a = 0 FROM k = 1 TO v {{ IF (a > 3) {{ {leave} }} a = a + k }} i = a");
    let found = |v| current(&open, "", v);
    assert_eq!([0.0, 2.0, 9.0].map(found), [0.0, 3.0, 6.0]);
    let endless = format!("a = 0 WHILE (1) {{ a = a + v IF (a > 10) {{ {leave} }} }} i = a");
    assert_eq!(current(&endless, "", 4.0), 12.0);
}

/// A PARAMETER may be what its default says, or less.
#[test]
fn a_loop_is_as_long_as_defaults_say() {
    let mechanism = compile(
        "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } PARAMETER { n = 100 } ASSIGNED { v i }
         BREAKPOINT { i = 0 FROM k = 1 TO n { i = i + k } }",
    );
    let sum = |n| value(&mechanism, mechanism.currents[0].density, &[("n", n)]);
    assert_eq!([3.0, 100.0].map(sum), [6.0, 5050.0]);
    assert!(sum(101.0).is_nan());
}

#[test]
fn tables_of_functions_are_given() {
    let text =
        "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } ASSIGNED { v i } FUNCTION_TABLE inf(v (mV)) (1)
         BREAKPOINT { i = inf(v) }";
    let error = nmodl::compile(text, "x.mod")
        .expect_err("has no values")
        .to_string();
    assert!(
        error.contains("the FUNCTION_TABLE `inf` has no values"),
        "{error}"
    );
    let mut source = nmodl::Source::new(text, "x.mod").expect("includes nothing");
    let table = nmodl::Table::new(&[-10.0, 10.0], &[0.0, 1.0]).expect("grows");
    source.set_table("inf", table);
    let mechanism = source.compile().expect("compiles");
    let density = mechanism.currents[0].density;
    assert_eq!(value(&mechanism, density, &[("v", 5.0)]), 0.75);
}

#[test]
fn tables_of_functions_may_have_two_arguments() {
    let text = "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } ASSIGNED { v i } PARAMETER { c = 3 }
         FUNCTION_TABLE rate(v (mV), c) (/ms)\nBREAKPOINT { i = rate(v, c) }";
    let compiled = |table| {
        let mut source = nmodl::Source::new(text, "x.mod").expect("includes nothing");
        source.set_table("rate", table);
        source.compile()
    };
    let rows = [vec![0.0, 4.0], vec![1.0, 9.0]];
    let table = nmodl::Table::of_two(&[-10.0, 10.0], &[0.0, 4.0], &rows).expect("is a grid");
    let mechanism = compiled(table).expect("compiles");
    let density = mechanism.currents[0].density;
    assert_eq!(value(&mechanism, density, &[("v", 5.0)]), 6.0);
    let line = nmodl::Table::new(&[-10.0, 10.0], &[0.0, 1.0]).expect("grows");
    let error = compiled(line).expect_err("are not enough").to_string();
    let expected = "x.mod:3:18: `rate` takes 2 arguments, the table that was given for it 1";
    assert!(error.starts_with(expected), "{error}");
}

/// Each draw is a number of its own, and what was drawn at the start is kept.
#[test]
fn draws_are_symbols() {
    let mechanism = compile(
        "NEURON { SUFFIX x NONSPECIFIC_CURRENT i RANGE w } ASSIGNED { v i w }
         INITIAL { w = scop_random() } BREAKPOINT { i = w + exprand(2) + normrand(3, 0.5) }",
    );
    assert_eq!(mechanism.draws.len(), 4);
    let at = [
        ("w", 10.0),
        ("draw 1", 0.5),
        ("draw 2", 0.5),
        ("draw 3", 0.25),
    ];
    // −2·ln ½, and the normal number of radius √(−2 ln ½) at a right angle
    let found = value(&mechanism, mechanism.currents[0].density, &at);
    assert!((found - (10.0 + 2.0 * 2f64.ln() + 3.0)).abs() < 1e-15);
    assert_eq!(mechanism.memory[0].name, "w");
}

#[test]
fn variables_carry_over_where_that_is_a_formula() {
    let mechanism = compile(
        "NEURON { SUFFIX x NONSPECIFIC_CURRENT i RANGE tadj, inf }
         PARAMETER { k = 2 } STATE { m }
         ASSIGNED { v celsius tadj inf gate }
         INITIAL { tadj = k^((celsius - 23)/10)  rates()  m = inf }
         BREAKPOINT { SOLVE s METHOD cnexp  gate = m*inf  i = gate*(v + 1) }
         DERIVATIVE s { rates()  m' = tadj*(inf - m) }
         PROCEDURE rates() { inf = v/100 }",
    );
    let at = [("v", 50.0), ("m", 0.25), ("celsius", 33.0)];
    assert_eq!(value(&mechanism, derivative(&mechanism, 0), &at), 0.5);
    // inf is computed in DERIVATIVE and read in BREAKPOINT, whose slope holds the voltage in it fixed
    let held = [
        ("v", 50.0),
        ("m", 0.25),
        ("celsius", 33.0),
        ("v held", 40.0),
    ];
    assert_eq!(
        value(&mechanism, mechanism.currents[0].density, &held),
        0.1 * 51.0
    );
    let observables: Vec<_> = mechanism
        .observables
        .iter()
        .map(|o| (o.name.as_str(), value(&mechanism, o.value, &at)))
        .collect();
    assert_eq!(observables, [("tadj", 2.0), ("inf", 0.5), ("gate", 0.125)]);
    assert_eq!(mechanism.warnings, [""; 0]);
}

#[test]
fn what_initial_leaves_holds_until_states_are_stepped() {
    let mechanism = compile(
        "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } STATE { m } ASSIGNED { v inf }
         INITIAL { m = 0.5 }
         BREAKPOINT { SOLVE s METHOD cnexp  i = inf*m*v }
         DERIVATIVE s { inf = v/100  m' = inf - m }",
    );
    // inf is 0 in the first step, so that it is no formula of the voltage
    let [inf] = mechanism.memory.as_slice() else {
        panic!("one variable is remembered");
    };
    assert_eq!(value(&mechanism, inf.initial, &[]), 0.0);
    let Dynamics::Update(updated) = inf.dynamics else {
        panic!("is assigned");
    };
    assert_eq!(value(&mechanism, updated, &[("v", 50.0)]), 0.5);
}

#[test]
fn solved_blocks_see_states_as_their_method_has_it() {
    let shared = |method: &str, rate_first: bool, inputs: &[(&str, f64)]| {
        let (rate, copy) = ("ca' = -ca/2", "mgi = ca");
        let [first, second] = if rate_first {
            [rate, copy]
        } else {
            [copy, rate]
        };
        let mechanism = compile(&format!(
            "NEURON {{ SUFFIX x USEION mg WRITE mgi VALENCE 2 }} STATE {{ ca }} ASSIGNED {{ mgi }}
             INITIAL {{ ca = 1  mgi = ca }}
             BREAKPOINT {{ SOLVE s METHOD {method} }}
             DERIVATIVE s {{ {first} \n {second} }}"
        ));
        let Dynamics::Update(update) = mechanism.shared[0].dynamics else {
            panic!("is assigned");
        };
        value(&mechanism, update, inputs)
    };
    // cnexp steps the state where its rate stands
    assert_eq!(shared("cnexp", true, &[("ca stepped", 7.0)]), 7.0);
    assert_eq!(shared("cnexp", false, &[("ca", 3.0)]), 3.0);
    // after an implicit step the block is run once more
    assert_eq!(shared("derivimplicit", true, &[("ca stepped", 7.0)]), 7.0);
    assert_eq!(shared("derivimplicit", false, &[("ca stepped", 7.0)]), 7.0);
    assert_eq!(shared("euler", true, &[("ca", 3.0)]), 3.0);
}

#[test]
fn lines_may_end_in_any_way() {
    let lines = [
        "TITLE a leak : not a comment of two lines",
        "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } : a comment",
        "PARAMETER { g = 2 ? another",
        "} BREAKPOINT { i = g }",
    ];
    for end in ["\n", "\r\n", "\r"] {
        let mechanism = compile(&lines.join(end));
        assert_eq!(value(&mechanism, mechanism.currents[0].density, &[]), 2.0);
        let wrong = [&lines[..3], &["} BREAKPOINT { i = h }"]]
            .concat()
            .join(end);
        let error = nmodl::compile(&wrong, "x.mod").expect_err("h is unknown");
        assert!(error.to_string().starts_with("x.mod:4:20: "), "{error}");
    }
}

#[test]
fn a_solved_procedure_is_a_discrete_update() {
    let mechanism = compile(
        "NEURON { SUFFIX x } STATE { m } ASSIGNED { v minf mexp dt }
         BREAKPOINT { SOLVE states }
         PROCEDURE states() { rates(v)  m = m + mexp*(minf - m)
             VERBATIM
             return 0;
             ENDVERBATIM }
         PROCEDURE rates(v) { TABLE minf, mexp DEPEND dt FROM -100 TO 100 WITH 200
             minf = v/100  mexp = 1 - exp(-dt/2) }",
    );
    let Dynamics::Update(update) = mechanism.states[0].dynamics else {
        panic!("is an update");
    };
    let found = value(&mechanism, update, &[("v", 50.0), ("m", 0.1), ("dt", 0.5)]);
    assert!((found - (0.1 + (1.0 - (-0.25_f64).exp()) * 0.4)).abs() < 1e-15);
}

#[test]
fn text_around_the_mathematics_is_taken() {
    let mechanism = compile(
        "TITLE any: text ? at all {
         COMMENT { unbalanced ' \" ENDCOMMENT
         INDEPENDENT {t FROM 0 TO 1 WITH 1 (ms)}
         NEURON { THREADSAFE SUFFIX x USEION k READ ek WRITE ik RANGE gk : , ik }
         }
         UNITS { (molar) = (1/liter) (mM) = (millimolar) }
         PARAMETER { gk = 1 (S/cm2) ? a comment
           alpha = 2 (1+8 um5/ms) }
         ASSIGNED { ek (mV) ik (mA/cm2) }
         UNITSOFF
         LOCAL helper
         BREAKPOINT { CONDUCTANCE gk USEION k { helper = gk }  ik = helper*(v - ek) }
         UNITSON",
    );
    let found = value(
        &mechanism,
        mechanism.currents[0].density,
        &[("v", 3.0), ("ek", 1.0)],
    );
    assert_eq!(found, 2.0);
    let program = nmodl::parse("TITLE a title\nNEURON { SUFFIX x }", "x.mod").expect("parses");
    assert_eq!(program.title, "a title");
}

#[test]
fn what_a_user_should_know_is_a_warning_with_its_place() {
    let mechanism = compile(
        "NEURON { SUFFIX x USEION k READ ek WRITE ik RANGE vshift, now }
PARAMETER { celsius = 37 ek = -77 (mV) tadj = 1 }
STATE { m n }
ASSIGNED { vshift now }
INITIAL { tadj = 2 now = v }
BREAKPOINT { SOLVE s METHOD derivimplicit }
DERIVATIVE s { m' = -m*vshift }",
    );
    assert_eq!(
        mechanism.warnings,
        [
            "x.mod:2:13: the value of `celsius` comes from the run; this default is not used",
            "x.mod:2:26: the value of `ek` comes from the ion; this default is not used",
            "x.mod:2:40: the PARAMETER `tadj` is assigned by the mechanism, so that setting it may have no effect",
            "x.mod:1:42: BREAKPOINT never assigns the current `ik`: it is 0",
            "x.mod:3:11: nothing changes the state `n`: it keeps its initial value",
            "x.mod:4:12: nothing assigns `vshift`, so it is taken as a parameter of value 0; declare it in PARAMETER",
        ]
    );
    assert_eq!(mechanism.parameters[1].name, "vshift");
}

/// The states and the current of a mechanism over steps of 1 ms at −65 mV, as a membrane runs them: the
/// first step takes the states as they are.
fn run(text: &str, steps: usize) -> Vec<(f64, Vec<f64>)> {
    let mechanism = compile(text);
    let rules = Rules {
        slope: Slope::Exact,
        stepping: Stepping::AsWritten,
        ..Rules::NATIVE
    };
    let mut membrane = Membrane::new(&[&mechanism], rules).expect("a membrane");
    let names: Vec<String> = membrane.states.iter().map(|s| s.name.clone()).collect();
    let initial: Vec<Expr> = membrane.states.iter().map(|s| s.initial).collect();
    let densities: Vec<Expr> = membrane.currents.iter().map(|c| c.density).collect();
    let number = |name: &str| match name {
        "v" => -65.0,
        "dt" => 1.0,
        "celsius" => 20.0,
        "cai" | "start of cai" => 5e-5,
        "cao" => 2.0,
        name => {
            let parameters = mechanism.parameters.iter();
            let mut own = parameters.filter(|p| name.ends_with(&format!(".{}", p.name)));
            own.next().expect("a parameter").default
        }
    };
    let mut states = membrane.graph.evaluate(&initial, &number);
    let mut samples = Vec::new();
    for step in 0..steps {
        let phases = match step {
            0 => Phases::MembraneOnly,
            _ => Phases::UpdateAndMembrane,
        };
        let made = membrane.step(phases, &densities);
        let outputs: Vec<Expr> = made.recorded.iter().chain(&made.states).copied().collect();
        let at = |name: &str| match names.iter().position(|n| n == name) {
            Some(position) => states[position],
            None => number(name),
        };
        let values = membrane.graph.evaluate(&outputs, &at);
        states = values[densities.len()..].to_vec();
        samples.push((values[0], states.clone()));
    }
    samples
}

fn currents(text: &str, steps: usize) -> Vec<f64> {
    run(text, steps).into_iter().map(|(i, _)| i).collect()
}

/// What a variable is before anything assigns it, and where it is left from one block to the next.
#[test]
fn variables_keep_their_values() {
    let mechanism = |assigned: &str, initial: &str, breakpoint: &str| {
        format!(
            "NEURON {{ SUFFIX x NONSPECIFIC_CURRENT i }} STATE {{ m }} ASSIGNED {{ v i {assigned} }}
             PARAMETER {{ p = 3 }}
             INITIAL {{ m = 1 {initial} }} BREAKPOINT {{ SOLVE s METHOD euler {breakpoint} }}
             DERIVATIVE s {{ m' = -m/2 }}"
        )
    };
    // 0, as in NEURON, and then what it became
    let counted = mechanism("a", "", "a = a + 1 i = a");
    assert_eq!(currents(&counted, 3), [1.0, 2.0, 3.0]);
    // what INITIAL made of the voltage
    let kept = mechanism("a", "a = v", "i = a");
    assert_eq!(currents(&kept, 2), [-65.0, -65.0]);
    // a branch that leaves it
    let once = mechanism("a", "", "IF (m == 1) { a = 7 } i = a");
    assert_eq!(currents(&once, 3), [7.0, 7.0, 7.0]);
    // a current keeps its value like any other variable
    let current = mechanism("", "", "IF (m == 1) { i = 5 }");
    assert_eq!(currents(&current, 2), [5.0, 5.0]);
    // a parameter that the mechanism changes
    let parameter = mechanism("", "", "p = p + m i = p");
    assert_eq!(currents(&parameter, 3), [4.0, 4.5, 4.75]);
    // what a DERIVATIVE block left is what it computed from states before their step
    let solved = kept.replace("a = v", "a = 9").replace("m' =", "a = m m' =");
    assert_eq!(currents(&solved, 3), [9.0, 1.0, 0.5]);
}

/// BEFORE and AFTER, in the order of NEURON's run.
#[test]
fn moments_are_where_a_run_has_them() {
    let mechanism = |blocks: &str, breakpoint: &str| {
        format!(
            "NEURON {{ SUFFIX x NONSPECIFIC_CURRENT i }} STATE {{ m }} ASSIGNED {{ v i a b c }}
             BREAKPOINT {{ SOLVE s METHOD euler {breakpoint} }} DERIVATIVE s {{ m' = -m/2 }} {blocks}"
        )
    };
    // a state that is assigned before INITIAL starts all the same
    let start = mechanism(
        "AFTER INITIAL { c = b + m } BEFORE INITIAL { a = a + 1 m = 7 }
         INITIAL { b = a + m m = 1 } AFTER INITIAL { c = 2*c }",
        "i = c + m",
    );
    assert_eq!(currents(&start, 2), [5.0, 4.5]);
    let solved = mechanism("INITIAL { m = 1 } AFTER SOLVE { a = a + m }", "i = a");
    assert_eq!(currents(&solved, 3), [0.0, 0.5, 0.75]);
    // what is done at each recording, the first is behind a first BREAKPOINT
    let step = mechanism("INITIAL { m = 1 } BEFORE STEP { a = a + i }", "i = m + a");
    assert_eq!(currents(&step, 3), [2.0, 3.5, 6.75]);
    let both = mechanism(
        "INITIAL { m = 1 } BEFORE STEP { b = a } AFTER SOLVE { a = m }",
        "i = b",
    );
    assert_eq!(currents(&both, 3), [0.0, 0.5, 0.25]);
    // a state that nothing else steps
    let counter = "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } STATE { n } ASSIGNED { v i }
        BREAKPOINT { i = n } AFTER SOLVE { n = n + 1 }";
    assert_eq!(currents(counter, 3), [0.0, 1.0, 2.0]);
}

/// Equations that a routine has solved have their solution from there on.
#[test]
fn a_routine_may_have_equations_solved() {
    let text = "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } STATE { p q } ASSIGNED { v i a }
         BREAKPOINT { SOLVE update a = a + 1 i = difference(v) }
         PROCEDURE update() { IF (a > 1) { SOLVE line } }
         FUNCTION difference(x) { IF (x < 0) { SOLVE line difference = p - q + 10*a } ELSE { difference = 0 } }
         LINEAR line { ~ p + q = 1 ~ p - 3*q = v }";
    // p = (3 + v)/4, q = (1 - v)/4
    assert_eq!(currents(text, 2), [-22.0, -12.0]);
    let states: Vec<Vec<f64>> = run(text, 1).into_iter().map(|(_, s)| s).collect();
    assert_eq!(states[0][..2], [-15.5, 16.5]);
    // one that is solved itself
    let counter = "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } STATE { n } ASSIGNED { v i last }
         BREAKPOINT { SOLVE update i = n + 10*last } PROCEDURE update() { SOLVE next last = n }
         LINEAR next { ~ n - last = 1 }";
    assert_eq!(currents(counter, 3), [0.0, 11.0, 22.0]);
}

/// NEURON takes the blocks of a BREAKPOINT one after the other.
#[test]
fn a_second_breakpoint_continues_the_first() {
    let twice = "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } ASSIGNED { v i }
         BREAKPOINT { LOCAL a a = 2 i = a*v } BREAKPOINT { LOCAL a a = 3 i = i + a }";
    assert_eq!(currents(twice, 1), [-127.0]);
}

#[test]
fn arrays_may_be_local() {
    let routines =
        "PROCEDURE r() { LOCAL w[2], j w[0] = 1 w[1] = v FROM j = 0 TO 1 { b = b + w[j] } }
         FUNCTION f(x) { LOCAL w[2] w[1] = 7 f = w[1] + x }";
    assert_eq!(current("b = 0 r() i = b + f(1)", routines, 4.0), 13.0);
}

/// Like what the solved blocks leave, it is the same at the voltage that slopes are taken at.
#[test]
fn before_breakpoint_is_no_part_of_the_slope() {
    let mechanism = compile(
        "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } ASSIGNED { v i g }
         BEFORE BREAKPOINT { g = v/100 } BREAKPOINT { i = g*(v + 80) }",
    );
    let mut membrane = Membrane::new(&[&mechanism], Rules::NATIVE).expect("a membrane");
    let step = membrane.step(Phases::MembraneOnly, &[]);
    let slope = membrane.graph.evaluate(&[step.slope], &|_| -65.0);
    assert_eq!(slope, [-0.65]);
}

/// A PROCEDURE that is solved sees what it assigned before.
#[test]
fn a_procedure_steps_its_states_in_order() {
    let text = "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } STATE { m h } ASSIGNED { v i }
        INITIAL { m = 1 h = 0 } BREAKPOINT { SOLVE s i = h }
        PROCEDURE s() { m = m + dt h = h + m }";
    assert_eq!(currents(text, 3), [0.0, 2.0, 5.0]);
}

/// Each METHOD over a step of 1 ms of m′ = −m/2 + h, h′ = −h.
#[test]
fn methods_are_what_they_are_called() {
    let stepped = |method: &str| {
        let text = format!(
            "NEURON {{ SUFFIX x NONSPECIFIC_CURRENT i }} STATE {{ m h }} ASSIGNED {{ v i }}
             INITIAL {{ m = 1 h = 1 }} BREAKPOINT {{ SOLVE s METHOD {method} i = m }}
             DERIVATIVE s {{ m' = -m/2 + h h' = -h }}"
        );
        currents(&text, 2)[1]
    };
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-15, "{a} {b}");
    near(stepped("euler"), 1.5);
    // (1 + 1/2)·m = 1 + h with (1 + 1)·h = 1
    near(stepped("derivimplicit"), 1.0);
    near(stepped("sparse"), 1.0);
    // h as it was before the step
    near(stepped("cnexp"), 2.0 - (-0.5_f64).exp());
    // four stages by hand: h falls to 3/8, m follows
    let h = [1.0, 0.5, 0.75, 0.25];
    let slope = |m: f64, h: f64| h - m / 2.0;
    let mut k = [0.0; 4];
    for (stage, reach) in [0.0, 0.5, 0.5, 1.0].into_iter().enumerate() {
        let before = if stage == 0 { 0.0 } else { k[stage - 1] };
        k[stage] = slope(1.0 + reach * before, h[stage]);
    }
    near(
        stepped("runge"),
        1.0 + (k[0] + 2.0 * k[1] + 2.0 * k[2] + k[3]) / 6.0,
    );
}

/// A channel that opens at 2/ms and closes at 3/ms, from its steady state or from closed.
#[test]
fn reactions_are_stepped_implicitly() {
    let text = |initial: &str| {
        format!(
            "NEURON {{ SUFFIX x NONSPECIFIC_CURRENT i }} STATE {{ c o }} ASSIGNED {{ v i a }}
             INITIAL {{ {initial} }} BREAKPOINT {{ SOLVE k METHOD sparse i = o }}
             KINETIC k {{ a = 2 ~ c <-> o (a, 3) CONSERVE c + o = 1 }}"
        )
    };
    let found = currents(&text("c = 1"), 3);
    // (1 + Δt·(2 + 3))·o = o₀ + 2Δt
    let first = 2.0 / 6.0;
    let second = (first + 2.0) / 6.0;
    for (found, expected) in found.iter().zip([0.0, first, second]) {
        assert!((found - expected).abs() < 1e-15, "{found} {expected}");
    }
    // NEURON's steady state is a step of 1e9 ms
    for found in currents(&text("SOLVE k STEADYSTATE sparse"), 2) {
        assert!((found - 0.4).abs() < 1e-9, "{found}");
    }
}

/// Two of a make one b, in another volume; a leaks in, b goes away.
#[test]
fn reactions_count_what_reacts() {
    let text = "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } STATE { a b } ASSIGNED { v i f }
        INITIAL { a = 2 b = 1 } BREAKPOINT { SOLVE k METHOD sparse i = a }
        KINETIC k { COMPARTMENT 4 { b } ~ 2 a <-> b (.3, .1) f = f_flux - b_flux
            ~ a << (.5) ~ b -> (.2) }";
    let (_, states) = &run(text, 2)[1];
    let (a, b) = (states[0], states[1]);
    let net = 0.3 * a * a - 0.1 * b;
    assert!((a - (2.0 - 2.0 * net + 0.5)).abs() < 1e-14, "{a}");
    assert!((4.0 * (b - 1.0) - (net - 0.2 * b)).abs() < 1e-14, "{b}");
    // what a KINETIC block conserves, an implicit step does to rounding
    let closed = text.replace("~ a << (.5) ~ b -> (.2)", "");
    for (_, states) in run(&closed, 20) {
        let total = states[0] + 2.0 * 4.0 * states[1];
        assert!((total - 10.0).abs() < 1e-13, "{total}");
    }
}

/// Shells of a compartment that exchange what they hold.
#[test]
fn arrays_are_as_many_variables() {
    let text = "DEFINE N 3
        NEURON { SUFFIX x NONSPECIFIC_CURRENT i RANGE c }
        STATE { c[N] } ASSIGNED { v i volume[N] k[2] }
        INITIAL { FROM j = 0 TO N-1 { volume[j] = 1 + j c[j] = 0 } c[0] = 6 }
        BREAKPOINT { SOLVE d METHOD sparse i = c[N-1] }
        KINETIC d {
            k[0] = .1 k[1] = .2
            COMPARTMENT j, volume[j] { c }
            FROM j = 0 TO N-2 { ~ c[j] <-> c[j+1] (k[j], k[j]) }
        }";
    let samples = run(text, 30);
    assert_eq!(samples[0].1, [6.0, 0.0, 0.0]);
    // one step by hand: V·(c − c₀) = what comes in, at the end of the step
    let c = &samples[1].1;
    let (first, second) = (0.1 * (c[0] - c[1]), 0.2 * (c[1] - c[2]));
    let gains = [-first, first - second, second];
    for (index, gain) in gains.into_iter().enumerate() {
        let volume = 1.0 + index as f64;
        let before = samples[0].1[index];
        assert!((volume * (c[index] - before) - gain).abs() < 1e-14);
    }
    let (current, last) = &samples[29];
    assert!((last[0] + 2.0 * last[1] + 3.0 * last[2] - 6.0).abs() < 1e-13);
    assert_eq!(*current, last[2]);
    // a DERIVATIVE block may have them, too
    let derivative = "NEURON { SUFFIX x NONSPECIFIC_CURRENT i } STATE { c[2] } ASSIGNED { v i }
        INITIAL { c[0] = 1 c[1] = 2 } BREAKPOINT { SOLVE d METHOD euler i = c[1] }
        DERIVATIVE d { FROM j = 0 TO 1 { c[j]' = -c[j]/2 } }";
    assert_eq!(currents(derivative, 3), [2.0, 1.0, 0.5]);
}

/// A pool of calcium reads the current of the step before, and the channel its concentration.
#[test]
fn concentrations_are_shared() {
    let text = "NEURON { SUFFIX pool USEION ca READ ica, cai, eca WRITE ica, cai }
        STATE { cai } ASSIGNED { v ica eca }
        INITIAL { cai = 1e-4 } BREAKPOINT { SOLVE s METHOD euler ica = -cai }
        DERIVATIVE s { cai' = -ica }";
    let found = currents(text, 4);
    // cai doubles with every step but the first, which takes it as it is
    let expected = [1e-4, 2e-4, 4e-4, 8e-4].map(|c: f64| -c);
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-18, "{found}");
    }
    // a pool without INITIAL starts at the concentration of the ion
    let plain = text.replace("INITIAL { cai = 1e-4 }", "");
    assert_eq!(currents(&plain, 1), [-5e-5]);
    // its reversal potential follows: 25.26 mV/2·ln(2/1e-4) at 20 °C
    let nernst = text.replace("ica = -cai", "ica = eca");
    let thermal: f64 = 1e3 * 8.314_462_618_153_24 * 293.15 / 96_485.332_123_310_01;
    let expected = thermal / 2.0 * 2e4_f64.ln();
    assert!((currents(&nernst, 1)[0] - expected).abs() < 1e-12);
}

/// As in NEURON, a reversal potential that is only written starts at 0, not at what the ion has.
#[test]
fn a_potential_that_is_only_written_starts_at_zero() {
    let start = |reads: &str, initial: &str| {
        let mechanism = compile(&format!(
            "NEURON {{ SUFFIX x USEION na {reads} WRITE ena NONSPECIFIC_CURRENT i RANGE a }}
             ASSIGNED {{ v i a ena }} INITIAL {{ a = ena {initial} }}
             BREAKPOINT {{ i = a + ena ena = 50 }}"
        ));
        let memory = mechanism.memory.iter().find(|memory| memory.name == "a");
        let first = memory.map_or(0.0, |a| value(&mechanism, a.initial, &[("ena", 45.0)]));
        let shared = mechanism.shared[0].initial;
        [first, value(&mechanism, shared, &[("ena", 45.0)])]
    };
    assert_eq!(start("", ""), [0.0, 0.0]);
    assert_eq!(start("", "ena = 7"), [0.0, 7.0]);
    assert_eq!(start("READ ena", ""), [45.0, 45.0]);
    // a concentration is always read
    let mechanism = compile(
        "NEURON { SUFFIX x USEION na WRITE nai NONSPECIFIC_CURRENT i } ASSIGNED { v i nai }
         BREAKPOINT { i = 0 nai = 1 }",
    );
    let initial = mechanism.shared[0].initial;
    assert_eq!(value(&mechanism, initial, &[("nai", 10.0)]), 10.0);
}

#[test]
fn names_are_case_sensitive() {
    assert_eq!(current("LOCAL P  P = 7  i = P + p", "", 0.0), 10.0);
    assert!(nmodl::compile("neuron { SUFFIX x }", "x.mod").is_err());
}

#[test]
fn bytes_that_are_not_utf8_are_taken_in_comments() {
    let path = std::env::temp_dir().join(format!("loligo-{}.mod", std::process::id()));
    std::fs::write(&path, b"NEURON { SUFFIX x } : 5 \xb5m\n").expect("can write");
    let mechanism = nmodl::read(&path);
    std::fs::remove_file(&path).expect("was written");
    assert_eq!(mechanism.expect("compiles").name, "x");
}
