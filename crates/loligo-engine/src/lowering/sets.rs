//! Which mechanisms share tapes: compartments with the same ones, of which the same numbers are played, have
//! one code.

use std::collections::{BTreeSet, HashMap};

use loligo_mechanism::membrane::Phases;
use loligo_model::{Model, Quantity, Recorded};

use super::error::LoweringError;
use super::merging::merged;
use super::recording::is_computed;
use crate::code::GroupCode;
use crate::convention::Choices;
use crate::program::Code;

/// What the tapes of a compartment are made of.
#[derive(Clone, PartialEq)]
pub(super) struct MechanismSet {
    /// Mechanisms by their position in the model.
    pub(super) mechanisms: Vec<usize>,
    /// Those of their numbers that are played.
    pub(super) played: Vec<Quantity>,
}

/// Which set of mechanisms each compartment has.
pub(super) struct MechanismSets {
    sets: Vec<MechanismSet>,
    /// For each compartment of the model its set.
    pub(super) of: Vec<usize>,
}

impl MechanismSets {
    pub(super) fn of(model: &Model) -> Self {
        let mut sets: Vec<MechanismSet> = Vec::new();
        let mut played: HashMap<usize, Vec<Quantity>> = HashMap::new();
        for play in model.plays() {
            let mechanism = play.quantity.mechanism();
            if mechanism.is_none_or(|m| !model.insertions()[m].is_synaptic()) {
                played.entry(play.row).or_default().push(play.quantity);
            }
        }
        let of = (0..model.shape().compartments.len())
            .map(|compartment| {
                let present = |i: &usize| model.insertions()[*i].present[compartment];
                let mut played = played.get(&compartment).cloned().unwrap_or_default();
                played.sort_unstable();
                let set = MechanismSet {
                    mechanisms: (0..model.insertions().len()).filter(present).collect(),
                    played,
                };
                sets.iter().position(|s| *s == set).unwrap_or_else(|| {
                    sets.push(set);
                    sets.len() - 1
                })
            })
            .collect();
        MechanismSets { sets, of }
    }

    /// The codes of all sets.
    pub(super) fn codes(
        &self,
        model: &Model,
        choices: Choices,
        phases: &[Phases],
    ) -> Result<Vec<Code>, LoweringError> {
        let mut recorded: Vec<BTreeSet<Recorded>> = vec![BTreeSet::new(); self.sets.len()];
        for recording in model.recordings() {
            if is_computed(recording.what) && !model.is_of_synapse(recording.what) {
                recorded[self.of[recording.compartment]].insert(recording.what);
            }
        }
        self.sets
            .iter()
            .zip(recorded)
            .map(|(set, recorded)| {
                let recorded = recorded.into_iter().collect();
                let merged = merged(model, set, recorded, choices, phases)?;
                merged.code(model, phases, GroupCode::new)
            })
            .collect()
    }
}
