//! Playing: numbers of mechanisms and ions that follow a waveform instead of staying what they are set to.

use std::ops::Range;

use crate::error::ModelError;
use crate::model::Model;
use crate::quantity::Quantity;
use crate::selection::Selection;
use crate::synapse::SynapseSelection;
use crate::waveform::Waveform;

/// A number that follows a waveform during a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Play {
    /// What is played: a parameter of a mechanism, or a number of an ion.
    pub quantity: Quantity,
    /// Where: a compartment, or the number of the synapse.
    pub row: usize,
    /// In the units of the quantity.
    pub waveform: Waveform,
}

impl Model {
    /// Lets a quantity follow a waveform in those of the selected compartments that have it; what it is set to
    /// stays, but is not read there. Returns the positions of the plays.
    ///
    /// ```
    /// use loligo_mechanism::builder::MechanismBuilder;
    /// use loligo_model::{Model, Waveform};
    ///
    /// let leak = MechanismBuilder::new("leak")
    ///     .parameter("g", 1e-3, "S/cm2")
    ///     .current("i", |m| m.get("g") * (m.v() + 70.0))
    ///     .build()?;
    /// let mut soma = Model::cylinder(20.0, 10.0, 1)?;
    /// soma.insert(leak, &soma.everything())?;
    /// soma.play("leak.g", Waveform::step(5.0, 1.0, 2e-3), &soma.everything())?;
    /// assert_eq!(soma.plays().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A name that stands for nothing, or for what cannot be played; a compartment without it, or in which it is
    /// played or trained already; part of what has one value for the whole model; a waveform with a number that the
    /// quantity cannot be.
    pub fn play(
        &mut self,
        name: &str,
        waveform: Waveform,
        selection: &Selection,
    ) -> Result<Range<usize>, ModelError> {
        let quantity = self.quantity(name)?;
        self.check_playable(quantity)?;
        let rows = self.rows(quantity, selection)?;
        self.play_rows(quantity, &waveform, &rows)
    }

    /// The same of a number of synapses.
    ///
    /// # Errors
    /// As for [`Model::play`]; a quantity of another mechanism.
    pub fn play_synapses(
        &mut self,
        name: &str,
        waveform: Waveform,
        synapses: &SynapseSelection,
    ) -> Result<Range<usize>, ModelError> {
        let quantity = self.synaptic_quantity(name, synapses)?;
        self.check_playable(quantity)?;
        self.play_rows(quantity, &waveform, &synapses.synapses)
    }

    /// What is played.
    pub fn plays(&self) -> &[Play] {
        &self.plays
    }

    /// Takes what is played out of the selected compartments, and out of synapses onto them.
    pub fn delete_plays(&mut self, selection: &Selection) {
        let mut plays = std::mem::take(&mut self.plays);
        plays.retain(|play| !selection.contains(self.compartment_of(play.quantity, play.row)));
        self.plays = plays;
        self.structure_changed();
    }

    /// For each row of a quantity whether it is played.
    pub(crate) fn played(&self, quantity: Quantity) -> Vec<bool> {
        let mut played = vec![false; self.rows_of(quantity)];
        for play in self.plays.iter().filter(|play| play.quantity == quantity) {
            played[play.row] = true;
        }
        played
    }

    /// That a quantity can be what a waveform goes through in some rows, compartments or synapses, as [`Model::play`]
    /// asks of what is played; for samples that only a run plays.
    ///
    /// # Errors
    /// A name that stands for nothing; a number that the quantity cannot be.
    pub fn check_waveform(
        &self,
        name: &str,
        waveform: &Waveform,
        rows: &[usize],
    ) -> Result<(), ModelError> {
        let quantity = self.quantity(name)?;
        let mut rows = rows.iter();
        rows.try_for_each(|&row| self.check_in_row(quantity, waveform, row))
    }

    fn check_in_row(
        &self,
        quantity: Quantity,
        waveform: &Waveform,
        row: usize,
    ) -> Result<(), ModelError> {
        let mut numbers = waveform.extremes().into_iter();
        numbers.try_for_each(|number| self.check(quantity, row, number))
    }

    fn check_playable(&self, quantity: Quantity) -> Result<(), ModelError> {
        match quantity {
            Quantity::Parameter { .. } | Quantity::Ion { .. } | Quantity::Common { .. } => Ok(()),
            _ => Err(ModelError::NotPlayable {
                name: self.quantity_name(quantity),
                reason: why_not(quantity),
            }),
        }
    }

    fn play_rows(
        &mut self,
        quantity: Quantity,
        waveform: &Waveform,
        rows: &[usize],
    ) -> Result<Range<usize>, ModelError> {
        waveform.check()?;
        let name = self.quantity_name(quantity);
        let (played, trained) = (self.played(quantity), self.trained(quantity));
        for &row in rows {
            let place = self.place_of(quantity, row);
            if played[row] {
                return Err(ModelError::AlreadyPlayed { name, place });
            }
            if trained[row] {
                return Err(ModelError::PlayedAndTrained { name, place });
            }
            self.check_in_row(quantity, waveform, row)?;
        }
        if self.is_shared_by_all(quantity)
            && rows.len() < self.rows(quantity, &self.everything())?.len()
        {
            return Err(ModelError::NotUniform { name });
        }
        let first = self.plays.len();
        self.plays.extend(rows.iter().map(|&row| Play {
            quantity,
            row,
            waveform: waveform.clone(),
        }));
        self.structure_changed();
        Ok(first..self.plays.len())
    }
}

fn why_not(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::InitialVoltage => "it is the voltage, which a clamp holds",
        Quantity::InitialState { .. } => "it is a state, which the mechanism itself moves",
        Quantity::Argument { .. } | Quantity::Delay { .. } => "it belongs to connections",
        _ => "it belongs to the cable",
    }
}
