//! What the user describes: cells and what is put on them, by name and in the field's units.
//!
//! A [`Model`] holds the [`Shape`] of one or more cells, the mechanisms inserted in them, a number
//! for every [`Quantity`] and compartment, what is injected, clamped and recorded, and which
//! numbers are to be trained. This crate must not know how a model is solved: it holds no time
//! step, no matrix and no order of evaluation. Nor does it run anything; the engine reads a model
//! and makes a program of it.
//!
//! Verbs take a [`Selection`] of compartments, a plain value; [`View`] writes the same verbs as a
//! chain that starts at the model.

mod assemble;
mod build;
mod clamp;
mod connection;
mod cylinders;
mod deletion;
mod distance;
mod error;
mod groups;
mod indices;
mod insertion;
mod ion;
mod model;
mod names;
mod play;
mod quantity;
mod recording;
mod selection;
mod set;
mod shape;
mod stimulus;
mod synapse;
mod table;
mod targets;
mod temperature;
mod trainable;
mod values;
mod verbs;
mod view;
mod waveform;

pub use loligo_mechanism::membrane::Reversal;
pub use loligo_morphology::{Attachment, Compartments};

pub use clamp::{Clamp, Window};
pub use connection::{Connections, SpikeSource};
pub use error::{ModelError, SelectionError};
pub use groups::Groups;
pub use indices::Indices;
pub use insertion::Insertion;
pub use ion::Ion;
pub use model::Model;
pub use play::Play;
pub use quantity::{IonValue, Quantity};
pub use recording::{Recorded, Recording};
pub use selection::{Selection, Sharing};
pub use set::{Setting, SteadyState};
pub use shape::{BranchShape, CellShape, Place, Shape};
pub use stimulus::Stimulus;
pub use synapse::{Joins, SynapseSelection};
pub use table::{Column, Table};
pub use targets::Targets;
pub use temperature::UnsetTemperature;
pub use trainable::{Parameters, Trainable};
pub use values::Values;
pub use view::View;
pub use waveform::Waveform;
