//! What passes between the blocks of a crew in a step: numbers of compartments to synapses, and sums
//! of what synapses bring back.

use std::mem::take;

use crate::dual::Number;
use crate::stepper::Stepper;
use crate::threads::for_each;
use crate::wiring::{Joins, Taps, Wiring};

/// Room for what passes.
pub(crate) struct Exchange<N> {
    pub(crate) values: Values<N>,
    pub(crate) sums: Sums<N>,
}

impl<N: Number> Exchange<N> {
    pub(crate) fn new(wiring: &Wiring) -> Self {
        let rows = wiring.joins().iter().map(Joins::rows);
        Exchange {
            values: Values(vec![N::default(); wiring.ends()]),
            sums: Sums(vec![[N::default(); 2]; rows.sum()]),
        }
    }
}

/// Numbers by end.
pub(crate) struct Values<N>(Vec<N>);

impl<N: Number> Values<N> {
    /// Reads arrays over the nodes of cells, which start at `from(member, cells)`, at all ends.
    pub(crate) fn gather<S: Stepper<Number = N>>(
        &mut self,
        wiring: &Wiring,
        members: &mut [S],
        spread: bool,
        from: impl Fn(usize, &S) -> usize,
    ) {
        let members = each(wiring, members, &mut self.0, from);
        for_each(members, spread, |(from, cells, taps, values)| {
            for (value, position) in values.iter_mut().zip(&taps.positions) {
                *value = cells.number(from + *position as usize);
            }
        });
    }

    /// The same only where synapses read the voltages as a step begins.
    pub(crate) fn gather_read<S: Stepper<Number = N>>(
        &mut self,
        wiring: &Wiring,
        members: &mut [S],
        spread: bool,
        from: impl Fn(usize, &S) -> usize,
    ) {
        let members = each(wiring, members, &mut self.0, from);
        for_each(members, spread, |(from, cells, taps, values)| {
            for index in &taps.read {
                let index = *index as usize;
                values[index] = cells.number(from + taps.positions[index] as usize);
            }
        });
    }

    /// What was gathered, by end.
    pub(crate) fn by_end(&self) -> &[N] {
        &self.0
    }

    /// What was gathered at the compartments that a member's synapses are onto goes to `post`, and what
    /// was on their other side to `pre`, if that is wanted.
    pub(crate) fn spread<S: Stepper<Number = N>>(
        &self,
        joins: &Joins,
        block: &mut S,
        (post, pre): (usize, Option<usize>),
    ) {
        self.spread_side(block, post, &joins.post);
        if let Some(pre) = pre {
            self.spread_side(block, pre, &joins.pre);
        }
    }

    /// Writes the value of each lane's end, and that of the first lane into the padding, which is
    /// computed along and must be numbers.
    fn spread_side<S: Stepper<Number = N>>(&self, block: &mut S, to: usize, ends: &[u32]) {
        let Some(first) = ends.first() else { return };
        for (lane, end) in ends.iter().enumerate() {
            block.set(to + lane, self.0[*end as usize]);
        }
        for lane in ends.len()..block.plain().memory.nodes {
            block.set(to + lane, self.0[*first as usize]);
        }
    }

    /// For gap junctions how much more was gathered at the compartments that they are onto than at those
    /// on the other side goes to `to`.
    pub(crate) fn spread_difference<S: Stepper<Number = N>>(
        &self,
        joins: &Joins,
        block: &mut S,
        to: usize,
    ) {
        for (lane, (post, pre)) in joins.post.iter().zip(&joins.pre).enumerate() {
            block.set(to + lane, self.0[*post as usize] - self.0[*pre as usize]);
        }
    }

    /// The transpose of gathering and spreading what synapses read: adds what starts at `post(member)` and
    /// at `pre(member)` over synapses to what starts at `to(member)` over the nodes of cells, and clears
    /// it.
    pub(crate) fn collect<S: Stepper<Number = N>>(
        &mut self,
        wiring: &Wiring,
        members: &mut [S],
        spread: bool,
        (post, pre): (impl Fn(usize) -> usize, impl Fn(usize) -> usize),
        to: impl Fn(usize) -> usize,
    ) {
        let (cells, synapses) = members[..wiring.weights].split_at_mut(wiring.cells);
        for taps in wiring.taps() {
            let values = &mut self.0[taps.ends.clone()];
            for index in &taps.read {
                values[*index as usize] = N::default();
            }
        }
        for (index, (block, joins)) in synapses.iter_mut().zip(wiring.joins()).enumerate() {
            let member = wiring.cells + index;
            for (at, ends) in [(post(member), &joins.post), (pre(member), &joins.pre)] {
                if ends.is_empty() {
                    continue;
                }
                for (lane, end) in ends.iter().enumerate() {
                    let sum = &mut self.0[*end as usize];
                    *sum = *sum + block.number(at + lane);
                }
                let nodes = block.plain().memory.nodes;
                block.clear(at..at + nodes);
            }
        }
        let cells = each(wiring, cells, &mut self.0, |member, _| to(member));
        for_each(cells, spread, |(to, cells, taps, values)| {
            for index in &taps.read {
                let index = *index as usize;
                cells.add(to + taps.positions[index] as usize, values[index]);
            }
        });
    }
}

/// Each member that is cells with its ends, the numbers at these, and where an array of its own starts.
fn each<'e, S: Stepper>(
    wiring: &'e Wiring,
    members: &'e mut [S],
    mut values: &'e mut [S::Number],
    start: impl Fn(usize, &S) -> usize + 'e,
) -> impl Iterator<Item = (usize, &'e mut S, &'e Taps, &'e mut [S::Number])> {
    let members = members.iter_mut().zip(wiring.taps()).enumerate();
    members.map(move |(member, (cells, taps))| {
        let (theirs, rest) = take(&mut values).split_at_mut(taps.ends.len());
        values = rest;
        (start(member, cells), cells, taps, theirs)
    })
}

/// What the synapses of each row add to right-hand side and diagonal of the equation of a compartment.
pub(crate) struct Sums<N>(Vec<[N; 2]>);

impl<N: Number> Sums<N> {
    /// The rows of each member that is synapses.
    pub(crate) fn parts<'e>(
        &'e mut self,
        wiring: &'e Wiring,
    ) -> impl Iterator<Item = &'e mut [[N; 2]]> {
        let mut sums = &mut self.0[..];
        wiring.joins().iter().map(move |joins| {
            let (part, rest) = take(&mut sums).split_at_mut(joins.rows());
            sums = rest;
            part
        })
    }

    /// Adds the sums to the equation of cells: right-hand side and diagonal.
    pub(crate) fn add_to<S: Stepper<Number = N>>(
        &self,
        taps: &Taps,
        cells: &mut S,
        [rhs, diagonal]: [usize; 2],
    ) {
        for (position, row) in &taps.inflows {
            let [first, second] = self.0[*row as usize];
            cells.add(rhs + *position as usize, first);
            cells.add(diagonal + *position as usize, second);
        }
    }
}

/// Sums two arrays over synapses by row, in the order of the synapses.
pub(crate) fn sum_rows<S: Stepper>(
    joins: &Joins,
    block: &S,
    [first, second]: [usize; 2],
    sums: &mut [[S::Number; 2]],
) {
    for (sum, row) in sums.iter_mut().zip(joins.starts.windows(2)) {
        *sum = [S::Number::default(); 2];
        for lane in row[0] as usize..row[1] as usize {
            *sum = [
                sum[0] + block.number(first + lane),
                sum[1] + block.number(second + lane),
            ];
        }
    }
}
