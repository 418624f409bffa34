//! A syntax tree back to text: one layout, four spaces a level, blocks in the order in which people
//! write them.
//!
//! Whatever [`parse`](super::parse) understood is printed, so that the text means the same, here and in
//! NEURON. Comments, and what asks for nothing (INDEPENDENT, THREADSAFE, printf, the limits of sliders),
//! are gone.

mod declarations;
mod expressions;
mod statements;

use super::ast::{
    Argument, Block, Derivative, DerivativeKind, Moment, Name, Program, Routine, RoutineKind,
};
use expressions::unit;

/// A program as NMODL text, which parses to an equal program.
///
/// ```
/// use loligo_mechanism::nmodl;
/// let program = nmodl::parse("NEURON{SUFFIX x}FUNCTION f(x(mV))(1){f=(x-(1+2))^2}", "x.mod")?;
/// assert_eq!(
///     nmodl::print(&program),
///     "NEURON {\n    SUFFIX x\n}\n\nFUNCTION f(x (mV)) (1) {\n    f = (x - (1 + 2))^2\n}\n"
/// );
/// # Ok::<(), nmodl::NmodlError>(())
/// ```
pub fn print(program: &Program) -> String {
    let mut printer = Printer::default();
    printer.declarations(program);
    // each moment beside the block that it is named after; that of SOLVE and STEP behind all
    let moments = |printer: &mut Printer, among: &[Moment]| {
        for moment in among {
            if let Some(timed) = program.moments.get(moment) {
                printer.block(moment.name(), &timed.body);
            }
        }
    };
    moments(&mut printer, &[Moment::BeforeInitial]);
    if let Some(block) = &program.initial {
        printer.block("INITIAL", block);
    }
    moments(
        &mut printer,
        &[Moment::AfterInitial, Moment::BeforeBreakpoint],
    );
    if let Some(block) = &program.breakpoint {
        printer.block("BREAKPOINT", block);
    }
    moments(&mut printer, &[Moment::AfterSolve, Moment::BeforeStep]);
    for derivative in &program.derivatives {
        printer.block(&solved(derivative), &derivative.body);
    }
    if let Some(receive) = &program.receive {
        let header = format!("NET_RECEIVE({})", arguments(&receive.arguments));
        printer.block(&header, &receive.body);
    }
    for routine in &program.routines {
        match routine.kind {
            RoutineKind::Table => {
                printer.paragraph();
                printer.line(&format!("FUNCTION_TABLE {}", heading(routine)));
            }
            RoutineKind::Function => {
                printer.block(&format!("FUNCTION {}", heading(routine)), &routine.body);
            }
            RoutineKind::Procedure => {
                printer.block(&format!("PROCEDURE {}", heading(routine)), &routine.body);
            }
        }
    }
    for lifetime in &program.lifetimes {
        printer.block(&lifetime.keyword, &lifetime.body);
    }
    printer.text
}

/// f(x (mV)) (1)
fn heading(routine: &Routine) -> String {
    let (name, units) = (&routine.name.text, unit(&routine.units));
    format!("{name}({}){units}", arguments(&routine.arguments))
}

/// x (mV), y
fn arguments(arguments: &[Argument]) -> String {
    let arguments = arguments.iter();
    let arguments = arguments.map(|a| format!("{}{}", a.name.text, unit(&a.units)));
    arguments.collect::<Vec<_>>().join(", ")
}

/// LINEAR name SOLVEFOR a, b
fn solved(block: &Derivative) -> String {
    let keyword = match block.kind {
        DerivativeKind::Rates => "DERIVATIVE",
        DerivativeKind::Kinetic => "KINETIC",
        DerivativeKind::Linear => "LINEAR",
        DerivativeKind::Nonlinear => "NONLINEAR",
    };
    let unknowns = match block.unknowns.as_slice() {
        [] => String::new(),
        unknowns => format!(" SOLVEFOR {}", list(unknowns)),
    };
    format!("{keyword} {}{unknowns}", block.name.text)
}

/// a, b, c
fn list(names: &[Name]) -> String {
    let names = names.iter().map(|name| name.text.as_str());
    names.collect::<Vec<_>>().join(", ")
}

/// Text so far.
#[derive(Default)]
struct Printer {
    text: String,
    indent: usize,
    /// Whether UNITSOFF was the last of its kind.
    units_off: bool,
}

impl Printer {
    fn line(&mut self, line: &str) {
        let spaces = 4 * self.indent;
        self.text.push_str(&" ".repeat(spaces));
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// C code, with the blanks around it.
    fn code(&mut self, code: &str) {
        self.line(&format!("VERBATIM{code}ENDVERBATIM"));
    }

    /// What comes next is a paragraph of its own.
    fn paragraph(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// header { statements }, a block of the file.
    fn block(&mut self, header: &str, block: &Block) {
        self.paragraph();
        self.line(&format!("{header} {{"));
        self.statements(block);
        if self.units_off {
            self.indent += 1;
            self.set_units_off(false);
            self.indent -= 1;
        }
        self.line("}");
    }

    /// UNITSOFF or UNITSON, unless it holds already.
    fn set_units_off(&mut self, off: bool) {
        if self.units_off != off {
            self.units_off = off;
            self.line(if off { "UNITSOFF" } else { "UNITSON" });
        }
    }
}
