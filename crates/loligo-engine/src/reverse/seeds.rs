//! The cotangents of what a block wrote down, by the moment at which they enter the sweep.

use crate::block::Block;
use crate::observe::{Tap, Track};
use crate::vector::Real;

/// Cotangents of the rows that a block fills.
pub(crate) struct Seeds<'c, T> {
    /// Voltages, and states that are written down with them.
    following: Vec<(usize, &'c [T])>,
    /// States that are written down between update and membrane.
    leading: Vec<(usize, &'c [T])>,
    currents: Vec<(Tap, &'c [T])>,
    every: usize,
}

impl<'c, T: Real> Seeds<'c, T> {
    /// `rows[row]` are the cotangents of a row.
    pub(crate) fn new(tracks: Vec<Track>, row: impl Fn(usize) -> &'c [T], every: usize) -> Self {
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
    fn add(
        &self,
        rows: &[(usize, &[T])],
        block: &mut Block<T>,
        index: usize,
        cotangent: usize,
    ) -> bool {
        if rows.is_empty() || !index.is_multiple_of(self.every) {
            return false;
        }
        for (at, cotangents) in rows {
            let to = &mut block.workspace[cotangent + at];
            *to = *to + cotangents[index / self.every];
        }
        true
    }

    pub(super) fn add_following(&self, block: &mut Block<T>, index: usize, cotangent: usize) {
        self.add(&self.following, block, index, cotangent);
    }

    pub(super) fn add_leading(&self, block: &mut Block<T>, index: usize, cotangent: usize) -> bool {
        self.add(&self.leading, block, index, cotangent)
    }

    pub(super) fn each_current(&self, index: usize, mut visit: impl FnMut(&Tap, T)) {
        if index.is_multiple_of(self.every) {
            for (tap, cotangents) in &self.currents {
                visit(tap, cotangents[index / self.every]);
            }
        }
    }
}
