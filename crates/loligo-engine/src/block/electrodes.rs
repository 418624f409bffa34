//! Electrodes: what stimuli inject and clamps hold, in the middle of a step.

use std::ops::Range;

use super::{Block, Slots};
use crate::convention::Scheme;
use crate::inputs::{Drive, Inputs};
use crate::lanes::{Lanes, NodeLayout};
use crate::program::{Driven, Site};
use crate::vector::Real;
use loligo_model::Waveform;

/// A drive at an element of the arrays over nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Injection {
    /// Position of the stimulus in the model.
    pub(crate) stimulus: usize,
    pub(crate) position: usize,
    pub(crate) batch: usize,
}

/// A clamp at an element of the arrays over nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holding {
    /// Position of the clamp in the model.
    pub(crate) clamp: usize,
    pub(crate) position: usize,
    pub(crate) batch: usize,
    pub(crate) ideal: bool,
    /// µS.
    pub(crate) conductance: f64,
    pub(crate) start: f64,
    pub(crate) stop: f64,
}

/// The electrodes of a block's lanes.
pub(super) fn drives<T: Real>(
    lanes: &Lanes,
    layout: &NodeLayout,
) -> (Vec<Injection>, Vec<Holding>) {
    let program = &lanes.program;
    let position = |site: &Site, lane: usize| layout.offset[site.compartment] + lane;
    let mut injections = Vec::new();
    let mut holdings = Vec::new();
    for (stimulus, driven) in program.stimuli.iter().enumerate() {
        if driven.drives != Driven::Current {
            continue;
        }
        let site = &driven.site;
        injections.extend(lanes.of_site(site).map(|(lane, batch)| Injection {
            stimulus,
            position: position(site, lane),
            batch,
        }));
    }
    for (clamp, at) in program.clamps.iter().enumerate() {
        // an ideal clamp is a conductance beside which all others vanish in rounding
        let ideal = 1e6 * T::ROUND.to_f64();
        holdings.extend(lanes.of_site(&at.site).map(|(lane, batch)| {
            Holding {
                clamp,
                position: position(&at.site, lane),
                batch,
                ideal: at.series_resistance.is_none(),
                conductance: at
                    .series_resistance
                    .map_or(ideal, |resistance| 1.0 / resistance),
                start: at.start,
                stop: at.stop,
            }
        }));
    }
    (injections, holdings)
}

/// What stimuli inject into a block.
#[derive(Clone, Debug)]
pub(super) struct Injectors<T> {
    /// Those that are one of two currents in any step.
    pulses: Vec<Pulse<T>>,
    /// What these inject in some steps, over the elements of an array over nodes that have any.
    steady: Vec<T>,
    elements: Range<usize>,
    /// The steps in which that is so.
    steps: Range<usize>,
    /// Injections of other stimuli, each of one stimulus into elements that follow each other.
    others: Vec<Range<usize>>,
}

/// A step of current at an element.
#[derive(Clone, Debug)]
struct Pulse<T> {
    position: usize,
    /// The steps of the run in which it is on.
    on: Range<usize>,
    during: T,
    otherwise: T,
}

impl<T: Real> Injectors<T> {
    pub(super) fn new(injections: &[Injection], inputs: &Inputs) -> Self {
        let follows =
            |a: &Injection, b: &Injection| a.stimulus == b.stimulus && a.position + 1 == b.position;
        let (mut pulses, mut others) = (Vec::new(), Vec::new());
        let mut start = 0;
        for chunk in injections.chunk_by(follows) {
            match pulse(&inputs.stimuli[chunk[0].stimulus], inputs) {
                Some(pulse) => pulses.extend(chunk.iter().map(|injection| Pulse {
                    position: injection.position,
                    ..pulse.clone()
                })),
                None => others.push(start..start + chunk.len()),
            }
            start += chunk.len();
        }
        let positions = pulses.iter().map(|pulse: &Pulse<T>| pulse.position);
        let first = positions.clone().min().unwrap_or(0);
        let elements = first..positions.max().map_or(first, |last| last + 1);
        Injectors {
            steady: vec![T::ZERO; elements.len()],
            pulses,
            elements,
            steps: 0..0,
            others,
        }
    }

    /// Finds what pulses inject in a step, and until when that is so.
    fn find_steady(&mut self, step: usize) {
        self.steady.fill(T::ZERO);
        self.steps = 0..usize::MAX;
        for pulse in &self.pulses {
            let Range { start, end } = pulse.on;
            let (current, same) = match step {
                _ if pulse.on.contains(&step) => (pulse.during, start..end),
                // an empty range begins nowhere
                _ if step < start && start < end => (pulse.otherwise, 0..start),
                _ if start < end => (pulse.otherwise, end..usize::MAX),
                _ => (pulse.otherwise, 0..usize::MAX),
            };
            let sum = &mut self.steady[pulse.position - self.elements.start];
            *sum = *sum + current;
            self.steps = self.steps.start.max(same.start)..self.steps.end.min(same.end);
        }
    }
}

/// A stimulus as a pulse, at a position that is still to be given.
fn pulse<T: Real>(drive: &Drive, inputs: &Inputs) -> Option<Pulse<T>> {
    let Drive::Waveform(Waveform::Step {
        start,
        duration,
        amplitude,
        baseline,
    }) = *drive
    else {
        return None;
    };
    // which steps have their middle in it is asked as it is of any waveform
    let before = |step: usize, time: f64| (step as f64 + 0.5) * inputs.dt < time;
    let first = |time: f64| first_step(inputs.steps, |step| !before(step, time));
    Some(Pulse {
        position: 0,
        on: first(start)..first(start + duration),
        during: T::from_f64(amplitude),
        otherwise: T::from_f64(baseline),
    })
}

impl<T: Real> Block<T> {
    /// Adds what stimuli inject to the right-hand side.
    #[inline]
    pub(super) fn inject(&mut self, step: usize) {
        let time = self.middle(step);
        let array = self.memory.rhs..self.memory.rhs + self.memory.nodes;
        let array = &mut self.workspace[array];
        if !self.injectors.steps.contains(&step) {
            self.injectors.find_steady(step);
        }
        let pulsed = &mut array[self.injectors.elements.clone()];
        for (rhs, current) in pulsed.iter_mut().zip(&self.injectors.steady) {
            *rhs = *rhs + *current;
        }
        for injections in &self.injectors.others {
            let injections = &self.injections[injections.clone()];
            let (first, lanes) = (injections[0], self.inputs.lanes);
            let rhs = &mut array[first.position..first.position + injections.len()];
            match &self.inputs.stimuli[first.stimulus] {
                Drive::LaneSamples(samples) => {
                    add_samples(rhs, injections, samples, lanes, step);
                }
                drive => {
                    let current = T::from_f64(drive.at(first.batch, lanes, step, time));
                    rhs.iter_mut().for_each(|rhs| *rhs = *rhs + current);
                }
            }
        }
    }

    /// Adds what clamps that are on make of the equations of their nodes.
    pub(super) fn hold(&mut self, step: usize, slots: Slots) {
        for index in 0..self.holdings.len() {
            let holding = self.holdings[index];
            let (rhs, diagonal) = (
                self.memory.rhs + holding.position,
                slots.factors + holding.position,
            );
            let Some(target) = self.command(&holding, step) else {
                continue;
            };
            if holding.ideal {
                self.unclamped[index] = self.workspace[rhs];
                let membrane = self.membrane_diagonal(index, slots);
                self.workspace[membrane] = self.around[index]
                    .iter()
                    .map(|(edge, _)| self.workspace[self.memory.conductance + edge])
                    .fold(self.workspace[diagonal], |rest, axial| rest - axial);
            }
            let mut target = T::from_f64(target);
            if holding.ideal && self.lanes.program.scheme == Scheme::CrankNicolson {
                // the half step that extrapolates to the target
                let half = T::from_f64(0.5);
                target = half * (target + self.workspace[slots.from + holding.position]);
            }
            let conductance = T::from_f64(holding.conductance);
            self.workspace[rhs] = self.workspace[rhs] + conductance * target;
            self.workspace[diagonal] = self.workspace[diagonal] + conductance;
        }
    }

    /// Adds what gap junctions bring to a node to what is on its right-hand side beside an ideal clamp,
    /// if it has one: see [`Block::clamp_current`].
    pub(crate) fn join_clamp(&mut self, position: usize, inflow: T) {
        let holdings = self.holdings.iter().zip(&mut self.unclamped);
        for (_, unclamped) in holdings.filter(|(holding, _)| holding.position == position) {
            *unclamped = *unclamped + inflow;
        }
    }

    /// What a clamp commands during a step, mV, if it is on.
    pub(crate) fn command(&self, holding: &Holding, step: usize) -> Option<f64> {
        let time = self.middle(step);
        let on = time >= holding.start && time < holding.stop;
        let drive: &Drive = &self.inputs.clamps[holding.clamp];
        on.then(|| drive.at(holding.batch, self.inputs.lanes, step, time))
    }

    /// The current that a clamp injected during the step that just ended, nA.
    pub(crate) fn clamp_current(&self, index: usize, step: usize, slots: Slots) -> T {
        let voltage = self.solved(slots);
        let holding = self.holdings[index];
        let Some(target) = self.command(&holding, step) else {
            return T::ZERO;
        };
        let solved = self.workspace[voltage + holding.position];
        if !holding.ideal {
            return T::from_f64(holding.conductance) * (T::from_f64(target) - solved);
        }
        // target − solved is all rounding: take what the rest of the cable leaves over
        let membrane = self.workspace[self.membrane_diagonal(index, slots)];
        let mut current = membrane * solved - self.unclamped[index];
        for &(edge, other) in &self.around[index] {
            let conductance = self.workspace[self.memory.conductance + edge];
            current = current - conductance * (self.workspace[voltage + other] - solved);
        }
        current
    }

    /// Where a step leaves what the membrane of a clamped node adds to its diagonal.
    pub(crate) fn membrane_diagonal(&self, index: usize, slots: Slots) -> usize {
        slots.factors + self.memory.factors.clamps + index
    }

    /// The current of a clamp at t = 0, nA; an ideal one has none yet.
    pub(crate) fn initial_clamp_current(&self, index: usize, slot: usize) -> T {
        let holding = self.holdings[index];
        match self.command(&holding, 0) {
            Some(target) if !holding.ideal => {
                let voltage = self.workspace[slot + holding.position];
                T::from_f64(holding.conductance) * (T::from_f64(target) - voltage)
            }
            _ => T::ZERO,
        }
    }
}

/// Adds a sample of its own to each element.
fn add_samples<T: Real>(
    rhs: &mut [T],
    injections: &[Injection],
    samples: &[f64],
    lanes: usize,
    step: usize,
) {
    let steps = samples.len() / lanes;
    for (rhs, injection) in rhs.iter_mut().zip(injections) {
        // past the end as within: adding a zero is what a single run does there
        let sample = (step < steps).then(|| samples[injection.batch * steps + step]);
        *rhs = *rhs + T::from_f64(sample.unwrap_or(0.0));
    }
}

/// The first of so many steps that is `late`, as all after it are; their number if none is.
fn first_step(steps: usize, late: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, steps);
    while low < high {
        let middle = low.midpoint(high);
        if late(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}
