//! Runs that can be differentiated.

use loligo::engine::{self, Execution, Wanted};
use numpy::{
    IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArrayDyn,
};
use pyo3::prelude::*;

use crate::execution::carried_out;
use crate::program::{Outcome, as_spikes, in_words};
use crate::recorded::{Extent, as_array, cotangents};

/// A run with what its reverse sweep needs.
#[pyclass(module = "loligo._engine", frozen)]
pub struct Trace {
    of: AnyTrace,
    execution: Execution,
    /// Compartments times steps times lanes.
    size: usize,
}

enum AnyTrace {
    Double(engine::Trace<f64>),
    Single(engine::Trace<f32>),
}

impl Trace {
    pub fn double(trace: engine::Trace<f64>, execution: &Execution, size: usize) -> Self {
        Trace {
            of: AnyTrace::Double(trace),
            execution: execution.clone(),
            size,
        }
    }

    pub fn single(trace: engine::Trace<f32>, execution: &Execution, size: usize) -> Self {
        Trace {
            of: AnyTrace::Single(trace),
            execution: execution.clone(),
            size,
        }
    }
}

/// With respect to values, shape `[lane][wanted]`, to stimuli and to clamps, shape `[lane][which][step]` if wanted.
pub type Gradient<'py> = (
    Bound<'py, PyArray2<f64>>,
    Option<Bound<'py, PyArray1<f64>>>,
    Option<Bound<'py, PyArray1<f64>>>,
);

#[pymethods]
impl Trace {
    /// What `Program.run` returns.
    fn outcome<'py>(&self, py: Python<'py>) -> PyResult<Outcome<'py>> {
        match &self.of {
            AnyTrace::Double(trace) => Ok((
                as_array(py, trace.recordings().clone())?,
                trace.diverged().iter().map(in_words).collect(),
                as_spikes(py, trace.spikes()),
            )),
            AnyTrace::Single(trace) => Ok((
                as_array(py, trace.recordings().clone())?,
                trace.diverged().iter().map(in_words).collect(),
                as_spikes(py, trace.spikes()),
            )),
        }
    }

    /// The lengths of the spans of steps that are kept, longest first; the last are run with every state kept.
    #[getter]
    fn plan(&self) -> Vec<usize> {
        match &self.of {
            AnyTrace::Double(trace) => trace.plan().spans.clone(),
            AnyTrace::Single(trace) => trace.plan().spans.clone(),
        }
    }

    /// The gradient of a function of the recordings, given its derivative with respect to them, shape
    /// `[lane][recording][sample]`, or `[lane][number]` where the state at the end is returned; arrays of drives come flat.
    /// `report` as of `Program.run`.
    #[pyo3(signature = (cotangent, places, stimuli, clamps, report=None))]
    fn pull_back<'py>(
        &self,
        py: Python<'py>,
        cotangent: PyReadonlyArrayDyn<'py, f64>,
        places: PyReadonlyArray1<'py, usize>,
        stimuli: bool,
        clamps: bool,
        report: Option<Py<PyAny>>,
    ) -> PyResult<Gradient<'py>> {
        let extent = match &self.of {
            AnyTrace::Double(trace) => Extent::of(trace.recordings()),
            AnyTrace::Single(trace) => Extent::of(trace.recordings()),
        };
        let cotangents = cotangents(&cotangent, extent)?;
        let wanted = Wanted {
            values: places.as_slice()?.to_vec(),
            stimuli,
            clamps,
        };
        let report = report.as_ref();
        let gradient = carried_out(py, &self.execution, self.size, report, || match &self.of {
            AnyTrace::Double(trace) => trace.pull_back(&cotangents, &wanted),
            AnyTrace::Single(trace) => {
                let cotangents: Vec<f32> = cotangents.iter().map(|&c| c as f32).collect();
                trace.pull_back(&cotangents, &wanted)
            }
        })?;
        as_arrays(py, gradient, extent.lanes)
    }
}

/// A gradient as Python takes it.
pub fn as_arrays(
    py: Python<'_>,
    gradient: engine::Gradient,
    lanes: usize,
) -> PyResult<Gradient<'_>> {
    let wanted = gradient.values.len() / lanes.max(1);
    let values = gradient.values.into_pyarray(py);
    let flat = |drives: Option<Vec<f64>>| drives.map(|drives| drives.into_pyarray(py));
    let (stimuli, clamps) = (flat(gradient.stimuli), flat(gradient.clamps));
    Ok((values.reshape([lanes, wanted])?, stimuli, clamps))
}
