//! Large workspaces are used again by the next run: memory that the operating system hands out
//! afresh costs more to touch for the first time than a step of the simulation.

use std::any::Any;
use std::sync::Mutex;

use crate::vector::{AlignedVec, Real};

/// What earlier runs left, with its size in bytes, oldest first.
static LEFT: Mutex<Vec<(usize, Box<dyn Any + Send>)>> = Mutex::new(Vec::new());

/// So many bytes are kept at most, so that a program that once ran something large does not hold on
/// to more than its largest trajectory.
const KEPT: usize = 512 << 20;

/// Below this size, in bytes, the allocator keeps memory for reuse itself.
const SMALL: usize = 256 << 10;

/// An array of at least `len` numbers of any value.
pub(crate) fn take<T: Real>(len: usize) -> AlignedVec<T> {
    let fits = |(_, left): &(usize, Box<dyn Any + Send>)| {
        let found = left
            .downcast_ref::<AlignedVec<T>>()
            .map(|array| array.len());
        found.is_some_and(|found| (len..=2 * len).contains(&found))
    };
    // a lock that is taken is not worth waiting for
    if len * size_of::<T>() >= SMALL
        && let Ok(mut left) = LEFT.try_lock()
        && let Some(index) = left.iter().position(fits)
        && let Ok(array) = left.remove(index).1.downcast::<AlignedVec<T>>()
    {
        return *array;
    }
    AlignedVec::zeros(len)
}

/// Leaves an array for the next run.
pub(crate) fn give<T: Real>(array: AlignedVec<T>) {
    let bytes = array.len() * size_of::<T>();
    if !(SMALL..=KEPT).contains(&bytes) {
        return;
    }
    if let Ok(mut left) = LEFT.try_lock() {
        left.push((bytes, Box::new(array)));
        while left.iter().map(|(bytes, _)| bytes).sum::<usize>() > KEPT {
            left.remove(0);
        }
    }
}
