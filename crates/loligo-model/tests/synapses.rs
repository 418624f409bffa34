//! Synapses: what joins what, numbers of theirs, what is trained and recorded, and parts that have some.

mod common;

use common::message;
use loligo_mechanism::Mechanism;
use loligo_mechanism::builder::MechanismBuilder;
use loligo_model::{Column, Model};

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
    assert_eq!(network.trainables()[0].targets, [vec![0, 2], vec![1]]);
    let second = network.select().cell(1).selection().unwrap();
    network.delete_trainables(&second);
    assert_eq!(network.trainables()[0].targets, [vec![1]]);
}

#[test]
fn any_rows_can_be_trained_together() {
    let mut network = network();
    network
        .train_together("graded.g", None, vec![vec![2, 1], vec![0]])
        .unwrap();
    assert_eq!(network.trainables()[0].targets, [vec![2, 1], vec![0]]);
    network
        .train_together("radius", None, vec![vec![5, 0]])
        .unwrap();
    for wrong in [vec![vec![3]], vec![vec![]], vec![vec![0], vec![0]]] {
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
    let targets: Vec<_> = whole.trainables().iter().map(|t| &t.targets).collect();
    assert_eq!(targets, [&vec![vec![0]], &vec![vec![1]]]);
    let rows: Vec<_> = whole.recordings().iter().map(|r| r.compartment).collect();
    assert_eq!(rows, [0, 1]);
}
