//! Gradients three ways: the engine's adjoint, the reference's complex step, differences of the
//! engine's runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use loligo_engine::{Convention, Drive, Gradient, Inputs, LaneValues, Program, Scheme, Wanted};
use loligo_model::{Model, Quantity, Recorded};

use super::complex::{Complex, Number, STEP};
use super::models::{lowered, one_thread};
use super::reference::{Choices, Experiment, Reference};
use super::samples::{by_lane, by_time};

/// The choices that a scheme and a convention stand for.
pub fn choices(scheme: Scheme, convention: Convention) -> Choices {
    Choices {
        crank_nicolson: scheme == Scheme::CrankNicolson,
        updates_at_once: convention == Convention::Jaxley,
        secant: convention != Convention::Native,
        as_written: convention == Convention::Neuron,
        states_lead: convention != Convention::Jaxley,
    }
}

/// A model with a loss that is linear in its recordings.
pub struct Case<'m> {
    pub model: &'m Model,
    pub program: Arc<Program>,
    pub inputs: Arc<Inputs>,
    /// `[recording][sample]`
    pub cotangents: Vec<f64>,
    reference: Reference<'m>,
}

/// A direction in the space of all that enters a run.
#[derive(Clone, Debug, Default)]
pub struct Direction {
    /// Places of values, and how far each moves.
    pub values: BTreeMap<usize, f64>,
    /// `(stimulus, step)`
    pub stimuli: BTreeMap<(usize, usize), f64>,
    /// `(clamp, step)`
    pub commands: BTreeMap<(usize, usize), f64>,
}

impl Direction {
    /// Along one value.
    pub fn value(place: usize) -> Self {
        Direction {
            values: BTreeMap::from([(place, 1.0)]),
            ..Default::default()
        }
    }

    /// Along one sample of a stimulus.
    pub fn stimulus(stimulus: usize, step: usize) -> Self {
        Direction {
            stimuli: BTreeMap::from([((stimulus, step), 1.0)]),
            ..Default::default()
        }
    }

    /// Along one sample of a clamp's command.
    pub fn command(clamp: usize, step: usize) -> Self {
        Direction {
            commands: BTreeMap::from([((clamp, step), 1.0)]),
            ..Default::default()
        }
    }
}

impl<'m> Case<'m> {
    pub fn new(
        model: &'m Model,
        scheme: Scheme,
        convention: Convention,
        (dt, steps): (f64, usize),
        record_every: usize,
    ) -> Self {
        let program = lowered(model, scheme, convention);
        let mut inputs = program.inputs(dt, steps);
        inputs.record_every = record_every;
        let samples = inputs.samples();
        let cotangents = model
            .recordings()
            .iter()
            .enumerate()
            .flat_map(|(row, recording)| {
                // each kind in about its own unit
                let scale = match recording.what {
                    Recorded::Voltage => 50.0,
                    _ => 1.0,
                };
                (0..samples).map(move |n| (1.3 * row as f64 + 0.17 * n as f64).cos() / scale)
            })
            .collect();
        Case {
            reference: Reference::new(model, choices(scheme, convention)),
            model,
            program,
            inputs: Arc::new(inputs),
            cotangents,
        }
    }

    /// Whether some mechanism writes a concentration.
    pub fn shares_concentrations(&self) -> bool {
        let mut insertions = self.model.insertions().iter();
        insertions.any(|insertion| !insertion.mechanism.shared.is_empty())
    }

    /// Places of all numbers that the model has, by what they are.
    pub fn places(&self) -> BTreeMap<Quantity, Vec<usize>> {
        let mut places: BTreeMap<Quantity, Vec<usize>> = BTreeMap::new();
        let layout = self.program.layout();
        for (place, value) in self.inputs.values.iter().enumerate() {
            let (quantity, compartment) = layout.at(place).expect("a place");
            let one = quantity != Quantity::Celsius || compartment == 0;
            if !value.is_nan() && one {
                places.entry(quantity).or_default().push(place);
            }
        }
        places
    }

    /// The reference's recordings, moved along a direction: `[recording][sample]`.
    pub fn reference(&self, direction: &Direction) -> Vec<Vec<Complex>> {
        self.rows(|value, along| Complex::moved(value, along(direction)))
    }

    /// The reference's recordings with numbers that are made of a value and of how far that moves
    /// along directions.
    pub fn rows<S: Number>(
        &self,
        number: impl Fn(f64, &dyn Fn(&Direction) -> f64) -> S,
    ) -> Vec<Vec<S>> {
        let (inputs, layout) = (&self.inputs, self.program.layout());
        let values = |quantity, compartment| {
            let place = layout.index(quantity, compartment)?;
            let value = inputs.values[place];
            let along = |d: &Direction| d.values.get(&place).copied().unwrap_or(0.0);
            (!value.is_nan()).then(|| number(value, &along))
        };
        let middle = |step: usize| (step as f64 + 0.5) * inputs.dt;
        let stimuli = |stimulus: usize, step: usize| {
            let waveform = &self.model.stimuli()[stimulus].waveform;
            let at = (stimulus, step);
            let along = |d: &Direction| d.stimuli.get(&at).copied().unwrap_or(0.0);
            number(waveform.at(middle(step), step), &along)
        };
        let commands = |clamp: usize, step: usize| {
            let target = &self.model.clamps()[clamp].target;
            let at = (clamp, step);
            let along = |d: &Direction| d.commands.get(&at).copied().unwrap_or(0.0);
            number(target.at(middle(step), step), &along)
        };
        let experiment = Experiment {
            dt: inputs.dt,
            steps: inputs.steps,
            values: &values,
            stimuli: &stimuli,
            commands: &commands,
        };
        let rows = self.reference.run(&experiment).into_iter();
        rows.map(|row| row.into_iter().step_by(inputs.record_every).collect())
            .collect()
    }

    /// What each sample contributes to the derivative of the loss along a direction, by complex
    /// step.
    pub fn complex_step_terms(&self, direction: &Direction) -> Vec<f64> {
        let rows = self.reference(direction);
        let samples = rows.iter().flatten();
        samples
            .zip(&self.cotangents)
            .map(|(sample, cotangent)| cotangent * sample.slope())
            .collect()
    }

    /// The derivative of the loss along a direction, by complex step.
    pub fn complex_step(&self, direction: &Direction) -> f64 {
        self.complex_step_terms(direction).iter().sum()
    }

    /// The largest distance between the engine's recordings and the reference's.
    pub fn distance(&self) -> f64 {
        let run = self.program.run::<f64>(&self.inputs, &one_thread());
        let run = run.expect("a run");
        assert!(run.diverged.is_empty(), "{:?}", run.diverged);
        let rows = self.reference(&Direction::default());
        let found = by_lane(&run.recordings);
        assert_eq!(found.len(), rows.iter().flatten().count());
        found
            .iter()
            .zip(rows.iter().flatten())
            .map(|(found, expected)| (found - expected.re).abs())
            .fold(0.0, f64::max)
    }

    /// The engine's gradient of the loss.
    pub fn adjoint(&self, wanted: &Wanted) -> Gradient {
        let trace = self
            .program
            .trace::<f64>(&self.inputs, 1 << 30, &one_thread())
            .expect("a trace");
        trace
            .pull_back(&by_time(&self.cotangents, trace.recordings()), wanted)
            .expect("a gradient")
    }

    /// The inputs, moved by `step` of a direction.
    pub fn moved_inputs(&self, direction: &Direction, step: f64) -> Inputs {
        let mut inputs = Inputs::clone(&self.inputs);
        for (place, along) in &direction.values {
            inputs.values[*place] += step * along;
        }
        let (dt, steps) = (inputs.dt, inputs.steps);
        let drive = |waveform: &loligo_model::Waveform, along: &dyn Fn(usize) -> f64| {
            let samples =
                (0..steps).map(|n| waveform.at((n as f64 + 0.5) * dt, n) + step * along(n));
            Drive::Samples(samples.collect())
        };
        for (index, stimulus) in self.model.stimuli().iter().enumerate() {
            let along = |n| direction.stimuli.get(&(index, n)).copied().unwrap_or(0.0);
            inputs.stimuli[index] = drive(&stimulus.waveform, &along);
        }
        for (index, clamp) in self.model.clamps().iter().enumerate() {
            let along = |n| direction.commands.get(&(index, n)).copied().unwrap_or(0.0);
            inputs.clamps[index] = drive(&clamp.target, &along);
        }
        inputs
    }

    /// Central differences of the engine's loss along directions, each moved by `step` of them.
    pub fn differences(&self, directions: &[Direction], step: impl Fn(usize) -> f64) -> Vec<f64> {
        let lanes = 2 * directions.len();
        let moves = |lane: usize| {
            let sign = if lane.is_multiple_of(2) { 1.0 } else { -1.0 };
            sign * step(lane / 2)
        };
        let mut inputs = Inputs::clone(&self.inputs);
        inputs.lanes = lanes;
        let mut indices: Vec<usize> = directions
            .iter()
            .flat_map(|d| d.values.keys().copied())
            .collect();
        indices.sort_unstable();
        indices.dedup();
        let lane_values = (0..lanes).flat_map(|lane| {
            let direction = &directions[lane / 2].values;
            let values = indices.iter().map(move |place| {
                let along = direction.get(place).copied().unwrap_or(0.0);
                self.inputs.values[*place] + moves(lane) * along
            });
            values.collect::<Vec<_>>()
        });
        inputs.lane_values = vec![LaneValues {
            values: lane_values.collect(),
            indices,
        }];
        let (dt, steps) = (inputs.dt, inputs.steps);
        let drive = |waveform: &loligo_model::Waveform, along: &dyn Fn(usize, usize) -> f64| {
            let samples = (0..lanes).flat_map(|lane| {
                (0..steps).map(move |n| {
                    waveform.at((n as f64 + 0.5) * dt, n) + moves(lane) * along(lane / 2, n)
                })
            });
            Drive::LaneSamples(samples.collect())
        };
        for (index, stimulus) in self.model.stimuli().iter().enumerate() {
            let along = |direction: usize, n: usize| {
                let stimuli = &directions[direction].stimuli;
                stimuli.get(&(index, n)).copied().unwrap_or(0.0)
            };
            inputs.stimuli[index] = drive(&stimulus.waveform, &along);
        }
        for (index, clamp) in self.model.clamps().iter().enumerate() {
            let along = |direction: usize, n: usize| {
                let commands = &directions[direction].commands;
                commands.get(&(index, n)).copied().unwrap_or(0.0)
            };
            inputs.clamps[index] = drive(&clamp.target, &along);
        }
        let run = self.program.run::<f64>(&Arc::new(inputs), &one_thread());
        let run = run.expect("a run");
        assert!(run.diverged.is_empty(), "{:?}", run.diverged);
        let (all, count) = (by_lane(&run.recordings), self.cotangents.len());
        (0..directions.len())
            .map(|index| {
                let rows = &all[2 * index * count..2 * (index + 1) * count];
                let (more, less) = rows.split_at(count);
                let change: f64 = (0..count)
                    .map(|i| self.cotangents[i] * (more[i] - less[i]))
                    .sum();
                change / (2.0 * step(index))
            })
            .collect()
    }
}

/// ‖a − b‖/‖b‖, and 0 where both vanish.
pub fn relative_distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    let difference = norm(&mut a.iter().zip(b).map(|(a, b)| a - b));
    match norm(&mut b.iter().copied()) {
        0.0 => difference,
        size => difference / size,
    }
}

// a second-order term of the imaginary step must vanish beside the first
const _: () = assert!(STEP * STEP > f64::MIN_POSITIVE);
