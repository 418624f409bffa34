//! Rounding to integers without instructions that only some units have.

use crate::vector::real::Real;

/// The nearest integer, halves to even; exact for every x.
#[inline(always)]
fn nearest<T: Real>(x: T) -> T {
    // 2ᵐ + |x| has no fraction bits; larger numbers have none to begin with
    let limit = T::ROUND * T::from_f64(2.0 / 3.0);
    let size = x.abs();
    let rounded = (size + limit) - limit;
    if size < limit { rounded.copysign(x) } else { x }
}

/// The largest integer not above x.
#[inline(always)]
pub fn floor<T: Real>(x: T) -> T {
    let rounded = nearest(x);
    if rounded > x {
        rounded - T::ONE
    } else {
        rounded
    }
}

/// The smallest integer not below x.
#[inline(always)]
pub fn ceil<T: Real>(x: T) -> T {
    -floor(-x)
}
