//! Connections: spikes of somewhere become events of a mechanism, after a delay.
//!
//! All connections to one mechanism are numbered in the order in which they were made; what belongs to
//! each, its delay and the arguments that the mechanism takes (its weight), has a row for each.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use loligo_mechanism::Mechanism;
use loligo_mechanism::mechanism::Placement;

use crate::error::ModelError;
use crate::model::Model;
use crate::names::nearest;
use crate::quantity::Quantity;

/// Where spikes come from.
#[derive(Clone, Debug, PartialEq)]
pub enum SpikeSource {
    /// The voltage of a compartment, when it rises above a threshold (mV).
    Threshold {
        /// The compartment.
        compartment: usize,
        /// mV.
        threshold: f64,
    },
    /// A mechanism of a compartment that says itself when it spikes ([`Mechanism::announces_spikes`]).
    Announced {
        /// Position among [`Model::insertions`].
        mechanism: usize,
        /// The compartment.
        compartment: usize,
    },
    /// Given times, ms, ascending.
    Train(Arc<[f64]>),
}

impl SpikeSource {
    /// The compartment that spikes; none if their times are given.
    pub fn compartment(&self) -> Option<usize> {
        match self {
            SpikeSource::Threshold { compartment, .. }
            | SpikeSource::Announced { compartment, .. } => Some(*compartment),
            SpikeSource::Train(_) => None,
        }
    }
}

/// Which sources the events of a mechanism come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// By connection: position in [`Model::spike_sources`].
    pub sources: Vec<usize>,
    /// By connection: the compartment that the mechanism is in; of a synaptic mechanism the number of
    /// the synapse.
    pub targets: Vec<usize>,
}

impl Connections {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }
}

impl Model {
    /// Where spikes come from, in the order in which they were asked for.
    pub fn spike_sources(&self) -> &[SpikeSource] {
        &self.spike_sources
    }

    /// Watches the voltage of compartments for spikes, which runs then return. A spike is when the
    /// voltage is above the threshold (mV) as a step begins, and was not as the step before began.
    /// Returns the positions of the sources; one that there is already is not made anew.
    ///
    /// # Errors
    /// A compartment that there is not; a threshold that is not finite.
    pub fn detect_spikes(
        &mut self,
        compartments: &[usize],
        threshold: f64,
    ) -> Result<Vec<usize>, ModelError> {
        if !threshold.is_finite() {
            return Err(ModelError::BadSpikes {
                what: "the threshold",
                value: threshold,
                expected: "a finite number of mV",
            });
        }
        self.check_compartments(compartments.iter())?;
        let source = |compartment| SpikeSource::Threshold {
            compartment,
            threshold,
        };
        Ok(self.sources_of(compartments, source))
    }

    /// Follows the spikes that a mechanism of compartments announces itself, in place of their voltage: an
    /// artificial cell or a point process with net_event, or a mechanism with a state that says so. Returns
    /// the positions of the sources; one that there is already is not made anew.
    ///
    /// ```
    /// use loligo_mechanism::nmodl;
    /// use loligo_model::Model;
    ///
    /// let clock = "NEURON { ARTIFICIAL_CELL Clock RANGE interval } PARAMETER { interval = 5 (ms) }
    ///     INITIAL { net_send(interval, 1) }
    ///     NET_RECEIVE (weight) { IF (flag == 1) { net_event(t) net_send(interval, 1) } }";
    /// let mut cell = Model::cylinder(20.0, 20.0, 1)?;
    /// cell.everywhere().insert(nmodl::compile(clock, "clock.mod")?)?;
    /// assert_eq!(cell.follow_spikes("Clock", &[0])?, [0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A mechanism that is unknown, announces no spikes, or is not in a compartment; a compartment that there
    /// is not.
    pub fn follow_spikes(
        &mut self,
        mechanism: &str,
        compartments: &[usize],
    ) -> Result<Vec<usize>, ModelError> {
        let Some(position) = self.mechanism_position(mechanism) else {
            let all = self.insertions.iter().map(|i| &i.mechanism);
            let announcing = all.filter(|mechanism| mechanism.announces_spikes());
            return Err(ModelError::UnknownName {
                what: "mechanism that announces spikes",
                name: mechanism.to_owned(),
                nearest: nearest(mechanism, announcing.map(|m| m.name.as_str())),
            });
        };
        self.check_compartments(compartments.iter())?;
        let insertion = &self.insertions[position];
        if !insertion.mechanism.announces_spikes() {
            return Err(ModelError::AnnouncesNoSpikes {
                name: insertion.mechanism.name.clone(),
            });
        }
        self.check_present(position, compartments)?;
        let source = |compartment| SpikeSource::Announced {
            mechanism: position,
            compartment,
        };
        Ok(self.sources_of(compartments, source))
    }

    /// The mechanism of a compartment that is its neuron, and says itself when it spikes: an artificial cell, or
    /// one with a state that says so. Of point processes that announce spikes none is.
    pub fn announcer(&self, compartment: usize) -> Option<&Mechanism> {
        let here = self.insertions.iter();
        let here = here.filter(|i| i.present.get(compartment) == Some(&true));
        let mut here = here.map(|insertion| insertion.mechanism.as_ref());
        here.find(|mechanism| {
            let is_cell = mechanism.placement == Placement::Cell && mechanism.announces_spikes();
            is_cell || mechanism.spikes.is_some()
        })
    }

    /// The positions of the sources of compartments, which are added where there are none yet.
    fn sources_of(
        &mut self,
        compartments: &[usize],
        source: impl Fn(usize) -> SpikeSource,
    ) -> Vec<usize> {
        let known = self.spike_sources.iter().enumerate();
        let known = known.filter_map(|(index, known)| {
            let compartment = known.compartment()?;
            (*known == source(compartment)).then_some((compartment, index))
        });
        let mut known: HashMap<usize, usize> = known.collect();
        let mut sources = Vec::with_capacity(compartments.len());
        for &compartment in compartments {
            let new = self.spike_sources.len();
            let position = *known.entry(compartment).or_insert(new);
            if position == new {
                self.spike_sources.push(source(compartment));
            }
            sources.push(position);
        }
        self.structure_changed();
        sources
    }

    /// That a mechanism is in all of these compartments.
    fn check_present(&self, position: usize, compartments: &[usize]) -> Result<(), ModelError> {
        let insertion = &self.insertions[position];
        match compartments.iter().find(|c| !insertion.present[**c]) {
            None => Ok(()),
            Some(&compartment) => Err(ModelError::Absent {
                name: insertion.mechanism.name.clone(),
                place: self.shape.place(compartment),
                reason: "insert it there before it is connected".to_owned(),
            }),
        }
    }

    /// A source whose spikes are at given times, ms. Returns its position.
    ///
    /// # Errors
    /// Times that do not ascend, or are no finite numbers from 0 on.
    pub fn spike_train(&mut self, times: impl Into<Arc<[f64]>>) -> Result<usize, ModelError> {
        let times = times.into();
        let mut before = 0.0;
        for &time in times.iter() {
            if !time.is_finite() || time < before {
                return Err(ModelError::BadSpikes {
                    what: "a time of a spike train",
                    value: time,
                    expected: "finite times (ms) from 0 on, ascending",
                });
            }
            before = time;
        }
        self.spike_sources.push(SpikeSource::Train(times));
        self.structure_changed();
        Ok(self.spike_sources.len() - 1)
    }

    /// Connects sources to a mechanism that takes events and is in the compartments, one each; delays
    /// are 1 ms and arguments 0 until they are set. Returns the numbers of the connections.
    ///
    /// ```
    /// use loligo_mechanism::library;
    /// use loligo_model::Model;
    ///
    /// let mut cell = Model::cylinder(20.0, 20.0, 1)?;
    /// cell.everywhere().insert(library::builtin("expsyn").unwrap())?;
    /// let input = cell.spike_train(vec![10.0, 20.0])?;
    /// let connections = cell.connect_events("expsyn", &[input], &[0])?;
    /// assert_eq!(connections, 0..1);
    /// let all = cell.synapses("expsyn")?;
    /// cell.set_synapses("expsyn.weight", 0.001, &all)?;
    /// cell.set_synapses("expsyn.delay", 2.0, &all)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A mechanism that is unknown, takes no events, or is not in a compartment; lists of different
    /// length; a source or compartment that there is not.
    pub fn connect_events(
        &mut self,
        mechanism: &str,
        sources: &[usize],
        compartments: &[usize],
    ) -> Result<Range<usize>, ModelError> {
        let Some(position) = self.mechanism_position(mechanism) else {
            return Err(self.unknown_receiver(mechanism));
        };
        self.check_compartments(compartments.iter())?;
        self.check_present(position, compartments)?;
        self.add_connections(position, sources, compartments)
    }

    /// Makes synapses that each take the events of their own connection, from sources to compartments.
    /// They are of a mechanism that sits at a point and takes events. Returns their numbers, which are
    /// those of the connections, too.
    ///
    /// # Errors
    /// As for [`Model::connect`] and [`Model::connect_events`].
    pub fn connect_synapses(
        &mut self,
        mechanism: impl Into<Arc<Mechanism>>,
        sources: &[usize],
        compartments: &[usize],
    ) -> Result<Range<usize>, ModelError> {
        let mechanism: Arc<Mechanism> = mechanism.into();
        if mechanism.receiver.is_none() {
            return Err(ModelError::TakesNoEvents {
                name: mechanism.name.clone(),
            });
        }
        self.check_sources(sources)?;
        let name = mechanism.name.clone();
        self.check_compartments(compartments.iter())?;
        if sources.len() != compartments.len() {
            return Err(ModelError::UnequalEnds {
                pre: sources.len(),
                post: compartments.len(),
            });
        }
        // spikes at given times have no other side than their own
        let ends = sources.iter().zip(compartments);
        let pre =
            ends.map(|(source, own)| self.spike_sources[*source].compartment().unwrap_or(*own));
        let pre: Vec<usize> = pre.collect();
        let synapses = self.join(mechanism, &pre, compartments)?;
        let targets: Vec<usize> = synapses.collect();
        let Some(position) = self.mechanism_position(&name) else {
            return Err(self.unknown_receiver(&name));
        };
        self.add_connections(position, sources, &targets)
    }

    fn add_connections(
        &mut self,
        position: usize,
        sources: &[usize],
        targets: &[usize],
    ) -> Result<Range<usize>, ModelError> {
        if sources.len() != targets.len() {
            return Err(ModelError::UnequalEnds {
                pre: sources.len(),
                post: targets.len(),
            });
        }
        self.check_sources(sources)?;
        let insertion = &mut self.insertions[position];
        let Some(receiver) = &insertion.mechanism.receiver else {
            return Err(ModelError::TakesNoEvents {
                name: insertion.mechanism.name.clone(),
            });
        };
        let arguments = receiver.arguments.len();
        let connections = &mut insertion.connections;
        let new = connections.len()..connections.len() + targets.len();
        connections.sources.extend_from_slice(sources);
        connections.targets.extend_from_slice(targets);
        let mechanism = position;
        for argument in 0..arguments {
            let quantity = Quantity::Argument {
                mechanism,
                argument,
            };
            self.values.extend(quantity, new.clone(), Some(0.0));
        }
        let delay = Quantity::Delay { mechanism };
        self.values.extend(delay, new.clone(), Some(DELAY));
        self.structure_changed();
        Ok(new)
    }

    /// The compartments that the synapses of a mechanism, or the connections to it, come from (none for spikes
    /// at given times), and those that they are onto.
    pub fn ends(&self, mechanism: usize) -> (Vec<Option<usize>>, Vec<usize>) {
        let insertion = &self.insertions[mechanism];
        let Connections { sources, targets } = &insertion.connections;
        let post = match insertion.is_synaptic() {
            true => insertion.joins.post.clone(),
            false => targets.clone(),
        };
        if targets.is_empty() {
            return (
                insertion.joins.pre.iter().copied().map(Some).collect(),
                post,
            );
        }
        let pre = sources
            .iter()
            .map(|source| self.spike_sources[*source].compartment());
        (pre.collect(), post)
    }

    /// The compartment that a connection's events go to.
    pub(crate) fn compartment_connected(&self, mechanism: usize, connection: usize) -> usize {
        let insertion = &self.insertions[mechanism];
        let target = insertion.connections.targets[connection];
        match insertion.mechanism.placement {
            Placement::Synapse => insertion.joins.post[target],
            _ => target,
        }
    }

    /// Connections to a mechanism whose targets are in the selected compartments.
    pub(crate) fn connections_onto(
        &self,
        mechanism: usize,
        selection: &crate::selection::Selection,
    ) -> Vec<usize> {
        let all = 0..self.insertions[mechanism].connections.len();
        let onto = |row: &usize| selection.contains(self.compartment_connected(mechanism, *row));
        all.filter(onto).collect()
    }

    fn check_sources(&self, sources: &[usize]) -> Result<(), ModelError> {
        let known = self.spike_sources.len();
        match sources.iter().find(|source| **source >= known) {
            Some(&source) => Err(ModelError::NoSpikeSource {
                source_number: source,
                sources: known,
            }),
            None => Ok(()),
        }
    }

    fn unknown_receiver(&self, name: &str) -> ModelError {
        let receivers = self.insertions.iter().map(|i| &i.mechanism);
        let receivers = receivers.filter(|mechanism| mechanism.receiver.is_some());
        ModelError::UnknownName {
            what: "mechanism that takes events",
            name: name.to_owned(),
            nearest: nearest(name, receivers.map(|m| m.name.as_str())),
        }
    }
}

/// What a connection takes until its delay is set, ms.
const DELAY: f64 = 1.0;
