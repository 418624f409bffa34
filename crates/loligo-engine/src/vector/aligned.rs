//! Arrays that start on a cache line.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::slice;

use super::real::Real;

/// A slice on the heap, aligned to 64 bytes, so that no register-wide access straddles two lines.
pub struct AlignedVec<T> {
    start: NonNull<T>,
    len: usize,
}

/// A cache line, and the widest vector register.
const ALIGNMENT: usize = 64;

impl<T: Real> AlignedVec<T> {
    /// `len` zeros.
    ///
    /// # Panics
    /// If the array would fill more than half the address space.
    pub fn zeros(len: usize) -> Self {
        if len == 0 {
            let start = NonNull::dangling();
            return Self { start, len };
        }
        let layout = layout::<T>(len);
        // SAFETY: the layout has a size above zero, since `len` is and no `Real` is empty.
        let bytes = unsafe { alloc_zeroed(layout) };
        // all bits zero is 0.0 in both precisions
        let start = NonNull::new(bytes.cast()).unwrap_or_else(|| handle_alloc_error(layout));
        Self { start, len }
    }

    /// A copy of `values`.
    pub fn from_slice(values: &[T]) -> Self {
        let mut array = Self::zeros(values.len());
        array.copy_from_slice(values);
        array
    }

    /// The first element. Unlike `as_mut_ptr` of the slice it leaves other pointers valid.
    pub(super) fn start(&self) -> *mut T {
        self.start.as_ptr()
    }
}

fn layout<T>(len: usize) -> Layout {
    let array = Layout::array::<T>(len).expect("arrays fit in half the address space");
    array
        .align_to(ALIGNMENT)
        .expect("64 is a power of two, and arrays are far from the end of the address space")
}

impl<T> Drop for AlignedVec<T> {
    fn drop(&mut self) {
        if self.len > 0 {
            // SAFETY: allocated in `zeros` with the same layout, and freed only here.
            unsafe { dealloc(self.start.as_ptr().cast(), layout::<T>(self.len)) }
        }
    }
}

impl<T> Deref for AlignedVec<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: `len` initialised elements start there (or none, at a dangling aligned pointer),
        // and `self` is borrowed for as long as the slice.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<T> DerefMut for AlignedVec<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as for `deref`, and `self` is borrowed mutably.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl<T: Real> Clone for AlignedVec<T> {
    fn clone(&self) -> Self {
        Self::from_slice(self)
    }
}

impl<T: Real> fmt::Debug for AlignedVec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deref().fmt(f)
    }
}

// SAFETY: it owns its elements, as a `Box<[T]>` does, and `Real` is `Send` and `Sync`.
unsafe impl<T: Real> Send for AlignedVec<T> {}
// SAFETY: as above; through a shared reference the elements can only be read.
unsafe impl<T: Real> Sync for AlignedVec<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_start_on_a_cache_line_hold_zeros_and_are_copied_by_value() {
        for len in [0, 1, 7, 1000] {
            let mut array = AlignedVec::<f32>::zeros(len);
            assert!(array.iter().all(|&x| x == 0.0));
            assert_eq!(array.len(), len);
            if len > 0 {
                assert_eq!(array.as_ptr() as usize % ALIGNMENT, 0);
                let copy = array.clone();
                array[len - 1] = 3.0;
                assert_eq!((copy[len - 1], array[len - 1]), (0.0, 3.0));
            }
        }
    }
}
