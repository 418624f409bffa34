//! Functions that are smooth through a removable singularity at 0: x/(eˣ − 1) with its derivatives,
//! and φₖ.
//!
//! Where their quotients would cancel, polynomials take over; which of the two a lane uses depends
//! on its argument alone.

use super::exponential::parts;
use super::hot::Hot;
use super::{at_least, at_most, polynomial};
use crate::vector::real::{Arithmetic, Real};

/// Constants in one precision.
pub trait Constants: Sized + 'static {
    /// Above, x/(eˣ − 1) keeps the value that it has here (9e-306; f32: 5e-37).
    const EXPREL_HIGHEST: Self;
    /// φ₃ on [−2, 2].
    const PHI_THREE: &'static [Self];
    /// P of E′ = −½ + x·P(x²) on |x| ≤ 2.
    const EXPREL_FIRST: &'static [Self];
    /// The same on |x| ≤ 1.
    const EXPREL_FIRST_FROM: &'static [Self];
    /// P of E″ = P(x²) on |x| ≤ 3.
    const EXPREL_SECOND: &'static [Self];
}

impl Constants for f64 {
    const EXPREL_HIGHEST: f64 = 709.0;
    const PHI_THREE: &[f64] = &[
        0.16666666666666666,
        0.04166666666666666,
        0.008333333333333344,
        0.0013888888888889679,
        0.0001984126984126467,
        2.4801587301304792e-05,
        2.755731922497237e-06,
        2.755731926915544e-07,
        2.5052108295929025e-08,
        2.0876753171474828e-09,
        1.6059047982835398e-10,
        1.1470927947888702e-11,
        7.647073277008986e-13,
        4.774531490770311e-14,
        2.81184521698297e-15,
        1.6327390022293138e-16,
        8.385418769312601e-18,
    ];
    const EXPREL_FIRST: &[f64] = &[
        0.16666666666666666,
        -0.005555555555555513,
        0.00019841269841239242,
        -6.613756612709463e-06,
        2.087675678508196e-07,
        -6.341025717749937e-09,
        1.8735356417567798e-10,
        -5.422438690744719e-12,
        1.5416167224764815e-13,
        -4.2526606671290865e-15,
        1.0517828580861696e-16,
        -1.714173283826731e-18,
    ];
    const EXPREL_FIRST_FROM: &[f64] = &[
        0.16666666666666663,
        -0.005555555555553625,
        0.00019841269838648544,
        -6.613756452482727e-06,
        2.0876704015213981e-07,
        -6.340035110960456e-09,
        1.8628731031087127e-10,
        -4.805250238273547e-12,
    ];
    const EXPREL_SECOND: &[f64] = &[
        0.16666666666666666,
        -0.016666666666666666,
        0.0009920634920634816,
        -4.629629629625283e-05,
        1.8789081288133466e-06,
        -6.97513097046879e-08,
        2.4356215376320604e-09,
        -8.135225884518042e-11,
        2.6273045975822255e-12,
        -8.263499252959005e-14,
        2.5426791808086707e-15,
        -7.656420440959015e-17,
        2.23171198955336e-18,
        -6.06551004817318e-20,
        1.4127545375062124e-21,
        -2.4097154501168693e-23,
        2.1600159212842183e-25,
    ];
}

impl Constants for f32 {
    const EXPREL_HIGHEST: f32 = 88.0;
    const PHI_THREE: &[f32] = &[
        0.16666667,
        0.041666668,
        0.008333329,
        0.0013888903,
        0.00019842069,
        2.480057e-05,
        2.7500434e-06,
        2.7570186e-07,
        2.6687749e-08,
        2.1444437e-09,
    ];
    const EXPREL_FIRST: &[f32] = &[
        0.16666667,
        -0.005555541,
        0.00019838498,
        -6.590744e-06,
        1.9920596e-07,
        -4.3395816e-09,
    ];
    const EXPREL_FIRST_FROM: &[f32] = &[0.16666666, -0.005555457, 0.00019806741, -6.15735e-06];
    const EXPREL_SECOND: &[f32] = &[
        0.16666667,
        -0.016666645,
        0.0009920158,
        -4.6254703e-05,
        1.8606789e-06,
        -6.527478e-08,
        1.7933209e-09,
        -2.7407854e-11,
    ];
}

/// A function in two pieces, of which the first is cheap and where most arguments are.
pub trait Piecewise {
    /// Whether the polynomial holds at x.
    fn is_near<T: Real>(x: T, hot: &Hot<T>) -> bool;
    /// The polynomial.
    fn near<T: Real, A: Arithmetic>(x: T, hot: &Hot<T>) -> T;
    /// The quotient.
    fn far<T: Real, A: Arithmetic>(x: T) -> T;
}

/// E = x/(eˣ − 1), at most 2 ulp off up to 709 (f32: 88), from where on it keeps its value.
#[inline(always)]
pub fn exprel<T: Real, A: Arithmetic>(x: T, hot: &Hot<T>) -> T {
    let x = at_most(x, T::EXPREL_HIGHEST);
    let difference = parts::<T, A>(x, hot).exp_minus_one::<A>();
    let quotient = x / difference;
    if difference == T::ZERO {
        T::ONE
    } else {
        quotient
    }
}

/// E′ = E·(1 − E − x)/x from E, at most 8 + |x| ulp off.
///
/// (E is near −x for large negative x, and so its last place decides.)
#[inline(always)]
pub fn exprel_first_from<T: Real, A: Arithmetic>(x: T, exprel: T, hot: &Hot<T>) -> T {
    let (lowest, highest) = (hot.lowest, T::EXPREL_HIGHEST);
    let (x, exprel) = (
        at_least(at_most(x, highest), lowest),
        at_most(exprel, highest),
    );
    let square = x * x;
    let p = polynomial::<T, A>(T::EXPREL_FIRST_FROM, square, square * square);
    let near = A::mul_add(p, x, -hot.half);
    let far = exprel * ((hot.one - exprel) - x) / x;
    if x.abs() <= hot.one { near } else { far }
}

/// φ₁, at most 2 ulp off.
pub struct PhiOne;

impl Piecewise for PhiOne {
    #[inline(always)]
    fn is_near<T: Real>(x: T, hot: &Hot<T>) -> bool {
        // one comparison: the interval is centred at −¼
        (x + hot.quarter).abs() <= hot.half
    }
    #[inline(always)]
    fn near<T: Real, A: Arithmetic>(x: T, hot: &Hot<T>) -> T {
        A::mul_add(polynomial::<T, A>(hot.phi_one(), x, x * x), x, hot.one)
    }
    #[inline(always)]
    fn far<T: Real, A: Arithmetic>(x: T) -> T {
        phi_one_far::<T, A>(x)
    }
}

#[inline(always)]
fn phi_one_far<T: Real, A: Arithmetic>(x: T) -> T {
    // inf/1000 is inf, inf/inf would not be
    parts::<T, A>(x, T::HOT).exp_minus_one::<A>() / at_most(x, T::from_f64(1000.0))
}

/// φ₂, at most 6 ulp off.
pub struct PhiTwo;

impl Piecewise for PhiTwo {
    #[inline(always)]
    fn is_near<T: Real>(x: T, hot: &Hot<T>) -> bool {
        x.abs() <= hot.one
    }
    #[inline(always)]
    fn near<T: Real, A: Arithmetic>(x: T, hot: &Hot<T>) -> T {
        polynomial::<T, A>(hot.phi_two(), x, x * x)
    }
    #[inline(always)]
    fn far<T: Real, A: Arithmetic>(x: T) -> T {
        (phi_one_far::<T, A>(x) - T::ONE) / at_most(x, T::from_f64(1000.0))
    }
}

/// φ₃, at most 8 ulp off.
pub struct PhiThree;

impl Piecewise for PhiThree {
    #[inline(always)]
    fn is_near<T: Real>(x: T, _: &Hot<T>) -> bool {
        x.abs() <= T::TWO
    }
    #[inline(always)]
    fn near<T: Real, A: Arithmetic>(x: T, _: &Hot<T>) -> T {
        polynomial::<T, A>(T::PHI_THREE, x, x * x)
    }
    #[inline(always)]
    fn far<T: Real, A: Arithmetic>(x: T) -> T {
        (PhiTwo::far::<T, A>(x) - T::HALF) / at_most(x, T::from_f64(1000.0))
    }
}

/// E′, at most 8 ulp off: (1 − x·eˣ/w)/w with w = eˣ − 1.
pub struct ExprelFirst;

impl Piecewise for ExprelFirst {
    #[inline(always)]
    fn is_near<T: Real>(x: T, _: &Hot<T>) -> bool {
        x.abs() <= T::TWO
    }
    #[inline(always)]
    fn near<T: Real, A: Arithmetic>(x: T, _: &Hot<T>) -> T {
        let square = x * x;
        let p = polynomial::<T, A>(T::EXPREL_FIRST, square, square * square);
        A::mul_add(p, x, -T::HALF)
    }
    #[inline(always)]
    fn far<T: Real, A: Arithmetic>(x: T) -> T {
        let x = at_least(at_most(x, T::EXPREL_HIGHEST), T::HOT.lowest);
        let parts = parts::<T, A>(x, T::HOT);
        let w = parts.exp_minus_one::<A>();
        let reciprocal = T::ONE / w;
        A::mul_add(-x, parts.exp::<A>() * reciprocal, T::ONE) * reciprocal
    }
}

/// E″, at most 12 ulp off: h·(x(eˣ + 1)/w − 2)/w.
pub struct ExprelSecond;

impl Piecewise for ExprelSecond {
    #[inline(always)]
    fn is_near<T: Real>(x: T, _: &Hot<T>) -> bool {
        x.abs() <= T::TWO + T::ONE
    }
    #[inline(always)]
    fn near<T: Real, A: Arithmetic>(x: T, _: &Hot<T>) -> T {
        let square = x * x;
        polynomial::<T, A>(T::EXPREL_SECOND, square, square * square)
    }
    #[inline(always)]
    fn far<T: Real, A: Arithmetic>(x: T) -> T {
        let x = at_least(at_most(x, T::EXPREL_HIGHEST), T::HOT.lowest);
        let parts = parts::<T, A>(x, T::HOT);
        let (u, w) = (parts.exp::<A>(), parts.exp_minus_one::<A>());
        let bracket = A::mul_add(x, (u + T::ONE) / w, -T::TWO);
        u / w * bracket / w
    }
}
