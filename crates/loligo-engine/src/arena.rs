//! Large workspaces are used again by the next run: memory that the operating system hands out
//! afresh costs more to touch for the first time than a step of the simulation.

use std::any::Any;
use std::sync::Mutex;

use crate::vector::{AlignedVec, Real};

/// What earlier runs left. Few are kept, so that a program that once ran something large does not
/// hold on to it through many small runs.
static LEFT: Mutex<Vec<Box<dyn Any + Send>>> = Mutex::new(Vec::new());

/// How many are kept.
const KEPT: usize = 4;

/// Below this size, in bytes, the allocator keeps memory for reuse itself.
const SMALL: usize = 256 << 10;

/// An array of at least `len` numbers of any value.
pub(crate) fn take<T: Real>(len: usize) -> AlignedVec<T> {
    let fits = |left: &Box<dyn Any + Send>| {
        let found = left
            .downcast_ref::<AlignedVec<T>>()
            .map(|array| array.len());
        found.is_some_and(|found| (len..=2 * len).contains(&found))
    };
    // a lock that is taken is not worth waiting for
    if len * size_of::<T>() >= SMALL
        && let Ok(mut left) = LEFT.try_lock()
        && let Some(index) = left.iter().position(fits)
        && let Ok(array) = left.swap_remove(index).downcast::<AlignedVec<T>>()
    {
        return *array;
    }
    AlignedVec::zeros(len)
}

/// Leaves an array for the next run.
pub(crate) fn give<T: Real>(array: AlignedVec<T>) {
    if array.len() * size_of::<T>() < SMALL {
        return;
    }
    if let Ok(mut left) = LEFT.try_lock() {
        if left.len() == KEPT {
            left.remove(0);
        }
        left.push(Box::new(array));
    }
}
