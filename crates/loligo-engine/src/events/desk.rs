//! Where a mechanism takes its events: a few at a time, each of another element of a group, are carried
//! into a small room, its tape runs there, and what it left is carried back.

use std::collections::HashMap;
use std::ops::Range;

use super::calendar::{Delivery, NO_EDGE, NO_LINE};
use super::lines::Lines;
use super::log::Log;
use super::lookout::Lookout;
use super::room::{LANES, Room, States, carry, carry_each, code_of, kernel};
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

/// What follows from an event that is taken.
pub(super) enum Following {
    /// Another one, which the mechanism sends to itself.
    Sent(Delivery),
    /// The same, in place of the one with this flag that it sent last.
    Moved(Delivery),
    /// A spike, at this time; the event that it follows from.
    Spike(f64, Delivery),
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
    /// Which of them take the place of the last one.
    moves: Vec<bool>,
    /// Conditions that it begins to watch: where condition, number and flag are in the room.
    watches: Vec<[usize; 3]>,
    /// Spikes that it announces: where condition and time are in the room.
    fires: Vec<[usize; 3]>,
    /// Changes of what all connections bring: where the condition is in the room, and what changes.
    broadcasts: Vec<(usize, Broadcast<T>)>,
    /// How many events each element has taken; empty where no random number depends on it.
    taken: Vec<u32>,
    lookout: Lookout<T>,
}

/// A change of what all connections to an element bring.
struct Broadcast<T: Real> {
    room: Room<T>,
    tell: Kernel<T>,
    /// Where each number is in the room.
    numbers: Vec<usize>,
}

impl<T: Real> Broadcast<T> {
    fn new(block: &Block<T>, group: usize, handler: usize, which: usize) -> Self {
        let mut room = Room::new();
        let tell = kernel(block, group, handler, Handling::Tell(which), &mut room);
        let each = &code_of(block, group).handlers[handler].each;
        Broadcast {
            numbers: each.iter().filter_map(|name| room.known(name)).collect(),
            room,
            tell,
        }
    }

    /// Changes what the connections to the element of an event bring.
    fn apply(
        &mut self,
        block: &Block<T>,
        group: usize,
        slots: Slots,
        delivery: &Delivery,
        lines: &mut Lines<T>,
    ) {
        let onto = lines.onto.remove(&delivery.target()).unwrap_or_default();
        for each in onto.chunks(LANES) {
            let deliveries = vec![*delivery; each.len()];
            carry(
                &mut self.room,
                block,
                group,
                slots,
                &deliveries,
                lines,
                States::Halfway,
            );
            carry_each(&mut self.room, lines, each);
            let numbers = &mut self.room.numbers;
            self.tell.run_over(each.len(), numbers, &mut []);
            for (argument, at) in self.numbers.iter().enumerate() {
                for (line, number) in each.iter().zip(&numbers[*at..]) {
                    lines.arguments[argument][*line as usize] = *number;
                }
            }
        }
        lines.onto.insert(delivery.target(), onto);
    }
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
        let watches = shape.sends.len()..shape.sends.len() + shape.watches;
        let fires = watches.end..watches.end + shape.fires;
        let told = sends(&room, fires.end..fires.end + shape.broadcasts);
        let told = told.into_iter().enumerate();
        let broadcasts = told.map(|(which, [condition, ..])| {
            let broadcast = Broadcast::new(block, group, handler, which);
            (condition, broadcast)
        });
        let counts = match code.draws.is_empty() {
            true => 0,
            false => block.layout.groups[group].len(),
        };
        Desk {
            member,
            group,
            handler,
            projection,
            writes: named(states.collect()),
            changes: named(changing.collect()),
            sends: sends(&room, 0..shape.sends.len()),
            moves: shape.sends.clone(),
            watches: sends(&room, watches.clone()),
            fires: sends(&room, fires.clone()),
            broadcasts: broadcasts.collect(),
            taken: vec![0; counts],
            lookout: Lookout::new(block, group, handler),
            take,
            room,
        }
    }

    /// Whether events may follow from one, so that they are to be taken in the order of time.
    pub(super) fn answers(&self) -> bool {
        !self.sends.is_empty() || self.fires()
    }

    /// Whether spikes may follow from an event.
    pub(super) fn fires(&self) -> bool {
        !self.fires.is_empty()
    }

    /// Whether one event may take the place of another.
    pub(super) fn moves(&self) -> bool {
        self.moves.contains(&true)
    }

    /// Whether an event may change what all connections bring.
    pub(super) fn broadcasts(&self) -> bool {
        !self.broadcasts.is_empty()
    }

    /// Counts an event where random numbers depend on how many there were.
    pub(super) fn count(&mut self, delivery: &mut Delivery) {
        if let Some(taken) = self.taken.get_mut(delivery.element as usize) {
            delivery.count = *taken + 1;
            *taken += u32::from(!delivery.is_ghost);
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
        mut follow: impl FnMut(Following),
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
        for (at, argument) in &self.changes {
            for (delivery, number) in changed.iter().zip(&numbers[*at..]) {
                if delivery.line != NO_LINE {
                    lines.arguments[*argument][delivery.line as usize] = *number;
                }
            }
        }
        // all connections are told of the states as they were before the event
        for (condition, broadcast) in &mut self.broadcasts {
            for (lane, delivery) in changed.iter().enumerate() {
                if numbers[*condition + lane].to_f64() != 0.0 {
                    broadcast.apply(block, self.group, slots, delivery, lines);
                }
            }
        }
        for (at, in_slot) in &self.writes {
            let to = slots.factors + block.memory.halfway(*in_slot);
            for (delivery, number) in changed.iter().zip(&numbers[*at..]) {
                block.workspace[to + delivery.element as usize] = *number;
            }
        }
        for (lane, delivery) in changed.iter().enumerate() {
            let begun = self.watches.iter();
            let begun = begun.map(|watch| watch.map(|at| numbers[at + lane].to_f64()));
            self.lookout.begin(delivery, begun);
        }
        for (event, moves) in self.sends.iter().zip(&self.moves) {
            let moved = if ghosts && *moves { &[] } else { deliveries };
            for (lane, delivery) in moved.iter().enumerate() {
                let [condition, delay, flag] = event.map(|at| numbers[at + lane].to_f64());
                if condition == 0.0 {
                    continue;
                }
                let sent = Delivery {
                    time: delivery.time + delay,
                    sent: delivery.time,
                    flag,
                    ..*delivery
                };
                follow(match moves {
                    true => Following::Moved(sent),
                    false => Following::Sent(sent),
                });
            }
        }
        for spike in &self.fires {
            for (lane, delivery) in changed.iter().enumerate() {
                let [condition, time, _] = spike.map(|at| numbers[at + lane].to_f64());
                if condition != 0.0 {
                    // when it comes is held fixed
                    let from = Delivery {
                        edge: NO_EDGE,
                        ..*delivery
                    };
                    follow(Following::Spike(time, from));
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
        follow: impl FnMut(Delivery),
    ) {
        self.make_arguments(block, slots, &lines.all_to(desk), lines);
        self.send_first(block, slots, desk, lines, follow);
    }

    /// Makes the numbers of connections as their INITIAL block says.
    fn make_arguments(
        &self,
        block: &Block<T>,
        slots: Slots,
        connections: &[Delivery],
        lines: &mut Lines<T>,
    ) {
        let names = &code_of(block, self.group).handlers[self.handler].arguments;
        let mut room = Room::new();
        let mut make = kernel(block, self.group, self.handler, Handling::Make, &mut room);
        let made: Vec<usize> = names.iter().filter_map(|name| room.known(name)).collect();
        for chunk in connections.chunks(LANES) {
            let of = self.group;
            carry(&mut room, block, of, slots, chunk, lines, States::Slot);
            make.run_over(chunk.len(), &mut room.numbers, &mut []);
            for (lane, delivery) in chunk.iter().enumerate() {
                for (argument, at) in made.iter().enumerate() {
                    lines.arguments[argument][delivery.line as usize] = room.numbers[at + lane];
                }
            }
        }
    }

    /// Sends what mechanisms send themselves when a run begins.
    fn send_first(
        &self,
        block: &Block<T>,
        slots: Slots,
        desk: u32,
        lines: &Lines<T>,
        mut follow: impl FnMut(Delivery),
    ) {
        let initial_sends = code_of(block, self.group).handlers[self.handler].initial_sends;
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
            let of = self.group;
            carry(&mut room, block, of, slots, chunk, lines, States::Slot);
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
