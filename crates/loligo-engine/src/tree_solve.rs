//! Solving the cable equation of a tree, and its transpose.
//!
//! The matrix is symmetric (conductances, not divided by area) with the tree's shape, so one sweep
//! from the leaves to the root eliminates it without fill-in (Hines 1984, Int J Biomed Comput
//! 15:69), and the transposed system is the same system: its factors serve both ways.
//!
//! Every array over nodes is `[node][lane]`; the sweeps are loops over lanes.

use crate::vector::{Arithmetic, Real, VectorUnit, Vectorized};

/// Positions of a tree's nodes in arrays over nodes, in order of elimination.
#[derive(Clone, Debug)]
pub(crate) struct SolveOrder {
    /// Position of child and parent of each edge.
    edges: Vec<(u32, u32)>,
    root: u32,
    width: usize,
}

impl SolveOrder {
    pub(crate) fn new(
        edges: impl Iterator<Item = (usize, usize)>,
        root: usize,
        width: usize,
    ) -> Self {
        SolveOrder {
            edges: edges
                .map(|(child, parent)| (child as u32, parent as u32))
                .collect(),
            root: root as u32,
            width,
        }
    }

    pub(crate) fn edges(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.edges
            .iter()
            .map(|(child, parent)| (*child as usize, *parent as usize))
    }

    /// Eliminates the matrix with this diagonal and −`conductance` beside it, and solves for `rhs`.
    ///
    /// Afterwards `diagonal` holds the reciprocals of the pivots, the factors that
    /// [`SolveOrder::solve`] takes, and `rhs` the solution.
    pub(crate) fn factor_and_solve<T: Real>(
        &self,
        unit: VectorUnit,
        conductance: &[T],
        diagonal: &mut [T],
        rhs: &mut [T],
    ) {
        unit.vectorize(FactorAndSolve {
            order: self,
            conductance,
            diagonal,
            rhs,
        });
    }

    /// Solves for `rhs` with the factors that [`SolveOrder::factor_and_solve`] left.
    pub(crate) fn solve<T: Real>(
        &self,
        unit: VectorUnit,
        conductance: &[T],
        factors: &[T],
        rhs: &mut [T],
    ) {
        unit.vectorize(Solve {
            order: self,
            conductance,
            factors,
            rhs,
        });
    }
}

struct FactorAndSolve<'a, T> {
    order: &'a SolveOrder,
    conductance: &'a [T],
    diagonal: &'a mut [T],
    rhs: &'a mut [T],
}

struct Solve<'a, T> {
    order: &'a SolveOrder,
    conductance: &'a [T],
    factors: &'a [T],
    rhs: &'a mut [T],
}

/// Calls `$body` with the number of lanes as a constant where it is a common one, so that the
/// loops over lanes become single vectors.
macro_rules! with_width {
    ($width:expr, $chunk:ident, $body:expr) => {
        match $width {
            1 => {
                const $chunk: usize = 1;
                $body
            }
            2 => {
                const $chunk: usize = 2;
                $body
            }
            4 => {
                const $chunk: usize = 4;
                $body
            }
            8 => {
                const $chunk: usize = 8;
                $body
            }
            width if width % 16 == 0 => {
                const $chunk: usize = 16;
                $body
            }
            _ => {
                const $chunk: usize = 1;
                $body
            }
        }
    };
}

impl<T: Real> Vectorized for FactorAndSolve<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let width = self.order.width;
        with_width!(width, CHUNK, {
            eliminate::<T, A, CHUNK>(self.order, self.conductance, self.diagonal, self.rhs);
            substitute_back::<T, A, CHUNK>(self.order, self.conductance, self.diagonal, self.rhs);
        });
    }
}

impl<T: Real> Vectorized for Solve<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let width = self.order.width;
        with_width!(width, CHUNK, {
            sweep_up::<T, A, CHUNK>(self.order, self.conductance, self.factors, self.rhs);
            substitute_back::<T, A, CHUNK>(self.order, self.conductance, self.factors, self.rhs);
        });
    }
}

/// One vector of lanes.
#[inline(always)]
fn load<T: Real, const CHUNK: usize>(array: &[T], at: usize) -> [T; CHUNK] {
    let mut values = [T::ZERO; CHUNK];
    values.copy_from_slice(&array[at..at + CHUNK]);
    values
}

#[inline(always)]
fn store<T: Real, const CHUNK: usize>(array: &mut [T], at: usize, values: [T; CHUNK]) {
    array[at..at + CHUNK].copy_from_slice(&values);
}

#[inline(always)]
fn eliminate<T: Real, A: Arithmetic, const CHUNK: usize>(
    order: &SolveOrder,
    conductance: &[T],
    diagonal: &mut [T],
    rhs: &mut [T],
) {
    let width = order.width;
    for (edge, &(child, parent)) in order.edges.iter().enumerate() {
        for lane in (0..width).step_by(CHUNK) {
            let (child, parent) = (child as usize + lane, parent as usize + lane);
            let g = load::<T, CHUNK>(conductance, edge * width + lane);
            let mut pivot = load::<T, CHUNK>(diagonal, child);
            let below = load::<T, CHUNK>(rhs, child);
            let mut above = load::<T, CHUNK>(diagonal, parent);
            let mut sum = load::<T, CHUNK>(rhs, parent);
            for i in 0..CHUNK {
                pivot[i] = T::ONE / pivot[i];
                let factor = g[i] * pivot[i];
                above[i] = A::mul_add(-factor, g[i], above[i]);
                sum[i] = A::mul_add(factor, below[i], sum[i]);
            }
            store(diagonal, child, pivot);
            store(diagonal, parent, above);
            store(rhs, parent, sum);
        }
    }
    let root = order.root as usize;
    for lane in (root..root + width).step_by(CHUNK) {
        let pivot = load::<T, CHUNK>(diagonal, lane).map(|pivot| T::ONE / pivot);
        store(diagonal, lane, pivot);
    }
}

#[inline(always)]
fn sweep_up<T: Real, A: Arithmetic, const CHUNK: usize>(
    order: &SolveOrder,
    conductance: &[T],
    factors: &[T],
    rhs: &mut [T],
) {
    let width = order.width;
    for (edge, &(child, parent)) in order.edges.iter().enumerate() {
        for lane in (0..width).step_by(CHUNK) {
            let (child, parent) = (child as usize + lane, parent as usize + lane);
            let g = load::<T, CHUNK>(conductance, edge * width + lane);
            let pivot = load::<T, CHUNK>(factors, child);
            let below = load::<T, CHUNK>(rhs, child);
            let mut sum = load::<T, CHUNK>(rhs, parent);
            for i in 0..CHUNK {
                sum[i] = A::mul_add(g[i] * pivot[i], below[i], sum[i]);
            }
            store(rhs, parent, sum);
        }
    }
}

#[inline(always)]
fn substitute_back<T: Real, A: Arithmetic, const CHUNK: usize>(
    order: &SolveOrder,
    conductance: &[T],
    factors: &[T],
    rhs: &mut [T],
) {
    let width = order.width;
    let root = order.root as usize;
    for lane in (root..root + width).step_by(CHUNK) {
        let pivot = load::<T, CHUNK>(factors, lane);
        let mut here = load::<T, CHUNK>(rhs, lane);
        for i in 0..CHUNK {
            here[i] = here[i] * pivot[i];
        }
        store(rhs, lane, here);
    }
    for (edge, &(child, parent)) in order.edges.iter().enumerate().rev() {
        for lane in (0..width).step_by(CHUNK) {
            let (child, parent) = (child as usize + lane, parent as usize + lane);
            let g = load::<T, CHUNK>(conductance, edge * width + lane);
            let pivot = load::<T, CHUNK>(factors, child);
            let mut here = load::<T, CHUNK>(rhs, child);
            let above = load::<T, CHUNK>(rhs, parent);
            for i in 0..CHUNK {
                here[i] = A::mul_add(g[i], above[i], here[i]) * pivot[i];
            }
            store(rhs, child, here);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The product of the matrix with a vector, edge by edge.
    fn times(edges: &[(usize, usize)], g: &[f64], diagonal: &[f64], x: &[f64]) -> Vec<f64> {
        let mut product: Vec<f64> = diagonal.iter().zip(x).map(|(d, x)| d * x).collect();
        for (&(child, parent), g) in edges.iter().zip(g) {
            product[child] -= g * x[parent];
            product[parent] -= g * x[child];
        }
        product
    }

    proptest! {
        /// The solution of a random tree satisfies its equation, both ways of solving agree bit
        /// for bit, and lanes equal a loop.
        #[test]
        fn a_solution_satisfies_its_equation(
            parents in prop::collection::vec(0.0..1.0f64, 1..40),
            width in prop::sample::select(vec![1usize, 2, 3, 4, 8, 16, 32]),
            seed in 0.1..1.0f64,
        ) {
            let nodes = parents.len() + 1;
            // node i + 1 hangs on some node before it; eliminate from the last
            let tree: Vec<(usize, usize)> = parents
                .iter()
                .enumerate()
                .map(|(i, p)| (i + 1, (p * (i + 1) as f64) as usize))
                .rev()
                .collect();
            let number = |i: usize| 0.1 + (seed * (i + 1) as f64 * 12.9898).sin().abs();
            let g: Vec<f64> = (0..tree.len() * width).map(number).collect();
            let mut diagonal: Vec<f64> = (0..nodes * width).map(|i| number(i + 7)).collect();
            for (edge, &(child, parent)) in tree.iter().enumerate() {
                for lane in 0..width {
                    diagonal[child * width + lane] += g[edge * width + lane];
                    diagonal[parent * width + lane] += g[edge * width + lane];
                }
            }
            let rhs: Vec<f64> = (0..nodes * width).map(|i| number(i + 3) - 0.5).collect();
            let unit = VectorUnit::detect().expect("some unit");
            let order = SolveOrder::new(
                tree.iter().map(|(c, p)| (c * width, p * width)), 0, width,
            );
            let (mut factors, mut x) = (diagonal.clone(), rhs.clone());
            order.factor_and_solve(unit, &g, &mut factors, &mut x);
            let mut again = rhs.clone();
            order.solve(unit, &g, &factors, &mut again);
            prop_assert_eq!(&x, &again);
            for lane in 0..width {
                let pick = |array: &[f64]| -> Vec<f64> {
                    array.iter().skip(lane).step_by(width).copied().collect()
                };
                let (g, d, b) = (pick(&g), pick(&diagonal), pick(&rhs));
                let product = times(&tree, &g, &d, &pick(&x));
                for (p, b) in product.iter().zip(&b) {
                    // diagonally dominant: the residual is a few roundings of the largest term
                    prop_assert!((p - b).abs() < 1e-13, "{} {}", p, b);
                }
                let alone = SolveOrder::new(tree.iter().copied(), 0, 1);
                let (mut factors, mut single) = (d, b);
                alone.factor_and_solve(unit, &g, &mut factors, &mut single);
                prop_assert_eq!(single, pick(&x));
            }
        }
    }
}
