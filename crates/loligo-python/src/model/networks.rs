//! Synapses, and what spikes: connecting, looking, setting.

use std::sync::Arc;

use loligo::model::{Insertion, Setting, SpikeSource, SteadyState};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

use super::{ColumnRow, Model, columns_of, done};
use crate::errors::raised;
use crate::mechanism::Mechanism;
use crate::selection::SynapseSelection;
use crate::waveform::Waveform;

/// Compartments, thresholds, and mechanisms that announce spikes.
type SpikeSources<'py> = (
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<f64>>,
    Vec<Option<String>>,
);

#[pymethods]
impl Model {
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

    /// Whether a quantity has a number per synapse, or per connection, and not one per compartment.
    fn has_row_per_synapse(&self, name: &str) -> PyResult<bool> {
        let quantity = self.0.quantity(name).map_err(raised)?;
        let insertion = quantity.mechanism().map(|m| &self.0.insertions()[m]);
        let is_synaptic = insertion.is_some_and(|insertion| insertion.is_synaptic());
        Ok(is_synaptic || quantity.is_of_connections())
    }

    /// The synapses of a name, a row each, as named columns.
    fn synapse_table<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Vec<ColumnRow<'py>>> {
        columns_of(py, self.0.synapse_table(name).map_err(raised)?)
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

    /// Lets a quantity of synapses follow a waveform. Returns how many there are.
    fn play_synapses(
        &mut self,
        name: &str,
        waveform: &Waveform,
        selection: &SynapseSelection,
    ) -> PyResult<usize> {
        let waveform = waveform.0.clone();
        let played = self.0.play_synapses(name, waveform, &selection.0);
        Ok(played.map_err(raised)?.len())
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
}

impl Model {
    /// The insertion of the synapses of a name.
    fn synaptic(&self, name: &str) -> PyResult<&Insertion> {
        self.0.synaptic_insertion(name).map_err(raised)
    }
}
