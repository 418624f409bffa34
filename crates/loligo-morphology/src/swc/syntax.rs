//! The lines of an SWC file: comments, blanks and points.

use crate::branch::Point;
use crate::error::SwcFault;

/// One point of the file, as it stands there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    /// Line in the file, from 1.
    pub line: usize,
    pub id: i64,
    /// SWC type.
    pub kind: i32,
    pub point: Point,
    /// Id of the parent; `None` for −1, a root.
    pub parent: Option<i64>,
}

/// A fault and the line that it is in.
pub(crate) type Fault = (usize, SwcFault);

/// All points of the text, in the order of the lines.
///
/// Columns are separated by any white space; columns after the seventh are left alone, and so is
/// all after a `#`.
pub(crate) fn records(text: &str) -> Result<Vec<Record>, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut records = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let content = line.split('#').next().unwrap_or_default();
        if !content.trim().is_empty() {
            records.push(record(index + 1, content).map_err(|fault| (index + 1, fault))?);
        }
    }
    if records.is_empty() {
        Err((1, SwcFault::Empty))
    } else {
        Ok(records)
    }
}

fn record(line: usize, content: &str) -> Result<Record, SwcFault> {
    let mut words = content.split_whitespace();
    let mut columns = [""; 7];
    for (found, column) in columns.iter_mut().enumerate() {
        *column = words.next().ok_or_else(|| SwcFault::Columns {
            found,
            text: shortened(content),
        })?;
    }
    let [id, kind, x, y, z, radius, parent] = columns;
    let record = Record {
        line,
        id: integer("id", id)?,
        kind: i32::try_from(integer("type", kind)?).map_err(|_| SwcFault::Integer {
            column: "type",
            text: shortened(kind),
        })?,
        point: Point {
            x: number("x", x)?,
            y: number("y", y)?,
            z: number("z", z)?,
            radius: number("radius", radius)?,
        },
        parent: Some(integer("parent", parent)?).filter(|&parent| parent != -1),
    };
    if record.point.radius < 0.0 {
        return Err(SwcFault::NegativeRadius {
            id: record.id,
            radius: record.point.radius,
        });
    }
    Ok(record)
}

fn number(column: &'static str, text: &str) -> Result<f64, SwcFault> {
    text.parse()
        .ok()
        .filter(|value: &f64| value.is_finite())
        .ok_or_else(|| SwcFault::Number {
            column,
            text: shortened(text),
        })
}

/// A whole number; some programs write it as `1.0`.
fn integer(column: &'static str, text: &str) -> Result<i64, SwcFault> {
    if let Ok(value) = text.parse() {
        return Ok(value);
    }
    // whole numbers up to 2^53 are exact in a double
    let value = number(column, text)?;
    if value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0 {
        Ok(value as i64)
    } else {
        Err(SwcFault::Integer {
            column,
            text: shortened(text),
        })
    }
}

fn shortened(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}
