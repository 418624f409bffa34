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

#[test]
fn every_mechanism_is_in_the_catalogue_and_every_reference_is_known() {
    let names: Vec<&str> = library::names().collect();
    let files = || library::entries().iter().filter(|entry| !entry.in_python);
    let known: Vec<&str> = files().map(|entry| entry.name.as_str()).collect();
    assert_eq!(known, names);
    for entry in library::entries().iter().filter(|entry| entry.in_python) {
        for key in &entry.references {
            assert!(
                library::reference(key).is_some(),
                "{} comes from {key}",
                entry.name
            );
        }
    }
    for entry in files() {
        let name = &entry.name;
        let ions: Vec<String> = builtin(name).ions.into_iter().map(|ion| ion.ion).collect();
        assert_eq!(entry.ions, ions, "{name}");
        assert!(!entry.description.is_empty(), "{name}");
        assert_eq!(entry.references.is_empty(), name == "pas", "{name}");
        for key in &entry.references {
            let work = library::reference(key);
            assert!(work.is_some(), "{name} comes from {key}");
            // the file itself says so, too
            let text = library::source(name).unwrap_or_default();
            let year = work.and_then(|work| work.field("year"));
            assert!(year.is_some_and(|year| text.contains(year)), "{name} {key}");
        }
    }
}

/// What the folder has and what is compiled in.
#[test]
fn every_file_of_the_folder_is_built_in() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../mechanisms");
    let entries = std::fs::read_dir(folder).expect("the folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names
        .filter_map(|name| Some(name.to_str()?.strip_suffix(".mod")?.to_owned()))
        .collect();
    names.sort_unstable();
    assert_eq!(names, library::names().collect::<Vec<_>>());
}

#[test]
fn files_are_named_after_their_mechanism() {
    for name in library::names() {
        assert_eq!(builtin(name).name, name);
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

/// Steady state and time constant of a gate by its rates.
fn from_rates(alpha: f64, beta: f64) -> (f64, f64) {
    (alpha / (alpha + beta), 1.0 / (alpha + beta))
}

/// A mechanism, one of its gates, and the gate's steady state and time constant at a voltage.
type Gate = (&'static str, &'static str, fn(f64) -> (f64, f64));

/// Pospischil et al. (2008), with V_T = −60 mV, τ_max = 4 s and V_x = 2 mV.
const POSPISCHIL: &[Gate] = &[
    ("pospischil_na", "m", |v| {
        let (a, b) = (v + 60.0 - 13.0, v + 60.0 - 40.0);
        from_rates(1.28 * exprel(-a / 4.0), 1.4 * exprel(b / 5.0))
    }),
    ("pospischil_na", "h", |v| {
        let (a, b) = (v + 60.0 - 17.0, v + 60.0 - 40.0);
        from_rates(0.128 * (-a / 18.0).exp(), 4.0 / (1.0 + (-b / 5.0).exp()))
    }),
    ("pospischil_k", "n", |v| {
        let (a, b) = (v + 60.0 - 15.0, v + 60.0 - 10.0);
        from_rates(0.16 * exprel(-a / 5.0), 0.5 * (-b / 40.0).exp())
    }),
    ("pospischil_km", "p", |v| {
        let a = v + 35.0;
        let tau = 4000.0 / (3.3 * (a / 20.0).exp() + (-a / 20.0).exp());
        (1.0 / (1.0 + (-a / 10.0).exp()), tau)
    }),
    ("pospischil_cal", "q", |v| {
        let beta = 0.94 * ((-75.0 - v) / 17.0).exp();
        from_rates(0.055 * 3.8 * exprel((-27.0 - v) / 3.8), beta)
    }),
    ("pospischil_cal", "r", |v| {
        let beta = 0.0065 / (((-15.0 - v) / 28.0).exp() + 1.0);
        from_rates(0.000457 * ((-13.0 - v) / 50.0).exp(), beta)
    }),
    ("pospischil_cat", "u", |v| {
        let a = v + 2.0;
        let above = 30.8 + 211.4 + ((a + 113.2) / 5.0).exp();
        let tau = above / (3.7 * (1.0 + ((a + 84.0) / 3.2).exp()));
        (1.0 / (1.0 + ((a + 81.0) / 4.0).exp()), tau)
    }),
];

#[test]
fn the_rates_of_pospischil_are_those_of_the_paper() {
    for &(name, gate, expected) in POSPISCHIL {
        let mechanism = builtin(name);
        let steady = observable(&mechanism, &format!("{gate}inf"));
        let tau = observable(&mechanism, &format!("{gate}tau"));
        for i in -1200..=600 {
            let v = f64::from(i) / 10.0;
            let found = [steady, tau].map(|e| value(&mechanism, e, &[("v", v)]));
            let (steady, tau) = expected(v);
            // arguments up to 40 are rounded before they are exponentiated
            for (found, expected) in found.into_iter().zip([steady, tau]) {
                let error = (found - expected).abs() / expected;
                assert!(
                    error <= 40.0 * 4.0 * f64::EPSILON,
                    "{name} {gate} {v}: {error:e}"
                );
            }
        }
    }
}

#[test]
fn the_currents_of_pospischil_have_their_powers() {
    for (name, gates, conductance) in [
        (
            "pospischil_na",
            vec![("m", 0.5), ("h", 0.25)],
            0.05 * 0.125 * 0.25,
        ),
        ("pospischil_k", vec![("n", 0.5)], 0.005 * 0.0625),
        ("pospischil_km", vec![("p", 0.5)], 4e-6 * 0.5),
        (
            "pospischil_cal",
            vec![("q", 0.5), ("r", 0.25)],
            1e-4 * 0.25 * 0.25,
        ),
        // sinf is 1/2 at v = -59 mV
        ("pospischil_cat", vec![("u", 0.5)], 4e-5 * 0.25 * 0.5),
        ("pospischil_leak", vec![], 1e-4),
    ] {
        let mechanism = builtin(name);
        let at = [
            ("v", -59.0),
            ("ena", -69.0),
            ("ek", -69.0),
            ("eca", -69.0),
            ("e", -69.0),
        ];
        let at = [&at[..], &gates[..]].concat();
        let current = value(&mechanism, mechanism.currents[0].density, &at);
        assert!(
            (current / (conductance * 10.0) - 1.0).abs() < 1e-14,
            "{name}"
        );
    }
}
