//! Spikes of a model and where their events go.

use loligo_mechanism::Mechanism;
use loligo_model::{Insertion, Model, SpikeSource};

use super::error::LoweringError;
use super::sites::Sites;
use crate::events::{Network, Projection, Source};

/// Whether events may be delivered to a mechanism.
pub(super) fn is_told(insertion: &Insertion) -> bool {
    let receiver = insertion.mechanism.receiver.as_ref();
    receiver.is_some_and(|r| !insertion.connections.is_empty() || !r.initial_sends.is_empty())
}

/// Whether a source is a state that says when it spikes, which is known only between the halves of a step.
pub(super) fn is_announced_by_a_state(model: &Model, source: &SpikeSource) -> bool {
    match source {
        SpikeSource::Announced { mechanism, .. } => {
            model.insertions()[*mechanism].mechanism.spikes.is_some()
        }
        SpikeSource::Threshold { .. } | SpikeSource::Train(_) => false,
    }
}

/// That a mechanism asks for no events that are not delivered.
pub(super) fn check(mechanism: &Mechanism) -> Result<(), LoweringError> {
    let Some(receiver) = &mechanism.receiver else {
        return Ok(());
    };
    let graph = &mechanism.graph;
    let arguments = receiver.arguments.iter().map(|a| a.name.as_str());
    let arguments: Vec<&str> = arguments.collect();
    let mentions = |expr, names: &[&str]| names.iter().any(|name| graph.mentions(expr, name));
    let watches_events = (receiver.watches.iter())
        .any(|watch| mentions(watch.rises, &arguments) || mentions(watch.rises, &["flag", "t"]));
    let told = receiver.broadcasts.iter().flat_map(|b| &b.updated);
    let construct = match () {
        () if receiver.initial_sends.iter().any(|send| send.moves) => "net_move in INITIAL",
        () if watches_events => "WATCH of what an event brings",
        () if told.into_iter().any(|e| mentions(*e, &arguments)) => {
            "FOR_NETCONS that reads what the event itself brings"
        }
        () => return Ok(()),
    };
    Err(LoweringError::Events {
        mechanism: mechanism.name.clone(),
        construct,
    })
}

/// The network of a model, if anything in it spikes or takes events.
pub(super) fn network(model: &Model, sites: &Sites<'_>) -> Option<Network> {
    let told = |insertion: &&Insertion| is_told(insertion);
    if model.spike_sources().is_empty() && model.insertions().iter().all(|i| !told(&i)) {
        return None;
    }
    let sources = model.spike_sources().iter().map(|source| match source {
        SpikeSource::Threshold {
            compartment,
            threshold,
        } => Source::Threshold {
            site: sites.compartment(*compartment),
            threshold: *threshold,
        },
        SpikeSource::Announced {
            mechanism,
            compartment,
        } => {
            let of = &model.insertions()[*mechanism].mechanism;
            let mut states = of.states.iter();
            Source::Announced {
                site: sites.compartment(*compartment),
                mechanism: *mechanism,
                state: states.position(|state| Some(&state.name) == of.spikes.as_ref()),
            }
        }
        SpikeSource::Train(times) => Source::Train(times.clone()),
    });
    let insertions = model.insertions().iter().enumerate();
    let projections = insertions.filter(|(_, insertion)| told(insertion));
    let projections = projections.map(|(mechanism, insertion)| {
        let targets = insertion.connections.targets.iter();
        let targets = targets.map(|target| sites.row(Some(mechanism), *target));
        let receiver = insertion.mechanism.receiver.as_ref();
        let arguments = receiver.map_or(0, |receiver| receiver.arguments.len());
        Projection::new(
            (mechanism, arguments),
            model.spike_sources().len(),
            &insertion.connections.sources,
            targets.collect(),
        )
    });
    Some(Network {
        sources: sources.collect(),
        projections: projections.collect(),
    })
}
