//! Solves small dense systems of linear equations, as expressions.
//!
//! Gaussian elimination in the order of the unknowns, without pivoting: the matrix of an implicit
//! step, 1 − Δt·J, has a diagonal that no kinetics makes small. What is exactly zero costs nothing.

use crate::graph::{Expr, Graph};

/// x of `matrix`·x = `right`, rows first.
pub fn solve(graph: &mut Graph, mut matrix: Vec<Vec<Expr>>, mut right: Vec<Expr>) -> Vec<Expr> {
    let size = right.len();
    for pivot in 0..size {
        let (above, below) = matrix.split_at_mut(pivot + 1);
        let pivots = &above[pivot];
        for (row, entries) in below.iter_mut().enumerate() {
            let row = pivot + 1 + row;
            if graph.literal(entries[pivot]) == Some(0.0) {
                continue;
            }
            let factor = graph.div(entries[pivot], pivots[pivot]);
            for (entry, &other) in entries.iter_mut().zip(pivots).skip(pivot + 1) {
                let change = graph.mul(factor, other);
                *entry = graph.sub(*entry, change);
            }
            let change = graph.mul(factor, right[pivot]);
            right[row] = graph.sub(right[row], change);
        }
    }
    for row in (0..size).rev() {
        for column in row + 1..size {
            let known = graph.mul(matrix[row][column], right[column]);
            right[row] = graph.sub(right[row], known);
        }
        right[row] = graph.div(right[row], matrix[row][row]);
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::value;
    use proptest::prelude::*;

    proptest! {
        /// The solution solves: rows whose diagonal outweighs the rest, with zeros among them.
        #[test]
        fn the_solution_satisfies_its_equations(
            entries in prop::collection::vec(prop_oneof![Just(0.0), -1.0..1.0], 16),
            right in prop::collection::vec(-1.0..1.0, 4),
        ) {
            let mut graph = Graph::new();
            let number = |row: usize, column: usize| {
                entries[4 * row + column] + if row == column { 4.0 } else { 0.0 }
            };
            let x = graph.symbol("x");
            let matrix: Vec<Vec<Expr>> = (0..4)
                .map(|row| (0..4).map(|column| {
                    let c = graph.constant(number(row, column));
                    graph.mul(c, x)
                }).collect())
                .collect();
            let b: Vec<Expr> = right.iter().map(|b| graph.constant(*b)).collect();
            let solution = solve(&mut graph, matrix, b);
            let solution: Vec<f64> =
                solution.into_iter().map(|e| value(&graph, e, &[("x", 1.0)])).collect();
            for (row, right) in right.iter().enumerate() {
                let product: f64 = (0..4).map(|column| number(row, column) * solution[column]).sum();
                prop_assert!((product - right).abs() < 1e-14);
            }
        }
    }
}
