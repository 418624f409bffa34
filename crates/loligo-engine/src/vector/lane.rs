//! One number of a block, computing as a tape's formulas say.

use std::marker::PhantomData;
use std::ops::{Add, Div, Mul, Neg, Sub};

use loligo_mechanism::tape::Algebra;

use super::functions::hot::Hot;
use super::functions::relative::{
    ExprelFirst, ExprelSecond, PhiOne, PhiThree, PhiTwo, Piecewise, exprel, exprel_first_from,
};
use super::functions::{exponential, logarithm, rounding, trigonometric};
use super::real::{Arithmetic, Real};

/// Which piece of a function in two pieces is computed.
pub trait Pieces: Copy {
    /// The value at x, and whether it is wrong because x lies in the piece that was left out.
    fn evaluate<F: Piecewise, T: Real, A: Arithmetic>(x: T, hot: &Hot<T>) -> (T, bool);
}

/// Only the cheap piece near 0: the lane says whether that was enough.
#[derive(Clone, Copy)]
pub struct Near;

/// Both, and the right one is chosen.
#[derive(Clone, Copy)]
pub struct Everywhere;

impl Pieces for Near {
    #[inline(always)]
    fn evaluate<F: Piecewise, T: Real, A: Arithmetic>(x: T, hot: &Hot<T>) -> (T, bool) {
        (F::near::<T, A>(x, hot), !F::is_near(x, hot))
    }
}

impl Pieces for Everywhere {
    #[inline(always)]
    fn evaluate<F: Piecewise, T: Real, A: Arithmetic>(x: T, hot: &Hot<T>) -> (T, bool) {
        let (near, far) = (F::near::<T, A>(x, hot), F::far::<T, A>(x));
        (if F::is_near(x, hot) { near } else { far }, false)
    }
}

/// A number, and whether it must be computed again [`Everywhere`].
pub struct Lane<'h, T, A, P> {
    pub value: T,
    pub is_far: bool,
    hot: &'h Hot<T>,
    rules: PhantomData<(A, P)>,
}

impl<T: Copy, A, P> Clone for Lane<'_, T, A, P> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Copy, A, P> Copy for Lane<'_, T, A, P> {}

impl<'h, T: Real, A: Arithmetic, P: Pieces> Lane<'h, T, A, P> {
    #[inline(always)]
    pub fn new(value: T, hot: &'h Hot<T>) -> Self {
        Self {
            value,
            is_far: false,
            hot,
            rules: PhantomData,
        }
    }

    #[inline(always)]
    fn map(self, f: impl FnOnce(T) -> T) -> Self {
        Self {
            value: f(self.value),
            ..self
        }
    }

    #[inline(always)]
    fn with(self, b: Self, f: impl FnOnce(T, T) -> T) -> Self {
        Self {
            value: f(self.value, b.value),
            is_far: self.is_far | b.is_far,
            hot: self.hot,
            rules: PhantomData,
        }
    }

    #[inline(always)]
    fn piecewise<F: Piecewise>(self) -> Self {
        let (value, is_far) = P::evaluate::<F, T, A>(self.value, self.hot);
        Self {
            value,
            is_far: self.is_far | is_far,
            hot: self.hot,
            rules: PhantomData,
        }
    }
}

#[inline(always)]
fn truth<T: Real>(condition: bool) -> T {
    if condition { T::ONE } else { T::ZERO }
}

macro_rules! operators {
    ($($operator:ident $method:ident $symbol:tt;)*) => {
        $(impl<T: Real, A: Arithmetic, P: Pieces> $operator for Lane<'_, T, A, P> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, b: Self) -> Self {
                self.with(b, |a, b| a $symbol b)
            }
        })*
    };
}
operators! { Add add +; Sub sub -; Mul mul *; Div div /; }

impl<T: Real, A: Arithmetic, P: Pieces> Neg for Lane<'_, T, A, P> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.map(|a| -a)
    }
}

macro_rules! methods {
    (
        unary { $($unary:ident = $function:expr;)* }
        piecewise { $($piecewise:ident = $pieces:ident;)* }
        binary { $($binary:ident = $operation:expr;)* }
    ) => {
        $(
            #[inline(always)]
            fn $unary(self) -> Self { self.map($function) }
        )*
        $(
            #[inline(always)]
            fn $piecewise(self) -> Self { self.piecewise::<$pieces>() }
        )*
        $(
            #[inline(always)]
            fn $binary(self, b: Self) -> Self { self.with(b, $operation) }
        )*
    };
}

impl<T: Real, A: Arithmetic, P: Pieces> Algebra for Lane<'_, T, A, P> {
    #[inline(always)]
    fn exp(self) -> Self {
        self.map(|a| exponential::exp::<T, A>(a, self.hot))
    }
    #[inline(always)]
    fn exprel(self) -> Self {
        self.map(|a| exprel::<T, A>(a, self.hot))
    }
    #[inline(always)]
    fn exprel_first_from(self, exprel: Self) -> Self {
        self.with(exprel, |x, exprel| {
            exprel_first_from::<T, A>(x, exprel, self.hot)
        })
    }
    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        let product = self.with(b, |_, b| b);
        c.with(product, |c, b| A::mul_add(self.value, b, c))
    }
    #[inline(always)]
    fn mul_sub(self, b: Self, c: Self) -> Self {
        self.mul_add(b, -c)
    }
    #[inline(always)]
    fn neg_mul_add(self, b: Self, c: Self) -> Self {
        (-self).mul_add(b, c)
    }
    #[inline(always)]
    fn select(self, then: Self, otherwise: Self) -> Self {
        let condition = self.value != T::ZERO;
        let chosen = then.with(otherwise, |a, b| if condition { a } else { b });
        self.with(chosen, |_, chosen| chosen)
    }
    methods! {
        unary {
            log = logarithm::log::<T, A>;
            sqrt = T::sqrt;
            sin = trigonometric::sin::<T, A>;
            cos = trigonometric::cos::<T, A>;
            tanh = exponential::tanh::<T, A>;
            abs = T::abs;
            floor = rounding::floor::<T>;
            ceil = rounding::ceil::<T>;
            sign = |a| truth::<T>(a > T::ZERO) - truth::<T>(a < T::ZERO);
            not = |a| truth(a == T::ZERO);
        }
        piecewise {
            exprel_first = ExprelFirst;
            exprel_second = ExprelSecond;
            phi_one = PhiOne;
            phi_two = PhiTwo;
            phi_three = PhiThree;
        }
        binary {
            pow = logarithm::pow::<T, A>;
            min = |a, b| if b < a { b } else { a };
            max = |a, b| if b > a { b } else { a };
            less = |a, b| truth(a < b);
            less_equal = |a, b| truth(a <= b);
            equal = |a, b| truth(a == b);
            and = |a, b| truth((a != T::ZERO) & (b != T::ZERO));
            or = |a, b| truth((a != T::ZERO) | (b != T::ZERO));
            gate = |a, b| if a == T::ZERO { T::ZERO } else { a * b };
        }
    }
}
