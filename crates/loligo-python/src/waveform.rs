//! Waveforms: what is injected or commanded, as a function of time.

use loligo::model;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// A value over time: nA for a stimulus, mV for a clamp; times are in ms.
#[pyclass(module = "loligo._engine", frozen, eq)]
#[derive(Clone, PartialEq)]
pub struct Waveform(pub model::Waveform);

#[pymethods]
impl Waveform {
    /// `amplitude` for start <= t < start + duration, else `baseline`.
    #[staticmethod]
    fn step(start: f64, duration: f64, amplitude: f64, baseline: f64) -> Self {
        Waveform(model::Waveform::Step {
            start,
            duration,
            amplitude,
            baseline,
        })
    }

    /// From `baseline` to `amplitude` in a straight line, then back at `baseline`.
    #[staticmethod]
    fn ramp(start: f64, duration: f64, amplitude: f64, baseline: f64) -> Self {
        Waveform(model::Waveform::Ramp {
            start,
            duration,
            amplitude,
            baseline,
        })
    }

    /// A sine of `frequency` Hz around `baseline`, with angle `phase` (radians) at `start`.
    #[staticmethod]
    fn sine(
        start: f64,
        duration: f64,
        amplitude: f64,
        frequency: f64,
        phase: f64,
        baseline: f64,
    ) -> Self {
        Waveform(model::Waveform::Sine {
            start,
            duration,
            amplitude,
            baseline,
            frequency,
            phase,
        })
    }

    /// One value per step.
    #[staticmethod]
    fn samples(values: PyReadonlyArray1<'_, f64>) -> PyResult<Self> {
        Ok(Waveform(model::Waveform::samples(values.as_slice()?)))
    }

    /// Its values in the middle of each of `steps` steps of `dt` ms, as a run takes them.
    fn sampled<'py>(&self, py: Python<'py>, dt: f64, steps: usize) -> Bound<'py, PyArray1<f64>> {
        let middle = |step: usize| (step as f64 + 0.5) * dt;
        let values = (0..steps).map(|step| self.0.at(middle(step), step));
        values.collect::<Vec<_>>().into_pyarray(py)
    }

    /// How many samples it has; `None` for a function of time.
    #[getter]
    fn sample_count(&self) -> Option<usize> {
        match &self.0 {
            model::Waveform::Samples(values) => Some(values.len()),
            _ => None,
        }
    }

    fn __repr__(&self) -> String {
        match &self.0 {
            model::Waveform::Samples(values) => format!("<waveform of {} samples>", values.len()),
            model::Waveform::Step {
                start,
                duration,
                amplitude,
                baseline,
            } => format!("step({start}, {duration}, {amplitude}, baseline={baseline})"),
            model::Waveform::Ramp {
                start,
                duration,
                amplitude,
                baseline,
            } => format!("ramp({start}, {duration}, {amplitude}, baseline={baseline})"),
            model::Waveform::Sine {
                start,
                duration,
                amplitude,
                baseline,
                frequency,
                phase,
            } => format!(
                "sine({start}, {duration}, {amplitude}, {frequency}, phase={phase}, baseline={baseline})"
            ),
        }
    }

    /// Pickles as the call that makes it.
    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (maker, arguments) = match &self.0 {
            model::Waveform::Samples(values) => (
                "samples",
                (values.to_vec().into_pyarray(py),).into_pyobject(py)?,
            ),
            &model::Waveform::Step {
                start,
                duration,
                amplitude,
                baseline,
            } => (
                "step",
                (start, duration, amplitude, baseline).into_pyobject(py)?,
            ),
            &model::Waveform::Ramp {
                start,
                duration,
                amplitude,
                baseline,
            } => (
                "ramp",
                (start, duration, amplitude, baseline).into_pyobject(py)?,
            ),
            &model::Waveform::Sine {
                start,
                duration,
                amplitude,
                baseline,
                frequency,
                phase,
            } => (
                "sine",
                (start, duration, amplitude, frequency, phase, baseline).into_pyobject(py)?,
            ),
        };
        Ok((py.get_type::<Waveform>().getattr(maker)?, arguments))
    }
}
