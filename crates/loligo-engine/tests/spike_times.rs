//! Interpolated spike times: events act from their own time on, and everything can be differentiated through
//! the times of spikes and through delays.

mod support;

use std::sync::Arc;

use loligo_engine::{
    Choices, Convention, LaneValues, LoweringError, Program, Recordings, RunError, Scheme,
    SpikeTimes, Surrogate, SurrogateShape, Wanted, lower_with,
};
use loligo_mechanism::nmodl;
use loligo_model::{Model, Waveform};
use support::models::builtin;
use support::quadratic::{self, difference, execution, gradient, least_budget};

const DT: f64 = 0.025;

const CHOICES: [(Scheme, Convention); 4] = [
    (Scheme::BackwardEuler, Convention::Native),
    (Scheme::CrankNicolson, Convention::Native),
    (Scheme::BackwardEuler, Convention::Jaxley),
    (Scheme::CrankNicolson, Convention::Neuron),
];

fn interpolated(model: &Model, (scheme, convention): (Scheme, Convention)) -> Arc<Program> {
    let choices = Choices {
        scheme,
        convention,
        spike_times: SpikeTimes::Interpolated,
    };
    Arc::new(lower_with(model, choices).expect("lowered"))
}

fn set(model: &mut Model, name: &str, numbers: &[f64]) {
    let mechanism = name.split('.').next().expect("a name");
    let all = model.synapses(mechanism).expect("there are some");
    let numbers = numbers.to_vec();
    model.set_synapses(name, numbers, &all).expect("set");
}

/// A passive compartment that takes events at given times, by conductances that decay at once and in two
/// ways.
fn listener(times: &[f64], delay: f64) -> Model {
    let mut cell = Model::cylinder(20.0, 10.0, 1).expect("a cylinder");
    for name in ["pas", "expsyn", "exp2syn"] {
        cell.everywhere().insert(builtin(name)).expect("inserted");
    }
    let mut model = cell;
    let train = model.spike_train(times.to_vec()).expect("a train");
    for (name, weight) in [("expsyn", 2e-3), ("exp2syn", 1e-3)] {
        model
            .connect_events(name, &[train], &[0])
            .expect("connected");
        set(&mut model, &format!("{name}.weight"), &[weight]);
        set(&mut model, &format!("{name}.delay"), &[delay]);
    }
    for what in ["v", "expsyn.g", "exp2syn.decay"] {
        model.everywhere().record(what).expect("recorded");
    }
    model
}

fn run(program: &Arc<Program>, dt: f64, steps: usize) -> Recordings<f64> {
    let inputs = Arc::new(program.inputs(dt, steps));
    program
        .run::<f64>(&inputs, &execution(1))
        .expect("run")
        .recordings
}

/// From the step behind its arrival on a conductance is what its equation makes of it, in the middle of
/// steps, wherever in a step it comes.
#[test]
fn a_conductance_is_exact_from_its_arrival_on() {
    for time in [1.0, 1.0001, 1.0124, 1.0126, 1.0249] {
        let delay = 0.3333;
        let model = listener(&[time], delay);
        let program = interpolated(&model, CHOICES[0]);
        let run = run(&program, DT, 200);
        let value = |name: &str| {
            let quantity = model.quantity(name).expect("a quantity");
            model.values().value(quantity, 0).expect("set")
        };
        let tau = value("expsyn.tau");
        let arrival = time + delay;
        let step = (arrival / DT).floor() as usize;
        let g = run.trace(0, 1);
        assert!(g[..=step].iter().all(|g| *g == 0.0));
        for (index, g) in g.iter().enumerate().skip(step + 1).take(150) {
            let middle = (index as f64 + 0.5) * DT;
            let expected = 2e-3 * (-(middle - arrival) / tau).exp();
            assert!(
                (g - expected).abs() < 1e-13 * expected,
                "{time} {index}: {g} {expected}"
            );
        }
    }
}

/// Where events come between steps, halving the step leaves a quarter of the error; on the grid a half.
#[test]
fn voltages_are_of_second_order() {
    let model = listener(&[1.0131, 2.00417, 2.7777], 0.1);
    let at = |dt: f64, spike_times: SpikeTimes| {
        let choices = Choices {
            scheme: Scheme::CrankNicolson,
            convention: Convention::Native,
            spike_times,
        };
        let program = Arc::new(lower_with(&model, choices).expect("lowered"));
        let steps = (5.0 / dt).round() as usize;
        run(&program, dt, steps).trace(0, 0)[steps]
    };
    let exact = at(0.1 / 256.0, SpikeTimes::Interpolated);
    let errors =
        |spike_times| [0.1, 0.05, 0.025, 0.0125].map(|dt| (at(dt, spike_times) - exact).abs());
    let between = errors(SpikeTimes::Interpolated);
    for pair in between.windows(2) {
        assert!(pair[0] > 2.5 * pair[1], "{between:?}");
    }
    assert!(between[0] / between[3] > 40.0, "{between:?}");
    let grid = errors(SpikeTimes::Grid);
    assert!(grid[3] > 20.0 * between[3], "{grid:?} {between:?}");
}

/// The voltage does not jump where the time of an event goes from one step into the next.
#[test]
fn an_arrival_may_cross_into_the_next_step() {
    let model = listener(&[1.0], 0.0);
    for choice in CHOICES {
        let program = interpolated(&model, choice);
        let delay = model.quantity("expsyn.delay").expect("a quantity");
        let place = program.layout().index(delay, 0).expect("there");
        let at = |value: f64| {
            let mut inputs = program.inputs(DT, 120);
            inputs.values[place] = value;
            let run = program
                .run::<f64>(&Arc::new(inputs), &execution(1))
                .expect("run");
            run.recordings.trace(0, 0)[60]
        };
        for boundary in [0.1, 0.125, 0.15] {
            let [before, after] = [-1e-9, 1e-9].map(|more| at(boundary + more));
            assert!(
                (before - after).abs() < 1e-7,
                "{choice:?} {boundary}: {before} {after}"
            );
        }
        assert!((at(0.1) - at(0.15)).abs() > 1e-4);
    }
}

/// Three cells of two shapes that excite each other with delays, and an input.
fn network() -> Model {
    let cable = |compartments: usize| {
        let length = 40.0 * compartments as f64;
        let mut cell = Model::cylinder(length, 6.0, compartments).expect("a cylinder");
        cell.everywhere().insert(builtin("hh")).expect("inserted");
        cell
    };
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
        .spike_train(vec![0.311, 1.0132, 1.7071, 2.1043, 5.0061])
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
    model
        .connect_synapses(
            builtin("exp2syn"),
            &[spikes[0], input, spikes[2], input],
            &[4, 4, 0, 0],
        )
        .expect("connected");
    set(&mut model, "expsyn.weight", &[0.02, 0.012, 0.02, 0.01]);
    set(&mut model, "expsyn.delay", &[0.4, 1.003, 0.011, 2.0]);
    set(&mut model, "tsodyks_markram.weight", &[0.05, 0.03, 0.08]);
    set(&mut model, "tsodyks_markram.delay", &[0.507, 0.71, 0.4]);
    set(&mut model, "exp2syn.weight", &[0.015, 0.02, 0.01, 0.03]);
    set(&mut model, "exp2syn.delay", &[0.9, 0.812, 1.0, 0.1]);
    set(&mut model, "exp2syn.tau_decay", &[2.0, 3.0, 2.5, 1.5]);
    let step = Waveform::step(0.5, 1.0, 0.5);
    model
        .cell(0)
        .branch(0)
        .compartment(0)
        .stimulate(step)
        .expect("stimulated");
    model.everywhere().record("v").expect("recorded");
    model
}

fn place(model: &Model, program: &Program, name: &str, row: usize) -> usize {
    let quantity = model.quantity(name).expect("a quantity");
    program.layout().index(quantity, row).expect("there")
}

fn places(model: &Model, program: &Program) -> Vec<(&'static str, usize)> {
    let names = [
        ("expsyn.delay", 0),
        ("expsyn.delay", 1),
        ("expsyn.delay", 2),
        ("tsodyks_markram.delay", 0),
        ("tsodyks_markram.delay", 1),
        ("exp2syn.delay", 0),
        ("exp2syn.delay", 2),
        ("expsyn.weight", 1),
        ("tsodyks_markram.weight", 0),
        ("exp2syn.weight", 0),
        ("exp2syn.tau_decay", 2),
        ("expsyn.tau", 3),
        ("hh.gnabar", 0),
        ("hh.gkbar", 3),
        ("radius", 4),
        ("capacitance", 1),
        ("v", 5),
        ("celsius", 0),
    ];
    let at = |(name, row): (&'static str, usize)| (name, place(model, program, name, row));
    names.into_iter().map(at).collect()
}

/// By delays, and by whatever moves spikes: against differences, with spikes that move.
#[test]
fn gradients_through_the_times_of_spikes_are_those_of_differences() {
    let model = network();
    for choice in CHOICES {
        let program = interpolated(&model, choice);
        let inputs = program.inputs(DT, 400);
        let run = program
            .run::<f64>(&Arc::new(inputs.clone()), &execution(1))
            .expect("run");
        let mut spiking: Vec<usize> = run.spikes.iter().map(|spike| spike.source).collect();
        spiking.sort_unstable();
        spiking.dedup();
        assert_eq!(spiking.len(), 4, "all sources spike");
        let (names, places): (Vec<_>, Vec<_>) = places(&model, &program).into_iter().unzip();
        let gradient = gradient(&program, &inputs, &places, 1 << 30);
        for ((&place, &slope), name) in places.iter().zip(&gradient).zip(names) {
            let moved = |value: f64| {
                let mut inputs = inputs.clone();
                inputs.values[place] = value;
                quadratic::value(&program, &inputs)
            };
            let expected = difference(moved, inputs.values[place], slope);
            let off = (slope - expected).abs() / expected.abs().max(1.0);
            assert!(
                off < 1e-6,
                "{choice:?} {name}: {slope:e}, differences {expected:e}"
            );
        }
    }
}

#[test]
fn budgets_batches_and_threads_change_nothing() {
    let model = network();
    let program = interpolated(&model, CHOICES[1]);
    let mut inputs = program.inputs(DT, 400);
    let places: Vec<usize> = places(&model, &program)
        .into_iter()
        .map(|(_, at)| at)
        .collect();
    let ample = gradient(&program, &inputs, &places, 1 << 30);
    assert!(ample.iter().all(|slope| *slope != 0.0));
    let least = least_budget(&program, &Arc::new(inputs.clone()));
    assert_eq!(gradient(&program, &inputs, &places, least), ample);

    let own = [1.0, 1.01, 0.97].map(|scale| places.iter().map(move |p| (*p, scale)));
    let own = own.map(|lane| {
        lane.map(|(p, scale)| inputs.values[p] * scale)
            .collect::<Vec<_>>()
    });
    let alone = own.clone().map(|values| {
        let mut inputs = inputs.clone();
        for (place, value) in places.iter().zip(values) {
            inputs.values[*place] = value;
        }
        gradient(&program, &inputs, &places, 1 << 30)
    });
    inputs.lanes = own.len();
    inputs.lane_values.push(LaneValues {
        indices: places.clone(),
        values: own.concat(),
    });
    let inputs = Arc::new(inputs);
    for threads in [1, 2] {
        let trace = program
            .trace::<f64>(&inputs, 1 << 30, &execution(threads))
            .expect("traced");
        // the loss weighs what one lane recorded: take it lane by lane
        let recordings = trace.recordings();
        let (samples, rows) = (recordings.samples, recordings.recordings);
        let mut cotangents = vec![0.0; recordings.data.len()];
        for lane in 0..own.len() {
            let mut single = vec![0.0; samples * rows];
            for sample in 0..samples {
                for row in 0..rows {
                    let at = (sample * own.len() + lane) * rows + row;
                    single[sample * rows + row] = recordings.data[at];
                }
            }
            let (_, slopes) = quadratic::loss(&single);
            for (index, slope) in slopes.into_iter().enumerate() {
                let (sample, row) = (index / rows, index % rows);
                cotangents[(sample * own.len() + lane) * rows + row] = slope;
            }
        }
        let wanted = Wanted {
            values: places.clone(),
            ..Wanted::default()
        };
        let slopes = trace.pull_back(&cotangents, &wanted).expect("swept").values;
        assert_eq!(slopes, alone.concat());
    }
}

/// Of second order too are the times of spikes themselves.
#[test]
fn times_of_spikes_converge() {
    let mut cell = Model::cylinder(20.0, 10.0, 1).expect("a cylinder");
    cell.everywhere().insert(builtin("hh")).expect("inserted");
    let step = Waveform::step(0.0, f64::INFINITY, 0.3);
    cell.everywhere().stimulate(step).expect("stimulated");
    cell.everywhere().record("v").expect("recorded");
    cell.detect_spikes(&[0], 0.0).expect("watched");
    let program = interpolated(&cell, CHOICES[1]);
    let third = |dt: f64| {
        let inputs = Arc::new(program.inputs(dt, (50.0 / dt).round() as usize));
        let run = program.run::<f64>(&inputs, &execution(1)).expect("run");
        run.spikes[2].time
    };
    let exact = third(0.05 / 64.0);
    let errors = [0.05, 0.025, 0.0125].map(|dt| (third(dt) - exact).abs());
    for pair in errors.windows(2) {
        assert!(pair[0] > 3.0 * pair[1], "{errors:?}");
    }
    assert!(errors[1] < 0.01, "{errors:?}");
}

#[test]
fn what_cannot_act_between_steps_is_refused() {
    let refused = |body: &str, more: &str| {
        let text = format!(
            "NEURON {{ POINT_PROCESS odd NONSPECIFIC_CURRENT i }}
            ASSIGNED {{ v (mV) i (nA) }} STATE {{ g (uS) h }} INITIAL {{ g = 0 h = 0 }}
            BREAKPOINT {{ SOLVE s METHOD cnexp i = g*v }}
            DERIVATIVE s {{ g' = -g/2 h' = {more} }}
            NET_RECEIVE (weight (uS)) {{ {body} }}"
        );
        let mut cell = Model::cylinder(20.0, 10.0, 1).expect("a cylinder");
        let odd = nmodl::compile(&text, "odd.mod").expect("compiles");
        cell.everywhere().insert(odd).expect("inserted");
        let train = cell.spike_train(vec![1.0]).expect("a train");
        cell.connect_events("odd", &[train], &[0])
            .expect("connected");
        let choices = Choices {
            spike_times: SpikeTimes::Interpolated,
            ..Choices::default()
        };
        match lower_with(&cell, choices) {
            Err(error @ LoweringError::OnTheGrid { .. }) => error.to_string(),
            Err(other) => panic!("{other}"),
            Ok(_) => String::new(),
        }
    };
    assert_eq!(refused("g = g + weight", "-h"), "");
    assert_eq!(
        refused("if (flag == 0) { g = g + weight } else { g = 0 }", "-h"),
        ""
    );
    let says = |body: &str, more: &str, expected: &str| {
        let said = refused(body, more);
        assert!(said.contains(expected), "{said}");
        assert!(
            said.contains("`odd` takes events on the grid of steps only"),
            "{said}"
        );
    };
    says("g = 0.5*g + weight", "-h", "does not add to `odd.g`");
    says("g = g + weight*(1 - h)", "-h", "what depends on `odd.h`");
    says("g = g + weight*v", "-h", "what depends on `v`");
    says(
        "h = h + 1",
        "-h*h",
        "changes `odd.h`, which does not decay by itself",
    );
    says("g = g + weight net_send(1, 1)", "-h", "sends events itself");

    let program = interpolated(&network(), CHOICES[0]);
    let mut inputs = program.inputs(DT, 10);
    inputs.surrogate = Some(Surrogate {
        shape: SurrogateShape::Sigmoid,
        width: 1.0,
    });
    let refused = program.run::<f64>(&Arc::new(inputs), &execution(1));
    assert!(matches!(refused, Err(RunError::SurrogateBetweenSteps)));
}
