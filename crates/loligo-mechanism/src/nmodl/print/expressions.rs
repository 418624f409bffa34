//! Expressions with as few parentheses as say the same.

use super::super::ast::{
    BinaryOperator as Binary, Call, Expression, ExpressionKind, Measure, Name,
    UnaryOperator as Unary,
};
use crate::formula::number;

/// How tightly signs before an operand bind.
const SIGN: u8 = 6;
/// How tightly a power binds.
const POWER: u8 = 7;
/// How tightly what needs no parentheses binds.
const PRIMARY: u8 = 8;

/// The sign of an operator, and how tightly it binds.
fn operator(operator: Binary) -> (&'static str, u8) {
    match operator {
        Binary::Or => ("||", 1),
        Binary::And => ("&&", 2),
        Binary::Less => ("<", 3),
        Binary::LessEqual => ("<=", 3),
        Binary::Greater => (">", 3),
        Binary::GreaterEqual => (">=", 3),
        Binary::Equal => ("==", 3),
        Binary::NotEqual => ("!=", 3),
        Binary::Add => ("+", 4),
        Binary::Subtract => ("-", 4),
        Binary::Multiply => ("*", 5),
        Binary::Divide => ("/", 5),
        Binary::Power => ("^", POWER),
    }
}

fn tightness(expression: &Expression) -> u8 {
    match &expression.kind {
        ExpressionKind::Number(..) | ExpressionKind::Variable(_) | ExpressionKind::Call(_) => {
            PRIMARY
        }
        ExpressionKind::Unary(..) => SIGN,
        ExpressionKind::Binary(binary, ..) => operator(*binary).1,
    }
}

/// An expression.
pub(super) fn expression(expression: &Expression) -> String {
    match &expression.kind {
        ExpressionKind::Number(value, Measure::Bare) => number(*value),
        ExpressionKind::Number(value, Measure::Unit(units)) => {
            format!("{} ({units})", number(*value))
        }
        ExpressionKind::Number(value, Measure::Conversion) => format!("({})", number(*value)),
        ExpressionKind::Variable(variable) => name(variable),
        ExpressionKind::Call(called) => call(called),
        ExpressionKind::Unary(unary, operand) => {
            let sign = match unary {
                Unary::Negate => '-',
                Unary::Not => '!',
            };
            format!("{sign}{}", at_least(operand, SIGN))
        }
        // a power binds to the right, and its exponent may have a sign
        ExpressionKind::Binary(Binary::Power, base, exponent) => {
            format!("{}^{}", at_least(base, PRIMARY), at_least(exponent, SIGN))
        }
        ExpressionKind::Binary(binary, left, right) => {
            let (sign, binding) = operator(*binary);
            let (left, right) = (at_least(left, binding), at_least(right, binding + 1));
            match binary {
                Binary::Multiply | Binary::Divide => format!("{left}{sign}{right}"),
                _ => format!("{left} {sign} {right}"),
            }
        }
    }
}

/// An expression, in parentheses if it binds less tightly than this.
fn at_least(operand: &Expression, binding: u8) -> String {
    let text = expression(operand);
    match tightness(operand) < binding {
        true => format!("({text})"),
        false => text,
    }
}

/// name(argument, …)
pub(super) fn call(call: &Call) -> String {
    let arguments = call.arguments.iter().map(expression);
    let arguments = arguments.collect::<Vec<_>>().join(", ");
    format!("{}({arguments})", call.name.text)
}

/// A variable, or an element of an array.
pub(super) fn name(name: &Name) -> String {
    match &name.index {
        Some(index) => format!("{}[{}]", name.text, expression(index)),
        None => name.text.clone(),
    }
}

/// A unit behind what has it; nothing if there is none.
pub(super) fn unit(units: &str) -> String {
    match units {
        "" => String::new(),
        units => format!(" ({units})"),
    }
}
