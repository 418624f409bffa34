//! What mechanisms share through ions: concentrations that change, reversal potentials that follow
//! from them, and currents of the step before.
//!
//! The rules are those of NEURON's `ion_style` as its mechanisms set it: where any mechanism of a
//! membrane reads or writes a concentration of an ion, and none writes its reversal potential, that
//! is the Nernst potential of the concentrations as they are. [`Reversal`] sets it by hand.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::MembraneError;
use crate::graph::{Expr, Graph, Unary};
use crate::mechanism::{Manner, Mechanism, VOLTAGE};

/// C/mol (CODATA 2018, exact).
pub const FARADAY: f64 = 96_485.332_123_310_01;
/// J/(mol·K) (CODATA 2018, exact).
pub const GAS_CONSTANT: f64 = 8.314_462_618_153_24;
/// 0 °C in K.
pub const ZERO_CELSIUS: f64 = 273.15;

/// The symbol of what a number that changes is at t = 0: that of an ion or a common one, and for a
/// state of a mechanism what was given, or not a number.
pub fn start_of(symbol: &str) -> String {
    format!("{START}{symbol}")
}

/// What the symbol of a number at t = 0 is the start of.
pub fn started(symbol: &str) -> Option<&str> {
    symbol.strip_prefix(START)
}

const START: &str = "start of ";

/// What the reversal potential of an ion is where no mechanism writes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub enum Reversal {
    /// As mechanisms make it: the Nernst potential of the concentrations as they are where any of them
    /// reads or writes a concentration, else what was given.
    #[default]
    Automatic,
    /// What was given (NEURON: `ion_style(…, 0 or 1, 0, 0, …)`).
    Given,
    /// The Nernst potential of the concentrations at t = 0 (einit 1, eadvance 0).
    AtStart,
    /// The Nernst potential of the concentrations as they are (einit 1, eadvance 1).
    EveryStep,
}

/// What was chosen of ions by hand, by their names.
pub type Reversals = BTreeMap<String, Reversal>;

/// What the mechanisms of a membrane do with their ions.
pub(super) struct Ions {
    /// Symbols of numbers that some mechanism writes.
    pub written: BTreeSet<String>,
    /// Symbols of currents that some mechanism reads.
    pub currents_read: BTreeSet<String>,
    /// Ions whose reversal potential is their Nernst potential, and their charge.
    nernst: BTreeMap<String, i32>,
    /// Ions whose reversal potential is that of the concentrations at t = 0, and their charge.
    at_start: BTreeMap<String, i32>,
}

impl Ions {
    pub fn of(mechanisms: &[&Mechanism], chosen: &Reversals) -> Result<Self, MembraneError> {
        let mut ions = Ions {
            written: BTreeSet::new(),
            currents_read: BTreeSet::new(),
            nernst: BTreeMap::new(),
            at_start: BTreeMap::new(),
        };
        let mut charges: BTreeMap<&str, i32> = BTreeMap::new();
        let mut concentrations_used: BTreeSet<&str> = BTreeSet::new();
        for mechanism in mechanisms {
            let shared = mechanism.shared.iter().map(|state| &state.name);
            let commons = shared.filter(|name| *name != VOLTAGE);
            ions.written.extend(commons.cloned());
        }
        let uses = mechanisms.iter().flat_map(|mechanism| {
            let uses = mechanism.ions.iter();
            uses.map(|used| (mechanism.manner, used))
        });
        for (manner, used) in uses {
            let ion = used.ion.as_str();
            let current = format!("i{ion}");
            if used.reads.contains(&current) {
                ions.currents_read.insert(current.clone());
            }
            let written = used.writes.iter().filter(|symbol| **symbol != current);
            ions.written.extend(written.cloned());
            let sides = [format!("{ion}i"), format!("{ion}o")];
            let mut numbers = used.reads.iter().chain(&used.writes);
            if manner == Manner::Neuron && numbers.any(|symbol| sides.contains(symbol)) {
                concentrations_used.insert(ion);
            }
            if let Some(charge) = used.valence {
                let first = *charges.entry(ion).or_insert(charge);
                if first != charge {
                    return Err(MembraneError::Charges {
                        ion: ion.to_owned(),
                        first,
                        second: charge,
                    });
                }
            }
        }
        let read = mechanisms.iter().flat_map(|mechanism| &mechanism.ions);
        let reversals: BTreeSet<&String> = read.flat_map(|used| &used.reads).collect();
        let named = mechanisms.iter().flat_map(|mechanism| &mechanism.ions);
        let named: BTreeSet<&str> = named.map(|used| used.ion.as_str()).collect();
        for ion in named {
            let reversal = format!("e{ion}");
            let follows = match chosen.get(ion).copied().unwrap_or_default() {
                Reversal::Automatic => concentrations_used.contains(ion),
                Reversal::Given => false,
                Reversal::AtStart | Reversal::EveryStep => true,
            };
            if !follows || ions.written.contains(&reversal) || !reversals.contains(&reversal) {
                continue;
            }
            let known = charges.get(ion).copied().or_else(|| charge_of(ion));
            let charge = known.ok_or_else(|| MembraneError::UnknownCharge {
                ion: ion.to_owned(),
            })?;
            let following = match chosen.get(ion) {
                Some(Reversal::AtStart) => &mut ions.at_start,
                _ => &mut ions.nernst,
            };
            following.insert(ion.to_owned(), charge);
        }
        Ok(ions)
    }

    /// Reversal potentials that follow from concentrations, by their symbols.
    pub fn reversal_potentials(&self, graph: &mut Graph) -> HashMap<Expr, Expr> {
        following(&self.nernst, graph).collect()
    }

    /// Reversal potentials that stay what follows from these concentrations at t = 0, by their symbols.
    pub fn reversal_potentials_at_start(&self, graph: &mut Graph) -> Vec<(String, Expr)> {
        let ions = self.at_start.keys().map(|ion| format!("e{ion}"));
        let ions: Vec<String> = ions.collect();
        let values = following(&self.at_start, graph).map(|(_, value)| value);
        ions.into_iter().zip(values).collect()
    }
}

/// The symbols of reversal potentials, each with its Nernst potential.
fn following(
    ions: &BTreeMap<String, i32>,
    graph: &mut Graph,
) -> impl Iterator<Item = (Expr, Expr)> {
    ions.iter().map(|(ion, &charge)| {
        let [reversal, inside, outside] = [format!("e{ion}"), format!("{ion}i"), format!("{ion}o")]
            .map(|symbol| graph.symbol(&symbol));
        (reversal, nernst(graph, inside, outside, charge))
    })
}

/// The charges that NEURON knows without being told.
fn charge_of(ion: &str) -> Option<i32> {
    match ion {
        "na" | "k" => Some(1),
        "ca" => Some(2),
        _ => None,
    }
}

/// The Nernst potential, mV: (R·T/zF)·ln(outside/inside).
pub(crate) fn nernst(graph: &mut Graph, inside: Expr, outside: Expr, charge: i32) -> Expr {
    let celsius = graph.symbol("celsius");
    let zero = graph.constant(ZERO_CELSIUS);
    let kelvin = graph.add(celsius, zero);
    let scale = graph.constant(1e3 * GAS_CONSTANT / FARADAY / f64::from(charge));
    let thermal = graph.mul(scale, kelvin);
    let ratio = graph.div(outside, inside);
    let logarithm = graph.unary(Unary::Log, ratio);
    graph.mul(thermal, logarithm)
}
