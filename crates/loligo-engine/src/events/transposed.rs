//! The transpose of what a handler does, for so many deliveries at a time as fill a vector.

use loligo_mechanism::membrane::{EVENT_TIME, LEFT};

use super::calendar::{Delivery, NO_LINE};
use super::room::{LANES, Room, code_of, copied};
use crate::block::Block;
use crate::code::{Handling, cotangent_of};
use crate::dual::Scalar;
use crate::kernel::{Kernel, Operand};
use crate::program::TapeKind;
use crate::reverse::Reverse;
use crate::stepper::Stepper;
use crate::vector::Real;

/// The transpose of a function of a handler.
pub(super) struct Transposed<T: Real> {
    pub(super) room: Room<T>,
    kernel: Kernel<T>,
    /// Where the cotangent of the voltage is in the room.
    voltage: Option<usize>,
    /// Cotangents of states: where each is, its position in the code, whether an event changes it.
    states: Vec<(usize, usize, bool)>,
    /// The same of arguments.
    arguments: Vec<(usize, usize, bool)>,
    /// Where the cotangents are of an event's time and of what it leaves of the step, if there are any.
    time: [Option<usize>; 2],
    /// Sums of this run of the tape, `[wanted invariant][lane]`.
    sums: Vec<f64>,
}

impl<T: Real> Transposed<T> {
    pub(super) fn new<S: Stepper<Real = T>>(
        stepper: &S,
        (group, handler): (usize, usize),
        handling: Handling,
        wanted: &[String],
    ) -> Self {
        let block = stepper.plain();
        let code = code_of(block, group);
        let shape = &code.handlers[handler];
        let kind = TapeKind::HandlingAdjoint(handler, handling, wanted.to_vec());
        let mut room = Room::new();
        let kernel = Kernel::new(&code.tape(kind), block.unit, LANES, |name| {
            let invariant = wanted.iter().position(|of| cotangent_of(of) == name);
            if let Some(index) = invariant {
                return Operand::Sum(index * LANES);
            }
            if name.starts_with(&cotangent_of("")) {
                return Operand::Fixed(room.place(name, None));
            }
            match copied(block, group, handler, name) {
                Ok(what) => Operand::Fixed(room.place(name, Some(what))),
                Err(operand) => operand,
            }
        });
        let of = |name: &str| room.known(&cotangent_of(name));
        let states = code.state_names.iter().enumerate();
        let states = states.filter_map(|(state, name)| {
            let writes = handling == Handling::Take && shape.writes.contains(&state);
            Some((of(name)?, state, writes))
        });
        let arguments = shape.arguments.iter().enumerate();
        let arguments = arguments.filter_map(|(argument, name)| {
            let changes = handling == Handling::Make || shape.changes[argument];
            Some((of(name)?, argument, changes))
        });
        Transposed {
            voltage: of("v"),
            time: [EVENT_TIME, LEFT].map(of),
            states: states.collect(),
            arguments: arguments.collect(),
            sums: vec![0.0; wanted.len() * LANES],
            kernel,
            room,
        }
    }

    /// Takes the cotangents of what deliveries wrote: of states, which start at `cotangent` of the
    /// workspace, and of what lines bring.
    pub(super) fn take(
        &mut self,
        block: &Block<T>,
        (group, cotangent): (usize, usize),
        due: &[Delivery],
        slopes: &[Vec<f64>],
    ) {
        let states = &block.memory.states[group];
        for (lane, delivery) in due.iter().enumerate() {
            for (at, state, _) in self.states.iter().filter(|(.., writes)| *writes) {
                let from = cotangent + states[*state] + delivery.element as usize;
                self.room.numbers[at + lane] = block.workspace[from];
            }
        }
        self.take_slopes(due, slopes);
    }

    /// Takes the cotangents of what lines bring, as far as deliveries changed it.
    pub(super) fn take_slopes(&mut self, due: &[Delivery], slopes: &[Vec<f64>]) {
        for (at, argument, _) in self.arguments.iter().filter(|(.., changes)| *changes) {
            for (delivery, to) in due.iter().zip(&mut self.room.numbers[*at..]) {
                if delivery.line != NO_LINE {
                    *to = T::from_f64(slopes[*argument][delivery.line as usize]);
                }
            }
        }
    }

    /// Transposes so many deliveries.
    pub(super) fn run(&mut self, count: usize) {
        self.room.pad(count);
        self.sums.fill(0.0);
        let numbers = &mut self.room.numbers;
        self.kernel.run_over(count, numbers, &mut self.sums);
    }

    /// Gives back the cotangents of what deliveries read: of the voltage and of states.
    pub(super) fn give_back(
        &self,
        block: &mut Block<T>,
        (group, cotangent): (usize, usize),
        due: &[Delivery],
    ) {
        let start = block.layout.groups[group].start;
        let states = &block.memory.states[group];
        for (lane, delivery) in due.iter().enumerate() {
            let element = delivery.element as usize;
            if let Some(at) = self.voltage {
                let to = &mut block.workspace[cotangent + start + element];
                *to = *to + self.room.numbers[at + lane];
            }
            for (at, state, writes) in &self.states {
                let to = &mut block.workspace[cotangent + states[*state] + element];
                let value = self.room.numbers[at + lane];
                *to = if *writes { value } else { *to + value };
            }
        }
    }

    /// Gives back those of what lines bring.
    pub(super) fn give_back_slopes(&self, due: &[Delivery], slopes: &mut [Vec<f64>]) {
        for (at, argument, changes) in &self.arguments {
            for (delivery, value) in due.iter().zip(&self.room.numbers[*at..]) {
                // nothing brings what came by no line, or nobody asks for it
                if let Some(to) = slopes[*argument].get_mut(delivery.line as usize) {
                    let value = value.to_f64();
                    *to = if *changes { value } else { *to + value };
                }
            }
        }
    }

    /// The cotangent of the time of each delivery, in steps of this length.
    pub(super) fn by_time(&self, lane: usize, dt: f64) -> f64 {
        let of = |at: Option<usize>| at.map_or(0.0, |at| self.room.numbers[at + lane].to_f64());
        let [by_time, by_left] = self.time.map(of);
        by_time - by_left / dt
    }

    /// Adds to the sums of a group's invariants.
    pub(super) fn add_sums<S: Stepper<Real = T>>(
        &self,
        reverse: &mut Reverse<S>,
        group: usize,
        due: &[Delivery],
    ) {
        for (lane, delivery) in due.iter().enumerate() {
            for (index, lanes) in self.sums.chunks(LANES).enumerate() {
                let sum = S::Wide::constant(lanes[lane]);
                reverse.add_sum(group, index, delivery.element as usize, sum);
            }
        }
    }
}
