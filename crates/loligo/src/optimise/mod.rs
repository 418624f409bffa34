//! Optimisers: from a loss and its gradient to the next point to try.
//!
//! An optimiser does not call the loss. It is asked for a point, told what the loss is there, and
//! asked again; so many starts, each with an optimiser of its own, share one batch of runs.

mod adam;
mod bounds;
mod lbfgs;

pub use adam::Adam;
pub use bounds::Transform;
pub use lbfgs::Lbfgs;

/// Something that walks downhill.
pub trait Optimiser {
    /// The next point, given the loss and its gradient at the last one. Neither has to be finite;
    /// the walk turns back where one is not.
    fn next(&mut self, value: f64, gradient: &[f64]) -> Vec<f64>;

    /// Whether it has nothing better to propose.
    fn is_done(&self) -> bool {
        false
    }
}

fn is_finite(value: f64, gradient: &[f64]) -> bool {
    value.is_finite() && gradient.iter().all(|g| g.is_finite())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
