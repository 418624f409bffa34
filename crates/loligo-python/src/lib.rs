//! `loligo._engine`: the engine as Python sees it.
//!
//! Knows how to turn Python objects into the facade's types and back, and nothing of neurons: no physics, no
//! defaults, no file formats. What users import is the Python package in `python/loligo`, which is built on this.

use pyo3::prelude::*;

/// The compiled half of the package `loligo`; import `loligo` instead.
#[pymodule]
mod _engine {
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
