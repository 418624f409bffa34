//! Loligo: simulate reconstructed neurons and differentiate the simulation.
//!
//! This crate is what Rust users import. It gathers the crates that do the work, each under its
//! name, and knows nothing of its own about neurons:
//!
//! - [`morphology`]: the shape of a cell, read from a file or built from cylinders;
//! - [`mechanism`]: channels, from NMODL text or built as expressions;
//! - [`model`]: cells, what is put on them, and what is done with them;
//! - [`engine`]: programs that run.
//!
//! Beyond those it has what the main job needs: [`Simulation`] runs and differentiates (once, or
//! twice along a direction), [`fit`](fit::fit) changes what is trainable until a [`loss`] is small,
//! [`files`] keeps results.
//!
//! ```
//! use loligo::prelude::*;
//!
//! let mut axon = Model::cylinder(1000.0, 0.5, 51)?;
//! axon.everywhere().insert(mechanism("hh")?)?;
//! axon.at(0.0).stimulate(Waveform::step(1.0, 1.0, 0.5))?;
//! axon.at(1.0).record("v")?;
//!
//! let run = Simulation::new(&axon, &Settings::new(10.0))?.run()?;
//! let peak = run.trace(0, 0).iter().copied().fold(f64::MIN, f64::max);
//! assert!(peak > 0.0, "the action potential arrives");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod datasets;
mod error;
pub mod files;
pub mod fit;
pub mod loss;
pub mod mechanisms;
pub mod memory;
pub mod optimise;
mod simulation;

pub use error::Error;
pub use simulation::{HessianProduct, LossAndGradient, Settings, Simulation};

pub use loligo_engine as engine;
pub use loligo_mechanism as mechanism;
pub use loligo_model as model;
pub use loligo_morphology as morphology;

/// What most programs need: `use loligo::prelude::*;`.
pub mod prelude {
    pub use crate::fit::{Fit, FitOptions, Method, fit};
    pub use crate::loss::{Curved, Loss, MeanSquaredError};
    pub use crate::mechanisms::mechanism;
    pub use crate::{Settings, Simulation, datasets};
    pub use loligo_engine::{Convention, Scheme, SpikeTimes};
    pub use loligo_mechanism::Mechanism;
    pub use loligo_model::{Model, Parameters, Selection, SteadyState, View, Waveform, Window};
    pub use loligo_morphology::{Attachment, Compartments, Morphology, SwcOptions};
}
