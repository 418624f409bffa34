//! Inserting and setting: which numbers there are, and which are refused.

mod common;

use std::sync::Arc;

use common::{channel, fork, leak, message, sodium, two_forks};
use loligo_model::{Compartments, Model, Quantity, Reversal, SteadyState, Waveform};
use loligo_morphology::{Morphology, SwcOptions};

fn value(model: &Model, name: &str, compartment: usize) -> Option<f64> {
    model
        .values()
        .value(model.quantity(name).unwrap(), compartment)
}

#[test]
fn defaults_are_physiological() {
    let cell = fork();
    for (name, expected) in [
        ("axial_resistivity", 100.0),
        ("capacitance", 1.0),
        ("v", -65.0),
        ("celsius", 6.3),
        ("radius", 1.0),
        ("length", 30.0),
    ] {
        let found = value(&cell, name, 3).unwrap();
        assert!((found - expected).abs() < 1e-12, "{name} is {found}");
    }
    assert_eq!(cell.celsius(), None);
}

#[test]
fn an_inserted_mechanism_brings_its_defaults_where_it_is() {
    let mut cell = fork();
    cell.branch(1).insert(sodium()).unwrap();
    assert_eq!(value(&cell, "sodium.gbar", 2), Some(0.12));
    assert_eq!(value(&cell, "sodium.gbar", 0), None);
    assert_eq!(value(&cell, "ena", 2), Some(50.0));
    assert_eq!(value(&cell, "ena", 0), None);
    assert_eq!(
        value(&cell, "sodium.m", 2),
        None,
        "starts at its steady state"
    );
    assert_eq!(cell.ions().len(), 1);
}

#[test]
fn ion_defaults_are_those_of_neuron() {
    // h.nai0_na_ion and so on; 12.5·ln(2/5e-5)
    let mut cell = fork();
    for (ion, reversal) in [("k", -77.0), ("ca", 132.457_934_5), ("cl", 0.0)] {
        cell.everywhere().insert(channel(ion, ion, 0.1)).unwrap();
        let found = value(&cell, &format!("e{ion}"), 0).unwrap();
        assert!((found - reversal).abs() < 1e-6, "{ion}: {found}");
    }
}

#[test]
fn names_of_neuron_stand_for_the_same_numbers() {
    let mut cell = fork();
    cell.everywhere().insert(sodium()).unwrap();
    for (theirs, ours) in [
        ("gbar_sodium", "sodium.gbar"),
        ("Ra", "axial_resistivity"),
        ("cm", "capacitance"),
        ("L", "length"),
    ] {
        let quantity = cell.quantity(theirs).unwrap();
        assert_eq!(quantity, cell.quantity(ours).unwrap());
        assert_eq!(cell.quantity_name(quantity), ours);
    }
}

#[test]
fn every_quantity_is_found_by_its_name() {
    let mut cell = fork();
    cell.everywhere().insert(sodium()).unwrap();
    cell.everywhere().insert(leak()).unwrap();
    for quantity in cell.quantities() {
        let name = cell.quantity_name(quantity);
        assert_eq!(cell.quantity(&name).unwrap(), quantity, "{name}");
    }
}

#[test]
fn inserting_twice_changes_nothing() {
    let mut cell = fork();
    cell.everywhere().insert(sodium()).unwrap();
    cell.branch(1).set("sodium.gbar", 0.5).unwrap();
    let before = cell.values().clone();
    // equal content, though another value in memory
    cell.everywhere().insert(sodium()).unwrap();
    assert_eq!(*cell.values(), before);
    assert_eq!(cell.insertions().len(), 1);
}

#[test]
fn another_mechanism_of_the_same_name_is_refused() {
    let mut cell = fork();
    cell.branch(0).insert(sodium()).unwrap();
    let mut other = sodium();
    let twice = other.graph.constant(0.75);
    other.states[0].initial = twice;
    let said = message(cell.everywhere().insert(other));
    assert_eq!(
        said,
        "a different mechanism called `sodium` is inserted already; uninsert it everywhere, or rename one of them"
    );
    // another default is another mechanism
    assert!(
        cell.everywhere()
            .insert(channel("sodium", "na", 0.2))
            .is_err()
    );
}

#[test]
fn what_was_uninserted_is_gone_and_the_others_stay() {
    let mut cell = fork();
    cell.everywhere().insert(sodium()).unwrap();
    cell.everywhere().insert(leak()).unwrap();
    cell.everywhere()
        .insert(channel("persistent", "na", 0.01))
        .unwrap();
    cell.at(0.5).record("leak.i").unwrap();
    let trained = cell.branch(..).trainable("leak.g", None).unwrap();
    cell.everywhere().uninsert("sodium").unwrap();

    assert_eq!(cell.insertions().len(), 2);
    assert!(cell.quantity("sodium.gbar").is_err());
    assert_eq!(value(&cell, "leak.g", 0), Some(1e-3));
    assert_eq!(
        value(&cell, "ena", 0),
        Some(50.0),
        "the other channel reads it"
    );
    let leak = cell.recordings()[0].what;
    assert_eq!(cell.recorded_name(leak), "leak.i");
    assert_eq!(
        cell.trainables()[trained].quantity,
        cell.quantity("leak.g").unwrap()
    );

    cell.everywhere().uninsert("persistent").unwrap();
    assert!(cell.quantity("ena").is_err());
    // its place is free for another of that name
    cell.everywhere()
        .insert(channel("sodium", "na", 0.2))
        .unwrap();
    assert_eq!(value(&cell, "sodium.gbar", 0), Some(0.2));
}

#[test]
fn a_mechanism_in_use_stays() {
    let mut cell = fork();
    cell.everywhere().insert(sodium()).unwrap();
    cell.branch(1).compartment(0).record("ina").unwrap();
    assert_eq!(
        message(cell.everywhere().uninsert("sodium")),
        "`sodium` cannot be removed from cell 0, branch 1, compartment 0: \
         `branch[1](0.1667).ina` is recorded there; delete that first"
    );
    cell.branch(2).uninsert("sodium").unwrap();
    cell.everywhere().delete_recordings().unwrap();
    cell.branch(0).trainable("ena", None).unwrap();
    let said = message(cell.everywhere().uninsert("sodium"));
    assert!(said.contains("`ena` is trainable there"), "{said}");
    assert_eq!(
        message(cell.everywhere().uninsert("sodum")),
        "there is no mechanism `sodum`; did you mean `sodium`?"
    );
}

#[test]
fn numbers_lists_and_functions_of_distance_are_set() {
    let mut cell = fork();
    cell.branch(1).set("capacitance", 2.0).unwrap();
    assert_eq!(value(&cell, "capacitance", 2), Some(2.0));
    assert_eq!(value(&cell, "capacitance", 1), Some(1.0));

    cell.branch(1).set("radius", vec![1.0, 2.0, 3.0]).unwrap();
    assert_eq!(value(&cell, "radius", 4), Some(3.0));

    // the root has no soma, so distance counts from its start
    cell.everywhere()
        .set("v", |distance: f64| -70.0 + 0.1 * distance)
        .unwrap();
    for (compartment, distance) in [(0, 15.0), (1, 45.0), (2, 75.0), (5, 75.0), (8, 165.0)] {
        let found = value(&cell, "v", compartment).unwrap();
        assert!(
            (found - (-70.0 + 0.1 * distance)).abs() < 1e-12,
            "{compartment}: {found}"
        );
    }
}

#[test]
fn distance_counts_from_the_middle_of_a_soma() {
    let text = "1 1 0 0 0 10 -1\n2 3 10 0 0 1 1\n3 3 70 0 0 1 2\n";
    let swc = Morphology::parse_swc(text, "ball and stick", &SwcOptions::default()).unwrap();
    for count in [1, 2, 3] {
        let each = Compartments::Each(vec![count, 3]);
        let cell = Model::from_morphology(&swc, &each).unwrap();
        // a dendrite reaches a one-point soma in its middle
        assert_eq!(cell.shape().branches[1].parent.unwrap().at, 0.5);
        let distances = cell.distances();
        for (found, expected) in distances[count..].iter().zip([10.0, 30.0, 50.0]) {
            assert!((found - expected).abs() < 1e-9, "{distances:?}");
        }
    }
    let even = Model::from_morphology(&swc, &Compartments::PerBranch(2)).unwrap();
    let quarter = even.shape().compartments[0].length / 2.0;
    assert_eq!(even.distances()[..2], [quarter, quarter]);
}

#[test]
fn distances_between_siblings_go_through_their_branch_point() {
    let cell = fork();
    let distances = cell.distances_from(2);
    assert!((distances[5] - 30.0).abs() < 1e-12);
    assert!((distances[1] - 30.0).abs() < 1e-12);
    assert!((distances[8] - 120.0).abs() < 1e-12);
    assert!(two_forks().distances_from(2)[9].is_infinite());
}

#[test]
fn a_quantity_is_set_where_it_is() {
    let mut cell = fork();
    cell.branch([0, 2]).insert(sodium()).unwrap();
    cell.everywhere().set("sodium.gbar", 0.3).unwrap();
    assert_eq!(value(&cell, "sodium.gbar", 0), Some(0.3));
    assert_eq!(value(&cell, "sodium.gbar", 3), None);
    cell.everywhere().set("ena", vec![40.0; 6]).unwrap();
    assert_eq!(value(&cell, "ena", 8), Some(40.0));
}

#[test]
fn initial_states_are_given_or_steady() {
    let mut cell = fork();
    cell.everywhere().insert(sodium()).unwrap();
    let before = cell.structure_version();
    cell.branch(0).set("sodium.m", 0.25).unwrap();
    assert_ne!(cell.structure_version(), before);
    assert_eq!(value(&cell, "sodium.m", 0), Some(0.25));
    assert_eq!(value(&cell, "sodium.m", 2), None);
    cell.branch(0).set("sodium.m", SteadyState).unwrap();
    assert_eq!(value(&cell, "sodium.m", 0), None);
    assert_eq!(
        message(cell.everywhere().set("sodium.gbar", SteadyState)),
        "`sodium.gbar` is no state of a mechanism, so it has no steady state; expected a number"
    );
}

#[test]
fn what_the_model_shares_is_set_everywhere() {
    let mut cell = fork();
    cell.branch([0, 1]).insert(sodium()).unwrap();
    cell.everywhere().set("sodium.q10", 2.3).unwrap();
    // a compartment that comes later has the same
    cell.branch(2).insert(sodium()).unwrap();
    assert_eq!(value(&cell, "sodium.q10", 8), Some(2.3));
    let expected =
        "`sodium.q10` has one value for the whole model; set it everywhere, to one number";
    assert_eq!(message(cell.branch(0).set("sodium.q10", 3.0)), expected);
    assert_eq!(
        message(cell.everywhere().set("sodium.q10", |d: f64| d)),
        expected
    );

    // `sodium` does not depend on it, and two others do
    assert_eq!(cell.unset_temperature(), None);
    for name in ["hh", "hay_ih", "mainen_na"] {
        let mechanism = loligo_mechanism::library::builtin(name).expect("is built in");
        cell.branch(1).insert(mechanism).unwrap();
    }
    let unset = cell
        .unset_temperature()
        .expect("they depend on it")
        .to_string();
    let said =
        "`hh` and `mainen_na` depend on the temperature, which was never set: runs take 6.3 °C";
    assert_eq!(unset, said);
    cell.everywhere().trainable("celsius", None).unwrap();
    assert_eq!(cell.unset_temperature(), None);
    cell.delete_trainables(&cell.everything());
    cell.set_celsius(6.3).unwrap();
    assert_eq!(cell.unset_temperature(), None);

    cell.set_celsius(37.0).unwrap();
    assert_eq!(cell.celsius(), Some(37.0));
    assert_eq!(cell.values().value(Quantity::Celsius, 0), Some(37.0));
    assert!(message(cell.branch(0).set("celsius", 20.0)).contains("whole model"));
}

#[test]
fn a_reversal_potential_that_follows_brings_the_concentrations() {
    let mut cell = fork();
    cell.branch(1).insert(sodium()).unwrap();
    assert!(cell.quantity("nai").is_err());
    let before = cell.structure_version();
    cell.set_reversal("na", Reversal::EveryStep).unwrap();
    assert_ne!(cell.structure_version(), before);
    assert_eq!(value(&cell, "nai", 2), Some(10.0));
    assert_eq!(value(&cell, "nai", 0), None);
    // where the channel comes later, too
    cell.branch(0).insert(sodium()).unwrap();
    assert_eq!(value(&cell, "nao", 0), Some(140.0));
    let expected = "there is no ion `ca`; did you mean `na`?";
    assert_eq!(message(cell.set_reversal("ca", Reversal::Given)), expected);

    let mut other = fork();
    other.everywhere().insert(sodium()).unwrap();
    let expected = "the reversal potential of `na` is chosen otherwise than in the parts before";
    let refused = Model::network(&[cell, other]).expect_err("they differ");
    assert!(refused.to_string().contains(expected), "{refused}");
}

#[test]
fn numbers_that_cannot_be_are_refused_and_nothing_is_set() {
    let mut cell = fork();
    cell.everywhere().insert(sodium()).unwrap();
    let before = cell.values().clone();
    for (name, number, expected) in [
        (
            "radius",
            -1.0,
            "`radius` of cell 0, branch 1, compartment 0 cannot be -1, expected a positive number of µm",
        ),
        ("length", 0.0, "expected a positive number of µm"),
        ("capacitance", -0.5, "expected a positive number of µF/cm²"),
        (
            "axial_resistivity",
            0.0,
            "expected a positive number of Ω·cm",
        ),
        (
            "v",
            f64::NAN,
            "`v` of cell 0, branch 1, compartment 0 cannot be NaN, expected a finite number",
        ),
        (
            "ena",
            f64::INFINITY,
            "cannot be inf, expected a finite number",
        ),
        ("sodium.m", f64::NAN, "`sodium.m` of cell 0"),
        (
            "sodium.gbar",
            -0.1,
            "`sodium.gbar` of cell 0, branch 1, compartment 0 cannot be -0.1, expected 0 to 1000000000 S/cm2 (declared by the mechanism)",
        ),
    ] {
        let said = message(cell.branch(1).set(name, number));
        assert!(said.contains(expected), "{said}");
    }
    assert!(message(cell.set_celsius(-300.0)).contains("above −273.15 °C"));
    // the third of a list
    let said = message(cell.branch(1).set("v", vec![-65.0, -60.0, f64::NAN]));
    assert!(said.contains("branch 1, compartment 2"), "{said}");
    assert_eq!(*cell.values(), before);
}

#[test]
fn lists_of_the_wrong_length_and_absent_quantities_are_refused() {
    let mut cell = fork();
    cell.branch(0).insert(sodium()).unwrap();
    assert_eq!(
        message(cell.branch(1).set("radius", vec![1.0, 2.0])),
        "2 numbers were given for `radius`, expected 3, one for each selected compartment that has it"
    );
    assert_eq!(
        message(cell.branch(1).set("sodium.gbar", 0.1)),
        "`sodium.gbar` does not exist in cell 0, branch 1, compartment 0: `sodium` is not inserted there"
    );
    assert_eq!(
        message(cell.branch(1).set("ena", 45.0)),
        "`ena` does not exist in cell 0, branch 1, compartment 0: no mechanism there uses it"
    );
}

#[test]
fn misspelt_names_are_mended() {
    let mut cell = fork();
    cell.everywhere().insert(sodium()).unwrap();
    for (wrong, expected) in [
        (
            "sodium.gbra",
            "there is no quantity `sodium.gbra`; did you mean `sodium.gbar`?",
        ),
        (
            "gbar",
            "there is no quantity `gbar`; did you mean `sodium.gbar`?",
        ),
        (
            "Radius",
            "there is no quantity `Radius`; did you mean `radius`?",
        ),
        ("eNa", "there is no quantity `eNa`; did you mean `ena`?"),
        ("ek", "there is no quantity `ek`"),
        (
            "diam",
            "`diam` cannot be set: it is twice the `radius`, µm; set that",
        ),
    ] {
        let said = message(cell.everywhere().set(wrong, 1.0));
        assert!(said.starts_with(expected), "{said}");
    }
}

#[test]
fn versions_tell_structure_and_values_apart() {
    let mut cell = fork();
    let versions = |cell: &Model| (cell.structure_version(), cell.value_version());
    let (structure, values) = versions(&cell);
    cell.everywhere().set("radius", 2.0).unwrap();
    assert_eq!(cell.structure_version(), structure);
    assert_ne!(cell.value_version(), values);

    let copy = cell.clone();
    assert_eq!(versions(&copy), versions(&cell));
    cell.at(0.5).record("v").unwrap();
    let mut other = copy.clone();
    other.everywhere().insert(Arc::new(leak())).unwrap();
    assert_ne!(other.structure_version(), cell.structure_version());
    assert_eq!(versions(&copy).0, structure);
}

#[test]
fn the_table_has_a_row_for_each_compartment() {
    use loligo_model::Column;
    let mut cell = fork();
    cell.branch(1).insert(sodium()).unwrap();
    cell.branch(2).add_to_group("right").unwrap();
    cell.at(0.0)
        .stimulate(Waveform::step(1.0, 1.0, 1.0))
        .unwrap();
    let table = cell.compartment_table();
    assert_eq!(
        table.column("branch"),
        Some(&Column::Index(vec![0, 0, 1, 1, 1, 2, 2, 2, 2]))
    );
    let Some(Column::Number(gbar)) = table.column("sodium.gbar") else {
        panic!("no column of sodium.gbar")
    };
    assert_eq!(gbar[..3], [None, None, Some(0.12)]);
    let Some(Column::Flag(right)) = table.column("right") else {
        panic!("no column of the group")
    };
    assert_eq!(right.iter().filter(|&&inside| inside).count(), 4);
}
