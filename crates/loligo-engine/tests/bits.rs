//! What must not change a bit of the result: threads, vector units, batches, checkpoints.

mod support;

use std::sync::Arc;

use loligo_engine::Precision;
use loligo_engine::vector::VectorUnit;
use loligo_engine::{
    Convention, Drive, Execution, Gradient, Inputs, LaneValues, Plan, Program, Scheme, Wanted,
};
use loligo_model::{Model, Quantity, Waveform, Window};

use support::models::{
    branched, builtin, diffusing, diffusing_along, firing, lowered, one_thread, varied,
};
use support::samples::{by_lane, by_time};

const SCHEMES: [Scheme; 2] = [Scheme::BackwardEuler, Scheme::CrankNicolson];

/// A run, its gradient, and what was planned.
struct Outcome<T> {
    recordings: Vec<T>,
    gradient: Gradient,
    plan: Plan,
}

/// Everything that has a derivative: all numbers and all drives.
fn everything(program: &Program, inputs: &Inputs) -> Wanted {
    let layout = program.layout();
    let known = |place: &usize| {
        let (quantity, compartment) = layout.at(*place).expect("a place");
        let one = quantity != Quantity::Celsius || compartment == 0;
        one && !inputs.values[*place].is_nan()
    };
    Wanted {
        values: (0..inputs.values.len()).filter(known).collect(),
        stimuli: true,
        clamps: true,
    }
}

fn outcome<T: Precision>(
    program: &Arc<Program>,
    inputs: &Inputs,
    budget: usize,
    execution: &Execution,
) -> Outcome<T> {
    let wanted = everything(program, inputs);
    let inputs = Arc::new(inputs.clone());
    let run = program.run::<T>(&inputs, execution).expect("a run");
    let trace = program.trace::<T>(&inputs, budget, execution);
    let trace = trace.expect("a trace");
    assert!(trace.diverged().is_empty(), "{:?}", trace.diverged());
    // a run that is not traced records the same
    same(
        "run and trace",
        &run.recordings.data,
        &trace.recordings().data,
    );
    let samples = inputs.samples();
    // the same cotangents in every lane
    let count = program.recordings() * samples;
    let cotangents: Vec<T> = (0..inputs.lanes * count)
        .map(|i| T::from_f64((0.13 * (i % count) as f64).sin()))
        .collect();
    Outcome {
        gradient: trace
            .pull_back(&by_time(&cotangents, trace.recordings()), &wanted)
            .expect("a gradient"),
        plan: trace.plan().clone(),
        recordings: by_lane(trace.recordings()),
    }
}

#[track_caller]
fn same<T: Precision>(what: &str, a: &[T], b: &[T]) {
    assert_eq!(a.len(), b.len(), "{what}");
    for (index, (a, b)) in a.iter().zip(b).enumerate() {
        let (a, b) = (a.to_f64(), b.to_f64());
        assert!(
            a.to_bits() == b.to_bits(),
            "{what}: number {index} is {a:e} and {b:e}"
        );
    }
}

#[track_caller]
fn same_outcome<T: Precision>(what: &str, a: &Outcome<T>, b: &Outcome<T>) {
    same(what, &a.recordings, &b.recordings);
    same(what, &a.gradient.values, &b.gradient.values);
    let drives =
        |g: &Gradient| [g.stimuli.clone(), g.clamps.clone()].map(Option::unwrap_or_default);
    for (a, b) in drives(&a.gradient).iter().zip(&drives(&b.gradient)) {
        same(what, a, b);
    }
}

/// The firing cell with a clamp through a resistance.
fn clamped() -> Model {
    let mut model = firing();
    let window = Window {
        start: 2.0,
        duration: 4.0,
    };
    model
        .branch(2)
        .compartment(0)
        .clamp(Waveform::ramp(2.0, 8.0, -20.0), Some(25.0), window)
        .expect("clamped");
    model
        .branch(2)
        .compartment(0)
        .record("i_clamp")
        .expect("recorded");
    model
}

/// A batch of the clamped cell in which conductances, radii, initial voltages, stimuli and commands
/// differ from lane to lane.
fn batch(program: &Program, lanes: usize, steps: usize) -> Inputs {
    let mut inputs = program.inputs(0.05, steps);
    inputs.lanes = lanes;
    inputs.record_every = 3;
    let layout = program.layout();
    let count = inputs.values.len();
    let varying: Vec<usize> = (0..count)
        .filter(|place| {
            let (quantity, _) = layout.at(*place).expect("a place");
            let kind = matches!(
                quantity,
                Quantity::Radius | Quantity::InitialVoltage | Quantity::Parameter { .. }
            );
            // some compartments share a number between lanes, others do not
            kind && !inputs.values[*place].is_nan() && place % 3 > 0
        })
        .collect();
    let values = (0..lanes).flat_map(|lane| {
        let factors = varied(varying.len(), lane as f64);
        let moved = varying.iter().zip(factors);
        moved
            .map(|(place, factor)| inputs.values[*place] * (1.0 + 0.1 * (factor - 1.0)))
            .collect::<Vec<_>>()
    });
    inputs.lane_values = vec![LaneValues {
        values: values.collect(),
        indices: varying,
    }];
    let wave = |size: f64, around: f64| {
        let samples = (0..lanes).flat_map(|lane| {
            (0..steps).map(move |n| around + size * (0.05 * n as f64 + lane as f64).sin())
        });
        Drive::LaneSamples(samples.collect())
    };
    inputs.stimuli[0] = wave(0.5, 0.4);
    if !inputs.clamps.is_empty() {
        inputs.clamps[0] = wave(20.0, -60.0);
    }
    inputs
}

/// One lane of a batch as a run of its own.
fn lane_of(batch: &Inputs, lane: usize) -> Inputs {
    let mut inputs = batch.clone();
    inputs.lanes = 1;
    for lane_values in std::mem::take(&mut inputs.lane_values) {
        let count = lane_values.indices.len();
        let values = &lane_values.values[lane * count..(lane + 1) * count];
        for (place, value) in lane_values.indices.iter().zip(values) {
            inputs.values[*place] = *value;
        }
    }
    for drive in inputs.stimuli.iter_mut().chain(&mut inputs.clamps) {
        if let Drive::LaneSamples(samples) = drive {
            let steps = samples.len() / batch.lanes;
            *drive = Drive::Samples(samples[lane * steps..(lane + 1) * steps].to_vec());
        }
    }
    inputs
}

/// The part of an outcome that belongs to a lane.
fn part_of<T: Precision>(outcome: &Outcome<T>, lane: usize, lanes: usize) -> Outcome<T> {
    let cut = |values: &[f64]| {
        let count = values.len() / lanes;
        values[lane * count..(lane + 1) * count].to_vec()
    };
    let count = outcome.recordings.len() / lanes;
    Outcome {
        recordings: outcome.recordings[lane * count..(lane + 1) * count].to_vec(),
        gradient: Gradient {
            values: cut(&outcome.gradient.values),
            stimuli: outcome.gradient.stimuli.as_deref().map(cut),
            clamps: outcome.gradient.clamps.as_deref().map(cut),
        },
        plan: outcome.plan.clone(),
    }
}

/// Two kinds of cells, so that populations and lanes of cells are there, too.
fn network() -> Model {
    let mut small = Model::cylinder(60.0, 5.0, 3).expect("a cell");
    small.everywhere().insert(builtin("hh")).expect("inserted");
    small
        .everywhere()
        .stimulate(Waveform::step(1.0, 2.0, 0.3))
        .expect("stimulated");
    small.everywhere().record("v").expect("recorded");
    let cell = clamped();
    small
        .set_celsius(cell.celsius().expect("set"))
        .expect("set");
    Model::network(&[small.clone(), cell.clone(), small.clone(), cell, small]).expect("a network")
}

#[test]
fn threads_do_not_change_a_bit() {
    for (title, model) in [("a cell", clamped()), ("a network", network())] {
        let program = lowered(&model, Scheme::CrankNicolson, Convention::Native);
        let inputs = batch(&program, 37, 120);
        let run = |threads, budget| {
            let execution = Execution {
                threads,
                ..one_thread()
            };
            outcome::<f64>(&program, &inputs, budget, &execution)
        };
        let one = run(1, 1 << 30);
        for threads in [2, 3] {
            for budget in [1 << 30, 24 << 20] {
                let several = run(threads, budget);
                same_outcome(&format!("{title}, {threads} threads"), &one, &several);
            }
        }
    }
}

#[test]
fn vector_units_with_fused_arithmetic_do_not_change_a_bit() {
    let fused: Vec<VectorUnit> = VectorUnit::present().filter(|u| u.is_fused()).collect();
    if fused.len() < 2 {
        println!("NOT COMPARED: this machine has not two fused vector units, but {fused:?}");
        return;
    }
    for scheme in SCHEMES {
        let program = lowered(&clamped(), scheme, Convention::Native);
        for lanes in [1, 5, 32] {
            let inputs = batch(&program, lanes, 150);
            let run = |unit| Execution {
                unit,
                ..one_thread()
            };
            let (first, second) = (run(fused[0]), run(fused[1]));
            let double = |e| outcome::<f64>(&program, &inputs, 1 << 30, e);
            let what = format!("{} and {}, {lanes} lanes", fused[0], fused[1]);
            same_outcome(&what, &double(&first), &double(&second));
            let single = |e| outcome::<f32>(&program, &inputs, 1 << 30, e);
            same_outcome(&what, &single(&first), &single(&second));
        }
    }
    println!("compared {} with {}", fused[0], fused[1]);
}

/// Without fused multiply–add the last bits differ, but no more.
#[test]
fn the_plain_unit_agrees_to_rounding() {
    let plain = VectorUnit::named("plain").expect("everywhere");
    let program = lowered(&clamped(), Scheme::BackwardEuler, Convention::Native);
    let inputs = batch(&program, 3, 150);
    let run = |unit| {
        outcome::<f64>(
            &program,
            &inputs,
            1 << 30,
            &Execution {
                unit,
                ..one_thread()
            },
        )
    };
    let (widest, plain) = (run(VectorUnit::widest()), run(plain));
    let apart = widest.recordings.iter().zip(&plain.recordings);
    let apart = apart.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    println!("{} and plain are {apart:.1e} apart", VectorUnit::widest());
    // 1e-14 relative to 100 mV, magnified by spikes
    assert!(apart < 1e-8, "{apart:e}");
}

fn a_batch_is_a_loop<T: Precision>(
    model: &Model,
    scheme: Scheme,
    lane_counts: impl Iterator<Item = usize>,
) {
    let program = lowered(model, scheme, Convention::Native);
    for lanes in lane_counts {
        let inputs = batch(&program, lanes, 60);
        let together = outcome::<T>(&program, &inputs, 1 << 30, &one_thread());
        for lane in 0..lanes {
            let alone = outcome::<T>(&program, &lane_of(&inputs, lane), 1 << 30, &one_thread());
            let part = part_of(&together, lane, lanes);
            same_outcome(&format!("lane {lane} of {lanes}"), &part, &alone);
        }
    }
}

#[test]
fn a_batch_is_a_loop_in_double_precision() {
    let counts = (1..=10).chain([13, 16, 19, 31, 33, 40]);
    a_batch_is_a_loop::<f64>(&clamped(), Scheme::BackwardEuler, counts);
    a_batch_is_a_loop::<f64>(&clamped(), Scheme::CrankNicolson, [7, 24, 35].into_iter());
}

#[test]
fn a_batch_is_a_loop_in_single_precision() {
    a_batch_is_a_loop::<f32>(
        &clamped(),
        Scheme::BackwardEuler,
        [2, 9, 17, 39].into_iter(),
    );
}

#[test]
fn a_batch_of_networks_is_a_loop() {
    a_batch_is_a_loop::<f64>(&network(), Scheme::BackwardEuler, [3, 11].into_iter());
}

/// Steps that have halves keep what lies between them, or compute it again.
#[test]
fn checkpoints_do_not_change_a_bit_of_what_diffuses() {
    for convention in [Convention::Native, Convention::Jaxley] {
        let program = lowered(&diffusing(), Scheme::BackwardEuler, convention);
        let inputs = program.inputs(0.05, 700);
        let none = outcome::<f64>(&program, &inputs, 1 << 30, &one_thread());
        assert!(none.plan.keeps_everything(700), "{:?}", none.plan);
        let some = outcome::<f64>(&program, &inputs, 2 << 20, &one_thread());
        assert!(!some.plan.keeps_everything(700), "{:?}", some.plan);
        same_outcome(&format!("{:?}", some.plan), &none, &some);
    }
}

#[test]
fn a_batch_of_what_diffuses_is_a_loop() {
    for model in [diffusing(), diffusing_along()] {
        a_batch_is_a_loop::<f64>(&model, Scheme::CrankNicolson, [3].into_iter());
    }
}

/// 10,000 steps with every budget from the least that is accepted to ample.
#[test]
fn checkpoints_do_not_change_a_bit() {
    let mut model = branched();
    model.everywhere().insert(builtin("hh")).expect("inserted");
    model.branch(1).insert(builtin("pas")).expect("inserted");
    let end = model.select().branch(5).selection().expect("a branch");
    model
        .branch(0)
        .compartment(0)
        .stimulate(Waveform::sine(0.0, 250.0, 1.5, 40.0))
        .expect("stimulated");
    for what in ["v", "hh.h", "ina", "i_membrane"] {
        model.record(what, &end).expect("recorded");
    }
    for (scheme, convention) in [
        (Scheme::BackwardEuler, Convention::Native),
        (Scheme::CrankNicolson, Convention::Jaxley),
    ] {
        let program = lowered(&model, scheme, convention);
        let inputs = program.inputs(0.025, 10_000);
        let none = outcome::<f64>(&program, &inputs, 1 << 30, &one_thread());
        assert!(none.plan.keeps_everything(10_000), "{:?}", none.plan);
        let least = match program.plan::<f64>(&inputs, 0, 1) {
            Err(loligo_engine::RunError::Budget { needed, .. }) => needed,
            other => panic!("{other:?}"),
        };
        let mut seen = Vec::new();
        for more in [0, 40 << 10, 150 << 10, 500 << 10, 1 << 20] {
            let some = outcome::<f64>(&program, &inputs, least + more, &one_thread());
            assert!(!some.plan.keeps_everything(10_000));
            same_outcome(&format!("{:?}", some.plan), &none, &some);
            seen.push(some.plan.spans);
        }
        seen.dedup();
        println!("{scheme:?}: spans {seen:?} (the least budget is {least} bytes)");
        assert!(seen.len() >= 3, "{seen:?}");
    }
}

/// Two pulls of one trace are the same, whatever was kept.
#[test]
fn a_trace_can_be_pulled_twice() {
    let program = lowered(&clamped(), Scheme::CrankNicolson, Convention::Native);
    let inputs = Arc::new(batch(&program, 4, 200));
    for budget in [1 << 30, 2 << 20] {
        let trace = program
            .trace::<f64>(&inputs, budget, &one_thread())
            .expect("a trace");
        let wanted = everything(&program, &inputs);
        let ones = vec![1.0; trace.recordings().data.len()];
        let pull = |seeds: &[f64]| trace.pull_back(seeds, &wanted).expect("a gradient");
        let first = pull(&ones);
        let zeros = pull(&vec![0.0; ones.len()]);
        assert!(zeros.values.iter().all(|v| *v == 0.0));
        same("values", &first.values, &pull(&ones).values);
    }
}

/// Single precision is near double precision, before spikes magnify rounding and after.
#[test]
fn single_precision_is_near_double_precision() {
    let program = lowered(&clamped(), Scheme::BackwardEuler, Convention::Native);
    let inputs = batch(&program, 3, 60);
    let double = outcome::<f64>(&program, &inputs, 1 << 30, &one_thread());
    let single = outcome::<f32>(&program, &inputs, 1 << 30, &one_thread());
    let apart = double.recordings.iter().zip(&single.recordings);
    let apart = apart
        .map(|(a, b)| (a - f64::from(*b)).abs())
        .fold(0.0, f64::max);
    let gradient =
        support::gradient::relative_distance(&single.gradient.values, &double.gradient.values);
    println!("single precision: recordings {apart:.1e}, gradient {gradient:.1e} (relative)");
    // each of 60 steps solves a cable equation whose condition number is about 60 (axial
    // conductances over capacitance per step) with numbers rounded to 2⁻²⁴, and the upstroke of a
    // spike magnifies what comes before it some tenfold
    let relative = 60.0 * 60.0 * 2f64.powi(-24) * 10.0;
    assert!(apart < relative * 100.0, "{apart:e} mV");
    assert!(gradient < relative, "{gradient:e}");
}
