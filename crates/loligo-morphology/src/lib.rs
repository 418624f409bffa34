//! Trees of tapered cylinders: the shape of a neuron.
//!
//! This crate knows how to read a reconstruction ([`Morphology::read_swc`], or as NEURON's Import3d
//! would, [`Morphology::import3d`]; [`Morphology::read_asc`] for Neurolucida's), to put a stub in the
//! place of an axon ([`Morphology::with_axon_stub`]), to build a cell from scratch ([`Morphology::cylinders`]), to cut
//! its branches into compartments and integrate area, volume and axial resistance over their frusta
//! ([`Branch::compartments`]), to measure distances along it, to sum it up and to draw it. It must
//! not know what flows through a membrane, nor how an equation is solved.
//!
//! Lengths are in µm everywhere, areas in µm², volumes in µm³.
//!
//! ```
//! use loligo_morphology::{Morphology, SwcOptions};
//!
//! let text = "1 1 0 0 0 10 -1\n2 3 10 0 0 1 1\n3 3 60 0 0 1 2\n";
//! let cell = Morphology::parse_swc(text, "ball and stick", &SwcOptions::default())?;
//! assert_eq!(cell.branches.len(), 2);
//!
//! // a one-point soma is a cylinder with the area of the sphere
//! let soma = cell.branches[0].compartments(1)?[0];
//! assert!((soma.area - 4.0 * std::f64::consts::PI * 100.0).abs() < 1e-9);
//! # Ok::<(), loligo_morphology::MorphologyError>(())
//! ```

mod asc;
mod axon_stub;
mod branch;
mod compartments;
mod cylinders;
mod distance;
mod error;
mod groups;
mod import3d;
mod morphology;
mod projection;
mod statistics;
mod swc;
mod terminal;

pub use axon_stub::AxonStub;
pub use branch::{Attachment, Branch, Point};
pub use compartments::{CompartmentGeometry, Compartments};
pub use error::{AscFault, BranchFault, MorphologyError, SwcFault};
pub use groups::group_name;
pub use import3d::Instantiated;
pub use morphology::{Morphology, Note};
pub use projection::{Plane, Segment};
pub use statistics::{GroupStatistics, Statistics};
pub use swc::{Roots, SwcOptions};
