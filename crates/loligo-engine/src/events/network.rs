//! Which sources of spikes a program has, and where their events go.

use std::ops::Range;
use std::sync::Arc;

use crate::program::Site;

/// Sources, and connections from them.
#[derive(Debug)]
pub(crate) struct Network {
    /// In the order of the model.
    pub(crate) sources: Vec<Source>,
    /// One for each mechanism that takes events.
    pub(crate) projections: Vec<Projection>,
}

impl Network {
    /// The projection to a mechanism, by its position in the model.
    pub(crate) fn onto(&self, mechanism: usize) -> Option<usize> {
        let mut projections = self.projections.iter();
        projections.position(|projection| projection.mechanism == mechanism)
    }
}

/// Where spikes come from.
#[derive(Debug)]
pub(crate) enum Source {
    /// A voltage that rises above a threshold, mV.
    Threshold { site: Site, threshold: f64 },
    /// A mechanism, by its position in the model, that says itself when it spikes: by a state, by its position
    /// in the mechanism, or when it takes an event.
    Announced {
        site: Site,
        mechanism: usize,
        state: Option<usize>,
    },
    /// Given times, ms.
    Train(Arc<[f64]>),
}

/// The connections to one mechanism.
#[derive(Debug)]
pub(crate) struct Projection {
    /// Position of the mechanism in the model.
    pub(crate) mechanism: usize,
    /// What each connection brings.
    pub(crate) arguments: usize,
    /// By connection.
    pub(crate) targets: Vec<Site>,
    /// Where the connections of each source start in `connections`, and where the last ones end.
    starts: Vec<u32>,
    /// Connections by source, those of one source ascending.
    connections: Vec<u32>,
}

impl Projection {
    /// `sources` and `targets` are those of each connection.
    pub(crate) fn new(
        (mechanism, arguments): (usize, usize),
        all_sources: usize,
        sources: &[usize],
        targets: Vec<Site>,
    ) -> Self {
        let mut starts = vec![0; all_sources + 1];
        for source in sources {
            starts[source + 1] += 1;
        }
        for source in 0..all_sources {
            starts[source + 1] += starts[source];
        }
        let mut next = starts.clone();
        let mut connections = vec![0; sources.len()];
        for (connection, source) in sources.iter().enumerate() {
            connections[next[*source] as usize] = connection as u32;
            next[*source] += 1;
        }
        Projection {
            mechanism,
            arguments,
            targets,
            starts,
            connections,
        }
    }

    /// Where the connections of a source are among those in the order of sources.
    pub(crate) fn of_source(&self, source: usize) -> Range<usize> {
        self.starts[source] as usize..self.starts[source + 1] as usize
    }

    /// The connections in the order of sources, those of one source ascending.
    pub(crate) fn by_source(&self) -> &[u32] {
        &self.connections
    }
}
