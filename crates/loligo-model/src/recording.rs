//! Recordings: what a run returns.

use std::collections::HashMap;

use crate::error::ModelError;
use crate::ion::Ion;
use crate::model::Model;
use crate::names::{is_called, nearest};
use crate::quantity::{IonValue, Quantity};
use crate::selection::Selection;

/// What can be recorded in a compartment. Positions are those in the model and in the mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Recorded {
    /// Membrane voltage, mV: `v`.
    Voltage,
    /// A state of a mechanism: `hh.m`.
    State {
        /// Position of the mechanism in the model.
        mechanism: usize,
        /// Position of the state in the mechanism.
        state: usize,
    },
    /// A current of one mechanism, mA/cm²: `hh.ina`.
    Current {
        /// Position of the mechanism in the model.
        mechanism: usize,
        /// Position of the current in the mechanism.
        current: usize,
    },
    /// The current of an ion, mA/cm², summed over mechanisms: `ina`.
    IonCurrent {
        /// Position of the ion in the model.
        ion: usize,
    },
    /// A concentration or reversal potential of an ion, mM or mV: `cai`, `eca`.
    IonNumber {
        /// Position of the ion in the model.
        ion: usize,
        /// Which of its numbers.
        value: IonValue,
    },
    /// A number that mechanisms have in common, beside those of ions.
    CommonNumber {
        /// Position of its name in the model.
        common: usize,
    },
    /// A value that a mechanism computes: `hh.minf`.
    Observable {
        /// Position of the mechanism in the model.
        mechanism: usize,
        /// Position of the observable in the mechanism.
        observable: usize,
    },
    /// The total current through the membrane, capacitive included, nA, outward positive:
    /// `i_membrane`.
    MembraneCurrent,
    /// The current that a clamp injects, nA: `i_clamp`.
    ClampCurrent {
        /// Position of the clamp in the model.
        clamp: usize,
    },
}

/// One row of what a run returns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recording {
    /// Where: a compartment, or the number of a synapse among those of its mechanism.
    pub compartment: usize,
    /// What.
    pub what: Recorded,
    /// What users find it by: as given, or made of the place and the quantity, such as
    /// `soma[0](0.5).v`. Rows of one call may share a given name.
    pub name: String,
}

/// The rows of what a run returns, each of them once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recordings {
    rows: Vec<Recording>,
    /// The row of each, so that many are added in a time that grows with their number alone.
    known: HashMap<Recording, usize>,
}

impl Recordings {
    /// The rows in their order.
    pub(crate) fn rows(&self) -> &[Recording] {
        &self.rows
    }

    /// Adds a row behind the others, or finds the one that it is already; returns which.
    pub(crate) fn add(&mut self, recording: Recording) -> usize {
        let next = self.rows.len();
        if let Some(&row) = self.known.get(&recording) {
            return row;
        }
        self.known.insert(recording.clone(), next);
        self.rows.push(recording);
        next
    }

    /// Changes rows, and drops those for which the change says so.
    pub(crate) fn retain(&mut self, change: impl FnMut(&mut Recording) -> bool) {
        self.rows.retain_mut(change);
        let rows = self.rows.iter().cloned().enumerate();
        self.known = rows.map(|(row, recording)| (recording, row)).collect();
    }
}

const VOLTAGE: &str = "v";
const MEMBRANE_CURRENT: &str = "i_membrane";
const CLAMP_CURRENT: &str = "i_clamp";

impl Recorded {
    /// The mechanism that it belongs to, if it belongs to one.
    pub fn mechanism(self) -> Option<usize> {
        match self {
            Recorded::State { mechanism, .. }
            | Recorded::Current { mechanism, .. }
            | Recorded::Observable { mechanism, .. } => Some(mechanism),
            _ => None,
        }
    }

    /// The same of a mechanism that moved.
    pub(crate) fn with_mechanism(mut self, moved: impl Fn(usize) -> usize) -> Self {
        if let Recorded::State { mechanism, .. }
        | Recorded::Current { mechanism, .. }
        | Recorded::Observable { mechanism, .. } = &mut self
        {
            *mechanism = moved(*mechanism);
        }
        self
    }
}

impl Model {
    /// Records in every selected compartment: `v` (mV), a state (`hh.m`), a current density
    /// (`hh.ina` of one mechanism, `ina` summed; mA/cm²), an ion's concentration (`cai`, mM) or
    /// reversal potential (`eca`, mV), a number that mechanisms have in common by its name, what a mechanism computes (`hh.minf`),
    /// `i_membrane` (nA) or `i_clamp` (nA). Returns the rows of the run that hold it; what is
    /// recorded already keeps its row.
    ///
    /// # Errors
    /// A name that stands for nothing, a compartment that lacks it.
    pub fn record(&mut self, what: &str, selection: &Selection) -> Result<Vec<usize>, ModelError> {
        let wanted = self.rows_to_record(what, selection)?;
        Ok(self.add_recordings(wanted))
    }

    /// The same under a name of the user's.
    ///
    /// # Errors
    /// As for [`Model::record`].
    pub fn record_as(
        &mut self,
        name: &str,
        what: &str,
        selection: &Selection,
    ) -> Result<Vec<usize>, ModelError> {
        let mut wanted = self.rows_to_record(what, selection)?;
        for recording in &mut wanted {
            recording.name = name.to_string();
        }
        Ok(self.add_recordings(wanted))
    }

    /// Forgets what is recorded in the selected compartments, and of synapses onto them.
    pub fn delete_recordings(&mut self, selection: &Selection) {
        let mut recordings = std::mem::take(&mut self.recordings);
        let of_others =
            |recording: &mut _| !selection.contains(self.compartment_recorded(recording));
        recordings.retain(of_others);
        self.recordings = recordings;
        self.structure_changed();
    }

    /// The compartment that a recording is of; of a synapse the one that its current flows into.
    pub fn compartment_recorded(&self, recording: &Recording) -> usize {
        let row = recording.compartment;
        let joins = self.joins_of(recording.what.mechanism());
        joins.map_or(row, |joins| joins.post[row])
    }

    /// The name of something recorded, without its place.
    pub fn recorded_name(&self, what: Recorded) -> String {
        let owned = |mechanism: usize, own: &dyn Fn(&loligo_mechanism::Mechanism) -> String| {
            let mechanism = &self.insertions[mechanism].mechanism;
            format!("{}.{}", mechanism.name, own(mechanism))
        };
        match what {
            Recorded::Voltage => VOLTAGE.to_string(),
            Recorded::MembraneCurrent => MEMBRANE_CURRENT.to_string(),
            Recorded::ClampCurrent { .. } => CLAMP_CURRENT.to_string(),
            Recorded::IonCurrent { ion } => self.ions[ion].current(),
            Recorded::IonNumber { ion, value } => self.ions[ion].symbol(value),
            Recorded::CommonNumber { common } => self.commons[common].clone(),
            Recorded::State { mechanism, state } => {
                owned(mechanism, &|m| m.states[state].name.clone())
            }
            Recorded::Current { mechanism, current } => {
                owned(mechanism, &|m| m.currents[current].name.clone())
            }
            Recorded::Observable {
                mechanism,
                observable,
            } => owned(mechanism, &|m| m.observables[observable].name.clone()),
        }
    }

    /// What [`Model::record`] would record.
    ///
    /// # Errors
    /// As for [`Model::record`].
    pub fn rows_to_record(
        &self,
        name: &str,
        selection: &Selection,
    ) -> Result<Vec<Recording>, ModelError> {
        let compartments = selection.compartments().iter();
        compartments
            .map(|&compartment| {
                let what = self.recorded(name, compartment)?;
                Ok(Recording {
                    compartment,
                    what,
                    name: self.row_name(what, compartment),
                })
            })
            .collect()
    }

    pub(crate) fn add_recordings(&mut self, wanted: Vec<Recording>) -> Vec<usize> {
        let wanted = wanted.into_iter();
        let rows = wanted.map(|recording| self.recordings.add(recording));
        let rows = rows.collect();
        self.structure_changed();
        rows
    }

    fn row_name(&self, what: Recorded, compartment: usize) -> String {
        let branch = &self.shape.branches[self.shape.branch_of(compartment)];
        let cell = match self.shape.cells.len() {
            1 => String::new(),
            _ => format!("cell[{}].", branch.cell),
        };
        // no more digits than tell compartments apart
        let location = (self.shape.location(compartment) * 1e4).round() / 1e4;
        let what = self.recorded_name(what);
        format!("{cell}{}({location}).{what}", branch.name)
    }

    /// What a name stands for in a compartment.
    fn recorded(&self, name: &str, compartment: usize) -> Result<Recorded, ModelError> {
        let absent = |reason: String| ModelError::Absent {
            name: name.to_string(),
            place: self.shape.place(compartment),
            reason,
        };
        match name {
            VOLTAGE => return Ok(Recorded::Voltage),
            MEMBRANE_CURRENT => return Ok(Recorded::MembraneCurrent),
            CLAMP_CURRENT => {
                let clamp = self
                    .clamps
                    .iter()
                    .position(|c| c.compartment == compartment);
                return clamp
                    .map(|clamp| Recorded::ClampCurrent { clamp })
                    .ok_or_else(|| absent("it is not clamped".to_string()));
            }
            _ => {}
        }
        if let Some(ion) = self.ions.iter().position(|ion| ion.current() == name) {
            return match self.carriers(ion, compartment).is_empty() {
                false => Ok(Recorded::IonCurrent { ion }),
                true => Err(absent("no mechanism there carries it".to_string())),
            };
        }
        for (position, ion) in self.ions.iter().enumerate() {
            let Some(value) = ion.value_named(name) else {
                continue;
            };
            let quantity = Quantity::Ion {
                ion: position,
                value,
            };
            return match self.values.value(quantity, compartment) {
                Some(_) => Ok(Recorded::IonNumber {
                    ion: position,
                    value,
                }),
                None => Err(absent("no mechanism there uses it".to_string())),
            };
        }
        if let Some(common) = self.commons.iter().position(|common| common == name) {
            let quantity = Quantity::Common { common };
            return match self.values.value(quantity, compartment) {
                Some(_) => Ok(Recorded::CommonNumber { common }),
                None => Err(absent("no mechanism there uses it".to_string())),
            };
        }
        let mut owned = self.owned_recordables();
        let Some((mechanism, _, what)) = owned.find(|(m, own, _)| is_called(name, m, own)) else {
            return Err(self.unknown_recorded(name));
        };
        let position = what.mechanism().unwrap_or_default();
        if self.is_of_synapse(what) {
            return Err(absent(format!(
                "`{mechanism}` is a synapse: record it of synapses, not of compartments"
            )));
        }
        match self.insertions[position].present[compartment] {
            true => Ok(what),
            false => Err(absent(format!("`{mechanism}` is not inserted there"))),
        }
    }

    /// States, currents and observables, each with the mechanism's name and its own.
    pub(crate) fn owned_recordables(&self) -> impl Iterator<Item = (&str, &str, Recorded)> {
        self.insertions
            .iter()
            .enumerate()
            .flat_map(|(mechanism, insertion)| {
                let of = &*insertion.mechanism;
                let states =
                    of.states.iter().enumerate().map(move |(state, s)| {
                        (s.name.as_str(), Recorded::State { mechanism, state })
                    });
                let currents = of.currents.iter().enumerate().map(move |(current, c)| {
                    (c.name.as_str(), Recorded::Current { mechanism, current })
                });
                let observables = of
                    .observables
                    .iter()
                    .enumerate()
                    .map(move |(observable, o)| {
                        let what = Recorded::Observable {
                            mechanism,
                            observable,
                        };
                        (o.name.as_str(), what)
                    });
                states
                    .chain(currents)
                    .chain(observables)
                    .map(|(own, what)| (of.name.as_str(), own, what))
            })
    }

    pub(crate) fn unknown_recorded(&self, name: &str) -> ModelError {
        let owner = self.owned_recordables().find(|(_, own, _)| *own == name);
        let nearest = match owner {
            Some((mechanism, own, _)) => Some(format!("{mechanism}.{own}")),
            None => {
                let fixed = [VOLTAGE, MEMBRANE_CURRENT, CLAMP_CURRENT].map(str::to_string);
                let ions = self.ions.iter().flat_map(Ion::recordables);
                let owned = self
                    .owned_recordables()
                    .map(|(m, own, _)| format!("{m}.{own}"));
                let commons = self.commons.iter().cloned();
                let fixed = fixed.into_iter().chain(ions).chain(commons);
                let known: Vec<String> = fixed.chain(owned).collect();
                nearest(name, known.iter().map(String::as_str))
            }
        };
        ModelError::UnknownName {
            what: "recordable",
            name: name.to_string(),
            nearest,
        }
    }
}
