//! What lengths, radii, resistivity and capacitance make of the cable: areas, capacitances and
//! conductances, and the transpose of that map.
//!
//! Radius and length stretch the stored integrals of a compartment: with ρ and ℓ their ratios to
//! the values that the integrals were taken for, area goes as ρℓ and a half resistance as ℓ/ρ².
//! Units: conductances in µS, capacitance per step in nF/ms = µS, areas in µm².

use loligo_morphology::CompartmentGeometry;

use crate::tree::{Edge, Side};

/// nF per (µF/cm² · µm²).
const CAPACITANCE: f64 = 1e-5;
/// µS · Ω·cm / µm: a half resistance r (1/µm) of axial resistivity R (Ω·cm) has 100/(R·r) µS.
const CONDUCTANCE: f64 = 1e2;

/// The four numbers of a compartment that the cable is made of.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Cable {
    /// µm.
    pub radius: f64,
    /// µm.
    pub length: f64,
    /// Ω·cm.
    pub axial_resistivity: f64,
    /// µF/cm².
    pub capacitance: f64,
}

impl Cable {
    fn stretch(&self, geometry: &CompartmentGeometry) -> (f64, f64) {
        (self.radius / geometry.radius, self.length / geometry.length)
    }

    /// Membrane area, µm².
    pub fn area(&self, geometry: &CompartmentGeometry) -> f64 {
        let (radius, length) = self.stretch(geometry);
        geometry.area * radius * length
    }

    /// Capacitance over a step of `dt` ms, µS.
    pub fn capacitance(&self, geometry: &CompartmentGeometry, dt: f64) -> f64 {
        let (radius, length) = self.stretch(geometry);
        CAPACITANCE * geometry.area * radius * length * self.capacitance / dt
    }

    /// Resistance of a half, MΩ times 1e2.
    fn resistance(&self, geometry: &CompartmentGeometry, side: Side) -> f64 {
        let (radius, length) = self.stretch(geometry);
        let half = match side {
            Side::In => geometry.resistance_in,
            Side::Out => geometry.resistance_out,
        };
        self.axial_resistivity * half * length / (radius * radius)
    }
}

/// The conductance of an edge, µS; `at` gives cable and geometry of a compartment of the cell.
pub fn axial_conductance<'a>(
    edge: &Edge,
    at: impl Fn(usize) -> (Cable, &'a CompartmentGeometry),
) -> f64 {
    let resistance: f64 = edge
        .halves
        .iter()
        .map(|half| {
            let (cable, geometry) = at(half.compartment);
            cable.resistance(geometry, half.side)
        })
        .sum();
    CONDUCTANCE / resistance
}

/// The transpose of [`axial_conductance`]: adds to `cotangents` (by compartment of the cell) what
/// a cotangent of the conductance makes of their numbers.
pub fn pull_back_conductance<'a>(
    edge: &Edge,
    cotangent: f64,
    at: impl Fn(usize) -> (Cable, &'a CompartmentGeometry),
    mut add: impl FnMut(usize, Cable),
) {
    let conductance = axial_conductance(edge, &at);
    // g = 100/ΣR, so dg = −g²/100 dR
    let of_resistance = -cotangent * conductance * conductance / CONDUCTANCE;
    for half in &edge.halves {
        let (cable, geometry) = at(half.compartment);
        let resistance = cable.resistance(geometry, half.side) * of_resistance;
        add(
            half.compartment,
            Cable {
                radius: -2.0 * resistance / cable.radius,
                length: resistance / cable.length,
                axial_resistivity: resistance / cable.axial_resistivity,
                capacitance: 0.0,
            },
        );
    }
}

/// The tangent of [`axial_conductance`] for a change of the numbers of its compartments.
pub fn push_conductance<'a>(
    edge: &Edge,
    at: impl Fn(usize) -> (Cable, &'a CompartmentGeometry),
    change: impl Fn(usize) -> Cable,
) -> f64 {
    let mut total = 0.0;
    pull_back_conductance(edge, 1.0, at, |compartment, slope| {
        let change = change(compartment);
        total += slope.radius * change.radius
            + slope.length * change.length
            + slope.axial_resistivity * change.axial_resistivity;
    });
    total
}

/// The transpose of [`Cable::area`] and [`Cable::capacitance`] for their cotangents.
pub fn pull_back_membrane(
    cable: Cable,
    geometry: &CompartmentGeometry,
    dt: f64,
    area: f64,
    capacitance: f64,
) -> Cable {
    let per_area = area * cable.area(geometry);
    let per_capacitance = capacitance * cable.capacitance(geometry, dt);
    let both = per_area + per_capacitance;
    Cable {
        radius: both / cable.radius,
        length: both / cable.length,
        axial_resistivity: 0.0,
        capacitance: per_capacitance / cable.capacitance,
    }
}
