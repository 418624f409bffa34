//! Sums over time, in double precision.

use crate::dual::Number;

/// An array of sums; tangents lie behind all values.
pub(super) struct Sums<N> {
    array: Vec<f64>,
    len: usize,
    number: std::marker::PhantomData<N>,
}

impl<N: Number<Real = f64>> Sums<N> {
    pub(super) fn zeros(len: usize) -> Self {
        Sums {
            array: vec![0.0; N::PARTS * len],
            len,
            number: std::marker::PhantomData,
        }
    }

    /// How much further on tangents lie.
    pub(super) fn shift(&self) -> usize {
        self.len
    }

    /// What tapes accumulate into.
    pub(super) fn array(&mut self) -> &mut [f64] {
        &mut self.array
    }

    #[inline(always)]
    pub(super) fn get(&self, at: usize) -> N {
        N::load(&self.array, at, self.len)
    }

    #[inline(always)]
    pub(super) fn add(&mut self, at: usize, more: N) {
        (self.get(at) + more).store(&mut self.array, at, self.len);
    }

    pub(super) fn clear(&mut self) {
        self.array.fill(0.0);
    }
}
