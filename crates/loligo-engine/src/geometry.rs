//! What lengths, radii, resistivity and capacitance make of the cable: areas, volumes, capacitances and
//! conductances, and the transpose of that map. Both are for plain numbers and for numbers with a
//! tangent.
//!
//! Radius and length stretch the stored integrals of a compartment: with ρ and ℓ their ratios to
//! the values that the integrals were taken for, area goes as ρℓ, volume as ρ²ℓ and a half resistance
//! as ℓ/ρ².
//! Units: conductances in µS, capacitance per step in nF/ms = µS, areas in µm².

use loligo_morphology::CompartmentGeometry;

use crate::dual::Scalar;
use crate::tree::{Edge, Side};

/// nF per (µF/cm² · µm²).
const CAPACITANCE: f64 = 1e-5;
/// µS · Ω·cm / µm: a half resistance r (1/µm) of axial resistivity R (Ω·cm) has 100/(R·r) µS.
const CONDUCTANCE: f64 = 1e2;

/// The four numbers of a compartment that the cable is made of.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Cable<N = f64> {
    /// µm.
    pub radius: N,
    /// µm.
    pub length: N,
    /// Ω·cm.
    pub axial_resistivity: N,
    /// µF/cm².
    pub capacitance: N,
}

impl<N: Scalar> Cable<N> {
    fn stretch(&self, geometry: &CompartmentGeometry) -> (N, N) {
        (
            self.radius / N::constant(geometry.radius),
            self.length / N::constant(geometry.length),
        )
    }

    /// Membrane area, µm².
    pub fn area(&self, geometry: &CompartmentGeometry) -> N {
        let (radius, length) = self.stretch(geometry);
        N::constant(geometry.area) * radius * length
    }

    /// Volume, µm³.
    pub fn volume(&self, geometry: &CompartmentGeometry) -> N {
        let (radius, length) = self.stretch(geometry);
        N::constant(geometry.volume) * radius * radius * length
    }

    /// The same compartment for what diffuses along the cable with this constant, µm²/ms, such that
    /// conductances are in µm³/ms.
    pub fn of_medium(&self, constant: N) -> Self {
        Cable {
            axial_resistivity: N::constant(CONDUCTANCE) / constant,
            ..*self
        }
    }

    /// The transpose of [`Cable::of_medium`]: from the cotangent of its numbers those of the constant
    /// and of this compartment's own.
    pub fn pull_back_medium(constant: N, cotangent: Self) -> (N, Self) {
        let of_constant =
            -cotangent.axial_resistivity * N::constant(CONDUCTANCE) / (constant * constant);
        let own = Cable {
            axial_resistivity: N::constant(0.0),
            ..cotangent
        };
        (of_constant, own)
    }

    /// Capacitance over a step of `dt` ms, µS.
    pub fn capacitance(&self, geometry: &CompartmentGeometry, dt: f64) -> N {
        let (radius, length) = self.stretch(geometry);
        let area = N::constant(CAPACITANCE * geometry.area) * radius * length;
        area * self.capacitance / N::constant(dt)
    }

    /// Resistance of a half, MΩ times 1e2.
    fn resistance(&self, geometry: &CompartmentGeometry, side: Side) -> N {
        let (radius, length) = self.stretch(geometry);
        let half = match side {
            Side::In => geometry.resistance_in,
            Side::Out => geometry.resistance_out,
        };
        self.axial_resistivity * N::constant(half) * length / (radius * radius)
    }
}

/// The conductance of an edge, µS; `at` gives cable and geometry of a compartment of the cell.
pub fn axial_conductance<'a, N: Scalar>(
    edge: &Edge,
    at: impl Fn(usize) -> (Cable<N>, &'a CompartmentGeometry),
) -> N {
    let resistances = edge.halves.iter().map(|half| {
        let (cable, geometry) = at(half.compartment);
        cable.resistance(geometry, half.side)
    });
    let resistance = resistances.fold(N::constant(0.0), |sum, half| sum + half);
    N::constant(CONDUCTANCE) / resistance
}

/// The transpose of [`axial_conductance`]: adds to `cotangents` (by compartment of the cell) what
/// a cotangent of the conductance makes of their numbers.
pub fn pull_back_conductance<'a, N: Scalar>(
    edge: &Edge,
    cotangent: N,
    at: impl Fn(usize) -> (Cable<N>, &'a CompartmentGeometry),
    mut add: impl FnMut(usize, Cable<N>),
) {
    let conductance = axial_conductance(edge, &at);
    // g = 100/ΣR, so dg = −g²/100 dR
    let of_resistance = -cotangent * conductance * conductance / N::constant(CONDUCTANCE);
    for half in &edge.halves {
        let (cable, geometry) = at(half.compartment);
        let resistance = cable.resistance(geometry, half.side) * of_resistance;
        add(
            half.compartment,
            Cable {
                radius: N::constant(-2.0) * resistance / cable.radius,
                length: resistance / cable.length,
                axial_resistivity: resistance / cable.axial_resistivity,
                capacitance: N::constant(0.0),
            },
        );
    }
}

/// The transpose of [`Cable::volume`].
pub fn pull_back_volume<N: Scalar>(
    cable: Cable<N>,
    geometry: &CompartmentGeometry,
    cotangent: N,
) -> Cable<N> {
    let along = cotangent * cable.volume(geometry);
    Cable {
        radius: N::constant(2.0) * along / cable.radius,
        length: along / cable.length,
        axial_resistivity: N::constant(0.0),
        capacitance: N::constant(0.0),
    }
}

/// The transpose of [`Cable::area`] and [`Cable::capacitance`] for their cotangents.
pub fn pull_back_membrane<N: Scalar>(
    cable: Cable<N>,
    geometry: &CompartmentGeometry,
    dt: f64,
    area: N,
    capacitance: N,
) -> Cable<N> {
    let per_area = area * cable.area(geometry);
    let per_capacitance = capacitance * cable.capacitance(geometry, dt);
    let both = per_area + per_capacitance;
    Cable {
        radius: both / cable.radius,
        length: both / cable.length,
        axial_resistivity: N::constant(0.0),
        capacitance: per_capacitance / cable.capacitance,
    }
}
