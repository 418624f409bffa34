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
        "there is no built-in mechanism `{name}`{}; `loligo mechanisms` lists those that there are, and a path that \
         ends in .mod is read",
        meant(.nearest)
    )]
    Unknown {
        /// What was asked for.
        name: String,
        /// The name that was probably meant.
        nearest: Option<&'static str>,
    },
    /// One that the Python package has, and that is not a file.
    #[error("`{name}` is written in Python: `loligo.{name}` there")]
    InPython {
        /// What was asked for.
        name: String,
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
    library::builtin(name).ok_or_else(|| unknown(name))
}

/// The NMODL text of a built-in mechanism.
///
/// # Errors
/// A name that is not in the library.
///
/// ```
/// assert!(loligo::mechanisms::source("pas")?.contains("i = g*(v - e)"));
/// # Ok::<(), loligo::mechanisms::MechanismError>(())
/// ```
pub fn source(name: &str) -> Result<&'static str, MechanismError> {
    library::source(name).ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> MechanismError {
    if library::entry(name).is_some_and(|entry| entry.in_python) {
        let name = name.to_string();
        return MechanismError::InPython { name };
    }
    MechanismError::Unknown {
        name: name.to_string(),
        nearest: library::nearest(name),
    }
}

fn meant(nearest: &Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}
