//! Waveforms: what is injected or commanded, as a function of time.

use std::f64::consts::TAU;
use std::sync::Arc;

use crate::error::ModelError;

/// A value over time: nA for a stimulus, mV for a clamp, what is played in its own units. Times are in ms.
///
/// ```
/// use loligo_model::Waveform;
/// let step = Waveform::step(5.0, 20.0, 0.5);
/// assert_eq!([step.at(4.9, 0), step.at(5.0, 0), step.at(25.0, 0)], [0.0, 0.5, 0.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Waveform {
    /// `amplitude` for start ≤ t < start + duration, else `baseline`.
    Step {
        /// When it begins, ms.
        start: f64,
        /// How long it lasts, ms.
        duration: f64,
        /// Value during the step.
        amplitude: f64,
        /// Value before and after it.
        baseline: f64,
    },
    /// From `baseline` to `amplitude` in a straight line, then back at `baseline`.
    Ramp {
        /// When it begins, ms.
        start: f64,
        /// How long it lasts, ms.
        duration: f64,
        /// Value that it reaches at its end.
        amplitude: f64,
        /// Value before and after it.
        baseline: f64,
    },
    /// `baseline` + `amplitude`·sin(2π·frequency·(t − start) + phase) for start ≤ t < start +
    /// duration, else `baseline`.
    Sine {
        /// When it begins, ms.
        start: f64,
        /// How long it lasts, ms.
        duration: f64,
        /// Largest deviation from `baseline`.
        amplitude: f64,
        /// Value around which it swings.
        baseline: f64,
        /// Periods per second, Hz.
        frequency: f64,
        /// Angle at `start`, radians.
        phase: f64,
    },
    /// One value per step: the n-th holds from t_n to t_{n+1}. After the last a stimulus is 0; what is clamped
    /// or played needs one for every step.
    Samples(Arc<[f64]>),
}

impl Waveform {
    /// A step from 0 and back, times in ms.
    pub fn step(start: f64, duration: f64, amplitude: f64) -> Self {
        Waveform::Step {
            start,
            duration,
            amplitude,
            baseline: 0.0,
        }
    }

    /// A ramp from 0 to `amplitude`, times in ms.
    pub fn ramp(start: f64, duration: f64, amplitude: f64) -> Self {
        Waveform::Ramp {
            start,
            duration,
            amplitude,
            baseline: 0.0,
        }
    }

    /// A sine around 0 that begins at angle 0, times in ms, frequency in Hz.
    pub fn sine(start: f64, duration: f64, amplitude: f64, frequency: f64) -> Self {
        Waveform::Sine {
            start,
            duration,
            amplitude,
            baseline: 0.0,
            frequency,
            phase: 0.0,
        }
    }

    /// One value per step.
    pub fn samples(values: impl Into<Arc<[f64]>>) -> Self {
        Waveform::Samples(values.into())
    }

    /// The value at `time` (ms), which lies in step `step` (from t_step to t_{step+1}).
    pub fn at(&self, time: f64, step: usize) -> f64 {
        match *self {
            Waveform::Step {
                start,
                duration,
                amplitude,
                baseline,
            } => match elapsed(time, start, duration) {
                Some(_) => amplitude,
                None => baseline,
            },
            Waveform::Ramp {
                start,
                duration,
                amplitude,
                baseline,
            } => match elapsed(time, start, duration) {
                Some(elapsed) => baseline + (amplitude - baseline) * elapsed / duration,
                None => baseline,
            },
            Waveform::Sine {
                start,
                duration,
                amplitude,
                baseline,
                frequency,
                phase,
            } => match elapsed(time, start, duration) {
                // ms times Hz is a thousand periods
                Some(elapsed) => {
                    baseline + amplitude * (TAU * frequency * elapsed * 1e-3 + phase).sin()
                }
                None => baseline,
            },
            Waveform::Samples(ref values) => values.get(step).copied().unwrap_or(0.0),
        }
    }

    /// Numbers between which all of its values lie, those included.
    pub(crate) fn extremes(&self) -> Vec<f64> {
        match *self {
            Waveform::Step {
                amplitude,
                baseline,
                ..
            }
            | Waveform::Ramp {
                amplitude,
                baseline,
                ..
            } => vec![amplitude, baseline],
            Waveform::Sine {
                amplitude,
                baseline,
                ..
            } => vec![baseline - amplitude, baseline + amplitude],
            Waveform::Samples(ref values) => values.to_vec(),
        }
    }

    /// A wrong number in it, if there is one.
    pub(crate) fn check(&self) -> Result<(), ModelError> {
        let wrong = |name: &str, value, expected| ModelError::BadWaveform {
            name: name.to_string(),
            value,
            expected,
        };
        let numbers: &[(&str, f64)] = match *self {
            Waveform::Samples(ref values) => {
                return match values.iter().position(|value| !value.is_finite()) {
                    Some(n) => Err(wrong(&format!("sample {n}"), values[n], "a finite number")),
                    None => Ok(()),
                };
            }
            Waveform::Step {
                start,
                duration,
                amplitude,
                baseline,
            }
            | Waveform::Ramp {
                start,
                duration,
                amplitude,
                baseline,
            } => &[
                ("start", start),
                ("duration", duration),
                ("amplitude", amplitude),
                ("baseline", baseline),
            ],
            Waveform::Sine {
                start,
                duration,
                amplitude,
                baseline,
                frequency,
                phase,
            } => &[
                ("start", start),
                ("duration", duration),
                ("amplitude", amplitude),
                ("baseline", baseline),
                ("frequency", frequency),
                ("phase", phase),
            ],
        };
        let endless = matches!(self, Waveform::Step { .. } | Waveform::Sine { .. });
        for &(name, value) in numbers {
            match name {
                "duration" if value.is_nan() || value < 0.0 => {
                    return Err(wrong(name, value, "0 or more ms"));
                }
                "duration" if endless => {}
                _ if !value.is_finite() => return Err(wrong(name, value, "a finite number")),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Time since `start` if `time` lies in the window.
fn elapsed(time: f64, start: f64, duration: f64) -> Option<f64> {
    (time >= start && time < start + duration).then_some(time - start)
}
