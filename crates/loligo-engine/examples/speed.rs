//! Nanoseconds per compartment and step of the engine alone: squid channels everywhere, voltages
//! recorded at every step (in brackets: at the last one only), one thread, the fastest of 15 runs.
//!
//! `cargo run --release -p loligo-engine --example speed [f32] [forward] [start of a case's name]`

use std::sync::Arc;
use std::time::Instant;

use loligo_engine::Precision;
use loligo_engine::{Convention, Execution, Inputs, LaneValues, Scheme, Wanted, lower};
use loligo_mechanism::library;
use loligo_model::{Model, Quantity, Waveform};
use loligo_morphology::{Compartments, Morphology, SwcOptions};

const DT: f64 = 0.025;

fn squid(mut model: Model) -> Model {
    let hh = library::builtin("hh").expect("in the library");
    model.everywhere().insert(hh).expect("inserted");
    let mut soma = model.branch(0).compartment(0);
    soma.stimulate(Waveform::step(2.0, 1000.0, 0.1))
        .expect("stimulated");
    soma.record("v").expect("recorded");
    model
}

fn measure<T: Precision>(name: &str, model: &Model, lanes: usize, steps: usize, gradient: bool) {
    if std::env::args()
        .skip(1)
        .any(|word| !["f32", "forward"].contains(&&*word) && !name.starts_with(&word))
    {
        return;
    }
    let gradient = gradient && std::env::args().all(|word| word != "forward");
    let program = lower(model, Scheme::BackwardEuler, Convention::Native).expect("lowered");
    let program = Arc::new(program);
    let mut inputs = program.inputs(DT, steps);
    let compartments = program.compartments();
    let layout = program.layout();
    let places =
        |quantity: Quantity| (0..compartments).filter_map(move |c| layout.index(quantity, c));
    let wanted: Vec<usize> = [0, 1, 2]
        .into_iter()
        .flat_map(|parameter| {
            places(Quantity::Parameter {
                mechanism: 0,
                parameter,
            })
        })
        .collect();
    if lanes > 1 {
        inputs.lanes = lanes;
        let values: Vec<f64> = (0..lanes)
            .flat_map(|lane| wanted.iter().map(move |i| (i, lane)))
            .map(|(i, lane)| inputs.values[*i] * (1.0 + 1e-3 * lane as f64 / lanes as f64))
            .collect();
        inputs.lane_values.push(LaneValues {
            indices: wanted.clone(),
            values,
        });
    }
    let inputs = Arc::new(inputs);
    let mut execution = Execution::detect().expect("a vector unit");
    execution.threads = 1;
    let per = 1e9 / (compartments * lanes * steps) as f64;
    let time = |work: &mut dyn FnMut()| {
        work();
        let times = (0..15).map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        });
        times.fold(f64::INFINITY, f64::min) * per
    };
    let [run, silent] = [1, steps].map(|record_every| {
        let inputs = Arc::new(Inputs {
            record_every,
            ..(*inputs).clone()
        });
        time(&mut || {
            let run = program.run::<T>(&inputs, &execution).expect("run");
            assert!(run.diverged.is_empty());
        })
    });
    print!("{name:28} {run:7.2} ns ({silent:.2} ns)");
    if gradient {
        for budget in [4usize << 30, 32 << 20] {
            let wanted = Wanted {
                values: wanted.clone(),
                ..Wanted::default()
            };
            let mut spans = Vec::new();
            let time = time(&mut || {
                let trace = program
                    .trace::<T>(&inputs, budget, &execution)
                    .expect("traced");
                let cotangents = vec![T::ONE; trace.recordings().data.len()];
                trace.pull_back(&cotangents, &wanted).expect("gradient");
                spans.clone_from(&trace.plan().spans);
            });
            print!(
                "   gradient {time:7.2} ns = {:4.2} runs {spans:?}",
                time / run
            );
        }
    }
    println!();
}

fn cases<T: Precision>() {
    let point = squid(Model::cylinder(10.0, 5.0, 1).expect("a cylinder"));
    measure::<T>("1 compartment", &point, 1, 20_000, true);
    for lanes in [10, 100, 1000, 10_000] {
        let steps = 4_000_000 / lanes.max(100);
        measure::<T>(
            &format!("{lanes} compartments"),
            &point,
            lanes,
            steps.min(4000),
            lanes < 10_000,
        );
    }
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../data/morphologies/neuromorpho/n120.swc"
    );
    let morphology = Morphology::read_swc(path, &SwcOptions::default()).expect("a cell");
    let cell = Model::from_morphology(&morphology, &Compartments::PerBranch(4)).expect("a model");
    let cell = squid(cell);
    println!("cell of {} compartments", cell.shape().compartments.len());
    measure::<T>("1 cell", &cell, 1, 800, true);
    measure::<T>("1 cell, 4000 steps", &cell, 1, 4000, true);
    measure::<T>("10 cells", &cell, 10, 800, true);
}

fn main() {
    println!("{:?}", Execution::detect().expect("a vector unit").unit);
    if std::env::args().any(|argument| argument == "f32") {
        cases::<f32>();
    } else {
        cases::<f64>();
    }
}
