//! Memory that is written before it is read, and so is not zeroed first.
//!
//! For the recordings of a large batch zeroing takes a tenth as long as the simulation.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::real::Real;

/// Numbers that are still to be written, row by row.
///
/// A [`Row`] may be sent to another thread. What is left of it when it is dropped becomes zeros.
pub(crate) struct Unwritten<T> {
    /// Without elements, but with room for them.
    numbers: Vec<T>,
    len: usize,
    /// How many numbers lie in rows that were written.
    written: AtomicUsize,
}

/// A row of [`Unwritten`], written from its start on.
pub(crate) struct Row<'r, T: Real> {
    numbers: &'r mut [MaybeUninit<T>],
    /// How many of them are.
    written: usize,
    in_all: &'r AtomicUsize,
}

impl<T: Real> Unwritten<T> {
    /// Room for `len` numbers.
    pub(crate) fn new(len: usize) -> Self {
        Unwritten {
            numbers: Vec::with_capacity(len),
            len,
            written: AtomicUsize::new(0),
        }
    }

    /// The rows, all of `len` numbers but the last. Any that were handed out before are written
    /// anew.
    pub(crate) fn rows(&mut self, len: usize) -> impl Iterator<Item = Row<'_, T>> {
        *self.written.get_mut() = 0;
        let in_all = &self.written;
        let numbers = &mut self.numbers.spare_capacity_mut()[..self.len];
        numbers.chunks_mut(len.max(1)).map(move |numbers| Row {
            numbers,
            written: 0,
            in_all,
        })
    }

    /// The numbers.
    ///
    /// # Panics
    /// If some were not handed out as rows, or their rows were not dropped.
    pub(crate) fn finish(mut self) -> Vec<T> {
        assert_eq!(*self.written.get_mut(), self.len, "rows that were written");
        // SAFETY: there is room for `len` numbers (`new`). Rows do not overlap, and each counts its
        // numbers once, when all of them are written; so all are.
        unsafe { self.numbers.set_len(self.len) };
        self.numbers
    }
}

impl<T: Real> Row<'_, T> {
    /// Writes the next numbers.
    ///
    /// # Panics
    /// If there is no room for them.
    #[inline(always)]
    pub(crate) fn append(&mut self, values: &[T]) {
        let room = &mut self.numbers[self.written..][..values.len()];
        for (to, value) in room.iter_mut().zip(values) {
            to.write(*value);
        }
        self.written += values.len();
    }

    /// Writes all numbers, those too that were written before.
    pub(crate) fn fill(&mut self, value: T) {
        for to in &mut *self.numbers {
            to.write(value);
        }
        self.written = self.numbers.len();
    }
}

impl<T: Real> Drop for Row<'_, T> {
    fn drop(&mut self) {
        for to in &mut self.numbers[self.written..] {
            to.write(T::ZERO);
        }
        self.in_all.fetch_add(self.numbers.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_written_in_any_order_and_what_is_left_is_zero() {
        let mut numbers = Unwritten::<f64>::new(8);
        let mut rows: Vec<Row<'_, f64>> = numbers.rows(3).collect();
        rows[2].append(&[7.0, 8.0]);
        rows[0].append(&[1.0]);
        rows[0].append(&[2.0, 3.0]);
        rows[1].append(&[4.0]);
        drop(rows);
        assert_eq!(numbers.finish(), [1.0, 2.0, 3.0, 4.0, 0.0, 0.0, 7.0, 8.0]);
    }

    #[test]
    fn a_row_can_be_filled_after_it_was_written() {
        let mut numbers = Unwritten::<f32>::new(4);
        for mut row in numbers.rows(2) {
            row.append(&[1.0]);
            row.fill(5.0);
        }
        assert_eq!(numbers.finish(), [5.0; 4]);
    }

    #[test]
    fn no_numbers_are_none() {
        let mut numbers = Unwritten::<f64>::new(0);
        assert_eq!(numbers.rows(0).count(), 0);
        assert!(numbers.finish().is_empty());
    }

    #[test]
    #[should_panic(expected = "rows that were written")]
    fn numbers_of_a_row_that_was_forgotten_are_not_read() {
        let mut numbers = Unwritten::<f64>::new(4);
        std::mem::forget(numbers.rows(2).next());
        numbers.finish();
    }

    #[test]
    #[should_panic(expected = "range end index 3")]
    fn a_row_takes_no_more_than_it_has_room_for() {
        let mut numbers = Unwritten::<f64>::new(2);
        let mut rows = numbers.rows(2);
        rows.next().expect("a row").append(&[1.0; 3]);
    }
}
