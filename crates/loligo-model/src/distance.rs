//! Path distances: how far it is along the branches from one place to another.

use std::collections::VecDeque;

use crate::model::Model;
use crate::quantity::Quantity;

/// SWC type of a soma.
const SOMA: i32 = 1;

impl Model {
    /// Path distance of the middle of every compartment from the soma of its cell, µm: from the
    /// middle of the root branch if that is a soma, else from the root's 0 end.
    pub fn distances(&self) -> Vec<f64> {
        let tree = Tree::of(self);
        let mut seeds = Vec::new();
        for cell in &self.shape.cells {
            let root = &self.shape.branches[cell.branches.start];
            let (first, count) = (root.compartments.start, root.compartments.len());
            let middle = first + count / 2;
            match (root.kind == SOMA, count % 2) {
                (false, _) => seeds.push((tree.start_of(cell.branches.start), 0.0)),
                (true, 1) => seeds.push((middle, 0.0)),
                // the middle is where two compartments meet
                (true, _) => {
                    seeds.push((middle - 1, tree.half(middle - 1)));
                    seeds.push((middle, tree.half(middle)));
                }
            }
        }
        tree.distances(&seeds)
    }

    /// Path distance between the middles of a compartment and all others, µm; infinite for those
    /// of other cells. Empty if there is no such compartment.
    pub fn distances_from(&self, compartment: usize) -> Vec<f64> {
        match compartment < self.shape.compartments.len() {
            true => Tree::of(self).distances(&[(compartment, 0.0)]),
            false => Vec::new(),
        }
    }
}

/// Compartments and the ends of branches, joined where they touch.
struct Tree {
    compartments: usize,
    halves: Vec<f64>,
    neighbours: Vec<Vec<(usize, f64)>>,
}

impl Tree {
    fn of(model: &Model) -> Self {
        let shape = &model.shape;
        let length = |c: usize| model.values.value(Quantity::Length, c);
        let count = shape.compartments.len();
        let halves: Vec<f64> = (0..count)
            .map(|c| 0.5 * length(c).unwrap_or(shape.compartments[c].length))
            .collect();
        let mut tree = Tree {
            compartments: count,
            neighbours: vec![Vec::new(); count + 2 * shape.branches.len()],
            halves,
        };
        for (index, branch) in shape.branches.iter().enumerate() {
            let inside = branch.compartments.clone();
            let (first, last) = (inside.start, inside.end - 1);
            tree.join(tree.start_of(index), first, tree.half(first));
            tree.join(tree.end_of(index), last, tree.half(last));
            for c in first..last {
                tree.join(c, c + 1, tree.half(c) + tree.half(c + 1));
            }
            if let Some(parent) = branch.parent {
                let there = match parent.at {
                    0.0 => tree.start_of(parent.branch),
                    1.0 => tree.end_of(parent.branch),
                    at => shape.at(parent.branch, at),
                };
                tree.join(tree.start_of(index), there, 0.0);
            }
        }
        tree
    }

    fn start_of(&self, branch: usize) -> usize {
        self.compartments + 2 * branch
    }

    fn end_of(&self, branch: usize) -> usize {
        self.compartments + 2 * branch + 1
    }

    fn half(&self, compartment: usize) -> f64 {
        self.halves[compartment]
    }

    fn join(&mut self, a: usize, b: usize, distance: f64) {
        self.neighbours[a].push((b, distance));
        self.neighbours[b].push((a, distance));
    }

    fn distances(&self, seeds: &[(usize, f64)]) -> Vec<f64> {
        let mut distances = vec![f64::INFINITY; self.neighbours.len()];
        for &(node, distance) in seeds {
            distances[node] = distance;
        }
        let mut queue: VecDeque<usize> = seeds.iter().map(|&(node, _)| node).collect();
        while let Some(node) = queue.pop_front() {
            for &(next, step) in &self.neighbours[node] {
                // in a tree there is one way only
                if distances[next].is_infinite() {
                    distances[next] = distances[node] + step;
                    queue.push_back(next);
                }
            }
        }
        distances.truncate(self.compartments);
        distances
    }
}
