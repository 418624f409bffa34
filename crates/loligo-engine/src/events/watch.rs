//! Watching for spikes, block by block: voltages that rise above a threshold, and states that say so.

use super::surrogate::Surrogate;
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
    /// How far above its threshold each was then, for surrogates.
    before: Vec<Option<f64>>,
    /// Sources that announce their spikes, and where the state that does is in a slot.
    announced: Vec<((u32, u32), usize)>,
}

/// A state is a number; from here on it says that there is a spike.
const SPIKES: f64 = 0.5;

/// A source at the beginning of a step in which it spikes, or in which its surrogate has a slope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    /// Source and lane of the batch within the crew.
    pub(super) source: (u32, u32),
    /// Where its voltage is.
    pub(super) member: usize,
    pub(super) position: usize,
    pub(super) spikes: bool,
    /// How long before the beginning of the step it spikes, in steps.
    pub(super) earlier: f64,
    /// The derivative of the spike by the voltage, 1/mV; of its time, ms/mV, where that is interpolated.
    pub(super) by_voltage: f64,
    /// The same by the voltage as the step before began.
    pub(super) by_voltage_before: f64,
}

impl Edge {
    /// A spike as the step begins, without derivatives.
    fn spike(source: (u32, u32), member: usize, position: usize) -> Self {
        Edge {
            source,
            member,
            position,
            spikes: true,
            earlier: 0.0,
            by_voltage: 0.0,
            by_voltage_before: 0.0,
        }
    }
}

impl<T: Real> Watch<T> {
    pub(super) fn new(member: usize) -> Self {
        Watch {
            member,
            sources: Vec::new(),
            positions: Vec::new(),
            thresholds: Vec::new(),
            above: Vec::new(),
            before: Vec::new(),
            announced: Vec::new(),
        }
    }

    /// Watches one more.
    pub(super) fn add(&mut self, source: (u32, u32), position: usize, threshold: f64) {
        self.sources.push(source);
        self.positions.push(position);
        self.thresholds.push(T::from_f64(threshold));
        self.above.push(false);
        self.before.push(None);
    }

    /// Follows a state, by its position in a slot.
    pub(super) fn follow(&mut self, source: (u32, u32), state: usize) {
        self.announced.push((source, state));
    }

    /// Adds the sources whose state, as its update left it, says that they spike.
    pub(super) fn listen(&self, block: &Block<T>, factors: usize, edges: &mut Vec<Edge>) {
        for (source, state) in &self.announced {
            let at = factors + block.memory.halfway(*state);
            if block.workspace[at].to_f64() > SPIKES {
                edges.push(Edge::spike(*source, self.member, 0));
            }
        }
    }

    /// Adds the sources whose voltage, in an array that starts at `from`, has risen above the threshold.
    pub(super) fn look(&mut self, block: &Block<T>, from: usize, edges: &mut Vec<Edge>) {
        // blocks of synapses have nothing that is watched, and some no voltages
        if self.positions.is_empty() {
            return;
        }
        let voltages = &block.workspace[from..from + block.memory.nodes];
        let thresholds = self.positions.iter().zip(&self.thresholds);
        let all = thresholds.zip(self.above.iter_mut()).zip(&self.sources);
        for (((position, threshold), above), source) in all {
            let is_above = voltages[*position] > *threshold;
            if is_above && !*above {
                edges.push(Edge::spike(*source, self.member, *position));
            }
            *above = is_above;
        }
    }

    /// The same, with the times at which lines between voltages cross the thresholds, and their derivatives
    /// for steps of `dt`.
    pub(super) fn look_between(
        &mut self,
        block: &Block<T>,
        from: usize,
        dt: f64,
        edges: &mut Vec<Edge>,
    ) {
        for index in 0..self.positions.len() {
            let position = self.positions[index];
            let above = (block.workspace[from + position] - self.thresholds[index]).to_f64();
            let (was_above, is_above) = (self.above[index], above > 0.0);
            if is_above && !was_above {
                // a run that begins above a threshold spikes then
                let mut edge = Edge::spike(self.sources[index], self.member, position);
                if let Some(before) = self.before[index] {
                    let rise = above - before;
                    let slope = dt / (rise * rise);
                    edge.earlier = above / rise;
                    edge.by_voltage = slope * before;
                    edge.by_voltage_before = -slope * above;
                }
                edges.push(edge);
            }
            self.above[index] = is_above;
            self.before[index] = Some(above);
        }
    }

    /// The same, with the slopes of a surrogate; sources that do not spike and have one come along.
    pub(super) fn look_closely(
        &mut self,
        block: &Block<T>,
        from: usize,
        surrogate: Surrogate,
        edges: &mut Vec<Edge>,
    ) {
        for index in 0..self.positions.len() {
            let position = self.positions[index];
            let (voltage, threshold) = (block.workspace[from + position], self.thresholds[index]);
            let (was_above, is_above) = (self.above[index], voltage > threshold);
            let above = (voltage - threshold).to_f64();
            let before = self.before[index].filter(|_| is_above);
            let mut edge = Edge::spike(self.sources[index], self.member, position);
            edge.spikes = is_above && !was_above;
            edge.by_voltage = if was_above {
                0.0
            } else {
                surrogate.slope(above)
            };
            edge.by_voltage_before = before.map_or(0.0, |before| -surrogate.slope(before));
            if edge.spikes || edge.by_voltage != 0.0 || edge.by_voltage_before != 0.0 {
                edges.push(edge);
            }
            self.above[index] = is_above;
            self.before[index] = Some(above);
        }
    }
}
