//! Recordings: what a run returns.

/// What can be recorded in a compartment. Positions are those in the model and in the mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Recorded {
    /// Membrane voltage, mV: `v`.
    Voltage,
    /// A state of a mechanism: `hh.m`.
    State {
        /// Position of the mechanism in the model.
        mechanism: usize,
        /// Position of the state in the mechanism.
        state: usize,
    },
    /// A current of one mechanism, mA/cm²: `hh.ina`.
    Current {
        /// Position of the mechanism in the model.
        mechanism: usize,
        /// Position of the current in the mechanism.
        current: usize,
    },
    /// The current of an ion, mA/cm², summed over mechanisms: `ina`.
    IonCurrent {
        /// Position of the ion in the model.
        ion: usize,
    },
    /// A value that a mechanism computes: `hh.minf`.
    Observable {
        /// Position of the mechanism in the model.
        mechanism: usize,
        /// Position of the observable in the mechanism.
        observable: usize,
    },
    /// The total current through the membrane, capacitive included, nA, outward positive:
    /// `i_membrane`.
    MembraneCurrent,
    /// The current that a clamp injects, nA: `i_clamp`.
    ClampCurrent {
        /// Position of the clamp in the model.
        clamp: usize,
    },
}

/// One row of what a run returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Where.
    pub compartment: usize,
    /// What.
    pub what: Recorded,
    /// What users find it by: given, or made of the place and the quantity.
    pub name: String,
}
