//! A number for every quantity and compartment.

use std::collections::BTreeMap;
use std::ops::Range;

use loligo_mechanism::surroundings;

use crate::quantity::Quantity;

/// Axial resistivity until it is set, Ω·cm.
pub(crate) const DEFAULT_AXIAL_RESISTIVITY: f64 = surroundings::AXIAL_RESISTIVITY;

/// Membrane capacitance until it is set, µF/cm².
pub(crate) const DEFAULT_CAPACITANCE: f64 = surroundings::CAPACITANCE;

/// Initial voltage until it is set, mV.
pub(crate) const DEFAULT_VOLTAGE: f64 = surroundings::VOLTAGE;

/// Temperature until it is set, °C.
pub(crate) const DEFAULT_CELSIUS: f64 = surroundings::CELSIUS;

/// A column of numbers for each quantity, one row per compartment; for those of synaptic mechanisms
/// one row per synapse.
///
/// A row without a number means that the compartment lacks what the quantity belongs to, or, for
/// an initial state, that the state starts at its steady state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    pub(crate) celsius: Option<f64>,
    pub(crate) columns: BTreeMap<Quantity, Vec<Option<f64>>>,
}

impl Values {
    /// The number of a quantity in a compartment, if there is one.
    pub fn value(&self, quantity: Quantity, compartment: usize) -> Option<f64> {
        match quantity {
            Quantity::Celsius => Some(self.celsius.unwrap_or(DEFAULT_CELSIUS)),
            _ => *self.columns.get(&quantity)?.get(compartment)?,
        }
    }

    /// The temperature, °C, if it was set.
    pub fn celsius(&self) -> Option<f64> {
        self.celsius
    }

    /// The quantities that have a number somewhere, `Celsius` aside.
    pub fn quantities(&self) -> impl Iterator<Item = Quantity> + '_ {
        self.columns.keys().copied()
    }

    /// The column of a quantity, by compartment; `None` if no compartment has a number.
    pub fn column(&self, quantity: Quantity) -> Option<&[Option<f64>]> {
        self.columns.get(&quantity).map(Vec::as_slice)
    }

    /// Puts a number into a row, of so many that the quantity has.
    pub(crate) fn put(&mut self, quantity: Quantity, row: usize, value: f64, rows: usize) {
        let column = self.columns.entry(quantity).or_default();
        column.resize(rows, None);
        column[row] = Some(value);
    }

    /// Gives new rows at the end of a column this number, or none.
    pub(crate) fn extend(&mut self, quantity: Quantity, new: Range<usize>, value: Option<f64>) {
        if value.is_none() && !self.columns.contains_key(&quantity) {
            return;
        }
        let column = self.columns.entry(quantity).or_default();
        column.resize(new.start, None);
        column.resize(new.end, value);
    }

    /// Keeps those rows of a column for which there is a yes; they move together.
    pub(crate) fn retain(&mut self, quantity: Quantity, stays: &[bool]) {
        if let Some(column) = self.columns.get_mut(&quantity) {
            let mut stays = stays.iter();
            column.retain(|_| stays.next().is_none_or(|stays| *stays));
            if column.iter().all(Option::is_none) {
                self.columns.remove(&quantity);
            }
        }
    }

    pub(crate) fn clear(&mut self, quantity: Quantity, compartment: usize) {
        if let Some(column) = self.columns.get_mut(&quantity) {
            column[compartment] = None;
            if column.iter().all(Option::is_none) {
                self.columns.remove(&quantity);
            }
        }
    }
}
