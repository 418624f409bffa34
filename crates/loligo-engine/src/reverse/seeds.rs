//! The cotangents of what a block wrote down, by the moment at which they enter the sweep.

use crate::block::Block;
use crate::carried::numbers_of;
use crate::dual::Number;
use crate::observe::{Tap, tracks};
use crate::stepper::Stepper;

/// Cotangents of the rows that a block fills.
pub(crate) struct Seeds<'c, N: Number> {
    /// Of all rows of all blocks, shape `[sample][row]`.
    cotangents: N::Samples<'c>,
    /// How many rows these are.
    rows: usize,
    /// How many steps lie between samples.
    every: usize,
    /// Voltages, and states that are written down with them: position in the slot, and row.
    following: Vec<(usize, usize)>,
    /// States that are written down between update and membrane.
    leading: Vec<(usize, usize)>,
    currents: Vec<(Tap, usize)>,
    /// Numbers of the state at the end, if it was kept: position in the slot, and which of all
    /// `cotangents` it is.
    end: Vec<(usize, usize)>,
}

impl<'c, N: Number> Seeds<'c, N> {
    /// Those of a block among the `cotangents` of the recordings.
    pub(crate) fn new(block: &Block<N::Real>, cotangents: N::Samples<'c>) -> Self {
        let mut seeds = Seeds {
            cotangents,
            rows: block.inputs.lanes * block.lanes.program.recordings.len(),
            every: block.inputs.record_every,
            following: Vec::new(),
            leading: Vec::new(),
            currents: Vec::new(),
            end: Vec::new(),
        };
        if block.inputs.keeps_end {
            let first = seeds.rows * block.inputs.samples();
            let numbers = numbers_of(block).into_iter();
            seeds.end = numbers.map(|(at, number)| (at, first + number)).collect();
        }
        for track in tracks(block) {
            match (track.tap, track.leads) {
                (Tap::Slot(at), true) => seeds.leading.push((at, track.row)),
                (Tap::Slot(at), false) => seeds.following.push((at, track.row)),
                (tap, _) => seeds.currents.push((tap, track.row)),
            }
        }
        seeds
    }

    /// Adds the cotangents of the state at the end.
    pub(crate) fn add_end<S: Stepper<Number = N>>(&self, block: &mut S, cotangent: usize) {
        for &(at, number) in &self.end {
            block.add(cotangent + at, N::sample(self.cotangents, number));
        }
    }

    /// The position of the sample of index `index`, if it is written down.
    fn sample(&self, index: usize) -> Option<usize> {
        let written = index.is_multiple_of(self.every);
        written.then_some(index / self.every * self.rows)
    }

    /// Adds the cotangents of a sample to those of the state; says whether there were any.
    fn add<S: Stepper<Number = N>>(
        &self,
        rows: &[(usize, usize)],
        block: &mut S,
        index: usize,
        cotangent: usize,
    ) -> bool {
        let Some(sample) = self.sample(index).filter(|_| !rows.is_empty()) else {
            return false;
        };
        for &(at, row) in rows {
            block.add(cotangent + at, N::sample(self.cotangents, sample + row));
        }
        true
    }

    pub(super) fn add_following<S: Stepper<Number = N>>(
        &self,
        block: &mut S,
        index: usize,
        cotangent: usize,
    ) {
        self.add(&self.following, block, index, cotangent);
    }

    /// Adds those of states for whose position in a slot `counts` holds.
    pub(super) fn add_leading_of<S: Stepper<Number = N>>(
        &self,
        block: &mut S,
        index: usize,
        cotangent: usize,
        counts: &dyn Fn(usize) -> bool,
    ) {
        let Some(sample) = self.sample(index) else {
            return;
        };
        for &(at, row) in self.leading.iter().filter(|(at, _)| counts(*at)) {
            block.add(cotangent + at, N::sample(self.cotangents, sample + row));
        }
    }

    pub(super) fn add_leading<S: Stepper<Number = N>>(
        &self,
        block: &mut S,
        index: usize,
        cotangent: usize,
    ) -> bool {
        self.add(&self.leading, block, index, cotangent)
    }

    pub(super) fn each_current(&self, index: usize, mut visit: impl FnMut(&Tap, N)) {
        if let Some(sample) = self.sample(index) {
            for &(ref tap, row) in &self.currents {
                visit(tap, N::sample(self.cotangents, sample + row));
            }
        }
    }
}
