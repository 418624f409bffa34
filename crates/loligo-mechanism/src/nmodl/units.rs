//! Units as far as they have a value: `F = (faraday) (coulomb)`, `R = (k-mole) (joule/degC)`.
//!
//! Expressions are not checked for units; a unit behind a number or a name is a label. Constants
//! of nature have their exact values in the SI of 2019, with the mole as a number, as NEURON has
//! them since version 8.

use std::collections::HashMap;

/// Units that a file names in its UNITS block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Definitions {
    texts: HashMap<String, String>,
}

/// A definition may refer to others, but not through longer chains than this.
const CHAIN_LIMIT: usize = 16;

/// Powers of metre, kilogram, second, coulomb and kelvin.
type Dimension = [i32; 5];

#[derive(Clone, Copy, Debug, PartialEq)]
struct Quantity {
    value: f64,
    dimension: Dimension,
}

const ONE: Quantity = Quantity {
    value: 1.0,
    dimension: [0; 5],
};

impl Quantity {
    fn times(self, other: Quantity, power: i32) -> Quantity {
        let mut dimension = self.dimension;
        for (mine, its) in dimension.iter_mut().zip(other.dimension) {
            *mine = mine.saturating_add(its.saturating_mul(power));
        }
        Quantity {
            value: self.value * other.value.powi(power),
            dimension,
        }
    }
}

impl Definitions {
    /// Remembers `(name) = (text)`.
    pub fn define(&mut self, name: &str, text: &str) {
        self.texts.insert(name.to_owned(), text.to_owned());
    }

    /// How many `to` are one `from`; the error says which unit is not known or does not fit.
    pub fn convert(&self, from: &str, to: &str) -> Result<f64, String> {
        let source = self.quantity(from, 0)?;
        let target = self.quantity(to, 0)?;
        // (pi) (1): a pure number needs no unit
        if source.dimension != target.dimension {
            return Err(format!(
                "({}) and ({}) are not units of the same quantity",
                from.trim(),
                to.trim()
            ));
        }
        let factor = source.value / target.value;
        if factor.is_finite() {
            Ok(factor)
        } else {
            Err(format!(
                "({}) in ({}) is not finite",
                from.trim(),
                to.trim()
            ))
        }
    }

    /// Factors joined by blanks, `-` or `*`; those behind a `/` divide.
    fn quantity(&self, text: &str, chain: usize) -> Result<Quantity, String> {
        let mut result = ONE;
        for (i, part) in text.split('/').enumerate() {
            let sign = if i == 0 { 1 } else { -1 };
            // 1e-3 is a number, k-mole is a product
            for factor in part.split(|c: char| c.is_whitespace() || c == '*') {
                if let Ok(value) = factor.parse::<f64>() {
                    result = result.times(Quantity { value, ..ONE }, sign);
                    continue;
                }
                for name in factor.split('-').filter(|name| !name.is_empty()) {
                    let quantity = match name.parse::<f64>() {
                        Ok(value) => Quantity { value, ..ONE },
                        Err(_) => self.power(name, chain)?,
                    };
                    result = result.times(quantity, sign);
                }
            }
        }
        Ok(result)
    }

    /// A name with an optional power: `cm2`, `liter`.
    fn power(&self, text: &str, chain: usize) -> Result<Quantity, String> {
        let name = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '^');
        let digits = text[name.len()..].trim_start_matches('^');
        let power = match digits {
            "" => 1,
            _ => digits
                .parse::<i32>()
                .ok()
                .filter(|power| *power <= 12)
                .ok_or_else(|| format!("({text}) has too high a power"))?,
        };
        let quantity = self
            .named(name, chain)?
            .ok_or_else(|| format!("the unit ({name}) is not known"))?;
        Ok(ONE.times(quantity, power))
    }

    fn named(&self, name: &str, chain: usize) -> Result<Option<Quantity>, String> {
        if chain > CHAIN_LIMIT {
            return Err(format!("the unit ({name}) is defined by itself"));
        }
        if let Some(text) = self.texts.get(name) {
            // (degC) = (degC) names a unit by itself on purpose
            if text.trim() != name {
                return self.quantity(text, chain + 1).map(Some);
            }
        }
        if let Some(quantity) = unit(name) {
            return Ok(Some(quantity));
        }
        for &(prefix, power) in PREFIXES {
            let Some(rest) = name.strip_prefix(prefix) else {
                continue;
            };
            let scale = Quantity {
                value: 10f64.powi(power),
                ..ONE
            };
            // (micro/liter): a prefix can stand alone
            if rest.is_empty() {
                return Ok(Some(scale));
            }
            let defined = match self.texts.get(rest) {
                Some(text) => Some(self.quantity(text, chain + 1)?),
                None => unit(rest),
            };
            if let Some(quantity) = defined {
                return Ok(Some(quantity.times(scale, 1)));
            }
        }
        Ok(None)
    }
}

/// Long prefixes first, since `m` starts `micro`.
const PREFIXES: &[(&str, i32)] = &[
    ("femto", -15),
    ("pico", -12),
    ("nano", -9),
    ("micro", -6),
    ("milli", -3),
    ("centi", -2),
    ("deci", -1),
    ("kilo", 3),
    ("mega", 6),
    ("giga", 9),
    ("f", -15),
    ("p", -12),
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("c", -2),
    ("d", -1),
    ("k", 3),
    ("M", 6),
    ("G", 9),
];

/// Charge of an electron, C (exact, SI 2019).
const ELEMENTARY_CHARGE: f64 = 1.602_176_634e-19;
/// Particles in a mole (exact, SI 2019).
const AVOGADRO: f64 = 6.022_140_76e23;
/// Boltzmann's constant, J/K (exact, SI 2019).
const BOLTZMANN: f64 = 1.380_649e-23;

/// A unit without prefix, singular or plural.
fn unit(name: &str) -> Option<Quantity> {
    let (value, dimension) = match name {
        "m" | "meter" | "metre" => (1.0, [1, 0, 0, 0, 0]),
        "micron" => (1e-6, [1, 0, 0, 0, 0]),
        "g" | "gm" | "gram" => (1e-3, [0, 1, 0, 0, 0]),
        "s" | "sec" | "second" => (1.0, [0, 0, 1, 0, 0]),
        "minute" => (60.0, [0, 0, 1, 0, 0]),
        "hour" | "hr" => (3600.0, [0, 0, 1, 0, 0]),
        "hz" | "Hz" | "hertz" => (1.0, [0, 0, -1, 0, 0]),
        "C" | "coul" | "coulomb" => (1.0, [0, 0, 0, 1, 0]),
        "A" | "amp" | "ampere" => (1.0, [0, 0, -1, 1, 0]),
        "N" | "newton" | "nt" => (1.0, [1, 1, -2, 0, 0]),
        "J" | "joule" | "j" => (1.0, [2, 1, -2, 0, 0]),
        "W" | "watt" => (1.0, [2, 1, -3, 0, 0]),
        "V" | "volt" => (1.0, [2, 1, -2, -1, 0]),
        "ohm" => (1.0, [2, 1, -1, -2, 0]),
        "S" | "siemens" | "mho" => (1.0, [-2, -1, 1, 2, 0]),
        "F" | "farad" => (1.0, [-2, -1, 2, 2, 0]),
        "K" | "degC" | "degK" | "degc" | "degk" | "kelvin" => (1.0, [0, 0, 0, 0, 1]),
        "l" | "liter" | "litre" => (1e-3, [3, 0, 0, 0, 0]),
        "mole" | "mol" => (AVOGADRO, [0; 5]),
        "molar" | "M" => (AVOGADRO * 1e3, [-3, 0, 0, 0, 0]),
        "pi" => (std::f64::consts::PI, [0; 5]),
        "e" => (ELEMENTARY_CHARGE, [0, 0, 0, 1, 0]),
        "faraday" => (ELEMENTARY_CHARGE * AVOGADRO, [0, 0, 0, 1, 0]),
        "k" | "boltzmann" => (BOLTZMANN, [2, 1, -2, 0, -1]),
        "R" | "gasconstant" => (BOLTZMANN * AVOGADRO, [2, 1, -2, 0, -1]),
        _ => {
            return name
                .strip_suffix('s')
                .filter(|s| s.len() > 2)
                .and_then(unit);
        }
    };
    Some(Quantity { value, dimension })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(from: &str, to: &str) -> f64 {
        Definitions::default().convert(from, to).expect("converts")
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 4.0 * f64::EPSILON * b.abs()
    }

    #[test]
    fn constants_of_nature_have_their_published_values() {
        // CODATA 2018
        assert!(close(convert("faraday", "coulomb"), 96_485.332_123_310_01));
        assert!(close(convert("k-mole", "joule/degC"), 8.314_462_618_153_24));
        assert!(close(convert("e", "coulombs"), 1.602_176_634e-19));
        assert!(close(convert("pi", "1"), std::f64::consts::PI));
    }

    #[test]
    fn numbers_and_prefixes_scale() {
        assert!(close(
            convert("faraday", "10000 coulomb"),
            9.648_533_212_331
        ));
        assert!(close(convert("faraday", "kilocoulombs"), 96.485_332_123_31));
        assert!(close(
            convert("k-mole", "mV-coul/degC"),
            8_314.462_618_153_24
        ));
        assert!(close(convert("cm2", "um2"), 1e8));
        assert!(close(convert("1e-3 volt", "mV"), 1.0));
    }

    #[test]
    fn a_file_may_name_units() {
        let mut definitions = Definitions::default();
        definitions.define("molar", "1/liter");
        definitions.define("mM", "millimolar");
        assert!(close(
            definitions.convert("mM", "milli/liter").expect("fits"),
            1.0
        ));
    }

    #[test]
    fn unknown_unfit_and_circular_units_are_named() {
        let mut definitions = Definitions::default();
        definitions.define("a", "b");
        definitions.define("b", "a");
        for (from, to, part) in [
            ("furlong", "m", "(furlong) is not known"),
            ("volt", "amp", "not units of the same quantity"),
            ("a", "m", "is defined by itself"),
            ("m99", "m", "too high a power"),
        ] {
            let message = definitions.convert(from, to).expect_err("fails");
            assert!(message.contains(part), "{message}");
        }
    }
}
