//! The numbers of a model as one flat list, so that gradients need no names.

use loligo_model::{Model, Quantity};

/// Where each number of a model is in the flat list of [`crate::Inputs::values`].
#[derive(Clone, PartialEq, Debug)]
pub struct ValueLayout {
    /// Sorted; each is a column of one place per compartment, or per synapse of its mechanism.
    columns: Vec<Quantity>,
    /// Where each column starts, and where the last one ends.
    starts: Vec<usize>,
    /// What messages call each column; nothing else reads it.
    names: Vec<String>,
}

impl ValueLayout {
    /// The layout of a model's numbers, and of what steps carry on beside them, with its names. States at
    /// t = 0 have a place whether they were set or not.
    pub(crate) fn new(model: &Model, carried: &[(Quantity, String)]) -> Self {
        let mut quantities: Vec<Quantity> = model.values().quantities().collect();
        quantities.push(Quantity::Celsius);
        for (mechanism, insertion) in model.insertions().iter().enumerate() {
            let states = 0..insertion.mechanism.states.len();
            quantities.extend(states.map(|state| Quantity::InitialState { mechanism, state }));
        }
        quantities.extend(carried.iter().map(|(quantity, _)| *quantity));
        quantities.sort();
        quantities.dedup();
        let name = |quantity: Quantity| {
            let own = carried.iter().find(|(of, _)| *of == quantity);
            own.map_or_else(|| model.quantity_name(quantity), |(_, name)| name.clone())
        };
        let mut starts = vec![0];
        for quantity in &quantities {
            starts.push(starts[starts.len() - 1] + model.rows_of(*quantity));
        }
        ValueLayout {
            names: quantities.iter().map(|&quantity| name(quantity)).collect(),
            columns: quantities,
            starts,
        }
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.starts[self.columns.len()]
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of a quantity in a compartment (of the model) or of a synapse (among those of its
    /// mechanism), if the model has the quantity. The temperature has one place for all compartments.
    pub fn index(&self, quantity: Quantity, row: usize) -> Option<usize> {
        let column = self.columns.binary_search(&quantity).ok()?;
        let row = if quantity == Quantity::Celsius {
            0
        } else {
            row
        };
        let place = self.starts[column] + row;
        (place < self.starts[column + 1]).then_some(place)
    }

    /// The quantity at a place, and the compartment or synapse.
    pub fn at(&self, index: usize) -> Option<(Quantity, usize)> {
        let column = self.column(index)?;
        Some((self.columns[column], index - self.starts[column]))
    }

    fn column(&self, index: usize) -> Option<usize> {
        // a column may be empty, and then starts where the next one does
        let column = self.starts.partition_point(|start| *start <= index);
        (index < self.len()).then(|| column - 1)
    }

    /// What the model calls the quantity at a place: `radius`, `hh.gnabar`, `ena`.
    pub fn name(&self, index: usize) -> &str {
        let column = self.column(index);
        column.map_or("", |column| self.names[column].as_str())
    }

    /// A model's numbers in this layout; NaN where there is none, which for an initial state means
    /// the steady state.
    pub fn values(&self, model: &Model) -> Vec<f64> {
        let mut values = vec![f64::NAN; self.len()];
        for (column, &quantity) in self.columns.iter().enumerate() {
            let places = &mut values[self.starts[column]..self.starts[column + 1]];
            match model.values().column(quantity) {
                Some(numbers) => {
                    let there = places.iter_mut().zip(numbers);
                    there.for_each(|(place, number)| *place = number.unwrap_or(f64::NAN));
                }
                // the temperature
                None => places.iter_mut().enumerate().for_each(|(row, place)| {
                    *place = model.values().value(quantity, row).unwrap_or(f64::NAN);
                }),
            }
        }
        values
    }
}
