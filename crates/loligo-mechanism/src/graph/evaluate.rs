//! Evaluating an expression with scalars of any kind: the slow, obvious meaning of every node.
//!
//! Tests differentiate through it with complex numbers; literals are folded with it.

use super::{Binary, Expr, Graph, Node, Unary};

/// A number that an expression can be evaluated with: `f64`, or a complex number for the
/// complex-step derivative (comparisons then look at the real part).
pub trait Scalar: Copy {
    /// The number with this real value.
    fn from_f64(value: f64) -> Self;
    /// The real part, which comparisons look at.
    fn real(self) -> f64;
    /// A function of one argument.
    fn unary(function: Unary, a: Self) -> Self;
    /// A function of two arguments.
    fn binary(function: Binary, a: Self, b: Self) -> Self;
}

impl Scalar for f64 {
    fn from_f64(value: f64) -> Self {
        value
    }
    fn real(self) -> f64 {
        self
    }
    fn unary(function: Unary, a: Self) -> Self {
        unary(function, a)
    }
    fn binary(function: Binary, a: Self, b: Self) -> Self {
        binary(function, a, b)
    }
}

impl Graph {
    /// The values of `outputs`, with `inputs` giving the value of each symbol by name.
    pub fn evaluate<S: Scalar>(&self, outputs: &[Expr], inputs: &dyn Fn(&str) -> S) -> Vec<S> {
        let mut values: Vec<Option<S>> = vec![None; self.len()];
        let mut needed = vec![false; self.len()];
        for expr in self.reachable(outputs) {
            needed[expr.index()] = true;
        }
        for index in 0..self.len() {
            if !needed[index] {
                continue;
            }
            let value = |e: Expr| values[e.index()].expect("operands come first");
            let result = match self.nodes[index] {
                Node::Constant(bits) => S::from_f64(f64::from_bits(bits)),
                Node::Symbol(symbol) => inputs(self.name(symbol)),
                Node::Unary(function, a) => S::unary(function, value(a)),
                Node::Binary(function, a, b) => S::binary(function, value(a), value(b)),
                Node::Select(c, a, b) => {
                    if value(c).real() != 0.0 {
                        value(a)
                    } else {
                        value(b)
                    }
                }
            };
            values[index] = Some(result);
        }
        outputs
            .iter()
            .map(|e| values[e.index()].expect("computed above"))
            .collect()
    }
}

fn truth(condition: bool) -> f64 {
    if condition { 1.0 } else { 0.0 }
}

/// A function of one argument, in `f64`.
pub(crate) fn unary(function: Unary, x: f64) -> f64 {
    match function {
        Unary::Neg => -x,
        Unary::Exp => x.exp(),
        Unary::Log => x.ln(),
        Unary::Sqrt => x.sqrt(),
        Unary::Sin => x.sin(),
        Unary::Cos => x.cos(),
        Unary::Tanh => x.tanh(),
        Unary::Abs => x.abs(),
        Unary::Floor => x.floor(),
        Unary::Ceil => x.ceil(),
        Unary::Sign => truth(x > 0.0) - truth(x < 0.0),
        Unary::Exprel(order) => exprel(order, x),
        Unary::Phi(order) => phi(order, x),
        Unary::Not => truth(x == 0.0),
        Unary::Detach => x,
    }
}

/// A function of two arguments, in `f64`.
pub(crate) fn binary(function: Binary, a: f64, b: f64) -> f64 {
    match function {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Div => a / b,
        Binary::Pow => a.powf(b),
        Binary::Min => {
            if b < a {
                b
            } else {
                a
            }
        }
        Binary::Max => {
            if b > a {
                b
            } else {
                a
            }
        }
        Binary::Less => truth(a < b),
        Binary::LessEqual => truth(a <= b),
        Binary::Equal => truth(a == b),
        Binary::And => truth(a != 0.0 && b != 0.0),
        Binary::Or => truth(a != 0.0 || b != 0.0),
        Binary::Gate => {
            if a == 0.0 {
                0.0
            } else {
                a * b
            }
        }
        Binary::ExprelFirst => exprel(1, a),
    }
}

/// The Taylor coefficients Bₖ/k! of x/(eˣ − 1); odd ones beyond the first vanish.
const EXPREL_EVEN: [f64; 13] = [
    1.0,
    1.0 / 12.0,
    -1.0 / 720.0,
    1.0 / 30240.0,
    -1.0 / 1_209_600.0,
    1.0 / 47_900_160.0,
    -691.0 / 1_307_674_368_000.0,
    1.0 / 74_724_249_600.0,
    -3617.0 / 10_670_622_842_880_000.0,
    43867.0 / 5_109_094_217_170_944_000.0,
    -174_611.0 / 802_857_662_698_291_200_000.0,
    77_683.0 / 14_101_100_039_391_805_440_000.0,
    -236_364_091.0 / 1_693_824_136_731_743_669_452_800_000.0,
];

/// The k-th derivative of x/(eˣ − 1).
pub(crate) fn exprel(order: u8, x: f64) -> f64 {
    // inside the radius where the series has converged; outside the closed forms do not cancel
    if x.abs() < 1.0 {
        let mut sum = match order {
            0 => -x / 2.0,
            1 => -0.5,
            _ => 0.0,
        };
        for (k, c) in EXPREL_EVEN.iter().enumerate().rev() {
            let n = 2 * k as i32;
            sum += match order {
                0 => c * x.powi(n),
                1 if n >= 1 => c * f64::from(n) * x.powi(n - 1),
                2 if n >= 2 => c * f64::from(n * (n - 1)) * x.powi(n - 2),
                _ => 0.0,
            };
        }
        return sum;
    }
    let e = x / x.exp_m1();
    // E′ = E(1 − E − x)/x and its derivative; e^x E is x + E
    let first = e * (1.0 - e - x) / x;
    match order {
        0 => e,
        1 if e == 0.0 => 0.0,
        1 => first,
        _ if e == 0.0 => 0.0,
        _ => (first * (1.0 - e - x) + e * (-first - 1.0) - first) / x,
    }
}

/// φₖ(x).
pub(crate) fn phi(order: u8, x: f64) -> f64 {
    if x.abs() < 1.0 {
        // Σ xⁿ/(n + k)!
        let mut factorial = 1.0;
        for n in 1..=order {
            factorial *= f64::from(n);
        }
        let (mut term, mut sum) = (1.0 / factorial, 0.0);
        for n in 1..24 {
            sum += term;
            term *= x / f64::from(n + i32::from(order));
        }
        return sum;
    }
    let one = x.exp_m1() / x;
    match order {
        1 => one,
        2 => (one - 1.0) / x,
        _ => ((one - 1.0) / x - 0.5) / x,
    }
}
