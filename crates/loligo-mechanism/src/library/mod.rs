//! The built-in mechanisms: the files of `mechanisms/`, compiled into the binary, and what is known of
//! each; and what is known of those that are classes of the Python package.

mod catalogue;
mod diffusion;
mod files;
mod references;

use crate::mechanism::Mechanism;
use crate::{nearest, nmodl};

pub use catalogue::{Entry, Kind, entries, entry};
pub use diffusion::{cable_diffusion, diffusion, diffusion_source};
pub use references::{Reference, bibliography, reference};

use files::FILES;

/// The names of the built-in mechanisms that are files.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|&(name, _)| name)
}

/// The NMODL text of a built-in mechanism, to read or to change.
pub fn source(name: &str) -> Option<&'static str> {
    let file = FILES.iter().find(|&&(known, _)| known == name);
    file.map(|&(_, text)| text)
}

/// The name of a built-in mechanism that a misspelt one probably meant.
pub fn nearest(name: &str) -> Option<&'static str> {
    nearest::nearest(name, names())
}

/// The built-in mechanism of that name.
///
/// ```
/// let hh = loligo_mechanism::library::builtin("hh").unwrap();
/// assert_eq!(hh.states.len(), 3);
/// assert!(loligo_mechanism::library::builtin("nothing").is_none());
/// ```
pub fn builtin(name: &str) -> Option<Mechanism> {
    let file = format!("{name}.mod");
    // the tests compile every file, so that a failure here is a name that does not exist
    source(name).and_then(|text| nmodl::compile(text, &file).ok())
}
