//! Sparse matrices, so many rows at a time as fill a vector.
//!
//! Rows of much the same length make up a *slice*, whose arrays are `[place][row]`; shorter ones are
//! filled with a column that is 0. A row is summed in the order in which its entries were given, so that
//! its sum depends neither on its neighbours nor, among units with fused multiply–add, on the unit.

use std::ops::Range;

use super::real::{Arithmetic, Real};
use super::unit::{VectorUnit, Vectorized};

/// How many rows a slice has.
pub(crate) const ROWS: usize = 8;

/// Where the entries of a sparse matrix are.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// The places of each slice.
    slices: Vec<Range<usize>>,
    /// `[place]`; none is beyond `width`.
    columns: Vec<[u32; ROWS]>,
    /// How many columns there are. Arrays over columns have one more element, which is 0.
    width: usize,
}

/// Numbers of the entries of a matrix, `[place][row]`.
pub(crate) type Entries<T> = Vec<[T; ROWS]>;

impl Pattern {
    /// The pattern of a matrix with so many columns, and for each place in its slices, row by row, which
    /// of `rows` is there. The columns of row r are those from `starts[r]` to `starts[r + 1]`, in the order
    /// in which they are summed. Then the place of each entry, and its row within the slice.
    ///
    /// # Panics
    /// If there is no such column.
    pub(crate) fn new(
        starts: &[usize],
        columns: &[u32],
        width: usize,
    ) -> (Self, Vec<usize>, Vec<(usize, usize)>) {
        let inside = columns.iter().all(|column| (*column as usize) < width);
        assert!(inside, "a matrix has the columns of its entries");
        let length = |row: &usize| starts[row + 1] - starts[*row];
        let mut order: Vec<usize> = (0..starts.len() - 1).collect();
        order.sort_by_key(|row| std::cmp::Reverse(length(row)));
        let mut places = vec![(0, 0); columns.len()];
        let (mut slices, mut arranged) = (Vec::new(), Vec::new());
        for slice in order.chunks(ROWS) {
            let start = arranged.len();
            let end = start + slice.iter().map(length).max().unwrap_or(0);
            arranged.resize(end, [width as u32; ROWS]);
            for (at, row) in slice.iter().enumerate() {
                for (place, entry) in (start..end).zip(starts[*row]..starts[row + 1]) {
                    arranged[place][at] = columns[entry];
                    places[entry] = (place, at);
                }
            }
            slices.push(start..end);
        }
        let pattern = Pattern {
            slices,
            columns: arranged,
            width,
        };
        (pattern, order, places)
    }

    /// Room for a number of each entry.
    pub(crate) fn zeros<T: Real>(&self) -> Entries<T> {
        vec![[T::ZERO; ROWS]; self.columns.len()]
    }

    /// The products of N matrices of this pattern with a vector: calls `sink` with the number of each
    /// slice and its sums.
    pub(crate) fn multiply<T: Real, const N: usize>(
        &self,
        unit: VectorUnit,
        entries: [&[[T; ROWS]]; N],
        vector: &[T],
        sink: impl FnMut(usize, [[T; ROWS]; N]),
    ) {
        unit.vectorize(Multiply {
            pattern: self,
            entries,
            vector: self.checked(vector),
            sink,
        });
    }

    /// The sum of the products of N matrices of this pattern, each with its own vector.
    pub(crate) fn multiply_each<T: Real, const N: usize>(
        &self,
        unit: VectorUnit,
        entries: [&[[T; ROWS]]; N],
        vectors: [&[T]; N],
        sink: impl FnMut(usize, [T; ROWS]),
    ) {
        unit.vectorize(MultiplyEach {
            pattern: self,
            entries,
            vectors: vectors.map(|vector| self.checked(vector)),
            sink,
        });
    }

    /// Adds to each entry the product of what a vector has in its column and what `of_rows` gives for
    /// the rows of its slice, in double precision.
    pub(crate) fn add_outer<T: Real>(
        &self,
        unit: VectorUnit,
        vector: &[T],
        of_rows: impl Fn(usize) -> [T; ROWS],
        sums: &mut [[f64; ROWS]],
    ) {
        unit.vectorize(AddOuter {
            pattern: self,
            vector: self.checked(vector),
            of_rows,
            sums,
        });
    }

    /// A vector that has an element for each column.
    fn checked<'v, T: Real>(&self, vector: &'v [T]) -> &'v [T] {
        assert!(
            vector.len() > self.width,
            "a vector has all columns and a 0"
        );
        vector
    }

    /// Calls `visit(place, numbers)` with what a checked vector has in the columns of each of `places`.
    #[inline(always)]
    fn each<T: Real>(
        &self,
        places: &Range<usize>,
        vector: &[T],
        mut visit: impl FnMut(usize, &[T; ROWS]),
    ) {
        let mut gathered = [[T::ZERO; ROWS]; AT_ONCE];
        for start in places.clone().step_by(AT_ONCE) {
            let columns = &self.columns[start..(start + AT_ONCE).min(places.end)];
            // SAFETY: whoever checked the vector found it longer than the width, and no column is beyond.
            unsafe { gather(columns, vector, &mut gathered) };
            for (place, numbers) in (start..start + columns.len()).zip(&gathered) {
                visit(place, numbers);
            }
        }
    }
}

/// So many places are gathered at once.
const AT_ONCE: usize = 16;

/// What a vector has in these columns.
///
/// Not compiled for the unit: its instructions for this take several times as long as loads one by one
/// on processors that are protected against Downfall (CVE-2022-40982).
///
/// # Safety
/// The vector must be longer than any column's number.
#[inline(never)]
unsafe fn gather<T: Real>(columns: &[[u32; ROWS]], vector: &[T], to: &mut [[T; ROWS]; AT_ONCE]) {
    for (columns, to) in columns.iter().zip(to) {
        for (column, to) in columns.iter().zip(to) {
            // SAFETY: promised by the caller.
            *to = unsafe { *vector.get_unchecked(*column as usize) };
        }
    }
}

struct Multiply<'m, T, const N: usize, F> {
    pattern: &'m Pattern,
    entries: [&'m [[T; ROWS]]; N],
    vector: &'m [T],
    sink: F,
}

impl<T: Real, const N: usize, F: FnMut(usize, [[T; ROWS]; N])> Vectorized
    for Multiply<'_, T, N, F>
{
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(mut self) {
        for (slice, places) in self.pattern.slices.iter().enumerate() {
            let mut sums = [[T::ZERO; ROWS]; N];
            self.pattern.each(places, self.vector, |place, numbers| {
                for (sums, entries) in sums.iter_mut().zip(&self.entries) {
                    add_products::<T, A>(sums, &entries[place], numbers);
                }
            });
            (self.sink)(slice, sums);
        }
    }
}

struct MultiplyEach<'m, T, const N: usize, F> {
    pattern: &'m Pattern,
    entries: [&'m [[T; ROWS]]; N],
    vectors: [&'m [T]; N],
    sink: F,
}

impl<T: Real, const N: usize, F: FnMut(usize, [T; ROWS])> Vectorized for MultiplyEach<'_, T, N, F> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(mut self) {
        for (slice, places) in self.pattern.slices.iter().enumerate() {
            let mut sums = [T::ZERO; ROWS];
            for (entries, vector) in self.entries.iter().zip(&self.vectors) {
                self.pattern.each(places, vector, |place, numbers| {
                    add_products::<T, A>(&mut sums, &entries[place], numbers);
                });
            }
            (self.sink)(slice, sums);
        }
    }
}

struct AddOuter<'m, T, F> {
    pattern: &'m Pattern,
    vector: &'m [T],
    of_rows: F,
    sums: &'m mut [[f64; ROWS]],
}

impl<T: Real, F: Fn(usize) -> [T; ROWS]> Vectorized for AddOuter<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for (slice, places) in self.pattern.slices.iter().enumerate() {
            let of_rows = (self.of_rows)(slice).map(T::to_f64);
            let sums = &mut *self.sums;
            self.pattern.each(places, self.vector, |place, numbers| {
                add_products::<f64, A>(&mut sums[place], &numbers.map(T::to_f64), &of_rows);
            });
        }
    }
}

#[inline(always)]
fn add_products<T: Real, A: Arithmetic>(sums: &mut [T; ROWS], a: &[T; ROWS], b: &[T; ROWS]) {
    for row in 0..ROWS {
        sums[row] = A::mul_add(a[row], b[row], sums[row]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row r has r % 5 entries, so that slices are filled up; row 3 of a column that is infinite.
    #[test]
    fn products_are_those_of_the_rows_one_by_one() {
        let (rows, width) = (21, 7);
        let mut starts = vec![0];
        let mut columns: Vec<u32> = Vec::new();
        for row in 0..rows {
            columns.extend((0..row % 5).map(|k| ((3 * row + k) % width) as u32));
            starts.push(columns.len());
        }
        let (pattern, order, places) = Pattern::new(&starts, &columns, width);
        let number = |seed: usize| ((seed * 37 + 11) % 101) as f64 / 64.0 - 0.5;
        let mut entries = [pattern.zeros::<f64>(), pattern.zeros::<f64>()];
        for (entry, (place, row)) in places.iter().enumerate() {
            for (side, entries) in entries.iter_mut().enumerate() {
                entries[*place][*row] = number(2 * entry + side);
            }
        }
        let mut vector: Vec<f64> = (0..=width).map(|column| number(column + 1000)).collect();
        vector[width] = 0.0;
        let expected = |row: usize, side: usize, vector: &[f64]| -> f64 {
            let entries = starts[row]..starts[row + 1];
            // these numbers have so few digits that products are exact
            entries.fold(0.0, |sum, entry| {
                sum + number(2 * entry + side) * vector[columns[entry] as usize]
            })
        };
        let weights = [&entries[0][..], &entries[1][..]];
        for unit in VectorUnit::present() {
            let mut seen = 0;
            pattern.multiply(unit, weights, &vector, |slice, sums| {
                for (at, row) in order.iter().enumerate().skip(slice * ROWS).take(ROWS) {
                    for (side, sums) in sums.iter().enumerate() {
                        let found = sums[at - slice * ROWS];
                        assert_eq!(found, expected(*row, side, &vector), "{unit} {row}");
                        seen += 1;
                    }
                }
            });
            assert_eq!(seen, 2 * rows);
            let twice: Vec<f64> = vector.iter().map(|x| 2.0 * x).collect();
            pattern.multiply_each(unit, weights, [&vector, &twice], |slice, sums| {
                for (at, row) in order.iter().enumerate().skip(slice * ROWS).take(ROWS) {
                    let sum = expected(*row, 0, &vector) + expected(*row, 1, &twice);
                    let off = (sums[at - slice * ROWS] - sum).abs();
                    assert!(off < 1e-14, "{unit} {row}");
                }
            });
            let mut sums = pattern.zeros::<f64>();
            let of_rows = |slice: usize| std::array::from_fn(|row| (slice + row) as f64);
            for _ in 0..2 {
                pattern.add_outer(unit, &vector, of_rows, &mut sums);
            }
            let slot = |row: usize| order.iter().position(|at| *at == row).expect("a row");
            for row in 0..rows {
                for entry in starts[row]..starts[row + 1] {
                    let (place, at) = places[entry];
                    let factor = (slot(row) / ROWS + at) as f64;
                    let expected = 2.0 * factor * vector[columns[entry] as usize];
                    assert_eq!(sums[place][at], expected, "{unit} {row}");
                }
            }
        }
    }
}
