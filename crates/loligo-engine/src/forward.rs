//! Forward mode: how recordings move along a direction, computed along with them.

use std::sync::Arc;

use loligo_mechanism::membrane::Phases;

use crate::block::{Slots, TangentBlock};
use crate::direction::Direction;
use crate::error::{Divergence, RunError};
use crate::inputs::Inputs;
use crate::lanes::{Lanes, NodeLayout};
use crate::observe::{Recorder, tracks};
use crate::program::Program;
use crate::run::{BlockRows, Control, Execution, Recordings, Run, STRIDE, slot_len};
use crate::setup::{Setup, SetupTangent};
use crate::threads;
use crate::vector::Real;

impl Program {
    /// Runs the program and, along with it, the derivative of its recordings along `direction`
    /// (a Jacobian-vector product): the second result, shaped as the recordings are.
    ///
    /// It costs two to three runs whatever the number of values that move, and its memory does not
    /// grow with the length of the run.
    ///
    /// # Errors
    /// [`RunError`] if an input or the direction is wrong, or the run was stopped. A lane that
    /// diverges is no error here: [`Run::diverged`] lists it, and its recordings and their
    /// tangents are NaN.
    pub fn jvp<T: Real>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        direction: &Direction,
        execution: &Execution,
    ) -> Result<(Run<T>, Recordings<T>), RunError> {
        let moved = self.with_tangents(inputs, direction, execution, |start, rows| {
            let slot = slot_len(&start.lanes, &start.layout);
            let extra = 2 * slot + start.layout.len;
            let (mut block, mut recorder) = start.block::<T>(rows, extra);
            let here = block.block.memory.end;
            let slots = Slots {
                from: here,
                to: here,
                factors: here + 2 * slot,
            };
            block.start(&start.setup, &start.moving, here);
            let run = Pass {
                spare: here + slot,
                factors: slots.factors,
                control: &execution.control,
            };
            run.forward(&mut block, &mut recorder, |_, _| slots)
        })?;
        let run = Run {
            recordings: moved.recordings,
            diverged: moved.blocks.into_iter().flatten().collect(),
        };
        Ok((run.sorted(), moved.tangents))
    }

    /// Has each block fill its rows of recordings and of their tangents.
    pub(crate) fn with_tangents<T: Real, O: Send>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        direction: &Direction,
        execution: &Execution,
        work: impl for<'r> Fn(&Start, Rows<'r, T>) -> Result<O, RunError> + Sync + Send,
    ) -> Result<Moved<T, O>, RunError> {
        self.check(inputs)?;
        let directions = Arc::new(direction.tangents(self, inputs)?);
        let mut recordings = self.empty_recordings::<T>(inputs);
        let mut tangents = self.empty_recordings::<T>(inputs);
        let values = self.rows(inputs, execution, &mut recordings);
        let of_tangents = self.rows(inputs, execution, &mut tangents);
        let items: Vec<_> = values.into_iter().zip(of_tangents).collect();
        let results = threads::map(
            items,
            execution.threads,
            |((lanes, values), (_, tangents))| {
                let start = Start::new(lanes, &values, Arc::clone(&directions));
                work(&start, Rows { values, tangents })
            },
        );
        Ok(Moved {
            blocks: results.into_iter().collect::<Result<_, _>>()?,
            recordings,
            tangents,
        })
    }
}

impl<T> Run<T> {
    fn sorted(mut self) -> Self {
        self.diverged.sort_by_key(|d| d.lane);
        self
    }
}

/// Recordings, their tangents, and what the work on each block returned.
pub(crate) struct Moved<T, O> {
    pub(crate) recordings: Recordings<T>,
    pub(crate) tangents: Recordings<T>,
    pub(crate) blocks: Vec<O>,
}

/// The rows that a block fills, and those of their tangents.
pub(crate) struct Rows<'r, T> {
    values: BlockRows<'r, T>,
    tangents: BlockRows<'r, T>,
}

/// What a block starts from.
pub(crate) struct Start {
    pub(crate) lanes: Lanes,
    pub(crate) layout: NodeLayout,
    pub(crate) setup: Setup,
    pub(crate) moving: SetupTangent,
    /// Tangents of the inputs.
    pub(crate) directions: Arc<Inputs>,
}

impl Start {
    fn new<T: Real>(lanes: Lanes, rows: &BlockRows<'_, T>, directions: Arc<Inputs>) -> Self {
        let layout = NodeLayout::new(lanes.population(), lanes.width(), T::LANES);
        let setup = Setup::new(&lanes, &layout, &rows.inputs, rows.unit);
        let moving = SetupTangent::new(
            &lanes,
            &layout,
            &setup,
            (&rows.inputs, &directions),
            rows.unit,
        );
        Start {
            lanes,
            layout,
            setup,
            moving,
            directions,
        }
    }

    /// The block, with `extra` more elements in its workspace, and who writes down what it does.
    pub(crate) fn block<'r, T: Real>(
        &self,
        mut rows: Rows<'r, T>,
        extra: usize,
    ) -> (TangentBlock<T>, TangentRecorder<'r, T>) {
        let inputs = (
            Arc::clone(&rows.values.inputs),
            Arc::clone(&self.directions),
        );
        let block = TangentBlock::new(
            self.lanes.clone(),
            inputs,
            (&self.setup, &self.moving),
            rows.values.unit,
            extra,
        );
        let tracks = tracks(&block.block);
        let recorder = TangentRecorder {
            values: rows.values.recorder(&tracks),
            tangents: rows.tangents.recorder(&tracks),
        };
        (block, recorder)
    }
}

/// Writes down what a block shows and how that moves.
pub(crate) struct TangentRecorder<'r, T> {
    values: Recorder<'r, T>,
    tangents: Recorder<'r, T>,
}

impl<T: Real> TangentRecorder<'_, T> {
    fn start(&mut self, block: &mut TangentBlock<T>, slots: Slots) {
        let from = slots.from;
        if self.values.reads_initial_membrane() {
            block.membrane(Phases::MembraneOnly, Slots { to: from, ..slots });
        }
        self.values.first(&block.block, from, |plain, tap| {
            plain.initial_reading(tap, from)
        });
        self.tangents
            .first(&block.block, from + block.shift, |_, tap| {
                block.initial_reading(tap, from)
            });
    }

    fn after_step(&mut self, block: &TangentBlock<T>, step: usize, slots: Slots) {
        self.values.after_step(&block.block, step, slots);
        self.tangents
            .next(&block.block, step, slots.to + block.shift, |_, tap| {
                block.reading(tap, step, slots)
            });
    }

    fn finish(&mut self, block: &mut TangentBlock<T>, slots: Slots) {
        if self.values.reads_last_update() {
            block.membrane(Phases::UpdateAndMembrane, slots);
            self.values.last(&block.block, slots.to);
            self.tangents.last(&block.block, slots.to + block.shift);
        }
    }

    fn forget(&mut self, diverged: impl Fn(usize) -> bool) {
        self.values.forget(&diverged);
        self.tangents.forget(&diverged);
    }
}

/// A run of a block from its first step to its last.
pub(crate) struct Pass<'p> {
    /// A slot that steps do not use.
    pub(crate) spare: usize,
    /// An array over nodes that is free after the last step.
    pub(crate) factors: usize,
    pub(crate) control: &'p Control,
}

impl Pass<'_> {
    /// `slots` says, before each step, where its states are.
    pub(crate) fn forward<T: Real>(
        &self,
        block: &mut TangentBlock<T>,
        recorder: &mut TangentRecorder<'_, T>,
        mut slots: impl FnMut(&TangentBlock<T>, usize) -> Slots,
    ) -> Result<Vec<Divergence>, RunError> {
        let steps = block.block.inputs.steps;
        let len = block.block.memory.slot;
        let mut here = slots(block, 0);
        recorder.start(block, here);
        let mut diverged = Vec::new();
        let mut first = 0;
        while first < steps {
            let end = (first + STRIDE).min(steps);
            let before = if first == 0 { here.from } else { here.to };
            let workspace = &mut block.block.workspace;
            workspace.copy_within(before..before + len, self.spare);
            for step in first..end {
                here = slots(block, step);
                block.step(step, here);
                recorder.after_step(block, step, here);
            }
            self.control.check(end - first)?;
            block.block.look_for_divergence(
                first..end,
                here.to,
                self.spare,
                self.factors,
                &mut diverged,
            );
            first = end;
        }
        // the last update must not spoil the state that a reverse sweep starts from
        let last = here.to;
        let saved = block.state(last);
        let after = Slots {
            from: last,
            to: last,
            factors: self.factors,
        };
        recorder.finish(block, after);
        block.restore(last, &saved);
        let recordings = block.block.lanes.program.recordings.len();
        recorder.forget(|row| diverged.iter().any(|d| d.lane == row / recordings));
        Ok(diverged)
    }
}
