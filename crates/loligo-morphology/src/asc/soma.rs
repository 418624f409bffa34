//! A soma of its contours, as NEURON makes it.
//!
//! A single contour is a slice through the soma: its longest axis is found, and along it, at
//! twenty-one places, how wide it is from one side to the other; these are the diameters of a chain of
//! frusta. Contours whose bounding boxes overlap one after the other are a stack: each becomes a
//! circle around its centre, and these are a chain.

use super::syntax::Contour;
use super::{Fault, Place};
use crate::branch::Point;
use crate::error::AscFault;

type Vector = [f64; 3];

/// How many points a contour is drawn anew with, but for the last one.
const AROUND: usize = 100;

/// How many frusta a single contour becomes.
const ALONG: usize = 20;

/// By how much a tree may begin outside of the box around a single contour, µm.
const MARGIN: f64 = 0.5;

/// Numbers that differ by no more are equal in hoc.
const HOC_EPSILON: f64 = 1e-11;

/// The soma of a cell.
pub(super) struct Soma {
    /// Of its first contour.
    pub place: Place,
    pub points: Vec<Point>,
    /// The least and the largest x and y inside of it, µm.
    box_around: [[f64; 2]; 2],
}

impl Soma {
    /// Whether a point is inside of the box around the contours, seen from above.
    pub fn surrounds(&self, point: &Point) -> bool {
        let [x, y] = self.box_around;
        (x[0]..=x[1]).contains(&point.x) && (y[0]..=y[1]).contains(&point.y)
    }
}

/// The soma that contours make; none if there are none.
pub(super) fn of(contours: &[Contour]) -> Result<Option<Soma>, Fault> {
    let [first, others @ ..] = contours else {
        return Ok(None);
    };
    for contour in contours {
        if contour.points.len() < 3 {
            let reason = "it has fewer than three points";
            return Err((contour.place, AscFault::Contour { reason }));
        }
    }
    for pair in contours.windows(2) {
        if !overlap(&pair[0], &pair[1]) {
            let first_line = first.place.line;
            return Err((pair[1].place, AscFault::SeveralSomas { first_line }));
        }
    }
    let margin = if others.is_empty() { MARGIN } else { 0.0 };
    let points = if others.is_empty() {
        along_axis(&first.points).map_err(|reason| (first.place, AscFault::Contour { reason }))?
    } else {
        contours.iter().map(|c| circle(&c.points)).collect()
    };
    let range = |axis: usize| {
        let all = contours.iter().map(|contour| range(contour, axis));
        let [least, largest] = all
            .reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])
            .unwrap_or_default();
        [least - margin, largest + margin]
    };
    Ok(Some(Soma {
        place: first.place,
        points,
        box_around: [range(0), range(1)],
    }))
}

fn range(contour: &Contour, axis: usize) -> [f64; 2] {
    let values = contour.points.iter().map(|point| point[axis]);
    values.fold([f64::INFINITY, f64::NEG_INFINITY], |[least, largest], v| {
        [least.min(v), largest.max(v)]
    })
}

fn overlap(a: &Contour, b: &Contour) -> bool {
    (0..2).all(|axis| {
        let (a, b) = (range(a, axis), range(b, axis));
        a[0] <= b[1] && b[0] <= a[1]
    })
}

/// The contour with points at equal distances, and the mean of these. Distances are those seen from
/// above, and the way from the last point back to the first is not gone.
fn redrawn(points: &[Vector]) -> (Vec<Vector>, Vector) {
    let mut path = vec![0.0];
    let mut total = 0.0;
    for pair in points.windows(2) {
        total += (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        path.push(total);
    }
    let places: Vec<f64> = (0..=AROUND)
        .map(|k| k as f64 * (total / AROUND as f64))
        .collect();
    let axes: [Vec<f64>; 3] = [0, 1, 2].map(|axis| {
        let values: Vec<f64> = points.iter().map(|point| point[axis]).collect();
        interpolated(&places, &path, &values)
    });
    let uniform: Vec<Vector> = (0..places.len())
        .map(|k| [axes[0][k], axes[1][k], axes[2][k]])
        .collect();
    let center = [0, 1, 2].map(|axis| axes[axis].iter().sum::<f64>() / places.len() as f64);
    (uniform, center)
}

/// Values at `places`, which ascend, linear between those at `known`, and constant outside of them.
fn interpolated(places: &[f64], known: &[f64], values: &[f64]) -> Vec<f64> {
    let last = known.len() - 1;
    let mut piece = 1;
    places
        .iter()
        .map(|&place| {
            if place <= known[0] {
                return values[0];
            }
            while piece <= last && known[piece] < place {
                piece += 1;
            }
            if piece > last {
                return values[last];
            }
            let share = (place - known[piece - 1]) / (known[piece] - known[piece - 1]);
            (1.0 - share) * values[piece - 1] + share * values[piece]
        })
        .collect()
}

/// A contour of a stack as a circle: its diameter is the mean of two, that of the perimeter and that
/// of the mean distance from the centre.
fn circle(points: &[Vector]) -> Point {
    let closed = points.iter().zip(points.iter().cycle().skip(1));
    let perimeter: f64 = closed.map(|(&a, &b)| length(difference(b, a))).sum();
    let (uniform, center) = redrawn(points);
    let distances = uniform
        .iter()
        .map(|&point| length(difference(point, center)));
    let mean = distances.sum::<f64>() / uniform.len() as f64;
    let diameter = mean + perimeter / std::f64::consts::TAU;
    Point::new(center[0], center[1], center[2], diameter / 2.0)
}

/// The frusta of a single contour.
fn along_axis(points: &[Vector]) -> Result<Vec<Point>, &'static str> {
    let (uniform, center) = redrawn(points);
    let centered: Vec<Vector> = uniform.iter().map(|&p| difference(p, center)).collect();
    let (values, axes) = principal_axes(&centered);
    let largest = first_of(&values, |a, b| a > b);
    let smallest = first_of(&values, |a, b| a < b);
    if largest == smallest {
        return Err("all of its points coincide");
    }
    let mut major = axes[largest];
    if major[first_of(&major.map(f64::abs), |a, b| a > b)] < 0.0 {
        major = major.map(|value| -value);
    }
    // the middle one, seen from above
    let [x, y, _] = axes[3 - largest - smallest];
    let norm = x.hypot(y);
    if norm < 1e-6 {
        return Err("its second axis points away from the plane");
    }
    let minor = [x / norm, y / norm, 0.0];

    // how far along the axis, and how far from it, both sides from the least to the largest
    let mut along: Vec<(f64, f64)> = centered
        .iter()
        .map(|&point| (dot(point, major), dot(point, minor)))
        .collect();
    let distances = |side: &[(f64, f64)]| -> Vec<f64> { side.iter().map(|&(d, _)| d).collect() };
    let farthest = first_of(&distances(&along), |a, b| a > b);
    along.rotate_left(farthest);
    let least = first_of(&distances(&along), |a, b| a < b);
    let mut back = along.split_off(least);
    along.reverse();
    for side in [&mut along, &mut back] {
        make_ascending(side);
        if side.is_empty() {
            return Err("it has only one side");
        }
    }
    let mut all: Vec<f64> = along.iter().chain(&back).map(|&(d, _)| d).collect();
    all.sort_by(f64::total_cmp);
    if all.len() < 4 {
        return Err("it has too few points");
    }
    let (start, end) = (all[1], all[all.len() - 2]);
    let step = (end - start) / ALONG as f64;
    if !(step.is_finite() && step > 0.0) {
        return Err("all of its points are at one place of its longest axis");
    }
    let places: Vec<f64> = (0..=ALONG).map(|k| start + k as f64 * step).collect();
    let radii = |side: &[(f64, f64)]| {
        let values: Vec<f64> = side.iter().map(|&(_, radius)| radius).collect();
        interpolated(&places, &distances(side), &values)
    };
    let mut diameters: Vec<f64> = radii(&along)
        .iter()
        .zip(radii(&back))
        .map(|(a, b)| (a - b).abs())
        .collect();
    // ends are no points
    diameters[0] = (diameters[0] + diameters[1]) / 2.0;
    diameters[ALONG] = (diameters[ALONG] + diameters[ALONG - 1]) / 2.0;
    let point = |(&place, &diameter): (&f64, &f64)| {
        let [x, y, z] = [0, 1, 2].map(|axis| major[axis] * place + center[axis]);
        Point::new(x, y, z, diameter / 2.0)
    };
    Ok(places.iter().zip(&diameters).map(point).collect())
}

/// Leaves out points that go back.
fn make_ascending(side: &mut Vec<(f64, f64)>) {
    let mut last = side.len();
    while last > 1 {
        last -= 1;
        if side[last].0 <= side[last - 1].0 + HOC_EPSILON {
            side.remove(last);
            // the one behind it has another before it now
            if last != side.len() {
                last += 1;
            }
        }
    }
}

/// The first index at which no other number is better.
fn first_of(numbers: &[f64], better: impl Fn(f64, f64) -> bool) -> usize {
    let mut found = 0;
    for (index, &number) in numbers.iter().enumerate() {
        if better(number, numbers[found]) {
            found = index;
        }
    }
    found
}

/// Eigenvalues of the covariance of points around the origin, and the axes that belong to them, by
/// Jacobi's rotations.
fn principal_axes(points: &[Vector]) -> (Vector, [Vector; 3]) {
    let mut matrix = [[0.0; 3]; 3];
    for point in points {
        for (row, a) in matrix.iter_mut().zip(point) {
            for (entry, b) in row.iter_mut().zip(point) {
                *entry += a * b;
            }
        }
    }
    // axes[k] is the k-th column of the product of all rotations
    let mut axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    // each sweep squares what is beside the diagonal; a handful is enough in any case
    for _ in 0..32 {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if matrix[p][q] == 0.0 {
                continue;
            }
            let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
            let tangent = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
            let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
            let sine = tangent * cosine;
            for row in &mut matrix {
                (row[p], row[q]) = (
                    cosine * row[p] - sine * row[q],
                    sine * row[p] + cosine * row[q],
                );
            }
            let (row_p, row_q) = (matrix[p], matrix[q]);
            for k in 0..3 {
                matrix[p][k] = cosine * row_p[k] - sine * row_q[k];
                matrix[q][k] = sine * row_p[k] + cosine * row_q[k];
            }
            let (axis_p, axis_q) = (axes[p], axes[q]);
            for k in 0..3 {
                axes[p][k] = cosine * axis_p[k] - sine * axis_q[k];
                axes[q][k] = sine * axis_p[k] + cosine * axis_q[k];
            }
        }
    }
    ([matrix[0][0], matrix[1][1], matrix[2][2]], axes)
}

fn difference(a: Vector, b: Vector) -> Vector {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn length(vector: Vector) -> f64 {
    dot(vector, vector).sqrt()
}
