//! Building and assembling: shapes, numbering, and what comes along.

mod common;

use common::{channel, fork, leak, message, sodium};
use loligo_model::{Attachment, Compartments, Model, Recorded, Waveform, Window};
use loligo_morphology::{Morphology, SwcOptions};
use proptest::prelude::*;

#[test]
fn a_morphology_keeps_its_branches_and_groups() {
    let text = "1 1 0 0 0 5 -1\n2 3 5 0 0 1 1\n3 3 60 0 0 1 2\n4 4 -5 0 0 1 1\n5 4 -90 0 0 1 4\n";
    let swc = Morphology::parse_swc(text, "three", &SwcOptions::default()).unwrap();
    let cell = Model::from_morphology(&swc, &Compartments::PerBranch(3)).unwrap();
    let shape = cell.shape();
    assert_eq!(shape.branches.len(), 3);
    assert_eq!(shape.compartments.len(), 9);
    assert_eq!(
        cell.groups().names().collect::<Vec<_>>(),
        ["apical", "basal", "soma"]
    );
    for (index, branch) in swc.branches.iter().enumerate() {
        let expected = branch.compartments(3).unwrap();
        assert_eq!(
            shape.compartments[shape.branches[index].compartments.clone()],
            expected
        );
        assert_eq!(shape.branches[index].parent, branch.parent);
    }
    let wrong = Compartments::Each(vec![1, 2]);
    let said = message(Model::from_morphology(&swc, &wrong));
    assert!(said.contains("2 long for 3 branches"), "{said}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let said = message(Model::from_swc(
        "no/such/cell.swc",
        &Compartments::d_lambda(),
    ));
    assert!(said.contains("no/such/cell.swc"), "{said}");
}

#[test]
fn cylinders_have_the_area_of_cylinders() {
    let cable = Model::cylinder(100.0, 2.0, 5).unwrap();
    for compartment in &cable.shape().compartments {
        let expected = 2.0 * std::f64::consts::PI * 2.0 * 20.0;
        assert!((compartment.area - expected).abs() < 1e-9 * expected);
    }
    assert!(message(Model::cylinder(-1.0, 1.0, 1)).contains("length"));
    assert!(message(Model::cylinder(1.0, f64::NAN, 1)).contains("radius"));
    assert!(message(Model::cylinder(1.0, 1.0, 0)).contains("at least 1"));
}

#[test]
fn every_compartment_finds_its_branch_and_cell() {
    let network = Model::network(&[fork(), Model::cylinder(1.0, 1.0, 2).unwrap(), fork()]).unwrap();
    let shape = network.shape();
    assert_eq!(shape.cells.len(), 3);
    assert_eq!(shape.branches.len(), 7);
    for (index, branch) in shape.branches.iter().enumerate() {
        for compartment in branch.compartments.clone() {
            assert_eq!(shape.branch_of(compartment), index);
            assert_eq!(shape.cell_of(compartment), branch.cell);
        }
        if let Some(parent) = branch.parent {
            assert_eq!(shape.branches[parent.branch].cell, branch.cell);
        }
    }
    assert_eq!(
        shape.place(13).to_string(),
        "cell 2, branch 1, compartment 0"
    );
}

#[test]
fn what_is_on_the_parts_comes_along() {
    let mut first = fork();
    first.branch(0).insert(leak()).unwrap();
    first.at(0.5).record("v").unwrap();
    let mut second = fork();
    second.branch(1).insert(sodium()).unwrap();
    second.everywhere().insert(leak()).unwrap();
    second.everywhere().set("leak.e", -60.0).unwrap();
    second.branch(1).add_to_group("left").unwrap();
    second
        .at(0.0)
        .stimulate(Waveform::step(1.0, 1.0, 1.0))
        .unwrap();
    second
        .branch(1)
        .at(0.5)
        .clamp(Waveform::samples([0.0]), None, Window::ALWAYS)
        .unwrap();
    second.branch(1).at(0.5).record("ina").unwrap();
    second.branch(1).at(0.5).record("i_clamp").unwrap();
    second
        .branch(..)
        .trainable("leak.g", Some((0.0, 1.0)))
        .unwrap();
    second.set_celsius(20.0).unwrap();

    let network = Model::network(&[first, second.clone(), second]).unwrap();
    let value = |name: &str, c| network.values().value(network.quantity(name).unwrap(), c);
    assert_eq!(network.celsius(), Some(20.0));
    assert_eq!(value("leak.e", 0), Some(-70.0));
    assert_eq!(value("leak.e", 9), Some(-60.0));
    assert_eq!(value("sodium.gbar", 11), Some(0.12));
    assert_eq!(value("sodium.gbar", 2), None);
    assert_eq!(network.insertions().len(), 2);
    assert_eq!(
        network.groups().compartments("left"),
        Some(&[11, 12, 13, 20, 21, 22][..])
    );
    assert_eq!(
        network
            .stimuli()
            .iter()
            .map(|s| s.compartment)
            .collect::<Vec<_>>(),
        [9, 11, 14, 18, 20, 23]
    );
    let last = network.recordings().last().unwrap();
    assert_eq!(last.what, Recorded::ClampCurrent { clamp: 1 });
    assert_eq!(network.clamps()[1].compartment, last.compartment);
    assert_eq!(last.name, "cell[2].branch[1](0.5).i_clamp");
    assert_eq!(network.trainables()[1].name, "cell[2].leak.g");
    assert_eq!(network.trainables()[1].targets[0], [18, 19]);
}

#[test]
fn ions_and_mechanisms_are_told_apart_by_name() {
    let mut first = fork();
    first
        .everywhere()
        .insert(channel("potassium", "k", 0.1))
        .unwrap();
    let mut second = fork();
    second.everywhere().insert(sodium()).unwrap();
    second
        .everywhere()
        .insert(channel("potassium", "k", 0.1))
        .unwrap();
    second.everywhere().set("ena", 55.0).unwrap();
    second.everywhere().set("ek", -90.0).unwrap();
    second.at(0.5).record("ina").unwrap();
    let network = Model::network(&[first, second]).unwrap();
    let value = |name: &str, c| network.values().value(network.quantity(name).unwrap(), c);
    assert_eq!([value("ek", 0), value("ek", 9)], [Some(-77.0), Some(-90.0)]);
    assert_eq!([value("ena", 0), value("ena", 9)], [None, Some(55.0)]);
    assert_eq!(network.recorded_name(network.recordings()[0].what), "ina");
}

#[test]
fn parts_that_contradict_each_other_are_refused() {
    let with = |prepare: &dyn Fn(&mut Model)| {
        let mut cell = fork();
        prepare(&mut cell);
        cell
    };
    let one = with(&|cell| {
        cell.everywhere().insert(sodium()).unwrap();
        cell.set_celsius(20.0).unwrap();
    });
    type Prepare = fn(&mut Model);
    let cases: [(Prepare, &str); 3] = [
        (
            |cell| {
                cell.everywhere()
                    .insert(channel("sodium", "na", 0.5))
                    .unwrap()
            },
            "cell 1 cannot be built in: its mechanism `sodium` is not that of the parts before",
        ),
        (
            |cell| {
                cell.everywhere().insert(sodium()).unwrap();
                cell.everywhere().set("sodium.q10", 2.0).unwrap();
            },
            "cell 1 cannot be built in: `sodium.q10` has one value for the whole model, but is 2 here and 3 before",
        ),
        (
            |cell| cell.set_celsius(37.0).unwrap(),
            "cell 1 cannot be built in: the temperature is 37 °C here and 20 °C before",
        ),
    ];
    for (prepare, expected) in cases {
        assert_eq!(
            message(Model::network(&[one.clone(), with(&prepare)])),
            expected
        );
    }
    assert!(message(Model::network(&[])).contains("expected at least one"));
    assert_eq!(
        message(Model::chain(&[fork()])),
        "compartment 0 cannot be built in: it has 3 branches, expected one"
    );
}

#[test]
fn a_chain_of_cylinders_is_a_branch() {
    let parts = [(10.0, 1.0), (20.0, 2.0)]
        .map(|(length, radius)| Model::cylinder(length, radius, 1).unwrap());
    let chain = Model::chain(&parts).unwrap();
    let shape = chain.shape();
    assert_eq!(shape.branches.len(), 1);
    for (compartment, part) in shape.compartments.iter().zip(&parts) {
        let alone = &part.shape().compartments[0];
        assert_eq!(
            (compartment.area, compartment.resistance_in),
            (alone.area, alone.resistance_in)
        );
    }
    let gap = shape.compartments[1].center[0] - shape.compartments[0].center[0];
    assert!((gap - 15.0).abs() < 1e-12);
    assert_eq!(shape.branches[0].points.len(), 4);
}

#[test]
fn trees_need_parents_before_children() {
    let branch = || Model::cylinder(10.0, 1.0, 1).unwrap();
    let to = |branch| Some(Attachment { branch, at: 1.0 });
    let said = message(Model::tree(&[branch(), branch()], &[None, to(1)]));
    assert!(said.contains("branch 1"), "{said}");
    let said = message(Model::tree(&[branch(), branch()], &[None]));
    assert!(said.contains("1 long for 2"), "{said}");
}

proptest! {
    #[test]
    fn numbering_is_consistent_in_any_tree(
        counts in prop::collection::vec(1_usize..5, 1..12),
        picks in prop::collection::vec(0_usize..100, 12),
    ) {
        let branches: Vec<_> = counts.iter().map(|&n| Model::cylinder(50.0, 1.0, n).unwrap()).collect();
        let parents: Vec<_> = (0..counts.len())
            .map(|i| (i > 0).then(|| Attachment { branch: picks[i] % i, at: 1.0 }))
            .collect();
        let cell = Model::tree(&branches, &parents).unwrap();
        let shape = cell.shape();
        prop_assert_eq!(shape.compartments.len(), counts.iter().sum::<usize>());
        for c in 0..shape.compartments.len() {
            let branch = shape.branch_of(c);
            prop_assert!(shape.branches[branch].compartments.contains(&c));
            prop_assert_eq!(shape.at(branch, shape.location(c)), c);
        }
        // distances from the root agree with a walk up the tree
        let distances = cell.distances();
        for (index, branch) in shape.branches.iter().enumerate() {
            let mut depth = 0;
            let mut at = index;
            while let Some(parent) = shape.branches[at].parent {
                depth += 1;
                at = parent.branch;
            }
            let first = distances[branch.compartments.start];
            let expected = 50.0 * f64::from(depth) + 25.0 / branch.compartments.len() as f64;
            prop_assert!((first - expected).abs() < 1e-9);
        }
    }
}
