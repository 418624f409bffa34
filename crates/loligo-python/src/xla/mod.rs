//! Runs that XLA calls, without Python and its lock.
//!
//! What a compiled program carries is the key of a staged run. Handlers find it by that, and compute
//! recordings, derivatives along a direction, gradients, and derivatives of gradients of the arrays that
//! XLA hands to them.

mod any_trace;
mod call_frame;
mod kept_runs;
mod staged;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use loligo::engine::arguments::{Argument, Purpose, direction, gradients, wanted};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use crate::errors::exception;
use crate::execution::execution;
use crate::inputs::Inputs;
use crate::program::Program;
use call_frame::{CallFrame, Failure, answer};
use kept_runs::KeptRuns;
use staged::{Staged, in_words};

static NEXT: AtomicI64 = AtomicI64::new(0);

/// A run with everything decided but the numbers of some arrays. XLA finds it by its key, as long as Python holds it.
#[pyclass(module = "loligo._engine", frozen)]
pub struct StagedRun {
    key: i64,
}

/// For each place which number of an array goes there, and how many numbers the array has.
#[derive(FromPyObject)]
enum ArgumentRow<'py> {
    /// Places, which number goes to each, how many there are, and of a setting its name.
    Values(
        bool,
        (
            PyReadonlyArray1<'py, usize>,
            PyReadonlyArray1<'py, usize>,
            usize,
            Option<String>,
        ),
    ),
    /// The first stimulus, how many, whether each has its own current, how many steps.
    Stimuli(bool, (usize, usize, bool, usize)),
}

#[pymethods]
impl StagedRun {
    /// Each of `arguments` says whether an array has an axis of lanes, and then where its numbers go: places, which number
    /// goes to each, how many there are, and the name if it is a setting; or the first stimulus, how many, whether each has
    /// its own current, and how many steps there are.
    #[new]
    #[pyo3(signature = (program, inputs, arguments, precision, budget, threads, raises))]
    fn new(
        program: &Program,
        inputs: &Inputs,
        arguments: Vec<ArgumentRow<'_>>,
        precision: &str,
        budget: usize,
        threads: Option<usize>,
        raises: bool,
    ) -> PyResult<Self> {
        let settings = arguments.iter().map(setting).collect();
        let arguments = arguments.iter().map(argument).collect::<PyResult<_>>()?;
        let is_single = match precision {
            "float64" => false,
            "float32" => true,
            other => return Err(crate::program::unknown_precision(other)),
        };
        let staged = Staged {
            program: Arc::clone(&program.0),
            inputs: Arc::clone(&inputs.0),
            arguments,
            settings,
            is_single,
            budget,
            execution: execution(threads)?,
            raises,
            kept: Mutex::new(KeptRuns::within(budget)),
        };
        let key = NEXT.fetch_add(1, Ordering::Relaxed);
        staged.put(key);
        Ok(StagedRun { key })
    }

    /// What compiled programs know it by.
    #[getter]
    fn key(&self) -> i64 {
        self.key
    }

    /// The addresses of the functions that XLA calls, by name.
    #[staticmethod]
    fn handlers() -> [(&'static str, usize); 4] {
        [
            ("loligo_run", run as *const () as usize),
            ("loligo_push_forward", push_forward as *const () as usize),
            ("loligo_pull_back", pull_back as *const () as usize),
            ("loligo_products", products as *const () as usize),
        ]
    }
}

impl Drop for StagedRun {
    fn drop(&mut self) {
        Staged::forget(self.key);
    }
}

fn setting(row: &ArgumentRow<'_>) -> Option<String> {
    match row {
        ArgumentRow::Values(_, (.., name)) => name.clone(),
        ArgumentRow::Stimuli(..) => None,
    }
}

fn argument(row: &ArgumentRow<'_>) -> PyResult<Argument> {
    let (batched, purpose) = match row {
        ArgumentRow::Values(batched, (places, numbers, count, _)) => {
            let purpose = Purpose::Values {
                places: places.as_slice()?.to_vec(),
                numbers: numbers.as_slice()?.to_vec(),
                count: *count,
            };
            (*batched, purpose)
        }
        ArgumentRow::Stimuli(batched, (first, count, each, steps)) => {
            let purpose = Purpose::Stimuli {
                first: *first,
                count: *count,
                each: *each,
                steps: *steps,
            };
            (*batched, purpose)
        }
    };
    match &purpose {
        Purpose::Values { numbers, count, .. } if numbers.iter().any(|number| number >= count) => {
            Err(exception(
                "ArgumentError",
                format!("an array of {count} numbers was given fewer"),
            ))
        }
        _ => Ok(Argument { purpose, batched }),
    }
}

/// The recordings of a run.
unsafe extern "C" fn run(frame: *mut CallFrame) -> Failure {
    // SAFETY: XLA calls this.
    unsafe {
        answer(frame, |call| {
            let staged = Staged::of(call)?;
            let (arrays, _) = staged.arrays(call)?;
            let inputs = staged.inputs_of(&arrays);
            let recordings = match call.integer("kept")? {
                0 if staged.is_single => staged.run::<f32>(&inputs),
                0 => staged.run::<f64>(&inputs),
                _ => staged.keep(arrays, &inputs),
            };
            call.write(0, &recordings?)
        })
    }
}

/// The derivative of recordings along a direction: arrays, then how those of them move that do.
unsafe extern "C" fn push_forward(frame: *mut CallFrame) -> Failure {
    // SAFETY: XLA calls this.
    unsafe {
        answer(frame, |call| {
            let staged = Staged::of(call)?;
            let (arrays, moves) = staged.arrays(call)?;
            let inputs = staged.inputs_of(&arrays);
            let moving = staged.asked(call)?;
            let pairs = moving.iter().copied().zip(moves.iter().map(Vec::as_slice));
            let direction = direction(pairs, &inputs);
            let tangents = match staged.is_single {
                false => staged.push_forward::<f64>(&inputs, &direction),
                true => staged.push_forward::<f32>(&inputs, &direction),
            };
            call.write(0, &tangents?)
        })
    }
}

/// The gradient of a function of the recordings: arrays, then its derivative with respect to recordings.
unsafe extern "C" fn pull_back(frame: *mut CallFrame) -> Failure {
    // SAFETY: XLA calls this.
    unsafe {
        answer(frame, |call| {
            let staged = Staged::of(call)?;
            let (arrays, further) = staged.arrays(call)?;
            let cotangent = further.first().ok_or("there is no cotangent")?;
            let asked = staged.asked(call)?;
            let inputs = staged.inputs_of(&arrays);
            let wanted = wanted(asked.iter().copied());
            let kept = staged.kept_runs().take(&arrays);
            let trace = match kept {
                Some(trace) => trace,
                None => staged.trace(&inputs)?,
            };
            let gradient = trace.pull_back(cotangent, &wanted);
            let gradient = gradient.map_err(in_words)?;
            for (result, part) in gradients(asked.into_iter(), &gradient, &inputs)
                .iter()
                .enumerate()
            {
                call.write(result, part)?;
            }
            staged.kept_runs().used(arrays, trace);
            Ok(())
        })
    }
}

/// The derivative along a direction of what [`pull_back`] gives: arrays, cotangent, and how arrays move.
unsafe extern "C" fn products(frame: *mut CallFrame) -> Failure {
    // SAFETY: XLA calls this.
    unsafe {
        answer(frame, |call| {
            let staged = Staged::of(call)?;
            let (arrays, further) = staged.arrays(call)?;
            let (cotangent, moves) = further.split_first().ok_or("there is no cotangent")?;
            let asked = staged.asked(call)?;
            let inputs = staged.inputs_of(&arrays);
            let pairs = asked.iter().copied().zip(moves.iter().map(Vec::as_slice));
            let direction = direction(pairs, &inputs);
            let product = match staged.is_single {
                false => staged.product::<f64>(&inputs, &direction, cotangent, &asked),
                true => staged.product::<f32>(&inputs, &direction, cotangent, &asked),
            };
            for (result, part) in product?.iter().enumerate() {
                call.write(result, part)?;
            }
            Ok(())
        })
    }
}
