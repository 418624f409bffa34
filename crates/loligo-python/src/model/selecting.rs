//! Selections of compartments.

use loligo::model::{self, View};
use pyo3::prelude::*;

use super::{Model, found};
use crate::selection::{Selection, sharing_named};

#[pymethods]
impl Model {
    /// All compartments.
    fn everything(&self) -> Selection {
        Selection(self.0.everything())
    }

    /// Compartments by their numbers in the whole model.
    fn select(&self, compartments: Vec<usize>, sharing: &str) -> PyResult<Selection> {
        found(self.0.selection_of(compartments, sharing_named(sharing)?))
    }

    /// How many cells, or branches of a cell, or compartments of a branch there are in a selection, at most.
    fn count(&self, selection: &Selection, level: &str) -> usize {
        let shape = self.0.shape();
        let compartments = selection.0.compartments();
        let most = match level {
            "cell" => Some(shape.by_cell(compartments).count()),
            "branch" => {
                let cells = shape.by_cell(compartments);
                cells.map(|cell| shape.by_branch(cell).count()).max()
            }
            _ => shape.by_branch(compartments).map(<[usize]>::len).max(),
        };
        most.unwrap_or(0)
    }

    /// The cells, branches or compartments of these numbers; all without numbers.
    fn narrow(
        &self,
        selection: &Selection,
        level: &str,
        indices: Option<Vec<usize>>,
    ) -> PyResult<Selection> {
        let view = self.0.select_from(&selection.0);
        let narrow = |view: View<_>, indices: model::Indices| match level {
            "cell" => view.cell(indices),
            "branch" => view.branch(indices),
            _ => view.compartment(indices),
        };
        let indices = indices.map_or(model::Indices::All, model::Indices::List);
        found(narrow(view, indices).selection())
    }

    /// The compartment of each branch at a location.
    fn at(&self, selection: &Selection, location: f64) -> PyResult<Selection> {
        found(self.0.select_from(&selection.0).at(location).selection())
    }

    /// What is in a group.
    fn group(&self, selection: &Selection, name: &str) -> PyResult<Selection> {
        found(self.0.select_from(&selection.0).group(name).selection())
    }

    /// What has a mechanism.
    fn with_mechanism(&self, selection: &Selection, name: &str) -> PyResult<Selection> {
        let view = self.0.select_from(&selection.0).with_mechanism(name);
        found(view.selection())
    }
}
