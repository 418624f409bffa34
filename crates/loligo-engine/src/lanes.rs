//! A block of lanes of one population, and where their numbers lie in memory.
//!
//! An array over nodes is `[region][node][lane]`: each group of compartments is a region, padded to
//! whole vectors, and the branch points are the last one.

use std::ops::Range;
use std::sync::Arc;

use loligo_mechanism::mechanism::Course;
use loligo_model::Quantity;

use crate::inputs::LaneLookup;
use crate::program::{Population, Program, Site};
use crate::vector::Real;

/// Which lanes a block has.
///
/// Lane k of a population is cell k mod (number of cells), of batch lane k div (number of cells).
#[derive(Clone, Debug)]
pub(crate) struct Lanes {
    pub(crate) program: Arc<Program>,
    /// Position in the program's populations.
    pub(crate) index: usize,
    pub(crate) range: Range<usize>,
}

impl Lanes {
    pub(crate) fn population(&self) -> &Population {
        &self.program.populations[self.index]
    }

    pub(crate) fn width(&self) -> usize {
        self.range.len()
    }

    /// Cell (in the population) and batch lane of a lane of the block.
    pub(crate) fn cell_and_batch(&self, lane: usize) -> (usize, usize) {
        let lane = self.range.start + lane;
        match self.population().cells.len() {
            // asked for each number of each lane, where two divisions would be felt
            1 => (0, lane),
            cells => (lane % cells, lane / cells),
        }
    }

    /// The lanes of the block, with their batch lanes, that a site of the model is in.
    pub(crate) fn of_site(&self, site: &Site) -> impl Iterator<Item = (usize, usize)> + use<> {
        let here = site.population == self.index;
        let (cells, cell, range) = (self.population().cells.len(), site.cell, self.range.clone());
        let batches = if here {
            range.start / cells..range.end.div_ceil(cells)
        } else {
            0..0
        };
        batches.filter_map(move |batch| {
            let lane = batch * cells + cell;
            range.contains(&lane).then(|| (lane - range.start, batch))
        })
    }

    /// The compartment of the model that a lane's compartment is; of synapses the number among those
    /// of their mechanism.
    pub(crate) fn row(&self, compartment: usize, lane: usize) -> usize {
        self.population().cells[self.cell_and_batch(lane).0] + compartment
    }

    /// The compartment of the model that a lane's compartment is; of a synapse the one that it is
    /// onto.
    pub(crate) fn compartment(&self, compartment: usize, lane: usize) -> usize {
        match &self.population().junctions {
            None => self.row(compartment, lane),
            Some(junctions) => {
                let Site {
                    population,
                    cell,
                    compartment,
                } = junctions.post[self.cell_and_batch(lane).0];
                self.program.populations[population].cells[cell] + compartment
            }
        }
    }

    /// Who a lane's gradient belongs to: see [`Program::owner`].
    pub(crate) fn owner(&self, lane: usize) -> usize {
        let first = self.population().junctions.as_ref().map_or(0, |j| j.first);
        first + self.row(0, lane)
    }

    /// Whether a quantity is one of its compartments, or of its synapses.
    pub(crate) fn has(&self, quantity: Quantity) -> bool {
        match &self.population().junctions {
            None => true,
            Some(junctions) => {
                quantity == Quantity::Celsius || quantity.mechanism() == Some(junctions.mechanism)
            }
        }
    }

    /// A number of the model at compartments and lanes of the block; NaN where the model has none.
    pub(crate) fn values<'l>(
        &'l self,
        lookup: &'l LaneLookup<'l>,
        quantity: Quantity,
    ) -> impl Fn(usize, usize) -> f64 + 'l {
        let layout = &self.program.layout;
        let column = layout.index(quantity, 0).filter(|_| self.has(quantity));
        let shared = quantity == Quantity::Celsius;
        move |compartment, lane| {
            let Some(column) = column else {
                return f64::NAN;
            };
            let row = if shared {
                0
            } else {
                self.row(compartment, lane)
            };
            lookup.value(column + row, self.cell_and_batch(lane).1)
        }
    }
}

/// Where the nodes of a block are within an array over nodes.
#[derive(Clone, Debug)]
pub(crate) struct NodeLayout {
    pub(crate) width: usize,
    /// For each node the position of its first lane.
    pub(crate) offset: Vec<usize>,
    /// For each group of the population its region.
    pub(crate) groups: Vec<Range<usize>>,
    /// How many elements of each region tapes compute, from its start on: all, unless what is not
    /// padding fits into the narrowest register.
    pub(crate) computed: Vec<usize>,
    /// The length of an array over nodes.
    pub(crate) len: usize,
}

impl NodeLayout {
    /// The layout of lanes in precision `T`.
    pub(crate) fn new<T: Real>(population: &Population, width: usize) -> Self {
        let mut offset = vec![0; population.tree.nodes];
        let (mut groups, mut computed) = (Vec::new(), Vec::new());
        let mut end = 0;
        for group in &population.groups {
            let start = end;
            for &compartment in &group.compartments {
                offset[compartment] = end;
                end += width;
            }
            let used = end - start;
            end = end.next_multiple_of(T::LANES);
            groups.push(start..end);
            computed.push(if used <= T::FEW { T::FEW } else { end - start });
        }
        // branch points too are met in order of elimination
        let tree = &population.tree;
        for edge in tree
            .edges
            .iter()
            .filter(|edge| edge.child >= tree.compartments)
        {
            offset[edge.child] = end;
            end += width;
        }
        NodeLayout {
            width,
            offset,
            groups,
            computed,
            len: end.next_multiple_of(T::LANES),
        }
    }

    /// Calls `visit(compartment, lane, position)` for every element of a group that is not
    /// padding.
    pub(crate) fn for_each_in_group(
        &self,
        population: &Population,
        group: usize,
        mut visit: impl FnMut(usize, usize, usize),
    ) {
        for &compartment in &population.groups[group].compartments {
            for lane in 0..self.width {
                visit(compartment, lane, self.offset[compartment] + lane);
            }
        }
    }

    /// Fills the padding of every group's region of an array with the region's first element, so
    /// that padding computes what is valid somewhere.
    pub(crate) fn pad<N: Copy>(&self, population: &Population, array: &mut [N]) {
        for (group, region) in population.groups.iter().zip(&self.groups) {
            let used = region.start + group.compartments.len() * self.width;
            let first = array[region.start];
            array[used..region.end].fill(first);
        }
    }
}

/// What a step leaves beside the state after it, for its transpose: positions in its *factors*.
#[derive(Clone, Debug)]
pub(crate) struct Factors {
    /// For each clamp what the membrane adds to the diagonal of its node, if it is ideal; an array
    /// over nodes for the voltage's solve comes before.
    pub(crate) clamps: usize,
    /// For each recorded membrane current the slope of electrodes that are mechanisms, if there are any.
    pub(crate) electrodes: usize,
    /// For each number that is held, if it is a voltage, what the solve had found.
    pub(crate) held: usize,
    /// For each concentration that diffuses the factors of its solve, an array over nodes.
    pub(crate) species: Vec<usize>,
    /// For each of these, if it does so along the cable, what its solve found, an array over nodes.
    pub(crate) found: Vec<Option<usize>>,
    /// The states between the halves of a step that has halves: what a slot holds behind the voltage.
    pub(crate) halfway: usize,
    /// How many numbers there are.
    pub(crate) len: usize,
}

impl Factors {
    pub(crate) fn new<T: Real>(lanes: &Lanes, layout: &NodeLayout) -> Self {
        let sites = lanes.program.clamps.iter().map(|clamp| &clamp.site);
        let clamps: usize = sites.map(|site| lanes.of_site(site).count()).sum();
        let recordings = lanes.program.recordings.iter();
        let beside = recordings.filter(|recording| recording.reads.leaves_out_electrodes());
        let electrodes: usize = beside.map(|r| lanes.of_site(&r.site).count()).sum();
        let stimuli = lanes.program.stimuli.iter();
        let held = stimuli.filter(|stimulus| stimulus.drives.is_held());
        let held: usize = held.map(|s| lanes.of_site(&s.site).count()).sum();
        let solved = voltages(lanes, layout);
        let mut end = solved;
        let mut take = |len: usize| {
            end += len;
            end - len
        };
        let halves = lanes.program.steps_in_halves();
        let states = slot_len(lanes, layout) - solved;
        Factors {
            clamps: take(clamps.next_multiple_of(T::LANES)),
            electrodes: take(electrodes.next_multiple_of(T::LANES)),
            held: take(held.next_multiple_of(T::LANES)),
            species: (lanes.population().species.iter())
                .map(|_| take(layout.len))
                .collect(),
            found: (lanes.population().species.iter())
                .map(|species| (species.course == Course::Cable).then(|| take(layout.len)))
                .collect(),
            halfway: take(if halves { states } else { 0 }),
            len: end,
        }
    }
}

/// Length of a slot of a block of these lanes.
pub(crate) fn slot_len(lanes: &Lanes, layout: &NodeLayout) -> usize {
    let population = lanes.population();
    let states: usize = population
        .groups
        .iter()
        .zip(&layout.groups)
        .map(|(group, region)| lanes.program.codes[group.code].states.len() * region.len())
        .sum();
    voltages(lanes, layout) + states
}

/// How many voltages a slot has: an array over nodes, unless nothing is stepped.
pub(crate) fn voltages(lanes: &Lanes, layout: &NodeLayout) -> usize {
    match lanes.population().is_stepped() {
        true => layout.len,
        false => 0,
    }
}
