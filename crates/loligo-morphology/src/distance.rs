//! Distances between locations of a cell: along the tree, and straight through space.

use crate::branch::distance;
use crate::error::MorphologyError;
use crate::morphology::Morphology;

impl Morphology {
    /// Path length in µm from a location to the centre of every compartment,
    /// `[branch][compartment]`.
    ///
    /// The location is `at` (0 to 1) of `branch`; `counts` holds the number of compartments of
    /// every branch. What attaches inside of a branch starts at the point of attachment, so that on
    /// a cell from [`Morphology::import3d`] these are the numbers of NEURON's `h.distance`.
    ///
    /// # Errors
    /// A location that is not on the cell, or a list of counts that does not fit.
    ///
    /// ```
    /// use loligo_morphology::{Attachment, Morphology};
    ///
    /// let end = Some(Attachment { branch: 0, at: 1.0 });
    /// let cell = Morphology::cylinders(&[(20.0, 10.0), (100.0, 1.0)], &[None, end])?;
    /// assert_eq!(cell.path_distances(0, 0.5, &[1, 2])?, [vec![0.0], vec![35.0, 85.0]]);
    /// # Ok::<(), loligo_morphology::MorphologyError>(())
    /// ```
    pub fn path_distances(
        &self,
        branch: usize,
        at: f64,
        counts: &[usize],
    ) -> Result<Vec<Vec<f64>>, MorphologyError> {
        self.check_location(branch, at, counts)?;
        // the distance along branch b at x µm is base[b] + |x - turn[b]|
        let mut turn = vec![0.0; self.branches.len()];
        let mut base: Vec<Option<f64>> = vec![None; self.branches.len()];
        // on the way from the location to the root
        let mut here = branch;
        (turn[here], base[here]) = (at * self.branches[here].length(), Some(0.0));
        while let Some(parent) = self.branches[here].parent {
            let so_far = base[here].unwrap_or(0.0) + turn[here];
            turn[parent.branch] = parent.at * self.branches[parent.branch].length();
            base[parent.branch] = Some(so_far);
            here = parent.branch;
        }
        // away from that way; parents come before children
        let mut distances = Vec::with_capacity(self.branches.len());
        for (index, branch) in self.branches.iter().enumerate() {
            let start = match (base[index], branch.parent) {
                (None, Some(parent)) => {
                    let x = parent.at * self.branches[parent.branch].length();
                    base[parent.branch].unwrap_or(0.0) + (x - turn[parent.branch]).abs()
                }
                (known, _) => known.unwrap_or(0.0),
            };
            base[index] = Some(start);
            let width = branch.length() / counts[index] as f64;
            let center = |k: usize| (k as f64 + 0.5) * width;
            distances.push(
                (0..counts[index])
                    .map(|k| start + (center(k) - turn[index]).abs())
                    .collect(),
            );
        }
        Ok(distances)
    }

    /// Straight distance in µm from a location to the centre of every compartment,
    /// `[branch][compartment]`.
    ///
    /// Arguments and errors are those of [`Morphology::path_distances`].
    ///
    /// # Errors
    /// As [`Morphology::path_distances`].
    pub fn direct_distances(
        &self,
        branch: usize,
        at: f64,
        counts: &[usize],
    ) -> Result<Vec<Vec<f64>>, MorphologyError> {
        self.check_location(branch, at, counts)?;
        let origin = self.branches[branch].at(at).position();
        let to_centers = |(branch, &count): (&crate::Branch, &usize)| {
            let center = |k: usize| branch.at((k as f64 + 0.5) / count as f64).position();
            (0..count).map(|k| distance(origin, center(k))).collect()
        };
        Ok(self.branches.iter().zip(counts).map(to_centers).collect())
    }

    fn check_location(
        &self,
        branch: usize,
        at: f64,
        counts: &[usize],
    ) -> Result<(), MorphologyError> {
        if branch >= self.branches.len() {
            let expected = "the index of a branch";
            return Err(MorphologyError::argument("the branch", branch, expected));
        }
        if !(0.0..=1.0).contains(&at) {
            return Err(MorphologyError::argument(
                "the location",
                at,
                "a number from 0 to 1",
            ));
        }
        self.check_counts(counts)
    }
}
