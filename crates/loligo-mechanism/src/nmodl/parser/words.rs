//! The small rules of which others are made: names, arrays, numbers and units.

use super::super::ast::{Array, Name};
use super::super::diagnostics::{Diagnostic, Place, Span, ends_line};
use super::super::token::{Sign, TokenKind};
use super::{Parsed, Parser};

/// Longer arrays are refused, so that no text can take all memory.
const LONGEST_ARRAY: f64 = 1000.0;

impl Parser<'_> {
    /// A name, or an element of an array.
    pub(super) fn reference(&mut self, expected: &str) -> Parsed<Name> {
        let mut name = self.name(expected)?;
        if self.take(Sign::OpenBracket) {
            name.index = Some(Box::new(self.expression()?));
            self.expect(Sign::CloseBracket)?;
            name.span = name.span.to(self.last_span());
        }
        Ok(name)
    }

    /// A name that is declared, or the elements of an array.
    pub(super) fn declared(&mut self, expected: &str) -> Parsed<Vec<Name>> {
        let name = self.name(expected)?;
        if !self.take(Sign::OpenBracket) {
            return Ok(vec![name]);
        }
        let start = self.peek().span;
        let length = match self.peek().kind {
            TokenKind::Number(length) => Some(length),
            TokenKind::Word => self.integers.get(self.slice(start)).copied(),
            _ => None,
        };
        let fits = |length: &f64| length.fract() == 0.0 && (1.0..=LONGEST_ARRAY).contains(length);
        let Some(length) = length.filter(fits) else {
            return Err(Diagnostic::invalid(
                start,
                format!(
                    "an array has 1 to {LONGEST_ARRAY} elements, given as a number or by DEFINE"
                ),
            ));
        };
        self.advance();
        self.expect(Sign::CloseBracket)?;
        let span = name.span.to(self.last_span());
        let elements = (0..length as usize).map(|index| Name {
            text: format!("{}[{index}]", name.text),
            span,
            index: None,
        });
        let elements: Vec<Name> = elements.collect();
        let mut arrays = self.arrays.iter();
        match arrays.find(|array| array.name == name) {
            // LOCAL in several blocks
            Some(other) if other.elements.len() == elements.len() => {}
            Some(other) => {
                let line = Place::new(self.text, "", other.name.span).line;
                let construct = format!(
                    "an array `{}` of another length than that at line {line}",
                    name.text
                );
                return Err(Diagnostic::unsupported(span, construct, "rename one"));
            }
            None => self.arrays.push(Array {
                name,
                elements: elements.clone(),
            }),
        }
        Ok(elements)
    }

    /// a, b[3], c
    pub(super) fn all_declared(&mut self) -> Parsed<Vec<Name>> {
        let mut names = self.declared("a name")?;
        while self.take(Sign::Comma) {
            names.extend(self.declared("a name")?);
        }
        Ok(names)
    }

    /// a, b, c
    pub(super) fn names(&mut self) -> Parsed<Vec<Name>> {
        let mut names = vec![self.name("a name")?];
        while self.take(Sign::Comma) {
            names.push(self.name("a name")?);
        }
        Ok(names)
    }

    /// A number with an optional sign.
    pub(super) fn signed_number(&mut self) -> Parsed<f64> {
        let negative = self.take(Sign::Minus);
        if !negative {
            self.take(Sign::Plus);
        }
        match self.peek().kind {
            TokenKind::Number(value) => {
                self.advance();
                Ok(if negative { -value } else { value })
            }
            _ => Err(self.unexpected("a number")),
        }
    }

    /// (unit), as written; `""` if none is there.
    pub(super) fn unit(&mut self) -> Parsed<String> {
        if !self.at(Sign::OpenParen) {
            return Ok(String::new());
        }
        let span = self.unit_span()?;
        Ok(self.slice(span).trim().to_owned())
    }

    /// What stands between the parentheses of a unit, which must be next.
    pub(super) fn unit_span(&mut self) -> Parsed<Span> {
        let open = self.expect(Sign::OpenParen)?;
        let first = self.position;
        while !self.at(Sign::CloseParen) {
            let token = self.peek();
            let is_on_line = !self.text[self.last_span().end..token.span.start].contains(ends_line);
            match token.kind {
                _ if !is_on_line => return Err(self.unexpected_on_line("`)` behind a unit")),
                // (1+8 um5/ms): what is not a number with powers of units is a label
                TokenKind::Word
                | TokenKind::Number(_)
                | TokenKind::Other(_)
                | TokenKind::Sign(
                    Sign::Slash | Sign::Plus | Sign::Minus | Sign::Star | Sign::Caret,
                ) => {
                    self.advance();
                }
                _ if self.position > first => {
                    return Err(self.unexpected_on_line("`)` behind a unit"));
                }
                _ => return Err(self.unexpected("a unit such as (mV) or (S/cm2)")),
            }
        }
        let close = self.expect(Sign::CloseParen)?;
        Ok(Span {
            start: open.end,
            end: close.start,
        })
    }
}
