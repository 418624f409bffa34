//! The built-in mechanisms: the files of `mechanisms/`, compiled into the binary.

use crate::mechanism::Mechanism;
use crate::nmodl;

macro_rules! files {
    ($($name:literal,)*) => {
        const FILES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../../mechanisms/", $name, ".mod"))),)*
        ];
    };
}

files! {
    "hh",
    "pas",
    "pospischil_cal",
    "pospischil_cat",
    "pospischil_k",
    "pospischil_km",
    "pospischil_leak",
    "pospischil_na",
}

/// The names of the built-in mechanisms.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|&(name, _)| name)
}

/// The NMODL text of a built-in mechanism, to read or to change.
pub fn source(name: &str) -> Option<&'static str> {
    let file = FILES.iter().find(|&&(known, _)| known == name);
    file.map(|&(_, text)| text)
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
