//! Fitting: trainable numbers of a model are changed until a loss is small.

use std::ops::ControlFlow;

use loligo_model::{Model, Parameters};

use crate::error::Error;
use crate::loss::Loss;
use crate::optimise::{Adam, Lbfgs, Optimiser, Transform};
use crate::simulation::{Settings, Simulation};

/// How to look for the smallest loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// Adam; the learning rate is a distance in the free numbers that bounds are mapped to, where
    /// a unit is about a quarter of the range.
    Adam {
        /// Length of a step.
        learning_rate: f64,
    },
    /// L-BFGS.
    Lbfgs,
}

/// How long and from where to look.
#[derive(Clone, Debug, PartialEq)]
pub struct FitOptions {
    /// How.
    pub method: Method,
    /// How many times the loss is taken at each start.
    pub steps: usize,
    /// How many starts: the first is the model as it is, the others are drawn evenly between the
    /// bounds. They run as the lanes of one batch.
    pub starts: usize,
    /// What the starts are drawn from.
    pub seed: u64,
}

impl Default for FitOptions {
    /// A hundred steps of Adam from the model as it is.
    fn default() -> Self {
        FitOptions {
            method: Method::Adam {
                learning_rate: 0.05,
            },
            steps: 100,
            starts: 1,
            seed: 0,
        }
    }
}

/// How far a fit is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress<'a> {
    /// How many steps are done.
    pub step: usize,
    /// The losses of this step, one for each start.
    pub losses: &'a [f64],
    /// The smallest loss so far.
    pub best: f64,
}

/// What a fit found.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The parameters with the smallest loss; the model has them now.
    pub parameters: Parameters,
    /// That loss.
    pub loss: f64,
    /// The start from which it was found.
    pub start: usize,
    /// The losses on the way, shape `[start][step]`; NaN where a run diverged.
    pub losses: Vec<Vec<f64>>,
}

/// One of several walks.
struct Walk {
    free: Vec<f64>,
    optimiser: Box<dyn Optimiser>,
    losses: Vec<f64>,
}

/// Fits the trainable numbers of a model, and leaves the model with the best that it found.
/// `observe` is called after every step and may stop the fit.
///
/// ```
/// use std::ops::ControlFlow;
/// use loligo::prelude::*;
///
/// let mut soma = Model::cylinder(20.0, 10.0, 1)?;
/// soma.everywhere().insert(mechanism("pas")?)?;
/// soma.at(0.5).stimulate(Waveform::step(1.0, 20.0, 0.1))?;
/// soma.at(0.5).record("v")?;
/// let settings = Settings::new(10.0);
///
/// soma.everywhere().set("pas.g", 0.002)?;
/// let target = Simulation::new(&soma, &settings)?.run()?.lane(0);
/// soma.everywhere().set("pas.g", 0.001)?;
/// soma.everywhere().trainable("pas.g", Some((1e-4, 1e-2)))?;
///
/// let options = FitOptions { method: Method::Lbfgs, steps: 30, ..FitOptions::default() };
/// let loss = MeanSquaredError::from(target);
/// let fit = fit(&mut soma, &settings, &loss, &options, |_| ControlFlow::Continue(()))?;
/// assert!((fit.parameters.values[0] - 0.002).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Nothing trainable; several starts without bounds; no steps or starts; what is wrong with the
/// model, the loss or the runs. Runs that diverge are no error: the walk turns back.
pub fn fit(
    model: &mut Model,
    settings: &Settings,
    loss: &impl Loss,
    options: &FitOptions,
    mut observe: impl FnMut(&Progress<'_>) -> ControlFlow<()>,
) -> Result<Fit, Error> {
    let simulation = Simulation::new(model, settings)?;
    let parameters = simulation.parameters();
    check(options, parameters)?;
    let transforms: Vec<Transform> = parameters
        .bounds
        .iter()
        .zip(&parameters.values)
        .map(|(&bounds, &value)| Transform::new(bounds, value))
        .collect();
    let mut walks: Vec<Walk> = starts(parameters, options)?
        .iter()
        .map(|start| Walk::new(start, &transforms, options.method))
        .collect();

    let mut best = Best {
        loss: f64::INFINITY,
        start: 0,
        values: parameters.values.clone(),
    };
    for step in 1..=options.steps {
        let lanes: Vec<Vec<f64>> = walks.iter().map(|w| w.bounded(&transforms)).collect();
        let results = simulation.values_and_gradients(&lanes, loss)?;
        for (start, (walk, result)) in walks.iter_mut().zip(&results).enumerate() {
            walk.losses.push(result.value);
            if result.value < best.loss {
                best = Best {
                    loss: result.value,
                    start,
                    values: lanes[start].clone(),
                };
            }
            walk.advance(result.value, &result.gradient, &transforms);
        }
        let losses: Vec<f64> = results.iter().map(|result| result.value).collect();
        let progress = Progress {
            step,
            losses: &losses,
            best: best.loss,
        };
        let stopped = observe(&progress).is_break();
        if stopped || walks.iter().all(|walk| walk.optimiser.is_done()) {
            break;
        }
    }
    let mut parameters = parameters.clone();
    parameters.values = best.values;
    model.write(&parameters)?;
    Ok(Fit {
        parameters,
        loss: best.loss,
        start: best.start,
        losses: walks.into_iter().map(|walk| walk.losses).collect(),
    })
}

struct Best {
    loss: f64,
    start: usize,
    values: Vec<f64>,
}

impl Walk {
    fn new(start: &[f64], transforms: &[Transform], method: Method) -> Self {
        let free: Vec<f64> = start
            .iter()
            .zip(transforms)
            .map(|(&v, t)| t.free(v))
            .collect();
        let optimiser: Box<dyn Optimiser> = match method {
            Method::Adam { learning_rate } => Box::new(Adam::new(free.clone(), learning_rate)),
            // a tenth of a unit is a fortieth of the range between bounds
            Method::Lbfgs => Box::new(Lbfgs::new(free.clone(), 0.1)),
        };
        Walk {
            free,
            optimiser,
            losses: Vec::new(),
        }
    }

    fn bounded(&self, transforms: &[Transform]) -> Vec<f64> {
        let free = self.free.iter().zip(transforms);
        free.map(|(&x, transform)| transform.bounded(x)).collect()
    }

    fn advance(&mut self, value: f64, gradient: &[f64], transforms: &[Transform]) {
        let chain = gradient.iter().zip(transforms).zip(&self.free);
        let free: Vec<f64> = chain.map(|((&g, t), &x)| g * t.derivative(x)).collect();
        self.free = self.optimiser.next(value, &free);
    }
}

fn check(options: &FitOptions, parameters: &Parameters) -> Result<(), Error> {
    if parameters.values.is_empty() {
        return Err(Error::NothingTrainable);
    }
    let mut numbers = vec![
        ("steps", options.steps as f64, "1 or more"),
        ("starts", options.starts as f64, "1 or more"),
    ];
    if let Method::Adam { learning_rate } = options.method {
        numbers.push(("learning_rate", learning_rate, "a positive number"));
    }
    for (name, value, expected) in numbers {
        if !(value.is_finite() && value > 0.0) {
            return Err(Error::FitOption {
                name,
                value,
                expected,
            });
        }
    }
    Ok(())
}

/// The first start is where the model is, the others lie between the bounds.
fn starts(parameters: &Parameters, options: &FitOptions) -> Result<Vec<Vec<f64>>, Error> {
    let mut starts = vec![parameters.values.clone()];
    let mut state = options.seed;
    for _ in 1..options.starts {
        let mut start = Vec::with_capacity(parameters.values.len());
        for (name, range) in parameters.slices() {
            for index in range {
                match parameters.bounds[index] {
                    Some((lower, upper)) if lower.is_finite() && upper.is_finite() => {
                        start.push(lower + (upper - lower) * uniform(&mut state));
                    }
                    _ => {
                        return Err(Error::StartsNeedBounds {
                            name: name.to_string(),
                        });
                    }
                }
            }
        }
        starts.push(start);
    }
    Ok(starts)
}

/// A number between 0 and 1: SplitMix64 (Steele, Lea and Flood 2014).
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    (z >> 11) as f64 / (1_u64 << 53) as f64
}
