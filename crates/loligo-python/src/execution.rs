//! Carrying out runs for Python: other Python threads go on meanwhile, Python is told how far a long run is, Ctrl-C stops
//! it, and no panic gets out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use loligo::engine::{Control, Execution, RunError};
use pyo3::prelude::*;

use crate::errors::{exception, raised_by_run};

/// How long Ctrl-C may wait, and how often Python is told how far a run is.
const PATIENCE: Duration = Duration::from_millis(30);

/// Compartments times steps times lanes that are surely done within [`PATIENCE`].
const QUICK: usize = 100_000;

/// How runs are carried out: on so many threads, or as the machine suggests.
pub fn execution(threads: Option<usize>) -> PyResult<Execution> {
    let mut execution = Execution::detect().map_err(raised_by_run)?;
    match threads {
        Some(0) => {
            return Err(exception(
                "ArgumentError",
                "threads is 0, expected 1 or more",
            ));
        }
        Some(threads) => execution.threads = threads,
        None => {}
    }
    Ok(execution)
}

/// Does the work of a run, `size` compartments times steps times lanes of it. If it is long, `report` is called from time
/// to time with the part of it that is done, from 0 to 1.
///
/// Python handles signals in its main thread only, so long work is done in another one, while this one looks out for
/// Ctrl-C.
pub fn carried_out<T: Send>(
    py: Python<'_>,
    execution: &Execution,
    size: usize,
    report: Option<&Py<PyAny>>,
    work: impl FnOnce() -> Result<T, RunError> + Send,
) -> PyResult<T> {
    let work = || catch_unwind(AssertUnwindSafe(work));
    let outcome = if size < QUICK {
        py.detach(work)
    } else {
        py.detach(|| watched(&execution.control, report, work))?
    };
    match outcome {
        Ok(result) => result.map_err(raised_by_run),
        Err(_) => Err(exception(
            "InternalError",
            "the engine failed; this is a mistake of Loligo's own, please report it with the script that led to it",
        )),
    }
}

fn watched<T: Send>(
    control: &Control,
    report: Option<&Py<PyAny>>,
    work: impl FnOnce() -> T + Send,
) -> PyResult<T> {
    let (done, expected) = (control.done(), control.expected());
    let part = || {
        let expected = (control.expected() - expected).max(1);
        ((control.done() - done) as f64 / expected as f64).min(1.0)
    };
    let look_up = |py: Python<'_>| {
        py.check_signals()?;
        report.map_or(Ok(()), |report| report.call1(py, (part(),)).map(drop))
    };
    let (sender, receiver) = channel();
    thread::scope(|scope| {
        scope.spawn(move || sender.send(work()));
        loop {
            match receiver.recv_timeout(PATIENCE) {
                Ok(outcome) => return Ok(outcome),
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(signal) = Python::attach(look_up) {
                        control.stop();
                        return Err(signal);
                    }
                }
                // the work catches its panics, so it always sends something
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(exception("InternalError", "the engine's thread was lost"));
                }
            }
        }
    })
}
