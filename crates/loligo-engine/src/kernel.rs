//! A tape bound to the workspace of a block: names have become positions.

use loligo_mechanism::tape::Tape;

use crate::block::Slots;
use crate::vector::{Binding, Real, Runner, VectorUnit};

/// What a name of a tape stands for in a workspace.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Operand {
    /// One number for all elements.
    Uniform(f64),
    /// An array at a position.
    Fixed(usize),
    /// An array at a position relative to one that changes from step to step.
    Moving(Base, usize),
    /// A state: an array that is read at one position and written at another.
    State {
        read: (Base, usize),
        write: (Base, usize),
    },
    /// Sums in double precision.
    Sum(usize),
    /// The time, one number for all elements, which changes from step to step.
    Time,
}

impl Operand {
    /// The same `by` further on; a number and sums stay what they are.
    pub(crate) fn shifted(self, by: usize) -> Self {
        match self {
            Operand::Fixed(at) => Operand::Fixed(at + by),
            Operand::Moving(base, at) => Operand::Moving(base, at + by),
            Operand::State { read, write } => Operand::State {
                read: (read.0, read.1 + by),
                write: (write.0, write.1 + by),
            },
            Operand::Uniform(_) | Operand::Sum(_) | Operand::Time => self,
        }
    }
}

/// Positions that change from step to step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Base {
    /// The slot before the step.
    From,
    /// The slot after it.
    To,
    /// The factors of its solve.
    Factors,
}

/// A tape and where its inputs and outputs are.
pub(crate) struct Kernel<T: Real> {
    runner: Runner<T>,
    elements: usize,
    /// Position in the tape, base, relative position.
    moving_inputs: Vec<(usize, Base, usize)>,
    moving_outputs: Vec<(usize, Base, usize)>,
    /// Positions in the tape of inputs that are the time.
    time_inputs: Vec<usize>,
    /// Where moving inputs and outputs are bound to.
    slots: Option<Slots>,
    stored: Vec<(String, usize)>,
}

impl<T: Real> Kernel<T> {
    /// Binds every name that a tape reads or writes; it will run over `elements` elements.
    pub(crate) fn new(
        tape: &Tape,
        unit: VectorUnit,
        elements: usize,
        mut bind: impl FnMut(&str) -> Operand,
    ) -> Self {
        let mut kernel = Kernel {
            runner: Runner::for_lanes(tape, unit, elements),
            elements,
            moving_inputs: Vec::new(),
            moving_outputs: Vec::new(),
            time_inputs: Vec::new(),
            slots: None,
            stored: Vec::new(),
        };
        for (index, name) in tape.inputs.iter().enumerate() {
            match bind(name) {
                Operand::Uniform(value) => {
                    kernel.runner.bind_input(index, Binding::Uniform(value));
                }
                Operand::Fixed(offset) => {
                    kernel.runner.bind_input(index, Binding::Array { offset });
                }
                Operand::Moving(base, offset) => kernel.moving_inputs.push((index, base, offset)),
                Operand::State { read, .. } => kernel.moving_inputs.push((index, read.0, read.1)),
                Operand::Time => kernel.time_inputs.push(index),
                Operand::Sum(_) => unreachable!("sums are outputs only: `{name}`"),
            }
        }
        for (index, (name, _)) in tape.outputs.iter().enumerate() {
            match bind(name) {
                Operand::Fixed(offset) => {
                    kernel.runner.bind_output(index, offset);
                    kernel.stored.push((name.clone(), offset));
                }
                Operand::Sum(offset) => kernel.runner.bind_output(index, offset),
                Operand::Moving(base, offset) => kernel.moving_outputs.push((index, base, offset)),
                Operand::State { write, .. } => {
                    kernel.moving_outputs.push((index, write.0, write.1));
                }
                Operand::Uniform(_) | Operand::Time => {
                    unreachable!("an output is an array: `{name}`")
                }
            }
        }
        kernel
    }

    /// Where an output of that name is stored, if it does not move.
    pub(crate) fn stored(&self, name: &str) -> Option<usize> {
        self.stored
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, offset)| *offset)
    }

    /// Runs the tape at a time (ms), with the bases in these slots.
    pub(crate) fn run(&mut self, slots: Slots, time: f64, workspace: &mut [T], sums: &mut [f64]) {
        for &index in &self.time_inputs {
            self.runner.bind_input(index, Binding::Uniform(time));
        }
        if self.slots != Some(slots) {
            for &(index, base, offset) in &self.moving_inputs {
                let offset = slots.at(base) + offset;
                self.runner.bind_input(index, Binding::Array { offset });
            }
            for &(index, base, offset) in &self.moving_outputs {
                self.runner.bind_output(index, slots.at(base) + offset);
            }
            self.slots = Some(slots);
        }
        self.runner.run(workspace, sums, self.elements);
    }

    /// Runs the tape over the first so many elements, of arrays that do not move.
    pub(crate) fn run_over(&mut self, elements: usize, workspace: &mut [T], sums: &mut [f64]) {
        let padded = elements.next_multiple_of(T::LANES);
        self.runner.run(workspace, sums, padded);
    }
}
