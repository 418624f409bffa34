//! Complex numbers for derivatives by complex step: with f analytic,
//! f(x + ih) = f(x) + ih·f′(x) to rounding, for h as small as one likes (Squire and Trapp 1998,
//! SIAM Rev 40:110).

use std::ops::{Add, Div, Mul, Neg, Sub};
use std::sync::LazyLock;

use loligo_mechanism::graph::{Binary, Scalar, Unary};

/// A number that the reference engine computes with.
pub trait Number:
    Scalar
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
}

impl Number for f64 {}
impl Number for Complex {}

/// `re + i·im`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complex {
    pub re: f64,
    pub im: f64,
}

/// The imaginary step: its square is lost beside 1 and is still no denormal number.
pub const STEP: f64 = 1e-40;

impl Complex {
    /// `value`, moved by `direction` times the imaginary step.
    pub fn moved(value: f64, direction: f64) -> Self {
        Complex {
            re: value,
            im: direction * STEP,
        }
    }

    /// The derivative along the direction that was moved in.
    pub fn slope(self) -> f64 {
        self.im / STEP
    }

    fn exp(self) -> Self {
        let size = self.re.exp();
        Complex {
            re: size * self.im.cos(),
            im: size * self.im.sin(),
        }
    }

    /// eᶻ − 1 without cancellation.
    fn exp_m1(self) -> Self {
        let half = (0.5 * self.im).sin();
        Complex {
            re: self.re.exp_m1() * self.im.cos() - 2.0 * half * half,
            im: self.re.exp() * self.im.sin(),
        }
    }

    fn ln(self) -> Self {
        Complex {
            re: self.re.hypot(self.im).ln(),
            im: self.im.atan2(self.re),
        }
    }

    fn powi(self, exponent: i32) -> Self {
        let one = Complex::from_f64(1.0);
        let power = (0..exponent.abs()).fold(one, |product, _| product * self);
        if exponent < 0 { one / power } else { power }
    }

    fn pow(self, exponent: Self) -> Self {
        let whole = exponent.re.round();
        if exponent.im == 0.0 && exponent.re == whole && whole.abs() < 64.0 {
            return self.powi(whole as i32);
        }
        (exponent * self.ln()).exp()
    }

    fn tanh(self) -> Self {
        let grown = (self + self).exp_m1();
        grown / (grown + Complex::from_f64(2.0))
    }
}

/// Σ coefficient(n)·zⁿ, for |z| < 1.
fn series(z: Complex, terms: u32, coefficient: impl Fn(u32) -> f64) -> Complex {
    (0..terms).rev().fold(Complex::from_f64(0.0), |sum, n| {
        sum * z + Complex::from_f64(coefficient(n))
    })
}

fn factorial(n: u32) -> f64 {
    (1..=n).map(f64::from).product()
}

/// How many terms of a series are summed: x/(eˣ − 1) converges for |x| < 2π, so that for |x| < 1
/// what is left out is below 1e-20.
const TERMS: u32 = 26;

/// The coefficients Bₙ/n! of x/(eˣ − 1), from Σ bⱼ/(n + 1 − j)! = 0.
static BERNOULLI: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let mut b = vec![1.0];
    for n in 1..TERMS + 2 {
        let sum: f64 = (0..n).map(|j| b[j as usize] / factorial(n + 1 - j)).sum();
        // odd ones beyond the first vanish
        b.push(if n > 1 && n % 2 == 1 { 0.0 } else { -sum });
    }
    b
});

/// The `order`-th derivative of z/(eᶻ − 1).
fn exprel(order: u8, z: Complex) -> Complex {
    if z.re.abs() < 1.0 {
        let order = u32::from(order);
        return series(z, TERMS, |n| {
            let falling: f64 = (1..=order).map(|k| f64::from(n + k)).product();
            falling * BERNOULLI[(n + order) as usize]
        });
    }
    let one = Complex::from_f64(1.0);
    let value = z / z.exp_m1();
    // E = z/(eᶻ − 1) satisfies z·E′ = E·(1 − z − E)
    let first = value * (one - z - value) / z;
    match order {
        0 => value,
        1 => first,
        _ => (first * (one - z - value) - value * (one + first) - first) / z,
    }
}

/// φₖ: Σ zⁿ/(n + k)!.
fn phi(order: u8, z: Complex) -> Complex {
    if z.re.abs() < 1.0 {
        return series(z, TERMS, |n| 1.0 / factorial(n + u32::from(order)));
    }
    let first = z.exp_m1() / z;
    (1..u32::from(order)).fold(first, |value, k| {
        (value - Complex::from_f64(1.0 / factorial(k))) / z
    })
}

fn truth(condition: bool) -> Complex {
    Complex::from_f64(if condition { 1.0 } else { 0.0 })
}

impl Scalar for Complex {
    fn from_f64(value: f64) -> Self {
        Complex { re: value, im: 0.0 }
    }

    fn real(self) -> f64 {
        self.re
    }

    fn unary(function: Unary, a: Self) -> Self {
        match function {
            Unary::Neg => -a,
            Unary::Exp => a.exp(),
            Unary::Log => a.ln(),
            Unary::Sqrt => a.pow(Complex::from_f64(0.5)),
            Unary::Sin => Complex {
                re: a.re.sin() * a.im.cosh(),
                im: a.re.cos() * a.im.sinh(),
            },
            Unary::Cos => Complex {
                re: a.re.cos() * a.im.cosh(),
                im: -a.re.sin() * a.im.sinh(),
            },
            Unary::Tanh => a.tanh(),
            Unary::Abs => {
                if a.re < 0.0 {
                    -a
                } else {
                    a
                }
            }
            Unary::Floor => Complex::from_f64(a.re.floor()),
            Unary::Ceil => Complex::from_f64(a.re.ceil()),
            Unary::Sign => truth(a.re > 0.0) - truth(a.re < 0.0),
            Unary::Exprel(order) => exprel(order, a),
            Unary::Phi(order) => phi(order, a),
            Unary::Not => truth(a.re == 0.0),
            Unary::Detach => a,
        }
    }

    fn binary(function: Binary, a: Self, b: Self) -> Self {
        match function {
            Binary::Add => a + b,
            Binary::Sub => a - b,
            Binary::Mul => a * b,
            Binary::Div => a / b,
            Binary::Pow => a.pow(b),
            Binary::Min => {
                if b.re < a.re {
                    b
                } else {
                    a
                }
            }
            Binary::Max => {
                if b.re > a.re {
                    b
                } else {
                    a
                }
            }
            Binary::Less => truth(a.re < b.re),
            Binary::LessEqual => truth(a.re <= b.re),
            Binary::Equal => truth(a.re == b.re),
            Binary::And => truth(a.re != 0.0 && b.re != 0.0),
            Binary::Or => truth(a.re != 0.0 || b.re != 0.0),
            Binary::Gate => {
                if a.re == 0.0 && a.im == 0.0 {
                    Complex::from_f64(0.0)
                } else {
                    a * b
                }
            }
            Binary::ExprelFirst => Complex::unary(Unary::Exprel(1), a),
        }
    }
}

impl Add for Complex {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Complex {
            re: self.re + other.re,
            im: self.im + other.im,
        }
    }
}

impl Sub for Complex {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Complex {
            re: self.re - other.re,
            im: self.im - other.im,
        }
    }
}

impl Neg for Complex {
    type Output = Self;
    fn neg(self) -> Self {
        Complex {
            re: -self.re,
            im: -self.im,
        }
    }
}

impl Mul for Complex {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Complex {
            re: self.re * other.re - self.im * other.im,
            im: self.re * other.im + self.im * other.re,
        }
    }
}

impl Div for Complex {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let size = other.re * other.re + other.im * other.im;
        Complex {
            re: (self.re * other.re + self.im * other.im) / size,
            im: (self.im * other.re - self.re * other.im) / size,
        }
    }
}
