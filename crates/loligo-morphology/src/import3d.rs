//! NEURON's own cell from an SWC file: the sections, names and 3-D points that its Import3d tool makes.
//!
//! NEURON 8 and 9 follow these rules (class `Import3d_SWC_read`, then `Import3d_GUI.instantiate`); they are written
//! here from what that code does, and the tests compare with NEURON itself:
//!
//! - Points are taken in the order of their ids; a section is a run of neighbours in that order. It ends where a point
//!   has no child, several, one that does not follow it, or one of another type. Dendrites do not end a soma.
//! - A section starts with a copy of its parent point. Where a dendrite leaves a soma, that copy has the diameter of the
//!   dendrite's own first point, and it is left out where the dendrite leaves a one-point soma, or the inside of a soma,
//!   or a point where the soma itself branches. It is then "connected by a wire".
//! - What leaves a one-point soma, or the inside of a soma, is connected to its 0.5; what leaves the first point of the
//!   first section to its 0; what leaves the first point of a dendrite that hangs on a soma to the 0 of that dendrite;
//!   anything else to the 1 of its parent.
//! - A one-point soma becomes three points along x, a cylinder as long as wide. NeuroMorpho's three points are its
//!   first one.
//! - Sections of a single point, or of two that coincide, are left out; their children go to their parent.
//! - Numbers are read in single precision, 3-D points are kept in it, and so is the difference of two of them, from
//!   which lengths are computed.

use crate::branch::{Attachment, Branch, Point, path_through};
use crate::error::{BranchFault, MorphologyError, SwcFault};
use crate::morphology::{Morphology, Note};
use crate::swc::{Fault, Record, SOMA, file_name, parent_indices, read_text, records};
use std::collections::HashMap;
use std::path::Path;

/// Into what NEURON instantiates the cell; it decides how exactly coordinates arrive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Instantiated {
    /// `instantiate(None)`, or into a hoc object: coordinates pass through text of eight significant digits.
    #[default]
    AtTopLevel,
    /// `instantiate(self)` with a Python object: coordinates are passed as they are.
    InPythonObject,
}

impl Morphology {
    /// The cell that NEURON's Import3d makes from an SWC file: the same sections in the same order, one branch each,
    /// with NEURON's names and 3-D points.
    ///
    /// Sections are in the order of `h.allsec()`, by type; only if that puts a child before its parent (a basal dendrite
    /// on an apical one) it follows its parent instead.
    ///
    /// # Errors
    /// As [`Morphology::read_swc`]; several roots, radii of zero and parents with a larger id than their children are
    /// errors, since NEURON fails or goes wrong on them.
    pub fn import3d(
        path: impl AsRef<Path>,
        into: Instantiated,
    ) -> Result<Morphology, MorphologyError> {
        let path = path.as_ref();
        Morphology::parse_import3d(&read_text(path)?, &file_name(path), into)
    }

    /// As [`Morphology::import3d`], from the text of a file; `name` stands for the file in messages.
    ///
    /// # Errors
    /// As [`Morphology::import3d`].
    pub fn parse_import3d(
        text: &str,
        name: &str,
        into: Instantiated,
    ) -> Result<Morphology, MorphologyError> {
        let in_file = |(line, fault)| MorphologyError::Swc {
            file: name.to_string(),
            line,
            fault,
        };
        let points = Points::new(text).map_err(in_file)?;
        let mut notes = Vec::new();
        let sections = without_empty(sections(&points), &points, &mut notes);
        let mut morphology =
            Morphology::new(name, branches(&sections, &points, into).map_err(in_file)?)?;
        morphology.notes = notes;
        Ok(morphology)
    }
}

/// The points of the file in the order of their ids, each after its parent.
struct Points {
    records: Vec<Record>,
    parent: Vec<Option<usize>>,
    /// For every point: how many of its children are soma points, if it is one itself.
    soma_children: Vec<usize>,
    /// The first three points are NeuroMorpho's form of a sphere.
    three_point_soma: bool,
    /// For every point: it leaves the first point of a section that hangs on a soma, or of a root that is none.
    leaves_start: Vec<bool>,
    /// For every point: a section ends here.
    ends_section: Vec<bool>,
}

impl Points {
    fn new(text: &str) -> Result<Points, Fault> {
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

    fn kind(&self, node: usize) -> i32 {
        self.records[node].kind
    }

    fn is_soma(&self, node: usize) -> bool {
        self.kind(node) == SOMA
    }

    /// Whether the chain of points goes on after each point. Children are counted in the order of ids; one that leaves
    /// from a section's first point (see `leaves_start`) makes the count forget those before it.
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

    /// A point from which a section starts that has no point of its parent: a dendrite on a soma, or a root.
    fn is_start_of_section(&self, node: usize) -> bool {
        match self.parent[node] {
            // NEURON leaves out the second point of the file
            Some(above) => node > 1 && !self.is_soma(node) && self.is_soma(above),
            None => !self.is_soma(node),
        }
    }

    /// A soma of exactly three points, a centre with two childless ones, equally thick, together a diameter away.
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
const HOC_EPSILON: f64 = 1e-11;

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

/// A section before it has a name: a run of points.
#[derive(Debug, Clone)]
struct Section {
    /// Its own points, as a range of indices.
    first: usize,
    end: usize,
    kind: i32,
    /// The section and location that it is connected to.
    parent: Option<Attachment>,
    /// It is a dendrite on a soma.
    leaves_soma: bool,
    /// It starts with its own first point, not with its parent's.
    wired: bool,
}

impl Section {
    fn own_points(&self) -> usize {
        self.end - self.first
    }
}

fn sections(points: &Points) -> Vec<Section> {
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

/// A section of the points `first..end`, connected to the section `parent` that holds the parent of `first`.
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

/// Leaves out sections of a single point or of two that coincide; what was connected to them goes to their parents.
fn without_empty(
    mut sections: Vec<Section>,
    points: &Points,
    notes: &mut Vec<Note>,
) -> Vec<Section> {
    let mut left_out = vec![false; sections.len()];
    for index in (0..sections.len()).rev() {
        let Some(parent) = sections[index].parent else {
            continue;
        };
        let chain = chain(&sections[index], points);
        let empty = match chain[..] {
            [] | [_] => true,
            [a, b] => a
                .position()
                .iter()
                .zip(b.position())
                .all(|(a, b)| (a - b).abs() <= HOC_EPSILON),
            _ => false,
        };
        if empty {
            notes.push(Note::BranchWithoutLength {
                line: points.records[sections[index].first].line,
            });
            left_out[index] = true;
            for later in &mut sections[index + 1..] {
                if later.parent.is_some_and(|to| to.branch == index) {
                    later.parent = Some(parent);
                }
            }
        }
    }
    // numbers of sections without those that were left out
    let mut kept = 0;
    let number: Vec<usize> = left_out
        .iter()
        .map(|&out| {
            kept += usize::from(!out);
            kept - usize::from(!out)
        })
        .collect();
    let mut left_out = left_out.into_iter();
    sections.retain(|_| left_out.next() == Some(false));
    for section in &mut sections {
        section.parent = section.parent.map(|to| Attachment {
            branch: number[to.branch],
            ..to
        });
    }
    sections
}

/// The points of a section, that of its parent included, before they are rounded.
fn chain(section: &Section, points: &Points) -> Vec<Point> {
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

/// The sections as branches: named, by type, each after its parent.
fn branches(
    sections: &[Section],
    points: &Points,
    into: Instantiated,
) -> Result<Vec<Branch>, Fault> {
    let mut counters: HashMap<i32, usize> = HashMap::new();
    let names: Vec<String> = sections
        .iter()
        .map(|section| {
            let counter = counters.entry(section.kind).or_default();
            *counter += 1;
            format!("{}[{}]", section_name(section.kind), *counter - 1)
        })
        .collect();

    let order = by_type_after_parents(sections);
    let mut place = vec![0; sections.len()];
    for (new, &old) in order.iter().enumerate() {
        place[old] = new;
    }
    order
        .iter()
        .map(|&index| {
            let section = &sections[index];
            let parent = section.parent.map(|to| Attachment {
                branch: place[to.branch],
                ..to
            });
            let record = &points.records[section.first];
            let mut branch = branch(parent, section, points, into).map_err(|fault| {
                (
                    record.line,
                    SwcFault::Branch {
                        id: record.id,
                        fault,
                    },
                )
            })?;
            branch.name = names[index].clone();
            Ok(branch)
        })
        .collect()
}

fn branch(
    parent: Option<Attachment>,
    section: &Section,
    points: &Points,
    into: Instantiated,
) -> Result<Branch, BranchFault> {
    let mut chain = chain(section, points);
    if let [center] = chain[..] {
        let at = |x| Point { x, ..center };
        chain = vec![
            at(center.x - center.radius),
            center,
            at(center.x + center.radius),
        ];
    }
    let stored: Vec<Point> = chain
        .iter()
        .map(|&point| match into {
            Instantiated::AtTopLevel => {
                in_single_precision(point, |value| eight_digits(value) as f32)
            }
            Instantiated::InPythonObject => in_single_precision(point, |value| value as f32),
        })
        .collect();
    let path = path_through(&stored, single_precision_distance);
    Branch::with_path(parent, section.kind, stored, path)
}

/// A point, its coordinates and its diameter rounded.
fn in_single_precision(point: Point, single: impl Fn(f64) -> f32) -> Point {
    let rounded = |value| f64::from(single(value));
    Point {
        x: rounded(point.x),
        y: rounded(point.y),
        z: rounded(point.z),
        radius: rounded(2.0 * point.radius) / 2.0,
    }
}

/// The distance as NEURON computes it: differences of single-precision numbers are rounded to single precision.
fn single_precision_distance(a: &Point, b: &Point) -> f64 {
    let difference = |a: f64, b: f64| f64::from(b as f32 - a as f32);
    let [x, y, z] = [
        difference(a.x, b.x),
        difference(a.y, b.y),
        difference(a.z, b.z),
    ];
    (x * x + y * y + z * z).sqrt()
}

/// A number as hoc's `%.8g` prints it and its parser reads it again.
fn eight_digits(value: f64) -> f64 {
    format!("{value:.7e}").parse().unwrap_or(value)
}

/// Sections by ascending type, those of one type in the order of the file; a child never before its parent.
fn by_type_after_parents(sections: &[Section]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|&index| sections[index].kind);
    let mut placed = vec![false; sections.len()];
    let mut result = Vec::with_capacity(order.len());
    for index in order {
        // ancestors that come later by type are placed first, the farthest of them before the others
        let unplaced = |&here: &usize| !placed[here];
        let above = |&here: &usize| sections[here].parent.map(|to| to.branch).filter(unplaced);
        let way: Vec<usize> = std::iter::successors(Some(index).filter(unplaced), above).collect();
        for &section in way.iter().rev() {
            placed[section] = true;
            result.push(section);
        }
    }
    result
}

/// What Import3d calls the sections of an SWC type.
fn section_name(kind: i32) -> String {
    match kind {
        1 => "soma".to_string(),
        2 => "axon".to_string(),
        3 => "dend".to_string(),
        4 => "apic".to_string(),
        kind if kind < 0 => format!("minus_{}", kind.unsigned_abs()),
        kind => format!("dend_{kind}"),
    }
}
