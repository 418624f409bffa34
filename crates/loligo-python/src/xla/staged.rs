//! Staged runs: everything that a run takes but the numbers of its arrays, found by a key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use loligo::engine::arguments::{Argument, gradients, wanted};
use loligo::engine::{self, Divergence, Execution, Precision, RunError};

use super::any_trace::AnyTrace;
use super::call_frame::Call;
use super::kept_runs::KeptRuns;
use crate::recorded::{Extent, by_lane, by_time};

/// Numbers of arrays, each flat.
pub type Arrays = Vec<Vec<f64>>;

static STAGED: RwLock<Option<HashMap<i64, Arc<Staged>>>> = RwLock::new(None);
/// What a key stands for.
pub struct Staged {
    pub program: Arc<engine::Program>,
    pub inputs: Arc<engine::Inputs>,
    pub arguments: Vec<Argument>,
    /// For each of them that is a setting its name.
    pub settings: Vec<Option<String>>,
    pub is_single: bool,
    pub budget: usize,
    pub execution: Execution,
    /// Whether numbers that are not finite are an error.
    pub raises: bool,
    pub kept: Mutex<KeptRuns>,
}

impl Staged {
    /// Lets it be found by this key.
    pub fn put(self, key: i64) {
        let mut all = STAGED.write().unwrap_or_else(PoisonError::into_inner);
        all.get_or_insert_default().insert(key, Arc::new(self));
    }

    /// Forgets what this key stands for.
    pub fn forget(key: i64) {
        let mut all = STAGED.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(all) = all.as_mut() {
            all.remove(&key);
        }
    }

    /// What a call's key stands for.
    pub fn of(call: &Call<'_>) -> Result<Arc<Self>, String> {
        let key = call.integer("key")?;
        let all = STAGED.read().unwrap_or_else(PoisonError::into_inner);
        let staged = all.as_ref().and_then(|all| all.get(&key)).cloned();
        staged.ok_or_else(|| format!("there is no staged run {key}"))
    }

    /// The arrays of a call, and what stands behind them.
    pub fn arrays(&self, call: &Call<'_>) -> Result<(Arrays, Arrays), String> {
        let mut arrays = call.arguments()?;
        let further = arrays.split_off(arrays.len().min(self.arguments.len()));
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
            _ => Ok((arrays, further)),
        }
    }

    /// The arrays that are asked for, or move.
    pub fn asked(&self, call: &Call<'_>) -> Result<Vec<&Argument>, String> {
        let which = call.integers("which")?.into_iter();
        let asked = which.map(|index| {
            let index = usize::try_from(index).ok();
            let argument = index.and_then(|index| self.arguments.get(index));
            argument.ok_or_else(|| "an array that there is not is asked for".to_owned())
        });
        asked.collect()
    }

    /// The inputs of a run with these arrays.
    pub fn inputs_of(&self, arrays: &[Vec<f64>]) -> Arc<engine::Inputs> {
        let mut inputs = engine::Inputs::clone(&self.inputs);
        for (argument, array) in self.arguments.iter().zip(arrays) {
            argument.put(array, &mut inputs);
        }
        Arc::new(inputs)
    }

    /// The recordings of a run.
    pub fn run<T: Precision>(&self, inputs: &Arc<engine::Inputs>) -> Result<Vec<f64>, String> {
        let run = self.program.run::<T>(inputs, &self.execution);
        let run = run.map_err(in_words)?;
        self.check(&run.diverged)?;
        Ok(by_lane(&run.recordings))
    }

    /// How they move along a direction.
    pub fn push_forward<T: Precision>(
        &self,
        inputs: &Arc<engine::Inputs>,
        direction: &engine::Direction,
    ) -> Result<Vec<f64>, String> {
        let moved = self.program.jvp::<T>(inputs, direction, &self.execution);
        let (run, tangents) = moved.map_err(in_words)?;
        self.check(&run.diverged)?;
        Ok(by_lane(&tangents))
    }

    /// How the gradient with respect to what is asked for moves along a direction.
    pub fn product<T: Precision>(
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
        let cotangent: Vec<T> = by_time(cotangent, Extent::of(trace.recordings()));
        let still = vec![T::ZERO; cotangent.len()];
        let wanted = wanted(asked.iter().copied());
        let pulled = trace.pull_back(&cotangent, &still, &wanted);
        let (_, product) = pulled.map_err(in_words)?;
        Ok(gradients(asked.iter().copied(), &product, inputs))
    }

    /// Runs so that it can be differentiated soon.
    pub fn keep(&self, arrays: Arrays, inputs: &Arc<engine::Inputs>) -> Result<Vec<f64>, String> {
        self.kept_runs().make_room();
        let trace = self.trace(inputs)?;
        let recordings = trace.recordings();
        self.kept_runs().wait(arrays, trace);
        Ok(recordings)
    }

    /// A run that can be differentiated.
    pub fn trace(&self, inputs: &Arc<engine::Inputs>) -> Result<AnyTrace, String> {
        let (program, execution) = (&self.program, &self.execution);
        let trace = AnyTrace::new(program, inputs, self.is_single, self.budget, execution);
        let trace = trace.map_err(in_words)?;
        self.check(trace.diverged())?;
        Ok(trace)
    }

    /// The runs that wait for their gradients.
    pub fn kept_runs(&self) -> MutexGuard<'_, KeptRuns> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self, diverged: &[Divergence]) -> Result<(), String> {
        match diverged.first().filter(|_| self.raises) {
            Some(divergence) => Err(divergence.to_string()),
            None => Ok(()),
        }
    }
}

/// What XLA is told of an error.
pub fn in_words(error: RunError) -> String {
    error.to_string()
}
