//! Trainables: the numbers that an optimiser may change.

use std::cmp::Ordering;
use std::ops::Range;

use crate::error::ModelError;
use crate::model::Model;
use crate::quantity::Quantity;
use crate::selection::{Selection, Sharing};
use crate::targets::Targets;

/// A quantity that is trained over some compartments.
#[derive(Clone, Debug, PartialEq)]
pub struct Trainable {
    /// What is trained.
    pub quantity: Quantity,
    /// For each trainable number, the compartments or synapses that share it.
    pub targets: Targets,
    /// The smallest and the largest value that it may take.
    pub bounds: Option<(f64, f64)>,
    /// What users find it by: `hh.gnabar`, and `hh.gnabar#2` for the second of that name.
    pub name: String,
}

/// The trainable numbers of a model as one flat list.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// The numbers, trainable after trainable.
    pub values: Vec<f64>,
    /// The bounds of each number.
    pub bounds: Vec<Option<(f64, f64)>>,
    slices: Vec<(String, Range<usize>)>,
}

impl Parameters {
    /// The names and where their numbers are.
    pub fn slices(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        self.slices
            .iter()
            .map(|(name, range)| (name.as_str(), range.clone()))
    }

    /// Where the numbers of a name are.
    pub fn range(&self, name: &str) -> Option<Range<usize>> {
        let slice = self.slices.iter().find(|(known, _)| known == name);
        slice.map(|(_, range)| range.clone())
    }

    /// The numbers of a name.
    pub fn slice(&self, name: &str) -> Option<&[f64]> {
        self.range(name).map(|range| &self.values[range])
    }
}

impl Model {
    /// Makes a quantity trainable in those of the selected compartments that have it. The last
    /// selector decides how many numbers there are ([`Sharing`]); each starts at the mean over the
    /// compartments that share it. Returns the position of the trainable.
    ///
    /// # Errors
    /// A name that stands for nothing; no compartment that has it; a number that is trained
    /// already, lies outside of the bounds, or is a steady state; part of what has one value for
    /// the whole model; bounds without room.
    pub fn trainable(
        &mut self,
        name: &str,
        bounds: Option<(f64, f64)>,
        selection: &Selection,
    ) -> Result<usize, ModelError> {
        let quantity = self.quantity(name)?;
        let rows = self.rows(quantity, selection)?;
        let targets = self.shared(quantity, rows, selection.sharing());
        self.train_rows(quantity, bounds, targets)
    }

    /// Makes rows that have a quantity trainable, those of each target together.
    pub(crate) fn train_rows(
        &mut self,
        quantity: Quantity,
        bounds: Option<(f64, f64)>,
        targets: Targets,
    ) -> Result<usize, ModelError> {
        let name = self.quantity_name(quantity);
        check_bounds(&name, bounds)?;

        let trained = self.trained(quantity);
        let is_trained = |row: &&usize| trained.get(**row).is_some_and(|is_trained| *is_trained);
        if let Some(&row) = targets.rows().iter().find(is_trained) {
            let place = self.place_of(quantity, row);
            return Err(ModelError::AlreadyTrainable { name, place });
        }
        let played = self.played(quantity);
        if let Some(&row) = targets.rows().iter().find(|row| played[**row]) {
            let place = self.place_of(quantity, row);
            return Err(ModelError::PlayedAndTrained { name, place });
        }
        if self.is_shared_by_all(quantity) {
            let everywhere = self.rows(quantity, &self.everything())?;
            if targets != Targets::together(everywhere) {
                return Err(ModelError::NotUniform { name });
            }
        }
        for target in targets.iter() {
            let value = self.mean(quantity, target)?;
            self.check_within(quantity, bounds, target, value)?;
        }

        self.trainables.push(Trainable {
            quantity,
            targets,
            bounds,
            name: self.unused_name(name),
        });
        self.structure_changed();
        Ok(self.trainables.len() - 1)
    }

    /// Makes rows of a quantity (compartments, or synapses of its mechanism) trainable, those of each
    /// target together. Returns the position of the trainable.
    ///
    /// # Errors
    /// As for [`Model::trainable`]; a row that there is not, no row, or one twice.
    pub fn train_together(
        &mut self,
        name: &str,
        bounds: Option<(f64, f64)>,
        targets: Targets,
    ) -> Result<usize, ModelError> {
        let quantity = self.quantity(name)?;
        let rows = self.rows_of(quantity);
        let mut all = targets.rows().to_vec();
        all.sort_unstable();
        all.dedup();
        let given = targets.rows().len();
        let is_empty = targets.iter().any(<[usize]>::is_empty);
        if is_empty || all.len() != given || all.last().is_none_or(|last| *last >= rows) {
            return Err(ModelError::WrongLength {
                name: self.quantity_name(quantity),
                given,
                expected: all.partition_point(|row| *row < rows),
            });
        }
        self.train_rows(quantity, bounds, targets)
    }

    /// Trains nothing in the selected compartments any more, and nothing of synapses onto them. A number that is shared with others
    /// stays trainable for those; what has one value for the whole model goes with its last
    /// compartment.
    pub fn delete_trainables(&mut self, selection: &Selection) {
        let mut left = Vec::new();
        for mut trainable in std::mem::take(&mut self.trainables) {
            let quantity = trainable.quantity;
            let whole = self.is_shared_by_all(quantity);
            let stays = |row: usize| !selection.contains(self.compartment_of(quantity, row));
            if !(whole && trainable.targets.rows().iter().any(|row| stays(*row))) {
                trainable.targets = trainable.targets.moved(|row| stays(row).then_some(row));
            }
            if !trainable.targets.is_empty() {
                left.push(trainable);
            }
        }
        self.trainables = left;
        self.structure_changed();
    }

    /// The trainable numbers as they are now: the mean over the compartments that share each.
    pub fn parameters(&self) -> Parameters {
        let mut parameters = Parameters {
            values: Vec::new(),
            bounds: Vec::new(),
            slices: Vec::new(),
        };
        for trainable in &self.trainables {
            let first = parameters.values.len();
            let targets = trainable.targets.iter();
            // what is trainable has a number in every compartment
            let values = targets.filter_map(|target| self.mean(trainable.quantity, target).ok());
            parameters.values.extend(values);
            let last = parameters.values.len();
            parameters.bounds.resize(last, trainable.bounds);
            parameters
                .slices
                .push((trainable.name.clone(), first..last));
        }
        parameters
    }

    /// Writes trained numbers back, each into all compartments that share it.
    ///
    /// # Errors
    /// Parameters of another model; a number that its quantity cannot have, or out of bounds.
    pub fn write(&mut self, parameters: &Parameters) -> Result<(), ModelError> {
        let expected = self.trainables.iter().map(|t| t.targets.len()).sum();
        if parameters.values.len() != expected {
            return Err(ModelError::OtherParameters {
                given: parameters.values.len(),
                expected,
            });
        }
        let mut writes = Vec::with_capacity(self.trainables.len());
        let mut values = parameters.values.iter();
        for trainable in &self.trainables {
            let mut each = Vec::with_capacity(trainable.targets.rows().len());
            for (target, &value) in trainable.targets.iter().zip(&mut values) {
                self.check_within(trainable.quantity, trainable.bounds, target, value)?;
                self.check(trainable.quantity, target[0], value)?;
                each.resize(each.len() + target.len(), value);
            }
            writes.push((trainable.quantity, trainable.targets.clone(), each));
        }
        // all are right, so none of these fails
        for (quantity, targets, each) in writes {
            self.put(quantity, targets.rows(), &each)?;
        }
        Ok(())
    }

    /// For each row of a quantity whether it is trained.
    pub(crate) fn trained(&self, quantity: Quantity) -> Vec<bool> {
        let mut trained = vec![false; self.rows_of(quantity)];
        let same = self.trainables.iter().filter(|t| t.quantity == quantity);
        for row in same.flat_map(|t| t.targets.rows()) {
            trained[*row] = true;
        }
        trained
    }

    /// Cuts compartments into those that share a number.
    fn shared(&self, quantity: Quantity, rows: Vec<usize>, sharing: Sharing) -> Targets {
        let cut = |same: &dyn Fn(usize) -> usize| {
            let mut owned: Vec<(usize, usize)> = (rows.iter())
                .map(|row| (same(self.compartment_of(quantity, *row)), *row))
                .collect();
            // synapses are in the order in which they were made, and not in that of compartments
            owned.sort_by_key(|(owner, _)| *owner);
            let groups = owned.chunk_by(|one, next| one.0 == next.0);
            groups
                .map(|group| group.iter().map(|(_, row)| *row))
                .collect()
        };
        match sharing {
            Sharing::Shared => Targets::together(rows),
            Sharing::PerCell => cut(&|compartment| self.shape.cell_of(compartment)),
            Sharing::PerBranch => cut(&|compartment| self.shape.branch_of(compartment)),
            Sharing::PerCompartment => cut(&|compartment| compartment),
        }
    }

    fn mean(&self, quantity: Quantity, target: &[usize]) -> Result<f64, ModelError> {
        let value = |row: usize| {
            let value = self.values.value(quantity, row);
            value.ok_or_else(|| ModelError::NoNumber {
                name: self.quantity_name(quantity),
                place: self.place_of(quantity, row),
            })
        };
        // summed as differences, so that the mean of equal numbers is that number
        let first = value(target[0])?;
        let mut sum = 0.0;
        for &row in target {
            sum += value(row)? - first;
        }
        Ok(first + sum / target.len() as f64)
    }

    fn check_within(
        &self,
        quantity: Quantity,
        bounds: Option<(f64, f64)>,
        target: &[usize],
        value: f64,
    ) -> Result<(), ModelError> {
        match bounds {
            Some((lower, upper)) if !(lower..=upper).contains(&value) => {
                Err(ModelError::OutsideBounds {
                    name: self.quantity_name(quantity),
                    place: self.place_of(quantity, target[0]),
                    value,
                    lower,
                    upper,
                })
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn unused_name(&self, name: String) -> String {
        let taken = |name: &str| self.trainables.iter().any(|t| t.name == name);
        let numbered = (2..).map(|n| format!("{name}#{n}"));
        std::iter::once(name.clone())
            .chain(numbered)
            .find(|candidate| !taken(candidate))
            .unwrap_or(name)
    }
}

fn check_bounds(name: &str, bounds: Option<(f64, f64)>) -> Result<(), ModelError> {
    match bounds {
        // NaN is not less than anything
        Some((lower, upper)) if lower.partial_cmp(&upper) != Some(Ordering::Less) => {
            Err(ModelError::BadBounds {
                name: name.to_string(),
                lower,
                upper,
            })
        }
        _ => Ok(()),
    }
}
