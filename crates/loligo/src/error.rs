//! Why a simulation or a fit failed.

use loligo_engine::{LoweringError, RunError};
use loligo_model::ModelError;
use loligo_morphology::MorphologyError;
use thiserror::Error;

use crate::mechanisms::MechanismError;

/// Why a simulation or a fit failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A morphology is wrong.
    #[error(transparent)]
    Morphology(#[from] MorphologyError),
    /// A mechanism is wrong.
    #[error(transparent)]
    Mechanism(#[from] MechanismError),
    /// The model is wrong.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The model cannot be made into a program.
    #[error(transparent)]
    Lowering(#[from] LoweringError),
    /// The run was refused, stopped, or diverged.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A run that lasts for no time, or for ever.
    #[error("the duration is {duration} ms, expected a positive number")]
    Duration {
        /// What was given, ms.
        duration: f64,
    },
    /// A list of parameters of the wrong length.
    #[error("{given} parameters were given, but the model has {expected} trainable numbers")]
    Parameters {
        /// How many there were.
        given: usize,
        /// How many there have to be.
        expected: usize,
    },
    /// A loss whose target or derivative does not fit the recordings.
    #[error("the {what} of the loss has {given} samples, but the recordings have {expected}")]
    Loss {
        /// Target or derivative.
        what: &'static str,
        /// How many there were.
        given: usize,
        /// How many there have to be.
        expected: usize,
    },
    /// A fit of nothing.
    #[error("nothing is trainable: make something trainable before the fit")]
    NothingTrainable,
    /// Starts that cannot be drawn.
    #[error("`{name}` needs a lower and an upper bound for more than one start")]
    StartsNeedBounds {
        /// The trainable without bounds.
        name: String,
    },
    /// A number of a fit that cannot be.
    #[error("{name} is {value}, expected {expected}")]
    FitOption {
        /// Which number.
        name: &'static str,
        /// What it is.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// A file that cannot be written.
    #[error("cannot write {file}: {source}")]
    Write {
        /// The file.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
}
