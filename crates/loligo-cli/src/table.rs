//! Tables of text: columns as wide as their widest entry.

use std::io::{self, Write};

/// Writes rows, indented by two; the first column to the left, the others to the right.
pub fn write(out: &mut dyn Write, rows: &[Vec<String>]) -> io::Result<()> {
    let widths = widths(rows);
    for row in rows {
        let mut line = String::from(" ");
        for (column, (entry, &width)) in row.iter().zip(&widths).enumerate() {
            line.push_str(&match column {
                0 => format!(" {entry:<width$}"),
                _ => format!("  {entry:>width$}"),
            });
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Writes rows of words, indented by two, every column to the left.
pub fn write_text(out: &mut dyn Write, rows: &[Vec<String>]) -> io::Result<()> {
    let widths = widths(rows);
    for row in rows {
        let mut line = String::new();
        for (entry, &width) in row.iter().zip(&widths) {
            line.push_str(&format!("  {entry:<width$}"));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// The length of the widest entry of each column.
fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let entries = rows.iter().filter_map(|row| row.get(column));
        entries
            .map(|entry| entry.chars().count())
            .max()
            .unwrap_or(0)
    };
    (0..columns).map(width).collect()
}

/// A size with as many digits as are worth reading: four, but no fewer than the whole ones.
pub fn size(value: f64) -> String {
    let digits = match value.abs() {
        0.0 => 0,
        small if small < 10.0 => 3,
        middle if middle < 100.0 => 2,
        large if large < 1000.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}
