//! Solving the cable equation of a tree, or of several, and its transpose.
//!
//! The matrix is symmetric (conductances, not divided by area) with the tree's shape, so one sweep
//! from the leaves to the root eliminates it without fill-in (Hines 1984, Int J Biomed Comput
//! 15:69), and the transposed system is the same system: its factors serve both ways.
//!
//! Every array over nodes is `[node][lane]`; the sweeps are loops over lanes.

use std::slice;

use super::real::{Arithmetic, Real};
use super::unit::{VectorUnit, Vectorized};

/// Positions of a tree's nodes in arrays over nodes, in order of elimination.
#[derive(Clone, Debug)]
pub(crate) struct SolveOrder {
    /// Position of child and parent of each edge.
    edges: Vec<(u32, u32)>,
    roots: Vec<u32>,
    width: usize,
    /// One past the last position of any node.
    reach: usize,
}

impl SolveOrder {
    /// The order of `edges` (positions of child and parent), each edge after those below its child,
    /// and of the nodes that have no parent.
    pub(crate) fn new(
        edges: impl Iterator<Item = (usize, usize)>,
        roots: impl Iterator<Item = usize>,
        width: usize,
    ) -> Self {
        let edges: Vec<(u32, u32)> = edges
            .map(|(child, parent)| (child as u32, parent as u32))
            .collect();
        let roots: Vec<u32> = roots.map(|root| root as u32).collect();
        let ends = edges.iter().flat_map(|(child, parent)| [child, parent]);
        let last = ends.chain(&roots).max().copied().unwrap_or(0);
        SolveOrder {
            edges,
            roots,
            width,
            reach: last as usize + width,
        }
    }

    pub(crate) fn edges(&self) -> impl ExactSizeIterator<Item = (usize, usize)> + '_ {
        self.edges
            .iter()
            .map(|(child, parent)| (*child as usize, *parent as usize))
    }

    /// For the node at a position its edges (positions in an array `[edge][lane]`) and where they
    /// lead.
    pub(crate) fn neighbours(&self, position: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let width = self.width;
        self.edges()
            .enumerate()
            .flat_map(move |(edge, (child, parent))| {
                [(child, parent), (parent, child)]
                    .into_iter()
                    .filter(move |(here, _)| (*here..here + width).contains(&position))
                    .map(move |(here, other)| {
                        let lane = position - here;
                        (edge * width + lane, other + lane)
                    })
            })
    }

    /// Eliminates the matrix with this diagonal and −`conductance` beside it, and solves for `rhs`.
    ///
    /// Afterwards `diagonal` holds the reciprocals of the pivots, the factors that
    /// [`SolveOrder::solve`] takes, `solution` the solution, and `rhs` nothing of use.
    ///
    /// # Panics
    /// If an array is shorter than the tree.
    pub(crate) fn factor_and_solve<T: Real>(
        &self,
        unit: VectorUnit,
        conductance: &[T],
        diagonal: &mut [T],
        rhs: &mut [T],
        solution: &mut [T],
    ) {
        let sweep = Sweep::new(self, conductance, rhs, solution);
        assert!(
            diagonal.len() >= self.reach,
            "the diagonal is shorter than the tree"
        );
        let diagonal = diagonal.as_mut_ptr();
        unit.vectorize(FactorAndSolve { sweep, diagonal });
    }

    /// Solves for `rhs` with the factors that [`SolveOrder::factor_and_solve`] left; `rhs` is used
    /// up.
    ///
    /// # Panics
    /// If an array is shorter than the tree.
    pub(crate) fn solve<T: Real>(
        &self,
        unit: VectorUnit,
        conductance: &[T],
        factors: &[T],
        rhs: &mut [T],
        solution: &mut [T],
    ) {
        let sweep = Sweep::new(self, conductance, rhs, solution);
        assert!(
            factors.len() >= self.reach,
            "the factors are fewer than the nodes"
        );
        let factors = factors.as_ptr();
        unit.vectorize(Solve { sweep, factors });
    }
}

/// A tree, its conductances and a right-hand side that are long enough for it: what the sweeps go
/// through without looking at bounds again.
#[derive(Clone, Copy)]
struct Sweep<'a, T> {
    edges: &'a [(u32, u32)],
    roots: &'a [u32],
    width: usize,
    conductance: &'a [T],
    rhs: *mut T,
    solution: *mut T,
}

impl<'a, T: Real> Sweep<'a, T> {
    fn new(
        order: &'a SolveOrder,
        conductance: &'a [T],
        rhs: &'a mut [T],
        solution: &'a mut [T],
    ) -> Self {
        let enough = conductance.len() >= order.edges.len() * order.width;
        assert!(enough, "there are fewer conductances than edges");
        assert!(
            rhs.len() >= order.reach,
            "the right-hand side is shorter than the tree"
        );
        assert!(
            solution.len() >= order.reach,
            "the solution is shorter than the tree"
        );
        Sweep {
            edges: &order.edges,
            roots: &order.roots,
            width: order.width,
            conductance,
            rhs: rhs.as_mut_ptr(),
            solution: solution.as_mut_ptr(),
        }
    }
}

struct FactorAndSolve<'a, T> {
    sweep: Sweep<'a, T>,
    diagonal: *mut T,
}

struct Solve<'a, T> {
    sweep: Sweep<'a, T>,
    factors: *const T,
}

/// Calls `$body` with the number of lanes that are taken at a time as a constant: all of them where
/// they are few and a power of two, so that the loop over lanes is a single vector, or whole vectors.
macro_rules! with_chunk {
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
                const $chunk: usize = MIXED;
                $body
            }
        }
    };
}

/// Whole vectors, then what is left as powers of two.
const MIXED: usize = 0;

/// Calls `$work::<T, A, N>($arguments, lane)` for chunks of N lanes that make up `$width`.
macro_rules! for_chunks {
    ($width:expr, $chunk:ident, $work:ident($($arguments:expr),*)) => {
        if $chunk == MIXED {
            let whole = $width / 16 * 16;
            for lane in (0..whole).step_by(16) {
                $work::<T, A, 16>($($arguments,)* lane);
            }
            // the bits below 16 add up to what is left
            if $width & 8 != 0 {
                $work::<T, A, 8>($($arguments,)* whole);
            }
            if $width & 4 != 0 {
                $work::<T, A, 4>($($arguments,)* whole + ($width & 8));
            }
            if $width & 2 != 0 {
                $work::<T, A, 2>($($arguments,)* whole + ($width & 12));
            }
            if $width & 1 != 0 {
                $work::<T, A, 1>($($arguments,)* whole + ($width & 14));
            }
        } else {
            for lane in (0..$width).step_by($chunk) {
                $work::<T, A, $chunk>($($arguments,)* lane);
            }
        }
    };
}

/// Positions of the first lanes of an edge, its child and its parent.
#[derive(Clone, Copy)]
struct EdgeAt {
    edge: usize,
    child: usize,
    parent: usize,
}

impl<T> Sweep<'_, T> {
    /// From the leaves to the root.
    #[inline(always)]
    fn upwards(&self) -> impl DoubleEndedIterator<Item = EdgeAt> {
        let width = self.width;
        let edges = self.edges.iter().enumerate();
        edges.map(move |(edge, &(child, parent))| EdgeAt {
            edge: edge * width,
            child: child as usize,
            parent: parent as usize,
        })
    }
}

impl<T: Real> Vectorized for FactorAndSolve<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        // SAFETY: the constructors checked that all arrays reach past the last node and edge, and
        // borrowed `diagonal` and `rhs` exclusively.
        with_chunk!(self.sweep.width, CHUNK, unsafe {
            eliminate::<T, A, CHUNK>(self.sweep, self.diagonal);
            substitute_back::<T, A, CHUNK>(self.sweep, self.diagonal);
        });
    }
}

impl<T: Real> Vectorized for Solve<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        // SAFETY: as above.
        with_chunk!(self.sweep.width, CHUNK, unsafe {
            sweep_up::<T, A, CHUNK>(self.sweep, self.factors);
            substitute_back::<T, A, CHUNK>(self.sweep, self.factors);
        });
    }
}

/// One vector of lanes.
///
/// # Safety
/// `CHUNK` numbers from `at` on must be readable.
#[inline(always)]
unsafe fn load<T: Real, const CHUNK: usize>(array: *const T, at: usize) -> [T; CHUNK] {
    // SAFETY: promised by the caller; an array is aligned as its elements are.
    unsafe { array.add(at).cast::<[T; CHUNK]>().read() }
}

/// # Safety
/// `CHUNK` numbers from `at` on must be writable.
#[inline(always)]
unsafe fn store<T: Real, const CHUNK: usize>(array: *mut T, at: usize, values: [T; CHUNK]) {
    // SAFETY: promised by the caller; an array is aligned as its elements are.
    unsafe { array.add(at).cast::<[T; CHUNK]>().write(values) }
}

/// # Safety
/// `diagonal` must reach past the last node of the tree, and nothing else may use it.
#[inline(always)]
unsafe fn eliminate<T: Real, A: Arithmetic, const CHUNK: usize>(
    sweep: Sweep<'_, T>,
    diagonal: *mut T,
) {
    for at in sweep.upwards() {
        // SAFETY: promised by the caller; chunks do not reach past the lanes.
        unsafe { for_chunks!(sweep.width, CHUNK, eliminate_lanes(sweep, diagonal, at)) }
    }
    for root in sweep.roots {
        // SAFETY: a root is a node of the tree.
        let pivots =
            unsafe { slice::from_raw_parts_mut(diagonal.add(*root as usize), sweep.width) };
        for pivot in pivots {
            *pivot = T::ONE / *pivot;
        }
    }
}

/// # Safety
/// As for [`eliminate`]; `at` is an edge of the tree that has `CHUNK` lanes from `lane` on.
#[inline(always)]
unsafe fn eliminate_lanes<T: Real, A: Arithmetic, const CHUNK: usize>(
    sweep: Sweep<'_, T>,
    diagonal: *mut T,
    at: EdgeAt,
    lane: usize,
) {
    let (child, parent) = (at.child + lane, at.parent + lane);
    // SAFETY: edges name nodes of the tree; the rest is promised by the caller.
    unsafe {
        let g = load::<T, CHUNK>(sweep.conductance.as_ptr(), at.edge + lane);
        let mut pivot = load::<T, CHUNK>(diagonal, child);
        let below = load::<T, CHUNK>(sweep.rhs, child);
        let mut above = load::<T, CHUNK>(diagonal, parent);
        let mut sum = load::<T, CHUNK>(sweep.rhs, parent);
        for i in 0..CHUNK {
            pivot[i] = T::ONE / pivot[i];
            let factor = g[i] * pivot[i];
            above[i] = A::mul_add(-factor, g[i], above[i]);
            sum[i] = A::mul_add(factor, below[i], sum[i]);
        }
        store(diagonal, child, pivot);
        store(diagonal, parent, above);
        store(sweep.rhs, parent, sum);
    }
}

/// # Safety
/// `factors` must reach past the last node of the tree.
#[inline(always)]
unsafe fn sweep_up<T: Real, A: Arithmetic, const CHUNK: usize>(
    sweep: Sweep<'_, T>,
    factors: *const T,
) {
    for at in sweep.upwards() {
        // SAFETY: promised by the caller; chunks do not reach past the lanes.
        unsafe { for_chunks!(sweep.width, CHUNK, sweep_up_lanes(sweep, factors, at)) }
    }
}

/// # Safety
/// As for [`sweep_up`]; `at` is an edge of the tree that has `CHUNK` lanes from `lane` on.
#[inline(always)]
unsafe fn sweep_up_lanes<T: Real, A: Arithmetic, const CHUNK: usize>(
    sweep: Sweep<'_, T>,
    factors: *const T,
    at: EdgeAt,
    lane: usize,
) {
    let (child, parent) = (at.child + lane, at.parent + lane);
    // SAFETY: edges name nodes of the tree; the rest is promised by the caller.
    unsafe {
        let g = load::<T, CHUNK>(sweep.conductance.as_ptr(), at.edge + lane);
        let pivot = load::<T, CHUNK>(factors, child);
        let below = load::<T, CHUNK>(sweep.rhs, child);
        let mut sum = load::<T, CHUNK>(sweep.rhs, parent);
        for i in 0..CHUNK {
            sum[i] = A::mul_add(g[i] * pivot[i], below[i], sum[i]);
        }
        store(sweep.rhs, parent, sum);
    }
}

/// # Safety
/// `factors` must reach past the last node of the tree.
#[inline(always)]
unsafe fn substitute_back<T: Real, A: Arithmetic, const CHUNK: usize>(
    sweep: Sweep<'_, T>,
    factors: *const T,
) {
    let width = sweep.width;
    for root in sweep.roots {
        let root = *root as usize;
        // SAFETY: a root is a node of the tree; the three arrays are borrowed apart.
        let (pivots, sums, solutions) = unsafe {
            (
                slice::from_raw_parts(factors.add(root), width),
                slice::from_raw_parts(sweep.rhs.add(root), width),
                slice::from_raw_parts_mut(sweep.solution.add(root), width),
            )
        };
        for ((solution, sum), pivot) in solutions.iter_mut().zip(sums).zip(pivots) {
            *solution = *sum * *pivot;
        }
    }
    for at in sweep.upwards().rev() {
        // SAFETY: promised by the caller; chunks do not reach past the lanes.
        unsafe { for_chunks!(width, CHUNK, substitute_back_lanes(sweep, factors, at)) }
    }
}

/// # Safety
/// As for [`substitute_back`]; `at` is an edge of the tree that has `CHUNK` lanes from `lane` on.
#[inline(always)]
unsafe fn substitute_back_lanes<T: Real, A: Arithmetic, const CHUNK: usize>(
    sweep: Sweep<'_, T>,
    factors: *const T,
    at: EdgeAt,
    lane: usize,
) {
    let (child, parent) = (at.child + lane, at.parent + lane);
    // SAFETY: edges name nodes of the tree; the rest is promised by the caller.
    unsafe {
        let g = load::<T, CHUNK>(sweep.conductance.as_ptr(), at.edge + lane);
        let pivot = load::<T, CHUNK>(factors, child);
        let mut here = load::<T, CHUNK>(sweep.rhs, child);
        let above = load::<T, CHUNK>(sweep.solution, parent);
        for i in 0..CHUNK {
            here[i] = A::mul_add(g[i], above[i], here[i]) * pivot[i];
        }
        store(sweep.solution, child, here);
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
        /// The solution of some random trees satisfies its equation, both ways of solving agree bit
        /// for bit, and lanes equal a loop.
        #[test]
        fn a_solution_satisfies_its_equation(
            parents in prop::collection::vec(0.0..1.0f64, 1..40),
            width in prop::sample::select(vec![1usize, 2, 3, 4, 5, 8, 15, 16, 29, 32]),
            seed in 0.1..1.0f64,
        ) {
            let nodes = parents.len() + 1;
            // node i + 1 hangs on some node before it, or on none; eliminate from the last
            let is_root = |p: &f64| *p > 0.9;
            let alone = parents.iter().enumerate().filter(|(_, p)| is_root(p));
            let roots: Vec<usize> = alone.map(|(i, _)| i + 1).chain([0]).collect();
            let tree: Vec<(usize, usize)> = parents
                .iter()
                .enumerate()
                .filter(|(_, p)| !is_root(p))
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
                tree.iter().map(|(c, p)| (c * width, p * width)),
                roots.iter().map(|root| root * width),
                width,
            );
            let (mut factors, mut used) = (diagonal.clone(), rhs.clone());
            let mut x = vec![0.0; rhs.len()];
            order.factor_and_solve(unit, &g, &mut factors, &mut used, &mut x);
            let (mut used, mut again) = (rhs.clone(), vec![0.0; rhs.len()]);
            order.solve(unit, &g, &factors, &mut used, &mut again);
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
                let alone = SolveOrder::new(tree.iter().copied(), roots.iter().copied(), 1);
                let (mut factors, mut used, mut single) = (d, b, vec![0.0; nodes]);
                alone.factor_and_solve(unit, &g, &mut factors, &mut used, &mut single);
                prop_assert_eq!(single, pick(&x));
            }
        }
    }
}
