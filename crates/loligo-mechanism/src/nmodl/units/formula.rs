//! The units of a formula, and where its parts do not fit together.

use super::super::ast::{
    BinaryOperator as Binary, Call, Expression, ExpressionKind, Measure, UnaryOperator as Unary,
};
use super::super::diagnostics::Span;
use super::Checker;
use super::inferred::{Agreement, Units};

impl<'p> Checker<'p> {
    pub(super) fn formula(&mut self, expression: &'p Expression) -> Units {
        match &expression.kind {
            ExpressionKind::Number(value, Measure::Bare) => Units::bare(*value),
            ExpressionKind::Number(value, Measure::Conversion) => Units::conversion(*value),
            ExpressionKind::Number(_, Measure::Unit(units)) if units.is_empty() => {
                Units::dimensionless()
            }
            ExpressionKind::Number(_, Measure::Unit(units)) => {
                self.declared.units(units, expression.span)
            }
            ExpressionKind::Variable(name) => {
                if let Some(index) = &name.index {
                    self.formula(index);
                }
                self.variable(&name.text)
            }
            ExpressionKind::Call(call) => self.call(call),
            ExpressionKind::Unary(Unary::Negate, operand) => self.formula(operand),
            ExpressionKind::Unary(Unary::Not, operand) => {
                self.formula(operand);
                Units::dimensionless()
            }
            ExpressionKind::Binary(operator, left, right) => self.binary(*operator, left, right),
        }
    }

    fn binary(&mut self, operator: Binary, left: &'p Expression, right: &'p Expression) -> Units {
        if operator == Binary::Power {
            let (base, exponent) = (self.formula(left), self.formula(right));
            return self.power((left, base), (right, exponent));
        }
        let (of_left, of_right) = (self.formula(left), self.formula(right));
        match operator {
            Binary::Multiply => of_left.times(of_right, 1),
            Binary::Divide => of_left.times(of_right, -1),
            Binary::Add => self.alike("the left side of `+`", of_left, of_right, right.span),
            Binary::Subtract => self.alike("the left side of `-`", of_left, of_right, right.span),
            Binary::Less
            | Binary::LessEqual
            | Binary::Greater
            | Binary::GreaterEqual
            | Binary::Equal
            | Binary::NotEqual => {
                self.compare("the left side", &of_left, &of_right, right.span);
                Units::dimensionless()
            }
            Binary::Or | Binary::And | Binary::Power => Units::dimensionless(),
        }
    }

    /// What two parts that must be in the same units make.
    fn alike(&mut self, what: &str, first: Units, second: Units, span: Span) -> Units {
        self.compare(what, &first, &second, span);
        match second.agreement(&first) {
            Agreement::Fits => first.joined(second),
            // one warning is enough
            Agreement::Factor(_) | Agreement::Differs => Units::Unknown,
        }
    }

    /// a^b: with a literal b the units of a to that power, else both are numbers.
    fn power(
        &mut self,
        (base, of_base): (&Expression, Units),
        (exponent, of_exponent): (&Expression, Units),
    ) -> Units {
        if let Some(power) = literal(exponent) {
            return of_base.powered(power);
        }
        self.pure(&of_exponent, "an exponent", exponent.span);
        match of_base.quantity() {
            // (mM)^n is in no units, but divided by another (mM)^n it is a number
            Some(quantity) if !quantity.is_number() => Units::Unknown,
            _ => {
                self.pure(&of_base, "what has a variable exponent", base.span);
                Units::dimensionless()
            }
        }
    }

    /// Warns unless these are the units of a number.
    fn pure(&mut self, found: &Units, what: &str, span: Span) {
        self.compare(what, &Units::dimensionless(), found, span);
    }

    pub(super) fn call(&mut self, call: &'p Call) -> Units {
        let arguments: Vec<Units> = call.arguments.iter().map(|a| self.formula(a)).collect();
        let program = self.program;
        let mut routines = program.routines.iter();
        if let Some(routine) = routines.find(|r| r.name.text == call.name.text) {
            let parts = routine
                .arguments
                .iter()
                .zip(&arguments)
                .zip(&call.arguments);
            for ((declared, found), written) in parts {
                let what = format!("`{}` of `{}`", declared.name.text, routine.name.text);
                let expected = match declared.units.as_str() {
                    "" => Units::Unknown,
                    units => self.declared.fixed(units),
                };
                self.compare(&what, &expected, found, written.span);
            }
            return match routine.units.as_str() {
                "" => Units::Unknown,
                units => self.declared.fixed(units),
            };
        }
        self.built_in(call, arguments)
    }

    fn built_in(&mut self, call: &'p Call, mut arguments: Vec<Units>) -> Units {
        let name = call.name.text.as_str();
        match (name, arguments.as_mut_slice()) {
            ("net_send" | "net_event" | "net_move" | "at_time", [time, ..]) => {
                let expected = self.declared.fixed("ms");
                let what = format!("the time of `{name}`");
                let found = time.clone();
                self.compare(&what, &expected, &found, call.arguments[0].span);
                Units::Unknown
            }
            ("fabs" | "abs" | "floor" | "ceil", [x]) => x.clone(),
            ("sqrt", [x]) => x.clone().powered(0.5),
            ("pow", [x, y]) => {
                let (base, exponent) = (&call.arguments[0], &call.arguments[1]);
                self.power((base, x.clone()), (exponent, y.clone()))
            }
            ("fmin" | "fmax", [x, y]) => {
                let what = format!("the first argument of `{name}`");
                self.alike(&what, x.clone(), y.clone(), call.arguments[1].span)
            }
            (
                "exp" | "log" | "log10" | "sin" | "cos" | "tan" | "sinh" | "cosh" | "tanh" | "asin"
                | "acos" | "atan" | "erf" | "expm1" | "exprelr",
                [x],
            ) => {
                let what = format!("the argument of `{name}`");
                self.pure(&x.clone(), &what, call.arguments[0].span);
                Units::dimensionless()
            }
            _ => Units::Unknown,
        }
    }
}

/// The value of a literal, with its sign.
fn literal(expression: &Expression) -> Option<f64> {
    match &expression.kind {
        ExpressionKind::Number(value, _) => Some(*value),
        ExpressionKind::Unary(Unary::Negate, operand) => literal(operand).map(|value| -value),
        _ => None,
    }
}
