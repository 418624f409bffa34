//! The units of an expression, as far as they can be known, and what becomes of them in arithmetic.
//!
//! Numbers decide what is known. In `exp(v/18)` the 18 is 18 mV, though its author did not write
//! `18 (mV)`; in `10000*ica/depth` the 10000 converts units, though it is not written `(10000)`. So a
//! bare number may have the units, or be the factor, that makes the two sides agree. What remains
//! wrong is wrong whatever the numbers mean.

use super::quantity::{Quantity, same};

/// The units of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Units {
    /// Not known, so they fit everywhere.
    Unknown,
    /// Those of a formula of numbers only, which takes the units of what it meets.
    Number(Known),
    /// Known, but for what its bare numbers may be.
    Known(Known),
}

/// Units, and the bare numbers that a product contains.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    /// The units.
    pub quantity: Quantity,
    /// Bare factors; a divisor as its reciprocal.
    bare: Vec<f64>,
}

/// How the units of two expressions compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Agreement {
    /// They are the same, or may be.
    Fits,
    /// The first must be multiplied by this factor to be in the units of the second.
    Factor(f64),
    /// They measure different things.
    Differs,
}

/// More bare numbers in one product than this are not looked at one by one.
const BARE_LIMIT: usize = 6;

impl Units {
    /// Without units, and nothing to be guessed.
    pub fn dimensionless() -> Units {
        Units::of(Quantity::ONE)
    }

    /// Exactly these.
    pub fn of(quantity: Quantity) -> Units {
        let bare = Vec::new();
        Units::Known(Known { quantity, bare })
    }

    /// Those of a number that is written without units.
    pub fn bare(value: f64) -> Units {
        let bare = vec![value];
        let quantity = Quantity::ONE;
        Units::Number(Known { quantity, bare })
    }

    /// Those of a number alone in parentheses, which is a factor between units.
    ///
    /// Multiplying by (1000) makes the unit a thousandth. Factors between units are nearly always
    /// powers of ten; another number in parentheses may be one or just a number.
    pub fn conversion(value: f64) -> Units {
        let power = value.abs().log10();
        if value == 1.0 || !power.is_finite() || (power - power.round()).abs() > 1e-9 {
            return Units::bare(value);
        }
        let quantity = Quantity::number(1.0 / value);
        let bare = Vec::new();
        Units::Number(Known { quantity, bare })
    }

    pub fn times(self, other: Units, power: i32) -> Units {
        let numbers = matches!((&self, &other), (Units::Number(_), Units::Number(_)));
        let (Some(mut left), Some(right)) = (self.known(), other.known()) else {
            return Units::Unknown;
        };
        left.quantity = left.quantity.times(right.quantity, power);
        left.bare.extend(right.bare.iter().map(|b| b.powi(power)));
        match numbers {
            true => Units::Number(left),
            false => Units::Known(left),
        }
    }

    /// To a power that is known.
    pub fn powered(self, power: f64) -> Units {
        let raise = |known: Known| {
            let quantity = known.quantity.powered(power)?;
            let bare = known.bare.iter().map(|b| b.powf(power)).collect();
            Some(Known { quantity, bare })
        };
        match self {
            Units::Unknown => Units::Unknown,
            Units::Number(known) => raise(known).map_or(Units::Unknown, Units::Number),
            Units::Known(known) => raise(known).map_or(Units::Unknown, Units::Known),
        }
    }

    /// Those of a sum, a minimum or another choice of these two, which agree.
    pub fn joined(self, other: Units) -> Units {
        match (self, other) {
            (Units::Known(left), Units::Known(right)) => {
                // what its numbers leave open in one, the other may know
                match (left.bare.is_empty(), right.bare.is_empty()) {
                    (true, _) => Units::Known(left),
                    (_, true) => Units::Known(right),
                    _ if left.quantity.dimension == right.quantity.dimension => Units::Known(left),
                    _ => Units::Unknown,
                }
            }
            (Units::Known(known), _) | (_, Units::Known(known)) => Units::Known(known),
            (Units::Number(mut left), Units::Number(_)) => {
                left.bare.clear();
                left.quantity = Quantity::ONE;
                Units::Number(left)
            }
            _ => Units::Unknown,
        }
    }

    /// How these compare with others.
    pub fn agreement(&self, other: &Units) -> Agreement {
        let (Units::Known(left), Units::Known(right)) = (self, other) else {
            return Agreement::Fits;
        };
        if left.quantity.dimension != right.quantity.dimension {
            return match left.bare.is_empty() && right.bare.is_empty() {
                true => Agreement::Differs,
                false => Agreement::Fits,
            };
        }
        let factor = left.quantity.value / right.quantity.value;
        let is_factor = left.has_factor(factor) || right.has_factor(1.0 / factor);
        match same(factor, 1.0) || is_factor {
            true => Agreement::Fits,
            false => Agreement::Factor(factor),
        }
    }

    /// The units, unless nothing or only a number is known.
    pub fn quantity(&self) -> Option<Quantity> {
        match self {
            Units::Known(known) => Some(known.quantity),
            Units::Unknown | Units::Number(_) => None,
        }
    }

    fn known(self) -> Option<Known> {
        match self {
            Units::Unknown => None,
            Units::Number(known) | Units::Known(known) => Some(known),
        }
    }
}

impl Known {
    /// Whether some of the bare numbers multiply to this factor.
    fn has_factor(&self, factor: f64) -> bool {
        let bare = &self.bare[..self.bare.len().min(BARE_LIMIT)];
        let products = (1..1 << bare.len()).map(|choice: u32| {
            let chosen = bare.iter().enumerate();
            let chosen = chosen.filter(|(i, _)| choice & (1 << i) != 0);
            chosen.map(|(_, value)| value).product::<f64>()
        });
        products
            .into_iter()
            .any(|product| same(product.abs(), factor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRE: Quantity = Quantity {
        value: 1.0,
        moles: 0,
        dimension: [1, 0, 0, 0, 0],
    };

    fn metres(value: f64) -> Units {
        Units::of(Quantity { value, ..METRE })
    }

    #[test]
    fn a_conversion_makes_a_unit_smaller_by_its_factor() {
        let in_mm = Units::conversion(1000.0).times(metres(1.0), 1);
        assert_eq!(in_mm.agreement(&metres(1e-3)), Agreement::Fits);
        assert_eq!(
            metres(1.0).agreement(&metres(1e-3)),
            Agreement::Factor(1000.0)
        );
    }

    #[test]
    fn a_bare_number_may_be_the_missing_factor_or_have_the_missing_units() {
        let in_mm = Units::bare(1000.0).times(metres(1.0), 1);
        assert_eq!(in_mm.agreement(&metres(1e-3)), Agreement::Fits);
        assert_eq!(in_mm.agreement(&metres(1e-2)), Agreement::Factor(100.0));
        assert_eq!(in_mm.agreement(&Units::dimensionless()), Agreement::Fits);
        let halved = Units::bare(2.0).times(in_mm, -1);
        assert_eq!(
            halved.agreement(&metres(1.0).times(Units::dimensionless(), -1)),
            Agreement::Fits
        );
    }

    #[test]
    fn a_number_takes_the_units_of_what_it_meets() {
        let sum = Units::bare(3.0).joined(metres(1.0));
        assert_eq!(sum.agreement(&Units::dimensionless()), Agreement::Differs);
        assert_eq!(Units::bare(3.0).joined(Units::bare(4.0)).quantity(), None);
    }
}
