//! The files that come along in the package.

use pyo3::prelude::*;

/// The text of `n144.swc`, a CA1 pyramidal cell of NeuroMorpho.org (CC BY 4.0).
#[pyfunction]
pub fn ca1_text() -> &'static str {
    include_str!("../../../data/morphologies/neuromorpho/n144.swc")
}
