//! NEURON's sections before they have names: runs of points, and what they are connected to.

use super::points::{HOC_EPSILON, Points};
use crate::branch::{Attachment, Point};
use crate::morphology::Note;
use crate::swc::SOMA;

/// A section before it has a name: a run of points.
#[derive(Debug, Clone)]
pub(super) struct Section {
    /// Its own points, as a range of indices.
    pub first: usize,
    pub end: usize,
    pub kind: i32,
    /// The section and location that it is connected to.
    pub parent: Option<Attachment>,
    /// It is a dendrite on a soma.
    pub leaves_soma: bool,
    /// It starts with its own first point, not with its parent's.
    pub wired: bool,
}

impl Section {
    fn own_points(&self) -> usize {
        self.end - self.first
    }
}

/// All sections of the file that NEURON keeps.
pub(super) fn cut(points: &Points, notes: &mut Vec<Note>) -> Vec<Section> {
    without_empty(runs(points), points, notes)
}

/// All runs of points, also those that are no section in the end.
fn runs(points: &Points) -> Vec<Section> {
    let count = points.records.len();
    let mut section_of = vec![0; count];
    let mut sections: Vec<Section> = Vec::new();
    let mut first = 0;
    for last in 0..count {
        section_of[last] = sections.len();
        if points.ends_section[last] || last + 1 == count {
            let section = match points.parent[first] {
                Some(above) => connected(points, &sections, section_of[above], first, last + 1),
                None => {
                    let end = if points.three_point_soma { 1 } else { last + 1 };
                    Section {
                        first,
                        end,
                        kind: points.kind(first),
                        parent: None,
                        leaves_soma: false,
                        wired: false,
                    }
                }
            };
            sections.push(section);
            first = last + 1;
        }
    }
    sections
}

/// A section of the points `first..end`, connected to the section `parent` that holds the parent of
/// `first`.
fn connected(
    points: &Points,
    sections: &[Section],
    parent: usize,
    first: usize,
    end: usize,
) -> Section {
    let above = points.parent[first].unwrap_or_default();
    let soma = &sections[parent];
    let to_soma = soma.kind == SOMA;
    let dendrite = points.kind(first) != SOMA;
    let several = end - first > 1;
    let soma_branches = points.soma_children[above] > 1;

    let (mut at, wired) = if parent == 0 && to_soma && dendrite && soma.own_points() == 1 {
        (0.5, several)
    } else if parent == 0 && above == soma.first {
        (0.0, dendrite && soma_branches)
    } else if to_soma && above + 1 < soma.end {
        (0.5, dendrite && several)
    } else {
        (1.0, to_soma && dendrite && several && soma_branches)
    };
    if points.leaves_start[first] {
        at = 0.0;
    }
    Section {
        first,
        end,
        kind: points.kind(first),
        parent: Some(Attachment { branch: parent, at }),
        leaves_soma: to_soma && dendrite,
        wired,
    }
}

/// What becomes of a section.
enum Fate {
    /// It is kept, with this number.
    Kept(usize),
    /// It is left out; what was connected to it goes where it was connected.
    LeftOut(Attachment),
}

/// Leaves out sections of a single point or of two that coincide; what was connected to them goes
/// to their parents.
fn without_empty(sections: Vec<Section>, points: &Points, notes: &mut Vec<Note>) -> Vec<Section> {
    let mut kept: Vec<Section> = Vec::with_capacity(sections.len());
    let mut fates: Vec<Fate> = Vec::with_capacity(sections.len());
    for mut section in sections {
        // parents come before children
        section.parent = section.parent.map(|to| match fates[to.branch] {
            Fate::Kept(branch) => Attachment { branch, at: to.at },
            Fate::LeftOut(parent) => parent,
        });
        match section.parent.filter(|_| is_empty(&section, points)) {
            Some(parent) => {
                let line = points.records[section.first].line;
                notes.push(Note::BranchWithoutLength { line });
                fates.push(Fate::LeftOut(parent));
            }
            None => {
                fates.push(Fate::Kept(kept.len()));
                kept.push(section);
            }
        }
    }
    kept
}

fn is_empty(section: &Section, points: &Points) -> bool {
    match chain(section, points)[..] {
        [] | [_] => true,
        [a, b] => {
            let mut coordinates = a.position().into_iter().zip(b.position());
            coordinates.all(|(a, b)| (a - b).abs() <= HOC_EPSILON)
        }
        _ => false,
    }
}

/// The points of a section, that of its parent included, before they are rounded.
pub(super) fn chain(section: &Section, points: &Points) -> Vec<Point> {
    let own = points.records[section.first..section.end]
        .iter()
        .map(|record| record.point);
    let above = points.parent[section.first]
        .filter(|_| !section.wired)
        .map(|above| {
            let radius = if section.leaves_soma {
                section.first
            } else {
                above
            };
            Point {
                radius: points.records[radius].point.radius,
                ..points.records[above].point
            }
        });
    above.into_iter().chain(own).collect()
}
