//! What varies from run to run: time, numbers, drives, and which of them have a batch axis.

use std::sync::Arc;

use loligo::engine::{self, Drive, LaneValues, Surrogate, SurrogateShape, Train};
use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::errors::exception;
use crate::waveform::Waveform;

/// Everything that a run takes; made by `Program.inputs`. Runs share it; what is changed afterwards is another one.
#[pyclass(module = "loligo._engine")]
pub struct Inputs(pub Arc<engine::Inputs>);

#[pymethods]
impl Inputs {
    /// How many samples a recording has.
    #[getter]
    fn samples(&self) -> usize {
        self.0.samples()
    }

    /// How many stimuli there are.
    #[getter]
    fn stimuli(&self) -> usize {
        self.0.stimuli.len()
    }

    /// Puts numbers at places, the same in all lanes.
    fn set_values(
        &mut self,
        places: PyReadonlyArray1<'_, usize>,
        values: PyReadonlyArray1<'_, f64>,
    ) -> PyResult<()> {
        let (places, values) = (places.as_slice()?, values.as_slice()?);
        same_length(values.len(), places.len())?;
        let own = Arc::make_mut(&mut self.0);
        let len = own.values.len();
        for (&place, &value) in places.iter().zip(values) {
            let slot = own.values.get_mut(place).ok_or_else(|| {
                exception("RunError", format!("there is no place {place} among {len}"))
            })?;
            *slot = value;
        }
        Ok(())
    }

    /// Puts numbers at places, shape `[lane][place]`.
    fn set_lane_values(
        &mut self,
        places: PyReadonlyArray1<'_, usize>,
        values: PyReadonlyArray2<'_, f64>,
    ) -> PyResult<()> {
        let indices = places.as_slice()?.to_vec();
        let values = values.as_slice()?.to_vec();
        same_length(values.len(), indices.len() * self.0.lanes)?;
        let own = Arc::make_mut(&mut self.0);
        own.lane_values.push(LaneValues { indices, values });
        Ok(())
    }

    /// Cuts derivatives before these steps.
    fn cut(&mut self, steps: Vec<usize>) {
        Arc::make_mut(&mut self.0).cuts = steps;
    }

    /// Says that the states given are those that another run ended with.
    fn go_on(&mut self) {
        Arc::make_mut(&mut self.0).goes_on = true;
    }

    /// Has the state at the end returned.
    fn keep_end(&mut self) {
        Arc::make_mut(&mut self.0).keeps_end = true;
    }

    /// Gives the thresholds of spikes a slope in gradients: `sigmoid`, `fast_sigmoid`, `arctan` or `triangle`, so many mV
    /// wide.
    fn set_surrogate(&mut self, shape: &str, width: f64) -> PyResult<()> {
        let shape = match shape {
            "sigmoid" => SurrogateShape::Sigmoid,
            "fast_sigmoid" => SurrogateShape::FastSigmoid,
            "arctan" => SurrogateShape::Arctan,
            "triangle" => SurrogateShape::Triangle,
            other => {
                return Err(exception(
                    "ArgumentError",
                    format!(
                        "there is no surrogate `{other}`, expected `sigmoid`, `fast_sigmoid`, `arctan` or `triangle`"
                    ),
                ));
            }
        };
        Arc::make_mut(&mut self.0).surrogate = Some(Surrogate { shape, width });
        Ok(())
    }

    /// Replaces the current of a stimulus by a waveform.
    fn set_stimulus(&mut self, index: usize, waveform: &Waveform) -> PyResult<()> {
        self.put_stimulus(index, Drive::Waveform(waveform.0.clone()))
    }

    /// Replaces the current of a stimulus by samples, nA, one for each step.
    fn set_stimulus_samples(
        &mut self,
        index: usize,
        samples: PyReadonlyArray1<'_, f64>,
    ) -> PyResult<()> {
        self.put_stimulus(index, Drive::Samples(samples.as_slice()?.to_vec()))
    }

    /// Replaces the spikes of a source by those at given times, ms.
    fn set_spikes(&mut self, source: usize, times: PyReadonlyArray1<'_, f64>) -> PyResult<()> {
        let train = Train::Times(times.as_slice()?.into());
        Arc::make_mut(&mut self.0).trains.insert(source, train);
        Ok(())
    }

    /// Replaces the spikes of a source by those at given times, ms, a list of them for each lane.
    fn set_lane_spikes(
        &mut self,
        source: usize,
        lanes: Vec<PyReadonlyArray1<'_, f64>>,
    ) -> PyResult<()> {
        let lanes = lanes.iter().map(|times| Ok(times.as_slice()?.into()));
        let train = Train::LaneTimes(lanes.collect::<PyResult<_>>()?);
        Arc::make_mut(&mut self.0).trains.insert(source, train);
        Ok(())
    }

    /// Replaces the current of a stimulus by samples, nA, shape `[lane][step]`.
    fn set_lane_stimulus_samples(
        &mut self,
        index: usize,
        samples: PyReadonlyArray2<'_, f64>,
    ) -> PyResult<()> {
        self.put_stimulus(index, Drive::LaneSamples(samples.as_slice()?.to_vec()))
    }
}

impl Inputs {
    fn put_stimulus(&mut self, index: usize, drive: Drive) -> PyResult<()> {
        let own = Arc::make_mut(&mut self.0);
        let count = own.stimuli.len();
        match own.stimuli.get_mut(index) {
            Some(slot) => {
                *slot = drive;
                Ok(())
            }
            None => Err(exception(
                "RunError",
                format!("there is no stimulus {index} among {count}"),
            )),
        }
    }
}

fn same_length(found: usize, expected: usize) -> PyResult<()> {
    if found == expected {
        return Ok(());
    }
    Err(exception(
        "RunError",
        format!("{found} numbers were given for {expected} places"),
    ))
}
