//! Prints the sections that NEURON's Import3d makes of an SWC file, or of one of
//! Neurolucida, with their points and the
//! geometry of their compartments (and the path to them from the middle of the first section);
//! `tests/neuron_sections.py` compares them with NEURON.
//!
//! Usage: `import3d FILE.swc COMPARTMENTS [object]`, where `object` means instantiated in a Python
//! object.

use loligo_morphology::{Instantiated, Morphology};
use std::error::Error;
use std::process::ExitCode;

fn main() -> ExitCode {
    match print_sections() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn print_sections() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, count, rest @ ..] = &arguments[..] else {
        return Err("usage: import3d FILE.swc COMPARTMENTS [object]".into());
    };
    let into = if rest.is_empty() {
        Instantiated::AtTopLevel
    } else {
        Instantiated::InPythonObject
    };
    let cell = if file.ends_with(".asc") {
        Morphology::read_asc(file, into)?
    } else {
        Morphology::import3d(file, into)?
    };
    let count = count.parse()?;
    let distances = cell.path_distances(0, 0.5, &vec![count; cell.branches.len()])?;
    for (branch, distances) in cell.branches.iter().zip(distances) {
        let (parent, at) = match branch.parent {
            Some(to) => (cell.branches[to.branch].name.as_str(), to.at),
            None => ("-", 0.0),
        };
        let compartments = branch.d_lambda(0.1, 100.0, 100.0, 1.0)?;
        println!("section {} {parent} {at} {compartments}", branch.name);
        for (point, path) in branch.points().iter().zip(branch.path()) {
            println!(
                "point {} {} {} {} {path}",
                point.x,
                point.y,
                point.z,
                2.0 * point.radius
            );
        }
        for (c, distance) in branch.compartments(count)?.iter().zip(distances) {
            println!(
                "compartment {} {} {} {distance}",
                c.area, c.resistance_in, c.resistance_out
            );
        }
    }
    Ok(())
}
