//! All mechanisms of one membrane as one function: how its states step, what flows through it, and
//! how steeply that changes with voltage.
//!
//! The current is handed to the cable equation as a line, I(V) ≈ `slope`·V − `drive`: `slope` is
//! ∂I/∂V, mA/cm² per mV (that is, S/cm²), and `drive` = slope·V − I, mA/cm². For a current that is
//! linear in V the drive does not depend on V at all.

use std::collections::HashMap;

use thiserror::Error;

use crate::graph::{Expr, Graph};
use crate::mechanism::{Dynamics, Mechanism};
use crate::passes::{differentiate, linear, share_exponentials, simplify};

/// How ∂I/∂V is taken.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Slope {
    /// The derivative.
    Exact,
    /// (I(V + 0.001 mV) − I(V))/0.001 mV, as NEURON and Jaxley do.
    Secant,
}

/// The voltage step of [`Slope::Secant`], mV.
const SECANT_STEP: f64 = 1e-3;

/// Whether the membrane phase of a step is preceded by an update of the states.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Phases {
    /// Update the states, then take the currents: every step but perhaps the first.
    UpdateAndMembrane,
    /// Take the currents of the states as they are: NEURON's first step.
    MembraneOnly,
}

/// The mechanisms of a membrane, merged.
///
/// Symbols: `v`, `dt`, `t`, `celsius`, `diam`, reversal potentials and concentrations under their
/// own names, parameters and states as `mechanism.name`.
#[derive(Clone, Debug)]
pub struct Membrane {
    /// Where every expression below lives.
    pub graph: Graph,
    /// The states of all mechanisms, in order of insertion.
    pub states: Vec<MembraneState>,
    /// The currents of all mechanisms as functions of `v` and the states.
    pub currents: Vec<MembraneCurrent>,
    /// Other values that can be recorded, as functions of `v` and the states.
    pub observables: Vec<MembraneObservable>,
}

/// A state of a [`Membrane`].
#[derive(Clone, Debug)]
pub struct MembraneState {
    /// `mechanism.state`, also the name of its symbol.
    pub name: String,
    /// At t = 0 as a function of `v` and parameters.
    pub initial: Expr,
    /// After a step of `dt`.
    pub updated: Expr,
}

/// A current of a [`Membrane`], mA/cm².
#[derive(Clone, Debug)]
pub struct MembraneCurrent {
    /// Position of the mechanism in the list that was merged.
    pub mechanism: usize,
    /// Position of the current in its mechanism.
    pub current: usize,
    /// The ion that carries it, if any.
    pub ion: Option<String>,
    /// Its density.
    pub density: Expr,
    slope: Expr,
    drive: Expr,
}

/// A recordable value of a [`Membrane`].
#[derive(Clone, Debug)]
pub struct MembraneObservable {
    /// Position of the mechanism in the list that was merged.
    pub mechanism: usize,
    /// Position of the observable in its mechanism.
    pub observable: usize,
    /// Its value.
    pub value: Expr,
}

/// What one step computes at a compartment, in terms of the values before it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The states after it, in the order of [`Membrane::states`].
    pub states: Vec<Expr>,
    /// ∂I/∂V, S/cm².
    pub slope: Expr,
    /// slope·V − I, mA/cm².
    pub drive: Expr,
    /// The values that were asked for.
    pub recorded: Vec<Expr>,
}

/// Why mechanisms cannot be merged into a membrane.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum MembraneError {
    /// A state that no exact step exists for.
    #[error(
        "the equation of state `{state}` is not linear in `{state}`: only linear kinetics can be \
         stepped (METHOD cnexp)"
    )]
    NotLinear {
        /// `mechanism.state`.
        state: String,
    },
}

impl Membrane {
    /// Merges mechanisms, in the order in which their states are updated.
    ///
    /// # Errors
    /// [`MembraneError::NotLinear`] if a state's derivative is not linear in the state.
    pub fn new(mechanisms: &[&Mechanism], slope: Slope) -> Result<Self, MembraneError> {
        let mut membrane = Membrane {
            graph: Graph::new(),
            states: Vec::new(),
            currents: Vec::new(),
            observables: Vec::new(),
        };
        for (index, mechanism) in mechanisms.iter().enumerate() {
            membrane.merge(index, mechanism, slope)?;
        }
        Ok(membrane)
    }

    fn merge(
        &mut self,
        index: usize,
        mechanism: &Mechanism,
        slope: Slope,
    ) -> Result<(), MembraneError> {
        let own: Vec<&str> = mechanism
            .parameters
            .iter()
            .map(|p| p.name.as_str())
            .chain(mechanism.states.iter().map(|s| s.name.as_str()))
            .collect();
        let rename = |name: &str| {
            if own.contains(&name) {
                format!("{}.{name}", mechanism.name)
            } else {
                name.to_owned()
            }
        };
        let expressions: Vec<Expr> = mechanism.expressions().collect();
        let imported = self.graph.import(&mechanism.graph, &expressions, &rename);
        let here: HashMap<Expr, Expr> = expressions.into_iter().zip(imported).collect();

        for state in &mechanism.states {
            let name = format!("{}.{}", mechanism.name, state.name);
            let symbol = self.graph.symbol(&name);
            let updated = match state.dynamics {
                Dynamics::Update(next) => here[&next],
                Dynamics::Derivative(rate) => {
                    let rate = simplify::simplify(&mut self.graph, &[here[&rate]])[0];
                    let linear = linear::linear_in(&mut self.graph, rate, &name).ok_or(
                        MembraneError::NotLinear {
                            state: name.clone(),
                        },
                    )?;
                    linear::exact_step(&mut self.graph, symbol, linear)
                }
            };
            let updated = self.after_earlier_updates(&[updated])[0];
            self.states.push(MembraneState {
                name,
                initial: here[&state.initial],
                updated,
            });
        }
        for (position, current) in mechanism.currents.iter().enumerate() {
            let density = here[&current.density];
            let (slope, drive) = self.line(density, slope);
            self.currents.push(MembraneCurrent {
                mechanism: index,
                current: position,
                ion: current.ion.clone(),
                density,
                slope,
                drive,
            });
        }
        for (position, observable) in mechanism.observables.iter().enumerate() {
            self.observables.push(MembraneObservable {
                mechanism: index,
                observable: position,
                value: here[&observable.value],
            });
        }
        Ok(())
    }

    /// Slope and drive of a current.
    fn line(&mut self, density: Expr, slope: Slope) -> (Expr, Expr) {
        let graph = &mut self.graph;
        if let Some(line) = linear::linear_in(graph, density, "v") {
            // the secant of a line is its slope
            let drive = graph.neg(line.offset);
            return (line.slope, drive);
        }
        let v = graph.symbol("v");
        let slope = match slope {
            Slope::Exact => differentiate::derivative(graph, density, "v"),
            Slope::Secant => {
                let step = graph.constant(SECANT_STEP);
                let shifted = graph.add(v, step);
                let moved = graph.substitute(&[density], &HashMap::from([(v, shifted)]))[0];
                let change = graph.sub(moved, density);
                graph.div(change, step)
            }
        };
        let product = graph.mul(slope, v);
        (slope, graph.sub(product, density))
    }

    /// States are updated one after the other: a later one sees what an earlier one became.
    fn after_earlier_updates(&mut self, outputs: &[Expr]) -> Vec<Expr> {
        let updates = self.states.iter().map(|s| (s.name.clone(), s.updated));
        let updates: Vec<(String, Expr)> = updates.collect();
        let mut replacements = HashMap::new();
        for (name, updated) in updates {
            replacements.insert(self.graph.symbol(&name), updated);
        }
        self.graph.substitute(outputs, &replacements)
    }

    /// What a step computes; `recorded` (functions of `v` and the states, such as
    /// [`MembraneCurrent::density`]) come along.
    pub fn step(&mut self, phases: Phases, recorded: &[Expr]) -> Step {
        let slopes: Vec<Expr> = self.currents.iter().map(|c| c.slope).collect();
        let drives: Vec<Expr> = self.currents.iter().map(|c| c.drive).collect();
        let mut outputs = vec![sum(&mut self.graph, &slopes), sum(&mut self.graph, &drives)];
        outputs.extend_from_slice(recorded);
        let names: Vec<String> = self.states.iter().map(|s| s.name.clone()).collect();
        let symbols: Vec<Expr> = names.iter().map(|name| self.graph.symbol(name)).collect();
        outputs.extend_from_slice(&symbols);
        if phases == Phases::UpdateAndMembrane {
            outputs = self.after_earlier_updates(&outputs);
        }
        let outputs = simplify::simplify(&mut self.graph, &outputs);
        let outputs = share_exponentials::share_exponentials(&mut self.graph, &outputs);
        let (slope, drive) = (outputs[0], outputs[1]);
        let recorded_end = 2 + recorded.len();
        Step {
            slope,
            drive,
            recorded: outputs[2..recorded_end].to_vec(),
            states: outputs[recorded_end..].to_vec(),
        }
    }

    /// The sum of the currents that this ion carries, or of all (`None`), mA/cm².
    pub fn total_current(&mut self, ion: Option<&str>) -> Expr {
        let carried = |c: &&MembraneCurrent| ion.is_none() || c.ion.as_deref() == ion;
        let densities: Vec<Expr> = self
            .currents
            .iter()
            .filter(carried)
            .map(|c| c.density)
            .collect();
        sum(&mut self.graph, &densities)
    }
}

fn sum(graph: &mut Graph, terms: &[Expr]) -> Expr {
    let zero = graph.constant(0.0);
    terms
        .iter()
        .fold(zero, |total, term| graph.add(total, *term))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::{Current, State};

    /// A leak with a gate: i = g·n·(v − e), n′ = (1 − n)/5.
    fn gated_leak() -> Mechanism {
        let mut graph = Graph::new();
        let [v, n, g, e] = ["v", "n", "g", "e"].map(|name| graph.symbol(name));
        let drive = graph.sub(v, e);
        let open = graph.mul(g, n);
        let density = graph.mul(open, drive);
        let one = graph.constant(1.0);
        let closed = graph.sub(one, n);
        let five = graph.constant(5.0);
        let rate = graph.div(closed, five);
        let parameter = |name: &str| crate::mechanism::Parameter {
            name: name.into(),
            default: 1.0,
            units: String::new(),
            limits: None,
            scope: crate::mechanism::Scope::Range,
        };
        Mechanism {
            name: "gated".into(),
            parameters: vec![parameter("g"), parameter("e")],
            states: vec![State {
                name: "n".into(),
                units: String::new(),
                initial: one,
                dynamics: Dynamics::Derivative(rate),
            }],
            ions: Vec::new(),
            currents: vec![Current {
                name: "i".into(),
                ion: None,
                density,
            }],
            observables: Vec::new(),
            graph,
            warnings: Vec::new(),
        }
    }

    #[test]
    fn a_line_has_its_slope_and_a_drive_free_of_voltage() {
        let mechanism = gated_leak();
        for slope in [Slope::Exact, Slope::Secant] {
            let mut membrane = Membrane::new(&[&mechanism], slope).expect("linear");
            let step = membrane.step(Phases::MembraneOnly, &[]);
            let at = |name: &str| match name {
                "gated.n" => 0.5,
                "gated.g" => 3.0,
                "gated.e" => -70.0,
                other => panic!("{other} is not needed"),
            };
            let values = membrane.graph.evaluate(&[step.slope, step.drive], &at);
            assert_eq!(values, [1.5, -105.0]);
        }
    }

    #[test]
    fn currents_see_the_states_after_their_update() {
        let mechanism = gated_leak();
        let mut membrane = Membrane::new(&[&mechanism], Slope::Exact).expect("linear");
        let step = membrane.step(Phases::UpdateAndMembrane, &[]);
        let at = |name: &str| match name {
            "gated.n" => 0.5,
            "gated.g" => 3.0,
            "dt" => 5.0,
            other => panic!("{other} is not needed"),
        };
        let values = membrane.graph.evaluate(&[step.slope, step.states[0]], &at);
        let updated = 1.0 - 0.5 * (-1.0f64).exp();
        assert!((values[0] - 3.0 * updated).abs() < 1e-15);
        assert!((values[1] - updated).abs() < 1e-15);
    }
}
