//! Stimuli: currents injected through an electrode.

use crate::waveform::Waveform;

/// A current injected into a compartment. Several in one compartment add up.
#[derive(Clone, Debug, PartialEq)]
pub struct Stimulus {
    /// Where.
    pub compartment: usize,
    /// Current, nA; positive depolarises.
    pub waveform: Waveform,
}
