//! A morphology: a tree of branches.

use crate::branch::Branch;
use crate::error::{BranchFault, MorphologyError};
use crate::groups::group_name;
use std::collections::HashMap;
use std::fmt;

/// The shape of a cell: branches, each after its parent; branch 0 is the root.
#[derive(Debug, Clone, PartialEq)]
pub struct Morphology {
    /// Where it comes from, such as the name of a file; shown in messages.
    pub name: String,
    /// The branches, parents before children.
    pub branches: Vec<Branch>,
    /// What the reader had to change or leave out.
    pub notes: Vec<Note>,
}

/// Something that a reader had to decide, and that the user may want to know.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// A branch without length was left out; what attached to it attaches to its parent.
    BranchWithoutLength {
        /// Line of its first own point in the file.
        line: usize,
    },
    /// A tree begins outside of the soma, and was connected to its middle.
    OutsideSoma {
        /// Line of its first point in the file.
        line: usize,
    },
    /// Contours of a Neurolucida file that are of no cell body were left out.
    LeftOutContours {
        /// How many.
        count: usize,
    },
    /// Radii below `min_radius` were raised to it.
    RaisedRadii {
        /// How many points.
        count: usize,
        /// The radius that they have now, µm.
        radius: f64,
    },
    /// Points of other roots were left out.
    LeftOutRoots {
        /// How many points.
        points: usize,
    },
    /// The file's root is not a soma point; the tree was turned so that it starts at the soma.
    TurnedToSoma {
        /// Id of the soma point at which it starts.
        id: i64,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::BranchWithoutLength { line } => {
                write!(
                    f,
                    "line {line}: left out a branch without length; its children attach to its parent"
                )
            }
            Note::OutsideSoma { line } => {
                write!(
                    f,
                    "line {line}: this tree begins outside of the soma; it is connected to the middle of it"
                )
            }
            Note::LeftOutContours { count } => {
                write!(f, "left out {count} contours that are of no cell body")
            }
            Note::RaisedRadii { count, radius } => {
                write!(f, "raised the radius of {count} points to {radius} µm")
            }
            Note::LeftOutRoots { points } => {
                write!(f, "left out {points} points that belong to other roots")
            }
            Note::TurnedToSoma { id } => {
                write!(f, "turned the tree so that it starts at soma point {id}")
            }
        }
    }
}

impl Morphology {
    /// A morphology of branches, parents before children; names that are empty are filled in from
    /// the groups.
    ///
    /// # Errors
    /// [`MorphologyError::Branch`] if there is no branch, a second root, a parent after its child,
    /// or an attachment outside of the parent.
    pub fn new(name: impl Into<String>, branches: Vec<Branch>) -> Result<Self, MorphologyError> {
        if branches.is_empty() {
            return Err(MorphologyError::argument(
                "the number of branches",
                0,
                "at least 1",
            ));
        }
        for (index, branch) in branches.iter().enumerate() {
            check_attachment(index, branch)
                .map_err(|fault| MorphologyError::branch(index, fault))?;
        }
        let mut morphology = Morphology {
            name: name.into(),
            branches,
            notes: Vec::new(),
        };
        morphology.name_branches();
        Ok(morphology)
    }

    fn name_branches(&mut self) {
        let mut counters: HashMap<i32, usize> = HashMap::new();
        for branch in &mut self.branches {
            let counter = counters.entry(branch.kind).or_default();
            if branch.name.is_empty() {
                branch.name = format!("{}[{counter}]", group_name(branch.kind));
            }
            *counter += 1;
        }
    }

    /// For every branch, the branches that attach to it, in ascending order.
    pub fn children(&self) -> Vec<Vec<usize>> {
        let mut children = vec![Vec::new(); self.branches.len()];
        for (index, branch) in self.branches.iter().enumerate() {
            if let Some(parent) = branch.parent {
                children[parent.branch].push(index);
            }
        }
        children
    }
}

fn check_attachment(index: usize, branch: &Branch) -> Result<(), BranchFault> {
    match branch.parent {
        None if index > 0 => Err(BranchFault::SecondRoot),
        Some(parent) if parent.branch >= index => Err(BranchFault::ParentAfterChild {
            parent: parent.branch,
        }),
        Some(parent) if !(0.0..=1.0).contains(&parent.at) => Err(BranchFault::AttachedOutside {
            parent: parent.branch,
            at: parent.at,
        }),
        _ => Ok(()),
    }
}
