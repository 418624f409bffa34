//! What was delivered in each step of a run, so that steps can be run once more, and transposed.

use std::ops::Range;

use super::calendar::Delivery;
use super::watch::Edge;
use crate::vector::Real;

/// Deliveries in the order in which they were made.
#[derive(Default)]
pub(crate) struct Log<T> {
    deliveries: Vec<Delivery>,
    /// What each changed, as it was before: states, then arguments of the connection.
    numbers: Vec<T>,
    /// How many deliveries and numbers there are before each step.
    starts: Vec<(usize, usize)>,
    /// Where surrogates have slopes, and how many there are before each step.
    edges: Vec<Edge>,
    edge_starts: Vec<usize>,
}

impl<T: Real> Log<T> {
    /// Begins a step.
    pub(super) fn begin(&mut self) {
        self.starts
            .push((self.deliveries.len(), self.numbers.len()));
        self.edge_starts.push(self.edges.len());
    }

    /// Keeps an edge, and returns its number.
    pub(super) fn keep_edge(&mut self, edge: Edge) -> u32 {
        self.edges.push(edge);
        self.edges.len() as u32 - 1
    }

    /// How many edges there are.
    pub(super) fn edges(&self) -> usize {
        self.edges.len()
    }

    /// The edges of a step, with their numbers.
    pub(super) fn edges_of(&self, step: usize) -> impl Iterator<Item = (usize, &Edge)> {
        let first = self.edge_starts[step];
        let after = self.edge_starts.get(step + 1).copied();
        let own = &self.edges[first..after.unwrap_or(self.edges.len())];
        own.iter()
            .enumerate()
            .map(move |(index, edge)| (first + index, edge))
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
