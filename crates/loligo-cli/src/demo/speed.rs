//! How long a run and its gradient take.

use std::time::{Duration, Instant};

use loligo::loss::Loss;
use loligo::{Error, Simulation, memory};

use crate::table;

/// Each is timed so many times, and the shortest time counts.
const REPETITIONS: usize = 5;

/// Rows of a table: size, times, and memory.
pub fn measure(simulation: &Simulation, loss: &impl Loss) -> Result<Vec<Vec<String>>, Error> {
    let compartments = simulation.program().compartments();
    let steps = simulation.inputs().steps;
    let parameters = &simulation.parameters().values;
    let run = shortest(|| simulation.run())?;
    let gradient = shortest(|| simulation.value_and_gradient(parameters, loss))?;
    let per_step = |time: Duration| time.as_secs_f64() * 1e9 / (compartments * steps) as f64;
    let milliseconds = |time: Duration| table::size(time.as_secs_f64() * 1e3);
    let row = |cells: [&str; 2]| cells.map(str::to_string).to_vec();
    let mut rows = vec![
        row(["compartments", &compartments.to_string()]),
        row(["steps", &steps.to_string()]),
        row(["trainable numbers", &parameters.len().to_string()]),
        row(["run, ms", &milliseconds(run)]),
        row([
            "run, ns per compartment and step",
            &table::size(per_step(run)),
        ]),
        row(["loss and gradient, ms", &milliseconds(gradient)]),
        row([
            "gradient/run",
            &table::size(gradient.as_secs_f64() / run.as_secs_f64()),
        ]),
    ];
    if let Some(bytes) = memory::resident() {
        let mebibytes = bytes as f64 / f64::from(1 << 20);
        rows.push(row([
            "memory of this process, MiB",
            &table::size(mebibytes),
        ]));
    }
    Ok(rows)
}

fn shortest<R>(mut work: impl FnMut() -> Result<R, Error>) -> Result<Duration, Error> {
    let mut shortest = Duration::MAX;
    for _ in 0..REPETITIONS {
        let start = Instant::now();
        work()?;
        shortest = shortest.min(start.elapsed());
    }
    Ok(shortest)
}
