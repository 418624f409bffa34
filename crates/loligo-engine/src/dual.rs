//! Numbers with a tangent, and what is written once for plain numbers and for these.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::vector::Real;

/// A number that maps such as [`crate::geometry`]'s can be computed with.
pub(crate) trait Scalar:
    Copy
    + Default
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// A number that does not move.
    fn constant(value: f64) -> Self;
    /// Neither a number nor one that moves in a known way.
    fn unknown() -> Self;
}

/// A number of a block: by itself, or with its tangent.
///
/// In memory it is [`Number::PARTS`] numbers, each the same distance, the *shift*, further on.
pub(crate) trait Number: Scalar + Send + Sync {
    /// The precision of its parts.
    type Real: Real;
    /// The same in double precision, in which sums over time are.
    type Wide: Number<Real = f64, Wide = Self::Wide>;
    /// Numbers that someone else has, such as cotangents of recordings.
    type Samples<'s>: Copy + Send + Sync;

    /// How many numbers it is in memory.
    const PARTS: usize;

    /// The same in double precision.
    fn widen(self) -> Self::Wide;
    /// The nearest in this precision.
    fn narrow(from: Self::Wide) -> Self;
    /// The number at a position.
    fn load(array: &[Self::Real], at: usize, shift: usize) -> Self;
    /// Puts the number at a position.
    fn store(self, array: &mut [Self::Real], at: usize, shift: usize);
    /// A number of which this is a part, and the others are 0.
    fn of_part(part: usize, value: Self::Real) -> Self;
    /// One of its parts.
    fn part(self, part: usize) -> Self::Real;
    /// One of many.
    fn sample(samples: Self::Samples<'_>, at: usize) -> Self;
}

impl<T: Real> Scalar for T {
    #[inline(always)]
    fn constant(value: f64) -> Self {
        T::from_f64(value)
    }

    fn unknown() -> Self {
        T::from_f64(f64::NAN)
    }
}

impl<T: Real> Number for T {
    type Real = T;
    type Wide = f64;
    type Samples<'s> = &'s [T];

    const PARTS: usize = 1;

    #[inline(always)]
    fn widen(self) -> f64 {
        self.to_f64()
    }

    #[inline(always)]
    fn narrow(from: f64) -> Self {
        T::from_f64(from)
    }

    #[inline(always)]
    fn load(array: &[T], at: usize, _: usize) -> Self {
        array[at]
    }

    #[inline(always)]
    fn store(self, array: &mut [T], at: usize, _: usize) {
        array[at] = self;
    }

    #[inline(always)]
    fn of_part(_: usize, value: T) -> Self {
        value
    }

    #[inline(always)]
    fn part(self, _: usize) -> T {
        self
    }

    #[inline(always)]
    fn sample(samples: &[T], at: usize) -> Self {
        samples[at]
    }
}

/// A number and how fast it moves along a direction.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Dual<T> {
    pub(crate) value: T,
    pub(crate) tangent: T,
}

impl<T: Real> Scalar for Dual<T> {
    fn constant(value: f64) -> Self {
        Dual {
            value: T::from_f64(value),
            tangent: T::ZERO,
        }
    }

    fn unknown() -> Self {
        Dual {
            value: T::unknown(),
            tangent: T::unknown(),
        }
    }
}

impl<T: Real> Number for Dual<T> {
    type Real = T;
    type Wide = Dual<f64>;
    type Samples<'s> = Dual<&'s [T]>;

    const PARTS: usize = 2;

    fn widen(self) -> Dual<f64> {
        Dual {
            value: self.value.to_f64(),
            tangent: self.tangent.to_f64(),
        }
    }

    fn narrow(from: Dual<f64>) -> Self {
        Dual {
            value: T::from_f64(from.value),
            tangent: T::from_f64(from.tangent),
        }
    }

    fn load(array: &[T], at: usize, shift: usize) -> Self {
        Dual {
            value: array[at],
            tangent: array[at + shift],
        }
    }

    fn store(self, array: &mut [T], at: usize, shift: usize) {
        array[at] = self.value;
        array[at + shift] = self.tangent;
    }

    fn of_part(part: usize, value: T) -> Self {
        let (value, tangent) = match part {
            0 => (value, T::ZERO),
            _ => (T::ZERO, value),
        };
        Dual { value, tangent }
    }

    fn part(self, part: usize) -> T {
        match part {
            0 => self.value,
            _ => self.tangent,
        }
    }

    fn sample(samples: Dual<&[T]>, at: usize) -> Self {
        Dual {
            value: samples.value[at],
            tangent: samples.tangent[at],
        }
    }
}

impl<T: Real> Add for Dual<T> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Dual {
            value: self.value + other.value,
            tangent: self.tangent + other.tangent,
        }
    }
}

impl<T: Real> Sub for Dual<T> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Dual {
            value: self.value - other.value,
            tangent: self.tangent - other.tangent,
        }
    }
}

impl<T: Real> Mul for Dual<T> {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Dual {
            value: self.value * other.value,
            tangent: self.tangent * other.value + self.value * other.tangent,
        }
    }
}

impl<T: Real> Div for Dual<T> {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        Dual {
            value,
            tangent: (self.tangent - value * other.tangent) / other.value,
        }
    }
}

impl<T: Real> Neg for Dual<T> {
    type Output = Self;

    fn neg(self) -> Self {
        Dual {
            value: -self.value,
            tangent: -self.tangent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// f = (a·b − a/b)·(−a + 2), against its derivatives written out.
        #[test]
        fn tangents_follow_the_rules_of_calculus(
            a in 0.1f64..10.0, b in 0.1f64..10.0, da in -1.0f64..1.0, db in -1.0f64..1.0,
        ) {
            let (x, y) = (Dual { value: a, tangent: da }, Dual { value: b, tangent: db });
            let f = (x * y - x / y) * (-x + Dual::constant(2.0));
            let (left, right) = (a * b - a / b, 2.0 - a);
            let slope_a = (b - 1.0 / b) * right - left;
            let slope_b = (a + a / (b * b)) * right;
            let expected = slope_a * da + slope_b * db;
            let size = (slope_a.abs() + slope_b.abs() + left.abs()).max(1.0);
            prop_assert!((f.value - left * right).abs() <= 1e-14 * size);
            prop_assert!((f.tangent - expected).abs() <= 1e-13 * size);
        }
    }
}
