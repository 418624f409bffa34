//! Runs that end with a state and go on from one: they are one run, to the last bit, and so are their
//! gradients.

mod support;

use std::sync::Arc;

use loligo_engine::{Convention, Direction, Drive, Inputs, Program, RunError, Scheme, Wanted};
use loligo_mechanism::builder::MechanismBuilder;
use loligo_model::{Model, Waveform};

use support::gradient::relative_distance;
use support::models::{
    branched, builtin, calcium, diffusing, diffusing_along, firing, lowered, one_thread,
};
use support::quadratic::{execution, loss};

const DT: f64 = 0.025;
const FIRST: usize = 70;
const SECOND: usize = 90;

const CHOICES: [(Scheme, Convention); 4] = [
    (Scheme::BackwardEuler, Convention::Native),
    (Scheme::CrankNicolson, Convention::Native),
    (Scheme::BackwardEuler, Convention::Neuron),
    (Scheme::BackwardEuler, Convention::Jaxley),
];

/// Two cells that a synapse with a state joins.
fn joined() -> Model {
    let hh = || builtin("hh");
    let mut long = Model::cylinder(120.0, 3.0, 3).expect("a cylinder");
    long.everywhere().insert(hh()).expect("inserted");
    let mut model = Model::network(&[long.clone(), long]).expect("a network");
    let synapse = MechanismBuilder::synapse("dynamic")
        .parameter("g", 5e-3, "uS")
        .state(
            "s",
            |s| s.get("g") * 0.0,
            |s| 0.3 * (1.0 / (1.0 + (-(s.v_pre() + 35.0) / 10.0).exp()) - s.get("s")),
        )
        .current("i", |s| s.get("g") * s.get("s") * s.v())
        .build()
        .expect("a synapse");
    model.connect(synapse, &[1, 5], &[4, 0]).expect("connected");
    let current = Waveform::step(0.0, 100.0, 0.5);
    model.cell(0).stimulate(current).expect("stimulated");
    model.everywhere().record("v").expect("recorded");
    model
}

fn models() -> Vec<(&'static str, Model)> {
    let mut passive = branched();
    let mut everywhere = passive.everywhere();
    everywhere.insert(builtin("pas")).expect("inserted");
    everywhere.record("v").expect("recorded");
    let mut calcium = calcium();
    calcium.everywhere().record("i_membrane").expect("recorded");
    vec![
        ("passive", passive),
        ("firing", firing()),
        ("calcium", calcium),
        ("diffusing", diffusing()),
        ("diffusing along", diffusing_along()),
        ("joined", joined()),
    ]
}

/// Inputs whose currents and commands do not depend on when a run began.
fn inputs(program: &Program, model: &Model, steps: std::ops::Range<usize>) -> Inputs {
    let mut inputs = program.inputs(DT, steps.len());
    let sampled = |waveform: &Waveform| {
        let at = |step: usize| waveform.at((step as f64 + 0.5) * DT, step);
        Drive::Samples(steps.clone().map(at).collect())
    };
    inputs.stimuli = model
        .stimuli()
        .iter()
        .map(|s| sampled(&s.waveform))
        .collect();
    inputs.clamps = model.clamps().iter().map(|c| sampled(&c.target)).collect();
    inputs
}

/// A run that goes on from a state.
fn going_on(mut inputs: Inputs, program: &Program, end: &[f64]) -> Arc<Inputs> {
    for (place, number) in program.state_places().into_iter().zip(end) {
        inputs.values[place] = *number;
    }
    inputs.goes_on = true;
    Arc::new(inputs)
}

fn keeping(mut inputs: Inputs) -> Arc<Inputs> {
    inputs.keeps_end = true;
    Arc::new(inputs)
}

#[test]
fn two_runs_are_one() {
    for (name, model) in models() {
        for (scheme, convention) in CHOICES {
            let program = lowered(&model, scheme, convention);
            let run = |inputs: &Arc<Inputs>| {
                program
                    .run::<f64>(inputs, &one_thread())
                    .expect("a run")
                    .recordings
            };
            let whole = run(&keeping(inputs(&program, &model, 0..FIRST + SECOND)));
            let first = run(&keeping(inputs(&program, &model, 0..FIRST)));
            assert!(first.end.iter().all(|number| number.is_finite()), "{name}");
            let rest = inputs(&program, &model, FIRST..FIRST + SECOND);
            let mut rest = Inputs::clone(&going_on(rest, &program, &first.end));
            rest.keeps_end = true;
            let second = run(&Arc::new(rest));
            assert_eq!(
                second.end, whole.end,
                "{name}, {scheme:?}, {convention:?}: the end"
            );
            for recording in 0..whole.recordings {
                // what is shown at t = 0 of a current is not what the step before showed
                let (whole, second) = (whole.trace(0, recording), second.trace(0, recording));
                let same = whole[FIRST + 1..]
                    .iter()
                    .zip(&second[1..])
                    .all(|(a, b)| a.to_bits() == b.to_bits());
                assert!(
                    same,
                    "{name}, {scheme:?}, {convention:?}: recording {recording}"
                );
            }
        }
    }
}

/// The gradient of a loss of the second part of the recordings and of the end goes through the state
/// between two runs.
#[test]
fn gradients_go_through_the_state() {
    for (name, model) in models() {
        for (scheme, convention) in CHOICES {
            let program = lowered(&model, scheme, convention);
            let whole = keeping(inputs(&program, &model, 0..FIRST + SECOND));
            let known = whole.values.iter().enumerate();
            let known = known.filter(|(_, value)| !value.is_nan());
            let places: Vec<usize> = known.map(|(place, _)| place).collect();
            let states = program.state_places();
            let traced = |inputs: &Arc<Inputs>| {
                let trace = program.trace::<f64>(inputs, 1 << 28, &execution(1));
                trace.expect("a trace")
            };
            let pulled = |inputs: &Arc<Inputs>, cotangents: &[f64], values: &[usize]| {
                let wanted = Wanted {
                    values: values.to_vec(),
                    ..Wanted::default()
                };
                traced(inputs)
                    .pull_back(cotangents, &wanted)
                    .expect("swept")
                    .values
            };
            let shown = traced(&whole);
            let rows = shown.recordings().recordings;
            let (data, end) = (&shown.recordings().data, &shown.recordings().end);
            let numbers: Vec<f64> = data.iter().chain(end).copied().collect();
            let (_, mut cotangents) = loss(&numbers);
            cotangents[..(FIRST + 1) * rows].fill(0.0);
            let expected = pulled(&whole, &cotangents, &places);

            let first = keeping(inputs(&program, &model, 0..FIRST));
            let between = traced(&first).recordings().end.clone();
            let rest = inputs(&program, &model, FIRST..FIRST + SECOND);
            let mut rest = Inputs::clone(&going_on(rest, &program, &between));
            rest.keeps_end = true;
            let rest = Arc::new(rest);
            let own = &cotangents[FIRST * rows..];
            let is_state = |place: &&usize| states.contains(place);
            let others: Vec<usize> = places.iter().filter(|p| !is_state(p)).copied().collect();
            let both = [others.clone(), states.clone()].concat();
            let second = pulled(&rest, own, &both);
            let (second, of_state) = second.split_at(others.len());
            let nothing = vec![0.0; (FIRST + 1) * rows];
            let through = pulled(&first, &[nothing, of_state.to_vec()].concat(), &places);
            let direct = |place: &usize| {
                let found = others.iter().position(|other| other == place);
                found.map_or(0.0, |position| second[position])
            };
            let sums = places.iter().zip(&through);
            let found: Vec<f64> = sums.map(|(place, own)| own + direct(place)).collect();
            let off = relative_distance(&found, &expected);
            // the same sums in another order
            assert!(off < 1e-10, "{name}, {scheme:?}, {convention:?}: {off:e}");
        }
    }
}

/// For a direction d and a cotangent c of the end, c·(J·d) = (Jᵀ·c)·d.
#[test]
fn the_end_moves_as_its_gradient_says() {
    for (name, model) in models() {
        let program = lowered(&model, Scheme::BackwardEuler, Convention::Native);
        let inputs = keeping(inputs(&program, &model, 0..FIRST));
        let known = inputs.values.iter().enumerate();
        let known = known.filter(|(_, value)| !value.is_nan());
        let places: Vec<usize> = known.map(|(place, _)| place).collect();
        let values = places
            .iter()
            .map(|place| inputs.values[*place] * 0.1 + 0.01);
        let direction = Direction {
            places: places.clone(),
            values: values.collect(),
            ..Direction::default()
        };
        let (run, moved) = program
            .jvp::<f64>(&inputs, &direction, &execution(1))
            .expect("a run");
        let (_, of_end) = loss(&run.recordings.end);
        let along: f64 = of_end.iter().zip(&moved.end).map(|(c, m)| c * m).sum();
        let wanted = Wanted {
            values: places,
            ..Wanted::default()
        };
        let trace = program
            .trace::<f64>(&inputs, 1 << 28, &execution(1))
            .expect("a trace");
        let nothing = vec![0.0; run.recordings.data.len()];
        let gradient = trace
            .pull_back(&[nothing, of_end].concat(), &wanted)
            .expect("swept");
        let against: f64 = gradient
            .values
            .iter()
            .zip(&direction.values)
            .map(|(g, d)| g * d)
            .sum();
        assert!(
            (along - against).abs() < 1e-9 * along.abs(),
            "{name}: {along} and {against}"
        );
    }
}

/// Every lane ends with its own state, and one that diverges with none.
#[test]
fn lanes_end_with_their_own_state() {
    let model = firing();
    let program = lowered(&model, Scheme::BackwardEuler, Convention::Native);
    let mut inputs = inputs(&program, &model, 0..FIRST);
    let place = program.state_places()[0];
    inputs.lanes = 3;
    inputs.lane_values = vec![loligo_engine::LaneValues {
        indices: vec![place],
        values: vec![-70.0, -60.0, 1e300],
    }];
    let run = program
        .run::<f64>(&keeping(inputs.clone()), &execution(2))
        .expect("a run");
    let len = program.state_len();
    for (lane, voltage) in [-70.0, -60.0].into_iter().enumerate() {
        let mut alone = inputs.clone();
        alone.lanes = 1;
        alone.lane_values.clear();
        alone.values[place] = voltage;
        let alone = program
            .run::<f64>(&keeping(alone), &one_thread())
            .expect("a run");
        assert_eq!(
            alone.recordings.end,
            run.recordings.end[lane * len..(lane + 1) * len]
        );
    }
    assert_eq!(run.diverged.len(), 1);
    assert!(
        run.recordings.end[2 * len..]
            .iter()
            .all(|number| number.is_nan())
    );
}

/// Events that are under way are no numbers.
#[test]
fn events_are_refused() {
    let mut model = Model::cylinder(20.0, 10.0, 1).expect("a cylinder");
    model
        .everywhere()
        .insert(builtin("expsyn"))
        .expect("inserted");
    let input = model.spike_train(vec![0.1]).expect("a train");
    model
        .connect_events("expsyn", &[input], &[0])
        .expect("connected");
    let program = lowered(&model, Scheme::BackwardEuler, Convention::Native);
    let inputs = keeping(program.inputs(DT, 10));
    let refused = program
        .run::<f64>(&inputs, &one_thread())
        .expect_err("refused");
    assert!(matches!(refused, RunError::StateOfEvents), "{refused}");
}
