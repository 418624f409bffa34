//! Views: a model and some of its compartments, narrowed step by step.
//!
//! Selectors count anew within what is in view: `branch(0)` is the first branch in view of every
//! cell in view, `compartment(0)` the first compartment in view of every branch in view. A wrong
//! index or name is kept and returned by the verb that ends the chain, so that a chain needs one
//! `?` only.

use std::ops::Deref;

use crate::error::SelectionError;
use crate::indices::Indices;
use crate::model::Model;
use crate::names::nearest;
use crate::selection::{Selection, Sharing};

/// A model and a selection of its compartments.
///
/// `View<&Model>` only selects; `View<&mut Model>` has the verbs, too.
///
/// ```
/// use loligo_model::{Model, Waveform};
///
/// let mut cable = Model::cylinder(1000.0, 1.0, 11)?;
/// cable.compartment(0).stimulate(Waveform::step(5.0, 20.0, 0.5))?;
/// cable.at(1.0).record("v")?;
/// assert_eq!(cable.recordings()[0].compartment, 10);
///
/// let half = cable.select().compartment(0..5).selection()?;
/// assert_eq!(half.len(), 5);
/// # Ok::<(), loligo_model::ModelError>(())
/// ```
#[derive(Clone, Debug)]
pub struct View<M> {
    pub(crate) model: M,
    pub(crate) selection: Result<Selection, SelectionError>,
}

/// Ways into a model.
impl Model {
    /// Everything, to select from.
    pub fn select(&self) -> View<&Model> {
        View {
            selection: Ok(self.everything()),
            model: self,
        }
    }

    /// A selection, to select from.
    pub fn select_from(&self, selection: &Selection) -> View<&Model> {
        View {
            selection: Ok(selection.clone()),
            model: self,
        }
    }

    /// All compartments, which share one number.
    pub fn everything(&self) -> Selection {
        Selection::new(self.all_compartments(), Sharing::Shared)
    }

    /// The selection of compartments by their numbers in the whole model.
    ///
    /// # Errors
    /// A number that is too large, or none at all.
    pub fn selection_of(
        &self,
        compartments: impl Into<Indices>,
        sharing: Sharing,
    ) -> Result<Selection, SelectionError> {
        let available = self.shape.compartments.len();
        let list = match compartments.into() {
            Indices::All => self.all_compartments(),
            Indices::List(list) => list,
        };
        match list.iter().find(|&&index| index >= available) {
            Some(&index) => Err(SelectionError::NoIndex {
                level: "compartment",
                index,
                available,
            }),
            None => not_empty(Selection::new(list, sharing), || "the list is empty".into()),
        }
    }

    /// Everything, to change it.
    pub fn everywhere(&mut self) -> View<&mut Model> {
        View {
            selection: Ok(self.everything()),
            model: self,
        }
    }

    /// Some compartments, to change them.
    pub fn view(&mut self, selection: &Selection) -> View<&mut Model> {
        View {
            selection: Ok(selection.clone()),
            model: self,
        }
    }

    /// Some cells.
    pub fn cell(&mut self, indices: impl Into<Indices>) -> View<&mut Model> {
        self.everywhere().cell(indices)
    }

    /// Some branches of every cell.
    pub fn branch(&mut self, indices: impl Into<Indices>) -> View<&mut Model> {
        self.everywhere().branch(indices)
    }

    /// Some compartments of every branch.
    pub fn compartment(&mut self, indices: impl Into<Indices>) -> View<&mut Model> {
        self.everywhere().compartment(indices)
    }

    /// The compartment of every branch that holds a location from 0 to 1.
    pub fn at(&mut self, location: f64) -> View<&mut Model> {
        self.everywhere().at(location)
    }

    /// A group.
    pub fn group(&mut self, name: &str) -> View<&mut Model> {
        self.everywhere().group(name)
    }

    fn all_compartments(&self) -> Vec<usize> {
        (0..self.shape.compartments.len()).collect()
    }
}

/// Selectors.
impl<M: Deref<Target = Model>> View<M> {
    /// The selection.
    ///
    /// # Errors
    /// The first selector that found nothing.
    pub fn selection(&self) -> Result<Selection, SelectionError> {
        self.selection.clone()
    }

    /// Some of the cells in view, counted from 0. A trainable gets one number per cell.
    pub fn cell(self, indices: impl Into<Indices>) -> Self {
        let indices = indices.into();
        self.narrow(|model, view| {
            let cells = model.shape.by_cell(view.compartments()).collect();
            pick("cell", Sharing::PerCell, &[cells], &indices)
        })
    }

    /// Some of the branches in view of every cell in view, counted from 0 in each cell. A
    /// trainable gets one number per branch.
    pub fn branch(self, indices: impl Into<Indices>) -> Self {
        let indices = indices.into();
        self.narrow(|model, view| {
            let cells = model.shape.by_cell(view.compartments());
            let branches = cells.map(|cell| model.shape.by_branch(cell).collect());
            let branches: Vec<Vec<&[usize]>> = branches.collect();
            pick("branch", Sharing::PerBranch, &branches, &indices)
        })
    }

    /// Some of the compartments in view of every branch in view, counted from 0 in each branch. A
    /// trainable gets one number per compartment.
    pub fn compartment(self, indices: impl Into<Indices>) -> Self {
        let indices = indices.into();
        self.narrow(|model, view| {
            let branches = model.shape.by_branch(view.compartments());
            let compartments = branches.map(|branch| branch.chunks(1).collect());
            let compartments: Vec<Vec<&[usize]>> = compartments.collect();
            pick(
                "compartment",
                Sharing::PerCompartment,
                &compartments,
                &indices,
            )
        })
    }

    /// The compartment in view that holds a location, from 0 to 1 along the whole branch, of every
    /// branch in view. A location exactly between two compartments belongs to the one nearer to
    /// the 0 end. A trainable gets one number per compartment.
    pub fn at(self, location: f64) -> Self {
        self.narrow(|model, view| {
            if !(0.0..=1.0).contains(&location) {
                return Err(SelectionError::NoLocation { at: location });
            }
            let there = view.filter(|c| model.shape.at(model.shape.branch_of(c), location) == c);
            not_empty(there.with_sharing(Sharing::PerCompartment), || {
                format!("no compartment in view is at location {location} of its branch")
            })
        })
    }

    /// What of the view is in a group. A trainable gets one number for all.
    pub fn group(self, name: &str) -> Self {
        self.narrow(|model, view| {
            let Some(members) = model.groups.compartments(name) else {
                return Err(SelectionError::NoGroup {
                    name: name.to_string(),
                    nearest: nearest(name, model.groups.names()),
                });
            };
            let inside = view.filter(|c| members.binary_search(&c).is_ok());
            not_empty(inside.with_sharing(Sharing::Shared), || {
                format!("no compartment in view is in the group `{name}`")
            })
        })
    }

    /// What of the view has a mechanism. A trainable gets one number for all.
    pub fn with_mechanism(self, name: &str) -> Self {
        self.narrow(|model, view| {
            let names = model.insertions.iter().map(|i| i.mechanism.name.as_str());
            let Some(position) = model.mechanism_position(name) else {
                return Err(SelectionError::NoMechanism {
                    name: name.to_string(),
                    nearest: nearest(name, names),
                });
            };
            let inside = view.filter(|c| model.insertions[position].present[c]);
            not_empty(inside.with_sharing(Sharing::Shared), || {
                format!("no compartment in view has the mechanism `{name}`")
            })
        })
    }

    /// The same compartments that share a trainable otherwise.
    pub fn sharing(mut self, sharing: Sharing) -> Self {
        self.selection = self.selection.map(|view| view.with_sharing(sharing));
        self
    }

    fn narrow(
        mut self,
        select: impl FnOnce(&Model, &Selection) -> Result<Selection, SelectionError>,
    ) -> Self {
        self.selection = self.selection.and_then(|view| select(&self.model, &view));
        self
    }
}

/// From each parent, the children of these indices. An index counts if one parent has it.
fn pick(
    level: &'static str,
    sharing: Sharing,
    parents: &[Vec<&[usize]>],
    indices: &Indices,
) -> Result<Selection, SelectionError> {
    let available = parents.iter().map(Vec::len).max().unwrap_or(0);
    let picked: Vec<usize> = match indices {
        Indices::All => parents.concat().concat(),
        Indices::List(list) => {
            if let Some(&index) = list.iter().find(|&&index| index >= available) {
                return Err(SelectionError::NoIndex {
                    level,
                    index,
                    available,
                });
            }
            let children = parents
                .iter()
                .flat_map(|children| list.iter().filter_map(|&index| children.get(index)));
            children.copied().flatten().copied().collect()
        }
    };
    not_empty(Selection::new(picked, sharing), || {
        format!("the list of {level} indices is empty")
    })
}

fn not_empty(
    selection: Selection,
    reason: impl FnOnce() -> String,
) -> Result<Selection, SelectionError> {
    match selection.is_empty() {
        true => Err(SelectionError::Empty { reason: reason() }),
        false => Ok(selection),
    }
}
