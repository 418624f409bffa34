//! Spikes of a model and where their events go.

use loligo_mechanism::Mechanism;
use loligo_model::{Insertion, Model, SpikeSource};

use super::LoweringError;
use crate::events::{Network, Projection, Source};
use crate::program::{Population, Site};

/// Whether events may be delivered to a mechanism.
pub(super) fn is_told(insertion: &Insertion) -> bool {
    let receiver = insertion.mechanism.receiver.as_ref();
    receiver.is_some_and(|r| !insertion.connections.is_empty() || !r.initial_sends.is_empty())
}

/// That a mechanism asks for no events that are not delivered.
pub(super) fn check(mechanism: &Mechanism) -> Result<(), LoweringError> {
    let Some(receiver) = &mechanism.receiver else {
        return Ok(());
    };
    let graph = &mechanism.graph;
    let arguments = receiver.arguments.iter().map(|a| a.name.as_str());
    let brought: Vec<&str> = arguments.chain(["flag", "t"]).collect();
    let mentions = |expr| brought.iter().any(|name| graph.mentions(expr, name));
    let watches_events = receiver.watches.iter().any(|watch| mentions(watch.rises));
    let mut sends = receiver.sends.iter().chain(&receiver.initial_sends);
    let construct = match () {
        () if sends.any(|send| send.moves) => "net_move",
        () if watches_events => "WATCH of what an event brings",
        () if !receiver.broadcasts.is_empty() => "FOR_NETCONS",
        () if !receiver.fires.is_empty() => "net_event",
        () => return Ok(()),
    };
    Err(LoweringError::Events {
        mechanism: mechanism.name.clone(),
        construct,
    })
}

/// The network of a model, if anything in it spikes or takes events. `site` finds compartments.
pub(super) fn network(
    model: &Model,
    populations: &[Population],
    site: &dyn Fn(usize) -> Site,
) -> Option<Network> {
    let told = |insertion: &&Insertion| is_told(insertion);
    if model.spike_sources().is_empty() && model.insertions().iter().all(|i| !told(&i)) {
        return None;
    }
    let sources = model.spike_sources().iter().map(|source| match source {
        SpikeSource::Threshold {
            compartment,
            threshold,
        } => Source::Threshold {
            site: site(*compartment),
            threshold: *threshold,
        },
        SpikeSource::Train(times) => Source::Train(times.clone()),
    });
    let insertions = model.insertions().iter().enumerate();
    let projections = insertions.filter(|(_, insertion)| told(insertion));
    let projections = projections.map(|(mechanism, insertion)| {
        let synapses = SynapseSites::of(mechanism, populations);
        let targets = insertion.connections.targets.iter();
        let targets = targets.map(|target| match &synapses {
            Some(synapses) => synapses.site(*target),
            None => site(*target),
        });
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

/// Where the synapses of a mechanism are.
struct SynapseSites {
    population: usize,
    /// By synapse its place in the population.
    places: Vec<usize>,
}

impl SynapseSites {
    fn of(mechanism: usize, populations: &[Population]) -> Option<Self> {
        let theirs = |population: &Population| {
            let junctions = population.junctions.as_ref();
            junctions.is_some_and(|junctions| junctions.mechanism == mechanism)
        };
        let population = populations.iter().position(theirs)?;
        let cells = &populations[population].cells;
        let mut places = vec![0; cells.len()];
        for (place, synapse) in cells.iter().enumerate() {
            places[*synapse] = place;
        }
        Some(SynapseSites { population, places })
    }

    fn site(&self, synapse: usize) -> Site {
        Site {
            population: self.population,
            cell: self.places[synapse],
            compartment: 0,
        }
    }
}
