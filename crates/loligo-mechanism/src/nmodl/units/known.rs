//! Units that need no definition, and constants of nature.
//!
//! Constants of nature have their exact values in the SI of 2019, with the mole as a number, as NEURON
//! has them since version 8.

use super::quantity::{Dimension, Quantity};

/// Long prefixes first, since `m` starts `micro`.
pub(super) const PREFIXES: &[(&str, i32)] = &[
    ("femto", -15),
    ("pico", -12),
    ("nano", -9),
    ("micro", -6),
    ("milli", -3),
    ("centi", -2),
    ("deci", -1),
    ("kilo", 3),
    ("mega", 6),
    ("meg", 6),
    ("giga", 9),
    ("f", -15),
    ("p", -12),
    ("n", -9),
    ("u", -6),
    ("µ", -6),
    ("μ", -6),
    ("m", -3),
    ("c", -2),
    ("d", -1),
    ("k", 3),
    ("M", 6),
    ("G", 9),
];

/// What authors most often mean, for messages.
pub(super) const COMMON: &[&str] = &[
    "mV", "volt", "ms", "second", "mA", "nA", "ampere", "S", "mho", "uS", "siemens", "uF", "um",
    "micron", "cm", "cm2", "mM", "uM", "liter", "degC", "ohm", "megohm", "coulomb", "faraday",
    "mole", "joule",
];

/// Charge of an electron, C (exact, SI 2019).
const ELEMENTARY_CHARGE: f64 = 1.602_176_634e-19;
/// Boltzmann's constant, J/K (exact, SI 2019).
const BOLTZMANN: f64 = 1.380_649e-23;

/// A unit without prefix, singular or plural.
pub(super) fn known(name: &str) -> Option<Quantity> {
    let (value, moles, dimension): (f64, i32, Dimension) = match name {
        "m" | "meter" | "metre" => (1.0, 0, [1, 0, 0, 0, 0]),
        "micron" => (1e-6, 0, [1, 0, 0, 0, 0]),
        "angstrom" => (1e-10, 0, [1, 0, 0, 0, 0]),
        "g" | "gm" | "gram" => (1e-3, 0, [0, 1, 0, 0, 0]),
        "s" | "sec" | "second" => (1.0, 0, [0, 0, 1, 0, 0]),
        "min" | "minute" => (60.0, 0, [0, 0, 1, 0, 0]),
        "hour" | "hr" => (3600.0, 0, [0, 0, 1, 0, 0]),
        "hz" | "Hz" | "hertz" => (1.0, 0, [0, 0, -1, 0, 0]),
        "C" | "coul" | "coulomb" => (1.0, 0, [0, 0, 0, 1, 0]),
        "A" | "amp" | "ampere" => (1.0, 0, [0, 0, -1, 1, 0]),
        "N" | "newton" | "nt" => (1.0, 0, [1, 1, -2, 0, 0]),
        "J" | "joule" | "j" => (1.0, 0, [2, 1, -2, 0, 0]),
        "cal" | "calorie" => (4.1868, 0, [2, 1, -2, 0, 0]),
        "W" | "watt" => (1.0, 0, [2, 1, -3, 0, 0]),
        "V" | "volt" => (1.0, 0, [2, 1, -2, -1, 0]),
        "ohm" => (1.0, 0, [2, 1, -1, -2, 0]),
        "S" | "siemens" | "mho" => (1.0, 0, [-2, -1, 1, 2, 0]),
        "F" | "farad" => (1.0, 0, [-2, -1, 2, 2, 0]),
        "K" | "degC" | "degK" | "degc" | "degk" | "kelvin" => (1.0, 0, [0, 0, 0, 0, 1]),
        "cc" => (1e-6, 0, [3, 0, 0, 0, 0]),
        "l" | "L" | "liter" | "litre" => (1e-3, 0, [3, 0, 0, 0, 0]),
        "mole" | "mol" => (1.0, 1, [0; 5]),
        "molar" | "M" => (1e3, 1, [-3, 0, 0, 0, 0]),
        "pi" => (std::f64::consts::PI, 0, [0; 5]),
        "radian" => (1.0, 0, [0; 5]),
        "degree" => (std::f64::consts::PI / 180.0, 0, [0; 5]),
        "%" | "percent" => (1e-2, 0, [0; 5]),
        "e" => (ELEMENTARY_CHARGE, 0, [0, 0, 0, 1, 0]),
        "faraday" => (ELEMENTARY_CHARGE, 1, [0, 0, 0, 1, 0]),
        "k" | "boltzmann" => (BOLTZMANN, 0, [2, 1, -2, 0, -1]),
        "R" | "gasconstant" => (BOLTZMANN, 1, [2, 1, -2, 0, -1]),
        "c" => (299_792_458.0, 0, [1, 0, -1, 0, 0]),
        _ => {
            return name
                .strip_suffix('s')
                .filter(|s| s.len() > 2)
                .and_then(known);
        }
    };
    Some(Quantity {
        value,
        moles,
        dimension,
    })
}
