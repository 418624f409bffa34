//! What a block writes down while it runs.
//!
//! A row is one recording of one batch lane. Samples are gathered a few at a time and then written
//! a few cache lines at once, since the rows of neighbouring lanes are far apart.

use crate::block::{Block, Slots};
use crate::convention::Convention;
use crate::lanes::NodeLayout;
use crate::pass::Records;
use crate::program::Reads;
use crate::vector::{Real, Row};
use loligo_mechanism::membrane::Phases;

/// How many samples are gathered before they are written: four cache lines in single precision, so
/// that the memory can fetch ahead.
pub(crate) const GATHERED: usize = 64;

/// How many rows are gathered side by side: in single precision a sample of theirs is a cache line.
const TILE: usize = 16;

/// How far tiles are apart: their samples, and a gap, since as a power of two the distance would
/// send a sample of all tiles to the same few lines of the cache.
const TILE_STRIDE: usize = (GATHERED + 1) * TILE;

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
    for (recording, at) in program.recordings.iter().enumerate() {
        for (lane, batch) in lanes.of_site(&at.site) {
            let position = layout.offset[at.site.compartment] + lane;
            tracks.push(Track {
                tap: tap(block, at.reads, position, batch),
                row: batch * program.recordings.len() + recording,
                leads: matches!(at.reads, Reads::State { .. })
                    && program.convention != Convention::Jaxley,
            });
        }
    }
    tracks
}

fn tap<T: Real>(block: &Block<T>, reads: Reads, position: usize, batch: usize) -> Tap {
    let within = |layout: &NodeLayout, group: usize| position - layout.groups[group].start;
    match reads {
        Reads::Voltage => Tap::Slot(position),
        Reads::State { group, state } => {
            Tap::Slot(block.memory.states[group][state] + within(&block.layout, group))
        }
        Reads::Value { group, value } => {
            Tap::Fixed(block.memory.recorded[group][value] + within(&block.layout, group))
        }
        Reads::MembraneCurrent => Tap::Membrane(Node {
            position,
            neighbours: block.neighbours(position),
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
    leading: Rows<'o, T>,
    following: Rows<'o, T>,
    /// Whether the last step is one whose sample is kept.
    keeps_last: bool,
}

/// Rows that are ready at the same moment.
struct Rows<'o, T: Real> {
    /// Taps into the slot come first: nearly all are, and they are the cheapest to read.
    slots: Vec<usize>,
    /// Whether they follow each other, and are enough to copy at once.
    follow: bool,
    taps: Vec<Tap>,
    /// Number and memory of each row, those of `slots` first.
    rows: Vec<(usize, Row<'o, T>)>,
    /// How many steps lie between samples, how many samples there are in all, and were already.
    every: usize,
    samples: usize,
    done: usize,
    /// After how many steps the next sample is due.
    due: usize,
    /// `[tile][sample][row of the tile]`
    gathered: Vec<T>,
}

impl<'o, T: Real> Recorder<'o, T> {
    /// A recorder of `tracks` into `rows`, one each.
    pub(crate) fn new(
        tracks: &[Track],
        rows: Vec<Option<Row<'o, T>>>,
        every: usize,
        steps: usize,
    ) -> Self {
        let (mut leading, mut following) = (Vec::new(), Vec::new());
        for (track, row) in tracks.iter().zip(rows) {
            if let Some(row) = row {
                let to = if track.leads {
                    &mut leading
                } else {
                    &mut following
                };
                to.push((track, row));
            }
        }
        Recorder {
            leading: Rows::new(leading, every, steps),
            following: Rows::new(following, every, steps),
            keeps_last: steps.is_multiple_of(every),
        }
    }

    /// Whether the first sample shows what the membrane makes of the state at t = 0.
    pub(crate) fn reads_initial_membrane(&self) -> bool {
        let taps = &self.following.taps;
        taps.iter().any(|tap| matches!(tap, Tap::Fixed(_)))
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

    /// Whether the last sample of a state is one update further than the run.
    pub(crate) fn reads_last_update(&self) -> bool {
        !self.leading.rows.is_empty() && self.keeps_last
    }

    /// Writes down the last sample of the states, which are in a slot.
    pub(crate) fn last(&mut self, block: &Block<T>, slot: usize) {
        // what leads is a state, and states are in the slot
        self.leading.gather(block, slot, &|_, _| T::ZERO);
    }
}

impl<T: Real> Records<Block<T>> for Recorder<'_, T> {
    fn start(&mut self, block: &mut Block<T>, slots: Slots) {
        if self.reads_initial_membrane() {
            block.membrane(Phases::MembraneOnly, slots);
        }
        self.first(block, slots.from, |block, tap| {
            block.initial_reading(tap, slots.from)
        });
    }

    #[inline]
    fn after_step(&mut self, block: &Block<T>, step: usize, slots: Slots) {
        self.next(block, step, slots.to, |block, tap| {
            block.reading(tap, step, slots)
        });
    }

    fn finish(&mut self, block: &mut Block<T>, slots: Slots) {
        if self.reads_last_update() {
            block.membrane(Phases::UpdateAndMembrane, slots);
            self.last(block, slots.to);
        }
    }

    fn forget(&mut self, diverged: &dyn Fn(usize) -> bool) {
        for (number, row) in self.leading.rows.iter_mut().chain(&mut self.following.rows) {
            if diverged(*number) {
                row.fill(T::from_f64(f64::NAN));
            }
        }
    }
}

impl<'o, T: Real> Rows<'o, T> {
    fn new(tracks: Vec<(&Track, Row<'o, T>)>, every: usize, steps: usize) -> Self {
        let mut rows = Rows {
            slots: Vec::new(),
            follow: false,
            taps: Vec::new(),
            rows: Vec::new(),
            every,
            samples: steps / every + 1,
            done: 0,
            due: 0,
            gathered: Vec::new(),
        };
        let mut others = Vec::new();
        for (track, row) in tracks {
            match track.tap {
                Tap::Slot(at) => {
                    rows.slots.push(at);
                    rows.rows.push((track.row, row));
                }
                _ => others.push((track, row)),
            }
        }
        for (track, row) in others {
            rows.taps.push(track.tap.clone());
            rows.rows.push((track.row, row));
        }
        rows.follow = rows.slots.len() >= T::LANES
            && rows.slots.windows(2).all(|pair| pair[0] + 1 == pair[1]);
        rows.gathered = vec![T::ZERO; rows.rows.len().div_ceil(TILE) * TILE_STRIDE];
        rows
    }

    /// Gathers a sample if after so many steps one is due.
    #[inline]
    fn after(
        &mut self,
        steps: usize,
        block: &Block<T>,
        slot: usize,
        value: &impl Fn(&Block<T>, &Tap) -> T,
    ) {
        if steps == self.due && !self.rows.is_empty() {
            self.gather(block, slot, value);
        }
    }

    fn gather(&mut self, block: &Block<T>, slot: usize, value: &impl Fn(&Block<T>, &Tap) -> T) {
        let turn = self.done % GATHERED;
        let at = |row: usize| row / TILE * TILE_STRIDE + turn * TILE + row % TILE;
        let state = &block.workspace[slot..slot + block.memory.slot];
        match self.slots.first() {
            Some(&first) if self.follow => {
                let state = &state[first..][..self.slots.len()];
                for (tile, values) in state.chunks(TILE).enumerate() {
                    self.gathered[at(tile * TILE)..][..values.len()].copy_from_slice(values);
                }
            }
            _ => {
                for (row, position) in self.slots.iter().enumerate() {
                    self.gathered[at(row)] = state[*position];
                }
            }
        }
        for (tap, row) in self.taps.iter().zip(self.slots.len()..) {
            self.gathered[at(row)] = value(block, tap);
        }
        self.done += 1;
        self.due += self.every;
        if turn + 1 == GATHERED || self.done == self.samples {
            self.write(turn + 1);
        }
    }

    /// Writes so many gathered samples, tile by tile, so that neither side leaves the cache.
    fn write(&mut self, samples: usize) {
        let tiles = self.gathered.chunks(TILE_STRIDE);
        for (tile, rows) in tiles.zip(self.rows.chunks_mut(TILE)) {
            let (lines, _) = tile.as_chunks::<TILE>();
            for (column, (_, row)) in rows.iter_mut().enumerate() {
                match lines.first_chunk::<GATHERED>() {
                    // a length that the compiler knows makes this twice as fast
                    Some(lines) if samples == GATHERED => {
                        let values: [T; GATHERED] = std::array::from_fn(|i| lines[i][column]);
                        row.append(&values);
                    }
                    _ => {
                        for line in &lines[..samples] {
                            row.append(&[line[column]]);
                        }
                    }
                }
            }
        }
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
                let current = self.inflow(node, self.solved(slots), (step, self.middle(step)));
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
                let current = self.inflow(node, slot, (0, 0.0));
                let clamped = node
                    .holdings
                    .iter()
                    .map(|i| self.initial_clamp_current(*i, slot));
                clamped.fold(current, |sum, clamp| sum + clamp)
            }
            Tap::Clamp(index) => self.initial_clamp_current(*index, slot),
        }
    }

    fn initial_clamp_current(&self, index: usize, slot: usize) -> T {
        let holding = self.holdings[index];
        match self.command(&holding, 0) {
            Some(target) if !holding.ideal => {
                let voltage = self.workspace[slot + holding.position];
                T::from_f64(holding.conductance) * (T::from_f64(target) - voltage)
            }
            _ => T::ZERO,
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
