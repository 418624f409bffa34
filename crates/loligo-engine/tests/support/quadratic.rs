//! A loss that is quadratic in all recordings, its gradient by the engine, and derivatives by
//! differences.

use std::sync::Arc;

use loligo_engine::{Execution, Inputs, Program, RunError, Wanted};

pub fn execution(threads: usize) -> Execution {
    let mut execution = Execution::detect().expect("a vector unit");
    execution.threads = threads;
    execution
}

/// A weighted sum of squares, and its derivative.
pub fn loss(data: &[f64]) -> (f64, Vec<f64>) {
    let weight = |index: usize| 1.0 + (index % 7) as f64 / 7.0;
    let terms = data.iter().enumerate();
    let loss = terms.clone().map(|(i, x)| weight(i) * x * x).sum::<f64>();
    let slopes = terms.map(|(i, x)| 2.0 * weight(i) * x).collect();
    (loss, slopes)
}

pub fn value(program: &Arc<Program>, inputs: &Inputs) -> f64 {
    let run = program.run::<f64>(&Arc::new(inputs.clone()), &execution(1));
    loss(&run.expect("run").recordings.data).0
}

/// The gradient by the numbers at `places`.
pub fn gradient(
    program: &Arc<Program>,
    inputs: &Inputs,
    places: &[usize],
    budget: usize,
) -> Vec<f64> {
    let trace = program.trace::<f64>(&Arc::new(inputs.clone()), budget, &execution(1));
    let trace = trace.expect("traced");
    let wanted = Wanted {
        values: places.to_vec(),
        ..Wanted::default()
    };
    let (_, cotangents) = loss(&trace.recordings().data);
    trace.pull_back(&cotangents, &wanted).expect("swept").values
}

/// The least budget that a gradient fits into: what events take is known only after a run.
pub fn least_budget(program: &Arc<Program>, inputs: &Arc<Inputs>) -> usize {
    let mut least = 1;
    while let Err(error) = program.trace::<f64>(inputs, least, &execution(1)) {
        match error {
            RunError::Budget { needed, .. } => least = needed,
            other => panic!("{other}"),
        }
    }
    least
}

/// The nearest to what is expected of central differences of fourth order with several steps.
pub fn difference(of: impl Fn(f64) -> f64, at: f64, expected: f64) -> f64 {
    let size = at.abs().max(1e-3);
    let estimates = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6].map(|step| {
        let step = step * size;
        let pair = |k: f64| (of(at + k * step) - of(at - k * step)) / (2.0 * k * step);
        (4.0 * pair(1.0) - pair(2.0)) / 3.0
    });
    let far = |estimate: &f64| (estimate - expected).abs();
    let nearest = estimates.into_iter();
    nearest
        .min_by(|a, b| far(a).total_cmp(&far(b)))
        .expect("several")
}
