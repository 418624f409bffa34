//! The instructions of a tape, each with the formula that is its meaning.
//!
//! The table below is the only place that lists them. The compiler reads a formula as a pattern to
//! look for in a graph; the engine's virtual machine reads the same formula as the body of a loop.
//! So a super-instruction is one line here and nothing anywhere else.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// What formulas are written in: numbers when a tape runs, terms of a graph when it is compiled.
///
/// A method means what the [`Unary`](crate::graph::Unary) or [`Binary`](crate::graph::Binary) of
/// its name means.
pub trait Algebra:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// self · b + c, rounded once on machines that can.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// self · b − c, rounded once on machines that can.
    fn mul_sub(self, b: Self, c: Self) -> Self;
    /// c − self · b, rounded once on machines that can.
    fn neg_mul_add(self, b: Self, c: Self) -> Self;
    /// eˣ
    fn exp(self) -> Self;
    /// Natural logarithm.
    fn log(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Sine.
    fn sin(self) -> Self;
    /// Cosine.
    fn cos(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// |x|
    fn abs(self) -> Self;
    /// Largest integer not above.
    fn floor(self) -> Self;
    /// Smallest integer not below.
    fn ceil(self) -> Self;
    /// −1, 0 or 1.
    fn sign(self) -> Self;
    /// 1 where 0, else 0.
    fn not(self) -> Self;
    /// x/(eˣ − 1)
    fn exprel(self) -> Self;
    /// Its first derivative.
    fn exprel_first(self) -> Self;
    /// Its second derivative.
    fn exprel_second(self) -> Self;
    /// Its first derivative, where `exprel` is its value.
    fn exprel_first_from(self, exprel: Self) -> Self;
    /// φ₁ = (eˣ − 1)/x
    fn phi_one(self) -> Self;
    /// φ₂ = (φ₁ − 1)/x
    fn phi_two(self) -> Self;
    /// φ₃ = (φ₂ − ½)/x
    fn phi_three(self) -> Self;
    /// self to the power b, self ≥ 0.
    fn pow(self, b: Self) -> Self;
    /// The smaller one.
    fn min(self, b: Self) -> Self;
    /// The larger one.
    fn max(self, b: Self) -> Self;
    /// 1 where self < b, else 0.
    fn less(self, b: Self) -> Self;
    /// 1 where self ≤ b, else 0.
    fn less_equal(self, b: Self) -> Self;
    /// 1 where self = b, else 0.
    fn equal(self, b: Self) -> Self;
    /// 1 where both are not 0, else 0.
    fn and(self, b: Self) -> Self;
    /// 1 where one is not 0, else 0.
    fn or(self, b: Self) -> Self;
    /// self · b, exactly 0 where self is 0.
    fn gate(self, b: Self) -> Self;
    /// `then` where self is not 0, else `otherwise`.
    fn select(self, then: Self, otherwise: Self) -> Self;
}

/// Hands the table of instructions to the macro named: `Name(operands) = formula;` by the line.
///
/// `values` write their formula's value to their target. `accumulations` add to a target in
/// double precision, whatever the precision of the tape: their first operand is the sum so far.
#[macro_export]
macro_rules! for_each_instruction {
    ($callback:ident) => {
        $callback! {
            values {
                Copy(a) = a;
                Neg(a) = -a;
                Exp(a) = a.exp();
                Log(a) = a.log();
                Sqrt(a) = a.sqrt();
                Sin(a) = a.sin();
                Cos(a) = a.cos();
                Tanh(a) = a.tanh();
                Abs(a) = a.abs();
                Floor(a) = a.floor();
                Ceil(a) = a.ceil();
                Sign(a) = a.sign();
                Not(a) = a.not();
                Exprel(a) = a.exprel();
                ExprelFirst(a) = a.exprel_first();
                ExprelSecond(a) = a.exprel_second();
                PhiOne(a) = a.phi_one();
                PhiTwo(a) = a.phi_two();
                PhiThree(a) = a.phi_three();

                Add(a, b) = a + b;
                Sub(a, b) = a - b;
                Mul(a, b) = a * b;
                Div(a, b) = a / b;
                Pow(a, b) = a.pow(b);
                Min(a, b) = a.min(b);
                Max(a, b) = a.max(b);
                Less(a, b) = a.less(b);
                LessEqual(a, b) = a.less_equal(b);
                Equal(a, b) = a.equal(b);
                And(a, b) = a.and(b);
                Or(a, b) = a.or(b);
                Gate(a, b) = a.gate(b);
                ExprelFirstFrom(a, b) = a.exprel_first_from(b);
                Select(a, b, c) = a.select(b, c);

                NegMul(a, b) = -(a * b);
                MulMul(a, b, c) = a * b * c;
                MulMulMul(a, b, c, d) = a * b * c * d;
                FourthPower(a) = a * a * (a * a);
                AddAdd(a, b, c) = a + b + c;
                AddMul(a, b, c) = (a + b) * c;
                SubMul(a, b, c) = (a - b) * c;

                MulAdd(a, b, c) = a.mul_add(b, c);
                MulSub(a, b, c) = a.mul_sub(b, c);
                NegMulAdd(a, b, c) = a.neg_mul_add(b, c);
                NegMulSub(a, b, c) = -(a * b) - c;
                MulMulAdd(a, b, c, d) = (a * b).mul_add(c, d);
                MulMulSub(a, b, c, d) = (a * b).mul_sub(c, d);
                NegMulMulAdd(a, b, c, d) = (a * b).neg_mul_add(c, d);
                MulMulMulAdd(a, b, c, d, e) = (a * b * c).mul_add(d, e);
                NegMulMulMulAdd(a, b, c, d, e) = (a * b * c).neg_mul_add(d, e);
                MulAddMul(a, b, c, d) = a.mul_add(b, c) * d;
                NegMulAddMul(a, b, c, d) = a.neg_mul_add(b, c) * d;
                MulAddAdd(a, b, c, d) = a.mul_add(b, c) + d;
                SumOfProducts(a, b, c, d) = a.mul_add(b, c * d);
                DifferenceOfProducts(a, b, c, d) = a.mul_sub(b, c * d);
                SumOfProductsAdd(a, b, c, d, e) = a.mul_add(b, c * d) + e;
                MulAddMulAdd(a, b, c, d, e) = a.mul_add(b, c.mul_add(d, e));
                NegMulAddMulAdd(a, b, c, d, e) = a.neg_mul_add(b, c.mul_add(d, e));
                HornerTwo(a, b, c, d, e) = a.mul_add(b.mul_add(c, d), e);

                AddDiv(a, b, c) = a + b / c;
                DivAdd(a, b, c) = a / (b + c);
                DivMul(a, b, c) = a / (b * c);
                MulDiv(a, b, c) = a * b / c;
                AddDivAdd(a, b, c, d) = a + b / (c + d);
                DivMulAdd(a, b, c, d) = a / b.mul_add(c, d);
                AddDivMulAdd(a, b, c, d, e) = a + b / c.mul_add(d, e);

                ExpMul(a, b) = (a * b).exp();
                ExpMulAdd(a, b, c) = a.mul_add(b, c).exp();
                MulExpMulAdd(a, b, c, d) = a * b.mul_add(c, d).exp();
                AddExpMulAdd(a, b, c, d) = a + b.mul_add(c, d).exp();
                MulExpMulAddAdd(a, b, c, d, e) = a.mul_add(b.mul_add(c, d).exp(), e);
                DivAddExpMulAdd(a, b, c, d, e) = a / (b + c.mul_add(d, e).exp());

                MulExprel(a, b) = a * b.exprel();
                ExprelAdd(a, b) = (a + b).exprel();
                ExprelMulAdd(a, b, c) = a.mul_add(b, c).exprel();
                MulExprelMulAdd(a, b, c, d) = a * b.mul_add(c, d).exprel();

                PhiOneMul(a, b) = (a * b).phi_one();
                PhiOneNegMul(a, b) = (-(a * b)).phi_one();
                SubPhiTwo(a, b) = a - b.phi_two();
                Relax(a, b, c, d) = b.mul_add(d.neg_mul_add(a, c) * (-(d * b)).phi_one(), a);
                RelaxSum(a, b, c, d) = b.mul_add(
                    (c + d).neg_mul_add(a, c) * (-((c + d) * b)).phi_one(),
                    a
                );
                RelaxLinear(a, b, c, d) = b.mul_add(c.mul_add(a, d) * (c * b).phi_one(), a);
            }
            accumulations {
                Accumulate(sum, a) = sum + a;
                AccumulateProduct(sum, a, b) = a.mul_add(b, sum);
                AccumulateMulMul(sum, a, b, c) = (a * b).mul_add(c, sum);
                AccumulateSumOfProducts(sum, a, b, c, d) = sum + a.mul_add(b, c * d);
                AccumulateDifferenceOfProducts(sum, a, b, c, d) = sum + a.mul_sub(b, c * d);
                AccumulateNegative(sum, a) = sum - a;
                AccumulateNegativeProduct(sum, a, b) = a.neg_mul_add(b, sum);
                AccumulateNegativeMulMul(sum, a, b, c) = (a * b).neg_mul_add(c, sum);
            }
        }
    };
}

macro_rules! declare {
    (
        values { $($value:ident($($operand:ident),*) = $value_formula:expr;)* }
        accumulations { $($sum:ident($($term:ident),*) = $sum_formula:expr;)* }
    ) => {
        /// What an instruction computes; see [`for_each_instruction`](crate::for_each_instruction).
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        #[repr(u8)]
        pub enum Opcode {
            $(
                #[doc = concat!("`", stringify!($value_formula), "`")]
                $value,
            )*
            $(
                #[doc = concat!("target ← `", stringify!($sum_formula), "`, in double precision")]
                $sum,
            )*
        }

        impl Opcode {
            /// Every instruction that writes a value.
            pub const VALUES: &[Opcode] = &[$(Opcode::$value),*];
            /// Every instruction that adds to its target.
            pub const ACCUMULATIONS: &[Opcode] = &[$(Opcode::$sum),*];

            /// How many operands it has; an accumulation counts the sum as its first.
            pub fn arity(self) -> usize {
                match self {
                    $(Opcode::$value => [$(stringify!($operand)),*].len(),)*
                    $(Opcode::$sum => [$(stringify!($term)),*].len(),)*
                }
            }

            /// Its formula, applied to `operands` (as many as [`arity`](Self::arity)).
            pub fn apply<A: Algebra>(self, operands: &[A]) -> A {
                match (self, operands) {
                    $((Opcode::$value, &[$($operand),*]) => $value_formula,)*
                    $((Opcode::$sum, &[$($term),*]) => $sum_formula,)*
                    (opcode, _) => panic!("{opcode:?} takes {} operands, not {}", opcode.arity(), operands.len()),
                }
            }
        }
    };
}

for_each_instruction!(declare);
