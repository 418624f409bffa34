//! What a crew keeps of its run, and its reverse sweep.

use std::sync::Arc;

use crate::block::Slots;
use crate::checkpoint::Plan;
use crate::crew::Crew;
use crate::dual::Number;
use crate::error::{Divergence, RunError};
use crate::events::{LineSlope, Log, Spike, Traffic};
use crate::execution::Control;
use crate::gradient::{Part, Ranks};
use crate::inputs::Inputs;
use crate::lanes::{Factors, Lanes, NodeLayout, slot_len};
use crate::pass::{Pass, Records, Room};
use crate::reverse::{Asked, Reverse, workspace_len};
use crate::run::Start;
use crate::stepper::Stepper;
use crate::sweep::Sweep;
use crate::vector::{AlignedVec, VectorUnit};

/// Where a trajectory is in the workspace of a block: slots, then factors.
pub(crate) struct Trajectory {
    start: usize,
    slot: usize,
    factors: usize,
    capacity: usize,
}

impl Trajectory {
    fn len(slot: usize, factors: usize, capacity: usize) -> usize {
        (capacity + 1) * (slot + factors)
    }

    pub(crate) fn slot(&self, index: usize) -> usize {
        self.start + index * self.slot
    }

    pub(crate) fn slots(&self, index: usize) -> Slots {
        let factors = self.slot(self.capacity + 1) + index * self.factors;
        Slots {
            from: self.slot(index),
            to: self.slot(index + 1),
            factors,
        }
    }

    /// For a step that leaves its state where it found it, in the first slot.
    pub(crate) fn in_place(&self) -> Slots {
        Slots {
            to: self.slot(0),
            ..self.slots(0)
        }
    }

    /// For what comes after the last step, whose state is in this slot.
    pub(crate) fn last(&self, index: usize) -> Slots {
        let last = self.slot(index);
        Slots {
            from: last,
            to: last,
            factors: self.spare_factors(),
        }
    }

    /// Where it ends.
    pub(crate) fn end(&self) -> usize {
        self.spare_factors() + self.factors
    }

    /// Factors of no step.
    pub(crate) fn spare_factors(&self) -> usize {
        self.slots(self.capacity).factors
    }
}

/// How a program is traced.
pub(crate) struct Tracing<'t> {
    pub(crate) inputs: &'t Arc<Inputs>,
    pub(crate) plan: &'t Plan,
    pub(crate) unit: VectorUnit,
    pub(crate) control: &'t Control,
}

impl Tracing<'_> {
    fn keeps_everything(&self) -> bool {
        self.plan.keeps_everything(self.inputs.steps)
    }

    /// A block with room for a trajectory of `capacity` steps, after which `extra` is free.
    fn block<S: Stepper>(
        &self,
        lanes: &Lanes,
        origin: &S::Origin,
        capacity: usize,
        extra: usize,
    ) -> S {
        let len = Trajectory::len(slot::<S>(lanes), factors::<S>(lanes), capacity);
        let inputs = Arc::clone(self.inputs);
        S::new(lanes.clone(), inputs, origin, self.unit, len + extra)
    }
}

fn layout<S: Stepper>(lanes: &Lanes) -> NodeLayout {
    NodeLayout::new::<S::Real>(lanes.population(), lanes.width())
}

fn slot<S: Stepper>(lanes: &Lanes) -> usize {
    slot_len(lanes, &layout::<S>(lanes))
}

fn factors<S: Stepper>(lanes: &Lanes) -> usize {
    Factors::new::<S::Real>(lanes, &layout::<S>(lanes)).len
}

fn reverse_len<S: Stepper>(lanes: &Lanes) -> usize {
    workspace_len::<S::Real>(lanes, &layout::<S>(lanes), slot::<S>(lanes))
}

fn trajectory<S: Stepper>(block: &S, capacity: usize) -> Trajectory {
    let memory = &block.plain().memory;
    Trajectory {
        start: memory.end,
        slot: memory.slot,
        factors: memory.factors.len,
        capacity,
    }
}

fn trajectories<S: Stepper>(crew: &Crew<S>, capacity: usize) -> Vec<Trajectory> {
    let members = crew.members.iter();
    members.map(|block| trajectory(block, capacity)).collect()
}

/// What a crew keeps: the states that its longest spans start from, or, if nothing is to be run
/// twice, itself with its whole trajectory.
pub(crate) struct Kept<S: Stepper> {
    members: Vec<Member<S>>,
    whole: Option<Crew<S>>,
    /// What events were delivered, if there may be any.
    log: Option<Log<S::Real>>,
}

/// The derivatives of a crew: by the numbers of its blocks, and by what its lines bring.
pub(crate) type Pulled<N> = (Vec<Part<N>>, Vec<LineSlope>);

/// What a crew showed beside its recordings.
pub(crate) type Shown = (Vec<Divergence>, Vec<Spike>);

/// What is kept of a block.
struct Member<S: Stepper> {
    lanes: Lanes,
    origin: S::Origin,
    snapshots: AlignedVec<S::Real>,
}

impl<S: Stepper> Kept<S> {
    /// Runs a crew; `recorder` makes who writes down what a block shows.
    pub(crate) fn of_run<W, R: Records<S>>(
        starts: Vec<Start<S::Origin, W>>,
        tracing: &Tracing<'_>,
        recorder: impl Fn(&S, W) -> R,
    ) -> Result<(Self, Shown), RunError> {
        let (steps, whole) = (tracing.inputs.steps, tracing.keeps_everything());
        let capacity = if whole { steps } else { 1 };
        let count = match whole {
            true => 0,
            false => tracing.plan.snapshots(steps),
        };
        let (mut blocks, mut members, mut recorders) = (Vec::new(), Vec::new(), Vec::new());
        for start in starts {
            let Start {
                lanes,
                origin,
                rows,
            } = start;
            let extra = if whole { reverse_len::<S>(&lanes) } else { 0 };
            let mut block: S = tracing.block(&lanes, &origin, capacity, extra);
            block.start(&origin, trajectory(&block, capacity).slot(0));
            recorders.push(recorder(&block, rows));
            let slot = S::Number::PARTS * block.plain().memory.slot;
            members.push(Member {
                lanes,
                origin,
                snapshots: AlignedVec::zeros(count * slot),
            });
            blocks.push(block);
        }
        let mut crew = Crew::new(blocks);
        if let Some(traffic) = &mut crew.traffic {
            traffic.keep_log(steps);
        }
        let trajectories = trajectories(&crew, capacity);
        let rooms = trajectories.iter().map(|trajectory| Room {
            spare: trajectory.slot(1),
            factors: trajectory.spare_factors(),
        });
        let rooms: Vec<Room> = rooms.collect();
        let pass = Pass {
            rooms: &rooms,
            control: tracing.control,
        };
        let trajectories = &trajectories;
        let diverged = if whole {
            let slots = |step, member: usize| trajectories[member].slots(step);
            pass.forward(&mut crew, &mut recorders, slots, |_, _| {})
        } else {
            let slots = |_, member: usize| trajectories[member].in_place();
            let span = tracing.plan.spans[0];
            let keep = |crew: &Crew<S>, step: usize| {
                if step.is_multiple_of(span) {
                    let kept = members.iter_mut().zip(trajectories);
                    for (block, (member, trajectory)) in crew.members.iter().zip(kept) {
                        let slot = S::Number::PARTS * block.plain().memory.slot;
                        let at = step / span * slot;
                        let to = &mut member.snapshots[at..at + slot];
                        block.save(trajectory.slot(0), to);
                    }
                }
            };
            pass.forward(&mut crew, &mut recorders, slots, keep)
        }?;
        let spikes = crew.spikes();
        let log = crew.traffic.as_mut().map(Traffic::finish_log);
        let kept = Kept {
            members,
            whole: whole.then_some(crew),
            log,
        };
        Ok((kept, (diverged, spikes)))
    }

    /// The lanes of each block.
    pub(crate) fn lanes(&self) -> impl Iterator<Item = &Lanes> {
        self.members.iter().map(|member| &member.lanes)
    }

    /// Bytes that the events take which were delivered.
    pub(crate) fn bytes_of_events(&self) -> usize {
        self.log.as_ref().map_or(0, Log::bytes)
    }

    /// The reverse sweep: what each block contributes to the gradient, given the cotangents of the
    /// recordings.
    pub(crate) fn pull_back(
        &mut self,
        tracing: &Tracing<'_>,
        cotangents: <S::Number as Number>::Samples<'_>,
        asked: &Asked,
        ranks: &Ranks,
    ) -> Result<Pulled<S::Wide>, RunError> {
        let steps = tracing.inputs.steps;
        let spans = &tracing.plan.spans;
        let (mut crew, capacity) = match self.whole.take() {
            Some(crew) => (crew, steps),
            None => {
                let leaf = spans.last().copied().unwrap_or(steps).min(steps);
                let members = self.members.iter().map(|Member { lanes, origin, .. }| {
                    let extra = reverse_len::<S>(lanes);
                    tracing.block(lanes, origin, leaf, extra)
                });
                (Crew::new(members.collect()), leaf)
            }
        };
        if let (Some(traffic), Some(log)) = (&mut crew.traffic, self.log.take()) {
            traffic.replay(log);
        }
        let trajectories = trajectories(&crew, capacity);
        let mut sweep = Sweep::new(crew, trajectories, asked, cotangents, tracing);
        if tracing.keeps_everything() {
            sweep.reverse_kept(0..steps)?;
        } else {
            for index in (0..tracing.plan.snapshots(steps)).rev() {
                let range = index * spans[0]..((index + 1) * spans[0]).min(steps);
                let members = self.members.iter();
                let snapshots = members.map(|member| {
                    let slot = member.snapshots.len() / tracing.plan.snapshots(steps);
                    &member.snapshots[index * slot..(index + 1) * slot]
                });
                sweep.reverse_span(range, &snapshots.collect::<Vec<_>>(), 1)?;
            }
        }
        let (mut crew, reverses, lines) = sweep.finish(asked);
        self.log = crew.traffic.as_mut().map(Traffic::finish_log);
        let members = self.members.iter().zip(crew.members.iter().zip(reverses));
        let parts = members
            .map(|(member, (block, reverse))| member.part(block, reverse, ranks))
            .collect();
        if tracing.keeps_everything() {
            self.whole = Some(crew);
        }
        Ok((parts, lines))
    }
}

impl<S: Stepper> Member<S> {
    fn part(&self, block: &S, mut reverse: Reverse<S>, ranks: &Ranks) -> Part<S::Wide> {
        let mut part = Part::new(&self.lanes, ranks);
        reverse.values(block, &self.origin, |index, lane, value| {
            part.add(ranks, index, lane, value);
        });
        let block = block.plain();
        let by_step = |values: Vec<S::Wide>| -> Vec<Vec<S::Wide>> {
            let rows = values.chunks(block.inputs.steps.max(1));
            rows.map(<[S::Wide]>::to_vec).collect()
        };
        part.injected = reverse.injected.take().map(|values| {
            let held = block.held.iter().map(|h| (h.batch, h.stimulus));
            let drives = block.injections.iter().map(|i| (i.batch, i.stimulus));
            let played = block.played.iter().map(|p| (p.batch, p.stimulus));
            let all = drives.chain(held).chain(played);
            all.zip(by_step(values)).collect()
        });
        part.commanded = reverse.commanded.take().map(|values| {
            let drives = block.holdings.iter().map(|h| (h.batch, h.clamp));
            drives.zip(by_step(values)).collect()
        });
        part
    }
}
