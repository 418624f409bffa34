//! Diffusion of an ion's concentration along the cell, as a mechanism to insert.

use crate::mechanism::Mechanism;
use crate::nmodl;

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
