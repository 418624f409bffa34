//! Numbers of a mechanism under construction: arithmetic on them writes expressions.

use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::graph::{Binary, Expr, Graph, Unary};

/// A number that is not known yet. Arithmetic with it, and with `f64`, gives another.
#[derive(Clone, Copy, Debug)]
pub struct Quantity<'g> {
    graph: &'g RefCell<Graph>,
    expr: Expr,
}

impl<'g> Quantity<'g> {
    pub(super) fn new(graph: &'g RefCell<Graph>, expr: Expr) -> Self {
        Quantity { graph, expr }
    }

    pub(super) fn expr(self) -> Expr {
        self.expr
    }

    fn literal(self, value: f64) -> Self {
        let expr = self.graph.borrow_mut().constant(value);
        Quantity { expr, ..self }
    }

    fn unary(self, function: Unary) -> Self {
        let expr = self.graph.borrow_mut().unary(function, self.expr);
        Quantity { expr, ..self }
    }

    fn binary(self, function: Binary, other: impl Operand<'g>) -> Self {
        let other = other.beside(self);
        let expr = self
            .graph
            .borrow_mut()
            .binary(function, self.expr, other.expr);
        Quantity { expr, ..self }
    }

    /// eˣ
    pub fn exp(self) -> Self {
        self.unary(Unary::Exp)
    }

    /// Natural logarithm.
    pub fn ln(self) -> Self {
        self.unary(Unary::Log)
    }

    /// Square root.
    pub fn sqrt(self) -> Self {
        self.unary(Unary::Sqrt)
    }

    /// Sine, of radians.
    pub fn sin(self) -> Self {
        self.unary(Unary::Sin)
    }

    /// Cosine, of radians.
    pub fn cos(self) -> Self {
        self.unary(Unary::Cos)
    }

    /// Hyperbolic tangent.
    pub fn tanh(self) -> Self {
        self.unary(Unary::Tanh)
    }

    /// |x|
    pub fn abs(self) -> Self {
        self.unary(Unary::Abs)
    }

    /// x/(eˣ − 1), smooth through x = 0.
    pub fn exprel(self) -> Self {
        self.unary(Unary::Exprel(0))
    }

    /// xⁿ for a whole n.
    pub fn powi(self, n: i32) -> Self {
        self.powf(f64::from(n))
    }

    /// xᵖ; x must not be negative unless p is a small whole literal.
    pub fn powf(self, power: impl Operand<'g>) -> Self {
        self.binary(Binary::Pow, power)
    }

    /// The smaller one.
    pub fn min(self, other: impl Operand<'g>) -> Self {
        self.binary(Binary::Min, other)
    }

    /// The larger one.
    pub fn max(self, other: impl Operand<'g>) -> Self {
        self.binary(Binary::Max, other)
    }

    /// 1 where x is less, else 0.
    pub fn less_than(self, other: impl Operand<'g>) -> Self {
        self.binary(Binary::Less, other)
    }

    /// Where x is not 0 `then`, else `otherwise`; the other one contributes nothing to gradients.
    pub fn select(self, then: impl Operand<'g>, otherwise: impl Operand<'g>) -> Self {
        let (then, otherwise) = (then.beside(self), otherwise.beside(self));
        let mut graph = self.graph.borrow_mut();
        let expr = graph.select(self.expr, then.expr, otherwise.expr);
        drop(graph);
        Quantity { expr, ..self }
    }
}

/// What can stand beside a [`Quantity`] in a formula: another, or an `f64`.
pub trait Operand<'g> {
    /// The operand in the same graph as `quantity`.
    fn beside(self, quantity: Quantity<'g>) -> Quantity<'g>;
}

impl<'g> Operand<'g> for Quantity<'g> {
    fn beside(self, _: Quantity<'g>) -> Quantity<'g> {
        self
    }
}

impl<'g> Operand<'g> for f64 {
    fn beside(self, quantity: Quantity<'g>) -> Quantity<'g> {
        quantity.literal(self)
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $function:ident,)*) => {
        $(
            impl<'g, T: Operand<'g>> $trait<T> for Quantity<'g> {
                type Output = Quantity<'g>;
                fn $method(self, other: T) -> Quantity<'g> {
                    self.binary(Binary::$function, other)
                }
            }

            impl<'g> $trait<Quantity<'g>> for f64 {
                type Output = Quantity<'g>;
                fn $method(self, other: Quantity<'g>) -> Quantity<'g> {
                    other.literal(self).binary(Binary::$function, other)
                }
            }
        )*
    };
}

operators! {
    Add add Add,
    Sub sub Sub,
    Mul mul Mul,
    Div div Div,
}

impl<'g> Neg for Quantity<'g> {
    type Output = Quantity<'g>;
    fn neg(self) -> Quantity<'g> {
        self.unary(Unary::Neg)
    }
}
