//! From a model to a program: cells become populations, sets of mechanisms become codes.

mod error;
mod events;
mod folding;
mod holding;
mod merging;
mod playing;
mod populations;
mod recording;
mod sets;
mod sites;
mod synapses;

use loligo_mechanism::mechanism::Course;
use loligo_mechanism::membrane::Phases;
use loligo_model::{Insertion, Model, Quantity, Recording};

use self::populations::populations;
use self::sets::MechanismSets;
use self::sites::Sites;
use crate::carried;
use crate::convention::{Choices, Convention, Scheme};
use crate::inputs::Drive;
use crate::layout::ValueLayout;
use crate::program::{
    ClampSite, Code, Defaults, Driven, Group, HALVES, Population, Program, Site, Stimulus, WHOLE,
};

pub use self::error::LoweringError;
pub use self::playing::WhyNotPlayed;

/// Lowers a model, with spikes on the grid of steps.
///
/// # Errors
/// [`LoweringError`] names the mechanism, symbol or recording that cannot be lowered.
pub fn lower(
    model: &Model,
    scheme: Scheme,
    convention: Convention,
) -> Result<Program, LoweringError> {
    let choices = Choices {
        scheme,
        convention,
        ..Choices::default()
    };
    lower_with(model, choices)
}

/// Lowers a model.
///
/// # Errors
/// As for [`lower`]; events that cannot act from their own time on, if spikes are interpolated.
pub fn lower_with(model: &Model, choices: Choices) -> Result<Program, LoweringError> {
    lower_holding(model, choices, &[])
}

/// Lowers a model of which runs hold numbers of the state at given values. These values are those of further
/// stimuli, behind the model's own.
///
/// # Errors
/// As for [`lower_with`]; something that is no state, or a convention other than Jaxley's, in which a state
/// that is recorded is not the one that a step leaves.
pub fn lower_holding(
    model: &Model,
    choices: Choices,
    held: &[Recording],
) -> Result<Program, LoweringError> {
    let shape = model.shape();
    if shape.compartments.is_empty() {
        return Err(LoweringError::Empty);
    }
    check_insertions(model)?;
    let sets = MechanismSets::of(model);
    let phases = phases(model);
    let mut codes = sets.codes(model, choices, phases)?;
    let (mut populations, mut sites) = populations(model, &sets, &codes);
    let synapses = synapses::Synapses {
        model,
        choices,
        phases,
        sites: &sites,
    };
    synapses.add_to(&mut codes, &mut populations)?;
    sites.add_synapses(&populations);
    let lowered = Lowered {
        model,
        populations: &populations,
        codes: &codes,
        sites: &sites,
    };
    let recordings = lowered.recordings()?;
    let silence = vec![Drive::Samples(Vec::new()); held.len()];
    let held = lowered.held(held, choices.convention)?;
    let currents = model.stimuli().iter().map(|s| Stimulus {
        site: sites.compartment(s.compartment),
        drives: Driven::Current,
    });
    let stimuli = currents.chain(lowered.played()).chain(held).collect();
    let clamps = model.clamps().iter();
    let clamps = clamps.map(|clamp| ClampSite {
        site: sites.compartment(clamp.compartment),
        series_resistance: clamp.series_resistance,
        start: clamp.window.start,
        stop: clamp.window.start + clamp.window.duration,
    });
    let clamps = clamps.collect();
    let events = events::network(model, &sites);
    let carried = carried::name_the_rest(&mut codes, &populations);
    let layout = ValueLayout::new(model, &carried);
    let waveform = |w: &loligo_model::Waveform| Drive::Waveform(w.clone());
    Ok(Program {
        scheme: choices.scheme,
        convention: choices.convention,
        spike_times: choices.spike_times,
        phases,
        defaults: Defaults {
            values: layout.values(model),
            stimuli: model
                .stimuli()
                .iter()
                .map(|s| waveform(&s.waveform))
                .chain(model.plays().iter().map(|play| waveform(&play.waveform)))
                .chain(silence)
                .collect(),
            clamps: model.clamps().iter().map(|c| waveform(&c.target)).collect(),
        },
        layout,
        codes,
        geometry: shape.compartments.clone(),
        places: (0..shape.compartments.len())
            .map(|c| shape.place(c))
            .collect(),
        recordings,
        stimuli,
        clamps,
        populations,
        events,
    })
}

/// The cells and synapses of a program, on which what is recorded and driven is placed.
struct Lowered<'a> {
    model: &'a Model,
    populations: &'a [Population],
    codes: &'a [Code],
    sites: &'a Sites<'a>,
}

impl Lowered<'_> {
    /// The group of a site in its population, and its code.
    fn code_at(&self, site: &Site) -> Option<(usize, &Code)> {
        let groups = &self.populations[site.population].groups;
        let has_it = |group: &Group| group.compartments.contains(&site.compartment);
        let group = groups.iter().position(has_it)?;
        Some((group, &self.codes[groups[group].code]))
    }

    /// The place that something is recorded of, for messages.
    fn place_recorded(&self, recording: &Recording) -> String {
        let compartment = self.model.compartment_recorded(recording);
        self.model.shape().place(compartment).to_string()
    }
}

/// Whether steps have halves, since something happens between the update of states and the currents.
fn phases(model: &Model) -> &'static [Phases] {
    let diffuses = |insertion: &Insertion| {
        let mut diffusions = insertion.mechanism.diffusions.iter();
        diffusions.any(|(_, diffusion)| diffusion.course == Course::Shells)
    };
    let told = events::is_told;
    let parted = |insertion: &Insertion| diffuses(insertion) || told(insertion);
    let mut sources = model.spike_sources().iter();
    let announced = sources.any(|source| events::is_announced_by_a_state(model, source));
    // what is played changes between the halves
    let changes = announced || !model.plays().is_empty();
    match changes || model.insertions().iter().any(parted) {
        true => HALVES,
        false => WHOLE,
    }
}

/// That mechanisms ask for nothing that is not there.
fn check_insertions(model: &Model) -> Result<(), LoweringError> {
    for (position, insertion) in model.insertions().iter().enumerate() {
        let mechanism = &insertion.mechanism;
        if events::is_told(insertion) {
            events::check(mechanism)?;
        }
        for (parameter, declared) in mechanism.parameters.iter().enumerate() {
            if !declared.default.is_nan() {
                continue;
            }
            let quantity = Quantity::Parameter {
                mechanism: position,
                parameter,
            };
            let present = insertion.present.iter().enumerate();
            let mut present = present.filter(|(_, present)| **present);
            let unset = present.find(|(compartment, _)| {
                let value = model.values().value(quantity, *compartment);
                value.is_none_or(f64::is_nan)
            });
            if let Some((compartment, _)) = unset {
                return Err(LoweringError::Unset {
                    name: model.quantity_name(quantity),
                    place: model.shape().place(compartment).to_string(),
                });
            }
        }
    }
    Ok(())
}
