//! What Import3d does with sections, whichever kind of file they are from: names by type, the order
//! of `h.allsec()`, points as NEURON keeps them.

use super::Instantiated;
use super::stored::{eight_digits, in_single_precision, single_precision_distance};
use crate::branch::{Attachment, Branch, Point, path_through};
use crate::error::BranchFault;
use std::collections::HashMap;

/// A section as a reader has it.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    /// SWC type.
    pub kind: i32,
    /// A section, by its index, and a location on it.
    pub parent: Option<Attachment>,
    /// Its points, before they are rounded.
    pub points: Vec<Point>,
}

/// The sections as branches: named, by type, each after its parent.
///
/// # Errors
/// The index of a section of which no branch can be made, and why not.
pub(crate) fn instantiated(
    sections: &[Section],
    into: Instantiated,
) -> Result<Vec<Branch>, (usize, BranchFault)> {
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
            let mut branch = branch(parent, section, into).map_err(|fault| (index, fault))?;
            branch.name.clone_from(&names[index]);
            Ok(branch)
        })
        .collect()
}

fn branch(
    parent: Option<Attachment>,
    section: &Section,
    into: Instantiated,
) -> Result<Branch, BranchFault> {
    let mut points = section.points.clone();
    if let [center] = points[..] {
        let at = |x| Point { x, ..center };
        points = vec![
            at(center.x - center.radius),
            center,
            at(center.x + center.radius),
        ];
    }
    let stored: Vec<Point> = points
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

/// Sections by ascending type, those of one type in the order of the file; a child never before its
/// parent.
fn by_type_after_parents(sections: &[Section]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|&index| sections[index].kind);
    let mut placed = vec![false; sections.len()];
    let mut result = Vec::with_capacity(order.len());
    for index in order {
        // ancestors that come later by type are placed first, the farthest of them before the
        // others
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
