//! Blocks that declare: NEURON, UNITS, PARAMETER, CONSTANT, STATE, ASSIGNED, INDEPENDENT, DEFINE.

use super::super::ast::{
    Assigned, Constant, ConstantDeclaration, Interface, Ion, Parameter, Placement, Program, State,
    UnitDefinition,
};
use super::super::diagnostics::{Diagnostic, Span, ends_line};
use super::super::token::{Sign, TokenKind};
use super::{Parsed, Parser};

/// What the NEURON block may say.
pub(super) const INTERFACE: &[&str] = &[
    "SUFFIX",
    "POINT_PROCESS",
    "ARTIFICIAL_CELL",
    "USEION",
    "NONSPECIFIC_CURRENT",
    "ELECTRODE_CURRENT",
    "RANGE",
    "GLOBAL",
    "POINTER",
    "BBCOREPOINTER",
    "EXTERNAL",
    "RANDOM",
    "THREADSAFE",
];

impl Parser<'_> {
    pub(super) fn interface(&mut self, interface: &mut Interface) -> Parsed<()> {
        self.expect(Sign::OpenBrace)?;
        while !self.take(Sign::CloseBrace) {
            let token = self.peek();
            if token.kind != TokenKind::Word {
                return Err(self.unexpected("a line such as SUFFIX, USEION or RANGE, or `}`"));
            }
            let word = self.slice(token.span);
            self.advance();
            match word {
                "SUFFIX" | "POINT_PROCESS" | "ARTIFICIAL_CELL" => {
                    interface.placement = match word {
                        "SUFFIX" => Placement::Density,
                        "POINT_PROCESS" => Placement::Point,
                        _ => Placement::Cell,
                    };
                    interface.suffix = Some(self.name("the name of the mechanism")?);
                }
                "USEION" => {
                    let ion = self.ion()?;
                    interface.ions.push(ion);
                }
                "NONSPECIFIC_CURRENT" => interface.nonspecific.extend(self.names()?),
                "ELECTRODE_CURRENT" => interface.electrode.extend(self.names()?),
                "POINTER" => interface.pointers.extend(self.names()?),
                "EXTERNAL" => interface.external.extend(self.names()?),
                "BBCOREPOINTER" => interface.handles.extend(self.names()?),
                "RANDOM" => interface.random.extend(self.names()?),
                "RANGE" => interface.range.extend(self.names()?),
                "GLOBAL" => interface.global.extend(self.names()?),
                // threads never share a mechanism's variables here
                "THREADSAFE" => {}
                // a label of an ontology
                "REPRESENTS" => self.represents()?,
                _ if self.is_behind_list(token.span) => {
                    self.position -= 1;
                    return Err(self.unexpected("`,` between names, or a line such as RANGE"));
                }
                _ => {
                    return Err(Diagnostic::unknown(
                        token.span,
                        "line of the NEURON block",
                        word,
                        INTERFACE.iter().copied(),
                    ));
                }
            }
        }
        Ok(())
    }

    /// Whether a word that starts no line follows a name on the same line.
    fn is_behind_list(&self, word: Span) -> bool {
        let Some(before) = self.position.checked_sub(2).map(|i| self.tokens[i]) else {
            return false;
        };
        let is_name =
            before.kind == TokenKind::Word && !INTERFACE.contains(&self.slice(before.span));
        is_name && !self.text[before.span.end..word.start].contains(ends_line)
    }

    /// CHEBI:29108 or [CHEBI:29108]
    fn represents(&mut self) -> Parsed<()> {
        self.take(Sign::OpenBracket);
        self.name("an identifier such as CHEBI:29108")?;
        // the colon starts a comment, which may have swallowed the bracket
        self.take(Sign::CloseBracket);
        Ok(())
    }

    fn ion(&mut self) -> Parsed<Ion> {
        let mut ion = Ion {
            name: self.name("the name of an ion")?,
            reads: Vec::new(),
            writes: Vec::new(),
            valence: None,
        };
        loop {
            if self.take_word("READ") {
                ion.reads.extend(self.names()?);
            } else if self.take_word("WRITE") {
                ion.writes.extend(self.names()?);
            } else if self.take_word("VALENCE") || self.take_word("CHARGE") {
                let span = self.peek().span;
                let value = self.signed_number()?;
                if value.fract() != 0.0 || value.abs() > 10.0 {
                    let message = "a valence is a small integer";
                    return Err(Diagnostic::invalid(span, message));
                }
                ion.valence = Some(value as i32);
            } else if self.take_word("REPRESENTS") {
                self.represents()?;
            } else if self.at_name() && ion.reads.is_empty() && ion.writes.is_empty() {
                return Err(self.unexpected("READ or WRITE"));
            } else {
                return Ok(ion);
            }
        }
    }

    pub(super) fn units_block(&mut self, program: &mut Program) -> Parsed<()> {
        self.expect(Sign::OpenBrace)?;
        while !self.take(Sign::CloseBrace) {
            if self.at(Sign::OpenParen) {
                // (name) = (unit)
                let name = self.unit_span()?;
                self.expect(Sign::Equal)?;
                let unit = self.unit_span()?;
                let definition = UnitDefinition {
                    name: self.slice(name).trim().to_owned(),
                    units: self.slice(unit).trim().to_owned(),
                };
                self.definitions.define(&definition);
                program.units.push(definition);
            } else if self.at_name() {
                let constant = self.named_unit()?;
                program.constants.push(constant);
            } else {
                return Err(self.unexpected("(unit) = (unit), name = (unit) (unit), or `}`"));
            }
        }
        Ok(())
    }

    /// name = (unit) (unit), a constant of nature; or name = number (unit)
    fn named_unit(&mut self) -> Parsed<Constant> {
        let name = self.name("a name")?;
        self.expect(Sign::Equal)?;
        if !self.at(Sign::OpenParen) {
            let value = self.signed_number()?;
            let units = self.unit()?;
            let declaration = ConstantDeclaration::Number;
            return Ok(Constant {
                name,
                value,
                units,
                declaration,
            });
        }
        let from = self.unit_span()?;
        let to = self.unit_span()?;
        let value = self
            .definitions
            .convert(self.slice(from), self.slice(to))
            .map_err(|message| Diagnostic::invalid(from.to(to), message))?;
        Ok(Constant {
            name,
            value,
            units: self.slice(to).trim().to_owned(),
            declaration: ConstantDeclaration::Nature(self.slice(from).trim().to_owned()),
        })
    }

    pub(super) fn parameters(&mut self, parameters: &mut Vec<Parameter>) -> Parsed<()> {
        self.expect(Sign::OpenBrace)?;
        while !self.take(Sign::CloseBrace) {
            let names = self.declared("the name of a parameter, or `}`")?;
            let default = if self.take(Sign::Equal) {
                let default = self.signed_number()?;
                self.only_a_number()?;
                Some(default)
            } else {
                None
            };
            let units = self.unit()?;
            let limits = self.limits()?;
            parameters.extend(names.into_iter().map(|name| Parameter {
                name,
                default,
                units: units.clone(),
                limits,
            }));
        }
        Ok(())
    }

    /// Refuses what may be meant to continue a number.
    fn only_a_number(&self) -> Parsed<()> {
        let message = match self.peek().kind {
            TokenKind::Sign(Sign::Plus | Sign::Minus | Sign::Star | Sign::Slash | Sign::Caret) => {
                "a default is a number, not a formula"
            }
            TokenKind::Sign(Sign::Comma) => {
                "no comma separates parameters, and a number has a decimal point"
            }
            TokenKind::Sign(Sign::OpenBracket) => "units stand in parentheses, as in (mV)",
            _ => return Ok(()),
        };
        Err(Diagnostic::invalid(self.peek().span, message))
    }

    /// <lowest, highest>
    fn limits(&mut self) -> Parsed<Option<(f64, f64)>> {
        let open = self.peek().span;
        if !self.take(Sign::Less) {
            return Ok(None);
        }
        let lowest = self.signed_number()?;
        self.expect(Sign::Comma)?;
        let highest = self.signed_number()?;
        let close = self.expect(Sign::Greater)?;
        if lowest > highest {
            return Err(Diagnostic::invalid(
                open.to(close),
                format!("the lower limit {lowest} is above the upper limit {highest}"),
            ));
        }
        Ok(Some((lowest, highest)))
    }

    pub(super) fn constants(&mut self, constants: &mut Vec<Constant>) -> Parsed<()> {
        self.expect(Sign::OpenBrace)?;
        while !self.take(Sign::CloseBrace) {
            let name = self.name("the name of a constant, or `}`")?;
            self.expect(Sign::Equal)?;
            let value = self.signed_number()?;
            let units = self.unit()?;
            let declaration = ConstantDeclaration::Constant;
            constants.push(Constant {
                name,
                value,
                units,
                declaration,
            });
        }
        Ok(())
    }

    pub(super) fn states(&mut self, states: &mut Vec<State>) -> Parsed<()> {
        self.expect(Sign::OpenBrace)?;
        while !self.take(Sign::CloseBrace) {
            let names = self.declared("the name of a state, or `}`")?;
            let mut units = self.unit()?;
            self.range_of_values()?;
            let start = if self.take_word("START") {
                Some(self.signed_number()?)
            } else {
                None
            };
            if units.is_empty() {
                units = self.unit()?;
            }
            // NEURON's absolute tolerance of variable-step integration
            if self.take(Sign::Less) {
                self.signed_number()?;
                self.expect(Sign::Greater)?;
            }
            states.extend(names.into_iter().map(|name| State {
                name,
                units: units.clone(),
                start,
            }));
        }
        Ok(())
    }

    pub(super) fn assigned(&mut self, assigned: &mut Vec<Assigned>) -> Parsed<()> {
        self.expect(Sign::OpenBrace)?;
        while !self.take(Sign::CloseBrace) {
            let names = self.declared("the name of a variable, or `}`")?;
            if self.at(Sign::Equal) {
                return Err(Diagnostic::invalid(
                    self.peek().span,
                    "ASSIGNED variables have no default; declare it in PARAMETER",
                ));
            }
            let mut units = self.unit()?;
            self.range_of_values()?;
            if units.is_empty() {
                units = self.unit()?;
            }
            assigned.extend(names.into_iter().map(|name| Assigned {
                name,
                units: units.clone(),
            }));
        }
        Ok(())
    }

    /// FROM lowest TO highest, which only bounds a slider of NEURON's.
    fn range_of_values(&mut self) -> Parsed<()> {
        if self.take_word("FROM") {
            self.signed_number()?;
            self.expect_word("TO")?;
            self.signed_number()?;
        }
        Ok(())
    }

    /// INDEPENDENT {t FROM 0 TO 1 WITH 1 (ms)}: a relic of the solver that NMODL was written for; time
    /// is t, whatever it says.
    pub(super) fn independent(&mut self) -> Parsed<()> {
        self.expect(Sign::OpenBrace)?;
        while !self.take(Sign::CloseBrace) {
            self.name("`t`")?;
            self.range_of_values()?;
            if self.take_word("WITH") {
                self.signed_number()?;
            }
            self.unit()?;
        }
        Ok(())
    }

    /// DEFINE name integer
    pub(super) fn define(&mut self, constants: &mut Vec<Constant>) -> Parsed<()> {
        let name = self.name("the name of a number")?;
        let value = self.signed_number()?;
        self.integers.insert(name.text.clone(), value);
        constants.push(Constant {
            name,
            value,
            units: String::new(),
            declaration: ConstantDeclaration::Define,
        });
        Ok(())
    }
}
