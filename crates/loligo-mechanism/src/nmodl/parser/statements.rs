//! Statements: assignments, calls, IF, FROM, SOLVE, TABLE.

use super::super::ast::{
    Block, Call, Expression, Name, Rates, Reaction, Statement, StatementKind, Table, Term,
};
use super::super::diagnostics::{Diagnostic, Problem, Span};
use super::super::idioms;
use super::super::token::{Sign, TokenKind};
use super::{Parsed, Parser, mistakes};

/// Words that statements start with, for messages.
const STATEMENTS: &[&str] = &[
    "LOCAL",
    "IF",
    "ELSE",
    "FROM",
    "SOLVE",
    "TABLE",
    "CONDUCTANCE",
    "CONSERVE",
    "COMPARTMENT",
    "UNITSOFF",
    "UNITSON",
];

/// Functions that print, or seed streams that a run seeds here: neither asks for anything.
const SILENT: &[&str] = &["printf", "fprintf", "printf_once", "set_seed"];

/// A longer chain of ELSE IF is refused, so that no recursion over it can exhaust the stack.
const CASES_LIMIT: usize = 250;

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
        let mut start = token.span;
        let kind = match token.kind {
            TokenKind::Verbatim => {
                self.advance();
                let name = |text: String| Name {
                    text,
                    span: token.span,
                    index: None,
                };
                let code = self.slice(start).to_owned();
                start.start -= "VERBATIM".len();
                match idioms::meaning(&code) {
                    Some(idioms::Meaning::Nothing) => return Ok(None),
                    Some(idioms::Meaning::Return) => StatementKind::Return,
                    Some(idioms::Meaning::Break) => StatementKind::Break,
                    Some(idioms::Meaning::Draw(text, distribution)) => {
                        StatementKind::Draw(name(text), distribution, code)
                    }
                    None => StatementKind::Verbatim(code),
                }
            }
            TokenKind::Sign(Sign::OpenBrace) => StatementKind::Block(self.statements()?),
            TokenKind::Sign(Sign::Tilde) => {
                self.advance();
                if self.in_equations {
                    let left = self.expression()?;
                    self.expect(Sign::Equal)?;
                    StatementKind::Equation(left, self.expression()?)
                } else {
                    StatementKind::Reaction(self.reaction()?)
                }
            }
            TokenKind::Word if self.at_name() => self.assignment_or_call()?,
            TokenKind::Word => self.keyword_statement(self.slice(start), start)?,
            _ => return Err(self.unexpected("a statement or `}`")),
        };
        Ok(Some(self.placed(kind, start)))
    }

    /// A statement that has just ended.
    fn placed(&self, kind: StatementKind, start: Span) -> Statement {
        Statement {
            kind,
            span: start.to(self.last_span()),
            units_off: self.units_are_off(start),
        }
    }

    fn assignment_or_call(&mut self) -> Parsed<StatementKind> {
        let name = self.reference("a name")?;
        if self.take(Sign::Prime) {
            self.expect(Sign::Equal)?;
            Ok(StatementKind::Evolve(name, self.expression()?))
        } else if self.take(Sign::Equal) {
            Ok(StatementKind::Assign(name, self.expression()?))
        } else if self.at(Sign::OpenParen) && SILENT.contains(&name.text.as_str()) {
            self.skip_parentheses()?;
            Ok(StatementKind::Block(Block::default()))
        } else if self.at(Sign::OpenParen) {
            if mistakes::statement(&name.text).is_some() {
                return Err(self.no_statement(&name));
            }
            let arguments = self.arguments()?;
            Ok(StatementKind::Call(Call { name, arguments }))
        } else {
            Err(self.no_statement(&name))
        }
    }

    /// What is wrong with a statement that starts with a name which says nothing.
    fn no_statement(&self, name: &Name) -> Diagnostic {
        let text = &name.text;
        if let Some(advice) = mistakes::statement(text) {
            return Diagnostic::invalid(name.span, format!("NMODL has no `{text}`: {advice}"));
        }
        if self.at(Sign::EqualEqual) {
            let message = "`==` compares; an assignment is written with one `=`";
            return Diagnostic::invalid(self.peek().span, message);
        }
        let operator = self.slice(self.peek().span);
        let after = self.tokens.get(self.position + 1).map(|token| token.kind);
        if after == Some(TokenKind::Sign(Sign::Equal)) && "+-*/".contains(operator) {
            let message = format!("NMODL has no `{operator}=`: write {text} = {text} {operator} …");
            return Diagnostic::invalid(self.peek().span, message);
        }
        let is_word = self.peek().kind == TokenKind::Word;
        if is_word && crate::nearest::nearest(text, STATEMENTS.iter().copied()).is_some() {
            let valid = STATEMENTS.iter().copied();
            return Diagnostic::unknown(name.span, "statement", text, valid);
        }
        self.unexpected_on_line(format!("`=`, `'` or `(` after `{text}`"))
    }

    /// ( … ), whatever is between.
    fn skip_parentheses(&mut self) -> Parsed<()> {
        let mut depth = 0;
        loop {
            let token = self.peek();
            match token.kind {
                TokenKind::Sign(Sign::OpenParen) => depth += 1,
                TokenKind::Sign(Sign::CloseParen) => depth -= 1,
                TokenKind::End => return Err(self.unexpected("`)`")),
                _ => {}
            }
            self.advance();
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// A statement that starts with a keyword.
    fn keyword_statement(&mut self, word: &str, span: Span) -> Parsed<StatementKind> {
        let misplaced = self.unexpected("a statement or `}`");
        self.advance();
        match word {
            "LOCAL" => Ok(StatementKind::Local(self.all_declared()?)),
            "IF" | "if" => self.condition(),
            "FROM" => self.counted_loop(),
            "SOLVE" => self.solve(),
            "TABLE" => self.table(),
            "CONDUCTANCE" => {
                let name = self.name("the name of a conductance")?;
                let ion = match self.take_word("USEION") {
                    true => Some(self.name("the name of an ion")?),
                    false => None,
                };
                Ok(StatementKind::Conductance { name, ion })
            }
            "CONSERVE" => {
                let terms = self.terms()?;
                self.expect(Sign::Equal)?;
                let total = self.expression()?;
                Ok(StatementKind::Conserve { terms, total })
            }
            "COMPARTMENT" => {
                let (counter, volume, states) = self.of_states()?;
                Ok(StatementKind::Compartment {
                    counter,
                    volume,
                    states,
                })
            }
            "LONGITUDINAL_DIFFUSION" => {
                let (counter, conductivity, states) = self.of_states()?;
                Ok(StatementKind::Diffusion {
                    counter,
                    conductivity,
                    states,
                })
            }
            "WHILE" | "while" => {
                let condition = self.in_parentheses()?;
                let body = self.statements()?;
                Ok(StatementKind::While { condition, body })
            }
            "INITIAL" => Ok(StatementKind::Initial(self.statements()?)),
            "WATCH" => {
                let condition = self.in_parentheses()?;
                let flag = self.expression()?;
                Ok(StatementKind::Watch { condition, flag })
            }
            "FOR_NETCONS" => {
                let arguments = self.parameters_of_routine()?;
                let body = self.statements()?;
                Ok(StatementKind::ForConnections { arguments, body })
            }
            // threads never share a mechanism's variables here
            "PROTECT" => match self.statement()? {
                Some(statement) => Ok(statement.kind),
                None => Ok(StatementKind::Block(Block::default())),
            },
            "MUTEXLOCK" | "MUTEXUNLOCK" => Ok(StatementKind::Block(Block::default())),
            "LAG" => Err(Diagnostic::unsupported(span, word, "")),
            _ => Err(misplaced),
        }
    }

    /// volume { a b }, or i, volume[i] { a b } for arrays
    fn of_states(&mut self) -> Parsed<(Option<Name>, Expression, Vec<Name>)> {
        let mut counter = None;
        let after = self.tokens.get(self.position + 1).map(|token| token.kind);
        if self.at_name() && after == Some(TokenKind::Sign(Sign::Comma)) {
            counter = Some(self.name("the name of the counter")?);
            self.expect(Sign::Comma)?;
        }
        let amount = self.expression()?;
        self.expect(Sign::OpenBrace)?;
        let mut states = Vec::new();
        while !self.take(Sign::CloseBrace) {
            states.push(self.name("the name of a state, or `}`")?);
            self.take(Sign::Comma);
        }
        Ok((counter, amount, states))
    }

    /// (…) { } ELSE IF (…) { } ELSE { }, after IF
    fn condition(&mut self) -> Parsed<StatementKind> {
        let mut cases = vec![(self.last_span(), self.in_parentheses()?, self.statements()?)];
        let mut otherwise = Block::default();
        while self.take_word("ELSE") || self.take_word("else") {
            let start = self.peek().span;
            if !self.take_word("IF") && !self.take_word("if") {
                otherwise = self.statements()?;
                break;
            }
            if cases.len() == CASES_LIMIT {
                let limit = CASES_LIMIT;
                return Err(Diagnostic::new(start, Problem::TooDeep { limit }));
            }
            cases.push((start, self.in_parentheses()?, self.statements()?));
        }
        let end = self.last_span();
        // from the last to the first: each is what the one before does otherwise
        let mut cases = cases.into_iter().rev();
        let fold = |otherwise: Block, (_, condition, then)| StatementKind::If {
            condition,
            then,
            otherwise,
        };
        let Some(last) = cases.next() else {
            return Err(self.unexpected("`(`"));
        };
        let mut start = last.0;
        let mut kind = fold(otherwise, last);
        for case in cases {
            let units_off = self.units_are_off(start);
            let span = start.to(end);
            start = case.0;
            let statements = vec![Statement {
                kind,
                span,
                units_off,
            }];
            kind = fold(Block { statements }, case);
        }
        Ok(kind)
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
        let block = self.name("the name of a DERIVATIVE, KINETIC or PROCEDURE block")?;
        let steady = self.take_word("STEADYSTATE");
        let method = if steady || self.take_word("METHOD") {
            Some(self.name("a method such as cnexp")?)
        } else {
            None
        };
        if method.is_none() && self.at_name() && !self.begins_statement() {
            return Err(self.unexpected("METHOD or the next statement"));
        }
        if self.at_word("IFERROR") {
            let message = "NEURON has no IFERROR";
            return Err(Diagnostic::invalid(self.peek().span, message));
        }
        Ok(StatementKind::Solve {
            block,
            method,
            steady,
        })
    }

    /// Whether the name that is next is followed by what a statement has there.
    fn begins_statement(&self) -> bool {
        let after = self.tokens.get(self.position + 1).map(|token| token.kind);
        let signs = [Sign::Equal, Sign::Prime, Sign::OpenParen, Sign::OpenBracket];
        matches!(after, Some(TokenKind::Sign(sign)) if signs.contains(&sign))
    }

    /// a + b <-> c (forward, backward), or a -> b (rate), or a << (flux), after ~
    fn reaction(&mut self) -> Parsed<Reaction> {
        let left = self.terms()?;
        let mut right = Vec::new();
        let rates = if self.take(Sign::BothWays) {
            right = self.terms()?;
            self.expect(Sign::OpenParen)?;
            let forward = self.expression()?;
            self.expect(Sign::Comma)?;
            let backward = self.expression()?;
            self.expect(Sign::CloseParen)?;
            Rates::BothWays(forward, backward)
        } else if self.take(Sign::OneWay) {
            // nothing may come of it
            if !self.at(Sign::OpenParen) {
                right = self.terms()?;
            }
            Rates::OneWay(self.in_parentheses()?)
        } else if self.take(Sign::Into) {
            Rates::Into(self.in_parentheses()?)
        } else {
            return Err(self.unexpected("`<->`, `->` or `<<`"));
        };
        Ok(Reaction { left, right, rates })
    }

    fn in_parentheses(&mut self) -> Parsed<Expression> {
        self.expect(Sign::OpenParen)?;
        let inner = self.expression()?;
        self.expect(Sign::CloseParen)?;
        Ok(inner)
    }

    /// a + 2 b
    fn terms(&mut self) -> Parsed<Vec<Term>> {
        let mut terms = Vec::new();
        loop {
            let count = match self.peek().kind {
                TokenKind::Number(count) => {
                    self.advance();
                    self.take(Sign::Star);
                    count
                }
                _ => 1.0,
            };
            let name = self.reference("the name of a state")?;
            terms.push(Term { count, name });
            if !self.take(Sign::Plus) {
                return Ok(terms);
            }
        }
    }

    /// names DEPEND names FROM a TO b WITH n, after TABLE
    fn table(&mut self) -> Parsed<StatementKind> {
        let mut names: Vec<Name> = Vec::new();
        if self.at_name() {
            names.extend(self.names()?);
        }
        let mut depends: Vec<Name> = Vec::new();
        if self.take_word("DEPEND") {
            depends.extend(self.names()?);
        }
        self.expect_word("FROM")?;
        let from = self.expression()?;
        self.expect_word("TO")?;
        let to = self.expression()?;
        self.expect_word("WITH")?;
        Ok(StatementKind::Table(Table {
            names,
            depends,
            from,
            to,
            intervals: self.expression()?,
        }))
    }
}
