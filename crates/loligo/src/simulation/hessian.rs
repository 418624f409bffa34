//! Products with the Hessian of a loss.

use std::sync::Arc;

use loligo_engine::{Direction, RunError, Wanted};

use super::{Simulation, fits};
use crate::error::Error;
use crate::loss::Curved;

/// What a loss is for a lane of a batch, its gradient, and its Hessian times a direction.
#[derive(Clone, Debug, PartialEq)]
pub struct HessianProduct {
    /// The loss; NaN for a lane that diverged.
    pub value: f64,
    /// Its derivative with respect to each parameter.
    pub gradient: Vec<f64>,
    /// How the gradient moves along the direction: the Hessian times the direction.
    pub product: Vec<f64>,
}

impl Simulation {
    /// A loss, its gradient with respect to the parameters, and the product of its Hessian with a
    /// direction, exact but for rounding: forward over reverse, at the price of a few gradients
    /// whatever the number of parameters.
    ///
    /// ```
    /// use loligo::prelude::*;
    ///
    /// let mut soma = Model::cylinder(20.0, 10.0, 1)?;
    /// soma.everywhere().insert(mechanism("hh")?)?;
    /// soma.at(0.5).stimulate(Waveform::step(2.0, 2.0, 0.5))?;
    /// soma.at(0.5).record("v")?;
    /// soma.everywhere().trainable("hh.gnabar", Some((0.01, 0.5)))?;
    /// soma.everywhere().trainable("hh.gkbar", Some((0.01, 0.5)))?;
    ///
    /// let simulation = Simulation::new(&soma, &Settings::new(10.0))?;
    /// let loss = MeanSquaredError::from(vec![-65.0; 401]);
    /// let at = simulation.hessian_product(&[0.12, 0.036], &[1.0, 0.0], &loss)?;
    /// let other = simulation.hessian_product(&[0.12, 0.036], &[0.0, 1.0], &loss)?;
    /// assert!(at.value == other.value && at.gradient.len() == 2);
    /// // the Hessian is symmetric
    /// assert!((at.product[1] - other.product[0]).abs() < 1e-9 * at.product[1].abs());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Simulation::value_and_gradient`]; a direction of the wrong length or with a number
    /// that is not finite.
    pub fn hessian_product(
        &self,
        parameters: &[f64],
        direction: &[f64],
        loss: &impl Curved,
    ) -> Result<HessianProduct, Error> {
        let (parameters, direction) = ([parameters.to_vec()], [direction.to_vec()]);
        let (mut lanes, diverged) = self.products(&parameters, &direction, loss)?;
        match (diverged, lanes.pop()) {
            (None, Some(lane)) => Ok(lane),
            (Some(error), _) => Err(error.into()),
            (None, None) => Err(RunError::NoLanes.into()),
        }
    }

    /// The same for each lane of a batch, each with a direction of its own.
    ///
    /// # Errors
    /// As for [`Simulation::hessian_product`], but a lane that diverged has a loss of NaN.
    pub fn hessian_products(
        &self,
        lanes: &[Vec<f64>],
        directions: &[Vec<f64>],
        loss: &impl Curved,
    ) -> Result<Vec<HessianProduct>, Error> {
        Ok(self.products(lanes, directions, loss)?.0)
    }

    fn products(
        &self,
        lanes: &[Vec<f64>],
        directions: &[Vec<f64>],
        loss: &impl Curved,
    ) -> Result<(Vec<HessianProduct>, Option<RunError>), Error> {
        let inputs = Arc::new(self.inputs_of(lanes)?);
        let direction = Direction {
            places: self.places.concat(),
            values: self.spread(directions)?,
            ..Direction::default()
        };
        let trace =
            self.program
                .trace_tangent::<f64>(&inputs, &direction, self.budget, &self.execution)?;
        let recordings = trace.recordings();
        let samples = recordings.recordings * recordings.samples;
        if let Some(expected) = loss.expected_len() {
            fits("target", expected, samples)?;
        }
        let mut values = Vec::with_capacity(inputs.lanes);
        let (mut cotangents, mut moved) = (recordings.clone(), recordings.clone());
        for lane in 0..inputs.lanes {
            let (shown, tangents) = (recordings.lane(lane), trace.tangents().lane(lane));
            let (value, derivative) = loss.value_and_derivative(&shown);
            let tangent = loss.derivative_tangent(&shown, &tangents);
            fits("derivative", derivative.len(), samples)?;
            fits("tangent of the derivative", tangent.len(), samples)?;
            values.push(value);
            cotangents.set_lane(lane, &derivative);
            moved.set_lane(lane, &tangent);
        }
        let wanted = Wanted {
            values: self.places.concat(),
            ..Wanted::default()
        };
        let (gradient, product) = trace.pull_back(&cotangents.data, &moved.data, &wanted)?;
        let [gradients, products] = [gradient, product].map(|g| self.by_parameter(&g.values));
        let products = values.into_iter().zip(gradients).zip(products);
        let lanes = products.map(|((value, gradient), product)| HessianProduct {
            value,
            gradient,
            product,
        });
        let diverged = trace.diverged().first().cloned().map(RunError::Diverged);
        Ok((lanes.collect(), diverged))
    }
}
