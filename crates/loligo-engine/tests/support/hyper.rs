//! Complex numbers with a tangent: the complex step of a derivative, which is a second derivative
//! to rounding.
//!
//! Moved by ih along one direction, a number z and its derivative ż along another become z + ih·z′
//! and ż + ih·ż′, so that the imaginary part of the tangent is the mixed second derivative.

use std::ops::{Add, Div, Mul, Neg, Sub};

use loligo_mechanism::graph::{Binary, Scalar, Unary};

use super::complex::{Complex, Number};

/// A number, moved along one direction, and its derivative along another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hyper {
    pub value: Complex,
    pub tangent: Complex,
}

impl Number for Hyper {}

impl Hyper {
    /// `value`, moved in one direction and in the other.
    pub fn moved(value: f64, first: f64, second: f64) -> Self {
        Hyper {
            value: Complex::moved(value, first),
            tangent: Complex::from_f64(second),
        }
    }

    /// f(z) with the derivative f′(z)·ż.
    fn through(self, value: Complex, slope: Complex) -> Self {
        Hyper {
            value,
            tangent: slope * self.tangent,
        }
    }
}

fn of(function: Unary, z: Complex) -> Complex {
    Complex::unary(function, z)
}

impl Scalar for Hyper {
    fn from_f64(value: f64) -> Self {
        Hyper::moved(value, 0.0, 0.0)
    }

    fn real(self) -> f64 {
        self.value.re
    }

    fn unary(function: Unary, a: Self) -> Self {
        let z = a.value;
        let number = Complex::from_f64;
        let value = of(function, z);
        let slope = match function {
            Unary::Neg => number(-1.0),
            Unary::Exp => value,
            Unary::Log => number(1.0) / z,
            Unary::Sqrt => number(0.5) / value,
            Unary::Sin => of(Unary::Cos, z),
            Unary::Cos => -of(Unary::Sin, z),
            Unary::Tanh => number(1.0) - value * value,
            Unary::Abs => number(if z.re < 0.0 { -1.0 } else { 1.0 }),
            Unary::Floor | Unary::Ceil | Unary::Sign | Unary::Not => number(0.0),
            // at a solution what was detached moves as the solution does
            Unary::Detach => number(1.0),
            Unary::Exprel(order) => of(Unary::Exprel(order + 1), z),
            // φₖ = Σ zⁿ/(n + k)!, so φₖ′ = φₖ − k·φₖ₊₁
            Unary::Phi(order) => value - number(f64::from(order)) * of(Unary::Phi(order + 1), z),
        };
        a.through(value, slope)
    }

    fn binary(function: Binary, a: Self, b: Self) -> Self {
        let constant = |value| Hyper {
            value,
            tangent: Complex::from_f64(0.0),
        };
        match function {
            Binary::Add => a + b,
            Binary::Sub => a - b,
            Binary::Mul => a * b,
            Binary::Div => a / b,
            Binary::Pow => {
                let power = |exponent| Complex::binary(Binary::Pow, a.value, exponent);
                let value = power(b.value);
                let one = Complex::from_f64(1.0);
                let by_base = b.value * power(b.value - one) * a.tangent;
                // the logarithm only where the exponent moves: the base may be negative
                let moves = b.tangent != Complex::from_f64(0.0);
                let tangent = match moves {
                    true => by_base + value * of(Unary::Log, a.value) * b.tangent,
                    false => by_base,
                };
                Hyper { value, tangent }
            }
            Binary::Min if b.value.re < a.value.re => b,
            Binary::Max if b.value.re > a.value.re => b,
            Binary::Min | Binary::Max => a,
            Binary::Gate => {
                let zero = Complex::from_f64(0.0);
                if a.value == zero && a.tangent == zero {
                    Hyper::from_f64(0.0)
                } else {
                    a * b
                }
            }
            Binary::ExprelFirst => Hyper::unary(Unary::Exprel(1), a),
            Binary::Less | Binary::LessEqual | Binary::Equal | Binary::And | Binary::Or => {
                constant(Complex::binary(function, a.value, b.value))
            }
        }
    }
}

impl Add for Hyper {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Hyper {
            value: self.value + other.value,
            tangent: self.tangent + other.tangent,
        }
    }
}

impl Sub for Hyper {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Hyper {
            value: self.value - other.value,
            tangent: self.tangent - other.tangent,
        }
    }
}

impl Neg for Hyper {
    type Output = Self;
    fn neg(self) -> Self {
        Hyper {
            value: -self.value,
            tangent: -self.tangent,
        }
    }
}

impl Mul for Hyper {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Hyper {
            value: self.value * other.value,
            tangent: self.tangent * other.value + self.value * other.tangent,
        }
    }
}

impl Div for Hyper {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        Hyper {
            value,
            tangent: (self.tangent - value * other.tangent) / other.value,
        }
    }
}
