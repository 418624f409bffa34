//! eˣ, and eˣ − 1 in the parts that φ₁ and x/(eˣ − 1) are made of; tanh.
//!
//! x = n ln 2 + r with r from [ln ¾, ln 1.5]; eʳ = 1 + r + r²·q(r) with q a polynomial; 2ⁿ by its
//! bits.

use super::hot::Hot;
use super::{at_least, at_most, polynomial};
use crate::vector::real::{Arithmetic, Real};

/// eˣ, at most 1 ulp off. inf above the largest number; 0 where the result would be less than ¾ of
/// the smallest normal number. In the last factor √2 below the largest number the relative error
/// grows to 1e-10 (f32: 1e-5).
#[inline(always)]
pub fn exp<T: Real, A: Arithmetic>(x: T, hot: &Hot<T>) -> T {
    let (scale, r) = reduce::<T, A>(x, hot);
    let square = r * r;
    let change = A::mul_add(polynomial::<T, A>(hot.exp(), r, square), square, r);
    A::mul_add(scale, change, scale)
}

/// e to the power x + `small`, with |`small`| far below 1.
#[inline(always)]
pub fn exp_of_sum<T: Real, A: Arithmetic>(x: T, small: T, hot: &Hot<T>) -> T {
    let (scale, r) = reduce::<T, A>(x, hot);
    let square = r * r;
    // e to the power r + small is eʳ + small·eʳ, the last factor to second order
    let slope = A::mul_add(T::HALF, square, r) + T::ONE;
    let tail = A::mul_add(
        polynomial::<T, A>(hot.exp(), r, square),
        square,
        small * slope,
    );
    A::mul_add(scale, r + tail, scale)
}

/// eˣ = `scale` + `scale` · `change`, neither of which cancels in eˣ − 1.
#[derive(Clone, Copy)]
pub struct Parts<T> {
    scale: T,
    change: T,
    one: T,
}

impl<T: Real> Parts<T> {
    /// eˣ
    #[inline(always)]
    pub fn exp<A: Arithmetic>(self) -> T {
        A::mul_add(self.scale, self.change, self.scale)
    }

    /// eˣ − 1
    #[inline(always)]
    pub fn exp_minus_one<A: Arithmetic>(self) -> T {
        A::mul_add(self.scale, self.change, self.scale - self.one)
    }
}

/// The parts of eˣ, such that eˣ − 1 is at most 1.2 ulp off.
#[inline(always)]
pub fn parts<T: Real, A: Arithmetic>(x: T, hot: &Hot<T>) -> Parts<T> {
    let (scale, r) = reduce::<T, A>(x, hot);
    let square = r * r;
    let change = A::mul_add(polynomial::<T, A>(hot.expm1(), r, square), square, r);
    let one = hot.one;
    Parts { scale, change, one }
}

/// 2ⁿ and r = x − n ln 2.
#[inline(always)]
fn reduce<T: Real, A: Arithmetic>(x: T, hot: &Hot<T>) -> (T, T) {
    let x = at_least(x, hot.lowest);
    // r from [ln ¾, ln 1.5] keeps |eˣ − 1| ≥ ¼ wherever n ≠ 0, and the rounding of r small where
    // eʳ has the smaller unit in the last place
    let shifted = A::mul_add(x, hot.log2_e, -hot.centre) + hot.round_biased;
    // past the largest exponent r grows instead, and the polynomial overflows
    let shifted = at_most(shifted, hot.largest_exponent);
    let n = shifted - hot.round_biased;
    let r = A::mul_add(-n, hot.ln_2_high, x);
    let r = A::mul_add(-n, hot.ln_2_low, r);
    (shifted.low_bits_as_exponent(), r)
}

/// tanh x, at most 3 ulp off: t/(t + 2) with t = e²ˣ − 1, for negative x.
#[inline(always)]
pub fn tanh<T: Real, A: Arithmetic>(x: T) -> T {
    let t = parts::<T, A>(-T::TWO * x.abs(), T::HOT).exp_minus_one::<A>();
    (t / (t + T::TWO)).copysign(x)
}
