//! Selecting: what selectors find, how they count, and the laws of sets.

mod common;

use std::collections::BTreeSet;

use common::{fork, message, sodium, two_forks};
use loligo_model::{Indices, Model, Selection, Sharing};
use proptest::prelude::*;

fn found(view: Result<Selection, impl std::fmt::Display>) -> Vec<usize> {
    match view {
        Ok(selection) => selection.compartments().to_vec(),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn branches_count_anew_in_every_cell_and_compartments_in_every_branch() {
    let network = two_forks();
    let all = || network.select();
    assert_eq!(found(all().branch(1).selection()), [2, 3, 4, 11, 12, 13]);
    assert_eq!(found(all().cell(1).branch(1).selection()), [11, 12, 13]);
    assert_eq!(found(all().cell(0).compartment(0).selection()), [0, 2, 5]);
    assert_eq!(
        found(all().cell(0).branch(2).compartment(1..=2).selection()),
        [6, 7]
    );
}

#[test]
fn selectors_count_within_what_is_in_view() {
    let network = two_forks();
    let view = network.select().cell([1]).branch([1, 2]);
    assert_eq!(found(view.clone().cell(0).selection()).len(), 7);
    assert_eq!(found(view.branch(0).selection()), [11, 12, 13]);
}

#[test]
fn an_index_counts_if_one_parent_has_it() {
    // only the third branch of each cell has four compartments
    let network = two_forks();
    assert_eq!(found(network.select().compartment(3).selection()), [8, 17]);
}

#[test]
fn locations_on_a_boundary_belong_to_the_compartment_nearer_to_the_start() {
    // what Jaxley does with 4 compartments
    let cable = Model::cylinder(100.0, 1.0, 4).unwrap();
    for (location, compartment) in [(0.0, 0), (0.25, 0), (0.5, 1), (0.75, 2), (1.0, 3), (0.3, 1)] {
        assert_eq!(
            found(cable.select().at(location).selection()),
            [compartment]
        );
    }
}

#[test]
fn a_location_is_taken_on_every_branch_in_view() {
    assert_eq!(
        found(fork().select().branch([0, 2]).at(1.0).selection()),
        [1, 8]
    );
}

#[test]
fn groups_and_mechanisms_select() {
    let mut cell = fork();
    cell.branch(1).add_to_group("left").unwrap();
    cell.branch(2).insert(sodium()).unwrap();
    assert_eq!(found(cell.select().group("left").selection()), [2, 3, 4]);
    assert_eq!(found(cell.select().group("left").at(1.0).selection()), [4]);
    assert_eq!(
        found(cell.select().with_mechanism("sodium").selection()),
        [5, 6, 7, 8]
    );

    cell.branch(0).add_to_group("left").unwrap();
    assert_eq!(
        cell.groups().compartments("left"),
        Some(&[0, 1, 2, 3, 4][..])
    );
}

#[test]
fn the_last_selector_decides_how_a_trainable_is_shared() {
    let network = two_forks();
    let sharing = |view: loligo_model::View<&Model>| view.selection().unwrap().sharing();
    assert_eq!(sharing(network.select()), Sharing::Shared);
    assert_eq!(sharing(network.select().cell(0)), Sharing::PerCell);
    assert_eq!(
        sharing(network.select().cell(0).branch(..)),
        Sharing::PerBranch
    );
    assert_eq!(
        sharing(network.select().branch(..).at(0.5)),
        Sharing::PerCompartment
    );
    let view = network.select().compartment(0).sharing(Sharing::Shared);
    assert_eq!(sharing(view), Sharing::Shared);
}

#[test]
fn wrong_selections_say_what_there_is() {
    let mut cell = fork();
    cell.branch(0).add_to_group("soma").unwrap();
    assert_eq!(
        message(cell.select().branch(3).selection()),
        "there is no branch 3: the branches in view are 0 to 2"
    );
    assert_eq!(
        message(cell.select().cell(1).selection()),
        "there is no cell 1: the only cell in view is 0"
    );
    assert_eq!(
        message(cell.select().branch(0).compartment(5).selection()),
        "there is no compartment 5: the compartments in view are 0 to 1"
    );
    assert_eq!(
        message(cell.select().at(1.5).selection()),
        "there is no location 1.5, expected a number from 0 (start of a branch) to 1 (its end)"
    );
    assert!(message(cell.select().at(f64::NAN).selection()).contains("location NaN"));
    assert_eq!(
        message(cell.select().group("sona").selection()),
        "there is no group `sona`; did you mean `soma`?"
    );
    assert_eq!(
        message(cell.select().branch(1).group("soma").selection()),
        "nothing is selected: no compartment in view is in the group `soma`"
    );
    assert_eq!(
        message(cell.select().branch(Vec::new()).selection()),
        "nothing is selected: the list of branch indices is empty"
    );
    assert_eq!(
        message(cell.select().branch(0).compartment(0).at(1.0).selection()),
        "nothing is selected: no compartment in view is at location 1 of its branch"
    );
    assert_eq!(
        message(cell.select().with_mechanism("hh").selection()),
        "there is no mechanism `hh`"
    );
    assert_eq!(
        message(cell.selection_of([0, 9], Sharing::Shared)),
        "there is no compartment 9: the compartments in view are 0 to 8"
    );
    assert_eq!(
        message(cell.selection_of(Indices::List(vec![]), Sharing::Shared)),
        "nothing is selected: the list is empty"
    );
    assert_eq!(
        message(cell.add_to_group(" ", &cell.everything())),
        "a group needs a name, expected one that is not empty"
    );
}

#[test]
fn the_first_wrong_selector_of_a_chain_is_the_one_reported() {
    let mut cell = fork();
    let error = message(cell.branch(7).at(2.0).record("v"));
    assert!(error.starts_with("there is no branch 7"), "{error}");
    assert!(cell.recordings().is_empty());
}

/// A selection and the set that it should behave as.
fn subset() -> impl Strategy<Value = BTreeSet<usize>> {
    prop::collection::btree_set(0_usize..18, 1..18)
}

fn select(set: &BTreeSet<usize>) -> Selection {
    let list: Vec<usize> = set.iter().copied().rev().collect();
    two_forks().selection_of(list, Sharing::PerBranch).unwrap()
}

proptest! {
    #[test]
    fn selections_are_sets(a in subset(), b in subset()) {
        let (x, y) = (select(&a), select(&b));
        let as_set = |s: &Selection| s.compartments().iter().copied().collect::<BTreeSet<_>>();
        prop_assert_eq!(as_set(&x.union(&y)), &a | &b);
        prop_assert_eq!(as_set(&x.intersection(&y)), &a & &b);
        prop_assert_eq!(as_set(&x.difference(&y)), &a - &b);
        prop_assert!(x.union(&y).compartments().is_sorted());
        prop_assert_eq!(x.union(&y).sharing(), Sharing::PerBranch);
        for c in 0..18 {
            prop_assert_eq!(x.contains(c), a.contains(&c));
        }
    }

    #[test]
    fn union_and_intersection_absorb(a in subset(), b in subset()) {
        let (x, y) = (select(&a), select(&b));
        prop_assert_eq!(x.union(&x.intersection(&y)), x.clone());
        prop_assert_eq!(x.intersection(&x.union(&y)), x);
    }

    #[test]
    fn all_parts_together_are_the_whole(a in subset()) {
        let network = two_forks();
        let view = || network.select_from(&select(&a));
        prop_assert_eq!(found(view().cell(..).selection()), found(view().selection()));
        prop_assert_eq!(found(view().branch(..).selection()), found(view().selection()));
        prop_assert_eq!(found(view().compartment(..).selection()), found(view().selection()));
    }

    #[test]
    fn a_location_lies_in_its_compartment(count in 1_usize..40, location in 0.0..=1.0) {
        let cable = Model::cylinder(10.0, 1.0, count).unwrap();
        let compartment = found(cable.select().at(location).selection())[0];
        let middle = cable.shape().location(compartment);
        prop_assert!((location - middle).abs() <= 0.5 / count as f64 + 1e-9);
    }
}
