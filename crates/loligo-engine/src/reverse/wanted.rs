//! Which derivatives are asked for, and what the tapes must sum for them.

use std::collections::BTreeSet;

use loligo_model::Quantity;

use crate::program::{Code, Program, Source};

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
    /// Their positions among all.
    pub(super) positions: Vec<usize>,
    /// Where each invariant's sums start.
    pub(super) sums: Vec<usize>,
}

/// Of which quantities of the model derivatives are asked for, found once for all blocks.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(super) quantities: BTreeSet<Quantity>,
    pub(super) stimuli: bool,
    pub(super) clamps: bool,
}

impl Asked {
    pub(crate) fn new(program: &Program, wanted: &Wanted) -> Self {
        let quantity = |index: &usize| Some(program.layout.at(*index)?.0);
        Asked {
            quantities: wanted.values.iter().filter_map(quantity).collect(),
            stimuli: wanted.stimuli,
            clamps: wanted.clamps,
        }
    }
}

impl Asked {
    /// Whether derivatives by a quantity are asked for.
    pub(crate) fn has(&self, quantity: Quantity) -> bool {
        self.quantities.contains(&quantity)
    }
}

pub(super) fn plan(code: &Code, asked: &Asked) -> GroupPlan {
    let quantities = &asked.quantities;
    let has = |quantity: &Quantity| quantities.contains(quantity);
    let stretched = has(&Quantity::Radius) || has(&Quantity::Length);
    let wanted = |source: &Source| match source {
        // samples at t = 0 are what INITIAL reads
        Source::Value(quantity) => {
            has(quantity) || (asked.stimuli && code.played.contains(quantity))
        }
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
    let depends = |name: &String| {
        let mut of = code.sources_of(name).into_iter();
        of.any(|source| sources.contains(&source))
    };
    let invariants = code.invariants.iter().enumerate();
    let (positions, invariants) = invariants
        .filter(|(_, name)| depends(name))
        .map(|(position, name)| (position, name.clone()))
        .unzip();
    GroupPlan {
        sources,
        invariants,
        positions,
        sums: Vec::new(),
    }
}
