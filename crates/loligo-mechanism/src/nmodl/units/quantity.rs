//! What a unit is worth: a number of SI units, and their powers.

use std::fmt;

/// Powers of metre, kilogram, second, coulomb and kelvin.
pub(super) type Dimension = [i32; 5];

/// A unit, or a product of units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quantity {
    /// How many SI units it is; a mole counts as 1.
    pub value: f64,
    /// How many times a mole, a number of 6·10²³, is a factor of it.
    pub moles: i32,
    /// Which SI units.
    pub dimension: Dimension,
}

/// Particles in a mole (exact, SI 2019).
const AVOGADRO: f64 = 6.022_140_76e23;

impl Quantity {
    /// The number 1.
    pub const ONE: Quantity = Quantity::number(1.0);

    /// A number without units.
    pub const fn number(value: f64) -> Quantity {
        Quantity {
            value,
            moles: 0,
            dimension: [0; 5],
        }
    }

    /// This times a power of another.
    pub fn times(self, other: Quantity, power: i32) -> Quantity {
        let mut dimension = self.dimension;
        for (mine, its) in dimension.iter_mut().zip(other.dimension) {
            *mine = mine.saturating_add(its.saturating_mul(power));
        }
        Quantity {
            value: self.value * other.value.powi(power),
            moles: self.moles.saturating_add(other.moles.saturating_mul(power)),
            dimension,
        }
    }

    /// A power that need not be whole; `None` if that of a unit is not.
    pub fn powered(self, power: f64) -> Option<Quantity> {
        let mut dimension = self.dimension;
        for exponent in &mut dimension {
            let powered = f64::from(*exponent) * power;
            if powered.fract() != 0.0 || powered.abs() > 100.0 {
                return None;
            }
            *exponent = powered as i32;
        }
        Some(Quantity {
            value: self.value.powf(power),
            moles: 0,
            dimension,
        })
    }

    /// As many of the unit by which neuroscientists measure this.
    pub fn in_common_units(self) -> Quantity {
        let named = NAMED.iter().find(|(_, _, d)| *d == self.dimension);
        let value = named.map_or(1.0, |(_, value, _)| *value);
        Quantity { value, ..self }
    }

    /// Whether it is a number.
    pub fn is_number(self) -> bool {
        self.dimension == [0; 5]
    }

    /// The number of SI units, with the mole as the number that it is.
    pub fn value_with_moles(self) -> f64 {
        self.value * AVOGADRO.powi(self.moles)
    }
}

/// Units that are written by name, as neuroscientists have them: name, how many SI units, which.
const NAMED: &[(&str, f64, Dimension)] = &[
    ("mV", 1e-3, [2, 1, -2, -1, 0]),
    ("ms", 1e-3, [0, 0, 1, 0, 0]),
    ("/ms", 1e3, [0, 0, -1, 0, 0]),
    ("mV/ms", 1.0, [2, 1, -3, -1, 0]),
    ("/mV", 1e3, [-2, -1, 2, 1, 0]),
    ("/mV-ms", 1e6, [-2, -1, 1, 1, 0]),
    ("mA/cm2", 10.0, [-2, 0, -1, 1, 0]),
    ("S/cm2", 1e4, [-4, -1, 1, 2, 0]),
    ("uF/cm2", 1e-2, [-4, -1, 2, 2, 0]),
    ("nA", 1e-9, [0, 0, -1, 1, 0]),
    ("uS", 1e-6, [-2, -1, 1, 2, 0]),
    ("Mohm", 1e6, [2, 1, -1, -2, 0]),
    ("ohm-cm", 1e-2, [3, 1, -1, -2, 0]),
    // a mole is a number, so this is 1/m3
    ("mM", 1.0, [-3, 0, 0, 0, 0]),
    ("mM/ms", 1e3, [-3, 0, -1, 0, 0]),
    ("/mM-ms", 1e3, [3, 0, -1, 0, 0]),
    ("/mM", 1.0, [3, 0, 0, 0, 0]),
    ("um", 1e-6, [1, 0, 0, 0, 0]),
    ("um2", 1e-12, [2, 0, 0, 0, 0]),
    ("/um", 1e6, [-1, 0, 0, 0, 0]),
    ("um/ms", 1e-3, [1, 0, -1, 0, 0]),
    ("um2/ms", 1e-9, [2, 0, -1, 0, 0]),
    ("degC", 1.0, [0, 0, 0, 0, 1]),
    ("coulomb", 1.0, [0, 0, 0, 1, 0]),
    ("joule", 1.0, [2, 1, -2, 0, 0]),
    ("joule/degC", 1.0, [2, 1, -2, 0, -1]),
];

/// How far two numbers of units may be apart: constants of nature are often written with five digits.
const PRECISION: f64 = 1e-4;

/// Whether two factors are the same, but for the digits that authors leave out.
pub(super) fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= PRECISION * b.abs()
}

/// `mA/cm2`, `10000 mM/ms`, and in volt, ampere, second, metre and kelvin where no name is common.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_number() {
            return write!(f, "{}", Factor(self.value));
        }
        let named = NAMED.iter().find(|(_, _, d)| *d == self.dimension);
        if let Some((name, value, _)) = named {
            let factor = self.value / value;
            return match same(factor, 1.0) {
                true => f.write_str(name),
                false => write!(f, "{} {name}", Factor(factor)),
            };
        }
        // kg = V·A·s³/m², C = A·s
        let [metre, kilogram, second, coulomb, kelvin] = self.dimension;
        let ampere = coulomb + kilogram;
        let powers = [
            ("V", kilogram),
            ("A", ampere),
            ("sec", second + 2 * kilogram + ampere),
            ("m", metre - 2 * kilogram),
            ("degC", kelvin),
        ];
        let product = |above: bool| {
            let powers = powers.iter().filter(|(_, power)| (*power > 0) == above);
            let powers = powers.filter(|(_, power)| *power != 0);
            let powers = powers.map(|(name, power)| match power.abs() {
                1 => (*name).to_owned(),
                power => format!("{name}{power}"),
            });
            powers.collect::<Vec<_>>().join("-")
        };
        let (above, below) = (product(true), product(false));
        if !same(self.value, 1.0) {
            write!(f, "{} ", Factor(self.value))?;
        }
        f.write_str(&above)?;
        match below.as_str() {
            "" => Ok(()),
            below => write!(f, "/{below}"),
        }
    }
}

/// A factor between units as an author would write it: `10000`, `0.001`, `1e-9`.
pub(super) struct Factor(pub f64);

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // six digits: the rest is rounding in powers of ten
        let rounded: f64 = format!("{:.5e}", self.0).parse().unwrap_or(self.0);
        match (1e-4..1e6).contains(&rounded.abs()) {
            true => write!(f, "{rounded}"),
            false => write!(f, "{rounded:e}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_units_have_names() {
        let volt = Quantity {
            value: 1.0,
            moles: 0,
            dimension: [2, 1, -2, -1, 0],
        };
        assert_eq!(volt.to_string(), "1000 mV");
        assert_eq!(volt.times(volt, 1).to_string(), "V2");
        assert_eq!(Quantity::ONE.times(volt, -3).to_string(), "/V3");
        assert_eq!(Quantity::number(1e-9).to_string(), "1e-9");
    }

    #[test]
    fn roots_are_units_only_where_powers_are_whole() {
        let area = Quantity {
            value: 1e-12,
            moles: 0,
            dimension: [2, 0, 0, 0, 0],
        };
        let length = area.powered(0.5).expect("is a length");
        assert_eq!(length.to_string(), "um");
        assert_eq!(length.powered(0.5), None);
    }
}
