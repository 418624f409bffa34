//! Voltage clamps: a command potential, and the current that it takes.

use crate::error::ModelError;
use crate::model::Model;
use crate::recording::Recorded;
use crate::selection::Selection;
use crate::waveform::Waveform;

/// An electrode that holds a compartment at a potential; at most one in a compartment.
#[derive(Clone, Debug, PartialEq)]
pub struct Clamp {
    /// Where.
    pub compartment: usize,
    /// The potential that it commands, mV. A run that is longer than its samples is an error.
    pub target: Waveform,
    /// Resistance between electrode and cell, MΩ: the clamp injects (target − v)/resistance, nA.
    /// `None` is an ideal clamp: the voltage is the target.
    pub series_resistance: Option<f64>,
    /// When it is on.
    pub window: Window,
}

/// A stretch of time: start ≤ t < start + duration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// When it begins, ms.
    pub start: f64,
    /// How long it lasts, ms; infinite for the rest of the run.
    pub duration: f64,
}

impl Window {
    /// The whole run.
    pub const ALWAYS: Window = Window {
        start: 0.0,
        duration: f64::INFINITY,
    };

    /// Whether a time, ms, lies in it.
    pub fn contains(&self, time: f64) -> bool {
        time >= self.start && time < self.start + self.duration
    }
}

impl Model {
    /// Holds every selected compartment at a potential, mV, for a stretch of time: through a
    /// series resistance, MΩ, or (`None`) ideally.
    ///
    /// # Errors
    /// A compartment that is clamped already; a resistance that is not positive; a waveform or a
    /// window with a number that cannot be.
    pub fn clamp(
        &mut self,
        target: Waveform,
        series_resistance: Option<f64>,
        window: Window,
        selection: &Selection,
    ) -> Result<(), ModelError> {
        target.check()?;
        check_electrode(series_resistance, window)?;
        let clamped = |c: usize| self.clamps.iter().any(|clamp| clamp.compartment == c);
        if let Some(&taken) = selection.compartments().iter().find(|&&c| clamped(c)) {
            return Err(ModelError::AlreadyClamped {
                place: self.shape.place(taken),
            });
        }
        let compartments = selection.compartments().iter();
        self.clamps.extend(compartments.map(|&compartment| Clamp {
            compartment,
            target: target.clone(),
            series_resistance,
            window,
        }));
        self.structure_changed();
        Ok(())
    }

    /// Takes the clamps off the selected compartments, and their currents out of the recordings.
    pub fn delete_clamps(&mut self, selection: &Selection) {
        let mut left = 0;
        let moved: Vec<Option<usize>> = self
            .clamps
            .iter()
            .map(|clamp| {
                let stays = !selection.contains(clamp.compartment);
                left += usize::from(stays);
                stays.then(|| left - 1)
            })
            .collect();
        self.recordings
            .retain(|recording| match &mut recording.what {
                Recorded::ClampCurrent { clamp } => match moved[*clamp] {
                    Some(position) => {
                        *clamp = position;
                        true
                    }
                    None => false,
                },
                _ => true,
            });
        self.clamps
            .retain(|clamp| !selection.contains(clamp.compartment));
        self.structure_changed();
    }
}

fn check_electrode(series_resistance: Option<f64>, window: Window) -> Result<(), ModelError> {
    let wrong = |name, value, expected| ModelError::BadClamp {
        name,
        value,
        expected,
    };
    match series_resistance {
        Some(value) if !(value.is_finite() && value > 0.0) => {
            let expected = "a positive number of MΩ, or none for an ideal clamp";
            return Err(wrong("series_resistance", value, expected));
        }
        _ => {}
    }
    if !window.start.is_finite() {
        return Err(wrong("start", window.start, "a finite number of ms"));
    }
    if window.duration.is_nan() || window.duration < 0.0 {
        return Err(wrong("duration", window.duration, "0 or more ms"));
    }
    Ok(())
}
