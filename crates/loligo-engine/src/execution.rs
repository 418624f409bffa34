//! How a run is carried out, and how it is watched and stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::error::RunError;
use crate::threads;
use crate::vector::VectorUnit;

/// How a run is carried out; none of it changes a bit of its result.
#[derive(Clone, Debug)]
pub struct Execution {
    /// How many threads may be used.
    pub threads: usize,
    /// The instructions that are used; results are the same on all that have fused multiply–add.
    pub unit: VectorUnit,
    /// Where the run reports to and is stopped from.
    pub control: Arc<Control>,
}

impl Execution {
    /// All threads that the process may use, on the widest vector unit.
    ///
    /// # Errors
    /// [`RunError::Vector`] if `LOLIGO_SIMD` names a unit that this machine lacks,
    /// [`RunError::Threads`] if `LOLIGO_NUM_THREADS` is no number of threads.
    pub fn detect() -> Result<Self, RunError> {
        Ok(Execution {
            threads: threads::count()?,
            unit: VectorUnit::detect()?,
            control: Arc::default(),
        })
    }
}

/// A run's progress, and the way to stop it.
#[derive(Debug, Default)]
pub struct Control {
    stopped: AtomicBool,
    done: AtomicU64,
    expected: AtomicU64,
}

impl Control {
    /// Asks the run to stop; it does so within a few steps.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// How many steps of a block of lanes were done, over all blocks.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// How many steps those that have begun will have done at their end: runs, traces and reverse sweeps,
    /// with the steps that are run more than once. To a few steps of each block.
    pub fn expected(&self) -> u64 {
        self.expected.load(Ordering::Relaxed)
    }

    pub(crate) fn expect(&self, steps: usize) {
        self.expected.fetch_add(steps as u64, Ordering::Relaxed);
    }

    pub(crate) fn check(&self, steps: usize) -> Result<(), RunError> {
        self.done.fetch_add(steps as u64, Ordering::Relaxed);
        if self.stopped.load(Ordering::Relaxed) {
            Err(RunError::Interrupted)
        } else {
            Ok(())
        }
    }
}
