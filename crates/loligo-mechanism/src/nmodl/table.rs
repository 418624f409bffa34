//! The values of a FUNCTION_TABLE: measured points, and straight lines between them.

use thiserror::Error;

use crate::graph::{Binary, Expr, Graph};

/// A function by its values at some points; between them it is linear in each argument, beyond them
/// constant.
#[derive(Clone, PartialEq, Debug)]
pub struct Table(Form);

#[derive(Clone, PartialEq, Debug)]
enum Form {
    /// Of one argument: arguments and values.
    Line(Vec<(f64, f64)>),
    /// Of two, which have these places.
    Grid {
        first: Vec<f64>,
        second: Vec<f64>,
        /// For each first argument those of all second ones.
        rows: Vec<Vec<f64>>,
    },
}

/// Why points are no table.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum TableError {
    /// Not as many values as arguments.
    #[error("a table has a value for each argument, not {values} for {arguments}")]
    Lengths {
        /// How many arguments.
        arguments: usize,
        /// How many values.
        values: usize,
    },
    /// Not as many values in a row as second arguments.
    #[error(
        "a table of two arguments has a row for each first one and a value in it for each second one; \
         row {row} has {values} for {arguments}"
    )]
    Row {
        /// Position of the row.
        row: usize,
        /// How many second arguments.
        arguments: usize,
        /// How many values.
        values: usize,
    },
    /// Nothing at all.
    #[error("a table has at least one value")]
    Empty,
    /// Arguments that do not grow, or that are not finite.
    #[error("the arguments of a table grow, which they do not at position {position}")]
    Order {
        /// The first position where they do not.
        position: usize,
    },
    /// A value that is not finite.
    #[error("the values of a table are finite, which that at position {position} is not")]
    Value {
        /// The first such position.
        position: usize,
    },
}

impl Table {
    /// A table from its arguments, which grow, and its values.
    ///
    /// # Errors
    /// Lists of different lengths, or nothing, or arguments that do not grow.
    pub fn new(arguments: &[f64], values: &[f64]) -> Result<Self, TableError> {
        check_lengths(arguments, values.len())?;
        check_values(values)?;
        let points = arguments.iter().copied().zip(values.iter().copied());
        Ok(Table(Form::Line(points.collect())))
    }

    /// A table of two arguments, which grow; for each first one a row of values, one for each second.
    ///
    /// # Errors
    /// Lists of different lengths, or nothing, or arguments that do not grow.
    pub fn of_two(first: &[f64], second: &[f64], rows: &[Vec<f64>]) -> Result<Self, TableError> {
        check_lengths(first, rows.len())?;
        check_lengths(second, second.len())?;
        for (row, values) in rows.iter().enumerate() {
            let (arguments, values) = (second.len(), values.len());
            if arguments != values {
                return Err(TableError::Row {
                    row,
                    arguments,
                    values,
                });
            }
        }
        rows.iter().try_for_each(|values| check_values(values))?;
        Ok(Table(Form::Grid {
            first: first.to_vec(),
            second: second.to_vec(),
            rows: rows.to_vec(),
        }))
    }

    /// How many values it has.
    pub(crate) fn len(&self) -> usize {
        match &self.0 {
            Form::Line(points) => points.len(),
            Form::Grid { first, second, .. } => first.len() * second.len(),
        }
    }

    /// How many arguments it takes.
    pub(crate) fn arity(&self) -> usize {
        match &self.0 {
            Form::Line(_) => 1,
            Form::Grid { .. } => 2,
        }
    }

    /// The value at these arguments, if there are as many as it takes.
    pub(crate) fn at(&self, graph: &mut Graph, arguments: &[Expr]) -> Option<Expr> {
        match (&self.0, arguments) {
            (Form::Line(points), &[x]) => Some(on_line(graph, points, x)),
            (
                Form::Grid {
                    first,
                    second,
                    rows,
                },
                &[x, y],
            ) => {
                let across = weights(graph, second, y);
                let values: Vec<Expr> = rows
                    .iter()
                    .map(|row| {
                        let row: Vec<Expr> = row.iter().map(|&v| graph.constant(v)).collect();
                        weighted(graph, &across, &row)
                    })
                    .collect();
                let along = weights(graph, first, x);
                Some(weighted(graph, &along, &values))
            }
            _ => None,
        }
    }
}

/// Arguments grow, and there is something for each.
fn check_lengths(arguments: &[f64], values: usize) -> Result<(), TableError> {
    if arguments.len() != values {
        return Err(TableError::Lengths {
            arguments: arguments.len(),
            values,
        });
    }
    if arguments.is_empty() {
        return Err(TableError::Empty);
    }
    for (position, argument) in arguments.iter().enumerate() {
        let grows = position == 0 || arguments[position - 1] < *argument;
        if !grows || !argument.is_finite() {
            return Err(TableError::Order { position });
        }
    }
    Ok(())
}

fn check_values(values: &[f64]) -> Result<(), TableError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(position) => Err(TableError::Value { position }),
        None => Ok(()),
    }
}

/// By how much each place on an axis counts at `x`: two neighbours by how near they are, the others not.
///
/// Each interval has been passed by a share r between 0 and 1. A place between two of them counts by the
/// difference of their shares, which is exact wherever one of these is 0 or 1.
fn weights(graph: &mut Graph, places: &[f64], x: Expr) -> Vec<Expr> {
    let [zero, one] = [0.0, 1.0].map(|value| graph.constant(value));
    let mut shares = vec![one];
    for interval in places.windows(2) {
        let [from, to, width] = [interval[0], interval[1], interval[1] - interval[0]]
            .map(|value| graph.constant(value));
        let beyond = graph.sub(x, from);
        let share = graph.div(beyond, width);
        let before = graph.binary(Binary::Less, x, from);
        let passed = graph.binary(Binary::LessEqual, to, x);
        let share = graph.select(passed, one, share);
        shares.push(graph.select(before, zero, share));
    }
    shares.push(zero);
    let pairs = shares.windows(2);
    pairs.map(|pair| graph.sub(pair[0], pair[1])).collect()
}

fn weighted(graph: &mut Graph, weights: &[Expr], values: &[Expr]) -> Expr {
    let mut sum = graph.constant(0.0);
    for (&weight, &value) in weights.iter().zip(values) {
        let product = graph.mul(weight, value);
        sum = graph.add(sum, product);
    }
    sum
}

/// The value at `x` of a table of one argument.
fn on_line(graph: &mut Graph, points: &[(f64, f64)], x: Expr) -> Expr {
    let (Some(&first), Some(&last)) = (points.first(), points.last()) else {
        return graph.constant(f64::NAN);
    };
    let inner = between(graph, points, x);
    let [from, lowest] = [first.0, first.1].map(|value| graph.constant(value));
    let [to, highest] = [last.0, last.1].map(|value| graph.constant(value));
    let below = graph.binary(Binary::Less, x, from);
    let above = graph.binary(Binary::Less, to, x);
    let capped = graph.select(above, highest, inner);
    graph.select(below, lowest, capped)
}

/// The line through the two points around `x`, found by halving.
fn between(graph: &mut Graph, points: &[(f64, f64)], x: Expr) -> Expr {
    match points {
        [] => graph.constant(f64::NAN),
        [(_, y)] => graph.constant(*y),
        [(x0, y0), (x1, y1)] => {
            let slope = graph.constant((y1 - y0) / (x1 - x0));
            let [x0, y0] = [*x0, *y0].map(|value| graph.constant(value));
            let beyond = graph.sub(x, x0);
            let rise = graph.mul(slope, beyond);
            graph.add(y0, rise)
        }
        _ => {
            let half = points.len() / 2;
            let middle = graph.constant(points[half].0);
            let is_below = graph.binary(Binary::Less, x, middle);
            let lower = between(graph, &points[..=half], x);
            let upper = between(graph, &points[half..], x);
            graph.select(is_below, lower, upper)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::differentiate::derivative;

    #[test]
    fn it_is_linear_between_points_and_constant_beyond() {
        let table = Table::new(&[-1.0, 0.0, 2.0, 3.0], &[5.0, 1.0, 2.0, 0.0]).expect("grows");
        let mut graph = Graph::new();
        let x = graph.symbol("x");
        let value = table.at(&mut graph, &[x]).expect("takes one argument");
        for (at, expected) in [
            (-7.0, 5.0),
            (-1.0, 5.0),
            (-0.5, 3.0),
            (0.0, 1.0),
            (1.0, 1.5),
            (2.0, 2.0),
            (2.5, 1.0),
            (3.0, 0.0),
            (9.0, 0.0),
        ] {
            assert_eq!(graph.evaluate(&[value], &|_| at), [expected], "{at}");
        }
    }

    /// As NEURON interpolates: (1 − f)·a + f·b along the second argument, then along the first.
    #[test]
    fn between_four_points_it_is_linear_in_each_argument() {
        let rows = [vec![1.0, 2.0, 4.0], vec![3.0, 7.0, 0.0]];
        let table = Table::of_two(&[0.0, 8.0], &[-1.0, 0.0, 2.0], &rows).expect("is a grid");
        let mut graph = Graph::new();
        let [x, y] = ["x", "y"].map(|name| graph.symbol(name));
        let value = table.at(&mut graph, &[x, y]).expect("takes two arguments");
        let slopes = [("x", x), ("y", y)].map(|(name, _)| derivative(&mut graph, value, name));
        let at = |expr: Expr, at: [f64; 2]| {
            let input = |name: &str| if name == "x" { at[0] } else { at[1] };
            graph.evaluate(&[expr], &input)[0]
        };
        for (place, expected) in [
            ([0.0, -1.0], 1.0),
            ([8.0, 0.0], 7.0),
            ([8.0, 2.0], 0.0),
            ([4.0, 1.0], 0.5 * 3.0 + 0.5 * 3.5),
            ([2.0, -0.25], 0.75 * 1.75 + 0.25 * 6.0),
            ([-3.0, 9.0], 4.0),
            ([99.0, -9.0], 3.0),
        ] {
            assert_eq!(at(value, place), expected, "{place:?}");
        }
        // (6 − 1.75)/8 along the first, 0.75·1 + 0.25·4 along the second, and nothing beyond
        assert_eq!(slopes.map(|s| at(s, [2.0, -0.25])), [0.53125, 1.75]);
        assert_eq!(slopes.map(|s| at(s, [-1.0, 3.0])), [0.0, 0.0]);
        // where two lines meet, it is that of the next
        assert_eq!(at(slopes[1], [0.0, 0.0]), 1.0);
        assert!(at(value, [f64::NAN, 0.0]).is_nan());
    }

    #[test]
    fn points_that_are_no_table_are_named() {
        let wrong = |arguments: &[f64], values: &[f64]| {
            Table::new(arguments, values)
                .expect_err("is no table")
                .to_string()
        };
        assert!(wrong(&[1.0], &[]).contains("not 0 for 1"));
        assert!(wrong(&[], &[]).contains("at least one"));
        assert!(wrong(&[0.0, 1.0, 1.0], &[0.0; 3]).contains("position 2"));
        assert!(wrong(&[0.0, 1.0], &[0.0, f64::NAN]).contains("position 1"));
        let grid = |rows: &[Vec<f64>]| {
            Table::of_two(&[0.0, 1.0], &[0.0], rows)
                .expect_err("is no table")
                .to_string()
        };
        assert!(grid(&[vec![1.0]]).contains("not 1 for 2"));
        assert!(grid(&[vec![1.0], vec![]]).contains("row 1 has 0 for 1"));
    }
}
