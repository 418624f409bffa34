//! A loss that is quadratic in all recordings, its gradient by the engine, and derivatives by
//! differences.

use std::sync::Arc;

use loligo_engine::{Direction, Execution, Inputs, Program, RunError, Wanted};

pub fn execution(threads: usize) -> Execution {
    let mut execution = Execution::detect().expect("a vector unit");
    execution.threads = threads;
    execution
}

/// A weighted sum of squares, and its derivative.
pub fn loss(data: &[f64]) -> (f64, Vec<f64>) {
    let terms = data.iter().enumerate();
    let loss = terms.clone().map(|(i, x)| weight(i) * x * x).sum::<f64>();
    let slopes = terms.map(|(i, x)| 2.0 * weight(i) * x).collect();
    (loss, slopes)
}

/// How much larger that is for other recordings, term by term: the difference of two sums would be one of large
/// numbers.
pub fn growth_of_loss(data: &[f64], others: &[f64]) -> f64 {
    let pairs = data.iter().zip(others).enumerate();
    let terms = pairs.map(|(index, (x, y))| weight(index) * (y - x) * (y + x));
    terms.sum()
}

fn weight(index: usize) -> f64 {
    1.0 + (index % 7) as f64 / 7.0
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

/// Asserts that the tangent of a run along a direction in all numbers at `places` is the gradient along it,
/// to rounding, and that a Hessian product with it is what differences of gradients say.
pub fn check_second_derivatives(program: &Arc<Program>, inputs: &Inputs, places: &[usize]) {
    // as much of each number as it has
    let values: Vec<f64> = places.iter().map(|p| 0.1 * inputs.values[*p]).collect();
    let direction = Direction {
        places: places.to_vec(),
        values: values.clone(),
        ..Default::default()
    };
    let shared = Arc::new(inputs.clone());
    let (run, tangents) = program
        .jvp::<f64>(&shared, &direction, &execution(1))
        .expect("run");
    let (_, cotangents) = loss(&run.recordings.data);
    let forward: f64 = cotangents
        .iter()
        .zip(&tangents.data)
        .map(|(c, t)| c * t)
        .sum();
    let slopes = gradient(program, inputs, places, 1 << 30);
    let reverse: f64 = slopes.iter().zip(&values).map(|(g, d)| g * d).sum();
    assert!((forward - reverse).abs() < 1e-10 * reverse.abs());

    let trace = program
        .trace_tangent::<f64>(&shared, &direction, 1 << 30, &execution(1))
        .expect("traced");
    let weights = loss(&vec![1.0; cotangents.len()]).1;
    let moved: Vec<f64> = trace
        .tangents()
        .data
        .iter()
        .zip(&weights)
        .map(|(t, w)| t * w)
        .collect();
    let wanted = Wanted {
        values: places.to_vec(),
        ..Wanted::default()
    };
    let (again, product) = trace
        .pull_back(&cotangents, &moved, &wanted)
        .expect("swept");
    for (a, b) in again.values.iter().zip(&slopes) {
        assert!((a - b).abs() <= 1e-10 * b.abs(), "{a} and {b}");
    }
    for (index, &product) in product.values.iter().enumerate() {
        let along = |amount: f64| {
            let mut inputs = inputs.clone();
            for (place, value) in places.iter().zip(&values) {
                inputs.values[*place] += amount * value;
            }
            gradient(program, &inputs, places, 1 << 30)[index]
        };
        let expected = difference(along, 0.0, product);
        let off = (product - expected).abs() / expected.abs().max(1.0);
        assert!(off < 1e-6, "{index}: {product:e}, differences {expected:e}");
    }
}
