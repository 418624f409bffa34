//! Surrogates: the slope that a threshold is given, so that gradients pass it.
//!
//! A source spikes in step n if S_n = H(x_n)·(1 − H(x_{n−1})) is 1, where x is how far the voltage is above
//! the threshold; an event leaves s + S_n·(h(s) − s) of what it changes. Runs know the step H alone; in
//! gradients its derivative is that of a smooth step. Where S_n is 0 and the slope is not, an event that
//! changes nothing is under way (a *ghost*), whose effect gradients ask for.

/// A smooth step in place of that of a threshold, in gradients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surrogate {
    /// Which.
    pub shape: SurrogateShape,
    /// Over how many mV it is smooth.
    pub width: f64,
}

/// Steps from 0 to 1, as functions of z = x/width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SurrogateShape {
    /// 1/(1 + e^−z).
    Sigmoid,
    /// (1 + z/(1 + |z|))/2, whose slope is SuperSpike's but for a factor (Zenke and Ganguli 2018, Neural
    /// Comput 30:1514-1541).
    FastSigmoid,
    /// 1/2 + arctan(z)/π.
    Arctan,
    /// The parabolas whose slope is a triangle, 1 − |z| where |z| is below 1.
    Triangle,
}

/// Slopes that are so small a part of the steepest one count as 0.
const LEAST: f64 = 1e-3;

impl Surrogate {
    /// The slope so far above the threshold, 1/mV.
    ///
    /// ```
    /// use loligo_engine::{Surrogate, SurrogateShape};
    ///
    /// let surrogate = Surrogate { shape: SurrogateShape::Triangle, width: 2.0 };
    /// assert_eq!(surrogate.slope(0.0), 0.5);
    /// assert_eq!(surrogate.slope(-1.0), 0.25);
    /// assert_eq!(surrogate.slope(2.5), 0.0);
    /// ```
    pub fn slope(&self, above: f64) -> f64 {
        let z = (above / self.width).abs();
        let (slope, steepest) = match self.shape {
            SurrogateShape::Sigmoid => {
                let open = 1.0 / (1.0 + (-z).exp());
                (open * (1.0 - open), 0.25)
            }
            SurrogateShape::FastSigmoid => (0.5 / ((1.0 + z) * (1.0 + z)), 0.5),
            SurrogateShape::Arctan => {
                let steepest = std::f64::consts::FRAC_1_PI;
                (steepest / (1.0 + z * z), steepest)
            }
            SurrogateShape::Triangle => ((1.0 - z).max(0.0), 1.0),
        };
        match slope >= LEAST * steepest {
            true => slope / self.width,
            false => 0.0,
        }
    }
}
