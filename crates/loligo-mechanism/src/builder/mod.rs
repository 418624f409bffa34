//! The Rust front end: mechanisms from Rust functions.

mod quantity;

pub use quantity::{Operand, Quantity};

use std::cell::RefCell;

use thiserror::Error;

use crate::graph::{Expr, Graph};
use crate::mechanism::{
    Current, Direction, Dynamics, IonUse, Mechanism, Observable, PRESYNAPTIC, Parameter, Placement,
    Scope, State,
};
use crate::nearest::nearest;
use crate::passes::removable_singularity;

/// Names that every mechanism can read.
const INPUTS: &[&str] = &[
    "v", "t", "dt", "celsius", "diam", "area", "radius", "length", "Ra", "cm",
];

/// Names that every synapse can read.
const SYNAPTIC_INPUTS: &[&str] = &["v", PRESYNAPTIC, "t", "dt", "celsius"];

/// Builds a [`Mechanism`] from Rust functions.
///
/// Each function is called once, with [`Symbols`] instead of numbers, and writes down what it
/// computes. So it must not branch on values with `if`; [`Quantity::select`] does that.
///
/// ```
/// use loligo_mechanism::builder::MechanismBuilder;
///
/// // a potassium channel with one gate (Pospischil et al. 2008, I_M)
/// let km = MechanismBuilder::new("km")
///     .parameter("gbar", 4e-6, "S/cm2")
///     .parameter("taumax", 4000.0, "ms")
///     .reads("k", "ek")
///     .define("pinf", "", |x| 1.0 / (1.0 + (-(x.v() + 35.0) / 10.0).exp()))
///     .define("ptau", "ms", |x| {
///         let z = (x.v() + 35.0) / 20.0;
///         x.get("taumax") / (3.3 * z.exp() + (-z).exp())
///     })
///     .state("p", |x| x.get("pinf"), |x| (x.get("pinf") - x.get("p")) / x.get("ptau"))
///     .ion_current("k", |x| x.get("gbar") * x.get("p") * (x.v() - x.get("ek")))
///     .build()?;
/// assert_eq!(km.currents[0].name, "ik");
/// # Ok::<(), loligo_mechanism::builder::BuildError>(())
/// ```
#[derive(Debug)]
pub struct MechanismBuilder {
    graph: RefCell<Graph>,
    name: String,
    placement: Placement,
    parameters: Vec<Parameter>,
    states: Vec<State>,
    ions: Vec<IonUse>,
    currents: Vec<Current>,
    conductance: Option<Expr>,
    definitions: Vec<Observable>,
}

/// Why a mechanism cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A function reads a name that nothing declares, or that is defined only after it.
    #[error("{user} of `{mechanism}` reads `{name}`, which is not declared before{}",
        .nearest.as_ref().map_or_else(String::new, |n| format!("; did you mean `{n}`?")))]
    UnknownName {
        /// The mechanism.
        mechanism: String,
        /// What the function computes.
        user: String,
        /// The name that it reads.
        name: String,
        /// The most similar name that is declared.
        nearest: Option<String>,
    },
    /// Two things have one name.
    #[error("`{name}` is declared twice in `{mechanism}`")]
    Duplicate {
        /// The mechanism.
        mechanism: String,
        /// The name.
        name: String,
    },
    /// An ion's variable that ions do not have.
    #[error("the ion `{ion}` has no variable `{name}`; it has e{ion}, {ion}i, {ion}o and i{ion}")]
    NoSuchIonVariable {
        /// The ion.
        ion: String,
        /// The variable.
        name: String,
    },
}

/// What a function of a mechanism can read.
#[derive(Clone, Copy, Debug)]
pub struct Symbols<'g> {
    graph: &'g RefCell<Graph>,
    definitions: &'g [Observable],
}

impl<'g> Symbols<'g> {
    /// The membrane voltage, mV.
    pub fn v(&self) -> Quantity<'g> {
        self.get("v")
    }

    /// The voltage of the compartment that a synapse comes from, mV; `v` is that of the one that its
    /// current flows into.
    pub fn v_pre(&self) -> Quantity<'g> {
        self.get(PRESYNAPTIC)
    }

    /// The temperature, °C.
    pub fn celsius(&self) -> Quantity<'g> {
        self.get("celsius")
    }

    /// A parameter, a state, a definition, an ion's variable, or an input: `v`, `t`, `dt`,
    /// `celsius`, `diam`, `area`, `radius`, `length`, `Ra`, `cm`. A name that nothing declares is an
    /// error of [`MechanismBuilder::build`].
    pub fn get(&self, name: &str) -> Quantity<'g> {
        let mut definitions = self.definitions.iter();
        let expr = match definitions.find(|definition| definition.name == name) {
            Some(definition) => definition.value,
            None => self.graph.borrow_mut().symbol(name),
        };
        Quantity::new(self.graph, expr)
    }
}

impl MechanismBuilder {
    /// A mechanism that users insert as `name`.
    pub fn new(name: &str) -> Self {
        MechanismBuilder {
            graph: RefCell::default(),
            name: name.to_owned(),
            placement: Placement::Density,
            parameters: Vec::new(),
            states: Vec::new(),
            ions: Vec::new(),
            currents: Vec::new(),
            conductance: None,
            definitions: Vec::new(),
        }
    }

    /// A synapse: a mechanism between two compartments, whose currents are in nA.
    pub fn synapse(name: &str) -> Self {
        MechanismBuilder {
            placement: Placement::Synapse,
            ..MechanismBuilder::new(name)
        }
    }

    /// Makes it a gap junction: a conductance between two compartments, µS, which the voltages on both
    /// sides and states may change. Its current is `i`, nA.
    ///
    /// ```
    /// use loligo_mechanism::builder::MechanismBuilder;
    ///
    /// let gap = MechanismBuilder::new("gap")
    ///     .parameter("g", 1e-4, "uS")
    ///     .gap_junction(|x| x.get("g"))
    ///     .build()?;
    /// assert_eq!(gap.currents[0].name, "i");
    /// # Ok::<(), loligo_mechanism::builder::BuildError>(())
    /// ```
    pub fn gap_junction(
        mut self,
        conductance: impl for<'g> FnOnce(Symbols<'g>) -> Quantity<'g>,
    ) -> Self {
        let conductance = self.trace(conductance);
        self.placement = Placement::Synapse;
        self.conductance = Some(conductance);
        self.current("i", |x| {
            Quantity::new(x.graph, conductance) * (x.v() - x.v_pre())
        })
    }

    /// A number that users can set in each compartment.
    pub fn parameter(self, name: &str, default: f64, units: &str) -> Self {
        self.scoped_parameter(name, default, units, Scope::Range)
    }

    /// A number that users can set for all compartments at once.
    pub fn global_parameter(self, name: &str, default: f64, units: &str) -> Self {
        self.scoped_parameter(name, default, units, Scope::Global)
    }

    fn scoped_parameter(mut self, name: &str, default: f64, units: &str, scope: Scope) -> Self {
        self.parameters.push(Parameter {
            name: name.to_owned(),
            default,
            units: units.to_owned(),
            limits: None,
            scope,
        });
        self
    }

    /// Reads a variable of an ion: `ena`, `nai`, `nao` or `ina` of `na`.
    pub fn reads(mut self, ion: &str, variable: &str) -> Self {
        self.ion(ion).reads.push(variable.to_owned());
        self
    }

    /// A value with a name, which later functions can read and users can record.
    pub fn define(
        mut self,
        name: &str,
        units: &str,
        value: impl for<'g> FnOnce(Symbols<'g>) -> Quantity<'g>,
    ) -> Self {
        let value = self.trace(value);
        self.definitions.push(Observable {
            name: name.to_owned(),
            units: units.to_owned(),
            value,
            stepped: None,
        });
        self
    }

    /// A quantity that evolves: its value at t = 0, and its change per ms.
    pub fn state(
        mut self,
        name: &str,
        initial: impl for<'g> FnOnce(Symbols<'g>) -> Quantity<'g>,
        derivative: impl for<'g> FnOnce(Symbols<'g>) -> Quantity<'g>,
    ) -> Self {
        let initial = self.trace(initial);
        let derivative = self.trace(derivative);
        self.states.push(State {
            name: name.to_owned(),
            units: String::new(),
            initial,
            dynamics: Dynamics::Derivative(derivative),
            corrected: None,
            kept: None,
        });
        self
    }

    /// A current of no ion in particular, mA/cm² (nA of a synapse), outward positive.
    pub fn current(
        mut self,
        name: &str,
        density: impl for<'g> FnOnce(Symbols<'g>) -> Quantity<'g>,
    ) -> Self {
        let density = self.trace(density);
        self.currents.push(Current {
            name: name.to_owned(),
            ion: None,
            direction: Direction::Outward,
            density,
        });
        self
    }

    /// The current of an ion, mA/cm², outward positive: `ina` for `na`.
    pub fn ion_current(
        mut self,
        ion: &str,
        density: impl for<'g> FnOnce(Symbols<'g>) -> Quantity<'g>,
    ) -> Self {
        let density = self.trace(density);
        let name = format!("i{ion}");
        self.ion(ion).writes.push(name.clone());
        self.currents.push(Current {
            name,
            ion: Some(ion.to_owned()),
            direction: Direction::Outward,
            density,
        });
        self
    }

    /// The mechanism.
    ///
    /// # Errors
    /// A function reads a name that is not declared, a name is declared twice, or an ion has no
    /// such variable.
    pub fn build(self) -> Result<Mechanism, BuildError> {
        self.check_declarations()?;
        self.check_reads()?;
        let mut mechanism = Mechanism {
            name: self.name,
            placement: self.placement,
            parameters: self.parameters,
            states: self.states,
            ions: self.ions,
            currents: self.currents,
            conductance: self.conductance,
            observables: self.definitions,
            graph: self.graph.into_inner(),
            ..Mechanism::default()
        };
        mechanism.rewrite(removable_singularity::smooth);
        Ok(mechanism)
    }

    fn trace(&self, function: impl for<'g> FnOnce(Symbols<'g>) -> Quantity<'g>) -> Expr {
        let symbols = Symbols {
            graph: &self.graph,
            definitions: &self.definitions,
        };
        function(symbols).expr()
    }

    fn ion(&mut self, ion: &str) -> &mut IonUse {
        let known = self.ions.iter().position(|known| known.ion == ion);
        let position = known.unwrap_or_else(|| {
            self.ions.push(IonUse {
                ion: ion.to_owned(),
                reads: Vec::new(),
                writes: Vec::new(),
                valence: None,
            });
            self.ions.len() - 1
        });
        &mut self.ions[position]
    }

    fn check_declarations(&self) -> Result<(), BuildError> {
        for use_ in &self.ions {
            let ion = &use_.ion;
            let valid = [
                format!("e{ion}"),
                format!("{ion}i"),
                format!("{ion}o"),
                format!("i{ion}"),
            ];
            if let Some(name) = use_.reads.iter().find(|name| !valid.contains(name)) {
                return Err(BuildError::NoSuchIonVariable {
                    ion: ion.clone(),
                    name: name.clone(),
                });
            }
        }
        let parameters = self.parameters.iter().map(|p| &p.name);
        let states = self.states.iter().map(|s| &s.name);
        let definitions = self.definitions.iter().map(|d| &d.name);
        let currents = self.currents.iter().map(|c| &c.name);
        let mut seen: Vec<&str> = INPUTS.to_vec();
        for name in parameters.chain(states).chain(definitions).chain(currents) {
            if seen.contains(&name.as_str()) {
                return Err(BuildError::Duplicate {
                    mechanism: self.name.clone(),
                    name: name.clone(),
                });
            }
            seen.push(name);
        }
        Ok(())
    }

    fn check_reads(&self) -> Result<(), BuildError> {
        let parameters = self.parameters.iter().map(|p| p.name.as_str());
        let ions = self.ions.iter().flat_map(|ion| &ion.reads);
        let inputs = match self.placement {
            Placement::Synapse => SYNAPTIC_INPUTS,
            _ => INPUTS,
        };
        let inputs = inputs.iter().copied();
        let given: Vec<&str> = inputs
            .chain(parameters)
            .chain(ions.map(String::as_str))
            .collect();
        let states: Vec<&str> = self.states.iter().map(|s| s.name.as_str()).collect();
        let all = [&given[..], &states[..]].concat();

        for definition in &self.definitions {
            self.check(&definition.name, definition.value, &all)?;
        }
        for state in &self.states {
            // no state has a value yet when the first value of one is computed
            self.check(
                &format!("the start of {}", state.name),
                state.initial,
                &given,
            )?;
            if let Dynamics::Derivative(derivative) = state.dynamics {
                self.check(&format!("the change of {}", state.name), derivative, &all)?;
            }
        }
        for current in &self.currents {
            self.check(&current.name, current.density, &all)?;
        }
        Ok(())
    }

    fn check(&self, user: &str, expr: Expr, valid: &[&str]) -> Result<(), BuildError> {
        let graph = self.graph.borrow();
        for symbol in graph.symbols_of(&[expr]) {
            let name = graph.name(symbol);
            if !valid.contains(&name) {
                let definitions = self.definitions.iter().map(|d| d.name.as_str());
                let candidates = valid.iter().copied().chain(definitions);
                return Err(BuildError::UnknownName {
                    mechanism: self.name.clone(),
                    user: user.to_owned(),
                    name: name.to_owned(),
                    nearest: nearest(name, candidates).map(str::to_owned),
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> MechanismBuilder {
        MechanismBuilder::new("channel")
            .parameter("gbar", 0.1, "S/cm2")
            .reads("na", "ena")
    }

    #[test]
    fn formulas_are_those_of_the_same_mod_file() {
        let built = gate()
            .define("inf", "", |x| 1.0 / (1.0 + (-(x.v() + 40.0) / 5.0).exp()))
            .state("m", |x| x.get("inf"), |x| (x.get("inf") - x.get("m")) / 2.0)
            .ion_current("na", |x| {
                x.get("gbar") * x.get("m").powi(3) * (x.v() - x.get("ena"))
            })
            .build()
            .expect("is complete");
        let text = "NEURON { SUFFIX channel USEION na READ ena WRITE ina RANGE gbar }
            PARAMETER { gbar = 0.1 (S/cm2) } STATE { m }
            ASSIGNED { v (mV) ena (mV) ina (mA/cm2) inf }
            INITIAL { inf = 1/(1 + exp(-(v + 40)/5)) m = inf }
            BREAKPOINT { SOLVE s METHOD cnexp  ina = gbar*m^3*(v - ena) }
            DERIVATIVE s { inf = 1/(1 + exp(-(v + 40)/5)) m' = (inf - m)/2 }";
        let parsed = crate::nmodl::compile(text, "channel.mod").expect("compiles");
        let print = crate::report::report;
        // which METHOD steps a state is what only the text says
        let parsed = print(&parsed).replace("METHOD cnexp: ", "");
        assert_eq!(print(&built), parsed);
    }

    #[test]
    fn an_unguarded_singular_rate_becomes_smooth() {
        let built = gate()
            .define("alpha", "/ms", |x| {
                let z = x.v() + 40.0;
                0.1 * z / (1.0 - (-z / 10.0).exp())
            })
            .build()
            .expect("is complete");
        let alpha = built.observables[0].value;
        let at = |v: f64| built.graph.evaluate(&[alpha], &|_| v)[0];
        assert_eq!(at(-40.0), 1.0);
    }

    #[test]
    fn a_misspelt_name_is_named_with_what_was_meant() {
        let error = gate()
            .current("i", |x| x.get("gabr") * x.v())
            .build()
            .expect_err("gabr is unknown");
        assert_eq!(
            error.to_string(),
            "i of `channel` reads `gabr`, which is not declared before; did you mean `gbar`?"
        );
    }

    #[test]
    fn a_start_cannot_read_a_state() {
        let error = gate()
            .state("m", |x| x.get("m"), |x| -x.get("m"))
            .build()
            .expect_err("m has no value yet");
        assert!(
            error
                .to_string()
                .starts_with("the start of m of `channel` reads `m`")
        );
    }

    #[test]
    fn names_are_unique_and_ions_have_four_variables() {
        let error = gate()
            .parameter("gbar", 1.0, "")
            .build()
            .expect_err("twice");
        assert_eq!(error.to_string(), "`gbar` is declared twice in `channel`");
        let error = gate()
            .reads("k", "ena")
            .build()
            .expect_err("of another ion");
        assert_eq!(
            error.to_string(),
            "the ion `k` has no variable `ena`; it has ek, ki, ko and ik"
        );
    }
}
