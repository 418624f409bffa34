//! NEURON's sections as branches.

use super::Instantiated;
use super::instantiate::{self, instantiated};
use super::points::Points;
use super::sections::{Section, chain};
use crate::branch::Branch;
use crate::error::SwcFault;
use crate::swc::Fault;

/// The sections as branches: named, by type, each after its parent.
pub(super) fn of(
    sections: &[Section],
    points: &Points,
    into: Instantiated,
) -> Result<Vec<Branch>, Fault> {
    let with_points: Vec<instantiate::Section> = sections
        .iter()
        .map(|section| instantiate::Section {
            kind: section.kind,
            parent: section.parent,
            points: chain(section, points),
        })
        .collect();
    instantiated(&with_points, into).map_err(|(index, fault)| {
        let record = &points.records[sections[index].first];
        let id = record.id;
        (record.line, SwcFault::Branch { id, fault })
    })
}
