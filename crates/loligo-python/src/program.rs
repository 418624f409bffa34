//! Programs: models, ready to run.

use std::sync::Arc;

use loligo::engine::Precision;
use loligo::engine::{
    self, Choices, Convention, Direction, Divergence, Scheme, Spike, SpikeTimes, lower_holding,
};
use numpy::{Element, IntoPyArray, PyArray1, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArray3};
use pyo3::prelude::*;

use crate::errors::{exception, raised};
use crate::execution::{carried_out, execution};
use crate::inputs::Inputs;
use crate::model::Model;
use crate::recorded::as_array;
use crate::selection::{Selection, SynapseSelection};
use crate::tangent_trace::{MovingOutcome, TangentTrace, direction};
use crate::trace::Trace;

/// A model, ready to run; immutable.
#[pyclass(module = "loligo._engine", frozen)]
pub struct Program(pub Arc<engine::Program>);

/// Compartments, or synapses of a mechanism.
#[derive(FromPyObject)]
pub enum Rows {
    Compartments(Selection),
    Synapses(SynapseSelection),
}

/// Recordings, shape `[lane][recording][sample]` ([`as_array`]), what became of lanes that diverged, and spikes.
pub type Outcome<'py> = (Bound<'py, PyAny>, Vec<Diverged>, Spikes<'py>);

/// Of each spike the lane, the position of the source in the model, and the time, ms.
pub type Spikes<'py> = (
    Bound<'py, PyArray1<usize>>,
    Bound<'py, PyArray1<usize>>,
    Bound<'py, PyArray1<f64>>,
);

/// Lane, time (ms), what, place (cell, branch, compartment), and all of it in words.
pub type Diverged = (usize, f64, String, (usize, usize, usize), String);

#[pymethods]
impl Program {
    /// Lowers a model; runs hold what `held` lists at given values: names of what is recorded, in compartments or of
    /// synapses. These are stimuli behind the model's own. `scheme` is `backward_euler` or `crank_nicolson`; `convention` is `native`, `neuron` or
    /// `jaxley`; `spike_times` are `grid` or `interpolated`.
    #[new]
    #[pyo3(signature = (model, scheme, convention, spike_times, held=Vec::new()))]
    fn new(
        py: Python<'_>,
        model: &Model,
        scheme: &str,
        convention: &str,
        spike_times: &str,
        held: Vec<(String, Rows)>,
    ) -> PyResult<Self> {
        let choices = Choices {
            scheme: scheme_named(scheme)?,
            convention: convention_named(convention)?,
            spike_times: spike_times_named(spike_times)?,
        };
        let mut rows = Vec::new();
        for (name, rows_of) in &held {
            let found = match rows_of {
                Rows::Compartments(selection) => model.0.rows_to_record(name, &selection.0),
                Rows::Synapses(selection) => model.0.synapse_rows_to_record(name, &selection.0),
            };
            rows.extend(found.map_err(raised)?);
        }
        let program = py.detach(|| lower_holding(&model.0, choices, &rows));
        Ok(Program(Arc::new(program.map_err(raised)?)))
    }

    /// The place of a quantity in each of these rows (compartments, or synapses of its mechanism), −1 where it is not. What the model has only one of has
    /// the same place everywhere.
    fn places<'py>(
        &self,
        py: Python<'py>,
        model: &Model,
        name: &str,
        rows: PyReadonlyArray1<'_, usize>,
    ) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let quantity = model.0.quantity(name).map_err(raised)?;
        let insertion = quantity.mechanism().map(|m| &model.0.insertions()[m]);
        let exists = |row: usize| match insertion {
            Some(insertion) if quantity.is_of_connections() => row < insertion.connections.len(),
            Some(insertion) if insertion.is_synaptic() => row < insertion.joins.len(),
            Some(insertion) => insertion.present[row],
            None => model.0.values().value(quantity, row).is_some(),
        };
        let place = |row: usize| {
            let place = self.0.layout().index(quantity, row)?;
            exists(row).then_some(place as i64)
        };
        let places = rows.as_slice()?.iter();
        let places = places.map(|row| place(*row).unwrap_or(-1));
        Ok(places.collect::<Vec<_>>().into_pyarray(py))
    }

    /// Inputs with the numbers that `model` has now, and the program's own drives.
    fn inputs(
        &self,
        model: &Model,
        dt: f64,
        steps: usize,
        record_every: usize,
        lanes: usize,
        seed: u64,
    ) -> Inputs {
        let mut inputs = self.0.inputs(dt, steps);
        inputs.values = self.0.layout().values(&model.0);
        inputs.record_every = record_every;
        inputs.lanes = lanes;
        inputs.seed = seed;
        Inputs(Arc::new(inputs))
    }

    /// The places of the numbers of a state, in their order.
    fn state_places<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<usize>> {
        self.0.state_places().into_pyarray(py)
    }

    /// What is at each of these places, and in which compartment or synapse.
    fn named_places(&self, places: PyReadonlyArray1<'_, usize>) -> PyResult<Vec<(String, usize)>> {
        let layout = self.0.layout();
        let named = places.as_slice()?.iter().map(|place| {
            let row = layout.at(*place).map_or(0, |(_, row)| row);
            (layout.name(*place).to_owned(), row)
        });
        Ok(named.collect())
    }

    /// How many recordings a run returns.
    #[getter]
    fn recordings(&self) -> usize {
        self.0.recordings()
    }

    /// Runs, and keeps nothing. `precision` is `float64` or `float32`. If it takes long, `report` is called from time to time
    /// with the part that is done.
    #[pyo3(signature = (inputs, precision, threads=None, report=None))]
    fn run<'py>(
        &self,
        py: Python<'py>,
        inputs: &Inputs,
        precision: &str,
        threads: Option<usize>,
        report: Option<Py<PyAny>>,
    ) -> PyResult<Outcome<'py>> {
        match precision {
            "float64" => self.run_as::<f64>(py, inputs, threads, report.as_ref()),
            "float32" => self.run_as::<f32>(py, inputs, threads, report.as_ref()),
            other => Err(unknown_precision(other)),
        }
    }

    /// Runs, and keeps what a gradient needs within `budget` bytes; `report` as of `run`.
    #[pyo3(signature = (inputs, precision, budget, threads=None, report=None))]
    fn trace(
        &self,
        py: Python<'_>,
        inputs: &Inputs,
        precision: &str,
        budget: usize,
        threads: Option<usize>,
        report: Option<Py<PyAny>>,
    ) -> PyResult<Trace> {
        let execution = execution(threads)?;
        let size = self.size(inputs);
        let inputs = Arc::clone(&inputs.0);
        let report = report.as_ref();
        match precision {
            "float64" => carried_out(py, &execution, size, report, || {
                self.0.trace::<f64>(&inputs, budget, &execution)
            })
            .map(|trace| Trace::double(trace, &execution, size)),
            "float32" => carried_out(py, &execution, size, report, || {
                self.0.trace::<f32>(&inputs, budget, &execution)
            })
            .map(|trace| Trace::single(trace, &execution, size)),
            other => Err(unknown_precision(other)),
        }
    }

    /// Runs with the derivative along a direction, and keeps nothing. Values at `places` move by `values`, shape
    /// `[lane][place]`, and stimuli by `stimuli`, shape `[lane][stimulus][step]`.
    #[pyo3(signature = (inputs, places, values, stimuli, precision, threads=None))]
    #[allow(clippy::too_many_arguments)] // what Python passes
    fn jvp<'py>(
        &self,
        py: Python<'py>,
        inputs: &Inputs,
        places: PyReadonlyArray1<'py, usize>,
        values: PyReadonlyArray2<'py, f64>,
        stimuli: Option<PyReadonlyArray3<'py, f64>>,
        precision: &str,
        threads: Option<usize>,
    ) -> PyResult<MovingOutcome<'py>> {
        let direction = direction(&places, &values, stimuli.as_ref())?;
        match precision {
            "float64" => self.jvp_as::<f64>(py, inputs, &direction, threads),
            "float32" => self.jvp_as::<f32>(py, inputs, &direction, threads),
            other => Err(unknown_precision(other)),
        }
    }

    /// Runs with the derivative along a direction, as `jvp` does, and keeps what a Hessian product needs within
    /// `budget` bytes.
    #[pyo3(signature = (inputs, places, values, stimuli, precision, budget, threads=None))]
    #[allow(clippy::too_many_arguments)] // what Python passes
    fn trace_tangent<'py>(
        &self,
        py: Python<'py>,
        inputs: &Inputs,
        places: PyReadonlyArray1<'py, usize>,
        values: PyReadonlyArray2<'py, f64>,
        stimuli: Option<PyReadonlyArray3<'py, f64>>,
        precision: &str,
        budget: usize,
        threads: Option<usize>,
    ) -> PyResult<TangentTrace> {
        let direction = direction(&places, &values, stimuli.as_ref())?;
        let execution = execution(threads)?;
        let size = self.size(inputs);
        let inputs = Arc::new(inputs.0.clone());
        match precision {
            "float64" => carried_out(py, &execution, size, None, || {
                let program = &self.0;
                program.trace_tangent::<f64>(&inputs, &direction, budget, &execution)
            })
            .map(|trace| TangentTrace::double(trace, &execution, size)),
            "float32" => carried_out(py, &execution, size, None, || {
                let program = &self.0;
                program.trace_tangent::<f32>(&inputs, &direction, budget, &execution)
            })
            .map(|trace| TangentTrace::single(trace, &execution, size)),
            other => Err(unknown_precision(other)),
        }
    }
}

impl Program {
    fn jvp_as<'py, T: Precision + Element>(
        &self,
        py: Python<'py>,
        inputs: &Inputs,
        direction: &Direction,
        threads: Option<usize>,
    ) -> PyResult<MovingOutcome<'py>> {
        let execution = execution(threads)?;
        let size = self.size(inputs);
        let inputs = Arc::new(inputs.0.clone());
        let (run, tangents) = carried_out(py, &execution, size, None, || {
            self.0.jvp::<T>(&inputs, direction, &execution)
        })?;
        let diverged = run.diverged.iter().map(in_words).collect();
        Ok((
            as_array(py, run.recordings)?,
            as_array(py, tangents)?,
            diverged,
        ))
    }

    fn run_as<'py, T: Precision + Element>(
        &self,
        py: Python<'py>,
        inputs: &Inputs,
        threads: Option<usize>,
        report: Option<&Py<PyAny>>,
    ) -> PyResult<Outcome<'py>> {
        let execution = execution(threads)?;
        let size = self.size(inputs);
        let inputs = Arc::clone(&inputs.0);
        let run = carried_out(py, &execution, size, report, || {
            self.0.run::<T>(&inputs, &execution)
        })?;
        let diverged = run.diverged.iter().map(in_words).collect();
        let spikes = as_spikes(py, &run.spikes);
        Ok((as_array(py, run.recordings)?, diverged, spikes))
    }

    fn size(&self, inputs: &Inputs) -> usize {
        let steps = inputs.0.steps.saturating_mul(inputs.0.lanes);
        steps.saturating_mul(self.0.compartments())
    }
}

/// Spikes as Python takes them.
pub fn as_spikes<'py>(py: Python<'py>, spikes: &[Spike]) -> Spikes<'py> {
    let lanes: Vec<usize> = spikes.iter().map(|spike| spike.lane).collect();
    let sources: Vec<usize> = spikes.iter().map(|spike| spike.source).collect();
    let times: Vec<f64> = spikes.iter().map(|spike| spike.time).collect();
    (
        lanes.into_pyarray(py),
        sources.into_pyarray(py),
        times.into_pyarray(py),
    )
}

/// A divergence as Python takes it.
pub fn in_words(divergence: &Divergence) -> Diverged {
    let place = divergence.place;
    (
        divergence.lane,
        divergence.time,
        divergence.what.clone(),
        (place.cell, place.branch, place.compartment),
        divergence.to_string(),
    )
}

fn scheme_named(name: &str) -> PyResult<Scheme> {
    match name {
        "backward_euler" => Ok(Scheme::BackwardEuler),
        "crank_nicolson" => Ok(Scheme::CrankNicolson),
        other => Err(exception(
            "ArgumentError",
            format!("scheme is `{other}`, expected `backward_euler` or `crank_nicolson`"),
        )),
    }
}

fn spike_times_named(name: &str) -> PyResult<SpikeTimes> {
    match name {
        "grid" => Ok(SpikeTimes::Grid),
        "interpolated" => Ok(SpikeTimes::Interpolated),
        other => Err(exception(
            "ArgumentError",
            format!("spike_times is `{other}`, expected `grid` or `interpolated`"),
        )),
    }
}

fn convention_named(name: &str) -> PyResult<Convention> {
    match name {
        "native" => Ok(Convention::Native),
        "neuron" => Ok(Convention::Neuron),
        "jaxley" => Ok(Convention::Jaxley),
        other => Err(exception(
            "ArgumentError",
            format!("convention is `{other}`, expected `native`, `neuron` or `jaxley`"),
        )),
    }
}

/// A precision that there is not.
pub fn unknown_precision(name: &str) -> PyErr {
    exception(
        "ArgumentError",
        format!("precision is `{name}`, expected `float64` or `float32`"),
    )
}
