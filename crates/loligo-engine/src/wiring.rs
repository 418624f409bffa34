//! How synapses are wired to compartments: what passes between the blocks of a crew, and in which
//! order it is summed. The order does not depend on threads.

use std::ops::Range;

use crate::block::Block;
use crate::members::Members;
use crate::program::{Part, Site};
use crate::vector::Real;

/// The compartments that the synapses of a crew join: its *ends*, numbered by member and by position
/// in an array over its nodes, so that what passes is in the order of memory.
pub(crate) struct Wiring {
    /// How many members are cells; those after them are synapses.
    pub(crate) cells: usize,
    /// Which of these is the first of gap junctions, behind synapses that do their whole work.
    pub(crate) gaps: usize,
    /// Which is the first of sources, behind all that are told the voltages of both sides.
    pub(crate) sources: usize,
    /// Which is the first of weights, behind all sources.
    pub(crate) weights: usize,
    /// For each member that is cells.
    taps: Vec<Taps>,
    /// For each member that is synapses.
    joins: Vec<Joins>,
}

/// The ends of a member that is cells.
pub(crate) struct Taps {
    pub(crate) ends: Range<usize>,
    /// Where each is in an array over nodes.
    pub(crate) positions: Vec<u32>,
    /// Those whose voltages synapses read as a step begins, as indices of `positions`.
    pub(crate) read: Vec<u32>,
    /// What synapses add: to which position, and the row of sums that it is, in the order in which it is
    /// added.
    pub(crate) inflows: Vec<(u32, u32)>,
}

/// The lanes of a member that is synapses.
pub(crate) struct Joins {
    /// The end that each reads on its other side, if they are not folded.
    pub(crate) pre: Vec<u32>,
    /// The end that each is onto, of sources the one that it is in.
    pub(crate) post: Vec<u32>,
    /// Lanes that are onto one end follow each other and make up a row of sums: where each row starts,
    /// and where the last one ends. What gap junctions bring is no part of sums.
    pub(crate) starts: Vec<u32>,
}

impl Joins {
    /// How many rows of sums there are.
    pub(crate) fn rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }
}

impl Wiring {
    /// The wiring of blocks, those of cells first.
    pub(crate) fn new<'b, T: Real>(blocks: impl Iterator<Item = &'b Block<T>> + Clone) -> Self {
        let is_cells = |block: &&Block<T>| block.lanes.population().junctions.is_none();
        let cells = blocks.clone().take_while(is_cells).count();
        let nodes = Nodes::new(blocks.clone().take(cells));
        let synapses = blocks.skip(cells);
        let part = |block: &'b Block<T>| block.lanes.population().part();
        let count = |is: fn(&Part) -> bool| {
            let parts = synapses.clone().filter_map(part);
            parts.filter(|part| is(part)).count()
        };
        let gaps = count(|part| matches!(part, Part::Gaps));
        let sources = count(|part| matches!(part, Part::Sources));
        let weights = count(|part| matches!(part, Part::Weights(_)));
        let sides: Vec<Sides> = synapses.map(|block| Sides::new(block, &nodes)).collect();
        let (mut taps, numbers) = nodes.number(&sides);
        let joins: Vec<Joins> = sides.iter().map(|sides| sides.numbered(&numbers)).collect();
        add_inflows(&mut taps, &joins);
        let weights = cells + joins.len() - weights;
        Wiring {
            cells,
            gaps: weights - sources - gaps,
            sources: weights - sources,
            weights,
            taps,
            joins,
        }
    }

    /// How many ends there are.
    pub(crate) fn ends(&self) -> usize {
        self.taps.last().map_or(0, |taps| taps.ends.end)
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

    /// The ends of each member that is cells.
    pub(crate) fn taps(&self) -> &[Taps] {
        &self.taps
    }

    /// The lanes of each member that is synapses.
    pub(crate) fn joins(&self) -> &[Joins] {
        &self.joins
    }

    /// Whether anything passes between blocks.
    pub(crate) fn is_needed(&self) -> bool {
        !self.joins.is_empty()
    }
}

/// The nodes of all members that are cells, one member's behind another's.
struct Nodes<'b, T: Real> {
    members: Members<'b, T>,
    /// Where those of each member start, and where the last ones end.
    starts: Vec<usize>,
}

impl<'b, T: Real> Nodes<'b, T> {
    fn new(cells: impl Iterator<Item = &'b Block<T>> + Clone) -> Self {
        let mut starts = vec![0];
        for block in cells.clone() {
            starts.push(starts[starts.len() - 1] + block.memory.nodes);
        }
        let members = Members::new(cells);
        Nodes { members, starts }
    }

    fn node(&self, site: &Site, batch: usize) -> usize {
        let (member, position) = self.members.place(site, batch);
        self.starts[member] + position
    }

    /// Numbers all that are on a side of synapses. Returns the ends of each member, and by node the
    /// number of its end.
    fn number(&self, sides: &[Sides<'_>]) -> (Vec<Taps>, Vec<u32>) {
        let nodes = self.starts[self.starts.len() - 1];
        let (mut is_end, mut is_read) = (vec![false; nodes], vec![false; nodes]);
        for sides in sides {
            for node in sides.pre.iter().chain(&sides.post) {
                is_end[*node] = true;
                is_read[*node] |= sides.are_read();
            }
        }
        let mut numbers = vec![u32::MAX; nodes];
        let mut count = 0;
        let taps = self.starts.windows(2).map(|member| {
            let mut taps = Taps {
                ends: count..count,
                positions: Vec::new(),
                read: Vec::new(),
                inflows: Vec::new(),
            };
            for node in (member[0]..member[1]).filter(|node| is_end[*node]) {
                if is_read[node] {
                    taps.read.push(taps.positions.len() as u32);
                }
                taps.positions.push((node - member[0]) as u32);
                numbers[node] = taps.ends.end as u32;
                taps.ends.end += 1;
            }
            count = taps.ends.end;
            taps
        });
        (taps.collect(), numbers)
    }
}

/// The nodes on the two sides of each lane of a block of synapses.
struct Sides<'b> {
    part: Option<&'b Part>,
    pre: Vec<usize>,
    post: Vec<usize>,
}

impl<'b> Sides<'b> {
    fn new<T: Real>(block: &'b Block<T>, nodes: &Nodes<'_, T>) -> Self {
        let Some(junctions) = &block.lanes.population().junctions else {
            unreachable!("all blocks behind those of cells are synapses");
        };
        let of_lanes = |sites: &[Site]| {
            let lanes = (0..block.lanes.width()).map(|lane| block.lanes.cell_and_batch(lane));
            let of_lanes = lanes.map(|(synapse, batch)| nodes.node(&sites[synapse], batch));
            of_lanes.collect()
        };
        let part = block.lanes.population().part();
        Sides {
            part,
            pre: match part {
                Some(Part::Whole | Part::Gaps) => of_lanes(&junctions.pre),
                _ => Vec::new(),
            },
            post: of_lanes(&junctions.post),
        }
    }

    /// Whether its synapses read voltages as a step begins.
    fn are_read(&self) -> bool {
        !matches!(self.part, Some(Part::Weights(_)))
    }

    fn numbered(&self, numbers: &[u32]) -> Joins {
        let of = |nodes: &[usize]| nodes.iter().map(|node| numbers[*node]).collect();
        let mut starts = Vec::new();
        if let Some(Part::Whole | Part::Weights(_)) = self.part {
            starts.push(0);
            let rows = self.post.chunk_by(|one, next| one == next);
            starts.extend(rows.scan(0, |end, row| {
                *end += row.len() as u32;
                Some(*end)
            }));
        }
        Joins {
            pre: of(&self.pre),
            post: of(&self.post),
            starts,
        }
    }
}

/// Finds what synapses add to each end, in the order of synapses.
fn add_inflows(taps: &mut [Taps], joins: &[Joins]) {
    let mut first = 0;
    let mut inflows: Vec<(u32, u32)> = Vec::new();
    for joins in joins {
        let rows = joins.starts[..joins.rows()].iter().zip(first..);
        inflows.extend(rows.map(|(lane, row)| (joins.post[*lane as usize], row)));
        first += joins.rows() as u32;
    }
    inflows.sort_by_key(|(end, _)| *end);
    for taps in taps {
        let before = |end: usize| inflows.partition_point(|inflow| (inflow.0 as usize) < end);
        let theirs = before(taps.ends.start)..before(taps.ends.end);
        let theirs = inflows[theirs].iter().map(|(end, row)| {
            let index = *end as usize - taps.ends.start;
            (taps.positions[index], *row)
        });
        taps.inflows = theirs.collect();
    }
}
