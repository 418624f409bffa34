//! The numbers of a model as one flat list, so that gradients need no names.

use loligo_model::{Model, Quantity};

/// Where each number of a model is in the flat list of [`crate::Inputs::values`].
#[derive(Clone, PartialEq, Debug)]
pub struct ValueLayout {
    /// Sorted; each is a column of one place per compartment.
    columns: Vec<Quantity>,
    /// What messages call each column; nothing else reads it.
    names: Vec<String>,
    compartments: usize,
}

impl ValueLayout {
    /// The layout of a model's numbers; initial states have a place whether they were set or not.
    pub fn new(model: &Model) -> Self {
        let mut quantities: Vec<Quantity> = model.values().quantities().collect();
        quantities.push(Quantity::Celsius);
        for (mechanism, insertion) in model.insertions().iter().enumerate() {
            let states = 0..insertion.mechanism.states.len();
            quantities.extend(states.map(|state| Quantity::InitialState { mechanism, state }));
        }
        quantities.sort();
        quantities.dedup();
        ValueLayout {
            names: quantities.iter().map(|&q| model.quantity_name(q)).collect(),
            columns: quantities,
            compartments: model.shape().compartments.len(),
        }
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.columns.len() * self.compartments
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of a quantity in a compartment (of the model), if the model has the quantity.
    /// The temperature has one place for all compartments.
    pub fn index(&self, quantity: Quantity, compartment: usize) -> Option<usize> {
        let column = self.columns.binary_search(&quantity).ok()?;
        let row = if quantity == Quantity::Celsius {
            0
        } else {
            compartment
        };
        (row < self.compartments).then_some(column * self.compartments + row)
    }

    /// The quantity and the compartment at a place.
    pub fn at(&self, index: usize) -> Option<(Quantity, usize)> {
        let quantity = *self.columns.get(index / self.compartments)?;
        Some((quantity, index % self.compartments))
    }

    /// What the model calls the quantity at a place: `radius`, `hh.gnabar`, `ena`.
    pub(crate) fn name(&self, index: usize) -> &str {
        let column = self.names.get(index / self.compartments);
        column.map_or("", String::as_str)
    }

    /// A model's numbers in this layout; NaN where there is none, which for an initial state means
    /// the steady state.
    pub fn values(&self, model: &Model) -> Vec<f64> {
        let mut values = vec![f64::NAN; self.len()];
        for (column, &quantity) in self.columns.iter().enumerate() {
            for compartment in 0..self.compartments {
                if let Some(value) = model.values().value(quantity, compartment) {
                    values[column * self.compartments + compartment] = value;
                }
            }
        }
        values
    }
}
