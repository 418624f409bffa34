//! Insertions: which mechanism sits in which compartments.

use std::sync::Arc;

use loligo_mechanism::Mechanism;
use loligo_mechanism::mechanism::{Dynamics, Parameter, Placement, Scope};
use loligo_mechanism::membrane::Reversal;

use crate::connection::{Connections, SpikeSource};
use crate::error::ModelError;
use crate::ion::Ion;
use crate::model::{Model, next_version};
use crate::names::nearest;
use crate::play::Play;
use crate::quantity::{IonValue, Quantity};
use crate::recording::Recorded;
use crate::selection::Selection;
use crate::synapse::{Joins, SynapseSelection};

/// A mechanism and where it is.
#[derive(Clone, Debug)]
pub struct Insertion {
    /// The mechanism.
    pub mechanism: Arc<Mechanism>,
    /// For every compartment of the model, whether it is there.
    pub present: Vec<bool>,
    /// The synapses that it is the mechanism of, if it sits between cells.
    pub joins: Joins,
    /// Where its events come from, if it takes any.
    pub connections: Connections,
    pub(crate) numbering: u64,
}

impl Insertion {
    /// A mechanism that is in none of so many compartments, and joins none.
    pub(crate) fn nowhere(mechanism: Arc<Mechanism>, compartments: usize) -> Self {
        Insertion {
            mechanism,
            present: vec![false; compartments],
            joins: Joins::default(),
            connections: Connections::default(),
            numbering: next_version(),
        }
    }

    /// Changes whenever its synapses are numbered anew; no other insertion has the same.
    pub fn numbering(&self) -> u64 {
        self.numbering
    }

    /// Synapses of its by their numbers, ascending; they share what is trained.
    pub fn synapses(&self, numbers: Vec<usize>) -> SynapseSelection {
        SynapseSelection {
            synapses: numbers,
            shared: true,
            numbering: self.numbering,
        }
    }

    /// How many synapses there are of it, or, where it is in compartments, connections to it.
    pub fn rows(&self) -> usize {
        match self.is_synaptic() {
            true => self.joins.len(),
            false => self.connections.len(),
        }
    }

    /// Whether it sits between two compartments, and not in one.
    pub fn is_synaptic(&self) -> bool {
        self.mechanism.placement == Placement::Synapse
    }
}

impl Model {
    /// Inserts a mechanism. Its parameters get their defaults, and so do the numbers that it shares
    /// with others (of its ions, and common ones) where they have none. Where a density mechanism is
    /// already, nothing changes.
    ///
    /// # Errors
    /// Another mechanism of the same name; a point process where it is already; an artificial cell beside
    /// other compartments of a cell.
    pub fn insert(
        &mut self,
        mechanism: impl Into<Arc<Mechanism>>,
        selection: &Selection,
    ) -> Result<(), ModelError> {
        let mechanism = mechanism.into();
        match mechanism.placement {
            Placement::Density | Placement::Point => {}
            Placement::Cell => self.check_alone(&mechanism.name, selection)?,
            Placement::Synapse => {
                return Err(ModelError::Unconnected {
                    name: mechanism.name.clone(),
                });
            }
        }
        let position = match self.mechanism_position(&mechanism.name) {
            Some(position) => {
                if !is_same(&self.insertions[position].mechanism, &mechanism) {
                    return Err(ModelError::OtherMechanism {
                        name: mechanism.name.clone(),
                    });
                }
                self.check_free(position, selection)?;
                position
            }
            None => {
                self.add_shared_of(&mechanism);
                let compartments = self.shape.compartments.len();
                self.insertions
                    .push(Insertion::nowhere(mechanism, compartments));
                self.insertions.len() - 1
            }
        };
        for &compartment in selection.compartments() {
            self.put_mechanism(position, compartment);
        }
        self.structure_changed();
        Ok(())
    }

    /// That compartments are cells by themselves.
    fn check_alone(&self, name: &str, selection: &Selection) -> Result<(), ModelError> {
        let mut selected = selection.compartments().iter();
        let cell = |compartment: usize| &self.shape.cells[self.shape.cell_of(compartment)];
        match selected.find(|compartment| cell(**compartment).compartments.len() > 1) {
            None => Ok(()),
            Some(&compartment) => Err(ModelError::CellInCell {
                name: name.to_owned(),
                place: self.shape.place(compartment),
            }),
        }
    }

    /// That no point process is put where it is already.
    fn check_free(&self, position: usize, selection: &Selection) -> Result<(), ModelError> {
        let insertion = &self.insertions[position];
        if insertion.mechanism.placement != Placement::Point {
            return Ok(());
        }
        let mut selected = selection.compartments().iter();
        match selected.find(|compartment| insertion.present[**compartment]) {
            Some(&compartment) => Err(ModelError::PointTwice {
                name: insertion.mechanism.name.clone(),
                place: self.shape.place(compartment),
            }),
            None => Ok(()),
        }
    }

    /// Removes a mechanism, and the numbers that only it has.
    ///
    /// # Errors
    /// A name that is not inserted; a mechanism that is recorded, trained or played there.
    pub fn uninsert(&mut self, name: &str, selection: &Selection) -> Result<(), ModelError> {
        let Some(position) = self.mechanism_position(name) else {
            let names = self.insertions.iter().map(|i| i.mechanism.name.as_str());
            return Err(ModelError::UnknownName {
                what: "mechanism",
                name: name.to_string(),
                nearest: nearest(name, names),
            });
        };
        let present = &self.insertions[position].present;
        let from = selection.filter(|compartment| present[compartment]);
        self.check_unused(position, &from)?;
        for &compartment in from.compartments() {
            self.take_mechanism(position, compartment);
        }
        if !self.insertions[position].present.contains(&true) {
            self.forget_mechanism(position);
        }
        self.structure_changed();
        Ok(())
    }

    pub(crate) fn add_shared_of(&mut self, mechanism: &Mechanism) {
        for used in &mechanism.ions {
            if !self.ions.iter().any(|ion| ion.name == used.ion) {
                self.ions.push(Ion {
                    name: used.ion.clone(),
                    reversal: Reversal::Automatic,
                });
            }
        }
        for common in &mechanism.commons {
            if !self.commons.contains(&common.name) {
                self.commons.push(common.name.clone());
            }
        }
    }

    fn put_mechanism(&mut self, position: usize, compartment: usize) {
        if self.insertions[position].present[compartment] {
            return;
        }
        let mechanism = Arc::clone(&self.insertions[position].mechanism);
        for (parameter, declared) in mechanism.parameters.iter().enumerate() {
            let quantity = Quantity::Parameter {
                mechanism: position,
                parameter,
            };
            let elsewhere = match declared.scope {
                Scope::Range => None,
                Scope::Global => self.first_value(quantity),
            };
            let value = elsewhere.unwrap_or(declared.default);
            let rows = self.shape.compartments.len();
            self.values.put(quantity, compartment, value, rows);
        }
        self.put_shared_numbers(&mechanism, compartment);
        self.insertions[position].present[compartment] = true;
    }

    /// Gives a compartment the numbers that a mechanism shares with others, where it has none.
    pub(crate) fn put_shared_numbers(&mut self, mechanism: &Mechanism, compartment: usize) {
        for (quantity, default) in self.shared_numbers(mechanism) {
            if self.values.value(quantity, compartment).is_none() {
                let rows = self.shape.compartments.len();
                self.values.put(quantity, compartment, default, rows);
            }
        }
    }

    fn take_mechanism(&mut self, position: usize, compartment: usize) {
        let mechanism = Arc::clone(&self.insertions[position].mechanism);
        self.insertions[position].present[compartment] = false;
        let own: Vec<_> = self
            .values
            .quantities()
            .filter(|quantity| quantity.mechanism() == Some(position))
            .collect();
        for quantity in own {
            self.values.clear(quantity, compartment);
        }
        let still_used: Vec<_> = self
            .insertions
            .iter()
            .filter(|insertion| insertion.present[compartment])
            .flat_map(|insertion| self.shared_numbers(&insertion.mechanism))
            .map(|(quantity, _)| quantity)
            .collect();
        for (quantity, _) in self.shared_numbers(&mechanism) {
            if !still_used.contains(&quantity) {
                self.values.clear(quantity, compartment);
            }
        }
    }

    /// Drops a mechanism that is nowhere; those after it move up.
    pub(crate) fn forget_mechanism(&mut self, position: usize) {
        self.insertions.remove(position);
        let moved = |mechanism: usize| mechanism - usize::from(mechanism > position);
        self.values.columns = std::mem::take(&mut self.values.columns)
            .into_iter()
            .map(|(quantity, column)| (quantity.with_mechanism(moved), column))
            .collect();
        self.recordings.retain(|recording| {
            recording.what = recording.what.with_mechanism(moved);
            true
        });
        for trainable in &mut self.trainables {
            trainable.quantity = trainable.quantity.with_mechanism(moved);
        }
        for play in &mut self.plays {
            play.quantity = play.quantity.with_mechanism(moved);
        }
        for source in &mut self.spike_sources {
            if let SpikeSource::Announced { mechanism, .. } = source {
                *mechanism = moved(*mechanism);
            }
        }
    }

    /// That nothing recorded, trained or played in `from` belongs to a mechanism.
    fn check_unused(&self, position: usize, from: &Selection) -> Result<(), ModelError> {
        let in_use = |compartment, user: &str, role| ModelError::InUse {
            mechanism: self.insertions[position].mechanism.name.clone(),
            place: self.shape.place(compartment),
            user: user.to_string(),
            role,
        };
        for recording in self.recordings() {
            let needed = match recording.what {
                Recorded::IonCurrent { ion } => {
                    self.carriers(ion, recording.compartment) == [position]
                }
                what => what.mechanism() == Some(position),
            };
            if needed && from.contains(recording.compartment) {
                return Err(in_use(recording.compartment, &recording.name, "recorded"));
            }
        }
        for source in &self.spike_sources {
            if let SpikeSource::Announced {
                mechanism,
                compartment,
            } = source
                && *mechanism == position
                && from.contains(*compartment)
            {
                return Err(in_use(*compartment, "a source of spikes", "followed"));
            }
        }
        let mut targets = self.insertions[position].connections.targets.iter();
        if let Some(&compartment) = targets.find(|target| from.contains(**target)) {
            return Err(in_use(compartment, "an event", "delivered"));
        }
        let lost = |quantity: Quantity, compartment| match quantity {
            Quantity::Ion { .. } | Quantity::Common { .. } => {
                self.users(quantity, compartment) == [position]
            }
            quantity => quantity.mechanism() == Some(position),
        };
        for trainable in &self.trainables {
            let mut targets = trainable.targets.rows().iter();
            let lost = |compartment| lost(trainable.quantity, compartment);
            if let Some(&compartment) = targets.find(|&&c| from.contains(c) && lost(c)) {
                return Err(in_use(compartment, &trainable.name, "trainable"));
            }
        }
        let mut plays = self.plays.iter();
        let lost = |play: &&Play| from.contains(play.row) && lost(play.quantity, play.row);
        if let Some(play) = plays.find(lost) {
            let name = self.quantity_name(play.quantity);
            return Err(in_use(play.row, &name, "played"));
        }
        Ok(())
    }

    /// The mechanisms in a compartment with a current of an ion.
    pub(crate) fn carriers(&self, ion: usize, compartment: usize) -> Vec<usize> {
        let name = Some(&self.ions[ion].name);
        self.mechanisms_in(compartment, |mechanism| {
            let mut currents = mechanism.currents.iter();
            currents.any(|current| current.ion.as_ref() == name)
        })
    }

    /// The mechanisms in a compartment that read or write a number that they share.
    fn users(&self, quantity: Quantity, compartment: usize) -> Vec<usize> {
        self.mechanisms_in(compartment, |mechanism| {
            let mut numbers = self.shared_numbers(mechanism).into_iter();
            numbers.any(|(number, _)| number == quantity)
        })
    }

    fn mechanisms_in(&self, compartment: usize, has: impl Fn(&Mechanism) -> bool) -> Vec<usize> {
        let insertions = self.insertions.iter().enumerate();
        insertions
            .filter(|(_, i)| i.present[compartment] && has(&i.mechanism))
            .map(|(position, _)| position)
            .collect()
    }

    /// What a mechanism reads and writes of its ions, currents aside, and of common numbers, with the
    /// defaults.
    fn shared_numbers(&self, mechanism: &Mechanism) -> Vec<(Quantity, f64)> {
        let commons = mechanism.commons.iter().filter_map(|used| {
            let common = self.commons.iter().position(|name| *name == used.name)?;
            Some((Quantity::Common { common }, used.default))
        });
        let mut numbers: Vec<_> = commons.collect();
        for used in &mechanism.ions {
            let Some(position) = self.ions.iter().position(|ion| ion.name == used.ion) else {
                continue;
            };
            let ion = &self.ions[position];
            let symbols = used.reads.iter().chain(&used.writes);
            let named: Vec<IonValue> = symbols.filter_map(|s| ion.value_named(s)).collect();
            let concentrations = [IonValue::Inside, IonValue::Outside];
            for value in IonValue::ALL {
                // the Nernst potential takes both concentrations
                let follows = matches!(ion.reversal, Reversal::AtStart | Reversal::EveryStep)
                    || concentrations.iter().any(|value| named.contains(value));
                let beside = concentrations.contains(&value) && follows;
                if beside || named.contains(&value) {
                    let quantity = Quantity::Ion {
                        ion: position,
                        value,
                    };
                    numbers.push((quantity, ion.default_value(value)));
                }
            }
        }
        numbers
    }

    pub(crate) fn first_value(&self, quantity: Quantity) -> Option<f64> {
        self.values
            .column(quantity)?
            .iter()
            .flatten()
            .next()
            .copied()
    }
}

/// Whether two mechanisms of one name say the same.
pub(crate) fn is_same(a: &Arc<Mechanism>, b: &Arc<Mechanism>) -> bool {
    Arc::ptr_eq(a, b) || (declares_same(a, b) && computes_same(a, b))
}

fn declares_same(a: &Mechanism, b: &Mechanism) -> bool {
    let states = |m: &Mechanism| -> Vec<_> {
        let kind = |dynamics| matches!(dynamics, Dynamics::Derivative(_));
        m.states
            .iter()
            .map(|s| (s.name.clone(), s.units.clone(), kind(s.dynamics)))
            .collect()
    };
    let currents = |m: &Mechanism| -> Vec<_> {
        m.currents
            .iter()
            .map(|c| (c.name.clone(), c.ion.clone(), c.direction))
            .collect()
    };
    let fluxes = |m: &Mechanism| -> Vec<_> { m.fluxes.iter().map(|f| f.number.clone()).collect() };
    let observables = |m: &Mechanism| -> Vec<_> {
        m.observables
            .iter()
            .map(|o| (o.name.clone(), o.units.clone()))
            .collect()
    };
    // a default that there is not is not a number, which equals nothing
    let same = |(a, b): (&Parameter, &Parameter)| {
        let (own, other) = (a.default.to_bits(), b.default.to_bits());
        own == other
            && (&a.name, &a.units, a.limits, a.scope) == (&b.name, &b.units, b.limits, b.scope)
    };
    a.parameters.len() == b.parameters.len()
        && a.parameters.iter().zip(&b.parameters).all(same)
        && a.placement == b.placement
        && a.ions == b.ions
        && a.commons == b.commons
        && a.manner == b.manner
        && fluxes(a) == fluxes(b)
        && states(a) == states(b)
        && currents(a) == currents(b)
        && observables(a) == observables(b)
}

/// In one hash-consed graph, equal expressions are the same node.
fn computes_same(a: &Mechanism, b: &Mechanism) -> bool {
    let mut graph = a.graph.clone();
    let expressions: Vec<_> = b.expressions().collect();
    let imported = graph.import(&b.graph, &expressions, &str::to_string);
    let own: Vec<_> = a.expressions().collect();
    // building in one graph folds what the original left unfolded, so both sides take that way
    let own = graph.import(&a.graph, &own, &str::to_string);
    own == imported
}
