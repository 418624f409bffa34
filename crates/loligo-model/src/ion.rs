//! Ions: what mechanisms share through the solution on either side of the membrane.

use loligo_mechanism::surroundings;

use crate::quantity::IonValue;

/// An ion that some mechanism reads or writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ion {
    /// Its name: `na`, `k`, `ca`, …
    pub name: String,
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
