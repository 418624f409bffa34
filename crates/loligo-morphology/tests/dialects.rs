//! What the reader takes: the ways in which people write SWC, and the ways in which they write a
//! soma.

use loligo_morphology::{Morphology, Point, SwcOptions};
use std::f64::consts::PI;

fn read(text: &str) -> Morphology {
    Morphology::parse_swc(text, "cell.swc", &SwcOptions::default()).unwrap()
}

/// Soma, a dendrite that forks, an axon.
const PLAIN: &str = "\
1 1 0 0 0 5 -1
2 3 10 0 0 1 1
3 3 20 0 0 1 2
4 3 30 9 0 0.7 3
5 3 30 -9 0 0.7 3
6 2 -9 0 0 0.5 1
7 2 -19 0 0 0.5 6
";

#[test]
fn branches_are_cut_at_branch_points_and_numbered_depth_first() {
    let cell = read(PLAIN);
    let names: Vec<&str> = cell
        .branches
        .iter()
        .map(|branch| branch.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["soma[0]", "basal[0]", "basal[1]", "basal[2]", "axon[0]"]
    );
    let attached = |index: usize| cell.branches[index].parent.map(|to| (to.branch, to.at));
    assert_eq!(
        [0, 1, 2, 3, 4].map(attached),
        [
            None,
            Some((0, 0.5)),
            Some((1, 1.0)),
            Some((1, 1.0)),
            Some((0, 0.5))
        ]
    );
}

#[test]
fn the_same_cell_in_other_words() {
    let cell = read(PLAIN);
    let with_crlf = PLAIN.replace('\n', "\r\n");
    let with_tabs = PLAIN.replace(' ', "\t  \t");
    let with_comments = PLAIN.replace('\n', " # a note\n\n   # another, in µm\n");
    let with_columns = PLAIN.replace('\n', " 17 more columns\n");
    let with_floats = PLAIN
        .replace("1 1 0", "1.0 1.0 0.0")
        .replace("5 -1", "5.0e0 -1.0");
    let with_mark = format!("\u{feff}{PLAIN}");
    let without_last_newline = PLAIN.trim_end().to_string();
    let backwards = PLAIN.lines().rev().collect::<Vec<_>>().join("\n");
    for text in [
        with_crlf,
        with_tabs,
        with_comments,
        with_columns,
        with_floats,
        with_mark,
        without_last_newline,
        backwards,
    ] {
        assert_eq!(read(&text).branches, cell.branches, "{text}");
    }
}

#[test]
fn ids_with_gaps_and_parents_behind_their_children() {
    let text = "\
900 3 20 0 0 1 40
40 3 10 0 0 1 1000
1000 1 0 0 0 5 -1
3000 3 30 9 0 0.7 900
3001 3 30 -9 0 0.7 900
1001 2 -9 0 0 0.5 1000
1002 2 -19 0 0 0.5 1001
";
    assert_eq!(read(text).branches, read(PLAIN).branches);
}

#[test]
fn comments_in_an_old_encoding() {
    let file = std::env::temp_dir().join("loligo_latin1.swc");
    std::fs::write(&file, b"# radius in \xb5m\n1 1 0 0 0 5 -1\n").unwrap();
    assert_eq!(
        Morphology::read_swc(&file, &SwcOptions::default())
            .unwrap()
            .branches
            .len(),
        1
    );
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn custom_types_are_groups() {
    let cell =
        read("1 1 0 0 0 5 -1\n2 7 10 0 0 1 1\n3 7 20 0 0 1 2\n4 0 30 0 0 1 3\n5 -2 40 0 0 1 4\n");
    let groups = cell.groups();
    let names: Vec<&str> = groups.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["custom-2", "undefined", "soma", "custom7"]);
    assert_eq!(groups[3].1, [1]);
}

#[test]
fn the_type_changes_within_a_cable() {
    let cell = read("1 3 0 0 0 2 -1\n2 3 10 0 0 2 1\n3 2 20 0 0 1 2\n4 2 30 0 0 1 3\n");
    assert_eq!(cell.branches.len(), 2);
    // the cable is continuous
    assert_eq!(
        cell.branches[1].points()[0],
        Point::new(10.0, 0.0, 0.0, 2.0)
    );
    assert_eq!(cell.branches[1].length(), 20.0);
}

#[test]
fn a_one_point_soma_has_the_area_of_a_sphere() {
    let soma = &read(PLAIN).branches[0];
    assert_eq!(soma.length(), 10.0);
    let area: f64 = soma
        .compartments(3)
        .unwrap()
        .iter()
        .map(|part| part.area)
        .sum();
    assert!((area - 4.0 * PI * 25.0).abs() < 1e-10);
}

#[test]
fn dendrites_start_at_their_own_first_point_at_a_one_point_soma() {
    let cell = read(PLAIN);
    assert_eq!(
        cell.branches[1].points()[0],
        Point::new(10.0, 0.0, 0.0, 1.0)
    );
    // a dendrite of a single point has nowhere else to start than at the soma
    let stub = read("1 1 0 0 0 5 -1\n2 3 10 0 0 1 1\n");
    assert_eq!(stub.branches[1].points()[0], Point::new(0.0, 0.0, 0.0, 1.0));
}

#[test]
fn a_single_point_is_a_sphere_whatever_its_type() {
    let cell = read("1 3 4 5 6 2 -1\n");
    assert_eq!(cell.branches.len(), 1);
    assert_eq!(cell.branches[0].length(), 4.0);
    assert_eq!(cell.branches[0].at(0.5), Point::new(4.0, 5.0, 6.0, 2.0));
}

#[test]
fn three_points_of_neuromorpho_are_one_cylinder() {
    let cell = read(
        "1 1 0 0 0 5 -1\n2 1 0 -5 0 5 1\n3 1 0 5 0 5 1\n4 3 6 0 0 1 1\n5 3 30 0 0 1 4\n6 2 0 6 0 1 1\n7 2 0 9 0 1 6\n",
    );
    assert_eq!(cell.branches.len(), 3);
    let soma = cell.branches[0].compartments(1).unwrap()[0];
    assert!((soma.area - 4.0 * PI * 25.0).abs() < 1e-10);
    for dendrite in &cell.branches[1..] {
        assert_eq!(dendrite.parent.map(|to| (to.branch, to.at)), Some((0, 0.5)));
    }
    assert_eq!(cell.branches[1].length(), 24.0);
}

#[test]
fn three_points_of_other_proportions_are_a_chain() {
    let cell = read("1 1 0 0 0 5 -1\n2 1 0 -9 0 2 1\n3 1 0 9 0 2 1\n");
    // two arms from the centre
    assert_eq!(cell.branches.len(), 2);
    assert_eq!(cell.branches[1].parent.map(|to| to.at), Some(0.0));
    assert_eq!(cell.statistics().length, 18.0);
}

#[test]
fn a_two_point_soma_is_a_frustum() {
    let cell = read("1 1 0 0 0 4 -1\n2 1 0 10 0 2 1\n3 3 0 20 0 1 2\n4 3 0 -9 0 1 1\n");
    let soma = cell.branches[0].compartments(1).unwrap()[0];
    assert!((soma.area - PI * 6.0 * 104f64.sqrt()).abs() < 1e-12);
    // dendrites start where they leave, with their own radius
    assert_eq!(cell.branches[1].parent.map(|to| to.at), Some(1.0));
    assert_eq!(
        cell.branches[1].points()[0],
        Point::new(0.0, 10.0, 0.0, 1.0)
    );
    assert_eq!(cell.branches[2].parent.map(|to| to.at), Some(0.0));
}

#[test]
fn dendrites_inside_of_a_soma_do_not_cut_it() {
    let cell = read(
        "1 1 0 0 0 2 -1\n2 1 0 2 0 4 1\n3 1 0 8 0 2 2\n4 3 6 2 0 1 2\n5 3 30 2 0 1 4\n6 4 0 9 0 1 3\n7 4 0 50 0 1 6\n",
    );
    assert_eq!(cell.branches.len(), 3);
    assert_eq!(cell.branches[1].parent.map(|to| to.at), Some(0.25));
    assert_eq!(cell.branches[1].length(), 24.0);
    assert_eq!(cell.branches[2].parent.map(|to| to.at), Some(1.0));
    assert_eq!(cell.branches[2].length(), 42.0);
}

#[test]
fn the_tree_starts_at_the_soma_wherever_the_file_does() {
    let turned = read(
        "1 3 20 0 0 1 -1\n2 3 10 0 0 1 1\n3 1 0 0 0 5 2\n4 2 -9 0 0 0.5 3\n5 2 -19 0 0 0.5 4\n",
    );
    assert_eq!(
        turned.notes[0].to_string(),
        "turned the tree so that it starts at soma point 3"
    );
    let names: Vec<&str> = turned
        .branches
        .iter()
        .map(|branch| branch.name.as_str())
        .collect();
    assert_eq!(names, ["soma[0]", "basal[0]", "axon[0]"]);
    assert_eq!(turned.branches[1].points()[0].x, 10.0);
    assert_eq!(turned.branches[1].length(), 10.0);
}

#[test]
fn without_a_soma_the_first_child_continues_the_root() {
    let cell = read("1 3 0 0 0 1 -1\n2 3 10 0 0 1 1\n3 3 0 10 0 1 1\n4 4 -5 0 0 1 1\n");
    let attached: Vec<_> = cell
        .branches
        .iter()
        .map(|branch| branch.parent.map(|to| (to.branch, to.at)))
        .collect();
    assert_eq!(attached, [None, Some((0, 0.0)), Some((0, 0.0))]);
}

#[test]
fn a_branch_without_length_is_left_out() {
    let cell = read(
        "1 1 0 0 0 5 -1\n2 3 9 0 0 1 1\n3 3 20 0 0 1 2\n4 2 20 0 0 1 3\n5 3 30 9 0 1 4\n6 3 30 -9 0 1 4\n",
    );
    assert_eq!(
        cell.notes[0].to_string(),
        "line 4: left out a branch without length; its children attach to its parent"
    );
    assert_eq!(cell.branches.len(), 4);
    assert_eq!(
        cell.branches[3].parent.map(|to| (to.branch, to.at)),
        Some((1, 1.0))
    );
}

#[test]
fn long_branches_are_cut_into_equal_pieces() {
    let options = SwcOptions {
        max_branch_len: Some(8.0),
        ..SwcOptions::default()
    };
    let text = "1 3 0 0 0 2 -1\n2 3 5 0 0 2 1\n3 3 20 0 0 1 2\n4 2 20 7 0 1 3\n5 2 20 -7 0 1 3\n";
    let cell = Morphology::parse_swc(text, "cell.swc", &options).unwrap();
    let lengths: Vec<f64> = cell.branches.iter().map(|branch| branch.length()).collect();
    let third = 20.0 / 3.0;
    for (length, expected) in lengths.iter().zip([third, third, third, 7.0, 7.0]) {
        assert!((length - expected).abs() < 1e-12);
    }
    let parents: Vec<_> = cell
        .branches
        .iter()
        .map(|branch| branch.parent.map(|to| (to.branch, to.at)))
        .collect();
    assert_eq!(
        parents,
        [
            None,
            Some((0, 1.0)),
            Some((1, 1.0)),
            Some((2, 1.0)),
            Some((2, 1.0))
        ]
    );
}
