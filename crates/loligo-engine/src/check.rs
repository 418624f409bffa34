//! Refusing inputs that make no run.

use loligo_model::{Quantity, Waveform};

use crate::error::RunError;
use crate::inputs::{Drive, Inputs};
use crate::program::Program;

impl Program {
    /// Whether a run can be made of these inputs.
    pub(crate) fn check(&self, inputs: &Inputs) -> Result<(), RunError> {
        if !(inputs.dt > 0.0 && inputs.dt.is_finite()) {
            return Err(RunError::TimeStep { dt: inputs.dt });
        }
        if inputs.steps == 0 {
            return Err(RunError::NoSteps);
        }
        if inputs.lanes == 0 {
            return Err(RunError::NoLanes);
        }
        if inputs.record_every == 0 {
            return Err(RunError::RecordEvery);
        }
        if self.recordings.is_empty() {
            return Err(RunError::NoRecordings);
        }
        let len = self.layout.len();
        length("values", inputs.values.len(), len)?;
        length("stimuli", inputs.stimuli.len(), self.stimuli.len())?;
        length("clamps", inputs.clamps.len(), self.clamps.len())?;
        for (index, value) in inputs.values.iter().enumerate() {
            // NaN stands for what the model has not
            if self.defaults.values[index].is_nan() && value.is_nan() {
                continue;
            }
            self.check_number(index, *value)?;
        }
        for lane_values in &inputs.lane_values {
            let count = lane_values.indices.len();
            length(
                "values of a batch",
                lane_values.values.len(),
                count * inputs.lanes,
            )?;
            for (position, value) in lane_values.values.iter().enumerate() {
                let index = lane_values.indices[position % count];
                if index >= len {
                    return Err(RunError::Index { index, len });
                }
                self.check_number(index, *value)?;
            }
        }
        for (what, drives) in [("stimulus", &inputs.stimuli), ("clamp", &inputs.clamps)] {
            for (index, drive) in drives.iter().enumerate() {
                check_drive(&format!("{what} {index}"), drive, inputs)?;
            }
        }
        for (index, (clamp, drive)) in self.clamps.iter().zip(&inputs.clamps).enumerate() {
            // a stimulus that ends injects nothing; a clamp cannot command nothing
            let on = |step: &usize| (*step as f64 + 0.5) * inputs.dt < clamp.stop;
            let needed = (0..inputs.steps).rev().find(on).map_or(0, |last| last + 1);
            let samples = match drive {
                Drive::Waveform(Waveform::Samples(samples)) => samples.len(),
                Drive::Waveform(_) => continue,
                Drive::Samples(samples) => samples.len(),
                Drive::LaneSamples(samples) => samples.len() / inputs.lanes,
            };
            if samples < needed {
                return Err(RunError::Length {
                    what: format!("the command of clamp {index}"),
                    found: samples,
                    expected: format!("{needed} (one per step while it is on)"),
                });
            }
        }
        Ok(())
    }

    fn check_number(&self, index: usize, value: f64) -> Result<(), RunError> {
        let Some((quantity, compartment)) = self.layout.at(index) else {
            return Err(RunError::Index {
                index,
                len: self.layout.len(),
            });
        };
        let positive = matches!(
            quantity,
            Quantity::Radius
                | Quantity::Length
                | Quantity::AxialResistivity
                | Quantity::Capacitance
        );
        let expected = match (value.is_finite(), positive && value <= 0.0) {
            (false, _) => "a number is expected",
            (_, true) => "it must be positive",
            _ => return Ok(()),
        };
        let place = self
            .places
            .get(compartment)
            .map(ToString::to_string)
            .unwrap_or_default();
        Err(RunError::Number {
            what: format!("{quantity:?} in {place}"),
            value,
            expected,
        })
    }
}

fn length(what: &str, found: usize, expected: usize) -> Result<(), RunError> {
    if found == expected {
        return Ok(());
    }
    Err(RunError::Length {
        what: what.to_owned(),
        found,
        expected: expected.to_string(),
    })
}

fn check_drive(what: &str, drive: &Drive, inputs: &Inputs) -> Result<(), RunError> {
    let samples = match drive {
        Drive::Waveform(_) => return Ok(()),
        Drive::Samples(samples) => samples,
        Drive::LaneSamples(samples) => {
            if !samples.len().is_multiple_of(inputs.lanes) {
                return Err(RunError::Length {
                    what: what.to_owned(),
                    found: samples.len(),
                    expected: format!("a multiple of {} lanes", inputs.lanes),
                });
            }
            samples
        }
    };
    match samples.iter().position(|value| !value.is_finite()) {
        Some(at) => Err(RunError::Number {
            what: format!("sample {at} of {what}"),
            value: samples[at],
            expected: "a number is expected",
        }),
        None => Ok(()),
    }
}
