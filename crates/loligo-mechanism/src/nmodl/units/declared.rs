//! The units that each name of a file has: what NEURON gives, then what the file declares.

use std::collections::HashMap;

use super::super::ast::{Constant, Placement, Program};
use super::super::diagnostics::Span;
use super::definitions::Definitions;
use super::inferred::{Agreement, Units};
use super::known::COMMON;

/// What the run gives to every mechanism, and its units.
const INPUTS: &[(&str, &str)] = &[
    ("v", "mV"),
    ("t", "ms"),
    ("dt", "ms"),
    ("celsius", "degC"),
    ("diam", "um"),
    ("area", "um2"),
];

/// The units of every variable, and those of routines.
#[derive(Debug)]
pub(super) struct Declared<'p> {
    definitions: Definitions,
    variables: HashMap<&'p str, Units>,
    /// What is wrong with the declarations, and where.
    pub warnings: Vec<(Span, String)>,
}

impl<'p> Declared<'p> {
    pub fn of(program: &'p Program) -> Self {
        let mut definitions = Definitions::default();
        for definition in &program.units {
            definitions.define(definition);
        }
        let mut declared = Declared {
            definitions,
            variables: HashMap::new(),
            warnings: Vec::new(),
        };
        declared.given(program);
        for parameter in &program.parameters {
            let name = parameter.name.text.as_str();
            if parameter.default.is_none() && parameter.units.is_empty() && COMMON.contains(&name) {
                let message = format!("`{name}` is declared here; if it is a unit, write ({name})");
                declared.warnings.push((parameter.name.span, message));
            }
            let units = declared.units(&parameter.units, parameter.name.span);
            declared.variable(&parameter.name.text, parameter.name.span, units);
        }
        for assigned in &program.assigned {
            let units = declared.units(&assigned.units, assigned.name.span);
            declared.variable(&assigned.name.text, assigned.name.span, units);
        }
        for state in &program.states {
            let is_given = declared.variables.contains_key(state.name.text.as_str());
            let units = match state.units.as_str() {
                "" if is_given => Units::Unknown,
                // what has no units is a gate
                "" => Units::dimensionless(),
                units => declared.units(units, state.name.span),
            };
            declared.variable(&state.name.text, state.name.span, units);
        }
        for constant in &program.constants {
            let units = declared.constant(constant);
            declared.variable(&constant.name.text, constant.name.span, units);
        }
        declared
    }

    /// Those of a variable that is not LOCAL.
    pub fn of_variable(&self, name: &str) -> Units {
        let units = self.variables.get(name).or_else(|| {
            // m0 is where the state m starts
            let state = name.strip_suffix('0')?;
            self.variables.get(state)
        });
        units.cloned().unwrap_or(Units::Unknown)
    }

    /// Those that a text names; unknown if there is none, or no such unit, which is worth a word.
    pub fn units(&mut self, text: &str, span: Span) -> Units {
        if text.is_empty() {
            return Units::Unknown;
        }
        match self.definitions.quantity(text) {
            Ok(quantity) => Units::of(quantity),
            Err(message) => {
                // one word is enough for all that have it
                if self.warnings.iter().all(|(_, known)| *known != message) {
                    self.warnings.push((span, message));
                }
                Units::Unknown
            }
        }
    }

    /// Those of something that always has the same.
    pub fn fixed(&self, text: &str) -> Units {
        let quantity = self.definitions.quantity(text);
        quantity.map_or(Units::Unknown, Units::of)
    }

    fn constant(&mut self, constant: &Constant) -> Units {
        match constant.units.as_str() {
            "" => Units::bare(constant.value),
            units => self.units(units, constant.name.span),
        }
    }

    /// What has its units from NEURON.
    fn given(&mut self, program: &'p Program) {
        for (name, units) in INPUTS {
            let units = self.fixed(units);
            self.variables.insert(name, units);
        }
        let interface = &program.interface;
        let current = self.fixed(match interface.placement {
            Placement::Density => "mA/cm2",
            _ => "nA",
        });
        for name in interface.nonspecific.iter().chain(&interface.electrode) {
            self.variables.insert(&name.text, current.clone());
        }
        for ion in &interface.ions {
            let element = &ion.name.text;
            for name in ion.reads.iter().chain(&ion.writes) {
                let units = match name.text.strip_suffix(element.as_str()) {
                    Some("i") => current.clone(),
                    Some("e") => self.fixed("mV"),
                    // a molar may or may not be a mole per liter: in NEURON it is a number per liter
                    _ => self.fixed("milli/liter"),
                };
                self.variables.insert(&name.text, units);
            }
        }
    }

    /// Remembers what is declared, unless NEURON says otherwise.
    fn variable(&mut self, name: &'p str, span: Span, units: Units) {
        // the elements of an array are declared one by one
        let name = name.split('[').next().unwrap_or(name);
        let Some(given) = self.variables.get(name) else {
            self.variables.insert(name, units);
            return;
        };
        let (Some(given), Some(mine)) = (given.quantity(), units.quantity()) else {
            return;
        };
        if Units::of(given).agreement(&units) != Agreement::Fits {
            let message = format!("`{name}` is in ({given}), not in ({mine})");
            self.warnings.push((span, message));
        }
    }
}
