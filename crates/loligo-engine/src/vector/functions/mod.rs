//! The elementary functions of a tape: branch-free, the same bits on every vector unit that has fused
//! multiply–add, never the platform's library.
//!
//! What they promise (units in the last place, measured by `tests/accuracy.rs`) stands with each.
//! NaN propagates through all of them. Coefficients are minimax polynomials from `minimax.py`.

pub mod exponential;
pub mod hot;
pub mod logarithm;
pub mod relative;
pub mod rounding;
pub mod trigonometric;

use super::real::{Arithmetic, Real};

/// The constants of all functions in one precision.
pub trait Tables:
    hot::HotConstants + relative::Constants + logarithm::Constants + trigonometric::Constants
{
}

impl Tables for f64 {}
impl Tables for f32 {}

/// c₀ + c₁x + …, two or more coefficients, given x². Even and odd powers run side by side: as many
/// operations as Horner's rule at half its latency.
#[inline(always)]
pub fn polynomial<T: Real, A: Arithmetic>(coefficients: &[T], x: T, square: T) -> T {
    let mut left = coefficients.len() - 2;
    let (mut low, mut high) = (coefficients[left], coefficients[left + 1]);
    while left >= 2 {
        high = A::mul_add(high, square, coefficients[left - 1]);
        low = A::mul_add(low, square, coefficients[left - 2]);
        left -= 2;
    }
    if left == 1 {
        let even = A::mul_add(high, square, coefficients[0]);
        A::mul_add(low, x, even)
    } else {
        A::mul_add(high, x, low)
    }
}

/// The smaller one; NaN where x is NaN.
#[inline(always)]
pub fn at_most<T: Real>(x: T, limit: T) -> T {
    if limit < x { limit } else { x }
}

/// The larger one; NaN where x is NaN.
#[inline(always)]
pub fn at_least<T: Real>(x: T, limit: T) -> T {
    if limit > x { limit } else { x }
}
