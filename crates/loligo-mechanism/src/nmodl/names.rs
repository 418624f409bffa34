//! What each name of a mechanism stands for.

use std::collections::{BTreeMap, BTreeSet};

use super::ast::{Derivative, Ion, Name, Program, Routine};
use super::diagnostics::{Diagnostic, Place, Problem, Span};

/// What a variable stands for outside of any LOCAL.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// `v`, `t`, `dt`, `celsius`, `diam`, `area`: given by whoever runs the mechanism.
    Input,
    /// A number with a name.
    Constant(f64),
    /// PARAMETER.
    Parameter,
    /// STATE.
    State,
    /// `m0` of the state `m`: NEURON's parameter for where a state starts.
    StateStart,
    /// ASSIGNED, or LOCAL outside of any block: keeps its value between blocks.
    Memory,
    /// Read from an ion: a reversal potential, a concentration, the ion's current.
    IonInput,
    /// A current that the mechanism writes; `read` if it also reads the ion's.
    Current { read: bool },
    /// A concentration or reversal potential that the mechanism writes.
    Shared,
    /// POINTER: a number that belongs to someone else, and is only read here.
    Pointer,
    /// The handle of a random stream, which is no number.
    Handle,
}

/// NEURON's name for the parameter that says where a state starts; elements of an array share it.
pub(crate) fn start_parameter(state: &str) -> String {
    let base = state.split('[').next().unwrap_or(state);
    format!("{base}0")
}

/// Inputs that every mechanism has.
pub(crate) const INPUTS: &[&str] = &["v", "t", "dt", "celsius", "diam", "area"];

/// The table of names of one mechanism.
#[derive(Debug)]
pub(crate) struct Names<'p> {
    variables: BTreeMap<String, Meaning>,
    /// Numbers of ions that are written, whether they are also a STATE or not.
    shared: BTreeSet<String>,
    routines: BTreeMap<&'p str, &'p Routine>,
    derivatives: BTreeMap<&'p str, &'p Derivative>,
    states: Vec<&'p str>,
    arrays: BTreeMap<&'p str, &'p [Name]>,
}

impl<'p> Names<'p> {
    /// Collects the declarations; the error is a name declared twice, or exposed and not declared.
    pub fn of(program: &'p Program, text: &str) -> Result<Self, Diagnostic> {
        let mut table = Declarations {
            text,
            seen: BTreeMap::new(),
        };
        let ion_names: Vec<&str> = program
            .interface
            .ions
            .iter()
            .flat_map(|ion| ion.reads.iter().chain(&ion.writes))
            .map(|name| name.text.as_str())
            .collect();
        for ion in &program.interface.ions {
            table.ion(ion)?;
        }
        let own = &program.interface;
        for name in own.nonspecific.iter().chain(&own.electrode) {
            table.declare(name, "a current", Meaning::Current { read: false })?;
        }
        for name in own.pointers.iter().chain(&own.external) {
            table.declare(name, "a POINTER", Meaning::Pointer)?;
        }
        for name in own.handles.iter().chain(&own.random) {
            table.declare(name, "a random stream", Meaning::Handle)?;
        }
        let is_outside = |name: &Name| {
            INPUTS.contains(&name.text.as_str()) || ion_names.contains(&name.text.as_str())
        };
        for constant in &program.constants {
            table.declare(
                &constant.name,
                "a constant",
                Meaning::Constant(constant.value),
            )?;
        }
        // the NEURON block has said what these are; that they are declared once more adds nothing
        let from_interface = |name: &Name| {
            let currents = own.nonspecific.iter().chain(&own.electrode);
            let mut known = currents
                .chain(&own.pointers)
                .chain(&own.external)
                .chain(&own.handles)
                .chain(&own.random);
            known.any(|known| known.text == name.text)
        };
        for parameter in &program.parameters {
            // old files declare v, celsius and ena here; their values come from elsewhere
            if !is_outside(&parameter.name) && !from_interface(&parameter.name) {
                table.declare(&parameter.name, "a PARAMETER", Meaning::Parameter)?;
            }
        }
        let mut shared = BTreeSet::new();
        for (name, declaration) in &table.seen {
            if declaration.meaning == Meaning::Shared {
                shared.insert(name.clone());
            }
        }
        for state in &program.states {
            // a concentration that is written may be a state
            match table.seen.get_mut(&state.name.text) {
                Some(declaration) if declaration.meaning == Meaning::Shared => {
                    declaration.meaning = Meaning::State;
                }
                _ => table.declare(&state.name, "a STATE", Meaning::State)?,
            }
        }
        for assigned in &program.assigned {
            if !is_outside(&assigned.name) && !from_interface(&assigned.name) {
                table.declare(&assigned.name, "ASSIGNED", Meaning::Memory)?;
            }
        }
        for name in &program.file_locals {
            table.declare(name, "LOCAL", Meaning::Memory)?;
        }
        let mut routines = BTreeMap::new();
        for routine in &program.routines {
            table.declare(&routine.name, "a routine", Meaning::Memory)?;
            routines.insert(routine.name.text.as_str(), routine);
        }
        let mut variables: BTreeMap<String, Meaning> = table
            .seen
            .into_iter()
            .filter(|(name, _)| !routines.contains_key(name.as_str()))
            .map(|(name, declaration)| (name, declaration.meaning))
            .collect();
        for input in INPUTS {
            variables.insert((*input).to_owned(), Meaning::Input);
        }
        for state in &program.states {
            let start = start_parameter(&state.name.text);
            variables.entry(start).or_insert(Meaning::StateStart);
        }
        let names = Names {
            variables,
            shared,
            derivatives: program
                .derivatives
                .iter()
                .map(|d| (d.name.text.as_str(), d))
                .collect(),
            states: program
                .states
                .iter()
                .map(|s| s.name.text.as_str())
                .collect(),
            arrays: program
                .arrays
                .iter()
                .map(|a| (a.name.text.as_str(), a.elements.as_slice()))
                .collect(),
            routines,
        };
        names.check_exposed(program)?;
        Ok(names)
    }

    /// What a variable stands for.
    pub fn variable(&self, name: &str) -> Option<Meaning> {
        self.variables.get(name).copied()
    }

    /// Whether a variable is a concentration or reversal potential that is written.
    pub fn is_shared(&self, name: &str) -> bool {
        self.shared.contains(name)
    }

    /// The FUNCTION or PROCEDURE of that name.
    pub fn routine(&self, name: &str) -> Option<&'p Routine> {
        self.routines.get(name).copied()
    }

    /// The DERIVATIVE or KINETIC block of that name.
    pub fn derivative(&self, name: &str) -> Option<&'p Derivative> {
        self.derivatives.get(name).copied()
    }

    /// The elements of the array of that name.
    pub fn array(&self, name: &str) -> Option<&'p [Name]> {
        self.arrays.get(name).copied()
    }

    /// The states, in order.
    pub fn states(&self) -> Vec<&'p str> {
        self.states.clone()
    }

    /// Every variable.
    pub fn variables(&self) -> impl Iterator<Item = (&str, Meaning)> {
        self.variables
            .iter()
            .map(|(name, meaning)| (name.as_str(), *meaning))
    }

    /// Every routine's name.
    pub fn routine_names(&self) -> impl Iterator<Item = &'p str> + '_ {
        self.routines.keys().copied()
    }

    /// RANGE and GLOBAL name variables, each at most once. (A name that is declared nowhere is a warning.)
    fn check_exposed(&self, program: &Program) -> Result<(), Diagnostic> {
        let interface = &program.interface;
        for name in &interface.global {
            if interface.range.iter().any(|other| other.text == name.text) {
                let message = format!("`{}` is both RANGE and GLOBAL", name.text);
                return Err(Diagnostic::invalid(name.span, message));
            }
        }
        Ok(())
    }
}

struct Declaration {
    kind: &'static str,
    span: Span,
    meaning: Meaning,
}

struct Declarations<'t> {
    text: &'t str,
    seen: BTreeMap<String, Declaration>,
}

impl Declarations<'_> {
    fn declare(
        &mut self,
        name: &Name,
        kind: &'static str,
        meaning: Meaning,
    ) -> Result<(), Diagnostic> {
        if INPUTS.contains(&name.text.as_str()) {
            return Err(Diagnostic::invalid(
                name.span,
                format!("`{}` is given from outside and cannot be {kind}", name.text),
            ));
        }
        if let Some(first) = self.seen.get(&name.text) {
            let line = Place::new(self.text, "", first.span).line;
            return Err(Diagnostic::new(
                name.span,
                Problem::Duplicate {
                    name: name.text.clone(),
                    earlier: first.kind,
                    line,
                },
            ));
        }
        let declaration = Declaration {
            kind,
            span: name.span,
            meaning,
        };
        self.seen.insert(name.text.clone(), declaration);
        Ok(())
    }

    fn ion(&mut self, ion: &Ion) -> Result<(), Diagnostic> {
        let element = &ion.name.text;
        let current = format!("i{element}");
        let valid = [
            current.clone(),
            format!("e{element}"),
            format!("{element}i"),
            format!("{element}o"),
        ];
        for name in ion.reads.iter().chain(&ion.writes) {
            if !valid.contains(&name.text) {
                let message = format!(
                    "`{}` is no variable of the ion {element}, which has {}",
                    name.text,
                    valid.join(", ")
                );
                return Err(Diagnostic::invalid(name.span, message));
            }
        }
        for name in &ion.writes {
            let read = ion.reads.iter().any(|read| read.text == name.text);
            if name.text == current {
                self.declare(name, "an ion's current", Meaning::Current { read })?;
            } else {
                self.declare(name, "an ion's number", Meaning::Shared)?;
            }
        }
        for name in &ion.reads {
            if ion.writes.iter().all(|written| written.text != name.text) {
                self.declare(name, "read from an ion", Meaning::IonInput)?;
            }
        }
        Ok(())
    }
}
