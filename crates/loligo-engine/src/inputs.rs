//! What varies from run to run: time, numbers, drives, and which of them have a batch axis.

use std::collections::BTreeMap;
use std::sync::Arc;

use loligo_model::Waveform;

use crate::events::Surrogate;

/// A current or a command potential during a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Drive {
    /// A function of time, the same in all lanes; taken in the middle of each step.
    Waveform(Waveform),
    /// One value per step, shape `[step]`; 0 after the last.
    Samples(Vec<f64>),
    /// One value per lane and step, shape `[lane][step]`.
    LaneSamples(Vec<f64>),
}

/// The spikes of a source at given times during a run, ms, ascending from 0 on.
#[derive(Clone, Debug, PartialEq)]
pub enum Train {
    /// The same in all lanes.
    Times(Arc<[f64]>),
    /// Those of each lane.
    LaneTimes(Vec<Arc<[f64]>>),
}

/// Numbers that differ from lane to lane of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneValues {
    /// Places in [`Inputs::values`].
    pub indices: Vec<usize>,
    /// Their values, shape `[lane][index]`.
    pub values: Vec<f64>,
}

/// Everything that a run takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    /// Time step, ms.
    pub dt: f64,
    /// How many steps.
    pub steps: usize,
    /// How many lanes the batch has, 1 for a single run.
    pub lanes: usize,
    /// The numbers of the model, in the order of [`crate::ValueLayout`]; the same in all lanes
    /// unless `lane_values` says otherwise.
    pub values: Vec<f64>,
    /// What differs from lane to lane; later entries win.
    pub lane_values: Vec<LaneValues>,
    /// The currents of the model's stimuli, nA.
    pub stimuli: Vec<Drive>,
    /// The command potentials of the model's clamps, mV.
    pub clamps: Vec<Drive>,
    /// Given spikes, by the position of their source among [`loligo_model::Model::spike_sources`]; of sources
    /// that are not in here, those of the model.
    pub trains: BTreeMap<usize, Train>,
    /// Which random numbers mechanisms draw; lanes draw the same.
    pub seed: u64,
    /// Keep every n-th sample of the recordings, and the first.
    pub record_every: usize,
    /// The slope that gradients find at the thresholds of spikes; without one, when spikes come is held
    /// fixed.
    pub surrogate: Option<Surrogate>,
    /// Steps before which derivatives are cut: what comes later does not depend, as far as they know, on
    /// the state that the step starts from (truncated backpropagation through time).
    pub cuts: Vec<usize>,
    /// Whether the states given are those that another run ended with, so that the first step is like
    /// any other.
    pub goes_on: bool,
    /// Whether the state that the run ends with is returned: [`crate::Recordings::end`].
    pub keeps_end: bool,
}

impl Inputs {
    /// How many samples a recording has.
    pub fn samples(&self) -> usize {
        (self.steps / self.record_every).saturating_add(1)
    }
}

impl Drive {
    /// The value during step `step`, in the middle of which the time is `time` ms.
    pub(crate) fn at(&self, lane: usize, lanes: usize, step: usize, time: f64) -> f64 {
        match self {
            Drive::Waveform(waveform) => waveform.at(time, step),
            Drive::Samples(samples) => samples.get(step).copied().unwrap_or(0.0),
            Drive::LaneSamples(samples) => {
                let steps = samples.len() / lanes;
                if step < steps {
                    samples[lane * steps + step]
                } else {
                    0.0
                }
            }
        }
    }
}

impl Train {
    /// The times of the spikes in a lane.
    pub(crate) fn of_lane(&self, lane: usize) -> &[f64] {
        match self {
            Train::Times(times) => times,
            Train::LaneTimes(lanes) => lanes.get(lane).map_or(&[], |times| times),
        }
    }

    /// The lists of times, each with the lane that it is of if they differ.
    pub(crate) fn lists(&self) -> impl Iterator<Item = (Option<usize>, &[f64])> {
        let (same, lanes) = match self {
            Train::Times(times) => (Some((None, &**times)), &[][..]),
            Train::LaneTimes(lanes) => (None, &lanes[..]),
        };
        let lanes = lanes.iter().enumerate();
        same.into_iter()
            .chain(lanes.map(|(lane, times)| (Some(lane), &**times)))
    }
}

impl Inputs {
    /// The same, with the numbers of a single lane in [`Inputs::values`] where every block finds them
    /// without looking.
    pub(crate) fn of_lanes(inputs: &Arc<Inputs>) -> Arc<Inputs> {
        if inputs.lanes > 1 || inputs.lane_values.is_empty() {
            return Arc::clone(inputs);
        }
        let mut own = Inputs::clone(inputs);
        for lane_values in std::mem::take(&mut own.lane_values) {
            for (index, value) in lane_values.indices.into_iter().zip(lane_values.values) {
                own.values[index] = value;
            }
        }
        Arc::new(own)
    }
}

/// Looks up the number at a place for a lane, overrides included.
pub(crate) struct LaneLookup<'a> {
    inputs: &'a Inputs,
    /// For each place, one more than the position in `overridden`; empty without overrides.
    position: Vec<u32>,
    overridden: Vec<(usize, usize)>,
}

impl<'a> LaneLookup<'a> {
    pub(crate) fn new(inputs: &'a Inputs) -> Self {
        let mut lookup = LaneLookup {
            inputs,
            position: Vec::new(),
            overridden: Vec::new(),
        };
        if !inputs.lane_values.is_empty() {
            lookup.position = vec![0; inputs.values.len()];
        }
        for (set, lane_values) in inputs.lane_values.iter().enumerate() {
            for (column, &index) in lane_values.indices.iter().enumerate() {
                lookup.overridden.push((set, column));
                lookup.position[index] = lookup.overridden.len() as u32;
            }
        }
        lookup
    }

    pub(crate) fn value(&self, index: usize, lane: usize) -> f64 {
        match self.position.get(index) {
            Some(&position) if position > 0 => {
                let (set, column) = self.overridden[position as usize - 1];
                let lane_values = &self.inputs.lane_values[set];
                lane_values.values[lane * lane_values.indices.len() + column]
            }
            _ => self.inputs.values[index],
        }
    }
}
