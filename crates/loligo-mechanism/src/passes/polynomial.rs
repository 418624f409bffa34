//! Expressions as sums of products of powers, so that two ways to write the same thing compare
//! equal: 0.1·(v + 40) and 4 + v/10.

use std::collections::{BTreeMap, HashMap};

use crate::graph::{Binary, Expr, Graph, Node, Unary};

/// A sum with more terms is left as it is, which bounds the cost of expanding products.
const TERM_LIMIT: usize = 24;

/// Powers (also negative ones) of expressions that are neither sums nor products.
pub(super) type Monomial = BTreeMap<Expr, i32>;

/// Σ coefficient · monomial.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Polynomial {
    terms: BTreeMap<Monomial, f64>,
}

/// coefficient · monomial.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    pub coefficient: f64,
    pub monomial: Monomial,
}

impl Term {
    /// The term as an expression.
    pub fn build(&self, graph: &mut Graph) -> Expr {
        let mut product = graph.constant(self.coefficient);
        for (&atom, &power) in &self.monomial {
            let factor = graph.integer_power(atom, power.unsigned_abs());
            product = if power > 0 {
                graph.mul(product, factor)
            } else {
                graph.div(product, factor)
            };
        }
        product
    }

    /// Whether it is a number.
    pub fn is_literal(&self) -> bool {
        self.monomial.is_empty()
    }

    pub fn inverse(&self) -> Term {
        Term {
            coefficient: 1.0 / self.coefficient,
            monomial: self.monomial.iter().map(|(&a, &p)| (a, -p)).collect(),
        }
    }

    pub fn times(&self, other: &Term) -> Term {
        Term {
            coefficient: self.coefficient * other.coefficient,
            monomial: product(&self.monomial, &other.monomial),
        }
    }
}

fn product(a: &Monomial, b: &Monomial) -> Monomial {
    let mut result = a.clone();
    for (&atom, &power) in b {
        *result.entry(atom).or_insert(0) += power;
    }
    result.retain(|_, power| *power != 0);
    result
}

impl Polynomial {
    fn term(coefficient: f64, monomial: Monomial) -> Self {
        let mut terms = BTreeMap::new();
        if coefficient != 0.0 {
            terms.insert(monomial, coefficient);
        }
        Polynomial { terms }
    }

    fn atom(expr: Expr) -> Self {
        Polynomial::term(1.0, Monomial::from([(expr, 1)]))
    }

    fn plus(&self, other: &Polynomial, sign: f64) -> Polynomial {
        let mut terms = self.terms.clone();
        for (monomial, coefficient) in &other.terms {
            let sum = terms.entry(monomial.clone()).or_insert(0.0);
            *sum += sign * coefficient;
        }
        terms.retain(|_, coefficient| *coefficient != 0.0);
        Polynomial { terms }
    }

    /// The product; `None` if it would have too many terms.
    pub fn times(&self, other: &Polynomial) -> Option<Polynomial> {
        if self.terms.len() * other.terms.len() > TERM_LIMIT {
            return None;
        }
        let mut result = Polynomial::term(0.0, Monomial::new());
        for (a, x) in &self.terms {
            for (b, y) in &other.terms {
                let term = Polynomial::term(x * y, product(a, b));
                result = result.plus(&term, 1.0);
            }
        }
        Some(result)
    }

    /// 1 + `scale` · this.
    pub fn one_plus(&self, scale: f64) -> Polynomial {
        Polynomial::term(1.0, Monomial::new()).plus(self, scale)
    }

    /// The terms, if there are exactly two.
    pub fn two_terms(&self) -> Option<[Term; 2]> {
        let term = |(monomial, &coefficient): (&Monomial, &f64)| Term {
            coefficient,
            monomial: monomial.clone(),
        };
        let mut terms = self.terms.iter().map(term);
        match (terms.next(), terms.next(), terms.next()) {
            (Some(a), Some(b), None) => Some([a, b]),
            _ => None,
        }
    }

    /// The term, if there is exactly one.
    pub fn one_term(&self) -> Option<Term> {
        let mut terms = self.terms.iter();
        match (terms.next(), terms.next()) {
            (Some((monomial, &coefficient)), None) => Some(Term {
                coefficient,
                monomial: monomial.clone(),
            }),
            _ => None,
        }
    }

    /// The term r with `self` = r · `other`, if there is one; coefficients may differ by rounding.
    pub fn ratio(&self, other: &Polynomial) -> Option<Term> {
        let (first, &scale) = other.terms.iter().next()?;
        if self.terms.len() != other.terms.len() {
            return None;
        }
        let inverse = Term {
            coefficient: scale,
            monomial: first.clone(),
        }
        .inverse();
        self.terms.iter().find_map(|(monomial, &coefficient)| {
            let ratio = inverse.times(&Term {
                coefficient,
                monomial: monomial.clone(),
            });
            let fits = other.terms.iter().all(|(monomial, coefficient)| {
                let expected = ratio.coefficient * coefficient;
                let found = self.terms.get(&product(&ratio.monomial, monomial));
                found.is_some_and(|found| (found - expected).abs() <= ROUNDING * expected.abs())
            });
            fits.then_some(ratio)
        })
    }

    /// Whether both are the same sum, up to rounding of the coefficients.
    pub fn is_close_to(&self, other: &Polynomial) -> bool {
        let one = |ratio: Term| ratio.is_literal() && (ratio.coefficient - 1.0).abs() <= ROUNDING;
        match (self.terms.is_empty(), other.terms.is_empty()) {
            (false, false) => self.ratio(other).is_some_and(one),
            (a, b) => a && b,
        }
    }
}

/// How far two coefficients that mean the same may be apart, relative: people write 0.4 for 4/10.
const ROUNDING: f64 = 1e-12;

/// The polynomials of the nodes of one graph, each found once.
#[derive(Default)]
pub(super) struct Polynomials {
    known: HashMap<Expr, Polynomial>,
}

impl Polynomials {
    /// The polynomial of an expression. Call it for operands first: then no recursion is deep.
    pub fn of(&mut self, graph: &Graph, expr: Expr) -> Polynomial {
        if let Some(known) = self.known.get(&expr) {
            return known.clone();
        }
        let polynomial = self.expand(graph, expr);
        self.known.insert(expr, polynomial.clone());
        polynomial
    }

    fn expand(&mut self, graph: &Graph, expr: Expr) -> Polynomial {
        let sum = match graph.node(expr) {
            Node::Constant(bits) => Some(Polynomial::term(f64::from_bits(bits), Monomial::new())),
            Node::Unary(Unary::Neg, a) => {
                let zero = Polynomial::term(0.0, Monomial::new());
                Some(zero.plus(&self.of(graph, a), -1.0))
            }
            Node::Binary(Binary::Add, a, b) => {
                Some(self.of(graph, a).plus(&self.of(graph, b), 1.0))
            }
            Node::Binary(Binary::Sub, a, b) => {
                Some(self.of(graph, a).plus(&self.of(graph, b), -1.0))
            }
            Node::Binary(Binary::Mul, a, b) => self.of(graph, a).times(&self.of(graph, b)),
            Node::Binary(Binary::Div, a, b) => {
                let divisor = match self.of(graph, b).one_term() {
                    Some(term) => term.inverse(),
                    // a sum below a fraction stays as it is
                    None => Term {
                        coefficient: 1.0,
                        monomial: Monomial::from([(b, -1)]),
                    },
                };
                let divisor = Polynomial::term(divisor.coefficient, divisor.monomial);
                self.of(graph, a).times(&divisor)
            }
            _ => None,
        };
        sum.filter(|sum| sum.terms.len() <= TERM_LIMIT)
            .unwrap_or_else(|| Polynomial::atom(expr))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_to_write_a_line_are_equal() {
        let mut graph = Graph::new();
        let v = graph.symbol("v");
        let (forty, four, ten, tenth) = (
            graph.constant(40.0),
            graph.constant(4.0),
            graph.constant(10.0),
            graph.constant(0.1),
        );
        let sum = graph.add(v, forty);
        let one = graph.mul(tenth, sum);
        let quotient = graph.div(v, ten);
        let other = graph.add(four, quotient);
        let mut polynomials = Polynomials::default();
        let (one, other) = (polynomials.of(&graph, one), polynomials.of(&graph, other));
        assert!(one.is_close_to(&other));
    }

    #[test]
    fn the_ratio_of_two_lines_may_hold_symbols() {
        let mut graph = Graph::new();
        let (v, half, k) = (graph.symbol("v"), graph.symbol("half"), graph.symbol("k"));
        let shifted = graph.sub(v, half);
        let scaled = graph.div(shifted, k);
        let mut polynomials = Polynomials::default();
        let (a, b) = (
            polynomials.of(&graph, shifted),
            polynomials.of(&graph, scaled),
        );
        let ratio = a.ratio(&b).expect("is k");
        assert_eq!(ratio.build(&mut graph), k);
        let other = graph.add(v, half);
        assert_eq!(polynomials.of(&graph, other).ratio(&b), None);
    }
}
