//! Synapses: mechanisms between two compartments, and the selections that verbs apply to.
//!
//! All synapses of one mechanism are numbered in the order in which they were made; quantities of a
//! synaptic mechanism have a row for each.

use std::ops::Range;
use std::sync::Arc;

use loligo_mechanism::Mechanism;
use loligo_mechanism::mechanism::{Placement, Scope};

use crate::error::ModelError;
use crate::insertion::{Insertion, is_same};
use crate::model::Model;
use crate::names::{is_called, nearest};
use crate::quantity::Quantity;
use crate::recording::{Recorded, Recording};
use crate::selection::Selection;
use crate::set::Setting;
use crate::shape::Place;
use crate::targets::Targets;

/// Which compartments the synapses of a mechanism join.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joins {
    /// By synapse: the compartment whose voltage it reads.
    pub pre: Vec<usize>,
    /// By synapse: the compartment that its current flows into.
    pub post: Vec<usize>,
}

impl Joins {
    /// How many synapses there are.
    pub fn len(&self) -> usize {
        self.post.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.post.is_empty()
    }
}

/// Synapses of one mechanism, and whether they share a trainable number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynapseSelection {
    /// Their numbers among those of the mechanism, ascending.
    pub synapses: Vec<usize>,
    /// Whether they share one trainable number, or have one each.
    pub shared: bool,
    /// That of their insertion when they were selected.
    pub(crate) numbering: u64,
}

impl Model {
    /// Makes synapses, each from a compartment of `pre` to that of `post` in the same place. Their
    /// parameters get the defaults. Returns their numbers among those of the mechanism. A point process
    /// with one POINTER reads by it the voltage of the compartment it comes from
    /// ([`Mechanism::into_synapse`]).
    ///
    /// ```
    /// use loligo_mechanism::builder::MechanismBuilder;
    /// use loligo_model::Model;
    ///
    /// let synapse = MechanismBuilder::synapse("graded")
    ///     .parameter("g", 1e-4, "uS")
    ///     .current("i", |s| s.get("g") * (s.v_pre() / 10.0).tanh() * s.v())
    ///     .build()?;
    ///
    /// let cell = Model::cylinder(20.0, 10.0, 1)?;
    /// let mut network = Model::network(&[cell.clone(), cell])?;
    /// let synapses = network.connect(synapse, &[0], &[1])?;
    /// assert_eq!(synapses, 0..1);
    /// let all = network.synapses("graded")?;
    /// network.set_synapses("graded.g", 2e-4, &all)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A mechanism that joins no compartments, or only by events ([`Model::connect_synapses`]); another
    /// mechanism of the same name; lists of different length; a compartment that there is not.
    pub fn connect(
        &mut self,
        mechanism: impl Into<Arc<Mechanism>>,
        pre: &[usize],
        post: &[usize],
    ) -> Result<Range<usize>, ModelError> {
        let mechanism: Arc<Mechanism> = mechanism.into();
        let reads_no_other = mechanism.parameters.iter().all(|p| !p.default.is_nan());
        let is_point = mechanism.placement == Placement::Point;
        if is_point && reads_no_other && mechanism.receiver.is_some() {
            return Err(ModelError::TakesEvents {
                name: mechanism.name.clone(),
            });
        }
        self.join(mechanism, pre, post)
    }

    /// [`Model::connect`], also of what joins compartments only by events.
    pub(crate) fn join(
        &mut self,
        mut mechanism: Arc<Mechanism>,
        pre: &[usize],
        post: &[usize],
    ) -> Result<Range<usize>, ModelError> {
        if mechanism.placement != Placement::Synapse {
            mechanism = Arc::new(Arc::unwrap_or_clone(mechanism).into_synapse()?);
        }
        if pre.len() != post.len() {
            return Err(ModelError::UnequalEnds {
                pre: pre.len(),
                post: post.len(),
            });
        }
        self.check_compartments(pre.iter().chain(post))?;
        let position = match self.mechanism_position(&mechanism.name) {
            Some(known) if !is_same(&self.insertions[known].mechanism, &mechanism) => {
                return Err(ModelError::OtherMechanism {
                    name: mechanism.name.clone(),
                });
            }
            Some(known) => known,
            None => {
                let compartments = self.shape.compartments.len();
                let insertion = Insertion::nowhere(mechanism, compartments);
                self.insertions.push(insertion);
                self.insertions.len() - 1
            }
        };
        let new = self.add_joins(position, pre, post);
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
            self.values.extend(quantity, new.clone(), Some(value));
        }
        for state in 0..mechanism.states.len() {
            let quantity = Quantity::InitialState {
                mechanism: position,
                state,
            };
            self.values.extend(quantity, new.clone(), None);
        }
        self.structure_changed();
        Ok(new)
    }

    pub(crate) fn check_compartments<'c>(
        &self,
        mut given: impl Iterator<Item = &'c usize>,
    ) -> Result<(), ModelError> {
        let compartments = self.shape.compartments.len();
        match given.find(|compartment| **compartment >= compartments) {
            Some(&compartment) => Err(ModelError::NoCompartment {
                compartment,
                compartments,
            }),
            None => Ok(()),
        }
    }

    /// Adds to the joins of a mechanism; returns the numbers of what is new.
    pub(crate) fn add_joins(
        &mut self,
        position: usize,
        pre: &[usize],
        post: &[usize],
    ) -> Range<usize> {
        let joins = &mut self.insertions[position].joins;
        let first = joins.len();
        joins.pre.extend_from_slice(pre);
        joins.post.extend_from_slice(post);
        first..joins.len()
    }

    /// All synapses of a mechanism, or all connections to one that is in compartments; they share what is
    /// trained.
    ///
    /// # Errors
    /// A name that no synapse has.
    pub fn synapses(&self, name: &str) -> Result<SynapseSelection, ModelError> {
        let insertion = self.synaptic_insertion(name)?;
        Ok(insertion.synapses((0..insertion.rows()).collect()))
    }

    /// The insertion of the synapses of a name, or of a mechanism that events are connected to.
    ///
    /// # Errors
    /// A name that no synapse has.
    pub fn synaptic_insertion(&self, name: &str) -> Result<&Insertion, ModelError> {
        Ok(&self.insertions[self.synaptic_position(name)?])
    }

    /// The position of that insertion in [`Model::insertions`].
    ///
    /// # Errors
    /// As for [`Model::synaptic_insertion`].
    pub fn synaptic_position(&self, name: &str) -> Result<usize, ModelError> {
        let is_known = |i: &&Insertion| i.is_synaptic() || !i.connections.is_empty();
        let position = self.mechanism_position(name);
        let found = position.filter(|position| is_known(&&self.insertions[*position]));
        found.ok_or_else(|| {
            let known = self.insertions.iter().filter(is_known);
            ModelError::UnknownName {
                what: "synapse",
                name: name.to_string(),
                nearest: nearest(name, known.map(|i| i.mechanism.name.as_str())),
            }
        })
    }

    /// Sets a parameter of synapses, or a state at t = 0: one number for all, or one for each.
    ///
    /// # Errors
    /// A name that is none of theirs; a number that the quantity cannot have; a list of the wrong
    /// length; a function of distance, which synapses do not have; numbers of synapses that there are
    /// not.
    pub fn set_synapses<'a>(
        &mut self,
        name: &str,
        setting: impl Into<Setting<'a>>,
        selection: &SynapseSelection,
    ) -> Result<(), ModelError> {
        let quantity = self.synaptic_quantity(name, selection)?;
        self.set_rows(quantity, setting.into(), &selection.synapses)
    }

    /// Makes a parameter of synapses trainable, or a state at t = 0. Returns the position of the
    /// trainable.
    ///
    /// # Errors
    /// As for [`Model::trainable`].
    pub fn train_synapses(
        &mut self,
        name: &str,
        bounds: Option<(f64, f64)>,
        selection: &SynapseSelection,
    ) -> Result<usize, ModelError> {
        let quantity = self.synaptic_quantity(name, selection)?;
        let targets = match selection.shared {
            true => Targets::together(selection.synapses.clone()),
            false => Targets::each(selection.synapses.clone()),
        };
        self.train_rows(quantity, bounds, targets)
    }

    /// Records a state of synapses (`ionotropic.s`) or their current (`ionotropic.i`, nA, outward
    /// positive). Returns the rows of the run that hold it.
    ///
    /// # Errors
    /// A name that is none of theirs; numbers of synapses that there are not.
    pub fn record_synapses(
        &mut self,
        what: &str,
        selection: &SynapseSelection,
    ) -> Result<Vec<usize>, ModelError> {
        let wanted = self.synapse_rows_to_record(what, selection)?;
        Ok(self.add_recordings(wanted))
    }

    /// The same under a name of the user's.
    ///
    /// # Errors
    /// As for [`Model::record_synapses`].
    pub fn record_synapses_as(
        &mut self,
        name: &str,
        what: &str,
        selection: &SynapseSelection,
    ) -> Result<Vec<usize>, ModelError> {
        let mut wanted = self.synapse_rows_to_record(what, selection)?;
        for recording in &mut wanted {
            recording.name = name.to_string();
        }
        Ok(self.add_recordings(wanted))
    }

    /// What [`Model::record_synapses`] would record.
    ///
    /// # Errors
    /// As for [`Model::record_synapses`].
    pub fn synapse_rows_to_record(
        &self,
        what: &str,
        selection: &SynapseSelection,
    ) -> Result<Vec<Recording>, ModelError> {
        let mechanism = self.mechanism_of(selection)?;
        let theirs = |what: Recorded| what.mechanism() == Some(mechanism);
        let mut owned = self.owned_recordables();
        let found = owned.find(|(m, own, recorded)| theirs(*recorded) && is_called(what, m, own));
        let found = found.map(|(.., recorded)| recorded);
        drop(owned);
        let Some(recorded) = found else {
            let owned = self.owned_recordables();
            let names = owned.filter(|(.., recorded)| theirs(*recorded));
            let names: Vec<String> = names.map(|(m, own, _)| format!("{m}.{own}")).collect();
            return Err(ModelError::UnknownName {
                what: "recordable of these synapses",
                name: what.to_string(),
                nearest: nearest(what, names.iter().map(String::as_str)),
            });
        };
        let recordings = selection.synapses.iter().map(|&row| Recording {
            compartment: row,
            what: recorded,
            name: self.synapse_row_name(recorded, row),
        });
        Ok(recordings.collect())
    }

    /// What something recorded of a synapse is called if the user gives it no name.
    pub(crate) fn synapse_row_name(&self, what: Recorded, row: usize) -> String {
        format!("synapse[{row}].{}", self.recorded_name(what))
    }

    pub(crate) fn synaptic_quantity(
        &self,
        name: &str,
        selection: &SynapseSelection,
    ) -> Result<Quantity, ModelError> {
        let mechanism = self.mechanism_of(selection)?;
        let quantity = self.quantity(name)?;
        let of_each = |quantity: &Quantity| {
            let is_synaptic = self.insertions[mechanism].is_synaptic();
            quantity.mechanism() == Some(mechanism) && (is_synaptic || quantity.is_of_connections())
        };
        if of_each(&quantity) {
            return Ok(quantity);
        }
        let known = self.quantities().into_iter();
        let theirs = known.filter(of_each);
        let known: Vec<String> = theirs.map(|q| self.quantity_name(q)).collect();
        Err(ModelError::UnknownName {
            what: "quantity of these synapses",
            name: name.to_string(),
            nearest: nearest(name, known.iter().map(String::as_str)),
        })
    }

    /// The position in [`Model::insertions`] of the mechanism of some synapses.
    ///
    /// # Errors
    /// Numbers of synapses that there are not; synapses of the mechanism were deleted since these were
    /// selected.
    pub fn mechanism_of(&self, selection: &SynapseSelection) -> Result<usize, ModelError> {
        let same = |insertion: &Insertion| insertion.numbering == selection.numbering;
        let position = self.insertions.iter().position(same);
        let position = position.ok_or(ModelError::Renumbered)?;
        let synapses = self.insertions[position].rows();
        match selection.synapses.iter().find(|row| **row >= synapses) {
            Some(&synapse) => Err(ModelError::NoSynapseOfNumber { synapse, synapses }),
            None => Ok(position),
        }
    }

    /// What the synapses of a mechanism join, if it is one of synapses.
    pub(crate) fn joins_of(&self, mechanism: Option<usize>) -> Option<&Joins> {
        let insertion = &self.insertions[mechanism?];
        insertion.is_synaptic().then_some(&insertion.joins)
    }

    /// How many rows a quantity has: one per compartment, per synapse, or per connection.
    pub fn rows_of(&self, quantity: Quantity) -> usize {
        let mechanism = quantity
            .mechanism()
            .filter(|_| quantity.is_of_connections());
        if let Some(mechanism) = mechanism {
            return self.insertions[mechanism].connections.len();
        }
        let joins = self.joins_of(quantity.mechanism());
        joins.map_or(self.shape.compartments.len(), Joins::len)
    }

    /// The compartment of a row of a quantity; of a synapse, the one that its current flows into.
    pub(crate) fn compartment_of(&self, quantity: Quantity, row: usize) -> usize {
        let mechanism = quantity
            .mechanism()
            .filter(|_| quantity.is_of_connections());
        if let Some(mechanism) = mechanism {
            return self.compartment_connected(mechanism, row);
        }
        let joins = self.joins_of(quantity.mechanism());
        joins.map_or(row, |joins| joins.post[row])
    }

    /// The place of a row of a quantity.
    pub fn place_of(&self, quantity: Quantity, row: usize) -> Place {
        self.shape.place(self.compartment_of(quantity, row))
    }

    /// The synapses of a mechanism whose current flows into the selected compartments.
    pub(crate) fn synapses_onto(&self, position: usize, selection: &Selection) -> Vec<usize> {
        let post = self.insertions[position].joins.post.iter().enumerate();
        let onto = post.filter(|(_, compartment)| selection.contains(**compartment));
        onto.map(|(row, _)| row).collect()
    }

    /// Whether something recorded is a synapse's.
    pub fn is_of_synapse(&self, what: Recorded) -> bool {
        self.joins_of(what.mechanism()).is_some()
    }
}
