//! Setting numbers: one for all, one per compartment, or a function of distance.

use loligo_mechanism::mechanism::{Placement, Scope};

use crate::error::ModelError;
use crate::model::Model;
use crate::quantity::{IonValue, Quantity};
use crate::selection::Selection;

/// What a quantity is set to. Made of a number, a list of numbers, a function of the path distance
/// from the soma (µm), or [`SteadyState`].
pub enum Setting<'a> {
    /// One number for all compartments.
    Number(f64),
    /// One number for each selected compartment that has the quantity, in their order.
    PerCompartment(Vec<f64>),
    /// A function of the path distance from the soma, µm ([`Model::distances`]).
    OfDistance(Box<dyn Fn(f64) -> f64 + 'a>),
    /// The state starts at its steady state for the initial voltage.
    SteadyState,
}

/// Lets states start at their steady state for the initial voltage, as they do by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SteadyState;

impl From<f64> for Setting<'_> {
    fn from(number: f64) -> Self {
        Setting::Number(number)
    }
}

impl From<Vec<f64>> for Setting<'_> {
    fn from(numbers: Vec<f64>) -> Self {
        Setting::PerCompartment(numbers)
    }
}

impl From<&[f64]> for Setting<'_> {
    fn from(numbers: &[f64]) -> Self {
        Setting::PerCompartment(numbers.to_vec())
    }
}

impl From<SteadyState> for Setting<'_> {
    fn from(_: SteadyState) -> Self {
        Setting::SteadyState
    }
}

impl<'a, F: Fn(f64) -> f64 + 'a> From<F> for Setting<'a> {
    fn from(of_distance: F) -> Self {
        Setting::OfDistance(Box::new(of_distance))
    }
}

impl Model {
    /// Sets a quantity ([`Model::quantity`] says which there are) in those of the selected
    /// compartments that have it.
    ///
    /// # Errors
    /// A name that stands for nothing; a number that is not finite, not positive where it has to
    /// be, or outside of the limits that the mechanism declares; a list of the wrong length;
    /// different numbers for what the whole model shares; no compartment that has it.
    pub fn set<'a>(
        &mut self,
        name: &str,
        setting: impl Into<Setting<'a>>,
        selection: &Selection,
    ) -> Result<(), ModelError> {
        let quantity = self.quantity(name)?;
        let rows = self.rows(quantity, selection)?;
        self.set_rows(quantity, setting.into(), &rows)
    }

    /// Sets rows that have the quantity.
    pub(crate) fn set_rows(
        &mut self,
        quantity: Quantity,
        setting: Setting<'_>,
        rows: &[usize],
    ) -> Result<(), ModelError> {
        match setting {
            Setting::SteadyState => self.set_steady(quantity, rows),
            Setting::Number(number) => self.put(quantity, rows, &vec![number; rows.len()]),
            Setting::OfDistance(function) => {
                let distances = self.distances();
                let at = |&row: &usize| function(distances[self.compartment_of(quantity, row)]);
                let numbers: Vec<f64> = rows.iter().map(at).collect();
                self.put(quantity, rows, &numbers)
            }
            Setting::PerCompartment(numbers) if numbers.len() != rows.len() => {
                Err(ModelError::WrongLength {
                    name: self.quantity_name(quantity),
                    given: numbers.len(),
                    expected: rows.len(),
                })
            }
            Setting::PerCompartment(numbers) => self.put(quantity, rows, &numbers),
        }
    }

    /// Sets the temperature, °C.
    ///
    /// # Errors
    /// A number that is not finite, or below absolute zero.
    pub fn set_celsius(&mut self, celsius: f64) -> Result<(), ModelError> {
        self.set("celsius", celsius, &self.everything())
    }

    /// The selected compartments that have a quantity; of a synaptic mechanism the synapses onto them.
    pub(crate) fn rows(
        &self,
        quantity: Quantity,
        selection: &Selection,
    ) -> Result<Vec<usize>, ModelError> {
        let synaptic = |m: &usize| self.insertions[*m].is_synaptic();
        let having = match quantity.mechanism().filter(synaptic) {
            _ if quantity.is_of_connections() => {
                let mechanism = quantity.mechanism().into_iter();
                let onto = mechanism.map(|mechanism| self.connections_onto(mechanism, selection));
                onto.flatten().collect()
            }
            Some(mechanism) => self.synapses_onto(mechanism, selection),
            None => {
                let having = selection.filter(|c| self.has(quantity, c));
                having.compartments().to_vec()
            }
        };
        match having.is_empty() {
            false => Ok(having),
            true => {
                let first = selection.compartments().first().copied().unwrap_or(0);
                Err(ModelError::Absent {
                    name: self.quantity_name(quantity),
                    place: self.shape.place(first),
                    reason: self.why_absent(quantity),
                })
            }
        }
    }

    fn why_absent(&self, quantity: Quantity) -> String {
        match quantity {
            Quantity::Ion { .. } | Quantity::Common { .. } => {
                "no mechanism there uses it".to_string()
            }
            _ => {
                let mechanism = quantity.mechanism().map(|m| &self.insertions[m].mechanism);
                let name = mechanism.map_or("", |mechanism| &mechanism.name);
                match mechanism.map(|mechanism| mechanism.placement) {
                    Some(Placement::Synapse) => format!("no synapse `{name}` is onto it"),
                    _ => format!("`{name}` is not inserted there"),
                }
            }
        }
    }

    fn has(&self, quantity: Quantity, compartment: usize) -> bool {
        match quantity.mechanism() {
            Some(mechanism) => self.insertions[mechanism].present[compartment],
            None => self.values.value(quantity, compartment).is_some(),
        }
    }

    /// Writes numbers into rows that have the quantity, all or none of them.
    pub(crate) fn put(
        &mut self,
        quantity: Quantity,
        rows: &[usize],
        numbers: &[f64],
    ) -> Result<(), ModelError> {
        for (&row, &number) in rows.iter().zip(numbers) {
            self.check(quantity, row, number)?;
        }
        if self.is_shared_by_all(quantity) {
            let everywhere = self.rows(quantity, &self.everything())?.len();
            if rows.len() < everywhere || numbers.windows(2).any(|pair| pair[0] != pair[1]) {
                return Err(ModelError::NotUniform {
                    name: self.quantity_name(quantity),
                });
            }
        }
        if quantity == Quantity::Celsius {
            self.values.celsius = numbers.first().copied();
        } else {
            let steady = |&row: &usize| self.values.value(quantity, row).is_none();
            let was_steady = rows.iter().any(steady);
            let all = self.rows_of(quantity);
            for (&row, &number) in rows.iter().zip(numbers) {
                self.values.put(quantity, row, number, all);
            }
            if was_steady {
                self.structure_changed();
            }
        }
        self.value_changed();
        Ok(())
    }

    fn set_steady(&mut self, quantity: Quantity, rows: &[usize]) -> Result<(), ModelError> {
        let name = self.quantity_name(quantity);
        if !matches!(quantity, Quantity::InitialState { .. }) {
            return Err(ModelError::NotAState { name });
        }
        let trained = self.trained(quantity);
        if let Some(&row) = rows.iter().find(|row| trained[**row]) {
            return Err(ModelError::NoNumber {
                name,
                place: self.place_of(quantity, row),
            });
        }
        for &row in rows {
            self.values.clear(quantity, row);
        }
        self.structure_changed();
        Ok(())
    }

    /// Whether there is one number for the whole model.
    pub(crate) fn is_shared_by_all(&self, quantity: Quantity) -> bool {
        match quantity {
            Quantity::Celsius => true,
            Quantity::Parameter {
                mechanism,
                parameter,
            } => {
                let mechanism = &self.insertions[mechanism].mechanism;
                mechanism.parameters[parameter].scope == Scope::Global
            }
            _ => false,
        }
    }

    /// That a quantity can be this number.
    pub(crate) fn check(
        &self,
        quantity: Quantity,
        row: usize,
        number: f64,
    ) -> Result<(), ModelError> {
        let expected = match quantity {
            _ if !number.is_finite() => Some("a finite number".to_string()),
            Quantity::Radius | Quantity::Length if number <= 0.0 => {
                Some("a positive number of µm".to_string())
            }
            Quantity::AxialResistivity if number <= 0.0 => {
                Some("a positive number of Ω·cm".to_string())
            }
            Quantity::Capacitance if number <= 0.0 => {
                Some("a positive number of µF/cm²".to_string())
            }
            Quantity::Celsius if number < -273.15 => {
                Some("a temperature above −273.15 °C".to_string())
            }
            Quantity::Ion {
                value: IonValue::Inside | IonValue::Outside,
                ..
            } if number < 0.0 => Some("0 or more mM".to_string()),
            Quantity::Delay { .. } if number < 0.0 => Some("0 or more ms".to_string()),
            Quantity::Parameter {
                mechanism,
                parameter,
            } => {
                let declared = &self.insertions[mechanism].mechanism.parameters[parameter];
                match declared.limits {
                    Some((low, high)) if !(low..=high).contains(&number) => {
                        let units = &declared.units;
                        let limits = format!("{low} to {high} {units}");
                        Some(format!("{} (declared by the mechanism)", limits.trim_end()))
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        match expected {
            None => Ok(()),
            Some(expected) => Err(ModelError::BadValue {
                name: self.quantity_name(quantity),
                place: self.place_of(quantity, row),
                value: number,
                expected,
            }),
        }
    }
}
