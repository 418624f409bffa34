//! The blocks that declare, from TITLE to LOCAL.

use super::super::ast::{Array, Constant, ConstantDeclaration, Ion, Name, Placement, Program};
use super::expressions::unit;
use super::{Printer, list};
use crate::formula::number;

impl Printer {
    pub(super) fn declarations(&mut self, program: &Program) {
        if !program.title.is_empty() {
            self.line(&format!("TITLE {}", program.title));
        }
        self.interface(program);
        for code in &program.declarations_in_c {
            self.paragraph();
            self.code(&code.text);
        }
        self.constants(program);
        let parameters = program.parameters.iter().filter_map(|parameter| {
            let mut line = declared(program, &parameter.name)?;
            if let Some(default) = parameter.default {
                line += &format!(" = {}", number(default));
            }
            line += &unit(&parameter.units);
            if let Some((lowest, highest)) = parameter.limits {
                line += &format!(" <{}, {}>", number(lowest), number(highest));
            }
            Some(line)
        });
        self.entries("PARAMETER", parameters);
        let states = program.states.iter().filter_map(|state| {
            let mut line = declared(program, &state.name)? + &unit(&state.units);
            if let Some(start) = state.start {
                line += &format!(" START {}", number(start));
            }
            Some(line)
        });
        self.entries("STATE", states);
        let assigned = program.assigned.iter().filter_map(|assigned| {
            let name = declared(program, &assigned.name)?;
            Some(name + &unit(&assigned.units))
        });
        self.entries("ASSIGNED", assigned);
        let locals = program.file_locals.iter();
        let locals: Vec<String> = locals.filter_map(|name| declared(program, name)).collect();
        if !locals.is_empty() {
            self.paragraph();
            self.line(&format!("LOCAL {}", locals.join(", ")));
        }
    }

    fn interface(&mut self, program: &Program) {
        let interface = &program.interface;
        let keyword = match interface.placement {
            Placement::Density => "SUFFIX",
            Placement::Point | Placement::Synapse => "POINT_PROCESS",
            Placement::Cell => "ARTIFICIAL_CELL",
        };
        let suffix = interface.suffix.iter();
        let suffix = suffix.map(|name| format!("{keyword} {}", name.text));
        let mut lines: Vec<String> = suffix.collect();
        lines.extend(interface.ions.iter().map(ion));
        for (keyword, names) in [
            ("NONSPECIFIC_CURRENT", &interface.nonspecific),
            ("ELECTRODE_CURRENT", &interface.electrode),
            ("POINTER", &interface.pointers),
            ("EXTERNAL", &interface.external),
            ("BBCOREPOINTER", &interface.handles),
            ("RANDOM", &interface.random),
            ("RANGE", &interface.range),
            ("GLOBAL", &interface.global),
        ] {
            if !names.is_empty() {
                lines.push(format!("{keyword} {}", list(names)));
            }
        }
        self.entries("NEURON", lines);
    }

    /// UNITS, CONSTANT and DEFINE, so that their numbers stay in order.
    fn constants(&mut self, program: &Program) {
        let definitions = program.units.iter();
        let mut lines: Vec<String> = definitions
            .map(|definition| format!("({}) = ({})", definition.name, definition.units))
            .collect();
        let mut block = "UNITS";
        for constant in &program.constants {
            let place = match constant.declaration {
                ConstantDeclaration::Number | ConstantDeclaration::Nature(_) => "UNITS",
                ConstantDeclaration::Constant => "CONSTANT",
                ConstantDeclaration::Define => "DEFINE",
            };
            if place != block {
                self.entries(block, std::mem::take(&mut lines));
                block = place;
            }
            lines.push(constant_line(constant));
        }
        self.entries(block, lines);
    }

    /// block { lines }, unless there are none; DEFINE has no block.
    fn entries(&mut self, block: &str, lines: impl IntoIterator<Item = String>) {
        let mut lines = lines.into_iter().peekable();
        if lines.peek().is_none() {
            return;
        }
        self.paragraph();
        if block == "DEFINE" {
            lines.for_each(|line| self.line(&format!("DEFINE {line}")));
            return;
        }
        self.line(&format!("{block} {{"));
        self.indent += 1;
        lines.for_each(|line| self.line(&line));
        self.indent -= 1;
        self.line("}");
    }
}

fn constant_line(constant: &Constant) -> String {
    let (name, value) = (&constant.name.text, number(constant.value));
    let units = unit(&constant.units);
    match &constant.declaration {
        ConstantDeclaration::Define => format!("{name} {value}"),
        ConstantDeclaration::Number | ConstantDeclaration::Constant => {
            format!("{name} = {value}{units}")
        }
        // the unit that it is given in may be none: (pi) ()
        ConstantDeclaration::Nature(nature) => format!("{name} = ({nature}) ({})", constant.units),
    }
}

/// USEION na READ ena WRITE ina VALENCE 1
fn ion(ion: &Ion) -> String {
    let mut line = format!("USEION {}", ion.name.text);
    for (keyword, names) in [("READ", &ion.reads), ("WRITE", &ion.writes)] {
        if !names.is_empty() {
            line += &format!(" {keyword} {}", list(names));
        }
    }
    if let Some(valence) = ion.valence {
        line += &format!(" VALENCE {valence}");
    }
    line
}

/// A name as it is declared; the elements of an array are one declaration, its first element's.
fn declared(program: &Program, name: &Name) -> Option<String> {
    let arrays = &program.arrays;
    let element = |array: &&Array| {
        let elements = array.elements.iter();
        elements.map(|e| &e.text).any(|text| *text == name.text)
    };
    let Some(array) = arrays.iter().find(element) else {
        return Some(name.text.clone());
    };
    let is_first = array.elements.first().map(|e| &e.text) == Some(&name.text);
    is_first.then(|| format!("{}[{}]", array.name.text, array.elements.len()))
}
