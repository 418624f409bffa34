//! Assembling: a branch of compartments, a cell of branches, a network of cells.
//!
//! What is on the parts stays on them: mechanisms, numbers, groups, stimuli, clamps, recordings
//! and trainables come along.

use std::sync::Arc;

use loligo_morphology::{Attachment, CompartmentGeometry, Morphology, Point};

use crate::connection::{Connections, SpikeSource};
use crate::error::ModelError;
use crate::insertion::{Insertion, is_same};
use crate::model::Model;
use crate::play::Play;
use crate::quantity::Quantity;
use crate::recording::Recorded;
use crate::shape::{BranchShape, CellShape, Shape};

impl Model {
    /// Cells side by side, not connected.
    ///
    /// # Errors
    /// No cell; parts that contradict each other: different mechanisms of one name, different
    /// values for what the whole model shares.
    ///
    /// ```
    /// use loligo_model::Model;
    ///
    /// let cell = Model::cylinder(20.0, 10.0, 1)?;
    /// let mut network = Model::network(&[cell.clone(), cell])?;
    /// network.cell(1).record("v")?;
    /// assert_eq!(network.recordings()[0].name, "cell[1].branch[0](0.5).v");
    /// # Ok::<(), loligo_model::ModelError>(())
    /// ```
    pub fn network(cells: &[Model]) -> Result<Self, ModelError> {
        at_least_one("cell", cells)?;
        let mut shape = Shape::default();
        for part in cells {
            let (branches, compartments) = (shape.branches.len(), shape.compartments.len());
            let first_cell = shape.cells.len();
            shape
                .cells
                .extend(part.shape.cells.iter().map(|cell| CellShape {
                    branches: shift(&cell.branches, branches),
                    compartments: shift(&cell.compartments, compartments),
                }));
            shape
                .branches
                .extend(part.shape.branches.iter().map(|branch| BranchShape {
                    cell: branch.cell + first_cell,
                    parent: branch.parent.map(|parent| Attachment {
                        branch: parent.branch + branches,
                        at: parent.at,
                    }),
                    compartments: shift(&branch.compartments, compartments),
                    ..branch.clone()
                }));
            shape.compartments.extend(&part.shape.compartments);
        }
        let several = shape.cells.len() > 1;
        Model::of_parts(shape, "cell", cells, |part, name| match several {
            true => format!("cell[{part}].{name}"),
            false => name.to_string(),
        })
    }

    /// An unbranched cell of cylinders, one after the other; every part is unbranched itself.
    ///
    /// # Errors
    /// No part, a part with branches, parts that contradict each other.
    pub fn chain(compartments: &[Model]) -> Result<Self, ModelError> {
        at_least_one("compartment", compartments)?;
        all_unbranched("compartment", compartments)?;
        let parts = compartments.iter().map(|part| &part.shape);
        let shape = tree_of(&[parts.collect()], &[None])?;
        Model::of_parts(shape, "compartment", compartments, |_, name| {
            name.to_string()
        })
    }

    /// A cell of unbranched parts: `parents` says of each where its 0 end attaches; `None` for the
    /// first, which is the root.
    ///
    /// # Errors
    /// No part, a part with branches, parents that make no tree, parts that contradict each other.
    ///
    /// ```
    /// use loligo_model::{Attachment, Model};
    ///
    /// let end = Some(Attachment { branch: 0, at: 1.0 });
    /// let branch = Model::cylinder(100.0, 1.0, 4)?;
    /// let fork = Model::tree(&[branch.clone(), branch.clone(), branch], &[None, end, end])?;
    /// assert_eq!(fork.select().branch(2).selection()?.compartments(), [8, 9, 10, 11]);
    /// # Ok::<(), loligo_model::ModelError>(())
    /// ```
    pub fn tree(branches: &[Model], parents: &[Option<Attachment>]) -> Result<Self, ModelError> {
        at_least_one("branch", branches)?;
        all_unbranched("branch", branches)?;
        let parts: Vec<_> = branches.iter().map(|part| vec![&part.shape]).collect();
        let shape = tree_of(&parts, parents)?;
        Model::of_parts(shape, "branch", branches, |_, name| name.to_string())
    }

    /// A model of a shape whose compartments are those of the parts, in their order.
    fn of_parts(
        shape: Shape,
        level: &str,
        parts: &[Model],
        renamed: impl Fn(usize, &str) -> String,
    ) -> Result<Self, ModelError> {
        let mut whole = Model::bare(shape);
        let mut offset = 0;
        for (index, part) in parts.iter().enumerate() {
            let contradicts = |reason| ModelError::BadPart {
                part: format!("{level} {index}"),
                reason,
            };
            whole
                .take_in(part, offset, &|name| renamed(index, name))
                .map_err(contradicts)?;
            let cylinders = part.cylinders.iter().map(|row| row + offset);
            whole.cylinders.extend(cylinders);
            offset += part.shape.compartments.len();
        }
        whole.structure_changed();
        Ok(whole)
    }

    /// Copies what is on a part whose compartments begin at `offset`; says what contradicts.
    fn take_in(
        &mut self,
        part: &Model,
        offset: usize,
        renamed: &dyn Fn(&str) -> String,
    ) -> Result<(), String> {
        let mut mechanisms = Vec::with_capacity(part.insertions.len());
        let mut synapses = Vec::with_capacity(part.insertions.len());
        for ion in &part.ions {
            match self.ions.iter().find(|known| known.name == ion.name) {
                Some(known) if known.reversal != ion.reversal => {
                    return Err(format!(
                        "the reversal potential of `{}` is chosen otherwise than in the parts before",
                        ion.name
                    ));
                }
                Some(_) => {}
                None => self.ions.push(ion.clone()),
            }
        }
        let mut connections = Vec::with_capacity(part.insertions.len());
        for insertion in &part.insertions {
            let (position, first) = self.take_in_insertion(insertion, offset)?;
            mechanisms.push(position);
            synapses.push(first);
            connections.push(self.insertions[position].connections.len());
        }
        // what numbers of the part's compartments or synapses are here
        let shifted = |mechanism: Option<usize>| match mechanism {
            Some(position) if part.insertions[position].is_synaptic() => synapses[position],
            _ => offset,
        };
        let row = |quantity: Quantity| match quantity.mechanism() {
            Some(position) if quantity.is_of_connections() => connections[position],
            mechanism => shifted(mechanism),
        };
        let ion = |position: usize| {
            let name = &part.ions[position].name;
            let same = self.ions.iter().position(|ion| ion.name == *name);
            same.unwrap_or(position)
        };
        let common = |position: usize| {
            let name = &part.commons[position];
            let same = self.commons.iter().position(|common| common == name);
            same.unwrap_or(position)
        };
        let moved = |quantity: Quantity| match quantity.with_mechanism(|m| mechanisms[m]) {
            Quantity::Ion { ion: old, value } => Quantity::Ion {
                ion: ion(old),
                value,
            },
            Quantity::Common { common: old } => Quantity::Common {
                common: common(old),
            },
            other => other,
        };
        let recorded = |what: Recorded| match what.with_mechanism(|m| mechanisms[m]) {
            Recorded::IonCurrent { ion: old } => Recorded::IonCurrent { ion: ion(old) },
            Recorded::IonNumber { ion: old, value } => Recorded::IonNumber {
                ion: ion(old),
                value,
            },
            Recorded::CommonNumber { common: old } => Recorded::CommonNumber {
                common: common(old),
            },
            Recorded::ClampCurrent { clamp } => Recorded::ClampCurrent {
                clamp: clamp + self.clamps.len(),
            },
            other => other,
        };
        let recordings: Vec<_> = part
            .recordings()
            .iter()
            .cloned()
            .map(|mut recording| {
                recording.compartment += shifted(recording.what.mechanism());
                recording.what = recorded(recording.what);
                recording.name = renamed(&recording.name);
                recording
            })
            .collect();
        let trainables: Vec<_> = part
            .trainables
            .iter()
            .cloned()
            .map(|mut trainable| {
                let by = row(trainable.quantity);
                trainable.quantity = moved(trainable.quantity);
                trainable.targets = trainable.targets.moved(|row| Some(row + by));
                trainable.name = renamed(&trainable.name);
                trainable
            })
            .collect();
        let plays = part.plays.iter().cloned().map(|play| Play {
            row: play.row + row(play.quantity),
            quantity: moved(play.quantity),
            ..play
        });
        let plays: Vec<_> = plays.collect();
        let columns: Vec<_> = part
            .values
            .columns
            .iter()
            .map(|(&q, column)| (moved(q), row(q), column))
            .collect();
        for (position, insertion) in part.insertions.iter().enumerate() {
            let target = match insertion.is_synaptic() {
                true => synapses[position],
                false => offset,
            };
            let own = &mut self.insertions[mechanisms[position]].connections;
            let Connections { sources, targets } = &insertion.connections;
            let first = self.spike_sources.len();
            own.sources
                .extend(sources.iter().map(|source| source + first));
            own.targets.extend(targets.iter().map(|row| row + target));
        }
        let sources = part.spike_sources.iter().cloned();
        self.spike_sources
            .extend(sources.map(|source| match source {
                SpikeSource::Threshold {
                    compartment,
                    threshold,
                } => SpikeSource::Threshold {
                    compartment: compartment + offset,
                    threshold,
                },
                SpikeSource::Announced {
                    mechanism,
                    compartment,
                } => SpikeSource::Announced {
                    mechanism: mechanisms[mechanism],
                    compartment: compartment + offset,
                },
                train @ SpikeSource::Train(_) => train,
            }));

        for (quantity, offset, column) in columns {
            let rows = column.iter().enumerate();
            for (row, value) in rows.filter_map(|(row, value)| Some((row, (*value)?))) {
                if self.is_shared_by_all(quantity) {
                    match self.first_value(quantity) {
                        Some(other) if other != value => {
                            let name = self.quantity_name(quantity);
                            return Err(format!(
                                "`{name}` has one value for the whole model, but is {value} here and {other} before"
                            ));
                        }
                        _ => {}
                    }
                }
                let rows = self.rows_of(quantity);
                self.values.put(quantity, row + offset, value, rows);
            }
        }
        match (self.values.celsius, part.values.celsius) {
            (Some(other), Some(celsius)) if other != celsius => {
                return Err(format!(
                    "the temperature is {celsius} °C here and {other} °C before"
                ));
            }
            (None, celsius) => self.values.celsius = celsius,
            _ => {}
        }
        for (name, members) in &part.groups.members {
            self.groups.add(name, members.iter().map(|c| c + offset));
        }
        self.stimuli
            .extend(part.stimuli.iter().cloned().map(|mut stimulus| {
                stimulus.compartment += offset;
                stimulus
            }));
        self.clamps
            .extend(part.clamps.iter().cloned().map(|mut clamp| {
                clamp.compartment += offset;
                clamp
            }));
        self.plays.extend(plays);
        for recording in recordings {
            self.recordings.add(recording);
        }
        for mut trainable in trainables {
            trainable.name = self.unused_name(trainable.name);
            self.trainables.push(trainable);
        }
        self.notes.extend(part.notes.iter().cloned());
        Ok(())
    }

    /// The position that the mechanism has here, and the number of its first synapse.
    fn take_in_insertion(
        &mut self,
        insertion: &Insertion,
        offset: usize,
    ) -> Result<(usize, usize), String> {
        let name = &insertion.mechanism.name;
        let position = match self.mechanism_position(name) {
            Some(known) if !is_same(&self.insertions[known].mechanism, &insertion.mechanism) => {
                return Err(format!(
                    "its mechanism `{name}` is not that of the parts before"
                ));
            }
            Some(known) => known,
            None => {
                self.add_shared_of(&insertion.mechanism);
                let mechanism = Arc::clone(&insertion.mechanism);
                let compartments = self.shape.compartments.len();
                self.insertions
                    .push(Insertion::nowhere(mechanism, compartments));
                self.insertions.len() - 1
            }
        };
        let here = &mut self.insertions[position].present[offset..];
        here[..insertion.present.len()].copy_from_slice(&insertion.present);
        let [pre, post] = [&insertion.joins.pre, &insertion.joins.post]
            .map(|ends| ends.iter().map(|end| end + offset).collect::<Vec<_>>());
        let new = self.add_joins(position, &pre, &post);
        Ok((position, new.start))
    }
}

fn shift(range: &std::ops::Range<usize>, by: usize) -> std::ops::Range<usize> {
    range.start + by..range.end + by
}

fn at_least_one(level: &str, parts: &[Model]) -> Result<(), ModelError> {
    match parts.is_empty() {
        false => Ok(()),
        true => Err(ModelError::BadPart {
            part: format!("an empty list of parts ({level})"),
            reason: "expected at least one".to_string(),
        }),
    }
}

fn all_unbranched(level: &str, parts: &[Model]) -> Result<(), ModelError> {
    match parts.iter().position(|part| part.shape.branches.len() != 1) {
        None => Ok(()),
        Some(index) => Err(ModelError::BadPart {
            part: format!("{level} {index}"),
            reason: format!(
                "it has {} branches, expected one",
                parts[index].shape.branches.len()
            ),
        }),
    }
}

/// One cell; each branch is a chain of the compartments of its parts. Positions are laid out anew.
fn tree_of(branches: &[Vec<&Shape>], parents: &[Option<Attachment>]) -> Result<Shape, ModelError> {
    let compartments: Vec<Vec<CompartmentGeometry>> = branches
        .iter()
        .map(|parts| {
            parts
                .iter()
                .flat_map(|part| part.compartments.clone())
                .collect()
        })
        .collect();
    let sizes: Vec<(f64, f64)> = compartments
        .iter()
        .map(|inside| {
            let length: f64 = inside.iter().map(|c| c.length).sum();
            let lateral: f64 = inside.iter().map(|c| c.length * c.radius).sum();
            (length, lateral / length)
        })
        .collect();
    let layout = Morphology::cylinders(&sizes, parents)?;

    let mut shape = Shape::default();
    for (index, (inside, laid_out)) in compartments.iter().zip(&layout.branches).enumerate() {
        let first = shape.compartments.len();
        let mut walked = 0.0;
        for &compartment in inside {
            let middle = (walked + 0.5 * compartment.length) / laid_out.length();
            shape.compartments.push(CompartmentGeometry {
                center: laid_out.at(middle).position(),
                ..compartment
            });
            walked += compartment.length;
        }
        shape.branches.push(BranchShape {
            cell: 0,
            parent: laid_out.parent,
            compartments: first..shape.compartments.len(),
            kind: branches[index][0].branches[0].kind,
            name: format!("branch[{index}]"),
            points: points_of(inside, laid_out.at(0.0), laid_out.at(1.0)),
        });
    }
    shape.cells.push(CellShape {
        branches: 0..shape.branches.len(),
        compartments: 0..shape.compartments.len(),
    });
    Ok(shape)
}

/// The outline of compartments in a straight line, each a cylinder.
fn points_of(inside: &[CompartmentGeometry], start: Point, end: Point) -> Arc<[Point]> {
    let total: f64 = inside.iter().map(|c| c.length).sum();
    let at = |walked: f64, radius| {
        let between = |a: f64, b: f64| a + (b - a) * walked / total;
        Point::new(
            between(start.x, end.x),
            between(start.y, end.y),
            between(start.z, end.z),
            radius,
        )
    };
    let mut walked = 0.0;
    let mut points = Vec::with_capacity(2 * inside.len());
    for compartment in inside {
        points.push(at(walked, compartment.radius));
        walked += compartment.length;
        points.push(at(walked, compartment.radius));
    }
    Arc::from(points)
}
