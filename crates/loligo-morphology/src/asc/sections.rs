//! From what is drawn to sections: the soma first, what is connected to what, and by a wire or not.

use super::soma;
use super::syntax::{Drawing, Drawn};
use super::{Fault, Place};
use crate::branch::{Attachment, Point};
use crate::error::AscFault;
use crate::import3d::Section;
use crate::morphology::Note;

const SOMA: i32 = 1;

/// Numbers that differ by no more are equal in hoc.
const HOC_EPSILON: f64 = 1e-11;

/// What becomes of a branch of the drawing.
#[derive(Clone, Copy)]
enum Fate {
    /// It is the section of this index.
    Kept(usize),
    /// It is left out; what was connected to it goes there.
    LeftOut(Option<Attachment>),
}

/// The sections, each after its parent, and the place of each in the file.
pub(super) fn of(
    drawing: &Drawing,
    notes: &mut Vec<Note>,
) -> Result<(Vec<Place>, Vec<Section>), Fault> {
    if drawing.somas.is_empty() && drawing.branches.is_empty() {
        return Err((Place { line: 1, column: 1 }, AscFault::Empty));
    }
    if drawing.other_contours > 0 {
        let count = drawing.other_contours;
        notes.push(Note::LeftOutContours { count });
    }
    let mut places = Vec::new();
    let mut sections = Vec::new();
    let soma = soma::of(&drawing.somas)?;
    if let Some(soma) = &soma {
        places.push(soma.place);
        sections.push(Section {
            kind: SOMA,
            parent: None,
            points: soma.points.clone(),
        });
    } else {
        let mut trees = drawing.branches.iter().filter(|b| b.parent.is_none());
        if let (Some(first), Some(second)) = (trees.next(), trees.next()) {
            let first_line = first.place.line;
            return Err((second.place, AscFault::SeveralTrees { first_line }));
        }
    }
    let mut fates: Vec<Fate> = Vec::with_capacity(drawing.branches.len());
    for branch in &drawing.branches {
        let middle_of_soma = soma.as_ref().map(|_| Attachment { branch: 0, at: 0.5 });
        let parent = match branch.parent.map(|parent| fates[parent]) {
            Some(Fate::Kept(branch)) => Some(Attachment { branch, at: 1.0 }),
            Some(Fate::LeftOut(attachment)) => attachment,
            None => middle_of_soma,
        };
        let line = branch.place.line;
        if let (None, Some(soma)) = (branch.parent, &soma)
            && !soma.surrounds(&branch.points[0])
        {
            notes.push(Note::OutsideSoma { line });
        }
        let points = chain(
            branch,
            branch.parent.map(|parent| &drawing.branches[parent]),
        );
        if parent.is_some() && is_empty(&points) {
            notes.push(Note::BranchWithoutLength { line });
            fates.push(Fate::LeftOut(parent));
            continue;
        }
        fates.push(Fate::Kept(sections.len()));
        places.push(branch.place);
        sections.push(Section {
            kind: branch.kind,
            parent,
            points,
        });
    }
    Ok((places, sections))
}

/// The points of a branch, from the last one of its parent on: if its own first point is another one,
/// it begins there with the diameter of its own.
fn chain(branch: &Drawn, parent: Option<&Drawn>) -> Vec<Point> {
    let first = branch.points[0];
    let end = parent.and_then(|parent| parent.points.last());
    let start = end.filter(|end| !coincide(end, &first)).map(|&end| Point {
        radius: first.radius,
        ..end
    });
    start
        .into_iter()
        .chain(branch.points.iter().copied())
        .collect()
}

/// A section of a single point, or of two that coincide.
fn is_empty(points: &[Point]) -> bool {
    match points {
        [_] => true,
        [a, b] => coincide(a, b),
        _ => false,
    }
}

fn coincide(a: &Point, b: &Point) -> bool {
    let mut coordinates = a.position().into_iter().zip(b.position());
    coordinates.all(|(a, b)| (a - b).abs() <= HOC_EPSILON)
}
