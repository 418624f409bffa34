//! Which cells are lanes of each other: those of one shape whose compartments have the same codes.

use std::collections::HashMap;

use loligo_model::Model;

use super::sets::MechanismSets;
use super::sites::Sites;
use crate::diffusion::species;
use crate::program::{Code, Group, Population};
use crate::tree::Tree;

/// The populations of a model's cells, and where they are in them.
pub(super) fn populations<'m>(
    model: &'m Model,
    sets: &MechanismSets,
    codes: &[Code],
) -> (Vec<Population>, Sites<'m>) {
    let shape = model.shape();
    let mut populations: Vec<Population> = Vec::new();
    let mut found: HashMap<(Tree, Vec<usize>), usize> = HashMap::new();
    let mut population_of = Vec::new();
    for cell in &shape.cells {
        let tree = Tree::of_cell(shape, cell);
        let sets_here = sets.of[cell.compartments.clone()].to_vec();
        let index = *found
            .entry((tree.clone(), sets_here.clone()))
            .or_insert_with(|| {
                let groups = groups(&tree, &sets_here);
                populations.push(Population {
                    species: species(&tree, &groups, codes),
                    tree,
                    cells: Vec::new(),
                    groups,
                    junctions: None,
                });
                populations.len() - 1
            });
        population_of.push((index, populations[index].cells.len()));
        populations[index].cells.push(cell.compartments.start);
    }
    (populations, Sites::of_cells(shape, population_of))
}

fn groups(tree: &Tree, sets: &[usize]) -> Vec<Group> {
    let mut codes: Vec<usize> = sets.to_vec();
    codes.sort_unstable();
    codes.dedup();
    let eliminated = tree.edges.iter().map(|edge| edge.child).chain([tree.root]);
    let order: Vec<usize> = eliminated
        .filter(|node| *node < tree.compartments)
        .collect();
    let members = |code: usize| order.iter().copied().filter(|c| sets[*c] == code).collect();
    codes
        .into_iter()
        .map(|code| Group {
            code,
            compartments: members(code),
        })
        .collect()
}
