//! Path distances: how far it is along the branches from one place to another.

use crate::model::Model;
use crate::quantity::Quantity;

/// SWC type of a soma.
const SOMA: i32 = 1;

/// Where a walk enters a branch, and how far it has come.
#[derive(Clone, Copy)]
struct Entry {
    branch: usize,
    /// Distance of the entry from the branch's 0 end, µm.
    along: f64,
    /// Distance walked, µm.
    walked: f64,
}

impl Model {
    /// Path distance of the middle of every compartment from the soma of its cell, µm: from the
    /// middle of the root branch if that is a soma, else from the root's 0 end. What attaches
    /// inside of a branch starts there, as for NEURON's `h.distance`.
    pub fn distances(&self) -> Vec<f64> {
        let roots = self.shape.cells.iter().map(|cell| cell.branches.start);
        let entries = roots.map(|branch| Entry {
            branch,
            along: match self.shape.branches[branch].kind {
                SOMA => 0.5 * self.branch_length(branch),
                _ => 0.0,
            },
            walked: 0.0,
        });
        self.walk(entries.collect())
    }

    /// Path distance between the middles of a compartment and all others, µm; infinite for those
    /// of other cells. Empty if there is no such compartment.
    pub fn distances_from(&self, compartment: usize) -> Vec<f64> {
        if compartment >= self.shape.compartments.len() {
            return Vec::new();
        }
        let branch = self.shape.branch_of(compartment);
        let first = self.shape.branches[branch].compartments.start;
        let before: f64 = (first..compartment).map(|c| self.length(c)).sum();
        let along = before + 0.5 * self.length(compartment);
        self.walk(vec![Entry {
            branch,
            along,
            walked: 0.0,
        }])
    }

    /// Distances of all compartments that a walk from the entries reaches.
    fn walk(&self, mut entries: Vec<Entry>) -> Vec<f64> {
        let branches = &self.shape.branches;
        let mut children = vec![Vec::new(); branches.len()];
        for (index, branch) in branches.iter().enumerate() {
            if let Some(parent) = branch.parent {
                let along = parent.at * self.branch_length(parent.branch);
                children[parent.branch].push((index, along));
            }
        }
        let mut distances = vec![f64::INFINITY; self.shape.compartments.len()];
        let mut entered = vec![false; branches.len()];
        while let Some(entry) = entries.pop() {
            if std::mem::replace(&mut entered[entry.branch], true) {
                continue;
            }
            let to = |along: f64| entry.walked + (along - entry.along).abs();
            let branch = &branches[entry.branch];
            let mut end = 0.0;
            for c in branch.compartments.clone() {
                distances[c] = to(end + 0.5 * self.length(c));
                end += self.length(c);
            }
            let onward = children[entry.branch].iter().map(|&(child, at)| Entry {
                branch: child,
                along: 0.0,
                walked: to(at),
            });
            let back = branch.parent.map(|parent| Entry {
                branch: parent.branch,
                along: parent.at * self.branch_length(parent.branch),
                walked: to(0.0),
            });
            entries.extend(onward.chain(back));
        }
        distances
    }

    fn length(&self, compartment: usize) -> f64 {
        let as_built = self.shape.compartments[compartment].length;
        let value = self.values.value(Quantity::Length, compartment);
        value.unwrap_or(as_built)
    }

    fn branch_length(&self, branch: usize) -> f64 {
        let inside = self.shape.branches[branch].compartments.clone();
        inside.map(|c| self.length(c)).sum()
    }
}
