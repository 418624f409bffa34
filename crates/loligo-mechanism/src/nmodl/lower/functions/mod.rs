//! The functions that NMODL has built in, as expressions.

mod angles;
mod error_function;
mod scop;

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
    Three(fn(&mut Graph, [Expr; 3]) -> Expr),
    Four(fn(&mut Graph, [Expr; 4]) -> Expr),
    Five(fn(&mut Graph, [Expr; 5]) -> Expr),
}

const fn one(name: &'static str, formula: fn(&mut Graph, Expr) -> Expr) -> Function {
    let formula = Formula::One(formula);
    Function { name, formula }
}

const fn two(name: &'static str, formula: fn(&mut Graph, Expr, Expr) -> Expr) -> Function {
    let formula = Formula::Two(formula);
    Function { name, formula }
}

const fn more(name: &'static str, formula: Formula) -> Function {
    Function { name, formula }
}

impl Function {
    /// How many arguments it takes.
    pub fn arity(&self) -> usize {
        match self.formula {
            Formula::One(_) => 1,
            Formula::Two(_) => 2,
            Formula::Three(_) => 3,
            Formula::Four(_) => 4,
            Formula::Five(_) => 5,
        }
    }

    /// The function of these arguments, if there are as many as it takes.
    pub fn apply(&self, graph: &mut Graph, arguments: &[Expr]) -> Option<Expr> {
        match (self.formula, arguments) {
            (Formula::One(formula), &[x]) => Some(formula(graph, x)),
            (Formula::Two(formula), &[x, y]) => Some(formula(graph, x, y)),
            (Formula::Three(formula), _) => Some(formula(graph, arguments.try_into().ok()?)),
            (Formula::Four(formula), _) => Some(formula(graph, arguments.try_into().ok()?)),
            (Formula::Five(formula), _) => Some(formula(graph, arguments.try_into().ok()?)),
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
        "boundary" | "deflate" | "derivs" | "error" | "expfit" | "factorial" | "first_time"
        | "force" | "gamma" | "invert" | "legendre" | "nrn_pointing" | "poisson" | "prterr"
        | "romberg" | "schedule" | "spline" | "stepforce" | "threshold" => Some(""),
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

/// c₀ + c₁x + c₂x² + …
fn polynomial(graph: &mut Graph, x: Expr, coefficients: &[f64]) -> Expr {
    let mut sum = graph.constant(0.0);
    for &coefficient in coefficients.iter().rev() {
        let scaled = graph.mul(sum, x);
        let coefficient = graph.constant(coefficient);
        sum = graph.add(coefficient, scaled);
    }
    sum
}

/// The integer next to x on the side of 0.
fn truncated(graph: &mut Graph, x: Expr) -> Expr {
    let (size, sign) = (graph.unary(Unary::Abs, x), graph.unary(Unary::Sign, x));
    let whole = graph.unary(Unary::Floor, size);
    graph.mul(sign, whole)
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
        let whole = truncated(g, ratio);
        let whole = g.mul(y, whole);
        g.sub(x, whole)
    }),
    two("pow", power),
    two("fmin", |g, x, y| g.binary(Binary::Min, x, y)),
    two("fmax", |g, x, y| g.binary(Binary::Max, x, y)),
    one("atan", angles::atan),
    two("atan2", angles::atan2),
    one("asin", angles::asin),
    one("acos", angles::acos),
    one("erf", error_function::erf),
    more("hyperbol", Formula::Three(scop::hyperbol)),
    more("revhyperbol", Formula::Three(scop::revhyperbol)),
    more("sigmoid", Formula::Four(scop::sigmoid)),
    more("revsigmoid", Formula::Four(scop::revsigmoid)),
    more("gauss", Formula::Three(scop::gauss)),
    more("nrn_ghk", Formula::Four(scop::nrn_ghk)),
    more("harmonic", Formula::Four(scop::harmonic)),
    more("step", Formula::Three(scop::step)),
    more("pulse", Formula::Four(scop::pulse)),
    more("ramp", Formula::Four(scop::ramp)),
    more("perpulse", Formula::Five(scop::perpulse)),
    more("perstep", Formula::Four(scop::perstep)),
    more("squarewave", Formula::Three(scop::squarewave)),
    more("sawtooth", Formula::Three(scop::sawtooth)),
    more("revsawtooth", Formula::Three(scop::revsawtooth)),
];
