//! Every statement stands where it means something.

use std::collections::BTreeSet;

use super::super::ast::{
    Block, DerivativeKind, Expression, Name, Rates, Reaction, Statement, StatementKind,
};
use super::super::diagnostics::{Diagnostic, Problem, Span};
use super::super::names::Meaning;
use super::{Place, Walk};

impl<'p> Walk<'p, '_> {
    pub(super) fn block(&mut self, block: &'p Block) -> Result<(), Diagnostic> {
        let mut scope = BTreeSet::new();
        if matches!(self.place, Place::Solved(DerivativeKind::Kinetic)) {
            scope.extend(["f_flux", "b_flux"]);
        }
        self.scopes.push(scope);
        for statement in &block.statements {
            self.statement(statement)?;
        }
        self.scopes.pop();
        Ok(())
    }

    fn conditional_block(&mut self, block: &'p Block) -> Result<(), Diagnostic> {
        self.conditional += 1;
        self.block(block)?;
        self.conditional -= 1;
        Ok(())
    }

    fn statement(&mut self, statement: &'p Statement) -> Result<(), Diagnostic> {
        match &statement.kind {
            StatementKind::Local(names) => {
                let scope = self.scopes.last_mut();
                if let Some(scope) = scope {
                    scope.extend(names.iter().map(|name| name.text.as_str()));
                }
                Ok(())
            }
            StatementKind::Assign(name, value) => {
                self.expression(value)?;
                self.assignable(name)
            }
            StatementKind::Evolve(name, value) => {
                self.expression(value)?;
                self.evolves(name)
            }
            StatementKind::Call(call) => self.call(call).map(|_| ()),
            StatementKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.expression(condition)?;
                self.conditional_block(then)?;
                self.conditional_block(otherwise)
            }
            StatementKind::Loop {
                counter,
                from,
                to,
                by,
                body,
            } => {
                for bound in [Some(from), Some(to), by.as_ref()].into_iter().flatten() {
                    self.expression(bound)?;
                }
                self.scopes.push(BTreeSet::from([counter.text.as_str()]));
                self.loops += 1;
                self.conditional_block(body)?;
                self.loops -= 1;
                self.scopes.pop();
                Ok(())
            }
            StatementKind::Solve {
                block,
                method,
                steady,
            } => self.solve(block, method.as_ref(), *steady, statement.span),
            StatementKind::While { condition, body } => {
                self.expression(condition)?;
                self.loops += 1;
                self.conditional_block(body)?;
                self.loops -= 1;
                Ok(())
            }
            StatementKind::Reaction(reaction) => self.reaction(reaction, statement.span),
            StatementKind::Equation(left, right) => {
                self.expression(left)?;
                self.expression(right)
            }
            StatementKind::Initial(block) => match self.place {
                Place::Receive => self.block(block),
                _ => Err(self.misplaced("INITIAL", statement.span)),
            },
            StatementKind::Watch { condition, flag } => match self.place {
                Place::Receive => {
                    self.expression(condition)?;
                    self.expression(flag)
                }
                _ => Err(self.misplaced("WATCH", statement.span)),
            },
            StatementKind::ForConnections { arguments, body } => match self.place {
                Place::Receive => {
                    let names = arguments.iter().map(|a| a.name.text.as_str());
                    self.scopes.push(names.collect());
                    self.block(body)?;
                    self.scopes.pop();
                    Ok(())
                }
                _ => Err(self.misplaced("FOR_NETCONS", statement.span)),
            },
            StatementKind::Return => Ok(()),
            StatementKind::Break if self.loops > 0 => Ok(()),
            StatementKind::Break => {
                Err(self.misplaced("`break;` outside of a loop", statement.span))
            }
            StatementKind::Draw(name, ..) => {
                if self.known(name).is_err()
                    && let Some(scope) = self.scopes.last_mut()
                {
                    scope.insert(&name.text);
                }
                Ok(())
            }
            StatementKind::Verbatim(_) => {
                self.found.verbatim.get_or_insert(statement.span);
                Ok(())
            }
            StatementKind::Diffusion {
                counter,
                conductivity,
                states,
            } => {
                self.kinetic("LONGITUDINAL_DIFFUSION", statement.span)?;
                self.counted(counter.as_ref(), conductivity)?;
                states.iter().try_for_each(|name| self.known_or_array(name))
            }
            StatementKind::Conserve { terms, total } => {
                self.kinetic("CONSERVE", statement.span)?;
                self.expression(total)?;
                terms.iter().try_for_each(|term| self.reference(&term.name))
            }
            StatementKind::Compartment {
                counter, volume, ..
            } => {
                self.kinetic("COMPARTMENT", statement.span)?;
                self.counted(counter.as_ref(), volume)?;
                // as in NEURON, states that there are not have no volume either
                Ok(())
            }
            StatementKind::Table(table) => {
                let mut names = table.names.iter().chain(&table.depends);
                names.try_for_each(|name| self.known_or_array(name))?;
                self.expression(&table.intervals)
            }
            StatementKind::Conductance { name, .. } => match self.place {
                Place::Breakpoint => self.known(name),
                _ => Err(self.misplaced("CONDUCTANCE", statement.span)),
            },
            StatementKind::Block(block) => self.block(block),
        }
    }

    /// A formula for each of several states, by a counter if there is one.
    fn counted(
        &mut self,
        counter: Option<&'p Name>,
        formula: &'p Expression,
    ) -> Result<(), Diagnostic> {
        let counter = counter.map(|name| name.text.as_str());
        self.scopes.push(counter.into_iter().collect());
        self.expression(formula)?;
        self.scopes.pop();
        Ok(())
    }

    pub(super) fn misplaced(&self, statement: &str, span: Span) -> Diagnostic {
        let statement = statement.to_owned();
        let block = self.place.name();
        Diagnostic::new(span, Problem::Misplaced { statement, block })
    }

    fn evolves(&mut self, name: &'p Name) -> Result<(), Diagnostic> {
        if !matches!(self.place, Place::Solved(DerivativeKind::Rates)) {
            return Err(self.misplaced(&format!("{}' = …", name.text), name.span));
        }
        let first = self.names.array(&name.text).and_then(<[Name]>::first);
        let variable = first.map_or(name.text.as_str(), |element| &element.text);
        if self.names.variable(variable) == Some(Meaning::State) {
            return self.reference(name);
        }
        let states = self.program.states.iter();
        let valid = states.map(|state| state.name.text.as_str());
        Err(Diagnostic::unknown(name.span, "state", &name.text, valid))
    }

    /// A statement that only a KINETIC block has.
    fn kinetic(&self, statement: &str, span: Span) -> Result<(), Diagnostic> {
        if !matches!(self.place, Place::Solved(DerivativeKind::Kinetic)) {
            return Err(self.misplaced(statement, span));
        }
        if self.conditional > self.loops {
            let construct = format!("{statement} inside IF");
            return Err(Diagnostic::unsupported(span, construct, ""));
        }
        Ok(())
    }

    fn reaction(&mut self, reaction: &'p Reaction, span: Span) -> Result<(), Diagnostic> {
        self.kinetic("a reaction", span)?;
        let mut terms = reaction.left.iter().chain(&reaction.right);
        terms.try_for_each(|term| self.reference(&term.name))?;
        match &reaction.rates {
            Rates::BothWays(forward, backward) => {
                self.expression(forward)?;
                self.expression(backward)
            }
            Rates::OneWay(rate) | Rates::Into(rate) => self.expression(rate),
        }
    }
}
