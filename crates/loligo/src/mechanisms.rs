//! Mechanisms by name: the built-in ones, and files.

use std::path::Path;

use loligo_mechanism::nmodl::{self, NmodlError};
use loligo_mechanism::{Mechanism, library};
use thiserror::Error;

/// Why there is no such mechanism.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MechanismError {
    /// A name that is not in the built-in library.
    #[error(
        "there is no built-in mechanism `{name}`; the built-in ones are {known}, and a path that ends in .mod is read"
    )]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is, one after the other.
        known: String,
    },
    /// A file that is not a mechanism.
    #[error(transparent)]
    Nmodl(#[from] NmodlError),
}

/// A built-in mechanism by its name, or one from a file by a path that ends in `.mod`.
///
/// # Errors
/// A name that is not in the library; a file that cannot be read or is not NMODL.
///
/// ```
/// let hh = loligo::mechanisms::mechanism("hh")?;
/// assert_eq!(hh.parameters[0].name, "gnabar");
/// # Ok::<(), loligo::mechanisms::MechanismError>(())
/// ```
pub fn mechanism(name: &str) -> Result<Mechanism, MechanismError> {
    if Path::new(name).extension().is_some_and(|ext| ext == "mod") {
        return Ok(nmodl::read(name)?);
    }
    library::builtin(name).ok_or_else(|| MechanismError::Unknown {
        name: name.to_string(),
        known: library::names().collect::<Vec<_>>().join(", "),
    })
}
