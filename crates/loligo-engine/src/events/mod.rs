//! Spikes and what they do: who is watched for spikes, which events follow after which delay, and what
//! these do to the mechanisms that take them.
//!
//! A step goes: states are updated, events that are due by its middle are delivered, currents are taken.
//! Spikes are found as a step begins, in the voltage there (NEURON's order). What comes in a step does
//! not depend on threads or vectors: events are delivered in the order of their targets, and those to one
//! target in the order of time, then of sources.

mod assembly;
mod calendar;
mod desk;
mod lines;
mod log;
mod lookout;
mod network;
mod reverse;
mod room;
mod surrogate;
mod traffic;
mod transposed;
mod watch;

pub(crate) use log::Log;
pub(crate) use network::{Network, Projection, Source};
pub(crate) use reverse::{LineSlope, Returns};
pub use surrogate::{Surrogate, SurrogateShape};
pub(crate) use traffic::Traffic;

/// A spike of a source of the model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spike {
    /// Lane of the batch.
    pub lane: usize,
    /// Position of the source among [`loligo_model::Model::spike_sources`].
    pub source: usize,
    /// ms.
    pub time: f64,
}
