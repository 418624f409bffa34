//! Conditions that mechanisms watch (NMODL: WATCH): an event is sent when one rises above 0.

use std::collections::BTreeMap;

use super::calendar::{Delivery, NO_LINE};
use super::lines::Lines;
use super::room::{LANES, Room, States, carry, code_of, kernel};
use crate::block::{Block, Slots};
use crate::code::{Handling, Sent, sent};
use crate::kernel::Kernel;
use crate::vector::Real;

/// NEURON's: a condition that is so little below 0 as it begins to be watched is above it.
const NEARLY: f64 = -1e-11;

/// The conditions that a mechanism of a group watches.
pub(super) struct Lookout<T: Real> {
    room: Room<T>,
    /// None if the mechanism watches nothing.
    rises: Option<Kernel<T>>,
    /// Where each condition is in the room.
    places: Vec<usize>,
    /// By element, by condition.
    watched: BTreeMap<u32, Vec<Option<Watched>>>,
}

/// A condition that is watched.
#[derive(Clone, Copy)]
struct Watched {
    flag: f64,
    /// Whether it was above 0.
    above: bool,
}

impl<T: Real> Lookout<T> {
    pub(super) fn new(block: &Block<T>, group: usize, handler: usize) -> Self {
        let count = code_of(block, group).handlers[handler].watches;
        let mut room = Room::new();
        let kernel = |room: &mut Room<T>| kernel(block, group, handler, Handling::Watch, room);
        let rises = (count > 0).then(|| kernel(&mut room));
        let places = (0..count).filter_map(|index| room.known(&sent(index, Sent::Delay)));
        Lookout {
            places: places.collect(),
            room,
            rises,
            watched: BTreeMap::new(),
        }
    }

    /// Takes up what an event begins to watch: of each condition whether it does, how far it is above 0,
    /// and its flag. What was watched before is forgotten then.
    pub(super) fn begin(&mut self, delivery: &Delivery, begun: impl Iterator<Item = [f64; 3]>) {
        let watched: Vec<Option<Watched>> = begun
            .map(|[condition, above, flag]| {
                let watched = Watched {
                    flag,
                    above: above >= NEARLY,
                };
                (condition != 0.0).then_some(watched)
            })
            .collect();
        if watched.iter().any(Option::is_some) {
            self.watched.insert(delivery.element, watched);
        }
    }

    /// Events of conditions that have risen above 0 as a step begins.
    pub(super) fn look(
        &mut self,
        block: &Block<T>,
        group: usize,
        slots: Slots,
        (desk, time): (u32, f64),
        lines: &Lines<T>,
        mut follow: impl FnMut(Delivery),
    ) {
        let Some(rises) = &mut self.rises else { return };
        let of = |element: &u32| Delivery {
            time,
            sent: time,
            ..Delivery::at_start(desk, *element, NO_LINE)
        };
        let all: Vec<Delivery> = self.watched.keys().map(of).collect();
        for chunk in all.chunks(LANES) {
            carry(
                &mut self.room,
                block,
                group,
                slots,
                chunk,
                lines,
                States::Halfway,
            );
            rises.run_over(chunk.len(), &mut self.room.numbers, &mut []);
            for (lane, delivery) in chunk.iter().enumerate() {
                let conditions = self
                    .watched
                    .get_mut(&delivery.element)
                    .into_iter()
                    .flatten();
                for (condition, at) in conditions.zip(&self.places) {
                    let Some(watched) = condition else { continue };
                    let above = self.room.numbers[at + lane].to_f64() > 0.0;
                    if above && !watched.above {
                        follow(Delivery {
                            flag: watched.flag,
                            ..*delivery
                        });
                    }
                    watched.above = above;
                }
            }
        }
    }
}
