//! What was delivered in each step of a run, so that steps can be run once more, and transposed.

use std::ops::Range;

use super::calendar::Delivery;
use crate::vector::Real;

/// Deliveries in the order in which they were made.
#[derive(Default)]
pub(crate) struct Log<T> {
    deliveries: Vec<Delivery>,
    /// What each changed, as it was before: states, then arguments of the connection.
    numbers: Vec<T>,
    /// How many deliveries and numbers there are before each step.
    starts: Vec<(usize, usize)>,
}

impl<T: Real> Log<T> {
    /// Begins a step.
    pub(super) fn begin(&mut self) {
        self.starts.push((self.deliveries.len(), self.numbers.len()));
    }

    pub(super) fn deliver(&mut self, delivery: Delivery) {
        self.deliveries.push(delivery);
    }

    pub(super) fn keep(&mut self, number: T) {
        self.numbers.push(number);
    }

    /// Where the deliveries of a step are, and where its numbers start.
    pub(super) fn of_step(&self, step: usize) -> (Range<usize>, usize) {
        let (first, number) = self.starts[step];
        let after = self.starts.get(step + 1);
        let last = after.map_or(self.deliveries.len(), |(last, _)| *last);
        (first..last, number)
    }

    pub(super) fn delivery(&self, index: usize) -> Delivery {
        self.deliveries[index]
    }

    pub(super) fn number(&self, at: usize) -> T {
        self.numbers[at]
    }
}
