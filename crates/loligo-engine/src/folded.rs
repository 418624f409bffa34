//! Synapses that are folded onto their sources: a sparse matrix, which has a row for each compartment
//! that they are onto and a column for each factor of a source.
//!
//! What synapses add to drive and slope of the line in a compartment is the sum over them of weight ·
//! factor, in their order. The transpose gives cotangents of the factors, and the derivative by a weight
//! is the sum over time of factor · cotangent.

use std::ops::Range;

use crate::block::Slots;
use crate::dual::Number;
use crate::program::Program;
use crate::sources::Fold;
use crate::stepper::Stepper;
use crate::wiring::Wiring;

/// The folded synapses of a crew.
pub(crate) struct Folded<N> {
    /// By column.
    pub(crate) factors: Vec<N>,
    /// For each member that is sources.
    sources: Vec<Sources>,
    /// For each member that is weights.
    pub(crate) rows: Vec<Rows<N>>,
    columns: Columns<N>,
    /// Of drive and slope, by end.
    pub(crate) cotangents: Vec<[N; 2]>,
}

/// Where a block of sources has its factors.
struct Sources {
    population: usize,
    lanes: Range<usize>,
    /// Positions of the factors in a slot.
    states: Vec<usize>,
    /// The column of the first factor of its first lane. Those of other lanes follow it, then come those
    /// of the next factor.
    column: usize,
}

/// A block of synapses by rows.
pub(crate) struct Rows<N> {
    /// How many products a synapse is the sum of.
    products: usize,
    /// For each compartment that synapses are onto the end, and the synapses.
    rows: Vec<(usize, Range<usize>)>,
    /// `[synapse][product]`
    columns: Vec<u32>,
    /// Of drive and slope, `[synapse][product]`.
    weights: Vec<[N; 2]>,
}

/// All synapses by columns.
struct Columns<N> {
    /// Where each column starts, and where the last one ends.
    starts: Vec<usize>,
    ends: Vec<u32>,
    weights: Vec<[N; 2]>,
}

impl<N: Number> Folded<N> {
    pub(crate) fn new<S: Stepper<Number = N>>(members: &[S], wiring: &Wiring) -> Self {
        let mut columns = 0;
        let sources = members[wiring.sources..wiring.weights].iter();
        let sources = sources.map(|block| {
            let sources = Sources::new(block, columns);
            columns += sources.columns();
            sources
        });
        let sources: Vec<Sources> = sources.collect();
        let weights = members.iter().enumerate().skip(wiring.weights);
        let rows = weights.map(|(member, block)| Rows::new(block, wiring.onto(member), &sources));
        let rows: Vec<Rows<N>> = rows.collect();
        Folded {
            factors: vec![N::default(); columns],
            columns: Columns::new(&rows, columns),
            cotangents: match rows.is_empty() {
                true => Vec::new(),
                false => vec![[N::default(); 2]; wiring.ends],
            },
            sources,
            rows,
        }
    }

    /// Reads the factors that a step left in the slots of sources, which are these members.
    pub(crate) fn gather<S: Stepper<Number = N>>(
        &mut self,
        sources: &[S],
        slots: impl Fn(usize) -> Slots,
    ) {
        for (index, (at, block)) in self.sources.iter().zip(sources).enumerate() {
            let to = slots(index).to;
            let mut factors = self.factors[at.column..].iter_mut();
            for state in &at.states {
                for (lane, factor) in (0..at.lanes.len()).zip(&mut factors) {
                    *factor = block.number(to + state + lane);
                }
            }
        }
    }

    /// Adds to the cotangents of the states of sources, the member of this index among such, those of
    /// their factors.
    pub(crate) fn pull_back<S: Stepper<Number = N>>(
        &self,
        index: usize,
        sources: &mut S,
        cotangent: usize,
    ) {
        let Sources {
            states,
            lanes,
            column,
            ..
        } = &self.sources[index];
        for (factor, state) in states.iter().enumerate() {
            for lane in 0..lanes.len() {
                let column = column + factor * lanes.len() + lane;
                let sum = self.columns.sum(column, &self.cotangents);
                sources.add(cotangent + state + lane, sum);
            }
        }
    }
}

impl Sources {
    fn new<S: Stepper>(block: &S, column: usize) -> Self {
        let block = block.plain();
        let factors = fold_of(&block.lanes.program, block.lanes.index).map(|fold| &fold.factors);
        let factors = factors.into_iter().flatten();
        Sources {
            population: block.lanes.index,
            lanes: block.lanes.range.clone(),
            states: factors
                .map(|state| block.memory.states[0][*state])
                .collect(),
            column,
        }
    }

    fn columns(&self) -> usize {
        self.states.len() * self.lanes.len()
    }
}

impl<N: Number> Rows<N> {
    /// The rows of a block whose synapses are onto these ends.
    fn new<S: Stepper<Number = N>>(block: &S, onto: &[u32], sources: &[Sources]) -> Self {
        let lanes = &block.plain().lanes;
        let fold = lanes.population().junctions.as_ref();
        let Some(fold) = fold.and_then(|junctions| junctions.fold()) else {
            unreachable!("weights are of synapses that are folded");
        };
        let products = fold.factors.len();
        let is_theirs = |sources: &&Sources| sources.population == fold.sources;
        let theirs: Vec<&Sources> = sources.iter().filter(is_theirs).collect();
        let count = lanes.program.populations[fold.sources].cells.len();
        let (mut columns, mut weights) = (Vec::new(), Vec::new());
        for lane in 0..lanes.width() {
            let (synapse, batch) = lanes.cell_and_batch(lane);
            let source = batch * count + fold.source[synapse];
            let after = theirs.partition_point(|sources| sources.lanes.start <= source);
            let at = theirs[after - 1];
            for product in 0..products {
                let column = at.column + product * at.lanes.len() + source - at.lanes.start;
                columns.push(column as u32);
                weights.push([0, 1].map(|side| block.weight(2 * product + side, lane)));
            }
        }
        let mut rows: Vec<(usize, Range<usize>)> = Vec::new();
        for (lane, end) in onto.iter().enumerate() {
            match rows.last_mut() {
                Some((last, synapses)) if *last == *end as usize => synapses.end = lane + 1,
                _ => rows.push((*end as usize, lane..lane + 1)),
            }
        }
        Rows {
            products,
            rows,
            columns,
            weights,
        }
    }

    /// Sums drive and slope by the end that they are onto, the first of which is `first`.
    pub(crate) fn sum(&self, factors: &[N], first: usize, sums: &mut [[N; 2]]) {
        sums.fill([N::default(); 2]);
        for (end, synapses) in &self.rows {
            let entries = synapses.start * self.products..synapses.end * self.products;
            let weights = &self.weights[entries.clone()];
            let mut sum = [N::default(); 2];
            for (column, [drive, slope]) in self.columns[entries].iter().zip(weights) {
                let factor = factors[*column as usize];
                sum = [sum[0] + *drive * factor, sum[1] + *slope * factor];
            }
            sums[end - first] = sum;
        }
    }

    /// Calls `add(synapse, derivative)` with what a step adds to the derivative by a weight: of a
    /// product, of drive (0) or slope (1).
    pub(crate) fn pull_back(
        &self,
        (product, side): (usize, usize),
        (factors, cotangents): (&[N], &[[N; 2]]),
        mut add: impl FnMut(usize, N::Wide),
    ) {
        for (end, synapses) in &self.rows {
            let cotangent = cotangents[*end][side].widen();
            for synapse in synapses.clone() {
                let column = self.columns[synapse * self.products + product];
                add(synapse, factors[column as usize].widen() * cotangent);
            }
        }
    }
}

impl<N: Number> Columns<N> {
    fn new(rows: &[Rows<N>], columns: usize) -> Self {
        let mut starts = vec![0; columns + 1];
        for column in rows.iter().flat_map(|rows| &rows.columns) {
            starts[*column as usize + 1] += 1;
        }
        for column in 0..columns {
            starts[column + 1] += starts[column];
        }
        let mut next = starts.clone();
        let mut ends = vec![0; starts[columns]];
        let mut weights = vec![[N::default(); 2]; starts[columns]];
        for block in rows {
            for (end, synapses) in &block.rows {
                let entries = synapses.start * block.products..synapses.end * block.products;
                for entry in entries {
                    let at = &mut next[block.columns[entry] as usize];
                    ends[*at] = *end as u32;
                    weights[*at] = block.weights[entry];
                    *at += 1;
                }
            }
        }
        Columns {
            starts,
            ends,
            weights,
        }
    }

    /// The cotangent of the factor of a column.
    fn sum(&self, column: usize, cotangents: &[[N; 2]]) -> N {
        let entries = self.starts[column]..self.starts[column + 1];
        let weights = &self.weights[entries.clone()];
        let ends = self.ends[entries].iter();
        ends.zip(weights).fold(N::default(), |sum, (end, weight)| {
            let [drive, slope] = cotangents[*end as usize];
            sum + (weight[0] * drive + weight[1] * slope)
        })
    }
}

/// How synapses are folded onto the sources in this population.
fn fold_of(program: &Program, sources: usize) -> Option<&Fold> {
    let junctions = program
        .populations
        .iter()
        .filter_map(|p| p.junctions.as_ref());
    let mut folds = junctions.filter_map(|junctions| junctions.fold());
    folds.find(|fold| fold.sources == sources)
}
