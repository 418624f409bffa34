//! What was delivered in each step of a run, so that steps can be run once more, and transposed.

use std::ops::Range;

use super::calendar::Delivery;
use super::watch::Edge;
use crate::vector::Real;

/// A list that grows by pieces: nothing is copied, and never are two copies held, when it outgrows its room.
struct Pieces<T>(Vec<Vec<T>>);

/// How many of its elements a piece has.
const PIECE: usize = 256;

impl<T> Pieces<T> {
    fn push(&mut self, element: T) {
        match self.0.last_mut() {
            Some(last) if last.len() < PIECE => last.push(element),
            _ => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(element);
                self.0.push(piece);
            }
        }
    }

    fn get(&self, index: usize) -> &T {
        &self.0[index / PIECE][index % PIECE]
    }

    fn len(&self) -> usize {
        let before = self.0.len().saturating_sub(1) * PIECE;
        before + self.0.last().map_or(0, Vec::len)
    }

    fn bytes(&self) -> usize {
        self.0.len() * PIECE * size_of::<T>()
    }
}

impl<T> Default for Pieces<T> {
    fn default() -> Self {
        Pieces(Vec::new())
    }
}

/// Steps for which there is room from the beginning.
const MOST_AT_ONCE: usize = 1 << 20;

/// Deliveries in the order in which they were made.
#[derive(Default)]
pub(crate) struct Log<T> {
    deliveries: Pieces<Delivery>,
    /// What each changed, as it was before: states, then arguments of the connection.
    numbers: Pieces<T>,
    /// How many deliveries and numbers there are before each step.
    starts: Vec<(usize, usize)>,
    /// Where surrogates have slopes, and how many there are before each step.
    edges: Pieces<Edge>,
    edge_starts: Vec<usize>,
}

impl<T: Real> Log<T> {
    /// A log of so many steps.
    pub(super) fn of_steps(steps: usize) -> Self {
        // who asks for more steps than memory has room for stops the run before
        let room = steps.min(MOST_AT_ONCE);
        Log {
            starts: Vec::with_capacity(room),
            edge_starts: Vec::with_capacity(room),
            ..Log::default()
        }
    }

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
        let own = first..after.unwrap_or(self.edges.len());
        own.map(|index| (index, self.edges.get(index)))
    }

    pub(super) fn deliver(&mut self, delivery: Delivery) {
        self.deliveries.push(delivery);
    }

    pub(super) fn keep(&mut self, number: T) {
        self.numbers.push(number);
    }

    /// How much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.deliveries.bytes()
            + self.numbers.bytes()
            + self.edges.bytes()
            + size_of_val(&self.starts[..])
            + size_of_val(&self.edge_starts[..])
    }

    /// Where the deliveries of a step are, and where its numbers start.
    pub(super) fn of_step(&self, step: usize) -> (Range<usize>, usize) {
        let (first, number) = self.starts[step];
        let after = self.starts.get(step + 1);
        let last = after.map_or(self.deliveries.len(), |(last, _)| *last);
        (first..last, number)
    }

    pub(super) fn delivery(&self, index: usize) -> Delivery {
        *self.deliveries.get(index)
    }

    pub(super) fn number(&self, at: usize) -> T {
        *self.numbers.get(at)
    }
}
