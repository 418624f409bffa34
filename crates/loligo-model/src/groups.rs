//! Groups: compartments under a name, such as `soma` or one that the user made.

use std::collections::BTreeMap;

/// The named groups of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Groups {
    pub(crate) members: BTreeMap<String, Vec<usize>>,
}

impl Groups {
    /// The names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// The compartments of a group, ascending.
    pub fn compartments(&self, name: &str) -> Option<&[usize]> {
        self.members.get(name).map(Vec::as_slice)
    }
}
