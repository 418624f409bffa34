//! Models: cells, what is put on them, and what is done with them.

use std::sync::Arc;

use loligo::model::{
    self, Attachment, Column, Compartments, Insertion, ModelError, Reversal, SelectionError,
    Setting, SpikeSource, SteadyState, Table, Targets, View, Window,
};
use loligo::morphology::{Instantiated, Morphology, Roots, SwcOptions};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, ToPyArray};
use pyo3::prelude::*;

use crate::errors::{exception, raised};
use crate::mechanism::Mechanism;
use crate::selection::{Selection, SynapseSelection, sharing_named};
use crate::waveform::Waveform;

/// Compartments, thresholds, and mechanisms that announce spikes.
type SpikeSources<'py> = (
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<f64>>,
    Vec<Option<String>>,
);

/// Cells, what is put on them, and what is done with them.
#[pyclass(module = "loligo._engine")]
pub struct Model(pub model::Model);

/// At which the d_lambda rule takes the length constant, Hz; NEURON's custom.
const FREQUENCY: f64 = 100.0;

/// How many compartments branches get: the same number, or one for each.
#[derive(FromPyObject)]
enum Counts {
    Same(usize),
    Each(Vec<usize>),
}

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

/// The name and the entries of a column.
type ColumnRow<'py> = (String, Bound<'py, PyAny>);

/// How a model is made.
#[pymethods]
impl Model {
    /// A cell from the text of an SWC file. Without `ncomp`, by the d_lambda rule.
    #[staticmethod]
    #[expect(
        clippy::too_many_arguments,
        reason = "the options of the reader, by name"
    )]
    fn parse_swc(
        py: Python<'_>,
        text: &str,
        name: &str,
        ncomp: Option<Counts>,
        d_lambda: f64,
        min_radius: Option<f64>,
        max_branch_len: Option<f64>,
        roots: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let options = SwcOptions {
            min_radius,
            max_branch_len,
            roots: roots_named(roots)?,
        };
        let compartments = compartments(ncomp, d_lambda);
        py.detach(|| {
            let morphology = Morphology::parse_swc(text, name, &options).map_err(raised)?;
            model::Model::from_morphology(&morphology, &compartments).map_err(raised)
        })
        .map(Model)
    }

    /// A cell of the sections that NEURON's Import3d makes of an SWC file.
    #[staticmethod]
    fn parse_import3d(
        py: Python<'_>,
        text: &str,
        name: &str,
        ncomp: Option<Counts>,
        d_lambda: f64,
    ) -> PyResult<Self> {
        let compartments = compartments(ncomp, d_lambda);
        py.detach(|| {
            let morphology =
                Morphology::parse_import3d(text, name, Instantiated::default()).map_err(raised)?;
            model::Model::from_morphology(&morphology, &compartments).map_err(raised)
        })
        .map(Model)
    }

    /// An unbranched cylinder, µm.
    #[staticmethod]
    fn cylinder(length: f64, radius: f64, ncomp: usize) -> PyResult<Self> {
        let model = model::Model::cylinder(length, radius, ncomp);
        Ok(Model(model.map_err(raised)?))
    }

    /// A branch of unbranched parts, one after the other.
    #[staticmethod]
    fn chain(parts: Vec<PyRef<'_, Model>>) -> PyResult<Self> {
        let parts: Vec<_> = parts.iter().map(|part| part.0.clone()).collect();
        Ok(Model(model::Model::chain(&parts).map_err(raised)?))
    }

    /// A cell of branches; each attaches to the far end of its parent.
    #[staticmethod]
    fn tree(branches: Vec<PyRef<'_, Model>>, parents: Vec<Option<usize>>) -> PyResult<Self> {
        if branches.len() != parents.len() {
            let (found, expected) = (parents.len(), branches.len());
            return Err(exception(
                "ArgumentError",
                format!("{found} parents were given for {expected} branches"),
            ));
        }
        let branches: Vec<_> = branches.iter().map(|branch| branch.0.clone()).collect();
        let end = |parent: Option<usize>| parent.map(|branch| Attachment { branch, at: 1.0 });
        let parents: Vec<_> = parents.into_iter().map(end).collect();
        let model = model::Model::tree(&branches, &parents);
        Ok(Model(model.map_err(raised)?))
    }

    /// Cells side by side.
    #[staticmethod]
    fn network(cells: Vec<PyRef<'_, Model>>) -> PyResult<Self> {
        let cells: Vec<_> = cells.iter().map(|cell| cell.0.clone()).collect();
        Ok(Model(model::Model::network(&cells).map_err(raised)?))
    }

    /// A copy that goes its own way.
    fn copy(&self) -> Self {
        Model(self.0.clone())
    }

    // what there is

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

    /// The names of the synapses, in the order in which there first were any.
    fn synapse_names(&self) -> Vec<String> {
        let insertions = self.0.insertions().iter();
        let synaptic = insertions.filter(|insertion| insertion.is_synaptic());
        synaptic.map(|i| i.mechanism.name.clone()).collect()
    }

    /// The names of the synapses, then of mechanisms in compartments that events are connected to.
    fn connected_names(&self) -> Vec<String> {
        let insertions = self.0.insertions().iter();
        let connected = insertions.filter(|i| !i.is_synaptic() && !i.connections.is_empty());
        let connected = connected.map(|i| i.mechanism.name.clone());
        self.synapse_names().into_iter().chain(connected).collect()
    }

    /// The compartments that the synapses of a name come from (−1 for spikes at given times), and those that they are
    /// onto.
    fn joins<'py>(&self, py: Python<'py>, name: &str) -> PyResult<[Bound<'py, PyArray1<i64>>; 2]> {
        let position = self.0.synaptic_position(name).map_err(raised)?;
        let (pre, post) = self.0.ends(position);
        let pre = pre.into_iter().map(|end| end.map_or(-1, |end| end as i64));
        let post = post.into_iter().map(|end| end as i64);
        let [pre, post]: [Vec<i64>; 2] = [pre.collect(), post.collect()];
        Ok([pre.into_pyarray(py), post.into_pyarray(py)])
    }

    /// The source of each connection to a mechanism, by its position.
    fn connection_sources<'py>(
        &self,
        py: Python<'py>,
        name: &str,
    ) -> PyResult<Bound<'py, PyArray1<usize>>> {
        let connections = &self.synaptic(name)?.connections;
        Ok(connections.sources.clone().into_pyarray(py))
    }

    /// The times of the spikes of a source, ms, if they are given.
    fn spike_times<'py>(
        &self,
        py: Python<'py>,
        source: usize,
    ) -> Option<Bound<'py, PyArray1<f64>>> {
        match self.0.spike_sources().get(source)? {
            SpikeSource::Train(times) => Some(times.to_vec().into_pyarray(py)),
            SpikeSource::Threshold { .. } | SpikeSource::Announced { .. } => None,
        }
    }

    /// Changes whenever the synapses of a name are numbered anew, because some were deleted.
    fn numbering(&self, name: &str) -> PyResult<u64> {
        Ok(self.synaptic(name)?.numbering())
    }

    /// That the synapses of a selection are still those that it meant when it was made.
    fn check_synapses(&self, selection: &SynapseSelection) -> PyResult<()> {
        done(self.0.mechanism_of(&selection.0).map(drop))
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

    /// Whether a quantity has a number per synapse, or per connection, and not one per compartment.
    fn has_row_per_synapse(&self, name: &str) -> PyResult<bool> {
        let quantity = self.0.quantity(name).map_err(raised)?;
        let insertion = quantity.mechanism().map(|m| &self.0.insertions()[m]);
        let is_synaptic = insertion.is_some_and(|insertion| insertion.is_synaptic());
        Ok(is_synaptic || quantity.is_of_connections())
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

    /// The synapses of a name, a row each, as named columns.
    fn synapse_table<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Vec<ColumnRow<'py>>> {
        columns_of(py, self.0.synapse_table(name).map_err(raised)?)
    }

    /// The compartment and the current of each stimulus.
    fn stimuli(&self) -> Vec<(usize, Waveform)> {
        let stimuli = self.0.stimuli().iter();
        stimuli
            .map(|s| (s.compartment, Waveform(s.waveform.clone())))
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

    // selections

    /// All compartments.
    fn everything(&self) -> Selection {
        Selection(self.0.everything())
    }

    /// Compartments by their numbers in the whole model.
    fn select(&self, compartments: Vec<usize>, sharing: &str) -> PyResult<Selection> {
        found(self.0.selection_of(compartments, sharing_named(sharing)?))
    }

    /// Synapses of a name by their numbers; all without numbers.
    fn synapses(
        &self,
        name: &str,
        numbers: Option<PyReadonlyArray1<'_, usize>>,
        shared: bool,
    ) -> PyResult<SynapseSelection> {
        let mut synapses = match numbers {
            Some(numbers) => self.synaptic(name)?.synapses(numbers.as_slice()?.to_vec()),
            None => self.0.synapses(name).map_err(raised)?,
        };
        synapses.shared = shared;
        Ok(SynapseSelection(synapses))
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

    // verbs

    /// Puts compartments in a group.
    fn add_to_group(&mut self, name: &str, selection: &Selection) -> PyResult<()> {
        done(self.0.add_to_group(name, &selection.0))
    }

    /// Inserts a mechanism.
    fn insert(&mut self, mechanism: &Mechanism, selection: &Selection) -> PyResult<()> {
        let mechanism = Arc::clone(&mechanism.mechanism);
        done(self.0.insert(mechanism, &selection.0))
    }

    /// Removes a mechanism.
    fn uninsert(&mut self, name: &str, selection: &Selection) -> PyResult<()> {
        done(self.0.uninsert(name, &selection.0))
    }

    /// Sets a quantity to one number.
    fn set(&mut self, name: &str, number: f64, selection: &Selection) -> PyResult<()> {
        done(self.0.set(name, number, &selection.0))
    }

    /// Sets a quantity to one number for each selected compartment that has it.
    fn set_each(
        &mut self,
        name: &str,
        numbers: PyReadonlyArray1<'_, f64>,
        selection: &Selection,
    ) -> PyResult<()> {
        done(self.0.set(name, numbers.as_slice()?, &selection.0))
    }

    /// Lets a state start at its steady state.
    fn set_steady(&mut self, name: &str, selection: &Selection) -> PyResult<()> {
        done(self.0.set(name, Setting::from(SteadyState), &selection.0))
    }

    /// Chooses what the reversal potential of an ion is where no mechanism writes it.
    fn set_reversal(&mut self, ion: &str, reversal: &str) -> PyResult<()> {
        let known = REVERSALS.iter().find(|(name, _)| *name == reversal);
        let &(_, reversal) = known.ok_or_else(|| {
            let names = REVERSALS.map(|(name, _)| format!("'{name}'"));
            let names = names.join(", ");
            let message =
                format!("the reversal potential is {reversal:?}, expected one of {names}");
            exception("ArgumentError", message)
        })?;
        done(self.0.set_reversal(ion, reversal))
    }

    /// Injects a current into every selected compartment.
    fn stimulate(&mut self, waveform: &Waveform, selection: &Selection) -> PyResult<()> {
        done(self.0.stimulate(waveform.0.clone(), &selection.0).map(drop))
    }

    /// Holds every selected compartment at a potential.
    fn clamp(
        &mut self,
        target: &Waveform,
        series_resistance: Option<f64>,
        start: f64,
        duration: f64,
        selection: &Selection,
    ) -> PyResult<()> {
        let window = Window { start, duration };
        let target = target.0.clone();
        done(
            self.0
                .clamp(target, series_resistance, window, &selection.0),
        )
    }

    /// Records in every selected compartment, under a name if there is one.
    fn record(&mut self, what: &str, name: Option<&str>, selection: &Selection) -> PyResult<()> {
        done(match name {
            Some(name) => self.0.record_as(name, what, &selection.0).map(drop),
            None => self.0.record(what, &selection.0).map(drop),
        })
    }

    /// Makes a quantity trainable.
    fn trainable(
        &mut self,
        name: &str,
        bounds: Option<(f64, f64)>,
        selection: &Selection,
    ) -> PyResult<()> {
        done(self.0.trainable(name, bounds, &selection.0).map(drop))
    }

    /// Makes rows of a quantity trainable, those of each target together.
    fn train_together(
        &mut self,
        name: &str,
        bounds: Option<(f64, f64)>,
        rows: PyReadonlyArray1<'_, usize>,
        ends: PyReadonlyArray1<'_, usize>,
    ) -> PyResult<()> {
        let (rows, ends) = (rows.as_slice()?.to_vec(), ends.as_slice()?.to_vec());
        let targets = Targets::new(rows, ends);
        let targets =
            targets.ok_or_else(|| exception("ArgumentError", "ends are not those of the rows"))?;
        done(self.0.train_together(name, bounds, targets).map(drop))
    }

    /// Makes synapses from compartments to others, and returns the number of the first and that behind the last.
    fn connect(
        &mut self,
        mechanism: &Mechanism,
        pre: PyReadonlyArray1<'_, usize>,
        post: PyReadonlyArray1<'_, usize>,
    ) -> PyResult<(usize, usize)> {
        let mechanism = Arc::clone(&mechanism.mechanism);
        let (pre, post) = (pre.as_slice()?, post.as_slice()?);
        let made = self.0.connect(mechanism, pre, post).map_err(raised)?;
        Ok((made.start, made.end))
    }

    /// Watches compartments for spikes, and returns the positions of the sources.
    fn detect_spikes<'py>(
        &mut self,
        py: Python<'py>,
        compartments: PyReadonlyArray1<'_, usize>,
        threshold: f64,
    ) -> PyResult<Bound<'py, PyArray1<usize>>> {
        let sources = self.0.detect_spikes(compartments.as_slice()?, threshold);
        Ok(sources.map_err(raised)?.into_pyarray(py))
    }

    /// Follows the spikes that a mechanism of compartments announces, and returns the positions of the sources.
    fn follow_spikes<'py>(
        &mut self,
        py: Python<'py>,
        mechanism: &str,
        compartments: PyReadonlyArray1<'_, usize>,
    ) -> PyResult<Bound<'py, PyArray1<usize>>> {
        let sources = self.0.follow_spikes(mechanism, compartments.as_slice()?);
        Ok(sources.map_err(raised)?.into_pyarray(py))
    }

    /// Of each compartment the mechanism that is its neuron and announces its spikes, if one does.
    fn announcers(
        &self,
        compartments: PyReadonlyArray1<'_, usize>,
    ) -> PyResult<Vec<Option<String>>> {
        let compartments = compartments.as_slice()?.iter();
        let own = compartments.map(|compartment| self.0.announcer(*compartment));
        Ok(own
            .map(|own| own.map(|mechanism| mechanism.name.clone()))
            .collect())
    }

    /// A source with spikes at given times, ms; returns its position.
    fn spike_train(&mut self, times: PyReadonlyArray1<'_, f64>) -> PyResult<usize> {
        self.0.spike_train(times.as_slice()?).map_err(raised)
    }

    /// Of each source of spikes its compartment (−1 for given times), its threshold (not a number where it has none),
    /// and the mechanism that announces them, if one does.
    fn spike_sources<'py>(&self, py: Python<'py>) -> SpikeSources<'py> {
        let sources = self.0.spike_sources().iter();
        let (compartments, thresholds): (Vec<i64>, Vec<f64>) = sources
            .map(|source| match source {
                SpikeSource::Threshold {
                    compartment,
                    threshold,
                } => (*compartment as i64, *threshold),
                SpikeSource::Announced { compartment, .. } => (*compartment as i64, f64::NAN),
                SpikeSource::Train(_) => (-1, f64::NAN),
            })
            .unzip();
        let announcers = self.0.spike_sources().iter().map(|source| match source {
            SpikeSource::Announced { mechanism, .. } => {
                Some(self.0.insertions()[*mechanism].mechanism.name.clone())
            }
            SpikeSource::Threshold { .. } | SpikeSource::Train(_) => None,
        });
        (
            compartments.into_pyarray(py),
            thresholds.into_pyarray(py),
            announcers.collect(),
        )
    }

    /// Connects sources to a mechanism that is in the compartments, and returns the number of the first connection and
    /// that behind the last.
    fn connect_events(
        &mut self,
        mechanism: &str,
        sources: PyReadonlyArray1<'_, usize>,
        compartments: PyReadonlyArray1<'_, usize>,
    ) -> PyResult<(usize, usize)> {
        let (sources, compartments) = (sources.as_slice()?, compartments.as_slice()?);
        let made = self.0.connect_events(mechanism, sources, compartments);
        let made = made.map_err(raised)?;
        Ok((made.start, made.end))
    }

    /// Makes synapses that each take the events of a source, and returns the number of the first and that behind the
    /// last.
    fn connect_synapses(
        &mut self,
        mechanism: &Mechanism,
        sources: PyReadonlyArray1<'_, usize>,
        compartments: PyReadonlyArray1<'_, usize>,
    ) -> PyResult<(usize, usize)> {
        let mechanism = Arc::clone(&mechanism.mechanism);
        let (sources, compartments) = (sources.as_slice()?, compartments.as_slice()?);
        let made = self.0.connect_synapses(mechanism, sources, compartments);
        let made = made.map_err(raised)?;
        Ok((made.start, made.end))
    }

    /// Sets a quantity of synapses to one number.
    fn set_synapses(
        &mut self,
        name: &str,
        number: f64,
        selection: &SynapseSelection,
    ) -> PyResult<()> {
        done(self.0.set_synapses(name, number, &selection.0))
    }

    /// Sets a quantity of synapses to a number for each.
    fn set_each_synapse(
        &mut self,
        name: &str,
        numbers: PyReadonlyArray1<'_, f64>,
        selection: &SynapseSelection,
    ) -> PyResult<()> {
        done(self.0.set_synapses(name, numbers.as_slice()?, &selection.0))
    }

    /// Lets a state of synapses start as their mechanism says.
    fn set_steady_synapses(&mut self, name: &str, selection: &SynapseSelection) -> PyResult<()> {
        let steady = Setting::from(SteadyState);
        done(self.0.set_synapses(name, steady, &selection.0))
    }

    /// Records something of synapses, under a name if there is one.
    fn record_synapses(
        &mut self,
        what: &str,
        name: Option<&str>,
        selection: &SynapseSelection,
    ) -> PyResult<()> {
        let selection = &selection.0;
        done(match name {
            Some(name) => self.0.record_synapses_as(name, what, selection).map(drop),
            None => self.0.record_synapses(what, selection).map(drop),
        })
    }

    /// Deletes synapses; the rest of their name are numbered anew.
    fn delete_synapses(&mut self, selection: &SynapseSelection) -> PyResult<()> {
        done(self.0.delete_synapses(&selection.0))
    }

    /// Makes a quantity of synapses trainable.
    fn train_synapses(
        &mut self,
        name: &str,
        bounds: Option<(f64, f64)>,
        selection: &SynapseSelection,
    ) -> PyResult<()> {
        done(self.0.train_synapses(name, bounds, &selection.0).map(drop))
    }

    /// Writes trained numbers into the compartments that share them.
    fn write_parameters(&mut self, values: Vec<f64>) -> PyResult<()> {
        let mut parameters = self.0.parameters();
        parameters.values = values;
        done(self.0.write(&parameters))
    }

    /// Forgets what is recorded.
    fn delete_recordings(&mut self, selection: &Selection) {
        self.0.delete_recordings(&selection.0);
    }

    /// Takes the stimuli out.
    fn delete_stimuli(&mut self, selection: &Selection) {
        self.0.delete_stimuli(&selection.0);
    }

    /// Takes the clamps off.
    fn delete_clamps(&mut self, selection: &Selection) {
        self.0.delete_clamps(&selection.0);
    }

    /// Trains nothing any more.
    fn delete_trainables(&mut self, selection: &Selection) {
        self.0.delete_trainables(&selection.0);
    }
}

impl Model {
    /// The insertion of the synapses of a name.
    fn synaptic(&self, name: &str) -> PyResult<&Insertion> {
        self.0.synaptic_insertion(name).map_err(raised)
    }
}

/// What a reversal potential can be, by its name in Python.
const REVERSALS: [(&str, Reversal); 4] = [
    ("automatic", Reversal::Automatic),
    ("given", Reversal::Given),
    ("at start", Reversal::AtStart),
    ("every step", Reversal::EveryStep),
];

fn columns_of(py: Python<'_>, table: Table) -> PyResult<Vec<ColumnRow<'_>>> {
    let columns = table.columns.into_iter();
    columns
        .map(|(name, column)| {
            let array = match column {
                Column::Index(values) => values.into_pyarray(py).into_any(),
                Column::Number(values) => {
                    let values = values.into_iter().map(|v| v.unwrap_or(f64::NAN));
                    values.collect::<Vec<_>>().into_pyarray(py).into_any()
                }
                Column::Flag(values) => values.into_pyarray(py).into_any(),
                Column::Text(values) => values.into_pyobject(py)?.into_any(),
            };
            Ok((name, array))
        })
        .collect()
}

fn done(result: Result<(), ModelError>) -> PyResult<()> {
    result.map_err(raised)
}

fn found(selection: Result<model::Selection, SelectionError>) -> PyResult<Selection> {
    selection.map(Selection).map_err(raised)
}

fn compartments(ncomp: Option<Counts>, d_lambda: f64) -> Compartments {
    match ncomp {
        Some(Counts::Same(count)) => Compartments::PerBranch(count),
        Some(Counts::Each(counts)) => Compartments::Each(counts),
        None => Compartments::DLambda {
            fraction: d_lambda,
            frequency: FREQUENCY,
        },
    }
}

fn roots_named(roots: &Bound<'_, PyAny>) -> PyResult<Roots> {
    if let Ok(id) = roots.extract::<i64>() {
        return Ok(Roots::Choose(id));
    }
    match roots.extract::<String>().as_deref() {
        Ok("single") => Ok(Roots::Single),
        Ok("join") => Ok(Roots::Join),
        _ => Err(exception(
            "ArgumentError",
            format!("roots is {roots}, expected `single`, `join`, or the id of a root"),
        )),
    }
}

/// The number of a part for each of its compartments, given how many each has.
fn numbered(parts: impl Iterator<Item = usize>) -> Vec<usize> {
    let parts = parts.enumerate();
    parts
        .flat_map(|(number, compartments)| std::iter::repeat_n(number, compartments))
        .collect()
}
