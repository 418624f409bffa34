//! What a mechanism shows: parameters, ions, currents, and what can be recorded.

use super::super::ast::{Ion, Name};
use super::super::diagnostics::Diagnostic;
use super::super::names::{INPUTS, Meaning, start_parameter};
use super::environment::{Binding, Scope, Variable};
use super::phases::Phases;
use super::{Lowering, value_of};
use crate::graph::Expr;
use crate::mechanism::State;
use crate::mechanism::{Current, Direction, IonUse, Observable, Parameter, Scope as Reach};

impl<'p> Lowering<'p, '_> {
    /// Defaults of variables whose value comes from outside, as in NEURON.
    pub(super) fn warn_of_unused_values(&mut self) {
        let interface = &self.program.interface;
        for name in interface.range.iter().chain(&interface.global) {
            let unknown = self.names.variable(&name.text).is_none();
            if unknown && self.names.array(&name.text).is_none() {
                let valid = self.names.variables().map(|(name, _)| name);
                let nearest = crate::nearest::nearest(&name.text, valid);
                let hint = nearest.map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                let message = format!("`{}` is exposed, but nothing declares it{hint}", name.text);
                self.warn(name.span, &message);
            }
        }
        for parameter in &self.program.parameters {
            let name = parameter.name.text.as_str();
            let is_ion = matches!(
                self.names.variable(name),
                Some(Meaning::IonInput | Meaning::Current { .. })
            );
            if parameter.default.is_some() && (is_ion || INPUTS.contains(&name)) {
                let source = if is_ion { "the ion" } else { "the run" };
                let message =
                    format!("the value of `{name}` comes from {source}; this default is not used");
                self.warn(parameter.name.span, &message);
            }
            if self.is_assigned(name) {
                let message = format!(
                    "the PARAMETER `{name}` is assigned by the mechanism, so that setting it may have no effect"
                );
                self.warn(parameter.name.span, &message);
            }
        }
    }

    /// Whether a variable is ASSIGNED and exposed, but assigned by nothing: users set it.
    pub(super) fn is_settable(&self, name: &str) -> bool {
        self.names.variable(name) == Some(Meaning::Memory)
            && self.is_exposed(name)
            && !self.is_assigned(name)
    }

    /// Whether a variable is a reversal potential that the mechanism does not read, which is its own until
    /// INITIAL is over. (NEURON always reads the concentrations that a mechanism writes.)
    pub(super) fn is_own_potential(&self, name: &str) -> bool {
        let mut ions = self.program.interface.ions.iter();
        ions.any(|ion| {
            let is_read = ion.reads.iter().any(|read| read.text == name);
            name == format!("e{}", ion.name.text) && !is_read
        })
    }

    pub(super) fn ions(&self) -> Vec<IonUse> {
        let ions = self.program.interface.ions.iter();
        ions.map(ion_use).collect()
    }

    pub(super) fn currents(&mut self, at_end: &Scope<'p>) -> Result<Vec<Current>, Diagnostic> {
        let interface = &self.program.interface;
        let ions = interface.ions.iter();
        let ionic = ions.flat_map(|ion| ion.writes.iter().map(move |name| (Some(ion), name)));
        // concentrations and reversal potentials are written too
        let is_current = |name: &Name| {
            matches!(
                self.names.variable(&name.text),
                Some(Meaning::Current { .. })
            )
        };
        let ionic = ionic.filter(|(_, name)| is_current(name));
        let ionic = ionic.map(|(ion, name)| (ion, name, Direction::Outward));
        let nonspecific = interface.nonspecific.iter();
        let nonspecific = nonspecific.map(|name| (None, name, Direction::Outward));
        let electrode = interface.electrode.iter();
        let electrode = electrode.map(|name| (None, name, Direction::Inward));
        let mut currents = Vec::new();
        for (ion, name, direction) in ionic.chain(nonspecific).chain(electrode) {
            let density = if self.effects.breakpoint.contains(name.text.as_str()) {
                value_of(at_end, name)?
            } else {
                let message = format!(
                    "BREAKPOINT never assigns the current `{}`: it is 0",
                    name.text
                );
                self.warn(name.span, &message);
                self.executor.graph.constant(0.0)
            };
            currents.push(Current {
                name: name.text.clone(),
                ion: ion.map(|ion| ion.name.text.clone()),
                direction,
                density,
            });
        }
        Ok(currents)
    }

    /// ASSIGNED variables that have a value at the end of BREAKPOINT.
    pub(super) fn observables(&mut self, phases: &Phases<'p>) -> Vec<Observable> {
        let mut observables = Vec::new();
        for assigned in &self.program.assigned {
            let name = &assigned.name;
            if self.names.variable(&name.text) != Some(Meaning::Memory) {
                continue;
            }
            let variable = Variable::Plain(name.text.as_str());
            let at = |scope: &Scope<'p>| match scope.get(&variable) {
                Some(Binding::Value(value)) => Some(*value),
                _ => None,
            };
            // in a step of NEURON's the solved blocks come last, and what they leave is what is seen
            let [solved, breakpoint] = [&self.effects.solved, &self.effects.breakpoint]
                .map(|assigned| assigned.contains(name.text.as_str()));
            let is_stepped = solved || phases.breakpoint_is_solved && breakpoint;
            let stepped = at(&phases.initial).zip(at(&phases.solved));
            match phases.end.get(&variable) {
                Some(Binding::Value(value)) => observables.push(Observable {
                    name: name.text.clone(),
                    units: assigned.units.clone(),
                    value: *value,
                    stepped: stepped.filter(|_| is_stepped),
                }),
                Some(Binding::Missing(_)) | None => {}
            }
        }
        observables
    }

    /// Whether RANGE or GLOBAL names a variable.
    pub(super) fn is_exposed(&self, name: &str) -> bool {
        let interface = &self.program.interface;
        let mut exposed = interface.range.iter().chain(&interface.global);
        exposed.any(|exposed| exposed.text == name)
    }

    /// Those observables that mention nothing that is forgotten from step to step.
    pub(super) fn known(&self, observables: Vec<Observable>, memory: &[State]) -> Vec<Observable> {
        let mut forgotten = self.carried_symbols();
        forgotten.retain(|symbol, _| memory.iter().all(|state| state.name != *symbol));
        let graph = &self.executor.graph;
        let known = |observable: &Observable| {
            let expressions: Vec<Expr> = observable.expressions().collect();
            let symbols = graph.symbols_of(&expressions);
            let mut names = symbols.into_iter().map(|s| graph.name(s));
            !names.any(|name| forgotten.contains_key(name))
        };
        observables.into_iter().filter(known).collect()
    }

    pub(super) fn parameters(&mut self) -> Vec<Parameter> {
        let range = &self.program.interface.range;
        let scope = |name: &str| {
            if range.iter().any(|exposed| exposed.text == name) {
                Reach::Range
            } else {
                Reach::Global
            }
        };
        let mut parameters = Vec::new();
        for parameter in &self.program.parameters {
            let name = &parameter.name.text;
            if self.names.variable(name) == Some(Meaning::Parameter) {
                parameters.push(Parameter {
                    name: name.clone(),
                    default: parameter.default.unwrap_or(0.0),
                    units: parameter.units.clone(),
                    limits: parameter.limits,
                    scope: scope(name),
                });
            }
        }
        for assigned in &self.program.assigned {
            let name = &assigned.name.text;
            if self.is_settable(name) {
                parameters.push(Parameter {
                    name: name.clone(),
                    default: 0.0,
                    units: assigned.units.clone(),
                    limits: None,
                    scope: scope(name),
                });
                let message = format!(
                    "nothing assigns `{name}`, so it is taken as a parameter of value 0; declare it in PARAMETER"
                );
                self.warn(assigned.name.span, &message);
            }
        }
        let interface = &self.program.interface;
        for pointer in interface.pointers.iter().chain(&interface.external) {
            parameters.push(Parameter {
                name: pointer.text.clone(),
                default: f64::NAN,
                units: self.units_of(&pointer.text),
                limits: None,
                scope: Reach::Range,
            });
        }
        for state in &self.program.states {
            let name = start_parameter(&state.name.text);
            let is_new = parameters
                .iter()
                .all(|parameter: &Parameter| parameter.name != name);
            if is_new && self.executor.state_starts.contains(&name) {
                parameters.push(Parameter {
                    scope: scope(&name),
                    name,
                    default: state.start.unwrap_or(0.0),
                    units: state.units.clone(),
                    limits: None,
                });
            }
        }
        parameters
    }
}

impl Lowering<'_, '_> {
    /// The units that ASSIGNED or PARAMETER gives a name.
    fn units_of(&self, name: &str) -> String {
        let assigned = self.program.assigned.iter();
        let assigned = assigned.map(|entry| (&entry.name, &entry.units));
        let parameters = self.program.parameters.iter();
        let parameters = parameters.map(|entry| (&entry.name, &entry.units));
        let mut entries = assigned.chain(parameters);
        let entry = entries.find(|(entry, _)| entry.text == name);
        entry.map_or(String::new(), |(_, units)| units.clone())
    }
}

fn ion_use(ion: &Ion) -> IonUse {
    let texts = |names: &[Name]| names.iter().map(|name| name.text.clone()).collect();
    IonUse {
        ion: ion.name.text.clone(),
        reads: texts(&ion.reads),
        writes: texts(&ion.writes),
        valence: ion.valence,
    }
}
