//! Blocks that meet in every step, since synapses join their compartments; or a single block.
//!
//! The time loop of a network: synapses read the voltages on both sides as the step begins, and add
//! what they make of them to the cable equations before these are solved.

use crate::block::Slots;
use crate::events::{Spike, Traffic};
use crate::folded::Folded;
use crate::gaps::Gaps;
use crate::stepper::Stepper;
use crate::threads::for_each;
use crate::wiring::{Exchange, Wiring};

/// Blocks of cells, and of the synapses between them.
pub(crate) struct Crew<S: Stepper> {
    /// Cells first, then synapses: those that are not folded, gap junctions, sources, and weights.
    pub(crate) members: Vec<S>,
    pub(crate) wiring: Wiring,
    pub(crate) exchange: Exchange<S::Number>,
    /// Spikes and events, if there may be any.
    pub(crate) traffic: Option<Traffic<S::Real>>,
    pub(crate) folded: Folded<S::Number>,
    /// Those that join its cells, if any do.
    pub(crate) gaps: Option<Gaps<S>>,
    /// Whether a step takes longer than it takes threads to meet.
    pub(crate) is_large: bool,
}

/// Elements of all arrays over nodes from which on threads share a step.
const LARGE: usize = 4096;

/// Where the states of a crew's members are while a step reads or writes them, by member.
pub(crate) trait Seats: Fn(usize) -> Slots + Copy + Sync + Send {}

impl<F: Fn(usize) -> Slots + Copy + Sync + Send> Seats for F {}

impl<S: Stepper> Crew<S> {
    pub(crate) fn new(members: Vec<S>) -> Self {
        let wiring = Wiring::new(members.iter().map(Stepper::plain));
        let exchange = Exchange::new(&wiring);
        let nodes = members.iter().map(|block| block.plain().memory.nodes);
        let is_large = members.len() > 1 && nodes.sum::<usize>() >= LARGE;
        Crew {
            traffic: Traffic::new(&members),
            folded: Folded::new(&members, &wiring),
            gaps: Gaps::new(&members, &wiring, is_large),
            members,
            wiring,
            exchange,
            is_large,
        }
    }

    /// Begins a run whose state at t = 0 is in these seats.
    pub(crate) fn begin(&mut self, seats: impl Seats) {
        self.meet(seats);
        if let Some(traffic) = &mut self.traffic {
            traffic.begin(&mut self.members, seats);
        }
    }

    /// The spikes of the run.
    pub(crate) fn spikes(&mut self) -> Vec<Spike> {
        let traffic = self.traffic.as_mut();
        traffic.map(Traffic::take_spikes).unwrap_or_default()
    }

    /// Advances the state from t to t + Δt: the phases of ARCHITECTURE.md, "One step".
    #[inline]
    pub(crate) fn step(&mut self, step: usize, seats: impl Seats) {
        if let ([block], None) = (&mut self.members[..], &self.traffic) {
            block.membrane(block.plain().moment(step), seats(0));
            block.complete(step, seats(0));
            return;
        }
        let Crew {
            members,
            wiring,
            exchange,
            traffic,
            folded,
            gaps,
            is_large,
        } = self;
        let moment = members[0].plain().moment(step);
        let (cells, sources, weights) = (wiring.cells, wiring.sources, wiring.weights);

        // gates half a step ahead of the voltage, then what flows through membranes and synapses
        exchange.gather(wiring, members, |member| seats(member).from);
        let spread = |member: usize, block: &mut S| {
            exchange.spread(wiring, member, block, sides(block, seats(member)));
        };
        let all = members[..weights].iter_mut().enumerate();
        match traffic {
            None => for_each(all, *is_large, |(member, block)| {
                spread(member, block);
                block.membrane(moment, seats(member));
            }),
            Some(traffic) => {
                for_each(all, *is_large, |(member, block)| {
                    spread(member, block);
                    block.first_half(moment, seats(member));
                });
                traffic.deliver(step, members, seats);
                let all = members[..weights].iter_mut().enumerate();
                for_each(all, *is_large, |(member, block)| {
                    block.second_half(moment, seats(member));
                });
            }
        }
        folded.gather(&members[sources..weights], |index| seats(sources + index));
        let synapses = members.iter_mut().enumerate().skip(cells);
        let parts = synapses.zip(exchange.parts(wiring));
        for_each(parts, *is_large, |((member, block), part)| {
            part.add(block, [block.plain().memory.rhs, seats(member).factors]);
        });
        folded.add(exchange.folded_parts(wiring), *is_large);
        exchange.total(wiring);

        // electrodes, and the cable equations
        let equations = members[..cells].iter_mut().enumerate();
        for_each(equations, *is_large, |(member, block)| {
            let equation = [block.plain().memory.rhs, seats(member).factors];
            exchange.add_to(wiring, member, block, equation);
            match gaps {
                None => block.complete(step, seats(member)),
                Some(_) => block.drive(step, seats(member)),
            }
        });
        if let Some(gaps) = gaps {
            gaps.solve(members, seats);
            for (member, block) in members[..cells].iter_mut().enumerate() {
                for (position, inflow) in gaps.inflows(member) {
                    block.join_clamp(position, inflow);
                }
                block.advance(seats(member));
            }
        }
    }

    /// Tells synapses the voltages on both of their sides, as they are before a step.
    pub(crate) fn meet(&mut self, seats: impl Seats) {
        let Crew {
            members,
            wiring,
            exchange,
            ..
        } = self;
        if wiring.is_needed() {
            exchange.gather(wiring, members, |member| seats(member).from);
            let stepped = members[..wiring.weights].iter_mut();
            for (member, block) in stepped.enumerate() {
                exchange.spread(wiring, member, block, sides(block, seats(member)));
            }
        }
    }
}

/// Where synapses find the voltages on both of their sides.
fn sides<S: Stepper>(synapses: &S, slots: Slots) -> (usize, Option<usize>) {
    (slots.from, Some(synapses.plain().memory.presynaptic))
}
