//! The points of an SWC file as one tree, starting at the soma.

use super::syntax::{Fault, Record};
use super::{Roots, SwcOptions};
use crate::branch::Point;
use crate::error::SwcFault;
use crate::morphology::Note;
use std::collections::{HashMap, VecDeque};

/// SWC type of soma points.
pub(crate) const SOMA: i32 = 1;

/// A tree of points; children are in ascending order of their ids.
pub(crate) struct PointTree {
    /// The points, in ascending order of their ids.
    pub records: Vec<Record>,
    pub children: Vec<Vec<usize>>,
    pub root: usize,
}

impl PointTree {
    pub fn new(
        mut records: Vec<Record>,
        options: &SwcOptions,
        notes: &mut Vec<Note>,
    ) -> Result<Self, Fault> {
        records.sort_by_key(|record| (record.id, record.line));
        let mut parents = parent_indices(&records)?;
        check_circles(&records, &parents)?;
        let root = one_root(&mut records, &mut parents, options.roots, notes)?;
        raise_radii(&mut records, options.min_radius, notes)?;
        let root = turned_to_soma(&records, &mut parents, root, notes);
        let children = children(&parents);
        Ok(PointTree {
            records,
            children,
            root,
        })
    }

    pub fn point(&self, node: usize) -> Point {
        self.records[node].point
    }

    pub fn kind(&self, node: usize) -> i32 {
        self.records[node].kind
    }

    /// The children of a node that have its type.
    pub fn children_of_own_kind(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        self.children[node]
            .iter()
            .copied()
            .filter(move |&child| self.kind(child) == self.kind(node))
    }
}

/// The index of every record's parent, for records in ascending order of ids.
pub(crate) fn parent_indices(records: &[Record]) -> Result<Vec<Option<usize>>, Fault> {
    let mut index_of: HashMap<i64, usize> = HashMap::with_capacity(records.len());
    for (index, record) in records.iter().enumerate() {
        if let Some(first) = index_of.insert(record.id, index) {
            let fault = SwcFault::DuplicateId {
                id: record.id,
                first_line: records[first].line,
            };
            return Err((record.line, fault));
        }
    }
    let parent_of = |record: &Record| match record.parent {
        None => Ok(None),
        Some(parent) => match index_of.get(&parent) {
            Some(&index) => Ok(Some(index)),
            None => Err((
                record.line,
                SwcFault::MissingParent {
                    id: record.id,
                    parent,
                },
            )),
        },
    };
    records.iter().map(parent_of).collect()
}

fn check_circles(records: &[Record], parents: &[Option<usize>]) -> Result<(), Fault> {
    // the walk that saw a node; nodes of earlier walks lead to a root
    let mut seen_by = vec![usize::MAX; records.len()];
    for start in 0..records.len() {
        let mut node = Some(start);
        while let Some(here) = node.filter(|&here| seen_by[here] == usize::MAX) {
            seen_by[here] = start;
            node = parents[here];
        }
        if let Some(entry) = node.filter(|&here| seen_by[here] == start) {
            let mut ids = vec![records[entry].id];
            let mut here = parents[entry];
            while let Some(other) = here.filter(|&other| other != entry) {
                ids.push(records[other].id);
                here = parents[other];
            }
            ids.push(records[entry].id);
            return Err((records[entry].line, SwcFault::Cycle { ids }));
        }
    }
    Ok(())
}

/// The one root, after choosing or joining if the options say so.
fn one_root(
    records: &mut Vec<Record>,
    parents: &mut Vec<Option<usize>>,
    policy: Roots,
    notes: &mut Vec<Note>,
) -> Result<usize, Fault> {
    let roots: Vec<usize> = (0..records.len())
        .filter(|&index| parents[index].is_none())
        .collect();
    match policy {
        Roots::Single => match roots[..] {
            [first, second, ..] => {
                let fault = SwcFault::SeveralRoots {
                    id: records[second].id,
                    first: records[first].id,
                    first_line: records[first].line,
                    count: roots.len(),
                };
                Err((records[second].line, fault))
            }
            _ => Ok(roots[0]),
        },
        Roots::Choose(id) => match roots.iter().copied().find(|&root| records[root].id == id) {
            Some(root) => Ok(keep_tree(records, parents, root, notes)),
            None => {
                let roots = roots.iter().map(|&root| records[root].id).collect();
                Err((records[0].line, SwcFault::NoSuchRoot { id, roots }))
            }
        },
        Roots::Join => {
            join(records, parents, &roots);
            Ok(roots[0])
        }
    }
}

/// The root of every node.
fn root_of_every_node(parents: &[Option<usize>]) -> Vec<usize> {
    let mut root_of = vec![usize::MAX; parents.len()];
    for start in 0..parents.len() {
        let mut way = Vec::new();
        let mut here = start;
        while root_of[here] == usize::MAX {
            way.push(here);
            match parents[here] {
                Some(parent) => here = parent,
                None => root_of[here] = here,
            }
        }
        let root = root_of[here];
        way.into_iter().for_each(|node| root_of[node] = root);
    }
    root_of
}

/// Leaves only the points of one root; returns its new index.
fn keep_tree(
    records: &mut Vec<Record>,
    parents: &mut Vec<Option<usize>>,
    root: usize,
    notes: &mut Vec<Note>,
) -> usize {
    let root_of = root_of_every_node(parents);
    let kept: Vec<usize> = (0..records.len())
        .filter(|&node| root_of[node] == root)
        .collect();
    let new_index: HashMap<usize, usize> = kept
        .iter()
        .enumerate()
        .map(|(new, &old)| (old, new))
        .collect();
    let left_out = records.len() - kept.len();
    if left_out > 0 {
        notes.push(Note::LeftOutRoots { points: left_out });
    }
    *parents = kept
        .iter()
        .map(|&node| parents[node].map(|parent| new_index[&parent]))
        .collect();
    *records = kept.iter().map(|&node| records[node].clone()).collect();
    new_index[&root]
}

/// Connects every further root to the nearest point of what is connected already.
fn join(records: &[Record], parents: &mut [Option<usize>], roots: &[usize]) {
    let root_of = root_of_every_node(parents);
    let nodes_of = |root: usize| -> Vec<usize> {
        (0..records.len())
            .filter(|&node| root_of[node] == root)
            .collect()
    };
    let mut connected = nodes_of(roots[0]);
    for &root in &roots[1..] {
        let distance = |node: &usize| records[*node].point.distance(&records[root].point);
        parents[root] = connected
            .iter()
            .copied()
            .min_by(|a, b| distance(a).total_cmp(&distance(b)));
        connected.extend(nodes_of(root));
    }
}

fn raise_radii(
    records: &mut [Record],
    min_radius: Option<f64>,
    notes: &mut Vec<Note>,
) -> Result<(), Fault> {
    let Some(radius) = min_radius else {
        let mut zeros = records.iter().filter(|record| record.point.radius == 0.0);
        let Some(first) = zeros.next() else {
            return Ok(());
        };
        return Err((
            first.line,
            SwcFault::ZeroRadius {
                id: first.id,
                count: 1 + zeros.count(),
            },
        ));
    };
    let mut count = 0;
    for record in records
        .iter_mut()
        .filter(|record| record.point.radius < radius)
    {
        record.point.radius = radius;
        count += 1;
    }
    if count > 0 {
        notes.push(Note::RaisedRadii { count, radius });
    }
    Ok(())
}

/// The children of every node, in ascending order.
fn children(parents: &[Option<usize>]) -> Vec<Vec<usize>> {
    let mut children = vec![Vec::new(); parents.len()];
    for (index, parent) in parents.iter().enumerate() {
        if let Some(parent) = parent {
            children[*parent].push(index);
        }
    }
    children
}

/// Turns the tree to start at the soma point that is the fewest points away from the root; returns
/// the new root.
fn turned_to_soma(
    records: &[Record],
    parents: &mut [Option<usize>],
    root: usize,
    notes: &mut Vec<Note>,
) -> usize {
    if records[root].kind == SOMA {
        return root;
    }
    // breadth first, so that the first soma point is the nearest
    let children = children(parents);
    let mut queue = VecDeque::from([root]);
    let mut nearest = None;
    while let Some(node) = queue.pop_front() {
        if records[node].kind == SOMA {
            nearest = Some(node);
            break;
        }
        queue.extend(&children[node]);
    }
    let Some(soma) = nearest else { return root };
    let way: Vec<usize> = std::iter::successors(Some(soma), |&here| parents[here]).collect();
    for step in way.windows(2) {
        parents[step[1]] = Some(step[0]);
    }
    parents[soma] = None;
    notes.push(Note::TurnedToSoma {
        id: records[soma].id,
    });
    soma
}
