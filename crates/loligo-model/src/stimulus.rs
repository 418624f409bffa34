//! Stimuli: currents injected through an electrode.

use std::ops::Range;

use crate::error::ModelError;
use crate::model::Model;
use crate::selection::Selection;
use crate::waveform::Waveform;

/// A current injected into a compartment. Several in one compartment add up.
#[derive(Clone, Debug, PartialEq)]
pub struct Stimulus {
    /// Where.
    pub compartment: usize,
    /// Current, nA; positive depolarises.
    pub waveform: Waveform,
}

impl Model {
    /// Injects a current, nA, into every selected compartment (the whole current into each).
    /// Returns the positions of the stimuli.
    ///
    /// # Errors
    /// A waveform with a number that is not finite, or a negative duration.
    pub fn stimulate(
        &mut self,
        waveform: Waveform,
        selection: &Selection,
    ) -> Result<Range<usize>, ModelError> {
        waveform.check()?;
        let first = self.stimuli.len();
        let compartments = selection.compartments().iter();
        self.stimuli
            .extend(compartments.map(|&compartment| Stimulus {
                compartment,
                waveform: waveform.clone(),
            }));
        self.structure_changed();
        Ok(first..self.stimuli.len())
    }

    /// Takes the stimuli out of the selected compartments.
    pub fn delete_stimuli(&mut self, selection: &Selection) {
        self.stimuli
            .retain(|stimulus| !selection.contains(stimulus.compartment));
        self.structure_changed();
    }
}
