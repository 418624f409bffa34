//! What can be wrong with a description.

use loligo_morphology::MorphologyError;
use thiserror::Error;

/// Why a verb was refused. The model is as it was before.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The shape of a cell is wrong.
    #[error(transparent)]
    Morphology(#[from] MorphologyError),
    /// A waveform that cannot be.
    #[error("{name} of the waveform is {value}, expected {expected}")]
    BadWaveform {
        /// Which number of it.
        name: String,
        /// What it is.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
}
