//! Whose choices a simulation follows where simulators differ beyond rounding.

use loligo_mechanism::Mechanism;
use loligo_mechanism::mechanism::Manner;
use loligo_mechanism::membrane::{Order, Phases, Rules, Slope, Stepping};

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
    /// How ∂I/∂V is taken, and states are stepped.
    pub fn rules(self, scheme: Scheme) -> Rules {
        Rules {
            slope: match self {
                Convention::Native => Slope::Exact,
                Convention::Neuron => Slope::Secant,
                Convention::Jaxley => Slope::SecantOfBothSides,
            },
            stepping: match self {
                Convention::Neuron => Stepping::AsWritten,
                Convention::Native | Convention::Jaxley => Stepping::ExactWherePossible,
            },
            order: match (self, scheme) {
                (Convention::Jaxley, _) | (_, Scheme::BackwardEuler) => Order::First,
                (_, Scheme::CrankNicolson) => Order::Second,
            },
        }
    }

    /// The order in which mechanisms have their turn: where a concentration is written before it is
    /// read, or, for Jaxley, after.
    pub(crate) fn order<'m>(
        self,
        mechanisms: &[usize],
        get: impl Fn(usize) -> &'m Mechanism,
    ) -> Vec<usize> {
        let mut order = mechanisms.to_vec();
        order.sort_by_key(|&position| {
            let mechanism = get(position);
            match (self, mechanism.manner) {
                (Convention::Jaxley, Manner::Jaxley) => !mechanism.fluxes.is_empty(),
                (Convention::Jaxley, Manner::Neuron) => !mechanism.shared.is_empty(),
                _ => mechanism.shared.is_empty(),
            }
        });
        order
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

/// When spikes are, and from when on their events act.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum SpikeTimes {
    /// A spike is as the step begins that finds the voltage above the threshold, and an event acts from
    /// the first step on whose middle is not before it: NEURON's way with fixed steps.
    #[default]
    Grid,
    /// A spike is where a line between the voltages of two steps crosses the threshold, and an event acts
    /// from its own time on; both can be differentiated. Events must do nothing but add to states that
    /// decay linearly.
    Interpolated,
}

/// How a model is lowered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Choices {
    /// How the voltage is stepped.
    pub scheme: Scheme,
    /// Whose choices are followed where simulators differ.
    pub convention: Convention,
    /// When spikes are.
    pub spike_times: SpikeTimes,
}
