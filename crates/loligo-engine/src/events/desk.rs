//! Where a mechanism takes its events: a few at a time, each of another element of a group, are carried
//! into a small room, its tape runs there, and what it left is carried back.

use super::calendar::{Delivery, NO_LINE};
use super::lines::Lines;
use crate::block::{Block, Slots};
use crate::code::{Handling, Sent, sent};
use crate::kernel::{Kernel, Operand};
use crate::program::{Code, TapeKind};
use crate::vector::Real;
use loligo_mechanism::membrane::{EVENT_TIME, FLAG};

/// What a lane of the room is a copy of.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Copied {
    /// The voltage before the step.
    Voltage,
    /// A state, by its position in the code.
    State(usize),
    /// What the connection brings, by its position in the mechanism.
    Argument(usize),
    Flag,
    Time,
    /// An array over the group's region, at a position of the workspace.
    Array(usize),
}

/// Numbers of a few events, each an array with one lane per event.
pub(super) struct Room<T> {
    pub(super) numbers: Vec<T>,
    /// By name: what it is, and where.
    pub(super) places: Vec<(String, Option<Copied>, usize)>,
}

impl<T: Real> Room<T> {
    pub(super) fn new() -> Self {
        Room {
            numbers: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Where an array of that name is, which is made when it is first asked for.
    pub(super) fn place(&mut self, name: &str, what: Option<Copied>) -> usize {
        let mut known = self.places.iter();
        if let Some((.., at)) = known.find(|(known, ..)| known == name) {
            return *at;
        }
        let at = self.numbers.len();
        self.numbers.resize(at + T::LANES, T::ZERO);
        self.places.push((name.to_owned(), what, at));
        at
    }

    /// Where a name is, if any tape asked for it.
    pub(super) fn known(&self, name: &str) -> Option<usize> {
        let mut known = self.places.iter();
        known.find(|(known, ..)| known == name).map(|(.., at)| *at)
    }

    /// Lets lanes that no event has be as the first one, so that they compute what is valid somewhere.
    pub(super) fn pad(&mut self, used: usize) {
        for (.., at) in &self.places {
            let lanes = &mut self.numbers[*at..*at + T::LANES];
            let first = lanes[0];
            lanes[used..].fill(first);
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
    /// States that an event changes: where each is in the room, and its position in the code.
    writes: Vec<(usize, usize)>,
    /// What it changes of the connection: where it is in the room, and its position in the mechanism.
    changes: Vec<(usize, usize)>,
    /// Events that it sends to itself: where condition, delay and flag are in the room.
    sends: Vec<[usize; 3]>,
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
            places.filter_map(|(index, name)| Some((room.known(name)?, index))).collect()
        };
        let states = shape.writes.iter().map(|state| (*state, &code.state_names[*state]));
        let arguments = shape.arguments.iter().enumerate();
        let changing = arguments.filter(|(argument, _)| shape.changes[*argument]);
        Desk {
            member,
            group,
            handler,
            projection,
            writes: named(states.collect()),
            changes: named(changing.collect()),
            sends: sends(&room, shape.sends),
            take,
            room,
        }
    }

    /// How many numbers an event changes.
    pub(super) fn kept(&self) -> usize {
        self.writes.len() + self.changes.len()
    }

    /// Positions in the code of the states that an event changes.
    pub(super) fn writes(&self) -> Vec<usize> {
        self.writes.iter().map(|(_, state)| *state).collect()
    }

    /// Positions in the mechanism of what an event changes of its connection.
    pub(super) fn changes(&self) -> impl Iterator<Item = usize> + use<'_, T> {
        self.changes.iter().map(|(_, argument)| *argument)
    }

    /// Takes events, each of another element; `keep` is given what each changes as it was before, and
    /// `follow` the events that follow.
    pub(super) fn take(
        &mut self,
        block: &mut Block<T>,
        slots: Slots,
        deliveries: &[Delivery],
        lines: &mut Lines<T>,
        mut keep: impl FnMut(Delivery, &[T]),
        mut follow: impl FnMut(Delivery),
    ) {
        carry(&mut self.room, block, self.group, slots, deliveries, lines, States::Halfway);
        let mut before = Vec::with_capacity(self.kept());
        for (lane, delivery) in deliveries.iter().enumerate() {
            before.clear();
            let changed = self.writes.iter().chain(&self.changes);
            before.extend(changed.map(|(at, _)| self.room.numbers[at + lane]));
            keep(*delivery, &before);
        }
        self.take.run(slots, 0.0, &mut self.room.numbers, &mut []);
        let numbers = &self.room.numbers;
        for (lane, delivery) in deliveries.iter().enumerate() {
            for (at, state) in &self.writes {
                let to = state_at(block, self.group, slots, *state, States::Halfway);
                block.workspace[to + delivery.element as usize] = numbers[at + lane];
            }
            if delivery.line != NO_LINE {
                for (at, argument) in &self.changes {
                    lines.arguments[*argument][delivery.line as usize] = numbers[at + lane];
                }
            }
            for event in &self.sends {
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
        let here = lines.targets.iter().enumerate();
        let here = here.filter(|(_, (of, _))| *of == desk);
        let connections: Vec<Delivery> = here
            .map(|(line, (_, element))| Delivery {
                time: 0.0,
                flag: 0.0,
                desk,
                element: *element,
                line: line as u32,
            })
            .collect();
        for chunk in connections.chunks(T::LANES) {
            carry(&mut room, block, self.group, slots, chunk, lines, States::Slot);
            make.run(slots, 0.0, &mut room.numbers, &mut []);
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
        let sends = sends(&room, initial_sends);
        let region = &block.layout.groups[self.group];
        let mut all = Vec::new();
        let start = region.start;
        let population = block.lanes.population();
        block.layout.for_each_in_group(population, self.group, |_, _, position| {
            all.push(Delivery {
                time: 0.0,
                flag: 0.0,
                desk,
                element: (position - start) as u32,
                line: NO_LINE,
            });
        });
        for chunk in all.chunks(T::LANES) {
            carry(&mut room, block, self.group, slots, chunk, lines, States::Slot);
            begin.run(slots, 0.0, &mut room.numbers, &mut []);
            for (lane, delivery) in chunk.iter().enumerate() {
                for event in &sends {
                    let [condition, delay, flag] =
                        event.map(|at| room.numbers[at + lane].to_f64());
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

/// Which states an event finds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum States {
    /// Those between the halves of the step.
    Halfway,
    /// Those of the slot before it.
    Slot,
}

/// Where a state of a group is in the workspace.
pub(super) fn state_at<T: Real>(
    block: &Block<T>,
    group: usize,
    slots: Slots,
    state: usize,
    which: States,
) -> usize {
    let at = block.memory.states[group][state];
    match which {
        States::Halfway => slots.factors + block.memory.halfway(at),
        States::Slot => slots.from + at,
    }
}

/// Carries the numbers of events into a room.
pub(super) fn carry<T: Real>(
    room: &mut Room<T>,
    block: &Block<T>,
    group: usize,
    slots: Slots,
    deliveries: &[Delivery],
    lines: &Lines<T>,
    which: States,
) {
    let start = block.layout.groups[group].start;
    for (_, what, at) in &room.places {
        let Some(what) = what else { continue };
        let array = match what {
            Copied::Voltage => Some(slots.from + start),
            Copied::State(state) => Some(state_at(block, group, slots, *state, which)),
            Copied::Array(array) => Some(*array),
            Copied::Argument(_) | Copied::Flag | Copied::Time => None,
        };
        for (lane, delivery) in deliveries.iter().enumerate() {
            room.numbers[at + lane] = match (array, what) {
                (Some(array), _) => block.workspace[array + delivery.element as usize],
                (_, Copied::Argument(_)) if delivery.line == NO_LINE => T::ZERO,
                (_, Copied::Argument(argument)) => {
                    lines.arguments[*argument][delivery.line as usize]
                }
                (_, Copied::Flag) => T::from_f64(delivery.flag),
                _ => T::from_f64(delivery.time),
            };
        }
    }
    room.pad(deliveries.len());
}

pub(super) fn code_of<T: Real>(block: &Block<T>, group: usize) -> &Code {
    &block.lanes.program.codes[block.lanes.population().groups[group].code]
}

/// What a name in the tape of a handler stands for.
pub(super) fn copied<T: Real>(
    block: &Block<T>,
    group: usize,
    handler: usize,
    name: &str,
) -> Result<Copied, Operand> {
    let code = code_of(block, group);
    if let Some(i) = code.invariants.iter().position(|n| n == name) {
        return match block.invariants[group][i] {
            Operand::Fixed(at) => Ok(Copied::Array(at)),
            operand => Err(operand),
        };
    }
    let state = code.state_names.iter().position(|n| n == name);
    let draw = code.draws.iter().position(|(n, _)| n == name);
    let arguments = &code.handlers[handler].arguments;
    let argument = arguments.iter().position(|n| n == name);
    Ok(match (name, state, argument, draw) {
        ("v", ..) => Copied::Voltage,
        (FLAG, ..) => Copied::Flag,
        (EVENT_TIME, ..) => Copied::Time,
        (_, Some(state), ..) => Copied::State(state),
        (_, _, Some(argument), _) => Copied::Argument(argument),
        (_, _, _, Some(draw)) => Copied::Array(block.memory.draws[group][draw]),
        _ => unreachable!("a handler has no other symbol, but `{name}`"),
    })
}

/// A tape of a handler, bound to a room.
fn kernel<T: Real>(
    block: &Block<T>,
    group: usize,
    handler: usize,
    handling: Handling,
    room: &mut Room<T>,
) -> Kernel<T> {
    let code = code_of(block, group);
    let tape = code.tape(TapeKind::Handling(handler, handling));
    let is_result = |name: &str| name.starts_with("event ");
    Kernel::new(&tape, block.unit, T::LANES, |name| {
        if is_result(name) {
            return Operand::Fixed(room.place(name, None));
        }
        match copied(block, group, handler, name) {
            Ok(what) => Operand::Fixed(room.place(name, Some(what))),
            Err(operand) => operand,
        }
    })
}

/// Where events that are sent are in a room.
fn sends<T: Real>(room: &Room<T>, count: usize) -> Vec<[usize; 3]> {
    let at = |index: usize| {
        let places = Sent::ALL.map(|what| room.known(&sent(index, what)));
        match places {
            [Some(condition), Some(delay), Some(flag)] => Some([condition, delay, flag]),
            _ => None,
        }
    };
    (0..count).filter_map(at).collect()
}
