//! What is refused, and with which words: inputs that make no run, models that cannot be lowered,
//! budgets that are too small, derivatives that there are not.

mod support;

use std::sync::Arc;

use loligo_engine::vector::VectorUnit;
use loligo_engine::{
    Convention, Drive, Inputs, LaneValues, LoweringError, Program, RunError, Scheme, Wanted, lower,
};
use loligo_mechanism::Mechanism;
use loligo_mechanism::builder::MechanismBuilder;
use loligo_mechanism::mechanism::{Current, Direction};
use loligo_mechanism::nmodl;
use loligo_model::{Model, Place, Quantity, Waveform};

use support::models::{lowered, one_thread, passive};

fn native(model: &Model) -> Arc<Program> {
    lowered(model, Scheme::BackwardEuler, Convention::Native)
}

/// What a run with changed inputs is refused with; a trace is refused with the same.
fn refused(change: impl FnOnce(&mut Inputs)) -> String {
    let program = native(&passive());
    let mut inputs = program.inputs(0.1, 100);
    change(&mut inputs);
    let inputs = Arc::new(inputs);
    let error = program.run::<f64>(&inputs, &one_thread());
    let error = error.expect_err("it must be refused").to_string();
    let traced = program.trace::<f64>(&inputs, 1 << 30, &one_thread());
    assert_eq!(traced.err().map(|e| e.to_string()), Some(error.clone()));
    error
}

#[test]
fn wrong_times() {
    for dt in [0.0, -0.1] {
        let message = format!("dt is {dt} ms; it must be a positive number");
        assert_eq!(refused(|i| i.dt = dt), message);
    }
    assert!(refused(|i| i.dt = f64::NAN).starts_with("dt is NaN ms"));
    assert!(refused(|i| i.dt = f64::INFINITY).starts_with("dt is inf ms"));
    assert_eq!(refused(|i| i.steps = 0), "a run needs at least one step");
    assert_eq!(refused(|i| i.lanes = 0), "a batch needs at least one lane");
    assert_eq!(
        refused(|i| i.record_every = 0),
        "record_every is 0; it must be a number of steps, 1 or more"
    );
    for steps in [1 << 50, usize::MAX] {
        assert_eq!(
            refused(|i| i.steps = steps),
            format!(
                "the recordings do not fit into memory: 1 of {} samples each; record less, or more rarely (record_every)",
                steps.saturating_add(1)
            )
        );
    }
}

#[test]
fn nothing_to_record() {
    let mut model = passive();
    let everything = model.everything();
    model.delete_recordings(&everything);
    let program = native(&model);
    let inputs = Arc::new(program.inputs(0.1, 10));
    let error = program
        .run::<f64>(&inputs, &one_thread())
        .expect_err("refused");
    assert_eq!(error, RunError::NoRecordings);
    assert_eq!(
        error.to_string(),
        "nothing is recorded: record something before the run"
    );
}

#[test]
fn arrays_of_the_wrong_length() {
    let says = |change: fn(&mut Inputs), expected: &str| assert_eq!(refused(change), expected);
    let values = native(&passive()).layout().len();
    assert_eq!(
        refused(|i| i.values.truncate(values - 1)),
        format!(
            "values has {} numbers where {values} are expected",
            values - 1
        )
    );
    says(
        |i| i.stimuli.clear(),
        "stimuli has 0 numbers where 1 are expected",
    );
    says(
        |i| i.clamps.push(Drive::Samples(vec![0.0; 100])),
        "clamps has 2 numbers where 1 are expected",
    );
    says(
        |i| {
            i.lanes = 3;
            i.lane_values = vec![LaneValues {
                indices: vec![0, 1],
                values: vec![1.0; 5],
            }];
        },
        "values of a batch has 5 numbers where 6 are expected",
    );
    says(
        |i| {
            i.lanes = 3;
            i.stimuli[0] = Drive::LaneSamples(vec![0.0; 100]);
        },
        "the stimulus of cell 0, branch 1, compartment 0 has 100 numbers where a multiple of 3 lanes are expected",
    );
}

/// A stimulus that runs out of samples injects nothing; a clamp would command 0 mV.
#[test]
fn a_clamp_that_runs_out_of_samples() {
    // it is on until t = 2 ms, that is, for 20 steps
    let needed = "the command of the clamp of cell 0, branch 2, compartment 0 has 19 numbers where 20 (one per step while it is on) are expected";
    assert_eq!(
        refused(|i| i.clamps[0] = Drive::Samples(vec![-60.0; 19])),
        needed
    );
    let samples = Drive::Waveform(Waveform::samples(vec![-60.0; 19]));
    assert_eq!(refused(|i| i.clamps[0] = samples), needed);
    let lanes = |i: &mut Inputs| {
        i.lanes = 2;
        i.clamps[0] = Drive::LaneSamples(vec![-60.0; 38]);
    };
    assert_eq!(refused(lanes), needed);

    let program = native(&passive());
    let mut inputs = program.inputs(0.1, 100);
    inputs.clamps[0] = Drive::Samples(vec![-60.0; 20]);
    inputs.stimuli[0] = Drive::Samples(vec![0.1; 5]);
    assert!(program.run::<f64>(&Arc::new(inputs), &one_thread()).is_ok());
}

#[test]
fn numbers_that_are_none() {
    let layout = native(&passive()).layout().clone();
    let place = |quantity| layout.index(quantity, 3).expect("a place");
    let conductance = Quantity::Parameter {
        mechanism: 0,
        parameter: 0,
    };
    let somewhere = "of cell 0, branch 1, compartment 1";
    let (finite, positive) = ("expected a finite number", "expected a positive number");
    for (quantity, value, name, expected) in [
        (conductance, f64::NAN, "pas.g", finite),
        (Quantity::InitialVoltage, f64::INFINITY, "v", finite),
        (Quantity::Radius, -1.0, "radius", positive),
        (Quantity::Length, 0.0, "length", positive),
        (
            Quantity::AxialResistivity,
            0.0,
            "axial_resistivity",
            positive,
        ),
        (Quantity::Capacitance, -0.5, "capacitance", positive),
    ] {
        assert_eq!(
            refused(|i| i.values[place(quantity)] = value),
            format!("`{name}` {somewhere} is {value}, {expected}")
        );
        let message = refused(|i| {
            i.lanes = 2;
            i.lane_values = vec![LaneValues {
                indices: vec![place(quantity)],
                values: vec![1.0, value],
            }];
        });
        assert_eq!(
            message,
            format!("`{name}` {somewhere} in lane 1 is {value}, {expected}")
        );
    }
    // the temperature is nowhere in particular
    let celsius = layout.index(Quantity::Celsius, 0).expect("a place");
    assert_eq!(
        refused(|i| i.values[celsius] = f64::NAN),
        "`celsius` is NaN, expected a finite number"
    );
    let samples = || Drive::Samples(vec![0.0, f64::NAN]);
    assert_eq!(
        refused(|i| i.stimuli[0] = samples()),
        "sample 1 of the stimulus of cell 0, branch 1, compartment 0 is NaN, expected a finite number"
    );
    assert_eq!(
        refused(|i| i.clamps[0] = samples()),
        "sample 1 of the command of the clamp of cell 0, branch 2, compartment 0 is NaN, expected a finite number"
    );
    let lanes = |i: &mut Inputs| {
        i.lanes = 2;
        i.stimuli[0] = Drive::LaneSamples(vec![0.0, 0.0, 0.0, f64::NAN]);
    };
    assert_eq!(
        refused(lanes),
        "sample 1 of the stimulus of cell 0, branch 1, compartment 0 in lane 1 is NaN, expected a finite number"
    );
}

#[test]
fn places_that_do_not_exist() {
    let len = native(&passive()).layout().len();
    let message = format!("place {len} is not one of the {len} numbers of the model");
    let beyond = |i: &mut Inputs| {
        i.lane_values = vec![LaneValues {
            indices: vec![len],
            values: vec![1.0],
        }];
    };
    assert_eq!(refused(beyond), message);

    let program = native(&passive());
    let inputs = Arc::new(program.inputs(0.1, 10));
    let trace = program
        .trace::<f64>(&inputs, 1 << 30, &one_thread())
        .expect("a trace");
    let wanted = Wanted {
        values: vec![len],
        ..Default::default()
    };
    let error = trace.pull_back(&[0.0; 11], &wanted).expect_err("refused");
    assert_eq!(error.to_string(), message);
    let error = trace
        .pull_back(&[0.0; 10], &Wanted::default())
        .expect_err("refused");
    assert_eq!(
        error.to_string(),
        "the cotangent of the recordings has 10 numbers where 11 x 1 x 1 are expected"
    );
}

#[test]
fn a_budget_that_is_too_small() {
    let program = native(&passive());
    let inputs = Arc::new(program.inputs(0.1, 5000));
    let Err(error) = program.trace::<f64>(&inputs, 1000, &one_thread()) else {
        panic!("1000 bytes are too few");
    };
    let RunError::Budget {
        budget: 1000,
        needed,
        steps: 5000,
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(
        error.to_string(),
        format!(
            "a gradient of 5000 steps needs at least {needed} bytes for states, events and workspace; the \
             budget is 1000"
        )
    );
    // what it says is true
    let traced = |budget| program.trace::<f64>(&inputs, budget, &one_thread()).is_ok();
    assert!(traced(needed) && !traced(needed - 1));
}

#[test]
fn a_vector_unit_that_there_is_not() {
    let error = RunError::from(VectorUnit::named("abacus").expect_err("no unit"));
    assert_eq!(
        error.to_string(),
        "LOLIGO_SIMD=abacus names no vector unit: it is one of avx512, avx2, neon, plain"
    );
}

/// A mechanism with one definition, in one compartment.
fn reading(name: &str) -> Model {
    let mechanism = MechanismBuilder::new("reader")
        .define("read", "", |x| x.get(name))
        .current("i", |x| 1e-9 * x.get(name))
        .build()
        .expect("a mechanism");
    let mut model = Model::cylinder(30.0, 2.0, 1).expect("a cell");
    model.everywhere().insert(mechanism).expect("inserted");
    model.everywhere().record("reader.read").expect("recorded");
    model
}

fn not_lowered(model: &Model) -> LoweringError {
    match lower(model, Scheme::BackwardEuler, Convention::Native) {
        Err(error) => error,
        Ok(_) => panic!("it cannot be lowered"),
    }
}

/// A reversal potential that follows from concentrations takes the charge of the ion.
#[test]
fn ions_of_unknown_charge() {
    let text = |declared: &str| {
        format!(
            "NEURON {{ SUFFIX x USEION cl READ ecl, cli WRITE icl {declared} }}
             PARAMETER {{ g = 1e-4 }} ASSIGNED {{ v ecl cli icl }}
             BREAKPOINT {{ icl = g*(v - ecl) }}"
        )
    };
    let model = |declared: &str| {
        let mut model = passive();
        let mechanism = nmodl::compile(&text(declared), "x.mod").expect("compiles");
        model.branch(2).insert(mechanism).expect("inserted");
        model
    };
    assert_eq!(
        not_lowered(&model("")).to_string(),
        "mechanism `pas + x`: the charge of the ion `cl` is not known, and its reversal potential \
         follows from its concentrations: declare it (USEION cl … VALENCE 1)"
    );
    native(&model("VALENCE -1"));
}

/// Front ends refuse unknown names; a mechanism that is put together by hand may have one.
#[test]
fn mechanisms_that_read_what_is_not_there() {
    let mut reader = Mechanism {
        name: "reader".to_string(),
        ..Mechanism::default()
    };
    reader.currents.push(Current {
        name: "i".to_string(),
        ion: None,
        direction: Direction::Outward,
        density: reader.graph.symbol("time"),
    });
    let mut model = passive();
    model.everywhere().insert(reader).expect("inserted");
    let error = not_lowered(&model).to_string();
    assert_eq!(
        error.replace("pas + reader", "reader"),
        "mechanism `reader` reads `time`, which is none of its parameters or states and nothing that \
         the simulator provides (v, t, celsius, dt, diam, area, radius, length, Ra, cm, or an ion's \
         e, i, o)"
    );
}

#[test]
fn events_of_what_they_bring_and_pointers_to_nothing() {
    let point = |text: &str| {
        let mechanism = nmodl::compile(text, "x.mod").expect("compiles");
        let mut model = passive();
        model.at(0.5).insert(mechanism).expect("inserted");
        model
    };
    let clock = point(
        "NEURON { POINT_PROCESS clock } INITIAL { net_send(3, 1) }
         NET_RECEIVE (w) { FOR_NETCONS (own) { own = own + w } }",
    );
    assert_eq!(
        not_lowered(&clock).to_string(),
        "mechanism `clock` is told of events, and uses FOR_NETCONS that reads what the event itself \
         brings, which is not supported yet"
    );
    let gap = "NEURON { POINT_PROCESS gap NONSPECIFIC_CURRENT i POINTER other RANGE g }
         PARAMETER { g = 1e-3 (uS) } ASSIGNED { v (mV) other (mV) i (nA) }
         BREAKPOINT { i = g*(v - other) }";
    let mut gap = point(gap);
    let error = not_lowered(&gap).to_string();
    assert!(
        error.starts_with("`gap.other` in ")
            && error.contains("it is a POINTER, which has no default"),
        "{error}"
    );
    gap.at(0.5).set("gap.other", -40.0).expect("a number");
    native(&gap);
}

/// What the message above promises, in the units that mechanisms count with.
#[test]
fn mechanisms_read_what_is_promised() {
    let area = 2.0 * std::f64::consts::PI * 2.0 * 30.0;
    for (name, expected) in [
        ("v", -65.0),
        ("t", 0.0),
        ("celsius", 6.3),
        ("dt", 0.1),
        ("diam", 4.0),
        ("area", area),
        ("radius", 2.0),
        ("length", 30.0),
        ("Ra", 100.0),
        ("cm", 1.0),
    ] {
        let program = native(&reading(name));
        let inputs = Arc::new(program.inputs(0.1, 3));
        let run = program.run::<f64>(&inputs, &one_thread()).expect("a run");
        let found = run.recordings.trace(0, 0)[0];
        assert!(
            (found - expected).abs() <= 1e-12 * expected.abs(),
            "{name}: {found} {expected}"
        );
    }
}

#[test]
fn errors_of_lowering_that_models_prevent() {
    assert_eq!(
        LoweringError::Empty.to_string(),
        "the model has no compartments"
    );
    let error = LoweringError::NothingToRecord {
        name: "soma[0](0.5).ina".into(),
        place: Place {
            cell: 0,
            branch: 0,
            compartment: 2,
        }
        .to_string(),
    };
    assert_eq!(
        error.to_string(),
        "recording `soma[0](0.5).ina` reads a mechanism that is not in its compartment (cell 0, \
         branch 0, compartment 2)"
    );
}
