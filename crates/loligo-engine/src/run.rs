//! Running a program: lanes are split into blocks, blocks run all their steps without meeting.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::block::{Block, Slots};
use crate::error::{Divergence, RunError};
use crate::inputs::Inputs;
use crate::lanes::{Lanes, NodeLayout};
use crate::observe::{GATHERED, Recorder, Track, tracks};
use crate::pass::Pass;
use crate::program::Program;
use crate::setup::Setup;
use crate::threads;
use crate::vector::{Real, Row, Unwritten, VectorUnit};

/// What recordings showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Recordings<T> {
    /// How many lanes the batch has.
    pub lanes: usize,
    /// How many recordings each lane has.
    pub recordings: usize,
    /// How many samples each recording has; the first is t = 0.
    pub samples: usize,
    /// Shape `[lane][recording][sample]`.
    pub data: Vec<T>,
}

impl<T> Recordings<T> {
    /// The samples of a recording of a lane.
    pub fn trace(&self, lane: usize, recording: usize) -> &[T] {
        let start = (lane * self.recordings + recording) * self.samples;
        &self.data[start..start + self.samples]
    }
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run<T> {
    /// What recordings showed; NaN throughout for a lane that diverged.
    pub recordings: Recordings<T>,
    /// The lanes that diverged, each with the first place where it did.
    pub diverged: Vec<Divergence>,
}

/// How a run is carried out; none of it changes a bit of its result.
#[derive(Clone, Debug)]
pub struct Execution {
    /// How many threads may be used.
    pub threads: usize,
    /// The instructions that are used; results are the same on all that have fused multiply–add.
    pub unit: VectorUnit,
    /// Where the run reports to and is stopped from.
    pub control: Arc<Control>,
}

impl Execution {
    /// All threads that the process may use, on the widest vector unit.
    ///
    /// # Errors
    /// [`RunError::Vector`] if `LOLIGO_SIMD` names a unit that this machine lacks,
    /// [`RunError::Threads`] if `LOLIGO_NUM_THREADS` is no number of threads.
    pub fn detect() -> Result<Self, RunError> {
        Ok(Execution {
            threads: threads::count()?,
            unit: VectorUnit::detect()?,
            control: Arc::default(),
        })
    }
}

/// A run's progress, and the way to stop it.
#[derive(Debug, Default)]
pub struct Control {
    stopped: AtomicBool,
    done: AtomicU64,
}

impl Control {
    /// Asks the run to stop; it does so within a few steps.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// How many steps of a block of lanes were done, over all blocks.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    pub(crate) fn check(&self, steps: usize) -> Result<(), RunError> {
        self.done.fetch_add(steps as u64, Ordering::Relaxed);
        if self.stopped.load(Ordering::Relaxed) {
            Err(RunError::Interrupted)
        } else {
            Ok(())
        }
    }
}

/// So many steps are run between two looks at the control and at the numbers' sanity.
pub(crate) const STRIDE: usize = 64;

/// The arrays of a block should stay in the second-level cache.
const CACHE: usize = 384 << 10;

/// The blocks of a program's populations for a batch: population and lanes.
pub(crate) fn blocks<T: Real>(program: &Program, lanes: usize) -> Vec<(usize, Range<usize>)> {
    let mut blocks = Vec::new();
    for (index, population) in program.populations.iter().enumerate() {
        let total = population.cells.len() * lanes;
        let arrays: usize = population
            .groups
            .iter()
            .map(|group| {
                let code = &program.codes[group.code];
                let per_element = code.states.len() + code.invariants.len();
                group.compartments.len() * per_element
            })
            .sum();
        // voltage, right-hand side, factors, conductance
        let cable = 4 * population.tree.nodes;
        let per_lane = (arrays + cable + gathered_per_lane(program, index)) * size_of::<T>();
        let widest = (CACHE / per_lane.max(1)).clamp(1, 4096);
        let width = block_width(widest, total);
        blocks.extend((0..total).step_by(width).map(|start| {
            let end = (start + width).min(total);
            (index, start..end)
        }));
    }
    blocks
}

/// How many samples of a lane are gathered before they are written.
pub(crate) fn gathered_per_lane(program: &Program, population: usize) -> usize {
    let sites = program.recordings.iter().map(|recording| &recording.site);
    let recorded = sites.filter(|site| site.population == population).count();
    let cells = program.populations[population].cells.len();
    recorded.div_ceil(cells) * GATHERED
}

/// As many lanes in every block, so that threads have as much to do, and whole vectors where there
/// are enough.
fn block_width(widest: usize, total: usize) -> usize {
    let widest = match widest {
        // 8 lanes are one wide vector also where the cache would rather have fewer
        ..16 => 8,
        _ => widest / 16 * 16,
    };
    let even = total.div_ceil(total.div_ceil(widest).max(1)).max(1);
    if even > 16 {
        even.next_multiple_of(16).min(widest)
    } else {
        even
    }
}

impl Program {
    /// Runs the program.
    ///
    /// # Errors
    /// [`RunError`] if an input is wrong or the run was stopped. A lane that diverges is no error
    /// here: [`Run::diverged`] lists it, and its recordings are NaN.
    pub fn run<T: Real>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        execution: &Execution,
    ) -> Result<Run<T>, RunError> {
        self.check(inputs)?;
        let (recordings, results) = self.recorded(inputs, execution, |block, setup, rows| {
            run_block::<T>(block, &setup, rows, &execution.control)
        });
        let mut diverged = Vec::new();
        for result in results {
            diverged.extend(result?);
        }
        diverged.sort_by_key(|d| d.lane);
        Ok(Run {
            recordings,
            diverged,
        })
    }

    /// Allocates the recordings, and has each block fill its rows.
    pub(crate) fn recorded<T: Real, O: Send>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        execution: &Execution,
        work: impl for<'r> Fn(Lanes, Setup, BlockRows<'r, T>) -> O + Sync + Send,
    ) -> (Recordings<T>, Vec<O>) {
        let mut samples = self.unwritten::<T>(inputs);
        let items = self.rows(inputs, execution, &mut samples);
        let results = threads::map(items, execution.threads, |(lanes, rows)| {
            let layout = NodeLayout::new(lanes.population(), lanes.width(), T::LANES);
            let setup = Setup::new(&lanes, &layout, inputs, execution.unit);
            work(lanes, setup, rows)
        });
        (self.written(inputs, samples), results)
    }

    /// Room for the recordings of a run.
    pub(crate) fn unwritten<T: Real>(&self, inputs: &Inputs) -> Unwritten<T> {
        Unwritten::new(inputs.lanes * self.recordings.len() * inputs.samples())
    }

    /// The recordings of a run, whose rows were all written.
    pub(crate) fn written<T: Real>(&self, inputs: &Inputs, samples: Unwritten<T>) -> Recordings<T> {
        Recordings {
            lanes: inputs.lanes,
            recordings: self.recordings.len(),
            samples: inputs.samples(),
            data: samples.finish(),
        }
    }

    /// The blocks of a run, each with the rows that it fills.
    pub(crate) fn rows<'r, T: Real>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        execution: &Execution,
        samples: &'r mut Unwritten<T>,
    ) -> Vec<(Lanes, BlockRows<'r, T>)> {
        let mut free: Vec<Option<Row<'_, T>>> = samples.rows(inputs.samples()).map(Some).collect();
        let mut items = Vec::new();
        for (index, range) in blocks::<T>(self, inputs.lanes) {
            let lanes = Lanes {
                program: Arc::clone(self),
                index,
                range,
            };
            let mut own = Vec::new();
            for (recording, at) in self.recordings.iter().enumerate() {
                for (_, batch) in lanes.of_site(&at.site) {
                    let row = batch * self.recordings.len() + recording;
                    own.push(free[row].take());
                }
            }
            items.push((
                lanes,
                BlockRows {
                    rows: own,
                    inputs: Arc::clone(inputs),
                    unit: execution.unit,
                },
            ));
        }
        items
    }
}

/// The rows that a block fills, and what it needs to start.
pub(crate) struct BlockRows<'r, T: Real> {
    /// In the order of [`tracks`].
    rows: Vec<Option<Row<'r, T>>>,
    pub(crate) inputs: Arc<Inputs>,
    pub(crate) unit: VectorUnit,
}

impl<'r, T: Real> BlockRows<'r, T> {
    pub(crate) fn recorder(&mut self, tracks: &[Track]) -> Recorder<'r, T> {
        let rows = std::mem::take(&mut self.rows);
        Recorder::new(tracks, rows, self.inputs.record_every, self.inputs.steps)
    }
}

fn run_block<T: Real>(
    lanes: Lanes,
    setup: &Setup,
    mut rows: BlockRows<'_, T>,
    control: &Control,
) -> Result<Vec<Divergence>, RunError> {
    let inputs = Arc::clone(&rows.inputs);
    let layout = NodeLayout::new(lanes.population(), lanes.width(), T::LANES);
    let slot = slot_len(&lanes, &layout);
    let mut block = Block::<T>::new(
        lanes,
        Arc::clone(&inputs),
        setup,
        rows.unit,
        2 * slot + layout.len,
    );
    let here = block.memory.end;
    let slots = Slots {
        from: here,
        to: here,
        factors: here + 2 * slot,
    };
    block.start(setup, here);
    let mut recorder = rows.recorder(&tracks(&block));
    let pass = Pass {
        spare: here + slot,
        factors: slots.factors,
        control,
    };
    pass.forward(&mut block, &mut recorder, |_| slots, |_, _| {})
}

/// Length of a slot of a block of these lanes.
pub(crate) fn slot_len(lanes: &Lanes, layout: &NodeLayout) -> usize {
    let population = lanes.population();
    let states: usize = population
        .groups
        .iter()
        .zip(&layout.groups)
        .map(|(group, region)| lanes.program.codes[group.code].states.len() * region.len())
        .sum();
    layout.len + states
}

impl<T: Real> Block<T> {
    /// If the state at `here` is not finite in a lane that was before, replays the steps from the
    /// state at `saved` to the first that made it so.
    pub(crate) fn look_for_divergence(
        &mut self,
        steps: Range<usize>,
        here: usize,
        saved: usize,
        factors: usize,
        diverged: &mut Vec<Divergence>,
    ) {
        let slot = self.memory.slot;
        let finite = |values: &[T]| values.iter().all(|v| v.to_f64().is_finite());
        if finite(&self.workspace[here..here + slot]) {
            return;
        }
        let known: Vec<usize> = diverged.iter().map(|d| d.lane).collect();
        let bad = |block: &Self, slot: usize| -> Vec<Divergence> {
            block
                .not_finite(slot)
                .into_iter()
                .filter(|d| !known.contains(&d.lane))
                .collect()
        };
        let expected: Vec<usize> = bad(self, here).into_iter().map(|d| d.lane).collect();
        if expected.is_empty() {
            return;
        }
        let after = self.workspace[here..here + slot].to_vec();
        self.workspace.copy_within(saved..saved + slot, here);
        let mut found: Vec<Divergence> = Vec::new();
        for step in steps {
            self.step(
                step,
                Slots {
                    from: here,
                    to: here,
                    factors,
                },
            );
            for mut divergence in bad(self, here) {
                if !found.iter().any(|d| d.lane == divergence.lane) {
                    divergence.time = (step + 1) as f64 * self.inputs.dt;
                    found.push(divergence);
                }
            }
        }
        self.workspace[here..here + slot].copy_from_slice(&after);
        diverged.extend(found);
    }

    /// For each lane the first number of a slot that is not finite; states before voltages, since
    /// a state that diverges takes the voltage with it.
    fn not_finite(&self, slot: usize) -> Vec<Divergence> {
        let mut found: Vec<Divergence> = Vec::new();
        let mut note = |compartment: usize, lane: usize, what: &str, value: T| {
            if value.to_f64().is_finite() {
                return;
            }
            let batch = self.lanes.cell_and_batch(lane).1;
            if found.iter().all(|d| d.lane != batch) {
                found.push(Divergence {
                    lane: batch,
                    time: f64::NAN,
                    what: what.to_owned(),
                    value: value.to_f64(),
                    place: self.lanes.program.places[self.lanes.compartment(compartment, lane)],
                });
            }
        };
        let population = self.lanes.population();
        for (group, region) in self.layout.groups.iter().enumerate() {
            let code = &self.lanes.program.codes[population.groups[group].code];
            for (state, name) in code.state_names.iter().enumerate() {
                let start = slot + self.memory.states[group][state];
                self.layout
                    .for_each_in_group(population, group, |compartment, lane, position| {
                        let value = self.workspace[start + position - region.start];
                        note(compartment, lane, name, value);
                    });
            }
        }
        for compartment in 0..population.tree.compartments {
            for lane in 0..self.lanes.width() {
                let at = slot + self.layout.offset[compartment] + lane;
                note(compartment, lane, "v", self.workspace[at]);
            }
        }
        found
    }
}
