//! Whether the temperature matters, and nobody said which it is.

use std::fmt;

use crate::model::Model;
use crate::quantity::Quantity;
use crate::values::DEFAULT_CELSIUS;

/// Mechanisms that depend on a temperature that was never set.
#[derive(Clone, Debug, PartialEq)]
pub struct UnsetTemperature {
    /// Their names, in order of insertion.
    pub mechanisms: Vec<String>,
    /// The temperature that runs take, °C.
    pub celsius: f64,
}

impl fmt::Display for UnsetTemperature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.mechanisms.iter().map(|n| format!("`{n}`")).collect();
        let (names, depend) = match names.as_slice() {
            [one] => (one.clone(), "depends"),
            [before @ .., last] => (format!("{} and {last}", before.join(", ")), "depend"),
            [] => (String::new(), "depend"),
        };
        let celsius = self.celsius;
        write!(
            f,
            "{names} {depend} on the temperature, which was never set: runs take {celsius} °C"
        )
    }
}

impl Model {
    /// The mechanisms that depend on the temperature, if it was never set and is not trained: runs take
    /// that of the squid's axon then, which is right for few of them. Setting it, also to 6.3 °C, says
    /// that it is meant.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use loligo_mechanism::library;
    /// use loligo_model::Model;
    ///
    /// let mut axon = Model::cylinder(100.0, 1.0, 1)?;
    /// axon.everywhere().insert(Arc::new(library::builtin("hh").expect("is built in")))?;
    /// let unset = axon.unset_temperature().expect("hh depends on it");
    /// assert_eq!(unset.mechanisms, ["hh"]);
    /// axon.set_celsius(6.3)?;
    /// assert_eq!(axon.unset_temperature(), None);
    /// # Ok::<(), loligo_model::ModelError>(())
    /// ```
    pub fn unset_temperature(&self) -> Option<UnsetTemperature> {
        let mut trained = self.trainables.iter();
        let is_known = self.values.celsius.is_some()
            || trained.any(|trainable| trainable.quantity == Quantity::Celsius);
        if is_known {
            return None;
        }
        let inserted = self.insertions.iter().map(|insertion| &insertion.mechanism);
        let dependent = inserted.filter(|mechanism| mechanism.depends_on_temperature());
        let mechanisms: Vec<String> = dependent.map(|mechanism| mechanism.name.clone()).collect();
        (!mechanisms.is_empty()).then_some(UnsetTemperature {
            mechanisms,
            celsius: DEFAULT_CELSIUS,
        })
    }
}
