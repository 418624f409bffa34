//! The numbers of a model: what a user can set, train, and have a gradient of.

/// A kind of number that enters a simulation, most of them once per compartment.
///
/// Mechanisms and ions are named by their position in
/// [`Model::insertions`](crate::Model::insertions) and [`Model::ions`](crate::Model::ions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quantity {
    /// Radius, µm. Stretches the stored area, volume and resistances of the compartment.
    Radius,
    /// Length along the branch, µm.
    Length,
    /// Axial resistivity, Ω·cm.
    AxialResistivity,
    /// Membrane capacitance, µF/cm².
    Capacitance,
    /// Voltage at t = 0, mV.
    InitialVoltage,
    /// Temperature, °C; one number for the model.
    Celsius,
    /// A parameter of a mechanism, in its declared units.
    Parameter {
        /// Position of the mechanism in the model.
        mechanism: usize,
        /// Position of the parameter in the mechanism.
        parameter: usize,
    },
    /// A number of an ion.
    Ion {
        /// Position of the ion in the model.
        ion: usize,
        /// Which of its numbers.
        value: IonValue,
    },
    /// A number that mechanisms have in common by its name, beside those of ions.
    Common {
        /// Position of the name in [`Model::commons`](crate::Model::commons).
        common: usize,
    },
    /// What connections to a mechanism bring with an event (NMODL: the arguments of NET_RECEIVE), one
    /// row per connection; at t = 0, where events change it.
    Argument {
        /// Position of the mechanism in the model.
        mechanism: usize,
        /// Position of the argument in the mechanism.
        argument: usize,
    },
    /// How long an event takes through each connection to a mechanism, ms.
    Delay {
        /// Position of the mechanism in the model.
        mechanism: usize,
    },
    /// A state of a mechanism at t = 0. Without a value it starts at its steady state for the
    /// initial voltage.
    InitialState {
        /// Position of the mechanism in the model.
        mechanism: usize,
        /// Position of the state in the mechanism.
        state: usize,
    },
    /// What steps carry on beside the states that users can name: concentrations that change, and what
    /// mechanisms remember. Only a run that goes on from where another ended is given it.
    Carried {
        /// Position of the mechanism in the model, of synapses.
        mechanism: Option<usize>,
        /// Position in the list of whoever carries it.
        number: usize,
    },
}

/// The numbers that an ion has in a compartment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IonValue {
    /// Reversal potential, mV: `ena`.
    Reversal,
    /// Concentration inside, mM: `nai`.
    Inside,
    /// Concentration outside, mM: `nao`.
    Outside,
}

impl IonValue {
    /// Every one.
    pub const ALL: [Self; 3] = [IonValue::Reversal, IonValue::Inside, IonValue::Outside];
}

impl Quantity {
    /// The mechanism that it belongs to, if it belongs to one.
    pub fn mechanism(self) -> Option<usize> {
        match self {
            Quantity::Parameter { mechanism, .. }
            | Quantity::InitialState { mechanism, .. }
            | Quantity::Argument { mechanism, .. }
            | Quantity::Delay { mechanism } => Some(mechanism),
            Quantity::Carried { mechanism, .. } => mechanism,
            _ => None,
        }
    }

    /// Whether it has a row per connection.
    pub fn is_of_connections(self) -> bool {
        matches!(self, Quantity::Argument { .. } | Quantity::Delay { .. })
    }

    /// The same quantity of a mechanism that moved.
    pub(crate) fn with_mechanism(self, moved: impl Fn(usize) -> usize) -> Self {
        match self {
            Quantity::Parameter {
                mechanism,
                parameter,
            } => Quantity::Parameter {
                mechanism: moved(mechanism),
                parameter,
            },
            Quantity::InitialState { mechanism, state } => Quantity::InitialState {
                mechanism: moved(mechanism),
                state,
            },
            Quantity::Argument {
                mechanism,
                argument,
            } => Quantity::Argument {
                mechanism: moved(mechanism),
                argument,
            },
            Quantity::Delay { mechanism } => Quantity::Delay {
                mechanism: moved(mechanism),
            },
            other => other,
        }
    }
}
