//! What is put on compartments, and taken off again.

use std::sync::Arc;

use loligo::model::{Reversal, Setting, SteadyState, Targets, Window};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use super::{Model, done};
use crate::errors::{exception, raised};
use crate::mechanism::Mechanism;
use crate::selection::Selection;
use crate::waveform::Waveform;

/// What a reversal potential can be, by its name in Python.
pub(super) const REVERSALS: [(&str, Reversal); 4] = [
    ("automatic", Reversal::Automatic),
    ("given", Reversal::Given),
    ("at start", Reversal::AtStart),
    ("every step", Reversal::EveryStep),
];

#[pymethods]
impl Model {
    /// Puts compartments in a group.
    fn add_to_group(&mut self, name: &str, selection: &Selection) -> PyResult<()> {
        done(self.0.add_to_group(name, &selection.0))
    }

    /// Puts cylinders in the place of compartments, of the length and the radius that they were made with.
    fn make_cylinders(&mut self, selection: &Selection) {
        self.0.make_cylinders(&selection.0);
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

    /// Lets a quantity follow a waveform in the selected compartments that have it. Returns how many have.
    fn play(&mut self, name: &str, waveform: &Waveform, selection: &Selection) -> PyResult<usize> {
        let played = self.0.play(name, waveform.0.clone(), &selection.0);
        Ok(played.map_err(raised)?.len())
    }

    /// That a quantity can be what a waveform goes through in these compartments, or of these synapses.
    fn check_waveform(
        &self,
        name: &str,
        waveform: &Waveform,
        rows: PyReadonlyArray1<'_, usize>,
    ) -> PyResult<()> {
        done(self.0.check_waveform(name, &waveform.0, rows.as_slice()?))
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

    /// Lets what is played stay as it is set again.
    fn delete_plays(&mut self, selection: &Selection) {
        self.0.delete_plays(&selection.0);
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
