//! Voltages that Jaxley itself computed, reproduced through its convention.

use std::sync::Arc;

use loligo_engine::{Convention, Execution, Scheme, lower};
use loligo_mechanism::library;
use loligo_model::{Model, Waveform};
use loligo_morphology::Attachment;

fn compartment() -> Model {
    Model::cylinder(10.0, 1.0, 1).expect("a cylinder")
}

/// Jaxley's defaults: squid channels, gates at 0.2, −70 mV, 5000 Ω·cm.
fn with_jaxley_defaults(mut model: Model) -> Model {
    let hh = library::builtin("hh").expect("in the library");
    model.everywhere().insert(hh).expect("inserted");
    for (name, value) in [
        ("v", -70.0),
        ("axial_resistivity", 5000.0),
        ("hh.m", 0.2),
        ("hh.h", 0.2),
        ("hh.n", 0.2),
    ] {
        model.everywhere().set(name, value).expect("set");
    }
    model
}

/// `jaxley.step_current(delay, duration, amplitude, 0.025, t_max)`.
fn step_current(delay: f64, duration: f64, amplitude: f64, samples: usize) -> Waveform {
    let (from, to) = (
        (delay / 0.025) as usize,
        ((delay + duration) / 0.025) as usize,
    );
    let current = |n: usize| {
        if (from..to).contains(&n) {
            amplitude
        } else {
            0.0
        }
    };
    Waveform::samples((0..samples).map(current).collect::<Vec<_>>())
}

fn run(model: &Model, scheme: Scheme, steps: usize) -> Vec<Vec<f64>> {
    let program = Arc::new(lower(model, scheme, Convention::Jaxley).expect("lowered"));
    let inputs = Arc::new(program.inputs(0.025, steps));
    let execution = Execution::detect().expect("a vector unit");
    let run = program.run::<f64>(&inputs, &execution).expect("run");
    assert!(run.diverged.is_empty());
    (0..program.recordings())
        .map(|r| run.recordings.trace(0, r))
        .collect()
}

#[test]
fn a_squid_compartment() {
    let mut model = with_jaxley_defaults(compartment());
    model
        .everywhere()
        .stimulate(step_current(0.5, 1.0, 0.02, 201))
        .expect("stimulated");
    model.everywhere().record("v").expect("recorded");
    let v = &run(&model, Scheme::BackwardEuler, 201)[0];
    let expected = [
        -70.0,
        -66.53085703,
        -50.08343917,
        -20.4930498,
        32.6178327,
        2.57004029,
        -26.19517261,
        -50.50027566,
        -72.97019524,
        -75.69907171,
        -75.58874436,
    ];
    for (index, expected) in expected.iter().enumerate() {
        // the published digits end at 1e-8
        assert!(
            (v[20 * index] - expected).abs() < 6e-9,
            "{} {expected}",
            v[20 * index]
        );
    }
}

#[test]
fn a_branched_squid_cell_with_both_schemes() {
    let branch = || Model::chain(&[compartment(), compartment()]).expect("a branch");
    let end = |branch| Some(Attachment { branch, at: 1.0 });
    let cell = Model::tree(&[branch(), branch(), branch()], &[None, end(0), end(0)]);
    let mut model = with_jaxley_defaults(cell.expect("a tree"));
    model
        .branch(0)
        .compartment(0)
        .stimulate(step_current(0.5, 1.0, 0.1, 121))
        .expect("stimulated");
    model
        .branch(0)
        .compartment(0)
        .record("v")
        .expect("recorded");
    model
        .branch(2)
        .compartment(1)
        .record("v")
        .expect("recorded");
    for (scheme, expected, other) in [
        (
            Scheme::BackwardEuler,
            [-35.00214135677801, 21.887763875019434, -35.1533757079685],
            -19.782467056568553,
        ),
        (
            Scheme::CrankNicolson,
            [-34.485999255391675, 20.997087682315644, -36.17061310917414],
            -20.87066299766845,
        ),
    ] {
        let v = run(&model, scheme, 121);
        let found = [v[0][40], v[0][80], v[0][121], v[1][121]];
        let expected = [expected[0], expected[1], expected[2], other];
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found - expected).abs() < 1e-8,
                "{scheme:?}: {found} {expected}"
            );
        }
    }
}
