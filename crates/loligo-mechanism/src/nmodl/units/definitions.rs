//! Units by name: those that a file names in UNITS, and those that everybody knows.

use std::collections::HashMap;

use super::super::ast::UnitDefinition;
use super::known::{COMMON, PREFIXES, known};
use super::quantity::Quantity;
use crate::nearest::nearest;

/// Units that a file names in its UNITS block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Definitions {
    texts: HashMap<String, String>,
}

/// A definition may refer to others, but not through longer chains than this.
const CHAIN_LIMIT: usize = 16;

impl Definitions {
    /// Remembers `(name) = (units)`.
    pub fn define(&mut self, definition: &UnitDefinition) {
        let UnitDefinition { name, units } = definition;
        self.texts.insert(name.clone(), units.clone());
    }

    /// How many `to` are one `from`; the error says which unit is not known or does not fit.
    pub fn convert(&self, from: &str, to: &str) -> Result<f64, String> {
        let source = self.quantity(from)?;
        let target = self.quantity(to)?;
        // (pi) (1): a pure number needs no unit
        if source.dimension != target.dimension {
            return Err(format!(
                "({}) and ({}) are not units of the same quantity",
                from.trim(),
                to.trim()
            ));
        }
        let factor = source.value_with_moles() / target.value_with_moles();
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

    /// What a text such as `mA/cm2` stands for; the error says which unit is not known.
    pub fn quantity(&self, text: &str) -> Result<Quantity, String> {
        self.product(text, 0)
    }

    /// Factors joined by blanks, `-` or `*`; those behind a `/` divide.
    fn product(&self, text: &str, chain: usize) -> Result<Quantity, String> {
        let (number, text) = leading_number(text);
        let mut result = Quantity::number(number);
        for (i, part) in text.split('/').enumerate() {
            let sign = if i == 0 { 1 } else { -1 };
            // 1e-3 is a number, k-mole is a product
            for factor in part.split(|c: char| c.is_whitespace() || c == '*') {
                if let Ok(value) = factor.parse::<f64>() {
                    result = result.times(Quantity::number(value), sign);
                    continue;
                }
                for name in factor.split('-').filter(|name| !name.is_empty()) {
                    let quantity = match name.parse::<f64>() {
                        Ok(value) => Quantity::number(value),
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
            .ok_or_else(|| self.not_known(name))?;
        Ok(Quantity::ONE.times(quantity, power))
    }

    fn not_known(&self, name: &str) -> String {
        let mine = self.texts.keys().map(String::as_str);
        let nearest = nearest(name, mine.chain(COMMON.iter().copied()));
        let hint = nearest.map_or(String::new(), |unit| format!("; did you mean ({unit})?"));
        format!("the unit ({name}) is not known{hint}")
    }

    fn named(&self, name: &str, chain: usize) -> Result<Option<Quantity>, String> {
        if chain > CHAIN_LIMIT {
            return Err(format!("the unit ({name}) is defined by itself"));
        }
        if let Some(text) = self.texts.get(name) {
            // (degC) = (degC) names a unit by itself on purpose
            if text.trim() != name {
                return self.product(text, chain + 1).map(Some);
            }
        }
        if let Some(quantity) = known(name) {
            return Ok(Some(quantity));
        }
        for &(prefix, power) in PREFIXES {
            let Some(rest) = name.strip_prefix(prefix) else {
                continue;
            };
            let scale = Quantity::number(10f64.powi(power));
            // (micro/liter): a prefix can stand alone
            if rest.is_empty() {
                return Ok(Some(scale));
            }
            let defined = match self.texts.get(rest) {
                Some(text) => Some(self.product(text, chain + 1)?),
                None => known(rest),
            };
            if let Some(quantity) = defined {
                return Ok(Some(quantity.times(scale, 1)));
            }
        }
        Ok(None)
    }
}

/// `1-3 volt` and `1+8 um5`, as the Unix command units wrote powers of ten, are 1e-3 and 1e8; a text
/// that starts with no such number is 1 times itself.
fn leading_number(text: &str) -> (f64, &str) {
    let number = |c: char| c.is_ascii_digit() || c == '.';
    let text = text.trim_start();
    let mantissa = text.find(|c| !number(c)).unwrap_or(text.len());
    let (mantissa, rest) = text.split_at(mantissa);
    let Some(exponent) = rest.strip_prefix(['+', '-']) else {
        return (1.0, text);
    };
    let digits = exponent.find(|c: char| !c.is_ascii_digit());
    let (digits, after) = exponent.split_at(digits.unwrap_or(exponent.len()));
    let sign = &rest[..1];
    match format!("{mantissa}e{sign}{digits}").parse() {
        Ok(value) => (value, after),
        Err(_) => (1.0, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(from: &str, to: &str) -> f64 {
        Definitions::default().convert(from, to).expect("converts")
    }

    fn define(definitions: &mut Definitions, name: &str, units: &str) {
        definitions.define(&UnitDefinition {
            name: name.to_owned(),
            units: units.to_owned(),
        });
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
        assert!(close(convert("1-3 volt", "mV"), 1.0));
        assert!(close(convert("1.5+2um5/ms", "um5/s"), 1.5e5));
        assert!(close(convert("mole/liter", "molar"), 1.0));
        assert!(close(convert("mole", "1"), 6.022_140_76e23));
    }

    #[test]
    fn a_file_may_name_units() {
        let mut definitions = Definitions::default();
        define(&mut definitions, "molar", "1/liter");
        define(&mut definitions, "mM", "millimolar");
        assert!(close(
            definitions.convert("mM", "milli/liter").expect("fits"),
            1.0
        ));
    }

    #[test]
    fn unknown_unfit_and_circular_units_are_named() {
        let mut definitions = Definitions::default();
        define(&mut definitions, "a", "b");
        define(&mut definitions, "b", "a");
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
