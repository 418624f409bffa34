//! How NEURON keeps 3-D points: in single precision.

use crate::branch::Point;

/// A point, its coordinates and its diameter rounded.
pub(super) fn in_single_precision(point: Point, single: impl Fn(f64) -> f32) -> Point {
    let rounded = |value| f64::from(single(value));
    Point {
        x: rounded(point.x),
        y: rounded(point.y),
        z: rounded(point.z),
        radius: rounded(2.0 * point.radius) / 2.0,
    }
}

/// The distance as NEURON computes it: differences of single-precision numbers are rounded to
/// single precision.
pub(super) fn single_precision_distance(a: &Point, b: &Point) -> f64 {
    let difference = |a: f64, b: f64| f64::from(b as f32 - a as f32);
    let [x, y, z] = [
        difference(a.x, b.x),
        difference(a.y, b.y),
        difference(a.z, b.z),
    ];
    (x * x + y * y + z * z).sqrt()
}

/// A number as hoc's `%.8g` prints it and its parser reads it again.
pub(super) fn eight_digits(value: f64) -> f64 {
    format!("{value:.7e}").parse().unwrap_or(value)
}
