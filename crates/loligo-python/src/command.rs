//! The `loligo` command, so that it needs no Rust to be installed.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs the command line, the program's name first; the exit status.
#[pyfunction]
pub fn run_command_line(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| loligo_cli::run(arguments))
}
