//! What can be wrong with a run.

use loligo_model::Place;
use thiserror::Error;

use crate::vector::VectorUnitError;

/// Why a run was refused, stopped or failed.
#[derive(Debug, Error, PartialEq)]
pub enum RunError {
    /// A time step that is none.
    #[error("dt is {dt} ms; it must be a positive number")]
    TimeStep {
        /// What was given, ms.
        dt: f64,
    },
    /// A run without steps.
    #[error("a run needs at least one step")]
    NoSteps,
    /// A run that returns nothing.
    #[error("nothing is recorded: record something before the run")]
    NoRecordings,
    /// A batch of no lanes.
    #[error("a batch needs at least one lane")]
    NoLanes,
    /// A thinning that keeps nothing.
    #[error("record_every is 0; it must be a number of steps, 1 or more")]
    RecordEvery,
    /// An array of the wrong length.
    #[error("{what} has {found} numbers where {expected} are expected")]
    Length {
        /// Which array.
        what: String,
        /// How long it is.
        found: usize,
        /// How long it should be.
        expected: String,
    },
    /// A number that is none.
    #[error("{what} is {value}, expected {expected}")]
    Number {
        /// Which number, where, and in which lane of a batch.
        what: String,
        /// What it is.
        value: f64,
        /// What it should be.
        expected: &'static str,
    },
    /// A surrogate where the times of spikes are differentiated themselves.
    #[error(
        "a surrogate stands in for the slope of spikes on the grid of steps; interpolated spike times have \
         derivatives of their own: leave one of both out"
    )]
    SurrogateBetweenSteps,
    /// Events that follow each other without a delay, and without end.
    #[error(
        "events follow each other without end in the step at t = {time} ms: let a delay of net_send, or of a \
         connection, be above 0"
    )]
    EndlessEvents {
        /// When the step began, ms.
        time: f64,
    },
    /// A derivative by a delay, though events arrive on the grid of steps.
    #[error(
        "`{what}` has no gradient: events arrive with the step in which they are due, so that a delay that \
         changes by a little changes nothing; with interpolated spike times it has one"
    )]
    DelayOnGrid {
        /// Which delay.
        what: String,
    },
    /// A gradient through events that change the numbers of all connections.
    #[error(
        "an event changes the {what} (FOR_NETCONS), which has no gradient yet: such networks can only be run"
    )]
    Broadcast {
        /// Which number, of which mechanism.
        what: String,
    },
    /// Derivatives that are cut in a network in which they go through events.
    #[error(
        "derivatives go through the times of spikes, and those under way cannot be cut: leave out the surrogate, \
         and put spikes on the grid"
    )]
    CutsOfEvents,
    /// A derivative by a number that is not read.
    #[error(
        "a derivative by `{what}` of {place} is asked for, which is played there: what it is set to is not read; \
         differentiate by what is played"
    )]
    Played {
        /// The number.
        what: String,
        /// Where.
        place: String,
    },
    /// The state of a network in which events are under way.
    #[error(
        "connections deliver events, and those that are under way are no part of a state yet: such networks can \
         neither return the state at the end nor go on from one"
    )]
    StateOfEvents,
    /// Spikes for a source whose spikes are not given.
    #[error(
        "spikes were given for source {source_number}, which is none of the spike trains among the {sources} \
         sources of the model"
    )]
    NoTrain {
        /// What was given.
        source_number: usize,
        /// How many sources there are.
        sources: usize,
    },
    /// Spikes for another number of lanes than the run has.
    #[error(
        "the spikes of source {source_number} are given for {found} lanes, and the run has {lanes}"
    )]
    TrainLanes {
        /// The source.
        source_number: usize,
        /// How many lanes there are spikes for.
        found: usize,
        /// How many there are.
        lanes: usize,
    },
    /// Tangents of a run with events.
    #[error(
        "runs in which events are delivered have gradients, but no forward derivatives and no Hessian \
         products yet"
    )]
    TangentsOfEvents,
    /// A place in the values that does not exist.
    #[error("place {index} is not one of the {len} numbers of the model")]
    Index {
        /// What was given.
        index: usize,
        /// How many there are.
        len: usize,
    },
    /// Recordings that no memory holds.
    #[error(
        "the recordings do not fit into memory: {recordings} of {samples} samples each; record less, or more rarely \
         (record_every)"
    )]
    Recordings {
        /// How many there are, over all lanes.
        recordings: usize,
        /// How many samples each has.
        samples: usize,
    },
    /// A gradient that does not fit.
    #[error(
        "a gradient of {steps} steps needs at least {needed} bytes for states, events and \
         workspace; the budget is {budget}"
    )]
    Budget {
        /// What was given, bytes.
        budget: usize,
        /// What is enough, bytes.
        needed: usize,
        /// How long the run is.
        steps: usize,
    },
    /// A run whose numbers left the finite.
    #[error("{0}")]
    Diverged(Divergence),
    /// A run that was asked to stop.
    #[error("the run was interrupted")]
    Interrupted,
    /// A number of threads that is none.
    #[error("LOLIGO_NUM_THREADS={value} is no number of threads, expected 1 or more")]
    Threads {
        /// What was given.
        value: String,
    },
    /// A vector unit that cannot be used.
    #[error(transparent)]
    Vector(#[from] VectorUnitError),
}

impl RunError {
    /// An error of a budget where so many bytes more are needed, and `budget` was given.
    pub(crate) fn needing_more(self, given: usize, more: usize) -> Self {
        match self {
            RunError::Budget { needed, steps, .. } => RunError::Budget {
                budget: given,
                needed: needed + more,
                steps,
            },
            other => other,
        }
    }
}

/// Where and when a run diverged.
#[derive(Clone, Debug, PartialEq, Error)]
#[error(
    "the simulation diverged in lane {lane} at t = {time} ms: {what} in {place} is {value}; a \
     smaller dt or other parameters may help"
)]
pub struct Divergence {
    /// Lane of the batch.
    pub lane: usize,
    /// Time at the end of the step, ms.
    pub time: f64,
    /// `v` or `mechanism.state`.
    pub what: String,
    /// What it became.
    pub value: f64,
    /// Where.
    pub place: Place,
}
