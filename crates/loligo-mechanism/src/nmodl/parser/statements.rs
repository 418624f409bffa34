//! Statements: assignments, calls, IF, FROM, SOLVE, TABLE.

use super::super::ast::{Block, Call, Name, Statement, StatementKind};
use super::super::diagnostics::{Diagnostic, Span};
use super::super::token::{Sign, TokenKind};
use super::{Parsed, Parser};

impl Parser<'_> {
    /// { statement … }
    pub(super) fn statements(&mut self) -> Parsed<Block> {
        self.nested(|parser| {
            parser.expect(Sign::OpenBrace)?;
            let mut statements = Vec::new();
            while !parser.take(Sign::CloseBrace) {
                if let Some(statement) = parser.statement()? {
                    statements.push(statement);
                }
            }
            Ok(Block { statements })
        })
    }

    /// One statement; `None` for C code that does nothing.
    fn statement(&mut self) -> Parsed<Option<Statement>> {
        let token = self.peek();
        let start = token.span;
        let kind = match token.kind {
            TokenKind::Verbatim => {
                self.harmless_verbatim(start)?;
                return Ok(None);
            }
            TokenKind::Sign(Sign::OpenBrace) => StatementKind::Block(self.statements()?),
            TokenKind::Sign(Sign::Tilde) => {
                return Err(Diagnostic::unsupported(start, "a reaction (`~`)", ""));
            }
            TokenKind::Word if self.at_name() => self.assignment_or_call()?,
            TokenKind::Word => self.keyword_statement(self.slice(start), start)?,
            _ => return Err(self.unexpected("a statement or `}`")),
        };
        let span = start.to(self.last_span());
        Ok(Some(Statement { kind, span }))
    }

    /// Old files end a PROCEDURE with VERBATIM return 0; ENDVERBATIM, which says nothing.
    fn harmless_verbatim(&mut self, span: Span) -> Parsed<()> {
        let code: String = self.slice(span).split_whitespace().collect();
        if !matches!(code.as_str(), "return0;" | "") {
            return Err(Diagnostic::unsupported(
                span,
                "VERBATIM",
                "C code has no meaning here; write it in NMODL",
            ));
        }
        self.advance();
        Ok(())
    }

    fn assignment_or_call(&mut self) -> Parsed<StatementKind> {
        let name = self.name("a name")?;
        if self.take(Sign::Prime) {
            self.expect(Sign::Equal)?;
            Ok(StatementKind::Evolve(name, self.expression()?))
        } else if self.take(Sign::Equal) {
            Ok(StatementKind::Assign(name, self.expression()?))
        } else if self.at(Sign::OpenParen) {
            let arguments = self.arguments()?;
            Ok(StatementKind::Call(Call { name, arguments }))
        } else {
            Err(self.unexpected(format!("`=`, `'` or `(` after `{}`", name.text)))
        }
    }

    /// A statement that starts with a keyword.
    fn keyword_statement(&mut self, word: &str, span: Span) -> Parsed<StatementKind> {
        let misplaced = self.unexpected("a statement or `}`");
        self.advance();
        match word {
            "LOCAL" => Ok(StatementKind::Local(self.names()?)),
            "IF" | "if" => self.condition(),
            "FROM" => self.counted_loop(),
            "SOLVE" => self.solve(),
            "TABLE" => self.table(),
            "CONDUCTANCE" => {
                let name = self.name("the name of a conductance")?;
                if self.take_word("USEION") {
                    self.name("the name of an ion")?;
                }
                Ok(StatementKind::Conductance(name))
            }
            "WHILE" | "while" => Err(Diagnostic::unsupported(
                span,
                "WHILE",
                "how often it repeats is not known beforehand; FROM … TO … with literal bounds is",
            )),
            "PROTECT"
            | "MUTEXLOCK"
            | "MUTEXUNLOCK"
            | "WATCH"
            | "FOR_NETCONS"
            | "INITIAL"
            | "CONSERVE"
            | "COMPARTMENT"
            | "LONGITUDINAL_DIFFUSION"
            | "LAG" => Err(Diagnostic::unsupported(span, word, "")),
            _ => Err(misplaced),
        }
    }

    /// (…) { } ELSE { }, after IF
    fn condition(&mut self) -> Parsed<StatementKind> {
        self.nested(|parser| {
            parser.expect(Sign::OpenParen)?;
            let condition = parser.expression()?;
            parser.expect(Sign::CloseParen)?;
            let then = parser.statements()?;
            let mut otherwise = Block::default();
            if parser.take_word("ELSE") || parser.take_word("else") {
                let start = parser.peek().span;
                if parser.take_word("IF") || parser.take_word("if") {
                    let kind = parser.condition()?;
                    let span = start.to(parser.last_span());
                    otherwise.statements.push(Statement { kind, span });
                } else {
                    otherwise = parser.statements()?;
                }
            }
            Ok(StatementKind::If {
                condition,
                then,
                otherwise,
            })
        })
    }

    /// i = a TO b BY c { }, after FROM
    fn counted_loop(&mut self) -> Parsed<StatementKind> {
        let counter = self.name("the name of the counter")?;
        self.expect(Sign::Equal)?;
        let from = self.expression()?;
        self.expect_word("TO")?;
        let to = self.expression()?;
        let by = if self.take_word("BY") {
            Some(self.expression()?)
        } else {
            None
        };
        let body = self.statements()?;
        Ok(StatementKind::Loop {
            counter,
            from,
            to,
            by,
            body,
        })
    }

    /// name METHOD name, after SOLVE
    fn solve(&mut self) -> Parsed<StatementKind> {
        let steady = |parser: &Self| {
            let span = parser.peek().span;
            let advice = "write the steady state as a formula in INITIAL";
            Err(Diagnostic::unsupported(span, "STEADYSTATE", advice))
        };
        if self.at_word("STEADYSTATE") {
            return steady(self);
        }
        let block = self.name("the name of a DERIVATIVE or PROCEDURE block")?;
        if self.at_word("STEADYSTATE") {
            return steady(self);
        }
        let method = if self.take_word("METHOD") {
            Some(self.name("a method such as cnexp")?)
        } else {
            None
        };
        if self.at_word("IFERROR") {
            return Err(Diagnostic::unsupported(self.peek().span, "IFERROR", ""));
        }
        Ok(StatementKind::Solve { block, method })
    }

    /// names DEPEND names FROM a TO b WITH n, after TABLE
    fn table(&mut self) -> Parsed<StatementKind> {
        let mut names: Vec<Name> = Vec::new();
        if self.at_name() {
            names.extend(self.names()?);
        }
        if self.take_word("DEPEND") {
            names.extend(self.names()?);
        }
        self.expect_word("FROM")?;
        self.expression()?;
        self.expect_word("TO")?;
        self.expression()?;
        self.expect_word("WITH")?;
        // an integer, or a name that DEFINE gave one
        if self.at_name() {
            names.push(self.name("the number of intervals")?);
        } else {
            self.signed_number()?;
        }
        Ok(StatementKind::Table(names))
    }
}
