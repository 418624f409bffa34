//! The functions that NMODL has built in, as expressions.

use crate::graph::{Binary, Expr, Graph, Unary};

/// A built-in function.
pub(crate) struct Function {
    name: &'static str,
    formula: Formula,
}

#[derive(Clone, Copy)]
enum Formula {
    One(fn(&mut Graph, Expr) -> Expr),
    Two(fn(&mut Graph, Expr, Expr) -> Expr),
}

const fn one(name: &'static str, formula: fn(&mut Graph, Expr) -> Expr) -> Function {
    let formula = Formula::One(formula);
    Function { name, formula }
}

const fn two(name: &'static str, formula: fn(&mut Graph, Expr, Expr) -> Expr) -> Function {
    let formula = Formula::Two(formula);
    Function { name, formula }
}

impl Function {
    /// How many arguments it takes.
    pub fn arity(&self) -> usize {
        match self.formula {
            Formula::One(_) => 1,
            Formula::Two(_) => 2,
        }
    }

    /// The function of these arguments, if there are as many as it takes.
    pub fn apply(&self, graph: &mut Graph, arguments: &[Expr]) -> Option<Expr> {
        match (self.formula, arguments) {
            (Formula::One(formula), &[x]) => Some(formula(graph, x)),
            (Formula::Two(formula), &[x, y]) => Some(formula(graph, x, y)),
            _ => None,
        }
    }
}

/// The built-in function of that name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// The names of all built-in functions.
pub(crate) fn names<'a>() -> impl Iterator<Item = &'a str> {
    FUNCTIONS.iter().map(|function| function.name)
}

/// Advice for a function that NMODL has and that is not a formula, or not one of ours yet.
pub(crate) fn unsupported(name: &str) -> Option<&'static str> {
    match name {
        "acos" | "asin" | "atan" | "atan2" | "erf" | "gamma" | "gauss" => Some(""),
        "poisrand" | "nrn_random_play" => Some("scop_random, exprand and normrand draw numbers"),
        _ => None,
    }
}

/// xʸ. A positive literal base becomes an exponential, which passes can share and differentiate.
pub(crate) fn power(graph: &mut Graph, base: Expr, exponent: Expr) -> Expr {
    match (graph.literal(base), graph.literal(exponent)) {
        (Some(b), None) if b > 0.0 => {
            let logarithm = graph.constant(b.ln());
            let argument = graph.mul(logarithm, exponent);
            graph.exp(argument)
        }
        _ => graph.pow(base, exponent),
    }
}

const FUNCTIONS: &[Function] = &[
    one("exp", |g, x| g.exp(x)),
    one("log", |g, x| g.unary(Unary::Log, x)),
    one("log10", |g, x| {
        let logarithm = g.unary(Unary::Log, x);
        let scale = g.constant(std::f64::consts::LN_10);
        g.div(logarithm, scale)
    }),
    one("sqrt", |g, x| g.unary(Unary::Sqrt, x)),
    one("fabs", |g, x| g.unary(Unary::Abs, x)),
    one("abs", |g, x| g.unary(Unary::Abs, x)),
    one("floor", |g, x| g.unary(Unary::Floor, x)),
    one("ceil", |g, x| g.unary(Unary::Ceil, x)),
    one("sin", |g, x| g.unary(Unary::Sin, x)),
    one("cos", |g, x| g.unary(Unary::Cos, x)),
    one("tan", |g, x| {
        let (sine, cosine) = (g.unary(Unary::Sin, x), g.unary(Unary::Cos, x));
        g.div(sine, cosine)
    }),
    one("tanh", |g, x| g.unary(Unary::Tanh, x)),
    one("sinh", |g, x| {
        // x (φ₁(x) + φ₁(−x))/2, which does not cancel near 0
        let minus = g.neg(x);
        let (up, down) = (g.unary(Unary::Phi(1), x), g.unary(Unary::Phi(1), minus));
        let sum = g.add(up, down);
        let half = g.constant(0.5);
        let scaled = g.mul(half, x);
        g.mul(scaled, sum)
    }),
    one("cosh", |g, x| {
        let minus = g.neg(x);
        let (up, down) = (g.exp(x), g.exp(minus));
        let sum = g.add(up, down);
        let half = g.constant(0.5);
        g.mul(half, sum)
    }),
    one("expm1", |g, x| {
        let slope = g.unary(Unary::Phi(1), x);
        g.mul(x, slope)
    }),
    // NEURON's name for x/(exp(x) − 1)
    one("exprelr", |g, x| g.unary(Unary::Exprel(0), x)),
    // whether the time is reached in this step; NEURON's names and its margin for rounding
    one("at_time", |g, x| {
        let [t, dt, margin] = [g.symbol("t"), g.symbol("dt"), g.constant(1e-11)];
        let due = g.sub(x, margin);
        let before = g.sub(t, dt);
        let reached = g.binary(Binary::LessEqual, due, t);
        let not_yet = g.binary(Binary::Less, before, due);
        g.binary(Binary::And, reached, not_yet)
    }),
    two("fmod", |g, x, y| {
        // x − y·trunc(x/y)
        let ratio = g.div(x, y);
        let (size, sign) = (g.unary(Unary::Abs, ratio), g.unary(Unary::Sign, ratio));
        let whole = g.unary(Unary::Floor, size);
        let whole = g.mul(sign, whole);
        let whole = g.mul(y, whole);
        g.sub(x, whole)
    }),
    two("pow", power),
    two("fmin", |g, x, y| g.binary(Binary::Min, x, y)),
    two("fmax", |g, x, y| g.binary(Binary::Max, x, y)),
];
