//! All mechanisms of one membrane as one function: how its states step, what flows through it, and
//! how steeply that changes with voltage.
//!
//! The current is handed to the cable equation as a line, I(V) ≈ `slope`·V − `drive`: `slope` is
//! ∂I/∂V, mA/cm² per mV (that is, S/cm²), and `drive` = slope·V − I, mA/cm². For a current that is
//! linear in V the drive does not depend on V at all.

use std::collections::HashMap;

use thiserror::Error;

use crate::graph::{Expr, Graph};
use crate::mechanism::{Diffusion, Direction, Mechanism, VOLTAGE};
use crate::passes::{share_exponentials, simplify};

mod arrival;
mod decision;
mod ions;
mod merge;
mod operations;
mod receiving;
mod stepping;

pub use arrival::{LEFT, OnTheGrid};
pub use decision::{Decision, Update, decisions};
pub use ions::{FARADAY, GAS_CONSTANT, Reversal, Reversals, ZERO_CELSIUS, start_of, started};
pub use operations::{Costs, Operations, costs};
pub use receiving::{
    EVENT_TIME, FLAG, MembraneArgument, MembraneReceiver, argument_of, each_argument_of,
};

/// The symbol of a voltage that mechanisms moved, between the halves of a step.
const MOVED_VOLTAGE: &str = "v moved";

/// How ∂I/∂V is taken.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Slope {
    /// The derivative.
    Exact,
    /// (I(V + 0.001 mV) − I(V))/0.001 mV, as NEURON does.
    Secant,
    /// The same, with both voltages of a synapse moved together, as Jaxley does.
    SecantOfBothSides,
}

/// How far the METHOD of a mechanism decides how its states are stepped.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Stepping {
    /// States that are linear in themselves and independent of each other are stepped exactly,
    /// whatever METHOD says.
    ExactWherePossible,
    /// As METHOD says, as NEURON does.
    AsWritten,
}

/// The order in time of the steps of states that are not exact.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Order {
    /// Implicit steps are backward Euler ones; a current that accumulates is that at the voltage
    /// which the last step started from.
    First,
    /// Implicit steps go to the middle and then twice as far; a current that accumulates is that in
    /// the middle of the last step, along the line that its cable equation was solved with. NEURON's
    /// `secondorder = 2`.
    Second,
}

/// The choices in which simulators differ.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rules {
    /// How ∂I/∂V is taken.
    pub slope: Slope,
    /// How states are stepped.
    pub stepping: Stepping,
    /// Of which order in time that is.
    pub order: Order,
}

impl Rules {
    /// Loligo's own.
    pub const NATIVE: Self = Rules {
        slope: Slope::Exact,
        stepping: Stepping::ExactWherePossible,
        order: Order::First,
    };
}

/// Whether the membrane phase of a step is preceded by an update of the states.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Phases {
    /// Update the states, then take the currents: every step but perhaps the first.
    UpdateAndMembrane,
    /// Take the currents of the states as they are: NEURON's first step.
    MembraneOnly,
    /// Update the states: the first half of a step in which something happens to them before the
    /// currents are taken.
    Update,
    /// Take the currents of updated states: the second half of such a step.
    Membrane,
}

/// The mechanisms of a membrane, merged.
///
/// Symbols: `v`, `dt`, `t`, `celsius`, `diam`, reversal potentials and concentrations under their
/// own names, parameters and states as `mechanism.name`; where a concentration `cai` changes, it is a
/// state, and its number at t = 0 is the symbol that [`start_of`] names.
#[derive(Clone, Debug)]
pub struct Membrane {
    /// Where every expression below lives.
    pub graph: Graph,
    /// What evolves: numbers of ions, then states and memories of all mechanisms, in their order.
    pub states: Vec<MembraneState>,
    /// The currents of all mechanisms as functions of `v` and the states.
    pub currents: Vec<MembraneCurrent>,
    /// Other values that can be recorded, as functions of `v` and the states.
    pub observables: Vec<MembraneObservable>,
    /// Symbols of random numbers between 0 and 1, others in each step.
    pub draws: Vec<MembraneDraw>,
    /// How its mechanisms take events.
    pub receivers: Vec<MembraneReceiver>,
    /// What mechanisms make of `v` while states are stepped, as a function of what was before.
    pub voltage: Option<Expr>,
    /// Reversal potentials that follow from concentrations: symbol and value.
    reversal_potentials: HashMap<Expr, Expr>,
}

/// A state of a [`Membrane`].
#[derive(Clone, Debug)]
pub struct MembraneState {
    /// The name of its symbol: `mechanism.state`, or that of an ion's number (`cai`, `ica`).
    pub name: String,
    /// Whose it is.
    pub owner: Owner,
    /// At t = 0 as a function of `v` and parameters.
    pub initial: Expr,
    /// After a step of `dt`.
    pub updated: Expr,
    /// What the membrane phase leaves instead, as a function of `v` and of updated states.
    pub kept: Option<Expr>,
    /// What fluxes then make of it, likewise; not in a step without an update.
    pub pumped: Option<Expr>,
    /// How it diffuses to and from neighbours, if it does.
    pub diffusion: Option<Diffusion>,
    /// Where it does so along the cable, the line of what fluxes take out of it, s·c − d: s (1/ms) and
    /// d, as functions of `v` and of updated states.
    pub outflow: Option<[Expr; 2]>,
}

impl MembraneState {
    /// A state that only its update changes.
    fn new(name: String, owner: Owner, initial: Expr, updated: Expr) -> Self {
        MembraneState {
            name,
            owner,
            initial,
            updated,
            kept: None,
            pumped: None,
            diffusion: None,
            outflow: None,
        }
    }
}

/// Whose a state of a [`Membrane`] is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owner {
    /// A mechanism's: its position in the list that was merged, and the state's in it.
    Mechanism {
        /// Position of the mechanism.
        mechanism: usize,
        /// Position of the state.
        state: usize,
    },
    /// An ion's number, or a common one, shared by mechanisms.
    Ion,
    /// What a mechanism remembers; users do not see it.
    Memory,
}

/// A current of a [`Membrane`].
#[derive(Clone, Debug)]
pub struct MembraneCurrent {
    /// Position of the mechanism in the list that was merged.
    pub mechanism: usize,
    /// Position of the current in its mechanism.
    pub current: usize,
    /// The ion that carries it, if any.
    pub ion: Option<String>,
    /// As the mechanism counts it: mA/cm², or nA if it sits at a point.
    pub value: Expr,
    /// Which way the mechanism counts it: inward, it is an electrode's, and not the membrane's own.
    pub direction: Direction,
    /// Per area of the membrane, mA/cm², outward positive.
    pub density: Expr,
    slope: Expr,
    drive: Expr,
}

/// A random number of a [`Membrane`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MembraneDraw {
    /// Its symbol.
    pub symbol: String,
    /// Position of the mechanism in the list that was merged.
    pub mechanism: usize,
    /// Position among the mechanism's draws.
    pub draw: usize,
}

/// A recordable value of a [`Membrane`].
#[derive(Clone, Debug)]
pub struct MembraneObservable {
    /// Position of the mechanism in the list that was merged.
    pub mechanism: usize,
    /// Position of the observable in its mechanism.
    pub observable: usize,
    /// Its value in the membrane phase.
    pub value: Expr,
    /// Where the update of states leaves it: at t = 0, and after a step.
    pub stepped: Option<(Expr, Expr)>,
}

/// What one step computes at a compartment, in terms of the values before it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The states after it, in the order of [`Membrane::states`]; of those that diffuse along the cable
    /// what they are before that.
    pub states: Vec<Expr>,
    /// For each of these, in order, its [`MembraneState::outflow`], unless the step leaves them alone.
    pub outflows: Vec<[Expr; 2]>,
    /// The voltage at which the currents were taken, mV: `v`, unless a mechanism moved it.
    pub voltage: Expr,
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
    /// An ion whose charge nothing says, though its reversal potential follows from it.
    #[error(
        "the charge of the ion `{ion}` is not known, and its reversal potential follows from its \
         concentrations: declare it (USEION {ion} … VALENCE 1)"
    )]
    UnknownCharge {
        /// The ion.
        ion: String,
    },
    /// Two mechanisms that disagree about an ion.
    #[error("the ion `{ion}` has the charge {first} in one mechanism and {second} in another")]
    Charges {
        /// The ion.
        ion: String,
        /// One charge.
        first: i32,
        /// The other.
        second: i32,
    },
    /// Two mechanisms that let one number diffuse.
    #[error("two mechanisms let `{number}` diffuse (LONGITUDINAL_DIFFUSION); one of them must do")]
    Diffusions {
        /// The symbol of the number.
        number: String,
    },
}

impl Membrane {
    /// Merges mechanisms, in the order in which their states are updated.
    ///
    /// # Errors
    /// [`MembraneError`] if mechanisms disagree about an ion, or do not say what they need of it.
    pub fn new(mechanisms: &[&Mechanism], rules: Rules) -> Result<Self, MembraneError> {
        Membrane::with_reversals(mechanisms, rules, &Reversals::new())
    }

    /// The same, with the reversal potentials of ions as they were chosen by hand.
    ///
    /// # Errors
    /// As for [`Membrane::new`].
    pub fn with_reversals(
        mechanisms: &[&Mechanism],
        rules: Rules,
        reversals: &Reversals,
    ) -> Result<Self, MembraneError> {
        merge::merge(mechanisms, rules, reversals)
    }

    /// Functions of states, where the states are what their update makes of them.
    fn after_update(&mut self, outputs: &[Expr]) -> Vec<Expr> {
        let graph = &mut self.graph;
        let states = self.states.iter();
        let mut updates: HashMap<Expr, Expr> =
            states.map(|s| (graph.symbol(&s.name), s.updated)).collect();
        let moved = self.voltage.map(|moved| (graph.symbol(VOLTAGE), moved));
        updates.extend(moved);
        graph.substitute(outputs, &updates)
    }

    /// What a step computes; `recorded` (functions of `v` and the states, such as
    /// [`MembraneCurrent::density`]) come along.
    pub fn step(&mut self, phases: Phases, recorded: &[Expr]) -> Step {
        let outputs = self.outputs(phases, recorded);
        let outputs = simplify::simplify(&mut self.graph, &outputs);
        let outputs = share_exponentials::share_exponentials(&mut self.graph, &outputs);
        let (slope, drive, voltage) = (outputs[0], outputs[1], outputs[2]);
        let recorded_end = 3 + recorded.len();
        let states_end = recorded_end + self.states.len();
        let outflows = outputs[states_end..].chunks_exact(2);
        Step {
            slope,
            drive,
            voltage,
            recorded: outputs[3..recorded_end].to_vec(),
            states: outputs[recorded_end..states_end].to_vec(),
            outflows: outflows.map(|line| [line[0], line[1]]).collect(),
        }
    }

    /// What a step computes, as it is written: slope, drive, voltage, what is recorded, states, outflows.
    fn outputs(&mut self, phases: Phases, recorded: &[Expr]) -> Vec<Expr> {
        let [slope, drive] = self.line();
        let mut outputs = vec![slope, drive, self.graph.symbol(VOLTAGE)];
        outputs.extend_from_slice(recorded);
        for state in &self.states {
            let pumped = state.pumped.filter(|_| phases != Phases::MembraneOnly);
            let left = pumped.or(state.kept).filter(|_| phases != Phases::Update);
            outputs.push(left.unwrap_or_else(|| self.graph.symbol(&state.name)));
        }
        if matches!(phases, Phases::UpdateAndMembrane | Phases::Membrane) {
            outputs.extend(
                self.states
                    .iter()
                    .filter_map(|state| state.outflow)
                    .flatten(),
            );
        }
        match phases {
            Phases::UpdateAndMembrane | Phases::Update => self.after_update(&outputs),
            Phases::Membrane if self.voltage.is_some() => {
                let [v, moved] = [VOLTAGE, MOVED_VOLTAGE].map(|name| self.graph.symbol(name));
                self.graph
                    .substitute(&outputs, &HashMap::from([(v, moved)]))
            }
            Phases::MembraneOnly | Phases::Membrane => outputs,
        }
    }

    /// Lets the currents of a step in two halves ([`Phases::Update`] and [`Phases::Membrane`]) find the voltage
    /// that mechanisms moved in the first one, which is kept as a state.
    pub fn step_in_halves(&mut self) {
        if let Some(moved) = self.voltage {
            let v = self.graph.symbol(VOLTAGE);
            self.follow(MOVED_VOLTAGE, (v, moved));
        }
    }

    /// Keeps a value that the update of states leaves as a state, so that it is found as they are; the
    /// name is that of its symbol.
    pub fn follow(&mut self, name: &str, (initial, updated): (Expr, Expr)) {
        let state = MembraneState::new(name.to_owned(), Owner::Memory, initial, updated);
        self.states.push(state);
    }

    /// The same of a value of the membrane phase, a function of `v` and of updated states.
    pub fn leave(&mut self, name: &str, value: Expr) {
        let [initial, itself] = [self.graph.constant(0.0), self.graph.symbol(name)];
        let mut state = MembraneState::new(name.to_owned(), Owner::Memory, initial, itself);
        state.kept = Some(value);
        self.states.push(state);
    }

    /// Slope and drive of all currents together, as functions of `v` and of updated states.
    pub fn line(&mut self) -> [Expr; 2] {
        let slopes: Vec<Expr> = self.currents.iter().map(|c| c.slope).collect();
        let drives: Vec<Expr> = self.currents.iter().map(|c| c.drive).collect();
        [slopes, drives].map(|terms| sum(&mut self.graph, &terms))
    }

    /// A concentration or reversal potential of an ion, or a common number, as a function of `v` and
    /// of updated states.
    pub fn shared_number(&mut self, symbol: &str) -> Expr {
        let state = self.states.iter().find(|state| state.name == symbol);
        if let Some(kept) = state.and_then(|state| state.pumped.or(state.kept)) {
            return kept;
        }
        let symbol = self.graph.symbol(symbol);
        let follows = self.reversal_potentials.get(&symbol).copied();
        follows.unwrap_or(symbol)
    }

    /// What electrodes that are mechanisms bring in, as a line: slope (S/cm²) and drive (mA/cm²), both
    /// outward positive, and the current itself, mA/cm², inward positive. `None` if there are none.
    pub fn electrode_line(&mut self) -> Option<[Expr; 3]> {
        let electrodes = self.currents.iter();
        let electrodes = electrodes.filter(|current| current.direction == Direction::Inward);
        let parts = electrodes.map(|current| [current.slope, current.drive, current.density]);
        let parts: Vec<[Expr; 3]> = parts.collect();
        let graph = &mut self.graph;
        let mut total = |part: usize| {
            let terms: Vec<Expr> = parts.iter().map(|parts| parts[part]).collect();
            sum(graph, &terms)
        };
        let [slope, drive, outward] = [0, 1, 2].map(&mut total);
        let inward = self.graph.neg(outward);
        (!parts.is_empty()).then_some([slope, drive, inward])
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
    use crate::mechanism::{
        Common, Current, Direction, Dynamics, Flux, Manner, Method, Solve, State,
    };

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
                corrected: None,
                kept: None,
            }],
            currents: vec![Current {
                name: "i".into(),
                ion: None,
                direction: Direction::Outward,
                density,
            }],
            graph,
            ..Mechanism::default()
        }
    }

    #[test]
    fn a_line_has_its_slope_and_a_drive_free_of_voltage() {
        let mechanism = gated_leak();
        for slope in [Slope::Exact, Slope::Secant] {
            let rules = Rules {
                slope,
                ..Rules::NATIVE
            };
            let mut membrane = Membrane::new(&[&mechanism], rules).expect("linear");
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

    /// A number c that all pumps share, pumped out at the rate `factor`·c, and a voltage that is
    /// moved to half of what it was.
    fn pump(name: &str, factor: f64) -> Mechanism {
        let mut graph = Graph::new();
        let [c, v] = ["c", "v"].map(|name| graph.symbol(name));
        let start = graph.symbol(&start_of("c"));
        let [out, half] = [-factor, 0.5].map(|value| graph.constant(value));
        let rate = graph.mul(out, c);
        let moved = graph.mul(half, v);
        let shared = |name: &str, initial, next| State {
            name: name.into(),
            units: String::new(),
            initial,
            dynamics: Dynamics::Update(next),
            corrected: None,
            kept: None,
        };
        Mechanism {
            name: name.into(),
            commons: vec![Common {
                name: "c".into(),
                default: 1.0,
            }],
            shared: vec![shared("c", start, c), shared("v", v, moved)],
            solves: vec![Solve {
                states: vec!["c".into(), "v".into()],
                method: Method::Discrete,
                wording: String::new(),
                conserved: Vec::new(),
            }],
            fluxes: vec![Flux {
                number: "c".into(),
                rate,
            }],
            manner: Manner::Jaxley,
            graph,
            ..Mechanism::default()
        }
    }

    #[test]
    fn fluxes_of_a_number_are_taken_together_and_implicitly() {
        let pumps = [pump("one", 3.0), pump("two", 1.0)];
        let pumps = [&pumps[0], &pumps[1]];
        let mut membrane = Membrane::new(&pumps, Rules::NATIVE).expect("shares");
        let at = |name: &str| match name {
            "c" => 2.0,
            "dt" => 0.5,
            other => panic!("{other} is not needed"),
        };
        let step = membrane.step(Phases::UpdateAndMembrane, &[]);
        assert_eq!(membrane.states.len(), 1);
        // c/(1 + Δt·(3 + 1))
        assert_eq!(membrane.graph.evaluate(&step.states, &at), [2.0 / 3.0]);
        let still = membrane.step(Phases::MembraneOnly, &[]);
        assert_eq!(membrane.graph.evaluate(&still.states, &at), [2.0]);
    }

    #[test]
    fn a_voltage_that_is_moved_is_that_of_the_currents() {
        let mechanisms = [pump("mover", 0.0), gated_leak()];
        let mechanisms = [&mechanisms[0], &mechanisms[1]];
        let mut membrane = Membrane::new(&mechanisms, Rules::NATIVE).expect("linear");
        let density = membrane.currents[0].density;
        let step = membrane.step(Phases::UpdateAndMembrane, &[density]);
        let at = |name: &str| match name {
            "v" => -60.0,
            "gated.n" => 1.0,
            "gated.g" => 2.0,
            "gated.e" => -70.0,
            "dt" => 0.5,
            other => panic!("{other} is not needed"),
        };
        let found = membrane
            .graph
            .evaluate(&[step.voltage, step.recorded[0]], &at);
        // the gate, which is open already, stays open
        assert_eq!(found, [-30.0, 80.0]);
    }

    #[test]
    fn currents_see_the_states_after_their_update() {
        let mechanism = gated_leak();
        let mut membrane = Membrane::new(&[&mechanism], Rules::NATIVE).expect("linear");
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
