//! The constants of the functions that tapes spend their time in.

use super::Real;

/// Constants of eˣ, φ₁ and φ₂, read from memory when a tape runs.
///
/// What the compiler knows to be constant it loads anew for every chunk, and loading is what limits
/// these loops; what it has loaded from memory before a loop stays in registers.
#[derive(Clone, Copy, Debug)]
pub struct Hot<T> {
    /// 1
    pub one: T,
    /// ½
    pub half: T,
    /// ¼
    pub quarter: T,
    /// `ROUND` plus the bias of the exponent.
    pub round_biased: T,
    /// `round_biased` plus the largest exponent.
    pub largest_exponent: T,
    /// log₂ e
    pub log2_e: T,
    /// ln 2 to so few bits that its product with an exponent is exact.
    pub ln_2_high: T,
    /// The rest of ln 2.
    pub ln_2_low: T,
    /// Below, eˣ is 0 (it would be denormal; it is gradual down to ¾ of the smallest normal).
    pub lowest: T,
    /// The centre of [ln ¾, ln 1.5], in units of ln 2.
    pub centre: T,
    exp: [T; 10],
    expm1: [T; 11],
    phi_one: [T; 12],
    phi_two: [T; 14],
}

/// A precision's [`Hot`] constants.
pub trait HotConstants: Sized + 'static {
    /// Their values.
    const HOT: &'static Hot<Self>;
    /// How many coefficients each polynomial has.
    const TERMS: Terms;
}

/// How many coefficients the polynomials of [`Hot`] have.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    exp: usize,
    expm1: usize,
    phi_one: usize,
    phi_two: usize,
}

impl<T: Real> Hot<T> {
    /// q of least error in eʳ = 1 + r + r²·q(r) on [ln ¾, ln 1.5].
    #[inline(always)]
    pub fn exp(&self) -> &[T] {
        &self.exp[..T::TERMS.exp]
    }

    /// q of least error relative to eʳ − 1 on [ln ¾, ln 1.5].
    #[inline(always)]
    pub fn expm1(&self) -> &[T] {
        &self.expm1[..T::TERMS.expm1]
    }

    /// (φ₁ − 1)/x on [−¾, ¼].
    #[inline(always)]
    pub fn phi_one(&self) -> &[T] {
        &self.phi_one[..T::TERMS.phi_one]
    }

    /// φ₂ on [−1, 1].
    #[inline(always)]
    pub fn phi_two(&self) -> &[T] {
        &self.phi_two[..T::TERMS.phi_two]
    }
}

impl HotConstants for f64 {
    const HOT: &Hot<f64> = &Hot {
        one: 1.0,
        half: 0.5,
        quarter: 0.25,
        round_biased: f64::ROUND + 1023.0,
        largest_exponent: f64::ROUND + 2046.0,
        log2_e: std::f64::consts::LOG2_E,
        ln_2_high: 0.693_147_180_485_539_1,
        ln_2_low: 7.440617110012397e-11,
        lowest: -709.0,
        centre: 0.084_962_500_721_156_18,
        exp: [
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
        ],
        expm1: [
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
        ],
        phi_one: [
            0.5,
            0.16666666666666666,
            0.0416666666666684,
            0.008333333333337026,
            0.0013888888888304908,
            0.00019841269821908658,
            2.480158787774992e-05,
            2.7557351589043906e-06,
            2.755749310227269e-07,
            2.5037960596013237e-08,
            2.0538769427532834e-09,
            1.2944183133558084e-10,
        ],
        phi_two: [
            0.5,
            0.16666666666666666,
            0.041666666666666116,
            0.008333333333333878,
            0.0013888888888978507,
            0.00019841269840858297,
            2.4801587247336444e-05,
            2.755731935186589e-06,
            2.755733482929975e-07,
            2.505209084850624e-08,
            2.0874456917332125e-09,
            1.6059833989629884e-10,
            1.1638481624306464e-11,
            7.679721343855964e-13,
        ],
    };
    const TERMS: Terms = Terms {
        exp: 10,
        expm1: 11,
        phi_one: 12,
        phi_two: 14,
    };
}

impl HotConstants for f32 {
    const HOT: &Hot<f32> = &Hot {
        one: 1.0,
        half: 0.5,
        quarter: 0.25,
        round_biased: f32::ROUND + 127.0,
        largest_exponent: f32::ROUND + 254.0,
        log2_e: std::f32::consts::LOG2_E,
        ln_2_high: 0.693_359_4,
        ln_2_low: -2.121_944_4e-4,
        lowest: -88.0,
        centre: 0.084_962_5,
        exp: [
            0.5000002,
            0.16666566,
            0.041658893,
            0.008360738,
            0.0014615888,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
        ],
        expm1: [
            0.5,
            0.16666667,
            0.041666035,
            0.008333282,
            0.001396834,
            0.00019768978,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
        ],
        phi_one: [
            0.49999994,
            0.16666661,
            0.041668642,
            0.008336916,
            0.0013772948,
            0.00016405154,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
        ],
        phi_two: [
            0.5,
            0.16666667,
            0.041666735,
            0.0083333105,
            0.0013885451,
            0.00019844023,
            2.535483e-05,
            2.7722829e-06,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
        ],
    };
    const TERMS: Terms = Terms {
        exp: 5,
        expm1: 6,
        phi_one: 6,
        phi_two: 8,
    };
}
