//! Every way in which a Neurolucida file can be wrong, and what the reader says about it.

use loligo_morphology::{Instantiated, Morphology};

const SOMA: &str = "(\"CellBody\" (0 5 0 1) (-4 0 0 1) (0 -6 0 1) (4 0 0 1))\n";
const TREE: &str = "((Dendrite) (1 2 3 2) (9 2 3 1))\n";

fn parse(text: &str) -> Result<Morphology, String> {
    Morphology::parse_asc(text, "cell.asc", Instantiated::default())
        .map_err(|error| error.to_string())
}

fn message(text: &str) -> String {
    parse(text).unwrap_err()
}

#[test]
fn text_that_is_not_neurolucida() {
    assert_eq!(
        message("; a comment\nDear reader,\n"),
        "cell.asc, line 2, column 1: found `Dear`, expected `(`, which begins an object"
    );
    assert_eq!(
        message("1 1 0 0 0 5 -1\n"),
        "cell.asc, line 1, column 1: found the number 1, expected `(`, which begins an object"
    );
    let empty = "cell.asc, line 1, column 1: the file has neither a tree nor the contour of a cell body; is this a \
                 Neurolucida file in text form (.asc)?";
    assert_eq!(message(""), empty);
    assert_eq!(message("; nothing\n(ImageCoords)\n"), empty);
}

#[test]
fn brackets_that_do_not_match() {
    let unclosed = "cell.asc, line 2, column 1: this `(` is never closed";
    assert_eq!(message("\n((Axon) (1 2 3 4)"), unclosed);
    assert_eq!(message("\n(\"CellBody\" (1 2 3 4)"), unclosed);
    assert_eq!(message("\n(Set \"a\" (ImageCoords)"), unclosed);
    assert_eq!(message("\n(Color RGB (1, 2, 3)"), unclosed);
    assert_eq!(
        message("((Axon) (1 2 3 4) <(2 3 4 5))"),
        "cell.asc, line 1, column 19: this `<` is never closed"
    );
    assert_eq!(
        message("(ImageCoords))"),
        "cell.asc, line 1, column 14: found `)`, expected `(`, which begins an object"
    );
    assert_eq!(
        message("(\"CellBody)\n"),
        "cell.asc, line 1, column 2: this quotation mark has no second one in its line"
    );
}

#[test]
fn points_that_are_none() {
    assert_eq!(
        message("((Axon) (1))"),
        "cell.asc, line 1, column 11: found `)`, expected a number: x, y, z and the diameter of a point"
    );
    assert_eq!(
        message("((Axon) (1 2 3 4 5))"),
        "cell.asc, line 1, column 18: found the number 5, expected `)` at the end of a point"
    );
    assert_eq!(
        message("((Axon) (1 1e999 3 4))"),
        "cell.asc, line 1, column 12: `1e999` is too large for a number"
    );
    assert_eq!(
        message("((Axon) (1 2 3 4) (1 2 3))"),
        "cell.asc, line 1, column 19: the diameter of this point is 0 µm; it must be positive"
    );
    assert_eq!(
        message("((Axon) (1 2 nan 4))"),
        "cell.asc, line 1, column 18: found the number 4, expected `)` at the end of a point"
    );
}

#[test]
fn branches_that_are_none() {
    assert_eq!(
        message("((Axon))"),
        "cell.asc, line 1, column 8: this branch has no points"
    );
    assert_eq!(
        message("((Axon) (1 2 3 4) ((1 2 3 4) | ))"),
        "cell.asc, line 1, column 32: this branch has no points"
    );
    assert_eq!(
        message("((Axon) (1 2 3 4) ((2 2 3 4)) (1 2 3 4))"),
        "cell.asc, line 1, column 31: found `(`, expected `)` or `|`: a branch ends where it splits"
    );
    assert_eq!(
        message("((Axon) (1 2 3 4) |)"),
        "cell.asc, line 1, column 19: found `|`, expected a point, a marker, a split, or the end of the branch"
    );
    assert_eq!(
        message("((Axon) (1 2 3 4) (1 2 3 4) (1 2 3 4))"),
        "cell.asc, line 1, column 9: no branch can start here: no length: all of its points coincide"
    );
}

#[test]
fn more_than_one_cell() {
    assert_eq!(
        message(&format!("{TREE}{TREE}")),
        "cell.asc, line 2, column 13: this tree is the second, after that in line 1, and the file has no contour of a \
         cell body that joins them"
    );
    let other = SOMA.replace("5 0", "105 0").replace("0 1)", "100 1)");
    let other = other.replace("(0 -6", "(0 94").replace("4 0 ", "4 100 ");
    let told = message(&format!("{SOMA}{other}{TREE}"));
    assert!(
        told.starts_with(
            "cell.asc, line 2, column 1: this contour is another cell body: it does not overlap the one before it, from \
             line 1"
        ),
        "{told}"
    );
}

#[test]
fn contours_that_are_no_soma() {
    let told = |text| message(text);
    assert_eq!(
        told("(\"CellBody\" (0 5 0 1) (4 0 0 1))"),
        "cell.asc, line 1, column 1: no soma can be made of this contour: it has fewer than three points"
    );
    let flat = "(\"CellBody\" (0 0 0 1) (4 0 0 1) (8 0 0 1))";
    assert!(told(flat).starts_with("cell.asc, line 1, column 1: "));
    assert!(told("(\"CellBody\" (1 1 1 1) (1 1 1 1) (1 1 1 1))").contains("coincide"));
}

#[test]
fn what_was_decided_is_noted() {
    let far = "((Dendrite) (100 2 3 2) (190 2 3 1))\n(\"Pia\" (1 2 3 4))\n";
    let cell = parse(&format!("{SOMA}{TREE}{far}")).unwrap();
    let notes: Vec<String> = cell.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "left out 1 contours that are of no cell body",
            "line 3: this tree begins outside of the soma; it is connected to the middle of it"
        ]
    );
}
