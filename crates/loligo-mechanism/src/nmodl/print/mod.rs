//! A syntax tree back to text: one layout, four spaces a level, blocks in the order in which people
//! write them.
//!
//! Whatever [`parse`](super::parse) understood is printed, so that the text means the same, here and in
//! NEURON. Comments, and what asks for nothing (INDEPENDENT, THREADSAFE, printf, the limits of sliders),
//! are gone.

mod declarations;
mod expressions;
mod statements;

use super::ast::{Block, Name, Program, Routine, RoutineKind};
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
    for (keyword, block) in [
        ("INITIAL", &program.initial),
        ("BREAKPOINT", &program.breakpoint),
    ] {
        if let Some(block) = block {
            printer.block(keyword, block);
        }
    }
    for derivative in &program.derivatives {
        let keyword = match derivative.is_kinetic {
            true => "KINETIC",
            false => "DERIVATIVE",
        };
        let header = format!("{keyword} {}", derivative.name.text);
        printer.block(&header, &derivative.body);
    }
    for routine in &program.routines {
        printer.block(&header(routine), &routine.body);
    }
    printer.text
}

/// FUNCTION f(x (mV)) (1)
fn header(routine: &Routine) -> String {
    let keyword = match routine.kind {
        RoutineKind::Function => "FUNCTION",
        RoutineKind::Procedure => "PROCEDURE",
    };
    let arguments = routine.arguments.iter();
    let arguments = arguments.map(|a| format!("{}{}", a.name.text, unit(&a.units)));
    let arguments = arguments.collect::<Vec<_>>().join(", ");
    let units = unit(&routine.units);
    format!("{keyword} {}({arguments}){units}", routine.name.text)
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
