//! Numbers of twice the precision (about 32 digits), and the functions of a tape in them: what the
//! engine's own functions are measured against. Slow and plain: Taylor series after reduction.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// `high` + `low`, with `low` at most half a unit in the last place of `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DoubleDouble {
    pub high: f64,
    pub low: f64,
}

const PI: DoubleDouble = DoubleDouble {
    high: std::f64::consts::PI,
    low: 1.224_646_799_147_353_2e-16,
};
const LN_2: DoubleDouble = DoubleDouble {
    high: std::f64::consts::LN_2,
    low: 2.319_046_813_846_299_6e-17,
};

fn dd(value: f64) -> DoubleDouble {
    value.into()
}

/// a + b exactly (Knuth).
fn exact_sum(a: f64, b: f64) -> DoubleDouble {
    let high = a + b;
    let part = high - a;
    let low = (a - (high - part)) + (b - part);
    DoubleDouble { high, low }
}

impl From<f64> for DoubleDouble {
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

impl Add for DoubleDouble {
    type Output = Self;
    fn add(self, b: Self) -> Self {
        let sum = exact_sum(self.high, b.high);
        let low = exact_sum(self.low, b.low);
        let sum = exact_sum(sum.high, sum.low + low.high);
        exact_sum(sum.high, sum.low + low.low)
    }
}

impl Neg for DoubleDouble {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            high: -self.high,
            low: -self.low,
        }
    }
}

impl Sub for DoubleDouble {
    type Output = Self;
    fn sub(self, b: Self) -> Self {
        self + -b
    }
}

impl Mul for DoubleDouble {
    type Output = Self;
    fn mul(self, b: Self) -> Self {
        let product = self.high * b.high;
        let error = self.high.mul_add(b.high, -product);
        exact_sum(product, error + (self.high * b.low + self.low * b.high))
    }
}

impl Div for DoubleDouble {
    type Output = Self;
    fn div(self, b: Self) -> Self {
        let first = self.high / b.high;
        let rest = self - b * dd(first);
        let second = rest.high / b.high;
        let rest = rest - b * dd(second);
        exact_sum(first, second) + dd(rest.high / b.high)
    }
}

impl DoubleDouble {
    fn scaled(self, power_of_two: f64) -> Self {
        Self {
            high: self.high * power_of_two,
            low: self.low * power_of_two,
        }
    }

    fn abs(self) -> Self {
        if self.high < 0.0 { -self } else { self }
    }

    /// Σ xⁿ/(n + k)!, which is φₖ for small |x| (and eˣ for k = 0).
    fn phi_series(self, k: u32) -> Self {
        let factorial = (1..=k).fold(1.0, |product, n| product * f64::from(n));
        let (mut term, mut sum) = (dd(1.0) / dd(factorial), dd(0.0));
        for n in 1..60 {
            sum = sum + term;
            term = term * self / dd(f64::from(n + k));
        }
        sum
    }

    pub fn exp(self) -> Self {
        let n = (self.high / LN_2.high).round();
        let mut result = (self - LN_2 * dd(n)).scaled(1.0 / 256.0).phi_series(0);
        for _ in 0..8 {
            result = result * result;
        }
        // in two factors: 2ⁿ itself may be out of range
        let half = (n / 2.0).floor();
        result.scaled(half.exp2()).scaled((n - half).exp2())
    }

    pub fn phi(self, k: u32) -> Self {
        match k {
            0 => self.exp(),
            _ if self.high.abs() < 2.0 => self.phi_series(k),
            _ => {
                let factorial = (1..k).fold(1.0, |product, n| product * f64::from(n));
                (self.phi(k - 1) - dd(1.0) / dd(factorial)) / self
            }
        }
    }

    /// The k-th derivative of x/(eˣ − 1).
    pub fn exprel(self, k: u32) -> Self {
        let one = self.phi(1);
        let (first, second) = (one - self.phi(2), self.phi(2) - dd(2.0) * self.phi(3));
        if self.high.abs() < 3.0 {
            return match k {
                0 => dd(1.0) / one,
                1 => -first / (one * one),
                _ => (dd(2.0) * first * first / one - (first - second)) / (one * one),
            };
        }
        let u = self.exp();
        let w = u - dd(1.0);
        match k {
            0 => self / w,
            1 => (dd(1.0) - self * u / w) / w,
            _ => u / w * (self * (u + dd(1.0)) / w - dd(2.0)) / w,
        }
    }

    pub fn log(self) -> Self {
        if (self.high - 1.0).abs() < 0.1 {
            // 2 artanh s, without losing the digits of x − 1
            let s = (self - dd(1.0)) / (self + dd(1.0));
            let (mut power, mut sum) = (s, dd(0.0));
            for n in 0..16 {
                sum = sum + power / dd(f64::from(2 * n + 1));
                power = power * s * s;
            }
            return sum.scaled(2.0);
        }
        // Newton's step on eʸ = x doubles the digits of the platform's logarithm
        let guess = dd(self.high.ln());
        let ratio = self * (-guess).exp();
        guess + (ratio - dd(1.0)) - (ratio - dd(1.0)) * (ratio - dd(1.0)).scaled(0.5)
    }

    pub fn tanh(self) -> Self {
        let twice = self.abs().scaled(-2.0);
        let t = twice * twice.phi(1);
        let result = -t / (t + dd(2.0));
        if self.high < 0.0 { -result } else { result }
    }

    pub fn pow(self, b: Self) -> Self {
        (b * self.log()).exp()
    }

    /// sin x for `shift` 0, cos x for `shift` 1.
    pub fn sine(self, shift: u32) -> Self {
        let half_pi = PI.scaled(0.5);
        let k = (self.high / half_pi.high).round();
        let r = self - half_pi * dd(k);
        let quarter = (k.rem_euclid(4.0) as u32 + shift) % 4;
        let is_sine = quarter.is_multiple_of(2);
        let (mut term, mut sum) = (if is_sine { r } else { dd(1.0) }, dd(0.0));
        for n in 1..20 {
            sum = sum + term;
            let power = f64::from(2 * n + u32::from(is_sine));
            term = -(term * r * r / dd(power * (power - 1.0)));
        }
        if quarter >= 2 { -sum } else { sum }
    }
}
