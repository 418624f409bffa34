//! Synapses: what joins what, numbers of theirs, what is trained and recorded, and parts that have some.

mod common;

use common::message;
use loligo_mechanism::Mechanism;
use loligo_mechanism::builder::MechanismBuilder;
use loligo_model::{Column, Model, Sharing, SynapseSelection, Targets};

fn graded() -> Mechanism {
    let synapse = MechanismBuilder::synapse("graded").parameter("g", 1e-4, "uS");
    let synapse = synapse.current("i", |s| s.get("g") * (s.v() - s.v_pre()));
    synapse.build().unwrap()
}

/// Three cells of two compartments; synapses onto the second, the third, and the second again.
fn network() -> Model {
    let cell = Model::cylinder(20.0, 10.0, 2).unwrap();
    let mut network = Model::network(&[cell.clone(), cell.clone(), cell]).unwrap();
    network.connect(graded(), &[0, 1, 4], &[2, 5, 3]).unwrap();
    network
}

#[test]
fn a_table_says_where_synapses_are() {
    let mut network = network();
    let all = network.synapses("graded").unwrap();
    network
        .set_synapses("graded.g", vec![1.0, 2.0, 3.0], &all)
        .unwrap();
    let table = network.synapse_table("graded").unwrap();
    let names: Vec<_> = table
        .columns
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names[..4], ["pre", "post", "pre_cell", "pre_branch"]);
    assert_eq!(
        table.column("post_cell"),
        Some(&Column::Index(vec![1, 2, 1]))
    );
    let locations = vec![Some(0.25), Some(0.75), Some(0.75)];
    assert_eq!(
        table.column("post_location"),
        Some(&Column::Number(locations))
    );
    let numbers = vec![Some(1.0), Some(2.0), Some(3.0)];
    assert_eq!(table.column("graded.g"), Some(&Column::Number(numbers)));
    let said = message(network.synapse_table("grated"));
    assert!(said.contains("did you mean `graded`"), "{said}");
}

#[test]
fn trainables_of_cells_are_those_of_synapses_onto_them() {
    let mut network = network();
    let cells = network.select().cell(..).selection().unwrap();
    network.trainable("graded.g", None, &cells).unwrap();
    assert_eq!(
        network.trainables()[0].targets,
        Targets::from_iter([vec![0, 2], vec![1]])
    );
    let second = network.select().cell(1).selection().unwrap();
    network.delete_trainables(&second);
    assert_eq!(network.trainables()[0].targets, Targets::from_iter([[1]]));
}

#[test]
fn any_rows_can_be_trained_together() {
    let mut network = network();
    network
        .train_together("graded.g", None, Targets::from_iter([vec![2, 1], vec![0]]))
        .unwrap();
    assert_eq!(
        network.trainables()[0].targets,
        Targets::from_iter([vec![2, 1], vec![0]])
    );
    network
        .train_together("radius", None, Targets::together(vec![5, 0]))
        .unwrap();
    for wrong in [vec![vec![3]], vec![vec![]], vec![vec![0], vec![0]]] {
        let wrong = Targets::from_iter(wrong);
        assert!(network.train_together("graded.g", None, wrong).is_err());
    }
}

#[test]
fn parts_bring_their_synapses() {
    let mut part = Model::cylinder(20.0, 10.0, 2).unwrap();
    part.connect(graded(), &[0], &[1]).unwrap();
    let own = part.synapses("graded").unwrap();
    part.train_synapses("graded.g", None, &own).unwrap();
    part.record_synapses("graded.i", &own).unwrap();
    let whole = Model::network(&[part.clone(), part]).unwrap();
    let joins = &whole.insertions()[0].joins;
    assert_eq!(
        (&joins.pre[..], &joins.post[..]),
        (&[0, 2][..], &[1, 3][..])
    );
    let targets: Vec<_> = whole.trainables().iter().map(|t| &t.targets[0]).collect();
    assert_eq!(targets, [[0], [1]]);
    let rows: Vec<_> = whole.recordings().iter().map(|r| r.compartment).collect();
    assert_eq!(rows, [0, 1]);
}

/// The synapses of these numbers.
fn some(network: &Model, numbers: &[usize]) -> SynapseSelection {
    let mut selection = network.synapses("graded").unwrap();
    selection.synapses = numbers.to_vec();
    selection
}

#[test]
fn synapses_that_stay_keep_what_is_theirs() {
    let mut network = network();
    let all = network.synapses("graded").unwrap();
    network
        .set_synapses("graded.g", vec![1.0, 2.0, 3.0], &all)
        .unwrap();
    network.record_synapses("graded.i", &all).unwrap();
    let last = some(&network, &[2]);
    network
        .record_synapses_as("mine", "graded.i", &last)
        .unwrap();
    network
        .train_together("graded.g", None, Targets::from_iter([vec![0], vec![1, 2]]))
        .unwrap();

    network.delete_synapses(&some(&network, &[1])).unwrap();

    let joins = &network.insertions()[0].joins;
    assert_eq!(
        (&joins.pre[..], &joins.post[..]),
        (&[0, 4][..], &[2, 3][..])
    );
    let g = network.quantity("graded.g").unwrap();
    assert_eq!(
        network.values().column(g),
        Some(&[Some(1.0), Some(3.0)][..])
    );
    let recordings = network.recordings().iter();
    let named: Vec<_> = recordings.map(|r| (r.compartment, &*r.name)).collect();
    let expected = [
        (0, "synapse[0].graded.i"),
        (1, "synapse[1].graded.i"),
        (1, "mine"),
    ];
    assert_eq!(named, expected);
    assert_eq!(network.trainables()[0].targets, Targets::each(vec![0, 1]));
    // what is recorded already keeps its row
    let all = network.synapses("graded").unwrap();
    assert_eq!(network.record_synapses("graded.i", &all).unwrap(), [0, 1]);
}

#[test]
fn a_selection_from_before_a_deletion_is_refused() {
    let mut network = network();
    let early = network.synapses("graded").unwrap();
    network.delete_synapses(&some(&network, &[0])).unwrap();
    for said in [
        message(network.set_synapses("graded.g", 1.0, &early)),
        message(network.delete_synapses(&early)),
    ] {
        assert!(said.contains("select them again"), "{said}");
    }
    let beyond = message(network.delete_synapses(&some(&network, &[2])));
    assert!(beyond.contains("it has 2"), "{beyond}");
}

#[test]
fn with_its_last_synapse_a_mechanism_is_gone() {
    let mut network = network();
    let other = MechanismBuilder::synapse("other").parameter("k", 1.0, "nA");
    let other = other.current("i", |s| s.get("k") * 1.0).build().unwrap();
    network.connect(other, &[5], &[0]).unwrap();
    let others = network.synapses("other").unwrap();
    network.record_synapses("other.i", &others).unwrap();
    network.train_synapses("other.k", None, &others).unwrap();
    let all = network.synapses("graded").unwrap();
    network.train_synapses("graded.g", None, &all).unwrap();
    network.record_synapses("graded.i", &all).unwrap();

    network.delete_synapses(&all).unwrap();

    assert!(network.synapses("graded").is_err());
    assert_eq!(network.insertions().len(), 1);
    assert_eq!(network.recordings().len(), 1);
    assert_eq!(
        network.recorded_name(network.recordings()[0].what),
        "other.i"
    );
    let trained = network.trainables().iter().map(|t| t.quantity);
    let trained: Vec<_> = trained.map(|q| network.quantity_name(q)).collect();
    assert_eq!(trained, ["other.k"]);
    // synapses of the same name that come later are others
    network.connect(graded(), &[0], &[1]).unwrap();
    assert!(network.set_synapses("graded.g", 1.0, &all).is_err());
}

/// Looking through all rows for each would take minutes.
#[test]
fn many_recordings_are_added_one_by_one() {
    let compartments = 100_000;
    let mut cable = Model::cylinder(1e5, 1.0, compartments).unwrap();
    let started = std::time::Instant::now();
    for compartment in 0..compartments {
        let one = cable
            .selection_of(vec![compartment], Sharing::PerCompartment)
            .unwrap();
        assert_eq!(cable.record("v", &one).unwrap(), [compartment]);
        assert_eq!(cable.record("v", &one).unwrap(), [compartment]);
    }
    assert!(started.elapsed().as_secs_f64() < 5.0);
}
