//! `loligo inspect`: counts, sizes and a picture of a reconstructed cell.

use std::io::Write;

use loligo::morphology::{Compartments, Morphology, Statistics};

use crate::arguments::InspectArguments;
use crate::error::CommandError;
use crate::picture::{self, CellPicture};
use crate::table;

/// The size of the picture in the terminal.
const COLUMNS: usize = 72;
const ROWS: usize = 32;

/// Axial resistivity, Ω·cm, and capacitance, µF/cm², for which compartments are counted.
const AXIAL_RESISTIVITY: f64 = 100.0;
const CAPACITANCE: f64 = 1.0;

/// Reads a cell and shows what it is.
pub fn inspect(arguments: &InspectArguments, out: &mut dyn Write) -> Result<(), CommandError> {
    let morphology = Morphology::read_swc(&arguments.file, &arguments.swc_options())?;
    let statistics = morphology.statistics();
    writeln!(out, "{}", morphology.name)?;
    for note in &morphology.notes {
        writeln!(out, "  note: {note}")?;
    }
    writeln!(out)?;
    table::write(out, &whole(&morphology, &statistics)?)?;
    writeln!(out)?;
    table::write(out, &by_group(&statistics))?;
    writeln!(out)?;
    let plane = arguments.plane.into();
    writeln!(out, "{}", morphology.braille(plane, COLUMNS, ROWS))?;
    if let Some(file) = &arguments.picture {
        picture::save(file, &CellPicture::by_group(&morphology, plane))?;
        writeln!(out, "\nwrote {}", file.display())?;
    }
    Ok(())
}

fn whole(
    morphology: &Morphology,
    statistics: &Statistics,
) -> Result<Vec<Vec<String>>, CommandError> {
    let counts = Compartments::d_lambda().counts(morphology, AXIAL_RESISTIVITY, CAPACITANCE)?;
    let compartments: usize = counts.iter().sum();
    let (thinnest, thickest) = statistics.radii;
    let extent = |axis: usize| statistics.highest[axis] - statistics.lowest[axis];
    let extents = [0, 1, 2].map(|axis| table::size(extent(axis))).join(" × ");
    let row = |name: &str, value: String, units: &str| {
        vec![format!("{name:<16}{value} {units}").trim_end().to_string()]
    };
    Ok(vec![
        row("branches", statistics.branches.to_string(), ""),
        row("branch points", statistics.branch_points.to_string(), ""),
        row("tips", statistics.tips.to_string(), ""),
        row("points", statistics.points.to_string(), ""),
        row("compartments", format!("{compartments} (d_lambda 0.1)"), ""),
        row("length", table::size(statistics.length), "µm"),
        row("area", table::size(statistics.area), "µm²"),
        row("volume", table::size(statistics.volume), "µm³"),
        row(
            "radii",
            format!("{} to {}", table::size(thinnest), table::size(thickest)),
            "µm",
        ),
        row("extent", extents, "µm"),
        row("longest path", table::size(statistics.farthest), "µm"),
    ])
}

fn by_group(statistics: &Statistics) -> Vec<Vec<String>> {
    let titles = ["group", "branches", "length µm", "area µm²", "volume µm³"];
    let mut rows = vec![titles.map(str::to_string).to_vec()];
    rows.extend(statistics.groups.iter().map(|group| {
        vec![
            group.name.clone(),
            group.branches.to_string(),
            table::size(group.length),
            table::size(group.area),
            table::size(group.volume),
        ]
    }));
    rows
}
