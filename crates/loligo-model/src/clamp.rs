//! Voltage clamps: a command potential, and the current that it takes.

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
