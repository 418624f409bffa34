//! What can be wrong with a description: what, where, what was expected, and what was meant.

use loligo_mechanism::pointer::NotASynapse;
use loligo_morphology::MorphologyError;
use thiserror::Error;

use crate::shape::Place;

/// Why a verb was refused. The model is as it was before.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The shape of a cell is wrong.
    #[error(transparent)]
    Morphology(#[from] MorphologyError),
    /// The compartments that the verb was meant for do not exist.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// A name that stands for nothing.
    #[error("there is no {what} `{name}`{}", meant(.nearest))]
    UnknownName {
        /// What was looked for.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// The valid name that is nearest.
        nearest: Option<String>,
    },
    /// An artificial cell among other compartments.
    #[error(
        "`{name}` is an artificial cell, which is a cell by itself: insert it into a cell of a single \
         compartment ({place} has others beside it)"
    )]
    CellInCell {
        /// The mechanism.
        name: String,
        /// The first compartment that it was to be put into.
        place: Place,
    },
    /// A mechanism that spikes do not come from.
    #[error(
        "`{name}` announces no spikes: it has neither net_event nor a state that says when it spikes; watch the \
         voltage of its compartment instead"
    )]
    AnnouncesNoSpikes {
        /// The mechanism.
        name: String,
    },
    /// A synapse that was to be inserted.
    #[error("`{name}` is a synapse: it joins two compartments (connect), and is inserted in none")]
    Unconnected {
        /// The mechanism.
        name: String,
    },
    /// A mechanism that joins no compartments.
    #[error(transparent)]
    NotASynapse(#[from] NotASynapse),
    /// Lists of ends of different length.
    #[error(
        "synapses join one compartment to one, but there are {pre} before and {post} behind them"
    )]
    UnequalEnds {
        /// How many compartments before synapses.
        pre: usize,
        /// How many behind them.
        post: usize,
    },
    /// The number of a compartment that there is not.
    #[error("there is no compartment {compartment}: the model has {compartments}")]
    NoCompartment {
        /// What was given.
        compartment: usize,
        /// How many there are.
        compartments: usize,
    },
    /// A mechanism that spikes mean nothing to.
    #[error(
        "`{name}` takes no events (it has no NET_RECEIVE), so that no spikes can be connected to it"
    )]
    TakesNoEvents {
        /// The mechanism.
        name: String,
    },
    /// A mechanism that the voltage of another compartment means nothing to.
    #[error(
        "`{name}` takes the events of spikes, and reads no voltage of another compartment: connect it to \
         sources of spikes (connect_synapses; in Python `loligo.SpikingSynapse`)"
    )]
    TakesEvents {
        /// The mechanism.
        name: String,
    },
    /// The number of a source of spikes that there is not.
    #[error("there is no source of spikes {source_number}: the model has {sources}")]
    NoSpikeSource {
        /// What was given.
        source_number: usize,
        /// How many there are.
        sources: usize,
    },
    /// Spikes that cannot be.
    #[error("{what} is {value}, expected {expected}")]
    BadSpikes {
        /// What was given.
        what: &'static str,
        /// What it is.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// The number of a synapse that there is not.
    #[error("there is no synapse {synapse} of that mechanism: it has {synapses}")]
    NoSynapseOfNumber {
        /// What was given.
        synapse: usize,
        /// How many there are.
        synapses: usize,
    },
    /// Synapses of another model, or selected before others of their mechanism were deleted.
    #[error(
        "these synapses were selected in another model, or before some were deleted, which numbers the rest anew; select them again"
    )]
    Renumbered,
    /// A point process where it is already.
    #[error(
        "the point process `{name}` is already in {place}; a second one needs a name of its own (Mechanism.renamed)"
    )]
    PointTwice {
        /// The mechanism.
        name: String,
        /// The first compartment that has it.
        place: Place,
    },
    /// A group without a name.
    #[error("a group needs a name, expected one that is not empty")]
    NoName,
    /// A name that other simulators have for something that is said differently here.
    #[error("`{name}` cannot be set: {instead}")]
    SaidDifferently {
        /// What was asked for.
        name: String,
        /// How to say it.
        instead: &'static str,
    },
    /// A quantity that the compartment does not have.
    #[error("`{name}` does not exist in {place}: {reason}")]
    Absent {
        /// The name of the quantity.
        name: String,
        /// The first compartment that was asked for it.
        place: Place,
        /// Why it has none.
        reason: String,
    },
    /// A number that the quantity cannot have.
    #[error("`{name}` of {place} cannot be {value}, expected {expected}")]
    BadValue {
        /// The name of the quantity.
        name: String,
        /// Where.
        place: Place,
        /// What it was to be.
        value: f64,
        /// What it may be.
        expected: String,
    },
    /// A list of numbers of the wrong length.
    #[error(
        "{given} numbers were given for `{name}`, expected {expected}, one for each selected compartment that has it"
    )]
    WrongLength {
        /// The name of the quantity.
        name: String,
        /// How many numbers there were.
        given: usize,
        /// How many there have to be.
        expected: usize,
    },
    /// Different values for what has one value in the whole model.
    #[error("`{name}` has one value for the whole model; set it everywhere, to one number")]
    NotUniform {
        /// The name of the quantity.
        name: String,
    },
    /// A steady state of something that is not a state.
    #[error("`{name}` is no state of a mechanism, so it has no steady state; expected a number")]
    NotAState {
        /// The name of the quantity.
        name: String,
    },
    /// Two different mechanisms of one name.
    #[error(
        "a different mechanism called `{name}` is inserted already; uninsert it everywhere, or rename one of them"
    )]
    OtherMechanism {
        /// The name of both.
        name: String,
    },
    /// A mechanism that something still needs.
    #[error(
        "`{mechanism}` cannot be removed from {place}: `{user}` is {role} there; delete that first"
    )]
    InUse {
        /// The mechanism.
        mechanism: String,
        /// Where.
        place: Place,
        /// What needs it.
        user: String,
        /// What that is.
        role: &'static str,
    },
    /// A waveform that cannot be.
    #[error("{name} of the waveform is {value}, expected {expected}")]
    BadWaveform {
        /// Which number of it.
        name: String,
        /// What it is.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// An electrode that cannot be.
    #[error("{name} of the clamp is {value}, expected {expected}")]
    BadClamp {
        /// Which number of it.
        name: &'static str,
        /// What it is.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// A second clamp in one compartment.
    #[error("{place} is clamped already; delete that clamp first")]
    AlreadyClamped {
        /// Where.
        place: Place,
    },
    /// Bounds that leave no room.
    #[error("the bounds of `{name}` are {lower} and {upper}, expected the smaller one first")]
    BadBounds {
        /// The name of the quantity.
        name: String,
        /// The bound given first.
        lower: f64,
        /// The bound given second.
        upper: f64,
    },
    /// A number outside of its bounds.
    #[error("`{name}` is {value} in {place}, outside of its bounds {lower} to {upper}")]
    OutsideBounds {
        /// The name of the quantity.
        name: String,
        /// Where (the first of the compartments that share it).
        place: Place,
        /// What it is.
        value: f64,
        /// The smallest value allowed.
        lower: f64,
        /// The largest value allowed.
        upper: f64,
    },
    /// What cannot follow a waveform.
    #[error(
        "`{name}` cannot be played: {reason}; parameters of mechanisms and numbers of ions can"
    )]
    NotPlayable {
        /// The name of the quantity.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// A number that follows a waveform already.
    #[error("`{name}` is played in {place} already")]
    AlreadyPlayed {
        /// The name of the quantity.
        name: String,
        /// Where.
        place: Place,
    },
    /// A number that would follow a waveform and be trained.
    #[error(
        "`{name}` in {place} cannot be both played and trained: what it is set to is not read while it is played"
    )]
    PlayedAndTrained {
        /// The name of the quantity.
        name: String,
        /// Where.
        place: Place,
    },
    /// A number that is trained already.
    #[error("`{name}` is trainable in {place} already")]
    AlreadyTrainable {
        /// The name of the quantity.
        name: String,
        /// Where.
        place: Place,
    },
    /// A state that has no number to start the training from.
    #[error(
        "`{name}` starts at its steady state in {place}; set it to a number to make it trainable"
    )]
    NoNumber {
        /// The name of the quantity.
        name: String,
        /// Where.
        place: Place,
    },
    /// Parameters of another model, or of this one before it changed.
    #[error("the parameters have {given} numbers, but the model has {expected} trainable ones")]
    OtherParameters {
        /// How many numbers there were.
        given: usize,
        /// How many there have to be.
        expected: usize,
    },
    /// A part that cannot be built in.
    #[error("{part} cannot be built in: {reason}")]
    BadPart {
        /// Which one.
        part: String,
        /// Why.
        reason: String,
    },
}

/// Why a selection came to nothing.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum SelectionError {
    /// An index past the end.
    #[error("there is no {level} {index}: {}", in_view(.level, *.available))]
    NoIndex {
        /// What was counted: cell, branch or compartment.
        level: &'static str,
        /// What was asked for.
        index: usize,
        /// How many there are (the most, where parents differ).
        available: usize,
    },
    /// A location off the branch.
    #[error(
        "there is no location {at}, expected a number from 0 (start of a branch) to 1 (its end)"
    )]
    NoLocation {
        /// What was asked for.
        at: f64,
    },
    /// A group that does not exist.
    #[error("there is no group `{name}`{}", meant(.nearest))]
    NoGroup {
        /// What was asked for.
        name: String,
        /// The name that is nearest.
        nearest: Option<String>,
    },
    /// A mechanism that is not inserted.
    #[error("there is no mechanism `{name}`{}", meant(.nearest))]
    NoMechanism {
        /// What was asked for.
        name: String,
        /// The name that is nearest.
        nearest: Option<String>,
    },
    /// No compartment is left.
    #[error("nothing is selected: {reason}")]
    Empty {
        /// What led to it.
        reason: String,
    },
}

/// What a misspelt name was meant to be.
fn meant(nearest: &Option<String>) -> String {
    match nearest {
        Some(name) => format!("; did you mean `{name}`?"),
        None => String::new(),
    }
}

fn in_view(level: &str, available: usize) -> String {
    let plural = match level {
        "branch" => "branches".to_string(),
        _ => format!("{level}s"),
    };
    match available {
        0 => format!("there are no {plural} in view"),
        1 => format!("the only {level} in view is 0"),
        _ => format!("the {plural} in view are 0 to {}", available - 1),
    }
}
