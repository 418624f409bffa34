//! What recordings read: a state, or a value that the tapes compute for them.

use loligo_mechanism::graph::Expr;
use loligo_mechanism::membrane::{Membrane, Owner};
use loligo_model::{Model, Quantity, Recorded, Recording};

use super::Lowered;
use super::error::LoweringError;
use crate::code::CURRENT;
use crate::program::{Reads, RecordingSite, Site};

/// Whether recording it takes an expression of its own.
pub(super) fn is_computed(what: Recorded) -> bool {
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

/// Has a membrane compute what is recorded of it: what, and its value. What a step of states leaves becomes a state.
pub(super) fn record(
    model: &Model,
    set: &[usize],
    membrane: &mut Membrane,
    recorded: Vec<Recorded>,
) -> (Vec<Recorded>, Vec<Expr>) {
    // what this set of mechanisms does not have is refused when a recording asks for it
    let mut kept = Vec::new();
    let mut values = Vec::new();
    for what in recorded {
        if let Some((symbol, stepped)) = stepped(model, set, membrane, what) {
            membrane.follow(&symbol, stepped);
            continue;
        }
        if what == Recorded::MembraneCurrent {
            let line = electrode_line(membrane);
            kept.extend(line.iter().map(|_| what));
            values.extend(line);
        } else if let Some(value) = expression(model, set, membrane, what) {
            kept.push(what);
            values.push(value);
        }
    }
    (kept, values)
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

impl Lowered<'_> {
    /// Where the recordings of the model are, and what they read.
    pub(super) fn recordings(&self) -> Result<Vec<RecordingSite>, LoweringError> {
        let recordings = self.model.recordings().iter();
        recordings
            .map(|recording| self.recording(recording))
            .collect()
    }

    fn recording(&self, recording: &Recording) -> Result<RecordingSite, LoweringError> {
        let site = self
            .sites
            .row(recording.what.mechanism(), recording.compartment);
        let reads = self.reads(&site, recording.what);
        let reads = reads.ok_or_else(|| LoweringError::NothingToRecord {
            name: recording.name.clone(),
            place: self.place_recorded(recording),
        })?;
        Ok(RecordingSite {
            site,
            reads,
            at_source: self.at_source(&site, recording.what),
        })
    }

    /// What is read at a site, or `None` if there is no such thing there.
    fn reads(&self, site: &Site, what: Recorded) -> Option<Reads> {
        let (group, code) = self.code_at(site)?;
        match what {
            Recorded::Voltage => Some(Reads::Voltage),
            Recorded::MembraneCurrent => {
                let electrode = code.recorded.iter().position(|recorded| *recorded == what);
                Some(Reads::MembraneCurrent { group, electrode })
            }
            Recorded::ClampCurrent { clamp } => {
                (clamp < self.model.clamps().len()).then_some(Reads::ClampCurrent { clamp })
            }
            Recorded::State { mechanism, state } if !code.recorded.contains(&what) => {
                let quantity = Quantity::InitialState { mechanism, state };
                let state = code.states.iter().position(|s| *s == Some(quantity))?;
                Some(Reads::State { group, state })
            }
            Recorded::Observable {
                mechanism,
                observable,
            } if self.model.insertions()[mechanism].mechanism.observables[observable]
                .stepped
                .is_some() =>
            {
                let symbol = stepped_symbol(self.model, mechanism, observable);
                let state = code.state_names.iter().position(|name| *name == symbol)?;
                Some(Reads::State { group, state })
            }
            _ => {
                let symbol = match what {
                    Recorded::IonNumber { ion, value } => {
                        Some(self.model.ions()[ion].symbol(value))
                    }
                    Recorded::CommonNumber { common } => Some(self.model.commons()[common].clone()),
                    _ => None,
                };
                let symbol = symbol.filter(|name| code.leads(name));
                let state =
                    symbol.and_then(|name| code.state_names.iter().position(|n| *n == name));
                if let Some(state) = state {
                    return Some(Reads::State { group, state });
                }
                let value = code.recorded.iter().position(|r| *r == what)?;
                Some(Reads::Value { group, value })
            }
        }
    }

    /// Where something of a synapse is read, and what, if the synapse is folded onto its source.
    fn at_source(&self, site: &Site, what: Recorded) -> Option<(Site, Reads)> {
        let of = self.populations[site.population].junctions.as_ref()?;
        let mut populations = self.populations.iter();
        let fold = populations.find_map(|population| {
            let junctions = population.junctions.as_ref()?;
            junctions
                .fold()
                .filter(|_| junctions.mechanism == of.mechanism)
        })?;
        let source = Site {
            population: fold.sources,
            cell: fold.source[site.cell],
            compartment: 0,
        };
        Some((source, self.reads(&source, what)?))
    }
}
