//! Running a program: what it gives, and the rows that each block of lanes fills.

use std::sync::Arc;

use crate::block::{Block, Slots};
use crate::carried::End;
use crate::crew::Crew;
use crate::error::{Divergence, RunError};
use crate::events::Spike;
use crate::execution::{Control, Execution};
use crate::inputs::Inputs;
use crate::lanes::{Factors, Lanes, NodeLayout, slot_len};
use crate::observe::Recorder;
use crate::partition::crews;
use crate::pass::{Pass, Room};
use crate::precision::Precision;
use crate::program::Program;
use crate::setup::Setup;
use crate::sources::Folding;
use crate::stepper::Stepper;
use crate::threads;
use crate::vector::{Real, Rows, Unwritten, VectorUnit};

/// What recordings showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Recordings<T> {
    /// How many lanes the batch has.
    pub lanes: usize,
    /// How many recordings each lane has.
    pub recordings: usize,
    /// How many samples each recording has; the first is t = 0.
    pub samples: usize,
    /// Shape `[sample][lane][recording]`: what is known at one moment lies together.
    pub data: Vec<T>,
    /// The state at the end, shape `[lane][number]`, if it was asked for: [`crate::Inputs::keeps_end`].
    pub end: Vec<T>,
}

impl<T: Copy> Recordings<T> {
    /// The samples of a recording of a lane.
    pub fn trace(&self, lane: usize, recording: usize) -> Vec<T> {
        let row = lane * self.recordings + recording;
        self.row(row).collect()
    }

    /// The recordings of a lane, shape `[recording][sample]`.
    pub fn lane(&self, lane: usize) -> Vec<T> {
        let rows = lane * self.recordings..(lane + 1) * self.recordings;
        rows.flat_map(|row| self.row(row)).collect()
    }

    /// Replaces the recordings of a lane by others, shape `[recording][sample]`.
    ///
    /// # Panics
    /// If they are not as many.
    pub fn set_lane(&mut self, lane: usize, recordings: &[T]) {
        let expected = self.recordings * self.samples;
        assert_eq!(recordings.len(), expected, "numbers of a lane");
        let all = self.lanes * self.recordings;
        for (recording, samples) in recordings.chunks(self.samples.max(1)).enumerate() {
            let row = lane * self.recordings + recording;
            for (to, from) in self.data[row..].iter_mut().step_by(all).zip(samples) {
                *to = *from;
            }
        }
    }

    fn row(&self, row: usize) -> impl Iterator<Item = T> {
        let all = self.lanes * self.recordings;
        let rows = self.data.get(row..).unwrap_or_default();
        rows.iter().step_by(all.max(1)).copied()
    }
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run<T> {
    /// What recordings showed; NaN throughout for a lane that diverged.
    pub recordings: Recordings<T>,
    /// The spikes of all sources ([`loligo_model::Model::spike_sources`]), by lane, then in time, then by
    /// source.
    pub spikes: Vec<Spike>,
    /// The lanes that diverged, each with the first place where it did.
    pub diverged: Vec<Divergence>,
}

impl Program {
    /// Runs the program.
    ///
    /// # Errors
    /// [`RunError`] if an input is wrong or the run was stopped. A lane that diverges is no error
    /// here: [`Run::diverged`] lists it, and its recordings are NaN.
    pub fn run<T: Precision>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        execution: &Execution,
    ) -> Result<Run<T>, RunError> {
        T::run(self, inputs, execution)
    }

    pub(crate) fn run_in<T: Real>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        execution: &Execution,
    ) -> Result<Run<T>, RunError> {
        self.check(inputs)?;
        let inputs = &Inputs::of_lanes(inputs);
        let folding = Folding::of(self, &[&**inputs]);
        let (recordings, results) = self.recorded(inputs, &folding, execution, |seats| {
            run_crew::<T>(seats, &execution.control)
        });
        let (mut diverged, mut spikes) = (Vec::new(), Vec::new());
        for result in results {
            let (own, of_crew) = result?;
            diverged.extend(own);
            spikes.extend(of_crew);
        }
        diverged.sort_by_key(|d| d.lane);
        sort(&mut spikes);
        Ok(Run {
            recordings,
            spikes,
            diverged,
        })
    }

    /// Allocates the recordings, and has each crew fill its rows.
    pub(crate) fn recorded<T: Real, O: Send>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        folding: &Folding,
        execution: &Execution,
        work: impl for<'r> Fn(Vec<Start<Setup, BlockRows<'r, T>>>) -> O + Sync + Send,
    ) -> (Recordings<T>, Vec<O>) {
        let mut shown = self.unwritten::<T>(inputs);
        let crews = self.rows(inputs, folding, execution, &mut shown);
        execution.control.expect(crews.len() * inputs.steps);
        let results = threads::map_wide(crews, execution.threads, |members| {
            let members = members.into_iter().map(|(lanes, rows)| {
                let layout = NodeLayout::new::<T>(lanes.population(), lanes.width());
                let origin = Setup::new(&lanes, &layout, inputs, execution.unit);
                Start {
                    lanes,
                    origin,
                    rows,
                }
            });
            work(members.collect())
        });
        (self.written(inputs, shown), results)
    }

    /// Room for what a run shows.
    pub(crate) fn unwritten<T: Real>(&self, inputs: &Inputs) -> Shown<T> {
        let samples = Unwritten::new(inputs.lanes * self.recordings.len(), inputs.samples());
        let end = inputs.keeps_end;
        let end = end.then(|| End::new(inputs.lanes * self.state_len()));
        Shown { samples, end }
    }

    /// The recordings of a run, whose rows were all written.
    pub(crate) fn written<T: Real>(&self, inputs: &Inputs, shown: Shown<T>) -> Recordings<T> {
        Recordings {
            lanes: inputs.lanes,
            recordings: self.recordings.len(),
            samples: inputs.samples(),
            data: shown.samples.finish(),
            end: shown.end.map_or_else(Vec::new, End::finish),
        }
    }

    /// The blocks of a run by crew, each with the rows that it fills.
    pub(crate) fn rows<'r, T: Real>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        folding: &Folding,
        execution: &Execution,
        shown: &'r mut Shown<T>,
    ) -> Vec<Vec<(Lanes, BlockRows<'r, T>)>> {
        let Shown { samples, end } = shown;
        let end = end.as_ref();
        let mut free: Vec<Option<Rows<'_, T>>> = samples.rows().map(Some).collect();
        let mut block = |(index, range)| {
            let lanes = Lanes {
                program: Arc::clone(self),
                index,
                range,
            };
            let mut own = Vec::new();
            for (recording, at) in self.recordings.iter().enumerate() {
                let here = at.places().flat_map(|(site, _)| lanes.of_site(&site));
                for (_, batch) in here {
                    let row = batch * self.recordings.len() + recording;
                    own.push(free[row].take());
                }
            }
            let rows = BlockRows {
                rows: own,
                end,
                inputs: Arc::clone(inputs),
                unit: execution.unit,
            };
            (lanes, rows)
        };
        let crews = crews::<T>(self, inputs.lanes, folding).into_iter();
        crews
            .map(|members| members.into_iter().map(&mut block).collect())
            .collect()
    }
}

/// What a run shows, still to be written.
pub(crate) struct Shown<T> {
    samples: Unwritten<T>,
    end: Option<End<T>>,
}

/// The rows that a block fills, and what it needs to start.
pub(crate) struct BlockRows<'r, T: Real> {
    /// In the order of [`crate::observe::tracks`].
    rows: Vec<Option<Rows<'r, T>>>,
    end: Option<&'r End<T>>,
    pub(crate) inputs: Arc<Inputs>,
    pub(crate) unit: VectorUnit,
}

impl<'r, T: Real> BlockRows<'r, T> {
    pub(crate) fn recorder(&mut self, block: &Block<T>) -> Recorder<'r, T> {
        Recorder::new(block, std::mem::take(&mut self.rows), self.end)
    }
}

/// What a member of a crew starts from, and the rows that it fills.
pub(crate) struct Start<O, R> {
    pub(crate) lanes: Lanes,
    pub(crate) origin: O,
    pub(crate) rows: R,
}

/// Members with room for steps in place, and where they find it.
pub(crate) fn in_place<S: Stepper, R>(
    starts: &[Start<S::Origin, R>],
    inputs: &Arc<Inputs>,
    unit: VectorUnit,
) -> (Vec<S>, Vec<(Slots, Room)>) {
    let members = starts.iter().map(|Start { lanes, origin, .. }| {
        let layout = NodeLayout::new::<S::Real>(lanes.population(), lanes.width());
        let slot = slot_len(lanes, &layout);
        let extra = 2 * slot + Factors::new::<S::Real>(lanes, &layout).len;
        let mut block = S::new(lanes.clone(), Arc::clone(inputs), origin, unit, extra);
        let here = block.plain().memory.end;
        block.start(origin, here);
        let slots = Slots {
            from: here,
            to: here,
            factors: here + 2 * slot,
        };
        let room = Room {
            spare: here + slot,
            factors: slots.factors,
        };
        (block, (slots, room))
    });
    members.unzip()
}

fn run_crew<T: Real>(
    mut starts: Vec<Start<Setup, BlockRows<'_, T>>>,
    control: &Control,
) -> Result<(Vec<Divergence>, Vec<Spike>), RunError> {
    let (inputs, unit) = (Arc::clone(&starts[0].rows.inputs), starts[0].rows.unit);
    let (members, places) = in_place::<Block<T>, _>(&starts, &inputs, unit);
    let mut crew = Crew::new(members);
    let blocks = crew.members.iter().zip(&mut starts);
    let mut recorders: Vec<_> = blocks
        .map(|(block, start)| start.rows.recorder(block))
        .collect();
    let (slots, rooms): (Vec<Slots>, Vec<Room>) = places.into_iter().unzip();
    let pass = Pass {
        rooms: &rooms,
        control,
    };
    let diverged = pass.forward(
        &mut crew,
        &mut recorders,
        |_, member| slots[member],
        |_, _| {},
    )?;
    Ok((diverged, crew.spikes()))
}

/// Sorts spikes by lane, then in time, then by source.
pub(crate) fn sort(spikes: &mut [Spike]) {
    spikes.sort_by(|a, b| {
        let lane = a.lane.cmp(&b.lane);
        lane.then(a.time.total_cmp(&b.time))
            .then(a.source.cmp(&b.source))
    });
}
