//! Files: results as NPZ, for NumPy, and CSV, for everything else.

mod csv;
mod npz;

pub use csv::write_csv;
pub use npz::{Array, write_npz};

use std::io;
use std::path::Path;

use crate::error::Error;

fn cannot_write(file: &Path) -> impl Fn(io::Error) -> Error {
    let file = file.display().to_string();
    move |source| Error::Write {
        file: file.clone(),
        source,
    }
}
