//! A cell in the plane: line segments with widths, for drawing.

use crate::morphology::Morphology;

/// The plane onto which a cell is projected; the first axis goes to the right, the second one up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Plane {
    /// x to the right, y up.
    #[default]
    Xy,
    /// x to the right, z up.
    Xz,
    /// z to the right, y up.
    Zy,
}

/// A piece of a branch between two of its points, as a line in the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Index of the branch.
    pub branch: usize,
    /// Where its middle lies on the branch, as a fraction of the length; tells which compartment it
    /// belongs to.
    pub at: f64,
    /// One end, µm.
    pub from: [f64; 2],
    /// The other end, µm.
    pub to: [f64; 2],
    /// Mean diameter, µm.
    pub width: f64,
}

impl Plane {
    fn project(self, [x, y, z]: [f64; 3]) -> [f64; 2] {
        match self {
            Plane::Xy => [x, y],
            Plane::Xz => [x, z],
            Plane::Zy => [z, y],
        }
    }
}

impl Morphology {
    /// All pieces of all branches in a plane, in the order of the branches and of their points.
    pub fn projection(&self, plane: Plane) -> Vec<Segment> {
        let mut segments = Vec::new();
        for (index, branch) in self.branches.iter().enumerate() {
            let pieces = branch.points().windows(2).zip(branch.path().windows(2));
            segments.extend(pieces.map(|(points, path)| Segment {
                branch: index,
                at: (path[0] + path[1]) / 2.0 / branch.length(),
                from: plane.project(points[0].position()),
                to: plane.project(points[1].position()),
                width: points[0].radius + points[1].radius,
            }));
        }
        segments
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SwcOptions;

    #[test]
    fn every_piece_is_a_segment() {
        let text = "1 3 0 1 2 1 -1\n2 3 10 1 2 2 1\n3 3 10 1 32 2 2\n";
        let cell = Morphology::parse_swc(text, "bent", &SwcOptions::default()).unwrap();
        let in_plane = |plane| {
            cell.projection(plane)
                .iter()
                .map(|s| (s.from, s.to))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            in_plane(Plane::Xy),
            [([0.0, 1.0], [10.0, 1.0]), ([10.0, 1.0], [10.0, 1.0])]
        );
        assert_eq!(
            in_plane(Plane::Xz),
            [([0.0, 2.0], [10.0, 2.0]), ([10.0, 2.0], [10.0, 32.0])]
        );
        assert_eq!(
            in_plane(Plane::Zy),
            [([2.0, 1.0], [2.0, 1.0]), ([2.0, 1.0], [32.0, 1.0])]
        );
        let [first, second] = cell.projection(Plane::Xy)[..] else {
            panic!("two pieces")
        };
        assert_eq!((first.width, second.width), (3.0, 4.0));
        assert_eq!((first.at, second.at), (0.125, 0.625));
    }
}
