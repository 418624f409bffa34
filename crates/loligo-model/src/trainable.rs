//! Trainables: the numbers that an optimiser may change.

use crate::quantity::Quantity;

/// A quantity that is trained over some compartments.
#[derive(Clone, Debug, PartialEq)]
pub struct Trainable {
    /// What is trained.
    pub quantity: Quantity,
    /// For each trainable number, the compartments that share it.
    pub targets: Vec<Vec<usize>>,
    /// The smallest and the largest value that it may take.
    pub bounds: Option<(f64, f64)>,
    /// What users find it by: `hh.gnabar`.
    pub name: String,
}
