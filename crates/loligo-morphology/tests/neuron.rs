//! Import3d against NEURON on small files, one for each of its rules: `swc/*.swc` and `asc/*.asc`, and
//! beside each of them what NEURON 9.0.2 makes of it (`neuron_sections.py` writes these).

use loligo_morphology::{Instantiated, Morphology};
use std::path::{Path, PathBuf};

/// One section, in the words of a `.neuron` file.
#[derive(Debug, Default, PartialEq)]
struct Section {
    name: String,
    parent: String,
    at: f64,
    /// x, y, z, diameter and path length, µm.
    points: Vec<Vec<f64>>,
    /// Of three compartments, µm².
    areas: Vec<f64>,
    /// From the 0 end to the first centre, from centre to centre, and to the 1 end, 1/µm.
    resistances: Vec<f64>,
}

fn neurons(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines() {
        let (keyword, rest) = line.split_once(' ').unwrap();
        let words: Vec<&str> = rest.split(' ').collect();
        let numbers = || words.iter().map(|word| word.parse().unwrap()).collect();
        match keyword {
            "section" => sections.push(Section {
                name: words[0].to_string(),
                parent: words[1].to_string(),
                at: words[2].parse().unwrap(),
                ..Section::default()
            }),
            "point" => sections.last_mut().unwrap().points.push(numbers()),
            "areas" => sections.last_mut().unwrap().areas = numbers(),
            _ => sections.last_mut().unwrap().resistances = numbers(),
        }
    }
    sections
}

fn ours(cell: &Morphology) -> Vec<Section> {
    let section = |branch: &loligo_morphology::Branch| {
        let parts = branch.compartments(3).unwrap();
        let mut resistances = vec![parts[0].resistance_in];
        resistances.extend(
            parts
                .windows(2)
                .map(|pair| pair[0].resistance_out + pair[1].resistance_in),
        );
        resistances.push(parts[2].resistance_out);
        Section {
            name: branch.name.clone(),
            parent: branch
                .parent
                .map_or("-".to_string(), |to| cell.branches[to.branch].name.clone()),
            at: branch.parent.map_or(0.0, |to| to.at),
            points: branch
                .points()
                .iter()
                .zip(branch.path())
                .map(|(point, &path)| vec![point.x, point.y, point.z, 2.0 * point.radius, path])
                .collect(),
            areas: parts.iter().map(|part| part.area).collect(),
            resistances,
        }
    };
    cell.branches.iter().map(section).collect()
}

fn compare(file: &str) {
    let path = file_in("swc", file);
    let cell = Morphology::import3d(&path, Instantiated::AtTopLevel).unwrap();
    compare_with_neuron(file, &path, &cell);
}

fn compare_asc(file: &str) {
    let path = file_in("asc", file);
    let cell = Morphology::read_asc(&path, Instantiated::AtTopLevel).unwrap();
    compare_with_neuron(file, &path, &cell);
}

fn file_in(format: &str, file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(format)
        .join(file)
        .with_extension(format)
}

fn compare_with_neuron(file: &str, path: &Path, cell: &Morphology) {
    let text = std::fs::read_to_string(path.with_extension("neuron")).unwrap();
    let (mut ours, theirs) = (ours(cell), neurons(&text));
    // ours has parents first, NEURON's may not
    ours.sort_by_key(|section| theirs.iter().position(|other| other.name == section.name));

    let close = |a: &[f64], b: &[f64]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a / b - 1.0).abs() < 1e-14)
    };
    for (our, their) in ours.iter_mut().zip(&theirs) {
        assert!(
            close(&our.areas, &their.areas),
            "{file}: {our:?}\n{their:?}"
        );
        assert!(
            close(&our.resistances, &their.resistances),
            "{file}: {our:?}\n{their:?}"
        );
        // all else to the last bit
        our.areas.clone_from(&their.areas);
        our.resistances.clone_from(&their.resistances);
    }
    assert_eq!(ours, theirs, "{file}");
}

#[test]
fn one_point_soma() {
    compare("one_point_soma");
}

#[test]
fn three_point_soma() {
    compare("three_point_soma");
}

#[test]
fn dendrites_inside_and_at_the_ends_of_a_soma() {
    compare("soma_chain");
}

#[test]
fn a_soma_that_branches() {
    compare("soma_arms");
}

#[test]
fn a_dendrite_that_forks_where_it_leaves_the_soma() {
    compare("wired_fork");
}

#[test]
fn no_soma_and_unusual_types() {
    compare("no_soma");
}

#[test]
fn points_in_one_place() {
    compare("coincident");
}

#[test]
fn a_contour_of_a_soma_and_all_that_a_neurolucida_file_can_hold() {
    compare_asc("contour_soma");
}

#[test]
fn a_stack_of_contours() {
    compare_asc("stack_soma");
}

#[test]
fn a_neurolucida_file_without_a_soma() {
    compare_asc("no_soma");
}

/// Around 100, single precision has steps of 8e-6, and eight digits have steps of 1e-5; NEURON
/// gives both numbers.
#[test]
fn coordinates_pass_through_eight_digits_at_top_level_only() {
    let text = "1 1 0 0 0 5 -1\n2 3 100.00001525878906 0 0 1 1\n3 3 200 0 0 1 2\n";
    let x = |into| {
        Morphology::parse_import3d(text, "digits", into)
            .unwrap()
            .branches[1]
            .points()[0]
            .x
    };
    assert_eq!(x(Instantiated::InPythonObject), 100.00001525878906);
    assert_eq!(x(Instantiated::AtTopLevel), 100.0000228881836);
}

#[test]
fn what_import3d_cannot_read_is_an_error() {
    let message = |text| {
        Morphology::parse_import3d(text, "cell.swc", Instantiated::AtTopLevel)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message("1 3 0 0 0 1 2\n2 3 9 0 0 1 -1\n"),
        "cell.swc, line 1: the parent of point 1 is 2, which comes after it; NEURON's Import3d needs parents with \
         smaller ids"
    );
    assert_eq!(
        message("1 1 0 0 0 1 -1\n2 3 9 0 0 0 1\n"),
        "cell.swc, line 2: the radius of point 2 is 0 (1 such points in the file); give `read_swc` a `min_radius` \
         (µm), to which it raises every smaller radius"
    );
    assert!(message("1 1 0 0 0 1 -1\n2 3 9 0 0 1 -1\n").contains("point 2 is another root"));
    assert_eq!(
        message("1 3 0 0 0 1 -1\n2 3 0 0 0 1 1\n"),
        "cell.swc, line 1: no branch can start with point 1: no length: all of its points coincide"
    );
}
