//! The room in which the tapes of handlers run: numbers of a few events, carried there from a block and from
//! what connections bring.

use super::calendar::Delivery;
use super::lines::Lines;
use crate::block::{Block, Slots};
use crate::code::Handling;
use crate::kernel::{Kernel, Operand};
use crate::program::{Code, TapeKind};
use crate::vector::Real;
use loligo_mechanism::membrane::{EVENT_TIME, FLAG, LEFT};

/// What a lane of the room is a copy of.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Copied {
    /// The voltage before the step.
    Voltage,
    /// A state, by its position in the code.
    State(usize),
    /// What the connection brings, by its position in the mechanism.
    Argument(usize),
    /// The same of each connection, where they are changed for all.
    Each(usize),
    /// A random number of the event, by its position in the code.
    Draw(usize),
    Flag,
    Time,
    /// What is left of the step.
    Left,
    /// An array over the group's region, at a position of the workspace.
    Array(usize),
}

/// How many events are taken together at most; whole vectors in every precision.
pub(super) const LANES: usize = 64;

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
        self.numbers.resize(at + LANES, T::ZERO);
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
            let padded = used.next_multiple_of(T::LANES);
            let lanes = &mut self.numbers[*at..*at + padded];
            let first = lanes[0];
            lanes[used..].fill(first);
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

/// Carries what lines bring into a room where it is changed for all of them.
pub(super) fn carry_each<T: Real>(room: &mut Room<T>, lines: &Lines<T>, each: &[u32]) {
    for (_, what, at) in &room.places {
        let Some(Copied::Each(argument)) = what else {
            continue;
        };
        let values = &lines.arguments[*argument];
        for (line, lane) in each.iter().zip(&mut room.numbers[*at..]) {
            *lane = values[*line as usize];
        }
    }
    room.pad(each.len());
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
        let lanes = deliveries.iter().zip(&mut room.numbers[*at..]);
        let array = match what {
            Copied::Voltage => slots.from + start,
            Copied::State(state) => state_at(block, group, slots, *state, which),
            Copied::Array(array) => *array,
            Copied::Argument(argument) => {
                let values = &lines.arguments[*argument];
                for (delivery, lane) in lanes {
                    // an event that no connection brought has no arguments
                    let value = values.get(delivery.line as usize);
                    *lane = value.copied().unwrap_or(T::ZERO);
                }
                continue;
            }
            Copied::Each(_) => continue,
            Copied::Draw(draw) => {
                for (delivery, lane) in lanes {
                    *lane = T::from_f64(drawn(block, group, *draw, delivery));
                }
                continue;
            }
            Copied::Flag => {
                lanes.for_each(|(delivery, lane)| *lane = T::from_f64(delivery.flag));
                continue;
            }
            Copied::Left => {
                lanes.for_each(|(delivery, lane)| *lane = T::from_f64(delivery.left));
                continue;
            }
            Copied::Time => {
                lanes.for_each(|(delivery, lane)| *lane = T::from_f64(delivery.time));
                continue;
            }
        };
        for (delivery, lane) in lanes {
            *lane = block.workspace[array + delivery.element as usize];
        }
    }
    room.pad(deliveries.len());
}

/// A random number of an event: at t = 0 that of the start, afterwards others for each event that an element
/// takes, which do not depend on steps.
fn drawn<T: Real>(block: &Block<T>, group: usize, draw: usize, delivery: &Delivery) -> f64 {
    const OF_EVENTS: u64 = 1 << 63;
    let moment = match delivery.count {
        0 => 0,
        count => OF_EVENTS | u64::from(count),
    };
    let (element, width) = (delivery.element as usize, block.layout.width);
    let compartment = block.lanes.population().groups[group].compartments[element / width];
    let row = block.lanes.row(compartment, element % width);
    code_of(block, group).drawn(block.inputs.seed, draw, row, moment)
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
    let each = code.handlers[handler].each.iter().position(|n| n == name);
    if let Some(each) = each {
        return Ok(Copied::Each(each));
    }
    Ok(match (name, state, argument, draw) {
        ("v", ..) => Copied::Voltage,
        (FLAG, ..) => Copied::Flag,
        (EVENT_TIME, ..) => Copied::Time,
        (LEFT, ..) => Copied::Left,
        (_, Some(state), ..) => Copied::State(state),
        (_, _, Some(argument), _) => Copied::Argument(argument),
        (_, _, _, Some(draw)) => Copied::Draw(draw),
        _ => unreachable!("a handler has no other symbol, but `{name}`"),
    })
}

/// A tape of a handler, bound to a room.
pub(super) fn kernel<T: Real>(
    block: &Block<T>,
    group: usize,
    handler: usize,
    handling: Handling,
    room: &mut Room<T>,
) -> Kernel<T> {
    let code = code_of(block, group);
    let tape = code.tape(TapeKind::Handling(handler, handling));
    let is_result = |name: &str| name.starts_with("event ");
    Kernel::new(&tape, block.unit, LANES, |name| {
        if is_result(name) {
            return Operand::Fixed(room.place(name, None));
        }
        match copied(block, group, handler, name) {
            Ok(what) => Operand::Fixed(room.place(name, Some(what))),
            Err(operand) => operand,
        }
    })
}
