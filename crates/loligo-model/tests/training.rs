//! Trainables: how numbers are shared, bounded, gathered and written back.

mod common;

use common::{message, sodium, two_forks};
use loligo_model::{Model, Sharing, Targets, View};
use proptest::prelude::*;

fn network() -> Model {
    let mut network = two_forks();
    network.everywhere().insert(sodium()).unwrap();
    network
}

#[test]
fn the_last_selector_decides_how_many_numbers_there_are() {
    type Choose = fn(&mut Model) -> View<&mut Model>;
    let counts: [(Choose, usize); 5] = [
        (|network| network.everywhere(), 1),
        (|network| network.cell(..), 2),
        (|network| network.branch(..), 6),
        (|network| network.compartment(..), 18),
        (|network| network.branch(..).compartment(0), 6),
    ];
    for (choose, expected) in counts {
        let mut network = network();
        let trainable = choose(&mut network).trainable("sodium.gbar", None).unwrap();
        assert_eq!(network.trainables()[trainable].targets.len(), expected);
        assert_eq!(network.parameters().values, vec![0.12; expected]);
    }
}

#[test]
fn a_group_shares_one_number_unless_asked_otherwise() {
    let mut network = network();
    network.branch(1).add_to_group("left").unwrap();
    network.group("left").trainable("radius", None).unwrap();
    network
        .group("left")
        .sharing(Sharing::PerCell)
        .trainable("length", None)
        .unwrap();
    assert_eq!(
        network.trainables()[0].targets,
        Targets::together(vec![2, 3, 4, 11, 12, 13])
    );
    assert_eq!(
        network.trainables()[1].targets,
        Targets::from_iter([[2, 3, 4], [11, 12, 13]])
    );
}

#[test]
fn a_shared_number_starts_at_the_mean() {
    let mut network = network();
    network
        .cell(0)
        .branch(1)
        .set("radius", vec![1.0, 2.0, 6.0])
        .unwrap();
    network.cell(0).branch(1).trainable("radius", None).unwrap();
    assert_eq!(network.parameters().values, [3.0]);
}

#[test]
fn parameters_have_named_slices_and_are_written_back() {
    let mut network = network();
    network
        .cell(0)
        .branch(..)
        .trainable("sodium.gbar", Some((0.01, 0.5)))
        .unwrap();
    network.everywhere().trainable("celsius", None).unwrap();
    network.cell(1).trainable("sodium.gbar", None).unwrap();
    let mut parameters = network.parameters();
    let names: Vec<_> = parameters.slices().collect();
    assert_eq!(
        names,
        [
            ("sodium.gbar", 0..3),
            ("celsius", 3..4),
            ("sodium.gbar#2", 4..5)
        ]
    );
    assert_eq!(parameters.bounds[2], Some((0.01, 0.5)));
    assert_eq!(parameters.bounds[4], None);
    assert_eq!(parameters.slice("celsius"), Some(&[6.3][..]));
    assert_eq!(parameters.slice("nothing"), None);

    parameters.values = vec![0.1, 0.2, 0.3, 37.0, 0.4];
    network.write(&parameters).unwrap();
    let gbar = network.quantity("sodium.gbar").unwrap();
    let column: Vec<_> = network
        .values()
        .column(gbar)
        .unwrap()
        .iter()
        .flatten()
        .copied()
        .collect();
    assert_eq!(column[..9], [0.1, 0.1, 0.2, 0.2, 0.2, 0.3, 0.3, 0.3, 0.3]);
    assert_eq!(column[9..], [0.4; 9]);
    assert_eq!(network.celsius(), Some(37.0));
    assert_eq!(network.parameters(), parameters);
}

#[test]
fn what_cannot_be_written_leaves_the_model_alone() {
    let mut network = network();
    network.everywhere().trainable("radius", None).unwrap();
    network
        .cell(..)
        .trainable("sodium.gbar", Some((0.01, 0.5)))
        .unwrap();
    let before = network.values().clone();
    let mut parameters = network.parameters();
    parameters.values = vec![2.0, 0.1, 0.7];
    assert_eq!(
        message(network.write(&parameters)),
        "`sodium.gbar` is 0.7 in cell 1, branch 0, compartment 0, outside of its bounds 0.01 to 0.5"
    );
    parameters.values = vec![-2.0, 0.1, 0.1];
    let said = message(network.write(&parameters));
    assert!(
        said.starts_with("`radius` of cell 0, branch 0, compartment 0 cannot be -2"),
        "{said}"
    );
    parameters.values.pop();
    assert_eq!(
        message(network.write(&parameters)),
        "the parameters have 2 numbers, but the model has 3 trainable ones"
    );
    assert_eq!(*network.values(), before);
}

#[test]
fn what_cannot_be_trained_is_said() {
    let mut network = network();
    network
        .cell(0)
        .branch(1)
        .trainable("sodium.gbar", None)
        .unwrap();
    assert_eq!(
        message(network.branch(..).trainable("sodium.gbar", None)),
        "`sodium.gbar` is trainable in cell 0, branch 1, compartment 0 already"
    );
    assert_eq!(
        message(network.cell(1).trainable("sodium.gbar", Some((0.5, 0.1)))),
        "the bounds of `sodium.gbar` are 0.5 and 0.1, expected the smaller one first"
    );
    assert!(
        message(
            network
                .cell(1)
                .trainable("sodium.gbar", Some((f64::NAN, 0.1)))
        )
        .contains("NaN")
    );
    assert_eq!(
        message(network.cell(1).trainable("sodium.gbar", Some((0.2, 0.5)))),
        "`sodium.gbar` is 0.12 in cell 1, branch 0, compartment 0, outside of its bounds 0.2 to 0.5"
    );
    assert_eq!(
        message(network.cell(1).trainable("sodium.m", None)),
        "`sodium.m` starts at its steady state in cell 1, branch 0, compartment 0; \
         set it to a number to make it trainable"
    );
    for name in ["celsius", "sodium.q10"] {
        assert_eq!(
            message(network.branch(..).trainable(name, None)),
            format!("`{name}` has one value for the whole model; set it everywhere, to one number")
        );
    }
    assert_eq!(network.trainables().len(), 1);
}

#[test]
fn initial_states_are_trainable_once_they_are_numbers() {
    let mut network = network();
    network.cell(0).set("sodium.m", 0.2).unwrap();
    network
        .cell(0)
        .trainable("sodium.m", Some((0.0, 1.0)))
        .unwrap();
    assert_eq!(network.parameters().values, [0.2]);
    let said = message(
        network
            .everywhere()
            .set("sodium.m", loligo_model::SteadyState),
    );
    assert!(said.contains("`sodium.m`"), "{said}");
}

#[test]
fn deleted_trainables_leave_the_others() {
    let mut network = network();
    network.everywhere().trainable("radius", None).unwrap();
    network.branch(..).trainable("length", None).unwrap();
    network.everywhere().trainable("celsius", None).unwrap();
    network.cell(0).delete_trainables().unwrap();
    let left: Vec<_> = network
        .trainables()
        .iter()
        .map(|t| t.targets.clone())
        .collect();
    assert_eq!(left[0], Targets::together((9..18).collect()));
    assert_eq!(left[1].len(), 3);
    assert_eq!(left[2].len(), 1, "the temperature is one number");
    network.everywhere().delete_trainables().unwrap();
    assert!(network.trainables().is_empty());
}

proptest! {
    #[test]
    fn writing_what_was_read_changes_nothing_but_spreads_means(
        radii in prop::collection::vec(0.1..10.0_f64, 18),
        sharing in prop::sample::select(vec![Sharing::Shared, Sharing::PerCell, Sharing::PerBranch, Sharing::PerCompartment]),
    ) {
        let mut network = network();
        network.everywhere().set("radius", radii).unwrap();
        network.everywhere().sharing(sharing).trainable("radius", None).unwrap();
        let parameters = network.parameters();
        network.write(&parameters).unwrap();
        prop_assert_eq!(network.parameters(), parameters);
        let targets = &network.trainables()[0].targets;
        prop_assert_eq!(targets.rows(), (0..18).collect::<Vec<_>>());
    }
}
