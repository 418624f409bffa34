//! Splitting the lanes of a batch into blocks, which run all their steps without meeting.
//!
//! The partition does not depend on the number of threads, and neither do results.

use std::ops::Range;

use crate::program::{Junctions, Part, Population, Program};
use crate::sources::Folding;
use crate::vector::Real;

/// The arrays of a block should stay in the second-level cache; and there should be more blocks
/// than threads.
const CACHE: usize = 96 << 10;

/// Synapses from which on a block of sources is cut, since their cotangents are its own to gather.
const FOLDED: usize = 32 << 10;

/// The crews of a program for a batch, each with its blocks: population and lanes. A block that need
/// not meet others is a crew by itself. The cells of a network that are joined, and their synapses, are
/// one crew for each lane of the batch, or for several where they are few.
pub(crate) fn crews<T: Real>(
    program: &Program,
    lanes: usize,
    folding: &Folding,
) -> Vec<Vec<(usize, Range<usize>)>> {
    if !program.is_coupled() {
        let populations = 0..program.populations.len();
        let blocks = populations.flat_map(|index| blocks::<T>(program, index, 0..lanes));
        return blocks.map(|block| vec![block]).collect();
    }
    let alike = folding.alike(lanes).into_iter();
    alike
        .flat_map(|batch| joined::<T>(program, batch, folding))
        .collect()
}

/// The crews of cells that are joined, for lanes of a batch in which the same synapses are folded.
fn joined<T: Real>(
    program: &Program,
    batch: Range<usize>,
    folding: &Folding,
) -> Vec<Vec<(usize, Range<usize>)>> {
    let population = |index: &usize| &program.populations[*index];
    let included = |index: &usize| folding.includes(population(index), batch.start);
    // cells come before synapses, and these before those that are folded
    let mut order: Vec<usize> = (0..program.populations.len()).filter(included).collect();
    order.sort_by_key(|index| match population(index).part() {
        None => 0,
        Some(Part::Whole) => 1,
        Some(Part::Gaps) => 2,
        Some(Part::Sources) => 3,
        Some(Part::Weights(_)) => 4,
    });
    let bytes = order.iter().map(population);
    let bytes = bytes.map(|p| p.cells.len() * bytes_of_lane::<T>(program, p));
    let lanes = batch.len();
    let widest = (CACHE / bytes.sum::<usize>().max(1)).clamp(1, lanes);
    let width = lanes.div_ceil(lanes.div_ceil(widest));
    let crews = batch.clone().step_by(width).map(|first| {
        let lanes = first..(first + width).min(batch.end);
        let members = order.iter();
        members
            .flat_map(|&index| blocks::<T>(program, index, lanes.clone()))
            .collect()
    });
    crews.collect()
}

/// The blocks of a population for lanes of a batch.
fn blocks<T: Real>(
    program: &Program,
    index: usize,
    batch: Range<usize>,
) -> Vec<(usize, Range<usize>)> {
    let population = &program.populations[index];
    let cells = population.cells.len();
    let (first, total) = (batch.start * cells, batch.len() * cells);
    let widest = CACHE / bytes_of_lane::<T>(program, population).max(1);
    let widest = widest.min(FOLDED / synapses_of_lane(program, index).max(1));
    let width = block_width(widest.clamp(1, 4096), total);
    let mut blocks = Vec::new();
    let mut start = 0;
    while start < total {
        let mut end = (start + width).min(total);
        // what is onto one compartment is summed in one block, so that sums do not depend on the cuts
        while end < total && is_onto_the_same(population, end - 1, end) {
            end += 1;
        }
        blocks.push((index, first + start..first + end));
        start = end;
    }
    blocks
}

/// Whether two lanes are synapses onto one compartment, given lanes that follow each other.
fn is_onto_the_same(population: &Population, lane: usize, next: usize) -> bool {
    let cells = population.cells.len();
    let same = |junctions: &Junctions| junctions.post[lane % cells] == junctions.post[next % cells];
    let of_one_batch_lane = lane / cells == next / cells;
    of_one_batch_lane && population.junctions.as_ref().is_some_and(same)
}

/// How many synapses are folded onto a lane of a population of sources.
fn synapses_of_lane(program: &Program, index: usize) -> usize {
    let populations = program.populations.iter();
    let folded = populations.filter(|population| match population.part() {
        Some(Part::Weights(fold)) => fold.sources == index,
        _ => false,
    });
    let synapses: usize = folded.map(|population| population.cells.len()).sum();
    synapses / program.populations[index].cells.len().max(1)
}

/// What a lane of a population takes, without states of other steps.
fn bytes_of_lane<T: Real>(program: &Program, population: &Population) -> usize {
    let groups = population.groups.iter().map(|group| {
        let code = &program.codes[group.code];
        let per_element = code.states.len() + code.invariants.len();
        group.compartments.len() * per_element
    });
    // voltage, right-hand side, factors, conductance
    let cable = 4 * population.tree.nodes;
    (groups.sum::<usize>() + cable) * size_of::<T>()
}

/// As many lanes in every block, so that threads have as much to do, and whole vectors where there
/// are enough.
fn block_width(widest: usize, total: usize) -> usize {
    let widest = match widest {
        // 8 lanes are one wide vector also where the cache would rather have fewer
        ..16 => 8,
        _ => widest / 16 * 16,
    };
    let even = total.div_ceil(total.div_ceil(widest).max(1)).max(1);
    if even > 16 {
        even.next_multiple_of(16).min(widest)
    } else {
        even
    }
}
