//! Insertions: which mechanism sits in which compartments.

use std::sync::Arc;

use loligo_mechanism::Mechanism;

/// A mechanism and where it is.
#[derive(Clone, Debug)]
pub struct Insertion {
    /// The mechanism.
    pub mechanism: Arc<Mechanism>,
    /// For every compartment of the model, whether it is there.
    pub present: Vec<bool>,
}
