//! The shape of one cell's cable equation: nodes, the edges between them, an order of elimination.
//!
//! A node is a compartment or a branch point. Branch points have no area and no capacitance; they
//! exist where three or more half resistances meet (two in series need none).

use std::collections::BTreeMap;
use std::ops::Range;

use loligo_model::{CellShape, Shape};

/// One end of an edge's resistance: half of a compartment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Half {
    /// The compartment, counted within its cell.
    pub compartment: usize,
    /// Which half.
    pub side: Side,
}

/// The halves of a compartment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Side {
    /// Towards the 0 end of its branch.
    In,
    /// Towards the 1 end of its branch.
    Out,
}

/// A connection between two nodes: the half compartments that lie between them, in series.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Edge {
    /// The node further from the root.
    pub child: usize,
    /// The node nearer to the root.
    pub parent: usize,
    /// What the current passes through.
    pub halves: Vec<Half>,
}

/// A cell's nodes and edges. Nodes `0..compartments` are the compartments in the order of the
/// cell; branch points follow.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Tree {
    /// How many compartments there are.
    pub compartments: usize,
    /// How many nodes there are.
    pub nodes: usize,
    /// In order of elimination: every edge below a node comes before the edge above it, and edges
    /// that follow each other belong to different branches where possible, so that their
    /// elimination does not wait for one another.
    pub edges: Vec<Edge>,
    /// Where elimination ends.
    pub root: usize,
}

/// Where two or more half resistances meet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
enum Junction {
    /// The centre of a compartment.
    Center(usize),
    /// The 0 end of a root branch.
    Start(usize),
    /// The 1 end of a branch.
    End(usize),
    /// The boundary inside a branch after a compartment.
    After(usize),
}

impl Tree {
    /// A single node.
    pub fn point() -> Self {
        Tree {
            compartments: 1,
            nodes: 1,
            edges: Vec::new(),
            root: 0,
        }
    }

    /// The tree of one cell of a model.
    pub fn of_cell(shape: &Shape, cell: &CellShape) -> Self {
        let branches = Branches { shape, cell };
        // what meets where, before resistances in series are joined
        let mut links: Vec<(Junction, Junction, Half)> = Vec::new();
        for index in cell.branches.clone() {
            let compartments = branches.compartments(index);
            let mut junction = branches.start_of(index);
            for compartment in compartments.clone() {
                let center = Junction::Center(compartment);
                links.push((
                    junction,
                    center,
                    Half {
                        compartment,
                        side: Side::In,
                    },
                ));
                junction = if compartment + 1 == compartments.end {
                    Junction::End(index)
                } else {
                    Junction::After(compartment)
                };
                links.push((
                    center,
                    junction,
                    Half {
                        compartment,
                        side: Side::Out,
                    },
                ));
            }
        }
        let root = branches.compartments(cell.branches.start).start;
        assemble(&links, root, cell.compartments.len())
    }
}

/// The branches of one cell, with its compartments counted from 0.
struct Branches<'a> {
    shape: &'a Shape,
    cell: &'a CellShape,
}

impl Branches<'_> {
    fn compartments(&self, branch: usize) -> Range<usize> {
        let first = self.cell.compartments.start;
        let range = &self.shape.branches[branch].compartments;
        range.start - first..range.end - first
    }

    /// Where the 0 end of a branch is.
    fn start_of(&self, branch: usize) -> Junction {
        let Some(attachment) = &self.shape.branches[branch].parent else {
            return Junction::Start(branch);
        };
        let parent = attachment.branch;
        if attachment.at >= 1.0 {
            Junction::End(parent)
        } else if attachment.at > 0.0 {
            // as NEURON does, a location on a boundary belongs to the compartment after it
            let compartments = self.compartments(parent);
            let offset = (attachment.at * compartments.len() as f64) as usize;
            Junction::Center(compartments.start + offset.min(compartments.len() - 1))
        } else {
            self.start_of(parent)
        }
    }
}

fn assemble(links: &[(Junction, Junction, Half)], root: usize, compartments: usize) -> Tree {
    let mut at: BTreeMap<Junction, Vec<usize>> = BTreeMap::new();
    for (index, (a, b, _)) in links.iter().enumerate() {
        at.entry(*a).or_default().push(index);
        at.entry(*b).or_default().push(index);
    }
    // a node for each compartment and for each junction of three or more halves
    let mut node_of: BTreeMap<Junction, usize> = BTreeMap::new();
    let mut nodes = compartments;
    for (junction, meeting) in &at {
        match junction {
            Junction::Center(compartment) => {
                node_of.insert(*junction, *compartment);
            }
            _ if meeting.len() > 2 => {
                node_of.insert(*junction, nodes);
                nodes += 1;
            }
            _ => {}
        }
    }
    // breadth first from the root, through junctions that are no nodes
    let mut edges = Vec::new();
    let mut seen = vec![false; links.len()];
    let mut level = vec![Junction::Center(root)];
    while !level.is_empty() {
        let mut next = Vec::new();
        for &from in &level {
            for &start in &at[&from] {
                if seen[start] {
                    continue;
                }
                let (mut link, mut here, mut halves) = (start, from, Vec::new());
                let end = loop {
                    seen[link] = true;
                    let (a, b, half) = links[link];
                    halves.push(half);
                    here = if a == here { b } else { a };
                    if node_of.contains_key(&here) {
                        break Some(here);
                    }
                    match at[&here].iter().find(|l| !seen[**l]) {
                        Some(onward) => link = *onward,
                        None => break None, // a sealed end
                    }
                };
                if let Some(end) = end {
                    edges.push(Edge {
                        child: node_of[&end],
                        parent: node_of[&from],
                        halves,
                    });
                    next.push(end);
                }
            }
        }
        level = next;
    }
    edges.reverse();
    Tree {
        compartments,
        nodes,
        edges,
        root,
    }
}
