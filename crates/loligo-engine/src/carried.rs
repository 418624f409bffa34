//! The state of a whole run as a list of numbers: what one run ends with, and another goes on from.
//!
//! Of each cell the voltages of its compartments, then each state of each group; of each synapse its
//! states. A number has a place in [`crate::Inputs::values`], where it is given to the run that goes on.

use std::sync::Mutex;

use loligo_model::Quantity;

use crate::block::Block;
use crate::lanes::Lanes;
use crate::program::{Code, Part, Population, Program};
use crate::vector::Real;

/// The names of what steps carry on beside the states that users can name: each gets a quantity.
pub(crate) fn name_the_rest(
    codes: &mut [Code],
    populations: &[Population],
) -> Vec<(Quantity, String)> {
    let mut carried: Vec<(Quantity, String)> = Vec::new();
    for population in populations.iter().filter(|p| has_state(p)) {
        let mechanism = population.junctions.as_ref().map(|j| j.mechanism);
        for group in &population.groups {
            let code = &mut codes[group.code];
            // what is played is no part of the state, but given anew
            let own = code.own_states();
            for (state, name) in code.states[..own].iter_mut().zip(&code.state_names) {
                if state.is_some() {
                    continue;
                }
                let known = carried.iter().find(|(of, own)| {
                    matches!(of, Quantity::Carried { mechanism: by, .. } if *by == mechanism)
                        && own == name
                });
                let quantity = known.map(|(quantity, _)| *quantity);
                *state = Some(quantity.unwrap_or_else(|| {
                    let quantity = Quantity::Carried {
                        mechanism,
                        number: carried.len(),
                    };
                    carried.push((quantity, name.clone()));
                    quantity
                }));
            }
        }
    }
    carried
}

/// Whether a population has the state of what is in it; of synapses that are folded others have it.
fn has_state(population: &Population) -> bool {
    matches!(population.part(), None | Some(Part::Whole | Part::Gaps))
}

impl Population {
    /// How many numbers the state of each of its cells, or synapses, has.
    fn numbers_of_a_cell(&self, codes: &[Code]) -> usize {
        if !has_state(self) {
            return 0;
        }
        let of_groups = self.groups.iter();
        let of_groups = of_groups.map(|g| codes[g.code].own_states() * g.compartments.len());
        self.voltages() + of_groups.sum::<usize>()
    }

    /// How many of them are voltages: a synapse has none of its own.
    fn voltages(&self) -> usize {
        match self.junctions {
            None => self.tree.compartments,
            Some(_) => 0,
        }
    }
}

impl Program {
    /// How many numbers a state has: see [`Program::state_places`].
    pub fn state_len(&self) -> usize {
        self.first_numbers().1
    }

    /// The first number of each population, and how many there are in all.
    fn first_numbers(&self) -> (Vec<usize>, usize) {
        let mut len = 0;
        let first = self.populations.iter().map(|population| {
            let first = len;
            len += population.cells.len() * population.numbers_of_a_cell(&self.codes);
            first
        });
        (first.collect(), len)
    }

    /// For each number of a state, in the order of [`crate::Recordings::end`], its place in
    /// [`crate::Inputs::values`], where a run that goes on is given it.
    pub fn state_places(&self) -> Vec<usize> {
        let mut places = Vec::with_capacity(self.state_len());
        for population in self.populations.iter().filter(|p| has_state(p)) {
            for &first in &population.cells {
                let mut add = |quantity: Option<Quantity>, compartment: usize| {
                    let row = first + compartment;
                    let place = quantity.and_then(|quantity| self.layout.index(quantity, row));
                    places.extend(place);
                };
                for compartment in 0..population.voltages() {
                    add(Some(Quantity::InitialVoltage), compartment);
                }
                for group in &population.groups {
                    let code = &self.codes[group.code];
                    for state in &code.states[..code.own_states()] {
                        for &compartment in &group.compartments {
                            add(*state, compartment);
                        }
                    }
                }
            }
        }
        places
    }
}

/// The numbers of the states that a run ends with, `[lane][number]`, to be filled by its blocks.
pub(crate) struct End<T> {
    numbers: Mutex<Vec<T>>,
}

impl<T: Real> End<T> {
    /// Room for so many numbers; unknown as long as they are not written.
    pub(crate) fn new(len: usize) -> Self {
        End {
            numbers: Mutex::new(vec![T::from_f64(f64::NAN); len]),
        }
    }

    pub(crate) fn finish(self) -> Vec<T> {
        let numbers = self.numbers.into_inner();
        numbers.unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Writes down the numbers of a block whose state is in a slot.
    pub(crate) fn write(&self, block: &Block<T>, slot: usize) {
        let numbers = numbers_of(block);
        let mut all = self.numbers.lock();
        let all = all.as_mut().map(|all| &mut all[..]);
        let all = all.unwrap_or_default();
        for (at, number) in numbers {
            all[number] = block.workspace[slot + at];
        }
    }

    /// Forgets the numbers of a lane, of so many.
    pub(crate) fn forget(&self, lane: usize, lanes: usize) {
        if let Ok(mut all) = self.numbers.lock() {
            let len = all.len() / lanes.max(1);
            all[lane * len..(lane + 1) * len].fill(T::from_f64(f64::NAN));
        }
    }
}

/// The numbers of a block: where they are in a slot, and which they are, `[lane][number]`.
pub(crate) fn numbers_of<T: Real>(block: &Block<T>) -> Vec<(usize, usize)> {
    let Lanes { program, index, .. } = &block.lanes;
    let population = block.lanes.population();
    if !has_state(population) {
        return Vec::new();
    }
    let of_a_cell = population.numbers_of_a_cell(&program.codes);
    let (first, len) = program.first_numbers();
    let mut numbers = Vec::with_capacity(of_a_cell * block.lanes.width());
    for lane in 0..block.lanes.width() {
        let (cell, batch) = block.lanes.cell_and_batch(lane);
        let mut number = batch * len + first[*index] + cell * of_a_cell;
        let mut add = |at: usize| {
            numbers.push((at, number));
            number += 1;
        };
        for compartment in 0..population.voltages() {
            add(block.layout.offset[compartment] + lane);
        }
        for (group, states) in block.memory.states.iter().enumerate() {
            let start = block.layout.groups[group].start;
            let own = program.codes[population.groups[group].code].own_states();
            for state in &states[..own] {
                for compartment in &population.groups[group].compartments {
                    add(state + block.layout.offset[*compartment] + lane - start);
                }
            }
        }
    }
    numbers
}
