//! Cable theory: steady states and transients of passive cables against their analytic solutions,
//! and the orders of the schemes in space and time.

mod support;

use std::f64::consts::PI;

use loligo_engine::Scheme;
use loligo_model::{Model, Sharing, Waveform};

use support::models::{branched, builtin, on, recordings, vary};

/// A passive cable: length and radius in µm.
#[derive(Clone, Copy)]
struct Cable {
    length: f64,
    radius: f64,
}

/// Ω·cm.
const AXIAL_RESISTIVITY: f64 = 100.0;
/// S/cm²; a specific resistance of 40,000 Ω·cm².
const LEAK: f64 = 1.0 / 40_000.0;
/// mV.
const REST: f64 = -65.0;

impl Cable {
    /// λ = √(r·Rm/2Ra), µm; lengths are in µm and specific resistances in Ω·cm², Ω·cm.
    fn length_constant(self) -> f64 {
        1e4 * (self.radius * 1e-4 / (2.0 * AXIAL_RESISTIVITY * LEAK)).sqrt()
    }

    /// Input conductance of the cable without end, µS: π·r²/(Ra·λ).
    fn conductance(self) -> f64 {
        let (radius, lambda) = (self.radius * 1e-4, self.length_constant() * 1e-4);
        1e6 * PI * radius * radius / (AXIAL_RESISTIVITY * lambda)
    }

    fn electrotonic_length(self) -> f64 {
        self.length / self.length_constant()
    }

    fn model(self, compartments: usize) -> Model {
        Model::cylinder(self.length, self.radius, compartments).expect("a cable")
    }
}

/// Makes a model passive and at rest.
fn passive(mut model: Model) -> Model {
    let mut everywhere = model.everywhere();
    everywhere.insert(builtin("pas")).expect("inserted");
    for (name, value) in [
        ("pas.g", LEAK),
        ("pas.e", REST),
        ("v", REST),
        ("axial_resistivity", AXIAL_RESISTIVITY),
        ("capacitance", 1.0),
    ] {
        everywhere.set(name, value).expect("set");
    }
    model
}

/// The voltages that steady currents lead to, above rest: backward Euler with steps as long as 25
/// membrane time constants gets there at once (each step leaves 1/26 of what is missing).
fn steady(model: &Model) -> Vec<f64> {
    let recordings = recordings(model, Scheme::BackwardEuler, 1000.0, 30);
    (0..recordings.recordings)
        .map(|row| recordings.trace(0, row)[30] - REST)
        .collect()
}

/// The order with which errors fall when the number of parts doubles.
fn orders(errors: &[f64]) -> Vec<f64> {
    errors
        .windows(2)
        .map(|pair| (pair[0] / pair[1]).log2())
        .collect()
}

#[track_caller]
fn assert_order(what: &str, errors: &[f64], order: f64) {
    let found = orders(errors);
    let printed: Vec<String> = errors.iter().map(|e| format!("{e:.2e}")).collect();
    println!(
        "{what}: errors {} mV, orders {found:.3?}",
        printed.join(", ")
    );
    // the next term of the error is smaller by another order or two: with the coarsest steps it is
    // a few per cent, with the finest well below one
    let last = found.last().expect("two errors");
    assert!((last - order).abs() < 0.05, "{what}: {found:?}");
}

/// V(x) = I·cosh((l − x)/λ)/(g∞·sinh(l/λ)) for a current at the end x = 0 of a sealed cable (Rall
/// 1977, eq. 3.16). The finite volumes' voltages are those of the compartments' centres.
#[test]
fn a_sealed_cable_in_steady_state() {
    let cable = Cable {
        length: 1000.0,
        radius: 0.5,
    };
    let errors: Vec<f64> = [10, 20, 40, 80, 160]
        .into_iter()
        .map(|count| {
            let mut model = passive(cable.model(count));
            // the current enters at the centre of the first compartment
            model
                .compartment(0)
                .stimulate(Waveform::step(0.0, f64::INFINITY, 0.1))
                .expect("stimulated");
            model.everywhere().record("v").expect("recorded");
            let (lambda, total) = (cable.length_constant(), cable.electrotonic_length());
            let scale = 0.1 / (cable.conductance() * total.sinh());
            // for a current at x₀ and x ≥ x₀: cosh(x₀/λ)·cosh((l − x)/λ)
            let entry = 0.5 * cable.length / count as f64;
            let exact = |n: usize| {
                let x = (n as f64 + 0.5) * cable.length / count as f64;
                scale * (entry / lambda).cosh() * ((cable.length - x) / lambda).cosh()
            };
            let found = steady(&model).into_iter().enumerate();
            found.map(|(n, v)| (v - exact(n)).abs()).fold(0.0, f64::max)
        })
        .collect();
    assert_order("a sealed cable", &errors, 2.0);
}

/// The radii of a tree that obeys Rall's law: at every fork two equal children with 2·r^(3/2) =
/// R^(3/2), all of the same electrotonic length, so that the tree is one equivalent cable (Rall
/// 1959). Levels 0 … `forks`.
fn rall_levels(forks: u32, root: Cable) -> Vec<Cable> {
    let electrotonic = root.electrotonic_length();
    (0..=forks)
        .map(|level| {
            let radius = root.radius * 2f64.powf(-2.0 / 3.0 * f64::from(level));
            let same = Cable {
                length: 0.0,
                radius,
            };
            Cable {
                length: electrotonic * same.length_constant(),
                radius,
            }
        })
        .collect()
}

/// A binary tree of these levels, branches of `count` compartments, breadth first.
fn binary_tree(levels: &[Cable], count: usize) -> Model {
    let (mut branches, mut parents) = (Vec::new(), Vec::new());
    for (level, cable) in levels.iter().enumerate() {
        for _ in 0..1usize << level {
            let index: usize = branches.len();
            branches.push(cable.model(count));
            parents.push((index > 0).then(|| on((index - 1) / 2, 1.0)).flatten());
        }
    }
    Model::tree(&branches, &parents).expect("a tree")
}

#[test]
fn a_tree_that_obeys_ralls_law_in_steady_state() {
    let root = Cable {
        length: 160.0,
        radius: 4.0,
    };
    let levels = rall_levels(4, root);
    let forks = levels.len();
    // the equivalent cable has the root's radius
    let (total, step) = (
        forks as f64 * root.electrotonic_length(),
        root.electrotonic_length(),
    );
    let errors: Vec<f64> = [2, 4, 8, 16]
        .into_iter()
        .map(|count| {
            let mut model = passive(binary_tree(&levels, count));
            let root_entry =
                model
                    .branch(0)
                    .compartment(0)
                    .stimulate(Waveform::step(0.0, f64::INFINITY, 1.0));
            root_entry.expect("stimulated");
            let mut places = Vec::new();
            for level in 0..forks {
                // the last branch of each level
                let branch = (2 << level) - 2;
                for compartment in 0..count {
                    model
                        .branch(branch)
                        .compartment(compartment)
                        .record("v")
                        .expect("recorded");
                    let along = (compartment as f64 + 0.5) / count as f64;
                    places.push((level as f64 + along) * step);
                }
            }
            let entry = 0.5 * step / count as f64;
            let scale = 1.0 / (root.conductance() * total.sinh());
            let found = steady(&model).into_iter().zip(&places);
            let error = |(v, x): (f64, &f64)| (v - scale * entry.cosh() * (total - x).cosh()).abs();
            found.map(error).fold(0.0, f64::max)
        })
        .collect();
    assert_order("a tree that obeys Rall's law", &errors, 2.0);
}

/// A cell that fires, with the time step halved: against the finest run, the error of backward
/// Euler falls with the first power of the step, that of Crank–Nicolson with the second.
#[test]
fn orders_in_time() {
    let mut model = branched();
    model.everywhere().insert(builtin("hh")).expect("inserted");
    vary(&mut model, "hh.gnabar", 0.12, 1.0);
    // a current without jumps, and gates that start half a step ahead or not: those of a cell at
    // rest do not move at first
    model
        .branch(0)
        .compartment(0)
        .stimulate(Waveform::sine(0.0, 100.0, 1.0, 50.0))
        .expect("stimulated");
    for branch in [0, 1, 5] {
        model
            .branch(branch)
            .compartment(0)
            .record("v")
            .expect("recorded");
    }
    let end = 10.0;
    let at = |scheme, steps: usize| -> Vec<f64> {
        let recordings = recordings(&model, scheme, end / steps as f64, steps);
        // every 0.5 ms
        let every = steps / 20;
        let rows = 0..recordings.recordings;
        rows.flat_map(|row| recordings.trace(0, row).into_iter().step_by(every))
            .collect()
    };
    let finest = at(Scheme::CrankNicolson, 102_400);
    for (scheme, order) in [(Scheme::BackwardEuler, 1.0), (Scheme::CrankNicolson, 2.0)] {
        let errors: Vec<f64> = [800, 1600, 3200, 6400]
            .into_iter()
            .map(|steps| {
                let found = at(scheme, steps);
                let apart = found.iter().zip(&finest).map(|(a, b)| (a - b).abs());
                apart.fold(0.0, f64::max)
            })
            .collect();
        assert_order(
            &format!("{scheme:?}, steps of 12.5 µs and less"),
            &errors,
            order,
        );
    }
}

/// The voltage above rest of a sealed cable with a current from t = 0 at x = 0 (Rall 1969): with
/// T = t/τ, X = x/λ, L = l/λ,
/// V = I/(g∞·L)·[1 − e^(−T) + 2Σ cos(nπX/L)·(1 − e^(−(1 + (nπ/L)²)T))/(1 + (nπ/L)²)].
fn transient(cable: Cable, current: f64, x: f64, t: f64) -> f64 {
    let (l, tau) = (cable.electrotonic_length(), 1e-3 / LEAK);
    let x = x / cable.length_constant();
    // the steady state in closed form, so that what is summed falls off quickly
    let steady = (l - x).cosh() / l.sinh();
    let decay = |n: f64| {
        let rate = 1.0 + (n * PI / l).powi(2);
        (n * PI * x / l).cos() * (-rate * t / tau).exp() / rate
    };
    let transient: f64 = (1..2000).map(|n| decay(f64::from(n))).sum();
    current / cable.conductance() * (steady - ((-t / tau).exp() + 2.0 * transient) / l)
}

/// How far a recorded trace is from the analytic one: root mean square, relative to the range.
fn distance(trace: &[f64], dt: f64, range: f64, exact: impl Fn(f64) -> f64) -> f64 {
    let difference = |(n, v): (usize, &f64)| v - REST - exact(n as f64 * dt);
    let squares = trace.iter().enumerate().map(|at| difference(at).powi(2));
    (squares.sum::<f64>() / trace.len() as f64).sqrt() / range
}

/// Runs a Rallpack, in which 0.1 nA for 250 ms go into the root of a passive model that is
/// electrically one cable, and compares voltages at both of its ends with the analytic ones.
///
/// What is recorded is the centre of a compartment, so that at the end with the electrode half a
/// compartment's resistance (MΩ) is missing. Time adds Δt/2τ·T·e^(−T) of the range for the slowest
/// mode of backward Euler, at most Δt/2τe; Crank–Nicolson (Δt/τ)², space (Δx/λ)², both below 1e-4.
fn rallpack(title: &str, mut model: Model, ends: [usize; 2], cable: Cable, half_resistance: f64) {
    let (dt, steps, current, tau) = (0.05, 5000, 0.1, 1e-3 / LEAK);
    let root = &mut model.branch(0).compartment(0);
    root.stimulate(Waveform::step(0.0, 250.0, current))
        .expect("stimulated");
    for end in ends {
        let there = model
            .selection_of(end, Sharing::Shared)
            .expect("a compartment");
        model.record("v", &there).expect("recorded");
    }
    for (scheme, in_time) in [
        (Scheme::BackwardEuler, dt / (2.0 * tau) / 1f64.exp()),
        (Scheme::CrankNicolson, 0.0),
    ] {
        let recordings = recordings(&model, scheme, dt, steps);
        for (row, (x, missing)) in [(0.0, half_resistance), (cable.length, 0.0)]
            .into_iter()
            .enumerate()
        {
            let range = transient(cable, current, x, dt * steps as f64);
            let exact = |t| transient(cable, current, x, t);
            let error = distance(&recordings.trace(0, row), dt, range, exact);
            let bound = current * missing / range + in_time + 1e-4;
            println!(
                "{title}, {scheme:?}, x = {x:.0} µm: {error:.2e} of the range (bound {bound:.2e})"
            );
            assert!(error < bound, "{title}, {scheme:?}, {x} µm: {error:e}");
        }
    }
}

/// Of half a compartment, MΩ.
fn half_resistance(cable: Cable, compartments: usize) -> f64 {
    let half = 0.5 * cable.length / compartments as f64 * 1e-4;
    1e-6 * AXIAL_RESISTIVITY * half / (PI * (cable.radius * 1e-4).powi(2))
}

/// Rallpack 1 (Bhalla, Bilitch and Bower 1992, Trends Neurosci 15:453): a cable of 1 mm and 1 µm
/// diameter, Ra 1 Ω·m, Rm 4 Ω·m², Cm 0.01 F/m², 0.1 nA at one end for 250 ms in 50 µs steps; 1,000
/// compartments.
#[test]
fn rallpack_1() {
    let cable = Cable {
        length: 1000.0,
        radius: 0.5,
    };
    let model = passive(cable.model(1000));
    rallpack(
        "Rallpack 1",
        model,
        [0, 999],
        cable,
        half_resistance(cable, 1000),
    );
}

/// Rallpack 2: a binary tree of depth 10 that obeys Rall's law, 1,023 cylinders of one compartment,
/// each 0.008 λ long, from 16 µm diameter down; the rest as in Rallpack 1.
#[test]
fn rallpack_2() {
    let thickest = Cable {
        length: 0.0,
        radius: 8.0,
    };
    let root = Cable {
        length: 0.008 * thickest.length_constant(),
        ..thickest
    };
    let model = passive(binary_tree(&rall_levels(9, root), 1));
    let equivalent = Cable {
        length: 10.0 * root.length,
        ..root
    };
    rallpack(
        "Rallpack 2",
        model,
        [0, 1022],
        equivalent,
        half_resistance(root, 1),
    );
}
