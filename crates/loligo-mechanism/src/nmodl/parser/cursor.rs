//! The tokens, one after the other: what is next, and what is said where something else should be.

use super::super::ast::Name;
use super::super::diagnostics::{Diagnostic, Problem, Span, ends_line};
use super::super::token::{RESERVED, Sign, Token, TokenKind};
use super::{Parsed, Parser, mistakes};

/// Deeper nesting is refused, so that no text can exhaust the stack.
const DEPTH_LIMIT: usize = 64;

impl<'t> Parser<'t> {
    pub(super) fn peek(&self) -> Token {
        self.tokens[self.position]
    }

    pub(super) fn advance(&mut self) -> Token {
        let token = self.peek();
        if token.kind != TokenKind::End {
            self.position += 1;
        }
        token
    }

    pub(super) fn slice(&self, span: Span) -> &'t str {
        &self.text[span.start..span.end]
    }

    /// The place of the token that was consumed last.
    pub(super) fn last_span(&self) -> Span {
        self.tokens[self.position.saturating_sub(1)].span
    }

    /// Whether UNITSOFF holds at this place.
    pub(super) fn units_are_off(&self, place: Span) -> bool {
        let next = self.units_off.partition_point(|off| off.end <= place.start);
        let off = self.units_off.get(next);
        off.is_some_and(|off| off.start <= place.start)
    }

    pub(super) fn unexpected(&self, expected: impl Into<String>) -> Diagnostic {
        let token = self.peek();
        let found = match token.kind {
            TokenKind::End => "the end of the file".to_owned(),
            TokenKind::Verbatim => "VERBATIM".to_owned(),
            TokenKind::Title => "TITLE".to_owned(),
            _ => format!("`{}`", self.slice(token.span)),
        };
        let advice = mistakes::instead(self.text, token.span).unwrap_or_default();
        Diagnostic::new(
            token.span,
            Problem::Unexpected {
                expected: expected.into(),
                found,
                advice: advice.to_owned(),
            },
        )
    }

    /// The same for what must stand on the line of the last token: a place on the next would mislead.
    pub(super) fn unexpected_on_line(&self, expected: impl Into<String>) -> Diagnostic {
        let end = self.last_span().end;
        if !self.text[end..self.peek().span.start].contains(ends_line) {
            return self.unexpected(expected);
        }
        let problem = Problem::Unexpected {
            expected: expected.into(),
            found: "the end of the line".to_owned(),
            advice: String::new(),
        };
        Diagnostic::new(Span { start: end, end }, problem)
    }

    pub(super) fn at(&self, sign: Sign) -> bool {
        self.peek().kind == TokenKind::Sign(sign)
    }

    /// Consumes the sign if it is next.
    pub(super) fn take(&mut self, sign: Sign) -> bool {
        let taken = self.at(sign);
        if taken {
            self.advance();
        }
        taken
    }

    pub(super) fn expect(&mut self, sign: Sign) -> Parsed<Span> {
        if self.at(sign) {
            return Ok(self.advance().span);
        }
        let mut diagnostic = match sign {
            Sign::CloseParen | Sign::CloseBracket => self.unexpected_on_line(sign.to_string()),
            _ => self.unexpected(sign.to_string()),
        };
        if let Problem::Unexpected { advice, .. } = &mut diagnostic.problem
            && sign == Sign::CloseParen
            && self.at(Sign::Equal)
        {
            *advice = "a comparison is written `==`".to_owned();
        }
        Err(diagnostic)
    }

    pub(super) fn at_word(&self, word: &str) -> bool {
        let token = self.peek();
        token.kind == TokenKind::Word && self.slice(token.span) == word
    }

    /// Consumes the word if it is next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let taken = self.at_word(word);
        if taken {
            self.advance();
        }
        taken
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Parsed<()> {
        if self.take_word(word) {
            Ok(())
        } else {
            Err(self.unexpected(format!("`{word}`")))
        }
    }

    /// Whether a name, not a keyword, is next.
    pub(super) fn at_name(&self) -> bool {
        let token = self.peek();
        token.kind == TokenKind::Word && !RESERVED.contains(&self.slice(token.span))
    }

    pub(super) fn name(&mut self, expected: &str) -> Parsed<Name> {
        if !self.at_name() {
            return Err(self.unexpected(expected));
        }
        let span = self.advance().span;
        Ok(Name {
            text: self.slice(span).to_owned(),
            span,
            index: None,
        })
    }

    /// Runs a rule one level deeper.
    pub(super) fn nested<T>(&mut self, rule: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEPTH_LIMIT {
            let limit = DEPTH_LIMIT;
            return Err(Diagnostic::new(
                self.peek().span,
                Problem::TooDeep { limit },
            ));
        }
        self.depth += 1;
        let result = rule(self);
        self.depth -= 1;
        result
    }
}
