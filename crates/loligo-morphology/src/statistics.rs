//! A cell in a few numbers.

use crate::groups::group_name;
use crate::morphology::Morphology;

/// Counts and sizes of a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// Number of branches.
    pub branches: usize,
    /// Number of points, those at which branches meet counted in every one of them.
    pub points: usize,
    /// Number of branches to which nothing attaches.
    pub tips: usize,
    /// Number of locations to which at least two branches attach.
    pub branch_points: usize,
    /// Total length, µm.
    pub length: f64,
    /// Total lateral area, µm².
    pub area: f64,
    /// Total volume, µm³.
    pub volume: f64,
    /// Smallest and largest radius of a point, µm.
    pub radii: (f64, f64),
    /// Smallest x, y and z of a point, µm.
    pub lowest: [f64; 3],
    /// Largest x, y and z of a point, µm.
    pub highest: [f64; 3],
    /// Longest path from the 0 end of branch 0, µm.
    pub farthest: f64,
    /// The same by group, by ascending SWC type.
    pub groups: Vec<GroupStatistics>,
}

/// Counts and sizes of the branches of one SWC type.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupStatistics {
    /// Name of the group.
    pub name: String,
    /// Number of its branches.
    pub branches: usize,
    /// Their length, µm.
    pub length: f64,
    /// Their lateral area, µm².
    pub area: f64,
    /// Their volume, µm³.
    pub volume: f64,
}

impl Morphology {
    /// Counts and sizes of the whole cell and of its groups.
    pub fn statistics(&self) -> Statistics {
        let points = || self.branches.iter().flat_map(|branch| branch.points());
        let extreme = |of: fn(f64, f64) -> f64, start: f64| {
            let mut extremes = [start; 3];
            for point in points() {
                for (extreme, value) in extremes.iter_mut().zip(point.position()) {
                    *extreme = of(*extreme, value);
                }
            }
            extremes
        };
        let groups = self.group_statistics();
        let sum = |of: fn(&GroupStatistics) -> f64| groups.iter().map(of).sum();
        Statistics {
            branches: self.branches.len(),
            points: points().count(),
            tips: self
                .children()
                .iter()
                .filter(|children| children.is_empty())
                .count(),
            branch_points: self.branch_points(),
            length: sum(|group| group.length),
            area: sum(|group| group.area),
            volume: sum(|group| group.volume),
            radii: points().fold((f64::INFINITY, 0.0), |(smallest, largest), point| {
                (smallest.min(point.radius), largest.max(point.radius))
            }),
            lowest: extreme(f64::min, f64::INFINITY),
            highest: extreme(f64::max, f64::NEG_INFINITY),
            farthest: self.farthest(),
            groups,
        }
    }

    fn group_statistics(&self) -> Vec<GroupStatistics> {
        let mut kinds: Vec<i32> = self.branches.iter().map(|branch| branch.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
            .into_iter()
            .map(|kind| {
                let mut group = GroupStatistics {
                    name: group_name(kind),
                    branches: 0,
                    length: 0.0,
                    area: 0.0,
                    volume: 0.0,
                };
                for branch in self.branches.iter().filter(|branch| branch.kind == kind) {
                    let whole = branch.whole();
                    group.branches += 1;
                    group.length += whole.length;
                    group.area += whole.area;
                    group.volume += whole.volume;
                }
                group
            })
            .collect()
    }

    fn branch_points(&self) -> usize {
        let attached = |children: &Vec<usize>| {
            let mut places: Vec<f64> = children
                .iter()
                .filter_map(|&child| self.branches[child].parent.map(|to| to.at))
                .collect();
            places.sort_by(f64::total_cmp);
            places
                .chunk_by(|a, b| a == b)
                .filter(|place| place.len() > 1)
                .count()
        };
        self.children().iter().map(attached).sum()
    }

    fn farthest(&self) -> f64 {
        let mut start = vec![0.0; self.branches.len()];
        let mut farthest: f64 = 0.0;
        for (index, branch) in self.branches.iter().enumerate() {
            if let Some(parent) = branch.parent {
                start[index] =
                    start[parent.branch] + parent.at * self.branches[parent.branch].length();
            }
            farthest = farthest.max(start[index] + branch.length());
        }
        farthest
    }
}

#[cfg(test)]
mod tests {
    use crate::{Morphology, SwcOptions};
    use std::f64::consts::PI;

    #[test]
    fn a_small_cell_in_numbers() {
        let text =
            "1 1 0 0 0 5 -1\n2 3 5 0 0 1 1\n3 3 20 0 0 1 2\n4 3 20 9 0 0.5 3\n5 3 20 -9 0 0.5 3\n";
        let cell = Morphology::parse_swc(text, "small", &SwcOptions::default()).unwrap();
        let numbers = cell.statistics();
        assert_eq!((numbers.branches, numbers.points), (4, 8));
        assert_eq!((numbers.tips, numbers.branch_points), (2, 1));
        assert_eq!(numbers.length, 10.0 + 15.0 + 2.0 * 9.0);
        assert_eq!(numbers.radii, (0.5, 5.0));
        assert_eq!(
            (numbers.lowest, numbers.highest),
            ([0.0, -9.0, 0.0], [20.0, 9.0, 0.0])
        );
        // from an end of the soma to its middle, then on
        assert_eq!(numbers.farthest, 5.0 + 15.0 + 9.0);
        let soma = &numbers.groups[0];
        assert_eq!((soma.name.as_str(), soma.branches), ("soma", 1));
        assert!((soma.area - 4.0 * PI * 25.0).abs() < 1e-10);
        assert!((numbers.area - soma.area - numbers.groups[1].area).abs() < 1e-10);
    }
}
