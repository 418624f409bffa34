//! L-BFGS: curvature learnt from the last few gradients, steps shortened until the loss falls.

use std::collections::VecDeque;

use super::{Optimiser, dot, is_finite};

/// How many pairs of steps and changes of the gradient are kept.
const MEMORY: usize = 10;

/// A step must lower the loss by this part of what the slope promises (Armijo).
const SUFFICIENT: f64 = 1e-4;

/// So many times a step is halved before the curvature is forgotten.
const HALVINGS: u32 = 20;

/// Nocedal and Wright (2006), algorithm 7.5 with a line search that halves the step; a pair enters
/// the memory only if it has positive curvature.
#[derive(Clone, Debug)]
pub struct Lbfgs {
    /// Step and change of the gradient, latest last.
    pairs: VecDeque<(Vec<f64>, Vec<f64>)>,
    /// The best point so far, with its loss and gradient.
    best: Option<(Vec<f64>, f64, Vec<f64>)>,
    direction: Vec<f64>,
    length: f64,
    halvings: u32,
    first_step: f64,
    point: Vec<f64>,
    done: bool,
}

impl Lbfgs {
    /// A walk that starts at a point; its first step has the length `first_step`.
    pub fn new(start: Vec<f64>, first_step: f64) -> Self {
        Lbfgs {
            pairs: VecDeque::new(),
            best: None,
            direction: Vec::new(),
            length: 1.0,
            halvings: 0,
            first_step,
            point: start,
            done: false,
        }
    }

    /// The way down from the best point: the two-loop recursion.
    fn direction(&self, gradient: &[f64]) -> Vec<f64> {
        let mut q = gradient.to_vec();
        let mut weights = Vec::with_capacity(self.pairs.len());
        for (step, change) in self.pairs.iter().rev() {
            let weight = dot(step, &q) / dot(step, change);
            add(&mut q, -weight, change);
            weights.push(weight);
        }
        if let Some((step, change)) = self.pairs.back() {
            let scale = dot(step, change) / dot(change, change);
            q.iter_mut().for_each(|x| *x *= scale);
        } else {
            let norm = dot(&q, &q).sqrt();
            let scale = if norm > 0.0 {
                self.first_step / norm
            } else {
                0.0
            };
            q.iter_mut().for_each(|x| *x *= scale);
        }
        for ((step, change), weight) in self.pairs.iter().zip(weights.iter().rev()) {
            let back = dot(change, &q) / dot(step, change);
            add(&mut q, weight - back, step);
        }
        q.iter_mut().for_each(|x| *x = -*x);
        q
    }

    fn accept(&mut self, value: f64, gradient: &[f64]) {
        if let Some((point, _, last)) = &self.best {
            let step: Vec<f64> = self.point.iter().zip(point).map(|(a, b)| a - b).collect();
            let change: Vec<f64> = gradient.iter().zip(last).map(|(a, b)| a - b).collect();
            let curvature = dot(&step, &change);
            if curvature > 1e-10 * dot(&change, &change) {
                self.pairs.push_back((step, change));
                if self.pairs.len() > MEMORY {
                    self.pairs.pop_front();
                }
            }
        }
        self.best = Some((self.point.clone(), value, gradient.to_vec()));
        self.direction = self.direction(gradient);
        self.length = 1.0;
        self.halvings = 0;
    }

    fn falls_enough(&self, value: f64) -> bool {
        match &self.best {
            None => true,
            Some((_, best, gradient)) => {
                let promised = self.length * dot(gradient, &self.direction);
                value <= best + SUFFICIENT * promised
            }
        }
    }
}

impl Optimiser for Lbfgs {
    fn next(&mut self, value: f64, gradient: &[f64]) -> Vec<f64> {
        if is_finite(value, gradient) && self.falls_enough(value) {
            self.accept(value, gradient);
        } else {
            self.length *= 0.5;
            self.halvings += 1;
            if self.halvings > HALVINGS {
                // not downhill after all: start anew along the gradient, or give up
                self.done |= self.pairs.is_empty();
                self.pairs.clear();
                if let Some((_, _, gradient)) = &self.best {
                    self.direction = self.direction(gradient);
                }
                self.length = 1.0;
                self.halvings = 0;
            }
        }
        if let Some((best, _, _)) = &self.best {
            self.point.clone_from(best);
            add(&mut self.point, self.length, &self.direction);
        }
        self.point.clone()
    }

    fn is_done(&self) -> bool {
        self.done
    }
}

fn add(to: &mut [f64], times: f64, what: &[f64]) {
    for (x, w) in to.iter_mut().zip(what) {
        *x += times * w;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock (1960), whose minimum is at (1, 1).
    fn valley(p: &[f64]) -> (f64, [f64; 2]) {
        let (a, b) = (1.0 - p[0], p[1] - p[0] * p[0]);
        let value = a * a + 100.0 * b * b;
        (value, [-2.0 * a - 400.0 * p[0] * b, 200.0 * b])
    }

    #[test]
    fn the_bottom_of_a_curved_valley_is_found() {
        let mut point = vec![-1.2, 1.0];
        let mut lbfgs = Lbfgs::new(point.clone(), 0.1);
        let mut calls = 0;
        while valley(&point).0 > 1e-12 {
            let (value, gradient) = valley(&point);
            point = lbfgs.next(value, &gradient);
            calls += 1;
            assert!(calls < 200, "{point:?}");
        }
        assert!(point.iter().all(|x| (x - 1.0).abs() < 1e-5), "{point:?}");
    }

    #[test]
    fn steps_into_nothing_are_shortened() {
        // log x has no value left of 0
        let mut point = vec![0.5];
        let mut lbfgs = Lbfgs::new(point.clone(), 5.0);
        for _ in 0..60 {
            let x: f64 = point[0];
            let value = if x > 0.0 { x - 0.1 * x.ln() } else { f64::NAN };
            point = lbfgs.next(value, &[1.0 - 0.1 / x]);
        }
        assert!((point[0] - 0.1).abs() < 1e-6, "{point:?}");
    }

    #[test]
    fn at_the_bottom_it_is_done() {
        let mut lbfgs = Lbfgs::new(vec![0.0], 1.0);
        for _ in 0..50 {
            let next = lbfgs.next(0.0, &[0.0]);
            assert_eq!(next, [0.0]);
        }
    }
}
