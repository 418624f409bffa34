//! Concentrations that diffuse along cells: between which nodes, and how easily.
//!
//! In shells, as in NEURON, a concentration flows between compartments that have it and follow each
//! other, past the branch points between them (Hines and Carnevale 2000, Neural Comput 12:995); where
//! branches meet, each exchanges with the compartment that they grow from. Between the centres of two
//! compartments lies half the length of each, and the conductivity there is the mean of both.
//!
//! Along the cable, as in Jaxley, it flows as current does, through branch points, which hold none of
//! it: the diffusion constant stands in the place of the inverse of the axial resistivity.

use loligo_mechanism::mechanism::Course;

use crate::dual::Scalar;
use crate::program::{Code, Group};
use crate::tree::{Edge, Tree};

/// A concentration that diffuses within the cells of a population.
#[derive(Debug)]
pub(crate) struct Species {
    /// For each group the position of the state in its code, if the group has it.
    pub(crate) states: Vec<Option<usize>>,
    /// Which of the names in [`Code::diffusing`] it has.
    pub(crate) name: String,
    /// Which way it goes.
    pub(crate) course: Course,
    /// Nodes between which it flows: compartments, and along the cable branch points.
    pub(crate) links: Vec<Link>,
    /// Along the cable the edges that these links are.
    pub(crate) edges: Vec<Edge>,
    /// Nodes where elimination ends: there is one for each part of the cell that has the concentration.
    pub(crate) roots: Vec<usize>,
}

/// Two nodes between which a concentration flows, counted within the cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Link {
    /// The one further from the root of the tree.
    pub(crate) child: usize,
    /// The one nearer to it.
    pub(crate) parent: usize,
}

/// A conductivity (diffusion constant times cross section, µm⁴/ms) and a length (µm) of a
/// compartment.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(crate) struct Stretch<N> {
    pub(crate) conductivity: N,
    pub(crate) length: N,
}

/// What diffuses in the cells of a population.
pub(crate) fn species(tree: &Tree, groups: &[Group], codes: &[Code]) -> Vec<Species> {
    let mut kinds: Vec<&(String, Course)> = groups
        .iter()
        .flat_map(|group| &codes[group.code].diffusing)
        .collect();
    kinds.sort();
    kinds.dedup();
    let state = |group: &Group, kind: &(String, Course)| {
        let code = &codes[group.code];
        let diffuses = code.diffusing.contains(kind);
        let names = code.state_names.iter();
        diffuses.then(|| names.clone().position(|state| *state == kind.0))?
    };
    let one = |kind: &(String, Course)| {
        let states: Vec<Option<usize>> = groups.iter().map(|group| state(group, kind)).collect();
        // branch points have what comes to them
        let mut has = vec![kind.1 == Course::Cable; tree.nodes];
        for (group, state) in groups.iter().zip(&states) {
            for &compartment in &group.compartments {
                has[compartment] = state.is_some();
            }
        }
        let edges = tree
            .edges
            .iter()
            .filter(|edge| has[edge.child] && has[edge.parent]);
        let (links, edges): (Vec<Link>, Vec<Edge>) = match kind.1 {
            Course::Shells => (
                links(tree)
                    .filter(|link| has[link.child] && has[link.parent])
                    .collect(),
                Vec::new(),
            ),
            Course::Cable => edges.map(|edge| (Link::of(edge), edge.clone())).unzip(),
        };
        let mut is_root = has;
        for link in &links {
            is_root[link.child] = false;
        }
        // a branch point that nothing comes to is in no equation
        let is_linked = |node: usize| links.iter().any(|link| link.parent == node);
        let roots = (0..tree.nodes).filter(|node| is_root[*node]);
        let roots = roots.filter(|node| *node < tree.compartments || is_linked(*node));
        let roots = roots.collect();
        Species {
            states,
            name: kind.0.clone(),
            course: kind.1,
            links,
            edges,
            roots,
        }
    };
    kinds.into_iter().map(one).collect()
}

impl Link {
    fn of(edge: &Edge) -> Self {
        Link {
            child: edge.child,
            parent: edge.parent,
        }
    }
}

/// Each compartment and the one that it grows from, in order of elimination.
fn links(tree: &Tree) -> impl Iterator<Item = Link> {
    let mut above = vec![None; tree.nodes];
    for edge in &tree.edges {
        above[edge.child] = Some(edge.parent);
    }
    let is_compartment = |node: &usize| *node < tree.compartments;
    let edges = tree.edges.iter();
    edges
        .filter(move |edge| is_compartment(&edge.child))
        .filter_map(move |edge| {
            let parent = match is_compartment(&edge.parent) {
                true => Some(edge.parent),
                // two branch points do not touch
                false => above[edge.parent],
            };
            let child = edge.child;
            parent.map(|parent| Link { child, parent })
        })
}

/// How much flows from shell to shell per difference of their concentrations, µm³/ms.
pub(crate) fn conductance<N: Scalar>(ends: [Stretch<N>; 2]) -> N {
    let [a, b] = ends;
    (a.conductivity + b.conductivity) / (a.length + b.length)
}

/// The transpose of [`conductance`]: what its cotangent makes of those of either end (the same of
/// both).
pub(crate) fn pull_back_conductance<N: Scalar>(ends: [Stretch<N>; 2], cotangent: N) -> Stretch<N> {
    let [a, b] = ends;
    let per_length = cotangent / (a.length + b.length);
    Stretch {
        conductivity: per_length,
        length: -per_length * conductance(ends),
    }
}
