//! Why a model cannot be lowered.

use loligo_mechanism::membrane::MembraneError;
use thiserror::Error;

use super::playing::WhyNotPlayed;

/// Why a model cannot be lowered.
#[derive(Debug, Error, PartialEq)]
pub enum LoweringError {
    /// There is nothing to simulate.
    #[error("the model has no compartments")]
    Empty,
    /// A mechanism that the engine cannot step.
    #[error("mechanism `{mechanism}`: {source}")]
    Membrane {
        /// The mechanism, or the mechanisms of the compartment.
        mechanism: String,
        /// Why.
        source: MembraneError,
    },
    /// A mechanism reads something that the engine does not provide.
    #[error(
        "mechanism `{mechanism}` reads `{symbol}`, which is none of its parameters or states and \
         nothing that the simulator provides (v, t, celsius, dt, diam, area, radius, length, Ra, cm, or \
         an ion's e, i, o)"
    )]
    UnknownSymbol {
        /// The mechanisms of the compartment.
        mechanism: String,
        /// What is read.
        symbol: String,
    },
    /// A mechanism that takes or sends events in a way that is not supported.
    #[error(
        "mechanism `{mechanism}` is told of events, and uses {construct}, which is not supported yet"
    )]
    Events {
        /// The mechanism.
        mechanism: String,
        /// What of NMODL it uses.
        construct: &'static str,
    },
    /// Events that cannot act from their own time on.
    #[error(
        "`{mechanism}` takes events on the grid of steps only, since it {reason}; with interpolated spike \
         times events may add to states that decay linearly, and no more"
    )]
    OnTheGrid {
        /// The mechanism.
        mechanism: String,
        /// What it does with an event.
        reason: String,
    },
    /// A number that must be set and was not.
    #[error(
        "`{name}` in {place} has no value: it is a POINTER, which has no default; set it to a number"
    )]
    Unset {
        /// The parameter.
        name: String,
        /// Where.
        place: String,
    },
    /// A mechanism that moves the voltage itself, under a scheme that has no place for it.
    #[error(
        "mechanism `{mechanism}` moves the voltage while states are stepped, which Crank-Nicolson \
         cannot extrapolate; use backward Euler"
    )]
    MovesVoltage {
        /// The mechanism.
        mechanism: String,
    },
    /// A synapse reads what only a membrane has.
    #[error(
        "the synapse `{mechanism}` reads `{symbol}`, which is none of its parameters or states and \
         nothing that a synapse has (v, v_pre, t, celsius, dt)"
    )]
    UnknownSymbolOfSynapse {
        /// The mechanism.
        mechanism: String,
        /// What is read.
        symbol: String,
    },
    /// A synapse whose states at t = 0 follow from the voltage.
    #[error(
        "the states of the synapse `{mechanism}` at t = 0 depend on `{symbol}`; a synapse starts from \
         numbers: give it a state that is set"
    )]
    SynapseStartsFromVoltage {
        /// The mechanism.
        mechanism: String,
        /// The symbol of the voltage.
        symbol: String,
    },
    /// A recording reads a mechanism that its compartment lacks.
    #[error("recording `{name}` reads a mechanism that is not in its compartment ({place})")]
    NothingToRecord {
        /// Of the recording.
        name: String,
        /// Where.
        place: String,
    },
    /// A number that cannot be played.
    #[error("`{name}` of {place} cannot be played: {reason}")]
    NothingToPlay {
        /// What was to be played.
        name: String,
        /// Where.
        place: String,
        /// Why not.
        reason: WhyNotPlayed,
    },
    /// Something that cannot be held at given values.
    #[error(
        "`{name}` of {place} cannot be held: it is no state there, or runs do not follow Jaxley's convention"
    )]
    NothingToHold {
        /// What was to be held.
        name: String,
        /// Where.
        place: String,
    },
}
