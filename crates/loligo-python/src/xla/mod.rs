//! Runs that XLA calls, without Python and its lock.
//!
//! What a compiled program carries is the key of a staged run. Handlers find it by that, and compute
//! recordings, derivatives along a direction, gradients, and derivatives of gradients of the arrays that
//! XLA hands to them.

mod call_frame;

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use loligo::engine::arguments::{Argument, Purpose, direction, gradients, wanted};
use loligo::engine::vector::Real;
use loligo::engine::{self, Divergence, Execution, Precision, Recordings, RunError, Trace};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use crate::errors::exception;
use crate::execution::execution;
use crate::inputs::Inputs;
use crate::program::Program;
use call_frame::{Call, CallFrame, Failure, answer};

static STAGED: RwLock<Option<HashMap<i64, Arc<Staged>>>> = RwLock::new(None);
static NEXT: AtomicI64 = AtomicI64::new(0);

/// A run with everything decided but the numbers of some arrays. XLA finds it by its key, as long as Python holds it.
#[pyclass(module = "loligo._engine", frozen)]
pub struct StagedRun {
    key: i64,
}

/// What a key stands for.
struct Staged {
    program: Arc<engine::Program>,
    inputs: Arc<engine::Inputs>,
    arguments: Vec<Argument>,
    /// For each of them that is a setting its name.
    settings: Vec<Option<String>>,
    is_single: bool,
    budget: usize,
    execution: Execution,
    /// Whether numbers that are not finite are an error.
    raises: bool,
    /// The last run that may be differentiated, and the arrays that it was of.
    last: Mutex<Option<(Vec<Vec<f64>>, AnyTrace)>>,
}

enum AnyTrace {
    Double(Box<Trace<f64>>),
    Single(Box<Trace<f32>>),
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
            last: Mutex::new(None),
        };
        let key = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut all = STAGED.write().unwrap_or_else(PoisonError::into_inner);
        all.get_or_insert_default().insert(key, Arc::new(staged));
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
        let mut all = STAGED.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(all) = all.as_mut() {
            all.remove(&self.key);
        }
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
            let arrays = staged.arrays(call)?;
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
            let arrays = staged.arrays(call)?;
            let inputs = staged.inputs_of(&arrays);
            let moves = staged.moves(call, arrays.len())?;
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
            let arrays = staged.arrays(call)?;
            let asked = staged.asked(call)?;
            let all = call.arguments()?;
            let cotangent = all.get(arrays.len()).ok_or("there is no cotangent")?;
            let inputs = staged.inputs_of(&arrays);
            let wanted = wanted(asked.iter().copied());
            let last = staged.take_last(&arrays);
            let trace = match last {
                Some(trace) => trace,
                None => staged.trace(&inputs)?,
            };
            let gradient = match &trace {
                AnyTrace::Double(trace) => {
                    let by_time = by_time(cotangent, trace.recordings());
                    trace.pull_back(&by_time, &wanted)
                }
                AnyTrace::Single(trace) => {
                    let by_time = by_time(cotangent, trace.recordings());
                    trace.pull_back(&by_time, &wanted)
                }
            };
            let gradient = gradient.map_err(in_words)?;
            for (result, part) in gradients(asked.into_iter(), &gradient, &inputs)
                .iter()
                .enumerate()
            {
                call.write(result, part)?;
            }
            // it may be asked for once more
            staged.put_last(arrays, trace);
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
            let arrays = staged.arrays(call)?;
            let asked = staged.asked(call)?;
            let all = call.arguments()?;
            let cotangent = all.get(arrays.len()).ok_or("there is no cotangent")?;
            let inputs = staged.inputs_of(&arrays);
            let moves = staged.moves(call, arrays.len() + 1)?;
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

impl Staged {
    fn of(call: &Call<'_>) -> Result<Arc<Self>, String> {
        let key = call.integer("key")?;
        let all = STAGED.read().unwrap_or_else(PoisonError::into_inner);
        let staged = all.as_ref().and_then(|all| all.get(&key)).cloned();
        staged.ok_or_else(|| format!("there is no staged run {key}"))
    }

    /// The arrays of a call.
    fn arrays(&self, call: &Call<'_>) -> Result<Vec<Vec<f64>>, String> {
        let mut arrays = call.arguments()?;
        arrays.truncate(self.arguments.len());
        let lanes = self.inputs.lanes;
        let lengths = arrays.iter().zip(&self.arguments);
        let fit = lengths.clone().all(|(a, of)| a.len() == of.len(lanes));
        if !fit || lengths.len() != self.arguments.len() {
            return Err("the arrays are not those of the staged run".to_owned());
        }
        // to the engine NaN is a state that starts at its steady state
        let mut settings = arrays.iter().zip(&self.settings);
        let wrong = settings
            .find(|(array, name)| name.is_some() && array.iter().any(|number| number.is_nan()));
        match wrong {
            Some((_, Some(name))) => Err(format!(
                "the value of `{name}` is NaN, expected finite numbers"
            )),
            _ => Ok(arrays),
        }
    }

    /// What stands behind so many arguments of a call.
    fn moves(&self, call: &Call<'_>, first: usize) -> Result<Vec<Vec<f64>>, String> {
        Ok(call.arguments()?.split_off(first))
    }

    /// The arrays that are asked for, or move.
    fn asked(&self, call: &Call<'_>) -> Result<Vec<&Argument>, String> {
        let which = call.integers("which")?.into_iter();
        let asked = which.map(|index| {
            let index = usize::try_from(index).ok();
            let argument = index.and_then(|index| self.arguments.get(index));
            argument.ok_or_else(|| "an array that there is not is asked for".to_owned())
        });
        asked.collect()
    }

    fn inputs_of(&self, arrays: &[Vec<f64>]) -> Arc<engine::Inputs> {
        let mut inputs = engine::Inputs::clone(&self.inputs);
        for (argument, array) in self.arguments.iter().zip(arrays) {
            argument.put(array, &mut inputs);
        }
        Arc::new(inputs)
    }

    fn run<T: Precision>(&self, inputs: &Arc<engine::Inputs>) -> Result<Vec<f64>, String> {
        let run = self.program.run::<T>(inputs, &self.execution);
        let run = run.map_err(in_words)?;
        self.check(&run.diverged)?;
        Ok(by_recording(&run.recordings))
    }

    fn push_forward<T: Precision>(
        &self,
        inputs: &Arc<engine::Inputs>,
        direction: &engine::Direction,
    ) -> Result<Vec<f64>, String> {
        let moved = self.program.jvp::<T>(inputs, direction, &self.execution);
        let (run, tangents) = moved.map_err(in_words)?;
        self.check(&run.diverged)?;
        Ok(by_recording(&tangents))
    }

    fn product<T: Precision>(
        &self,
        inputs: &Arc<engine::Inputs>,
        direction: &engine::Direction,
        cotangent: &[f64],
        asked: &[&Argument],
    ) -> Result<Vec<Vec<f64>>, String> {
        let program = &self.program;
        let trace = program.trace_tangent::<T>(inputs, direction, self.budget, &self.execution);
        let trace = trace.map_err(in_words)?;
        self.check(trace.diverged())?;
        let cotangent = by_time(cotangent, trace.recordings());
        let still = vec![T::ZERO; cotangent.len()];
        let wanted = wanted(asked.iter().copied());
        let pulled = trace.pull_back(&cotangent, &still, &wanted);
        let (_, product) = pulled.map_err(in_words)?;
        Ok(gradients(asked.iter().copied(), &product, inputs))
    }

    /// Runs so that it can be differentiated soon.
    fn keep(
        &self,
        arrays: Vec<Vec<f64>>,
        inputs: &Arc<engine::Inputs>,
    ) -> Result<Vec<f64>, String> {
        // the memory of the last one is free for this one
        drop(
            self.last
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let trace = self.trace(inputs)?;
        let recordings = match &trace {
            AnyTrace::Double(trace) => by_recording(trace.recordings()),
            AnyTrace::Single(trace) => by_recording(trace.recordings()),
        };
        self.put_last(arrays, trace);
        Ok(recordings)
    }

    fn trace(&self, inputs: &Arc<engine::Inputs>) -> Result<AnyTrace, String> {
        let (program, execution) = (&self.program, &self.execution);
        match self.is_single {
            false => {
                let trace = program.trace::<f64>(inputs, self.budget, execution);
                let trace = trace.map_err(in_words)?;
                self.check(trace.diverged())?;
                Ok(AnyTrace::Double(Box::new(trace)))
            }
            true => {
                let trace = program.trace::<f32>(inputs, self.budget, execution);
                let trace = trace.map_err(in_words)?;
                self.check(trace.diverged())?;
                Ok(AnyTrace::Single(Box::new(trace)))
            }
        }
    }

    fn put_last(&self, arrays: Vec<Vec<f64>>, trace: AnyTrace) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some((arrays, trace));
    }

    /// The last run, if it was of these arrays.
    fn take_last(&self, arrays: &[Vec<f64>]) -> Option<AnyTrace> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, trace) = last.take_if(|(of, _)| same_bits(of, arrays))?;
        Some(trace)
    }

    fn check(&self, diverged: &[Divergence]) -> Result<(), String> {
        match diverged.first().filter(|_| self.raises) {
            Some(divergence) => Err(divergence.to_string()),
            None => Ok(()),
        }
    }
}

/// Whether arrays are the same, also where they are not numbers.
fn same_bits(one: &[Vec<f64>], other: &[Vec<f64>]) -> bool {
    let bits = |arrays: &[Vec<f64>]| -> Vec<Vec<u64>> {
        let arrays = arrays.iter();
        arrays
            .map(|array| array.iter().map(|n| n.to_bits()).collect())
            .collect()
    };
    bits(one) == bits(other)
}

fn in_words(error: RunError) -> String {
    error.to_string()
}

/// `[lane][recording][sample]` of what is `[sample][lane][recording]`.
fn by_recording<T: Real>(recordings: &Recordings<T>) -> Vec<f64> {
    let rows = recordings.lanes * recordings.recordings;
    let mut numbers = vec![0.0; recordings.data.len()];
    for (sample, of_sample) in recordings.data.chunks(rows.max(1)).enumerate() {
        for (row, number) in of_sample.iter().enumerate() {
            numbers[row * recordings.samples + sample] = number.to_f64();
        }
    }
    numbers
}

/// The transpose of that.
fn by_time<T: Real>(numbers: &[f64], recordings: &Recordings<T>) -> Vec<T> {
    let rows = recordings.lanes * recordings.recordings;
    let mut by_time = vec![T::ZERO; numbers.len()];
    for (row, samples) in numbers.chunks(recordings.samples.max(1)).enumerate() {
        for (sample, number) in samples.iter().enumerate() {
            by_time[sample * rows + row] = T::from_f64(*number);
        }
    }
    by_time
}
