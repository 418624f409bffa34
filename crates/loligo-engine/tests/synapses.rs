//! Graded synapses: against steps written out by hand, gradients and Hessian products against finite
//! differences, and what must not change a bit.

mod support;

use std::sync::Arc;

use loligo_engine::{Convention, LaneValues, Program, Scheme, Wanted, lower};
use loligo_mechanism::builder::MechanismBuilder;
use loligo_mechanism::{Mechanism, library};
use loligo_model::{Model, Quantity, Waveform};
use support::quadratic::{self, check_second_derivatives, difference, execution, gradient, loss};

const DT: f64 = 0.025;

/// s relaxes to a sigmoid of the voltage before it; the current is g·s·(v − e).
fn dynamic() -> Mechanism {
    MechanismBuilder::synapse("dynamic")
        .parameter("g", 1e-3, "uS")
        .parameter("e", 0.0, "mV")
        .parameter("rate", 0.3, "/ms")
        .state(
            "s",
            |s| s.get("rate") * 0.5,
            |s| {
                let open = 1.0 / (1.0 + (-(s.v_pre() + 35.0) / 10.0).exp());
                s.get("rate") * (open - s.get("s"))
            },
        )
        .current("i", |s| s.get("g") * s.get("s") * (s.v() - s.get("e")))
        .build()
        .expect("a synapse")
}

/// A current that is not linear in either voltage and has no state.
fn curved() -> Mechanism {
    MechanismBuilder::synapse("curved")
        .parameter("g", 2e-4, "uS")
        .current("i", |s| {
            let drive = (s.v() - s.v_pre()) / 20.0;
            s.get("g") * 20.0 * drive.tanh() * (1.0 + 0.1 * (s.v() / 30.0).exp())
        })
        .build()
        .expect("a synapse")
}

/// Two reconstructed-like cells of different trees and one that is like the first, joined in a loop.
fn network() -> Model {
    let hh = || library::builtin("hh").expect("in the library");
    let mut long = Model::cylinder(120.0, 3.0, 3).expect("a cylinder");
    long.everywhere().insert(hh()).expect("inserted");
    let mut short = Model::cylinder(30.0, 8.0, 1).expect("a cylinder");
    short.everywhere().insert(hh()).expect("inserted");
    let mut model = Model::network(&[long.clone(), short, long]).expect("a network");
    // compartments 0..3, 3, 4..7
    let dynamic = Arc::new(dynamic());
    model
        .connect(Arc::clone(&dynamic), &[2, 3, 6, 0], &[3, 4, 1, 1])
        .expect("connected");
    model
        .connect(curved(), &[5, 3], &[0, 3])
        .expect("connected");
    model.connect(dynamic, &[1], &[3]).expect("connected");
    let all = model.synapses("dynamic").expect("there are some");
    let conductances = vec![8e-3, 5e-3, 2e-3, 3e-3, 4e-3];
    model
        .set_synapses("dynamic.g", conductances, &all)
        .expect("set");
    model
        .cell(0)
        .stimulate(Waveform::step(0.5, 2.0, 0.4))
        .expect("stimulated");
    model.everywhere().record("v").expect("recorded");
    let mut first = all.clone();
    first.synapses = vec![0, 3];
    for what in ["dynamic.s", "dynamic.i"] {
        model.record_synapses(what, &first).expect("recorded");
    }
    model
}

fn program(scheme: Scheme, convention: Convention) -> Arc<Program> {
    Arc::new(lower(&network(), scheme, convention).expect("lowered"))
}

/// Places of numbers of synapses, of the membrane, of the cable and of states at t = 0.
fn places(program: &Program) -> Vec<usize> {
    let layout = program.layout();
    let of = |quantity, row| layout.index(quantity, row).expect("in the model");
    let parameter = |mechanism, parameter| Quantity::Parameter {
        mechanism,
        parameter,
    };
    vec![
        of(parameter(1, 0), 0),
        of(parameter(1, 0), 3),
        of(parameter(1, 0), 4),
        of(parameter(1, 1), 1),
        of(parameter(1, 2), 2),
        of(parameter(2, 0), 0),
        of(parameter(2, 0), 1),
        of(parameter(0, 0), 3),
        of(parameter(0, 1), 5),
        of(Quantity::Radius, 3),
        of(Quantity::InitialVoltage, 6),
        of(Quantity::Celsius, 0),
    ]
}

#[test]
fn gradients_through_a_recurrent_network_are_those_of_differences() {
    for (scheme, convention) in [
        (Scheme::BackwardEuler, Convention::Native),
        (Scheme::CrankNicolson, Convention::Native),
        (Scheme::BackwardEuler, Convention::Jaxley),
        (Scheme::BackwardEuler, Convention::Neuron),
    ] {
        let program = program(scheme, convention);
        let inputs = program.inputs(DT, 240);
        let places = places(&program);
        let gradient = gradient(&program, &inputs, &places, 1 << 30);
        for (&place, &slope) in places.iter().zip(&gradient) {
            let at = inputs.values[place];
            let moved = |value: f64| {
                let mut inputs = inputs.clone();
                inputs.values[place] = value;
                quadratic::value(&program, &inputs)
            };
            let expected = difference(moved, at, slope);
            let off = (slope - expected).abs() / expected.abs().max(1.0);
            assert!(
                off < 1e-6,
                "{scheme:?} {convention:?} place {place}: {slope:e}, differences {expected:e}"
            );
        }
    }
}

#[test]
fn gradients_do_not_depend_on_the_budget() {
    let program = program(Scheme::BackwardEuler, Convention::Native);
    let inputs = program.inputs(DT, 400);
    let places = places(&program);
    let ample = gradient(&program, &inputs, &places, 1 << 30);
    let least = program
        .plan::<f64>(&inputs, 0, 1)
        .expect_err("nothing fits");
    let loligo_engine::RunError::Budget { needed, .. } = least else {
        panic!("{least}");
    };
    for budget in [needed, needed + 20_000, needed + 100_000] {
        let plan = program.plan::<f64>(&inputs, budget, 1).expect("it fits");
        assert!(plan.runs(400) > 1);
        assert_eq!(gradient(&program, &inputs, &places, budget), ample);
    }
}

#[test]
fn tangents_are_the_gradient_along_a_direction_and_hessian_products_its_differences() {
    let program = program(Scheme::BackwardEuler, Convention::Native);
    let inputs = program.inputs(DT, 160);
    let places = places(&program);
    check_second_derivatives(&program, &inputs, &places);
}

#[test]
fn a_batch_is_a_loop_and_threads_change_nothing() {
    let program = program(Scheme::BackwardEuler, Convention::Native);
    let mut inputs = program.inputs(DT, 200);
    let places = places(&program);
    let lanes = 3;
    let own: Vec<Vec<f64>> = (0..lanes)
        .map(|lane| {
            let scale = 1.0 + 0.05 * lane as f64;
            places.iter().map(|p| inputs.values[*p] * scale).collect()
        })
        .collect();
    let single: Vec<(Vec<f64>, Vec<f64>)> = own
        .iter()
        .map(|values| {
            let mut inputs = inputs.clone();
            for (place, value) in places.iter().zip(values) {
                inputs.values[*place] = *value;
            }
            let shared = Arc::new(inputs.clone());
            let run = program.run::<f64>(&shared, &execution(1)).expect("run");
            let mut ones = vec![];
            let trace = program
                .trace::<f64>(&shared, 1 << 30, &execution(1))
                .expect("traced");
            ones.resize(run.recordings.data.len(), 1.0);
            let wanted = Wanted {
                values: places.clone(),
                ..Wanted::default()
            };
            let slopes = trace.pull_back(&ones, &wanted).expect("swept").values;
            (run.recordings.lane(0), slopes)
        })
        .collect();
    inputs.lanes = lanes;
    inputs.lane_values.push(LaneValues {
        indices: places.clone(),
        values: own.concat(),
    });
    let inputs = Arc::new(inputs);
    for threads in [1, 2] {
        let run = program
            .run::<f64>(&inputs, &execution(threads))
            .expect("run");
        let trace = program
            .trace::<f64>(&inputs, 1 << 30, &execution(threads))
            .expect("traced");
        let ones = vec![1.0; run.recordings.data.len()];
        let wanted = Wanted {
            values: places.clone(),
            ..Wanted::default()
        };
        let slopes = trace.pull_back(&ones, &wanted).expect("swept").values;
        for (lane, (recordings, gradient)) in single.iter().enumerate() {
            assert_eq!(run.recordings.lane(lane), *recordings);
            let from = lane * places.len();
            assert_eq!(slopes[from..from + places.len()], *gradient);
        }
    }
}

/// Two passive compartments, each joined to the other: the step written out.
#[test]
fn a_step_is_what_its_equations_say() {
    let mut cell = Model::cylinder(20.0, 10.0, 1).expect("a cylinder");
    cell.everywhere()
        .insert(library::builtin("pas").expect("in the library"))
        .expect("inserted");
    let mut model = Model::network(&[cell.clone(), cell]).expect("a network");
    model
        .connect(dynamic(), &[0, 1], &[1, 0])
        .expect("connected");
    let all = model.synapses("dynamic").expect("there are some");
    model
        .set_synapses("dynamic.g", vec![2e-3, 5e-4], &all)
        .expect("set");
    model.cell(0).set("v", -20.0).expect("set");
    model.everywhere().record("v").expect("recorded");
    let program = lower(&model, Scheme::BackwardEuler, Convention::Native).expect("lowered");
    let inputs = Arc::new(Arc::new(program).inputs(DT, 100));
    let program = lower(&model, Scheme::BackwardEuler, Convention::Native).expect("lowered");
    let run = Arc::new(program)
        .run::<f64>(&inputs, &execution(1))
        .expect("run");

    let area = model.shape().compartments[0].area;
    let (capacitance, leak) = (area * 1e-5 / DT, area * 1e-2);
    let pas = library::builtin("pas").expect("in the library");
    let number = |name: &str| {
        let mut parameters = pas.parameters.iter();
        parameters
            .find(|p| p.name == name)
            .expect("declared")
            .default
    };
    let (g, e) = (number("g") * leak, number("e"));
    let conductances = [2e-3, 5e-4];
    let mut v = [
        -20.0,
        model
            .values()
            .value(Quantity::InitialVoltage, 1)
            .expect("set"),
    ];
    let mut s = [0.15, 0.15];
    for step in 0..100 {
        let mut next = v;
        // the synapse of this number is onto the other cell
        for synapse in 0..2 {
            let (pre, post) = (synapse, 1 - synapse);
            if step > 0 {
                let open = 1.0 / (1.0 + (-(v[pre] + 35.0) / 10.0_f64).exp());
                s[synapse] = open + (s[synapse] - open) * (-0.3_f64 * DT).exp();
            }
            let slope = conductances[synapse] * s[synapse];
            next[post] = (capacitance * v[post] + g * e) / (capacitance + g + slope);
        }
        v = next;
        for (cell, expected) in v.iter().enumerate() {
            let found = run.recordings.trace(0, cell)[step + 1];
            assert!(
                (found - expected).abs() < 1e-11,
                "{step} {cell}: {found} {expected}"
            );
        }
    }
}

#[test]
fn half_gap_junctions_pull_voltages_together() {
    let half = || library::builtin("halfgap").expect("in the library");
    let cell = Model::cylinder(20.0, 10.0, 1).expect("a cylinder");
    let mut model = Model::network(&[cell.clone(), cell]).expect("a network");
    model.connect(half(), &[0], &[1]).expect("connected");
    model.connect(half(), &[1], &[0]).expect("connected");
    model.cell(0).set("v", -20.0).expect("set");
    model.everywhere().record("v").expect("recorded");
    let program = lower(&model, Scheme::BackwardEuler, Convention::Neuron).expect("lowered");
    let program = Arc::new(program);
    let inputs = Arc::new(program.inputs(DT, 200));
    let run = program.run::<f64>(&inputs, &execution(1)).expect("run");
    // (C/Δt)(V' − V) = g(V_other − V'): each sees the other as it was
    let capacitance = model.shape().compartments[0].area * 1e-5 / DT;
    let mut v = [
        -20.0,
        model
            .values()
            .value(Quantity::InitialVoltage, 1)
            .expect("set"),
    ];
    for step in 0..200 {
        v = [0, 1].map(|cell| (capacitance * v[cell] + 1e-3 * v[1 - cell]) / (capacitance + 1e-3));
        for (cell, expected) in v.iter().enumerate() {
            let found = run.recordings.trace(0, cell)[step + 1];
            assert!(
                (found - expected).abs() < 1e-11,
                "{step} {cell}: {found} {expected}"
            );
        }
    }
}

#[test]
fn what_cannot_join_two_compartments_is_refused() {
    let cell = Model::cylinder(20.0, 10.0, 1).expect("a cylinder");
    let mut model = Model::network(&[cell.clone(), cell]).expect("a network");
    let mut refused = |mechanism: Mechanism, pre: &[usize], post: &[usize]| {
        let refused = model.connect(mechanism, pre, post);
        refused.expect_err("refused").to_string()
    };
    let of = |name: &str| library::builtin(name).expect("in the library");
    assert!(refused(of("hh"), &[0], &[1]).contains("no point process"));
    assert!(refused(of("expsyn"), &[0], &[1]).contains("takes the events of spikes"));
    assert!(refused(dynamic(), &[0], &[1, 1]).contains("1 before and 2 behind"));
    assert!(refused(dynamic(), &[0], &[2]).contains("no compartment 2"));
    let inserted = model.everywhere().insert(dynamic()).expect_err("refused");
    assert!(inserted.to_string().contains("it joins two compartments"));

    // what only a membrane has
    let wide = MechanismBuilder::synapse("wide").current("i", |s| s.get("area") * s.v());
    assert!(wide.build().is_err());
    let early = MechanismBuilder::synapse("early")
        .state("s", |s| s.v(), |s| -s.get("s"))
        .current("i", |s| s.get("s") * s.v())
        .build()
        .expect("a synapse");
    model.connect(early, &[0], &[1]).expect("connected");
    let refused = lower(&model, Scheme::BackwardEuler, Convention::Native).expect_err("refused");
    assert!(
        refused.to_string().contains("at t = 0 depend on `v`"),
        "{refused}"
    );
}

/// So many cells of two kinds with ten synapses each, at random but the same in every call.
fn large() -> Model {
    let hh = || library::builtin("hh").expect("in the library");
    let kinds = [1, 2].map(|compartments| {
        let mut cell = Model::cylinder(20.0, 10.0, compartments).expect("a cylinder");
        cell.everywhere().insert(hh()).expect("inserted");
        cell
    });
    let cells: Vec<Model> = (0..600).map(|cell| kinds[cell % 2].clone()).collect();
    let mut model = Model::network(&cells).expect("a network");
    let mut random = 1_u64;
    let mut compartment = || {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (random >> 33) as usize % 900
    };
    let [pre, post]: [Vec<usize>; 2] = [(); 2].map(|()| (0..6000).map(|_| compartment()).collect());
    model.connect(dynamic(), &pre, &post).expect("connected");
    model
        .cell(0..50)
        .stimulate(Waveform::step(0.2, 2.0, 0.4))
        .expect("stimulated");
    model.everywhere().record("v").expect("recorded");
    model
}

#[test]
fn a_large_network_is_the_same_on_any_number_of_threads_and_when_built_again() {
    let of = |threads: usize| {
        let program = lower(&large(), Scheme::BackwardEuler, Convention::Native);
        let program = Arc::new(program.expect("lowered"));
        let inputs = Arc::new(program.inputs(DT, 60));
        let wanted = Wanted {
            values: (0..6000)
                .map(|row| {
                    let g = Quantity::Parameter {
                        mechanism: 1,
                        parameter: 0,
                    };
                    program.layout().index(g, row).expect("a synapse")
                })
                .collect(),
            ..Wanted::default()
        };
        let trace = program.trace::<f64>(&inputs, 64 << 20, &execution(threads));
        let trace = trace.expect("traced");
        let (_, cotangents) = loss(&trace.recordings().data);
        let gradient = trace.pull_back(&cotangents, &wanted).expect("swept");
        let run = program
            .run::<f64>(&inputs, &execution(threads))
            .expect("run");
        assert_eq!(run.recordings, *trace.recordings());
        (run.recordings, gradient)
    };
    let one = of(1);
    assert!(one.1.values.iter().all(|slope| slope.is_finite()));
    assert_eq!(of(2), one);
    assert_eq!(of(3), one);
}

#[test]
fn a_batch_of_a_large_network_is_a_loop() {
    let program = lower(&large(), Scheme::BackwardEuler, Convention::Native);
    let program = Arc::new(program.expect("lowered"));
    let mut inputs = program.inputs(DT, 40);
    let celsius = program
        .layout()
        .index(Quantity::Celsius, 0)
        .expect("in the model");
    let own = [6.3, 8.0, 11.0];
    let single = own.map(|value| {
        let mut inputs = inputs.clone();
        inputs.values[celsius] = value;
        let run = program.run::<f64>(&Arc::new(inputs), &execution(1));
        run.expect("run").recordings.lane(0)
    });
    inputs.lanes = 3;
    inputs.lane_values.push(LaneValues {
        indices: vec![celsius],
        values: own.to_vec(),
    });
    let run = program
        .run::<f64>(&Arc::new(inputs), &execution(2))
        .expect("run");
    for (lane, expected) in single.iter().enumerate() {
        assert_eq!(run.recordings.lane(lane), *expected);
    }
}
