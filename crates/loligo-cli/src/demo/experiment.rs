//! What the demo simulates: the cell, what its channels are, and what they are taken to be.

use loligo::model::{Model, ModelError, Waveform};
use loligo::morphology::{Compartments, Morphology};
use loligo::{Error, Settings, datasets, mechanisms};

/// The conductances that are recovered, with their bounds in S/cm², wide enough for all regions.
pub const CONDUCTANCES: [(&str, (f64, f64)); 3] = [
    ("hh.gnabar", (0.04, 0.24)),
    ("hh.gkbar", (0.012, 0.072)),
    ("hh.gl", (1e-4, 1e-3)),
];

/// What each region has in truth: gnabar, gkbar, gl in S/cm².
const TRUTH: [(&str, [f64; 3]); 3] = [
    ("soma", [0.14, 0.040, 3e-4]),
    ("basal", [0.09, 0.028, 5e-4]),
    ("apical", [0.15, 0.045, 2e-4]),
];

/// What all regions are taken to have before the fit.
const GUESS: [f64; 3] = [0.12, 0.036, 3e-4];

/// The current step into the soma: start and duration, ms, and amplitude, nA.
const STEP: (f64, f64, f64) = (2.0, 22.0, 1.0);

/// That of the squid, at which the channels were measured.
const CELSIUS: f64 = 6.3;

/// Duration of a run, ms.
const DURATION: f64 = 30.0;

/// A cell to fit, and one like it whose conductances are to be found.
pub struct Experiment {
    /// The shape of both.
    pub morphology: Morphology,
    /// The cell to fit.
    pub model: Model,
    /// The cell whose conductances are to be found.
    pub truth: Model,
    /// How both are run.
    pub settings: Settings,
}

impl Experiment {
    /// The CA1 cell, recorded in the middle of every branch.
    pub fn new() -> Result<Self, Error> {
        let morphology = datasets::ca1()?;
        let mut model = Model::from_morphology(&morphology, &Compartments::d_lambda())?;
        model.everywhere().insert(mechanisms::mechanism("hh")?)?;
        model.set_celsius(CELSIUS)?;
        let (start, duration, amplitude) = STEP;
        let step = Waveform::step(start, duration, amplitude);
        model.group("soma").at(0.5).stimulate(step)?;
        model.at(0.5).record("v")?;

        let mut truth = model.clone();
        for (group, values) in TRUTH {
            for ((name, _), value) in CONDUCTANCES.into_iter().zip(values) {
                truth.group(group).set(name, value)?;
            }
        }
        make_trainable(&mut model)?;
        Ok(Experiment {
            truth,
            morphology,
            model,
            settings: Settings::new(DURATION),
        })
    }
}

/// The regions of the cell.
pub fn regions() -> impl Iterator<Item = &'static str> {
    TRUTH.iter().map(|&(group, _)| group)
}

/// One number for every branch and conductance.
fn make_trainable(model: &mut Model) -> Result<(), ModelError> {
    for ((name, bounds), guess) in CONDUCTANCES.into_iter().zip(GUESS) {
        model.everywhere().set(name, guess)?;
        model.branch(..).trainable(name, Some(bounds))?;
    }
    Ok(())
}
