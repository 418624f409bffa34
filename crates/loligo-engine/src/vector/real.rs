//! The two precisions, and the two kinds of arithmetic that vector units have.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::functions::Tables;
use super::kernel::Compiled;

/// `f64` or `f32`.
pub trait Real:
    Copy
    + Default
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Tables
    + Compiled
    + Send
    + Sync
    + std::fmt::Debug
    + 'static
{
    /// How many numbers fill 64 bytes: the widest register, and a cache line. Arrays are padded to
    /// a multiple of it.
    const LANES: usize;
    /// How many numbers fill 16 bytes: the narrowest register.
    const FEW: usize;
    /// 0
    const ZERO: Self;
    /// ½
    const HALF: Self;
    /// 1
    const ONE: Self;
    /// 2
    const TWO: Self;
    /// The distance from 1 to the next larger number.
    const EPSILON: Self;
    /// 1.5 · 2ᵐ with m the bits of the significand: adding and subtracting it rounds to integers.
    const ROUND: Self;

    /// The nearest number of this precision.
    fn from_f64(value: f64) -> Self;
    /// The same number in double precision.
    fn to_f64(self) -> f64;
    /// |x|
    fn abs(self) -> Self;
    /// √x, correctly rounded.
    fn sqrt(self) -> Self;
    /// |x| with the sign of `sign`.
    fn copysign(self, sign: Self) -> Self;
    /// a · b + c with one rounding, by hardware.
    fn fused_mul_add(self, b: Self, c: Self) -> Self;
    /// The low bits of the significand as the exponent of a power of two: 2ⁿ⁻ᵇⁱᵃˢ for n + `ROUND`.
    fn low_bits_as_exponent(self) -> Self;
    /// Whether that bit of the significand is set, the lowest being bit 0.
    fn bit(self, index: u32) -> bool;
    /// m in [√½, √2) and the integer k of a positive normal number m · 2ᵏ.
    fn split_exponent(self) -> (Self, Self);
}

macro_rules! real {
    (
        $real:ident, $bits:ident, significand $significand:literal, bias $bias:literal,
        sqrt_half $sqrt_half:literal, two_to_significand $two:literal
    ) => {
        impl Real for $real {
            const LANES: usize = 64 / size_of::<$real>();
            const FEW: usize = 16 / size_of::<$real>();
            const ZERO: Self = 0.0;
            const HALF: Self = 0.5;
            const ONE: Self = 1.0;
            const TWO: Self = 2.0;
            const EPSILON: Self = $real::EPSILON;
            const ROUND: Self = 1.5 * $two;

            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as $real
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $real::abs(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $real::sqrt(self)
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                $real::copysign(self, sign)
            }
            #[inline(always)]
            fn fused_mul_add(self, b: Self, c: Self) -> Self {
                self.mul_add(b, c)
            }
            #[inline(always)]
            fn low_bits_as_exponent(self) -> Self {
                $real::from_bits(self.to_bits() << $significand)
            }
            #[inline(always)]
            fn bit(self, index: u32) -> bool {
                self.to_bits() & (1 << index) != 0
            }
            #[inline(always)]
            fn split_exponent(self) -> (Self, Self) {
                // shifted so that the exponent field steps at √½, not at 1
                let one = (1.0 as $real).to_bits();
                let shifted = self.to_bits().wrapping_add(one - $sqrt_half);
                let significand = shifted & ((1 << $significand) - 1);
                let m = $real::from_bits(significand.wrapping_add($sqrt_half));
                // an integer below 2ᵐ as the low bits of a float at 2ᵐ: no conversion needed
                let field = (shifted >> $significand) | ($two as $real).to_bits();
                (m, $real::from_bits(field) - ($two + $bias))
            }
        }
    };
}

real!(
    f64, u64, significand 52, bias 1023.0,
    sqrt_half 0x3fe6_a09e_667f_3bcd, two_to_significand 4_503_599_627_370_496.0
);
real!(
    f32, u32, significand 23, bias 127.0,
    sqrt_half 0x3f35_04f3, two_to_significand 8_388_608.0
);

/// How a vector unit multiplies and adds.
pub trait Arithmetic: Copy + 'static {
    /// How many vector registers there are.
    const REGISTERS: usize;
    /// a · b + c
    fn mul_add<T: Real>(a: T, b: T, c: T) -> T;
    /// c − a · b
    #[inline(always)]
    fn neg_mul_add<T: Real>(a: T, b: T, c: T) -> T {
        Self::mul_add(-a, b, c)
    }
    /// What rounding lost of `product` = a · b.
    fn product_error<T: Real>(a: T, b: T, product: T) -> T;
}

/// Fused multiply–add: every unit that has it gives the same bits.
#[derive(Clone, Copy, Debug)]
pub struct Fused<const REGISTERS: usize>;

/// Multiplication, rounding, then addition: emulating a fused operation would be 20 times slower.
#[derive(Clone, Copy, Debug)]
pub struct Separate;

impl<const REGISTERS: usize> Arithmetic for Fused<REGISTERS> {
    const REGISTERS: usize = REGISTERS;

    #[inline(always)]
    fn mul_add<T: Real>(a: T, b: T, c: T) -> T {
        a.fused_mul_add(b, c)
    }
    #[inline(always)]
    fn product_error<T: Real>(a: T, b: T, product: T) -> T {
        a.fused_mul_add(b, -product)
    }
}

impl Arithmetic for Separate {
    const REGISTERS: usize = 16;

    #[inline(always)]
    fn mul_add<T: Real>(a: T, b: T, c: T) -> T {
        a * b + c
    }
    #[inline(always)]
    fn product_error<T: Real>(a: T, b: T, product: T) -> T {
        // Dekker (1971): halves of the significand multiply exactly
        let halves = |x: T| {
            let scaled = x * T::SPLITTER;
            let high = scaled - (scaled - x);
            (high, x - high)
        };
        let ((ah, al), (bh, bl)) = (halves(a), halves(b));
        ((ah * bh - product) + ah * bl + al * bh) + al * bl
    }
}
