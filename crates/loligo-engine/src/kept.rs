//! What a block keeps of its run, and its reverse sweep.

use std::sync::Arc;

use crate::block::Slots;
use crate::checkpoint::Plan;
use crate::dual::Number;
use crate::error::{Divergence, RunError};
use crate::execution::Control;
use crate::gradient::{Part, Ranks};
use crate::inputs::Inputs;
use crate::lanes::{Factors, Lanes, NodeLayout, slot_len};
use crate::pass::{Pass, Records};
use crate::reverse::{Reverse, Seeds, Wanted, workspace_len};
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

/// What a block keeps: the states that its longest spans start from, or, if nothing is to be run
/// twice, itself with its whole trajectory.
pub(crate) struct Kept<S: Stepper> {
    pub(crate) lanes: Lanes,
    origin: S::Origin,
    snapshots: AlignedVec<S::Real>,
    whole: Option<S>,
}

impl<S: Stepper> Kept<S> {
    /// Runs a block; `recorder` makes who writes down what it shows.
    pub(crate) fn of_run<R: Records<S>>(
        lanes: Lanes,
        origin: S::Origin,
        tracing: &Tracing<'_>,
        recorder: impl FnOnce(&S) -> R,
    ) -> Result<(Self, Vec<Divergence>), RunError> {
        let (steps, whole) = (tracing.inputs.steps, tracing.keeps_everything());
        let (capacity, extra) = match whole {
            true => (steps, reverse_len::<S>(&lanes)),
            false => (1, 0),
        };
        let mut block: S = tracing.block(&lanes, &origin, capacity, extra);
        let trajectory = trajectory(&block, capacity);
        block.start(&origin, trajectory.slot(0));
        let mut recorder = recorder(&block);
        let pass = Pass {
            spare: trajectory.slot(1),
            factors: trajectory.spare_factors(),
            control: tracing.control,
        };
        let span = tracing.plan.spans[0];
        let slot = S::Number::PARTS * block.plain().memory.slot;
        let count = if whole {
            0
        } else {
            tracing.plan.snapshots(steps)
        };
        let mut snapshots = AlignedVec::<S::Real>::zeros(count * slot);
        let diverged = if whole {
            let slots = |step| trajectory.slots(step);
            pass.forward(&mut block, &mut recorder, slots, |_, _| {})
        } else {
            let slots = trajectory.in_place();
            pass.forward(
                &mut block,
                &mut recorder,
                |_| slots,
                |block, step| {
                    if step.is_multiple_of(span) {
                        let at = step / span * slot;
                        block.save(slots.from, &mut snapshots[at..at + slot]);
                    }
                },
            )
        }?;
        let kept = Kept {
            lanes,
            origin,
            snapshots,
            whole: whole.then_some(block),
        };
        Ok((kept, diverged))
    }

    /// The reverse sweep: what the block contributes to the gradient, given the cotangents of the
    /// recordings.
    pub(crate) fn pull_back(
        &mut self,
        tracing: &Tracing<'_>,
        cotangents: <S::Number as Number>::Samples<'_>,
        wanted: &Wanted,
        ranks: &Ranks,
    ) -> Result<Part<S::Wide>, RunError> {
        let steps = tracing.inputs.steps;
        let spans = &tracing.plan.spans;
        let (mut block, capacity) = match self.whole.take() {
            Some(block) => (block, steps),
            None => {
                let leaf = spans.last().copied().unwrap_or(steps).min(steps);
                let extra = reverse_len::<S>(&self.lanes);
                let block = tracing.block(&self.lanes, &self.origin, leaf, extra);
                (block, leaf)
            }
        };
        let trajectory = trajectory(&block, capacity);
        let start = trajectory.spare_factors() + trajectory.factors;
        let mut reverse = Reverse::new(&block, wanted, start);
        reverse.clear(&mut block);
        let seeds = Seeds::new(block.plain(), cotangents);
        let mut sweep = Sweep {
            trajectory,
            plan: tracing.plan,
            seeds: &seeds,
            control: tracing.control,
            steps,
        };
        if tracing.keeps_everything() {
            sweep.reverse_kept(&mut block, &mut reverse, 0..steps)?;
        } else {
            let slot = S::Number::PARTS * block.plain().memory.slot;
            for (index, snapshot) in self.snapshots.chunks(slot).enumerate().rev() {
                let range = index * spans[0]..((index + 1) * spans[0]).min(steps);
                sweep.reverse_span(&mut block, &mut reverse, range, snapshot, 1)?;
            }
        }
        let part = self.part(&block, reverse, ranks);
        if tracing.keeps_everything() {
            self.whole = Some(block);
        }
        Ok(part)
    }

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
            let drives = block.injections.iter().map(|i| (i.batch, i.stimulus));
            drives.zip(by_step(values)).collect()
        });
        part.commanded = reverse.commanded.take().map(|values| {
            let drives = block.holdings.iter().map(|h| (h.batch, h.clamp));
            drives.zip(by_step(values)).collect()
        });
        part
    }
}
