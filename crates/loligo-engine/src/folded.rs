//! Synapses that are folded onto their sources: a sparse matrix, which has a row for each compartment
//! that they are onto and a column for each factor of a source.
//!
//! What synapses add to drive and slope of the line in a compartment is the sum over them of weight ·
//! factor, in their order. The transpose gives cotangents of the factors, and the derivative by a weight
//! is the sum over time of factor · cotangent. Numbers that have a tangent are two arrays each, and
//! their products three.

use std::ops::Range;

use crate::block::Slots;
use crate::dual::Number;
use crate::program::Program;
use crate::sources::Fold;
use crate::stepper::Stepper;
use crate::threads::for_each;
use crate::vector::{Entries, Pattern, ROWS, Real, VectorUnit};
use crate::wiring::Wiring;

/// The folded synapses of a crew.
pub(crate) struct Folded<N: Number> {
    unit: VectorUnit,
    /// By column.
    factors: Parts<N>,
    /// For each member that is sources.
    sources: Vec<Sources<N>>,
    /// For each member that is weights.
    pub(crate) rows: Vec<Rows<N>>,
    /// Of drive and slope, by end.
    cotangents: [Parts<N>; 2],
}

/// A block of sources, and what becomes of its factors.
struct Sources<N: Number> {
    population: usize,
    lanes: Range<usize>,
    /// Positions of the factors in a slot.
    states: Vec<usize>,
    /// The column of the first factor of its first lane. Those of other lanes follow it, then come those
    /// of the next factor.
    column: usize,
    /// The transposed matrix: a row for each of its columns.
    pattern: Pattern,
    weights: Weights<N>,
    /// For each place in the slices of the pattern the position of the factor in a slot.
    positions: Vec<usize>,
}

/// A block of synapses.
pub(crate) struct Rows<N: Number> {
    /// How many products a synapse is the sum of.
    products: usize,
    pattern: Pattern,
    weights: Weights<N>,
    /// For each place in the slices of the pattern the row of sums, and the end that it is for.
    order: Vec<u32>,
    ends: Vec<u32>,
    /// Where each product of each synapse is: place, and row in the slice.
    places: Vec<(u32, u32)>,
    /// Of the weights of drive and of slope, if they are wanted, by part.
    derivatives: [Vec<Entries<f64>>; 2],
}

/// How many numbers a thread sets at a time.
const CHUNK: usize = 16 << 10;

/// An array of numbers, those of each part together, and a 0 behind them.
struct Parts<N: Number>(Vec<N::Real>);

/// Weights in drive and in slope, by part.
struct Weights<N: Number> {
    entries: [Vec<Entries<N::Real>>; 2],
    /// Whether any is not 0.
    any: [bool; 2],
}

impl<N: Number> Parts<N> {
    fn zeros(len: usize) -> Self {
        Parts(vec![N::Real::ZERO; N::PARTS * (len + 1)])
    }

    fn shift(&self) -> usize {
        self.0.len() / N::PARTS
    }

    fn part(&self, part: usize) -> &[N::Real] {
        &self.0[part * self.shift()..(part + 1) * self.shift()]
    }

    fn get(&self, at: usize) -> N {
        N::load(&self.0, at, self.shift())
    }

    fn set(&mut self, at: usize, to: N) {
        let shift = self.shift();
        to.store(&mut self.0, at, shift);
    }

    /// Sets all numbers.
    fn fill(&mut self, spread: bool, number: impl Fn(usize) -> N + Sync + Send) {
        let shift = self.shift();
        for (part, numbers) in self.0.chunks_mut(shift).enumerate() {
            let chunks = numbers[..shift - 1].chunks_mut(CHUNK).enumerate();
            for_each(chunks, spread, |(chunk, numbers)| {
                for (at, to) in numbers.iter_mut().enumerate() {
                    *to = number(chunk * CHUNK + at).part(part);
                }
            });
        }
    }
}

impl<N: Number> Weights<N> {
    fn new(pattern: &Pattern, places: &[(usize, usize)], weights: &[[N; 2]]) -> Self {
        let zeros = || (0..N::PARTS).map(|_| pattern.zeros()).collect();
        let mut all = Weights {
            entries: [zeros(), zeros()],
            any: [false; 2],
        };
        let mut parts = vec![N::Real::ZERO; N::PARTS];
        for (&(place, row), weights) in places.iter().zip(weights) {
            for (side, weight) in weights.iter().enumerate() {
                weight.store(&mut parts, 0, 1);
                for (entries, part) in all.entries[side].iter_mut().zip(&parts) {
                    entries[place][row] = *part;
                    all.any[side] |= *part != N::Real::ZERO;
                }
            }
        }
        all
    }

    fn of(&self, side: usize, part: usize) -> &[[N::Real; ROWS]] {
        &self.entries[side][part]
    }
}

/// Parts of a product of two numbers: which part, and of which parts of the two it is a product.
fn products<N: Number>() -> impl Iterator<Item = (usize, usize, usize)> {
    (0..N::PARTS).flat_map(|part| (0..=part).map(move |of| (part, of, part - of)))
}

/// A weight of a synapse, for drive and slope, and where it is in the matrix.
#[derive(Clone, Copy)]
struct Entry<N> {
    end: u32,
    column: u32,
    weights: [N; 2],
}

impl<N: Number> Folded<N> {
    pub(crate) fn new<S: Stepper<Number = N>>(members: &[S], wiring: &Wiring) -> Self {
        let unit = members[0].plain().unit;
        let mut columns = 0;
        let sources = members[wiring.sources..wiring.weights].iter();
        let sources = sources.map(|block| {
            let sources = Sources::new(block, columns);
            columns += sources.states.len() * sources.lanes.len();
            sources
        });
        let mut sources: Vec<Sources<N>> = sources.collect();
        let weights = members.iter().enumerate().skip(wiring.weights);
        let entries = weights.map(|(member, block)| entries(block, wiring.onto(member), &sources));
        let entries: Vec<(usize, Vec<Entry<N>>)> = entries.collect();
        let mut by_column: Vec<Entry<N>> = entries.iter().flat_map(|(_, e)| e).copied().collect();
        by_column.sort_by_key(|entry| entry.column);
        let ends = match by_column.is_empty() {
            true => 0,
            false => wiring.ends(),
        };
        for sources in &mut sources {
            sources.transpose(&by_column, ends);
        }
        let rows = entries.iter();
        let rows = rows.map(|(products, entries)| Rows::new(*products, entries, columns));
        Folded {
            unit,
            factors: Parts::zeros(columns),
            rows: rows.collect(),
            sources,
            cotangents: [Parts::zeros(ends), Parts::zeros(ends)],
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
            let width = at.lanes.len();
            for (factor, state) in at.states.iter().enumerate() {
                for lane in 0..width {
                    let column = at.column + factor * width + lane;
                    self.factors.set(column, block.number(to + state + lane));
                }
            }
        }
    }

    /// Sums what the synapses of each block bring to drive and slope, by row.
    pub(crate) fn sum<'p>(&self, parts: impl Iterator<Item = &'p mut [[N; 2]]>, spread: bool)
    where
        N: 'p,
    {
        for_each(self.rows.iter().zip(parts), spread, |(rows, sums)| {
            rows.sum(self, sums);
        });
    }

    /// Takes the solution of the transposed cable equation, by end: the cotangent of the drive.
    pub(crate) fn take_transposed(&mut self, transposed: &[N], spread: bool) {
        if !self.rows.is_empty() {
            self.cotangents[0].fill(spread, |end| transposed[end]);
        }
    }

    /// Takes the solution of the cable equation, by end: −w·V is the cotangent of the slope.
    pub(crate) fn take_solved(&mut self, solved: &[N], spread: bool) {
        if !self.rows.is_empty() {
            let [drive, slope] = &mut self.cotangents;
            slope.fill(spread, |end| -(drive.get(end) * solved[end]));
        }
    }

    /// Adds to the cotangents of the states of sources, the member of this index among such, those of
    /// their factors.
    pub(crate) fn pull_back<S: Stepper<Number = N>>(
        &self,
        index: usize,
        block: &mut S,
        cotangent: usize,
    ) {
        let Sources {
            pattern,
            weights,
            positions,
            ..
        } = &self.sources[index];
        for (part, of_weight, of_cotangent) in products::<N>() {
            let [drive, slope] = [0, 1].map(|side| weights.of(side, of_weight));
            let [w, wv] = [0, 1].map(|side| self.cotangents[side].part(of_cotangent));
            let add = |slice: usize, sums: [N::Real; ROWS]| {
                for (position, sum) in positions[slice * ROWS..].iter().zip(sums) {
                    block.add(cotangent + position, N::of_part(part, sum));
                }
            };
            match weights.any {
                [true, true] => pattern.multiply_each(self.unit, [drive, slope], [w, wv], add),
                [true, false] => pattern.multiply_each(self.unit, [drive], [w], add),
                [false, true] => pattern.multiply_each(self.unit, [slope], [wv], add),
                [false, false] => {}
            }
        }
    }

    /// Adds what a step adds to the derivatives by weights that are wanted.
    pub(crate) fn add_derivatives(&mut self, spread: bool) {
        let (unit, factors, cotangents) = (self.unit, &self.factors, &self.cotangents);
        for_each(self.rows.iter_mut(), spread, |rows| {
            rows.add_derivatives(unit, factors, cotangents);
        });
    }
}

impl<N: Number> Sources<N> {
    /// The sources of a block, whose factors have the columns from this one on.
    fn new<S: Stepper<Number = N>>(block: &S, column: usize) -> Self {
        let block = block.plain();
        let factors = fold_of(&block.lanes.program, block.lanes.index).map(|fold| &fold.factors);
        let factors = factors.into_iter().flatten();
        let (pattern, ..) = Pattern::new(&[0], &[], 0);
        Sources {
            population: block.lanes.index,
            lanes: block.lanes.range.clone(),
            states: factors
                .map(|state| block.memory.states[0][*state])
                .collect(),
            column,
            weights: Weights::new(&pattern, &[], &[]),
            pattern,
            positions: Vec::new(),
        }
    }

    /// Finds what comes back to its factors among the entries of all synapses, by column.
    fn transpose(&mut self, entries: &[Entry<N>], ends: usize) {
        let width = self.lanes.len();
        let columns = self.column..self.column + self.states.len() * width;
        let before = |column: usize| entries.partition_point(|e| (e.column as usize) < column);
        let theirs = &entries[before(columns.start)..before(columns.end)];
        let first = before(columns.start);
        let starts = columns.start..=columns.end;
        let starts: Vec<usize> = starts.map(|column| before(column) - first).collect();
        let all: Vec<u32> = theirs.iter().map(|entry| entry.end).collect();
        let weights: Vec<[N; 2]> = theirs.iter().map(|entry| entry.weights).collect();
        let (pattern, order, places) = Pattern::new(&starts, &all, ends);
        let order = order.into_iter();
        let positions = order.map(|row| self.states[row / width] + row % width);
        self.positions = positions.collect();
        self.weights = Weights::new(&pattern, &places, &weights);
        self.pattern = pattern;
    }
}

impl<N: Number> Rows<N> {
    fn new(products: usize, entries: &[Entry<N>], columns: usize) -> Self {
        let mut starts = vec![0];
        let mut ends: Vec<u32> = Vec::new();
        for row in entries.chunk_by(|one, next| one.end == next.end) {
            starts.push(starts[starts.len() - 1] + row.len());
            ends.push(row[0].end);
        }
        let all: Vec<u32> = entries.iter().map(|entry| entry.column).collect();
        let weights: Vec<[N; 2]> = entries.iter().map(|entry| entry.weights).collect();
        let (pattern, order, places) = Pattern::new(&starts, &all, columns);
        let place = |&(place, row): &(usize, usize)| (place as u32, row as u32);
        Rows {
            products,
            weights: Weights::new(&pattern, &places, &weights),
            pattern,
            ends: order.iter().map(|row| ends[*row]).collect(),
            order: order.into_iter().map(|row| row as u32).collect(),
            places: places.iter().map(place).collect(),
            derivatives: [Vec::new(), Vec::new()],
        }
    }

    /// Sums drive and slope by row.
    fn sum(&self, folded: &Folded<N>, sums: &mut [[N; 2]]) {
        sums.fill([N::default(); 2]);
        for (part, of_weight, of_factor) in products::<N>() {
            let [drive, slope] = [0, 1].map(|side| self.weights.of(side, of_weight));
            let factors = folded.factors.part(of_factor);
            let mut add = |slice: usize, side: usize, more: [N::Real; ROWS]| {
                for (row, more) in self.order[slice * ROWS..].iter().zip(more) {
                    let sum = &mut sums[*row as usize][side];
                    *sum = *sum + N::of_part(part, more);
                }
            };
            let (pattern, unit) = (&self.pattern, folded.unit);
            match self.weights.any {
                [true, true] => pattern.multiply(unit, [drive, slope], factors, |slice, sums| {
                    add(slice, 0, sums[0]);
                    add(slice, 1, sums[1]);
                }),
                [true, false] => {
                    pattern.multiply(unit, [drive], factors, |slice, [sum]| add(slice, 0, sum));
                }
                [false, true] => {
                    pattern.multiply(unit, [slope], factors, |slice, [sum]| add(slice, 1, sum));
                }
                [false, false] => {}
            }
        }
    }

    /// Forgets the derivatives by weights, and makes room for those in drive and in slope that are
    /// wanted.
    pub(crate) fn want(&mut self, wanted: [bool; 2]) {
        for (derivatives, is_wanted) in self.derivatives.iter_mut().zip(wanted) {
            let parts = if is_wanted { N::PARTS } else { 0 };
            *derivatives = (0..parts).map(|_| self.pattern.zeros()).collect();
        }
    }

    fn add_derivatives(
        &mut self,
        unit: VectorUnit,
        factors: &Parts<N>,
        cotangents: &[Parts<N>; 2],
    ) {
        let ends = &self.ends;
        for (derivatives, cotangents) in self.derivatives.iter_mut().zip(cotangents) {
            if derivatives.is_empty() {
                continue;
            }
            for (part, of_factor, of_cotangent) in products::<N>() {
                let cotangents = cotangents.part(of_cotangent);
                let of_rows = |slice: usize| {
                    let mut of_rows = [N::Real::ZERO; ROWS];
                    for (of_row, end) in of_rows.iter_mut().zip(&ends[slice * ROWS..]) {
                        *of_row = cotangents[*end as usize];
                    }
                    of_rows
                };
                let factors = factors.part(of_factor);
                self.pattern
                    .add_outer(unit, factors, of_rows, &mut derivatives[part]);
            }
        }
    }

    /// How many synapses there are.
    pub(crate) fn synapses(&self) -> usize {
        self.places.len() / self.products.max(1)
    }

    /// The derivative by a weight of a synapse, by the index of the weight: by twos, those of each
    /// product for drive and slope.
    pub(crate) fn derivative(&self, weight: usize, synapse: usize) -> N::Wide {
        let (place, row) = self.places[synapse * self.products + weight / 2];
        let parts = self.derivatives[weight % 2].iter().enumerate();
        let parts = parts.map(|(part, entries)| {
            let derivative = entries[place as usize][row as usize];
            <N::Wide as Number>::of_part(part, derivative)
        });
        parts.fold(N::Wide::default(), |sum, part| sum + part)
    }
}

/// How many products the synapses of a block are sums of, and the entries of each synapse.
fn entries<S: Stepper>(
    block: &S,
    onto: &[u32],
    sources: &[Sources<S::Number>],
) -> (usize, Vec<Entry<S::Number>>) {
    let lanes = &block.plain().lanes;
    let Some(fold) = lanes.population().junctions.as_ref().and_then(|j| j.fold()) else {
        unreachable!("weights are of synapses that are folded");
    };
    let products = fold.factors.len();
    let theirs = sources
        .iter()
        .filter(|sources| sources.population == fold.sources);
    let theirs: Vec<&Sources<S::Number>> = theirs.collect();
    let count = lanes.program.populations[fold.sources].cells.len();
    let mut entries = Vec::with_capacity(products * lanes.width());
    for (lane, end) in onto.iter().enumerate() {
        let (synapse, batch) = lanes.cell_and_batch(lane);
        let source = batch * count + fold.source[synapse];
        let after = theirs.partition_point(|sources| sources.lanes.start <= source);
        let at = theirs[after - 1];
        let column = at.column + source - at.lanes.start;
        for product in 0..products {
            entries.push(Entry {
                end: *end,
                column: (column + product * at.lanes.len()) as u32,
                weights: [0, 1].map(|side| block.weight(2 * product + side, lane)),
            });
        }
    }
    (products, entries)
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
