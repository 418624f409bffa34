//! Forward mode: how recordings move along a direction, computed along with them.

use std::sync::Arc;

use crate::block::{Slots, TangentBlock};
use crate::crew::Crew;
use crate::direction::Direction;
use crate::error::RunError;
use crate::execution::Execution;
use crate::inputs::Inputs;
use crate::lanes::NodeLayout;
use crate::observe::Recorder;
use crate::pass::{Pass, Records};
use crate::precision::Precision;
use crate::program::Program;
use crate::run::{BlockRows, Recordings, Run, Start, in_place, sort};
use crate::setup::MovingSetup;
use crate::sources::Folding;
use crate::stepper::Stepper;
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
    pub fn jvp<T: Precision>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        direction: &Direction,
        execution: &Execution,
    ) -> Result<(Run<T>, Recordings<T>), RunError> {
        T::jvp(self, inputs, direction, execution)
    }

    pub(crate) fn jvp_in<T: Real>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        direction: &Direction,
        execution: &Execution,
    ) -> Result<(Run<T>, Recordings<T>), RunError> {
        let moving = self.moving(inputs, direction)?;
        let inputs = &moving.inputs;
        let moved = self.with_tangents(&moving, execution, |mut starts| {
            let (members, places) = in_place::<TangentBlock<T>, _>(&starts, inputs, execution.unit);
            let mut crew = Crew::new(members);
            let blocks = crew.members.iter().zip(&mut starts);
            let mut recorders: Vec<_> = blocks
                .map(|(block, start)| start.rows.recorder(block))
                .collect();
            let (slots, rooms): (Vec<_>, Vec<_>) = places.into_iter().unzip();
            let pass = Pass {
                rooms: &rooms,
                control: &execution.control,
            };
            let slots = &slots;
            let diverged = pass.forward(
                &mut crew,
                &mut recorders,
                |_, member| slots[member],
                |_, _| {},
            )?;
            Ok((diverged, crew.spikes()))
        })?;
        let (mut diverged, mut spikes) = (Vec::new(), Vec::new());
        for (own, of_crew) in moved.crews {
            diverged.extend(own);
            spikes.extend(of_crew);
        }
        sort(&mut spikes);
        let run = Run {
            recordings: moved.recordings,
            spikes,
            diverged,
        };
        Ok((run.sorted(), moved.tangents))
    }

    /// What a run along a direction starts from.
    pub(crate) fn moving(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        direction: &Direction,
    ) -> Result<Moving, RunError> {
        self.check(inputs)?;
        if self.delivers_events() {
            return Err(RunError::TangentsOfEvents);
        }
        let inputs = Inputs::of_lanes(inputs);
        let directions = Arc::new(direction.tangents(self, &inputs)?);
        let folding = Folding::of(self, &[&*inputs, &*directions]);
        Ok(Moving {
            inputs,
            directions,
            folding,
        })
    }

    /// Has each crew fill its rows of recordings and of their tangents.
    pub(crate) fn with_tangents<T: Real, O: Send>(
        self: &Arc<Self>,
        moving: &Moving,
        execution: &Execution,
        work: impl for<'r> Fn(Vec<Start<MovingSetup, Rows<'r, T>>>) -> Result<O, RunError> + Sync + Send,
    ) -> Result<Moved<T, O>, RunError> {
        let Moving {
            inputs,
            directions,
            folding,
        } = moving;
        let mut recordings = self.unwritten::<T>(inputs);
        let mut tangents = self.unwritten::<T>(inputs);
        let values = self.rows(inputs, folding, execution, &mut recordings);
        let of_tangents = self.rows(inputs, folding, execution, &mut tangents);
        let crews: Vec<_> = values.into_iter().zip(of_tangents).collect();
        execution.control.expect(crews.len() * inputs.steps);
        let results = threads::map_wide(crews, execution.threads, |(values, tangents)| {
            let members = values.into_iter().zip(tangents);
            let members = members.map(|((lanes, values), (_, tangents))| {
                let layout = NodeLayout::new::<T>(lanes.population(), lanes.width());
                let both = (&**inputs, Arc::clone(directions));
                let origin = MovingSetup::new(&lanes, &layout, both, execution.unit);
                let rows = Rows { values, tangents };
                Start {
                    lanes,
                    origin,
                    rows,
                }
            });
            work(members.collect())
        });
        Ok(Moved {
            crews: results.into_iter().collect::<Result<_, _>>()?,
            recordings: self.written(inputs, recordings),
            tangents: self.written(inputs, tangents),
        })
    }
}

impl<T> Run<T> {
    fn sorted(mut self) -> Self {
        self.diverged.sort_by_key(|d| d.lane);
        self
    }
}

/// What a run along a direction starts from.
#[derive(Clone)]
pub(crate) struct Moving {
    pub(crate) inputs: Arc<Inputs>,
    /// Tangents of the inputs.
    pub(crate) directions: Arc<Inputs>,
    pub(crate) folding: Folding,
}

/// Recordings, their tangents, and what the work on each crew returned.
pub(crate) struct Moved<T, O> {
    pub(crate) recordings: Recordings<T>,
    pub(crate) tangents: Recordings<T>,
    pub(crate) crews: Vec<O>,
}

/// The rows that a block fills, and those of their tangents.
pub(crate) struct Rows<'r, T: Real> {
    values: BlockRows<'r, T>,
    tangents: BlockRows<'r, T>,
}

impl<'r, T: Real> Rows<'r, T> {
    pub(crate) fn recorder(&mut self, block: &TangentBlock<T>) -> TangentRecorder<'r, T> {
        TangentRecorder {
            values: self.values.recorder(&block.block),
            tangents: self.tangents.recorder(&block.block),
        }
    }
}

/// Writes down what a block shows and how that moves.
pub(crate) struct TangentRecorder<'r, T: Real> {
    values: Recorder<'r, T>,
    tangents: Recorder<'r, T>,
}

impl<T: Real> Records<TangentBlock<T>> for TangentRecorder<'_, T> {
    fn start(&mut self, block: &mut TangentBlock<T>, slots: Slots) {
        let from = slots.from;
        let begun = self.values.reads_initial_membrane().then(|| {
            let state = block.state(from);
            block.membrane(block.block.beginning(), slots);
            state
        });
        self.values.first(&block.block, from, |plain, tap| {
            plain.initial_reading(tap, from)
        });
        self.tangents
            .first(&block.block, from + block.shift, |_, tap| {
                block.initial_reading(tap, from)
            });
        // what steps carry on is not touched by looking
        if let Some(state) = begun.filter(|_| block.block.inputs.goes_on) {
            block.restore(from, &state);
        }
    }

    fn after_step(&mut self, block: &mut TangentBlock<T>, step: usize, slots: Slots) {
        self.values.after_step(&mut block.block, step, slots);
        self.tangents
            .next(&block.block, step, slots.to + block.shift, |_, tap| {
                block.reading(tap, step, slots)
            });
    }

    fn finish(&mut self, block: &mut TangentBlock<T>, slots: Slots) {
        self.values.end(&block.block, slots.to);
        self.tangents.end(&block.block, slots.to + block.shift);
        if self.values.reads_last_update() {
            block.membrane(block.block.end(), slots);
            self.values.last(&block.block, slots.to);
            self.tangents.last(&block.block, slots.to + block.shift);
        }
    }

    fn forget(&mut self, diverged: &dyn Fn(usize) -> bool) {
        self.values.forget(diverged);
        self.tangents.forget(diverged);
    }
}
