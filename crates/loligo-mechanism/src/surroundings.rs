//! What a mechanism finds around it until something else is said.

/// Temperature, °C: that of the squid experiments (Hodgkin and Huxley 1952), and NEURON's.
pub const CELSIUS: f64 = 6.3;

/// Initial voltage, mV.
pub const VOLTAGE: f64 = -65.0;

/// Length of a compartment, µm.
pub const LENGTH: f64 = 10.0;

/// Radius of a compartment, µm.
pub const RADIUS: f64 = 1.0;

/// Axial resistivity, Ω·cm.
pub const AXIAL_RESISTIVITY: f64 = 100.0;

/// Capacitance of the membrane, µF/cm².
pub const CAPACITANCE: f64 = 1.0;

/// The numbers of an ion.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct IonNumbers {
    /// Reversal potential, mV.
    pub reversal: f64,
    /// Concentration inside, mM.
    pub inside: f64,
    /// Concentration outside, mM.
    pub outside: f64,
}

/// The numbers of an ion of this name: NEURON's. The reversal potential of calcium is its Nernst
/// potential at 6.3 °C for the concentrations.
///
/// ```
/// use loligo_mechanism::surroundings::ion;
/// assert_eq!(ion("k").reversal, -77.0);
/// assert_eq!(ion("mg").inside, 1.0);
/// ```
pub fn ion(name: &str) -> IonNumbers {
    let (reversal, inside, outside) = match name {
        "na" => (50.0, 10.0, 140.0),
        "k" => (-77.0, 54.4, 2.5),
        "ca" => (12.5 * (2.0_f64 / 5e-5).ln(), 5e-5, 2.0),
        _ => (0.0, 1.0, 1.0),
    };
    IonNumbers {
        reversal,
        inside,
        outside,
    }
}
