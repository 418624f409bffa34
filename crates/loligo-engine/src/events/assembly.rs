//! What the events of a crew go through: who is watched for spikes, where events are taken, and the lines
//! that lead there.

use std::collections::HashMap;
use std::ops::Range;

use super::desk::Desk;
use super::lines::Lines;
use super::network::{Network, Source};
use super::watch::Watch;
use crate::inputs::LaneLookup;
use crate::lanes::NodeLayout;
use crate::members::Members;
use crate::program::Program;
use crate::stepper::Stepper;
use crate::vector::Real;
use loligo_model::Quantity;

/// Source, and lane of the batch within the crew.
type SourceInLane = (u32, u32);

/// A spike at a given time, ms.
pub(super) type Given = (f64, u32, u32);

/// The parts of a crew's traffic.
pub(super) struct Assembly<T: Real> {
    pub(super) watches: Vec<Watch<T>>,
    /// Spikes at given times, ascending: time, source, lane of the batch within the crew.
    pub(super) trains: Vec<Given>,
    pub(super) desks: Vec<Desk<T>>,
    pub(super) lines: Vec<Lines<T>>,
    /// Sources that announce spikes when they take events, by desk and element.
    pub(super) firing: HashMap<(u32, u32), SourceInLane>,
    /// The shortest delay behind these, ms.
    pub(super) shortest: f64,
}

/// A source whose mechanism announces its spikes.
struct Announcer {
    source: SourceInLane,
    mechanism: usize,
    /// The state that does, if it is not done on taking events.
    state: Option<usize>,
    /// Member, and position in an array over its nodes.
    place: (usize, usize),
}

impl<T: Real> Assembly<T> {
    /// The parts of the traffic between members, for these lanes of the batch.
    pub(super) fn new<S: Stepper<Real = T>>(
        members: &[S],
        (program, network): (&Program, &Network),
        batches: &Range<usize>,
    ) -> Self {
        let mut assembly = Assembly {
            watches: (0..members.len()).map(Watch::new).collect(),
            trains: Vec::new(),
            desks: Vec::new(),
            lines: Vec::new(),
            firing: HashMap::new(),
            shortest: f64::INFINITY,
        };
        let find = Members::new(members.iter().map(Stepper::plain));
        let announcers = assembly.take_sources(members, &find, network, batches);
        let desk_of = assembly.set_up_desks(members, program, network);
        let lookup = LaneLookup::new(&members[0].plain().inputs);
        let lines = network.projections.iter().enumerate();
        let lines = lines.map(|(index, projection)| {
            let target = |batch: usize, connection: usize| {
                let (member, position) = find.place(&projection.targets[connection], batch);
                let (group, element) = within(&members[member].plain().layout, position);
                (desk_of[&(member, group, index)], element as u32)
            };
            let batches = batches.clone();
            Lines::new(projection, &program.layout, &lookup, batches, target)
        });
        assembly.lines = lines.collect();
        let desks = assembly.desks.iter().enumerate();
        for (index, desk) in desks.filter(|(_, desk)| desk.broadcasts()) {
            assembly.lines[desk.projection].note_targets(index as u32);
        }
        for announcer in announcers {
            assembly.listen_to(&announcer, members, (program, network), &desk_of);
        }
        assembly
    }

    /// Has voltages watched, and collects given spikes; returns who announces spikes by itself.
    fn take_sources<S: Stepper<Real = T>>(
        &mut self,
        members: &[S],
        find: &Members<'_, T>,
        network: &Network,
        batches: &Range<usize>,
    ) -> Vec<Announcer> {
        let given = &members[0].plain().inputs.trains;
        let mut announcers = Vec::new();
        for (batch, lane) in batches.clone().enumerate() {
            for (number, of) in network.sources.iter().enumerate() {
                let source = (number as u32, batch as u32);
                match of {
                    Source::Threshold { site, threshold } => {
                        let (member, position) = find.place(site, lane);
                        self.watches[member].add(source, position, *threshold);
                    }
                    Source::Announced {
                        site,
                        mechanism,
                        state,
                    } => announcers.push(Announcer {
                        source,
                        mechanism: *mechanism,
                        state: *state,
                        place: find.place(site, lane),
                    }),
                    Source::Train(times) => {
                        let given = given.get(&number);
                        let times = given.map_or(&**times, |train| train.of_lane(lane)).iter();
                        self.trains
                            .extend(times.map(|time| (*time, source.0, source.1)));
                    }
                }
            }
        }
        self.trains
            .sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        announcers
    }

    /// A desk for each mechanism of a group that lines lead to; by member, group and projection.
    fn set_up_desks<S: Stepper<Real = T>>(
        &mut self,
        members: &[S],
        program: &Program,
        network: &Network,
    ) -> HashMap<(usize, usize, usize), u32> {
        let mut desk_of = HashMap::new();
        for (member, block) in members.iter().map(Stepper::plain).enumerate() {
            for (group, of) in block.lanes.population().groups.iter().enumerate() {
                let code = &program.codes[of.code];
                for (handler, shape) in code.handlers.iter().enumerate() {
                    let Some(projection) = network.onto(shape.mechanism) else {
                        continue;
                    };
                    desk_of.insert((member, group, projection), self.desks.len() as u32);
                    let desk = Desk::new(block, (member, group, handler), projection);
                    self.desks.push(desk);
                }
            }
        }
        desk_of
    }

    /// Follows the state that announces spikes, or the events on which they are announced.
    fn listen_to<S: Stepper<Real = T>>(
        &mut self,
        announcer: &Announcer,
        members: &[S],
        (program, network): (&Program, &Network),
        desk_of: &HashMap<(usize, usize, usize), u32>,
    ) {
        let (mechanism, (member, position)) = (announcer.mechanism, announcer.place);
        let block = members[member].plain();
        let (group, element) = within(&block.layout, position);
        if let Some(state) = announcer.state {
            let quantity = Quantity::InitialState { mechanism, state };
            let code = &program.codes[block.lanes.population().groups[group].code];
            let found = code.states.iter().position(|s| *s == Some(quantity));
            if let Some(found) = found {
                let state = block.memory.states[group][found] + element;
                self.watches[member].follow(announcer.source, state);
            }
            return;
        }
        let Some(index) = network.onto(mechanism) else {
            return;
        };
        let desk = desk_of[&(member, group, index)];
        self.firing.insert((desk, element as u32), announcer.source);
        let (source, batch) = (announcer.source.0 as usize, announcer.source.1 as usize);
        for (projection, lines) in network.projections.iter().zip(&self.lines) {
            let own = projection.of_source(source);
            let delays = own.map(|line| lines.delays[batch * lines.connections + line]);
            self.shortest = delays.fold(self.shortest, f64::min);
        }
    }
}

/// The group and the element of it that a position of an array over nodes belongs to.
fn within(layout: &NodeLayout, position: usize) -> (usize, usize) {
    let mut groups = layout.groups.iter();
    let group = groups.position(|region| region.contains(&position));
    let group = group.unwrap_or_default();
    (group, position - layout.groups[group].start)
}
