//! Whose choices a simulation follows where simulators differ beyond rounding.

use loligo_mechanism::membrane::{Phases, Slope};

/// A row of the table in ARCHITECTURE.md, "Who is imitated, exactly".
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Convention {
    /// Loligo's own: NEURON's order of a step, exact slopes.
    #[default]
    Native,
    /// NEURON's, to rounding.
    Neuron,
    /// Jaxley's, to rounding.
    Jaxley,
}

impl Convention {
    /// How ∂I/∂V is taken.
    pub fn slope(self) -> Slope {
        match self {
            Convention::Native => Slope::Exact,
            Convention::Neuron | Convention::Jaxley => Slope::Secant,
        }
    }

    /// What the first step does. NEURON's states are at t = 0 already half a step ahead.
    pub fn first_step(self) -> Phases {
        match self {
            Convention::Native | Convention::Neuron => Phases::MembraneOnly,
            Convention::Jaxley => Phases::UpdateAndMembrane,
        }
    }
}

/// How the voltage is stepped.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Scheme {
    /// First order, damps everything.
    #[default]
    BackwardEuler,
    /// Second order with states half a step ahead (Hines 1984): NEURON's `secondorder = 2`.
    CrankNicolson,
}
