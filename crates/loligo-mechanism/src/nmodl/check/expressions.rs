//! Every name is known, and every call fits.

use super::super::ast::{Call, Expression, ExpressionKind, Name, RoutineKind};
use super::super::diagnostics::{Diagnostic, Problem};
use super::super::lower::draws::DrawCall;
use super::super::lower::events::EventCall;
use super::super::lower::functions;
use super::super::names::Meaning;
use super::{Place, Walk};

impl<'p> Walk<'p, '_> {
    pub(super) fn is_local(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.contains(name))
    }

    /// A name, or a whole array.
    pub(super) fn known_or_array(&self, name: &Name) -> Result<(), Diagnostic> {
        match self.names.array(&name.text) {
            Some(_) => Ok(()),
            None => self.known(name),
        }
    }

    /// A variable that is read or assigned: with an index if it is an array, and only then.
    pub(super) fn reference(&mut self, name: &'p Name) -> Result<(), Diagnostic> {
        let is_array = self.names.array(&name.text).is_some();
        match &name.index {
            Some(index) if is_array => self.expression(index),
            Some(_) => {
                let message = format!("`{}` is no array", name.text);
                Err(Diagnostic::invalid(name.span, message))
            }
            None if is_array && !self.is_local(&name.text) => {
                let message = format!(
                    "`{0}` is an array: say which element, as in {0}[0]",
                    name.text
                );
                Err(Diagnostic::invalid(name.span, message))
            }
            None if self.names.variable(&name.text) == Some(Meaning::Handle) => {
                let message = format!("`{}` is a random stream, not a number", name.text);
                Err(Diagnostic::invalid(name.span, message))
            }
            None => self.known(name),
        }
    }

    pub(super) fn known(&self, name: &Name) -> Result<(), Diagnostic> {
        if self.is_local(&name.text) || self.names.variable(&name.text).is_some() {
            return Ok(());
        }
        if self.names.routine(&name.text).is_some() {
            let message = format!(
                "`{0}` is a routine, not a variable: call it, as in {0}(…)",
                name.text
            );
            return Err(Diagnostic::invalid(name.span, message));
        }
        let locals = self.scopes.iter().flatten().copied();
        let valid = self.names.variables().map(|(name, _)| name).chain(locals);
        Err(Diagnostic::unknown(
            name.span, "variable", &name.text, valid,
        ))
    }

    pub(super) fn assignable(&mut self, name: &'p Name) -> Result<(), Diagnostic> {
        self.reference(name)?;
        if self.is_local(&name.text) {
            return Ok(());
        }
        if let Some(elements) = self.names.array(&name.text) {
            let elements = elements.iter().map(|element| element.text.as_str());
            self.found.assigns.extend(elements);
            return Ok(());
        }
        let reason = match self.names.variable(&name.text) {
            // within a block the voltage is a copy that the mechanism may nudge off a singularity
            Some(Meaning::Input) if name.text != "v" => "it is given from outside",
            Some(Meaning::Constant(_)) => "it is a constant",
            Some(Meaning::StateStart) => "it says where a state starts",
            Some(Meaning::Pointer) => {
                "a POINTER is only read here: what it points to is not the mechanism's"
            }
            Some(Meaning::Handle) => "it is a random stream",
            _ => {
                self.found.assigns.insert(&name.text);
                return Ok(());
            }
        };
        Err(Diagnostic::new(
            name.span,
            Problem::NotAssignable {
                name: name.text.clone(),
                reason: reason.to_owned(),
            },
        ))
    }

    /// A RANDOM variable.
    fn stream(&self, name: &Name) -> Result<(), Diagnostic> {
        match self.names.variable(&name.text) {
            Some(Meaning::Handle) => Ok(()),
            _ => {
                let valid = self.names.variables();
                let valid = valid.filter(|(_, meaning)| *meaning == Meaning::Handle);
                let valid = valid.map(|(name, _)| name);
                Err(Diagnostic::unknown(
                    name.span,
                    "RANDOM variable",
                    &name.text,
                    valid,
                ))
            }
        }
    }

    /// Events are sent where they are taken, and at the start.
    fn event(&mut self, event: EventCall, call: &'p Call) -> Result<(), Diagnostic> {
        let name = &call.name;
        let fits = match event {
            EventCall::Send => matches!(self.place, Place::Receive | Place::Initial),
            EventCall::Fire | EventCall::Move => matches!(self.place, Place::Receive),
            EventCall::Discontinuity => true,
        };
        if !fits {
            return Err(self.misplaced(&name.text, name.span));
        }
        if event == EventCall::Discontinuity
            && let Some(ExpressionKind::Variable(state)) =
                call.arguments.first().map(|argument| &argument.kind)
        {
            self.assignable(state)?;
        }
        Ok(())
    }

    pub(super) fn expression(&mut self, expression: &'p Expression) -> Result<(), Diagnostic> {
        match &expression.kind {
            ExpressionKind::Number(..) => Ok(()),
            ExpressionKind::Variable(name) => self.reference(name),
            ExpressionKind::Call(call) => match self.call(call)? {
                Some(RoutineKind::Procedure) => Err(Diagnostic::invalid(
                    call.name.span,
                    format!("the PROCEDURE `{}` has no value", call.name.text),
                )),
                _ => Ok(()),
            },
            ExpressionKind::Unary(_, operand) => self.expression(operand),
            ExpressionKind::Binary(_, left, right) => {
                self.expression(left)?;
                self.expression(right)
            }
        }
    }

    /// Checks a call; the kind of routine is `None` for a built-in function.
    pub(super) fn call(&mut self, call: &'p Call) -> Result<Option<RoutineKind>, Diagnostic> {
        let name = &call.name;
        let is_stream =
            |index| index == 0 && DrawCall::named(&name.text).is_some_and(DrawCall::is_streamed);
        for (index, argument) in call.arguments.iter().enumerate() {
            match &argument.kind {
                ExpressionKind::Variable(stream) if is_stream(index) => self.stream(stream)?,
                _ => self.expression(argument)?,
            }
        }
        let (expected, kind) = if let Some(routine) = self.names.routine(&name.text) {
            self.found.calls.insert(&name.text);
            (routine.arguments.len(), Some(routine.kind))
        } else if let Some(function) = functions::find(&name.text) {
            (function.arity(), None)
        } else if let Some(draw) = DrawCall::named(&name.text) {
            (draw.arity(call.arguments.len()), None)
        } else if let Some(event) = EventCall::named(&name.text) {
            self.event(event, call)?;
            (event.arity(), Some(RoutineKind::Procedure))
        } else if let Some(advice) = functions::unsupported(&name.text) {
            let construct = format!("`{}`", name.text);
            return Err(Diagnostic::unsupported(name.span, construct, advice));
        } else if self.is_local(&name.text) || self.names.variable(&name.text).is_some() {
            let message = format!(
                "`{}` is a variable, not a function: is a `*` missing?",
                name.text
            );
            return Err(Diagnostic::invalid(name.span, message));
        } else {
            let valid = self.names.routine_names();
            let valid = valid
                .chain(functions::names())
                .chain(DrawCall::names())
                .chain(EventCall::NAMES);
            return Err(Diagnostic::unknown(
                name.span, "function", &name.text, valid,
            ));
        };
        let found = call.arguments.len();
        if found != expected {
            return Err(Diagnostic::new(
                name.span,
                Problem::WrongArguments {
                    name: name.text.clone(),
                    expected,
                    found,
                },
            ));
        }
        Ok(kind)
    }
}
