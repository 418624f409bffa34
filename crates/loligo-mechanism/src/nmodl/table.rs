//! The values of a FUNCTION_TABLE: measured points, and straight lines between them.

use thiserror::Error;

use crate::graph::{Binary, Expr, Graph};

/// A function by its values at some points; between them it is linear, beyond them constant.
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    points: Vec<(f64, f64)>,
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
        if arguments.len() != values.len() {
            return Err(TableError::Lengths {
                arguments: arguments.len(),
                values: values.len(),
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
        if let Some(position) = values.iter().position(|value| !value.is_finite()) {
            return Err(TableError::Value { position });
        }
        let points = arguments.iter().copied().zip(values.iter().copied());
        Ok(Table {
            points: points.collect(),
        })
    }

    /// The value at `x`.
    pub(crate) fn at(&self, graph: &mut Graph, x: Expr) -> Expr {
        let (Some(&first), Some(&last)) = (self.points.first(), self.points.last()) else {
            return graph.constant(f64::NAN);
        };
        let inner = between(graph, &self.points, x);
        let [from, lowest] = [first.0, first.1].map(|value| graph.constant(value));
        let [to, highest] = [last.0, last.1].map(|value| graph.constant(value));
        let below = graph.binary(Binary::Less, x, from);
        let above = graph.binary(Binary::Less, to, x);
        let capped = graph.select(above, highest, inner);
        graph.select(below, lowest, capped)
    }
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

    #[test]
    fn it_is_linear_between_points_and_constant_beyond() {
        let table = Table::new(&[-1.0, 0.0, 2.0, 3.0], &[5.0, 1.0, 2.0, 0.0]).expect("grows");
        let mut graph = Graph::new();
        let x = graph.symbol("x");
        let value = table.at(&mut graph, x);
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
    }
}
