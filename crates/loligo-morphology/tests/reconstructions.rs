//! Real reconstructions, against what NEURON 9.0.2 and Jaxley 0.14 make of them.

use loligo_morphology::{Compartments, Instantiated, Morphology, SwcOptions};
use std::path::PathBuf;

fn data(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../data/morphologies")
        .join(file)
}

fn read(file: &str) -> Morphology {
    Morphology::read_swc(data(file), &SwcOptions::default()).unwrap()
}

/// Sums over all branches, as one compartment each.
#[derive(Debug, PartialEq)]
struct Totals {
    branches: usize,
    length: f64,
    area: f64,
    volume: f64,
    resistance: f64,
}

impl Totals {
    fn of(cell: &Morphology) -> Totals {
        let mut totals = Totals {
            branches: cell.branches.len(),
            length: 0.0,
            area: 0.0,
            volume: 0.0,
            resistance: 0.0,
        };
        for branch in &cell.branches {
            let whole = branch.compartments(1).unwrap()[0];
            totals.length += whole.length;
            totals.area += whole.area;
            totals.volume += whole.volume;
            totals.resistance += whole.resistance_in + whole.resistance_out;
        }
        totals
    }
}

/// File, sections, 3-D points, length (µm), area (µm²), resistance (MΩ at 100 Ω·cm, which is 1/µm),
/// and the number of compartments by the d_lambda rule, of NEURON's Import3d cell.
type NeuronRow = (&'static str, usize, usize, f64, f64, f64, usize);

#[rustfmt::skip]
const NEURON: [NeuronRow; 14] = [
    ("allen/473601979.swc", 30, 1741, 2034.8334655178473, 3078.231691402276, 19590.937160801976, 148),
    ("allen/480351780.swc", 97, 3493, 4072.9440345769235, 5224.635265157463, 48889.27652497385, 327),
    ("allen/480353286.swc", 63, 3067, 3435.9561518563505, 5202.729035028375, 31310.889086613515, 237),
    ("allen/484559000.swc", 46, 2133, 2454.5289643335213, 3103.939438058799, 31111.762201117657, 188),
    ("allen/485574832.swc", 99, 3663, 4210.358632112034, 6681.892465450947, 35671.23552798572, 307),
    ("allen/488683425.swc", 103, 4946, 5561.48426829786, 8630.577479799857, 49125.80313119145, 397),
    ("bbp/bbp_with_axon.swc", 324, 10940, 29374.29577776581, 66325.8105915569, 129751.74674999142, 1626),
    ("neuromorpho/n120.swc", 154, 2771, 11872.37919530164, 32596.551636762208, 34272.69669223326, 624),
    ("neuromorpho/n121.swc", 199, 4256, 15754.290976039829, 39444.792567301694, 79330.48767205008, 883),
    ("neuromorpho/n140.swc", 171, 9747, 14774.694693689285, 30308.611356133024, 121929.30630399424, 881),
    ("neuromorpho/n143.swc", 246, 3770, 18526.40117489894, 74966.98834449009, 76720.54865567536, 916),
    ("neuromorpho/n144.swc", 217, 4289, 14438.390580973823, 22463.119021345035, 176404.23677175798, 985),
    ("neuromorpho/n145.swc", 250, 5252, 22730.06959024185, 48187.52105721435, 131220.20239585292, 1294),
    ("neuromorpho/n173.swc", 152, 4160, 14027.152460902982, 24242.04392688274, 262582.11978553224, 996),
];

/// The largest relative difference of lengths, areas and resistances.
fn difference(totals: &Totals, (_, _, _, length, area, resistance, _): NeuronRow) -> f64 {
    let pairs = [
        (totals.length, length),
        (totals.area, area),
        (totals.resistance, resistance),
    ];
    pairs
        .iter()
        .map(|(ours, theirs)| (ours / theirs - 1.0).abs())
        .fold(0.0, f64::max)
}

#[test]
fn import3d_makes_neurons_cells() {
    for row in NEURON {
        let (file, sections, points, .., compartments) = row;
        let cell = Morphology::import3d(data(file), Instantiated::AtTopLevel).unwrap();
        let totals = Totals::of(&cell);
        assert_eq!(totals.branches, sections, "{file}");
        assert_eq!(
            cell.branches
                .iter()
                .map(|b| b.points().len())
                .sum::<usize>(),
            points,
            "{file}"
        );
        // sums of a thousand numbers in another order
        assert!(difference(&totals, row) < 1e-12, "{file}: {totals:?}");
        let counts = Compartments::d_lambda().counts(&cell, 100.0, 1.0).unwrap();
        assert_eq!(counts.iter().sum::<usize>(), compartments, "{file}");
    }
}

/// Our own reader keeps double precision; on these files, it cuts as NEURON does.
#[test]
fn the_native_reader_agrees_with_neuron_to_single_precision() {
    for row in NEURON {
        let cell = read(row.0);
        let totals = Totals::of(&cell);
        assert_eq!(totals.branches, row.1, "{}", row.0);
        // 2^-24 for every coordinate, and differences of coordinates lose some of it
        assert!(difference(&totals, row) < 1e-6, "{}: {totals:?}", row.0);
        assert_eq!(cell.notes, [], "{}", row.0);
    }
}

/// Lengths, areas, volumes and resistances are Jaxley's.
#[test]
fn one_point_somata_agree_with_jaxley() {
    let n120 = read("neuromorpho/n120.swc");
    let totals = Totals::of(&n120);
    // Jaxley's numbers were printed with four digits after the point
    assert!((totals.length - 11872.3792).abs() < 5e-5);
    assert!((totals.area - 32596.5517).abs() < 5e-5);
    assert!((totals.volume - 13204.9089).abs() < 5e-5);
    assert!((totals.resistance - 34272.696628).abs() < 5e-7);
    assert_eq!(
        group_sizes(&n120),
        [("soma", 1), ("basal", 100), ("apical", 53)]
    );

    let allen = read("allen/485574832.swc");
    let totals = Totals::of(&allen);
    assert!((totals.length - 4210.3585).abs() < 5e-5);
    assert!((totals.area - 6681.8916).abs() < 5e-5);
    assert!((totals.resistance - 35671.233963).abs() < 5e-7);
    assert_eq!(
        group_sizes(&allen),
        [("soma", 1), ("axon", 1), ("basal", 40), ("apical", 57)]
    );
}

/// Jaxley leaves out the rings where two points coincide (103 of them, together 204.7705 µm²), and
/// puts these points 1e-5 µm apart.
#[test]
fn a_soma_of_many_points_agrees_with_jaxley() {
    let cell = read("bbp/bbp_with_axon.swc");
    let totals = Totals::of(&cell);
    assert_eq!(totals.branches, 324);
    assert!((totals.length + 103.0 * 1e-5 - 29374.2968).abs() < 1e-4);
    assert!((totals.area - 204.7705 - 66121.0401).abs() < 1e-3);
    assert!((totals.volume - 21750.1041).abs() < 1e-3);
    assert!((totals.resistance - 129751.746943).abs() < 1e-4);
    let groups = [("soma", 1), ("axon", 128), ("basal", 66), ("apical", 129)];
    assert_eq!(group_sizes(&cell), groups);
}

/// For every cell, what Jaxley's `comb_parents` add up to, each plus 1 and times the number of its
/// branch counted from 1.
#[rustfmt::skip]
const JAXLEY_PARENTS: [(&str, usize); 14] = [
    ("allen/473601979.swc", 5783),
    ("allen/480351780.swc", 274824),
    ("allen/480353286.swc", 52061),
    ("allen/484559000.swc", 28330),
    ("allen/485574832.swc", 273676),
    ("allen/488683425.swc", 311245),
    ("bbp/bbp_with_axon.swc", 10595216),
    ("neuromorpho/n120.swc", 1147795),
    ("neuromorpho/n121.swc", 2422914),
    ("neuromorpho/n140.swc", 1629719),
    ("neuromorpho/n143.swc", 4705586),
    ("neuromorpho/n144.swc", 3220409),
    ("neuromorpho/n145.swc", 5078767),
    ("neuromorpho/n173.swc", 1090135),
];

#[test]
fn branches_are_numbered_as_in_jaxley() {
    for (file, expected) in JAXLEY_PARENTS {
        let parents = read(file)
            .branches
            .into_iter()
            .map(|branch| branch.parent.map_or(0, |to| to.branch + 1));
        let sum: usize = parents
            .enumerate()
            .map(|(index, parent)| (index + 1) * parent)
            .sum();
        assert_eq!(sum, expected, "{file}");
    }
}

fn group_sizes(cell: &Morphology) -> Vec<(&'static str, usize)> {
    let name = |name: &str| {
        ["soma", "axon", "basal", "apical"]
            .into_iter()
            .find(|known| *known == name)
            .unwrap()
    };
    cell.groups()
        .iter()
        .map(|(group, branches)| (name(group), branches.len()))
        .collect()
}

#[test]
fn the_retina_cell_needs_a_smallest_radius() {
    let file = data("retina/20161028_1.swc");
    let error = Morphology::read_swc(&file, &SwcOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "20161028_1.swc, line 1: the radius of point 1 is 0 (7213 such points in the file); give `read_swc` a \
         `min_radius` (µm), to which it raises every smaller radius"
    );
    let options = SwcOptions {
        min_radius: Some(0.2),
        ..SwcOptions::default()
    };
    let cell = Morphology::read_swc(&file, &options).unwrap();
    assert_eq!(cell.notes.len(), 1);
    assert_eq!(
        cell.notes[0].to_string(),
        "raised the radius of 7213 points to 0.2 µm"
    );
    assert!(
        cell.branches
            .iter()
            .all(|branch| branch.points().iter().all(|point| point.radius == 0.2))
    );
}

/// A reader that is quadratic somewhere shows up here: 100,000 points in a chain, in a star, and the
/// same with all points in one place.
#[test]
fn large_files_take_linear_time() {
    let points = 100_000;
    let previous = |id: usize| id - 1;
    let first = |_: usize| 1;
    for (parent, spread) in [
        (previous as fn(usize) -> usize, 1),
        (first, 1),
        (previous, 0),
        (first, 0),
    ] {
        let mut text = String::from("1 1 0 0 0 5 -1\n");
        for id in 2..=points {
            let (x, y) = (id % 1000 * spread, id / 1000 * spread);
            text += &format!("{id} 3 {x} {y} 0 0.5 {}\n", parent(id));
        }
        let started = std::time::Instant::now();
        let native = Morphology::parse_swc(&text, "large", &SwcOptions::default());
        assert!(native.is_ok());
        // NEURON keeps a section of many points in one place; it has no length
        let import = Morphology::parse_import3d(&text, "large", Instantiated::AtTopLevel);
        assert_eq!(import.is_ok(), spread == 1 || parent(3) == 1);
        assert!(started.elapsed().as_secs_f64() < 30.0);
    }
}
