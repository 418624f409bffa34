//! Selections: sets of compartments that verbs apply to.

/// Compartments of a model, and how they share a trainable number.
///
/// A plain value: it stays valid as long as the model's shape does, which is for ever.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Selection {
    compartments: Vec<usize>,
    sharing: Sharing,
}

/// Which compartments of a selection share one trainable number; the last selector decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sharing {
    /// One number for all (after everything, a group, a mechanism).
    Shared,
    /// One per cell (after a choice of cells).
    PerCell,
    /// One per branch (after a choice of branches).
    PerBranch,
    /// One per compartment (after a choice of compartments or locations).
    PerCompartment,
}

impl Selection {
    pub(crate) fn new(mut compartments: Vec<usize>, sharing: Sharing) -> Self {
        compartments.sort_unstable();
        compartments.dedup();
        Selection {
            compartments,
            sharing,
        }
    }

    /// The compartments, counted through the whole model, ascending.
    pub fn compartments(&self) -> &[usize] {
        &self.compartments
    }

    /// How they share a trainable number.
    pub fn sharing(&self) -> Sharing {
        self.sharing
    }

    /// How many compartments.
    pub fn len(&self) -> usize {
        self.compartments.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.compartments.is_empty()
    }

    /// Whether a compartment is in it.
    pub fn contains(&self, compartment: usize) -> bool {
        self.compartments.binary_search(&compartment).is_ok()
    }

    /// The same compartments that share otherwise.
    pub fn with_sharing(self, sharing: Sharing) -> Self {
        Selection { sharing, ..self }
    }

    /// What is in either; shares as this one does.
    pub fn union(&self, other: &Selection) -> Self {
        let both = self.compartments.iter().chain(&other.compartments);
        Selection::new(both.copied().collect(), self.sharing)
    }

    /// What is in both; shares as this one does.
    pub fn intersection(&self, other: &Selection) -> Self {
        self.filter(|compartment| other.contains(compartment))
    }

    /// What is in this one and not in the other; shares as this one does.
    pub fn difference(&self, other: &Selection) -> Self {
        self.filter(|compartment| !other.contains(compartment))
    }

    pub(crate) fn filter(&self, keep: impl Fn(usize) -> bool) -> Self {
        let kept = self.compartments.iter().copied().filter(|&c| keep(c));
        Selection {
            compartments: kept.collect(),
            sharing: self.sharing,
        }
    }
}
