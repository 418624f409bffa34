//! Building expressions. Each constructor folds literals and drops what is exactly neutral, so
//! that no pass has to clean up after another.

use super::{Binary, Expr, Graph, Node, Symbol, Unary, evaluate};

impl Graph {
    /// A literal.
    pub fn constant(&mut self, value: f64) -> Expr {
        // −0 and 0 are one node: x + (−0) and x + 0 differ nowhere that a mechanism can see
        let value = if value == 0.0 { 0.0 } else { value };
        self.intern(Node::Constant(value.to_bits()))
    }

    /// A named input.
    pub fn symbol(&mut self, name: &str) -> Expr {
        let symbol = match self.symbols.get(name) {
            Some(&symbol) => symbol,
            None => {
                let symbol = Symbol(self.names.len() as u32);
                self.names.push(name.to_owned());
                self.symbols.insert(name.to_owned(), symbol);
                symbol
            }
        };
        self.intern(Node::Symbol(symbol))
    }

    /// A function of one argument.
    pub fn unary(&mut self, function: Unary, a: Expr) -> Expr {
        if let Some(x) = self.literal(a) {
            return self.constant(evaluate::unary(function, x));
        }
        match (function, self.node(a)) {
            (Unary::Neg, Node::Unary(Unary::Neg, inner)) => inner,
            (Unary::Neg, Node::Binary(Binary::Sub, x, y)) => self.sub(y, x),
            (Unary::Neg, Node::Binary(Binary::Mul, x, y)) if self.literal(x).is_some() => {
                let negated = self.constant(-self.literal(x).unwrap_or(0.0));
                self.mul(negated, y)
            }
            (Unary::Abs, Node::Unary(Unary::Abs | Unary::Exp, _)) => a,
            (Unary::Detach, Node::Unary(Unary::Detach, _)) => a,
            _ => self.intern(Node::Unary(function, a)),
        }
    }

    /// A function of two arguments.
    pub fn binary(&mut self, function: Binary, a: Expr, b: Expr) -> Expr {
        match function {
            Binary::Add => self.add(a, b),
            Binary::Sub => self.sub(a, b),
            Binary::Mul => self.mul(a, b),
            Binary::Div => self.div(a, b),
            Binary::Pow => self.pow(a, b),
            Binary::Gate => self.gate(a, b),
            _ => match (self.literal(a), self.literal(b)) {
                (Some(x), Some(y)) => self.constant(evaluate::binary(function, x, y)),
                _ => self.intern(Node::Binary(function, a, b)),
            },
        }
    }

    /// a + b
    pub fn add(&mut self, a: Expr, b: Expr) -> Expr {
        match (self.literal(a), self.literal(b)) {
            (Some(x), Some(y)) => return self.constant(x + y),
            (Some(0.0), None) => return b,
            (None, Some(0.0)) => return a,
            _ => {}
        }
        match (self.node(a), self.node(b)) {
            (_, Node::Unary(Unary::Neg, y)) => self.sub(a, y),
            (Node::Unary(Unary::Neg, x), _) => self.sub(b, x),
            _ => {
                // commutative: one order, literals first
                let (a, b) = self.ordered(a, b);
                self.intern(Node::Binary(Binary::Add, a, b))
            }
        }
    }

    /// a − b
    pub fn sub(&mut self, a: Expr, b: Expr) -> Expr {
        if a == b {
            return self.constant(0.0);
        }
        match (self.literal(a), self.literal(b)) {
            (Some(x), Some(y)) => return self.constant(x - y),
            (Some(0.0), None) => return self.neg(b),
            (None, Some(y)) => {
                let negated = self.constant(-y);
                return self.add(negated, a);
            }
            _ => {}
        }
        match self.node(b) {
            Node::Unary(Unary::Neg, y) => self.add(a, y),
            _ => self.intern(Node::Binary(Binary::Sub, a, b)),
        }
    }

    /// a · b
    pub fn mul(&mut self, a: Expr, b: Expr) -> Expr {
        match (self.literal(a), self.literal(b)) {
            (Some(x), Some(y)) => return self.constant(x * y),
            (Some(0.0), None) => return a,
            (None, Some(0.0)) => return b,
            (Some(1.0), None) => return b,
            (None, Some(1.0)) => return a,
            (Some(-1.0), None) => return self.neg(b),
            (None, Some(-1.0)) => return self.neg(a),
            _ => {}
        }
        let (a, b) = self.ordered(a, b);
        match (self.node(a), self.node(b)) {
            (Node::Unary(Unary::Neg, x), Node::Unary(Unary::Neg, y)) => self.mul(x, y),
            // the sign goes outside, where it can meet an addition
            (Node::Unary(Unary::Neg, x), _) => {
                let product = self.mul(x, b);
                self.neg(product)
            }
            (_, Node::Unary(Unary::Neg, y)) => {
                let product = self.mul(a, y);
                self.neg(product)
            }
            // literals gather: c·(d·x) = (c·d)·x
            (Node::Constant(c), Node::Binary(Binary::Mul, d, x)) if self.literal(d).is_some() => {
                let product = self.constant(f64::from_bits(c) * self.literal(d).unwrap_or(1.0));
                self.mul(product, x)
            }
            _ => self.intern(Node::Binary(Binary::Mul, a, b)),
        }
    }

    /// a / b
    pub fn div(&mut self, a: Expr, b: Expr) -> Expr {
        match (self.literal(a), self.literal(b)) {
            (Some(x), Some(y)) => return self.constant(x / y),
            (Some(0.0), None) => return a,
            (None, Some(1.0)) => return a,
            (None, Some(-1.0)) => return self.neg(a),
            _ => {}
        }
        self.intern(Node::Binary(Binary::Div, a, b))
    }

    /// a to the power b; small integer powers become products.
    pub fn pow(&mut self, a: Expr, b: Expr) -> Expr {
        match (self.literal(a), self.literal(b)) {
            (Some(x), Some(y)) => self.constant(x.powf(y)),
            (None, Some(y)) if y.fract() == 0.0 && y.abs() <= 16.0 => {
                let product = self.integer_power(a, y.abs() as u32);
                if y < 0.0 {
                    let one = self.constant(1.0);
                    self.div(one, product)
                } else {
                    product
                }
            }
            (None, Some(0.5)) => self.unary(Unary::Sqrt, a),
            _ => self.intern(Node::Binary(Binary::Pow, a, b)),
        }
    }

    /// aⁿ by repeated squaring.
    pub fn integer_power(&mut self, a: Expr, n: u32) -> Expr {
        match n {
            0 => self.constant(1.0),
            1 => a,
            _ => {
                let half = self.integer_power(a, n / 2);
                let square = self.mul(half, half);
                if n % 2 == 1 {
                    self.mul(square, a)
                } else {
                    square
                }
            }
        }
    }

    /// a · b, exactly 0 where a is 0.
    pub fn gate(&mut self, a: Expr, b: Expr) -> Expr {
        match (self.literal(a), self.literal(b)) {
            (Some(0.0), _) => a,
            (Some(_), _) | (_, Some(_)) => self.mul(a, b),
            _ => self.intern(Node::Binary(Binary::Gate, a, b)),
        }
    }

    /// −a
    pub fn neg(&mut self, a: Expr) -> Expr {
        self.unary(Unary::Neg, a)
    }

    /// eᵃ
    pub fn exp(&mut self, a: Expr) -> Expr {
        self.unary(Unary::Exp, a)
    }

    /// Where `condition` is not 0 `then`, else `otherwise`.
    pub fn select(&mut self, condition: Expr, then: Expr, otherwise: Expr) -> Expr {
        if then == otherwise {
            return then;
        }
        match (self.literal(condition), self.node(condition)) {
            (Some(c), _) if c != 0.0 => then,
            (Some(_), _) => otherwise,
            (None, Node::Unary(Unary::Not, inner)) => self.select(inner, otherwise, then),
            _ => self.intern(Node::Select(condition, then, otherwise)),
        }
    }

    /// Literals first, then by age: the one order of a commutative pair.
    fn ordered(&self, a: Expr, b: Expr) -> (Expr, Expr) {
        let key = |e: Expr| (self.literal(e).is_none(), e);
        if key(a) <= key(b) { (a, b) } else { (b, a) }
    }
}
