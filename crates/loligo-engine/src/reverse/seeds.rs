//! The cotangents of what a block wrote down, by the moment at which they enter the sweep.

use crate::dual::Number;
use crate::observe::{Tap, Track};
use crate::stepper::Stepper;

/// Cotangents of the rows that a block fills.
pub(crate) struct Seeds<'c, N: Number> {
    /// Voltages, and states that are written down with them.
    following: Vec<(usize, N::Samples<'c>)>,
    /// States that are written down between update and membrane.
    leading: Vec<(usize, N::Samples<'c>)>,
    currents: Vec<(Tap, N::Samples<'c>)>,
    every: usize,
}

impl<'c, N: Number> Seeds<'c, N> {
    /// `row` gives the cotangents of a row.
    pub(crate) fn new(
        tracks: Vec<Track>,
        row: impl Fn(usize) -> N::Samples<'c>,
        every: usize,
    ) -> Self {
        let mut seeds = Seeds {
            following: Vec::new(),
            leading: Vec::new(),
            currents: Vec::new(),
            every,
        };
        for track in tracks {
            let cotangents = row(track.row);
            match (track.tap, track.leads) {
                (Tap::Slot(at), true) => seeds.leading.push((at, cotangents)),
                (Tap::Slot(at), false) => seeds.following.push((at, cotangents)),
                (tap, _) => seeds.currents.push((tap, cotangents)),
            }
        }
        seeds
    }

    /// Adds the cotangents of a sample to those of the state; says whether there were any.
    fn add<S: Stepper<Number = N>>(
        &self,
        rows: &[(usize, N::Samples<'c>)],
        block: &mut S,
        index: usize,
        cotangent: usize,
    ) -> bool {
        if rows.is_empty() || !index.is_multiple_of(self.every) {
            return false;
        }
        for &(at, cotangents) in rows {
            block.add(cotangent + at, N::sample(cotangents, index / self.every));
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

    pub(super) fn add_leading<S: Stepper<Number = N>>(
        &self,
        block: &mut S,
        index: usize,
        cotangent: usize,
    ) -> bool {
        self.add(&self.leading, block, index, cotangent)
    }

    pub(super) fn each_current(&self, index: usize, mut visit: impl FnMut(&Tap, N)) {
        if index.is_multiple_of(self.every) {
            for &(ref tap, cotangents) in &self.currents {
                visit(tap, N::sample(cotangents, index / self.every));
            }
        }
    }
}
