//! Morphologies from scratch: trees of cylinders of given length and radius.

use crate::branch::{Attachment, Branch, Point};
use crate::error::MorphologyError;
use crate::morphology::Morphology;
use std::f64::consts::PI;

impl Branch {
    /// A cylinder of a length and radius in µm, along the x axis from the origin, of undefined
    /// type.
    ///
    /// # Errors
    /// A length or radius that is not positive and finite.
    pub fn cylinder(length: f64, radius: f64) -> Result<Branch, MorphologyError> {
        placed_cylinder(None, length, radius, [0.0; 2], 0.0)
    }
}

impl Morphology {
    /// A tree of cylinders: lengths and radii in µm, and for each where it attaches (`None` for the
    /// first).
    ///
    /// The positions are a fan in the plane, so that the tree can be drawn; nothing else depends on
    /// them.
    ///
    /// # Errors
    /// Lengths or radii that are not positive, a list of attachments of another length, or parents
    /// after children.
    ///
    /// ```
    /// use loligo_morphology::{Attachment, Morphology};
    ///
    /// let end = |branch| Some(Attachment { branch, at: 1.0 });
    /// let fork = Morphology::cylinders(&[(50.0, 2.0), (80.0, 1.0), (80.0, 1.0)], &[None, end(0), end(0)])?;
    /// assert_eq!(fork.children()[0], [1, 2]);
    /// # Ok::<(), loligo_morphology::MorphologyError>(())
    /// ```
    pub fn cylinders(
        sizes: &[(f64, f64)],
        parents: &[Option<Attachment>],
    ) -> Result<Morphology, MorphologyError> {
        if sizes.len() != parents.len() {
            return Err(MorphologyError::argument(
                "the list of attachments",
                format!("{} long for {} cylinders", parents.len(), sizes.len()),
                "one for every cylinder",
            ));
        }
        let mut branches: Vec<Branch> = Vec::with_capacity(sizes.len());
        let directions = fan(parents);
        for (index, (&(length, radius), &parent)) in sizes.iter().zip(parents).enumerate() {
            let start = match parent {
                Some(to) if to.branch < index => branches[to.branch].at(to.at),
                _ => Point::new(0.0, 0.0, 0.0, radius),
            };
            let branch = placed_cylinder(
                parent,
                length,
                radius,
                [start.x, start.y],
                directions[index],
            );
            branches.push(branch.map_err(|error| match error {
                MorphologyError::Argument {
                    name,
                    value,
                    expected,
                } => MorphologyError::Argument {
                    name,
                    value: format!("{value} for branch {index}"),
                    expected,
                },
                other => other,
            })?);
        }
        Morphology::new("cylinders", branches)
    }
}

fn placed_cylinder(
    parent: Option<Attachment>,
    length: f64,
    radius: f64,
    [x, y]: [f64; 2],
    direction: f64,
) -> Result<Branch, MorphologyError> {
    for (name, value) in [("the length", length), ("the radius", radius)] {
        if !(value.is_finite() && value > 0.0) {
            return Err(MorphologyError::argument(
                name,
                value,
                "a positive number of µm",
            ));
        }
    }
    let end = Point::new(
        x + length * direction.cos(),
        y + length * direction.sin(),
        0.0,
        radius,
    );
    let points = vec![Point::new(x, y, 0.0, radius), end];
    // the length is as given, not as measured between the placed ends
    Branch::with_path(parent, 0, points, vec![0.0, length])
        .map_err(|fault| MorphologyError::branch(0, fault))
}

/// A direction for every branch: each has a sector of the plane, shared among its children by their
/// number of tips.
fn fan(parents: &[Option<Attachment>]) -> Vec<f64> {
    let parent_of = |index: usize| {
        parents[index]
            .map(|to| to.branch)
            .filter(|&parent| parent < index)
    };
    let mut has_child = vec![false; parents.len()];
    let mut tips = vec![0usize; parents.len()];
    for index in (0..parents.len()).rev() {
        tips[index] += usize::from(!has_child[index]);
        if let Some(parent) = parent_of(index) {
            has_child[parent] = true;
            tips[parent] += tips[index];
        }
    }
    let mut sector = vec![(-PI / 2.0, PI / 2.0); parents.len()];
    let mut used: Vec<f64> = vec![-PI / 2.0; parents.len()];
    for index in 0..parents.len() {
        if let Some(parent) = parent_of(index) {
            let (from, to) = sector[parent];
            let width = (to - from) * tips[index] as f64 / tips[parent] as f64;
            sector[index] = (used[parent], used[parent] + width);
            used[parent] += width;
        }
        used[index] = sector[index].0;
    }
    sector
        .into_iter()
        .map(|(from, to)| (from + to) / 2.0)
        .collect()
}
