//! Numbers of mechanisms that follow samples and waveforms during a run.

mod support;

use std::f64::consts::PI;
use std::sync::Arc;

use loligo_engine::{
    Convention, Direction, Drive, Inputs, LoweringError, Program, RunError, Scheme, Wanted,
    WhyNotPlayed, lower,
};
use loligo_mechanism::Mechanism;
use loligo_mechanism::builder::MechanismBuilder;
use loligo_model::{Model, Quantity, Waveform};

use support::models::{branched, builtin, calcium, diffusing, diffusing_along, firing};
use support::quadratic::{difference, execution, growth_of_loss, loss};

const DT: f64 = 0.025;
const STEPS: usize = 60;

const CHOICES: [(Scheme, Convention); 5] = [
    (Scheme::BackwardEuler, Convention::Native),
    (Scheme::CrankNicolson, Convention::Native),
    (Scheme::BackwardEuler, Convention::Neuron),
    (Scheme::CrankNicolson, Convention::Neuron),
    (Scheme::BackwardEuler, Convention::Jaxley),
];

fn lowered(model: &Model, (scheme, convention): (Scheme, Convention)) -> Arc<Program> {
    Arc::new(lower(model, scheme, convention).expect("lowered"))
}

fn run(program: &Arc<Program>, inputs: &Inputs) -> Vec<f64> {
    let run = program.run::<f64>(&Arc::new(inputs.clone()), &execution(1));
    run.expect("a run").recordings.data
}

/// A waveform that is the same for ever.
fn constant(value: f64) -> Waveform {
    Waveform::Step {
        start: 0.0,
        duration: f64::INFINITY,
        amplitude: value,
        baseline: value,
    }
}

/// Starts from one of its parameters, relaxes by another, and lets through as much as a third says.
fn gated() -> Mechanism {
    MechanismBuilder::new("gated")
        .parameter("g", 2e-4, "S/cm2")
        .parameter("rate", 0.4, "/ms")
        .parameter("begin", 0.3, "")
        .state(
            "s",
            |m| m.get("begin"),
            |m| m.get("rate") * (1.0 / (1.0 + (-(m.v() + 50.0) / 8.0).exp()) - m.get("s")),
        )
        .current("i", |m| m.get("g") * m.get("s") * (m.v() - 10.0))
        .build()
        .expect("a mechanism")
}

/// Two cells that a synapse with a state joins. Played are numbers that currents read, that states are stepped
/// with and that states start from, in some places of several.
fn played() -> Model {
    let mut cell = branched();
    for mechanism in [builtin("hh"), builtin("pas"), gated()] {
        cell.everywhere().insert(mechanism).expect("inserted");
    }
    let mut model = Model::network(&[cell.clone(), cell]).expect("a network");
    let graded = MechanismBuilder::synapse("graded")
        .parameter("g", 4e-3, "uS")
        .parameter("rate", 0.3, "/ms")
        .state(
            "s",
            |s| s.get("rate") * 0.5,
            |s| s.get("rate") * (1.0 / (1.0 + (-(s.v_pre() + 55.0) / 10.0).exp()) - s.get("s")),
        )
        .current("i", |s| s.get("g") * s.get("s") * s.v())
        .build()
        .expect("a synapse");
    model
        .connect(graded, &[1, 12, 3], &[14, 0, 12])
        .expect("connected");
    model.everywhere().record("v").expect("recorded");
    for what in ["gated.s", "gated.i", "ina"] {
        model.cell(0).branch(0).record(what).expect("recorded");
    }
    let mut first = model.synapses("graded").expect("there are some");
    model.record_synapses("graded.s", &first).expect("recorded");
    first.synapses = vec![1, 2];
    for name in ["graded.rate", "graded.g"] {
        let around = 0.2;
        model
            .play_synapses(name, constant(around), &first)
            .expect("played");
    }
    for (name, around) in [
        ("pas.g", 1e-3),
        ("hh.gnabar", 0.1),
        ("ek", -70.0),
        ("gated.rate", 0.5),
        ("gated.begin", 0.4),
        ("gated.g", 3e-4),
    ] {
        let mut root = model.cell(0).branch(0);
        root.play(name, constant(around)).expect("played");
    }
    model
}

/// The same with events, to mechanisms of which one is played.
fn with_events() -> Model {
    let mut model = played();
    for cell in [0, 1] {
        let mut end = model.cell(cell).branch(0).compartment(0);
        end.insert(builtin("expsyn")).expect("inserted");
    }
    let train = model.spike_train(vec![0.2, 0.7]).expect("a train");
    model
        .connect_events("expsyn", &[train, train], &[0, 10])
        .expect("connected");
    let all = model.synapses("expsyn").expect("there are some");
    for (name, value) in [("expsyn.weight", 5e-3), ("expsyn.delay", 0.1)] {
        model.set_synapses(name, value, &all).expect("set");
    }
    for name in ["expsyn.e", "expsyn.tau"] {
        let mut end = model.cell(1).branch(0).compartment(0);
        end.play(name, constant(4.0)).expect("played");
    }
    model
}

/// Samples around what is played, for each play, in so many lanes.
fn sampled(program: &Program, model: &Model, lanes: usize) -> Inputs {
    let mut inputs = program.inputs(DT, STEPS);
    inputs.lanes = lanes;
    let first = model.stimuli().len();
    for (index, play) in model.plays().iter().enumerate() {
        let around = play.waveform.at(0.0, 0);
        let value = |n: usize| around * (1.0 + 0.3 * ((n + 7 * index) as f64 * 0.7).sin());
        let samples: Vec<f64> = (0..lanes * STEPS).map(value).collect();
        inputs.stimuli[first + index] = match lanes {
            1 => Drive::Samples(samples),
            _ => Drive::LaneSamples(samples),
        };
    }
    inputs
}

/// What is played at the value that it is set to changes nothing but how formulas are rounded.
#[test]
fn playing_what_is_set_changes_nothing() {
    for choices in CHOICES {
        for (name, value, mut model) in [
            ("hh.gnabar", 0.12, firing()),
            ("ena", 50.0, firing()),
            ("pospischil_km.taumax", 200.0, firing()),
            ("pospischil_cat.gbar", 4e-4, firing()),
            ("cao", 2.0, calcium()),
            ("shells.exchange", 0.05, diffusing()),
            ("pumped.inflow", 4e-4, diffusing_along()),
            ("pumped.kd", 1e-3, diffusing_along()),
        ] {
            model.branch(1).set(name, value).expect("set");
            let still = lowered(&model, choices);
            let expected = run(&still, &still.inputs(DT, STEPS));
            model.branch(1).play(name, constant(value)).expect("played");
            let playing = lowered(&model, choices);
            let found = run(&playing, &playing.inputs(DT, STEPS));
            for (a, b) in found.iter().zip(&expected) {
                assert!(
                    (a - b).abs() <= 1e-10 * b.abs().max(1e-3),
                    "{name}, {choices:?}: {a} and {b}"
                );
            }
        }
    }
}

/// A compartment of a capacity and a leak that is played: both schemes by hand.
#[test]
fn a_leak_that_is_played_is_that_of_each_step() {
    for scheme in [Scheme::BackwardEuler, Scheme::CrankNicolson] {
        let mut soma = Model::cylinder(20.0, 20.0, 1).expect("a cylinder");
        soma.everywhere().insert(builtin("pas")).expect("inserted");
        soma.everywhere().record("v").expect("recorded");
        soma.everywhere()
            .play("pas.g", Waveform::samples(vec![0.0; STEPS]))
            .expect("played");
        let program = lowered(&soma, (scheme, Convention::Native));
        let mut inputs = program.inputs(DT, STEPS);
        let leaks: Vec<f64> = (0..STEPS).map(|n| 1e-3 * (1.0 + (n % 7) as f64)).collect();
        inputs.stimuli[0] = Drive::Samples(leaks.clone());
        let found = run(&program, &inputs);
        let half = if scheme == Scheme::CrankNicolson {
            2.0
        } else {
            1.0
        };
        let value = |name: &str| {
            let quantity = soma.quantity(name).expect("a quantity");
            soma.values().value(quantity, 0).expect("a number")
        };
        let area = 800.0 * PI;
        let capacity = 1e-5 * area * value("capacitance") / (DT / half);
        let mut voltage = value("v");
        for (step, leak) in leaks.iter().enumerate() {
            let leak = 1e-2 * area * leak;
            let solved = (capacity * voltage + leak * value("pas.e")) / (capacity + leak);
            voltage = half * solved - (half - 1.0) * voltage;
            let off = (found[step + 1] - voltage).abs();
            assert!(off < 1e-11, "{scheme:?}, {step}: {off}");
        }
    }
}

/// Where steps read the middle of what is played, runs that end where it jumps, and between which it is set, are one
/// run in which it is played.
#[test]
fn what_is_played_while_calcium_diffuses_is_what_would_be_set() {
    let choices = (Scheme::BackwardEuler, Convention::Jaxley);
    let values = [4e-4, 2e-3, 1e-4];
    let mut model = diffusing_along();
    // waveforms would begin anew with each run
    model.everywhere().delete_stimuli().expect("deleted");
    let still = lowered(&model, choices);
    let quantity = model.quantity("pumped.inflow").expect("a quantity");
    let rows = model
        .branch(1)
        .selection()
        .expect("there")
        .compartments()
        .to_vec();
    let mut inputs = still.inputs(DT, STEPS);
    inputs.keeps_end = true;
    let mut expected: Vec<f64> = Vec::new();
    for value in values {
        for &row in &rows {
            let place = still.layout().index(quantity, row).expect("a place");
            inputs.values[place] = value;
        }
        let run = still.run::<f64>(&Arc::new(inputs.clone()), &execution(1));
        let run = run.expect("a run").recordings;
        // the first sample of a run is the last of the one before
        let known = if inputs.goes_on {
            run.data.len() / (STEPS + 1)
        } else {
            0
        };
        expected.extend(&run.data[known..]);
        for (place, number) in still.state_places().into_iter().zip(&run.end) {
            inputs.values[place] = *number;
        }
        inputs.goes_on = true;
    }
    let samples: Vec<f64> = values.iter().flat_map(|value| [*value; STEPS]).collect();
    let waveform = Waveform::samples(samples);
    model
        .branch(1)
        .play("pumped.inflow", waveform)
        .expect("played");
    let playing = lowered(&model, choices);
    let found = run(&playing, &playing.inputs(DT, 3 * STEPS));
    assert_eq!(found.len(), expected.len());
    for (index, (a, b)) in found.iter().zip(&expected).enumerate() {
        let off = (a - b).abs();
        assert!(off <= 1e-10 * b.abs().max(1e-3), "{index}: {a} and {b}");
    }
}

/// Derivatives by samples, and by the numbers around them, against differences; and forward against reverse.
#[test]
fn gradients_are_those_of_differences() {
    for choices in CHOICES {
        check_gradients(&played(), choices, true);
    }
}

#[test]
fn so_are_those_in_networks_with_events() {
    for choices in [CHOICES[0], CHOICES[3]] {
        // runs with events have no tangents
        check_gradients(&with_events(), choices, false);
    }
}

/// Numbers are played in one branch of several between which calcium diffuses: what lets it in and takes it out, and
/// what shells exchange. The loss is one of calcium alone: beside voltages differences would drown in rounding.
#[test]
fn so_are_those_where_something_diffuses() {
    let playing = |mut model: Model, plays: &[(&str, f64)]| {
        model.everywhere().delete_recordings().expect("deleted");
        for what in ["cai", "eca"] {
            let mut inside = model.branch(vec![0, 1, 4]);
            inside.record(what).expect("recorded");
        }
        for &(name, around) in plays {
            model
                .branch(1)
                .play(name, constant(around))
                .expect("played");
        }
        model
    };
    let along = [
        ("pumped.inflow", 4e-4),
        ("pumped.vmax", 2e-4),
        ("pumped.kd", 1e-3),
        ("cao", 2.0),
    ];
    let along = playing(diffusing_along(), &along);
    let shells = playing(diffusing(), &[("shells.exchange", 0.05), ("cao", 2.0)]);
    for choices in CHOICES {
        check_gradients(&along, choices, true);
        check_gradients(&shells, choices, true);
    }
}

fn check_gradients(model: &Model, choices: (Scheme, Convention), has_tangents: bool) {
    let program = lowered(model, choices);
    let inputs = sampled(&program, model, 1);
    let trace = program.trace::<f64>(&Arc::new(inputs.clone()), 1 << 28, &execution(1));
    let trace = trace.expect("a trace");
    let (_, cotangents) = loss(&trace.recordings().data);
    let wanted = Wanted {
        values: not_played(&program, model, &inputs),
        stimuli: true,
        ..Wanted::default()
    };
    let gradient = trace.pull_back(&cotangents, &wanted).expect("swept");
    let stimuli = gradient.stimuli.as_ref().expect("wanted");
    let around = &trace.recordings().data;
    let value = |inputs: &Inputs| growth_of_loss(around, &run(&program, inputs));
    let first = model.stimuli().len();
    for index in first..first + model.plays().len() {
        let own = &stimuli[index * STEPS..(index + 1) * STEPS];
        let scale = own.iter().fold(0.0f64, |most, slope| most.max(slope.abs()));
        for step in [0, 1, 17, STEPS - 1] {
            let moved = |to: f64| {
                let mut inputs = inputs.clone();
                if let Drive::Samples(samples) = &mut inputs.stimuli[index] {
                    samples[step] = to;
                }
                value(&inputs)
            };
            let Drive::Samples(samples) = &inputs.stimuli[index] else {
                panic!("samples");
            };
            let expected = difference(moved, samples[step], own[step]);
            let off = (own[step] - expected).abs();
            assert!(
                off < 2e-6 * scale,
                "{choices:?}, stimulus {index}, sample {step}: {} and {expected}, of {scale}",
                own[step]
            );
        }
    }
    let sizes = gradient.values.iter().map(|slope| slope.abs());
    let scale = sizes.fold(0.0, f64::max);
    for (slope, &place) in gradient.values.iter().zip(&wanted.values).step_by(11) {
        let moved = |to: f64| {
            let mut inputs = inputs.clone();
            inputs.values[place] = to;
            value(&inputs)
        };
        let expected = difference(moved, inputs.values[place], *slope);
        let off = (slope - expected).abs() / expected.abs().max(1e-9 * scale);
        let name = program.layout().name(place);
        assert!(off < 1e-5, "{choices:?}, {name}: {slope} and {expected}");
    }
    if !has_tangents {
        return;
    }
    let along = direction(&inputs, &wanted.values, stimuli.len());
    let inputs = Arc::new(inputs);
    let (_, tangents) = program
        .jvp::<f64>(&inputs, &along, &execution(1))
        .expect("a run");
    let forward: f64 = dot(&tangents.data, &cotangents);
    let moves = along.stimuli.as_deref().unwrap_or_default();
    let reverse = dot(&gradient.values, &along.values) + dot(stimuli, moves);
    assert!(
        (forward - reverse).abs() < 1e-9 * forward.abs(),
        "{choices:?}: {forward} and {reverse}"
    );
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Every number that is read.
fn not_played(program: &Program, model: &Model, inputs: &Inputs) -> Vec<usize> {
    let layout = program.layout();
    let played = |place: usize| {
        let at = layout.at(place).expect("a place");
        let mut plays = model.plays().iter();
        plays.any(|play| (play.quantity, play.row) == at)
    };
    let places = 0..inputs.values.len();
    places
        .filter(|&place| {
            let (quantity, _) = layout.at(place).expect("a place");
            let is_delay = matches!(quantity, Quantity::Delay { .. });
            !inputs.values[place].is_nan() && !is_delay && !played(place)
        })
        .collect()
}

/// A direction in which all of that moves, and every sample.
fn direction(inputs: &Inputs, places: &[usize], samples: usize) -> Direction {
    let along = |index: usize| 0.01 * (index as f64 * 1.3).cos();
    let drives = inputs.stimuli.iter();
    let around = drives.flat_map(|drive| match drive {
        Drive::Samples(samples) => samples.clone(),
        _ => vec![0.0; STEPS],
    });
    let moves: Vec<f64> = around.enumerate().map(|(i, x)| x * along(i + 3)).collect();
    assert_eq!(moves.len(), samples);
    let values = places.iter().enumerate();
    Direction {
        values: values.map(|(i, p)| along(i) * inputs.values[*p]).collect(),
        places: places.to_vec(),
        stimuli: Some(moves),
        clamps: None,
    }
}

/// Hessian products along everything that moves against differences of gradients.
#[test]
fn products_are_differences_of_gradients() {
    let model = played();
    for choices in [CHOICES[0], CHOICES[3], CHOICES[4]] {
        let program = lowered(&model, choices);
        let inputs = sampled(&program, &model, 1);
        let wanted = Wanted {
            values: not_played(&program, &model, &inputs),
            stimuli: true,
            ..Wanted::default()
        };
        let along = direction(&inputs, &wanted.values, model.plays().len() * STEPS);
        let cotangents: Vec<f64> = loss(&vec![0.5; run(&program, &inputs).len()]).1;
        let trace = program
            .trace_tangent::<f64>(&Arc::new(inputs.clone()), &along, 1 << 28, &execution(1))
            .expect("a trace");
        let still = vec![0.0; cotangents.len()];
        let (_, product) = trace
            .pull_back(&cotangents, &still, &wanted)
            .expect("swept");
        let moved = |amount: f64| {
            let mut inputs = inputs.clone();
            for (place, value) in along.places.iter().zip(&along.values) {
                inputs.values[*place] += amount * value;
            }
            let moves = along.stimuli.as_deref().unwrap_or_default();
            for (drive, moves) in inputs.stimuli.iter_mut().zip(moves.chunks(STEPS)) {
                if let Drive::Samples(samples) = drive {
                    for (sample, by) in samples.iter_mut().zip(moves) {
                        *sample += amount * by;
                    }
                }
            }
            let trace = program.trace::<f64>(&Arc::new(inputs), 1 << 28, &execution(1));
            let gradient = trace.expect("a trace").pull_back(&cotangents, &wanted);
            gradient.expect("swept").stimuli.expect("wanted")
        };
        let product = product.stimuli.expect("wanted");
        let pair = |step: f64| {
            let (ahead, behind) = (moved(step), moved(-step));
            let pairs = ahead.iter().zip(&behind);
            pairs
                .map(|(a, b)| (a - b) / (2.0 * step))
                .collect::<Vec<_>>()
        };
        let (one, two) = (pair(1e-3), pair(2e-3));
        let rows = product
            .chunks(STEPS)
            .zip(one.chunks(STEPS))
            .zip(two.chunks(STEPS));
        for (index, ((product, one), two)) in rows.enumerate() {
            let expected = one.iter().zip(two).map(|(a, b)| (4.0 * a - b) / 3.0);
            let scale = product.iter().fold(0.0f64, |most, x| most.max(x.abs()));
            for (step, (found, expected)) in product.iter().zip(expected).enumerate() {
                assert!(
                    (found - expected).abs() < 1e-6 * scale,
                    "{choices:?}, play {index}, sample {step}: {found} and {expected}, of {scale}"
                );
            }
        }
    }
}

/// Lanes are as they are alone, threads and budgets change no bit.
#[test]
fn nothing_changes_a_bit() {
    const LANES: usize = 3;
    let model = with_events();
    let program = lowered(&model, CHOICES[0]);
    let inputs = Arc::new(sampled(&program, &model, LANES));
    let wanted = Wanted {
        values: not_played(&program, &model, &inputs),
        stimuli: true,
        ..Wanted::default()
    };
    let all = |inputs: &Arc<Inputs>, budget: usize, threads: usize| {
        let trace = program.trace::<f64>(inputs, budget, &execution(threads));
        let trace = trace.expect("a trace");
        let shown = trace.recordings();
        let (_, cotangents) = loss(&vec![0.3; shown.data.len() / inputs.lanes]);
        let all: Vec<Vec<f64>> = (0..inputs.lanes).map(|lane| shown.lane(lane)).collect();
        let cotangents: Vec<f64> = (0..shown.data.len())
            .map(|at| cotangents[at / (shown.recordings * inputs.lanes) % cotangents.len()])
            .collect();
        let gradient = trace.pull_back(&cotangents, &wanted).expect("swept");
        (all, gradient.values, gradient.stimuli.expect("wanted"))
    };
    let one = all(&inputs, 1 << 28, 1);
    assert_eq!(one, all(&inputs, 1 << 28, 2), "threads");
    let least = support::quadratic::least_budget(&program, &inputs);
    assert_eq!(one, all(&inputs, least, 1), "budget");
    for lane in 0..LANES {
        let mut alone = Inputs::clone(&inputs);
        alone.lanes = 1;
        for drive in &mut alone.stimuli {
            if let Drive::LaneSamples(samples) = drive {
                *drive = Drive::Samples(samples[lane * STEPS..(lane + 1) * STEPS].to_vec());
            }
        }
        let (shown, values, samples) = all(&Arc::new(alone), 1 << 28, 1);
        assert_eq!(shown[0], one.0[lane], "lane {lane}");
        let part = |of: &[f64]| {
            let len = of.len() / LANES;
            of[lane * len..(lane + 1) * len].to_vec()
        };
        assert_eq!(values, part(&one.1), "lane {lane}");
        assert_eq!(samples, part(&one.2), "lane {lane}");
    }
}

/// What is played is no part of the state that a run ends with.
#[test]
fn a_state_is_the_same_with_and_without() {
    let mut model = firing();
    let still = lowered(&model, CHOICES[0]);
    model
        .branch(0)
        .play("hh.gnabar", constant(0.1))
        .expect("played");
    let playing = lowered(&model, CHOICES[0]);
    assert_eq!(still.state_places().len(), playing.state_places().len());
    let names = |program: &Program| -> Vec<String> {
        let places = program.state_places().into_iter();
        places
            .map(|place| program.layout().name(place).to_owned())
            .collect()
    };
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    assert_eq!(sorted(names(&still)), sorted(names(&playing)));
}

/// Two runs are one, where what is played does not jump between them.
#[test]
fn a_run_goes_on_while_something_is_played() {
    let mut model = branched();
    model.everywhere().insert(builtin("hh")).expect("inserted");
    model.everywhere().record("v").expect("recorded");
    model
        .branch(0)
        .play("hh.gnabar", constant(0.4))
        .expect("played");
    for choices in CHOICES {
        let program = lowered(&model, choices);
        let whole = run(&program, &program.inputs(DT, 2 * STEPS));
        let mut inputs = program.inputs(DT, STEPS);
        inputs.keeps_end = true;
        let first = program.run::<f64>(&Arc::new(inputs.clone()), &execution(1));
        let end = first.expect("a run").recordings.end;
        for (place, number) in program.state_places().into_iter().zip(&end) {
            inputs.values[place] = *number;
        }
        inputs.goes_on = true;
        let second = run(&program, &inputs);
        let rows = second.len() / (STEPS + 1);
        assert_eq!(second, whole[STEPS * rows..], "{choices:?}");
    }
}

#[test]
fn what_cannot_be_played_is_refused() {
    let refusal = |model: &Model| match lower(model, Scheme::BackwardEuler, Convention::Native) {
        Err(LoweringError::NothingToPlay { reason, .. }) => reason,
        other => panic!("{other:?}"),
    };
    let mut follows = calcium();
    let all = follows.everywhere().selection().expect("there");
    follows.play("eca", constant(100.0), &all).expect("a name");
    assert_eq!(refusal(&follows), WhyNotPlayed::Follows);

    let mut moves = calcium();
    moves.play("cai", constant(1e-4), &all).expect("a name");
    assert_eq!(refusal(&moves), WhyNotPlayed::Moves);

    let mut spreads = diffusing();
    spreads
        .branch(1)
        .play("shells.dca", constant(0.6))
        .expect("a name");
    assert_eq!(refusal(&spreads), WhyNotPlayed::Diffuses);

    let half = Model::cylinder(20.0, 10.0, 1).expect("a cylinder");
    let mut joined = Model::network(&[half.clone(), half]).expect("a network");
    let junction = MechanismBuilder::new("junction")
        .parameter("g", 2e-3, "uS")
        .gap_junction(|x| x.get("g"))
        .build()
        .expect("a gap junction");
    joined.connect(junction, &[0], &[1]).expect("connected");
    let junctions = joined.synapses("junction").expect("there is one");
    joined
        .play_synapses("junction.g", constant(1e-3), &junctions)
        .expect("a name");
    assert_eq!(refusal(&joined), WhyNotPlayed::GapJunction);

    // numbers that are set where another is played are not read, and have no derivative
    let mut model = firing();
    model
        .branch(1)
        .play("hh.gnabar", constant(0.1))
        .expect("played");
    let program = lowered(&model, CHOICES[0]);
    let quantity = model.quantity("hh.gnabar").expect("a quantity");
    let row = model.plays()[0].row;
    let place = program.layout().index(quantity, row).expect("a place");
    let inputs = Arc::new(program.inputs(DT, STEPS));
    let trace = program
        .trace::<f64>(&inputs, 1 << 28, &execution(1))
        .expect("a trace");
    let wanted = Wanted {
        values: vec![place],
        ..Wanted::default()
    };
    let cotangents = vec![1.0; trace.recordings().data.len()];
    let refused = trace.pull_back(&cotangents, &wanted).expect_err("not read");
    assert!(
        matches!(&refused, RunError::Played { what, .. } if what == "hh.gnabar"),
        "{refused}"
    );
    let along = Direction {
        places: vec![place],
        values: vec![1.0],
        ..Direction::default()
    };
    assert!(program.jvp::<f64>(&inputs, &along, &execution(1)).is_err());

    // a sample for every step, and each a number
    let first = model.stimuli().len();
    for samples in [vec![0.1; STEPS - 1], vec![f64::NAN; STEPS]] {
        let mut inputs = program.inputs(DT, STEPS);
        inputs.stimuli[first] = Drive::Samples(samples);
        let refused = program
            .run::<f64>(&Arc::new(inputs), &execution(1))
            .expect_err("wrong samples");
        let message = refused.to_string();
        assert!(message.contains("`hh.gnabar`"), "{message}");
    }
}
