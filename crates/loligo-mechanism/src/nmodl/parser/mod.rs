//! From tokens to a [`Program`]: recursive descent, one function a rule.

mod declarations;
mod expressions;
mod mistakes;
mod statements;

use std::collections::BTreeMap;

use super::ast::{
    Argument, Array, Block, Code, Derivative, DerivativeKind, Lifetime, Moment, Name, Program,
    Receive, Routine, RoutineKind, Statement, StatementKind, Timed,
};
use super::diagnostics::{Diagnostic, Place, Problem, Span, ends_line};
use super::token::{RESERVED, Sign, Token, TokenKind};
use super::{idioms, lexer, units};

/// Longer arrays are refused, so that no text can take all memory.
const LONGEST_ARRAY: f64 = 1000.0;

/// Deeper nesting is refused, so that no text can exhaust the stack.
const DEPTH_LIMIT: usize = 64;

/// Parses a whole file.
pub(crate) fn parse(text: &str) -> Result<Program, Diagnostic> {
    let lexer::Tokens { tokens, units_off } = lexer::tokens(text)?;
    let mut parser = Parser {
        text,
        tokens,
        units_off,
        position: 0,
        depth: 0,
        definitions: units::Definitions::default(),
        integers: BTreeMap::new(),
        arrays: Vec::new(),
        in_equations: false,
    };
    parser.program()
}

struct Parser<'t> {
    text: &'t str,
    /// Ended by [`TokenKind::End`], which is never consumed.
    tokens: Vec<Token>,
    /// Where UNITSOFF holds.
    units_off: Vec<Span>,
    position: usize,
    depth: usize,
    /// Units that the file has named so far.
    definitions: units::Definitions,
    /// What DEFINE has named so far.
    integers: BTreeMap<String, f64>,
    arrays: Vec<Array>,
    /// Whether `~` starts an equation, as in LINEAR, not a reaction.
    in_equations: bool,
}

type Parsed<T> = Result<T, Diagnostic>;

/// What a file is made of, for messages.
const BLOCKS: &[&str] = &[
    "TITLE",
    "NEURON",
    "UNITS",
    "PARAMETER",
    "CONSTANT",
    "STATE",
    "ASSIGNED",
    "INITIAL",
    "BREAKPOINT",
    "DERIVATIVE",
    "KINETIC",
    "LINEAR",
    "NONLINEAR",
    "DISCRETE",
    "NET_RECEIVE",
    "FUNCTION",
    "FUNCTION_TABLE",
    "PROCEDURE",
    "INDEPENDENT",
    "INCLUDE",
    "DEFINE",
    "LOCAL",
];

impl<'t> Parser<'t> {
    fn program(&mut self) -> Parsed<Program> {
        let mut program = Program::default();
        loop {
            let token = self.peek();
            match token.kind {
                TokenKind::End => {
                    program.arrays = std::mem::take(&mut self.arrays);
                    program.arrays.sort_by(|a, b| a.name.text.cmp(&b.name.text));
                    return Ok(program);
                }
                TokenKind::Title => {
                    program.title = self.slice(token.span).trim().to_owned();
                    self.advance();
                }
                TokenKind::Verbatim => {
                    self.check_macros(token.span)?;
                    if idioms::meaning(self.slice(token.span)).is_none() {
                        let (text, span) = (self.slice(token.span).to_owned(), token.span);
                        program.declarations_in_c.push(Code { text, span });
                    }
                    self.advance();
                }
                TokenKind::Word => {
                    let word = self.slice(token.span);
                    self.advance();
                    self.block(word, token.span, &mut program)
                        .map_err(|diagnostic| self.still_open(word, token.span, diagnostic))?;
                }
                TokenKind::Sign(Sign::CloseBrace) => {
                    let message = "this `}` closes nothing: every block before it is closed";
                    return Err(Diagnostic::invalid(token.span, message));
                }
                _ => return Err(self.unexpected("a block such as NEURON or PARAMETER")),
            }
        }
    }

    /// C code outside of blocks must leave the words of the mechanism what they are.
    fn check_macros(&self, span: Span) -> Parsed<()> {
        for name in idioms::macros(self.slice(span)) {
            let mut words = self
                .tokens
                .iter()
                .filter(|token| token.kind == TokenKind::Word);
            if words.any(|token| self.slice(token.span) == name) {
                let construct = format!("a C macro called `{name}`, which the mechanism uses,");
                let advice = "write in NMODL what it stands for";
                return Err(Diagnostic::unsupported(span, construct, advice));
            }
        }
        Ok(())
    }

    /// A block whose first word has just been consumed.
    fn block(&mut self, word: &str, span: Span, program: &mut Program) -> Parsed<()> {
        match word {
            "NEURON" => self.interface(&mut program.interface),
            "UNITS" => self.units_block(program),
            "PARAMETER" => self.parameters(&mut program.parameters),
            "CONSTANT" => self.constants(&mut program.constants),
            "STATE" => self.states(&mut program.states),
            "ASSIGNED" => self.assigned(&mut program.assigned),
            "INDEPENDENT" => self.independent(),
            "DEFINE" => self.define(&mut program.constants),
            "LOCAL" => {
                program.file_locals.extend(self.all_declared()?);
                Ok(())
            }
            "INITIAL" => {
                // NEURON runs several one after the other
                let more = self.statements()?;
                let initial = program.initial.get_or_insert_default();
                initial.statements.extend(more.statements);
                Ok(())
            }
            "BREAKPOINT" => {
                // as INITIAL
                let more = self.statements()?;
                let breakpoint = program.breakpoint.get_or_insert_default();
                breakpoint.statements.extend(more.statements);
                Ok(())
            }
            "DERIVATIVE" => self.derivative(DerivativeKind::Rates, program),
            "KINETIC" => self.derivative(DerivativeKind::Kinetic, program),
            "LINEAR" => self.derivative(DerivativeKind::Linear, program),
            "NONLINEAR" => self.derivative(DerivativeKind::Nonlinear, program),
            "DISCRETE" => {
                let name = self.name("the name of the DISCRETE block")?;
                let body = self.statements()?;
                program.routines.push(Routine {
                    name,
                    kind: RoutineKind::Procedure,
                    arguments: Vec::new(),
                    units: String::new(),
                    body,
                });
                Ok(())
            }
            "NET_RECEIVE" => self.receive(span, program),
            "FUNCTION" => {
                let routine = self.routine(RoutineKind::Function)?;
                program.routines.push(routine);
                Ok(())
            }
            "PROCEDURE" => {
                let routine = self.routine(RoutineKind::Procedure)?;
                program.routines.push(routine);
                Ok(())
            }
            "FUNCTION_TABLE" => {
                let (name, arguments, units) = self.heading()?;
                program.routines.push(Routine {
                    name,
                    kind: RoutineKind::Table,
                    arguments,
                    units,
                    body: Block::default(),
                });
                Ok(())
            }
            // what NEURON does when a point process is made or destroyed is no part of a model
            "CONSTRUCTOR" | "DESTRUCTOR" => {
                let body = self.statements()?;
                let is_c = |s: &Statement| {
                    matches!(s.kind, StatementKind::Verbatim(_) | StatementKind::Return)
                };
                if !body.statements.iter().all(is_c) {
                    let construct = format!("a {word} block that computes");
                    let advice = "INITIAL is run before every run";
                    return Err(Diagnostic::unsupported(span, construct, advice));
                }
                program.lifetimes.push(Lifetime {
                    keyword: word.to_owned(),
                    span,
                    body,
                });
                Ok(())
            }
            "BEFORE" | "AFTER" => self.timed(word, span, program),
            "STEPPED" => Err(Diagnostic::unsupported(span, "a STEPPED block", "")),
            _ if declarations::INTERFACE.contains(&word) => {
                let message = format!("{word} belongs in the NEURON block");
                Err(Diagnostic::invalid(span, message))
            }
            _ if self.at(Sign::Equal) || self.at(Sign::Prime) => {
                let message = format!("`{word}` is assigned outside of any block");
                Err(Diagnostic::invalid(span, message))
            }
            _ => Err(Diagnostic::unknown(
                span,
                "block",
                word,
                BLOCKS.iter().copied(),
            )),
        }
    }

    /// What is wrong with a block, if it is that the next one or the end came before its end.
    fn still_open(&self, word: &str, start: Span, mut diagnostic: Diagnostic) -> Diagnostic {
        let found = self.slice(diagnostic.span);
        let is_end = self.tokens.last().map(|end| end.span) == Some(diagnostic.span);
        let is_next = is_end || BLOCKS.contains(&found) && found != "LOCAL";
        if let Problem::Unexpected { advice, .. } = &mut diagnostic.problem
            && is_next
            && advice.is_empty()
        {
            let line = Place::new(self.text, "", start).line;
            *advice = format!("the {word} block of line {line} is not closed");
        }
        diagnostic
    }

    /// name { }, after the word that says which kind of block it is
    fn derivative(&mut self, kind: DerivativeKind, program: &mut Program) -> Parsed<()> {
        let name = self.name("the name of the block")?;
        let mut unknowns = Vec::new();
        if self.take_word("SOLVEFOR") {
            unknowns = self.names()?;
        }
        self.in_equations = matches!(kind, DerivativeKind::Linear | DerivativeKind::Nonlinear);
        let body = self.statements()?;
        self.in_equations = false;
        program.derivatives.push(Derivative {
            name,
            kind,
            unknowns,
            body,
        });
        Ok(())
    }

    /// INITIAL { }, after BEFORE, and the like
    fn timed(&mut self, word: &str, span: Span, program: &mut Program) -> Parsed<()> {
        let place = self.peek().span;
        if !["INITIAL", "BREAKPOINT", "SOLVE", "STEP"].contains(&self.slice(place)) {
            return Err(self.unexpected(format!("INITIAL, BREAKPOINT, SOLVE or STEP after {word}")));
        }
        self.advance();
        let name = format!("{word} {}", self.slice(place));
        let mut moments = Moment::ALL.into_iter();
        let Some(moment) = moments.find(|moment| moment.name() == name) else {
            let known = Moment::ALL.map(Moment::name).join(", ");
            let message = format!("NEURON has no {name} block; it has {known}");
            return Err(Diagnostic::invalid(span.to(place), message));
        };
        let more = self.statements()?;
        // NEURON runs several one after the other
        let timed = program.moments.entry(moment).or_insert_with(|| Timed {
            span: span.to(place),
            body: Block::default(),
        });
        timed.body.statements.extend(more.statements);
        Ok(())
    }

    /// (arguments) { }, after NET_RECEIVE
    fn receive(&mut self, span: Span, program: &mut Program) -> Parsed<()> {
        if program.receive.is_some() {
            let message = "a mechanism has one NET_RECEIVE block; this is the second";
            return Err(Diagnostic::invalid(span, message));
        }
        let arguments = self.parameters_of_routine()?;
        let body = self.statements()?;
        program.receive = Some(Receive {
            span,
            arguments,
            body,
        });
        Ok(())
    }

    fn routine(&mut self, kind: RoutineKind) -> Parsed<Routine> {
        let (name, arguments, units) = self.heading()?;
        let body = self.statements()?;
        Ok(Routine {
            name,
            kind,
            arguments,
            units,
            body,
        })
    }

    /// name(argument, …) (unit)
    fn heading(&mut self) -> Parsed<(Name, Vec<Argument>, String)> {
        let name = self.name("a name")?;
        let arguments = self.parameters_of_routine()?;
        let units = self.unit()?;
        Ok((name, arguments, units))
    }

    /// (argument, …)
    fn parameters_of_routine(&mut self) -> Parsed<Vec<Argument>> {
        self.expect(Sign::OpenParen)?;
        let mut arguments = Vec::new();
        if !self.take(Sign::CloseParen) {
            loop {
                let name = self.name("the name of an argument")?;
                let units = self.unit()?;
                arguments.push(Argument { name, units });
                if !self.take(Sign::Comma) {
                    break;
                }
            }
            self.expect(Sign::CloseParen)?;
        }
        Ok(arguments)
    }

    fn peek(&self) -> Token {
        self.tokens[self.position]
    }

    fn advance(&mut self) -> Token {
        let token = self.peek();
        if token.kind != TokenKind::End {
            self.position += 1;
        }
        token
    }

    fn slice(&self, span: Span) -> &'t str {
        &self.text[span.start..span.end]
    }

    /// The place of the token that was consumed last.
    fn last_span(&self) -> Span {
        self.tokens[self.position.saturating_sub(1)].span
    }

    /// Whether UNITSOFF holds at this place.
    fn units_are_off(&self, place: Span) -> bool {
        let next = self.units_off.partition_point(|off| off.end <= place.start);
        let off = self.units_off.get(next);
        off.is_some_and(|off| off.start <= place.start)
    }

    fn unexpected(&self, expected: impl Into<String>) -> Diagnostic {
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
    fn unexpected_on_line(&self, expected: impl Into<String>) -> Diagnostic {
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

    fn at(&self, sign: Sign) -> bool {
        self.peek().kind == TokenKind::Sign(sign)
    }

    /// Consumes the sign if it is next.
    fn take(&mut self, sign: Sign) -> bool {
        let taken = self.at(sign);
        if taken {
            self.advance();
        }
        taken
    }

    fn expect(&mut self, sign: Sign) -> Parsed<Span> {
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

    fn at_word(&self, word: &str) -> bool {
        let token = self.peek();
        token.kind == TokenKind::Word && self.slice(token.span) == word
    }

    /// Consumes the word if it is next.
    fn take_word(&mut self, word: &str) -> bool {
        let taken = self.at_word(word);
        if taken {
            self.advance();
        }
        taken
    }

    fn expect_word(&mut self, word: &str) -> Parsed<()> {
        if self.take_word(word) {
            Ok(())
        } else {
            Err(self.unexpected(format!("`{word}`")))
        }
    }

    /// Whether a name, not a keyword, is next.
    fn at_name(&self) -> bool {
        let token = self.peek();
        token.kind == TokenKind::Word && !RESERVED.contains(&self.slice(token.span))
    }

    fn name(&mut self, expected: &str) -> Parsed<Name> {
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

    /// A name, or an element of an array.
    fn reference(&mut self, expected: &str) -> Parsed<Name> {
        let mut name = self.name(expected)?;
        if self.take(Sign::OpenBracket) {
            name.index = Some(Box::new(self.expression()?));
            self.expect(Sign::CloseBracket)?;
            name.span = name.span.to(self.last_span());
        }
        Ok(name)
    }

    /// A name that is declared, or the elements of an array.
    fn declared(&mut self, expected: &str) -> Parsed<Vec<Name>> {
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
    fn all_declared(&mut self) -> Parsed<Vec<Name>> {
        let mut names = self.declared("a name")?;
        while self.take(Sign::Comma) {
            names.extend(self.declared("a name")?);
        }
        Ok(names)
    }

    /// a, b, c
    fn names(&mut self) -> Parsed<Vec<Name>> {
        let mut names = vec![self.name("a name")?];
        while self.take(Sign::Comma) {
            names.push(self.name("a name")?);
        }
        Ok(names)
    }

    /// A number with an optional sign.
    fn signed_number(&mut self) -> Parsed<f64> {
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
    fn unit(&mut self) -> Parsed<String> {
        if !self.at(Sign::OpenParen) {
            return Ok(String::new());
        }
        let span = self.unit_span()?;
        Ok(self.slice(span).trim().to_owned())
    }

    /// What stands between the parentheses of a unit, which must be next.
    fn unit_span(&mut self) -> Parsed<Span> {
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

    /// Runs a rule one level deeper.
    fn nested<T>(&mut self, rule: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
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
