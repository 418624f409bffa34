//! Blocks that meet in every step, since synapses join their compartments; or a single block.
//!
//! The time loop of a network: synapses read the voltages on both sides as the step begins, and add
//! what they make of them to the cable equations before these are solved.

use crate::block::{HeldKind, Slots};
use crate::events::{Spike, Traffic};
use crate::exchange::{Exchange, sum_rows};
use crate::folded::Folded;
use crate::gaps::Gaps;
use crate::stepper::Stepper;
use crate::threads::for_each;
use crate::wiring::Wiring;

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

    /// Whether derivatives are cut before a step.
    #[inline]
    pub(crate) fn is_cut(&self, step: usize) -> bool {
        let cuts = &self.members[0].plain().inputs.cuts;
        !cuts.is_empty() && cuts.contains(&step)
    }

    /// Advances the state from t to t + Δt: the phases of ARCHITECTURE.md, "One step".
    #[inline]
    pub(crate) fn step(&mut self, step: usize, seats: impl Seats) {
        if self.is_cut(step) {
            for (member, block) in self.members.iter_mut().enumerate() {
                block.stand_still(seats(member).from);
            }
        }
        if let ([block], None) = (&mut self.members[..], &self.traffic) {
            block.membrane(block.plain().moment(step), seats(0));
            block.hold_numbers(step, seats(0), HeldKind::State);
            block.complete(step, seats(0));
            block.hold_numbers(step, seats(0), HeldKind::Voltage);
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
        let spread = *is_large;
        let (cells, sources, weights) = (wiring.cells, wiring.sources, wiring.weights);
        let stepped = wiring.weights - wiring.cells;
        let Exchange { values, sums } = exchange;

        // gates half a step ahead of the voltage, as far as events come behind them
        values.gather_read(wiring, members, spread, |member, _| seats(member).from);
        let told = |member: usize, block: &mut S| {
            let joins = &wiring.joins()[member - cells];
            values.spread(joins, block, sides(block, seats(member)));
        };
        if let Some(traffic) = traffic {
            let all = members[..weights].iter_mut().enumerate();
            for_each(all, spread, |(member, block)| {
                if member >= cells {
                    told(member, block);
                }
                block.first_half(moment, seats(member));
            });
            traffic.deliver(step, members, seats);
        }
        let has_events = traffic.is_some();
        let membrane = |member: usize, block: &mut S| {
            match has_events {
                true => block.second_half(moment, seats(member)),
                false => block.membrane(moment, seats(member)),
            }
            block.hold_numbers(step, seats(member), HeldKind::State);
        };

        // what flows through synapses
        let synapses = members.iter_mut().enumerate().skip(cells);
        let parts = sums.parts(wiring).zip(wiring.joins()).take(stepped);
        for_each(
            synapses.zip(parts),
            spread,
            |((member, block), (part, joins))| {
                if !has_events {
                    told(member, block);
                }
                membrane(member, block);
                sum_rows(joins, block, line(block, seats(member)), part);
            },
        );
        folded.gather(&members[sources..weights], |index| seats(sources + index));
        folded.sum(sums.parts(wiring).skip(stepped), spread);

        // what flows through membranes, electrodes, and the cable equations
        let equations = members[..cells].iter_mut().zip(wiring.taps()).enumerate();
        for_each(equations, spread, |(member, (block, taps))| {
            membrane(member, block);
            sums.add_to(taps, block, line(block, seats(member)));
            match gaps {
                None => {
                    block.complete(step, seats(member));
                    block.hold_numbers(step, seats(member), HeldKind::Voltage);
                }
                Some(_) => block.drive(step, seats(member)),
            }
        });
        if let Some(gaps) = gaps {
            gaps.solve(members, seats);
            let equations = members[..cells].iter_mut().enumerate();
            for_each(equations, spread, |(member, block)| {
                for (position, inflow) in gaps.inflows(member) {
                    block.join_clamp(position, inflow);
                }
                block.advance(seats(member));
                block.hold_numbers(step, seats(member), HeldKind::Voltage);
            });
        }
    }

    /// Tells synapses the voltages on both of their sides, as they are before a step.
    pub(crate) fn meet(&mut self, seats: impl Seats) {
        let Crew {
            members,
            wiring,
            exchange,
            is_large,
            ..
        } = self;
        if wiring.is_needed() {
            let values = &mut exchange.values;
            let spread = *is_large;
            values.gather_read(wiring, members, spread, |member, _| seats(member).from);
            let synapses = members.iter_mut().enumerate().skip(wiring.cells);
            let synapses = synapses
                .zip(wiring.joins())
                .take(wiring.weights - wiring.cells);
            for_each(synapses, spread, |((member, block), joins)| {
                values.spread(joins, block, sides(block, seats(member)));
            });
        }
    }
}

/// Where synapses find the voltages on both of their sides.
fn sides<S: Stepper>(synapses: &S, slots: Slots) -> (usize, Option<usize>) {
    (slots.from, Some(synapses.plain().memory.presynaptic))
}

/// Where right-hand side and diagonal of cells are, and what synapses add to those of others.
fn line<S: Stepper>(block: &S, slots: Slots) -> [usize; 2] {
    [block.plain().memory.rhs, slots.factors]
}
