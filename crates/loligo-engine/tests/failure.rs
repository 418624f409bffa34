//! Runs that fail on their way: lanes that diverge, runs that are stopped.

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use loligo_engine::{
    Control, Convention, Execution, Inputs, LaneValues, Program, RunError, Scheme, Wanted,
};
use loligo_mechanism::builder::MechanismBuilder;
use loligo_model::{Model, Place, Quantity};

use support::models::{builtin, firing, lowered, one_thread, passive, varied};
use support::samples::by_lane;

fn native(model: &Model) -> Arc<Program> {
    lowered(model, Scheme::BackwardEuler, Convention::Native)
}

/// A passive compartment whose leak is negative grows by a factor that is known, until it overflows
/// at a time that is known.
#[test]
fn a_voltage_that_diverges_is_found_where_and_when_it_does() {
    let mut model = Model::cylinder(30.0, 2.0, 1).expect("a cell");
    model.everywhere().insert(builtin("pas")).expect("inserted");
    model.everywhere().record("v").expect("recorded");
    let other = model.clone();
    let model = Model::network(&[other, model]).expect("a network");
    let program = native(&model);
    let mut inputs = program.inputs(0.1, 3000);
    let conductance = Quantity::Parameter {
        mechanism: 0,
        parameter: 0,
    };
    // C/Δt is 1e-2 S/cm²; this leak leaves half of it, so that v − e doubles with every step
    let leak = program.layout().index(conductance, 1).expect("a place");
    inputs.values[leak] = -5e-3;
    // from 5 mV above the leak's reversal to more than 2¹⁰²⁴
    let steps = 1024 - 5f64.log2().floor() as i32;
    let run = program
        .run::<f64>(&Arc::new(inputs), &one_thread())
        .expect("a run");
    let [divergence] = run.diverged.as_slice() else {
        panic!("{:?}", run.diverged);
    };
    assert_eq!(
        divergence.place,
        Place {
            cell: 1,
            branch: 0,
            compartment: 0
        }
    );
    assert_eq!((divergence.what.as_str(), divergence.lane), ("v", 0));
    assert!(
        (divergence.time - 0.1 * f64::from(steps)).abs() < 0.15,
        "{} {steps}",
        divergence.time
    );
    let (time, value) = (divergence.time, divergence.value);
    assert!(!value.is_finite());
    assert_eq!(
        RunError::Diverged(divergence.clone()).to_string(),
        format!(
            "the simulation diverged in lane 0 at t = {time} ms: v in cell 1, branch 0, \
             compartment 0 is {value}; a smaller dt or other parameters may help"
        )
    );
    assert!(run.recordings.data.iter().all(|v| v.is_nan()));
}

/// A state that grows exponentially overflows before the voltage that it takes along.
#[test]
fn a_state_that_diverges_is_named() {
    let growing = MechanismBuilder::new("growing")
        .parameter("k", 10.0, "/ms")
        .parameter("start", 1.0, "")
        .state("s", |x| x.get("start"), |x| x.get("k") * x.get("s"))
        .current("i", |x| 1e-300 * x.get("s") * (x.v() + 65.0))
        .build()
        .expect("a mechanism");
    let mut model = passive();
    model.branch(3).insert(growing).expect("inserted");
    let program = native(&model);
    let inputs = Arc::new(program.inputs(0.05, 4000));
    // the first update happens in the second step
    let time = (f64::MAX.ln() / 10.0 / 0.05).ceil() * 0.05 + 0.05;
    let run = program.run::<f64>(&inputs, &one_thread()).expect("a run");
    let first = run.diverged.first().expect("it diverges");
    assert_eq!(first.what, "growing.s");
    assert_eq!(
        first.place,
        Place {
            cell: 0,
            branch: 3,
            compartment: 0
        }
    );
    assert!((first.time - time).abs() < 1e-9, "{} {time}", first.time);

    // a trace says the same, whatever it keeps
    for budget in [1 << 30, 3 << 19] {
        let trace = program
            .trace::<f64>(&inputs, budget, &one_thread())
            .expect("a trace");
        assert_eq!(trace.diverged(), run.diverged.as_slice());
    }
}

/// 40 lanes of the firing cell, of which some have a negative leak: C/Δt is 2e-2 S/cm², so that the
/// voltage's distance from the leak's reversal, far above it, more than doubles with every step.
fn batch(program: &Program, bad: &[usize]) -> Inputs {
    let mut inputs = program.inputs(0.05, 1500);
    inputs.lanes = 40;
    for (parameter, good, diverging) in [(2, 3e-4, -0.012), (3, -54.3, 100.0)] {
        let quantity = Quantity::Parameter {
            mechanism: 0,
            parameter,
        };
        let indices: Vec<usize> = (0..10)
            .filter_map(|c| program.layout().index(quantity, c))
            .collect();
        let values = (0..40).flat_map(|lane| {
            let factors = varied(10, lane as f64).into_iter();
            let diverges = bad.contains(&lane);
            factors.map(move |factor| if diverges { diverging } else { factor * good })
        });
        inputs.lane_values.push(LaneValues {
            values: values.collect(),
            indices,
        });
    }
    inputs
}

#[test]
fn a_batch_keeps_its_other_lanes() {
    let model = firing();
    let bad = [3, 17, 38];
    for scheme in [Scheme::BackwardEuler, Scheme::CrankNicolson] {
        let program = lowered(&model, scheme, Convention::Native);
        for threads in [1, 2] {
            for budget in [1 << 30, 24 << 20] {
                keeps_other_lanes(&program, &bad, threads, budget);
            }
        }
    }
}

fn keeps_other_lanes(program: &Arc<Program>, bad: &[usize], threads: usize, budget: usize) {
    let execution = Execution {
        threads,
        ..one_thread()
    };
    let layout = program.layout();
    let wanted = Wanted {
        values: (0..10)
            .filter_map(|c| layout.index(Quantity::Radius, c))
            .collect(),
        stimuli: true,
        clamps: false,
    };
    let gradient = |bad: &[usize]| {
        let inputs = Arc::new(batch(program, bad));
        let trace = program
            .trace::<f64>(&inputs, budget, &execution)
            .expect("a trace");
        let diverged: Vec<usize> = trace.diverged().iter().map(|d| d.lane).collect();
        assert_eq!(diverged, bad);
        let run = program.run::<f64>(&inputs, &execution).expect("a run");
        // as text, since NaN is not equal to itself
        let [a, b] = [&run.diverged[..], trace.diverged()].map(|d| format!("{d:?}"));
        assert_eq!(a, b);
        let bits = |data: &[f64]| data.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&run.recordings.data), bits(&trace.recordings().data));
        let seeds: Vec<f64> = (0..run.recordings.data.len())
            .map(|i| (0.1 * i as f64).sin())
            .collect();
        let gradient = trace.pull_back(&seeds, &wanted).expect("a gradient");
        let stimuli = gradient.stimuli.expect("wanted");
        [by_lane(&run.recordings), gradient.values, stimuli]
    };
    let (some, none) = (gradient(bad), gradient(&[]));
    for (some, none) in some.iter().zip(&none) {
        let count = none.len() / 40;
        for lane in 0..40 {
            let part = |values: &[f64]| values[lane * count..(lane + 1) * count].to_vec();
            if bad.contains(&lane) {
                assert!(
                    part(some).iter().all(|v| v.is_nan()),
                    "lane {lane} is no NaN"
                );
                continue;
            }
            for (a, b) in part(some).iter().zip(part(none)) {
                assert!(
                    a.is_finite() && a.to_bits() == b.to_bits(),
                    "lane {lane}: {a} {b}"
                );
            }
        }
    }
}

/// Stopping from another thread ends a run, a trace and a reverse sweep. Each block of 64 steps
/// looks at the control, which for this cell is well below a millisecond.
#[test]
fn a_run_can_be_stopped() {
    let program = native(&passive());
    let long = Arc::new({
        let mut inputs = program.inputs(0.01, 200_000_000);
        inputs.record_every = 200_000_000;
        inputs
    });
    let stopped = |work: &dyn Fn(&Execution) -> Option<RunError>| {
        let control = Arc::new(Control::default());
        let execution = Execution {
            control: Arc::clone(&control),
            ..one_thread()
        };
        let stopper = std::thread::spawn(move || {
            while control.done() < 1000 {
                std::thread::yield_now();
            }
            control.stop();
            Instant::now()
        });
        let error = work(&execution);
        let waited = stopper.join().expect("it stopped").elapsed();
        assert_eq!(error, Some(RunError::Interrupted));
        waited
    };
    let run = stopped(&|execution| program.run::<f64>(&long, execution).err());
    let trace = stopped(&|execution| program.trace::<f64>(&long, 512 << 20, execution).err());
    println!("stopped after {run:?} and {trace:?}");
    // what is promised is 100 ms; a machine that is busy with other tests gets more
    assert!(run.max(trace) < Duration::from_secs(1), "{run:?} {trace:?}");
    assert_eq!(RunError::Interrupted.to_string(), "the run was interrupted");

    let inputs = Arc::new(program.inputs(0.1, 1000));
    let execution = one_thread();
    let traced = program
        .trace::<f64>(&inputs, 1 << 30, &execution)
        .expect("a trace");
    execution.control.stop();
    let error = traced.pull_back(&[0.0; 1001], &Wanted::default());
    assert_eq!(error.expect_err("stopped"), RunError::Interrupted);
    let run = program.run::<f64>(&inputs, &execution);
    assert_eq!(run.expect_err("stopped"), RunError::Interrupted);
}

/// What a run, a trace and a reverse sweep say beforehand that they will do is what they do, with all
/// states kept and with few; a sweep looks at its control every 64 steps, so it may count as many more.
#[test]
fn a_run_says_how_much_there_is_to_do() {
    let program = native(&passive());
    let inputs = Arc::new(program.inputs(0.1, 1000));
    let small = program
        .plan::<f64>(&inputs, 0, 1)
        .expect_err("no room for anything");
    let RunError::Budget { needed, .. } = small else {
        panic!("{small}");
    };
    for budget in [1 << 30, needed] {
        let execution = one_thread();
        let control = &execution.control;
        let left = || control.expected() as i64 - control.done() as i64;
        program.run::<f64>(&inputs, &execution).expect("a run");
        assert_eq!((control.done(), left()), (1000, 0));
        let trace = program.trace::<f64>(&inputs, budget, &execution);
        let trace = trace.expect("a trace");
        assert_eq!((control.done(), left()), (2000, 0));
        let gradient = trace.pull_back(&[0.0; 1001], &Wanted::default());
        gradient.expect("a gradient");
        let runs = trace.plan().runs(1000) as u64;
        assert_eq!(control.expected(), 2000 + 1000 * runs);
        assert!((-64..=0).contains(&left()), "{}", left());
        assert_eq!(runs == 1, budget > needed);
    }
}
