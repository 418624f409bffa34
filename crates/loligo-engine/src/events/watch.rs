//! Watching voltages for spikes, block by block.

use crate::block::Block;
use crate::vector::Real;

/// The compartments of a block that are watched.
pub(super) struct Watch<T> {
    /// Position of the block in the crew.
    pub(super) member: usize,
    /// Source and lane of the batch within the crew.
    sources: Vec<(u32, u32)>,
    /// In an array over nodes.
    positions: Vec<usize>,
    /// mV
    thresholds: Vec<T>,
    /// Whether each was above its threshold as the last step began.
    above: Vec<bool>,
}

impl<T: Real> Watch<T> {
    pub(super) fn new(member: usize) -> Self {
        Watch {
            member,
            sources: Vec::new(),
            positions: Vec::new(),
            thresholds: Vec::new(),
            above: Vec::new(),
        }
    }

    /// Watches one more.
    pub(super) fn add(&mut self, source: (u32, u32), position: usize, threshold: f64) {
        self.sources.push(source);
        self.positions.push(position);
        self.thresholds.push(T::from_f64(threshold));
        self.above.push(false);
    }

    /// Adds the sources whose voltage, in an array that starts at `from`, has risen above the threshold.
    pub(super) fn look(&mut self, block: &Block<T>, from: usize, risen: &mut Vec<(u32, u32)>) {
        let voltages = &block.workspace[from..from + block.memory.nodes];
        let thresholds = self.positions.iter().zip(&self.thresholds);
        let all = thresholds.zip(self.above.iter_mut()).zip(&self.sources);
        for (((position, threshold), above), source) in all {
            let is_above = voltages[*position] > *threshold;
            if is_above && !*above {
                risen.push(*source);
            }
            *above = is_above;
        }
    }
}
