//! NEURON's own cell from an SWC file: the sections, names and 3-D points that its Import3d tool
//! makes.
//!
//! NEURON 8 and 9 follow these rules (class `Import3d_SWC_read`, then `Import3d_GUI.instantiate`);
//! they are written here from what that code does, and the tests compare with NEURON itself:
//!
//! - Points are taken in the order of their ids; a section is a run of neighbours in that order. It
//!   ends where a point has no child, several, one that does not follow it, or one of another type.
//!   Dendrites do not end a soma.
//! - A section starts with a copy of its parent point. Where a dendrite leaves a soma, that copy
//!   has the diameter of the dendrite's own first point, and it is left out where the dendrite
//!   leaves a one-point soma, or the inside of a soma, or a point where the soma itself branches.
//!   It is then "connected by a wire".
//! - What leaves a one-point soma, or the inside of a soma, is connected to its 0.5; what leaves
//!   the first point of the first section to its 0; what leaves the first point of a dendrite that
//!   hangs on a soma to the 0 of that dendrite; anything else to the 1 of its parent.
//! - A one-point soma becomes three points along x, a cylinder as long as wide. NeuroMorpho's three
//!   points are its first one.
//! - Sections of a single point, or of two that coincide, are left out; their children go to their
//!   parent.
//! - Numbers are read in single precision, 3-D points are kept in it, and so is the difference of
//!   two of them, from which lengths are computed.

mod branches;
mod instantiate;
mod points;
mod sections;
mod stored;

pub(crate) use instantiate::{Section, instantiated};

use crate::error::MorphologyError;
use crate::morphology::Morphology;
use crate::swc::{file_name, read_text};
use std::path::Path;

/// Into what NEURON instantiates the cell; it decides how exactly coordinates arrive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Instantiated {
    /// `instantiate(None)`, or into a hoc object: coordinates pass through text of eight
    /// significant digits.
    #[default]
    AtTopLevel,
    /// `instantiate(self)` with a Python object: coordinates are passed as they are.
    InPythonObject,
}

impl Morphology {
    /// The cell that NEURON's Import3d makes from an SWC file: the same sections in the same order,
    /// one branch each, with NEURON's names and 3-D points.
    ///
    /// Sections are in the order of `h.allsec()`, by type; only if that puts a child before its
    /// parent (a basal dendrite on an apical one) it follows its parent instead.
    ///
    /// # Errors
    /// As [`Morphology::read_swc`]; several roots, radii of zero and parents with a larger id than
    /// their children are errors, since NEURON fails or goes wrong on them.
    pub fn import3d(
        path: impl AsRef<Path>,
        into: Instantiated,
    ) -> Result<Morphology, MorphologyError> {
        let path = path.as_ref();
        Morphology::parse_import3d(&read_text(path)?, &file_name(path), into)
    }

    /// As [`Morphology::import3d`], from the text of a file; `name` stands for the file in
    /// messages.
    ///
    /// # Errors
    /// As [`Morphology::import3d`].
    pub fn parse_import3d(
        text: &str,
        name: &str,
        into: Instantiated,
    ) -> Result<Morphology, MorphologyError> {
        let in_file = |(line, fault)| MorphologyError::Swc {
            file: name.to_string(),
            line,
            fault,
        };
        let points = points::Points::new(text).map_err(in_file)?;
        let mut notes = Vec::new();
        let sections = sections::cut(&points, &mut notes);
        let branches = branches::of(&sections, &points, into).map_err(in_file)?;
        let mut morphology = Morphology::new(name, branches)?;
        morphology.notes = notes;
        Ok(morphology)
    }
}
