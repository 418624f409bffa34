//! The shape of a model: its cells, their branches, their compartments, numbered through.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use loligo_morphology::{Attachment, CompartmentGeometry, Point};

/// Cells that are not connected with each other, one or more.
///
/// Branches and compartments are numbered in the order of the cells; within a cell, branches keep
/// the order of their morphology, and compartments run from a branch's 0 end to its 1 end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// The cells.
    pub cells: Vec<CellShape>,
    /// The branches of all cells, parents before children.
    pub branches: Vec<BranchShape>,
    /// The compartments of all branches, as the morphology has them.
    pub compartments: Vec<CompartmentGeometry>,
}

/// Which branches and compartments belong to a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct CellShape {
    /// Its branches; the first is the root.
    pub branches: Range<usize>,
    /// Its compartments.
    pub compartments: Range<usize>,
}

/// A branch, and how it lies in its cell.
#[derive(Clone, Debug, PartialEq)]
pub struct BranchShape {
    /// Its cell.
    pub cell: usize,
    /// Where its 0 end attaches; `branch` counts through the whole model. `None` for a root.
    pub parent: Option<Attachment>,
    /// Its compartments, from the 0 end to the 1 end.
    pub compartments: Range<usize>,
    /// SWC type: 1 soma, 2 axon, 3 basal, 4 apical, others custom.
    pub kind: i32,
    /// A name to show, such as `apical[3]`.
    pub name: String,
    /// Its points, to draw it.
    pub points: Arc<[Point]>,
}

/// Where a compartment is, in the numbers that users count with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The cell.
    pub cell: usize,
    /// The branch within the cell.
    pub branch: usize,
    /// The compartment within the branch.
    pub compartment: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place {
            cell,
            branch,
            compartment,
        } = self;
        write!(f, "cell {cell}, branch {branch}, compartment {compartment}")
    }
}

impl Shape {
    /// The branch that holds a compartment.
    pub fn branch_of(&self, compartment: usize) -> usize {
        self.branches
            .partition_point(|branch| branch.compartments.end <= compartment)
    }

    /// The cell that holds a compartment.
    pub fn cell_of(&self, compartment: usize) -> usize {
        self.cells
            .partition_point(|cell| cell.compartments.end <= compartment)
    }

    /// Ascending compartments, those of one cell after those of another.
    pub fn by_cell<'c>(&self, compartments: &'c [usize]) -> impl Iterator<Item = &'c [usize]> {
        runs(compartments, |c| {
            self.cells[self.cell_of(c)].compartments.end
        })
    }

    /// Ascending compartments, those of one branch after those of another.
    pub fn by_branch<'c>(&self, compartments: &'c [usize]) -> impl Iterator<Item = &'c [usize]> {
        runs(compartments, |c| {
            self.branches[self.branch_of(c)].compartments.end
        })
    }

    /// Where a compartment is, in numbers that start anew in each cell and branch.
    pub fn place(&self, compartment: usize) -> Place {
        let cell = self.cell_of(compartment);
        let branch = self.branch_of(compartment);
        Place {
            cell,
            branch: branch - self.cells[cell].branches.start,
            compartment: compartment - self.branches[branch].compartments.start,
        }
    }

    /// The compartment of a branch that holds a location from 0 to 1; one that lies exactly
    /// between two compartments belongs to the one nearer to the 0 end.
    pub fn at(&self, branch: usize, location: f64) -> usize {
        let compartments = &self.branches[branch].compartments;
        // the rounding error of `location` must not push it over a boundary
        let position = location * compartments.len() as f64 / (1.0 + 1e-10);
        compartments.start + (position as usize).min(compartments.len() - 1)
    }

    /// The location of the middle of a compartment on its branch, from 0 to 1.
    pub fn location(&self, compartment: usize) -> f64 {
        let branch = &self.branches[self.branch_of(compartment)].compartments;
        ((compartment - branch.start) as f64 + 0.5) / branch.len() as f64
    }
}
/// Cuts ascending compartments behind each part, which ends before `end` of its first one.
fn runs(compartments: &[usize], end: impl Fn(usize) -> usize) -> impl Iterator<Item = &[usize]> {
    let mut left = compartments;
    std::iter::from_fn(move || {
        let end = end(*left.first()?);
        let (run, rest) = left.split_at(left.partition_point(|c| *c < end));
        left = rest;
        Some(run)
    })
}
