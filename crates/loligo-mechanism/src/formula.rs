//! Expressions as text that people read, in NMODL's notation.

use std::collections::HashMap;

use crate::graph::{Binary, Expr, Graph, Node, Unary};

/// How tightly operators bind; an operand that binds less tightly gets parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Or,
    And,
    Comparison,
    Sum,
    Product,
    Sign,
    Power,
    Operand,
}

/// Longer formulas are cut off with `…`.
const LENGTH_LIMIT: usize = 2_000;

/// A product with more factors than this is printed in nested parts.
const FACTOR_LIMIT: usize = 64;

/// Deeper nesting is cut off with `…`.
const DEPTH_LIMIT: usize = 60;

/// An expression as a formula; what has a name in `names` is printed by that name, except the
/// expression itself.
///
/// ```
/// use loligo_mechanism::{Graph, formula::formula};
/// let mut graph = Graph::new();
/// let (g, v, e) = (graph.symbol("g"), graph.symbol("v"), graph.symbol("e"));
/// let difference = graph.sub(v, e);
/// let current = graph.mul(g, difference);
/// assert_eq!(formula(&graph, current, &Default::default()), "g*(v - e)");
/// ```
pub fn formula(graph: &Graph, expr: Expr, names: &HashMap<Expr, String>) -> String {
    let mut printer = Printer {
        graph,
        names,
        text: String::new(),
        depth: 0,
    };
    printer.node(expr);
    printer.text
}

struct Printer<'g> {
    graph: &'g Graph,
    names: &'g HashMap<Expr, String>,
    text: String,
    depth: usize,
}

impl Printer<'_> {
    /// An operand, in parentheses unless it binds at least as tightly as `least`.
    fn operand(&mut self, expr: Expr, least: Binding) {
        if let Some(name) = self.names.get(&expr) {
            self.text.push_str(name);
            return;
        }
        if self.depth >= DEPTH_LIMIT || self.text.len() >= LENGTH_LIMIT {
            if !self.text.ends_with('…') {
                self.text.push('…');
            }
            return;
        }
        self.depth += 1;
        let parentheses = self.binding(expr) < least;
        if parentheses {
            self.text.push('(');
        }
        self.node(expr);
        if parentheses {
            self.text.push(')');
        }
        self.depth -= 1;
    }

    fn binding(&self, expr: Expr) -> Binding {
        match self.graph.node(expr) {
            Node::Constant(bits) if f64::from_bits(bits) < 0.0 => Binding::Sign,
            Node::Constant(_) | Node::Symbol(_) | Node::Select(..) => Binding::Operand,
            Node::Unary(Unary::Neg | Unary::Not, _) => Binding::Sign,
            Node::Unary(Unary::Detach, a) => self.binding(a),
            Node::Unary(..) => Binding::Operand,
            Node::Binary(function, a, b) => match function {
                Binary::Add | Binary::Sub => Binding::Sum,
                Binary::Mul | Binary::Gate if a == b => Binding::Power,
                Binary::Mul | Binary::Div | Binary::Gate => Binding::Product,
                Binary::Pow => Binding::Power,
                Binary::Min | Binary::Max | Binary::ExprelFirst => Binding::Operand,
                Binary::Less | Binary::LessEqual | Binary::Equal => Binding::Comparison,
                Binary::And => Binding::And,
                Binary::Or => Binding::Or,
            },
        }
    }

    fn node(&mut self, expr: Expr) {
        match self.graph.node(expr) {
            Node::Constant(bits) => self.text.push_str(&number(f64::from_bits(bits))),
            Node::Symbol(symbol) => self.text.push_str(self.graph.name(symbol)),
            Node::Unary(Unary::Neg, a) => {
                self.text.push('-');
                self.operand(a, Binding::Sign);
            }
            Node::Unary(Unary::Not, a) => {
                self.text.push('!');
                self.operand(a, Binding::Sign);
            }
            Node::Unary(Unary::Detach, a) => self.node(a),
            Node::Unary(function, a) => self.call(&name(function), &[a]),
            Node::Binary(function, a, b) => self.binary(expr, function, a, b),
            Node::Select(condition, a, b) => self.call("if", &[condition, a, b]),
        }
    }

    fn call(&mut self, name: &str, arguments: &[Expr]) {
        self.text.push_str(name);
        self.text.push('(');
        for (i, &argument) in arguments.iter().enumerate() {
            if i > 0 {
                self.text.push_str(", ");
            }
            self.operand(argument, Binding::Or);
        }
        self.text.push(')');
    }

    fn binary(&mut self, expr: Expr, function: Binary, a: Expr, b: Expr) {
        match function {
            Binary::Add => match self.graph.literal(a) {
                // literals are stored first and read better last
                Some(c) if c < 0.0 => {
                    self.operand(b, Binding::Sum);
                    self.text.push_str(" - ");
                    self.text.push_str(&number(-c));
                }
                Some(_) => self.infix(b, " + ", a, Binding::Sum),
                None => self.infix(a, " + ", b, Binding::Sum),
            },
            Binary::Sub => self.infix(a, " - ", b, Binding::Sum),
            Binary::Mul | Binary::Gate => self.product(expr),
            Binary::Div => self.infix(a, "/", b, Binding::Product),
            Binary::Pow => {
                self.operand(a, Binding::Operand);
                self.text.push('^');
                self.operand(b, Binding::Sign);
            }
            Binary::ExprelFirst => self.call("exprelr'", &[a]),
            Binary::Min => self.call("fmin", &[a, b]),
            Binary::Max => self.call("fmax", &[a, b]),
            Binary::Less => self.infix(a, " < ", b, Binding::Comparison),
            Binary::LessEqual => self.infix(a, " <= ", b, Binding::Comparison),
            Binary::Equal => self.infix(a, " == ", b, Binding::Comparison),
            Binary::And => self.infix(a, " && ", b, Binding::And),
            Binary::Or => self.infix(a, " || ", b, Binding::Or),
        }
    }

    /// a ∘ b for operators that group to the left.
    fn infix(&mut self, a: Expr, sign: &str, b: Expr, binding: Binding) {
        self.operand(a, binding);
        self.text.push_str(sign);
        let tighter = match binding {
            Binding::Or => Binding::And,
            Binding::And => Binding::Comparison,
            Binding::Comparison => Binding::Sum,
            Binding::Sum => Binding::Product,
            _ => Binding::Sign,
        };
        self.operand(b, tighter);
    }

    /// A product with equal factors as powers: m^3*h.
    fn product(&mut self, expr: Expr) {
        for (i, (factor, power)) in self.factors(expr).into_iter().enumerate() {
            if i > 0 {
                self.text.push('*');
            }
            if power == 1 {
                let least = if i == 0 {
                    Binding::Product
                } else {
                    Binding::Sign
                };
                self.operand(factor, least);
            } else {
                self.operand(factor, Binding::Operand);
                self.text.push_str(&format!("^{power}"));
            }
        }
    }

    /// The factors of a product in the order of their first appearance, and how often each is there.
    fn factors(&self, expr: Expr) -> Vec<(Expr, usize)> {
        let mut factors: Vec<(Expr, usize)> = Vec::new();
        let mut pending = vec![expr];
        let mut opened = 0;
        while let Some(next) = pending.pop() {
            match self.graph.node(next) {
                // a named factor stays whole, and so does what shows no end
                Node::Binary(Binary::Mul | Binary::Gate, a, b)
                    if next == expr || opened < FACTOR_LIMIT && !self.names.contains_key(&next) =>
                {
                    opened += 1;
                    pending.extend([b, a]);
                }
                _ => match factors.iter_mut().find(|(factor, _)| *factor == next) {
                    Some((_, count)) => *count += 1,
                    None => factors.push((next, 1)),
                },
            }
        }
        factors
    }
}

fn name(function: Unary) -> String {
    match function {
        Unary::Neg | Unary::Not | Unary::Detach => String::new(),
        Unary::Exp => "exp".to_owned(),
        Unary::Log => "log".to_owned(),
        Unary::Sqrt => "sqrt".to_owned(),
        Unary::Sin => "sin".to_owned(),
        Unary::Cos => "cos".to_owned(),
        Unary::Tanh => "tanh".to_owned(),
        Unary::Abs => "fabs".to_owned(),
        Unary::Floor => "floor".to_owned(),
        Unary::Ceil => "ceil".to_owned(),
        Unary::Sign => "sign".to_owned(),
        Unary::Exprel(order) => format!("exprelr{}", "'".repeat(usize::from(order))),
        Unary::Phi(order) => format!("phi{order}"),
    }
}

/// The shortest text that reads back as the same number.
pub(crate) fn number(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e6).contains(&magnitude) {
        format!("{value:e}")
    } else {
        format!("{value}")
    }
}
