//! What there is in a model, as plain data.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods, ToPyArray};
use pyo3::prelude::*;

use super::verbs::REVERSALS;
use super::{ColumnRow, Model, columns_of};
use crate::errors::raised;
use crate::waveform::Waveform;

/// Name, parent and where on it, cell, compartments, SWC type, points (x, y, z, radius).
type BranchRow<'py> = (
    String,
    Option<(usize, f64)>,
    usize,
    (usize, usize),
    i32,
    Bound<'py, PyArray2<f64>>,
);

/// Name, quantity, the rows of each number one after the other, where those of each end, bounds.
type TrainableRow<'py> = (
    String,
    String,
    Bound<'py, PyArray1<usize>>,
    Bound<'py, PyArray1<usize>>,
    Option<(f64, f64)>,
);

/// Compartment, command, series resistance, start and duration.
type ClampRow = (usize, Waveform, Option<f64>, f64, f64);

#[pymethods]
impl Model {
    /// Changes whenever a program made from the model would be another one.
    #[getter]
    fn structure_version(&self) -> u64 {
        self.0.structure_version()
    }

    /// How many cells, branches and compartments.
    #[getter]
    fn counts(&self) -> (usize, usize, usize) {
        let shape = self.0.shape();
        (
            shape.cells.len(),
            shape.branches.len(),
            shape.compartments.len(),
        )
    }

    /// The cell and the branch of every compartment, counted through the whole model.
    #[getter]
    fn places<'py>(&self, py: Python<'py>) -> [Bound<'py, PyArray1<usize>>; 2] {
        let shape = self.0.shape();
        let cells = shape.cells.iter().map(|cell| cell.compartments.len());
        let branches = shape
            .branches
            .iter()
            .map(|branch| branch.compartments.len());
        [
            numbered(cells).into_pyarray(py),
            numbered(branches).into_pyarray(py),
        ]
    }

    /// The branches.
    fn branches<'py>(&self, py: Python<'py>) -> PyResult<Vec<BranchRow<'py>>> {
        let branches = self.0.shape().branches.iter();
        branches
            .map(|branch| {
                let points = branch.points.iter();
                let points = points.flat_map(|p| [p.x, p.y, p.z, p.radius]);
                let points = points.collect::<Vec<_>>().into_pyarray(py);
                Ok((
                    branch.name.clone(),
                    branch.parent.map(|parent| (parent.branch, parent.at)),
                    branch.cell,
                    (branch.compartments.start, branch.compartments.end),
                    branch.kind,
                    points.reshape([branch.points.len(), 4])?,
                ))
            })
            .collect()
    }

    /// The names of the groups, and their compartments.
    fn groups(&self) -> Vec<(String, Vec<usize>)> {
        let groups = self.0.groups();
        let members = |name: &str| groups.compartments(name).unwrap_or_default().to_vec();
        let names = groups.names();
        names
            .map(|name| (name.to_string(), members(name)))
            .collect()
    }

    /// The names of the mechanisms, and their compartments; synapses aside.
    fn mechanisms(&self) -> Vec<(String, Vec<usize>)> {
        let insertions = self.0.insertions().iter();
        insertions
            .filter(|insertion| !insertion.is_synaptic())
            .map(|insertion| {
                let present = insertion.present.iter().enumerate();
                let compartments = present.filter(|(_, there)| **there).map(|(c, _)| c);
                (insertion.mechanism.name.clone(), compartments.collect())
            })
            .collect()
    }

    /// The compartments in whose place cylinders were put.
    fn cylinders(&self) -> Vec<usize> {
        self.0.cylinders().to_vec()
    }

    /// The names of what can be set.
    fn quantities(&self) -> Vec<String> {
        let quantities = self.0.quantities().into_iter();
        quantities
            .map(|quantity| self.0.quantity_name(quantity))
            .collect()
    }

    /// The canonical name of a quantity.
    fn canonical(&self, name: &str) -> PyResult<String> {
        let quantity = self.0.quantity(name).map_err(raised)?;
        Ok(self.0.quantity_name(quantity))
    }

    /// The number of a quantity in every compartment, or of every synapse; NaN where there is none.
    fn values<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let quantity = self.0.quantity(name).map_err(raised)?;
        let rows = 0..self.0.rows_of(quantity);
        let value = |row| self.0.values().value(quantity, row).unwrap_or(f64::NAN);
        Ok(rows.map(value).collect::<Vec<_>>().into_pyarray(py))
    }

    /// Whether the temperature was set.
    #[getter]
    fn has_celsius(&self) -> bool {
        self.0.celsius().is_some()
    }

    /// What the reversal potential of each ion is where no mechanism writes it.
    fn reversals(&self) -> Vec<(String, &'static str)> {
        let named = |reversal| {
            let known = REVERSALS.iter().find(|(_, known)| *known == reversal);
            known.map_or("", |(name, _)| name)
        };
        let ions = self.0.ions().iter();
        ions.map(|ion| (ion.name.clone(), named(ion.reversal)))
            .collect()
    }

    /// That mechanisms depend on a temperature that was never set, if they do.
    fn unset_temperature(&self) -> Option<String> {
        self.0.unset_temperature().map(|unset| unset.to_string())
    }

    /// What the reader of the morphology had to decide.
    fn notes(&self) -> Vec<String> {
        self.0.notes().iter().map(ToString::to_string).collect()
    }

    /// Path distance of every compartment from the soma, µm.
    fn distances<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.0.distances().into_pyarray(py)
    }

    /// Path distance of every compartment from another, µm.
    fn distances_from<'py>(
        &self,
        py: Python<'py>,
        compartment: usize,
    ) -> Bound<'py, PyArray1<f64>> {
        self.0.distances_from(compartment).into_pyarray(py)
    }

    /// The compartments, a row each, as named columns.
    fn compartment_table<'py>(&self, py: Python<'py>) -> PyResult<Vec<ColumnRow<'py>>> {
        columns_of(py, self.0.compartment_table())
    }

    /// The compartment and the current of each stimulus.
    fn stimuli(&self) -> Vec<(usize, Waveform)> {
        let stimuli = self.0.stimuli().iter();
        stimuli
            .map(|s| (s.compartment, Waveform(s.waveform.clone())))
            .collect()
    }

    /// What is played, the compartment or synapse, and what it follows.
    fn plays(&self) -> Vec<(String, usize, Waveform)> {
        let plays = self.0.plays().iter();
        plays
            .map(|play| {
                let name = self.0.quantity_name(play.quantity);
                (name, play.row, Waveform(play.waveform.clone()))
            })
            .collect()
    }

    /// The clamps.
    fn clamps(&self) -> Vec<ClampRow> {
        let clamps = self.0.clamps().iter();
        clamps
            .map(|clamp| {
                let window = clamp.window;
                let target = Waveform(clamp.target.clone());
                let resistance = clamp.series_resistance;
                (
                    clamp.compartment,
                    target,
                    resistance,
                    window.start,
                    window.duration,
                )
            })
            .collect()
    }

    /// Compartment, or number of the synapse, what, and name of each recording.
    fn recordings(&self) -> Vec<(usize, String, String)> {
        let recordings = self.0.recordings().iter();
        recordings
            .map(|r| (r.compartment, self.0.recorded_name(r.what), r.name.clone()))
            .collect()
    }

    /// The trainables.
    fn trainables<'py>(&self, py: Python<'py>) -> Vec<TrainableRow<'py>> {
        let trainables = self.0.trainables().iter();
        trainables
            .map(|t| {
                let quantity = self.0.quantity_name(t.quantity);
                let rows = t.targets.rows().to_pyarray(py);
                let ends = t.targets.ends().to_pyarray(py);
                (t.name.clone(), quantity, rows, ends, t.bounds)
            })
            .collect()
    }

    /// The trainable numbers as they are in the model, trainable after trainable.
    fn parameters<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.0.parameters().values.into_pyarray(py)
    }
}

/// The number of a part for each of its compartments, given how many each has.
fn numbered(parts: impl Iterator<Item = usize>) -> Vec<usize> {
    let parts = parts.enumerate();
    parts
        .flat_map(|(number, compartments)| std::iter::repeat_n(number, compartments))
        .collect()
}
