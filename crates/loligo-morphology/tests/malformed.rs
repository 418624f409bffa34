//! Every way in which a file can be wrong, and what the reader says about it.

use loligo_morphology::{Compartments, Morphology, Roots, SwcOptions};

fn message_with(text: &str, options: &SwcOptions) -> String {
    Morphology::parse_swc(text, "cell.swc", options)
        .unwrap_err()
        .to_string()
}

fn message(text: &str) -> String {
    message_with(text, &SwcOptions::default())
}

#[test]
fn text_that_is_not_swc() {
    assert_eq!(
        message("# a comment\n\nDear reader,\n"),
        "cell.swc, line 3: expected 7 numbers (id, type, x, y, z, radius, parent), found 2 in `Dear reader,`; comments \
         start with #"
    );
    assert_eq!(
        message("this is a line of seven or more words\n"),
        "cell.swc, line 1: id is `this`, expected a finite number; is this an SWC file?"
    );
    assert!(message("\0\u{fffd}\u{1}PNG\r\n").starts_with("cell.swc, line 1: expected 7 numbers"));
}

#[test]
fn no_points() {
    let expected = "cell.swc, line 1: the file has no points; expected lines of id, type, x, y, z, radius, parent";
    assert_eq!(message(""), expected);
    assert_eq!(message("# only a comment\n\n"), expected);
}

#[test]
fn too_few_columns() {
    assert_eq!(
        message("1 1 0 0 0 5 -1\n2 3 0 10 0 1\n"),
        "cell.swc, line 2: expected 7 numbers (id, type, x, y, z, radius, parent), found 6 in `2 3 0 10 0 1`; \
         comments start with #"
    );
}

#[test]
fn columns_that_are_not_numbers() {
    assert_eq!(
        message("1 1 0 zero 0 5 -1\n"),
        "cell.swc, line 1: y is `zero`, expected a finite number; is this an SWC file?"
    );
    assert_eq!(
        message("1 1 0 0 NaN 5 -1\n"),
        "cell.swc, line 1: z is `NaN`, expected a finite number; is this an SWC file?"
    );
    assert_eq!(
        message("1 1 0 0 0 inf -1\n"),
        "cell.swc, line 1: radius is `inf`, expected a finite number; is this an SWC file?"
    );
    assert_eq!(
        message("1.5 1 0 0 0 5 -1\n"),
        "cell.swc, line 1: id is `1.5`, expected a whole number"
    );
    assert_eq!(
        message("1 soma 0 0 0 5 -1\n"),
        "cell.swc, line 1: type is `soma`, expected a finite number; is this an SWC file?"
    );
    assert_eq!(
        message("1 9e9 0 0 0 5 -1\n"),
        "cell.swc, line 1: type is `9e9`, expected a whole number"
    );
    assert_eq!(
        message("1 1 0 0 0 5 -0.5\n"),
        "cell.swc, line 1: parent is `-0.5`, expected a whole number"
    );
}

#[test]
fn an_id_twice() {
    assert_eq!(
        message("1 1 0 0 0 5 -1\n2 3 0 10 0 1 1\n2 3 0 20 0 1 1\n"),
        "cell.swc, line 3: id 2 is already that of the point in line 2; every point needs its own"
    );
}

#[test]
fn a_parent_that_is_missing() {
    assert_eq!(
        message("1 1 0 0 0 5 -1\n2 3 0 10 0 1 7\n"),
        "cell.swc, line 2: the parent of point 2 is 7, and the file has no point 7; a root has parent -1"
    );
}

#[test]
fn parents_in_a_circle() {
    assert_eq!(
        message("1 1 0 0 0 5 -1\n2 3 0 10 0 1 4\n3 3 0 20 0 1 2\n4 3 0 30 0 1 3\n"),
        "cell.swc, line 2: the parents go round in a circle: 2 → 4 → 3 → 2; one of them must lead to the root"
    );
    assert_eq!(
        message("1 1 0 0 0 5 1\n"),
        "cell.swc, line 1: the parents go round in a circle: 1 → 1; one of them must lead to the root"
    );
    let long: String = (1..=20)
        .map(|id| format!("{id} 3 {id} 0 0 1 {}\n", id % 20 + 1))
        .collect();
    assert!(message(&long).contains("1 → 2 → 3 → 4 → … → 19 → 20 → 1;"));
}

const TWO_ROOTS: &str =
    "1 1 0 0 0 5 -1\n2 3 0 10 0 1 1\n3 3 0 30 0 1 2\n# apart\n7 3 4 31 0 1 -1\n8 3 4 60 0 1 7\n";

#[test]
fn several_roots() {
    assert_eq!(
        message(TWO_ROOTS),
        "cell.swc, line 5: point 7 is another root (parent -1), after point 1 in line 1; 2 in all. A cell has one; \
         `read_swc` can choose one of them (`Roots::Choose(id)`) or connect them (`Roots::Join`)"
    );
    let choose = |id| SwcOptions {
        roots: Roots::Choose(id),
        ..SwcOptions::default()
    };
    assert_eq!(
        message_with(TWO_ROOTS, &choose(2)),
        "cell.swc, line 1: point 2 was chosen as the root, but the roots (parent -1) are 1, 7"
    );
}

#[test]
fn a_root_is_chosen() {
    let options = SwcOptions {
        roots: Roots::Choose(7),
        ..SwcOptions::default()
    };
    let cell = Morphology::parse_swc(TWO_ROOTS, "cell.swc", &options).unwrap();
    assert_eq!(cell.branches.len(), 1);
    assert_eq!(cell.branches[0].length(), 29.0);
    assert_eq!(
        cell.notes[0].to_string(),
        "left out 3 points that belong to other roots"
    );
}

#[test]
fn roots_are_joined_at_the_nearest_point() {
    let options = SwcOptions {
        roots: Roots::Join,
        ..SwcOptions::default()
    };
    let cell = Morphology::parse_swc(TWO_ROOTS, "cell.swc", &options).unwrap();
    // point 7 hangs on point 3, at a distance of √17
    assert_eq!(cell.branches.len(), 2);
    assert!((cell.branches[1].length() - (20.0 + 17f64.sqrt() + 29.0)).abs() < 1e-12);
}

#[test]
fn radii_that_are_not_positive() {
    assert_eq!(
        message("1 1 0 0 0 5 -1\n2 3 0 10 0 -0.5 1\n"),
        "cell.swc, line 2: the radius of point 2 is -0.5 µm; it must be positive"
    );
    assert_eq!(
        message("1 1 0 0 0 5 -1\n2 3 0 10 0 0 1\n3 3 0 20 0 0 2\n"),
        "cell.swc, line 2: the radius of point 2 is 0 (2 such points in the file); give `read_swc` a `min_radius` \
         (µm), to which it raises every smaller radius"
    );
    // a negative radius is an error even with a smallest radius
    let options = SwcOptions {
        min_radius: Some(1.0),
        ..SwcOptions::default()
    };
    assert!(message_with("1 1 0 0 0 -5 -1\n", &options).contains("is -5 µm"));
}

#[test]
fn a_first_branch_without_length() {
    assert_eq!(
        message("1 3 0 0 0 1 -1\n2 3 0 0 0 1 1\n3 3 9 0 0 1 2\n4 3 0 9 0 1 2\n"),
        "cell.swc, line 1: no branch can start with point 1: no length: all of its points coincide"
    );
}

#[test]
fn distances_that_overflow() {
    assert_eq!(
        message("1 3 -1e308 0 0 1 -1\n2 3 1e308 0 0 1 1\n"),
        "cell.swc, line 1: no branch can start with point 1: point 1 has path length inf, expected a finite number"
    );
}

#[test]
fn options_out_of_range() {
    let zero = SwcOptions {
        min_radius: Some(0.0),
        ..SwcOptions::default()
    };
    assert_eq!(
        message_with("", &zero),
        "min_radius is 0, expected a positive number of µm"
    );
    let nan = SwcOptions {
        max_branch_len: Some(f64::NAN),
        ..SwcOptions::default()
    };
    assert_eq!(
        message_with("", &nan),
        "max_branch_len is NaN, expected a positive number of µm"
    );
    let tiny = SwcOptions {
        max_branch_len: Some(1e-300),
        ..SwcOptions::default()
    };
    assert!(message_with("1 1 0 0 0 5 -1\n", &tiny).contains("at most a million branches"));
}

#[test]
fn a_file_that_is_not_there() {
    let error = Morphology::read_swc("no/such/cell.swc", &SwcOptions::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("cannot read no/such/cell.swc: ")
    );
}

#[test]
fn numbers_of_compartments_that_do_not_fit() {
    let cell = Morphology::cylinders(&[(10.0, 1.0)], &[None]).unwrap();
    let message = |compartments: Compartments| {
        compartments
            .counts(&cell, 100.0, 1.0)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message(Compartments::Each(vec![1, 2])),
        "the list of compartment numbers is 2 long for 1 branches, expected one number for every branch"
    );
    assert_eq!(
        message(Compartments::PerBranch(0)),
        "the number of compartments is 0 for branch 0, expected at least 1"
    );
    assert_eq!(
        message(Compartments::DLambda {
            fraction: -0.1,
            frequency: 100.0
        }),
        "the fraction of the length constant is -0.1, expected a positive number"
    );
    assert!(
        message(Compartments::DLambda {
            fraction: 1e-30,
            frequency: 100.0
        })
        .contains("at most a million compartments")
    );
}

#[test]
fn cylinders_that_are_none() {
    let message = |sizes: &[(f64, f64)], parents: &[_]| {
        Morphology::cylinders(sizes, parents)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message(&[], &[]),
        "the number of branches is 0, expected at least 1"
    );
    assert_eq!(
        message(&[(10.0, -1.0)], &[None]),
        "the radius is -1 for branch 0, expected a positive number of µm"
    );
    assert_eq!(
        message(&[(1.0, 1.0), (1.0, 1.0)], &[None, None]),
        "branch 1: no parent, expected one: only branch 0 is a root"
    );
    assert_eq!(
        message(&[(1.0, 1.0)], &[]),
        "the list of attachments is 0 long for 1 cylinders, expected one for every cylinder"
    );
    let to = |branch, at| Some(loligo_morphology::Attachment { branch, at });
    assert_eq!(
        message(&[(1.0, 1.0), (1.0, 1.0)], &[None, to(1, 1.0)]),
        "branch 1: the parent is branch 1, expected a branch before it"
    );
    assert_eq!(
        message(&[(1.0, 1.0), (1.0, 1.0)], &[None, to(0, 1.5)]),
        "branch 1: attached at 1.5 of branch 0, expected a number from 0 to 1"
    );
}
