//! Tables: what is in a model, as columns with names.

use crate::error::ModelError;
use crate::insertion::Insertion;
use crate::model::Model;
use crate::quantity::Quantity;
use crate::shape::Place;

/// Columns of equal length.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The columns, each with its name.
    pub columns: Vec<(String, Column)>,
}

/// The entries of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Numbers that count.
    Index(Vec<usize>),
    /// Numbers; none where the row has none.
    Number(Vec<Option<f64>>),
    /// Yes or no.
    Flag(Vec<bool>),
    /// Text.
    Text(Vec<String>),
}

impl Table {
    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        let column = self.columns.iter().find(|(known, _)| known == name);
        column.map(|(_, column)| column)
    }
}

impl Model {
    /// The compartments, a row each: cell, branch (of the cell), compartment (of the branch),
    /// location on the branch, area (µm²), volume (µm³), position (µm), every group, every
    /// mechanism, and every quantity.
    pub fn compartment_table(&self) -> Table {
        let shape = &self.shape;
        let rows = 0..shape.compartments.len();
        let places: Vec<_> = rows.clone().map(|c| shape.place(c)).collect();
        let number = |of: &dyn Fn(usize) -> f64| {
            Column::Number(rows.clone().map(|row| Some(of(row))).collect())
        };
        let shapes = [
            ("location", number(&|c| shape.location(c))),
            ("area", number(&|c| shape.compartments[c].area)),
            ("volume", number(&|c| shape.compartments[c].volume)),
            ("x", number(&|c| shape.compartments[c].center[0])),
            ("y", number(&|c| shape.compartments[c].center[1])),
            ("z", number(&|c| shape.compartments[c].center[2])),
        ];
        let mut columns = named(of_places(&places).into_iter().chain(shapes));

        for (name, members) in &self.groups.members {
            let inside = rows.clone().map(|row| members.binary_search(&row).is_ok());
            columns.push((name.clone(), Column::Flag(inside.collect())));
        }
        let inserted = |insertion: &&Insertion| !insertion.is_synaptic();
        for insertion in self.insertions.iter().filter(inserted) {
            let present = Column::Flag(insertion.present.clone());
            columns.push((insertion.mechanism.name.clone(), present));
        }
        let of_compartments = |quantity: &Quantity| {
            let mechanism = quantity.mechanism().map(|m| &self.insertions[m]);
            !quantity.is_of_connections() && !mechanism.is_some_and(Insertion::is_synaptic)
        };
        for quantity in self.quantities().into_iter().filter(of_compartments) {
            let values = rows.clone().map(|row| self.values.value(quantity, row));
            columns.push((
                self.quantity_name(quantity),
                Column::Number(values.collect()),
            ));
        }
        Table { columns }
    }

    /// The synapses of a mechanism, or the connections to it, a row each, in their order: the compartments
    /// `pre` (none where spikes are at given times) and `post` that they join, the cell, the branch (of the
    /// cell), the compartment (of the branch) and the location on the branch of either, and every quantity of
    /// theirs.
    ///
    /// # Errors
    /// A name that no synapse has.
    pub fn synapse_table(&self, name: &str) -> Result<Table, ModelError> {
        let mechanism = self.synaptic_position(name)?;
        let (pre, post) = self.ends(mechanism);
        let rows = post.len();
        let sides = [("pre", pre), ("post", post.into_iter().map(Some).collect())];
        let mut columns: Vec<(String, Column)> = Vec::new();
        for (side, ends) in &sides {
            columns.push(((*side).to_string(), of_ends(ends, |end| end)));
        }
        for (side, ends) in &sides {
            let place = |of: fn(Place) -> usize| of_ends(ends, |end| of(self.shape.place(end)));
            let location = ends.iter().map(|end| Some(self.shape.location((*end)?)));
            let of_side = [
                ("cell", place(|place| place.cell)),
                ("branch", place(|place| place.branch)),
                ("compartment", place(|place| place.compartment)),
                ("location", Column::Number(location.collect())),
            ];
            let of_side = of_side.into_iter();
            columns.extend(of_side.map(|(name, column)| (format!("{side}_{name}"), column)));
        }
        let is_synaptic = self.insertions[mechanism].is_synaptic();
        let theirs = |q: &Quantity| {
            q.mechanism() == Some(mechanism) && (is_synaptic || q.is_of_connections())
        };
        for quantity in self.quantities().into_iter().filter(theirs) {
            let values = (0..rows).map(|row| self.values.value(quantity, row));
            columns.push((
                self.quantity_name(quantity),
                Column::Number(values.collect()),
            ));
        }
        Ok(Table { columns })
    }

    /// The recordings, a row each, in the order of the rows of a run: name, what, cell, branch,
    /// compartment.
    pub fn recording_table(&self) -> Table {
        let places: Vec<_> = self
            .recordings()
            .iter()
            .map(|recording| self.shape.place(self.compartment_recorded(recording)))
            .collect();
        let names = self.recordings().iter().map(|r| r.name.clone()).collect();
        let what = self
            .recordings()
            .iter()
            .map(|r| self.recorded_name(r.what))
            .collect();
        let texts = [("name", Column::Text(names)), ("what", Column::Text(what))];
        Table {
            columns: named(texts.into_iter().chain(of_places(&places))),
        }
    }
}

/// A number that counts of each end; where some ends are nowhere, numbers that may be missing.
fn of_ends(ends: &[Option<usize>], of: impl Fn(usize) -> usize) -> Column {
    let counts = ends.iter().map(|end| end.map(&of));
    match counts.clone().collect::<Option<Vec<usize>>>() {
        Some(counts) => Column::Index(counts),
        None => Column::Number(
            counts
                .map(|count| count.map(|count| count as f64))
                .collect(),
        ),
    }
}

/// Which compartment of which branch of which cell.
fn of_places(places: &[Place]) -> [(&'static str, Column); 3] {
    let column = |of: fn(&Place) -> usize| Column::Index(places.iter().map(of).collect());
    [
        ("cell", column(|place| place.cell)),
        ("branch", column(|place| place.branch)),
        ("compartment", column(|place| place.compartment)),
    ]
}

fn named(columns: impl Iterator<Item = (&'static str, Column)>) -> Vec<(String, Column)> {
    columns
        .map(|(name, column)| (name.to_string(), column))
        .collect()
}
