//! eˣ, and eˣ − 1 in the parts that φ₁ and x/(eˣ − 1) are made of; tanh.
//!
//! x = n ln 2 + r with r from [ln ¾, ln 1.5]; eʳ = 1 + r + r²·q(r) with q a polynomial; 2ⁿ by its
//! bits.

use super::{at_least, at_most, polynomial};
use crate::vector::real::{Arithmetic, Real};

/// Constants in one precision.
pub trait Constants: Sized + 'static {
    /// `ROUND` plus the bias of the exponent.
    const ROUND_BIASED: Self;
    /// `ROUND_BIASED` plus the largest exponent.
    const LARGEST_EXPONENT: Self;
    /// log₂ e
    const LOG2_E: Self;
    /// ln 2 to so few bits that its product with an exponent is exact.
    const LN_2_HIGH: Self;
    /// The rest of ln 2.
    const LN_2_LOW: Self;
    /// Below, eˣ is 0 (it would be denormal; it is gradual down to ¾ of the smallest normal).
    const LOWEST: Self;
    /// The centre of [ln ¾, ln 1.5], in units of ln 2.
    const CENTRE: Self;
    /// q of least error in eʳ.
    const EXP: &'static [Self];
    /// q of least error relative to eʳ − 1.
    const EXPM1: &'static [Self];
}

impl Constants for f64 {
    const ROUND_BIASED: f64 = f64::ROUND + 1023.0;
    const LARGEST_EXPONENT: f64 = f64::ROUND + 2046.0;
    const LOG2_E: f64 = std::f64::consts::LOG2_E;
    const LN_2_HIGH: f64 = 0.693_147_180_485_539_1;
    const LN_2_LOW: f64 = 7.440617110012397e-11;
    const LOWEST: f64 = -709.0;
    const CENTRE: f64 = 0.084_962_500_721_156_18;
    const EXP: &[f64] = &[
        0.5000000000000001,
        0.16666666666667784,
        0.04166666666666678,
        0.00833333333240555,
        0.0013888888890101583,
        0.00019841272478047703,
        2.480157093502958e-05,
        2.7554160102430817e-06,
        2.759235285082175e-07,
        2.6435097119229144e-08,
    ];
    const EXPM1: &[f64] = &[
        0.5,
        0.16666666666666666,
        0.04166666666666879,
        0.008333333333332974,
        0.0013888888887728635,
        0.00019841269848216194,
        2.4801589932542285e-05,
        2.755729309546709e-06,
        2.7554664106629816e-07,
        2.508760822082268e-08,
        2.187698059883177e-09,
    ];
}

impl Constants for f32 {
    const ROUND_BIASED: f32 = f32::ROUND + 127.0;
    const LARGEST_EXPONENT: f32 = f32::ROUND + 254.0;
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    const LOWEST: f32 = -88.0;
    const CENTRE: f32 = 0.084_962_5;
    const EXP: &[f32] = &[
        0.5000002,
        0.16666566,
        0.041658893,
        0.008360738,
        0.0014615888,
    ];
    const EXPM1: &[f32] = &[
        0.5,
        0.16666667,
        0.041666035,
        0.008333282,
        0.001396834,
        0.00019768978,
    ];
}

/// eˣ, at most 1 ulp off. inf above the largest number; 0 where the result would be less than ¾ of
/// the smallest normal number. In the last factor √2 below the largest number the relative error
/// grows to 1e-10 (f32: 1e-5).
#[inline(always)]
pub fn exp<T: Real, A: Arithmetic>(x: T) -> T {
    let (scale, r) = reduce::<T, A>(x);
    let square = r * r;
    let change = A::mul_add(polynomial::<T, A>(T::EXP, r, square), square, r);
    A::mul_add(scale, change, scale)
}

/// e to the power x + `small`, with |`small`| far below 1.
#[inline(always)]
pub fn exp_of_sum<T: Real, A: Arithmetic>(x: T, small: T) -> T {
    let (scale, r) = reduce::<T, A>(x);
    let square = r * r;
    // e to the power r + small is eʳ + small·eʳ, the last factor to second order
    let slope = A::mul_add(T::HALF, square, r) + T::ONE;
    let tail = A::mul_add(polynomial::<T, A>(T::EXP, r, square), square, small * slope);
    A::mul_add(scale, r + tail, scale)
}

/// eˣ = `scale` + `scale` · `change`, neither of which cancels in eˣ − 1.
#[derive(Clone, Copy)]
pub struct Parts<T> {
    scale: T,
    change: T,
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
        A::mul_add(self.scale, self.change, self.scale - T::ONE)
    }
}

/// The parts of eˣ, such that eˣ − 1 is at most 1.2 ulp off.
#[inline(always)]
pub fn parts<T: Real, A: Arithmetic>(x: T) -> Parts<T> {
    let (scale, r) = reduce::<T, A>(x);
    let square = r * r;
    let change = A::mul_add(polynomial::<T, A>(T::EXPM1, r, square), square, r);
    Parts { scale, change }
}

/// 2ⁿ and r = x − n ln 2.
#[inline(always)]
fn reduce<T: Real, A: Arithmetic>(x: T) -> (T, T) {
    let x = at_least(x, T::LOWEST);
    // r from [ln ¾, ln 1.5] keeps |eˣ − 1| ≥ ¼ wherever n ≠ 0, and the rounding of r small where
    // eʳ has the smaller unit in the last place
    let shifted = A::mul_add(x, T::LOG2_E, -T::CENTRE) + T::ROUND_BIASED;
    // past the largest exponent r grows instead, and the polynomial overflows
    let shifted = at_most(shifted, T::LARGEST_EXPONENT);
    let n = shifted - T::ROUND_BIASED;
    let r = A::mul_add(-n, T::LN_2_HIGH, x);
    let r = A::mul_add(-n, T::LN_2_LOW, r);
    (shifted.low_bits_as_exponent(), r)
}

/// tanh x, at most 3 ulp off: t/(t + 2) with t = e²ˣ − 1, for negative x.
#[inline(always)]
pub fn tanh<T: Real, A: Arithmetic>(x: T) -> T {
    let t = parts::<T, A>(-T::TWO * x.abs()).exp_minus_one::<A>();
    (t / (t + T::TWO)).copysign(x)
}
