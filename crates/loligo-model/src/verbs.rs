//! The verbs of a model, as the end of a chain of selectors.

use std::ops::Range;
use std::sync::Arc;

use loligo_mechanism::Mechanism;

use crate::clamp::Window;
use crate::error::ModelError;
use crate::model::Model;
use crate::set::Setting;
use crate::view::View;
use crate::waveform::Waveform;

/// Each verb does to the compartments in view what the model's verb of that name does to a
/// selection, and fails as that does, or because a selector found nothing.
impl View<&mut Model> {
    /// [`Model::insert`]
    ///
    /// # Errors
    /// See there.
    pub fn insert(&mut self, mechanism: impl Into<Arc<Mechanism>>) -> Result<(), ModelError> {
        self.model.insert(mechanism, &self.selection()?)
    }

    /// [`Model::uninsert`]
    ///
    /// # Errors
    /// See there.
    pub fn uninsert(&mut self, name: &str) -> Result<(), ModelError> {
        self.model.uninsert(name, &self.selection()?)
    }

    /// [`Model::set`]
    ///
    /// # Errors
    /// See there.
    pub fn set<'a>(
        &mut self,
        name: &str,
        setting: impl Into<Setting<'a>>,
    ) -> Result<(), ModelError> {
        self.model.set(name, setting, &self.selection()?)
    }

    /// [`Model::add_to_group`]
    ///
    /// # Errors
    /// See there.
    pub fn add_to_group(&mut self, name: &str) -> Result<(), ModelError> {
        self.model.add_to_group(name, &self.selection()?)
    }

    /// [`Model::stimulate`]
    ///
    /// # Errors
    /// See there.
    pub fn stimulate(&mut self, waveform: Waveform) -> Result<Range<usize>, ModelError> {
        self.model.stimulate(waveform, &self.selection()?)
    }

    /// [`Model::play`]
    ///
    /// # Errors
    /// See there.
    pub fn play(&mut self, name: &str, waveform: Waveform) -> Result<Range<usize>, ModelError> {
        self.model.play(name, waveform, &self.selection()?)
    }

    /// [`Model::clamp`]
    ///
    /// # Errors
    /// See there.
    pub fn clamp(
        &mut self,
        target: Waveform,
        series_resistance: Option<f64>,
        window: Window,
    ) -> Result<(), ModelError> {
        let selection = self.selection()?;
        self.model
            .clamp(target, series_resistance, window, &selection)
    }

    /// [`Model::record`]
    ///
    /// # Errors
    /// See there.
    pub fn record(&mut self, what: &str) -> Result<Vec<usize>, ModelError> {
        self.model.record(what, &self.selection()?)
    }

    /// [`Model::record_as`]
    ///
    /// # Errors
    /// See there.
    pub fn record_as(&mut self, name: &str, what: &str) -> Result<Vec<usize>, ModelError> {
        self.model.record_as(name, what, &self.selection()?)
    }

    /// [`Model::trainable`]
    ///
    /// # Errors
    /// See there.
    pub fn trainable(
        &mut self,
        name: &str,
        bounds: Option<(f64, f64)>,
    ) -> Result<usize, ModelError> {
        self.model.trainable(name, bounds, &self.selection()?)
    }

    /// [`Model::delete_recordings`]
    ///
    /// # Errors
    /// A selector that found nothing.
    pub fn delete_recordings(&mut self) -> Result<(), ModelError> {
        let selection = self.selection()?;
        self.model.delete_recordings(&selection);
        Ok(())
    }

    /// [`Model::delete_stimuli`]
    ///
    /// # Errors
    /// A selector that found nothing.
    pub fn delete_stimuli(&mut self) -> Result<(), ModelError> {
        let selection = self.selection()?;
        self.model.delete_stimuli(&selection);
        Ok(())
    }

    /// [`Model::delete_clamps`]
    ///
    /// # Errors
    /// A selector that found nothing.
    pub fn delete_clamps(&mut self) -> Result<(), ModelError> {
        let selection = self.selection()?;
        self.model.delete_clamps(&selection);
        Ok(())
    }

    /// [`Model::delete_plays`]
    ///
    /// # Errors
    /// A selector that found nothing.
    pub fn delete_plays(&mut self) -> Result<(), ModelError> {
        let selection = self.selection()?;
        self.model.delete_plays(&selection);
        Ok(())
    }

    /// [`Model::delete_trainables`]
    ///
    /// # Errors
    /// A selector that found nothing.
    pub fn delete_trainables(&mut self) -> Result<(), ModelError> {
        let selection = self.selection()?;
        self.model.delete_trainables(&selection);
        Ok(())
    }
}
