//! Voltages and states that runs hold at given values.

mod support;

use std::sync::Arc;

use loligo_engine::{
    Choices, Convention, Direction, Drive, Inputs, LoweringError, Program, RunError, Wanted,
    lower_holding,
};
use loligo_model::{Model, Recording};

use support::models::{calcium, firing};
use support::quadratic::{difference, execution, loss};

const DT: f64 = 0.025;
const STEPS: usize = 80;

const JAXLEY: Choices = Choices {
    convention: Convention::Jaxley,
    scheme: loligo_engine::Scheme::BackwardEuler,
    spike_times: loligo_engine::SpikeTimes::Grid,
};

/// What is held in two compartments.
fn rows(model: &mut Model, what: &str) -> Vec<Recording> {
    let place = model.branch(1).selection().expect("a branch");
    model.rows_to_record(what, &place).expect("there")
}

fn holding(model: &Model, rows: &[Recording]) -> Arc<Program> {
    Arc::new(lower_holding(model, JAXLEY, rows).expect("lowered"))
}

/// A run that holds what another one did by itself does what that did, to the last bit.
#[test]
fn holding_what_happens_anyway_changes_nothing() {
    for (what, model) in [
        ("v", firing()),
        ("hh.m", firing()),
        ("cai", calcium()),
        ("sk.z", calcium()),
    ] {
        let mut model = model;
        let rows = rows(&mut model, what);
        let first = model.recordings().len();
        model.branch(1).record(what).expect("recorded");
        let all = model.recordings().to_vec();
        let free = holding(&model, &[]);
        let shown = free
            .run::<f64>(&Arc::new(free.inputs(DT, STEPS)), &execution(1))
            .expect("a run")
            .recordings;
        let held = holding(&model, &rows);
        let mut inputs = held.inputs(DT, STEPS);
        let count = inputs.stimuli.len() - rows.len();
        for (index, row) in rows.iter().enumerate() {
            let recorded = all
                .iter()
                .position(|own| own.compartment == row.compartment && own.what == row.what);
            let trace = shown.trace(0, recorded.expect("recorded"));
            inputs.stimuli[count + index] = Drive::Samples(trace[1..].to_vec());
        }
        let again = held
            .run::<f64>(&Arc::new(inputs), &execution(1))
            .expect("a run")
            .recordings;
        assert_eq!(shown.data, again.data, "{what}, {first}");
    }
}

fn held_inputs(program: &Program, model: &Model, rows: usize, around: f64) -> Inputs {
    let mut inputs = program.inputs(DT, STEPS);
    let count = model.stimuli().len();
    for index in 0..rows {
        let value = |step: usize| around * (1.0 + 0.2 * ((step + 7 * index) as f64 * 0.3).sin());
        inputs.stimuli[count + index] = Drive::Samples((0..STEPS).map(value).collect());
    }
    inputs
}

/// Derivatives by held values, and by numbers of the model around them, against differences; and forward
/// against reverse.
#[test]
fn gradients_are_those_of_differences() {
    for (what, around, mut model) in [
        ("v", -50.0, firing()),
        ("hh.m", 0.3, firing()),
        ("cai", 2e-4, calcium()),
    ] {
        let rows = rows(&mut model, what);
        let program = holding(&model, &rows);
        let inputs = held_inputs(&program, &model, rows.len(), around);
        let value = |inputs: &Inputs| {
            let run = program
                .run::<f64>(&Arc::new(inputs.clone()), &execution(1))
                .expect("a run");
            loss(&run.recordings.data).0
        };
        let trace = program
            .trace::<f64>(&Arc::new(inputs.clone()), 1 << 28, &execution(1))
            .expect("a trace");
        let (_, cotangents) = loss(&trace.recordings().data);
        let known = inputs
            .values
            .iter()
            .enumerate()
            .filter(|(_, value)| !value.is_nan());
        let places: Vec<usize> = known.map(|(place, _)| place).step_by(3).collect();
        let wanted = Wanted {
            values: places.clone(),
            stimuli: true,
            ..Wanted::default()
        };
        let gradient = trace.pull_back(&cotangents, &wanted).expect("swept");
        let stimuli = gradient.stimuli.as_ref().expect("wanted");
        let count = model.stimuli().len();
        for (index, step) in [(0, 0), (rows.len() - 1, 11), (0, STEPS - 1)] {
            let at = (count + index) * STEPS + step;
            let moved = |to: f64| {
                let mut inputs = inputs.clone();
                if let Drive::Samples(samples) = &mut inputs.stimuli[count + index] {
                    samples[step] = to;
                }
                value(&inputs)
            };
            let Drive::Samples(samples) = &inputs.stimuli[count + index] else {
                panic!("samples");
            };
            let expected = difference(moved, samples[step], stimuli[at]);
            let scale = stimuli
                .iter()
                .fold(0.0f64, |most, slope| most.max(slope.abs()));
            let off = (stimuli[at] - expected).abs() / scale;
            assert!(
                off < 1e-6,
                "{what} {index} {step}: {} and {expected}",
                stimuli[at]
            );
        }
        let along = |len: usize| {
            (0..len)
                .map(|i| (i as f64 * 1.3).cos())
                .collect::<Vec<f64>>()
        };
        let direction = Direction {
            values: places
                .iter()
                .zip(along(places.len()))
                .map(|(p, d)| d * 0.01 * inputs.values[*p])
                .collect(),
            places,
            stimuli: Some(
                along(stimuli.len())
                    .iter()
                    .map(|d| d * 0.01 * around)
                    .collect(),
            ),
            clamps: None,
        };
        let (_, tangents) = program
            .jvp::<f64>(&Arc::new(inputs), &direction, &execution(1))
            .expect("a run");
        let forward: f64 = tangents
            .data
            .iter()
            .zip(&cotangents)
            .map(|(t, c)| t * c)
            .sum();
        let of_values = gradient
            .values
            .iter()
            .zip(&direction.values)
            .map(|(g, d)| g * d);
        let moves = direction.stimuli.iter().flatten();
        let of_stimuli = stimuli.iter().zip(moves).map(|(g, d)| g * d);
        let reverse: f64 = of_values.chain(of_stimuli).sum();
        assert!(
            (forward - reverse).abs() < 1e-9 * forward.abs(),
            "{what}: {forward} and {reverse}"
        );
    }
}

#[test]
fn what_cannot_be_held_is_refused() {
    let mut model = firing();
    let current = rows(&mut model, "hh.ina");
    let refused = lower_holding(&model, JAXLEY, &current).expect_err("no state");
    assert!(
        matches!(refused, LoweringError::NothingToHold { .. }),
        "{refused}"
    );
    let gate = rows(&mut model, "hh.m");
    let native = Choices {
        convention: Convention::Native,
        ..JAXLEY
    };
    assert!(matches!(
        lower_holding(&model, native, &gate),
        Err(LoweringError::NothingToHold { .. })
    ));
    let program = holding(&model, &gate);
    let inputs = Arc::new(program.inputs(DT, STEPS));
    let refused = program
        .run::<f64>(&inputs, &execution(1))
        .expect_err("no values");
    assert!(matches!(refused, RunError::Length { .. }), "{refused}");
}
