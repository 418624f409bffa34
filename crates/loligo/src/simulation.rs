//! Simulations: a model made ready to run, to be run with other parameters, and to be
//! differentiated.

mod hessian;

use std::sync::Arc;

use loligo_engine::{
    Choices, Convention, Execution, Inputs, LaneValues, Plan, Program, Recordings, Run, RunError,
    Scheme, SpikeTimes, Wanted, lower_with,
};
use loligo_model::{Model, Parameters};

use crate::error::Error;
use crate::loss::Loss;
use crate::memory;

pub use hessian::HessianProduct;

/// How long, how finely, and by which scheme.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Duration of the run, ms; the last step may reach beyond it.
    pub duration: f64,
    /// Time step, ms.
    pub dt: f64,
    /// How the voltage is stepped.
    pub scheme: Scheme,
    /// Whose choices are followed where simulators differ.
    pub convention: Convention,
    /// When spikes are, and from when on their events act.
    pub spike_times: SpikeTimes,
    /// Keep every n-th sample of the recordings, and the first.
    pub record_every: usize,
    /// Which random numbers mechanisms draw.
    pub seed: u64,
    /// Bytes that a gradient may take; `None` for a quarter of what the process may have.
    pub budget: Option<usize>,
}

impl Settings {
    /// A run of a duration, ms, with a step of 0.025 ms by backward Euler.
    pub fn new(duration: f64) -> Self {
        Settings {
            duration,
            dt: 0.025,
            scheme: Scheme::default(),
            convention: Convention::default(),
            spike_times: SpikeTimes::default(),
            record_every: 1,
            seed: 0,
            budget: None,
        }
    }

    fn steps(&self) -> usize {
        // a duration that is a whole number of steps but for rounding is one
        (self.duration / self.dt * (1.0 - 1e-12)).ceil() as usize
    }
}

/// A model made ready to run.
///
/// ```
/// use loligo::prelude::*;
///
/// let mut soma = Model::cylinder(20.0, 10.0, 1)?;
/// soma.everywhere().insert(mechanism("hh")?)?;
/// soma.at(0.5).stimulate(Waveform::step(2.0, 2.0, 0.5))?;
/// soma.at(0.5).record("v")?;
/// soma.everywhere().trainable("hh.gnabar", Some((0.01, 0.5)))?;
///
/// let simulation = Simulation::new(&soma, &Settings::new(10.0))?;
/// let run = simulation.run()?;
/// let peak = run.trace(0, 0).iter().copied().fold(f64::MIN, f64::max);
/// assert!(peak > 20.0);
///
/// // the derivative of the last voltage with respect to the sodium conductance
/// let last = |v: &[f64]| {
///     let mut derivative = vec![0.0; v.len()];
///     derivative[v.len() - 1] = 1.0;
///     (v[v.len() - 1], derivative)
/// };
/// let (value, gradient) = simulation.value_and_gradient(&[0.12], &last)?;
/// assert_eq!(value, run.trace(0, 0)[400]);
/// assert_eq!(gradient.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Simulation {
    program: Arc<Program>,
    inputs: Arc<Inputs>,
    execution: Execution,
    budget: usize,
    parameters: Parameters,
    /// For each parameter, its places in the values of the inputs.
    places: Vec<Vec<usize>>,
}

/// What a loss is for a lane of a batch, and its gradient.
#[derive(Clone, Debug, PartialEq)]
pub struct LossAndGradient {
    /// The loss; NaN for a lane that diverged.
    pub value: f64,
    /// Its derivative with respect to each parameter.
    pub gradient: Vec<f64>,
}

impl Simulation {
    /// Makes a model ready to run. It keeps the model as it is now.
    ///
    /// # Errors
    /// A duration that is none; a model that cannot be lowered; `LOLIGO_SIMD` that names no vector unit of this
    /// machine.
    pub fn new(model: &Model, settings: &Settings) -> Result<Self, Error> {
        let duration = settings.duration;
        if !(duration > 0.0 && duration.is_finite()) {
            return Err(Error::Duration { duration });
        }
        let choices = Choices {
            scheme: settings.scheme,
            convention: settings.convention,
            spike_times: settings.spike_times,
        };
        let program = Arc::new(lower_with(model, choices)?);
        let mut inputs = program.inputs(settings.dt, settings.steps());
        inputs.record_every = settings.record_every;
        inputs.seed = settings.seed;
        let places = model.trainables().iter().flat_map(|trainable| {
            let place = |&compartment| program.layout().index(trainable.quantity, compartment);
            trainable.targets.iter().map(move |target| {
                let mut places: Vec<usize> = target.iter().filter_map(place).collect();
                // the temperature has one place for all compartments
                places.dedup();
                places
            })
        });
        Ok(Simulation {
            places: places.collect(),
            parameters: model.parameters(),
            inputs: Arc::new(inputs),
            execution: Execution::detect()?,
            budget: settings.budget.unwrap_or_else(memory::default_budget),
            program,
        })
    }

    /// The trainable numbers as they were in the model.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// What runs.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// What it runs with.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// How it is carried out; its control stops a run.
    pub fn execution(&self) -> &Execution {
        &self.execution
    }

    /// Times of the samples, ms; the first is 0.
    pub fn times(&self) -> Vec<f64> {
        let step = self.inputs.dt * self.inputs.record_every as f64;
        (0..self.inputs.samples())
            .map(|n| n as f64 * step)
            .collect()
    }

    /// What a gradient of so many lanes keeps within the budget.
    ///
    /// # Errors
    /// A budget in which nothing fits.
    pub fn plan(&self, lanes: usize) -> Result<Plan, Error> {
        let inputs = Inputs {
            lanes,
            ..(*self.inputs).clone()
        };
        let threads = self.execution.threads;
        Ok(self.program.plan::<f64>(&inputs, self.budget, threads)?)
    }

    /// Runs the model as it is.
    ///
    /// # Errors
    /// Inputs that are wrong; a run that diverged or was stopped.
    pub fn run(&self) -> Result<Recordings<f64>, Error> {
        let run = self.program.run::<f64>(&self.inputs, &self.execution)?;
        match run.diverged.into_iter().next() {
            Some(divergence) => Err(RunError::Diverged(divergence).into()),
            None => Ok(run.recordings),
        }
    }

    /// Runs the model with other parameters, one list for each lane of a batch.
    ///
    /// # Errors
    /// Lists of the wrong length; inputs that are wrong; a run that was stopped. A lane that
    /// diverged is NaN and named.
    pub fn run_batch(&self, lanes: &[Vec<f64>]) -> Result<Run<f64>, Error> {
        let inputs = Arc::new(self.inputs_of(lanes)?);
        Ok(self.program.run::<f64>(&inputs, &self.execution)?)
    }

    /// A loss and its gradient with respect to the parameters.
    ///
    /// # Errors
    /// A list of the wrong length; a loss that does not fit the recordings; inputs that are wrong;
    /// a run that diverged or was stopped.
    pub fn value_and_gradient(
        &self,
        parameters: &[f64],
        loss: &impl Loss,
    ) -> Result<(f64, Vec<f64>), Error> {
        let inputs = Arc::new(self.inputs_of(&[parameters.to_vec()])?);
        let (mut lanes, diverged) = self.losses_and_gradients(inputs, loss)?;
        match (diverged, lanes.pop()) {
            (None, Some(lane)) => Ok((lane.value, lane.gradient)),
            (Some(error), _) => Err(error.into()),
            (None, None) => Err(RunError::NoLanes.into()),
        }
    }

    /// The same for each lane of a batch.
    ///
    /// # Errors
    /// As for [`Simulation::value_and_gradient`], but a lane that diverged has a loss of NaN.
    pub fn values_and_gradients(
        &self,
        lanes: &[Vec<f64>],
        loss: &impl Loss,
    ) -> Result<Vec<LossAndGradient>, Error> {
        let inputs = Arc::new(self.inputs_of(lanes)?);
        Ok(self.losses_and_gradients(inputs, loss)?.0)
    }

    fn losses_and_gradients(
        &self,
        inputs: Arc<Inputs>,
        loss: &impl Loss,
    ) -> Result<(Vec<LossAndGradient>, Option<RunError>), Error> {
        let trace = self
            .program
            .trace::<f64>(&inputs, self.budget, &self.execution)?;
        let recordings = trace.recordings();
        let samples = recordings.recordings * recordings.samples;
        if let Some(expected) = loss.expected_len() {
            fits("target", expected, samples)?;
        }
        let mut values = Vec::with_capacity(inputs.lanes);
        let mut cotangents = recordings.clone();
        for lane in 0..inputs.lanes {
            let (value, derivative) = loss.value_and_derivative(&recordings.lane(lane));
            fits("derivative", derivative.len(), samples)?;
            values.push(value);
            cotangents.set_lane(lane, &derivative);
        }
        let wanted = Wanted {
            values: self.places.concat(),
            ..Wanted::default()
        };
        let gradient = trace.pull_back(&cotangents.data, &wanted)?;
        let gradients = self.by_parameter(&gradient.values);
        let lanes = values.into_iter().zip(gradients);
        let lanes = lanes.map(|(value, gradient)| LossAndGradient { value, gradient });
        let diverged = trace.diverged().first().cloned().map(RunError::Diverged);
        Ok((lanes.collect(), diverged))
    }

    /// Derivatives with respect to places, lane by lane, as derivatives with respect to parameters.
    fn by_parameter(&self, of_places: &[f64]) -> Vec<Vec<f64>> {
        let count = self.places.iter().map(Vec::len).sum::<usize>();
        let lanes = of_places.chunks(count.max(1)).map(|lane| {
            let mut rest = lane.iter();
            let sums = self.places.iter().map(|places| {
                // a shared number has the derivatives of all places that share it
                rest.by_ref().take(places.len()).sum()
            });
            sums.collect()
        });
        lanes.collect()
    }

    /// Numbers for the parameters of each lane, at all places, shape `[lane][place]`.
    fn spread(&self, lanes: &[Vec<f64>]) -> Result<Vec<f64>, Error> {
        let expected = self.places.len();
        if let Some(wrong) = lanes.iter().find(|lane| lane.len() != expected) {
            return Err(Error::Parameters {
                given: wrong.len(),
                expected,
            });
        }
        let at_places = lanes.iter().flat_map(|lane| {
            let shared = lane.iter().zip(&self.places);
            shared.flat_map(|(&value, places)| std::iter::repeat_n(value, places.len()))
        });
        Ok(at_places.collect())
    }

    fn inputs_of(&self, lanes: &[Vec<f64>]) -> Result<Inputs, Error> {
        Ok(Inputs {
            lanes: lanes.len(),
            lane_values: vec![LaneValues {
                indices: self.places.concat(),
                values: self.spread(lanes)?,
            }],
            ..(*self.inputs).clone()
        })
    }
}

/// Whether a loss gave one number for each sample.
fn fits(what: &'static str, given: usize, expected: usize) -> Result<(), Error> {
    match given == expected {
        true => Ok(()),
        false => Err(Error::Loss {
            what,
            given,
            expected,
        }),
    }
}
