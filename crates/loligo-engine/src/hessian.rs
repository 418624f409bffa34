//! Forward over reverse: the derivative of a gradient along a direction, which for the gradient of
//! a loss is the product of its Hessian with the direction.
//!
//! With r the recordings and L a loss, the gradient g = Jᵀ·∂L/∂r moves along a direction by
//! ġ = J̇ᵀ·∂L/∂r + Jᵀ·(∂²L/∂r²·ṙ): it takes the cotangents of the recordings and how these move
//! (Pearlmutter 1994, Neural Comput 6:147; Griewank and Walther 2008, chapter 5.1). The tangent of
//! the run goes along with it, and its transpose is swept back with the tangent of the transpose.

use std::sync::{Arc, RwLock};

use crate::block::TangentBlock;
use crate::checkpoint::Plan;
use crate::direction::Direction;
use crate::dual::Dual;
use crate::error::{Divergence, RunError};
use crate::execution::Execution;
use crate::forward::{Moved, Moving};
use crate::gradient::Gradient;
use crate::inputs::Inputs;
use crate::kept::{Kept, Tracing};
use crate::precision::Precision;
use crate::program::Program;
use crate::reverse::Wanted;
use crate::run::Recordings;
use crate::sources::Folding;
use crate::traced::{Traced, check_samples, pull_back};
use crate::vector::Real;

/// What a run along a direction shows, and what it keeps.
type Along<T> = (Moved<T, ()>, Traced<TangentBlock<T>>);

/// A run and its derivative along a direction, with what their reverse sweep needs.
pub struct TangentTrace<T: Real> {
    recordings: Recordings<T>,
    tangents: Recordings<T>,
    diverged: Vec<Divergence>,
    plan: Plan,
    budget: usize,
    moving: Moving,
    traced: RwLock<Traced<TangentBlock<T>>>,
}

impl Program {
    /// Runs the program and, along with it, the derivative of its recordings along `direction`, and
    /// keeps what [`TangentTrace::pull_back`] needs, within `budget` bytes: a state takes twice the
    /// bytes that it takes in [`Program::trace`].
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use loligo_engine::{Convention, Direction, Execution, Scheme, Wanted, lower};
    /// use loligo_mechanism::library;
    /// use loligo_model::{Model, Quantity, Waveform};
    ///
    /// let mut soma = Model::cylinder(20.0, 10.0, 1)?;
    /// soma.everywhere().insert(library::builtin("hh").expect("in the library"))?;
    /// soma.at(0.5).stimulate(Waveform::step(1.0, 5.0, 0.2))?;
    /// soma.at(0.5).record("v")?;
    /// let program = Arc::new(lower(&soma, Scheme::BackwardEuler, Convention::Native)?);
    /// let inputs = Arc::new(program.inputs(0.025, 400));
    ///
    /// let gnabar = Quantity::Parameter { mechanism: 0, parameter: 0 };
    /// let places = vec![program.layout().index(gnabar, 0).expect("a squid channel")];
    /// let direction = Direction { places: places.clone(), values: vec![1.0], ..Default::default() };
    /// let execution = Execution::detect()?;
    /// let trace = program.trace_tangent::<f64>(&inputs, &direction, 1 << 30, &execution)?;
    ///
    /// // the loss Σv²/2 has the derivative v, which moves as v does
    /// let (v, moved) = (&trace.recordings().data, &trace.tangents().data);
    /// let wanted = Wanted { values: places, ..Default::default() };
    /// let (gradient, product) = trace.pull_back(v, moved, &wanted)?;
    /// let slope: f64 = v.iter().zip(moved).map(|(v, moved)| v * moved).sum();
    /// assert!((gradient.values[0] - slope).abs() < 1e-9 * slope.abs());
    /// assert!(product.values[0].is_finite());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`RunError`] if an input or the direction is wrong, nothing fits in the budget, or the run
    /// was stopped.
    pub fn trace_tangent<T: Precision>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        direction: &Direction,
        budget: usize,
        execution: &Execution,
    ) -> Result<TangentTrace<T>, RunError> {
        T::trace_tangent(self, inputs, direction, budget, execution)
    }

    pub(crate) fn trace_tangent_in<T: Real>(
        self: &Arc<Self>,
        inputs: &Arc<Inputs>,
        direction: &Direction,
        budget: usize,
        execution: &Execution,
    ) -> Result<TangentTrace<T>, RunError> {
        let moving = self.moving(inputs, direction)?;
        let (moved, traced) = self.traced_along(&moving, budget, execution)?;
        Ok(TangentTrace {
            recordings: moved.recordings,
            tangents: moved.tangents,
            diverged: traced.diverged.clone(),
            plan: traced.plan.clone(),
            budget,
            moving,
            traced: RwLock::new(traced),
        })
    }

    fn traced_along<T: Real>(
        self: &Arc<Self>,
        moving: &Moving,
        budget: usize,
        execution: &Execution,
    ) -> Result<Along<T>, RunError> {
        let Moving {
            inputs, folding, ..
        } = moving;
        let plan = self.plan_of::<TangentBlock<T>>(inputs, folding, budget, execution.threads)?;
        let tracing = Tracing {
            inputs,
            plan: &plan,
            unit: execution.unit,
            control: &execution.control,
        };
        let moved = self.with_tangents(moving, execution, |starts| {
            Kept::of_run(starts, &tracing, |block, mut rows| rows.recorder(block))
        })?;
        let crews = moved.crews.into_iter().map(Ok);
        let traced = Traced::new(self, inputs, execution, (plan, folding.clone()), crews)?;
        let moved = Moved {
            recordings: moved.recordings,
            tangents: moved.tangents,
            crews: Vec::new(),
        };
        Ok((moved, traced))
    }
}

impl<T: Real> TangentTrace<T> {
    /// What recordings showed; NaN throughout for a lane that diverged.
    pub fn recordings(&self) -> &Recordings<T> {
        &self.recordings
    }

    /// The derivative of the recordings along the direction, in their shape; NaN throughout for a
    /// lane that diverged.
    pub fn tangents(&self) -> &Recordings<T> {
        &self.tangents
    }

    /// The lanes that diverged; their gradients are NaN.
    pub fn diverged(&self) -> &[Divergence] {
        &self.diverged
    }

    /// What was kept.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The gradient of a function of the recordings, as [`crate::Trace::pull_back`] gives it but
    /// for rounding, and the derivative of the gradient along the direction, in the same shape.
    ///
    /// It takes the derivative of the function with respect to the recordings (`cotangents`, shape
    /// `[sample][lane][recording]`) and how that moves along the direction (`moved`, in the same
    /// shape): for a loss L its second derivative times [`TangentTrace::tangents`], for a function
    /// that is linear in the recordings zeros.
    ///
    /// # Errors
    /// [`RunError`] if the cotangents have the wrong shape, a wanted place does not exist, or the
    /// sweep was stopped.
    pub fn pull_back(
        &self,
        cotangents: &[T],
        moved: &[T],
        wanted: &Wanted,
    ) -> Result<(Gradient, Gradient), RunError>
    where
        T: Precision,
    {
        T::pull_back_tangent(self, cotangents, moved, wanted)
    }

    pub(crate) fn pull_back_in(
        &self,
        cotangents: &[T],
        moved: &[T],
        wanted: &Wanted,
    ) -> Result<(Gradient, Gradient), RunError> {
        let what = "the cotangent of the recordings";
        check_samples(what, cotangents, &self.recordings)?;
        let what = "the tangent of the cotangent of the recordings";
        check_samples(what, moved, &self.recordings)?;
        let cotangents = Dual {
            value: cotangents,
            tangent: moved,
        };
        let again = |traced: &Traced<TangentBlock<T>>| {
            let unfolded = Moving {
                folding: Folding::default(),
                ..self.moving.clone()
            };
            let (program, execution) = (&traced.program, &traced.execution);
            let traced = program.traced_along(&unfolded, self.budget, execution);
            traced.map(|(_, traced)| traced)
        };
        Ok(pull_back(&self.traced, again, cotangents, wanted)?.split())
    }
}
