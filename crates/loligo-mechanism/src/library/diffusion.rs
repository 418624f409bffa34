//! Diffusion of a concentration along the cell, as a mechanism to insert.

use crate::graph::Graph;
use crate::mechanism::{
    Common, Course, Diffusion, Dynamics, IonUse, Manner, Mechanism, Method, Parameter, Scope,
    Solve, State,
};
use crate::membrane::start_of;
use crate::nmodl;

/// The parameter of [`cable_diffusion`].
const CONSTANT: &str = "constant";

/// A mechanism that lets the concentration of an ion (`cai`, `nao`) diffuse between neighbouring
/// compartments that have the mechanism, with the constant `D` (µm²/ms); whatever else changes the
/// concentration there goes on to do so. `None` if that is not the name of a concentration.
///
/// The compartments count as cylinders of their diameter.
///
/// ```
/// let diffusion = loligo_mechanism::library::diffusion("cai", 0.6).unwrap();
/// assert_eq!(diffusion.name, "cai_diffusion");
/// assert_eq!(diffusion.parameters[0].default, 0.6);
/// assert!(loligo_mechanism::library::diffusion("eca", 0.6).is_none());
/// ```
pub fn diffusion(concentration: &str, constant: f64) -> Option<Mechanism> {
    let text = diffusion_source(concentration, constant)?;
    nmodl::compile(&text, &format!("{concentration}_diffusion.mod")).ok()
}

/// The NMODL text of [`diffusion`].
pub fn diffusion_source(concentration: &str, constant: f64) -> Option<String> {
    let ion = concentration.strip_suffix(['i', 'o'])?;
    let letters = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let named = ion.starts_with(|c: char| c.is_ascii_alphabetic()) && letters(ion);
    if !named || !constant.is_finite() {
        return None;
    }
    Some(format!(
        "NEURON {{
            SUFFIX {concentration}_diffusion
            USEION {ion} READ {concentration} WRITE {concentration}
            RANGE D
        }}
        PARAMETER {{ D = {constant:?} (um2/ms) <0, 1e9> }}
        CONSTANT {{ quarter = 0.785398163397448309616 }}
        STATE {{ {concentration} (mM) }}
        ASSIGNED {{ diam (um) }}
        BREAKPOINT {{ SOLVE nothing_else METHOD sparse }}
        KINETIC nothing_else {{
            COMPARTMENT quarter*diam*diam {{ {concentration} }}
            LONGITUDINAL_DIFFUSION D*quarter*diam*diam {{ {concentration} }}
        }}"
    ))
}

/// A mechanism of this name that lets a shared number diffuse along the cable ([`Course::Cable`]) between
/// neighbouring compartments that have the mechanism, with `constant` (µm²/ms, 1 until it is set); whatever
/// else changes the number there goes on to do so. Without an ion the number is a common one.
///
/// ```
/// let diffusion = loligo_mechanism::library::cable_diffusion("spread", "cai", Some("ca"));
/// assert_eq!(diffusion.parameters[0].name, "constant");
/// assert_eq!(diffusion.diffusions[0].0, "cai");
/// ```
pub fn cable_diffusion(name: &str, number: &str, ion: Option<&str>) -> Mechanism {
    let mut graph = Graph::new();
    let [own, initial] = [number, &start_of(number)].map(|name| graph.symbol(name));
    let constant = graph.symbol(CONSTANT);
    let common = Common {
        name: number.to_owned(),
        default: 0.0,
    };
    let used = ion.map(|ion| IonUse {
        ion: ion.to_owned(),
        reads: Vec::new(),
        writes: vec![number.to_owned()],
        valence: None,
    });
    Mechanism {
        name: name.to_owned(),
        parameters: vec![Parameter {
            name: CONSTANT.to_owned(),
            default: 1.0,
            units: "um2/ms".to_owned(),
            limits: None,
            scope: Scope::Range,
        }],
        commons: ion.is_none().then_some(common).into_iter().collect(),
        ions: used.into_iter().collect(),
        shared: vec![State {
            name: number.to_owned(),
            units: String::new(),
            initial,
            dynamics: Dynamics::Update(own),
            corrected: None,
            kept: None,
        }],
        solves: vec![Solve {
            states: vec![number.to_owned()],
            method: Method::Discrete,
            wording: String::new(),
            conserved: Vec::new(),
        }],
        diffusions: vec![(
            number.to_owned(),
            Diffusion {
                course: Course::Cable,
                conductivity: constant,
                volume: None,
            },
        )],
        manner: Manner::Jaxley,
        graph,
        ..Mechanism::default()
    }
}
