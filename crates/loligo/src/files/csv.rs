//! CSV: one column for each name, numbers with all their digits.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::cannot_write;
use crate::error::Error;

/// Writes columns with a line of names above them. A column that is shorter than the longest ends
/// in empty fields.
///
/// ```no_run
/// # let (times, voltages) = (vec![0.0], vec![-65.0]);
/// loligo::files::write_csv("run.csv", &[("t", &times), ("v", &voltages)])?;
/// # Ok::<(), loligo::Error>(())
/// ```
///
/// # Errors
/// A file that cannot be written.
pub fn write_csv(file: impl AsRef<Path>, columns: &[(&str, &[f64])]) -> Result<(), Error> {
    let file = file.as_ref();
    let write = || {
        let mut out = BufWriter::new(File::create(file)?);
        write_to(&mut out, columns)?;
        out.flush()
    };
    write().map_err(cannot_write(file))
}

fn write_to(out: &mut impl Write, columns: &[(&str, &[f64])]) -> io::Result<()> {
    let names: Vec<String> = columns.iter().map(|(name, _)| quoted(name)).collect();
    writeln!(out, "{}", names.join(","))?;
    let rows = columns.iter().map(|(_, column)| column.len()).max();
    for row in 0..rows.unwrap_or(0) {
        let field = |(_, column): &(&str, &[f64])| {
            let value = column.get(row);
            value.map_or(String::new(), f64::to_string)
        };
        let fields: Vec<String> = columns.iter().map(field).collect();
        writeln!(out, "{}", fields.join(","))?;
    }
    Ok(())
}

/// RFC 4180: a name with a comma, a quote or a line break stands in quotes.
fn quoted(name: &str) -> String {
    match name.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", name.replace('"', "\"\"")),
        false => name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_lines() {
        let mut out = Vec::new();
        let columns: [(&str, &[f64]); 2] = [("t", &[0.0, 0.1]), ("a, \"b\"", &[-65.0])];
        write_to(&mut out, &columns).expect("memory can be written");
        assert_eq!(
            String::from_utf8(out).expect("text"),
            "t,\"a, \"\"b\"\"\"\n0,-65\n0.1,\n"
        );
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = write_csv("no/such/folder/run.csv", &[]).expect_err("no folder");
        assert!(
            error
                .to_string()
                .starts_with("cannot write no/such/folder/run.csv: ")
        );
    }
}
