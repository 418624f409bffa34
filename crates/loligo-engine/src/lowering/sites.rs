//! Where the compartments and synapses of a model are in its program.

use std::collections::HashMap;

use loligo_model::Shape;

use crate::program::{Population, Site};

/// Finds compartments, and synapses by the mechanism that they are of.
pub(super) struct Sites<'a> {
    shape: &'a Shape,
    /// For each cell its population and its place in it.
    cells: Vec<(usize, usize)>,
    /// By mechanism.
    synapses: HashMap<usize, SynapseSites>,
}

/// Where the synapses of a mechanism are.
struct SynapseSites {
    population: usize,
    /// By synapse its place in the population.
    places: Vec<usize>,
}

impl<'a> Sites<'a> {
    /// Sites of compartments: for each cell its population and its place in it.
    pub(super) fn of_cells(shape: &'a Shape, cells: Vec<(usize, usize)>) -> Self {
        Sites {
            shape,
            cells,
            synapses: HashMap::new(),
        }
    }

    /// Adds those of synapses. Where the synapses of a mechanism are folded, they are where they are whole.
    pub(super) fn add_synapses(&mut self, populations: &[Population]) {
        for (population, synapses) in populations.iter().enumerate() {
            let Some(junctions) = &synapses.junctions else {
                continue;
            };
            let mechanism = self.synapses.entry(junctions.mechanism);
            mechanism.or_insert_with(|| SynapseSites::of(population, &synapses.cells));
        }
    }

    /// Where a compartment is.
    pub(super) fn compartment(&self, compartment: usize) -> Site {
        let cell = self.shape.cell_of(compartment);
        let (population, position) = self.cells[cell];
        Site {
            population,
            cell: position,
            compartment: compartment - self.shape.cells[cell].compartments.start,
        }
    }

    /// Where a row of a mechanism's numbers is, or of others: a synapse, if it is a mechanism of synapses, and
    /// a compartment otherwise.
    pub(super) fn row(&self, mechanism: Option<usize>, row: usize) -> Site {
        match mechanism.and_then(|mechanism| self.synapses.get(&mechanism)) {
            Some(synapses) => synapses.site(row),
            None => self.compartment(row),
        }
    }
}

impl SynapseSites {
    fn of(population: usize, cells: &[usize]) -> Self {
        let mut places = vec![0; cells.len()];
        for (place, synapse) in cells.iter().enumerate() {
            places[*synapse] = place;
        }
        SynapseSites { population, places }
    }

    fn site(&self, synapse: usize) -> Site {
        Site {
            population: self.population,
            cell: self.places[synapse],
            compartment: 0,
        }
    }
}
