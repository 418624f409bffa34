//! What runs: a model lowered to flat arrays and tapes, immutable and without names.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use loligo_mechanism::mechanism::Course;
use loligo_mechanism::membrane::Phases;
use loligo_mechanism::tape::Tape;
use loligo_model::{Place, Quantity, Recorded};
use loligo_morphology::CompartmentGeometry;

use crate::code::{GroupCode, Handler, Handling};
use crate::convention::{Convention, Scheme, SpikeTimes};
use crate::diffusion::Species;
use crate::events::Network;
use crate::inputs::{Drive, Inputs};
use crate::layout::ValueLayout;
use crate::random::{Which, uniform};
use crate::sources::Fold;
use crate::tree::Tree;

/// A model, ready to run. Numbers are inputs of a run, see [`Inputs`].
#[derive(Debug)]
pub struct Program {
    pub(crate) convention: Convention,
    pub(crate) scheme: Scheme,
    pub(crate) spike_times: SpikeTimes,
    /// The phases of its steps: [`WHOLE`] or [`HALVES`].
    pub(crate) phases: &'static [Phases],
    pub(crate) layout: ValueLayout,
    pub(crate) codes: Vec<Code>,
    pub(crate) populations: Vec<Population>,
    pub(crate) geometry: Vec<CompartmentGeometry>,
    pub(crate) places: Vec<Place>,
    pub(crate) recordings: Vec<RecordingSite>,
    pub(crate) stimuli: Vec<Stimulus>,
    pub(crate) clamps: Vec<ClampSite>,
    pub(crate) defaults: Defaults,
    /// Spikes and where their events go, if there are any.
    pub(crate) events: Option<Network>,
}

/// The phases of steps in which nothing comes between the update of states and the currents.
pub(crate) const WHOLE: &[Phases] = &[Phases::MembraneOnly, Phases::UpdateAndMembrane];

/// The phases of steps in which something comes in between: diffusion in shells, events.
pub(crate) const HALVES: &[Phases] = &[Phases::MembraneOnly, Phases::Update, Phases::Membrane];

/// The model's own numbers and drives, as they were when it was lowered.
#[derive(Clone, Debug)]
pub(crate) struct Defaults {
    pub(crate) values: Vec<f64>,
    pub(crate) stimuli: Vec<Drive>,
    pub(crate) clamps: Vec<Drive>,
}

/// Cells with the same tree and the same mechanisms in the same compartments: lanes of each other.
#[derive(Debug)]
pub(crate) struct Population {
    pub(crate) tree: Tree,
    /// The first compartment of each cell in the model; of synapses the number of each among those of
    /// its mechanism.
    pub(crate) cells: Vec<usize>,
    pub(crate) groups: Vec<Group>,
    pub(crate) species: Vec<Species>,
    /// Where they are, if they are synapses; what would be a cell is one of them, and has a single
    /// node, whose voltage is that of the compartment that it is onto.
    pub(crate) junctions: Option<Junctions>,
}

/// The ends of synapses of one mechanism, in the order of [`Population::cells`].
#[derive(Debug)]
pub(crate) struct Junctions {
    /// Position of the mechanism in the model.
    pub(crate) mechanism: usize,
    /// The number of the first synapse, counted through the model behind all compartments.
    pub(crate) first: usize,
    pub(crate) pre: Vec<Site>,
    pub(crate) post: Vec<Site>,
    pub(crate) part: Part,
}

/// What part of the work of synapses a population does.
#[derive(Debug)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// All of it, of gap junctions: conductances that are solved for together with the cells.
    Gaps,
    /// What only the voltage before the synapses decides, once for each compartment that any come from,
    /// which is also the one that it is onto: see [`crate::sources`].
    Sources,
    /// The rest of it: numbers of synapses, which have no step.
    Weights(Fold),
}

impl Junctions {
    /// How they are folded, if they are what is left of synapses that are.
    pub(crate) fn fold(&self) -> Option<&Fold> {
        match &self.part {
            Part::Weights(fold) => Some(fold),
            Part::Whole | Part::Gaps | Part::Sources => None,
        }
    }
}

impl Population {
    /// The part of synapses that it is, if it is not of cells.
    pub(crate) fn part(&self) -> Option<&Part> {
        self.junctions.as_ref().map(|junctions| &junctions.part)
    }

    /// Whether it reads the voltages on both sides of synapses.
    pub(crate) fn has_sides(&self) -> bool {
        matches!(self.part(), Some(Part::Whole | Part::Gaps))
    }

    /// Whether it has a state that is stepped.
    pub(crate) fn is_stepped(&self) -> bool {
        !matches!(self.part(), Some(Part::Weights(_)))
    }
}

/// Compartments of a cell with the same set of mechanisms.
#[derive(Debug)]
pub(crate) struct Group {
    /// Position in [`Program::codes`].
    pub(crate) code: usize,
    /// Compartments, counted within the cell, in order of elimination.
    pub(crate) compartments: Vec<usize>,
}

/// The code of all groups that share a set of mechanisms, and what its symbols stand for.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) mathematics: Mutex<GroupCode>,
    /// Where the value of each state at t = 0 may be given, if it may.
    pub(crate) states: Vec<Option<Quantity>>,
    pub(crate) state_names: Vec<String>,
    /// What is played, each a state; these are the last ones.
    pub(crate) played: Vec<Quantity>,
    /// Names of the states that diffuse, and which way they do.
    pub(crate) diffusing: Vec<(String, Course)>,
    /// Numbers of ions that are states, and are what the update makes of them.
    leading: Vec<String>,
    pub(crate) invariants: Vec<String>,
    pub(crate) prologue_results: Vec<String>,
    pub(crate) sources: Vec<(String, Source)>,
    /// Symbols of random numbers, and which they are: positions of the mechanism in the model, and
    /// of the draw in it.
    pub(crate) draws: Vec<(String, (usize, usize))>,
    pub(crate) recorded: Vec<Recorded>,
    /// How its mechanisms take events.
    pub(crate) handlers: Vec<Handler>,
    tapes: Mutex<HashMap<TapeKind, Arc<Tape>>>,
}

/// Where a number that a prologue reads comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Source {
    /// A number of the model.
    Value(Quantity),
    /// The time step of the states.
    TimeStep,
    /// A random number at t = 0, by its position in [`Code::draws`].
    Draw(usize),
    /// What [`crate::geometry`] makes of the cable's numbers.
    Area,
    Capacitance,
    Axial,
    Diameter,
    Volume,
    /// The time step that linear systems are solved for.
    SolveStep,
}

/// The tapes that a code can be asked for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum TapeKind {
    Prologue,
    Initial,
    Step(Phases),
    Adjoint(Phases, Vec<String>),
    Tangent(Phases),
    AdjointTangent(Phases, Vec<String>),
    PrologueAdjoint(Vec<String>),
    InitialAdjoint(Vec<String>),
    PrologueTangent,
    InitialTangent,
    PrologueAdjointTangent(Vec<String>),
    InitialAdjointTangent(Vec<String>),
    /// A function of a handler, by its position.
    Handling(usize, Handling),
    HandlingAdjoint(usize, Handling, Vec<String>),
}

impl Code {
    pub(crate) fn new(
        code: GroupCode,
        states: Vec<Option<Quantity>>,
        sources: Vec<(String, Source)>,
        draws: Vec<(String, (usize, usize))>,
        recorded: Vec<Recorded>,
        played: Vec<Quantity>,
    ) -> Self {
        Code {
            played,
            state_names: code.states.clone(),
            diffusing: code.diffusing.clone(),
            leading: code.leading.clone(),
            invariants: code.invariants.clone(),
            prologue_results: code.prologue_results().map(str::to_owned).collect(),
            handlers: code.handlers.clone(),
            mathematics: Mutex::new(code),
            states,
            sources,
            draws,
            recorded,
            tapes: Mutex::new(HashMap::new()),
        }
    }

    /// How many states are its own, and not numbers that are played.
    pub(crate) fn own_states(&self) -> usize {
        self.states.len() - self.played.len()
    }

    /// The state that a number is while it is played, if it is.
    pub(crate) fn state_played(&self, quantity: Quantity) -> Option<usize> {
        let position = self.played.iter().position(|own| *own == quantity)?;
        Some(self.own_states() + position)
    }

    /// Whether a number of an ion is a state that is updated before the voltage is solved for.
    pub(crate) fn leads(&self, symbol: &str) -> bool {
        self.leading.iter().any(|name| name == symbol)
    }

    /// A random number, by its position in [`Code::draws`], in a compartment of the model and at a
    /// moment: see [`Which`].
    pub(crate) fn drawn(&self, seed: u64, draw: usize, compartment: usize, moment: u64) -> f64 {
        let (mechanism, draw) = self.draws[draw].1;
        let which = Which {
            compartment,
            mechanism,
            draw,
            moment,
        };
        uniform(seed, which)
    }

    /// The sources that an invariant of the step depends on.
    pub(crate) fn sources_of(&self, invariant: &str) -> Vec<String> {
        lock(&self.mathematics).sources_of(invariant)
    }

    /// A tape, compiled when it is first asked for.
    pub(crate) fn tape(&self, kind: TapeKind) -> Arc<Tape> {
        let mut tapes = lock(&self.tapes);
        if let Some(tape) = tapes.get(&kind) {
            return Arc::clone(tape);
        }
        let mut code = lock(&self.mathematics);
        let tape = Arc::new(match &kind {
            TapeKind::Prologue => code.prologue_tape(),
            TapeKind::Initial => code.initial_tape(),
            TapeKind::Step(phases) => code.step_tape(*phases),
            TapeKind::Adjoint(phases, wanted) => code.adjoint_tape(*phases, wanted),
            TapeKind::Tangent(phases) => code.tangent_tape(*phases),
            TapeKind::AdjointTangent(phases, wanted) => code.adjoint_tangent_tape(*phases, wanted),
            TapeKind::PrologueAdjoint(wanted) => code.prologue_adjoint_tape(wanted),
            TapeKind::InitialAdjoint(wanted) => code.initial_adjoint_tape(wanted),
            TapeKind::PrologueTangent => code.prologue_tangent_tape(),
            TapeKind::InitialTangent => code.initial_tangent_tape(),
            TapeKind::PrologueAdjointTangent(wanted) => code.prologue_adjoint_tangent_tape(wanted),
            TapeKind::InitialAdjointTangent(wanted) => code.initial_adjoint_tangent_tape(wanted),
            TapeKind::Handling(handler, handling) => code.handling_tape(*handler, *handling),
            TapeKind::HandlingAdjoint(handler, handling, wanted) => {
                code.handling_adjoint_tape(*handler, *handling, wanted)
            }
        });
        tapes.insert(kind, Arc::clone(&tape));
        tape
    }
}

/// A mutex whose holder panicked holds nothing half done here: tapes are inserted whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A compartment as the program finds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Site {
    pub(crate) population: usize,
    /// The cell within the population.
    pub(crate) cell: usize,
    /// The compartment within the cell.
    pub(crate) compartment: usize,
}

/// What a recording reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RecordingSite {
    pub(crate) site: Site,
    pub(crate) reads: Reads,
    /// The same of a synapse that is folded onto its source.
    pub(crate) at_source: Option<(Site, Reads)>,
}

impl RecordingSite {
    /// Where it may be read, and what: a run has one of these places.
    pub(crate) fn places(&self) -> impl Iterator<Item = (Site, Reads)> + use<> {
        [(self.site, self.reads)].into_iter().chain(self.at_source)
    }
}

/// The kinds of things that can be recorded at a site.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reads {
    Voltage,
    /// Position of the group in its population and of the state in its code.
    State {
        group: usize,
        state: usize,
    },
    /// Position of the group in its population and of the recorded value in its code.
    Value {
        group: usize,
        value: usize,
    },
    /// Position of the group, and, if electrodes are mechanisms there, that of the slope of their
    /// currents among its recorded values, which their drive and current follow.
    MembraneCurrent {
        group: usize,
        electrode: Option<usize>,
    },
    ClampCurrent {
        clamp: usize,
    },
}

impl Reads {
    /// Whether it leaves out what electrodes that are mechanisms bring in.
    pub(crate) fn leaves_out_electrodes(self) -> bool {
        matches!(
            self,
            Reads::MembraneCurrent {
                electrode: Some(_),
                ..
            }
        )
    }
}

/// What is driven through time, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stimulus {
    pub(crate) site: Site,
    pub(crate) drives: Driven,
}

/// What a stimulus drives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Driven {
    /// The current of an electrode.
    Current,
    /// The voltage, which is overwritten after each step.
    Voltage,
    /// A state, which is overwritten after the currents of each step were taken: positions of the group in
    /// its population, and of the state in its code.
    State { group: usize, state: usize },
    /// A number that mechanisms read, which is a state to the tapes: positions of the group and of that state,
    /// and what is played.
    Number {
        group: usize,
        state: usize,
        quantity: Quantity,
    },
}

impl Driven {
    /// Whether it is a number of the state that is overwritten by what it is held at.
    pub(crate) fn is_held(self) -> bool {
        matches!(self, Driven::Voltage | Driven::State { .. })
    }
}

/// A clamp at its site.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct ClampSite {
    pub(crate) site: Site,
    /// MΩ, or `None` for an ideal one.
    pub(crate) series_resistance: Option<f64>,
    pub(crate) start: f64,
    pub(crate) stop: f64,
}

impl Program {
    /// Where each number of the model is in [`Inputs::values`].
    pub fn layout(&self) -> &ValueLayout {
        &self.layout
    }

    /// How many recordings a run returns.
    pub fn recordings(&self) -> usize {
        self.recordings.len()
    }

    /// Whether states are held at given values.
    pub(crate) fn holds_states(&self) -> bool {
        let mut stimuli = self.stimuli.iter();
        stimuli.any(|stimulus| matches!(stimulus.drives, Driven::State { .. }))
    }

    /// Whether connections deliver events.
    pub(crate) fn delivers_events(&self) -> bool {
        let network = self.events.as_ref();
        network.is_some_and(|network| !network.projections.is_empty())
    }

    /// What is played: a quantity in a row of its own.
    pub(crate) fn plays(&self) -> impl Iterator<Item = (Quantity, usize)> {
        self.stimuli.iter().filter_map(|stimulus| {
            let Driven::Number { quantity, .. } = stimulus.drives else {
                return None;
            };
            let Site {
                population,
                cell,
                compartment,
            } = stimulus.site;
            Some((
                quantity,
                self.populations[population].cells[cell] + compartment,
            ))
        })
    }

    /// How many compartments the model has.
    pub fn compartments(&self) -> usize {
        self.geometry.len()
    }

    /// Inputs with the model's own numbers and drives, one lane, every step recorded.
    pub fn inputs(&self, dt: f64, steps: usize) -> Inputs {
        Inputs {
            dt,
            steps,
            lanes: 1,
            values: self.defaults.values.clone(),
            lane_values: Vec::new(),
            stimuli: self.defaults.stimuli.clone(),
            clamps: self.defaults.clamps.clone(),
            trains: BTreeMap::new(),
            seed: 0,
            record_every: 1,
            surrogate: None,
            cuts: Vec::new(),
            goes_on: false,
            keeps_end: false,
        }
    }

    /// The first compartments of all cells, ascending.
    pub(crate) fn cells(&self) -> Vec<usize> {
        let cells = self.populations.iter().filter(|p| p.junctions.is_none());
        let mut cells: Vec<usize> = cells.flat_map(|p| p.cells.iter().copied()).collect();
        cells.sort_unstable();
        cells
    }

    /// Which cell a number of the model belongs to, by its first compartment, of those that `cells`
    /// lists; or which synapse, counted behind all compartments.
    pub(crate) fn owner(&self, cells: &[usize], quantity: Quantity, row: usize) -> usize {
        let junctions = self.populations.iter().filter_map(|p| p.junctions.as_ref());
        let mut synapses = junctions.filter(|j| quantity.mechanism() == Some(j.mechanism));
        match synapses.next() {
            Some(junctions) => junctions.first + row,
            None => {
                cells[cells
                    .partition_point(|first| *first <= row)
                    .saturating_sub(1)]
            }
        }
    }

    /// All cells and synapses: see [`Program::owner`].
    pub(crate) fn owners(&self) -> Vec<usize> {
        let once = |p: &&Population| matches!(p.part(), None | Some(Part::Whole | Part::Gaps));
        let all = self.populations.iter().filter(once);
        let all = all.flat_map(|population| {
            let first = population.junctions.as_ref().map_or(0, |j| j.first);
            population.cells.iter().map(move |row| first + row)
        });
        all.collect()
    }

    /// The place of a quantity's row in messages; of a synapse, or of a connection, the compartment that it
    /// is onto.
    pub(crate) fn place_of(&self, quantity: Quantity, row: usize) -> Place {
        if quantity.is_of_connections() {
            let projections = self.events.iter().flat_map(|network| &network.projections);
            let mut theirs = projections.filter(|p| quantity.mechanism() == Some(p.mechanism));
            let site = theirs.find_map(|projection| projection.targets.get(row));
            return site.map_or(self.places[0], |site| self.place_at(site));
        }
        let joined = self.populations.iter().find_map(|population| {
            let junctions = population.junctions.as_ref()?;
            (quantity.mechanism() == Some(junctions.mechanism)).then_some((population, junctions))
        });
        let compartment = joined.and_then(|(population, junctions)| {
            let lane = population
                .cells
                .iter()
                .position(|synapse| *synapse == row)?;
            Some(self.compartment_at(&junctions.post[lane]))
        });
        self.places[compartment.unwrap_or(row)]
    }

    /// Where the user put what is at a site; of a synapse the compartment that it is onto.
    pub(crate) fn place_at(&self, site: &Site) -> Place {
        self.places[self.compartment_at(site)]
    }

    /// The compartment of the model that a site is; of a synapse the one that it is onto.
    fn compartment_at(&self, site: &Site) -> usize {
        let population = &self.populations[site.population];
        match &population.junctions {
            Some(junctions) => self.compartment_at(&junctions.post[site.cell]),
            None => population.cells[site.cell] + site.compartment,
        }
    }

    /// Whether cells are joined, or may spike for each other, so that they cannot run without meeting.
    pub(crate) fn is_coupled(&self) -> bool {
        self.events.is_some() || self.populations.iter().any(|p| p.junctions.is_some())
    }

    /// Whether states are complete only between the halves of a step.
    pub(crate) fn steps_in_halves(&self) -> bool {
        self.phases == HALVES
    }

    /// The Δt that the cable equation is solved with, for one of `dt`.
    pub(crate) fn solve_step(&self, dt: f64) -> f64 {
        match self.scheme {
            Scheme::BackwardEuler => dt,
            Scheme::CrankNicolson => dt / 2.0,
        }
    }
}
