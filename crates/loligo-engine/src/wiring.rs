//! How synapses are wired to compartments: what passes between the blocks of a crew, and in which
//! order it is summed.

use std::collections::HashMap;

use crate::block::Block;
use crate::dual::Number;
use crate::program::Site;
use crate::stepper::Stepper;
use crate::vector::Real;

/// The compartments that the synapses of a crew join.
pub(crate) struct Wiring {
    /// How many members are cells; those after them are synapses.
    pub(crate) cells: usize,
    ends: Vec<End>,
    /// For each member that is synapses.
    joins: Vec<Joins>,
}

/// A compartment of a lane.
#[derive(Clone, Copy, Debug)]
struct End {
    member: usize,
    /// In an array over the member's nodes.
    position: usize,
}

/// For each lane of a block of synapses the end that it reads and the end that it is onto.
struct Joins {
    pre: Vec<u32>,
    post: Vec<u32>,
}

impl Wiring {
    /// The wiring of blocks, those of cells first.
    pub(crate) fn new<'b, T: Real>(blocks: impl Iterator<Item = &'b Block<T>> + Clone) -> Self {
        let is_cells = |block: &&Block<T>| block.lanes.population().junctions.is_none();
        let cells = blocks.clone().take_while(is_cells).count();
        let mut members: HashMap<usize, Vec<(usize, &Block<T>)>> = HashMap::new();
        for (member, block) in blocks.clone().take(cells).enumerate() {
            let of_population = members.entry(block.lanes.index).or_default();
            of_population.push((member, block));
        }
        let place = |site: &Site, batch: usize| -> End {
            let of_population = members.get(&site.population).into_iter().flatten();
            let mut found = of_population.filter_map(|(member, block)| {
                let cells = block.lanes.population().cells.len();
                let lane = batch * cells + site.cell;
                let inside = block.lanes.range.contains(&lane);
                inside.then(|| End {
                    member: *member,
                    position: block.layout.offset[site.compartment] + lane
                        - block.lanes.range.start,
                })
            });
            match found.next() {
                Some(end) => end,
                None => unreachable!("a crew has the cells that its synapses join"),
            }
        };
        let mut ends = Vec::new();
        let mut known: HashMap<(usize, usize), u32> = HashMap::new();
        let mut number = |site: &Site, batch: usize| {
            let end = place(site, batch);
            *known.entry((end.member, end.position)).or_insert_with(|| {
                ends.push(end);
                ends.len() as u32 - 1
            })
        };
        let mut joins = Vec::new();
        for block in blocks.skip(cells) {
            let Some(junctions) = &block.lanes.population().junctions else {
                continue;
            };
            let lanes = 0..block.lanes.width();
            let lanes = lanes.map(|lane| block.lanes.cell_and_batch(lane));
            let both = lanes.map(|(synapse, batch)| {
                let post = number(&junctions.post[synapse], batch);
                (number(&junctions.pre[synapse], batch), post)
            });
            let (pre, post) = both.unzip();
            joins.push(Joins { pre, post });
        }
        Wiring { cells, ends, joins }
    }

    /// Whether anything passes between blocks.
    pub(crate) fn is_needed(&self) -> bool {
        !self.joins.is_empty()
    }
}

/// Room for what passes between blocks in a step, by end.
pub(crate) struct Exchange<N> {
    first: Vec<N>,
    second: Vec<N>,
}

impl<N: Number> Exchange<N> {
    pub(crate) fn new(wiring: &Wiring) -> Self {
        let zeros = vec![N::default(); wiring.ends.len()];
        Exchange {
            first: zeros.clone(),
            second: zeros,
        }
    }

    /// Copies arrays over the nodes of cells, which start at `from(member)`, to those over synapses:
    /// what is at the compartment that a synapse is onto to `post(member)`, and what is on its other
    /// side to `pre(member)`, if that is wanted.
    pub(crate) fn tell<S: Stepper<Number = N>>(
        &mut self,
        wiring: &Wiring,
        members: &mut [S],
        from: impl Fn(usize, &S) -> usize,
        post: impl Fn(usize, &S) -> usize,
        pre: impl Fn(usize, &S) -> Option<usize>,
    ) {
        let (cells, synapses) = members.split_at_mut(wiring.cells);
        for (value, end) in self.first.iter_mut().zip(&wiring.ends) {
            let cells = &cells[end.member];
            *value = cells.number(from(end.member, cells) + end.position);
        }
        for (index, (block, joins)) in synapses.iter_mut().zip(&wiring.joins).enumerate() {
            let member = wiring.cells + index;
            let (post, pre) = (post(member, block), pre(member, block));
            spread(block, post, &joins.post, &self.first);
            if let Some(pre) = pre {
                spread(block, pre, &joins.pre, &self.first);
            }
        }
    }

    /// Adds arrays over synapses to those over the nodes of the cells that they are onto: what starts
    /// at `from(member)` to what starts at `to(member)`, the first of each pair to the first.
    pub(crate) fn add_onto<S: Stepper<Number = N>>(
        &mut self,
        wiring: &Wiring,
        members: &mut [S],
        from: impl Fn(usize, &S) -> [usize; 2],
        to: impl Fn(usize, &S) -> [usize; 2],
    ) {
        let (cells, synapses) = members.split_at_mut(wiring.cells);
        self.first.fill(N::default());
        self.second.fill(N::default());
        for (index, (block, joins)) in synapses.iter().zip(&wiring.joins).enumerate() {
            let [first, second] = from(wiring.cells + index, block);
            for (lane, end) in joins.post.iter().enumerate() {
                let end = *end as usize;
                self.first[end] = self.first[end] + block.number(first + lane);
                self.second[end] = self.second[end] + block.number(second + lane);
            }
        }
        for ((end, first), second) in wiring.ends.iter().zip(&self.first).zip(&self.second) {
            let cells = &mut cells[end.member];
            let [to_first, to_second] = to(end.member, cells);
            cells.add(to_first + end.position, *first);
            cells.add(to_second + end.position, *second);
        }
    }

    /// The transpose of [`Exchange::tell`]: adds what starts at `post(member)` and at `pre(member)` over
    /// synapses to what starts at `to(member)` over the nodes of cells, and clears it.
    pub(crate) fn collect<S: Stepper<Number = N>>(
        &mut self,
        wiring: &Wiring,
        members: &mut [S],
        post: impl Fn(usize) -> usize,
        pre: impl Fn(usize) -> usize,
        to: impl Fn(usize) -> usize,
    ) {
        let (cells, synapses) = members.split_at_mut(wiring.cells);
        self.first.fill(N::default());
        for (index, (block, joins)) in synapses.iter_mut().zip(&wiring.joins).enumerate() {
            let member = wiring.cells + index;
            for (at, ends) in [(post(member), &joins.post), (pre(member), &joins.pre)] {
                for (lane, end) in ends.iter().enumerate() {
                    let end = *end as usize;
                    self.first[end] = self.first[end] + block.number(at + lane);
                }
                let nodes = block.plain().memory.nodes;
                block.clear(at..at + nodes);
            }
        }
        for (end, value) in wiring.ends.iter().zip(&self.first) {
            cells[end.member].add(to(end.member) + end.position, *value);
        }
    }
}

/// Writes the value of each lane's end, and that of the first lane into the padding, which is computed
/// along and must be numbers.
fn spread<S: Stepper>(block: &mut S, to: usize, ends: &[u32], values: &[S::Number]) {
    for (lane, end) in ends.iter().enumerate() {
        block.set(to + lane, values[*end as usize]);
    }
    for lane in ends.len()..block.plain().memory.nodes {
        block.set(to + lane, values[ends[0] as usize]);
    }
}
