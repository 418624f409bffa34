//! Expressions, by precedence: or, and, comparisons, sums, products, signs, powers.

use super::super::ast::{
    BinaryOperator as Binary, Call, Expression, ExpressionKind, Measure, UnaryOperator as Unary,
};
use super::super::diagnostics::{Diagnostic, Problem, Span};
use super::super::token::{Sign, TokenKind};
use super::{Parsed, Parser};

/// A longer chain of operators is refused, so that no recursion over an expression is deep.
const HEIGHT_LIMIT: usize = 200;

/// The operator that a sign is between operands, and how tightly it binds; `^` is not among them,
/// since it binds to the right and above a sign.
fn binary_operator(sign: Sign) -> Option<(Binary, u8)> {
    Some(match sign {
        Sign::OrOr => (Binary::Or, 1),
        Sign::AndAnd => (Binary::And, 2),
        Sign::Less => (Binary::Less, 3),
        Sign::LessEqual => (Binary::LessEqual, 3),
        Sign::Greater => (Binary::Greater, 3),
        Sign::GreaterEqual => (Binary::GreaterEqual, 3),
        Sign::EqualEqual => (Binary::Equal, 3),
        Sign::NotEqual => (Binary::NotEqual, 3),
        Sign::Plus => (Binary::Add, 4),
        Sign::Minus => (Binary::Subtract, 4),
        Sign::Star => (Binary::Multiply, 5),
        Sign::Slash => (Binary::Divide, 5),
        _ => return None,
    })
}

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Parsed<Expression> {
        self.nested(|parser| parser.operators(1))
    }

    /// Operands joined by operators that bind at least as tightly as `tightness`.
    fn operators(&mut self, tightness: u8) -> Parsed<Expression> {
        let mut left = self.signed()?;
        while let TokenKind::Sign(sign) = self.peek().kind {
            let Some((operator, binding)) = binary_operator(sign) else {
                break;
            };
            if binding < tightness {
                break;
            }
            self.advance();
            let right = self.operators(binding + 1)?;
            left = self.binary(operator, left, right)?;
        }
        Ok(left)
    }

    /// −a, !a, +a
    fn signed(&mut self) -> Parsed<Expression> {
        let start = self.peek().span;
        let operator = match self.peek().kind {
            TokenKind::Sign(Sign::Minus) => Some(Unary::Negate),
            TokenKind::Sign(Sign::Not) => Some(Unary::Not),
            TokenKind::Sign(Sign::Plus) => None,
            _ => return self.power(),
        };
        self.advance();
        let operand = self.nested(Self::signed)?;
        let Some(operator) = operator else {
            return Ok(operand);
        };
        let span = start.to(operand.span);
        let height = operand.height + 1;
        let kind = ExpressionKind::Unary(operator, Box::new(operand));
        self.bounded(kind, span, height)
    }

    /// a^b; a^b^c is a^(b^c), and the exponent may have a sign
    fn power(&mut self) -> Parsed<Expression> {
        let base = self.primary()?;
        if !self.take(Sign::Caret) {
            return Ok(base);
        }
        let exponent = self.nested(Self::signed)?;
        self.binary(Binary::Power, base, exponent)
    }

    fn primary(&mut self) -> Parsed<Expression> {
        let token = self.peek();
        match token.kind {
            TokenKind::Number(value) => {
                self.advance();
                // a unit behind a number does not change its value
                let measure = match self.at(Sign::OpenParen) {
                    true => Measure::Unit(self.unit()?),
                    false => Measure::Bare,
                };
                let span = token.span.to(self.last_span());
                self.bounded(ExpressionKind::Number(value, measure), span, 1)
            }
            TokenKind::Sign(Sign::OpenParen) => {
                self.advance();
                let mut inner = self.expression()?;
                let close = self.expect(Sign::CloseParen)?;
                if let ExpressionKind::Number(_, measure @ Measure::Bare) = &mut inner.kind {
                    *measure = Measure::Conversion;
                }
                let span = token.span.to(close);
                Ok(Expression { span, ..inner })
            }
            TokenKind::Word if self.at_name() => {
                let name = self.reference("a name")?;
                if name.index.is_some() || !self.at(Sign::OpenParen) {
                    let span = name.span;
                    let height = name.index.as_ref().map_or(1, |index| index.height + 1);
                    return self.bounded(ExpressionKind::Variable(name), span, height);
                }
                let arguments = self.arguments()?;
                let height = arguments.iter().map(|a| a.height).max().unwrap_or(0) + 1;
                let span = token.span.to(self.last_span());
                let call = ExpressionKind::Call(Call { name, arguments });
                self.bounded(call, span, height)
            }
            TokenKind::Text => Err(Diagnostic::unsupported(
                token.span,
                "a string",
                "a mechanism computes, it does not print",
            )),
            _ => Err(self.unexpected("an expression")),
        }
    }

    /// (a, b, …)
    pub(super) fn arguments(&mut self) -> Parsed<Vec<Expression>> {
        self.expect(Sign::OpenParen)?;
        let mut arguments = Vec::new();
        if self.take(Sign::CloseParen) {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if !self.take(Sign::Comma) {
                self.expect(Sign::CloseParen)?;
                return Ok(arguments);
            }
        }
    }

    fn binary(&self, operator: Binary, left: Expression, right: Expression) -> Parsed<Expression> {
        let span = left.span.to(right.span);
        let height = left.height.max(right.height) + 1;
        let kind = ExpressionKind::Binary(operator, Box::new(left), Box::new(right));
        self.bounded(kind, span, height)
    }

    fn bounded(&self, kind: ExpressionKind, span: Span, height: usize) -> Parsed<Expression> {
        if height > HEIGHT_LIMIT {
            let limit = HEIGHT_LIMIT;
            return Err(Diagnostic::new(span, Problem::TooDeep { limit }));
        }
        Ok(Expression { kind, span, height })
    }
}
