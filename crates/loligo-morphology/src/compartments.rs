//! Compartments: pieces of a branch of equal length, and the integrals over their frusta.
//!
//! A frustum of length l between radii a and b has the lateral area π(a+b)·√(l²+(a−b)²), the volume
//! πl(a²+ab+b²)/3 and the axial resistance l/(πab) per unit of resistivity. A piece of no length
//! with a step in radius has the area of the ring, except at the far end of the branch, where it
//! would be a lid. NEURON's `seg.area()` and `seg.ri()` are these integrals, and the tests compare
//! with them; but whether NEURON counts a ring at the far end depends on its rounding of the
//! length.

use crate::branch::{Branch, Point};
use crate::error::MorphologyError;
use crate::morphology::Morphology;
use std::f64::consts::PI;

/// What the cable equation needs to know of a compartment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompartmentGeometry {
    /// Length along the branch, µm.
    pub length: f64,
    /// Mean radius, weighted by length, µm. To show and to compare; no integral is computed from
    /// it.
    pub radius: f64,
    /// Lateral area, µm².
    pub area: f64,
    /// Volume, µm³.
    pub volume: f64,
    /// Axial resistance from the centre to the end that is nearer to the branch's 0 end, per
    /// resistivity: 1/µm.
    pub resistance_in: f64,
    /// Axial resistance from the centre to the other end, per resistivity: 1/µm.
    pub resistance_out: f64,
    /// Position of the centre, µm.
    pub center: [f64; 3],
}

impl CompartmentGeometry {
    /// A cylinder of the same length and radius in its place.
    ///
    /// ```
    /// use loligo_morphology::{Branch, Point};
    ///
    /// let points = vec![Point::new(0.0, 0.0, 0.0, 2.0), Point::new(100.0, 0.0, 0.0, 1.0)];
    /// let cone = Branch::new(None, 3, points)?.compartments(1)?[0];
    /// let cylinder = cone.as_cylinder();
    /// assert_eq!(cylinder.area, 2.0 * std::f64::consts::PI * 1.5 * 100.0);
    /// assert_eq!(cylinder.resistance_in, cylinder.resistance_out);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn as_cylinder(&self) -> Self {
        let CompartmentGeometry { length, radius, .. } = *self;
        let section = PI * radius * radius;
        CompartmentGeometry {
            area: 2.0 * PI * radius * length,
            volume: section * length,
            resistance_in: length / 2.0 / section,
            resistance_out: length / 2.0 / section,
            ..*self
        }
    }
}

/// How many compartments the branches get.
#[derive(Debug, Clone, PartialEq)]
pub enum Compartments {
    /// The same number in every branch.
    PerBranch(usize),
    /// One number for every branch.
    Each(Vec<usize>),
    /// NEURON's rule: no compartment longer than this fraction of the length constant at a
    /// frequency.
    DLambda {
        /// Fraction of the length constant, 0.1 by custom.
        fraction: f64,
        /// Frequency, Hz; 100 by custom.
        frequency: f64,
    },
}

impl Compartments {
    /// The d_lambda rule with its customary numbers, a tenth of the length constant at 100 Hz.
    pub fn d_lambda() -> Self {
        Compartments::DLambda {
            fraction: 0.1,
            frequency: 100.0,
        }
    }

    /// Number of compartments of every branch.
    ///
    /// `axial_resistivity` is in Ω·cm and `capacitance` in µF/cm²; only the d_lambda rule reads
    /// them.
    ///
    /// # Errors
    /// A number that is 0, a list of another length than that of the branches, or a parameter that
    /// is not positive.
    pub fn counts(
        &self,
        morphology: &Morphology,
        axial_resistivity: f64,
        capacitance: f64,
    ) -> Result<Vec<usize>, MorphologyError> {
        let branches = &morphology.branches;
        let counts = match self {
            Compartments::PerBranch(count) => vec![*count; branches.len()],
            Compartments::Each(counts) => counts.clone(),
            Compartments::DLambda {
                fraction,
                frequency,
            } => branches
                .iter()
                .map(|branch| {
                    branch.d_lambda(*fraction, *frequency, axial_resistivity, capacitance)
                })
                .collect::<Result<_, _>>()?,
        };
        morphology.check_counts(&counts)?;
        Ok(counts)
    }
}

impl Morphology {
    /// Checks that there is a number of compartments for every branch, none of them 0.
    pub(crate) fn check_counts(&self, counts: &[usize]) -> Result<(), MorphologyError> {
        if counts.len() != self.branches.len() {
            return Err(MorphologyError::argument(
                "the list of compartment numbers",
                format!("{} long for {} branches", counts.len(), self.branches.len()),
                "one number for every branch",
            ));
        }
        match counts.iter().position(|&count| count == 0) {
            Some(branch) => Err(MorphologyError::argument(
                "the number of compartments",
                format!("0 for branch {branch}"),
                "at least 1",
            )),
            None => Ok(()),
        }
    }
}

impl Branch {
    /// Cuts the branch into `count` compartments of equal length and integrates over their frusta.
    ///
    /// # Errors
    /// [`MorphologyError::Argument`] if `count` is 0.
    ///
    /// ```
    /// use loligo_morphology::{Branch, Point};
    ///
    /// let points = vec![Point::new(0.0, 0.0, 0.0, 2.0), Point::new(100.0, 0.0, 0.0, 1.0)];
    /// let cone = Branch::new(None, 3, points)?;
    /// let halves = cone.compartments(2)?;
    /// assert_eq!(halves[0].length, 50.0);
    /// assert!(halves[0].resistance_in < halves[0].resistance_out); // it gets thinner
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compartments(&self, count: usize) -> Result<Vec<CompartmentGeometry>, MorphologyError> {
        if count == 0 {
            return Err(MorphologyError::argument(
                "the number of compartments",
                0,
                "at least 1",
            ));
        }
        let mut walk = Walk::along(self);
        let cut = |half: usize| self.length() * half as f64 / (2 * count) as f64;
        Ok((0..count)
            .map(|k| {
                let inner = walk.advance(cut(2 * k + 1));
                let center = walk.from.position();
                let outer = if k + 1 == count {
                    walk.finish()
                } else {
                    walk.advance(cut(2 * k + 2))
                };
                let length = cut(2 * k + 2) - cut(2 * k);
                CompartmentGeometry {
                    length,
                    radius: (inner.radius_by_length + outer.radius_by_length)
                        / (inner.length + outer.length),
                    area: inner.area + outer.area,
                    volume: self.share_of_volume() * (inner.volume + outer.volume),
                    resistance_in: inner.resistance,
                    resistance_out: outer.resistance,
                    center,
                }
            })
            .collect())
    }

    /// Integrals over the whole branch.
    pub(crate) fn whole(&self) -> Stretch {
        let mut whole = Walk::along(self).finish();
        whole.volume *= self.share_of_volume();
        whole
    }

    /// What part of the volume of its frusta is its own.
    fn share_of_volume(&self) -> f64 {
        if self.is_ball { 2.0 / 3.0 } else { 1.0 }
    }

    /// The smallest odd number of compartments, none of which is longer than `fraction` of the
    /// length constant at `frequency` (Hz), for an axial resistivity in Ω·cm and a capacitance in
    /// µF/cm².
    ///
    /// Hines and Carnevale (2001), The Neuroscientist 7:123, with the length constant over the
    /// points of the branch as in NEURON's `lambda_f`, so that the number is NEURON's.
    ///
    /// # Errors
    /// [`MorphologyError::Argument`] if one of the four is not positive and finite.
    pub fn d_lambda(
        &self,
        fraction: f64,
        frequency: f64,
        axial_resistivity: f64,
        capacitance: f64,
    ) -> Result<usize, MorphologyError> {
        for (name, value) in [
            ("the fraction of the length constant", fraction),
            ("the frequency of the length constant", frequency),
            ("the axial resistivity", axial_resistivity),
            ("the capacitance", capacitance),
        ] {
            if !(value.is_finite() && value > 0.0) {
                return Err(MorphologyError::argument(name, value, "a positive number"));
            }
        }
        // length in units of the length constant of each piece
        let pieces = self.points().windows(2).zip(self.path().windows(2));
        let relative: f64 = pieces
            .map(|(point, path)| {
                (path[1] - path[0]) / (2.0 * point[0].radius + 2.0 * point[1].radius).sqrt()
            })
            .sum();
        let electrotonic = relative
            * 2f64.sqrt()
            * 1e-5
            * (4.0 * PI * frequency * axial_resistivity * capacitance).sqrt();
        let length_constant = self.length() / electrotonic;
        let pairs = ((self.length() / (fraction * length_constant) + 0.9) / 2.0).floor();
        if pairs > MOST_COMPARTMENTS / 2.0 {
            let expected = "a number that makes at most a million compartments in a branch";
            return Err(MorphologyError::argument(
                "the fraction of the length constant",
                fraction,
                expected,
            ));
        }
        Ok(pairs as usize * 2 + 1)
    }
}

/// More than this in one branch is a mistake in a unit.
const MOST_COMPARTMENTS: f64 = 1e6;

/// Integrals over a stretch of a branch.
#[derive(Default)]
pub(crate) struct Stretch {
    pub length: f64,
    radius_by_length: f64,
    pub area: f64,
    pub volume: f64,
    resistance: f64,
}

impl Stretch {
    fn add_frustum(&mut self, length: f64, a: f64, b: f64) {
        self.length += length;
        self.radius_by_length += length * (a + b) / 2.0;
        self.area += PI * (a + b) * (length * length + (a - b) * (a - b)).sqrt();
        self.volume += PI / 3.0 * length * (a * a + a * b + b * b);
        self.resistance += length / (PI * a * b);
    }
}

/// A walk along a branch from cut to cut, which visits every piece once.
struct Walk<'a> {
    branch: &'a Branch,
    piece: usize,
    from: Point,
    travelled: f64,
}

impl Walk<'_> {
    fn along(branch: &Branch) -> Walk<'_> {
        Walk {
            branch,
            piece: 0,
            from: branch.points()[0],
            travelled: 0.0,
        }
    }

    /// Integrates from the last cut up to `target` µm from the 0 end.
    fn advance(&mut self, target: f64) -> Stretch {
        let (points, path) = (self.branch.points(), self.branch.path());
        let mut stretch = Stretch::default();
        while path[self.piece + 1] <= target {
            self.finish_piece(&mut stretch);
        }
        if self.travelled < target {
            let (start, end) = (path[self.piece], path[self.piece + 1]);
            let fraction = (target - start) / (end - start);
            let cut = points[self.piece].towards(&points[self.piece + 1], fraction);
            stretch.add_frustum(target - self.travelled, self.from.radius, cut.radius);
            (self.from, self.travelled) = (cut, target);
        }
        stretch
    }

    /// Integrates over all that is left and has a length.
    fn finish(&mut self) -> Stretch {
        let mut stretch = Stretch::default();
        while self.travelled < self.branch.length() {
            self.finish_piece(&mut stretch);
        }
        stretch
    }

    fn finish_piece(&mut self, stretch: &mut Stretch) {
        let (end, path) = (
            self.branch.points()[self.piece + 1],
            self.branch.path()[self.piece + 1],
        );
        stretch.add_frustum(path - self.travelled, self.from.radius, end.radius);
        (self.from, self.travelled) = (end, path);
        self.piece += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(points: &[(f64, f64)]) -> Branch {
        let points = points
            .iter()
            .map(|&(x, radius)| Point::new(x, 0.0, 0.0, radius))
            .collect();
        Branch::new(None, 3, points).unwrap()
    }

    fn close(a: f64, b: f64) -> bool {
        (a / b - 1.0).abs() < 1e-14
    }

    #[test]
    fn a_cone_has_the_integrals_of_a_cone() {
        let [part] = branch(&[(0.0, 3.0), (12.0, 8.0)]).compartments(1).unwrap()[..] else {
            panic!("one compartment was asked for")
        };
        // slant height 13
        assert!(close(part.area, PI * 11.0 * 13.0));
        assert!(close(part.volume, PI * 12.0 / 3.0 * (9.0 + 24.0 + 64.0)));
        // ∫ dx / (π r²) from 3 to 5.5, and from 5.5 to 8
        assert!(close(part.resistance_in, 6.0 / (PI * 3.0 * 5.5)));
        assert!(close(part.resistance_out, 6.0 / (PI * 5.5 * 8.0)));
        assert_eq!(part.radius, 5.5);
        assert_eq!(part.center, [6.0, 0.0, 0.0]);
    }

    #[test]
    fn radii_are_weighted_by_length_not_by_points() {
        let parts = branch(&[(0.0, 1.0), (1.0, 1.0), (2.0, 2.0), (10.0, 2.0)])
            .compartments(1)
            .unwrap();
        assert!(close(parts[0].radius, (1.0 + 1.5 + 16.0) / 10.0));
    }

    #[test]
    fn a_step_has_the_area_of_its_ring() {
        let steps = branch(&[(0.0, 1.0), (5.0, 1.0), (5.0, 2.0), (10.0, 2.0)])
            .compartments(1)
            .unwrap();
        assert!(close(
            steps[0].area,
            2.0 * PI * (5.0 + 10.0) + PI * (4.0 - 1.0)
        ));
        // at the far end it would be a lid
        let end = branch(&[(0.0, 1.0), (5.0, 1.0), (5.0, 2.0)])
            .compartments(2)
            .unwrap();
        assert!(close(end[0].area + end[1].area, 2.0 * PI * 5.0));
    }

    #[test]
    fn cuts_fall_where_they_should_not_where_points_are() {
        let parts = branch(&[(0.0, 1.0), (3.0, 1.0), (10.0, 1.0)])
            .compartments(4)
            .unwrap();
        let centers: Vec<f64> = parts.iter().map(|part| part.center[0]).collect();
        assert_eq!(centers, [1.25, 3.75, 6.25, 8.75]);
    }

    /// 1e5·√(4 / (4π·100·100·1)) = 564.19 µm for a diameter of 4 µm; a tenth of it goes 1.77 times
    /// into 100 µm.
    #[test]
    fn d_lambda_gives_odd_numbers() {
        let count = |length, fraction| {
            Branch::cylinder(length, 2.0)
                .unwrap()
                .d_lambda(fraction, 100.0, 100.0, 1.0)
                .unwrap()
        };
        assert_eq!(count(100.0, 0.1), 3);
        assert_eq!(count(50.0, 0.1), 1);
        assert_eq!(count(1000.0, 0.1), 19);
        assert_eq!(count(1000.0, 0.5), 5);
    }
}
