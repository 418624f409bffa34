//! Writes a morphology as an SWC file.

use super::tree::SOMA;
use crate::branch::{Branch, Point};
use crate::morphology::Morphology;
use std::fmt::Write;

impl Morphology {
    /// The cell as the text of an SWC file that [`Morphology::parse_swc`] reads as the same cell.
    ///
    /// A soma that is a cylinder as long as wide becomes one point. SWC has no way to say that a
    /// branch starts apart from its parent or with another radius, except at a soma: there, a piece
    /// is added that leads to its first point.
    ///
    /// ```
    /// use loligo_morphology::{Morphology, SwcOptions};
    ///
    /// let text = "1 1 0 0 0 10 -1\n2 3 10 0 0 1 1\n3 3 60 0 0 1 2\n";
    /// let cell = Morphology::parse_swc(text, "ball and stick", &SwcOptions::default())?;
    /// assert_eq!(cell.to_swc(), text);
    /// # Ok::<(), loligo_morphology::MorphologyError>(())
    /// ```
    pub fn to_swc(&self) -> String {
        let mut lines = Lines::default();
        for branch in &self.branches {
            lines.branch(branch, &self.branches);
        }
        lines.text
    }
}

#[derive(Default)]
struct Lines {
    text: String,
    last_id: usize,
    /// For every branch so far: path length and id of its points.
    ids: Vec<Vec<(f64, usize)>>,
}

impl Lines {
    fn branch(&mut self, branch: &Branch, all: &[Branch]) {
        let mut ids = Vec::with_capacity(branch.points().len());
        let Some(parent) = branch.parent else {
            match sphere(branch) {
                Some(center) => ids.push((0.0, self.point(branch.kind, center, None))),
                None => self.points(branch, 0, None, &mut ids),
            }
            self.ids.push(ids);
            return;
        };
        let distance = parent.at * all[parent.branch].length();
        let nearest = |&&(path, _): &&(f64, usize)| path - distance;
        let from = self.ids[parent.branch]
            .iter()
            .min_by(|a, b| nearest(a).abs().total_cmp(&nearest(b).abs()))
            .map(|&(_, id)| id);
        // the reader starts a branch with a copy of its parent's point; at a soma, with the
        // branch's own radius
        let [first, second, ..] = branch.points() else {
            return;
        };
        let end = all[parent.branch].at(parent.at);
        let leaves_soma = all[parent.branch].kind == SOMA && branch.kind != SOMA;
        let radius = if leaves_soma {
            second.radius
        } else {
            end.radius
        };
        let copied = first.position() == end.position() && first.radius == radius;
        if let (true, Some(id)) = (copied, from) {
            ids.push((0.0, id));
        }
        self.points(branch, usize::from(copied), from, &mut ids);
        self.ids.push(ids);
    }

    /// Writes the points from `start` on, one after the other.
    fn points(
        &mut self,
        branch: &Branch,
        start: usize,
        mut parent: Option<usize>,
        ids: &mut Vec<(f64, usize)>,
    ) {
        for (point, path) in branch.points().iter().zip(branch.path()).skip(start) {
            let id = self.point(branch.kind, *point, parent);
            ids.push((*path, id));
            parent = Some(id);
        }
    }

    fn point(&mut self, kind: i32, point: Point, parent: Option<usize>) -> usize {
        self.last_id += 1;
        let Point { x, y, z, radius } = point;
        let parent = parent.map_or(-1, |id| id as i64);
        // writing to a string cannot fail
        let _ = writeln!(
            self.text,
            "{} {kind} {x} {y} {z} {radius} {parent}",
            self.last_id
        );
        self.last_id
    }
}

/// The centre of a soma that is a cylinder as long as wide.
fn sphere(branch: &Branch) -> Option<Point> {
    let radius = branch.points()[0].radius;
    let uniform = branch.points().iter().all(|point| point.radius == radius);
    let as_long_as_wide = (branch.length() / (2.0 * radius) - 1.0).abs() < 1e-9;
    (branch.kind == SOMA && uniform && as_long_as_wide).then(|| branch.at(0.5))
}
