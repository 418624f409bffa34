//! The threads that blocks of lanes run on.
//!
//! A pool belongs to the process that made it: after a fork the child makes its own, since the
//! parent's threads do not exist there.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::RunError;

static POOL: Mutex<Option<(u32, usize, Arc<ThreadPool>)>> = Mutex::new(None);

/// How many threads runs use: `LOLIGO_NUM_THREADS` if it is set, else what SLURM granted to the
/// task, else what affinity and cgroup of the process allow.
///
/// # Errors
/// [`RunError::Threads`] if `LOLIGO_NUM_THREADS` is no number of threads.
pub fn count() -> Result<usize, RunError> {
    if let Some(value) = std::env::var_os("LOLIGO_NUM_THREADS") {
        return named(&value.to_string_lossy());
    }
    let available = available();
    let granted = std::env::var("SLURM_CPUS_PER_TASK").ok();
    let granted = granted.and_then(|value| named(&value).ok());
    Ok(granted.map_or(available, |granted| granted.min(available)))
}

/// How many threads affinity and cgroup allow. Finding out takes as long as a short run, so it is done
/// once a second.
fn available() -> usize {
    static KNOWN: Mutex<Option<(Instant, usize)>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    match *known {
        Some((when, available)) if when.elapsed() < Duration::from_secs(1) => available,
        _ => {
            let available = std::thread::available_parallelism().map_or(1, usize::from);
            *known = Some((Instant::now(), available));
            available
        }
    }
}

fn named(value: &str) -> Result<usize, RunError> {
    let number = value.trim().parse().ok().filter(|n| *n > 0);
    number.ok_or_else(|| RunError::Threads {
        value: value.to_owned(),
    })
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

/// The same where what is worked on is spread over threads itself, if there are fewer items than
/// threads: see [`for_each`].
pub(crate) fn map_wide<I: Send, O: Send>(
    items: Vec<I>,
    threads: usize,
    work: impl Fn(I) -> O + Sync + Send,
) -> Vec<O> {
    match pool(threads) {
        Some(pool) if items.len() < threads => {
            pool.install(|| items.into_iter().map(&work).collect())
        }
        _ => map(items, threads, work),
    }
}

/// Calls `work` for each of `items`, on the threads of the pool that this is called in, if any.
pub(crate) fn for_each<I: Send>(
    items: impl Iterator<Item = I>,
    spread: bool,
    work: impl Fn(I) + Sync + Send,
) {
    use rayon::prelude::*;
    if spread && rayon::current_thread_index().is_some() {
        let items: Vec<I> = items.collect();
        items.into_par_iter().for_each(work);
    } else {
        items.for_each(work);
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_number_of_threads_or_a_reason() {
        assert_eq!(named(" 3 "), Ok(3));
        for value in ["two", "0", "-1", ""] {
            let said = named(value).expect_err("no number").to_string();
            let expected = "is no number of threads, expected 1 or more";
            assert_eq!(said, format!("LOLIGO_NUM_THREADS={value} {expected}"));
        }
    }
}
