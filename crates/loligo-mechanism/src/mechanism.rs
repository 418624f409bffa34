//! What a mechanism is, whichever front end it came from.

use crate::event::Receiver;
use crate::graph::{Expr, Graph};

/// A mechanism of the membrane: its parameters, states and currents.
///
/// Symbols of `graph` by name: `v` (mV), `dt` (ms), `t` (ms), `celsius` (°C), `diam` (µm), `area`
/// (µm²), each parameter and state under its own name, and of each ion what `ions` says that the
/// mechanism reads (`ena`, `nai`, `nao`, `ina`).
#[derive(Clone, Default, Debug)]
pub struct Mechanism {
    /// The name that users insert it by (NMODL: SUFFIX).
    pub name: String,
    /// Where it sits.
    pub placement: Placement,
    /// What users can set, in order of declaration.
    pub parameters: Vec<Parameter>,
    /// What evolves in time.
    pub states: Vec<State>,
    /// Numbers that it has in common with the other mechanisms of a membrane, beside those of ions.
    pub commons: Vec<Common>,
    /// Numbers that others see, too, and that it writes: those of ions (`cai`, `eca`), common ones,
    /// and [`VOLTAGE`], each under its symbol, which stands for the number before the mechanism has
    /// its turn.
    pub shared: Vec<State>,
    /// What it remembers from step to step beside its states; users neither set nor see it.
    pub memory: Vec<State>,
    /// How states are stepped together, in order. States that are in none are stepped one by one:
    /// exactly where they are linear, else by an implicit step.
    pub solves: Vec<Solve>,
    /// Symbols of random numbers between 0 and 1, both excluded: others in each step and compartment.
    pub draws: Vec<String>,
    /// The ions that it reads and writes.
    pub ions: Vec<IonUse>,
    /// What flows through the membrane, outward positive.
    pub currents: Vec<Current>,
    /// Of a gap junction its conductance, µS, as a function of the voltages on both sides and of states.
    /// It is held during a step, and the voltages that it draws together are solved for; its one current
    /// is what it makes of their difference.
    pub conductance: Option<Expr>,
    /// What events do to it, if it takes any.
    pub receiver: Option<Receiver>,
    /// The state that says when it spikes, if one does: in each step in which it is above 1/2.
    pub spikes: Option<String>,
    /// What changes shared numbers at the end of a step.
    pub fluxes: Vec<Flux>,
    /// Which of its states, or (by their symbols) of the numbers that it shares, diffuse along the cell, and how.
    pub diffusions: Vec<(String, Diffusion)>,
    /// Parameters of which INITIAL computes something that stays: it would follow them if they moved
    /// during a run.
    pub read_at_start: Vec<String>,
    /// What it takes for granted about its turn among the others.
    pub manner: Manner,
    /// Values that can be recorded besides states and currents (NMODL: RANGE ASSIGNED), evaluated
    /// with the states and the voltage of the membrane phase.
    pub observables: Vec<Observable>,
    /// Every expression above lives here.
    pub graph: Graph,
    /// What a user should know but need not mend (each points at its line).
    pub warnings: Vec<String>,
}

/// Where a mechanism sits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub enum Placement {
    /// Everywhere in a membrane; its currents are densities (NMODL: SUFFIX).
    #[default]
    Density,
    /// At a point; its currents are currents (NMODL: POINT_PROCESS).
    Point,
    /// Nowhere: it is a cell by itself, known by its events (NMODL: ARTIFICIAL_CELL).
    Cell,
    /// Between two compartments: it reads the voltage of one ([`PRESYNAPTIC`]) and its currents flow
    /// into the other.
    Synapse,
}

/// The symbol of the membrane's voltage, mV. A mechanism whose [`Mechanism::shared`] holds a state of
/// this name moves the voltage while states are stepped (integrate-and-fire cells), before the
/// currents are taken.
pub const VOLTAGE: &str = "v";

/// The symbol of the voltage of the compartment that a synapse comes from, mV; that of the
/// compartment that its current flows into is [`VOLTAGE`].
pub const PRESYNAPTIC: &str = "v_pre";

/// A number that all mechanisms of a membrane that name it have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Common {
    /// Its name, which is its symbol.
    pub name: String,
    /// Its value until it is set.
    pub default: f64,
}

/// A change of a shared number, taken implicitly together with all other fluxes of that number, and
/// after the currents: c becomes (c + Δt·(r − r′·c))/(1 − Δt·r′) for the sum r of the rates and its
/// slope r′.
#[derive(Clone, Debug)]
pub struct Flux {
    /// The symbol of the number, which is among [`Mechanism::shared`].
    pub number: String,
    /// Its rate of change, 1/ms times its units.
    pub rate: Expr,
}

/// How a concentration diffuses between neighbouring compartments that have it. Formulas are of numbers that do not
/// change during a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diffusion {
    /// Which way.
    pub course: Course,
    /// How easily: from shell to shell the diffusion constant times the cross section, µm⁴/ms, along the cable the
    /// diffusion constant, µm²/ms.
    pub conductivity: Expr,
    /// The volume that it is dissolved in, per length of the cell, µm², if that is not the whole of compartments.
    pub volume: Option<Expr>,
}

/// Which way a concentration diffuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Course {
    /// From shell to shell, by an implicit step of its own between update and currents of a step (NMODL:
    /// LONGITUDINAL_DIFFUSION).
    Shells,
    /// In the whole of compartments and through branch points, as current flows along the cable, at the end of a step
    /// and together with the fluxes of the number (Jaxley's `diffuse`).
    Cable,
}

/// What a mechanism takes for granted about its turn among the mechanisms of a membrane.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Manner {
    /// NEURON's: who writes a concentration and who reads it have their turns in that order, a
    /// current of an ion that is read along with currents is what those before it added, and
    /// reversal potentials follow from concentrations.
    #[default]
    Neuron,
    /// Jaxley's: turns come in the order of insertion, but last for those with fluxes; a current that
    /// is read is always that of the last step; a reversal potential is what some mechanism writes.
    Jaxley,
}

/// A number of a mechanism that users can set.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name, without the mechanism's.
    pub name: String,
    /// Its value until it is set, in `units`; not a number where it has none and must be set
    /// (NMODL: POINTER).
    pub default: f64,
    /// Units as declared, `""` if none.
    pub units: String,
    /// The declared limits, if any.
    pub limits: Option<(f64, f64)>,
    /// One value per compartment, or one for all.
    pub scope: Scope,
}

/// Whether each compartment has its own value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One value per compartment (NMODL: RANGE).
    Range,
    /// One value for all compartments (NMODL: GLOBAL).
    Global,
}

/// A quantity that evolves in time.
#[derive(Clone, Debug)]
pub struct State {
    /// Its name, without the mechanism's.
    pub name: String,
    /// Units as declared, `""` if none.
    pub units: String,
    /// Its value at t = 0 for the initial voltage (NMODL: INITIAL).
    pub initial: Expr,
    /// How it evolves.
    pub dynamics: Dynamics,
    /// What the mechanism makes of it right behind its step, if anything, as a function of states
    /// under the names that `after` gives them.
    pub corrected: Option<Expr>,
    /// What the membrane phase makes of it after its step, if that is not what it was.
    pub kept: Option<Expr>,
}

impl State {
    /// Its rate, or its next value.
    pub(crate) fn dynamics_value(&self) -> Expr {
        self.dynamics.expression()
    }

    fn expressions(&self) -> impl Iterator<Item = Expr> {
        let step = [self.initial, self.dynamics.expression()];
        step.into_iter().chain(self.corrected).chain(self.kept)
    }

    fn expressions_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        let (Dynamics::Derivative(step) | Dynamics::Update(step)) = &mut self.dynamics;
        let step = [&mut self.initial, step].into_iter();
        step.chain(&mut self.corrected).chain(&mut self.kept)
    }
}

/// The symbol of the voltage in what slopes of currents hold fixed.
pub(crate) const FIXED_VOLTAGE: &str = "v held";

/// The symbol of the step as what a block assigns that is solved implicitly sees it: a half one where
/// the states are solved for in the middle of the step.
pub(crate) const STEP_WITHIN: &str = "dt within";

/// The symbol of a state as rates of a linear KINETIC block see it: before the step.
pub(crate) fn before(state: &str) -> String {
    format!("{state} before")
}

/// The symbol of a state as the block that steps it sees it once it is stepped.
pub(crate) fn stepped(state: &str) -> String {
    format!("{state} stepped")
}

/// The symbol of a state as blocks behind the one that steps it see it.
pub(crate) fn after(state: &str) -> String {
    format!("{state} after")
}

/// How a state evolves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dynamics {
    /// ds/dt, 1/ms times the state's units; how it is stepped is the engine's affair.
    Derivative(Expr),
    /// The value after one step of `dt`, as the mechanism itself computes it.
    Update(Expr),
}

impl Dynamics {
    fn expression(self) -> Expr {
        let (Dynamics::Derivative(expr) | Dynamics::Update(expr)) = self;
        expr
    }
}

/// States that are stepped together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Solve {
    /// The states, by name.
    pub states: Vec<String>,
    /// How.
    pub method: Method,
    /// What the mechanism's text says of it (NMODL: `METHOD cnexp`, `PROCEDURE states`), `""` if it
    /// says nothing.
    pub wording: String,
    /// What is conserved, each in place of the equation of one of the states.
    pub conserved: Vec<Conserved>,
}

/// How states are stepped (NMODL: METHOD).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// Each exactly, if it is linear in itself (cnexp).
    Exact,
    /// Backward Euler, all together (derivimplicit, sparse).
    Implicit,
    /// Forward Euler (euler).
    Euler,
    /// The classical scheme of fourth order (runge).
    RungeKutta,
    /// As the mechanism itself computes it.
    Discrete,
}

/// A law that holds among states (NMODL: CONSERVE).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conserved {
    /// The state whose equation it replaces.
    pub state: String,
    /// What is 0 while the law holds.
    pub residual: Expr,
}

/// An ion as one mechanism sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IonUse {
    /// Its name: `na`, `k`, `ca`, …
    pub ion: String,
    /// What is read, by symbol: `ena`, `nai`, `nao`, `ina`.
    pub reads: Vec<String>,
    /// What is written, by symbol: `ina`, `cai`.
    pub writes: Vec<String>,
    /// The charge, if declared.
    pub valence: Option<i32>,
}

/// A current through the membrane.
#[derive(Clone, Debug)]
pub struct Current {
    /// Its name: `ina` for an ion's, else as declared (`il`, `i`).
    pub name: String,
    /// The ion that carries it, if any.
    pub ion: Option<String>,
    /// Which way it counts as positive.
    pub direction: Direction,
    /// mA/cm² as a function of voltage and states; nA where the mechanism sits at a point.
    pub density: Expr,
}

/// Which way a current counts as positive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub enum Direction {
    /// Out of the cell.
    #[default]
    Outward,
    /// Into the cell, as that of an electrode does (NMODL: ELECTRODE_CURRENT).
    Inward,
}

/// A named value that can be recorded.
#[derive(Clone, Debug)]
pub struct Observable {
    /// Its name, without the mechanism's.
    pub name: String,
    /// Units as declared, `""` if none.
    pub units: String,
    /// Its value.
    pub value: Expr,
    /// Where the blocks that step states leave it, so that it is of the same moment as they: its value
    /// at t = 0, and after a step as a function of what was before it.
    pub stepped: Option<(Expr, Expr)>,
}

impl Diffusion {
    pub(crate) fn expressions(&self) -> impl Iterator<Item = Expr> + use<> {
        self.volume.into_iter().chain([self.conductivity])
    }

    fn expressions_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        self.volume.iter_mut().chain([&mut self.conductivity])
    }
}

impl Observable {
    pub(crate) fn expressions(&self) -> impl Iterator<Item = Expr> + use<> {
        let stepped = self.stepped.into_iter();
        [self.value]
            .into_iter()
            .chain(stepped.flat_map(|(initial, after)| [initial, after]))
    }

    fn expressions_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        let stepped = self.stepped.iter_mut();
        [&mut self.value]
            .into_iter()
            .chain(stepped.flat_map(|(initial, after)| [initial, after]))
    }
}

impl Mechanism {
    /// Whether it says itself when it spikes: by a state, or by net_event.
    pub fn announces_spikes(&self) -> bool {
        let fires = |receiver: &Receiver| !receiver.fires.is_empty();
        self.spikes.is_some() || self.receiver.as_ref().is_some_and(fires)
    }

    /// Whether any expression reads the temperature.
    pub fn depends_on_temperature(&self) -> bool {
        let outputs: Vec<Expr> = self.expressions().collect();
        self.graph
            .find_symbol("celsius")
            .is_some_and(|s| self.graph.symbols_of(&outputs).contains(&s))
    }

    /// Every expression that the mechanism names.
    pub fn expressions(&self) -> impl Iterator<Item = Expr> + '_ {
        let states = self.states.iter().chain(&self.shared).chain(&self.memory);
        let laws = self.solves.iter().flat_map(|solve| &solve.conserved);
        let diffusions = self.diffusions.iter().map(|(_, diffusion)| diffusion);
        states
            .flat_map(State::expressions)
            .chain(laws.map(|law| law.residual))
            .chain(self.receiver.iter().flat_map(Receiver::expressions))
            .chain(self.currents.iter().map(|c| c.density))
            .chain(self.conductance)
            .chain(self.fluxes.iter().map(|f| f.rate))
            .chain(diffusions.flat_map(Diffusion::expressions))
            .chain(self.observables.iter().flat_map(Observable::expressions))
    }

    /// Replaces every expression that the mechanism names by what `pass` makes of it.
    pub fn rewrite(&mut self, pass: impl FnOnce(&mut Graph, &[Expr]) -> Vec<Expr>) {
        let before: Vec<Expr> = self.expressions().collect();
        let after = pass(&mut self.graph, &before);
        let states = self.states.iter_mut();
        let states = states.chain(&mut self.shared).chain(&mut self.memory);
        let laws = self
            .solves
            .iter_mut()
            .flat_map(|solve| &mut solve.conserved);
        let diffusions = self.diffusions.iter_mut();
        let diffusions = diffusions.map(|(_, diffusion)| diffusion);
        let slots = states
            .flat_map(State::expressions_mut)
            .chain(laws.map(|law| &mut law.residual))
            .chain(self.receiver.iter_mut().flat_map(Receiver::expressions_mut))
            .chain(self.currents.iter_mut().map(|c| &mut c.density))
            .chain(&mut self.conductance)
            .chain(self.fluxes.iter_mut().map(|f| &mut f.rate))
            .chain(diffusions.flat_map(Diffusion::expressions_mut))
            .chain(
                self.observables
                    .iter_mut()
                    .flat_map(Observable::expressions_mut),
            );
        for (slot, expr) in slots.zip(after) {
            *slot = expr;
        }
    }
}
