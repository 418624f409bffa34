//! Memory that is written before it is read, and so is not zeroed first.
//!
//! For the recordings of a large batch zeroing takes a tenth as long as the simulation.

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::slice;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::real::Real;

/// Numbers that are still to be written, in rows of as many samples: shape `[sample][row]`, so that
/// what is known at one moment lies together.
///
/// [`Rows`] may be sent to other threads. What is left of them when they are dropped becomes zeros.
pub(crate) struct Unwritten<T> {
    /// Without elements, but with room for them.
    numbers: Vec<T>,
    rows: usize,
    samples: usize,
    /// How many numbers lie in rows that were written.
    written: AtomicUsize,
}

/// Rows of [`Unwritten`] that lie side by side, written sample by sample.
pub(crate) struct Rows<'r, T: Real> {
    /// Of the whole array.
    start: *mut T,
    rows_in_all: usize,
    samples: usize,
    /// The first row, and how many there are.
    first: usize,
    count: usize,
    /// How many samples are written.
    written: usize,
    numbers_written: &'r AtomicUsize,
    owner: PhantomData<&'r mut T>,
}

// SAFETY: they are all that may use their part of the array, as a slice of it would be.
unsafe impl<T: Real> Send for Rows<'_, T> {}

impl<T: Real> Unwritten<T> {
    /// Room for so many rows of so many samples.
    ///
    /// # Panics
    /// If there are more numbers than memory can hold.
    pub(crate) fn new(rows: usize, samples: usize) -> Self {
        Unwritten {
            numbers: Vec::with_capacity(rows.saturating_mul(samples)),
            rows,
            samples,
            written: AtomicUsize::new(0),
        }
    }

    /// Each of the rows. Any that were handed out before are written anew.
    pub(crate) fn rows(&mut self) -> impl Iterator<Item = Rows<'_, T>> {
        *self.written.get_mut() = 0;
        let (start, written) = (self.numbers.as_mut_ptr(), &self.written);
        let (rows, samples) = (self.rows, self.samples);
        (0..rows).map(move |first| Rows {
            start,
            rows_in_all: rows,
            samples,
            first,
            count: 1,
            written: 0,
            numbers_written: written,
            owner: PhantomData,
        })
    }

    /// The numbers.
    ///
    /// # Panics
    /// If some were not handed out as rows, or their rows were not dropped.
    pub(crate) fn finish(mut self) -> Vec<T> {
        let len = self.rows * self.samples;
        assert_eq!(*self.written.get_mut(), len, "rows that were written");
        // SAFETY: there is room for `len` numbers (`new`). Rows do not overlap, and each counts its
        // numbers once, when all of them are written; so all are.
        unsafe { self.numbers.set_len(len) };
        self.numbers
    }
}

impl<'r, T: Real> Rows<'r, T> {
    /// The number of the first of them.
    pub(crate) fn first(&self) -> usize {
        self.first
    }

    /// How many they are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Takes in rows that follow these and have as many samples written; gives back any others.
    pub(crate) fn join(&mut self, next: Self) -> Option<Self> {
        let follows = self.start == next.start && self.first + self.count == next.first;
        if !follows || self.written != next.written {
            return Some(next);
        }
        self.count += next.count;
        // they are these rows' now, and written and counted with them
        std::mem::forget(next);
        None
    }

    /// Writes the next sample of each row.
    ///
    /// # Panics
    /// If there is not one number for each row, or no room for them.
    #[inline(always)]
    pub(crate) fn append(&mut self, values: &[T]) {
        assert_eq!(values.len(), self.count, "a number for each row");
        assert!(self.written < self.samples, "there is no room for a sample");
        for (to, value) in self.sample(self.written).iter_mut().zip(values) {
            to.write(*value);
        }
        self.written += 1;
        if self.written < self.samples {
            ask_for(self.sample(self.written));
        }
    }

    /// Fills what is written of a row, counted from the first of these.
    ///
    /// # Panics
    /// If there is no such row.
    pub(crate) fn fill(&mut self, row: usize, value: T) {
        for sample in 0..self.written {
            self.sample(sample)[row].write(value);
        }
    }

    #[inline(always)]
    fn sample(&mut self, sample: usize) -> &mut [MaybeUninit<T>] {
        debug_assert!(sample < self.samples && self.first + self.count <= self.rows_in_all);
        // SAFETY: The array has room for `samples` times `rows_in_all` numbers and outlives 'r;
        // these rows and this sample are among them. No other `Rows` has the same rows (`rows`
        // makes one for each, `join` only passes them on).
        unsafe {
            let first = self.start.add(sample * self.rows_in_all + self.first);
            slice::from_raw_parts_mut(first.cast(), self.count)
        }
    }
}

impl<T: Real> Drop for Rows<'_, T> {
    fn drop(&mut self) {
        for sample in self.written..self.samples {
            for to in self.sample(sample) {
                to.write(T::ZERO);
            }
        }
        let numbers = self.count * self.samples;
        self.numbers_written.fetch_add(numbers, Ordering::Relaxed);
    }
}

/// Asks the memory for the beginning of what is written next, so that it comes while the next step
/// is computed; from there on the machine sees by itself what will be needed.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn ask_for<T>(room: &[MaybeUninit<T>]) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

    const LINE: usize = 64;
    // as many lines as a core waits for at a time; where there are fewer, they follow the last ones
    const AHEAD: usize = 8 * LINE;
    if size_of_val(room) < AHEAD {
        return;
    }
    for at in (0..AHEAD).step_by(LINE) {
        let line = room.as_ptr().wrapping_byte_add(at);
        // SAFETY: the instruction is part of x86-64, and reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.cast()) };
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn ask_for<T>(_: &[MaybeUninit<T>]) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_written_in_any_order_and_what_is_left_is_zero() {
        let mut numbers = Unwritten::<f64>::new(3, 3);
        let mut rows: Vec<Rows<'_, f64>> = numbers.rows().collect();
        for value in [7.0, 8.0, 9.0] {
            rows[2].append(&[value]);
        }
        rows[0].append(&[1.0]);
        rows[0].append(&[2.0]);
        drop(rows);
        let expected = [1.0, 0.0, 7.0, 2.0, 0.0, 8.0, 0.0, 0.0, 9.0];
        assert_eq!(numbers.finish(), expected);
    }

    #[test]
    fn rows_side_by_side_are_joined() {
        let mut numbers = Unwritten::<f32>::new(4, 2);
        let mut rows: Vec<Rows<'_, f32>> = numbers.rows().collect();
        let (last, third) = (rows.pop().expect("a row"), rows.pop().expect("a row"));
        let (mut second, mut first) = (rows.pop().expect("a row"), rows.pop().expect("a row"));
        let mut last = first.join(last).expect("the last row does not follow");
        assert!(second.join(third).is_none());
        assert_eq!((second.first(), second.count()), (1, 2));
        second.append(&[1.0, 2.0]);
        second.append(&[3.0, 4.0]);
        second.fill(1, 5.0);
        last.append(&[6.0]);
        drop((rows, first, second, last));
        assert_eq!(numbers.finish(), [0.0, 1.0, 5.0, 6.0, 0.0, 3.0, 5.0, 0.0]);
    }

    #[test]
    fn rows_that_are_not_equally_long_are_not_joined() {
        let mut numbers = Unwritten::<f64>::new(2, 1);
        let mut rows = numbers.rows();
        let (mut first, second) = (rows.next().expect("a row"), rows.next().expect("a row"));
        first.append(&[1.0]);
        assert!(first.join(second).is_some());
    }

    #[test]
    fn no_numbers_are_none() {
        let mut numbers = Unwritten::<f64>::new(0, 3);
        assert_eq!(numbers.rows().count(), 0);
        assert!(numbers.finish().is_empty());
    }

    #[test]
    #[should_panic(expected = "rows that were written")]
    fn numbers_of_a_row_that_was_forgotten_are_not_read() {
        let mut numbers = Unwritten::<f64>::new(1, 4);
        std::mem::forget(numbers.rows().next());
        numbers.finish();
    }

    #[test]
    #[should_panic(expected = "no room")]
    fn a_row_takes_no_more_than_it_has_room_for() {
        let mut numbers = Unwritten::<f64>::new(1, 2);
        let mut row = numbers.rows().next().expect("a row");
        for _ in 0..3 {
            row.append(&[1.0]);
        }
    }

    #[test]
    #[should_panic(expected = "a number for each row")]
    fn a_sample_has_a_number_for_each_row() {
        let mut numbers = Unwritten::<f64>::new(1, 2);
        numbers.rows().next().expect("a row").append(&[1.0; 2]);
    }
}
