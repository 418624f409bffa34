//! Where a mechanism takes its events: a few at a time, each of another element of a group, are carried
//! into a small room, its tape runs there, and what it left is carried back.

use std::collections::HashMap;
use std::ops::Range;

use super::calendar::{Delivery, NO_LINE};
use super::lines::Lines;
use super::log::Log;
use super::lookout::Lookout;
use super::room::{LANES, Room, States, carry, code_of, kernel};
use crate::block::{Block, Slots};
use crate::code::{Handling, Sent, sent};
use crate::kernel::Kernel;
use crate::vector::Real;

/// Where what events change is laid aside, as it was before.
pub(super) struct Aside<'a, T> {
    /// For steps that are run once more, or transposed.
    pub(super) log: Option<&'a mut Log<T>>,
    /// For what is written down of the states: member, position in a slot, number.
    pub(super) undelivered: Option<&'a mut HashMap<(usize, usize), T>>,
}

impl<T: Real> Aside<'_, T> {
    /// Writes down deliveries that change nothing.
    fn note(&mut self, deliveries: &[Delivery]) {
        if let Some(log) = &mut self.log {
            deliveries
                .iter()
                .for_each(|delivery| log.deliver(*delivery));
        }
    }
}

/// Where a mechanism of a group of a block takes events.
pub(super) struct Desk<T: Real> {
    /// Position of the block in the crew.
    pub(super) member: usize,
    pub(super) group: usize,
    /// Position of the mechanism's handler in the code.
    pub(super) handler: usize,
    /// Position of the projection whose lines come here.
    pub(super) projection: usize,
    room: Room<T>,
    take: Kernel<T>,
    /// States that an event changes: where each is in the room, and in a slot.
    writes: Vec<(usize, usize)>,
    /// What it changes of the connection: where it is in the room, and its position in the mechanism.
    changes: Vec<(usize, usize)>,
    /// Events that it sends to itself: where condition, delay and flag are in the room.
    sends: Vec<[usize; 3]>,
    /// Conditions that it begins to watch: where condition, number and flag are in the room.
    watches: Vec<[usize; 3]>,
    lookout: Lookout<T>,
}

impl<T: Real> Desk<T> {
    pub(super) fn new(
        block: &Block<T>,
        (member, group, handler): (usize, usize, usize),
        projection: usize,
    ) -> Self {
        let code = code_of(block, group);
        let mut room = Room::new();
        let take = kernel(block, group, handler, Handling::Take, &mut room);
        let shape = &code.handlers[handler];
        let named = |names: Vec<(usize, &String)>| -> Vec<(usize, usize)> {
            let places = names.into_iter();
            places
                .filter_map(|(index, name)| Some((room.known(name)?, index)))
                .collect()
        };
        let in_slot = &block.memory.states[group];
        let states = shape.writes.iter();
        let states = states.map(|state| (in_slot[*state], &code.state_names[*state]));
        let arguments = shape.arguments.iter().enumerate();
        let changing = arguments.filter(|(argument, _)| shape.changes[*argument]);
        Desk {
            member,
            group,
            handler,
            projection,
            writes: named(states.collect()),
            changes: named(changing.collect()),
            sends: sends(&room, 0..shape.sends),
            watches: sends(&room, shape.sends..shape.sends + shape.watches),
            lookout: Lookout::new(block, group, handler),
            take,
            room,
        }
    }

    /// How many numbers are laid aside for an event.
    pub(super) fn kept(&self, delivery: &Delivery) -> usize {
        match delivery.is_ghost {
            true => 0,
            false => self.writes.len() + self.changes.len(),
        }
    }

    /// Where the states that an event changes are in a slot, for the first element of the group.
    pub(super) fn writes(&self) -> impl ExactSizeIterator<Item = usize> + use<'_, T> {
        self.writes.iter().map(|(_, in_slot)| *in_slot)
    }

    /// Positions in the mechanism of what an event changes of its connection.
    pub(super) fn changes(&self) -> impl Iterator<Item = usize> + use<'_, T> {
        self.changes.iter().map(|(_, argument)| *argument)
    }

    /// Takes events, each of another element, and says which events follow.
    pub(super) fn take(
        &mut self,
        block: &mut Block<T>,
        slots: Slots,
        deliveries: &[Delivery],
        lines: &mut Lines<T>,
        aside: &mut Aside<'_, T>,
        mut follow: impl FnMut(Delivery),
    ) {
        let ghosts = deliveries.first().is_some_and(|delivery| delivery.is_ghost);
        if ghosts && self.sends.is_empty() {
            aside.note(deliveries);
            return;
        }
        self.try_out(block, slots, deliveries, lines, |desk| match ghosts {
            true => aside.note(deliveries),
            false => desk.lay_aside(deliveries, aside),
        });
        let numbers = &self.room.numbers;
        let changed = if ghosts { &[] } else { deliveries };
        for (at, in_slot) in &self.writes {
            let to = slots.factors + block.memory.halfway(*in_slot);
            for (delivery, number) in changed.iter().zip(&numbers[*at..]) {
                block.workspace[to + delivery.element as usize] = *number;
            }
        }
        for (at, argument) in &self.changes {
            for (delivery, number) in changed.iter().zip(&numbers[*at..]) {
                if delivery.line != NO_LINE {
                    lines.arguments[*argument][delivery.line as usize] = *number;
                }
            }
        }
        for (lane, delivery) in changed.iter().enumerate() {
            let begun = self.watches.iter();
            let begun = begun.map(|watch| watch.map(|at| numbers[at + lane].to_f64()));
            self.lookout.begin(delivery, begun);
        }
        for event in &self.sends {
            for (lane, delivery) in deliveries.iter().enumerate() {
                let [condition, delay, flag] = event.map(|at| numbers[at + lane].to_f64());
                if condition != 0.0 {
                    follow(Delivery {
                        time: delivery.time + delay,
                        flag,
                        ..*delivery
                    });
                }
            }
        }
    }

    /// Computes in the room what events would leave; `before` finds there what they find.
    pub(super) fn try_out(
        &mut self,
        block: &Block<T>,
        slots: Slots,
        deliveries: &[Delivery],
        lines: &Lines<T>,
        before: impl FnOnce(&Self),
    ) {
        carry(
            &mut self.room,
            block,
            self.group,
            slots,
            deliveries,
            lines,
            States::Halfway,
        );
        before(self);
        let numbers = &mut self.room.numbers;
        self.take.run_over(deliveries.len(), numbers, &mut []);
    }

    /// What was tried out of an event: where each state is in a slot, and what it would be.
    pub(super) fn tried_states(&self, lane: usize) -> impl Iterator<Item = (usize, T)> + '_ {
        let writes = self.writes.iter();
        writes.map(move |(at, in_slot)| (*in_slot, self.room.numbers[at + lane]))
    }

    /// The same of what its connection brings.
    pub(super) fn tried_arguments(&self, lane: usize) -> impl Iterator<Item = (usize, T)> + '_ {
        let changes = self.changes.iter();
        changes.map(move |(at, argument)| (*argument, self.room.numbers[at + lane]))
    }

    /// Events of conditions that have come true as a step begins; `time` is that.
    pub(super) fn look(
        &mut self,
        block: &Block<T>,
        slots: Slots,
        (desk, time): (u32, f64),
        lines: &Lines<T>,
        follow: impl FnMut(Delivery),
    ) {
        self.lookout
            .look(block, self.group, slots, (desk, time), lines, follow);
    }

    /// What events change, as it was before.
    fn lay_aside(&self, deliveries: &[Delivery], aside: &mut Aside<'_, T>) {
        let numbers = &self.room.numbers;
        if let Some(log) = &mut aside.log {
            for (lane, delivery) in deliveries.iter().enumerate() {
                log.deliver(*delivery);
                for (at, _) in self.writes.iter().chain(&self.changes) {
                    log.keep(numbers[at + lane]);
                }
            }
        }
        if let Some(undelivered) = &mut aside.undelivered {
            for (at, in_slot) in &self.writes {
                for (delivery, number) in deliveries.iter().zip(&numbers[*at..]) {
                    let at = in_slot + delivery.element as usize;
                    undelivered.entry((self.member, at)).or_insert(*number);
                }
            }
        }
    }

    /// What connections bring at t = 0, where that is not what they were made with; and the events that
    /// the mechanism sends itself then.
    pub(super) fn begin(
        &self,
        block: &mut Block<T>,
        slots: Slots,
        desk: u32,
        lines: &mut Lines<T>,
        mut follow: impl FnMut(Delivery),
    ) {
        let code = code_of(block, self.group);
        let shape = &code.handlers[self.handler];
        let (names, initial_sends) = (shape.arguments.clone(), shape.initial_sends);
        let mut room = Room::new();
        let mut make = kernel(block, self.group, self.handler, Handling::Make, &mut room);
        let made: Vec<usize> = names.iter().filter_map(|name| room.known(name)).collect();
        let connections = lines.all_to(desk);
        for chunk in connections.chunks(LANES) {
            carry(
                &mut room,
                block,
                self.group,
                slots,
                chunk,
                lines,
                States::Slot,
            );
            make.run_over(chunk.len(), &mut room.numbers, &mut []);
            for (lane, delivery) in chunk.iter().enumerate() {
                for (argument, at) in made.iter().enumerate() {
                    lines.arguments[argument][delivery.line as usize] = room.numbers[at + lane];
                }
            }
        }
        if initial_sends == 0 {
            return;
        }
        let mut room = Room::new();
        let mut begin = kernel(block, self.group, self.handler, Handling::Begin, &mut room);
        let sends = sends(&room, 0..initial_sends);
        let region = &block.layout.groups[self.group];
        let mut all = Vec::new();
        let start = region.start;
        let population = block.lanes.population();
        block
            .layout
            .for_each_in_group(population, self.group, |_, _, position| {
                let element = (position - start) as u32;
                all.push(Delivery::at_start(desk, element, NO_LINE));
            });
        for chunk in all.chunks(LANES) {
            carry(
                &mut room,
                block,
                self.group,
                slots,
                chunk,
                lines,
                States::Slot,
            );
            begin.run_over(chunk.len(), &mut room.numbers, &mut []);
            for (lane, delivery) in chunk.iter().enumerate() {
                for event in &sends {
                    let [condition, delay, flag] = event.map(|at| room.numbers[at + lane].to_f64());
                    if condition != 0.0 {
                        follow(Delivery {
                            time: delay,
                            flag,
                            ..*delivery
                        });
                    }
                }
            }
        }
    }
}

/// Where events that are sent are in a room.
fn sends<T: Real>(room: &Room<T>, which: Range<usize>) -> Vec<[usize; 3]> {
    let at = |index: usize| {
        let places = Sent::ALL.map(|what| room.known(&sent(index, what)));
        match places {
            [Some(condition), Some(delay), Some(flag)] => Some([condition, delay, flag]),
            _ => None,
        }
    };
    which.filter_map(at).collect()
}
