//! The connections of a crew to one mechanism: a *line* is a connection in a lane of the batch.

use std::collections::HashMap;
use std::ops::Range;

use loligo_model::Quantity;

use super::calendar::Delivery;
use super::network::Projection;
use crate::inputs::LaneLookup;
use crate::layout::ValueLayout;
use crate::vector::Real;

/// The lines of a projection, `[batch lane of the crew][connection]`, where connections are in the order of
/// sources: what a spike reads lies together.
pub(super) struct Lines<T> {
    /// How many connections there are in each lane of the batch.
    pub(super) connections: usize,
    /// ms
    pub(super) delays: Vec<f64>,
    /// Desk and element that each goes to.
    pub(super) targets: Vec<(u32, u32)>,
    /// What each brings, `[argument][line]`.
    pub(super) arguments: Vec<Vec<T>>,
    /// The lines that go to each desk and element, where a mechanism changes what all of them bring.
    pub(super) onto: HashMap<(u32, u32), Vec<u32>>,
}

impl<T: Real> Lines<T> {
    /// The lines of so many lanes of the batch; `target` says where a connection of a lane goes.
    pub(super) fn new(
        projection: &Projection,
        layout: &ValueLayout,
        lookup: &LaneLookup<'_>,
        batches: Range<usize>,
        target: impl Fn(usize, usize) -> (u32, u32),
    ) -> Self {
        let connections = projection.targets.len();
        let all = batches.clone();
        let in_order = projection.by_source();
        let all = all.flat_map(|batch| in_order.iter().map(move |row| (batch, *row as usize)));
        let mut lines = Lines {
            connections,
            delays: Vec::new(),
            targets: all.map(|(batch, row)| target(batch, row)).collect(),
            arguments: Vec::new(),
            onto: HashMap::new(),
        };
        lines.reset(projection, layout, lookup, batches);
        lines
    }

    /// An event at t = 0 through each line that goes to a desk.
    pub(super) fn all_to(&self, desk: u32) -> Vec<Delivery> {
        let targets = self.targets.iter().enumerate();
        let here = targets.filter(|(_, (of, _))| *of == desk);
        here.map(|(line, (_, element))| Delivery::at_start(desk, *element, line as u32))
            .collect()
    }

    /// Notes which lines go to the elements of a desk.
    pub(super) fn note_targets(&mut self, desk: u32) {
        for (line, target) in self.targets.iter().enumerate() {
            if target.0 == desk {
                self.onto.entry(*target).or_default().push(line as u32);
            }
        }
    }

    /// Lets each bring what its connection was made with.
    pub(super) fn reset(
        &mut self,
        projection: &Projection,
        layout: &ValueLayout,
        lookup: &LaneLookup<'_>,
        batches: Range<usize>,
    ) {
        let column = |quantity: Quantity| -> Vec<f64> {
            let first = layout.index(quantity, 0).unwrap_or_default();
            let rows = batches.clone().flat_map(|batch| {
                let in_order = projection.by_source().iter();
                in_order.map(move |row| lookup.value(first + *row as usize, batch))
            });
            rows.collect()
        };
        let mechanism = projection.mechanism;
        let delays = column(Quantity::Delay { mechanism });
        let arguments = (0..projection.arguments).map(|argument| {
            let quantity = Quantity::Argument {
                mechanism,
                argument,
            };
            column(quantity).into_iter().map(T::from_f64).collect()
        });
        self.arguments = arguments.collect();
        self.delays = delays;
    }
}
