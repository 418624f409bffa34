//! Compartments that stand as cylinders, whatever frusta they were made of.

use crate::model::Model;
use crate::selection::Selection;

impl Model {
    /// Puts a cylinder in the place of each selected compartment, of the length and the radius that its
    /// frusta have. From then on its area, its volume and its axial resistance are what length and radius
    /// say, also when these are set or trained.
    ///
    /// ```
    /// use loligo_model::Model;
    /// use loligo_morphology::{Branch, Compartments, Morphology, Point};
    ///
    /// let points = vec![Point::new(0.0, 0.0, 0.0, 2.0), Point::new(100.0, 0.0, 0.0, 1.0)];
    /// let cone = Morphology::new("a cone", vec![Branch::new(None, 3, points)?])?;
    /// let mut cell = Model::from_morphology(&cone, &Compartments::PerBranch(1))?;
    /// cell.make_cylinders(&cell.everything());
    /// assert_eq!(cell.shape().compartments[0].area, 2.0 * std::f64::consts::PI * 1.5 * 100.0);
    /// assert_eq!(cell.cylinders(), [0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn make_cylinders(&mut self, selection: &Selection) {
        let rows = selection.compartments();
        for &row in rows {
            let compartment = &mut self.shape.compartments[row];
            *compartment = compartment.as_cylinder();
        }
        self.cylinders.extend(rows);
        self.cylinders.sort_unstable();
        self.cylinders.dedup();
        self.structure_changed();
    }

    /// The compartments that were made cylinders by [`Model::make_cylinders`], ascending.
    pub fn cylinders(&self) -> &[usize] {
        &self.cylinders
    }
}
