//! Groups: compartments under a name, such as `soma` or one that the user made.

use std::collections::BTreeMap;

use crate::error::ModelError;
use crate::model::Model;
use crate::selection::Selection;

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

    pub(crate) fn add(&mut self, name: &str, compartments: impl IntoIterator<Item = usize>) {
        let members = self.members.entry(name.to_string()).or_default();
        for compartment in compartments {
            // most come in ascending order, and then nothing moves
            match members.last() {
                Some(&last) if last >= compartment => {
                    if let Err(position) = members.binary_search(&compartment) {
                        members.insert(position, compartment);
                    }
                }
                _ => members.push(compartment),
            }
        }
    }
}

impl Model {
    /// Puts compartments in a group, made if it does not exist.
    ///
    /// # Errors
    /// An empty name.
    pub fn add_to_group(&mut self, name: &str, selection: &Selection) -> Result<(), ModelError> {
        if name.trim().is_empty() {
            return Err(ModelError::NoName);
        }
        let compartments = selection.compartments();
        self.groups.add(name, compartments.iter().copied());
        Ok(())
    }
}
