//! Deleting synapses: those that stay are numbered anew, and keep what is theirs.

use crate::connection::Connections;
use crate::error::ModelError;
use crate::model::{Model, next_version};
use crate::quantity::Quantity;
use crate::synapse::SynapseSelection;

impl Model {
    /// Deletes synapses, or connections, what is recorded of them, and their part in what is trained; a number that
    /// others share stays trainable for those. The rest are numbered anew in the same order, and keep
    /// their numbers, recordings and trainables. A recording that was called by the number of its
    /// synapse is called by the new one; names of the user's stay. With its last synapse a mechanism
    /// is gone.
    ///
    /// Selections of synapses of the mechanism that were made before are refused from then on.
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
    /// network.connect(synapse, &[0, 1], &[1, 0])?;
    /// let mut first = network.synapses("graded")?;
    /// first.synapses.truncate(1);
    /// network.delete_synapses(&first)?;
    /// assert_eq!(network.insertions()[0].joins.pre, [1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Numbers of synapses that there are not; a selection that was made before others were deleted.
    pub fn delete_synapses(&mut self, selection: &SynapseSelection) -> Result<(), ModelError> {
        let position = self.mechanism_of(selection)?;
        let insertion = &self.insertions[position];
        let is_synaptic = insertion.is_synaptic();
        let mut stays = vec![true; insertion.rows()];
        for &row in &selection.synapses {
            stays[row] = false;
        }
        // connections go with their synapses
        let targets = insertion.connections.targets.iter();
        let connections_stay = match is_synaptic {
            true => targets.map(|synapse| stays[*synapse]).collect(),
            false => stays.clone(),
        };
        let (moved, of_connections) = (renumbered(&stays), renumbered(&connections_stay));

        if is_synaptic {
            self.renumber_recordings(position, &moved);
        }
        self.renumber_trainables(position, &moved, &of_connections);
        if is_synaptic {
            self.renumber_plays(position, &moved);
        }
        let theirs = |quantity: &Quantity| quantity.mechanism() == Some(position);
        let quantities: Vec<_> = self.values.quantities().filter(theirs).collect();
        for quantity in quantities {
            if quantity.is_of_connections() {
                self.values.retain(quantity, &connections_stay);
            } else if is_synaptic {
                self.values.retain(quantity, &stays);
            }
        }
        let insertion = &mut self.insertions[position];
        insertion.numbering = next_version();
        let Connections { sources, targets } = &mut insertion.connections;
        keep(sources, &connections_stay);
        keep(targets, &connections_stay);
        if is_synaptic {
            for target in targets {
                *target = moved[*target].unwrap_or_default();
            }
            for ends in [&mut insertion.joins.pre, &mut insertion.joins.post] {
                keep(ends, &stays);
            }
        }
        if is_synaptic && insertion.joins.is_empty() {
            self.forget_mechanism(position);
        }
        self.structure_changed();
        Ok(())
    }

    fn renumber_recordings(&mut self, position: usize, moved: &[Option<usize>]) {
        let mut recordings = std::mem::take(&mut self.recordings);
        recordings.retain(|recording| {
            if recording.what.mechanism() != Some(position) {
                return true;
            }
            let old = recording.compartment;
            let Some(new) = moved[old] else {
                return false;
            };
            if recording.name == self.synapse_row_name(recording.what, old) {
                recording.name = self.synapse_row_name(recording.what, new);
            }
            recording.compartment = new;
            true
        });
        self.recordings = recordings;
    }

    fn renumber_plays(&mut self, position: usize, moved: &[Option<usize>]) {
        self.plays.retain_mut(|play| {
            if play.quantity.mechanism() != Some(position) {
                return true;
            }
            let new = moved[play.row];
            play.row = new.unwrap_or_default();
            new.is_some()
        });
    }

    fn renumber_trainables(
        &mut self,
        position: usize,
        of_synapses: &[Option<usize>],
        of_connections: &[Option<usize>],
    ) {
        let is_synaptic = self.insertions[position].is_synaptic();
        self.trainables.retain_mut(|trainable| {
            let quantity = trainable.quantity;
            let moved = match quantity.is_of_connections() {
                true => of_connections,
                false => of_synapses,
            };
            if quantity.mechanism() != Some(position)
                || !(is_synaptic || quantity.is_of_connections())
            {
                return true;
            }
            trainable.targets = trainable.targets.moved(|row| moved[row]);
            !trainable.targets.is_empty()
        });
    }
}

/// The number that each row has from now on, if it stays.
fn renumbered(stays: &[bool]) -> Vec<Option<usize>> {
    let mut left = 0;
    let moved = stays.iter().map(|stays| {
        left += usize::from(*stays);
        stays.then(|| left - 1)
    });
    moved.collect()
}

/// Keeps what stays.
fn keep(rows: &mut Vec<usize>, stays: &[bool]) {
    let mut stays = stays.iter();
    rows.retain(|_| stays.next().is_none_or(|stays| *stays));
}
