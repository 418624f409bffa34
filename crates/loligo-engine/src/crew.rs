//! Blocks that meet in every step, since synapses join their compartments; or a single block.
//!
//! The time loop of a network: synapses read the voltages on both sides as the step begins, and add
//! what they make of them to the cable equations before these are solved.

use crate::block::Slots;
use crate::stepper::Stepper;
use crate::wiring::{Exchange, Wiring};

/// Blocks of cells, and of the synapses between them.
pub(crate) struct Crew<S: Stepper> {
    /// Cells first, then synapses.
    pub(crate) members: Vec<S>,
    pub(crate) wiring: Wiring,
    pub(crate) exchange: Exchange<S::Number>,
}

/// Where the states of a crew's members are while a step reads or writes them, by member.
pub(crate) trait Seats: Fn(usize) -> Slots + Copy {}

impl<F: Fn(usize) -> Slots + Copy> Seats for F {}

impl<S: Stepper> Crew<S> {
    pub(crate) fn new(members: Vec<S>) -> Self {
        let wiring = Wiring::new(members.iter().map(Stepper::plain));
        let exchange = Exchange::new(&wiring);
        Crew {
            members,
            wiring,
            exchange,
        }
    }

    /// Advances the state from t to t + Δt: the phases of ARCHITECTURE.md, "One step".
    #[inline]
    pub(crate) fn step(&mut self, step: usize, seats: impl Seats) {
        self.meet(seats);

        // gates half a step ahead of the voltage, then what flows through membranes and synapses
        for (member, block) in self.members.iter_mut().enumerate() {
            block.membrane(block.plain().moment(step), seats(member));
        }
        self.add_currents(seats);

        // electrodes, and the cable equations
        let cells = self.members[..self.wiring.cells].iter_mut();
        for (member, block) in cells.enumerate() {
            block.complete(step, seats(member));
        }
    }

    /// Tells synapses the voltages on both of their sides, as they are before a step.
    #[inline]
    pub(crate) fn meet(&mut self, seats: impl Seats) {
        if self.wiring.is_needed() {
            self.exchange.tell(
                &self.wiring,
                &mut self.members,
                |member, _| seats(member).from,
                |member, _| seats(member).from,
                |_, synapses| Some(synapses.plain().memory.presynaptic),
            );
        }
    }

    /// Adds what flows through synapses to the cable equations.
    #[inline]
    fn add_currents(&mut self, seats: impl Seats) {
        if self.wiring.is_needed() {
            let equation =
                |member: usize, block: &S| [block.plain().memory.rhs, seats(member).factors];
            self.exchange
                .add_onto(&self.wiring, &mut self.members, equation, equation);
        }
    }
}
