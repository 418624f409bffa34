//! Gap junctions: against cables that are not cut, dense elimination, and finite differences, and what
//! must not change a bit.

mod support;

use std::f64::consts::PI;
use std::sync::Arc;

use loligo_engine::{Convention, Inputs, LaneValues, Program, RunError, Scheme, Wanted, lower};
use loligo_mechanism::Mechanism;
use loligo_mechanism::builder::MechanismBuilder;
use loligo_model::{Model, Quantity, Waveform, Window};
use support::models::{builtin, on};
use support::quadratic::{self, check_second_derivatives, difference, execution, gradient, loss};

const DT: f64 = 0.025;

const CHOICES: [(Scheme, Convention); 4] = [
    (Scheme::BackwardEuler, Convention::Native),
    (Scheme::CrankNicolson, Convention::Native),
    (Scheme::BackwardEuler, Convention::Jaxley),
    (Scheme::CrankNicolson, Convention::Neuron),
];

fn linear() -> Mechanism {
    MechanismBuilder::new("gap")
        .parameter("g", 1e-3, "uS")
        .gap_junction(|x| x.get("g"))
        .build()
        .expect("a gap junction")
}

/// A conductance with a gate that closes as the voltages on both sides part, and a factor that follows
/// them at once.
fn closing() -> Mechanism {
    MechanismBuilder::new("closing")
        .parameter("g", 2e-3, "uS")
        .parameter("rate", 0.3, "/ms")
        .state(
            "open",
            |x| x.get("rate") * 0.0 + 0.7,
            |x| {
                let parted = (x.v() - x.v_pre()) / 20.0;
                x.get("rate") * (1.0 / (1.0 + parted * parted) - x.get("open"))
            },
        )
        .gap_junction(|x| {
            let parted = (x.v() - x.v_pre()) / 30.0;
            x.get("g") * x.get("open") * (0.5 + 0.5 * (-(parted * parted)).exp())
        })
        .build()
        .expect("a gap junction")
}

fn set(model: &mut Model, name: &str, numbers: &[f64]) {
    let mechanism = name.split('.').next().expect("a name");
    let all = model.synapses(mechanism).expect("there are some");
    model
        .set_synapses(name, numbers.to_vec(), &all)
        .expect("set");
}

fn program(model: &Model, (scheme, convention): (Scheme, Convention)) -> Arc<Program> {
    Arc::new(lower(model, scheme, convention).expect("lowered"))
}

fn parameter(mechanism: usize, parameter: usize) -> Quantity {
    Quantity::Parameter {
        mechanism,
        parameter,
    }
}

const PIECES: usize = 5;
const LENGTH: f64 = 40.0;
const RADIUS: f64 = 1.5;

/// A cable with channels, a stimulus, and an ideal clamp for a while; or the same cut into its
/// compartments and joined by gap junctions.
fn cable(is_cut: bool) -> Model {
    let mut model = if is_cut {
        let piece = Model::cylinder(LENGTH, RADIUS, 1).expect("a cylinder");
        let mut model = Model::network(&vec![piece; PIECES]).expect("a network");
        let (pre, post): (Vec<usize>, Vec<usize>) = (1..PIECES).map(|n| (n - 1, n)).unzip();
        model.connect(linear(), &pre, &post).expect("connected");
        // Ω·cm, µm, µm² to µS
        let resistivity = model.values().value(Quantity::AxialResistivity, 0);
        let resistance = 0.01 * resistivity.expect("set") * LENGTH / (PI * RADIUS * RADIUS);
        set(&mut model, "gap.g", &[1.0 / resistance; PIECES - 1]);
        model
    } else {
        Model::cylinder(LENGTH * PIECES as f64, RADIUS, PIECES).expect("a cylinder")
    };
    let piece = |number: usize| match is_cut {
        true => (number, 0),
        false => (0, number),
    };
    model.everywhere().insert(builtin("hh")).expect("inserted");
    let (cell, compartment) = piece(0);
    let step = Waveform::step(0.5, 2.0, 0.6);
    let mut first = model.cell(cell).compartment(compartment);
    first.stimulate(step).expect("stimulated");
    let command = (0..400).map(|n| -60.0 + 15.0 * (0.05 * f64::from(n)).sin());
    let window = Window {
        start: 4.0,
        duration: 3.0,
    };
    let (cell, compartment) = piece(3);
    let mut held = model.cell(cell).compartment(compartment);
    let command = Waveform::samples(command.collect::<Vec<f64>>());
    held.clamp(command, None, window).expect("clamped");
    held.record("i_clamp").expect("recorded");
    model.everywhere().record("v").expect("recorded");
    model
}

/// Voltages, the current of an ideal clamp, and gradients (by the sodium conductance, by what the clamp
/// commands, by the initial voltage) are those of the cable that is not cut. They differ by rounding, of
/// numbers of up to 100 mV that the regenerative sodium current makes up to a thousand times as large.
#[test]
fn a_cable_that_is_cut_and_joined_again_is_the_cable() {
    for choice in CHOICES {
        let [whole, cut] = [false, true].map(|is_cut| {
            let program = program(&cable(is_cut), choice);
            let inputs = Arc::new(program.inputs(DT, 320));
            let trace = program.trace::<f64>(&inputs, 1 << 30, &execution(1));
            let trace = trace.expect("traced");
            let (_, cotangents) = loss(&trace.recordings().data);
            let hh = usize::from(is_cut);
            let rows = (0..PIECES).flat_map(|row| {
                [parameter(hh, 0), Quantity::InitialVoltage]
                    .map(|quantity| program.layout().index(quantity, row).expect("there"))
            });
            let wanted = Wanted {
                values: rows.collect(),
                clamps: true,
                ..Wanted::default()
            };
            let gradient = trace.pull_back(&cotangents, &wanted).expect("swept");
            let slopes = [gradient.values, gradient.clamps.expect("asked for")].concat();
            (trace.recordings().data.clone(), slopes)
        });
        let largest = |numbers: &[f64]| numbers.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
        let apart = |a: &[f64], b: &[f64]| {
            let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
            largest(&differences)
        };
        assert!(largest(&whole.0) > 20.0);
        assert!(apart(&whole.0, &cut.0) < 1e-9, "{choice:?}");
        let relative = apart(&whole.1, &cut.1) / largest(&whole.1);
        assert!(relative < 1e-10, "{choice:?}: {relative:e}");
    }
}

/// What conductances between single compartments without membranes do in a step, by elimination.
fn eliminated(capacitance: f64, joins: &[(usize, usize, f64)], before: &[f64]) -> Vec<f64> {
    let size = before.len();
    let mut rows: Vec<Vec<f64>> = (0..size)
        .map(|row| {
            let mut numbers = vec![0.0; size + 1];
            numbers[row] = capacitance;
            numbers[size] = capacitance * before[row];
            numbers
        })
        .collect();
    for &(a, b, g) in joins {
        for (row, other) in [(a, b), (b, a)] {
            rows[row][row] += g;
            rows[row][other] -= g;
        }
    }
    for pivot in 0..size {
        let above = rows[pivot].clone();
        for (row, numbers) in rows.iter_mut().enumerate() {
            if row != pivot {
                let factor = numbers[pivot] / above[pivot];
                let pairs = numbers.iter_mut().zip(&above);
                pairs.for_each(|(number, above)| *number -= factor * above);
            }
        }
    }
    let solved = rows.iter().enumerate();
    solved
        .map(|(row, numbers)| numbers[size] / numbers[row])
        .collect()
}

/// Conductances from far below to far above that of the capacitance, one of nothing and one below, in a
/// graph with loops, two between the same compartments and one from a compartment to itself.
#[test]
fn loops_are_solved_as_elimination_solves_them() {
    let cell = Model::cylinder(20.0, 10.0, 1).expect("a cylinder");
    let mut model = Model::network(&vec![cell; 6]).expect("a network");
    let joins = [
        (0, 1, 1e-3),
        (1, 2, 40.0),
        (2, 0, 0.3),
        (2, 3, 1e-9),
        (3, 4, 2.0),
        (4, 3, 0.05),
        (4, 4, 1.0),
        (4, 5, 0.0),
        (5, 0, -2e-4),
        (5, 1, 5e-3),
    ];
    let pre: Vec<usize> = joins.iter().map(|join| join.0).collect();
    let post: Vec<usize> = joins.iter().map(|join| join.1).collect();
    model.connect(linear(), &pre, &post).expect("connected");
    set(&mut model, "gap.g", &joins.map(|join| join.2));
    let start = [-90.0, 40.0, 0.0, -20.0, 10.0, -65.0];
    for (cell, v) in start.into_iter().enumerate() {
        model.cell(cell).set("v", v).expect("set");
    }
    model.everywhere().record("v").expect("recorded");
    let capacitance = model.shape().compartments[0].area * 1e-5 / DT;
    for scheme in [Scheme::BackwardEuler, Scheme::CrankNicolson] {
        let program = program(&model, (scheme, Convention::Native));
        let run = program.run::<f64>(&Arc::new(program.inputs(DT, 200)), &execution(1));
        let run = run.expect("run").recordings;
        let mut v = start.to_vec();
        for step in 1..=200 {
            v = match scheme {
                Scheme::BackwardEuler => eliminated(capacitance, &joins, &v),
                Scheme::CrankNicolson => {
                    let middle = eliminated(2.0 * capacitance, &joins, &v);
                    middle.iter().zip(&v).map(|(m, v)| 2.0 * m - v).collect()
                }
            };
            for (cell, expected) in v.iter().enumerate() {
                let found = run.trace(0, cell)[step];
                let off = (found - expected).abs();
                assert!(off < 1e-10, "{scheme:?} {step} {cell}: {found} {expected}");
            }
        }
    }
}

/// In single precision the same, to its rounding.
#[test]
fn single_precision_is_near_double_precision() {
    let program = program(&network(), CHOICES[0]);
    let inputs = Arc::new(program.inputs(DT, 40));
    let double = program.run::<f64>(&inputs, &execution(1)).expect("run");
    let single = program.run::<f32>(&inputs, &execution(1)).expect("run");
    let pairs = double.recordings.data.iter().zip(&single.recordings.data);
    for (double, single) in pairs {
        assert!(
            (double - f64::from(*single)).abs() < 1e-2,
            "{double} {single}"
        );
    }
}

/// Cells of three kinds, two of them alike, with junctions of both kinds in loops, one of them within a
/// cell, and a chemical synapse.
fn network() -> Model {
    let branch = |length, count| Model::cylinder(length, 2.0, count).expect("a branch");
    let long = branch(120.0, 3);
    let short = Model::cylinder(30.0, 8.0, 1).expect("a cylinder");
    let branches = [branch(60.0, 2), branch(40.0, 1), branch(70.0, 1)];
    let forked = Model::tree(&branches, &[None, on(0, 1.0), on(0, 1.0)]).expect("a tree");
    let cells = [long.clone(), short, long, forked];
    let mut model = Model::network(&cells).expect("a network");
    model.everywhere().insert(builtin("hh")).expect("inserted");
    // compartments 0..3, 3, 4..7, 7..11
    model
        .connect(linear(), &[0, 3, 6, 9], &[3, 6, 0, 10])
        .expect("connected");
    model
        .connect(closing(), &[2, 7, 4], &[7, 5, 2])
        .expect("connected");
    set(&mut model, "gap.g", &[8e-3, 5e-3, 2e-3, 2e-2]);
    set(&mut model, "closing.g", &[4e-2, 1e-2, 2e-2]);
    let chemical = MechanismBuilder::synapse("chemical")
        .parameter("g", 1e-3, "uS")
        .current("i", |x| {
            x.get("g") / (1.0 + (-(x.v_pre() + 30.0) / 5.0).exp()) * x.v()
        })
        .build()
        .expect("a synapse");
    model
        .connect(chemical, &[1, 8], &[8, 3])
        .expect("connected");
    let step = Waveform::step(0.5, 2.0, 0.4);
    model.cell(0).stimulate(step).expect("stimulated");
    model.everywhere().record("v").expect("recorded");
    for what in ["gap.i", "closing.i", "closing.open"] {
        let of = model.synapses(what.split('.').next().expect("a name"));
        model
            .record_synapses(what, &of.expect("there"))
            .expect("recorded");
    }
    model
}

/// Places of numbers of junctions, of the chemical synapse, of the membrane, of the cable and of states
/// at t = 0.
fn places(program: &Program) -> Vec<usize> {
    let of = |quantity, row| program.layout().index(quantity, row).expect("in the model");
    let open = Quantity::InitialState {
        mechanism: 2,
        state: 0,
    };
    vec![
        of(parameter(1, 0), 0),
        of(parameter(1, 0), 3),
        of(parameter(2, 0), 0),
        of(parameter(2, 0), 1),
        of(parameter(2, 1), 2),
        of(open, 1),
        of(parameter(3, 0), 0),
        of(parameter(0, 0), 3),
        of(parameter(0, 1), 5),
        of(Quantity::Radius, 8),
        of(Quantity::Length, 2),
        of(Quantity::Capacitance, 9),
        of(Quantity::InitialVoltage, 6),
        of(Quantity::Celsius, 0),
    ]
}

#[test]
fn gradients_through_loops_are_those_of_differences() {
    for choice in CHOICES {
        let program = program(&network(), choice);
        let mut inputs = program.inputs(DT, 240);
        let places = places(&program);
        // a state that starts where it is told
        inputs.values[places[5]] = 0.6;
        let gradient = gradient(&program, &inputs, &places, 1 << 30);
        for (&place, &slope) in places.iter().zip(&gradient) {
            let moved = |value: f64| {
                let mut inputs = inputs.clone();
                inputs.values[place] = value;
                quadratic::value(&program, &inputs)
            };
            let expected = difference(moved, inputs.values[place], slope);
            let off = (slope - expected).abs() / expected.abs().max(1.0);
            let at = program.layout().at(place);
            assert!(
                off < 1e-6,
                "{choice:?} {at:?}: {slope:e}, differences {expected:e}"
            );
        }
    }
}

#[test]
fn gradients_do_not_depend_on_the_budget() {
    let program = program(&network(), CHOICES[1]);
    let inputs = program.inputs(DT, 400);
    let places = places(&program);
    let ample = gradient(&program, &inputs, &places, 1 << 30);
    let least = program
        .plan::<f64>(&inputs, 0, 1)
        .expect_err("nothing fits");
    let RunError::Budget { needed, .. } = least else {
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
    for choice in [CHOICES[0], CHOICES[1]] {
        let program = program(&network(), choice);
        let inputs = program.inputs(DT, 120);
        let places: Vec<usize> = places(&program).into_iter().collect();
        let places: Vec<usize> = [&places[..5], &places[6..]].concat();
        check_second_derivatives(&program, &inputs, &places);
    }
}

/// Lanes of a batch are solved in other numbers of iterations, and beside others.
#[test]
fn a_batch_is_a_loop_and_threads_change_nothing() {
    let program = program(&network(), CHOICES[0]);
    let mut inputs = program.inputs(DT, 200);
    let places = places(&program);
    let places: Vec<usize> = [&places[..5], &places[6..]].concat();
    let lanes = 3;
    let wanted = Wanted {
        values: places.clone(),
        ..Wanted::default()
    };
    let own = |lane: i32| -> Vec<f64> {
        let scale = |place: usize| match program.layout().at(place) {
            Some((
                Quantity::Parameter {
                    mechanism: 1 | 2, ..
                },
                _,
            )) => 10_f64.powi(lane - 1),
            _ => 1.0 + 0.05 * f64::from(lane),
        };
        places
            .iter()
            .map(|p| inputs.values[*p] * scale(*p))
            .collect()
    };
    let own: Vec<Vec<f64>> = (0..lanes).map(own).collect();
    let swept = |inputs: &Inputs, threads: usize| {
        let shared = Arc::new(inputs.clone());
        let trace = program.trace::<f64>(&shared, 1 << 30, &execution(threads));
        let trace = trace.expect("traced");
        let ones = vec![1.0; trace.recordings().data.len()];
        let slopes = trace.pull_back(&ones, &wanted).expect("swept").values;
        (trace.recordings().clone(), slopes)
    };
    let single = own.iter().map(|values| {
        let mut inputs = inputs.clone();
        for (place, value) in places.iter().zip(values) {
            inputs.values[*place] = *value;
        }
        swept(&inputs, 1)
    });
    let single: Vec<_> = single.collect();
    inputs.lanes = lanes as usize;
    inputs.lane_values.push(LaneValues {
        indices: places.clone(),
        values: own.concat(),
    });
    for threads in [1, 2] {
        let (recordings, slopes) = swept(&inputs, threads);
        for (lane, (alone, gradient)) in single.iter().enumerate() {
            assert_eq!(recordings.lane(lane), alone.lane(0));
            let from = lane * places.len();
            assert_eq!(slopes[from..from + places.len()], *gradient);
        }
    }
}

/// A grid of cells of two compartments, each joined to those beside it.
#[test]
fn a_large_network_is_the_same_on_any_number_of_threads() {
    const SIDE: usize = 40;
    let mut cell = Model::cylinder(60.0, 4.0, 3).expect("a cylinder");
    cell.everywhere().insert(builtin("hh")).expect("inserted");
    let mut model = Model::network(&vec![cell; SIDE * SIDE]).expect("a network");
    let at = |row: usize, column: usize| 3 * (row * SIDE + column);
    let cells = (0..SIDE).flat_map(|row| (0..SIDE).map(move |column| (row, column)));
    let (pre, post): (Vec<usize>, Vec<usize>) = cells
        .flat_map(|(row, column)| {
            let right = (column + 1 < SIDE).then(|| (at(row, column), at(row, column + 1) + 2));
            let below = (row + 1 < SIDE).then(|| (at(row, column), at(row + 1, column) + 1));
            right.into_iter().chain(below)
        })
        .unzip();
    model.connect(closing(), &pre, &post).expect("connected");
    let step = Waveform::step(0.1, 1.0, 2.0);
    model.cell(0..20).stimulate(step).expect("stimulated");
    model.cell(0..SIDE).record("v").expect("recorded");
    let program = program(&model, CHOICES[0]);
    let inputs = Arc::new(program.inputs(DT, 60));
    let of = |row| program.layout().index(parameter(1, 0), row).expect("there");
    let wanted = Wanted {
        values: (0..pre.len()).map(of).collect(),
        ..Wanted::default()
    };
    let swept = |threads: usize| {
        let trace = program.trace::<f64>(&inputs, 64 << 20, &execution(threads));
        let trace = trace.expect("traced");
        let (_, cotangents) = loss(&trace.recordings().data);
        let gradient = trace.pull_back(&cotangents, &wanted).expect("swept");
        (trace.recordings().data.clone(), gradient)
    };
    let one = swept(1);
    assert!(one.1.values.iter().any(|slope| *slope != 0.0));
    assert_eq!(swept(2), one);
    assert_eq!(swept(3), one);
}
