//! Somata that stand for a sphere: one point, or NeuroMorpho's three.

use super::tree::{PointTree, SOMA};
use crate::branch::Point;

/// A soma that is a sphere.
pub(crate) struct Sphere {
    /// The cylinder that stands for it, from end to end: length 2r, radius r.
    pub points: Vec<Point>,
    /// Nodes other than the centre that belong to it.
    pub ends: Vec<usize>,
    /// Whether it is one point, so that its volume is that of a ball, too.
    pub is_ball: bool,
}

/// The sphere that the tree's root stands for, if it does.
pub(crate) fn sphere(tree: &PointTree) -> Option<Sphere> {
    let alone = tree.records.len() == 1;
    let one_soma_point =
        tree.kind(tree.root) == SOMA && tree.children_of_own_kind(tree.root).next().is_none();
    if alone || one_soma_point {
        Some(one_point(tree.point(tree.root)))
    } else {
        three_points(tree)
    }
}

/// The cylinder lies along y, as NeuroMorpho writes its three points.
fn one_point(center: Point) -> Sphere {
    let at = |y| Point { y, ..center };
    Sphere {
        points: vec![at(center.y - center.radius), at(center.y + center.radius)],
        ends: Vec::new(),
        is_ball: true,
    }
}

/// NeuroMorpho's form: a centre with two childless points of the same radius r, together 2r apart,
/// to about a hundredth (the files are rounded).
fn three_points(tree: &PointTree) -> Option<Sphere> {
    let ends: Vec<usize> = tree.children_of_own_kind(tree.root).collect();
    let [first, second] = ends[..] else {
        return None;
    };
    if tree.kind(tree.root) != SOMA || ends.iter().any(|&end| !tree.children[end].is_empty()) {
        return None;
    }
    let (center, a, b) = (tree.point(tree.root), tree.point(first), tree.point(second));
    let close = |value: f64, expected: f64| (value / expected - 1.0).abs() < 0.01;
    let radii_agree = close(a.radius, center.radius) && close(b.radius, center.radius);
    let diameter = 2.0 * center.radius;
    let lengths_agree = close(center.distance(&a) + center.distance(&b), diameter)
        && close(a.distance(&b), diameter);
    (radii_agree && lengths_agree).then(|| Sphere {
        points: vec![a, center, b],
        ends,
        is_ball: false,
    })
}
