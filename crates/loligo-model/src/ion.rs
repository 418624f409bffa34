//! Ions: what mechanisms share through the solution on either side of the membrane.

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

    /// What a number is until it is set, mV or mM: NEURON's defaults. The reversal potential of
    /// calcium is its Nernst potential at 6.3 °C for the default concentrations.
    pub fn default_value(&self, value: IonValue) -> f64 {
        let (reversal, inside, outside) = match self.name.as_str() {
            "na" => (50.0, 10.0, 140.0),
            "k" => (-77.0, 54.4, 2.5),
            "ca" => (12.5 * (2.0_f64 / 5e-5).ln(), 5e-5, 2.0),
            _ => (0.0, 1.0, 1.0),
        };
        match value {
            IonValue::Reversal => reversal,
            IonValue::Inside => inside,
            IonValue::Outside => outside,
        }
    }
}
