//! Concentrations that diffuse along cells: what analysis says of them, and what is refused.
//! Gradients and Hessian products are in gradients.rs and hessian.rs, NEURON in the Python tests.

mod support;

use loligo_engine::{Convention, LoweringError, Scheme, lower};
use loligo_mechanism::nmodl;
use loligo_model::Model;

use support::models::{diffusing, recordings};
use support::samples::by_lane;

const DYE: &str = "NEURON { SUFFIX dye RANGE d, share }
    PARAMETER { d = 0.7 share = 1 }
    STATE { c }
    ASSIGNED { diam }
    BREAKPOINT { SOLVE s METHOD sparse }
    KINETIC s {
        COMPARTMENT share*diam*diam { c }
        LONGITUDINAL_DIFFUSION d*share*diam*diam { c }
        ~ c <-> c (0, 0)
    }";

/// A sealed cylinder of equal compartments that holds some dye.
fn cylinder(compartments: usize, start: impl Fn(usize) -> f64) -> Model {
    let mut model = Model::cylinder(100.0, 1.0, compartments).expect("a cylinder");
    let dye = nmodl::compile(DYE, "dye.mod").expect("compiles");
    model.everywhere().insert(dye).expect("inserted");
    let start: Vec<f64> = (0..compartments).map(start).collect();
    model.everywhere().set("dye.c", start).expect("set");
    model.everywhere().record("dye.c").expect("recorded");
    model
}

/// A cosine that fits into a sealed cylinder of N compartments decays at each step of Δt to
/// 1/(1 + Δt·D·4/Δx²·sin²(kπ/2N)) of what it was: it is an eigenvector of the discrete Laplacian.
/// The bound is the rounding of 200 solves.
#[test]
fn a_cosine_decays_as_the_eigenvalue_says() {
    let (compartments, dt, steps) = (25, 0.1, 200);
    for wave in [1, 4] {
        let phase = f64::from(wave) * std::f64::consts::PI / compartments as f64;
        let cosine = |i: usize| (phase * (i as f64 + 0.5)).cos();
        let model = cylinder(compartments, |i| 1.0 + 0.5 * cosine(i));
        let rows = by_lane(&recordings(&model, Scheme::BackwardEuler, dt, steps));
        let spacing = 100.0 / compartments as f64;
        let eigenvalue = 0.7 * 4.0 / spacing.powi(2) * (0.5 * phase).sin().powi(2);
        for (i, row) in rows.chunks(steps + 1).enumerate() {
            for (step, found) in row.iter().enumerate() {
                // the state of a sample has been updated once for each step before, and once more
                // but at t = 0
                let decayed = (1.0 + dt * eigenvalue).powi(-(step as i32));
                let exact = 1.0 + 0.5 * decayed * cosine(i);
                assert!((found - exact).abs() < 1e-13, "{i} {step}: {found} {exact}");
            }
        }
    }
}

/// What diffuses is neither made nor lost, whatever the shape: 1e-13 of it over 300 steps.
#[test]
fn diffusion_conserves() {
    let mut model = cylinder(12, |i| (i as f64).sin().powi(2));
    let lengths: Vec<f64> = (0..12).map(|i| 5.0 + (i * i % 7) as f64).collect();
    let radii: Vec<f64> = (0..12).map(|i| 0.5 + (i % 5) as f64).collect();
    model
        .everywhere()
        .set("length", lengths.clone())
        .expect("set");
    model
        .everywhere()
        .set("radius", radii.clone())
        .expect("set");
    let steps = 300;
    let rows = by_lane(&recordings(&model, Scheme::CrankNicolson, 0.5, steps));
    let total = |step: usize| -> f64 {
        let rows = rows.chunks(steps + 1).enumerate();
        rows.map(|(i, row)| row[step] * lengths[i] * (2.0 * radii[i]).powi(2))
            .sum()
    };
    for step in 0..=steps {
        assert!((total(step) / total(0) - 1.0).abs() < 1e-13);
    }
    let apart = |step: usize| (rows[step] - rows[steps + 1 + step]).abs();
    assert!(apart(steps) < 0.1 * apart(0), "it mixes");
}

/// A conductance that changed during a run would have no place to be computed at.
#[test]
fn what_changes_cannot_be_a_conductivity() {
    let text = DYE.replace("d*share*diam*diam { c }", "d*(1 + 0.01*v) { c }");
    let text = text.replace("ASSIGNED { diam }", "ASSIGNED { diam v }");
    let error = nmodl::compile(&text, "dye.mod").expect_err("it is refused");
    let message = error.to_string();
    assert!(
        message.contains("diffusion of `c` that `v` changes"),
        "{message}"
    );
}

/// Two mechanisms cannot both let calcium diffuse.
#[test]
fn one_mechanism_lets_a_number_diffuse() {
    let mut model = diffusing();
    let other = "NEURON { SUFFIX other USEION ca READ ica WRITE cai }
        STATE { cai } ASSIGNED { ica diam }
        BREAKPOINT { SOLVE s METHOD sparse }
        KINETIC s { LONGITUDINAL_DIFFUSION 2*diam*diam { cai } ~ cai << (-ica) }";
    let other = nmodl::compile(other, "other.mod").expect("compiles");
    model.everywhere().insert(other).expect("inserted");
    let error = lower(&model, Scheme::BackwardEuler, Convention::Native).expect_err("refused");
    assert!(matches!(error, LoweringError::Membrane { .. }), "{error}");
    assert!(error.to_string().contains("let `cai` diffuse"), "{error}");
}
