//! Tables of text: columns as wide as their widest entry.

use std::io::{self, Write};

/// Writes rows, indented by two; the first column to the left, the others to the right.
pub fn write(out: &mut dyn Write, rows: &[Vec<String>]) -> io::Result<()> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let entries = rows.iter().filter_map(|row| row.get(column));
        entries
            .map(|entry| entry.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
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
