//! A branch: an unbranched chain of points, tapered between them.

use crate::error::BranchFault;

/// A point of a reconstruction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// First coordinate, µm.
    pub x: f64,
    /// Second coordinate, µm.
    pub y: f64,
    /// Third coordinate, µm.
    pub z: f64,
    /// Radius of the neurite here, µm.
    pub radius: f64,
}

impl Point {
    /// A point from its coordinates and radius, µm.
    pub fn new(x: f64, y: f64, z: f64, radius: f64) -> Self {
        Point { x, y, z, radius }
    }

    /// Its coordinates, µm.
    pub fn position(&self) -> [f64; 3] {
        [self.x, self.y, self.z]
    }

    /// Straight distance between two points, µm.
    pub fn distance(&self, other: &Point) -> f64 {
        distance(self.position(), other.position())
    }

    /// The point at a fraction of the way to `other`, position and radius linear in between.
    pub(crate) fn towards(&self, other: &Point, fraction: f64) -> Point {
        // exact at both ends
        let between = |a: f64, b: f64| (1.0 - fraction) * a + fraction * b;
        Point {
            x: between(self.x, other.x),
            y: between(self.y, other.y),
            z: between(self.z, other.z),
            radius: between(self.radius, other.radius),
        }
    }
}

/// Straight distance between two positions, µm.
pub(crate) fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    let [x, y, z] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    (x * x + y * y + z * z).sqrt()
}

/// Where the 0 end of a branch attaches to its parent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attachment {
    /// Index of the parent branch; it comes before the child.
    pub branch: usize,
    /// Fraction of the parent's length: 0 and 1 are its ends; anything in between means the centre
    /// of the compartment that holds this location, as in NEURON's `dend.connect(soma(0.5))`.
    pub at: f64,
}

/// An unbranched piece of neurite, a chain of frusta.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// Where its 0 end attaches; `None` for the root.
    pub parent: Option<Attachment>,
    /// SWC type of its points: 1 soma, 2 axon, 3 basal, 4 apical, others custom.
    pub kind: i32,
    /// A name to show: group and number within it, such as `apical[3]`; NEURON's own for
    /// [`import3d`](crate::Morphology::import3d).
    pub name: String,
    /// Whether it is a cylinder as long as wide that stands for a ball, which has its area and two
    /// thirds of its volume; or a slice of one.
    pub is_ball: bool,
    points: Vec<Point>,
    path: Vec<f64>,
}

impl Branch {
    /// A branch through `points`, at least two of them, with positive radii and not all in one
    /// place.
    ///
    /// # Errors
    /// Fewer than two points, numbers that are not finite, radii that are not positive, or no
    /// length.
    pub fn new(
        parent: Option<Attachment>,
        kind: i32,
        points: Vec<Point>,
    ) -> Result<Self, BranchFault> {
        let path = path_through(&points, |a, b| a.distance(b));
        Branch::with_path(parent, kind, points, path)
    }

    /// A branch through points that are so far along it, µm, as somebody else measured: NEURON does in
    /// single precision, and a cylinder without a place in space has no other length.
    ///
    /// # Errors
    /// As [`Branch::new`]; lengths that do not start at 0, or decrease.
    ///
    /// ```
    /// use loligo_morphology::{Branch, Point};
    ///
    /// let [start, end] = [0.0, 5.0].map(|x| Point::new(x, 0.0, 0.0, 1.0));
    /// assert_eq!(Branch::measured(None, 3, &[(start, 0.0), (end, 7.0)])?.length(), 7.0);
    /// assert!(Branch::measured(None, 3, &[(start, 1.0), (end, 7.0)]).is_err());
    /// # Ok::<(), loligo_morphology::BranchFault>(())
    /// ```
    pub fn measured(
        parent: Option<Attachment>,
        kind: i32,
        points: &[(Point, f64)],
    ) -> Result<Self, BranchFault> {
        let (points, path): (Vec<Point>, Vec<f64>) = points.iter().copied().unzip();
        let grows = |pair: &[f64]| pair[0] <= pair[1];
        let wrong = match path.first() {
            Some(&first) if first != 0.0 => Some(0),
            _ => path
                .windows(2)
                .position(|pair| !grows(pair))
                .map(|at| at + 1),
        };
        if let Some(point) = wrong {
            return Err(BranchFault::Point {
                point,
                quantity: "path length",
                value: path[point],
                expected: "0 at the first point, and no less than before at the others",
            });
        }
        Branch::with_path(parent, kind, points, path)
    }

    /// A branch whose path lengths grow from 0 on.
    pub(crate) fn with_path(
        parent: Option<Attachment>,
        kind: i32,
        points: Vec<Point>,
        path: Vec<f64>,
    ) -> Result<Self, BranchFault> {
        let branch = Branch {
            parent,
            kind,
            name: String::new(),
            is_ball: false,
            points,
            path,
        };
        branch.check()?;
        Ok(branch)
    }

    fn check(&self) -> Result<(), BranchFault> {
        if self.points.len() < 2 {
            return Err(BranchFault::TooFewPoints {
                found: self.points.len(),
            });
        }
        for (index, point) in self.points.iter().enumerate() {
            let fault = |quantity, value, expected| BranchFault::Point {
                point: index,
                quantity,
                value,
                expected,
            };
            for (name, value) in [("x", point.x), ("y", point.y), ("z", point.z)] {
                if !value.is_finite() {
                    return Err(fault(name, value, "a finite number"));
                }
            }
            if !(point.radius.is_finite() && point.radius > 0.0) {
                return Err(fault("radius", point.radius, "a positive number"));
            }
        }
        // the path may overflow although every coordinate is finite
        if !self.length().is_finite() {
            return Err(BranchFault::Point {
                point: self.points.len() - 1,
                quantity: "path length",
                value: self.length(),
                expected: "a finite number",
            });
        }
        if self.length() == 0.0 {
            Err(BranchFault::NoLength)
        } else {
            Ok(())
        }
    }

    /// Its points, from the 0 end to the 1 end; at least two.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Path length from the 0 end to every point, µm; starts with 0 and does not decrease.
    pub fn path(&self) -> &[f64] {
        &self.path
    }

    /// Length along the branch, µm.
    pub fn length(&self) -> f64 {
        self.path.last().copied().unwrap_or(0.0)
    }

    /// Position and radius at a fraction of the length, between 0 and 1, linear between the points.
    pub fn at(&self, fraction: f64) -> Point {
        let distance = fraction.clamp(0.0, 1.0) * self.length();
        // the piece that ends at or after the distance
        let end = self
            .path
            .partition_point(|&p| p < distance)
            .clamp(1, self.points.len() - 1);
        let (start, length) = (end - 1, self.path[end] - self.path[end - 1]);
        let within = if length > 0.0 {
            (distance - self.path[start]) / length
        } else {
            1.0
        };
        self.points[start].towards(&self.points[end], within)
    }

    /// The branch in `count` pieces of equal length, each a list of points; neighbours share the
    /// point of the cut.
    pub(crate) fn pieces(&self, count: usize) -> Vec<Vec<Point>> {
        let cut = |k: usize| self.length() * k as f64 / count as f64;
        let last = self.points.len() - 1;
        // the first inner point at or after a cut
        let first_after = |k: usize| match k {
            0 => 1,
            k if k == count => last,
            k => self
                .path
                .partition_point(|&path| path < cut(k))
                .clamp(1, last),
        };
        let end = |k: usize| match k {
            0 => self.points[0],
            k if k == count => self.points[last],
            k => self.at(k as f64 / count as f64),
        };
        (0..count)
            .map(|k| {
                let inner = &self.points[first_after(k)..first_after(k + 1)];
                [&[end(k)], inner, &[end(k + 1)]].concat()
            })
            .collect()
    }
}

/// Path length to every point, given the length of a piece.
pub(crate) fn path_through(points: &[Point], length: impl Fn(&Point, &Point) -> f64) -> Vec<f64> {
    let mut total = 0.0;
    let mut path = vec![0.0; points.len().min(1)];
    path.extend(points.windows(2).map(|pair| {
        total += length(&pair[0], &pair[1]);
        total
    }));
    path
}
