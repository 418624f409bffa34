//! What a block writes down while it runs.
//!
//! A row is one recording of one batch lane. A sample of all rows lies together in memory, so that
//! a step writes down what it left as one piece.

use std::ops::RangeFrom;

use crate::block::{Block, Slots};
use crate::carried::End;
use crate::convention::Convention;
use crate::lanes::NodeLayout;
use crate::pass::Records;
use crate::program::Reads;
use crate::stepper::Stepper;
use crate::vector::{Real, Rows};

/// Where a track is read.
#[derive(Clone, Debug)]
pub(crate) enum Tap {
    /// Relative to the slot after the step.
    Slot(usize),
    /// In the workspace.
    Fixed(usize),
    /// Total membrane current of the node at this position: its edges and neighbours, and the
    /// electrodes in it.
    Membrane(Node),
    /// The current of a clamp of the block.
    Clamp(usize),
}

/// A node and what current can reach it through.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) position: usize,
    /// Positions of its conductances and of the nodes that they lead to.
    pub(crate) neighbours: Vec<(usize, usize)>,
    /// Injections of the block.
    pub(crate) injections: Vec<usize>,
    /// Clamps of the block.
    pub(crate) holdings: Vec<usize>,
    /// Electrodes that are mechanisms.
    pub(crate) electrode: Option<Electrode>,
}

/// Where the numbers of electrodes that are mechanisms are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Electrode {
    /// Their slope, µS, in the workspace.
    pub(crate) slope: usize,
    /// Their drive, nA.
    pub(crate) drive: usize,
    /// What they inject at the voltage before the step, nA.
    pub(crate) current: usize,
    /// Where a step keeps their slope, relative to its factors.
    pub(crate) kept: usize,
}

/// One row and where it is read.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    pub(crate) tap: Tap,
    /// `batch lane · recordings + recording`.
    pub(crate) row: usize,
    /// Whether it is a state, which is ready before the voltage of the same index.
    pub(crate) leads: bool,
}

/// The tracks of a block.
pub(crate) fn tracks<T: Real>(block: &Block<T>) -> Vec<Track> {
    let (lanes, layout) = (&block.lanes, &block.layout);
    let program = &lanes.program;
    let mut tracks = Vec::new();
    let mut electrodes = block.memory.factors.electrodes..;
    for (recording, at) in program.recordings.iter().enumerate() {
        for (site, reads) in at.places() {
            for (lane, batch) in lanes.of_site(&site) {
                let position = layout.offset[site.compartment] + lane;
                tracks.push(Track {
                    tap: tap(block, reads, position, batch, &mut electrodes),
                    row: batch * program.recordings.len() + recording,
                    leads: matches!(reads, Reads::State { .. })
                        && program.convention != Convention::Jaxley,
                });
            }
        }
    }
    tracks
}

/// Electrodes that are mechanisms, at the nodes whose membrane current is recorded.
pub(crate) fn electrodes<T: Real>(block: &Block<T>) -> Vec<Electrode> {
    let mut recordings = block.lanes.program.recordings.iter();
    if !recordings.any(|recording| recording.reads.leaves_out_electrodes()) {
        return Vec::new();
    }
    let tracks = tracks(block).into_iter();
    let electrodes = tracks.filter_map(|track| match track.tap {
        Tap::Membrane(node) => node.electrode,
        _ => None,
    });
    electrodes.collect()
}

fn tap<T: Real>(
    block: &Block<T>,
    reads: Reads,
    position: usize,
    batch: usize,
    electrodes: &mut RangeFrom<usize>,
) -> Tap {
    let within = |layout: &NodeLayout, group: usize| position - layout.groups[group].start;
    match reads {
        Reads::Voltage => Tap::Slot(position),
        Reads::State { group, state } => {
            Tap::Slot(block.memory.states[group][state] + within(&block.layout, group))
        }
        Reads::Value { group, value } => {
            Tap::Fixed(block.memory.recorded[group][value] + within(&block.layout, group))
        }
        Reads::MembraneCurrent { group, electrode } => Tap::Membrane(Node {
            electrode: electrode.and_then(|first| {
                let at = |value: usize| {
                    block.memory.recorded[group][first + value] + within(&block.layout, group)
                };
                Some(Electrode {
                    slope: at(0),
                    drive: at(1),
                    current: at(2),
                    kept: electrodes.next()?,
                })
            }),
            position,
            neighbours: block.order.neighbours(position).collect(),
            injections: (0..block.injections.len())
                .filter(|i| block.injections[*i].position == position)
                .collect(),
            holdings: (0..block.holdings.len())
                .filter(|i| block.holdings[*i].position == position)
                .collect(),
        }),
        Reads::ClampCurrent { clamp } => {
            let found = block
                .holdings
                .iter()
                .position(|h| h.clamp == clamp && h.batch == batch);
            Tap::Clamp(found.unwrap_or(0))
        }
    }
}

/// The rows of the output that a block fills.
pub(crate) struct Recorder<'o, T: Real> {
    leading: Sampled<'o, T>,
    following: Sampled<'o, T>,
    /// Whether the last step is one whose sample is kept.
    keeps_last: bool,
    /// How many rows each lane has.
    recordings: usize,
    lanes: usize,
    /// Where the state at the end goes, if it is kept.
    end: Option<&'o End<T>>,
}

/// Rows that are ready at the same moment.
struct Sampled<'o, T: Real> {
    /// The slot's position that is read for the first row, if those for the others follow it.
    in_line: Option<usize>,
    /// Positions in the slot, and which numbers of a sample they are: nearly all are read so.
    slots: Vec<(usize, usize)>,
    /// What else is read, and which numbers of a sample it is.
    taps: Vec<(usize, Tap)>,
    /// A sample, in the order of the rows.
    sample: Vec<T>,
    rows: Vec<Rows<'o, T>>,
    /// How many steps lie between samples.
    every: usize,
    /// After how many steps the next sample is due.
    due: usize,
}

impl<'o, T: Real> Recorder<'o, T> {
    /// A recorder of what a block shows into `rows`, one for each of its [`tracks`].
    pub(crate) fn new(
        block: &Block<T>,
        rows: Vec<Option<Rows<'o, T>>>,
        end: Option<&'o End<T>>,
    ) -> Self {
        let inputs = &block.inputs;
        let every = inputs.record_every;
        let (mut leading, mut following) = (Vec::new(), Vec::new());
        let tracks = tracks(block);
        for (track, row) in tracks.iter().zip(rows) {
            if let Some(row) = row {
                let to = if track.leads {
                    &mut leading
                } else {
                    &mut following
                };
                to.push((&track.tap, row));
            }
        }
        Recorder {
            leading: Sampled::new(leading, every),
            following: Sampled::new(following, every),
            keeps_last: inputs.steps.is_multiple_of(every),
            recordings: block.lanes.program.recordings.len(),
            lanes: inputs.lanes,
            end,
        }
    }

    /// Whether the first sample shows what the membrane makes of the state at t = 0.
    pub(crate) fn reads_initial_membrane(&self) -> bool {
        let taps = &self.following.taps;
        taps.iter().any(|(_, tap)| match tap {
            Tap::Fixed(_) => true,
            Tap::Membrane(node) => node.electrode.is_some(),
            Tap::Slot(_) | Tap::Clamp(_) => false,
        })
    }

    /// Writes down the first sample: what is in a slot, and the `value` of other taps.
    pub(crate) fn first(
        &mut self,
        block: &Block<T>,
        slot: usize,
        value: impl Fn(&Block<T>, &Tap) -> T,
    ) {
        self.following.after(0, block, slot, &value);
    }

    /// Writes down what the step `step` left in a slot, and the `value` of other taps.
    #[inline]
    pub(crate) fn next(
        &mut self,
        block: &Block<T>,
        step: usize,
        slot: usize,
        value: impl Fn(&Block<T>, &Tap) -> T,
    ) {
        self.leading.after(step, block, slot, &value);
        self.following.after(step + 1, block, slot, &value);
    }

    /// Writes down the state that the run ends with, which is in a slot.
    pub(crate) fn end(&self, block: &Block<T>, slot: usize) {
        if let Some(end) = self.end {
            end.write(block, slot);
        }
    }

    /// Whether the last sample of a state is one update further than the run.
    pub(crate) fn reads_last_update(&self) -> bool {
        !self.leading.rows.is_empty() && self.keeps_last
    }

    /// Writes down the last sample of the states, which are in a slot.
    pub(crate) fn last(&mut self, block: &Block<T>, slot: usize) {
        // what leads is a state, and states are in the slot
        self.leading.write(block, slot, &|_, _| T::ZERO);
    }
}

impl<T: Real> Records<Block<T>> for Recorder<'_, T> {
    fn start(&mut self, block: &mut Block<T>, slots: Slots) {
        let begun = self.reads_initial_membrane().then(|| {
            let state = block.state(slots.from);
            block.membrane(block.beginning(), slots);
            state
        });
        self.first(block, slots.from, |block, tap| {
            block.initial_reading(tap, slots.from)
        });
        // what steps carry on is not touched by looking
        if let Some(state) = begun.filter(|_| block.inputs.goes_on) {
            block.restore(slots.from, &state);
        }
    }

    #[inline]
    fn after_step(&mut self, block: &mut Block<T>, step: usize, slots: Slots) {
        self.next(block, step, slots.to, |block, tap| {
            block.reading(tap, step, slots)
        });
    }

    fn finish(&mut self, block: &mut Block<T>, slots: Slots) {
        self.end(block, slots.to);
        if self.reads_last_update() {
            block.membrane(block.end(), slots);
            self.last(block, slots.to);
        }
    }

    fn forget(&mut self, diverged: &dyn Fn(usize) -> bool) {
        for rows in self.leading.rows.iter_mut().chain(&mut self.following.rows) {
            for row in 0..rows.count() {
                if diverged((rows.first() + row) / self.recordings) {
                    rows.fill(row, T::from_f64(f64::NAN));
                }
            }
        }
        if let Some(end) = self.end {
            let lanes = (0..self.lanes).filter(|lane| diverged(*lane));
            lanes.for_each(|lane| end.forget(lane, self.lanes));
        }
    }
}

impl<'o, T: Real> Sampled<'o, T> {
    fn new(mut tracks: Vec<(&Tap, Rows<'o, T>)>, every: usize) -> Self {
        tracks.sort_by_key(|(_, row)| row.first());
        let (mut slots, mut taps) = (Vec::new(), Vec::new());
        let mut rows: Vec<Rows<'o, T>> = Vec::new();
        for (index, (tap, row)) in tracks.into_iter().enumerate() {
            match tap {
                Tap::Slot(at) => slots.push((index, *at)),
                _ => taps.push((index, tap.clone())),
            }
            let apart = match rows.last_mut() {
                Some(before) => before.join(row),
                None => Some(row),
            };
            rows.extend(apart);
        }
        let follow = slots.windows(2).all(|pair| pair[0].1 + 1 == pair[1].1);
        let first = slots.first().map(|(_, at)| *at);
        Sampled {
            in_line: first.filter(|_| follow && taps.is_empty()),
            sample: vec![T::ZERO; slots.len() + taps.len()],
            slots,
            taps,
            rows,
            every,
            due: 0,
        }
    }

    /// Writes down a sample if after so many steps one is due.
    #[inline]
    fn after(
        &mut self,
        steps: usize,
        block: &Block<T>,
        slot: usize,
        value: &impl Fn(&Block<T>, &Tap) -> T,
    ) {
        if steps == self.due && !self.rows.is_empty() {
            self.write(block, slot, value);
        }
    }

    fn write(&mut self, block: &Block<T>, slot: usize, value: &impl Fn(&Block<T>, &Tap) -> T) {
        let state = &block.workspace[slot..slot + block.memory.slot];
        let mut sample = match self.in_line {
            Some(first) => &state[first..first + self.slots.len()],
            None => {
                for &(index, at) in &self.slots {
                    self.sample[index] = state[at];
                }
                for (index, tap) in &self.taps {
                    self.sample[*index] = value(block, tap);
                }
                &self.sample
            }
        };
        for rows in &mut self.rows {
            let (own, others) = sample.split_at(rows.count());
            rows.append(own);
            sample = others;
        }
        self.due += self.every;
    }
}

impl<T: Real> Block<T> {
    /// What a tap shows after a step.
    #[inline]
    pub(crate) fn reading(&self, tap: &Tap, step: usize, slots: Slots) -> T {
        match tap {
            Tap::Slot(at) => self.workspace[slots.to + at],
            Tap::Fixed(at) => self.workspace[*at],
            Tap::Membrane(node) => {
                // the voltage that the solve found: for Crank–Nicolson that in the middle of the
                // step
                let solved = self.solved(slots);
                let mut current = self.inflow(node, solved, (step, self.middle(step)));
                if let Some(electrode) = node.electrode {
                    let here = self.workspace[solved + node.position];
                    let [slope, drive] = [electrode.slope, electrode.drive];
                    current = current + self.workspace[drive] - self.workspace[slope] * here;
                }
                let clamped = node
                    .holdings
                    .iter()
                    .map(|i| self.clamp_current(*i, step, slots));
                clamped.fold(current, |sum, clamp| sum + clamp)
            }
            Tap::Clamp(index) => self.clamp_current(*index, step, slots),
        }
    }

    /// What a tap shows at t = 0; an ideal clamp has no current yet.
    pub(crate) fn initial_reading(&self, tap: &Tap, slot: usize) -> T {
        match tap {
            Tap::Slot(at) => self.workspace[slot + at],
            Tap::Fixed(at) => self.workspace[*at],
            Tap::Membrane(node) => {
                let mut current = self.inflow(node, slot, (0, 0.0));
                if let Some(electrode) = node.electrode {
                    current = current + self.workspace[electrode.current];
                }
                let clamped = node
                    .holdings
                    .iter()
                    .map(|i| self.initial_clamp_current(*i, slot));
                clamped.fold(current, |sum, clamp| sum + clamp)
            }
            Tap::Clamp(index) => self.initial_clamp_current(*index, slot),
        }
    }

    /// What the neighbours and the injecting electrodes bring to a node, nA.
    fn inflow(&self, node: &Node, voltage: usize, (step, time): (usize, f64)) -> T {
        let here = self.workspace[voltage + node.position];
        let mut current = T::ZERO;
        for &(edge, other) in &node.neighbours {
            let conductance = self.workspace[self.memory.conductance + edge];
            current = current + conductance * (self.workspace[voltage + other] - here);
        }
        for &index in &node.injections {
            let injection = self.injections[index];
            let drive = &self.inputs.stimuli[injection.stimulus];
            let injected = drive.at(injection.batch, self.inputs.lanes, step, time);
            current = current + T::from_f64(injected);
        }
        current
    }
}
