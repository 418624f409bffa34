//! Selections: compartments of a model, and how they share a trainable number.

use loligo::model;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

use crate::errors::exception;

/// Compartments of a model, ascending, and how they share a trainable number.
#[pyclass(module = "loligo._engine", frozen, eq, from_py_object)]
#[derive(Clone, PartialEq)]
pub struct Selection(pub model::Selection);

/// The names that Python has for ways of sharing.
const SHARING: [(&str, model::Sharing); 4] = [
    ("shared", model::Sharing::Shared),
    ("cell", model::Sharing::PerCell),
    ("branch", model::Sharing::PerBranch),
    ("compartment", model::Sharing::PerCompartment),
];

/// The way of sharing of a name.
pub fn sharing_named(name: &str) -> PyResult<model::Sharing> {
    let known = SHARING.iter().find(|(known, _)| *known == name);
    known.map(|(_, sharing)| *sharing).ok_or_else(|| {
        exception(
            "ArgumentError",
            format!("sharing is `{name}`, expected shared, cell, branch or compartment"),
        )
    })
}

#[pymethods]
impl Selection {
    /// The compartments, counted through the whole model.
    #[getter]
    fn compartments<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<usize>> {
        self.0.compartments().to_vec().into_pyarray(py)
    }

    /// The rows of quantities of compartments.
    #[getter]
    fn rows<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<usize>> {
        self.compartments(py)
    }

    /// `shared`, or one number per `cell`, `branch` or `compartment`.
    #[getter]
    fn sharing(&self) -> &'static str {
        let known = SHARING.iter().find(|(_, known)| *known == self.0.sharing());
        known.map_or("", |(name, _)| name)
    }

    /// The same compartments that share otherwise.
    fn with_sharing(&self, sharing: &str) -> PyResult<Self> {
        Ok(Selection(
            self.0.clone().with_sharing(sharing_named(sharing)?),
        ))
    }

    /// What is in either.
    fn union(&self, other: &Selection) -> Self {
        Selection(self.0.union(&other.0))
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }
}

/// Synapses of one mechanism, ascending, and whether they share a trainable number.
#[pyclass(module = "loligo._engine", frozen, eq, from_py_object)]
#[derive(Clone, PartialEq)]
pub struct SynapseSelection(pub model::SynapseSelection);

#[pymethods]
impl SynapseSelection {
    /// The numbers of the synapses, which are the rows of quantities of their mechanism.
    #[getter]
    fn rows<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<usize>> {
        self.0.synapses.clone().into_pyarray(py)
    }

    /// Whether they share a trainable number.
    #[getter]
    fn shared(&self) -> bool {
        self.0.shared
    }

    fn __len__(&self) -> usize {
        self.0.synapses.len()
    }
}
