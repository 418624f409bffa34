//! Gradients and Hessian products of random models: random trees and networks, any mixture of the
//! built-in channels, random numbers, electrodes, schemes and conventions.
//!
//! For each kind of number one random direction is tried: along it the adjoint must give the
//! derivative that the complex step gives, which is a sum over all samples of all recordings, to
//! 1e-10 of the sum of the sizes of its terms (random cells make terms that cancel each other; why
//! 1e-10: see gradients.rs). Recordings agree to 1e-7: what rounding leaves (1e-12) grows as much
//! as 1e5-fold in a cell that is about to fire.

mod support;

use std::cell::Cell;
use std::f64::consts::PI;

use loligo_engine::{Convention, Scheme, Wanted};
use loligo_model::{Model, Waveform, Window};
use proptest::prelude::*;

use support::directions::{along, dot, everything, moved, slopes_along};
use support::gradient::{Case, Direction};
use support::hyper::Hyper;
use support::models::{builtin, on, one_thread, vary};
use support::samples::by_time;

/// What branches may have, in any combination.
const CHANNELS: [&str; 8] = [
    "hh",
    "pas",
    "pospischil_cal",
    "pospischil_cat",
    "pospischil_k",
    "pospischil_km",
    "pospischil_leak",
    "pospischil_na",
];

#[derive(Clone, Debug)]
struct Branch {
    length: f64,
    radius: f64,
    compartments: usize,
    /// Picks one of the branches before.
    parent: prop::sample::Index,
    at: f64,
    /// One bit for each of [`CHANNELS`].
    channels: u8,
}

#[derive(Clone, Debug)]
enum Electrode {
    None,
    Patch { resistance: f64 },
    Ideal,
}

#[derive(Clone, Debug)]
struct Plan {
    branches: Vec<Branch>,
    /// How many copies of the cell there are.
    copies: usize,
    seed: f64,
    celsius: f64,
    electrode: Electrode,
    /// Whether some states are given instead of steady.
    given: bool,
    scheme: Scheme,
    convention: Convention,
    every: usize,
}

fn branch() -> impl Strategy<Value = Branch> {
    (
        20.0..150.0,
        0.4..4.0,
        1usize..4,
        any::<prop::sample::Index>(),
        prop::sample::select(vec![0.0, 0.3, 0.5, 0.8, 1.0]),
        any::<u8>(),
    )
        .prop_map(
            |(length, radius, compartments, parent, at, channels)| Branch {
                length,
                radius,
                compartments,
                parent,
                at,
                channels,
            },
        )
}

fn plan() -> impl Strategy<Value = Plan> {
    let electrode = prop_oneof![
        2 => Just(Electrode::None),
        2 => (10.0..100.0).prop_map(|resistance| Electrode::Patch { resistance }),
        1 => Just(Electrode::Ideal),
    ];
    let schemes = prop::sample::select(vec![Scheme::BackwardEuler, Scheme::CrankNicolson]);
    let conventions = prop::sample::select(vec![
        Convention::Native,
        Convention::Neuron,
        Convention::Jaxley,
    ]);
    (
        prop::collection::vec(branch(), 1..6),
        1usize..3,
        0.0..100.0,
        5.0..25.0,
        electrode,
        any::<bool>(),
        schemes,
        conventions,
        1usize..4,
    )
        .prop_map(
            |(branches, copies, seed, celsius, electrode, given, scheme, convention, every)| Plan {
                branches,
                copies,
                seed,
                celsius,
                electrode,
                given,
                scheme,
                convention,
                every,
            },
        )
}

impl Branch {
    /// The membrane of one compartment (µm²).
    fn compartment_area(&self) -> f64 {
        2.0 * PI * self.radius * self.length / self.compartments as f64
    }
}

/// What the electrode injects for each µm² of the compartment that it is in (nA/µm²): 50 µA/cm²,
/// several times what makes squid axon fire. A cell without a leak charges by 200 mV in 4 ms; with
/// one amplitude for all sizes the smallest charged by 3 V, where exp(v/5 mV) overflows.
const STIMULUS: f64 = 5e-4;

impl Plan {
    fn model(&self) -> Model {
        let parts: Vec<Model> = self
            .branches
            .iter()
            .map(|branch| {
                let part = Model::cylinder(branch.length, branch.radius, branch.compartments);
                let mut part = part.expect("a branch");
                for (bit, name) in CHANNELS.into_iter().enumerate() {
                    if branch.channels >> bit & 1 == 1 {
                        part.everywhere().insert(builtin(name)).expect("inserted");
                    }
                }
                part
            })
            .collect();
        let parents: Vec<_> = self
            .branches
            .iter()
            .enumerate()
            .map(|(index, branch)| match index {
                0 => None,
                _ => on(branch.parent.index(index), branch.at),
            })
            .collect();
        let cell = Model::tree(&parts, &parents).expect("a tree");
        let mut model = Model::network(&vec![cell; self.copies]).expect("a network");
        self.set_numbers(&mut model);
        self.place_electrodes(&mut model);
        model.everywhere().record("v").expect("recorded");
        let root = &mut model.cell(0).branch(0);
        root.record("i_membrane").expect("recorded");
        self.record_channels(&mut model);
        model
    }

    /// Every number that may differ from compartment to compartment does.
    fn set_numbers(&self, model: &mut Model) {
        model.set_celsius(self.celsius).expect("set");
        let quantities: Vec<_> = model.values().quantities().collect();
        for (index, quantity) in quantities.into_iter().enumerate() {
            let name = model.quantity_name(quantity);
            let column = model.values().column(quantity).expect("a column");
            let value = column.iter().flatten().next().copied();
            vary(
                model,
                &name,
                value.expect("a number"),
                self.seed + index as f64,
            );
        }
        if !self.given {
            return;
        }
        let states: Vec<String> = model
            .insertions()
            .iter()
            .filter_map(|i| {
                Some(format!(
                    "{}.{}",
                    i.mechanism.name,
                    i.mechanism.states.last()?.name
                ))
            })
            .collect();
        for state in states {
            vary(model, &state, 0.3, self.seed);
        }
    }

    fn place_electrodes(&self, model: &mut Model) {
        let amplitude = STIMULUS * self.branches[0].compartment_area();
        model
            .branch(0)
            .compartment(0)
            .stimulate(Waveform::step(0.4, 4.0, amplitude))
            .expect("stimulated");
        let last = model
            .cell(0)
            .branch(self.branches.len() - 1)
            .selection()
            .expect("a branch");
        let window = Window {
            start: 1.0,
            duration: 3.0,
        };
        let target = Waveform::ramp(1.0, 3.0, -30.0);
        let last = model
            .view(&last)
            .compartment(0)
            .selection()
            .expect("a compartment");
        match self.electrode {
            Electrode::None => return,
            Electrode::Patch { resistance } => model.clamp(target, Some(resistance), window, &last),
            Electrode::Ideal => model.clamp(target, None, window, &last),
        }
        .expect("clamped");
        model.record("i_clamp", &last).expect("recorded");
    }

    /// The first state and the first current of every channel, once.
    fn record_channels(&self, model: &mut Model) {
        let names: Vec<(String, String)> = model
            .insertions()
            .iter()
            .flat_map(|insertion| {
                let mechanism = &insertion.mechanism;
                let state = mechanism.states.first().map(|s| &s.name);
                let current = mechanism.currents.first().map(|c| &c.name);
                let recorded = state.into_iter().chain(current);
                recorded
                    .map(|own| (mechanism.name.clone(), format!("{}.{own}", mechanism.name)))
                    .collect::<Vec<_>>()
            })
            .collect();
        for (mechanism, what) in names {
            let there = model.select().with_mechanism(&mechanism).selection();
            let there = there.expect("it is somewhere");
            model.record(&what, &there).expect("recorded");
        }
    }
}

thread_local! {
    static LARGEST: Cell<(f64, f64)> = const { Cell::new((0.0, 0.0)) };
}

fn check(plan: &Plan) -> Result<(), TestCaseError> {
    let model = plan.model();
    let case = Case::new(
        &model,
        plan.scheme,
        plan.convention,
        (0.05, 100),
        plan.every,
    );
    let distance = case.distance();
    prop_assert!(distance < 1e-7, "recordings differ by {distance:e}");
    let places = case.places();
    let all: Vec<usize> = places.values().flatten().copied().collect();
    let gradient = case.adjoint(&Wanted {
        values: all.clone(),
        stimuli: true,
        clamps: !model.clamps().is_empty(),
    });
    let mut kinds: Vec<(String, Direction, Vec<f64>)> = Vec::new();
    let coefficient = |i: usize| (0.9 * i as f64 + plan.seed).sin();
    for (quantity, places) in places {
        let moves = places.iter().map(|p| (*p, coefficient(*p)));
        let derivatives = places
            .iter()
            .map(|p| gradient.values[all.iter().position(|a| a == p).expect("wanted")]);
        let direction = Direction {
            values: moves.collect(),
            ..Default::default()
        };
        kinds.push((
            model.quantity_name(quantity),
            direction,
            derivatives.collect(),
        ));
    }
    let samples = |count: usize| -> Vec<((usize, usize), f64)> {
        (0..count)
            .flat_map(|index| (0..case.inputs.steps).map(move |n| (index, n)))
            .map(|(index, n)| ((index, n), coefficient(index + n)))
            .collect()
    };
    if let Some(stimuli) = &gradient.stimuli {
        let direction = Direction {
            stimuli: samples(model.stimuli().len()).into_iter().collect(),
            ..Default::default()
        };
        kinds.push(("stimulus".into(), direction, stimuli.clone()));
    }
    if let Some(clamps) = &gradient.clamps {
        let direction = Direction {
            commands: samples(model.clamps().len()).into_iter().collect(),
            ..Default::default()
        };
        kinds.push(("command".into(), direction, clamps.clone()));
    }
    for (name, direction, derivatives) in kinds {
        let moves: Vec<f64> = (direction.values.values())
            .chain(direction.stimuli.values())
            .chain(direction.commands.values())
            .copied()
            .collect();
        let along: f64 = derivatives.iter().zip(&moves).map(|(g, d)| g * d).sum();
        let terms = case.complex_step_terms(&direction);
        let exact: f64 = terms.iter().sum();
        let size: f64 = terms.iter().map(|t| t.abs()).sum();
        let error = (along - exact).abs() / size.max(f64::MIN_POSITIVE);
        LARGEST.set({
            let (worst, apart) = LARGEST.get();
            (worst.max(error), apart.max(distance))
        });
        prop_assert!(error <= 1e-10, "{name}: {along} {exact}: {error:e}");
    }
    Ok(())
}

/// The voltage (mV) beyond which a cell without a leak has run away from its stimulus. There a rate
/// is exp(v/20 mV) and z = dt/τ so large that φ₁′ = φ₁ − φ₂ cancels: φ₁″·z′² has an error of ε·z
/// beside terms of 1/z, in the engine and in what it is held to. Up to here z < 5.
const RUN_AWAY: f64 = 200.0;

/// Along one random direction of everything, the product with another.
fn check_product(plan: &Plan) -> Result<(), TestCaseError> {
    let model = plan.model();
    let times = (0.05, 100);
    let case = Case::new(&model, plan.scheme, plan.convention, times, plan.every);
    // voltages are recorded before all else
    let rows = case.rows(|value, _| value);
    let voltages = rows[..model.select().selection().expect("all").len()]
        .iter()
        .flatten();
    let largest = voltages.fold(0.0f64, |largest, v| largest.max(v.abs()));
    prop_assume!(largest < RUN_AWAY);
    let wanted = everything(&case);
    let [first, second] = [1.0, 2.0].map(|seed| along(&case, &wanted, plan.seed + seed));
    let trace = case
        .program
        .trace_tangent::<f64>(&case.inputs, &first, 1 << 30, &one_thread())
        .expect("a trace");
    prop_assert!(trace.diverged().is_empty());
    let still = vec![0.0; case.cotangents.len()];
    let (_, product) = trace
        .pull_back(
            &by_time(&case.cotangents, trace.recordings()),
            &still,
            &wanted,
        )
        .expect("a product");
    let (slopes, moves) = slopes_along(&wanted, &product, &second);
    let (found, _) = dot(&slopes, &moves);
    let [first, second] = [first, second].map(|direction| moved(&case, &direction));
    let rows = case.rows(|value, along| Hyper::moved(value, along(&first), along(&second)));
    let terms = rows.iter().flatten().zip(&case.cotangents);
    let terms: Vec<f64> = terms.map(|(r, c)| c * r.tangent.slope()).collect();
    let exact: f64 = terms.iter().sum();
    let size: f64 = terms.iter().map(|t| t.abs()).sum();
    let error = (found - exact).abs() / size.max(f64::MIN_POSITIVE);
    LARGEST.set({
        let (worst, apart) = LARGEST.get();
        (worst.max(error), apart)
    });
    prop_assert!(error <= 1e-9, "{found} {exact}: {error:e}");
    Ok(())
}

fn on_random_models(cases: u32, check: fn(&Plan) -> Result<(), TestCaseError>) {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    if let Err(error) = runner.run(&plan(), |plan| check(&plan)) {
        panic!("{error}");
    }
}

#[test]
fn the_adjoint_is_the_complex_step_on_random_models() {
    on_random_models(60, check);
    let (error, distance) = LARGEST.get();
    println!("60 random models: gradients within {error:.1e}, recordings within {distance:.1e}");
}

/// To 1e-9 of the sum of the sizes of the terms: see hessian.rs.
#[test]
fn products_are_second_derivatives_on_random_models() {
    on_random_models(60, check_product);
    println!("60 random models: products within {:.1e}", LARGEST.get().0);
}
