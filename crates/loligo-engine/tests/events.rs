//! Events: steps written out by hand, gradients against finite differences while spikes keep their steps,
//! and what must not change a bit.

mod support;

use std::sync::Arc;

use loligo_engine::{
    Convention, Direction, Inputs, LaneValues, LoweringError, Program, RunError, Scheme, Surrogate,
    SurrogateShape, Train, Wanted, lower,
};
use loligo_mechanism::{Mechanism, library, nmodl};
use loligo_model::{Model, Quantity, Waveform};
use support::quadratic::{execution, gradient, least_budget, loss};

const DT: f64 = 0.025;

fn builtin(name: &str) -> Mechanism {
    library::builtin(name).expect("in the library")
}

fn cable(compartments: usize) -> Model {
    let mut cell =
        Model::cylinder(40.0 * compartments as f64, 6.0, compartments).expect("a cylinder");
    cell.everywhere().insert(builtin("hh")).expect("inserted");
    cell
}

/// Sends itself an event that ends what the last one began, and takes a weight into account then.
fn pulse() -> Mechanism {
    let text = "NEURON { POINT_PROCESS pulse NONSPECIFIC_CURRENT i RANGE width, e }
        PARAMETER { width = 1 (ms) e = -10 (mV) tau = 2 (ms) }
        ASSIGNED { v (mV) i (nA) }
        STATE { g (uS) open }
        INITIAL { g = 0 open = 0 }
        BREAKPOINT { SOLVE s METHOD cnexp  i = g*(v - e) }
        DERIVATIVE s { g' = (open - g)/tau open' = 0 }
        NET_RECEIVE (weight (uS)) {
            IF (flag == 0) { open = open + weight*(1 + g) net_send(width, 1) }
            ELSE { open = open - weight*(1 - 0.5*open) }
        }";
    nmodl::compile(text, "pulse.mod").expect("compiles")
}

/// Three cells of two shapes that excite each other with delays: inserted synapses, one with a memory of its
/// connections, synapses of their own, and one that sends itself events.
fn network() -> Model {
    let mut cell = cable(3);
    for name in ["expsyn", "tsodyks_markram"] {
        let mut end = cell.branch(0).compartment(2);
        end.insert(builtin(name)).expect("inserted");
    }
    let mut other = cable(1);
    other
        .everywhere()
        .insert(builtin("expsyn"))
        .expect("inserted");
    let mut model = Model::network(&[cell.clone(), other, cell]).expect("a network");
    // compartments 0..3, 3, 4..7
    let spikes = model.detect_spikes(&[0, 3, 4], -10.0).expect("watched");
    let input = model
        .spike_train(vec![0.3, 1.0, 1.0, 1.7, 2.1, 5.0])
        .expect("a train");
    model
        .connect_events(
            "expsyn",
            &[input, spikes[0], spikes[1], input],
            &[3, 3, 2, 2],
        )
        .expect("connected");
    model
        .connect_events("tsodyks_markram", &[input, spikes[1], input], &[2, 6, 6])
        .expect("connected");
    let own = model
        .connect_synapses(
            builtin("exp2syn"),
            &[spikes[0], input, spikes[2], input],
            &[4, 4, 0, 0],
        )
        .expect("connected");
    assert_eq!(own, 0..4);
    model
        .connect_synapses(pulse(), &[input, spikes[1]], &[5, 1])
        .expect("connected");
    let set = |model: &mut Model, name: &str, numbers: Vec<f64>| {
        let all = model
            .synapses(name.split('.').next().unwrap_or(name))
            .expect("there are some");
        model.set_synapses(name, numbers, &all).expect("set");
    };
    set(&mut model, "expsyn.weight", vec![0.02, 0.012, 0.02, 0.01]);
    set(&mut model, "expsyn.delay", vec![0.4, 1.0, 0.0, 2.0]);
    set(&mut model, "tsodyks_markram.weight", vec![0.05, 0.03, 0.08]);
    set(&mut model, "tsodyks_markram.delay", vec![0.5, 0.7, 0.4]);
    set(&mut model, "exp2syn.weight", vec![0.015, 0.02, 0.01, 0.03]);
    set(&mut model, "exp2syn.delay", vec![0.9, 0.8, 1.0, 0.1]);
    set(&mut model, "exp2syn.tau_decay", vec![2.0, 3.0, 2.5, 1.5]);
    set(&mut model, "pulse.weight", vec![0.01, 0.02]);
    set(&mut model, "pulse.delay", vec![0.3, 0.2]);
    model.everywhere().record("v").expect("recorded");
    for what in ["expsyn.g", "expsyn.i"] {
        model.cell(1).record(what).expect("recorded");
    }
    let synapses = model.synapses("exp2syn").expect("there are some");
    for what in ["exp2syn.decay", "exp2syn.i"] {
        model.record_synapses(what, &synapses).expect("recorded");
    }
    let synapses = model.synapses("pulse").expect("there are some");
    model
        .record_synapses("pulse.open", &synapses)
        .expect("recorded");
    model
}

fn program(scheme: Scheme, convention: Convention) -> Arc<Program> {
    Arc::new(lower(&network(), scheme, convention).expect("lowered"))
}

#[test]
fn an_event_is_delivered_between_update_and_currents() {
    let mut cell = Model::cylinder(20.0, 20.0, 1).expect("a cylinder");
    cell.everywhere().insert(builtin("pas")).expect("inserted");
    cell.everywhere()
        .insert(builtin("expsyn"))
        .expect("inserted");
    let input = cell.spike_train(vec![0.1]).expect("a train");
    cell.connect_events("expsyn", &[input], &[0])
        .expect("connected");
    let all = cell.synapses("expsyn").expect("there is one");
    cell.set_synapses("expsyn.weight", 0.01, &all).expect("set");
    cell.set_synapses("expsyn.delay", 0.06, &all).expect("set");
    cell.everywhere().record("v").expect("recorded");
    cell.everywhere().record("expsyn.g").expect("recorded");
    let program =
        Arc::new(lower(&cell, Scheme::BackwardEuler, Convention::Native).expect("lowered"));
    let run = program.run::<f64>(&Arc::new(program.inputs(DT, 20)), &execution(1));
    let recordings = run.expect("run").recordings;
    let (v, g) = (recordings.trace(0, 0), recordings.trace(0, 1));

    // 0.16 ms are due by the middle of the step from 0.15 ms
    let value = |name: &str| {
        let quantity = cell.quantity(name).expect("a quantity");
        cell.values().value(quantity, 0).expect("a number")
    };
    let area = 800.0 * std::f64::consts::PI;
    let capacity = 1e-5 * area * value("capacitance") / DT;
    let leak = 1e-2 * area * value("pas.g");
    let (mut voltage, mut conductance) = (value("v"), 0.0);
    for step in 0..20 {
        conductance *= if step > 0 { (-DT / 2.0f64).exp() } else { 1.0 };
        assert!((g[step] - conductance).abs() <= 1e-17, "g at {step}");
        if step == 6 {
            conductance += 0.01;
        }
        let rhs = capacity * voltage + leak * value("pas.e");
        voltage = rhs / (capacity + leak + conductance);
        assert!(
            (v[step + 1] - voltage).abs() <= 1e-12,
            "v after {step}: {} {voltage}",
            v[step + 1]
        );
    }
}

#[test]
fn gradients_are_those_of_differences_while_spikes_keep_their_steps() {
    for (scheme, convention) in [
        (Scheme::BackwardEuler, Convention::Native),
        (Scheme::CrankNicolson, Convention::Native),
        (Scheme::BackwardEuler, Convention::Neuron),
    ] {
        let program = program(scheme, convention);
        let inputs = program.inputs(DT, 480);
        let run = program.run::<f64>(&Arc::new(inputs.clone()), &execution(1));
        let run = run.expect("run");
        let spikes = run.spikes;
        for cell in 0..3 {
            assert!(
                spikes.iter().any(|spike| spike.source == cell),
                "cell {cell} spikes"
            );
        }
        let model = network();
        let named = |name: &str, rows: std::ops::Range<usize>| {
            let quantity = model.quantity(name).expect("a quantity");
            let layout = program.layout();
            let places = rows.filter_map(|row| layout.index(quantity, row));
            places.collect::<Vec<_>>()
        };
        let mut places = named("expsyn.weight", 0..4);
        places.extend(named("tsodyks_markram.weight", 0..3));
        places.extend(named("exp2syn.weight", 0..4));
        places.extend(named("pulse.weight", 0..2));
        places.extend(named("exp2syn.tau_rise", 0..2));
        places.extend(named("exp2syn.tau_decay", 0..2));
        places.extend(named("expsyn.tau", 2..4));
        places.extend(named("expsyn.e", 2..3));
        places.extend(named("tsodyks_markram.use", 2..3));
        places.extend(named("tsodyks_markram.tau_recovery", 6..7));
        places.extend(named("pulse.e", 0..2));
        places.extend(named("hh.gnabar", 0..1));
        places.extend(named("radius", 5..6));
        places.extend(named("v", 3..4));
        let found = gradient(&program, &inputs, &places, 1 << 30);
        let layout = program.layout();
        for (place, found) in places.iter().zip(&found) {
            let value = inputs.values[*place];
            // a reversal potential of 0 mV moves, too
            let step = 1e-5 * if value == 0.0 { 10.0 } else { value.abs() };
            let at = |factor: f64| {
                let mut moved = inputs.clone();
                moved.values[*place] = value + factor * step;
                let run = program
                    .run::<f64>(&Arc::new(moved), &execution(1))
                    .expect("run");
                assert_eq!(run.spikes, spikes, "spikes keep their steps");
                loss(&run.recordings.data).0
            };
            // fourth order
            let slope = (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * step);
            let apart =
                (slope - found).abs() / found.abs().max(1e-3 * loss(&run.recordings.data).0);
            let (quantity, row) = layout.at(*place).expect("a place");
            let name = model.quantity_name(quantity);
            assert!(
                apart <= 1e-6,
                "{scheme:?} {name} of {row}: {slope} {found}: {apart}"
            );
            assert!(*found != 0.0, "{name} of {row} matters");
        }
    }
}

#[test]
fn a_trace_is_swept_back_as_often_as_one_likes() {
    let program = program(Scheme::BackwardEuler, Convention::Native);
    let mut inputs = program.inputs(DT, 480);
    inputs.surrogate = Some(Surrogate {
        shape: SurrogateShape::Sigmoid,
        width: 2.0,
    });
    let model = network();
    let mut places = Vec::new();
    for name in [
        "expsyn.weight",
        "tsodyks_markram.weight",
        "exp2syn.tau_decay",
    ] {
        let quantity = model.quantity(name).expect("a quantity");
        places.extend((0..3).filter_map(|row| program.layout().index(quantity, row)));
    }
    let wanted = Wanted {
        values: places,
        ..Wanted::default()
    };
    for budget in [1 << 30, 5 << 20] {
        let trace = program.trace::<f64>(&Arc::new(inputs.clone()), budget, &execution(1));
        let trace = trace.expect("traced");
        let (_, cotangents) = loss(&trace.recordings().data);
        let once = trace.pull_back(&cotangents, &wanted).expect("swept");
        assert!(
            once.values
                .iter()
                .all(|slope| slope.is_finite() && *slope != 0.0)
        );
        for _ in 0..2 {
            let again = trace.pull_back(&cotangents, &wanted).expect("swept");
            assert_eq!(again.values, once.values);
        }
    }
}

/// An event that sends another one at once, for ever, ends a run with a message.
#[test]
fn events_without_end_are_refused() {
    let text = "NEURON { POINT_PROCESS echo NONSPECIFIC_CURRENT i } ASSIGNED { v (mV) i (nA) }
        BREAKPOINT { i = 0 } NET_RECEIVE (w) { net_send(0, 1) }";
    let mut cell = cable(1);
    let echo = nmodl::compile(text, "echo.mod").expect("compiles");
    cell.everywhere().insert(echo).expect("inserted");
    let train = cell.spike_train(vec![1.0]).expect("a train");
    cell.connect_events("echo", &[train], &[0])
        .expect("connected");
    cell.everywhere().record("v").expect("recorded");
    let program = lower(&cell, Scheme::BackwardEuler, Convention::Native).expect("lowered");
    let program = Arc::new(program);
    let inputs = Arc::new(program.inputs(DT, 400));
    let refused = program.run::<f64>(&inputs, &execution(1));
    let Err(RunError::EndlessEvents { time }) = refused else {
        panic!("{refused:?}");
    };
    // a ms after the spike, by the delay of a connection that was not told another
    assert!((time - 2.0).abs() < 1e-9, "{time}");
}

#[test]
fn a_budget_changes_no_bit() {
    let program = program(Scheme::BackwardEuler, Convention::Native);
    let inputs = program.inputs(DT, 480);
    let places: Vec<usize> = (0..program.layout().len())
        .filter(|place| {
            let quantity = program.layout().at(*place).map(|(quantity, _)| quantity);
            !matches!(quantity, Some(Quantity::Delay { .. })) && inputs.values[*place].is_finite()
        })
        .collect();
    let whole = gradient(&program, &inputs, &places, 1 << 30);
    let least = least_budget(&program, &Arc::new(inputs.clone()));
    let parts = gradient(&program, &inputs, &places, least);
    assert_eq!(whole, parts);
}

#[test]
fn a_batch_is_its_lanes_and_threads_change_no_bit() {
    let program = program(Scheme::BackwardEuler, Convention::Native);
    let mut inputs = program.inputs(DT, 400);
    let model = network();
    let weight = model.quantity("expsyn.weight").expect("a quantity");
    let indices: Vec<usize> = (0..4)
        .filter_map(|row| program.layout().index(weight, row))
        .collect();
    let single = inputs.clone();
    inputs.lanes = 5;
    let values = |lane: usize| (0..4).map(move |row| 0.01 + 0.002 * (lane + row) as f64);
    inputs.lane_values.push(LaneValues {
        indices: indices.clone(),
        values: (0..5).flat_map(values).collect(),
    });
    let batch = program
        .run::<f64>(&Arc::new(inputs.clone()), &execution(1))
        .expect("run");
    let wanted = Wanted {
        values: indices.clone(),
        ..Wanted::default()
    };
    let trace = program.trace::<f64>(&Arc::new(inputs.clone()), 1 << 30, &execution(2));
    let trace = trace.expect("traced");
    let grad = trace
        .pull_back(&trace.recordings().data, &wanted)
        .expect("swept")
        .values;
    for threads in [2, 3] {
        let again = program.run::<f64>(&Arc::new(inputs.clone()), &execution(threads));
        assert_eq!(again.expect("run"), batch);
    }
    let mut counts = Vec::new();
    for lane in 0..5 {
        let mut alone = single.clone();
        for (index, value) in indices.iter().zip(values(lane)) {
            alone.values[*index] = value;
        }
        let run = program
            .run::<f64>(&Arc::new(alone.clone()), &execution(1))
            .expect("run");
        assert_eq!(run.recordings.lane(0), batch.recordings.lane(lane));
        let alone = program
            .trace::<f64>(&Arc::new(alone), 1 << 30, &execution(1))
            .expect("traced");
        let own = alone
            .pull_back(&alone.recordings().data, &wanted)
            .expect("swept");
        assert_eq!(own.values, grad[4 * lane..4 * lane + 4]);
        let mut spikes = batch.spikes.clone();
        spikes.retain(|spike| spike.lane == lane);
        let times = |spikes: &[loligo_engine::Spike]| -> Vec<(usize, f64)> {
            spikes
                .iter()
                .map(|spike| (spike.source, spike.time))
                .collect()
        };
        assert_eq!(times(&run.spikes), times(&spikes));
        counts.push(spikes.len());
    }
    assert!(counts.iter().all(|count| *count > 6), "{counts:?} spikes");
}

#[test]
fn what_has_no_gradient_is_refused() {
    let program = program(Scheme::BackwardEuler, Convention::Native);
    let inputs = Arc::new(program.inputs(DT, 40));
    let delay = network().quantity("expsyn.delay").expect("a quantity");
    let place = program.layout().index(delay, 0).expect("a place");
    let trace = program
        .trace::<f64>(&inputs, 1 << 30, &execution(1))
        .expect("traced");
    let wanted = Wanted {
        values: vec![place],
        ..Wanted::default()
    };
    let refused = trace.pull_back(&vec![0.0; trace.recordings().data.len()], &wanted);
    assert!(matches!(refused, Err(RunError::DelayOnGrid { .. })));

    let reader =
        "NEURON { POINT_PROCESS w } NET_RECEIVE (weight) { FOR_NETCONS (own) { own = weight } }";
    let mut cell = Model::cylinder(20.0, 20.0, 1).expect("a cylinder");
    let reader = nmodl::compile(reader, "w.mod").expect("compiles");
    cell.everywhere().insert(reader).expect("inserted");
    let input = cell.spike_train(vec![1.0]).expect("a train");
    cell.connect_events("w", &[input], &[0]).expect("connected");
    cell.everywhere().record("v").expect("recorded");
    let refused = lower(&cell, Scheme::BackwardEuler, Convention::Native);
    assert!(matches!(refused, Err(LoweringError::Events { .. })));
}

/// A cell by itself that counts what comes, and answers each event after a while with a spike; the answer
/// moves if there is another event before it. It notes whether events came out of their order.
fn relay() -> Mechanism {
    let text = "NEURON { ARTIFICIAL_CELL Relay RANGE span, count, last, disorder }
        PARAMETER { span = 0.004 (ms) }
        ASSIGNED { count last (ms) waits disorder }
        INITIAL { count = 0 last = -1 waits = 0 disorder = 0 }
        NET_RECEIVE (weight) {
            IF (t < last) { disorder = disorder + 1 }
            last = t
            IF (flag == 1) { waits = 0 net_event(t) }
            ELSE {
                count = count + weight
                IF (waits) { net_move(t + span) } ELSE { waits = 1 net_send(span, 1) }
            }
        }";
    nmodl::compile(text, "relay.mod").expect("compiles")
}

#[test]
fn events_within_a_step_come_in_the_order_of_time() {
    let mut cell = Model::cylinder(20.0, 20.0, 1).expect("a cylinder");
    cell.everywhere().insert(relay()).expect("inserted");
    let cells = vec![cell; 3];
    let mut model = Model::network(&cells).expect("a network");
    let own = model.follow_spikes("Relay", &[0, 1, 2]).expect("followed");
    // all within the first half of the first step
    let input = model
        .spike_train(vec![0.0, 0.0005, 0.003, 0.009])
        .expect("a train");
    // a chain that comes back after 0.004 + 0.001 ms each
    model
        .connect_events("Relay", &[input, own[0], own[1]], &[0, 1, 2])
        .expect("connected");
    // and what comes to the last one from outside, before and after
    let others = model.spike_train(vec![0.0101, 0.0121]).expect("a train");
    model
        .connect_events("Relay", &[others], &[2])
        .expect("connected");
    let all = model.synapses("Relay").expect("there are some");
    let delays = vec![0.0, 0.001, 0.001, 0.0];
    model
        .set_synapses("Relay.delay", delays, &all)
        .expect("set");
    model.set_synapses("Relay.weight", 1.0, &all).expect("set");
    for what in ["Relay.count", "Relay.disorder"] {
        model.everywhere().record(what).expect("recorded");
    }
    let program = lower(&model, Scheme::BackwardEuler, Convention::Native).expect("lowered");
    let program = Arc::new(program);
    let mut inputs = program.inputs(DT, 4);
    let single = program.run::<f64>(&Arc::new(inputs.clone()), &execution(1));
    let single = single.expect("run");
    let spikes = |of: usize| -> Vec<f64> {
        let own = single.spikes.iter().filter(|spike| spike.source == own[of]);
        own.map(|spike| spike.time).collect()
    };
    let close = |found: Vec<f64>, expected: &[f64]| {
        assert_eq!(found.len(), expected.len(), "{found:?} {expected:?}");
        let apart = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
        assert!(apart.fold(0.0, f64::max) < 1e-12, "{found:?} {expected:?}");
    };
    // events at 0, 0.0005 and 0.003 ms move the answer to 0.007 ms
    close(spikes(0), &[0.007, 0.013]);
    close(spikes(1), &[0.012, 0.018]);
    // 0.0101 and 0.0121 move each other, and the chain arrives at 0.013 and 0.019 ms
    close(spikes(2), &[0.017, 0.023]);
    let last = single.recordings.samples - 1;
    let recorded: Vec<f64> = (0..6)
        .map(|row| single.recordings.trace(0, row)[last])
        .collect();
    assert_eq!(recorded, [4.0, 2.0, 4.0, 0.0, 0.0, 0.0]);

    // in a batch the others have other inputs, and each lane does as it would alone
    inputs.lanes = 3;
    let trains: [&[f64]; 3] = [&[0.0021, 0.0022], &[0.0, 0.0005, 0.003, 0.009], &[]];
    let trains = trains.iter().map(|times| (*times).into()).collect();
    inputs.trains.insert(3, Train::LaneTimes(trains));
    let batch = program
        .run::<f64>(&Arc::new(inputs), &execution(2))
        .expect("run");
    assert_eq!(batch.recordings.lane(1), single.recordings.lane(0));
    let times = |spikes: &[loligo_engine::Spike], lane: usize| -> Vec<(usize, f64)> {
        let own = spikes.iter().filter(|spike| spike.lane == lane);
        own.map(|spike| (spike.source, spike.time)).collect()
    };
    assert_eq!(times(&batch.spikes, 1), times(&single.spikes, 0));
}

#[test]
fn an_event_changes_what_all_connections_bring() {
    let text = "NEURON { POINT_PROCESS Teller RANGE total } ASSIGNED { total }
        INITIAL { total = 0 net_send(0.5, 1) }
        NET_RECEIVE (weight, gain) {
            INITIAL { gain = 1 }
            IF (flag == 1) { FOR_NETCONS (w, own) { own = own + w } net_send(1, 1) }
            ELSE { total = total + gain }
        }";
    let mut cell = Model::cylinder(20.0, 20.0, 1).expect("a cylinder");
    let teller = nmodl::compile(text, "teller.mod").expect("compiles");
    cell.everywhere().insert(teller).expect("inserted");
    let input = cell.spike_train(vec![0.2, 0.7, 1.7]).expect("a train");
    // more than are told at once
    let count = 70;
    cell.connect_events("Teller", &vec![input; count], &vec![0; count])
        .expect("connected");
    let all = cell.synapses("Teller").expect("there are some");
    let weights: Vec<f64> = (1..=count).map(|weight| weight as f64).collect();
    cell.set_synapses("Teller.weight", weights, &all)
        .expect("set");
    cell.set_synapses("Teller.delay", 0.0, &all).expect("set");
    cell.everywhere().record("Teller.total").expect("recorded");
    let program = lower(&cell, Scheme::BackwardEuler, Convention::Native).expect("lowered");
    let program = Arc::new(program);
    let inputs = Arc::new(program.inputs(DT, 80));
    let run = program.run::<f64>(&inputs, &execution(1)).expect("run");
    let total = run.recordings.trace(0, 0);
    let at = |time: f64| total[(time / DT) as usize];
    // gains are 1, then 1 + weight, then 1 + 2·weight
    let sum = 0.5 * (count * (count + 1)) as f64;
    let expected = [
        count as f64,
        2.0 * count as f64 + sum,
        3.0 * count as f64 + 3.0 * sum,
    ];
    assert_eq!([at(0.4), at(1.4), at(1.99)], expected);
    let refused = program.trace::<f64>(&inputs, 1 << 30, &execution(1));
    let Err(RunError::Broadcast { what }) = refused else {
        panic!("a gradient is refused");
    };
    assert_eq!(what, "weight of each connection to Teller");
}

#[test]
fn spikes_are_found_without_any_recording() {
    let mut cell = cable(1);
    cell.everywhere()
        .stimulate(Waveform::step(1.0, 40.0, 0.15))
        .expect("stimulated");
    cell.detect_spikes(&[0], 0.0).expect("watched");
    let program =
        Arc::new(lower(&cell, Scheme::BackwardEuler, Convention::Native).expect("lowered"));
    let run = program
        .run::<f64>(&Arc::new(program.inputs(DT, 2000)), &execution(1))
        .expect("run");
    assert!(run.spikes.len() > 2);
    assert!(run.recordings.data.is_empty());
}

#[test]
fn each_lane_may_have_spikes_of_its_own() {
    let program = program(Scheme::BackwardEuler, Convention::Native);
    let model = network();
    let input = 3;
    let trains: Vec<Arc<[f64]>> = vec![
        vec![0.2, 0.9, 0.9, 1.4, 2.2, 6.0].into(),
        vec![].into(),
        vec![3.0, 3.01, 3.4, 3.6].into(),
    ];
    let weight = model.quantity("exp2syn.weight").expect("a quantity");
    let layout = program.layout();
    let wanted = Wanted {
        values: (0..4).filter_map(|row| layout.index(weight, row)).collect(),
        ..Wanted::default()
    };
    let mut inputs = program.inputs(DT, 400);
    inputs.lanes = 3;
    inputs
        .trains
        .insert(input, Train::LaneTimes(trains.clone()));
    let inputs = Arc::new(inputs);
    let batch = program.run::<f64>(&inputs, &execution(1)).expect("run");
    let threads = program.run::<f64>(&inputs, &execution(3));
    assert_eq!(threads.expect("run"), batch);
    let sweep = |inputs: &Arc<Inputs>, budget: usize| {
        let trace = program.trace::<f64>(inputs, budget, &execution(1));
        let trace = trace.expect("traced");
        let cotangents = &trace.recordings().data;
        trace.pull_back(cotangents, &wanted).expect("swept").values
    };
    let slopes = sweep(&inputs, 1 << 30);
    let least = least_budget(&program, &inputs);
    assert_eq!(sweep(&inputs, least), slopes);
    for (lane, times) in trains.iter().enumerate() {
        let mut alone = program.inputs(DT, 400);
        alone.trains.insert(input, Train::Times(Arc::clone(times)));
        let alone = Arc::new(alone);
        let run = program.run::<f64>(&alone, &execution(1)).expect("run");
        assert_eq!(run.recordings.lane(0), batch.recordings.lane(lane));
        let of = |run: &loligo_engine::Run<f64>, lane: usize| -> Vec<(usize, f64)> {
            let own = run.spikes.iter().filter(|spike| spike.lane == lane);
            own.map(|spike| (spike.source, spike.time)).collect()
        };
        assert_eq!(of(&run, 0), of(&batch, lane));
        let given = of(&run, 0).iter().filter(|(of, _)| *of == input).count();
        assert_eq!(given, times.len());
        let own = sweep(&alone, 1 << 30);
        assert_eq!(own, slopes[4 * lane..4 * lane + 4]);
    }
    // the model's own train, given once more, is the run without
    let mut same = program.inputs(DT, 400);
    let without = program.run::<f64>(&Arc::new(same.clone()), &execution(1));
    let own = vec![0.3, 1.0, 1.0, 1.7, 2.1, 5.0];
    same.trains.insert(input, Train::Times(own.into()));
    let with = program.run::<f64>(&Arc::new(same), &execution(1));
    assert_eq!(with, without);
}

#[test]
fn spikes_of_a_run_are_checked() {
    let program = program(Scheme::BackwardEuler, Convention::Native);
    let refused = |source: usize, train: Train| {
        let mut inputs = program.inputs(DT, 4);
        inputs.trains.insert(source, train);
        let run = program.run::<f64>(&Arc::new(inputs), &execution(1));
        run.expect_err("refused").to_string()
    };
    let times = |times: &[f64]| -> Arc<[f64]> { times.into() };
    assert_eq!(
        refused(0, Train::Times(times(&[1.0]))),
        "spikes were given for source 0, which is none of the spike trains among the 4 sources of the model"
    );
    assert_eq!(
        refused(3, Train::LaneTimes(vec![times(&[1.0]), times(&[2.0])])),
        "the spikes of source 3 are given for 2 lanes, and the run has 1"
    );
    assert_eq!(
        refused(3, Train::LaneTimes(vec![times(&[2.0, 1.0])])),
        "a time of the spikes of source 3 in lane 0 is 1, expected finite times (ms) from 0 on, ascending"
    );
}

/// A number and its derivative.
#[derive(Clone, Copy)]
struct Dual(f64, f64);

impl Dual {
    fn plus(self, other: Self) -> Self {
        Dual(self.0 + other.0, self.1 + other.1)
    }

    fn times(self, other: Self) -> Self {
        Dual(self.0 * other.0, self.0 * other.1 + self.1 * other.0)
    }

    fn over(self, other: Self) -> Self {
        let quotient = self.0 / other.0;
        Dual(quotient, (self.1 - quotient * other.1) / other.0)
    }
}

/// What is differentiated by in [`passive_pair`].
#[derive(Clone, Copy, PartialEq, Debug)]
enum By {
    Leak,
    InitialVoltage,
    Weight,
    TimeConstant,
}

/// Two passive cells that excite each other, step by step: Σ over time of (V + 60)² of both, and its
/// derivative, where the derivative of a threshold is the surrogate's.
fn passive_pair(by: By, surrogate: Surrogate, steps: usize) -> (Dual, usize) {
    let seed = |which: By, value: f64| Dual(value, f64::from(u8::from(which == by)));
    let constant = |value: f64| Dual(value, 0.0);
    let area = 800.0 * std::f64::consts::PI;
    let capacity = constant(1e-5 * area / DT);
    let leaks = [seed(By::Leak, 1e-4), constant(1e-4)].map(|g| g.times(constant(1e-2 * area)));
    let mut v = [seed(By::InitialVoltage, -65.0), constant(-65.0)];
    let tau = [constant(2.0), seed(By::TimeConstant, 2.0)];
    // exp(−Δt/τ), and its derivative by τ
    let decay = tau.map(|tau| {
        let left = (-DT / tau.0).exp();
        Dual(left, left * DT / (tau.0 * tau.0) * tau.1)
    });
    let weights = [constant(0.004), seed(By::Weight, 0.006)];
    let mut conductances = [constant(0.0); 2];
    // 1 ms and 1.5 ms later, with the step in which that is due
    let delays = [40, 60];
    let mut spikes: Vec<[Dual; 2]> = Vec::new();
    let mut before: Option<[Dual; 2]> = None;
    let mut loss = constant(0.0);
    let mut count = 0;
    for step in 0..=steps {
        for voltage in v {
            let away = voltage.plus(constant(60.0));
            loss = loss.plus(away.times(away));
        }
        if step == steps {
            break;
        }
        let above = v.map(|v| v.plus(constant(50.0)));
        let heaviside = |x: Dual| Dual(f64::from(u8::from(x.0 > 0.0)), surrogate.slope(x.0) * x.1);
        let spike = |cell: usize| {
            let before = before.map_or(constant(0.0), |before| heaviside(before[cell]));
            let still = Dual(1.0 - before.0, -before.1);
            heaviside(above[cell]).times(still)
        };
        spikes.push([spike(0), spike(1)]);
        count += spikes[step].iter().filter(|spike| spike.0 > 0.0).count();
        before = Some(above);
        for cell in 0..2 {
            if step > 0 {
                conductances[cell] = conductances[cell].times(decay[cell]);
            }
            if let Some(sent) = step.checked_sub(delays[cell]) {
                let spike = spikes[sent][1 - cell];
                conductances[cell] = conductances[cell].plus(weights[cell].times(spike));
            }
            // 0.22 nA from 1 ms to 6 ms into the first
            let time = (step as f64 + 0.5) * DT;
            let injected = if cell == 0 && (1.0..6.0).contains(&time) {
                0.22
            } else {
                0.0
            };
            let rhs = capacity.times(v[cell]);
            let rhs = rhs.plus(leaks[cell].times(constant(-65.0)));
            let rhs = rhs.plus(constant(injected));
            let diagonal = capacity.plus(leaks[cell]).plus(conductances[cell]);
            v[cell] = rhs.over(diagonal);
        }
    }
    (loss, count)
}

#[test]
fn surrogates_have_the_gradient_of_their_definition() {
    let mut cell = Model::cylinder(20.0, 20.0, 1).expect("a cylinder");
    cell.everywhere().insert(builtin("pas")).expect("inserted");
    cell.everywhere()
        .insert(builtin("expsyn"))
        .expect("inserted");
    let mut model = Model::network(&[cell.clone(), cell]).expect("a network");
    model.everywhere().set("pas.g", 1e-4).expect("set");
    model.everywhere().set("pas.e", -65.0).expect("set");
    model.everywhere().set("v", -65.0).expect("set");
    model
        .cell(0)
        .stimulate(Waveform::step(1.0, 5.0, 0.22))
        .expect("stimulated");
    let spikes = model.detect_spikes(&[1, 0], -50.0).expect("watched");
    model
        .connect_events("expsyn", &spikes, &[0, 1])
        .expect("connected");
    let all = model.synapses("expsyn").expect("there are some");
    model
        .set_synapses("expsyn.weight", vec![0.004, 0.006], &all)
        .expect("set");
    model
        .set_synapses("expsyn.delay", vec![1.0, 1.5], &all)
        .expect("set");
    model.everywhere().record("v").expect("recorded");
    let program = lower(&model, Scheme::BackwardEuler, Convention::Native).expect("lowered");
    let program = Arc::new(program);
    let steps = 600;
    let place = |name: &str, row: usize| {
        let quantity = model.quantity(name).expect("a quantity");
        program.layout().index(quantity, row).expect("a place")
    };
    let places = [
        (By::Leak, place("pas.g", 0)),
        (By::InitialVoltage, place("v", 0)),
        (By::Weight, place("expsyn.weight", 1)),
        (By::TimeConstant, place("expsyn.tau", 1)),
    ];
    for shape in [
        SurrogateShape::Sigmoid,
        SurrogateShape::FastSigmoid,
        SurrogateShape::Arctan,
        SurrogateShape::Triangle,
    ] {
        let surrogate = Surrogate { shape, width: 0.7 };
        let mut inputs = program.inputs(DT, steps);
        inputs.surrogate = Some(surrogate);
        let inputs = Arc::new(inputs);
        let least = least_budget(&program, &inputs);
        for budget in [1 << 30, least] {
            let trace = program
                .trace::<f64>(&inputs, budget, &execution(1))
                .expect("traced");
            let data = &trace.recordings().data;
            let cotangents: Vec<f64> = data.iter().map(|v| 2.0 * (v + 60.0)).collect();
            let wanted = Wanted {
                values: places.iter().map(|(_, place)| *place).collect(),
                ..Wanted::default()
            };
            let found = trace.pull_back(&cotangents, &wanted).expect("swept").values;
            for ((by, _), found) in places.iter().zip(found) {
                let (loss, spikes) = passive_pair(*by, surrogate, steps);
                let ours: f64 = data.iter().map(|v| (v + 60.0) * (v + 60.0)).sum();
                assert!((ours - loss.0).abs() <= 1e-9 * loss.0, "{ours} {}", loss.0);
                assert_eq!(spikes, trace.spikes().len());
                assert!(spikes >= 2, "both cells spike");
                let apart = (found - loss.1).abs() / loss.1.abs();
                assert!(
                    apart <= 1e-9,
                    "{shape:?} {by:?}: {found} {}: {apart}",
                    loss.1
                );
            }
        }
        // the surrogate matters
        let fixed = Arc::new(program.inputs(DT, steps));
        let trace = program
            .trace::<f64>(&fixed, 1 << 30, &execution(1))
            .expect("traced");
        let data = &trace.recordings().data;
        let cotangents: Vec<f64> = data.iter().map(|v| 2.0 * (v + 60.0)).collect();
        let wanted = Wanted {
            values: vec![places[0].1],
            ..Wanted::default()
        };
        let held = trace.pull_back(&cotangents, &wanted).expect("swept").values[0];
        let (loss, _) = passive_pair(By::Leak, surrogate, steps);
        assert!((held - loss.1).abs() > 1e-3 * loss.1.abs());
    }
}

#[test]
fn numbers_of_connections_are_checked() {
    let program = program(Scheme::BackwardEuler, Convention::Native);
    let model = network();
    for (name, value) in [("expsyn.delay", -1.0), ("exp2syn.weight", f64::NAN)] {
        let quantity = model.quantity(name).expect("a quantity");
        let place = program.layout().index(quantity, 3).expect("a place");
        let mut inputs = program.inputs(DT, 4);
        inputs.values[place] = value;
        let refused = program.run::<f64>(&Arc::new(inputs), &execution(1));
        let Err(RunError::Number { what, .. }) = refused else {
            panic!("{name} of {value} is refused");
        };
        assert!(what.starts_with(&format!("`{name}` of ")), "{what}");
    }
    let mut inputs = program.inputs(DT, 4);
    inputs.surrogate = Some(Surrogate {
        shape: SurrogateShape::Arctan,
        width: 0.0,
    });
    let refused = program.run::<f64>(&Arc::new(inputs), &execution(1));
    assert!(matches!(refused, Err(RunError::Number { .. })));
}

#[test]
fn forward_derivatives_of_events_are_refused() {
    let program = program(Scheme::BackwardEuler, Convention::Native);
    let inputs = Arc::new(program.inputs(DT, 4));
    let direction = Direction::default();
    let refused = program.jvp::<f64>(&inputs, &direction, &execution(1));
    assert!(matches!(refused, Err(RunError::TangentsOfEvents)));
}
