//! Ions: what mechanisms share through the solution on either side of the membrane.

use std::sync::Arc;

use loligo_mechanism::membrane::Reversal;
use loligo_mechanism::surroundings;

use crate::error::ModelError;
use crate::model::Model;
use crate::names::nearest;
use crate::quantity::IonValue;

/// An ion that some mechanism reads or writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ion {
    /// Its name: `na`, `k`, `ca`, …
    pub name: String,
    /// What its reversal potential is where no mechanism writes it.
    pub reversal: Reversal,
}

impl Model {
    /// Chooses what the reversal potential of an ion is, in all compartments whose mechanisms do not
    /// write it (NEURON's `ion_style`): as mechanisms make it, what was given, or the Nernst potential of
    /// the concentrations at t = 0 or in every step.
    ///
    /// ```
    /// use loligo_mechanism::library;
    /// use loligo_model::{Model, Reversal};
    ///
    /// let mut axon = Model::cylinder(100.0, 1.0, 1)?;
    /// axon.everywhere().insert(library::builtin("hh").expect("is built in"))?;
    /// axon.set_reversal("k", Reversal::EveryStep)?;
    /// axon.everywhere().set("ko", 8.0)?;
    /// # Ok::<(), loligo_model::ModelError>(())
    /// ```
    ///
    /// # Errors
    /// An ion that no mechanism of the model uses.
    pub fn set_reversal(&mut self, ion: &str, reversal: Reversal) -> Result<(), ModelError> {
        let Some(position) = self.ions.iter().position(|known| known.name == ion) else {
            let known = self.ions.iter().map(|known| known.name.as_str());
            return Err(ModelError::UnknownName {
                what: "ion",
                name: ion.to_string(),
                nearest: nearest(ion, known),
            });
        };
        self.ions[position].reversal = reversal;
        // the Nernst potential takes numbers that no mechanism may have asked for
        for index in 0..self.insertions.len() {
            let insertion = &self.insertions[index];
            let (mechanism, present) = (&insertion.mechanism, &insertion.present);
            let there: Vec<usize> = (0..present.len()).filter(|c| present[*c]).collect();
            let mechanism = Arc::clone(mechanism);
            for compartment in there {
                self.put_shared_numbers(&mechanism, compartment);
            }
        }
        self.structure_changed();
        Ok(())
    }
}

impl Ion {
    /// The symbol of one of its numbers: `ena`, `nai`, `nao`.
    pub fn symbol(&self, value: IonValue) -> String {
        match value {
            IonValue::Reversal => format!("e{}", self.name),
            IonValue::Inside => format!("{}i", self.name),
            IonValue::Outside => format!("{}o", self.name),
        }
    }

    /// The symbol of its current: `ina`.
    pub fn current(&self) -> String {
        format!("i{}", self.name)
    }

    /// Which of its numbers a symbol names.
    pub fn value_named(&self, symbol: &str) -> Option<IonValue> {
        IonValue::ALL
            .into_iter()
            .find(|&value| self.symbol(value) == symbol)
    }

    /// What can be recorded of it.
    pub(crate) fn recordables(&self) -> impl Iterator<Item = String> + '_ {
        let numbers = IonValue::ALL.map(|value| self.symbol(value));
        numbers.into_iter().chain([self.current()])
    }

    /// What a number is until it is set, mV or mM ([`surroundings::ion`]).
    pub fn default_value(&self, value: IonValue) -> f64 {
        let numbers = surroundings::ion(&self.name);
        match value {
            IonValue::Reversal => numbers.reversal,
            IonValue::Inside => numbers.inside,
            IonValue::Outside => numbers.outside,
        }
    }
}
