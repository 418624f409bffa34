//! What can be wrong with a morphology, and where.

use thiserror::Error;

/// Why a morphology could not be read, built or cut.
#[derive(Debug, Error)]
pub enum MorphologyError {
    /// The file could not be opened or read.
    #[error("cannot read {file}: {source}")]
    Unreadable {
        /// Path of the file as it was given.
        file: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The text is not a usable SWC file.
    #[error("{file}, line {line}: {fault}")]
    Swc {
        /// Name of the file.
        file: String,
        /// Line at which the fault shows, counted from 1.
        line: usize,
        /// What is wrong there.
        fault: SwcFault,
    },
    /// The text is not a usable Neurolucida file.
    #[error("{file}, line {line}, column {column}: {fault}")]
    Asc {
        /// Name of the file.
        file: String,
        /// Line at which the fault shows, counted from 1.
        line: usize,
        /// Column in it, counted from 1.
        column: usize,
        /// What is wrong there.
        fault: AscFault,
    },
    /// A branch cannot be part of a morphology.
    #[error("branch {branch}: {fault}")]
    Branch {
        /// Index of the branch.
        branch: usize,
        /// What is wrong with it.
        fault: BranchFault,
    },
    /// An option or argument is out of its range.
    #[error("{name} is {value}, expected {expected}")]
    Argument {
        /// Name of the option or argument.
        name: &'static str,
        /// The value that was given.
        value: String,
        /// What is allowed.
        expected: &'static str,
    },
}

impl MorphologyError {
    pub(crate) fn argument(
        name: &'static str,
        value: impl ToString,
        expected: &'static str,
    ) -> Self {
        MorphologyError::Argument {
            name,
            value: value.to_string(),
            expected,
        }
    }

    pub(crate) fn branch(branch: usize, fault: BranchFault) -> Self {
        MorphologyError::Branch { branch, fault }
    }
}

/// What can be wrong at a line of an SWC file.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SwcFault {
    /// A line that is neither empty, nor a comment, nor a point.
    #[error(
        "expected 7 numbers (id, type, x, y, z, radius, parent), found {found} in `{text}`; comments start with #"
    )]
    Columns {
        /// How many columns there are.
        found: usize,
        /// The line, shortened.
        text: String,
    },
    /// A column that is not a finite number.
    #[error("{column} is `{text}`, expected a finite number; is this an SWC file?")]
    Number {
        /// Name of the column.
        column: &'static str,
        /// What stands there.
        text: String,
    },
    /// A column that is not a whole number.
    #[error("{column} is `{text}`, expected a whole number")]
    Integer {
        /// Name of the column.
        column: &'static str,
        /// What stands there.
        text: String,
    },
    /// A file without points.
    #[error("the file has no points; expected lines of id, type, x, y, z, radius, parent")]
    Empty,
    /// Two points with one id.
    #[error("id {id} is already that of the point in line {first_line}; every point needs its own")]
    DuplicateId {
        /// The id.
        id: i64,
        /// Where it stood first.
        first_line: usize,
    },
    /// A parent that is not in the file.
    #[error(
        "the parent of point {id} is {parent}, and the file has no point {parent}; a root has parent -1"
    )]
    MissingParent {
        /// Id of the child.
        id: i64,
        /// Id that it names.
        parent: i64,
    },
    /// Points that are their own ancestors.
    #[error(
        "the parents go round in a circle: {}; one of them must lead to the root",
        chain(ids)
    )]
    Cycle {
        /// Ids along the circle; the first is repeated at the end.
        ids: Vec<i64>,
    },
    /// More than one root.
    #[error(
        "point {id} is another root (parent -1), after point {first} in line {first_line}; {count} in all. A cell has \
         one; `read_swc` can choose one of them (`Roots::Choose(id)`) or connect them (`Roots::Join`)"
    )]
    SeveralRoots {
        /// Id of the second root.
        id: i64,
        /// Id of the first root.
        first: i64,
        /// Line of the first root.
        first_line: usize,
        /// How many roots there are.
        count: usize,
    },
    /// The root that was chosen is not a root of the file.
    #[error(
        "point {id} was chosen as the root, but the roots (parent -1) are {}",
        list(roots)
    )]
    NoSuchRoot {
        /// Id that was chosen.
        id: i64,
        /// Ids of the roots that there are.
        roots: Vec<i64>,
    },
    /// A radius below zero.
    #[error("the radius of point {id} is {radius} µm; it must be positive")]
    NegativeRadius {
        /// Id of the point.
        id: i64,
        /// Its radius, µm.
        radius: f64,
    },
    /// Radii that are zero, without a `min_radius`.
    #[error(
        "the radius of point {id} is 0 ({count} such points in the file); give `read_swc` a `min_radius` (µm), to which \
         it raises every smaller radius"
    )]
    ZeroRadius {
        /// Id of the first such point.
        id: i64,
        /// How many there are.
        count: usize,
    },
    /// An order of ids that NEURON cannot read.
    #[error(
        "the parent of point {id} is {parent}, which comes after it; NEURON's Import3d needs parents with smaller ids"
    )]
    ParentAfterChild {
        /// Id of the child.
        id: i64,
        /// Id of its parent.
        parent: i64,
    },
    /// Points of which no branch can be made: they all coincide, or are so far apart that a
    /// distance overflows.
    #[error("no branch can start with point {id}: {fault}")]
    Branch {
        /// Id of its first point.
        id: i64,
        /// Why not.
        fault: BranchFault,
    },
}

/// What can be wrong at a place in a Neurolucida file.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum AscFault {
    /// A file without a tree and without a soma.
    #[error(
        "the file has neither a tree nor the contour of a cell body; is this a Neurolucida file in text form (.asc)?"
    )]
    Empty,
    /// Something that does not belong where it stands.
    #[error("found {found}, expected {expected}")]
    Unexpected {
        /// What stands there.
        found: String,
        /// What could stand there.
        expected: &'static str,
    },
    /// A parenthesis or an angle bracket that is never closed.
    #[error("this `{bracket}` is never closed")]
    Unclosed {
        /// Which bracket.
        bracket: char,
    },
    /// A quotation mark without its partner in the same line.
    #[error("this quotation mark has no second one in its line")]
    OpenString,
    /// A number that is not finite.
    #[error("`{text}` is too large for a number")]
    Number {
        /// What stands there.
        text: String,
    },
    /// A branch in which no point stands.
    #[error("this branch has no points")]
    NoPoints,
    /// A diameter that is zero, negative or missing.
    #[error("the diameter of this point is {diameter} µm; it must be positive")]
    Diameter {
        /// The fourth number of the point; 0 if there is none.
        diameter: f64,
    },
    /// A contour of a cell body of which no soma can be made.
    #[error("no soma can be made of this contour: {reason}")]
    Contour {
        /// Why not.
        reason: &'static str,
    },
    /// Contours of more than one cell body.
    #[error(
        "this contour is another cell body: it does not overlap the one before it, from line {first_line}; a file has one \
         cell"
    )]
    SeveralSomas {
        /// Line of the first contour of the first cell body.
        first_line: usize,
    },
    /// Several trees, and no cell body that joins them.
    #[error(
        "this tree is the second, after that in line {first_line}, and the file has no contour of a cell body that joins \
         them"
    )]
    SeveralTrees {
        /// Line of the first tree.
        first_line: usize,
    },
    /// Points of which no branch can be made.
    #[error("no branch can start here: {0}")]
    Branch(BranchFault),
}

/// What can be wrong with a branch.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum BranchFault {
    /// Fewer than two points.
    #[error("{found} points, expected at least 2")]
    TooFewPoints {
        /// How many there are.
        found: usize,
    },
    /// A coordinate or radius that is not finite, or a radius that is not positive.
    #[error("point {point} has {quantity} {value}, expected {expected}")]
    Point {
        /// Index of the point in the branch.
        point: usize,
        /// Which number.
        quantity: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// All points coincide.
    #[error("no length: all of its points coincide")]
    NoLength,
    /// A parent that does not come before its child.
    #[error("the parent is branch {parent}, expected a branch before it")]
    ParentAfterChild {
        /// Index of the parent.
        parent: usize,
    },
    /// A second branch without a parent.
    #[error("no parent, expected one: only branch 0 is a root")]
    SecondRoot,
    /// A branch that is no axon, on an axon that a stub is to replace.
    #[error("attached to the axon (branch {axon}), which a stub cannot replace: it would fall off")]
    LeavesAxon {
        /// Index of the axon.
        axon: usize,
    },
    /// The axon to be replaced by a stub is the root.
    #[error("an axon, which a stub cannot replace: everything is attached to it")]
    RootIsAxon,
    /// An attachment outside of the parent.
    #[error("attached at {at} of branch {parent}, expected a number from 0 to 1")]
    AttachedOutside {
        /// Index of the parent.
        parent: usize,
        /// The position that was given.
        at: f64,
    },
}

fn chain(ids: &[i64]) -> String {
    shortened(ids, " → ")
}

fn list(ids: &[i64]) -> String {
    shortened(ids, ", ")
}

/// The ids with a separator; the middle of a long list is left out.
fn shortened(ids: &[i64], separator: &str) -> String {
    let mut words: Vec<String> = ids.iter().map(i64::to_string).collect();
    if words.len() > 8 {
        words.splice(4..words.len() - 3, ["…".to_string()]);
    }
    words.join(separator)
}
