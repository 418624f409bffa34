//! Losses: how far a run is from what it should be, and which way is down.

/// A function of the recordings of one lane.
pub trait Loss: Sync {
    /// Its value, and its derivative with respect to every sample.
    ///
    /// `recordings` and the derivative have the shape `[recording][sample]`.
    fn value_and_derivative(&self, recordings: &[f64]) -> (f64, Vec<f64>);

    /// How many samples it expects in all, if it expects a number.
    fn expected_len(&self) -> Option<usize> {
        None
    }
}

/// A loss that bends in a known way, for products with its Hessian.
pub trait Curved: Loss {
    /// How its derivative moves when the recordings move by `tangents`: its second derivative times
    /// these. All have the shape `[recording][sample]`.
    fn derivative_tangent(&self, recordings: &[f64], tangents: &[f64]) -> Vec<f64>;
}

/// The mean over all samples of the squared difference from a target.
///
/// ```
/// use loligo::loss::{Loss, MeanSquaredError};
/// let loss = MeanSquaredError::from(vec![1.0, 2.0]);
/// assert_eq!(loss.value_and_derivative(&[1.0, 4.0]), (2.0, vec![0.0, 2.0]));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MeanSquaredError {
    /// What the recordings should be, shape `[recording][sample]`.
    pub target: Vec<f64>,
}

impl From<Vec<f64>> for MeanSquaredError {
    fn from(target: Vec<f64>) -> Self {
        MeanSquaredError { target }
    }
}

impl Loss for MeanSquaredError {
    fn value_and_derivative(&self, recordings: &[f64]) -> (f64, Vec<f64>) {
        let count = self.target.len() as f64;
        let differences = recordings.iter().zip(&self.target).map(|(v, t)| v - t);
        let value = differences.clone().map(|d| d * d).sum::<f64>() / count;
        (value, differences.map(|d| 2.0 * d / count).collect())
    }

    fn expected_len(&self) -> Option<usize> {
        Some(self.target.len())
    }
}

impl Curved for MeanSquaredError {
    fn derivative_tangent(&self, _: &[f64], tangents: &[f64]) -> Vec<f64> {
        let count = self.target.len() as f64;
        tangents.iter().map(|t| 2.0 * t / count).collect()
    }
}

/// A function gives its value and its derivative itself.
impl<F: Fn(&[f64]) -> (f64, Vec<f64>) + Sync> Loss for F {
    fn value_and_derivative(&self, recordings: &[f64]) -> (f64, Vec<f64>) {
        self(recordings)
    }
}
