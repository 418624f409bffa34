//! Forward mode, against the adjoint and against differences.
//!
//! Tolerances. Adjoint and forward mode compute the same sum of products in two orders; a run of
//! 300 steps leaves a rounding error of about 300·2⁻⁵³ = 3e-14 of its largest terms, and a spike
//! magnifies what comes before it some hundred times: the bound is 1e-10 of the size of the terms.
//! Central differences have an error of about 1e-9 at the best step, and more where the function
//! bends: the bound is 1e-6.

mod support;

use std::sync::Arc;

use loligo_engine::{Convention, Direction, Scheme};
use loligo_model::Model;

use support::directions::{along, dot, everything, kinds, moved, slopes_along};
use support::gradient::{Case, relative_distance};
use support::models::{clamped, firing, ideally_clamped, one_thread};
use support::samples::by_lane;

const SCHEMES: [Scheme; 2] = [Scheme::BackwardEuler, Scheme::CrankNicolson];
const CONVENTIONS: [Convention; 3] = [Convention::Native, Convention::Neuron, Convention::Jaxley];
const STEPS: (f64, usize) = (0.05, 300);

fn tangents(case: &Case, direction: &Direction) -> Vec<f64> {
    let (run, tangents) = case
        .program
        .jvp::<f64>(&case.inputs, direction, &one_thread())
        .expect("a run");
    let plain = case
        .program
        .run::<f64>(&case.inputs, &one_thread())
        .expect("a run");
    let apart = relative_distance(&run.recordings.data, &plain.recordings.data);
    assert!(
        apart < 1e-9,
        "the run beside the tangents differs by {apart:e}"
    );
    by_lane(&tangents)
}

/// ⟨λ, J d⟩ = ⟨Jᵀ λ, d⟩ for each kind of number by itself.
fn check_transpose(case: &Case, title: &str) {
    let wanted = everything(case);
    let gradient = case.adjoint(&wanted);
    for (name, direction) in kinds(case, &along(case, &wanted, 1.0)) {
        let (forward, size) = dot(&tangents(case, &direction), &case.cotangents);
        let (slopes, moves) = slopes_along(&wanted, &gradient, &direction);
        let (backward, other) = dot(&slopes, &moves);
        let size = size.max(other);
        let apart = (forward - backward).abs() / size;
        println!("{title}, {name:20}: {forward:13.6e} {apart:.1e}");
        assert!(size > 0.0, "{title}: nothing depends on {name}");
        assert!(apart <= 1e-10, "{title}, {name}: {forward} {backward}");
    }
}

fn check_everywhere(model: &Model, title: &str) {
    for scheme in SCHEMES {
        for convention in CONVENTIONS {
            let case = Case::new(model, scheme, convention, STEPS, 1);
            check_transpose(&case, &format!("{title}, {scheme:?}, {convention:?}"));
        }
    }
}

#[test]
fn forward_and_reverse_agree_on_a_firing_cell() {
    check_everywhere(&firing(), "firing");
}

#[test]
fn forward_and_reverse_agree_on_a_clamped_cell() {
    check_everywhere(&clamped(), "clamped");
}

#[test]
fn forward_and_reverse_agree_under_an_ideal_clamp() {
    check_everywhere(&ideally_clamped(), "ideal clamp");
}

#[test]
fn forward_and_reverse_agree_on_thinned_recordings() {
    let model = firing();
    for (scheme, every) in [(Scheme::BackwardEuler, 7), (Scheme::CrankNicolson, 300)] {
        let case = Case::new(&model, scheme, Convention::Native, STEPS, every);
        check_transpose(&case, &format!("every {every}"));
    }
}

#[test]
fn tangents_equal_differences() {
    for model in [clamped(), ideally_clamped()] {
        for scheme in SCHEMES {
            for convention in CONVENTIONS {
                let case = Case::new(&model, scheme, convention, STEPS, 1);
                let direction = along(&case, &everything(&case), 2.0);
                let (forward, _) = dot(&tangents(&case, &direction), &case.cotangents);
                let moved = [moved(&case, &direction)];
                let apart = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6]
                    .into_iter()
                    .map(|step| {
                        let differences = case.differences(&moved, |_| step);
                        relative_distance(&[forward], &differences)
                    })
                    .fold(f64::INFINITY, f64::min);
                println!("{scheme:?}, {convention:?}: {forward:.6e} {apart:.1e}");
                assert!(apart <= 1e-6, "{scheme:?}, {convention:?}: {apart:e}");
            }
        }
    }
}

/// A lane of a batch moves as it would by itself, bit for bit.
#[test]
fn a_batch_of_directions_is_a_loop() {
    let model = clamped();
    let case = Case::new(&model, Scheme::CrankNicolson, Convention::Native, STEPS, 1);
    let lanes: Vec<Direction> = (0..3)
        .map(|lane| along(&case, &everything(&case), lane as f64))
        .collect();
    let join = |part: fn(&Direction) -> Option<&Vec<f64>>| -> Option<Vec<f64>> {
        let parts: Option<Vec<&Vec<f64>>> = lanes.iter().map(part).collect();
        Some(parts?.into_iter().flatten().copied().collect())
    };
    let batch = Direction {
        places: lanes[0].places.clone(),
        values: join(|d| Some(&d.values)).expect("values"),
        stimuli: join(|d| d.stimuli.as_ref()),
        clamps: join(|d| d.clamps.as_ref()),
    };
    let inputs = Arc::new(loligo_engine::Inputs {
        lanes: 3,
        ..(*case.inputs).clone()
    });
    let (_, found) = case
        .program
        .jvp::<f64>(&inputs, &batch, &one_thread())
        .expect("a run");
    let expected: Vec<f64> = lanes.iter().flat_map(|d| tangents(&case, d)).collect();
    let found = by_lane(&found);
    assert_eq!(found.len(), expected.len());
    let same = found.iter().zip(&expected);
    assert!(same.clone().all(|(a, b)| a.to_bits() == b.to_bits()));
}
