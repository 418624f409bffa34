//! ln x and aᵇ.
//!
//! x = m·2ᵏ with m in [√½, √2); ln m = 2 artanh s, s = (m − 1)/(m + 1).

use super::exponential::exp_of_sum;
use super::polynomial;
use crate::vector::real::{Arithmetic, Real};

/// Constants in one precision.
pub trait Constants: Sized + 'static {
    /// The smallest normal number.
    const SMALLEST_NORMAL: Self;
    /// A power of two that makes every denormal number normal.
    const DENORMAL_SCALE: Self;
    /// Its exponent.
    const DENORMAL_EXPONENT: Self;
    /// inf
    const INFINITY: Self;
    /// NaN
    const NAN: Self;
    /// 2ⁿ + 1 with n half the bits of the significand (Dekker).
    const SPLITTER: Self;
    /// R of 2 artanh s = 2s + s³·R(s²).
    const LOG: &'static [Self];
}

impl Constants for f64 {
    const SMALLEST_NORMAL: f64 = f64::MIN_POSITIVE;
    const DENORMAL_SCALE: f64 = 18_014_398_509_481_984.0;
    const DENORMAL_EXPONENT: f64 = 54.0;
    const INFINITY: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;
    const SPLITTER: f64 = 134_217_729.0;
    const LOG: &[f64] = &[
        0.6666666666666734,
        0.3999999999941447,
        0.2857142874243852,
        0.22222198567507973,
        0.18183564643139288,
        0.1531404190884099,
        0.14796041266839938,
    ];
}

impl Constants for f32 {
    const SMALLEST_NORMAL: f32 = f32::MIN_POSITIVE;
    const DENORMAL_SCALE: f32 = 33_554_432.0;
    const DENORMAL_EXPONENT: f32 = 25.0;
    const INFINITY: f32 = f32::INFINITY;
    const NAN: f32 = f32::NAN;
    const SPLITTER: f32 = 4097.0;
    const LOG: &[f32] = &[0.6666666, 0.40000334, 0.28537303, 0.23582236];
}

/// ln x, at most 1 ulp off; −inf at 0, NaN below.
#[inline(always)]
pub fn log<T: Real, A: Arithmetic>(x: T) -> T {
    let (m, k) = split::<T>(x);
    let f = m - T::ONE;
    let s = f / (T::TWO + f);
    let square = s * s;
    let rest = square * polynomial::<T, A>(T::LOG, square, square * square);
    // 2s = f − s·f, and s·f = f²/2 − s·f²/2: the largest term is exact
    let half = T::HALF * f * f;
    let small = A::mul_add(s, half + rest, k * T::HOT.ln_2_low);
    let result = A::mul_add(k, T::HOT.ln_2_high, f - (half - small));
    if x > T::ZERO && x < T::INFINITY {
        result
    } else {
        outside(x)
    }
}

/// ln x where x is not a positive number.
#[inline(always)]
fn outside<T: Real>(x: T) -> T {
    if x == T::ZERO {
        -T::INFINITY
    } else if x > T::ZERO {
        x
    } else {
        T::NAN
    }
}

/// m and k of positive x = m·2ᵏ.
#[inline(always)]
fn split<T: Real>(x: T) -> (T, T) {
    let denormal = x < T::SMALLEST_NORMAL;
    let (m, k) = if denormal { x * T::DENORMAL_SCALE } else { x }.split_exponent();
    let k = if denormal {
        k - T::DENORMAL_EXPONENT
    } else {
        k
    };
    (m, k)
}

/// aᵇ for a ≥ 0: e to the power b ln a with ln a in two parts. At most 2 ulp off where |b ln a| is
/// below 30, 8 ulp elsewhere. NaN for negative a; 1 wherever b is 0.
#[inline(always)]
pub fn pow<T: Real, A: Arithmetic>(a: T, b: T) -> T {
    let (m, k) = split::<T>(a);
    let f = m - T::ONE;
    let d = T::TWO + f;
    let d_error = f - (d - T::TWO);
    let s = f / d;
    let product = s * d;
    let remainder = (f - product) - A::product_error(s, d, product) - s * d_error;
    let s_error = remainder / d;
    let square = s * s;
    let cubic = s * square * polynomial::<T, A>(T::LOG, square, square * square);

    // ln a = high + low
    let exponent = k * T::HOT.ln_2_high;
    let sum = exponent + T::TWO * s;
    let sum_error = T::TWO * s - (sum - exponent);
    let small = sum_error + (A::mul_add(T::TWO, s_error, cubic) + k * T::HOT.ln_2_low);
    let high = sum + small;
    let low = small - (high - sum);

    let power = b * high;
    let power_error = A::product_error(b, high, power) + b * low;
    // past the range of the exponential the error does not matter, and may be NaN
    let in_range = power.abs() < T::from_f64(1e4);
    let power_error = if in_range { power_error } else { T::ZERO };
    let result = exp_of_sum::<T, A>(power, power_error, T::HOT);

    let extreme = if (a == T::ZERO) == (b > T::ZERO) {
        T::ZERO
    } else {
        T::INFINITY
    };
    let result = if a > T::ZERO && a < T::INFINITY {
        result
    } else {
        extreme
    };
    let result = if a >= T::ZERO && b.abs() <= T::INFINITY {
        result
    } else {
        T::NAN
    };
    if b == T::ZERO { T::ONE } else { result }
}
