//! Compartments: pieces of a branch of equal length, and the integrals over their frusta.
//!
//! A frustum of length l between radii a and b has the lateral area π(a+b)·√(l²+(a−b)²), the volume πl(a²+ab+b²)/3 and
//! the axial resistance l/(πab) per unit of resistivity. A piece of no length with a step in radius has the area of the
//! ring, except at the far end of the branch, where it would be a lid. NEURON's `seg.area()` and `seg.ri()` are these
//! integrals, and the tests compare with them; but whether NEURON counts a ring at the far end depends on its rounding of
//! the length.

use crate::branch::{Branch, Point};
use crate::error::MorphologyError;
use crate::morphology::Morphology;
use std::f64::consts::PI;

/// What the cable equation needs to know of a compartment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompartmentGeometry {
    /// Length along the branch, µm.
    pub length: f64,
    /// Mean radius, weighted by length, µm. To show and to compare; no integral is computed from it.
    pub radius: f64,
    /// Lateral area, µm².
    pub area: f64,
    /// Volume, µm³.
    pub volume: f64,
    /// Axial resistance from the centre to the end that is nearer to the branch's 0 end, per resistivity: 1/µm.
    pub resistance_in: f64,
    /// Axial resistance from the centre to the other end, per resistivity: 1/µm.
    pub resistance_out: f64,
    /// Position of the centre, µm.
    pub center: [f64; 3],
}

/// How many compartments the branches get.
#[derive(Debug, Clone, PartialEq)]
pub enum Compartments {
    /// The same number in every branch.
    PerBranch(usize),
    /// One number for every branch.
    Each(Vec<usize>),
    /// NEURON's rule: no compartment longer than this fraction of the length constant at a frequency.
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
    /// `axial_resistivity` is in Ω·cm and `capacitance` in µF/cm²; only the d_lambda rule reads them.
    ///
    /// # Errors
    /// A number that is 0, a list of another length than that of the branches, or a parameter that is not positive.
    pub fn counts(
        &self,
        morphology: &Morphology,
        axial_resistivity: f64,
        capacitance: f64,
    ) -> Result<Vec<usize>, MorphologyError> {
        let branches = &morphology.branches;
        let counts = match self {
            Compartments::PerBranch(count) => vec![*count; branches.len()],
            Compartments::Each(counts) if counts.len() != branches.len() => {
                return Err(MorphologyError::argument(
                    "the list of compartment numbers",
                    format!("{} long for {} branches", counts.len(), branches.len()),
                    "one number for every branch",
                ));
            }
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
        match counts.iter().position(|&count| count == 0) {
            Some(branch) => Err(MorphologyError::argument(
                "the number of compartments",
                format!("0 for branch {branch}"),
                "at least 1",
            )),
            None => Ok(counts),
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
        let mut walk = Walk {
            branch: self,
            piece: 0,
            from: self.points()[0],
            travelled: 0.0,
        };
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
                    volume: inner.volume + outer.volume,
                    resistance_in: inner.resistance,
                    resistance_out: outer.resistance,
                    center,
                }
            })
            .collect())
    }

    /// The smallest odd number of compartments, none of which is longer than `fraction` of the length constant at
    /// `frequency` (Hz), for an axial resistivity in Ω·cm and a capacitance in µF/cm².
    ///
    /// Hines and Carnevale (2001), The Neuroscientist 7:123, with the length constant over the points of the branch as
    /// in NEURON's `lambda_f`, so that the number is NEURON's.
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
struct Stretch {
    length: f64,
    radius_by_length: f64,
    area: f64,
    volume: f64,
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
