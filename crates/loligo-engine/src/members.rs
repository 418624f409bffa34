//! Where compartments of cells, in lanes of a batch, are among the blocks of a crew.

use std::collections::HashMap;

use crate::block::Block;
use crate::program::Site;
use crate::vector::Real;

/// The members of a crew by what is in them.
pub(crate) struct Members<'m, T: Real> {
    /// Of each population the members, in the order of their lanes.
    of: HashMap<usize, Vec<(usize, &'m Block<T>)>>,
}

impl<'m, T: Real> Members<'m, T> {
    /// Those blocks, in the order of the members.
    pub(crate) fn new(blocks: impl Iterator<Item = &'m Block<T>>) -> Self {
        let mut of: HashMap<usize, Vec<(usize, &Block<T>)>> = HashMap::new();
        for (member, block) in blocks.enumerate() {
            let of_population = of.entry(block.lanes.index).or_default();
            of_population.push((member, block));
        }
        Members { of }
    }

    /// The member that a site of a lane of the batch is in, and its position in an array over nodes.
    pub(crate) fn place(&self, site: &Site, batch: usize) -> (usize, usize) {
        let Some(of_population) = self.of.get(&site.population) else {
            unreachable!("a crew has the cells that its synapses join");
        };
        let cells = of_population[0].1.lanes.population().cells.len();
        let lane = batch * cells + site.cell;
        let after = of_population.partition_point(|(_, block)| block.lanes.range.start <= lane);
        let (member, block) = of_population[after - 1];
        let position = block.layout.offset[site.compartment] + lane - block.lanes.range.start;
        (member, position)
    }
}
