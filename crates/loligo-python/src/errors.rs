//! Errors of the crates as exceptions: classes of `loligo.errors`.

use std::fmt::Display;
use std::io;

use loligo::engine::vector::VectorUnitError;
use loligo::engine::{Divergence, LoweringError, RunError};
use loligo::mechanism::curves::CurvesError;
use loligo::mechanism::nmodl::NmodlError;
use loligo::mechanism::traced::TraceError;
use loligo::model::{ModelError, SelectionError};
use loligo::morphology::MorphologyError;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// The class of `loligo.errors` that an error becomes.
pub trait Classified: Display {
    /// Its name.
    fn class(&self) -> &'static str;
}

/// An exception of a class of `loligo.errors`.
pub fn exception(class: &str, message: impl Display) -> PyErr {
    let message = message.to_string();
    Python::attach(|py| match class_named(py, class) {
        Ok(class) => PyErr::from_type(class, message),
        Err(error) => error,
    })
}

/// The exception that an error becomes.
pub fn raised(error: impl Classified) -> PyErr {
    exception(error.class(), in_python(error.to_string()))
}

/// A message with Python's names in the place of Rust's.
fn in_python(message: String) -> String {
    const NAMES: [(&str, &str); 2] = [
        ("`Roots::Choose(id)`", "roots=id"),
        ("`Roots::Join`", "roots='join'"),
    ];
    let replaced = |text: String, (rust, python): (&str, &str)| text.replace(rust, python);
    NAMES.into_iter().fold(message, replaced)
}

/// The exception that a run's error becomes.
pub fn raised_by_run(error: RunError) -> PyErr {
    match error {
        RunError::Diverged(divergence) => diverged(&divergence),
        error => raised(error),
    }
}

/// The exception for a lane that diverged, with the numbers of its place as attributes.
fn diverged(divergence: &Divergence) -> PyErr {
    let error = exception("DivergenceError", divergence);
    Python::attach(|py| {
        let value = error.value(py);
        let place = divergence.place;
        let set = || {
            value.setattr("lane", divergence.lane)?;
            value.setattr("time", divergence.time)?;
            value.setattr("what", &divergence.what)?;
            value.setattr("place", (place.cell, place.branch, place.compartment))
        };
        set().err()
    })
    .unwrap_or(error)
}

fn class_named<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyType>> {
    let class = py.import("loligo.errors")?.getattr(name)?;
    Ok(class.cast_into::<PyType>()?)
}

fn of_file(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound => "MissingFileError",
        _ => "UnreadableFileError",
    }
}

impl Classified for MorphologyError {
    fn class(&self) -> &'static str {
        match self {
            MorphologyError::Unreadable { source, .. } => of_file(source),
            _ => "MorphologyError",
        }
    }
}

impl Classified for NmodlError {
    fn class(&self) -> &'static str {
        match self {
            NmodlError::Unreadable { source, .. } => of_file(source),
            _ => "MechanismError",
        }
    }
}

impl Classified for CurvesError {
    fn class(&self) -> &'static str {
        match self {
            CurvesError::UnknownName { .. } => "UnknownNameError",
            CurvesError::NoDefault { .. } | CurvesError::Follows { .. } => "ArgumentError",
            CurvesError::Membrane(_) => "MechanismError",
        }
    }
}

impl Classified for TraceError {
    fn class(&self) -> &'static str {
        "InternalError"
    }
}

impl Classified for SelectionError {
    fn class(&self) -> &'static str {
        match self {
            SelectionError::NoGroup { .. } | SelectionError::NoMechanism { .. } => {
                "UnknownNameError"
            }
            _ => "SelectionError",
        }
    }
}

impl Classified for ModelError {
    fn class(&self) -> &'static str {
        match self {
            ModelError::Morphology(error) => error.class(),
            ModelError::Selection(error) => error.class(),
            ModelError::UnknownName { .. } | ModelError::SaidDifferently { .. } => {
                "UnknownNameError"
            }
            ModelError::Renumbered => "SelectionError",
            _ => "ModelError",
        }
    }
}

impl Classified for LoweringError {
    fn class(&self) -> &'static str {
        match self {
            LoweringError::Membrane { .. } | LoweringError::UnknownSymbol { .. } => {
                "MechanismError"
            }
            _ => "ModelError",
        }
    }
}

impl Classified for RunError {
    fn class(&self) -> &'static str {
        match self {
            RunError::Budget { .. } => "BudgetError",
            RunError::Diverged(_) => "DivergenceError",
            _ => "RunError",
        }
    }
}

impl Classified for VectorUnitError {
    fn class(&self) -> &'static str {
        "RunError"
    }
}
