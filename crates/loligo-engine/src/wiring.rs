//! How synapses are wired to compartments: what passes between the blocks of a crew, and in which
//! order it is summed. The order does not depend on threads.

use std::collections::HashMap;
use std::ops::Range;

use crate::block::Block;
use crate::dual::Number;
use crate::members::Members;
use crate::program::{Part, Site};
use crate::stepper::Stepper;
use crate::vector::Real;

/// The compartments that the synapses of a crew join: its *ends*.
pub(crate) struct Wiring {
    /// How many members are cells; those after them are synapses.
    pub(crate) cells: usize,
    /// Which of these is the first of gap junctions, behind synapses that do their whole work.
    pub(crate) gaps: usize,
    /// Which is the first of sources, behind all that are told the voltages of both sides.
    pub(crate) sources: usize,
    /// Which is the first of weights, behind all sources.
    pub(crate) weights: usize,
    /// How many ends there are.
    pub(crate) ends: usize,
    /// For each member that is cells its ends, and where they are in an array over its nodes.
    places: Vec<Vec<(u32, usize)>>,
    /// For each member that is synapses.
    joins: Vec<Joins>,
}

/// For each lane of a block of synapses the end that it reads, if they are not folded, and the end that
/// it is onto.
struct Joins {
    pre: Vec<u32>,
    post: Vec<u32>,
    /// Those that its lanes are onto.
    onto: Range<u32>,
}

impl Wiring {
    /// The wiring of blocks, those of cells first.
    pub(crate) fn new<'b, T: Real>(blocks: impl Iterator<Item = &'b Block<T>> + Clone) -> Self {
        let is_cells = |block: &&Block<T>| block.lanes.population().junctions.is_none();
        let cells = blocks.clone().take_while(is_cells).count();
        let mut ends = Ends::new(blocks.clone().take(cells));
        let synapses = blocks.skip(cells);
        let numbered = |ends: &mut Ends<'b, T>, block: &'b Block<T>, post: bool| -> Vec<u32> {
            let Some(junctions) = &block.lanes.population().junctions else {
                unreachable!("all blocks behind those of cells are synapses");
            };
            let sites = if post {
                &junctions.post
            } else {
                &junctions.pre
            };
            let lanes = (0..block.lanes.width()).map(|lane| block.lanes.cell_and_batch(lane));
            let numbers = lanes.map(|(synapse, batch)| ends.number(&sites[synapse], batch));
            numbers.collect()
        };
        let part = |block: &'b Block<T>| block.lanes.population().part();
        let is_sources = |block: &&'b Block<T>| matches!(part(block), Some(Part::Sources));
        let is_weights = |block: &&'b Block<T>| matches!(part(block), Some(Part::Weights(_)));
        let is_gaps = |block: &&'b Block<T>| matches!(part(block), Some(Part::Gaps));
        let gaps = synapses.clone().filter(is_gaps).count();
        let weights = synapses.clone().filter(is_weights).count();
        let sources = synapses.clone().filter(is_sources).count();
        // synapses are in the order of what they are onto, so that those ends are numbered in order
        let onto: Vec<Vec<u32>> = synapses
            .clone()
            .map(|block| match part(block) {
                Some(Part::Sources) => Vec::new(),
                _ => numbered(&mut ends, block, true),
            })
            .collect();
        let joins = synapses.zip(onto).map(|(block, onto)| {
            let (first, last) = (onto.iter().min(), onto.iter().max());
            Joins {
                pre: match part(block) {
                    Some(Part::Whole | Part::Gaps) => numbered(&mut ends, block, false),
                    _ => Vec::new(),
                },
                // what gap junctions bring is no part of sums
                onto: match part(block) {
                    Some(Part::Gaps) => 0..0,
                    _ => first.map_or(0, |end| *end)..last.map_or(0, |end| end + 1),
                },
                post: match part(block) {
                    Some(Part::Sources) => numbered(&mut ends, block, true),
                    _ => onto,
                },
            }
        });
        let joins: Vec<Joins> = joins.collect();
        let weights = cells + joins.len() - weights;
        let mut places = vec![Vec::new(); cells];
        for (end, (member, position)) in ends.places.iter().enumerate() {
            places[*member].push((end as u32, *position));
        }
        Wiring {
            cells,
            gaps: weights - sources - gaps,
            sources: weights - sources,
            weights,
            ends: ends.places.len(),
            places,
            joins,
        }
    }

    /// The ends that the synapses of a member are onto.
    pub(crate) fn onto(&self, member: usize) -> &[u32] {
        &self.joins[member - self.cells].post
    }

    /// For each lane of a member the ends on both of its sides, the one that it is onto first.
    pub(crate) fn sides(&self, member: usize) -> impl Iterator<Item = [usize; 2]> + '_ {
        let joins = &self.joins[member - self.cells];
        let both = joins.post.iter().zip(&joins.pre);
        both.map(|(post, pre)| [*post as usize, *pre as usize])
    }

    /// The ends of a member that is cells, and where they are in an array over its nodes.
    pub(crate) fn places(&self, member: usize) -> &[(u32, usize)] {
        &self.places[member]
    }

    /// Whether anything passes between blocks.
    pub(crate) fn is_needed(&self) -> bool {
        !self.joins.is_empty()
    }
}

/// Numbers compartments of lanes as they are asked for.
struct Ends<'b, T: Real> {
    members: Members<'b, T>,
    known: HashMap<(usize, usize), u32>,
    /// By number: member and position in an array over its nodes.
    places: Vec<(usize, usize)>,
}

impl<'b, T: Real> Ends<'b, T> {
    fn new(cells: impl Iterator<Item = &'b Block<T>>) -> Self {
        Ends {
            members: Members::new(cells),
            known: HashMap::new(),
            places: Vec::new(),
        }
    }

    fn number(&mut self, site: &Site, batch: usize) -> u32 {
        let place = self.members.place(site, batch);
        let places = &mut self.places;
        *self.known.entry(place).or_insert_with(|| {
            places.push(place);
            places.len() as u32 - 1
        })
    }
}

/// Room for what passes between blocks in a step.
pub(crate) struct Exchange<N> {
    /// By end.
    values: Vec<N>,
    /// By end.
    sums: Vec<[N; 2]>,
    /// For each member that is synapses its part of the sums, by end that it is onto.
    parts: Vec<Vec<[N; 2]>>,
}

impl<N: Number> Exchange<N> {
    pub(crate) fn new(wiring: &Wiring) -> Self {
        let parts = wiring.joins.iter();
        let parts = parts.map(|joins| vec![[N::default(); 2]; joins.onto.len()]);
        Exchange {
            values: vec![N::default(); wiring.ends],
            sums: vec![[N::default(); 2]; wiring.ends],
            parts: parts.collect(),
        }
    }

    /// Reads arrays over the nodes of cells, which start at `from(member)`, at all ends.
    pub(crate) fn gather<S: Stepper<Number = N>>(
        &mut self,
        wiring: &Wiring,
        members: &[S],
        from: impl Fn(usize) -> usize,
    ) {
        for (member, (cells, places)) in members.iter().zip(&wiring.places).enumerate() {
            let from = from(member);
            for (end, position) in places {
                self.values[*end as usize] = cells.number(from + position);
            }
        }
    }

    /// What was gathered, by end.
    pub(crate) fn values(&self) -> &[N] {
        &self.values
    }

    /// For synapses what was gathered at the compartments that they are onto goes to `post`, and what
    /// was on their other side to `pre`, if that is wanted. Does nothing for cells.
    pub(crate) fn spread<S: Stepper<Number = N>>(
        &self,
        wiring: &Wiring,
        member: usize,
        block: &mut S,
        (post, pre): (usize, Option<usize>),
    ) {
        let Some(joins) = member.checked_sub(wiring.cells).map(|i| &wiring.joins[i]) else {
            return;
        };
        spread(block, post, &joins.post, &self.values);
        if let Some(pre) = pre {
            spread(block, pre, &joins.pre, &self.values);
        }
    }

    /// For gap junctions how much more was gathered at the compartments that they are onto than at those
    /// on the other side goes to `to`.
    pub(crate) fn spread_difference<S: Stepper<Number = N>>(
        &self,
        wiring: &Wiring,
        member: usize,
        block: &mut S,
        to: usize,
    ) {
        for (lane, [post, pre]) in wiring.sides(member).enumerate() {
            block.set(to + lane, self.values[post] - self.values[pre]);
        }
    }

    /// For each member that is synapses which are not folded: its wiring, and room for its part of sums.
    pub(crate) fn parts<'e>(
        &'e mut self,
        wiring: &'e Wiring,
    ) -> impl Iterator<Item = Partial<'e, N>> {
        let parts = self.parts.iter_mut().zip(&wiring.joins);
        let parts = parts.take(wiring.gaps - wiring.cells);
        parts.map(|(sums, joins)| Partial { joins, sums })
    }

    /// For each member that is weights the first end that it is onto, and room for its part of sums.
    pub(crate) fn folded_parts<'e>(
        &'e mut self,
        wiring: &'e Wiring,
    ) -> impl Iterator<Item = (usize, &'e mut [[N; 2]])> {
        let parts = self.parts.iter_mut().zip(&wiring.joins);
        let parts = parts.skip(wiring.weights - wiring.cells);
        parts.map(|(sums, joins)| (joins.onto.start as usize, &mut sums[..]))
    }

    /// Sums the parts.
    pub(crate) fn total(&mut self, wiring: &Wiring) {
        self.sums.fill([N::default(); 2]);
        for (part, joins) in self.parts.iter().zip(&wiring.joins) {
            let onto = joins.onto.start as usize..joins.onto.end as usize;
            for (sum, part) in self.sums[onto].iter_mut().zip(part) {
                *sum = [sum[0] + part[0], sum[1] + part[1]];
            }
        }
    }

    /// Adds the sums to the equation of cells: right-hand side and diagonal.
    pub(crate) fn add_to<S: Stepper<Number = N>>(
        &self,
        wiring: &Wiring,
        member: usize,
        cells: &mut S,
        [rhs, diagonal]: [usize; 2],
    ) {
        for (end, position) in &wiring.places[member] {
            let [first, second] = self.sums[*end as usize];
            cells.add(rhs + position, first);
            cells.add(diagonal + position, second);
        }
    }

    /// The transpose of gathering and spreading: adds what starts at `post(member)` and at `pre(member)`
    /// over synapses to what starts at `to(member)` over the nodes of cells, and clears it.
    pub(crate) fn collect<S: Stepper<Number = N>>(
        &mut self,
        wiring: &Wiring,
        members: &mut [S],
        post: impl Fn(usize) -> usize,
        pre: impl Fn(usize) -> usize,
        to: impl Fn(usize) -> usize,
    ) {
        let (cells, synapses) = members[..wiring.weights].split_at_mut(wiring.cells);
        self.values.fill(N::default());
        for (index, (block, joins)) in synapses.iter_mut().zip(&wiring.joins).enumerate() {
            let member = wiring.cells + index;
            for (at, ends) in [(post(member), &joins.post), (pre(member), &joins.pre)] {
                if ends.is_empty() {
                    continue;
                }
                for (lane, end) in ends.iter().enumerate() {
                    let sum = &mut self.values[*end as usize];
                    *sum = *sum + block.number(at + lane);
                }
                let nodes = block.plain().memory.nodes;
                block.clear(at..at + nodes);
            }
        }
        for (member, (cells, places)) in cells.iter_mut().zip(&wiring.places).enumerate() {
            let to = to(member);
            for (end, position) in places {
                cells.add(to + position, self.values[*end as usize]);
            }
        }
    }
}

/// The part of sums that a block of synapses contributes.
pub(crate) struct Partial<'e, N> {
    joins: &'e Joins,
    sums: &'e mut [[N; 2]],
}

impl<N: Number> Partial<'_, N> {
    /// Sums two arrays over synapses by the end that they are onto, in the order of the synapses.
    pub(crate) fn add<S: Stepper<Number = N>>(self, block: &S, [first, second]: [usize; 2]) {
        self.sums.fill([N::default(); 2]);
        for (lane, end) in self.joins.post.iter().enumerate() {
            let sum = &mut self.sums[(end - self.joins.onto.start) as usize];
            *sum = [
                sum[0] + block.number(first + lane),
                sum[1] + block.number(second + lane),
            ];
        }
    }
}

/// Writes the value of each lane's end, and that of the first lane into the padding, which is computed
/// along and must be numbers.
fn spread<S: Stepper>(block: &mut S, to: usize, ends: &[u32], values: &[S::Number]) {
    if ends.is_empty() {
        return;
    }
    for (lane, end) in ends.iter().enumerate() {
        block.set(to + lane, values[*end as usize]);
    }
    for lane in ends.len()..block.plain().memory.nodes {
        block.set(to + lane, values[ends[0] as usize]);
    }
}
