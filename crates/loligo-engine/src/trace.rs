//! A run that can be differentiated: what it keeps, and its reverse sweep.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use loligo_model::Quantity;

use crate::block::{Block, Slots};
use crate::checkpoint::{INSTRUCTIONS, Plan, Weights};
use crate::error::{Divergence, RunError};
use crate::inputs::Inputs;
use crate::lanes::{Lanes, NodeLayout};
use crate::observe::tracks;
use crate::program::{Program, Reads};
use crate::reverse::{Reverse, Seeds, Wanted, workspace_len};
use crate::run::{BlockRows, Control, Execution, Recordings, STRIDE, blocks, slot_len};
use crate::setup::Setup;
use crate::threads;
use crate::vector::{AlignedVec, Real};

/// A run with what its reverse sweep needs.
pub struct Trace<T: Real> {
    program: Arc<Program>,
    inputs: Arc<Inputs>,
    execution: Execution,
    plan: Plan,
    recordings: Recordings<T>,
    diverged: Vec<Divergence>,
    kept: Vec<Mutex<Kept<T>>>,
}

/// What a block keeps: the states that its longest spans start from, or, if nothing is to be run
/// twice, itself with its whole trajectory.
struct Kept<T: Real> {
    lanes: Lanes,
    setup: Setup,
    snapshots: AlignedVec<T>,
    whole: Option<Block<T>>,
}

/// The gradient of a function of a run's recordings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gradient {
    /// With respect to the wanted values, shape `[lane][wanted]`.
    pub values: Vec<f64>,
    /// With respect to each stimulus at each step, shape `[lane][stimulus][step]`, if wanted.
    pub stimuli: Option<Vec<f64>>,
    /// With respect to each clamp's command at each step, shape `[lane][clamp][step]`, if wanted.
    pub clamps: Option<Vec<f64>>,
}

impl Program {
    /// What a reverse sweep would keep, for a budget in bytes.
    ///
    /// # Errors
    /// [`RunError::Budget`] if nothing fits.
    pub fn plan<T: Real>(
        self: &Arc<Self>,
        inputs: &Inputs,
        budget: usize,
        threads: usize,
    ) -> Result<Plan, RunError> {
        let (weights, fixed) = self.weights::<T>(inputs, threads);
        Plan::within(budget.saturating_sub(fixed), inputs.steps, weights).map_err(|least| {
            RunError::Budget {
                budget,
                needed: least + fixed,
                steps: inputs.steps,
            }
        })
    }

    /// What states and steps weigh, and what is needed whatever is kept.
    fn weights<T: Real>(self: &Arc<Self>, inputs: &Inputs, threads: usize) -> (Weights, usize) {
        let (mut slots, mut steps) = (Vec::new(), Vec::new());
        let (mut setups, mut workspaces) = (Vec::new(), Vec::new());
        for (index, range) in blocks::<T>(self, inputs.lanes) {
            let lanes = Lanes {
                program: Arc::clone(self),
                index,
                range,
            };
            let layout = NodeLayout::new(lanes.population(), lanes.width(), T::LANES);
            let slot = slot_len(&lanes, &layout).next_multiple_of(T::LANES);
            slots.push(slot * size_of::<T>());
            steps.push((slot + layout.len) * size_of::<T>());
            let arrays: usize = lanes
                .population()
                .groups
                .iter()
                .zip(&layout.groups)
                .map(|(group, region)| {
                    let code = &self.codes[group.code];
                    region.len() * (code.sources.len() + code.invariants.len())
                })
                .sum();
            let setup = arrays
                + slot
                + 2 * layout.len
                + lanes.population().tree.edges.len() * lanes.width();
            setups.push(setup * size_of::<f64>());
            // the step's arrays, cotangents, and sums in double precision
            workspaces.push(
                (3 * slot + 8 * layout.len + arrays) * size_of::<T>() + setup * size_of::<f64>(),
            );
        }
        // what is reversed at the same time: the largest blocks, one for each thread
        let local = |weights: &[usize]| -> usize {
            let mut weights = weights.to_vec();
            weights.sort_unstable_by(|a, b| b.cmp(a));
            weights.iter().take(threads.max(1)).sum()
        };
        let weights = Weights {
            snapshot: slots.iter().sum(),
            local_snapshot: local(&slots),
            step: local(&steps),
            total_step: steps.iter().sum(),
        };
        let fixed = INSTRUCTIONS + setups.iter().sum::<usize>() + local(&workspaces);
        (weights, fixed)
    }

    /// Runs the program and keeps what its gradient needs, within `budget` bytes.
    ///
    /// # Errors
    /// [`RunError`] if an input is wrong, nothing fits in the budget, or the run was stopped.
    pub fn trace<T: Real>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        budget: usize,
        execution: &Execution,
    ) -> Result<Trace<T>, RunError> {
        self.check(inputs)?;
        let plan = self.plan::<T>(inputs, budget, execution.threads)?;
        let (recordings, results) = self.recorded(inputs, execution, |lanes, setup, rows| {
            trace_block::<T>(lanes, setup, rows, &plan, &execution.control)
        });
        let (mut kept, mut diverged) = (Vec::new(), Vec::new());
        for result in results {
            let (block, divergences) = result?;
            kept.push(Mutex::new(block));
            diverged.extend(divergences);
        }
        diverged.sort_by_key(|d| d.lane);
        Ok(Trace {
            program: Arc::clone(self),
            inputs: Arc::clone(inputs),
            execution: execution.clone(),
            plan,
            recordings,
            diverged,
            kept,
        })
    }
}

/// Where a whole trajectory is in the workspace of a block: slots, then factors.
struct Trajectory {
    start: usize,
    slot: usize,
    nodes: usize,
    capacity: usize,
}

impl Trajectory {
    fn len(slot: usize, nodes: usize, capacity: usize) -> usize {
        (capacity + 1) * (slot + nodes)
    }

    fn slot(&self, index: usize) -> usize {
        self.start + index * self.slot
    }

    fn slots(&self, index: usize) -> Slots {
        let factors = self.slot(self.capacity + 1) + index * self.nodes;
        Slots {
            from: self.slot(index),
            to: self.slot(index + 1),
            factors,
        }
    }
}

fn trace_block<T: Real>(
    lanes: Lanes,
    setup: Setup,
    mut rows: BlockRows<'_, T>,
    plan: &Plan,
    control: &Control,
) -> Result<(Kept<T>, Vec<Divergence>), RunError> {
    let inputs = Arc::clone(&rows.inputs);
    let layout = NodeLayout::new(lanes.population(), lanes.width(), T::LANES);
    let slot = slot_len(&lanes, &layout);
    let steps = inputs.steps;
    let whole = plan.keeps_everything(steps);
    let capacity = if whole { steps } else { 1 };
    let reverse = if whole {
        workspace_len::<T>(&lanes, &layout, slot)
    } else {
        0
    };
    let extra = Trajectory::len(slot, layout.len, capacity) + reverse;
    let mut block = Block::<T>::new(lanes.clone(), Arc::clone(&inputs), &setup, rows.unit, extra);
    let trajectory = Trajectory {
        start: block.memory.end,
        slot,
        nodes: layout.len,
        capacity,
    };
    let count = if whole { 0 } else { plan.snapshots(steps) };
    let mut snapshots = AlignedVec::<T>::zeros(count * slot);

    let here = trajectory.slot(0);
    block.start(&setup, here);
    let tracks = tracks(&block);
    let mut recorder = rows.recorder(&tracks);
    recorder.start(
        &mut block,
        Slots {
            to: here,
            ..trajectory.slots(0)
        },
    );
    let mut diverged = Vec::new();
    let mut first = 0;
    while first < steps {
        let end = (first + STRIDE).min(steps);
        // where the state before these steps can be found again
        let saved = if whole {
            trajectory.slot(first)
        } else {
            trajectory.slot(1)
        };
        if !whole {
            block.workspace.copy_within(here..here + slot, saved);
        }
        for step in first..end {
            if !whole && step.is_multiple_of(plan.spans[0]) {
                let at = step / plan.spans[0] * slot;
                snapshots[at..at + slot].copy_from_slice(&block.workspace[here..here + slot]);
            }
            let slots = if whole {
                trajectory.slots(step)
            } else {
                Slots {
                    to: here,
                    ..trajectory.slots(0)
                }
            };
            block.step(step, slots);
            recorder.after_step(&block, step, slots);
        }
        control.check(end - first)?;
        let now = if whole { trajectory.slot(end) } else { here };
        let spare = trajectory.slots(capacity).factors;
        block.look_for_divergence(first..end, now, saved, spare, &mut diverged);
        first = end;
    }
    let last = if whole { trajectory.slot(steps) } else { here };
    // the last update must not spoil the state that the reverse sweep starts from
    let saved = block.workspace[last..last + slot].to_vec();
    let spare = trajectory.slots(capacity).factors;
    recorder.finish(
        &mut block,
        Slots {
            from: last,
            to: last,
            factors: spare,
        },
    );
    block.workspace[last..last + slot].copy_from_slice(&saved);
    let recordings = block.lanes.program.recordings.len();
    recorder.forget(|row| diverged.iter().any(|d| d.lane == row / recordings));
    let kept = Kept {
        lanes,
        setup,
        snapshots,
        whole: whole.then_some(block),
    };
    Ok((kept, diverged))
}

impl<T: Real> Trace<T> {
    /// What recordings showed; NaN throughout for a lane that diverged.
    pub fn recordings(&self) -> &Recordings<T> {
        &self.recordings
    }

    /// The lanes that diverged; their gradients are NaN.
    pub fn diverged(&self) -> &[Divergence] {
        &self.diverged
    }

    /// What was kept.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The gradient of a function of the recordings, given its derivative with respect to them
    /// (`cotangents`, shape `[lane][recording][sample]`).
    ///
    /// # Errors
    /// [`RunError`] if the cotangents have the wrong shape, a wanted place does not exist, or the
    /// sweep was stopped.
    pub fn pull_back(&self, cotangents: &[T], wanted: &Wanted) -> Result<Gradient, RunError> {
        self.check_wanted(cotangents.len(), wanted)?;
        let ranks = Ranks::new(&self.program, wanted);
        let kept: Vec<&Mutex<Kept<T>>> = self.kept.iter().collect();
        let parts = threads::map(kept, self.execution.threads, |kept| {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            self.pull_back_block(&mut kept, cotangents, wanted, &ranks)
        });
        let mut gradient = Gradient::zeros(&self.program, &self.inputs, wanted);
        for (part, kept) in parts.into_iter().zip(&self.kept) {
            let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            gradient.add(part?, &kept.lanes, &self.inputs, &ranks);
        }
        for divergence in &self.diverged {
            gradient.forget(divergence.lane, self.inputs.lanes);
        }
        Ok(gradient)
    }

    fn check_wanted(&self, cotangents: usize, wanted: &Wanted) -> Result<(), RunError> {
        let expected = self.recordings.data.len();
        if cotangents != expected {
            let r = &self.recordings;
            return Err(RunError::Length {
                what: "the cotangent of the recordings".to_owned(),
                found: cotangents,
                expected: format!("{} x {} x {}", r.lanes, r.recordings, r.samples),
            });
        }
        let len = self.program.layout.len();
        if let Some(&index) = wanted.values.iter().find(|index| **index >= len) {
            return Err(RunError::Index { index, len });
        }
        // a membrane current is in balance with the clamp that is in its compartment
        let clamps = &self.program.clamps;
        let own_current = self.program.recordings.iter().find_map(|r| match r.reads {
            Reads::ClampCurrent { clamp } => {
                clamps[clamp].series_resistance.is_none().then_some(clamp)
            }
            Reads::MembraneCurrent => clamps
                .iter()
                .position(|clamp| clamp.site == r.site && clamp.series_resistance.is_none()),
            _ => None,
        });
        match own_current {
            Some(clamp) if wanted.clamps => Err(RunError::IdealClampCurrent { clamp }),
            _ => Ok(()),
        }
    }

    fn pull_back_block(
        &self,
        kept: &mut Kept<T>,
        cotangents: &[T],
        wanted: &Wanted,
        ranks: &Ranks,
    ) -> Result<Part, RunError> {
        let layout = NodeLayout::new(kept.lanes.population(), kept.lanes.width(), T::LANES);
        let slot = slot_len(&kept.lanes, &layout);
        let (nodes, steps) = (layout.len, self.inputs.steps);
        let leaf = self.plan.spans.last().copied().unwrap_or(steps).min(steps);
        let capacity = if kept.whole.is_some() { steps } else { leaf };
        let len = Trajectory::len(slot, nodes, capacity);
        let mut rebuilt = match kept.whole.take() {
            Some(block) => block,
            None => {
                let extra = len + workspace_len::<T>(&kept.lanes, &layout, slot);
                let inputs = Arc::clone(&self.inputs);
                Block::new(
                    kept.lanes.clone(),
                    inputs,
                    &kept.setup,
                    self.execution.unit,
                    extra,
                )
            }
        };
        let block = &mut rebuilt;
        let start = block.memory.end + len;
        let mut reverse = Reverse::new(block, wanted, start);
        reverse.clear(block);
        let samples = self.recordings.samples;
        let row = |row: usize| &cotangents[row * samples..(row + 1) * samples];
        let seeds = Seeds::new(tracks(block), row, self.inputs.record_every);
        let trajectory = Trajectory {
            start: block.memory.end,
            slot,
            nodes,
            capacity,
        };
        let mut sweep = Sweep {
            trajectory,
            plan: &self.plan,
            seeds: &seeds,
            control: &self.execution.control,
            steps,
        };
        if self.plan.keeps_everything(steps) {
            sweep.reverse_kept(block, &mut reverse, 0..steps)?;
        } else {
            let span = self.plan.spans[0];
            for index in (0..self.plan.snapshots(steps)).rev() {
                let from = index * slot;
                let snapshot = kept.snapshots[from..from + slot].to_vec();
                let range = index * span..((index + 1) * span).min(steps);
                sweep.reverse_span(block, &mut reverse, range, &snapshot, 1)?;
            }
        }
        let mut part = Part::new(&kept.lanes, ranks);
        reverse.values(block, &kept.setup, |index, lane, value| {
            part.add(ranks, index, lane, value)
        });
        part.injected = reverse.injected.take().map(|values| {
            block
                .injections
                .iter()
                .map(|i| (i.batch, i.stimulus))
                .zip(chunks(values, steps))
                .collect()
        });
        part.commanded = reverse.commanded.take().map(|values| {
            block
                .holdings
                .iter()
                .map(|h| (h.batch, h.clamp))
                .zip(chunks(values, steps))
                .collect()
        });
        if self.plan.keeps_everything(steps) {
            kept.whole = Some(rebuilt);
        }
        Ok(part)
    }
}

fn chunks(values: Vec<f64>, len: usize) -> Vec<Vec<f64>> {
    values.chunks(len.max(1)).map(<[f64]>::to_vec).collect()
}

/// The reverse sweep of one block.
struct Sweep<'s, T> {
    trajectory: Trajectory,
    plan: &'s Plan,
    seeds: &'s Seeds<'s, T>,
    control: &'s Control,
    steps: usize,
}

impl<T: Real> Sweep<'_, T> {
    /// Reverses a span of `level - 1` that starts from `snapshot`.
    fn reverse_span(
        &mut self,
        block: &mut Block<T>,
        reverse: &mut Reverse<T>,
        range: Range<usize>,
        snapshot: &[T],
        level: usize,
    ) -> Result<(), RunError> {
        let slot = self.trajectory.slot;
        if level == self.plan.spans.len() {
            let first = self.trajectory.slot(0);
            block.workspace[first..first + slot].copy_from_slice(snapshot);
            for step in range.clone() {
                block.step(step, self.trajectory.slots(step - range.start));
            }
            self.control.check(range.len())?;
            return self.reverse_kept(block, reverse, range);
        }
        // run through the span once more, keeping what its parts start from
        let span = self.plan.spans[level];
        let mut starts = Vec::with_capacity(range.len().div_ceil(span));
        let here = self.trajectory.slot(0);
        block.workspace[here..here + slot].copy_from_slice(snapshot);
        let slots = Slots {
            to: here,
            ..self.trajectory.slots(0)
        };
        for step in range.clone() {
            if (step - range.start).is_multiple_of(span) {
                starts.push(block.workspace[here..here + slot].to_vec());
            }
            block.step(step, slots);
        }
        self.control.check(range.len())?;
        for (index, start) in starts.into_iter().enumerate().rev() {
            let from = range.start + index * span;
            let part = from..(from + span).min(range.end);
            self.reverse_span(block, reverse, part, &start, level + 1)?;
        }
        Ok(())
    }

    /// Reverses steps whose states are all in the trajectory, the first in its first slot.
    fn reverse_kept(
        &mut self,
        block: &mut Block<T>,
        reverse: &mut Reverse<T>,
        range: Range<usize>,
    ) -> Result<(), RunError> {
        if range.end == self.steps {
            let last = self.trajectory.slot(range.len());
            let factors = self.trajectory.slots(self.trajectory.capacity).factors;
            let slots = Slots {
                from: last,
                to: last,
                factors,
            };
            reverse.finish(block, slots, self.seeds);
        }
        for step in range.clone().rev() {
            reverse.step(
                block,
                step,
                self.trajectory.slots(step - range.start),
                self.seeds,
            );
            if step.is_multiple_of(STRIDE) {
                self.control.check(STRIDE)?;
            }
        }
        if range.start == 0 {
            reverse.start(block, self.trajectory.slots(0), self.seeds);
        }
        Ok(())
    }
}

/// Where wanted places are in the gradient of a lane: each cell has its own list, so that a block
/// of lanes needs no memory for cells that are not in it.
struct Ranks {
    /// For each place of the values one more than its position in the list of its cell.
    rank: Vec<u32>,
    /// For each cell, by its first compartment, the wanted positions.
    of_cell: std::collections::HashMap<usize, Vec<usize>>,
}

impl Ranks {
    fn new(program: &Program, wanted: &Wanted) -> Self {
        let mut starts: Vec<usize> = program
            .populations
            .iter()
            .flat_map(|p| p.cells.iter().copied())
            .collect();
        starts.sort_unstable();
        let mut ranks = Ranks {
            rank: vec![0; program.layout.len()],
            of_cell: starts.iter().map(|start| (*start, Vec::new())).collect(),
        };
        // the temperature belongs to all cells and comes first in each
        let celsius = program.layout.index(Quantity::Celsius, 0);
        let order = wanted.values.iter().enumerate();
        let shared = order.clone().filter(|(_, index)| Some(**index) == celsius);
        for (position, index) in shared.chain(order.filter(|(_, i)| Some(**i) != celsius)) {
            if ranks.rank[*index] > 0 {
                continue;
            }
            let compartment = program.layout.at(*index).map_or(0, |(_, c)| c);
            let owner = starts
                .partition_point(|s| *s <= compartment)
                .saturating_sub(1);
            let cells = if Some(*index) == celsius {
                &starts[..]
            } else {
                &starts[owner..=owner]
            };
            for start in cells {
                let list = ranks.of_cell.entry(*start).or_default();
                list.push(position);
                ranks.rank[*index] = list.len() as u32;
            }
        }
        ranks
    }
}

/// The part of a gradient that a block of lanes contributes.
struct Part {
    /// `[lane][rank]`
    values: Vec<Vec<f64>>,
    injected: Option<Vec<DriveGradient>>,
    commanded: Option<Vec<DriveGradient>>,
}

/// Batch lane and number of a stimulus or clamp, and its derivative at each step.
type DriveGradient = ((usize, usize), Vec<f64>);

impl Part {
    fn new(lanes: &Lanes, ranks: &Ranks) -> Self {
        let count = |lane: usize| {
            let start = lanes.compartment(0, lane);
            ranks.of_cell.get(&start).map_or(0, Vec::len)
        };
        Part {
            values: (0..lanes.width())
                .map(|lane| vec![0.0; count(lane)])
                .collect(),
            injected: None,
            commanded: None,
        }
    }

    fn add(&mut self, ranks: &Ranks, index: usize, lane: usize, value: f64) {
        let rank = ranks.rank[index] as usize;
        if rank > 0 {
            self.values[lane][rank - 1] += value;
        }
    }
}

impl Gradient {
    fn zeros(program: &Program, inputs: &Inputs, wanted: &Wanted) -> Self {
        let drives = |count: usize| vec![0.0; inputs.lanes * count * inputs.steps];
        Gradient {
            values: vec![0.0; inputs.lanes * wanted.values.len()],
            stimuli: wanted.stimuli.then(|| drives(program.stimuli.len())),
            clamps: wanted.clamps.then(|| drives(program.clamps.len())),
        }
    }

    /// Adds the part of a block, lane by lane.
    fn add(&mut self, part: Part, lanes: &Lanes, inputs: &Inputs, ranks: &Ranks) {
        let wanted = self.values.len() / inputs.lanes;
        for (lane, values) in part.values.iter().enumerate() {
            let start = lanes.compartment(0, lane);
            let batch = lanes.cell_and_batch(lane).1;
            for (position, value) in ranks.of_cell[&start].iter().zip(values) {
                self.values[batch * wanted + position] += value;
            }
        }
        let steps = inputs.steps;
        let drives = [
            (
                &mut self.stimuli,
                part.injected,
                lanes.program.stimuli.len(),
            ),
            (&mut self.clamps, part.commanded, lanes.program.clamps.len()),
        ];
        for (all, part, count) in drives {
            let (Some(all), Some(part)) = (all.as_mut(), part) else {
                continue;
            };
            for ((batch, drive), values) in part {
                let start = (batch * count + drive) * steps;
                for (to, value) in all[start..start + steps].iter_mut().zip(values) {
                    *to += value;
                }
            }
        }
    }

    /// The gradient of a lane that diverged is NaN.
    fn forget(&mut self, lane: usize, lanes: usize) {
        let drives = [self.stimuli.as_mut(), self.clamps.as_mut()];
        for values in drives.into_iter().flatten().chain([&mut self.values]) {
            let count = values.len() / lanes;
            values[lane * count..(lane + 1) * count].fill(f64::NAN);
        }
    }
}
