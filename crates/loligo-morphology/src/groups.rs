//! Groups: the branches of one SWC type, under the name that the field uses for it.

use crate::morphology::Morphology;

/// Name of the group of an SWC type: `undefined`, `soma`, `axon`, `basal`, `apical`, then `custom5`
/// and so on.
pub fn group_name(kind: i32) -> String {
    match kind {
        0 => "undefined".to_string(),
        1 => "soma".to_string(),
        2 => "axon".to_string(),
        3 => "basal".to_string(),
        4 => "apical".to_string(),
        other => format!("custom{other}"),
    }
}

impl Morphology {
    /// The groups that occur, by ascending SWC type, each with the indices of its branches.
    pub fn groups(&self) -> Vec<(String, Vec<usize>)> {
        let mut kinds: Vec<i32> = self.branches.iter().map(|branch| branch.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
            .into_iter()
            .map(|kind| (group_name(kind), self.branches_of_kind(kind)))
            .collect()
    }

    fn branches_of_kind(&self, kind: i32) -> Vec<usize> {
        (0..self.branches.len())
            .filter(|&index| self.branches[index].kind == kind)
            .collect()
    }
}
