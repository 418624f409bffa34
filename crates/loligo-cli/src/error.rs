//! Why a command failed.

use std::path::PathBuf;

use loligo::mechanism::nmodl::NmodlError;
use loligo::morphology::{MorphologyError, SwcFault};
use thiserror::Error;

/// Why a command failed; its text is what the user reads.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// Nothing can be printed.
    #[error("cannot write: {0}")]
    Output(#[from] std::io::Error),
    /// A morphology is wrong.
    #[error(transparent)]
    Morphology(#[from] MorphologyError),
    /// A mechanism is wrong.
    #[error(transparent)]
    Nmodl(#[from] NmodlError),
    /// A mechanism that does not exist.
    #[error(transparent)]
    Mechanism(#[from] loligo::mechanisms::MechanismError),
    /// A simulation or a fit failed.
    #[error(transparent)]
    Simulation(#[from] loligo::Error),
    /// No built-in mechanism matches.
    #[error("no built-in mechanism matches `{search}`; `loligo mechanisms` lists them all")]
    NoMechanism {
        /// What was looked for.
        search: String,
    },
    /// A folder that cannot be made.
    #[error("cannot make the folder {}: {source}", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Some of several files are wrong; what is wrong with each was printed.
    #[error("{wrong} of {checked} files cannot be used")]
    Files {
        /// How many.
        wrong: usize,
        /// Of how many.
        checked: usize,
    },
    /// A picture whose format the name does not tell.
    #[error("cannot draw {}: expected a name that ends in .png or .svg", .0.display())]
    PictureFormat(PathBuf),
    /// A picture that could not be drawn.
    #[error("cannot draw {}: {reason}", .file.display())]
    Picture {
        /// Where it was to go.
        file: PathBuf,
        /// Why not.
        reason: String,
    },
}

impl CommandError {
    /// The argument that helps, where the library's error names an option of the library.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            CommandError::Morphology(MorphologyError::Swc { fault, .. }) => match fault {
                SwcFault::ZeroRadius { .. } => {
                    Some("on the command line: --min-radius MICROMETRES")
                }
                SwcFault::SeveralRoots { .. } => {
                    Some("on the command line: --root ID, or --join-roots")
                }
                _ => None,
            },
            _ => None,
        }
    }
}
