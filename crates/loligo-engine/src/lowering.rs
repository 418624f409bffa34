//! From a model to a program: cells become populations, sets of mechanisms become codes.

mod events;
mod folding;
mod synapses;

use std::collections::{BTreeSet, HashMap};

use loligo_mechanism::Mechanism;
use loligo_mechanism::graph::Expr;
use loligo_mechanism::mechanism::{Course, VOLTAGE};
use loligo_mechanism::membrane::{Membrane, MembraneError, Owner, Phases, start_of, started};
use loligo_model::{Insertion, IonValue, Model, Quantity, Recorded, Recording};
use thiserror::Error;

use crate::carried;
use crate::code::{self, CURRENT, GroupCode, conductivity_of};
use crate::convention::{Choices, Convention, Scheme, SpikeTimes};
use crate::diffusion::species;
use crate::inputs::Drive;
use crate::layout::ValueLayout;
use crate::program::{
    ClampSite, Code, Defaults, Driven, Group, HALVES, Population, Program, Reads, RecordingSite,
    Site, Source, Stimulus, WHOLE,
};
use crate::tree::Tree;

/// Why a model cannot be lowered.
#[derive(Debug, Error, PartialEq)]
pub enum LoweringError {
    /// There is nothing to simulate.
    #[error("the model has no compartments")]
    Empty,
    /// A mechanism that the engine cannot step.
    #[error("mechanism `{mechanism}`: {source}")]
    Membrane {
        /// The mechanism, or the mechanisms of the compartment.
        mechanism: String,
        /// Why.
        source: MembraneError,
    },
    /// A mechanism reads something that the engine does not provide.
    #[error(
        "mechanism `{mechanism}` reads `{symbol}`, which is none of its parameters or states and \
         nothing that the simulator provides (v, t, celsius, dt, diam, area, radius, length, Ra, cm, or \
         an ion's e, i, o)"
    )]
    UnknownSymbol {
        /// The mechanisms of the compartment.
        mechanism: String,
        /// What is read.
        symbol: String,
    },
    /// A mechanism that takes or sends events in a way that is not supported.
    #[error(
        "mechanism `{mechanism}` is told of events, and uses {construct}, which is not supported yet"
    )]
    Events {
        /// The mechanism.
        mechanism: String,
        /// What of NMODL it uses.
        construct: &'static str,
    },
    /// Events that cannot act from their own time on.
    #[error(
        "`{mechanism}` takes events on the grid of steps only, since it {reason}; with interpolated spike \
         times events may add to states that decay linearly, and no more"
    )]
    OnTheGrid {
        /// The mechanism.
        mechanism: String,
        /// What it does with an event.
        reason: String,
    },
    /// A number that must be set and was not.
    #[error(
        "`{name}` in {place} has no value: it is a POINTER, which has no default; set it to a number"
    )]
    Unset {
        /// The parameter.
        name: String,
        /// Where.
        place: String,
    },
    /// A mechanism that moves the voltage itself, under a scheme that has no place for it.
    #[error(
        "mechanism `{mechanism}` moves the voltage while states are stepped, which Crank-Nicolson \
         cannot extrapolate; use backward Euler"
    )]
    MovesVoltage {
        /// The mechanism.
        mechanism: String,
    },
    /// A synapse reads what only a membrane has.
    #[error(
        "the synapse `{mechanism}` reads `{symbol}`, which is none of its parameters or states and \
         nothing that a synapse has (v, v_pre, t, celsius, dt)"
    )]
    UnknownSymbolOfSynapse {
        /// The mechanism.
        mechanism: String,
        /// What is read.
        symbol: String,
    },
    /// A synapse whose states at t = 0 follow from the voltage.
    #[error(
        "the states of the synapse `{mechanism}` at t = 0 depend on `{symbol}`; a synapse starts from \
         numbers: give it a state that is set"
    )]
    SynapseStartsFromVoltage {
        /// The mechanism.
        mechanism: String,
        /// The symbol of the voltage.
        symbol: String,
    },
    /// A recording reads a mechanism that its compartment lacks.
    #[error("recording `{name}` reads a mechanism that is not in its compartment ({place})")]
    NothingToRecord {
        /// Of the recording.
        name: String,
        /// Where.
        place: String,
    },
    /// A number that cannot be played.
    #[error("`{name}` of {place} cannot be played: {reason}")]
    NothingToPlay {
        /// What was to be played.
        name: String,
        /// Where.
        place: String,
        /// Why not.
        reason: WhyNotPlayed,
    },
    /// Something that cannot be held at given values.
    #[error(
        "`{name}` of {place} cannot be held: it is no state there, or runs do not follow Jaxley's convention"
    )]
    NothingToHold {
        /// What was to be held.
        name: String,
        /// Where.
        place: String,
    },
}

/// Why a number cannot be played, though it is one of a mechanism or an ion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WhyNotPlayed {
    /// It moves by itself.
    #[error("mechanisms there move it themselves")]
    Moves,
    /// A reversal potential that is that of the concentrations.
    #[error("it follows the concentrations there; choose set_reversal(ion, \"given\") first")]
    Follows,
    /// How easily something diffuses is found once for a run.
    #[error("it decides how easily a concentration diffuses, which is found once for a run")]
    Diffuses,
    /// What INITIAL makes of it would move with it, which in NEURON stays.
    #[error("the mechanism's INITIAL computes something from it, once for a run")]
    ReadAtStart,
    /// Gap junctions are in a matrix of their own.
    #[error("it belongs to a gap junction")]
    GapJunction,
}

/// Lowers a model, with spikes on the grid of steps.
///
/// # Errors
/// [`LoweringError`] names the mechanism, symbol or recording that cannot be lowered.
pub fn lower(
    model: &Model,
    scheme: Scheme,
    convention: Convention,
) -> Result<Program, LoweringError> {
    let choices = Choices {
        scheme,
        convention,
        ..Choices::default()
    };
    lower_with(model, choices)
}

/// Lowers a model.
///
/// # Errors
/// As for [`lower`]; events that cannot act from their own time on, if spikes are interpolated.
pub fn lower_with(model: &Model, choices: Choices) -> Result<Program, LoweringError> {
    lower_holding(model, choices, &[])
}

/// Lowers a model of which runs hold numbers of the state at given values. These values are those of further
/// stimuli, behind the model's own.
///
/// # Errors
/// As for [`lower_with`]; something that is no state, or a convention other than Jaxley's, in which a state
/// that is recorded is not the one that a step leaves.
pub fn lower_holding(
    model: &Model,
    choices: Choices,
    held: &[Recording],
) -> Result<Program, LoweringError> {
    let shape = model.shape();
    if shape.compartments.is_empty() {
        return Err(LoweringError::Empty);
    }
    check_insertions(model)?;
    let sets = MechanismSets::of(model);
    let diffuses = |insertion: &Insertion| {
        let mut diffusions = insertion.mechanism.diffusions.iter();
        diffusions.any(|diffusion| matches!(diffusion.course, Course::Shell { .. }))
    };
    let told = events::is_told;
    let parted = |insertion: &Insertion| diffuses(insertion) || told(insertion);
    let mut sources = model.spike_sources().iter();
    let announced = sources.any(|source| events::is_announced_by_a_state(model, source));
    // what is played changes between the update of states and the currents
    let changes = announced || !model.plays().is_empty();
    let phases = match changes || model.insertions().iter().any(parted) {
        true => HALVES,
        false => WHOLE,
    };
    let mut codes = sets.codes(model, choices, phases)?;
    let (mut populations, population_of) = populations(model, &sets, &codes);
    let site = |compartment: usize| {
        let cell = shape.cell_of(compartment);
        let (population, position) = population_of[cell];
        let compartment = compartment - shape.cells[cell].compartments.start;
        Site {
            population,
            cell: position,
            compartment,
        }
    };
    let synapses = synapses::Synapses {
        model,
        choices,
        phases,
        site: &site,
    };
    synapses.add_to(&mut codes, &mut populations)?;
    let recordings = model
        .recordings()
        .iter()
        .map(|recording| {
            let site = match model.is_of_synapse(recording.what) {
                true => synapses::site(
                    &populations,
                    recording.what.mechanism(),
                    recording.compartment,
                ),
                false => site(recording.compartment),
            };
            let population = &populations[site.population];
            reads(model, population, &codes, site.compartment, recording.what)
                .map(|reads| RecordingSite {
                    site,
                    reads,
                    at_source: synapses::at_source(model, &populations, &codes, recording),
                })
                .ok_or_else(|| LoweringError::NothingToRecord {
                    name: recording.name.clone(),
                    place: shape
                        .place(model.compartment_recorded(recording))
                        .to_string(),
                })
        })
        .collect::<Result<_, _>>()?;
    let held = held
        .iter()
        .map(|held| {
            let site = match model.is_of_synapse(held.what) {
                true => synapses::site(&populations, held.what.mechanism(), held.compartment),
                false => site(held.compartment),
            };
            let drives = driven(
                model,
                &populations[site.population],
                &codes,
                &site,
                held.what,
            );
            let drives = drives.filter(|_| choices.convention == Convention::Jaxley);
            drives
                .map(|drives| Stimulus { site, drives })
                .ok_or_else(|| LoweringError::NothingToHold {
                    name: held.name.clone(),
                    place: shape.place(model.compartment_recorded(held)).to_string(),
                })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let played = model.plays().iter().map(|play| {
        let mechanism = play.quantity.mechanism();
        let is_synaptic = mechanism.is_some_and(|m| model.insertions()[m].is_synaptic());
        let site = match is_synaptic {
            true => synapses::site(&populations, mechanism, play.row),
            false => site(play.row),
        };
        let drives = number_played(&populations[site.population], &codes, &site, play.quantity);
        Stimulus { site, drives }
    });
    let played: Vec<Stimulus> = played.collect();
    let silence = vec![Drive::Samples(Vec::new()); held.len()];
    let events = events::network(model, &populations, &site);
    let carried = carried::name_the_rest(&mut codes, &populations);
    let layout = ValueLayout::new(model, &carried);
    let waveform = |w: &loligo_model::Waveform| Drive::Waveform(w.clone());
    Ok(Program {
        scheme: choices.scheme,
        convention: choices.convention,
        spike_times: choices.spike_times,
        phases,
        defaults: Defaults {
            values: layout.values(model),
            stimuli: model
                .stimuli()
                .iter()
                .map(|s| waveform(&s.waveform))
                .chain(model.plays().iter().map(|play| waveform(&play.waveform)))
                .chain(silence)
                .collect(),
            clamps: model.clamps().iter().map(|c| waveform(&c.target)).collect(),
        },
        layout,
        codes,
        geometry: shape.compartments.clone(),
        places: (0..shape.compartments.len())
            .map(|c| shape.place(c))
            .collect(),
        recordings,
        stimuli: model
            .stimuli()
            .iter()
            .map(|s| Stimulus {
                site: site(s.compartment),
                drives: Driven::Current,
            })
            .chain(played)
            .chain(held)
            .collect(),
        clamps: model
            .clamps()
            .iter()
            .map(|clamp| ClampSite {
                site: site(clamp.compartment),
                series_resistance: clamp.series_resistance,
                start: clamp.window.start,
                stop: clamp.window.start + clamp.window.duration,
            })
            .collect(),
        populations,
        events,
    })
}

/// That mechanisms ask for nothing that is not there.
fn check_insertions(model: &Model) -> Result<(), LoweringError> {
    for (position, insertion) in model.insertions().iter().enumerate() {
        let mechanism = &insertion.mechanism;
        if events::is_told(insertion) {
            events::check(mechanism)?;
        }
        for (parameter, declared) in mechanism.parameters.iter().enumerate() {
            if !declared.default.is_nan() {
                continue;
            }
            let quantity = Quantity::Parameter {
                mechanism: position,
                parameter,
            };
            let present = insertion.present.iter().enumerate();
            let mut present = present.filter(|(_, present)| **present);
            let unset = present.find(|(compartment, _)| {
                let value = model.values().value(quantity, *compartment);
                value.is_none_or(f64::is_nan)
            });
            if let Some((compartment, _)) = unset {
                return Err(LoweringError::Unset {
                    name: model.quantity_name(quantity),
                    place: model.shape().place(compartment).to_string(),
                });
            }
        }
    }
    Ok(())
}

/// What the tapes of a compartment are made of.
#[derive(Clone, PartialEq)]
struct MechanismSet {
    /// Mechanisms by their position in the model.
    mechanisms: Vec<usize>,
    /// Those of their numbers that are played.
    played: Vec<Quantity>,
}

/// Which set of mechanisms each compartment has.
struct MechanismSets {
    sets: Vec<MechanismSet>,
    /// For each compartment of the model its set.
    of: Vec<usize>,
}

impl MechanismSets {
    fn of(model: &Model) -> Self {
        let mut sets: Vec<MechanismSet> = Vec::new();
        let mut played: HashMap<usize, Vec<Quantity>> = HashMap::new();
        for play in model.plays() {
            let mechanism = play.quantity.mechanism();
            if mechanism.is_none_or(|m| !model.insertions()[m].is_synaptic()) {
                played.entry(play.row).or_default().push(play.quantity);
            }
        }
        let of = (0..model.shape().compartments.len())
            .map(|compartment| {
                let present = |i: &usize| model.insertions()[*i].present[compartment];
                let mut played = played.get(&compartment).cloned().unwrap_or_default();
                played.sort_unstable();
                let set = MechanismSet {
                    mechanisms: (0..model.insertions().len()).filter(present).collect(),
                    played,
                };
                sets.iter().position(|s| *s == set).unwrap_or_else(|| {
                    sets.push(set);
                    sets.len() - 1
                })
            })
            .collect();
        MechanismSets { sets, of }
    }

    fn codes(
        &self,
        model: &Model,
        choices: Choices,
        phases: &[Phases],
    ) -> Result<Vec<Code>, LoweringError> {
        let mut recorded: Vec<BTreeSet<Recorded>> = vec![BTreeSet::new(); self.sets.len()];
        for recording in model.recordings() {
            if is_computed(recording.what) && !model.is_of_synapse(recording.what) {
                recorded[self.of[recording.compartment]].insert(recording.what);
            }
        }
        self.sets
            .iter()
            .zip(recorded)
            .map(|(set, recorded)| {
                let recorded = recorded.into_iter().collect();
                let merged = merged(model, set, recorded, choices, phases)?;
                merged.code(model, phases, GroupCode::new)
            })
            .collect()
    }
}

/// Whether recording it takes an expression of its own.
fn is_computed(what: Recorded) -> bool {
    matches!(
        what,
        Recorded::State { .. }
            | Recorded::Current { .. }
            | Recorded::IonCurrent { .. }
            | Recorded::IonNumber { .. }
            | Recorded::CommonNumber { .. }
            | Recorded::Observable { .. }
            | Recorded::MembraneCurrent
    )
}

/// Mechanisms merged into a membrane.
#[derive(Clone)]
struct Merged {
    /// Their positions in the model, in the order of their turn.
    set: Vec<usize>,
    names: String,
    membrane: Membrane,
    /// What is recorded, and its value.
    recorded: (Vec<Recorded>, Vec<Expr>),
    played: Vec<Quantity>,
}

fn merged(
    model: &Model,
    set: &MechanismSet,
    recorded: Vec<Recorded>,
    choices: Choices,
    phases: &[Phases],
) -> Result<Merged, LoweringError> {
    let Choices {
        scheme,
        convention,
        spike_times,
    } = choices;
    let MechanismSet {
        mechanisms: set,
        played,
    } = set;
    let set = &convention.order(set, |i| model.insertions()[i].mechanism.as_ref());
    let mechanisms: Vec<&Mechanism> = set
        .iter()
        .map(|&i| model.insertions()[i].mechanism.as_ref())
        .collect();
    let mover = mechanisms
        .iter()
        .find(|mechanism| mechanism.shared.iter().any(|state| state.name == VOLTAGE));
    if let (Some(mover), Scheme::CrankNicolson) = (mover, scheme) {
        return Err(LoweringError::MovesVoltage {
            mechanism: mover.name.clone(),
        });
    }
    let names = mechanisms
        .iter()
        .map(|m| m.name.as_str())
        .collect::<Vec<_>>()
        .join(" + ");
    let chosen = model.ions().iter();
    let chosen = chosen.map(|ion| (ion.name.clone(), ion.reversal)).collect();
    let membrane = Membrane::with_reversals(&mechanisms, convention.rules(scheme), &chosen);
    let mut membrane = membrane.map_err(|source| LoweringError::Membrane {
        mechanism: names.clone(),
        source,
    })?;
    if phases == HALVES {
        membrane.step_in_halves();
    }
    membrane.receivers.retain(|receiver| {
        let insertion = &model.insertions()[set[receiver.mechanism]];
        events::is_told(insertion)
    });
    if spike_times == SpikeTimes::Interpolated {
        let placed = membrane.take_events_between_steps();
        placed.map_err(|late| LoweringError::OnTheGrid {
            mechanism: mechanisms[late.mechanism].name.clone(),
            reason: late.reason,
        })?;
    }
    // what this set of mechanisms does not have is refused when a recording asks for it
    let mut kept = Vec::new();
    let mut values = Vec::new();
    for what in recorded {
        if let Some((symbol, stepped)) = stepped(model, set, &membrane, what) {
            membrane.follow(&symbol, stepped);
            continue;
        }
        if what == Recorded::MembraneCurrent {
            let line = electrode_line(&mut membrane);
            kept.extend(line.iter().map(|_| what));
            values.extend(line);
        } else if let Some(value) = expression(model, set, &mut membrane, what) {
            kept.push(what);
            values.push(value);
        }
    }
    for &quantity in played {
        let symbol = symbol_of(model, quantity);
        let itself = membrane.graph.symbol(&symbol);
        let moves = membrane.states.iter().any(|state| state.name == symbol);
        let reason = if moves {
            Some(WhyNotPlayed::Moves)
        } else if is_read_at_start(model, quantity) {
            Some(WhyNotPlayed::ReadAtStart)
        } else {
            (membrane.shared_number(&symbol) != itself).then_some(WhyNotPlayed::Follows)
        };
        if let Some(reason) = reason {
            return Err(not_played(model, quantity, reason));
        }
        // what states start from is what is played at t = 0
        let start = membrane.graph.symbol(&start_of(&symbol));
        membrane.follow(&symbol, (itself, itself));
        let there = HashMap::from([(itself, start)]);
        let initial: Vec<Expr> = membrane.states.iter().map(|s| s.initial).collect();
        let initial = membrane.graph.substitute(&initial, &there);
        for (state, initial) in membrane.states.iter_mut().zip(initial) {
            state.initial = initial;
        }
    }
    Ok(Merged {
        set: set.clone(),
        names,
        membrane,
        recorded: (kept, values),
        played: played.clone(),
    })
}

/// Whether a mechanism computes something from a parameter of its own, once for a run.
fn is_read_at_start(model: &Model, quantity: Quantity) -> bool {
    let Quantity::Parameter {
        mechanism,
        parameter,
    } = quantity
    else {
        return false;
    };
    let mechanism = &model.insertions()[mechanism].mechanism;
    let name = &mechanism.parameters[parameter].name;
    mechanism.read_at_start.contains(name)
}

/// That a quantity cannot be played where it is played first.
fn not_played(model: &Model, quantity: Quantity, reason: WhyNotPlayed) -> LoweringError {
    let mut plays = model.plays().iter();
    let play = plays.find(|play| play.quantity == quantity);
    let place = play.map(|play| model.place_of(play.quantity, play.row));
    LoweringError::NothingToPlay {
        name: model.quantity_name(quantity),
        place: place.map_or_else(String::new, |place| place.to_string()),
        reason,
    }
}

/// The symbol of a number that can be played, in a membrane.
fn symbol_of(model: &Model, quantity: Quantity) -> String {
    match quantity {
        Quantity::Ion { ion, value } => model.ions()[ion].symbol(value),
        Quantity::Common { common } => model.commons()[common].clone(),
        _ => model.quantity_name(quantity),
    }
}

/// How a number is played at a site.
fn number_played(
    population: &Population,
    codes: &[Code],
    site: &Site,
    quantity: Quantity,
) -> Driven {
    let code = |group: &Group| &codes[group.code];
    let mut groups = population.groups.iter().enumerate();
    let found = groups.find(|(_, group)| group.compartments.contains(&site.compartment));
    let state = found.and_then(|(group, at)| Some((group, code(at).state_played(quantity)?)));
    let Some((group, state)) = state else {
        unreachable!("what is played at a site belongs to its set of mechanisms")
    };
    Driven::Number {
        group,
        state,
        quantity,
    }
}

impl Merged {
    fn code(
        self,
        model: &Model,
        phases: &[Phases],
        group_code: fn(Membrane, &[Phases], &[Expr]) -> GroupCode,
    ) -> Result<Code, LoweringError> {
        let Merged {
            set,
            names,
            membrane,
            recorded: (kept, values),
            played,
        } = self;
        let states = membrane
            .states
            .iter()
            .map(|state| match state.owner {
                Owner::Mechanism { mechanism, state } => Some(Quantity::InitialState {
                    mechanism: set[mechanism],
                    state,
                }),
                Owner::Ion | Owner::Memory => None,
            })
            .collect();
        let draws = membrane.draws.iter();
        let draws: Vec<(String, (usize, usize))> = draws
            .map(|draw| (draw.symbol.clone(), (set[draw.mechanism], draw.draw)))
            .collect();
        let mut code = group_code(membrane, phases, &values);
        for handler in &mut code.handlers {
            handler.mechanism = set[handler.mechanism];
        }
        let sources = code
            .sources
            .iter()
            .map(|symbol| {
                let draw = draws.iter().position(|(name, _)| name == symbol);
                let source = draw
                    .map(Source::Draw)
                    .or_else(|| source(model, &set, symbol));
                let source = source.ok_or_else(|| LoweringError::UnknownSymbol {
                    mechanism: names.clone(),
                    symbol: symbol.clone(),
                })?;
                Ok((symbol.clone(), source))
            })
            .collect::<Result<_, _>>()?;
        for (state, _) in &code.diffusing {
            let found_from = code.sources_of(&conductivity_of(state));
            let decides = |quantity: &&Quantity| found_from.contains(&symbol_of(model, **quantity));
            if let Some(&quantity) = played.iter().find(decides) {
                return Err(not_played(model, quantity, WhyNotPlayed::Diffuses));
            }
        }
        Ok(Code::new(code, states, sources, draws, kept, played))
    }
}

/// Slope (µS), drive and inward current (nA) of electrodes that are mechanisms; none if there are none.
fn electrode_line(membrane: &mut Membrane) -> Vec<Expr> {
    let Some(line) = membrane.electrode_line() else {
        return Vec::new();
    };
    let graph = &mut membrane.graph;
    let [unit, area] = [graph.constant(CURRENT), graph.symbol("area")];
    let area = graph.mul(unit, area);
    line.map(|part| graph.mul(area, part)).to_vec()
}

/// The expression of a recorded value of the mechanisms in `set`.
fn expression(
    model: &Model,
    set: &[usize],
    membrane: &mut Membrane,
    what: Recorded,
) -> Option<Expr> {
    let local = |mechanism: usize| set.iter().position(|m| *m == mechanism);
    match what {
        Recorded::Current { mechanism, current } => {
            let mechanism = local(mechanism)?;
            let found = membrane
                .currents
                .iter()
                .find(|c| c.mechanism == mechanism && c.current == current)?;
            Some(found.value)
        }
        Recorded::IonCurrent { ion } => {
            let name = model.ions().get(ion)?.name.as_str();
            let carried = membrane
                .currents
                .iter()
                .any(|c| c.ion.as_deref() == Some(name));
            carried.then(|| membrane.total_current(Some(name)))
        }
        Recorded::IonNumber { ion, value } => {
            Some(membrane.shared_number(&model.ions().get(ion)?.symbol(value)))
        }
        Recorded::CommonNumber { common } => {
            Some(membrane.shared_number(model.commons().get(common)?))
        }
        Recorded::Observable {
            mechanism,
            observable,
        } => {
            let mechanism = local(mechanism)?;
            let found = membrane
                .observables
                .iter()
                .find(|o| o.mechanism == mechanism && o.observable == observable)?;
            Some(found.value)
        }
        // a state that only the membrane phase changes is of the same moment as a current
        Recorded::State { mechanism, state } => {
            let mechanism = local(mechanism)?;
            let owner = Owner::Mechanism { mechanism, state };
            let found = membrane.states.iter().find(|s| s.owner == owner)?;
            let itself = membrane.graph.symbol(&found.name);
            found.kept.filter(|_| found.updated == itself)
        }
        _ => None,
    }
}

/// The symbol of a recorded value that the update of states leaves, and what it is at t = 0 and after
/// a step.
fn stepped(
    model: &Model,
    set: &[usize],
    membrane: &Membrane,
    what: Recorded,
) -> Option<(String, (Expr, Expr))> {
    let Recorded::Observable {
        mechanism,
        observable,
    } = what
    else {
        return None;
    };
    let local = set.iter().position(|m| *m == mechanism)?;
    let mut observables = membrane.observables.iter();
    let found = observables.find(|o| o.mechanism == local && o.observable == observable)?;
    Some((stepped_symbol(model, mechanism, observable), found.stepped?))
}

/// The symbol of the state that follows an observable.
fn stepped_symbol(model: &Model, mechanism: usize, observable: usize) -> String {
    let mechanism = &model.insertions()[mechanism].mechanism;
    format!(
        "{}.{} recorded",
        mechanism.name, mechanism.observables[observable].name
    )
}

/// What a symbol of a membrane stands for.
fn source(model: &Model, set: &[usize], symbol: &str) -> Option<Source> {
    let fixed = match symbol {
        "dt" => Some(Source::TimeStep),
        code::SOLVE_STEP => Some(Source::SolveStep),
        code::VOLUME => Some(Source::Volume),
        "celsius" => Some(Source::Value(Quantity::Celsius)),
        "area" => Some(Source::Area),
        "capacitance" => Some(Source::Capacitance),
        "axial" => Some(Source::Axial),
        "diam" => Some(Source::Diameter),
        "radius" => Some(Source::Value(Quantity::Radius)),
        "length" => Some(Source::Value(Quantity::Length)),
        "Ra" => Some(Source::Value(Quantity::AxialResistivity)),
        "cm" => Some(Source::Value(Quantity::Capacitance)),
        _ => None,
    };
    if fixed.is_some() {
        return fixed;
    }
    let own = started(symbol).unwrap_or(symbol);
    if let Some((owner, name)) = own.split_once('.') {
        let quantity = set.iter().find_map(|&mechanism| {
            let inserted = &model.insertions()[mechanism].mechanism;
            if inserted.name != owner {
                return None;
            }
            let mut states = inserted.states.iter();
            let state = states.position(|s| s.name == name);
            if let (true, Some(state)) = (own != symbol, state) {
                return Some(Quantity::InitialState { mechanism, state });
            }
            let parameter = inserted.parameters.iter().position(|p| p.name == name)?;
            Some(Quantity::Parameter {
                mechanism,
                parameter,
            })
        });
        return quantity.map(Source::Value);
    }
    if let Some(common) = model.commons().iter().position(|name| name == own) {
        return Some(Source::Value(Quantity::Common { common }));
    }
    model
        .ions()
        .iter()
        .enumerate()
        .find_map(|(ion, properties)| {
            let value = IonValue::ALL.into_iter().find(|value| {
                let number = properties.symbol(*value);
                symbol == number || symbol == start_of(&number)
            })?;
            Some(Source::Value(Quantity::Ion { ion, value }))
        })
}

/// Cells that are lanes of each other, and for each cell its population and place in it.
fn populations(
    model: &Model,
    sets: &MechanismSets,
    codes: &[Code],
) -> (Vec<Population>, Vec<(usize, usize)>) {
    let shape = model.shape();
    let mut populations: Vec<Population> = Vec::new();
    let mut found: HashMap<(Tree, Vec<usize>), usize> = HashMap::new();
    let mut population_of = Vec::new();
    for cell in &shape.cells {
        let tree = Tree::of_cell(shape, cell);
        let sets_here = sets.of[cell.compartments.clone()].to_vec();
        let index = *found
            .entry((tree.clone(), sets_here.clone()))
            .or_insert_with(|| {
                let groups = groups(&tree, &sets_here);
                populations.push(Population {
                    species: species(&tree, &groups, codes),
                    tree,
                    cells: Vec::new(),
                    groups,
                    junctions: None,
                });
                populations.len() - 1
            });
        population_of.push((index, populations[index].cells.len()));
        populations[index].cells.push(cell.compartments.start);
    }
    (populations, population_of)
}

fn groups(tree: &Tree, sets: &[usize]) -> Vec<Group> {
    let mut codes: Vec<usize> = sets.to_vec();
    codes.sort_unstable();
    codes.dedup();
    let eliminated = tree.edges.iter().map(|edge| edge.child).chain([tree.root]);
    let order: Vec<usize> = eliminated
        .filter(|node| *node < tree.compartments)
        .collect();
    let members = |code: usize| order.iter().copied().filter(|c| sets[*c] == code).collect();
    codes
        .into_iter()
        .map(|code| Group {
            code,
            compartments: members(code),
        })
        .collect()
}

/// What is driven where something is held at given values; `None` if it is no state there.
fn driven(
    model: &Model,
    population: &Population,
    codes: &[Code],
    site: &Site,
    what: Recorded,
) -> Option<Driven> {
    let mut groups = population.groups.iter();
    let group = groups.position(|g| g.compartments.contains(&site.compartment))?;
    let code = &codes[population.groups[group].code];
    let symbol = match what {
        Recorded::Voltage => return Some(Driven::Voltage),
        Recorded::State { mechanism, state } => {
            let quantity = Some(Quantity::InitialState { mechanism, state });
            let state = code.states.iter().position(|own| *own == quantity)?;
            return Some(Driven::State { group, state });
        }
        Recorded::IonNumber { ion, value } => model.ions()[ion].symbol(value),
        Recorded::CommonNumber { common } => model.commons()[common].clone(),
        _ => return None,
    };
    let state = code.state_names.iter().position(|name| *name == symbol)?;
    Some(Driven::State { group, state })
}

/// What a recording reads at a compartment, or `None` if there is no such thing there.
fn reads(
    model: &Model,
    population: &Population,
    codes: &[Code],
    compartment: usize,
    what: Recorded,
) -> Option<Reads> {
    let group = population
        .groups
        .iter()
        .position(|g| g.compartments.contains(&compartment))?;
    let code = &codes[population.groups[group].code];
    match what {
        Recorded::Voltage => Some(Reads::Voltage),
        Recorded::MembraneCurrent => {
            let electrode = code.recorded.iter().position(|recorded| *recorded == what);
            Some(Reads::MembraneCurrent { group, electrode })
        }
        Recorded::ClampCurrent { clamp } => {
            (clamp < model.clamps().len()).then_some(Reads::ClampCurrent { clamp })
        }
        Recorded::State { mechanism, state } if !code.recorded.contains(&what) => {
            let quantity = Quantity::InitialState { mechanism, state };
            let state = code.states.iter().position(|s| *s == Some(quantity))?;
            Some(Reads::State { group, state })
        }
        Recorded::Observable {
            mechanism,
            observable,
        } if model.insertions()[mechanism].mechanism.observables[observable]
            .stepped
            .is_some() =>
        {
            let symbol = stepped_symbol(model, mechanism, observable);
            let state = code.state_names.iter().position(|name| *name == symbol)?;
            Some(Reads::State { group, state })
        }
        _ => {
            let symbol = match what {
                Recorded::IonNumber { ion, value } => Some(model.ions()[ion].symbol(value)),
                Recorded::CommonNumber { common } => Some(model.commons()[common].clone()),
                _ => None,
            };
            let symbol = symbol.filter(|name| code.leads(name));
            let state = symbol.and_then(|name| code.state_names.iter().position(|n| *n == name));
            if let Some(state) = state {
                return Some(Reads::State { group, state });
            }
            let value = code.recorded.iter().position(|r| *r == what)?;
            Some(Reads::Value { group, value })
        }
    }
}
