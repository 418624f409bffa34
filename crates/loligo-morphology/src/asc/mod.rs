//! Reads Neurolucida's text files (`.asc`, version 3) as NEURON's Import3d does
//! (`Import3d_Neurolucida3`, then `Import3d_GUI.instantiate`): from text to [`tokens`], to what is
//! drawn ([`syntax`]), to sections ([`sections`]) with a soma made of its contours ([`soma`]).
//!
//! The rules are written from what that code does, and the tests compare with NEURON itself:
//!
//! - The types of trees are their properties `Axon`, `Dendrite` and `Apical` (2, 3, 4); other trees
//!   have type 0. (NEURON looks at the last property only; here the last of these counts.)
//! - Contours called `CellBody`, `Cell Body` or `Soma` are the soma: a single one becomes a chain of
//!   frusta along its longest axis, a stack of them a chain through their centres.
//! - Trees are connected to the middle of the soma by a wire, and start with their own first point;
//!   other branches start where their parent ends, with the diameter of their own first point.
//! - Sections of a single point, or of two that coincide, are left out; their children go to their
//!   parent.
//! - Points are kept in single precision, after they were written with eight digits.

mod sections;
mod soma;
mod syntax;
mod tokens;

use crate::error::{AscFault, MorphologyError};
use crate::import3d::{Instantiated, instantiated};
use crate::morphology::Morphology;
use crate::swc::{file_name, read_text};
use std::path::Path;

/// Where something stands in the file, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    line: usize,
    column: usize,
}

/// A fault and where it is.
type Fault = (Place, AscFault);

impl Morphology {
    /// The cell that NEURON's Import3d makes of a Neurolucida file in text form: the same sections
    /// in the same order, one branch each, with NEURON's names and 3-D points.
    ///
    /// # Errors
    /// [`MorphologyError::Unreadable`] if the file cannot be read, and as [`Morphology::parse_asc`].
    pub fn read_asc(
        path: impl AsRef<Path>,
        into: Instantiated,
    ) -> Result<Morphology, MorphologyError> {
        let path = path.as_ref();
        Morphology::parse_asc(&read_text(path)?, &file_name(path), into)
    }

    /// As [`Morphology::read_asc`], from the text of a file; `name` stands for the file in messages.
    ///
    /// # Errors
    /// [`MorphologyError::Asc`] with the line, the column and what is wrong there: text that is not
    /// in this format, several cells in one file, points without a diameter.
    pub fn parse_asc(
        text: &str,
        name: &str,
        into: Instantiated,
    ) -> Result<Morphology, MorphologyError> {
        let in_file = |(place, fault): Fault| MorphologyError::Asc {
            file: name.to_string(),
            line: place.line,
            column: place.column,
            fault,
        };
        let mut notes = Vec::new();
        let drawing = tokens::tokens(text)
            .and_then(|tokens| syntax::drawing(&tokens))
            .map_err(in_file)?;
        let (places, sections) = sections::of(&drawing, &mut notes).map_err(in_file)?;
        let branches = instantiated(&sections, into)
            .map_err(|(index, fault)| in_file((places[index], AscFault::Branch(fault))))?;
        let mut morphology = Morphology::new(name, branches)?;
        morphology.notes = notes;
        Ok(morphology)
    }
}
