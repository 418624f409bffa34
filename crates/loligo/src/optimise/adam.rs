//! Adam: steps of about one learning rate along a gradient averaged over time.

use super::{Optimiser, is_finite};

/// Kingma and Ba (2015), algorithm 1, with its default decay rates.
#[derive(Clone, Debug)]
pub struct Adam {
    learning_rate: f64,
    point: Vec<f64>,
    /// The last point at which everything was finite.
    good: Vec<f64>,
    mean: Vec<f64>,
    square: Vec<f64>,
    steps: i32,
}

const MEAN_DECAY: f64 = 0.9;
const SQUARE_DECAY: f64 = 0.999;
const EPSILON: f64 = 1e-8;

impl Adam {
    /// A walk that starts at a point.
    pub fn new(start: Vec<f64>, learning_rate: f64) -> Self {
        Adam {
            learning_rate,
            mean: vec![0.0; start.len()],
            square: vec![0.0; start.len()],
            good: start.clone(),
            point: start,
            steps: 0,
        }
    }
}

impl Optimiser for Adam {
    fn next(&mut self, value: f64, gradient: &[f64]) -> Vec<f64> {
        if !is_finite(value, gradient) {
            self.learning_rate *= 0.5;
            // halfway back, closer each time
            for (x, good) in self.point.iter_mut().zip(&self.good) {
                *x = 0.5 * (*x + good);
            }
            return self.point.clone();
        }
        self.good.clone_from(&self.point);
        self.steps += 1;
        let mean_bias = 1.0 - MEAN_DECAY.powi(self.steps);
        let square_bias = 1.0 - SQUARE_DECAY.powi(self.steps);
        for (index, &g) in gradient.iter().enumerate() {
            let mean = &mut self.mean[index];
            *mean = MEAN_DECAY * *mean + (1.0 - MEAN_DECAY) * g;
            let square = &mut self.square[index];
            *square = SQUARE_DECAY * *square + (1.0 - SQUARE_DECAY) * g * g;
            let step = (*mean / mean_bias) / ((*square / square_bias).sqrt() + EPSILON);
            self.point[index] -= self.learning_rate * step;
        }
        self.point.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_is_one_learning_rate_long_in_every_direction() {
        let mut adam = Adam::new(vec![1.0, 2.0], 0.1);
        let next = adam.next(1.0, &[1e-3, -50.0]);
        assert!(
            (next[0] - 0.9).abs() < 1e-5 && (next[1] - 2.1).abs() < 1e-5,
            "{next:?}"
        );
    }

    #[test]
    fn a_bowl_is_descended() {
        let mut point = vec![3.0, -2.0];
        let mut adam = Adam::new(point.clone(), 0.1);
        for _ in 0..500 {
            let gradient = [2.0 * point[0], 20.0 * point[1]];
            point = adam.next(point[0].powi(2) + 10.0 * point[1].powi(2), &gradient);
        }
        assert!(point.iter().all(|x| x.abs() < 1e-2), "{point:?}");
    }

    #[test]
    fn a_point_without_a_loss_is_left_again() {
        let mut adam = Adam::new(vec![0.0], 1.0);
        let there = adam.next(1.0, &[-1.0]);
        let back = adam.next(f64::NAN, &[f64::NAN]);
        assert!(back[0] < there[0] && back[0] > 0.0);
    }
}
