//! What runs find on this machine.

use loligo::engine::vector::VectorUnit;
use pyo3::prelude::*;

use crate::errors::raised;

/// The vector unit that runs use: `avx512`, `avx2`, `neon` or `plain`.
#[pyfunction]
pub fn vector_unit() -> PyResult<&'static str> {
    Ok(VectorUnit::detect().map_err(raised)?.name())
}

/// How many threads runs use unless they are told.
#[pyfunction]
pub fn thread_count() -> PyResult<usize> {
    loligo::engine::thread_count().map_err(raised)
}

/// Bytes that a gradient may take unless it is told.
#[pyfunction]
pub fn default_budget() -> usize {
    loligo::memory::default_budget()
}
