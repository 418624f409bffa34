//! The model itself: what it is made of, and which version of it this is.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use loligo_morphology::{CompartmentGeometry, Note};

use crate::clamp::Clamp;
use crate::connection::SpikeSource;
use crate::groups::Groups;
use crate::insertion::Insertion;
use crate::ion::Ion;
use crate::play::Play;
use crate::quantity::Quantity;
use crate::recording::{Recording, Recordings};
use crate::shape::Shape;
use crate::stimulus::Stimulus;
use crate::trainable::Trainable;
use crate::values::{DEFAULT_AXIAL_RESISTIVITY, DEFAULT_CAPACITANCE, DEFAULT_VOLTAGE, Values};

/// Cells, what is put on them, and what is done with them.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) shape: Shape,
    pub(crate) cylinders: Vec<usize>,
    pub(crate) groups: Groups,
    pub(crate) ions: Vec<Ion>,
    pub(crate) commons: Vec<String>,
    pub(crate) insertions: Vec<Insertion>,
    pub(crate) spike_sources: Vec<SpikeSource>,
    pub(crate) values: Values,
    pub(crate) stimuli: Vec<Stimulus>,
    pub(crate) plays: Vec<Play>,
    pub(crate) clamps: Vec<Clamp>,
    pub(crate) recordings: Recordings,
    pub(crate) trainables: Vec<Trainable>,
    pub(crate) notes: Vec<Note>,
    structure_version: u64,
    value_version: u64,
}

impl Model {
    /// Cells with the default of every number and nothing on them.
    pub(crate) fn bare(shape: Shape) -> Self {
        let column = |of: &dyn Fn(&CompartmentGeometry) -> f64| -> Vec<Option<f64>> {
            shape.compartments.iter().map(|c| Some(of(c))).collect()
        };
        let columns = BTreeMap::from([
            (Quantity::Radius, column(&|c| c.radius)),
            (Quantity::Length, column(&|c| c.length)),
            (
                Quantity::AxialResistivity,
                column(&|_| DEFAULT_AXIAL_RESISTIVITY),
            ),
            (Quantity::Capacitance, column(&|_| DEFAULT_CAPACITANCE)),
            (Quantity::InitialVoltage, column(&|_| DEFAULT_VOLTAGE)),
        ]);
        let version = next_version();
        Model {
            values: Values {
                celsius: None,
                columns,
            },
            shape,
            cylinders: Vec::new(),
            groups: Groups::default(),
            ions: Vec::new(),
            commons: Vec::new(),
            insertions: Vec::new(),
            spike_sources: Vec::new(),
            stimuli: Vec::new(),
            plays: Vec::new(),
            clamps: Vec::new(),
            recordings: Recordings::default(),
            trainables: Vec::new(),
            notes: Vec::new(),
            structure_version: version,
            value_version: version,
        }
    }

    /// Its cells, branches and compartments.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Its groups.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// The ions that its mechanisms use, in order of first use.
    pub fn ions(&self) -> &[Ion] {
        &self.ions
    }

    /// The names of the numbers that its mechanisms have in common beside those of ions, in order of
    /// first use.
    pub fn commons(&self) -> &[String] {
        &self.commons
    }

    /// Its mechanisms, in order of insertion.
    pub fn insertions(&self) -> &[Insertion] {
        &self.insertions
    }

    /// A number for every quantity and compartment.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The temperature, °C, if it was set; else a run takes 6.3, the squid's.
    pub fn celsius(&self) -> Option<f64> {
        self.values.celsius()
    }

    /// The injected currents.
    pub fn stimuli(&self) -> &[Stimulus] {
        &self.stimuli
    }

    /// The voltage clamps.
    pub fn clamps(&self) -> &[Clamp] {
        &self.clamps
    }

    /// What a run returns, row by row, in the order in which it was asked for.
    pub fn recordings(&self) -> &[Recording] {
        self.recordings.rows()
    }

    /// What is to be trained, in the order in which it was asked for.
    pub fn trainables(&self) -> &[Trainable] {
        &self.trainables
    }

    /// What the reader of its morphology had to decide, and the user may want to know.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Changes whenever a program made from the model would be another one. Models with the same
    /// version have the same structure, also when one is a copy of the other.
    pub fn structure_version(&self) -> u64 {
        self.structure_version
    }

    /// Changes whenever a number changes, or the structure does.
    pub fn value_version(&self) -> u64 {
        self.value_version
    }

    pub(crate) fn structure_changed(&mut self) {
        self.structure_version = next_version();
        self.value_version = self.structure_version;
    }

    pub(crate) fn value_changed(&mut self) {
        self.value_version = next_version();
    }
}

/// Versions are counted over all models, so that a copy that goes its own way never meets a
/// version of the original again.
pub(crate) fn next_version() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}
