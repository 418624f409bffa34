//! The cable of the reference engine: which half compartments lie between which nodes, and solving
//! for the voltages of all nodes.

use std::collections::HashMap;

use loligo_model::{Model, Quantity};

use super::super::complex::Number;
use super::{Experiment, Reference, Run};

/// A compartment's centre or a point where branches meet.
pub(super) struct CableNode {
    /// Towards the root, and the half compartments that lie between.
    pub(super) parent: Option<(usize, Vec<(usize, Half)>)>,
    pub(super) compartment: Option<usize>,
}

#[derive(Clone, Copy)]
pub(super) enum Half {
    In,
    Out,
}

/// Nodes of all cells, parents before children.
pub(super) fn cable(model: &Model) -> (Vec<CableNode>, Vec<usize>) {
    let shape = model.shape();
    let mut nodes: Vec<CableNode> = Vec::new();
    let mut node_of = vec![0; shape.compartments.len()];
    let (mut starts, mut ends) = (HashMap::new(), HashMap::new());
    for branch in &shape.branches {
        // the node at the 0 end
        let start = branch.parent.map(|attachment| {
            let (mut parent, mut at) = (attachment.branch, attachment.at);
            while let (true, Some(above)) = (at <= 0.0, shape.branches[parent].parent) {
                (parent, at) = (above.branch, above.at);
            }
            let inside = &shape.branches[parent].compartments;
            let (found, end, half) = if at <= 0.0 {
                (&mut starts, inside.start, Half::In)
            } else if at >= 1.0 {
                (&mut ends, inside.end - 1, Half::Out)
            } else {
                let offset = (at * inside.len() as f64).floor() as usize;
                return node_of[inside.start + offset];
            };
            *found.entry(parent).or_insert_with(|| {
                nodes.push(CableNode {
                    parent: Some((node_of[end], vec![(end, half)])),
                    compartment: None,
                });
                nodes.len() - 1
            })
        });
        let mut before = start.map(|node| (node, None));
        for compartment in branch.compartments.clone() {
            nodes.push(CableNode {
                parent: before.map(|(node, neighbour): (usize, Option<usize>)| {
                    let far = neighbour.map(|neighbour| (neighbour, Half::Out));
                    (
                        node,
                        far.into_iter().chain([(compartment, Half::In)]).collect(),
                    )
                }),
                compartment: Some(compartment),
            });
            node_of[compartment] = nodes.len() - 1;
            before = Some((nodes.len() - 1, Some(compartment)));
        }
    }
    (nodes, node_of)
}

impl Reference<'_> {
    /// µm.
    pub(super) fn radius<S: Number>(&self, experiment: &Experiment<S>, index: usize) -> S {
        (experiment.values)(Quantity::Radius, index).expect("a number")
    }

    /// Of the membrane, µm².
    pub(super) fn area<S: Number>(&self, experiment: &Experiment<S>, index: usize) -> S {
        let geometry = &self.model.shape().compartments[index];
        let radius = self.radius(experiment, index) / S::from_f64(geometry.radius);
        let length = (experiment.values)(Quantity::Length, index).expect("a number");
        S::from_f64(geometry.area) * radius * (length / S::from_f64(geometry.length))
    }

    /// Of half a compartment, MΩ.
    pub(super) fn resistance<S: Number>(
        &self,
        experiment: &Experiment<S>,
        index: usize,
        half: Half,
    ) -> S {
        let geometry = &self.model.shape().compartments[index];
        let value = |quantity| (experiment.values)(quantity, index).expect("a number");
        let radius = value(Quantity::Radius) / S::from_f64(geometry.radius);
        let length = value(Quantity::Length) / S::from_f64(geometry.length);
        let per_resistivity = match half {
            Half::In => geometry.resistance_in,
            Half::Out => geometry.resistance_out,
        };
        // Ω·cm are 1e4 Ω·µm, and Ω are 1e-6 MΩ
        value(Quantity::AxialResistivity) * S::from_f64(per_resistivity * 1e-2) * length
            / (radius * radius)
    }
}

impl<S: Number> Run<'_, '_, S> {
    /// From the leaves to the root and back; nodes that are held have a known value.
    pub(super) fn eliminate(
        &self,
        mut diagonal: Vec<S>,
        mut rhs: Vec<S>,
        held: &[Option<S>],
    ) -> Vec<S> {
        let nodes = &self.reference.nodes;
        for index in (0..nodes.len()).rev() {
            let Some((parent, _)) = nodes[index].parent else {
                continue;
            };
            let g = self.conductance[index];
            if let Some(value) = held[index] {
                rhs[parent] = rhs[parent] + g * value;
            } else {
                let share = g / diagonal[index];
                diagonal[parent] = diagonal[parent] - share * g;
                rhs[parent] = rhs[parent] + share * rhs[index];
            }
        }
        let mut solution: Vec<S> = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let above = match node.parent {
                Some((parent, _)) => self.conductance[index] * solution[parent],
                None => S::from_f64(0.0),
            };
            solution.push(held[index].unwrap_or((rhs[index] + above) / diagonal[index]));
        }
        solution
    }

    /// What flows into a node from its neighbours, nA.
    pub(super) fn axial_current(&self, node: usize, voltage: &[S]) -> S {
        let nodes = &self.reference.nodes;
        let mut current = S::from_f64(0.0);
        if let Some((parent, _)) = nodes[node].parent {
            current = current + self.conductance[node] * (voltage[parent] - voltage[node]);
        }
        for (child, _) in nodes
            .iter()
            .enumerate()
            .filter(|(_, n)| n.parent.as_ref().is_some_and(|(p, _)| *p == node))
        {
            current = current + self.conductance[child] * (voltage[child] - voltage[node]);
        }
        current
    }
}
