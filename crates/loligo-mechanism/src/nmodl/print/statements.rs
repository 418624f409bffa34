//! Statements, one a line.

use super::super::ast::{
    Block, Expression, Name, Rates, Reaction, Statement, StatementKind, Table, Term,
};
use super::expressions::{call, expression, name};
use super::{Printer, arguments, list};
use crate::formula::number;

impl Printer {
    /// Statements, one level deeper.
    pub(super) fn statements(&mut self, block: &Block) {
        self.indent += 1;
        for statement in &block.statements {
            self.set_units_off(statement.units_off);
            self.statement(statement);
        }
        self.indent -= 1;
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Local(names) => self.line(&format!("LOCAL {}", locals(names))),
            StatementKind::Assign(target, value) => {
                self.line(&format!("{} = {}", name(target), expression(value)));
            }
            StatementKind::Evolve(target, value) => {
                self.line(&format!("{}' = {}", name(target), expression(value)));
            }
            StatementKind::Call(called) => self.line(&call(called)),
            StatementKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.line(&format!("IF ({}) {{", expression(condition)));
                self.branches(then, otherwise);
            }
            StatementKind::Loop {
                counter,
                from,
                to,
                by,
                body,
            } => {
                let (from, to) = (expression(from), expression(to));
                let by = by.as_ref().map(|by| format!(" BY {}", expression(by)));
                let by = by.unwrap_or_default();
                self.line(&format!("FROM {} = {from} TO {to}{by} {{", counter.text));
                self.statements(body);
                self.line("}");
            }
            StatementKind::Solve {
                block,
                method,
                steady,
            } => {
                let keyword = if *steady { "STEADYSTATE" } else { "METHOD" };
                let method = method.as_ref().map(|m| format!(" {keyword} {}", m.text));
                self.line(&format!(
                    "SOLVE {}{}",
                    block.text,
                    method.unwrap_or_default()
                ));
            }
            StatementKind::Reaction(written) => self.line(&reaction(written)),
            StatementKind::Conserve { terms, total } => {
                self.line(&format!("CONSERVE {} = {}", sum(terms), expression(total)));
            }
            StatementKind::Compartment {
                counter,
                volume,
                states,
            } => {
                let rest = of_states(counter.as_ref(), volume, states);
                self.line(&format!("COMPARTMENT {rest}"));
            }
            StatementKind::Diffusion {
                counter,
                conductivity,
                states,
            } => {
                let rest = of_states(counter.as_ref(), conductivity, states);
                self.line(&format!("LONGITUDINAL_DIFFUSION {rest}"));
            }
            StatementKind::While { condition, body } => {
                self.line(&format!("WHILE ({}) {{", expression(condition)));
                self.statements(body);
                self.line("}");
            }
            StatementKind::Equation(left, right) => {
                self.line(&format!("~ {} = {}", expression(left), expression(right)));
            }
            StatementKind::Initial(block) => {
                self.line("INITIAL {");
                self.statements(block);
                self.line("}");
            }
            StatementKind::Watch { condition, flag } => {
                let (condition, flag) = (expression(condition), expression(flag));
                self.line(&format!("WATCH ({condition}) {flag}"));
            }
            StatementKind::ForConnections {
                arguments: names,
                body,
            } => {
                self.line(&format!("FOR_NETCONS({}) {{", arguments(names)));
                self.statements(body);
                self.line("}");
            }
            StatementKind::Return => self.code("\nreturn 0;\n"),
            StatementKind::Break => self.code("\nbreak;\n"),
            StatementKind::Draw(_, _, code) | StatementKind::Verbatim(code) => self.code(code),
            StatementKind::Table(written) => self.line(&table(written)),
            StatementKind::Conductance { name, ion } => {
                let ion = ion.as_ref().map(|ion| format!(" USEION {}", ion.text));
                let ion = ion.unwrap_or_default();
                self.line(&format!("CONDUCTANCE {}{ion}", name.text));
            }
            StatementKind::Block(block) => {
                self.line("{");
                self.statements(block);
                self.line("}");
            }
        }
    }

    /// What follows `IF (…) {`.
    fn branches(&mut self, then: &Block, otherwise: &Block) {
        self.statements(then);
        match otherwise.statements.as_slice() {
            [] => self.line("}"),
            [
                Statement {
                    kind:
                        StatementKind::If {
                            condition,
                            then,
                            otherwise,
                        },
                    units_off,
                    ..
                },
            ] if *units_off == self.units_off => {
                self.line(&format!("}} ELSE IF ({}) {{", expression(condition)));
                self.branches(then, otherwise);
            }
            _ => {
                self.line("} ELSE {");
                self.statements(otherwise);
                self.line("}");
            }
        }
    }
}

/// volume { a b }, or i, volume[i] { a b }
fn of_states(counter: Option<&Name>, amount: &Expression, states: &[Name]) -> String {
    let counter = counter.map(|name| format!("{}, ", name.text));
    let counter = counter.unwrap_or_default();
    let states: String = states.iter().map(|s| format!("{} ", s.text)).collect();
    format!("{counter}{} {{ {states}}}", expression(amount))
}

/// a, b[3]: the elements of an array are one declaration
fn locals(names: &[Name]) -> String {
    let array = |name: &Name| name.text.split_once('[').map(|(array, _)| array.to_owned());
    let mut written: Vec<String> = Vec::new();
    let mut elements = names.iter().peekable();
    while let Some(name) = elements.next() {
        let Some(array_name) = array(name) else {
            written.push(name.text.clone());
            continue;
        };
        let mut length = 1;
        while elements
            .next_if(|next| array(next).as_ref() == Some(&array_name))
            .is_some()
        {
            length += 1;
        }
        written.push(format!("{array_name}[{length}]"));
    }
    written.join(", ")
}

/// ~ a + b <-> c (forward, backward)
fn reaction(reaction: &Reaction) -> String {
    let left = sum(&reaction.left);
    let right = match reaction.right.as_slice() {
        [] => String::new(),
        right => sum(right) + " ",
    };
    match &reaction.rates {
        Rates::BothWays(forward, backward) => {
            let (forward, backward) = (expression(forward), expression(backward));
            format!("~ {left} <-> {right}({forward}, {backward})")
        }
        Rates::OneWay(rate) => format!("~ {left} -> {right}({})", expression(rate)),
        Rates::Into(inflow) => format!("~ {left} << ({})", expression(inflow)),
    }
}

/// a + 2 b
fn sum(terms: &[Term]) -> String {
    let terms = terms.iter().map(|term| match term.count == 1.0 {
        true => name(&term.name),
        false => format!("{} {}", number(term.count), name(&term.name)),
    });
    terms.collect::<Vec<_>>().join(" + ")
}

/// TABLE a DEPEND b FROM c TO d WITH e
fn table(table: &Table) -> String {
    let mut line = "TABLE".to_owned();
    if !table.names.is_empty() {
        line += &format!(" {}", list(&table.names));
    }
    if !table.depends.is_empty() {
        line += &format!(" DEPEND {}", list(&table.depends));
    }
    let parts: [(&str, &Expression); 3] = [
        ("FROM", &table.from),
        ("TO", &table.to),
        ("WITH", &table.intervals),
    ];
    for (keyword, part) in parts {
        line += &format!(" {keyword} {}", expression(part));
    }
    line
}
