//! sin x and cos x.
//!
//! x = k·π/2 + r with π/2 in three parts (Cody and Waite 1980), so that r keeps its precision for
//! |x| up to 1e6 (f32: 1e4); beyond, the error grows with |x|.

use super::polynomial;
use crate::vector::real::{Arithmetic, Real};

/// Constants in one precision.
pub trait Constants: Sized + 'static {
    /// 2/π
    const TWO_OVER_PI: Self;
    /// π/2 in three parts, the first two short enough that products with k are exact.
    const HALF_PI: [Self; 3];
    /// S of sin r = r + r³·S(r²) on |r| ≤ π/4.
    const SINE: &'static [Self];
    /// C of cos r = 1 − r²/2 + r⁴·C(r²) on |r| ≤ π/4.
    const COSINE: &'static [Self];
}

impl Constants for f64 {
    const TWO_OVER_PI: f64 = std::f64::consts::FRAC_2_PI;
    const HALF_PI: [f64; 3] = [
        1.5707963267341256,
        6.077100506303966e-11,
        2.0222662487959506e-21,
    ];
    const SINE: &[f64] = &[
        -0.1666666666666663,
        0.008333333333322115,
        -0.0001984126982958583,
        2.755731362004597e-06,
        -2.5050747545336245e-08,
        1.5896217130282054e-10,
    ];
    const COSINE: &[f64] = &[
        0.041666666666666595,
        -0.001388888888887305,
        2.480158728884761e-05,
        -2.755731417808263e-07,
        2.0875700672749624e-09,
        -1.1358527548980075e-11,
    ];
}

impl Constants for f32 {
    const TWO_OVER_PI: f32 = std::f32::consts::FRAC_2_PI;
    const HALF_PI: [f32; 3] = [1.5703125, 4.837513e-4, 7.54979e-8];
    const SINE: &[f32] = &[-0.16666667, 0.008333329, -0.00019839311, 2.7181186e-06];
    const COSINE: &[f32] = &[0.041666668, -0.0013888883, 2.479946e-05, -2.7205726e-07];
}

/// sin x, at most 1 ulp off (see the module for the range).
#[inline(always)]
pub fn sin<T: Real, A: Arithmetic>(x: T) -> T {
    let (shifted, sine, cosine) = quarter::<T, A>(x);
    let value = if shifted.bit(0) { cosine } else { sine };
    if shifted.bit(1) { -value } else { value }
}

/// cos x, at most 1 ulp off (see the module for the range).
#[inline(always)]
pub fn cos<T: Real, A: Arithmetic>(x: T) -> T {
    let (shifted, sine, cosine) = quarter::<T, A>(x);
    let value = if shifted.bit(0) { sine } else { cosine };
    if shifted.bit(0) != shifted.bit(1) {
        -value
    } else {
        value
    }
}

/// A number whose low bits count the quarter turns k, and sin and cos of what is left.
#[inline(always)]
fn quarter<T: Real, A: Arithmetic>(x: T) -> (T, T, T) {
    let shifted = A::mul_add(x, T::TWO_OVER_PI, T::ROUND);
    let k = shifted - T::ROUND;
    let mut r = x;
    for part in T::HALF_PI {
        r = A::mul_add(-k, part, r);
    }
    let square = r * r;
    let fourth = square * square;
    let sine = A::mul_add(polynomial::<T, A>(T::SINE, square, fourth) * square, r, r);
    let half = T::HALF * square;
    let near_one = T::ONE - half;
    let lost = (T::ONE - near_one) - half;
    let cosine = near_one + A::mul_add(polynomial::<T, A>(T::COSINE, square, fourth), fourth, lost);
    (shifted, sine, cosine)
}
