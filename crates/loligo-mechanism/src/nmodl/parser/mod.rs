//! From tokens to a [`Program`]: recursive descent, one function a rule.

mod cursor;
mod declarations;
mod expressions;
mod mistakes;
mod statements;
mod words;

use std::collections::BTreeMap;

use super::ast::{
    Argument, Array, Block, Code, Derivative, DerivativeKind, Lifetime, Moment, Name, Program,
    Receive, Routine, RoutineKind, Statement, StatementKind, Timed,
};
use super::diagnostics::{Diagnostic, Place, Problem, Span};
use super::token::{Sign, Token, TokenKind};
use super::{idioms, lexer, units};

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

impl Parser<'_> {
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
}
