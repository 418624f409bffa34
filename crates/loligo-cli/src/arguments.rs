//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};
use loligo::morphology::{Plane, Roots, SwcOptions};

/// Simulate reconstructed neurons and differentiate the simulation.
#[derive(Debug, Parser)]
#[command(name = "loligo", version)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show a reconstructed cell: counts, sizes, a picture
    Inspect(InspectArguments),
    /// Check mechanisms: show their currents and derivatives
    Check(CheckArguments),
    /// List the built-in mechanisms, or show the text of one
    Mechanisms(MechanismsArguments),
    /// Show what runs use here: version, vector unit, threads, memory budget
    Doctor,
    /// Simulate a CA1 cell and recover the conductances of its branches
    Demo(DemoArguments),
}

/// Which cell to show, and how.
#[derive(Debug, Args)]
pub struct InspectArguments {
    /// A reconstruction (SWC)
    pub file: PathBuf,
    /// Raise smaller radii to this, µm
    #[arg(long, value_name = "MICROMETRES")]
    pub min_radius: Option<f64>,
    /// Cut branches into pieces no longer than this, µm
    #[arg(long, value_name = "MICROMETRES")]
    pub max_branch_len: Option<f64>,
    /// If the file has several roots: the one to take, by its id
    #[arg(long, value_name = "ID", conflicts_with = "join_roots")]
    pub root: Option<i64>,
    /// If the file has several roots: connect them
    #[arg(long)]
    pub join_roots: bool,
    /// The plane of the picture
    #[arg(long, value_enum, default_value_t = PlaneArgument::Xy)]
    pub plane: PlaneArgument,
    /// Draw a picture to this file, .png or .svg
    #[arg(long, value_name = "FILE")]
    pub picture: Option<PathBuf>,
}

/// A plane of projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PlaneArgument {
    /// x to the right, y up
    Xy,
    /// x to the right, z up
    Xz,
    /// z to the right, y up
    Zy,
}

/// Which mechanisms to check.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Mechanisms (NMODL)
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
}

/// Which built-in mechanisms to list, or which one to show.
#[derive(Debug, Args)]
pub struct MechanismsArguments {
    /// List only those that all of these words stand in: a name, an ion, a species, an author
    #[arg(conflicts_with = "show")]
    pub search: Vec<String>,
    /// Show the NMODL text of this one
    #[arg(long, value_name = "NAME")]
    pub show: Option<String>,
}

/// How long to fit, and where results go.
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Steps of gradient descent
    #[arg(long, default_value_t = 200, value_parser = value_parser!(u32).range(1..))]
    pub steps: u32,
    /// The folder for the picture (PNG), the traces (CSV) and all numbers (NPZ)
    #[arg(long, value_name = "FOLDER", default_value = "loligo-demo")]
    pub out: PathBuf,
}

impl InspectArguments {
    /// How to read the file.
    pub fn swc_options(&self) -> SwcOptions {
        SwcOptions {
            min_radius: self.min_radius,
            max_branch_len: self.max_branch_len,
            roots: match self.root {
                Some(id) => Roots::Choose(id),
                None if self.join_roots => Roots::Join,
                None => Roots::Single,
            },
        }
    }
}

impl From<PlaneArgument> for Plane {
    fn from(argument: PlaneArgument) -> Self {
        match argument {
            PlaneArgument::Xy => Plane::Xy,
            PlaneArgument::Xz => Plane::Xz,
            PlaneArgument::Zy => Plane::Zy,
        }
    }
}
