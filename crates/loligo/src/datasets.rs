//! Reconstructed cells that come along.

use loligo_morphology::{Morphology, MorphologyError, SwcOptions};

/// A pyramidal cell of the CA1 region of a rat's hippocampus (`n144` of NeuroMorpho.org, CC BY 4.0).
///
/// # Errors
/// None in practice: a test reads it.
pub fn ca1() -> Result<Morphology, MorphologyError> {
    let text = include_str!("../../../data/morphologies/neuromorpho/n144.swc");
    Morphology::parse_swc(text, "n144.swc", &SwcOptions::default())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_cell_that_comes_along_can_be_read() {
        let cell = super::ca1().expect("it is a correct file");
        assert!(cell.branches.len() > 100);
    }
}
