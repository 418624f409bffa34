//! Gradients of everything that enters a run: the adjoint against the complex step of the
//! reference engine, and against differences of the engine's own runs.
//!
//! Tolerances. Both derivatives are exact but for rounding. A run of N = 300 steps collects a
//! rounding error of about N·2⁻⁵³ = 3e-14 relative to its voltages, and a spike magnifies what
//! comes before it some hundred times (the spread of dV/dV₀ over the run), which makes a few 1e-12;
//! the bound is 1e-10. Central differences with a relative step h have an error of h² times the
//! third derivative and of rounding/h: the best of a sweep over h is about (1e-13)^(2/3) = 2e-9,
//! more for a number that hardly matters, whose best step is larger; the bound is 1e-6.

mod support;

use loligo_engine::{Convention, Scheme, Wanted};
use loligo_model::{Model, Quantity, Waveform, Window};

use support::gradient::{Case, Direction, relative_distance};
use support::models::{calcium, diffusing, diffusing_along, firing, ideally_clamped, vary};

const AGAINST_COMPLEX_STEP: f64 = 1e-10;
const AGAINST_DIFFERENCES: f64 = 1e-6;
const STEPS: (f64, usize) = (0.05, 300);

const SCHEMES: [Scheme; 2] = [Scheme::BackwardEuler, Scheme::CrankNicolson];

/// A kind of number, the directions along which it was moved, and the adjoint along these.
struct Kind {
    name: String,
    directions: Vec<Direction>,
    /// The size of what is moved.
    sizes: Vec<f64>,
    adjoint: Vec<f64>,
}

/// Every kind of number of a case; of drives every `stride`-th sample.
fn kinds(case: &Case, stride: usize) -> Vec<Kind> {
    let places = case.places();
    let all: Vec<usize> = places.values().flatten().copied().collect();
    let drives = !case.model.stimuli().is_empty();
    let clamps = !case.model.clamps().is_empty();
    let gradient = case.adjoint(&Wanted {
        values: all.clone(),
        stimuli: drives,
        clamps,
    });
    let mut kinds: Vec<Kind> = places
        .into_iter()
        .map(|(quantity, places)| Kind {
            name: case.model.quantity_name(quantity),
            sizes: places
                .iter()
                .map(|&p| case.inputs.values[p].abs())
                .collect(),
            adjoint: places
                .iter()
                .map(|p| gradient.values[all.iter().position(|a| a == p).expect("wanted")])
                .collect(),
            directions: places.into_iter().map(Direction::value).collect(),
        })
        .collect();
    let steps = case.inputs.steps;
    let mut drive =
        |name: &str, count: usize, adjoint: &[f64], along: &dyn Fn(usize, usize) -> Direction| {
            let samples: Vec<(usize, usize)> = (0..count)
                .flat_map(|index| (0..steps).step_by(stride).map(move |n| (index, n)))
                .collect();
            kinds.push(Kind {
                name: name.to_owned(),
                directions: samples.iter().map(|&(i, n)| along(i, n)).collect(),
                sizes: vec![1.0; samples.len()],
                adjoint: samples
                    .iter()
                    .map(|&(i, n)| adjoint[i * steps + n])
                    .collect(),
            });
        };
    if let Some(adjoint) = gradient.stimuli.as_ref().filter(|_| drives) {
        drive(
            "stimulus",
            case.model.stimuli().len(),
            adjoint,
            &Direction::stimulus,
        );
    }
    if let Some(adjoint) = gradient.clamps.as_ref().filter(|_| clamps) {
        drive(
            "command",
            case.model.clamps().len(),
            adjoint,
            &Direction::command,
        );
    }
    kinds
}

/// Compares every kind of a case both ways, and prints what was found.
fn check(case: &Case, title: &str) {
    let distance = case.distance();
    println!("{title}: recordings differ from the reference's by {distance:.1e}");
    assert!(distance < 1e-9, "{title}: {distance:e}");
    for kind in kinds(case, 20) {
        let exact: Vec<f64> = kind
            .directions
            .iter()
            .map(|d| case.complex_step(d))
            .collect();
        let to_exact = relative_distance(&kind.adjoint, &exact);
        let to_differences = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6]
            .into_iter()
            .map(|h| {
                let step = |i: usize| {
                    h * if kind.sizes[i] > 0.0 {
                        kind.sizes[i]
                    } else {
                        1.0
                    }
                };
                relative_distance(&kind.adjoint, &case.differences(&kind.directions, step))
            })
            .fold(f64::INFINITY, f64::min);
        println!(
            "  {:20} {:4} numbers: {to_exact:.1e} from the complex step, {to_differences:.1e} from differences",
            kind.name,
            kind.adjoint.len()
        );
        // a reversal potential that follows from concentrations is not what was set
        let follows = kind.name == "eca" && case.shares_concentrations();
        assert!(
            exact.iter().any(|d| *d != 0.0) != follows,
            "{title}: nothing depends on {}",
            kind.name
        );
        assert!(
            to_exact <= AGAINST_COMPLEX_STEP,
            "{title}: {} is {to_exact:e} from the complex step",
            kind.name
        );
        assert!(
            to_differences <= AGAINST_DIFFERENCES,
            "{title}: {} is {to_differences:e} from differences",
            kind.name
        );
    }
}

fn check_conventions(model: &Model, convention: Convention, title: &str) {
    for scheme in SCHEMES {
        let case = Case::new(model, scheme, convention, STEPS, 1);
        check(&case, &format!("{title}, {scheme:?}, {convention:?}"));
    }
}

fn spikes(model: &Model) -> usize {
    let case = Case::new(model, Scheme::BackwardEuler, Convention::Native, STEPS, 1);
    let voltage = &case.reference(&Direction::default())[0];
    let above = voltage.windows(2);
    above
        .filter(|pair| pair[0].re < 0.0 && pair[1].re >= 0.0)
        .count()
}

#[test]
fn a_firing_cell_natively() {
    let model = firing();
    assert!(spikes(&model) >= 2, "{} spikes", spikes(&model));
    check_conventions(&model, Convention::Native, "steady start");
}

#[test]
fn a_firing_cell_as_neuron_does_it() {
    check_conventions(&firing(), Convention::Neuron, "steady start");
}

#[test]
fn a_firing_cell_as_jaxley_does_it() {
    check_conventions(&firing(), Convention::Jaxley, "steady start");
}

/// States that are given instead, and electrodes that clamp through a resistance, for a while.
#[test]
fn given_states_and_clamps() {
    let mut model = firing();
    for (seed, (name, value)) in [("hh.m", 0.06), ("hh.h", 0.6), ("hh.n", 0.3)]
        .into_iter()
        .enumerate()
    {
        vary(&mut model, name, value, seed as f64);
    }
    let held = |start, duration| Window { start, duration };
    model
        .branch(2)
        .compartment(0)
        .clamp(Waveform::ramp(2.0, 8.0, 30.0), Some(25.0), held(3.0, 6.0))
        .expect("clamped");
    model
        .branch(4)
        .clamp(
            Waveform::sine(0.0, 20.0, -65.0, 20.0),
            Some(50.0),
            Window::ALWAYS,
        )
        .expect("clamped");
    model.branch(4).record("i_clamp").expect("recorded");
    model
        .branch(2)
        .compartment(0)
        .record("i_clamp")
        .expect("recorded");
    for convention in [Convention::Native, Convention::Jaxley] {
        check_conventions(&model, convention, "given states, clamps");
    }
}

/// An ideal clamp: its command moves the rest of the cell and the current that it needs.
#[test]
fn an_ideal_clamp() {
    for convention in [Convention::Native, Convention::Jaxley] {
        check_conventions(&ideally_clamped(), convention, "ideal clamp");
    }
}

/// Concentrations that several mechanisms read and write, in steps that take Newton's method.
#[test]
fn calcium_that_is_shared() {
    let model = calcium();
    for (scheme, convention) in [
        (Scheme::BackwardEuler, Convention::Native),
        (Scheme::CrankNicolson, Convention::Neuron),
        (Scheme::BackwardEuler, Convention::Jaxley),
    ] {
        let case = Case::new(&model, scheme, convention, (0.05, 200), 1);
        check(&case, &format!("calcium, {scheme:?}, {convention:?}"));
    }
}

/// Concentrations that diffuse: volumes, conductivities, lengths and what flows matter to neighbours.
#[test]
fn calcium_that_diffuses() {
    let model = diffusing();
    for (scheme, convention) in [
        (Scheme::BackwardEuler, Convention::Native),
        (Scheme::CrankNicolson, Convention::Neuron),
        (Scheme::BackwardEuler, Convention::Jaxley),
    ] {
        let case = Case::new(&model, scheme, convention, (0.05, 200), 1);
        check(&case, &format!("diffusion, {scheme:?}, {convention:?}"));
    }
}

/// Diffusion along the cable, in one equation with pumps: volumes, half resistances and constants matter
/// to all compartments around.
#[test]
fn calcium_that_diffuses_along_the_cable() {
    let model = diffusing_along();
    for (scheme, convention) in [
        (Scheme::BackwardEuler, Convention::Jaxley),
        (Scheme::CrankNicolson, Convention::Jaxley),
        (Scheme::BackwardEuler, Convention::Native),
        (Scheme::CrankNicolson, Convention::Neuron),
    ] {
        let case = Case::new(&model, scheme, convention, (0.05, 200), 1);
        check(&case, &format!("along, {scheme:?}, {convention:?}"));
    }
}

/// A thinned recording only has the samples that are kept.
#[test]
fn thinned_recordings() {
    let model = firing();
    for convention in [Convention::Native, Convention::Jaxley] {
        for (scheme, every) in [(Scheme::BackwardEuler, 7), (Scheme::CrankNicolson, 300)] {
            let case = Case::new(&model, scheme, convention, STEPS, every);
            assert!(case.distance() < 1e-9);
            let places = case.places();
            let quantity = Quantity::InitialVoltage;
            let wanted = Wanted {
                values: places[&quantity].clone(),
                ..Default::default()
            };
            let exact: Vec<f64> = wanted
                .values
                .iter()
                .map(|p| case.complex_step(&Direction::value(*p)))
                .collect();
            let error = relative_distance(&case.adjoint(&wanted).values, &exact);
            println!("every {every}, {convention:?}: {error:.1e}");
            assert!(error <= AGAINST_COMPLEX_STEP, "every {every}: {error:e}");
        }
    }
}
