//! Finding an instruction's formula in a graph.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::sync::LazyLock;

use super::opcode::{Algebra, Opcode};
use crate::graph::{Binary, Expr, Graph, Node, Unary};

/// The most operands that an instruction has.
pub(super) const MAX_OPERANDS: usize = 7;

/// What each operand of a formula stands for, as far as it is known.
pub(super) type Operands = [Option<Expr>; MAX_OPERANDS];

/// An instruction's formula as a graph over its operands.
pub(super) struct Pattern {
    pub opcode: Opcode,
    formula: Graph,
    root: Expr,
    operands: Vec<Expr>,
}

/// One pattern for each instruction that writes a value.
pub(super) static VALUES: LazyLock<Vec<Pattern>> = LazyLock::new(|| patterns(Opcode::VALUES));

/// One pattern for each accumulation.
pub(super) static ACCUMULATIONS: LazyLock<Vec<Pattern>> =
    LazyLock::new(|| patterns(Opcode::ACCUMULATIONS));

/// [`Pattern::latency`] of each instruction.
pub(super) static LATENCY: LazyLock<HashMap<Opcode, usize>> = LazyLock::new(|| {
    let patterns = VALUES.iter().chain(ACCUMULATIONS.iter());
    patterns.map(|p| (p.opcode, p.latency())).collect()
});

fn patterns(opcodes: &[Opcode]) -> Vec<Pattern> {
    opcodes.iter().map(|&opcode| Pattern::new(opcode)).collect()
}

impl Opcode {
    /// Its formula as an expression of the symbols `0`, `1`, … for its operands.
    pub fn formula(self) -> (Graph, Expr) {
        let graph = RefCell::new(Graph::new());
        let operands: Vec<Term> = (0..self.arity())
            .map(|position| {
                let expr = graph.borrow_mut().symbol(&position.to_string());
                Term {
                    graph: &graph,
                    expr,
                }
            })
            .collect();
        let root = self.apply(&operands).expr;
        (graph.into_inner(), root)
    }
}

impl Pattern {
    fn new(opcode: Opcode) -> Self {
        let (mut formula, root) = opcode.formula();
        let operands = (0..opcode.arity())
            .map(|position| formula.symbol(&position.to_string()))
            .collect();
        Self {
            opcode,
            formula,
            root,
            operands,
        }
    }

    /// Roughly how many cycles pass from the operands in memory to the result in memory.
    pub fn latency(&self) -> usize {
        const MEMORY: usize = 10;
        let mut latency = vec![0; self.formula.len()];
        for expr in self.formula.reachable(&[self.root]) {
            let operands = self.formula.operands(expr);
            let slowest = operands.map(|e| latency[e.index()]).max().unwrap_or(0);
            let own = match self.formula.node(expr) {
                Node::Constant(_) | Node::Symbol(_) => 0,
                Node::Unary(Unary::Neg | Unary::Abs | Unary::Not, _) | Node::Select(..) => 2,
                Node::Unary(Unary::Floor | Unary::Ceil | Unary::Sign, _) => 15,
                Node::Unary(Unary::Sqrt, _) | Node::Binary(Binary::Div, ..) => 15,
                Node::Unary(Unary::Phi(_), _) => 40,
                Node::Unary(..) => 60,
                Node::Binary(Binary::Pow, ..) => 150,
                Node::Binary(..) => 4,
            };
            latency[expr.index()] = slowest + own;
        }
        MEMORY + latency[self.root.index()]
    }

    /// Every way in which `expr` is this formula.
    pub fn matches(&self, graph: &Graph, expr: Expr) -> Vec<Operands> {
        let start = [None; MAX_OPERANDS];
        if self.operands.contains(&self.root) {
            // a bare operand would match everything
            return Vec::new();
        }
        self.extend(graph, self.root, expr, start)
    }

    /// The extensions of `known` under which `pattern` is `expr`.
    fn extend(
        &self,
        graph: &Graph,
        pattern: Expr,
        expr: Expr,
        mut known: Operands,
    ) -> Vec<Operands> {
        if let Some(position) = self.operands.iter().position(|&o| o == pattern) {
            return match known[position] {
                Some(other) if other != expr => Vec::new(),
                _ => {
                    known[position] = Some(expr);
                    vec![known]
                }
            };
        }
        let pairs = |pairs: &[(Expr, Expr)]| {
            let mut partial = vec![known];
            for &(pattern, expr) in pairs {
                partial = partial
                    .into_iter()
                    .flat_map(|known| self.extend(graph, pattern, expr, known))
                    .collect();
            }
            partial
        };
        match (self.formula.node(pattern), graph.node(expr)) {
            (Node::Unary(f, p), Node::Unary(g, e)) if f == g => pairs(&[(p, e)]),
            (Node::Binary(f, p, q), Node::Binary(g, d, e)) if f == g => {
                let mut found = pairs(&[(p, d), (q, e)]);
                if matches!(f, Binary::Add | Binary::Mul) && d != e {
                    found.extend(pairs(&[(p, e), (q, d)]));
                }
                found
            }
            (Node::Select(p, q, r), Node::Select(c, d, e)) => pairs(&[(p, c), (q, d), (r, e)]),
            _ => Vec::new(),
        }
    }
}

/// A node of a formula under construction.
#[derive(Clone, Copy)]
struct Term<'g> {
    graph: &'g RefCell<Graph>,
    expr: Expr,
}

impl Term<'_> {
    fn unary(self, function: Unary) -> Self {
        let expr = self.graph.borrow_mut().unary(function, self.expr);
        Self { expr, ..self }
    }

    fn binary(self, function: Binary, b: Self) -> Self {
        let expr = self.graph.borrow_mut().binary(function, self.expr, b.expr);
        Self { expr, ..self }
    }
}

macro_rules! operators {
    ($($operator:ident $method:ident;)*) => {
        $(impl $operator for Term<'_> {
            type Output = Self;
            fn $method(self, b: Self) -> Self {
                self.binary(Binary::$operator, b)
            }
        })*
    };
}
operators! { Add add; Sub sub; Mul mul; Div div; }

impl Neg for Term<'_> {
    type Output = Self;
    fn neg(self) -> Self {
        self.unary(Unary::Neg)
    }
}

macro_rules! functions {
    (
        unary { $($unary:ident => $function:expr;)* }
        binary { $($binary:ident => $operation:expr;)* }
    ) => {
        $(fn $unary(self) -> Self { self.unary($function) })*
        $(fn $binary(self, b: Self) -> Self { self.binary($operation, b) })*
    };
}

impl Algebra for Term<'_> {
    fn mul_add(self, b: Self, c: Self) -> Self {
        self * b + c
    }
    fn mul_sub(self, b: Self, c: Self) -> Self {
        self * b - c
    }
    fn neg_mul_add(self, b: Self, c: Self) -> Self {
        c - self * b
    }
    fn select(self, then: Self, otherwise: Self) -> Self {
        let expr = self
            .graph
            .borrow_mut()
            .select(self.expr, then.expr, otherwise.expr);
        Self { expr, ..self }
    }
    functions! {
        unary {
            exp => Unary::Exp;
            log => Unary::Log;
            sqrt => Unary::Sqrt;
            sin => Unary::Sin;
            cos => Unary::Cos;
            tanh => Unary::Tanh;
            abs => Unary::Abs;
            floor => Unary::Floor;
            ceil => Unary::Ceil;
            sign => Unary::Sign;
            not => Unary::Not;
            exprel => Unary::Exprel(0);
            exprel_first => Unary::Exprel(1);
            exprel_second => Unary::Exprel(2);
            phi_one => Unary::Phi(1);
            phi_two => Unary::Phi(2);
            phi_three => Unary::Phi(3);
        }
        binary {
            pow => Binary::Pow;
            min => Binary::Min;
            max => Binary::Max;
            less => Binary::Less;
            less_equal => Binary::LessEqual;
            equal => Binary::Equal;
            and => Binary::And;
            or => Binary::Or;
            gate => Binary::Gate;
            exprel_first_from => Binary::ExprelFirst;
        }
    }
}
