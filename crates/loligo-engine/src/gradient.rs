//! Gradients, and how they are put together from what blocks of lanes contribute.

use std::collections::HashMap;

use loligo_model::Quantity;

use crate::dual::{Dual, Scalar};
use crate::events::LineSlope;
use crate::inputs::Inputs;
use crate::lanes::Lanes;
use crate::program::Program;
use crate::reverse::Wanted;

/// The gradient of a function of a run's recordings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gradient {
    /// With respect to the wanted values, shape `[lane][wanted]`.
    pub values: Vec<f64>,
    /// With respect to each stimulus at each step, shape `[lane][stimulus][step]`, if wanted.
    pub stimuli: Option<Vec<f64>>,
    /// With respect to each clamp's command at each step, shape `[lane][clamp][step]`, if wanted.
    pub clamps: Option<Vec<f64>>,
}

/// A gradient of numbers of any kind, in the shape of [`Gradient`].
pub(crate) struct Slopes<N> {
    values: Vec<N>,
    stimuli: Option<Vec<N>>,
    clamps: Option<Vec<N>>,
}

/// Where wanted places are in the gradient of a lane: each cell and each synapse has its own list, so
/// that a block of lanes needs no memory for those that are not in it.
pub(crate) struct Ranks {
    /// For each place of the values one more than its position in the list of its owner.
    rank: Vec<u32>,
    /// For each cell and synapse ([`Program::owner`]) of which something is wanted the positions.
    of: HashMap<usize, Vec<usize>>,
}

impl Ranks {
    pub(crate) fn new(program: &Program, wanted: &Wanted) -> Self {
        let cells = program.cells();
        let mut ranks = Ranks {
            rank: vec![0; program.layout.len()],
            of: HashMap::new(),
        };
        // the temperature belongs to all and comes first in each
        let celsius = program.layout.index(Quantity::Celsius, 0);
        let order = wanted.values.iter().enumerate();
        let shared = order.clone().filter(|(_, index)| Some(**index) == celsius);
        for (position, index) in shared.chain(order.filter(|(_, i)| Some(**i) != celsius)) {
            if ranks.rank[*index] > 0 {
                continue;
            }
            let owners = match program.layout.at(*index) {
                // what belongs to connections is found by its position itself
                Some((quantity, _)) if quantity.is_of_connections() => {
                    ranks.rank[*index] = position as u32 + 1;
                    continue;
                }
                Some((Quantity::Celsius, _)) => program.owners(),
                Some((quantity, row)) => vec![program.owner(&cells, quantity, row)],
                None => Vec::new(),
            };
            for owner in owners {
                let list = ranks.of.entry(owner).or_default();
                list.push(position);
                ranks.rank[*index] = list.len() as u32;
            }
        }
        ranks
    }

    /// The wanted positions of a lane.
    fn of(&self, lanes: &Lanes, lane: usize) -> &[usize] {
        self.of.get(&lanes.owner(lane)).map_or(&[], Vec::as_slice)
    }
}

/// The part of a gradient that a block of lanes contributes.
pub(crate) struct Part<N> {
    /// `[lane][rank]`
    values: Vec<Vec<N>>,
    pub(crate) injected: Option<Vec<DriveGradient<N>>>,
    pub(crate) commanded: Option<Vec<DriveGradient<N>>>,
}

/// Batch lane and number of a stimulus or clamp, and its derivative at each step.
pub(crate) type DriveGradient<N> = ((usize, usize), Vec<N>);

impl<N: Scalar> Part<N> {
    pub(crate) fn new(lanes: &Lanes, ranks: &Ranks) -> Self {
        Part {
            values: (0..lanes.width())
                .map(|lane| vec![N::default(); ranks.of(lanes, lane).len()])
                .collect(),
            injected: None,
            commanded: None,
        }
    }

    pub(crate) fn add(&mut self, ranks: &Ranks, index: usize, lane: usize, value: N) {
        let rank = ranks.rank[index] as usize;
        if rank > 0 {
            let sum = &mut self.values[lane][rank - 1];
            *sum = *sum + value;
        }
    }
}

impl<N: Scalar> Slopes<N> {
    pub(crate) fn zeros(program: &Program, inputs: &Inputs, wanted: &Wanted) -> Self {
        let drives = |count: usize| vec![N::default(); inputs.lanes * count * inputs.steps];
        Slopes {
            values: vec![N::default(); inputs.lanes * wanted.values.len()],
            stimuli: wanted.stimuli.then(|| drives(program.stimuli.len())),
            clamps: wanted.clamps.then(|| drives(program.clamps.len())),
        }
    }

    /// Adds the part of a block, lane by lane.
    pub(crate) fn add(&mut self, part: Part<N>, lanes: &Lanes, inputs: &Inputs, ranks: &Ranks) {
        let wanted = self.values.len() / inputs.lanes;
        for (lane, values) in part.values.iter().enumerate() {
            let batch = lanes.cell_and_batch(lane).1;
            for (position, value) in ranks.of(lanes, lane).iter().zip(values) {
                let sum = &mut self.values[batch * wanted + position];
                *sum = *sum + *value;
            }
        }
        let steps = inputs.steps;
        let drives = [
            (
                &mut self.stimuli,
                part.injected,
                lanes.program.stimuli.len(),
            ),
            (&mut self.clamps, part.commanded, lanes.program.clamps.len()),
        ];
        for (all, part, count) in drives {
            let (Some(all), Some(part)) = (all.as_mut(), part) else {
                continue;
            };
            for ((batch, drive), values) in part {
                let start = (batch * count + drive) * steps;
                for (to, value) in all[start..start + steps].iter_mut().zip(values) {
                    *to = *to + value;
                }
            }
        }
    }

    /// Adds the derivatives by what lines bring.
    pub(crate) fn add_lines(&mut self, lines: &[LineSlope], inputs: &Inputs, ranks: &Ranks) {
        let wanted = self.values.len() / inputs.lanes;
        for line in lines {
            let rank = ranks.rank[line.index] as usize;
            if rank > 0 {
                self.values[line.batch * wanted + rank - 1] = N::constant(line.value);
            }
        }
    }

    /// The gradient of a lane that diverged is NaN.
    pub(crate) fn forget(&mut self, lane: usize, lanes: usize) {
        let drives = [self.stimuli.as_mut(), self.clamps.as_mut()];
        for values in drives.into_iter().flatten().chain([&mut self.values]) {
            let count = values.len() / lanes;
            values[lane * count..(lane + 1) * count].fill(N::unknown());
        }
    }
}

impl From<Slopes<f64>> for Gradient {
    fn from(slopes: Slopes<f64>) -> Self {
        Gradient {
            values: slopes.values,
            stimuli: slopes.stimuli,
            clamps: slopes.clamps,
        }
    }
}

impl Slopes<Dual<f64>> {
    /// The gradient, and how it moves.
    pub(crate) fn split(self) -> (Gradient, Gradient) {
        (self.each(|dual| dual.value), self.each(|dual| dual.tangent))
    }

    fn each(&self, part: impl Fn(&Dual<f64>) -> f64) -> Gradient {
        let parts = |duals: &Vec<Dual<f64>>| duals.iter().map(&part).collect();
        Gradient {
            values: parts(&self.values),
            stimuli: self.stimuli.as_ref().map(parts),
            clamps: self.clamps.as_ref().map(parts),
        }
    }
}
