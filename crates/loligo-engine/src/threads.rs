//! The threads that blocks of lanes run on.
//!
//! A pool belongs to the process that made it: after a fork the child makes its own, since the
//! parent's threads do not exist there.

use std::sync::{Arc, Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

static POOL: Mutex<Option<(u32, usize, Arc<ThreadPool>)>> = Mutex::new(None);

/// How many threads runs use: `LOLIGO_NUM_THREADS` if it is set, else what SLURM granted to the
/// task, else what affinity and cgroup of the process allow.
pub fn count() -> usize {
    let variable = |name: &str| std::env::var(name).ok()?.trim().parse::<usize>().ok();
    let available = || std::thread::available_parallelism().map_or(1, usize::from);
    variable("LOLIGO_NUM_THREADS")
        .filter(|n| *n > 0)
        .or_else(|| {
            variable("SLURM_CPUS_PER_TASK")
                .filter(|n| *n > 0)
                .map(|n| n.min(available()))
        })
        .unwrap_or_else(available)
}

/// The pool of this process with `threads` threads, or `None` where a single one will do or no
/// thread can be had.
pub(crate) fn pool(threads: usize) -> Option<Arc<ThreadPool>> {
    if threads < 2 {
        return None;
    }
    let process = std::process::id();
    let mut guard = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((owner, size, pool)) = guard.as_ref()
        && *owner == process
        && *size == threads
    {
        return Some(Arc::clone(pool));
    }
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("loligo-{index}"))
        .build()
        .ok()?;
    let pool = Arc::new(pool);
    // the threads of a parent's pool cannot be joined here: leave it alone
    if let Some((owner, _, old)) = guard.replace((process, threads, Arc::clone(&pool)))
        && owner != process
    {
        std::mem::forget(old);
    }
    Some(pool)
}

/// Calls `work` for each of `items`, on `threads` threads, and returns the results in order.
pub(crate) fn map<I: Send, O: Send>(
    items: Vec<I>,
    threads: usize,
    work: impl Fn(I) -> O + Sync + Send,
) -> Vec<O> {
    use rayon::prelude::*;
    match pool(threads.min(items.len())) {
        Some(pool) => pool.install(|| items.into_par_iter().map(&work).collect()),
        None => items.into_iter().map(work).collect(),
    }
}
