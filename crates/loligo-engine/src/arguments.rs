//! Arrays that somebody else's program hands to a run: where their numbers go, and which gradients and
//! directions are theirs.
//!
//! An array is flat and in C order: with a batch axis `[lane][…]`, otherwise `[…]`.

use crate::direction::Direction;
use crate::gradient::Gradient;
use crate::inputs::{Drive, Inputs, LaneValues};
use crate::reverse::Wanted;

/// What the numbers of an array are for.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// Numbers of the model, `[number]`.
    Values {
        /// Places in [`Inputs::values`].
        places: Vec<usize>,
        /// For each place which number goes there.
        numbers: Vec<usize>,
        /// How many numbers there are.
        count: usize,
    },
    /// Currents, `[stimulus][step]`, or `[step]` for all of them.
    Stimuli {
        /// The first stimulus.
        first: usize,
        /// How many there are.
        count: usize,
        /// Whether each has its own current.
        each: bool,
        /// How many steps the array has; what is behind the last step of the run is ignored, and after
        /// the last one of the array there is no current.
        steps: usize,
    },
}

/// An array that a run takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// What it is for.
    pub purpose: Purpose,
    /// Whether its first axis counts the lanes of the batch.
    pub batched: bool,
}

impl Argument {
    /// How many numbers the array has, in a run of so many lanes.
    pub fn len(&self, lanes: usize) -> usize {
        self.row() * if self.batched { lanes } else { 1 }
    }

    /// How many numbers there are without the batch axis.
    fn row(&self) -> usize {
        match &self.purpose {
            Purpose::Values { count, .. } => *count,
            Purpose::Stimuli {
                count, each, steps, ..
            } => steps * if *each { *count } else { 1 },
        }
    }

    /// The numbers of a lane.
    fn of_lane<'a>(&self, array: &'a [f64], lane: usize) -> &'a [f64] {
        let row = self.row();
        let start = if self.batched { lane * row } else { 0 };
        &array[start..start + row]
    }

    /// Puts the numbers of the array where they belong.
    ///
    /// # Panics
    /// If the array has not [`Argument::len`] numbers, or the run has no such places or stimuli.
    pub fn put(&self, array: &[f64], inputs: &mut Inputs) {
        let lanes = inputs.lanes;
        match &self.purpose {
            Purpose::Values {
                places, numbers, ..
            } if self.batched => {
                let lanes = (0..lanes).map(|lane| self.of_lane(array, lane));
                let values = lanes.flat_map(|row| numbers.iter().map(|number| row[*number]));
                inputs.lane_values.push(LaneValues {
                    indices: places.clone(),
                    values: values.collect(),
                });
            }
            Purpose::Values {
                places, numbers, ..
            } => {
                for (place, number) in places.iter().zip(numbers) {
                    inputs.values[*place] = array[*number];
                }
            }
            Purpose::Stimuli {
                first,
                count,
                each,
                steps,
            } => {
                for index in 0..*count {
                    let start = if *each { index * steps } else { 0 };
                    let own = |lane: usize| &self.of_lane(array, lane)[start..start + steps];
                    inputs.stimuli[first + index] = match self.batched {
                        true => Drive::LaneSamples((0..lanes).flat_map(own).copied().collect()),
                        false => Drive::Samples(own(0).to_vec()),
                    };
                }
            }
        }
    }

    /// Adds its part of a gradient, whose wanted values from `first` on are those of its places. Returns
    /// the first one behind them.
    fn take(&self, gradient: &Gradient, first: usize, shape: Shape, to: &mut [f64]) -> usize {
        let row = self.row();
        let wanted = gradient.values.len() / shape.lanes;
        for lane in 0..shape.lanes {
            let start = if self.batched { lane * row } else { 0 };
            let to = &mut to[start..start + row];
            match &self.purpose {
                Purpose::Values { numbers, .. } => {
                    let own = &gradient.values[lane * wanted + first..];
                    for (number, slope) in numbers.iter().zip(own) {
                        to[*number] += slope;
                    }
                }
                Purpose::Stimuli {
                    first,
                    count,
                    each,
                    steps,
                } => {
                    let all = gradient.stimuli.as_deref().unwrap_or(&[]);
                    for index in 0..*count {
                        let own = (lane * shape.stimuli + first + index) * shape.steps;
                        let start = if *each { index * steps } else { 0 };
                        let own = &all[own..own + shape.steps];
                        for (to, slope) in to[start..start + steps].iter_mut().zip(own) {
                            *to += slope;
                        }
                    }
                }
            }
        }
        match &self.purpose {
            Purpose::Values { places, .. } => first + places.len(),
            Purpose::Stimuli { .. } => first,
        }
    }
}

/// How large the arrays of a gradient are.
#[derive(Clone, Copy)]
struct Shape {
    lanes: usize,
    stimuli: usize,
    steps: usize,
}

impl Shape {
    fn of(inputs: &Inputs) -> Self {
        Shape {
            lanes: inputs.lanes,
            stimuli: inputs.stimuli.len(),
            steps: inputs.steps,
        }
    }
}

/// What is asked of a gradient so that it has all of these arrays in it.
pub fn wanted<'a>(arguments: impl Iterator<Item = &'a Argument>) -> Wanted {
    let mut wanted = Wanted::default();
    for argument in arguments {
        match &argument.purpose {
            Purpose::Values { places, .. } => wanted.values.extend(places),
            Purpose::Stimuli { .. } => wanted.stimuli = true,
        }
    }
    wanted
}

/// The gradient with respect to each of these arrays, of one with what [`wanted`] asks for.
pub fn gradients<'a>(
    arguments: impl Iterator<Item = &'a Argument>,
    gradient: &Gradient,
    inputs: &Inputs,
) -> Vec<Vec<f64>> {
    let mut first = 0;
    let parts = arguments.map(|argument| {
        let mut part = vec![0.0; argument.len(inputs.lanes)];
        first = argument.take(gradient, first, Shape::of(inputs), &mut part);
        part
    });
    parts.collect()
}

/// The direction in which a run moves with these arrays, each of which moves by the array beside it: the
/// transpose of [`gradients`].
pub fn direction<'a>(
    moving: impl Iterator<Item = (&'a Argument, &'a [f64])> + Clone,
    inputs: &Inputs,
) -> Direction {
    let Wanted {
        values: places,
        stimuli,
        ..
    } = wanted(moving.clone().map(|(argument, _)| argument));
    let shape = Shape::of(inputs);
    let mut values = Vec::with_capacity(shape.lanes * places.len());
    let mut currents = stimuli.then(|| vec![0.0; shape.lanes * shape.stimuli * shape.steps]);
    for lane in 0..shape.lanes {
        for (argument, array) in moving.clone() {
            let own = argument.of_lane(array, lane);
            match (&argument.purpose, &mut currents) {
                (Purpose::Values { numbers, .. }, _) => {
                    values.extend(numbers.iter().map(|number| own[*number]));
                }
                (
                    Purpose::Stimuli {
                        first,
                        count,
                        each,
                        steps,
                    },
                    Some(currents),
                ) => {
                    for index in 0..*count {
                        let start = if *each { index * steps } else { 0 };
                        let to = (lane * shape.stimuli + first + index) * shape.steps;
                        let to = currents[to..to + shape.steps].iter_mut();
                        to.zip(&own[start..start + steps])
                            .for_each(|(to, by)| *to = *by);
                    }
                }
                (Purpose::Stimuli { .. }, None) => {}
            }
        }
    }
    Direction {
        places,
        values,
        stimuli: currents,
        clamps: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const LANES: usize = 2;
    const STEPS: usize = 4;

    fn inputs() -> Inputs {
        Inputs {
            dt: 0.025,
            steps: STEPS,
            lanes: LANES,
            values: vec![0.0; 6],
            lane_values: Vec::new(),
            stimuli: vec![Drive::Samples(Vec::new()); 3],
            clamps: Vec::new(),
            trains: BTreeMap::new(),
            seed: 0,
            record_every: 1,
            surrogate: None,
            cuts: Vec::new(),
            goes_on: false,
            keeps_end: false,
        }
    }

    fn values(batched: bool) -> Argument {
        Argument {
            purpose: Purpose::Values {
                places: vec![5, 0, 3],
                numbers: vec![1, 0, 1],
                count: 2,
            },
            batched,
        }
    }

    fn stimuli(batched: bool, each: bool, steps: usize) -> Argument {
        Argument {
            purpose: Purpose::Stimuli {
                first: 1,
                count: 2,
                each,
                steps,
            },
            batched,
        }
    }

    /// All kinds of arguments, with arrays that fit.
    fn all() -> Vec<(Argument, Vec<f64>)> {
        let kinds = [
            values(false),
            values(true),
            stimuli(false, false, 3),
            stimuli(true, true, 6),
            stimuli(true, false, 4),
        ];
        let arrays = kinds.into_iter().map(|argument| {
            let len = argument.len(LANES);
            let array = (0..len).map(|i| (i as f64 * 1.7 + len as f64).sin());
            let array = array.collect();
            (argument, array)
        });
        arrays.collect()
    }

    #[test]
    fn numbers_go_to_all_places_that_share_them() {
        let mut inputs = inputs();
        values(false).put(&[7.0, 8.0], &mut inputs);
        assert_eq!(inputs.values, [7.0, 0.0, 0.0, 8.0, 0.0, 8.0]);
        values(true).put(&[1.0, 2.0, 3.0, 4.0], &mut inputs);
        let lanes = &inputs.lane_values[0];
        assert_eq!(lanes.indices, [5, 0, 3]);
        assert_eq!(lanes.values, [2.0, 1.0, 2.0, 4.0, 3.0, 4.0]);
    }

    #[test]
    fn currents_go_to_their_stimuli() {
        let mut inputs = inputs();
        stimuli(false, false, 2).put(&[1.0, 2.0], &mut inputs);
        assert_eq!(inputs.stimuli[0], Drive::Samples(Vec::new()));
        assert_eq!(inputs.stimuli[1..], vec![Drive::Samples(vec![1.0, 2.0]); 2]);
        let own: Vec<f64> = (0..8).map(f64::from).collect();
        stimuli(true, true, 2).put(&own, &mut inputs);
        assert_eq!(
            inputs.stimuli[2],
            Drive::LaneSamples(vec![2.0, 3.0, 6.0, 7.0])
        );
    }

    /// For any gradient g and any move m of the arrays, what they make of each other is the same number.
    #[test]
    fn directions_are_the_transpose_of_gradients() {
        let inputs = inputs();
        for (argument, array) in all() {
            let one = || std::iter::once(&argument);
            let wanted = wanted(one());
            let gradient = Gradient {
                values: (0..LANES * wanted.values.len())
                    .map(|i| (i as f64 + 0.3).cos())
                    .collect(),
                stimuli: wanted.stimuli.then(|| {
                    let all = 0..LANES * inputs.stimuli.len() * STEPS;
                    all.map(|i| (i as f64 + 0.7).cos()).collect()
                }),
                clamps: None,
            };
            let direction = direction(one().map(|a| (a, &array[..])), &inputs);
            let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
            let pairs = gradient.stimuli.as_ref().zip(direction.stimuli.as_ref());
            let through = dot(&gradient.values, &direction.values)
                + pairs.map_or(0.0, |(gradient, moves)| dot(gradient, moves));
            let own = &gradients(one(), &gradient, &inputs)[0];
            let off = (dot(own, &array) - through).abs();
            assert!(off < 1e-12, "{argument:?}: {off}");
        }
    }
}
