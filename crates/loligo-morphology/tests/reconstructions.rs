//! Real reconstructions, against numbers that Jaxley 0.14 gives for them where its conventions are ours.

use loligo_morphology::{Morphology, SwcOptions};
use std::path::PathBuf;

fn data(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../data/morphologies")
        .join(file)
}

fn read(file: &str) -> Morphology {
    Morphology::read_swc(data(file), &SwcOptions::default()).unwrap()
}

/// Branches, and the sums of length, area, volume and resistance over one compartment a branch.
fn totals(cell: &Morphology) -> (usize, [f64; 4]) {
    let mut sums = [0.0; 4];
    for branch in &cell.branches {
        let compartment = branch.compartments(1).unwrap()[0];
        sums[0] += compartment.length;
        sums[1] += compartment.area;
        sums[2] += compartment.volume;
        sums[3] += compartment.resistance_in + compartment.resistance_out;
    }
    (cell.branches.len(), sums)
}

#[test]
fn print_all() {
    for f in [
        "neuromorpho/n120.swc",
        "neuromorpho/n144.swc",
        "allen/485574832.swc",
        "bbp/bbp_with_axon.swc",
    ] {
        let c = read(f);
        println!("{f} {:?} {:?}", totals(&c), c.notes);
        for g in c.groups() {
            println!("  {} {}", g.0, g.1.len());
        }
    }
}
