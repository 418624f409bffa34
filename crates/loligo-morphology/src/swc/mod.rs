//! Reads SWC files: from text to lines ([`syntax`]), to a tree of points ([`tree`]), to branches
//! ([`branches`]).
//!
//! What the reader decides where the format leaves it open:
//!
//! - **Branches** are cut at branch points and where the type changes. They are numbered depth first
//!   from the root, children in ascending order of their first point's id; so the soma is branch 0. On
//!   every cell in `data/` these are Jaxley's numbers; they differ where Jaxley starts at a tip instead
//!   of the soma, and where it cuts a soma. If the file's root is not a soma point, and there is a soma,
//!   the tree is turned to start there (a [`Note`](crate::Note) says so).
//! - **A one-point soma** is a cylinder of length 2r and radius r, which has the area of the
//!   sphere, 4πr²; its volume is the sphere's, 4πr³/3, which is less. NeuroMorpho's three-point soma
//!   (a centre, and two points at a distance of r on either side) is the cylinder, volume and all.
//!   What attaches to either attaches to its middle, and starts with its own first point: the way
//!   through the soma is not part of a dendrite.
//! - **A soma of several points** is a chain of frusta. Dendrites that leave from inside of the
//!   chain do not cut it; they attach there (`Attachment::at` between 0 and 1) and start with their
//!   own first point. Dendrites that leave from an end of the chain start at that end, with the
//!   radius of their own first point. An outline of a soma is not recognised as such: its points
//!   are taken as a chain, too.
//! - **Other branches** start at the parent's last point, with its radius: the cable is continuous.

mod branches;
mod print;
mod soma;
mod syntax;
mod tree;

pub(crate) use syntax::{Fault, Record, records};
pub(crate) use tree::{SOMA, parent_indices};

use crate::error::MorphologyError;
use crate::morphology::Morphology;
use std::path::Path;

/// What to do about files that can be read in more than one way. The default changes nothing and
/// takes no guess.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SwcOptions {
    /// Radii below this are raised to it, µm. Files with radii of zero need it.
    pub min_radius: Option<f64>,
    /// Branches longer than this are cut into the fewest equal pieces that are not, µm.
    pub max_branch_len: Option<f64>,
    /// What to do with several roots.
    pub roots: Roots,
}

/// What to do with a file that has several roots (points with parent −1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Roots {
    /// Several roots are an error.
    #[default]
    Single,
    /// Read the tree of the root with this id, leave out the others.
    Choose(i64),
    /// Connect every further root, in the order of ids, to the nearest point of what is connected
    /// already.
    Join,
}

impl SwcOptions {
    fn check(&self) -> Result<(), MorphologyError> {
        for (name, value) in [
            ("min_radius", self.min_radius),
            ("max_branch_len", self.max_branch_len),
        ] {
            if let Some(value) = value.filter(|value| !(value.is_finite() && *value > 0.0)) {
                return Err(MorphologyError::argument(
                    name,
                    value,
                    "a positive number of µm",
                ));
            }
        }
        Ok(())
    }
}

impl Morphology {
    /// Reads an SWC file.
    ///
    /// # Errors
    /// [`MorphologyError::Unreadable`] if the file cannot be read, and as
    /// [`Morphology::parse_swc`].
    pub fn read_swc(
        path: impl AsRef<Path>,
        options: &SwcOptions,
    ) -> Result<Morphology, MorphologyError> {
        let path = path.as_ref();
        Morphology::parse_swc(&read_text(path)?, &file_name(path), options)
    }

    /// Reads the text of an SWC file; `name` stands for the file in messages.
    ///
    /// # Errors
    /// [`MorphologyError::Swc`] with the line and what is wrong there;
    /// [`MorphologyError::Argument`] for an option that is not positive.
    pub fn parse_swc(
        text: &str,
        name: &str,
        options: &SwcOptions,
    ) -> Result<Morphology, MorphologyError> {
        options.check()?;
        let in_file = |(line, fault)| MorphologyError::Swc {
            file: name.to_string(),
            line,
            fault,
        };
        let mut notes = Vec::new();
        let records = syntax::records(text).map_err(in_file)?;
        let tree = tree::PointTree::new(records, options, &mut notes).map_err(in_file)?;
        let mut branches = branches::cut(&tree, &mut notes).map_err(in_file)?;
        if let Some(longest) = options.max_branch_len {
            branches = branches::shortened(&branches, longest)?;
        }
        let mut morphology = Morphology::new(name, branches)?;
        morphology.notes = notes;
        Ok(morphology)
    }
}

/// The text of a file. Comments are in any encoding; what is not UTF-8 is replaced, and matters
/// only outside of them.
pub(crate) fn read_text(path: &Path) -> Result<String, MorphologyError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(source) => Err(MorphologyError::Unreadable {
            file: path.display().to_string(),
            source,
        }),
    }
}

pub(crate) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}
