//! NPZ: arrays by name, as `numpy.load` reads them.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;

use npyz::WriterBuilder;
use npyz::npz::NpzWriter;

use super::cannot_write;
use crate::error::Error;

/// An array to write.
#[derive(Clone, Debug, PartialEq)]
pub struct Array<'a> {
    /// What it is found by.
    pub name: &'a str,
    /// Its shape; the last axis runs fastest.
    pub shape: Vec<usize>,
    /// Its numbers.
    pub data: &'a [f64],
}

/// Writes arrays that `numpy.load(file)[name]` reads.
///
/// # Errors
/// A file that cannot be written; a shape that does not fit the data.
pub fn write_npz(file: impl AsRef<Path>, arrays: &[Array<'_>]) -> Result<(), Error> {
    let file = file.as_ref();
    let write = || write_to(BufWriter::new(File::create(file)?), arrays);
    write().map_err(cannot_write(file))
}

fn write_to(out: impl Write + Seek, arrays: &[Array<'_>]) -> io::Result<()> {
    let mut npz = NpzWriter::new(out);
    for array in arrays {
        let shape: Vec<u64> = array.shape.iter().map(|&n| n as u64).collect();
        let mut writer = npz
            .array(array.name, Default::default())?
            .default_dtype()
            .shape(&shape)
            .begin_nd()?;
        writer.extend(array.data.iter().copied())?;
        writer.finish()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use npyz::npz::NpzArchive;
    use std::io::Cursor;

    #[test]
    fn what_was_written_is_read_again() {
        let array = Array {
            name: "v",
            shape: vec![2, 3],
            data: &[1.0, 2.0, 3.0, 4.0, 5.0, f64::NAN],
        };
        let mut bytes = Vec::new();
        write_to(Cursor::new(&mut bytes), &[array]).expect("memory can be written");
        let mut archive = NpzArchive::new(Cursor::new(bytes)).expect("an archive");
        let read = archive
            .by_name("v")
            .expect("it can be read")
            .expect("it is there");
        assert_eq!(read.shape(), [2, 3]);
        let data: Vec<f64> = read.into_vec().expect("numbers");
        assert_eq!(data[..5], [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert!(data[5].is_nan());
    }
}
