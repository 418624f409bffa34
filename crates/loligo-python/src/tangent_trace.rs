//! Runs with their derivative along a direction, whose gradients can be differentiated.

use loligo::engine::Precision;
use loligo::engine::{self, Direction, Execution, Wanted};
use numpy::{Element, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArray3, PyReadonlyArrayDyn};
use pyo3::prelude::*;

use crate::execution::carried_out;
use crate::program::{Diverged, in_words};
use crate::recorded::{Extent, as_array, cotangents};
use crate::trace::{Gradient, as_arrays};

/// A run and its derivative along a direction, with what their reverse sweep needs.
#[pyclass(module = "loligo._engine", frozen)]
pub struct TangentTrace {
    of: AnyTrace,
    execution: Execution,
    /// Compartments times steps times lanes.
    size: usize,
}

enum AnyTrace {
    Double(engine::TangentTrace<f64>),
    Single(engine::TangentTrace<f32>),
}

impl TangentTrace {
    pub fn double(trace: engine::TangentTrace<f64>, execution: &Execution, size: usize) -> Self {
        TangentTrace {
            of: AnyTrace::Double(trace),
            execution: execution.clone(),
            size,
        }
    }

    pub fn single(trace: engine::TangentTrace<f32>, execution: &Execution, size: usize) -> Self {
        TangentTrace {
            of: AnyTrace::Single(trace),
            execution: execution.clone(),
            size,
        }
    }
}

/// Recordings and their derivatives, shape `[lane][recording][sample]`, and what became of lanes that diverged.
pub type MovingOutcome<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, Vec<Diverged>);

/// How places of the values move, shape `[lane][place]`, and how each stimulus does, shape `[lane][stimulus][step]`.
pub fn direction(
    places: &PyReadonlyArray1<'_, usize>,
    values: &PyReadonlyArray2<'_, f64>,
    stimuli: Option<&PyReadonlyArray3<'_, f64>>,
) -> PyResult<Direction> {
    let stimuli = stimuli.map(|stimuli| stimuli.as_slice().map(<[f64]>::to_vec));
    Ok(Direction {
        places: places.as_slice()?.to_vec(),
        values: values.as_slice()?.to_vec(),
        stimuli: stimuli.transpose()?,
        clamps: None,
    })
}

#[pymethods]
impl TangentTrace {
    /// What was recorded, and how it moves.
    fn outcome<'py>(&self, py: Python<'py>) -> PyResult<MovingOutcome<'py>> {
        match &self.of {
            AnyTrace::Double(trace) => outcome_of(py, trace),
            AnyTrace::Single(trace) => outcome_of(py, trace),
        }
    }

    /// The gradient of a function of the recordings and how it moves, given the derivative of the function with respect
    /// to them and how that moves, shape `[lane][recording][sample]`; arrays of drives come flat.
    fn pull_back<'py>(
        &self,
        py: Python<'py>,
        cotangent: PyReadonlyArrayDyn<'py, f64>,
        moved: PyReadonlyArrayDyn<'py, f64>,
        places: PyReadonlyArray1<'py, usize>,
        stimuli: bool,
    ) -> PyResult<(Gradient<'py>, Gradient<'py>)> {
        let extent = match &self.of {
            AnyTrace::Double(trace) => Extent::of(trace.recordings()),
            AnyTrace::Single(trace) => Extent::of(trace.recordings()),
        };
        let moved = cotangents(&moved, extent)?;
        let cotangents = cotangents(&cotangent, extent)?;
        let wanted = Wanted {
            values: places.as_slice()?.to_vec(),
            stimuli,
            clamps: false,
        };
        let (gradient, product) =
            carried_out(py, &self.execution, self.size, None, || match &self.of {
                AnyTrace::Double(trace) => trace.pull_back(&cotangents, &moved, &wanted),
                AnyTrace::Single(trace) => {
                    let [cotangents, moved] = [&cotangents, &moved]
                        .map(|numbers| numbers.iter().map(|&n| n as f32).collect::<Vec<_>>());
                    trace.pull_back(&cotangents, &moved, &wanted)
                }
            })?;
        Ok((
            as_arrays(py, gradient, extent.lanes)?,
            as_arrays(py, product, extent.lanes)?,
        ))
    }
}

fn outcome_of<'py, T: Precision + Element>(
    py: Python<'py>,
    trace: &engine::TangentTrace<T>,
) -> PyResult<MovingOutcome<'py>> {
    Ok((
        as_array(py, trace.recordings().clone())?,
        as_array(py, trace.tangents().clone())?,
        trace.diverged().iter().map(in_words).collect(),
    ))
}
