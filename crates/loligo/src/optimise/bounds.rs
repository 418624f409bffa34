//! Bounds: numbers within limits as functions of numbers without any.

/// A way from a free number to one within bounds, smooth and one-to-one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Transform {
    /// No bounds: x·scale.
    Free {
        /// What one unit of the free number is worth.
        scale: f64,
    },
    /// lower + (upper − lower)/(1 + e⁻ˣ).
    Between {
        /// Lower bound.
        lower: f64,
        /// Upper bound.
        upper: f64,
    },
    /// bound + side·scale·ln(1 + eˣ): above the bound for a side of 1, below it for −1.
    Beside {
        /// The bound.
        bound: f64,
        /// What one unit of the free number is worth far from the bound.
        scale: f64,
        /// 1 or −1.
        side: f64,
    },
}

/// A start on a bound would be at infinity; it is taken this part of the range inside.
const INSIDE: f64 = 1e-6;

impl Transform {
    /// The transform for bounds, either of which may be infinite, around a value.
    pub fn new(bounds: Option<(f64, f64)>, value: f64) -> Self {
        let scale = |distance: f64| if distance == 0.0 { 1.0 } else { distance.abs() };
        match bounds {
            Some((lower, upper)) if lower.is_finite() && upper.is_finite() => {
                Transform::Between { lower, upper }
            }
            Some((bound, _)) if bound.is_finite() => Transform::Beside {
                bound,
                scale: scale(value - bound),
                side: 1.0,
            },
            Some((_, bound)) if bound.is_finite() => Transform::Beside {
                bound,
                scale: scale(value - bound),
                side: -1.0,
            },
            _ => Transform::Free {
                scale: scale(value),
            },
        }
    }

    /// The bounded number of a free one.
    pub fn bounded(self, free: f64) -> f64 {
        match self {
            Transform::Free { scale } => scale * free,
            Transform::Between { lower, upper } => lower + (upper - lower) * logistic(free),
            Transform::Beside { bound, scale, side } => bound + side * scale * softplus(free),
        }
    }

    /// The derivative of the bounded number with respect to the free one.
    pub fn derivative(self, free: f64) -> f64 {
        match self {
            Transform::Free { scale } => scale,
            Transform::Between { lower, upper } => {
                (upper - lower) * logistic(free) * logistic(-free)
            }
            Transform::Beside { scale, side, .. } => side * scale * logistic(free),
        }
    }

    /// The free number of a bounded one.
    pub fn free(self, bounded: f64) -> f64 {
        match self {
            Transform::Free { scale } => bounded / scale,
            Transform::Between { lower, upper } => {
                let part = (bounded - lower) / (upper - lower);
                let part = part.clamp(INSIDE, 1.0 - INSIDE);
                (part / (1.0 - part)).ln()
            }
            Transform::Beside { bound, scale, side } => {
                let distance = (side * (bounded - bound) / scale).max(INSIDE);
                // ln(eᵈ − 1), also where eᵈ overflows
                distance + (-(-distance).exp_m1()).ln()
            }
        }
    }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn transforms() -> impl Strategy<Value = Transform> {
        prop_oneof![
            (0.1..10.0_f64).prop_map(|scale| Transform::Free { scale }),
            (-5.0..0.0_f64, 0.1..5.0_f64)
                .prop_map(|(lower, upper)| Transform::Between { lower, upper }),
            (-5.0..5.0_f64, 0.1..10.0_f64, prop::bool::ANY).prop_map(|(bound, scale, above)| {
                let side = if above { 1.0 } else { -1.0 };
                Transform::Beside { bound, scale, side }
            }),
        ]
    }

    proptest! {
        #[test]
        fn there_and_back(transform in transforms(), free in -10.0..10.0_f64) {
            let back = transform.free(transform.bounded(free));
            // a logistic at 10 is 5e-5 from its bound: eleven digits of that are left
            prop_assert!((back - free).abs() < 1e-9, "{back}");
        }

        #[test]
        fn the_derivative_is_that_of_differences(transform in transforms(), free in -10.0..10.0_f64) {
            let h = 1e-5;
            let difference = (transform.bounded(free + h) - transform.bounded(free - h)) / (2.0 * h);
            let derivative = transform.derivative(free);
            // rounding 1e-15/h, truncation h²
            prop_assert!((difference - derivative).abs() < 1e-8 * (1.0 + derivative.abs()));
        }

        #[test]
        fn bounds_are_kept(lower in -5.0..0.0_f64, width in 0.1..10.0_f64, free in -1e3..1e3_f64) {
            let upper = lower + width;
            let bounded = Transform::new(Some((lower, upper)), lower).bounded(free);
            prop_assert!((lower..=upper).contains(&bounded));
            prop_assert!(Transform::new(Some((lower, f64::INFINITY)), 1.0).bounded(free) >= lower);
            prop_assert!(Transform::new(Some((f64::NEG_INFINITY, upper)), 1.0).bounded(free) <= upper);
        }
    }

    #[test]
    fn a_start_on_a_bound_can_be_left() {
        let transform = Transform::new(Some((0.0, 1.0)), 0.0);
        assert!(transform.free(0.0).is_finite() && transform.derivative(transform.free(0.0)) > 0.0);
        let transform = Transform::new(Some((0.0, f64::INFINITY)), 0.0);
        assert!(transform.free(0.0).is_finite());
    }
}
