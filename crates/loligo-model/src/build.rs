//! Building models: from a morphology, a file, or cylinders.

use std::path::Path;
use std::sync::Arc;

use loligo_morphology::{Branch, Compartments, Morphology, SwcOptions};

use crate::error::ModelError;
use crate::model::Model;
use crate::shape::{BranchShape, CellShape, Shape};
use crate::values::{DEFAULT_AXIAL_RESISTIVITY, DEFAULT_CAPACITANCE};

impl Model {
    /// A cell of a morphology, with its branches cut into compartments and a group for each SWC
    /// type that occurs. The d_lambda rule takes the default axial resistivity (100 Ω·cm) and
    /// capacitance (1 µF/cm²).
    ///
    /// # Errors
    /// Numbers of compartments that do not fit the morphology.
    pub fn from_morphology(
        morphology: &Morphology,
        compartments: &Compartments,
    ) -> Result<Self, ModelError> {
        let counts =
            compartments.counts(morphology, DEFAULT_AXIAL_RESISTIVITY, DEFAULT_CAPACITANCE)?;
        let mut model = Model::bare(shape_of(&morphology.branches, &counts)?);
        for (name, branches) in morphology.groups() {
            for branch in branches {
                let inside = model.shape.branches[branch].compartments.clone();
                model.groups.add(&name, inside);
            }
        }
        model.notes = morphology.notes.clone();
        Ok(model)
    }

    /// A cell from an SWC file, read with the default options.
    ///
    /// # Errors
    /// What [`Morphology::read_swc`] finds wrong with the file; numbers of compartments that do
    /// not fit it.
    pub fn from_swc(
        path: impl AsRef<Path>,
        compartments: &Compartments,
    ) -> Result<Self, ModelError> {
        let morphology = Morphology::read_swc(path, &SwcOptions::default())?;
        Model::from_morphology(&morphology, compartments)
    }

    /// An unbranched cell: a cylinder of a length and a radius, µm, cut into equal compartments.
    ///
    /// # Errors
    /// A length or radius that is not positive, no compartment.
    pub fn cylinder(length: f64, radius: f64, compartments: usize) -> Result<Self, ModelError> {
        let mut branch = Branch::cylinder(length, radius)?;
        branch.name = "branch[0]".to_string();
        Ok(Model::bare(shape_of(&[branch], &[compartments])?))
    }
}

/// One cell of these branches.
fn shape_of(branches: &[Branch], counts: &[usize]) -> Result<Shape, ModelError> {
    let mut shape = Shape::default();
    for (branch, &count) in branches.iter().zip(counts) {
        let first = shape.compartments.len();
        shape.compartments.extend(branch.compartments(count)?);
        shape.branches.push(BranchShape {
            cell: 0,
            parent: branch.parent,
            compartments: first..shape.compartments.len(),
            kind: branch.kind,
            name: branch.name.clone(),
            points: Arc::from(branch.points()),
        });
    }
    shape.cells.push(CellShape {
        branches: 0..shape.branches.len(),
        compartments: 0..shape.compartments.len(),
    });
    Ok(shape)
}
