//! Forward mode and Hessian products, against the adjoint and against differences.
//!
//! Tolerances. Adjoint and forward mode compute the same sum of products in two orders; a run of
//! 300 steps leaves a rounding error of about 300·2⁻⁵³ = 3e-14 of its largest terms, and a spike
//! magnifies what comes before it some hundred times: the bound is 1e-10 of the size of the terms.
//! Central differences of gradients have the error of differences, about 1e-9 at the best step, and
//! more where the function bends: the bound is 1e-6.

mod support;

use std::sync::Arc;

use loligo_engine::{Convention, Direction, Scheme, Wanted};
use loligo_model::{Model, Waveform, Window};

use support::gradient::{self, Case, relative_distance};
use support::models::{firing, one_thread, varied, vary};

const SCHEMES: [Scheme; 2] = [Scheme::BackwardEuler, Scheme::CrankNicolson];
const CONVENTIONS: [Convention; 3] = [Convention::Native, Convention::Neuron, Convention::Jaxley];
const STEPS: (f64, usize) = (0.05, 300);

/// Numbers of both signs, the same in every run of the test.
fn signed(count: usize, seed: f64) -> Vec<f64> {
    varied(count, seed)
        .iter()
        .map(|f| 5.0 * (f - 1.0))
        .collect()
}

/// Everything that a case can be differentiated by.
fn everything(case: &Case) -> Wanted {
    Wanted {
        values: case.places().into_values().flatten().collect(),
        stimuli: !case.model.stimuli().is_empty(),
        clamps: !case.model.clamps().is_empty(),
    }
}

/// A direction in which all that is wanted moves by some thousandths of its size.
fn along(case: &Case, wanted: &Wanted, seed: f64) -> Direction {
    let steps = case.inputs.steps;
    let values = wanted.values.iter().zip(signed(wanted.values.len(), seed));
    let drives = |wanted: bool, count: usize| wanted.then(|| signed(count * steps, seed + 0.3));
    Direction {
        values: values
            .map(|(place, by)| 1e-3 * by * case.inputs.values[*place])
            .collect(),
        places: wanted.values.clone(),
        stimuli: drives(wanted.stimuli, case.model.stimuli().len()),
        clamps: drives(wanted.clamps, case.model.clamps().len()),
    }
}

fn dot(a: &[f64], b: &[f64]) -> (f64, f64) {
    assert_eq!(a.len(), b.len());
    let products = a.iter().zip(b).map(|(a, b)| a * b);
    let size = products.clone().map(|p| p * p).sum::<f64>().sqrt();
    (products.sum(), size)
}

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
    tangents.data
}

/// ⟨λ, J d⟩ = ⟨Jᵀ λ, d⟩ for each kind of number by itself.
fn check_transpose(case: &Case, title: &str) {
    let wanted = everything(case);
    let gradient = case.adjoint(&wanted);
    let everything = along(case, &wanted, 1.0);
    let mut kinds: Vec<(String, Direction)> = Vec::new();
    for (quantity, places) in case.places() {
        let of = |place: &usize| wanted.values.iter().position(|p| p == place);
        let values = places.iter().filter_map(of).map(|i| everything.values[i]);
        kinds.push((
            case.model.quantity_name(quantity),
            Direction {
                values: values.collect(),
                places,
                ..Default::default()
            },
        ));
    }
    for (name, stimuli, clamps) in [
        ("stimuli", everything.stimuli.clone(), None),
        ("clamps", None, everything.clamps.clone()),
    ] {
        if stimuli.is_some() || clamps.is_some() {
            let direction = Direction {
                stimuli,
                clamps,
                ..Default::default()
            };
            kinds.push((name.to_owned(), direction));
        }
    }
    for (name, direction) in kinds {
        let (forward, size) = dot(&tangents(case, &direction), &case.cotangents);
        let of = |place: &usize| {
            let at = wanted.values.iter().position(|p| p == place);
            gradient.values[at.expect("wanted")]
        };
        let slopes: Vec<f64> = direction.places.iter().map(of).collect();
        let mut parts = vec![dot(&slopes, &direction.values)];
        for (slopes, moved) in [
            (&gradient.stimuli, &direction.stimuli),
            (&gradient.clamps, &direction.clamps),
        ] {
            if let (Some(slopes), Some(moved)) = (slopes, moved) {
                parts.push(dot(slopes, moved));
            }
        }
        let backward: f64 = parts.iter().map(|(sum, _)| sum).sum();
        let size = parts.iter().fold(size, |size, (_, part)| size.max(*part));
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

/// States that are given, electrodes that clamp through a resistance, for a while.
fn clamped() -> Model {
    let mut model = firing();
    for (seed, (name, value)) in [("hh.m", 0.06), ("hh.h", 0.6), ("hh.n", 0.3)]
        .into_iter()
        .enumerate()
    {
        vary(&mut model, name, value, seed as f64);
    }
    let window = Window {
        start: 3.0,
        duration: 6.0,
    };
    let ramp = Waveform::ramp(2.0, 8.0, 30.0);
    model
        .branch(2)
        .compartment(0)
        .clamp(ramp, Some(25.0), window)
        .expect("clamped");
    let sine = Waveform::sine(0.0, 20.0, -65.0, 20.0);
    model
        .branch(4)
        .clamp(sine, Some(50.0), Window::ALWAYS)
        .expect("clamped");
    model.branch(4).record("i_clamp").expect("recorded");
    model.branch(4).record("i_membrane").expect("recorded");
    model
        .branch(2)
        .compartment(0)
        .record("i_clamp")
        .expect("recorded");
    model
}

/// An ideal clamp for a while.
fn ideally_clamped() -> Model {
    let mut model = firing();
    let command: Vec<f64> = (0..300)
        .map(|n| -65.0 + 20.0 * (0.05 * n as f64).sin())
        .collect();
    let window = Window {
        start: 2.0,
        duration: 9.0,
    };
    model
        .branch(2)
        .compartment(1)
        .clamp(Waveform::samples(command), None, window)
        .expect("clamped");
    model
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

/// What moves along `direction`, as the tests of gradients say it.
fn moved(case: &Case, direction: &Direction) -> gradient::Direction {
    let steps = case.inputs.steps;
    let drives = |tangents: &Option<Vec<f64>>| {
        let tangents = tangents.iter().flatten().enumerate();
        tangents
            .map(|(at, tangent)| ((at / steps, at % steps), *tangent))
            .collect()
    };
    let places = direction.places.iter().copied();
    gradient::Direction {
        values: places.zip(direction.values.iter().copied()).collect(),
        stimuli: drives(&direction.stimuli),
        commands: drives(&direction.clamps),
    }
}

/// The current that an ideal clamp needs has no adjoint with respect to its command, but a tangent.
#[test]
fn tangents_equal_differences() {
    let mut ideal = ideally_clamped();
    ideal
        .branch(2)
        .compartment(1)
        .record("i_clamp")
        .expect("recorded");
    for model in [clamped(), ideal] {
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
    assert_eq!(found.data.len(), expected.len());
    let same = found.data.iter().zip(&expected);
    assert!(same.clone().all(|(a, b)| a.to_bits() == b.to_bits()));
}
