//! A direction in the space of everything that enters a run.

use crate::error::RunError;
use crate::inputs::{Drive, Inputs, LaneValues};
use crate::program::Program;

/// How the numbers and drives of a run move. What is left out does not move; nor does a state
/// that starts at its steady state, except with what the steady state is computed from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Direction {
    /// Places in [`Inputs::values`]; of one that is listed twice the last counts.
    pub places: Vec<usize>,
    /// How fast the numbers there move, shape `[lane][place]`.
    pub values: Vec<f64>,
    /// How fast each stimulus moves at each step, shape `[lane][stimulus][step]`.
    pub stimuli: Option<Vec<f64>>,
    /// How fast each clamp's command moves at each step, shape `[lane][clamp][step]`.
    pub clamps: Option<Vec<f64>>,
}

impl Direction {
    /// The tangents of a run's inputs, in the form of inputs.
    pub(crate) fn tangents(&self, program: &Program, inputs: &Inputs) -> Result<Inputs, RunError> {
        let len = program.layout.len();
        if let Some(&index) = self.places.iter().find(|index| **index >= len) {
            return Err(RunError::Index { index, len });
        }
        program.check_played(&self.places)?;
        check(
            "the direction of the values",
            &self.values,
            &[inputs.lanes, self.places.len()],
        )?;
        let drives = |what: &str, tangents: &Option<Vec<f64>>, count: usize| {
            let Some(tangents) = tangents else {
                return Ok(vec![Drive::Samples(Vec::new()); count]);
            };
            check(what, tangents, &[inputs.lanes, count, inputs.steps])?;
            let drives = 0..count;
            Ok::<Vec<Drive>, RunError>(
                drives
                    .map(|drive| samples(tangents, drive, count, inputs.steps))
                    .collect(),
            )
        };
        Ok(Inputs {
            values: vec![0.0; len],
            lane_values: vec![LaneValues {
                indices: self.places.clone(),
                values: self.values.clone(),
            }],
            stimuli: drives(
                "the direction of the stimuli",
                &self.stimuli,
                program.stimuli.len(),
            )?,
            clamps: drives(
                "the direction of the clamps",
                &self.clamps,
                program.clamps.len(),
            )?,
            ..inputs.clone()
        })
    }
}

/// One drive of `[lane][drive][step]`.
fn samples(tangents: &[f64], drive: usize, count: usize, steps: usize) -> Drive {
    let rows = tangents.chunks(steps).skip(drive).step_by(count);
    Drive::LaneSamples(rows.flatten().copied().collect())
}

fn check(what: &str, numbers: &[f64], shape: &[usize]) -> Result<(), RunError> {
    if numbers.len() != shape.iter().product() {
        let shape: Vec<String> = shape.iter().map(usize::to_string).collect();
        return Err(RunError::Length {
            what: what.to_owned(),
            found: numbers.len(),
            expected: shape.join(" x "),
        });
    }
    match numbers.iter().find(|number| !number.is_finite()) {
        Some(&value) => Err(RunError::Number {
            what: what.to_owned(),
            value,
            expected: "a finite number",
        }),
        None => Ok(()),
    }
}
