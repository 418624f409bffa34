//! Expressions as a hash-consed graph: equal expressions are one node, so sharing is free.

mod construct;
mod evaluate;
mod traverse;

pub use evaluate::Scalar;

use std::collections::HashMap;

/// A node of a [`Graph`]. Nodes are numbered so that operands come before what uses them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Expr(pub(crate) u32);

impl Expr {
    /// The position of the node in its graph; operands have smaller positions.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// An interned name: `v`, `dt`, `celsius`, a parameter, a state, a reversal potential.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Symbol(u32);

/// Functions of one argument. Angles in radians.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Unary {
    /// −x
    Neg,
    /// eˣ
    Exp,
    /// Natural logarithm.
    Log,
    /// Square root.
    Sqrt,
    /// Sine.
    Sin,
    /// Cosine.
    Cos,
    /// Hyperbolic tangent.
    Tanh,
    /// |x|
    Abs,
    /// Largest integer not above x.
    Floor,
    /// Smallest integer not below x.
    Ceil,
    /// −1, 0 or 1.
    Sign,
    /// The k-th derivative (k = 0, 1, 2) of x/(eˣ − 1), smooth through x = 0.
    Exprel(u8),
    /// φₖ (k = 1, 2, 3): φ₁ = (eˣ − 1)/x, φₖ₊₁ = (φₖ − 1/k!)/x, smooth through x = 0.
    Phi(u8),
    /// 1 where x is 0, else 0.
    Not,
    /// x, taken as a number that does not move: it has no derivative.
    Detach,
}

/// Functions of two arguments. Comparisons give 1 or 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Binary {
    /// a + b
    Add,
    /// a − b
    Sub,
    /// a · b
    Mul,
    /// a / b
    Div,
    /// a to the power b, a ≥ 0.
    Pow,
    /// The smaller one.
    Min,
    /// The larger one.
    Max,
    /// a < b
    Less,
    /// a ≤ b
    LessEqual,
    /// a = b
    Equal,
    /// Both are not 0.
    And,
    /// One is not 0.
    Or,
    /// a · b, and exactly 0 where a is 0, whatever b: the product of the chain rule through a
    /// branch that may not have been taken (never 0 · ∞).
    Gate,
    /// E′(a), where b is E(a) = a/(eᵃ − 1): what it is computed from, not what it depends on.
    ExprelFirst,
}

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Node {
    /// A literal, by its bits (so that the node can be hashed).
    Constant(u64),
    /// A named input.
    Symbol(Symbol),
    /// A function of one node.
    Unary(Unary, Expr),
    /// A function of two nodes.
    Binary(Binary, Expr, Expr),
    /// The second where the first is not 0, else the third.
    Select(Expr, Expr, Expr),
}

/// Expressions over named symbols.
///
/// ```
/// use loligo_mechanism::Graph;
/// let mut graph = Graph::new();
/// let v = graph.symbol("v");
/// let two = graph.constant(2.0);
/// let a = graph.mul(two, v);
/// let b = graph.mul(two, v);
/// assert_eq!(a, b); // hash-consed
/// ```
#[derive(Clone, Default, Debug)]
pub struct Graph {
    nodes: Vec<Node>,
    unique: HashMap<Node, Expr>,
    names: Vec<String>,
    symbols: HashMap<String, Symbol>,
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What a node is.
    pub fn node(&self, expr: Expr) -> Node {
        self.nodes[expr.index()]
    }

    /// The name of a symbol.
    pub fn name(&self, symbol: Symbol) -> &str {
        &self.names[symbol.0 as usize]
    }

    /// The symbol of that name, if an expression used it.
    pub fn find_symbol(&self, name: &str) -> Option<Symbol> {
        self.symbols.get(name).copied()
    }

    /// The literal that a node is, if it is one.
    pub fn literal(&self, expr: Expr) -> Option<f64> {
        match self.node(expr) {
            Node::Constant(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    fn intern(&mut self, node: Node) -> Expr {
        if let Some(&expr) = self.unique.get(&node) {
            return expr;
        }
        let expr = Expr(u32::try_from(self.nodes.len()).expect("fewer than 2³² nodes"));
        self.nodes.push(node);
        self.unique.insert(node, expr);
        expr
    }
}
