//! Splitting the lanes of a batch into blocks, which run all their steps without meeting.
//!
//! The partition does not depend on the number of threads, and neither do results.

use std::ops::Range;

use crate::program::Program;
use crate::vector::Real;

/// The arrays of a block should stay in the second-level cache; and there should be more blocks
/// than threads.
const CACHE: usize = 96 << 10;

/// The crews of a program for a batch, each with its blocks: population and lanes. A block that need
/// not meet others is a crew by itself; the cells of a network that are joined, and their synapses, are
/// one for each lane of the batch.
pub(crate) fn crews<T: Real>(program: &Program, lanes: usize) -> Vec<Vec<(usize, Range<usize>)>> {
    if !program.is_coupled() {
        let blocks = blocks::<T>(program, lanes);
        return blocks.into_iter().map(|block| vec![block]).collect();
    }
    let mut order: Vec<usize> = (0..program.populations.len()).collect();
    order.sort_by_key(|index| program.populations[*index].junctions.is_some());
    let crew = |lane: usize| {
        let populations = order.iter().flat_map(|&index| {
            let cells = program.populations[index].cells.len();
            let blocks = cut(width::<T>(program, index, cells), cells).into_iter();
            blocks.map(move |range| (index, lane * cells + range.start..lane * cells + range.end))
        });
        populations.collect()
    };
    (0..lanes).map(crew).collect()
}

/// The blocks of a program's populations for a batch, if none need meet.
fn blocks<T: Real>(program: &Program, lanes: usize) -> Vec<(usize, Range<usize>)> {
    let mut blocks = Vec::new();
    for (index, population) in program.populations.iter().enumerate() {
        let total = population.cells.len() * lanes;
        let ranges = cut(width::<T>(program, index, total), total).into_iter();
        blocks.extend(ranges.map(|range| (index, range)));
    }
    blocks
}

/// Pieces of this width.
fn cut(width: usize, total: usize) -> Vec<Range<usize>> {
    let starts = (0..total).step_by(width);
    starts
        .map(|start| start..(start + width).min(total))
        .collect()
}

/// How many of so many lanes of a population are a block.
fn width<T: Real>(program: &Program, index: usize, total: usize) -> usize {
    let population = &program.populations[index];
    let arrays: usize = population
        .groups
        .iter()
        .map(|group| {
            let code = &program.codes[group.code];
            let per_element = code.states.len() + code.invariants.len();
            group.compartments.len() * per_element
        })
        .sum();
    // voltage, right-hand side, factors, conductance
    let cable = 4 * population.tree.nodes;
    let per_lane = (arrays + cable) * size_of::<T>();
    let widest = (CACHE / per_lane.max(1)).clamp(1, 4096);
    block_width(widest, total)
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
