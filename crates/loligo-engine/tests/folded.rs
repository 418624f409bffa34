//! Synapses that are folded onto their sources: against the same synapses stepped one by one, which they
//! are where a current of one is recorded, and against finite differences.

mod support;

use std::sync::Arc;

use loligo_engine::{
    Convention, Direction, Gradient, Inputs, LaneValues, Program, RunError, Scheme, Wanted, lower,
};
use loligo_mechanism::builder::MechanismBuilder;
use loligo_mechanism::{Mechanism, library};
use loligo_model::{Model, Quantity, Waveform};
use support::quadratic::{difference, execution};

const DT: f64 = 0.025;

/// Abbott and Marder (1998): a state, and a rate that goes to infinity.
fn ionotropic() -> Mechanism {
    MechanismBuilder::synapse("ionotropic")
        .parameter("g", 1e-3, "uS")
        .parameter("e", -10.0, "mV")
        .parameter("k_minus", 0.025, "/ms")
        .parameter("v_th", -35.0, "mV")
        .parameter("delta", 10.0, "mV")
        .state(
            "s",
            |s| s.get("k_minus") * 8.0,
            |s| {
                let open = 1.0 / (1.0 + ((s.get("v_th") - s.v_pre()) / s.get("delta")).exp());
                (open - s.get("s")) / ((1.0 - open) / s.get("k_minus"))
            },
        )
        .current("i", |s| s.get("g") * s.get("s") * (s.v() - s.get("e")))
        .build()
        .expect("a synapse")
}

/// No state, and no slope.
fn rate() -> Mechanism {
    MechanismBuilder::synapse("rate")
        .parameter("g", 2e-2, "nA")
        .parameter("e", -60.0, "mV")
        .current("i", |s| {
            -s.get("g") * ((s.v_pre() - s.get("e")) * 0.1).tanh()
        })
        .build()
        .expect("a synapse")
}

/// No state, but a slope.
fn conductance() -> Mechanism {
    MechanismBuilder::synapse("conductance")
        .parameter("g", 1e-3, "uS")
        .parameter("e", -20.0, "mV")
        .current("i", |s| {
            s.get("g") * ((s.v_pre() + 50.0) * 0.05).tanh() * (s.v() - s.get("e"))
        })
        .build()
        .expect("a synapse")
}

/// A factor that is the voltage, and one that is 1.
fn half_gap() -> Mechanism {
    MechanismBuilder::synapse("gap")
        .parameter("g", 1e-3, "uS")
        .parameter("e", 2.0, "mV")
        .current("i", |s| s.get("g") * (s.v() - s.v_pre() - s.get("e")))
        .build()
        .expect("a synapse")
}

/// Two states, one of which opens the other, the temperature and the time, and two products.
fn cascade() -> Mechanism {
    MechanismBuilder::synapse("cascade")
        .parameter("g", 1e-3, "uS")
        .parameter("e", -70.0, "mV")
        .parameter("share", 0.3, "1")
        .state(
            "r",
            |s| s.get("share") * 0.0 + 0.1,
            |s| 0.5 / (1.0 + (-(s.v_pre() + 35.0) / 5.0).exp()) - 0.2 * s.get("r"),
        )
        .state(
            "s",
            |s| s.get("share") * 0.0 + 0.2,
            |s| s.get("r") - 0.1 * s.get("s"),
        )
        .current("i", |s| {
            let open = s.get("share") * s.get("r") + (1.0 - s.get("share")) * s.get("s");
            s.get("g") * open * (s.v() - s.get("e"))
        })
        .build()
        .expect("a synapse")
}

fn all() -> Vec<Mechanism> {
    vec![ionotropic(), rate(), conductance(), half_gap(), cascade()]
}

/// Three cells of two kinds whose synapses come from three compartments, with weights of their own; if
/// a current is recorded they are not folded.
fn network(mechanism: Mechanism, records_current: bool) -> Model {
    let hh = || library::builtin("hh").expect("in the library");
    let name = mechanism.name.clone();
    let has_state = !mechanism.states.is_empty();
    let mut long = Model::cylinder(120.0, 3.0, 3).expect("a cylinder");
    long.everywhere().insert(hh()).expect("inserted");
    let mut short = Model::cylinder(30.0, 8.0, 1).expect("a cylinder");
    short.everywhere().insert(hh()).expect("inserted");
    let mut model = Model::network(&[long.clone(), short, long]).expect("a network");
    // compartments 0..3, 3, 4..7
    let (pre, post) = ([2, 3, 6, 2, 3, 6, 2], [3, 4, 1, 1, 1, 1, 5]);
    model.connect(mechanism, &pre, &post).expect("connected");
    let synapses = model.synapses(&name).expect("there are some");
    let least = if name == "rate" { 4e-3 } else { 4e-4 };
    let weights = (0..pre.len()).map(|synapse| least * (1.0 + synapse as f64));
    let weights: Vec<f64> = weights.collect();
    model
        .set_synapses(&format!("{name}.g"), weights, &synapses)
        .expect("set");
    model
        .cell(0)
        .stimulate(Waveform::step(0.5, 2.0, 0.4))
        .expect("stimulated");
    model.everywhere().record("v").expect("recorded");
    let mut two = synapses.clone();
    two.synapses = vec![1, 4];
    if has_state {
        let state = format!("{name}.s");
        model.record_synapses(&state, &two).expect("recorded");
    }
    if records_current {
        let current = format!("{name}.i");
        model.record_synapses(&current, &two).expect("recorded");
    }
    model
}

fn program(mechanism: Mechanism, is_folded: bool, choice: (Scheme, Convention)) -> Arc<Program> {
    let model = network(mechanism, !is_folded);
    Arc::new(lower(&model, choice.0, choice.1).expect("lowered"))
}

const NATIVE: (Scheme, Convention) = (Scheme::BackwardEuler, Convention::Native);

const CHOICES: [(Scheme, Convention); 4] = [
    NATIVE,
    (Scheme::CrankNicolson, Convention::Native),
    (Scheme::BackwardEuler, Convention::Jaxley),
    (Scheme::BackwardEuler, Convention::Neuron),
];

fn parameter(program: &Program, parameter: usize, row: usize) -> usize {
    let quantity = Quantity::Parameter {
        mechanism: 1,
        parameter,
    };
    program.layout().index(quantity, row).expect("a synapse")
}

/// Weights of all synapses, and numbers of the membrane, of the cable and of states at t = 0.
fn places(program: &Program) -> Vec<usize> {
    let of = |quantity, row| program.layout().index(quantity, row).expect("in the model");
    let hh = |parameter| Quantity::Parameter {
        mechanism: 0,
        parameter,
    };
    let weights = (0..7).map(|row| parameter(program, 0, row));
    let others = [
        of(hh(0), 3),
        of(hh(1), 5),
        of(Quantity::Radius, 3),
        of(Quantity::InitialVoltage, 6),
        of(Quantity::Celsius, 0),
    ];
    weights.chain(others).collect()
}

fn wanted(places: &[usize]) -> Wanted {
    Wanted {
        values: places.to_vec(),
        ..Wanted::default()
    }
}

/// The voltages and states of a run, without the currents that a program records at the end.
fn shown(program: &Arc<Program>, inputs: &Arc<Inputs>, count: usize) -> Vec<f64> {
    let run = program.run::<f64>(inputs, &execution(1)).expect("run");
    let samples = run.recordings.samples;
    let data = run.recordings.lane(0);
    data[..count * samples].to_vec()
}

/// The weight of a number that was recorded in a loss, a sum of weighted squares; 0 for currents.
fn weight(index: usize, recordings: usize, count: usize) -> f64 {
    match index % recordings < count {
        true => 1.0 + (index % recordings % 5 + index / recordings % 7) as f64 / 7.0,
        false => 0.0,
    }
}

fn loss(data: &[f64], recordings: usize, count: usize) -> (f64, Vec<f64>) {
    let terms = data.iter().enumerate();
    let weighted = terms.map(|(index, x)| (weight(index, recordings, count), x));
    let slopes = weighted.clone().map(|(w, x)| 2.0 * w * x).collect();
    (weighted.map(|(w, x)| w * x * x).sum(), slopes)
}

fn value(program: &Arc<Program>, inputs: &Inputs, count: usize) -> f64 {
    let run = program.run::<f64>(&Arc::new(inputs.clone()), &execution(1));
    let run = run.expect("run").recordings;
    loss(&run.data, run.recordings, count).0
}

fn gradient(program: &Arc<Program>, inputs: &Inputs, places: &[usize], count: usize) -> Vec<f64> {
    let inputs = Arc::new(inputs.clone());
    let trace = program.trace::<f64>(&inputs, 1 << 30, &execution(1));
    let trace = trace.expect("traced");
    let run = trace.recordings();
    let (_, cotangents) = loss(&run.data, run.recordings, count);
    let gradient = trace.pull_back(&cotangents, &wanted(places));
    gradient.expect("swept").values
}

fn assert_close(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let size = expected.iter().fold(0.0_f64, |size, x| size.max(x.abs()));
    for (index, (a, b)) in found.iter().zip(expected).enumerate() {
        let off = (a - b).abs();
        assert!(off <= tolerance * size, "{what}, {index}: {a:e} and {b:e}");
    }
}

/// The least number of bytes that a gradient takes.
fn least(program: &Arc<Program>, inputs: &Inputs) -> usize {
    match program.plan::<f64>(inputs, 0, 1) {
        Err(RunError::Budget { needed, .. }) => needed,
        other => panic!("{other:?}"),
    }
}

#[test]
fn folded_synapses_do_what_they_do_one_by_one() {
    for choice in CHOICES {
        for mechanism in all() {
            let what = format!("{} {choice:?}", mechanism.name);
            let folded = program(mechanism.clone(), true, choice);
            let whole = program(mechanism, false, choice);
            let count = folded.recordings();
            let inputs = folded.inputs(DT, 240);
            let places = places(&folded);
            assert_eq!(places, self::places(&whole));
            let shared = Arc::new(inputs.clone());
            let one_by_one = shown(&whole, &shared, count);
            assert_close(&shown(&folded, &shared, count), &one_by_one, 1e-12, &what);
            let slopes = gradient(&folded, &inputs, &places, count);
            let expected = gradient(&whole, &inputs, &places, count);
            for (index, (a, b)) in slopes.iter().zip(&expected).enumerate() {
                assert!(
                    (a - b).abs() <= 1e-10 * b.abs(),
                    "{what} {index}: {a:e} {b:e}"
                );
            }
        }
    }
}

#[test]
fn gradients_are_those_of_differences() {
    for choice in CHOICES {
        for mechanism in all() {
            let what = format!("{} {choice:?}", mechanism.name);
            let program = program(mechanism, true, choice);
            let count = program.recordings();
            let inputs = program.inputs(DT, 160);
            let mut places = places(&program);
            // what is weighed as well, and after that what is shared and known only one by one
            let reversals = [0, 5].map(|row| parameter(&program, 1, row));
            places.extend(reversals);
            let slopes = gradient(&program, &inputs, &places, count);
            for (&place, &slope) in places.iter().zip(&slopes) {
                let at = inputs.values[place];
                let moved = |value: f64| {
                    let mut inputs = inputs.clone();
                    inputs.values[place] = value;
                    self::value(&program, &inputs, count)
                };
                let expected = difference(moved, at, slope);
                let off = (slope - expected).abs() / expected.abs().max(1.0);
                assert!(
                    off < 1e-6,
                    "{what} {place}: {slope:e}, differences {expected:e}"
                );
            }
        }
    }
}

/// Of a number that is shared the derivatives of each synapse are those of stepping them one by one.
#[test]
fn what_is_shared_has_a_gradient_too() {
    let folded = program(ionotropic(), true, NATIVE);
    let whole = program(ionotropic(), false, NATIVE);
    let count = folded.recordings();
    let inputs = Arc::new(folded.inputs(DT, 160));
    let weights = [parameter(&folded, 0, 1), parameter(&folded, 0, 4)];
    let shared = [2, 3, 4].map(|number| parameter(&folded, number, 1));
    let both = [&weights[..], &shared].concat();
    let trace = folded.trace::<f64>(&inputs, 1 << 30, &execution(1));
    let trace = trace.expect("traced");
    let (_, cotangents) = loss(&trace.recordings().data, count, count);
    let pulled = |places: &[usize]| {
        let gradient = trace.pull_back(&cotangents, &wanted(places));
        gradient.expect("swept").values
    };
    let first = pulled(&weights);
    let found = pulled(&both);
    let expected = gradient(&whole, &inputs, &both, count);
    for (a, b) in found.iter().zip(&expected) {
        assert!((a - b).abs() <= 1e-10 * b.abs(), "{a:e} {b:e}");
    }
    for (a, b) in pulled(&weights).iter().zip(&first) {
        assert!((a - b).abs() <= 1e-10 * b.abs(), "{a:e} {b:e}");
    }
}

/// Synapses of one source that differ in what they would share are stepped one by one, and so is what
/// moves in a direction in which they do.
#[test]
fn numbers_of_a_run_decide_what_is_folded() {
    let folded = program(ionotropic(), true, NATIVE);
    let whole = program(ionotropic(), false, NATIVE);
    let count = folded.recordings();
    let state = Quantity::InitialState {
        mechanism: 1,
        state: 0,
    };
    let state = folded.layout().index(state, 3).expect("a state");
    for (place, value) in [(parameter(&folded, 2, 3), 0.05), (state, 0.7)] {
        let mut inputs = folded.inputs(DT, 160);
        let together = least(&folded, &inputs);
        inputs.values[place] = value;
        assert_ne!(least(&folded, &inputs), together);
        let places = places(&folded);
        let expected = gradient(&whole, &inputs, &places, count);
        let found = gradient(&folded, &inputs, &places, count);
        assert_close(&found, &expected, 1e-12, "one by one");
        let inputs = Arc::new(inputs);
        let expected = shown(&whole, &inputs, count);
        assert_close(&shown(&folded, &inputs, count), &expected, 1e-12, "a run");
    }
    // all synapses of the source of the fourth: still folded
    let mut inputs = folded.inputs(DT, 160);
    for row in [0, 3, 6] {
        inputs.values[parameter(&folded, 2, row)] = 0.05;
    }
    assert_eq!(
        least(&folded, &inputs),
        least(&folded, &folded.inputs(DT, 160))
    );
    let inputs = Arc::new(inputs);
    let expected = shown(&whole, &inputs, count);
    assert_close(&shown(&folded, &inputs, count), &expected, 1e-12, "a run");

    let direction = Direction {
        places: vec![parameter(&folded, 2, 3)],
        values: vec![0.01],
        ..Direction::default()
    };
    let moved = |program: &Arc<Program>| {
        let (_, tangents) = program
            .jvp::<f64>(&inputs, &direction, &execution(1))
            .expect("run");
        tangents.lane(0)[..count * tangents.samples].to_vec()
    };
    assert_close(&moved(&folded), &moved(&whole), 1e-11, "tangents");
}

#[test]
fn tangents_and_hessian_products_are_those_of_synapses_one_by_one() {
    for mechanism in all() {
        let what = mechanism.name.clone();
        let folded = program(mechanism.clone(), true, NATIVE);
        let whole = program(mechanism, false, NATIVE);
        let count = folded.recordings();
        let inputs = Arc::new(folded.inputs(DT, 160));
        let mut places = places(&folded);
        places.extend((0..7).map(|row| parameter(&folded, 1, row)));
        let values: Vec<f64> = places.iter().map(|p| 0.1 * inputs.values[*p]).collect();
        let direction = Direction {
            places: places.clone(),
            values,
            ..Direction::default()
        };
        let products = |program: &Arc<Program>| {
            let (_, forward) = program
                .jvp::<f64>(&inputs, &direction, &execution(1))
                .expect("run");
            let trace = program
                .trace_tangent::<f64>(&inputs, &direction, 1 << 30, &execution(1))
                .expect("traced");
            assert_eq!(forward, *trace.tangents());
            let run = trace.recordings();
            let (_, cotangents) = loss(&run.data, run.recordings, count);
            let moved: Vec<f64> = forward
                .data
                .iter()
                .enumerate()
                .map(|(i, t)| 2.0 * weight(i, run.recordings, count) * t)
                .collect();
            // what enters states is moved as well where it may differ, and is wanted
            let wanted = wanted(&places[..12]);
            let (gradient, product) = trace
                .pull_back(&cotangents, &moved, &wanted)
                .expect("swept");
            let tangents = forward.lane(0)[..count * forward.samples].to_vec();
            (tangents, gradient.values, product.values)
        };
        let (found, expected) = (products(&folded), products(&whole));
        assert_close(&found.0, &expected.0, 1e-11, &what);
        for (a, b) in found.1.iter().zip(&expected.1) {
            assert!((a - b).abs() <= 1e-10 * b.abs(), "{what}: {a:e} {b:e}");
        }
        for (a, b) in found.2.iter().zip(&expected.2) {
            assert!((a - b).abs() <= 1e-9 * b.abs(), "{what}: {a:e} {b:e}");
        }
    }
}

/// Lanes that differ in weights, in what is shared, and in whether they share it.
#[test]
fn a_batch_is_a_loop_whatever_is_folded_in_which_lane() {
    let program = program(ionotropic(), true, NATIVE);
    let mut inputs = program.inputs(DT, 120);
    let mut places = places(&program);
    places.extend((0..7).map(|row| parameter(&program, 2, row)));
    let lanes = 5;
    let own: Vec<Vec<f64>> = (0..lanes)
        .map(|lane| {
            let scale = 1.0 + 0.05 * lane as f64;
            let numbers = places.iter().map(|p| inputs.values[*p] * scale);
            let mut numbers: Vec<f64> = numbers.collect();
            if lane == 2 {
                numbers[12] *= 2.0;
            }
            numbers
        })
        .collect();
    let wanted = wanted(&places[..12]);
    let swept = |inputs: &Arc<Inputs>, threads: usize| -> (Vec<Vec<f64>>, Gradient) {
        let trace = program.trace::<f64>(inputs, 1 << 30, &execution(threads));
        let trace = trace.expect("traced");
        let run = trace.recordings();
        let ones = vec![1.0; run.data.len()];
        let slopes = trace.pull_back(&ones, &wanted).expect("swept");
        ((0..run.lanes).map(|lane| run.lane(lane)).collect(), slopes)
    };
    let single = own.iter().map(|numbers| {
        let mut inputs = inputs.clone();
        for (place, value) in places.iter().zip(numbers) {
            inputs.values[*place] = *value;
        }
        swept(&Arc::new(inputs), 1)
    });
    let single: Vec<(Vec<Vec<f64>>, Gradient)> = single.collect();
    inputs.lanes = lanes;
    inputs.lane_values.push(LaneValues {
        indices: places.clone(),
        values: own.concat(),
    });
    let inputs = Arc::new(inputs);
    for threads in [1, 2, 3] {
        let (recordings, slopes) = swept(&inputs, threads);
        for (lane, (expected, gradient)) in single.iter().enumerate() {
            assert_eq!(recordings[lane], expected[0], "lane {lane}");
            let from = lane * 12;
            assert_eq!(
                slopes.values[from..from + 12],
                gradient.values,
                "lane {lane}"
            );
        }
    }
}

#[test]
fn gradients_do_not_depend_on_the_budget() {
    let program = program(cascade(), true, NATIVE);
    let inputs = Arc::new(program.inputs(DT, 400));
    let places = places(&program);
    let with = |budget: usize| {
        let trace = program.trace::<f64>(&inputs, budget, &execution(1));
        let trace = trace.expect("traced");
        let count = program.recordings();
        let (_, cotangents) = loss(&trace.recordings().data, count, count);
        trace
            .pull_back(&cotangents, &wanted(&places))
            .expect("swept")
    };
    let needed = least(&program, &inputs);
    let ample = with(1 << 30);
    for budget in [needed, needed + 20_000] {
        let plan = program.plan::<f64>(&inputs, budget, 1).expect("it fits");
        assert!(plan.runs(400) > 1);
        assert_eq!(with(budget), ample);
    }
}

#[test]
fn single_precision_is_close() {
    for mechanism in all() {
        let program = program(mechanism, true, NATIVE);
        let inputs = Arc::new(program.inputs(DT, 80));
        let wide = program.run::<f64>(&inputs, &execution(1)).expect("run");
        let narrow = program.run::<f32>(&inputs, &execution(1)).expect("run");
        let narrow = narrow.recordings.data.iter().map(|x| f64::from(*x));
        let narrow: Vec<f64> = narrow.collect();
        assert_close(&narrow, &wide.recordings.data, 1e-4, "single precision");
    }
}

/// What is trained and would be shared is not folded: its gradient needs no second run.
#[test]
fn what_is_trained_decides_what_is_folded() {
    let bytes = |trained: &str| {
        let mut model = network(ionotropic(), false);
        let synapses = model.synapses("ionotropic").expect("there are some");
        model
            .train_synapses(trained, None, &synapses)
            .expect("trainable");
        let program = Arc::new(lower(&model, NATIVE.0, NATIVE.1).expect("lowered"));
        least(&program, &program.inputs(DT, 100))
    };
    assert_eq!(bytes("ionotropic.g"), bytes("ionotropic.e"));
    assert_ne!(bytes("ionotropic.g"), bytes("ionotropic.k_minus"));
}
