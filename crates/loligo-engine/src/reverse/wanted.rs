//! Which derivatives are asked for, and what the tapes must sum for them.

use loligo_model::Quantity;

use crate::block::Block;
use crate::program::{Code, Source};
use crate::vector::Real;

/// Which derivatives are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Places in [`crate::Inputs::values`].
    pub values: Vec<usize>,
    /// The stimuli, at every step.
    pub stimuli: bool,
    /// The command potentials of the clamps, at every step.
    pub clamps: bool,
}

/// What a group's tapes must accumulate to reach the wanted sources.
#[derive(Clone, Debug)]
pub(super) struct GroupPlan {
    /// Sources that something wanted depends on.
    pub(super) sources: Vec<String>,
    /// Invariants of the step that depend on these.
    pub(super) invariants: Vec<String>,
    /// Where each invariant's sums start.
    pub(super) sums: Vec<usize>,
}

pub(super) fn wanted_quantities<T: Real>(block: &Block<T>, wanted: &Wanted) -> Vec<Quantity> {
    let layout = &block.lanes.program.layout;
    let mut quantities: Vec<Quantity> = wanted
        .values
        .iter()
        .filter_map(|index| Some(layout.at(*index)?.0))
        .collect();
    quantities.sort();
    quantities.dedup();
    quantities
}

pub(super) fn plan(code: &Code, quantities: &[Quantity]) -> GroupPlan {
    let has = |quantity: &Quantity| quantities.contains(quantity);
    let stretched = has(&Quantity::Radius) || has(&Quantity::Length);
    let wanted = |source: &Source| match source {
        Source::Value(quantity) => has(quantity),
        Source::Area => stretched,
        Source::Capacitance => stretched || has(&Quantity::Capacitance),
        Source::Diameter => has(&Quantity::Radius),
        Source::Axial | Source::TimeStep | Source::Draw(_) => false,
    };
    let sources: Vec<String> = code
        .sources
        .iter()
        .filter(|(_, source)| wanted(source))
        .map(|(name, _)| name.clone())
        .collect();
    let invariants = code
        .invariants
        .iter()
        .filter(|name| {
            code.sources_of(name)
                .iter()
                .any(|source| sources.contains(source))
        })
        .cloned()
        .collect();
    GroupPlan {
        sources,
        invariants,
        sums: Vec::new(),
    }
}
