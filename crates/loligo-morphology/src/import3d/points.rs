//! The points of an SWC file, and where NEURON's sections end among them.

use super::stored::in_single_precision;
use crate::error::SwcFault;
use crate::swc::{Fault, Record, SOMA, parent_indices, records};

/// The points of the file in the order of their ids, each after its parent.
pub(super) struct Points {
    pub records: Vec<Record>,
    pub parent: Vec<Option<usize>>,
    /// For every point: how many of its children are soma points, if it is one itself.
    pub soma_children: Vec<usize>,
    /// The first three points are NeuroMorpho's form of a sphere.
    pub three_point_soma: bool,
    /// For every point: it leaves the first point of a section that hangs on a soma, or of a root
    /// that is none.
    pub leaves_start: Vec<bool>,
    /// For every point: a section ends here.
    pub ends_section: Vec<bool>,
}

impl Points {
    pub fn new(text: &str) -> Result<Points, Fault> {
        let mut records = records(text)?;
        for record in &mut records {
            record.point = in_single_precision(record.point, |value| value as f32);
        }
        records.sort_by_key(|record| (record.id, record.line));
        let parent = parent_indices(&records)?;
        check(&records, &parent)?;

        let count = records.len();
        let is_soma = |node: usize| records[node].kind == SOMA;
        let mut soma_children = vec![0; count];
        for (node, above) in parent.iter().enumerate() {
            if let Some(above) = above.filter(|&above| is_soma(above) && is_soma(node)) {
                soma_children[above] += 1;
            }
        }
        let mut points = Points {
            soma_children,
            three_point_soma: false,
            leaves_start: vec![false; count],
            ends_section: Vec::new(),
            records,
            parent,
        };
        let marks = points.mark_children();
        if points.stands_for_sphere(&marks) {
            points.three_point_soma = true;
            points.parent[2] = Some(1);
        }
        points.ends_section = (0..count)
            .map(|node| marks[node] != Mark::Continues && !points.soma_goes_on(node))
            .collect();
        Ok(points)
    }

    pub fn kind(&self, node: usize) -> i32 {
        self.records[node].kind
    }

    fn is_soma(&self, node: usize) -> bool {
        self.kind(node) == SOMA
    }

    /// Whether the chain of points goes on after each point. Children are counted in the order of
    /// ids; one that leaves from a section's first point (see `leaves_start`) makes the count
    /// forget those before it.
    fn mark_children(&mut self) -> Vec<Mark> {
        let mut marks = vec![Mark::Tip; self.records.len()];
        for node in 0..self.records.len() {
            let Some(above) = self.parent[node] else {
                continue;
            };
            let follows = above + 1 == node;
            let same_type = self.kind(above) == self.kind(node);
            marks[above] = match marks[above] {
                Mark::Tip if follows => Mark::Continues,
                _ => Mark::Ends,
            };
            if !follows && self.is_start_of_section(above) {
                self.leaves_start[node] = true;
                marks[above] = Mark::Continues;
            }
            if !same_type {
                marks[above] = Mark::Ends;
            }
        }
        marks
    }

    /// A point from which a section starts that has no point of its parent: a dendrite on a soma,
    /// or a root.
    fn is_start_of_section(&self, node: usize) -> bool {
        match self.parent[node] {
            // NEURON leaves out the second point of the file
            Some(above) => node > 1 && !self.is_soma(node) && self.is_soma(above),
            None => !self.is_soma(node),
        }
    }

    /// A soma of exactly three points, a centre with two childless ones, equally thick, together a
    /// diameter away.
    fn stands_for_sphere(&self, marks: &[Mark]) -> bool {
        if self
            .records
            .iter()
            .filter(|record| record.kind == SOMA)
            .count()
            != 3
        {
            return false;
        }
        let point = |node: usize| self.records[node].point;
        let diameter = 2.0 * point(0).radius;
        let around = (1..3).all(|node| {
            let same_diameter = (2.0 * point(node).radius - diameter).abs() <= HOC_EPSILON;
            self.parent[node] == Some(0) && marks[node] == Mark::Tip && same_diameter
        });
        let length = point(0).distance(&point(1)) + point(0).distance(&point(2));
        around && (length / diameter - 1.0).abs() < 0.01
    }

    /// The next point continues a soma, whatever else leaves here, unless the soma itself branches.
    fn soma_goes_on(&self, node: usize) -> bool {
        let next = node + 1;
        next < self.records.len()
            && self.is_soma(node)
            && self.is_soma(next)
            && self.parent[next] == Some(node)
            && (node == 0 || self.soma_children[node] <= 1)
    }
}

/// What the children of a point mean for the chain of points that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// No child.
    Tip,
    /// The next point is its only child, of the same type.
    Continues,
    /// The section ends here.
    Ends,
}

/// Numbers that differ by no more are equal in hoc.
pub(super) const HOC_EPSILON: f64 = 1e-11;

fn check(records: &[Record], parent: &[Option<usize>]) -> Result<(), Fault> {
    let mut roots = (0..records.len()).filter(|&node| parent[node].is_none());
    if let (Some(first), Some(second)) = (roots.next(), roots.next()) {
        let fault = SwcFault::SeveralRoots {
            id: records[second].id,
            first: records[first].id,
            first_line: records[first].line,
            count: 2 + roots.count(),
        };
        return Err((records[second].line, fault));
    }
    for (node, record) in records.iter().enumerate() {
        if let Some(above) = parent[node].filter(|&above| above >= node) {
            let fault = SwcFault::ParentAfterChild {
                id: record.id,
                parent: records[above].id,
            };
            return Err((record.line, fault));
        }
    }
    let mut zeros = records.iter().filter(|record| record.point.radius == 0.0);
    match zeros.next() {
        Some(first) => Err((
            first.line,
            SwcFault::ZeroRadius {
                id: first.id,
                count: 1 + zeros.count(),
            },
        )),
        None => Ok(()),
    }
}
