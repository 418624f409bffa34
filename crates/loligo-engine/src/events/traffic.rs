//! The events of a crew: from spikes to deliveries.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::Spike;
use super::calendar::{Calendar, Delivery, NO_EDGE, NO_LINE};
use super::desk::{Aside, Desk};
use super::lines::Lines;
use super::log::Log;
use super::network::{Network, Source};
use super::room::LANES;
use super::surrogate::Surrogate;
use super::watch::{Edge, Watch};
use crate::block::Slots;
use crate::inputs::LaneLookup;
use crate::members::Members;
use crate::program::{Program, Reads};
use crate::stepper::Stepper;
use crate::vector::Real;
use loligo_model::Quantity;

/// A spike is found a little later than the step begins, as NEURON's, ms: what arrives half a step later
/// is in the next one.
const LATER: f64 = 1e-10;

/// Everything about the events of a crew.
pub(crate) struct Traffic<T: Real> {
    program: Arc<Program>,
    batches: Range<usize>,
    dt: f64,
    watches: Vec<Watch<T>>,
    /// The slope of thresholds in gradients.
    surrogate: Option<Surrogate>,
    /// Sources at their thresholds as a step begins.
    edges: Vec<Edge>,
    /// Spikes at given times, ascending: time, source, lane of the batch within the crew.
    trains: Vec<(f64, u32, u32)>,
    /// The first that was not sent yet.
    next: usize,
    pub(super) lines: Vec<Lines<T>>,
    pub(super) desks: Vec<Desk<T>>,
    calendar: Calendar,
    pub(super) spikes: Vec<Spike>,
    pub(super) log: Log<T>,
    mode: Mode,
    /// Whether states are written down.
    shows_states: bool,
    /// Numbers of slots that events changed in this step, as they were before: member, position, number.
    undelivered: HashMap<(usize, usize), T>,
}

/// Where deliveries come from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// From spikes; they are written down.
    Live { kept: bool },
    /// From what was written down.
    Replay,
}

impl<T: Real> Traffic<T> {
    /// The traffic between the members of a crew, if their program has any.
    pub(crate) fn new<S: Stepper<Real = T>>(members: &[S]) -> Option<Self> {
        let first = members.first()?.plain();
        let program = Arc::clone(&first.lanes.program);
        let network = program.events.as_ref()?;
        let inputs = &first.inputs;
        let cells = first.lanes.population().cells.len();
        let batches = first.lanes.range.start / cells..first.lanes.range.end.div_ceil(cells);
        let find = Members::new(members.iter().map(Stepper::plain));
        let lookup = LaneLookup::new(inputs);
        let mut watches: Vec<Watch<T>> = (0..members.len()).map(Watch::new).collect();
        let mut trains = Vec::new();
        for (batch, lane) in batches.clone().enumerate() {
            for (source, of) in network.sources.iter().enumerate() {
                match of {
                    Source::Threshold { site, threshold } => {
                        let (member, position) = find.place(site, lane);
                        let source = (source as u32, batch as u32);
                        watches[member].add(source, position, *threshold);
                    }
                    Source::Train(times) => {
                        let given = inputs.trains.get(&source);
                        let times = given
                            .map_or(&**times, |train| train.of_lane(lane))
                            .iter();
                        trains.extend(times.map(|time| (*time, source as u32, batch as u32)));
                    }
                }
            }
        }
        trains.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut desks = Vec::new();
        let mut desk_of = HashMap::new();
        for (member, block) in members.iter().map(Stepper::plain).enumerate() {
            for (group, of) in block.lanes.population().groups.iter().enumerate() {
                let code = &program.codes[of.code];
                for (handler, shape) in code.handlers.iter().enumerate() {
                    let mut projections = network.projections.iter();
                    let projection = projections.position(|p| p.mechanism == shape.mechanism);
                    let Some(projection) = projection else {
                        continue;
                    };
                    desk_of.insert((member, group, projection), desks.len() as u32);
                    desks.push(Desk::new(block, (member, group, handler), projection));
                }
            }
        }
        let lines = network
            .projections
            .iter()
            .enumerate()
            .map(|(index, projection)| {
                let target = |batch: usize, connection: usize| {
                    let (member, position) = find.place(&projection.targets[connection], batch);
                    let layout = &members[member].plain().layout;
                    let group = layout
                        .groups
                        .iter()
                        .position(|region| region.contains(&position));
                    let group = group.unwrap_or_default();
                    let element = position - layout.groups[group].start;
                    (desk_of[&(member, group, index)], element as u32)
                };
                Lines::new(
                    projection,
                    &program.layout,
                    &lookup,
                    batches.clone(),
                    target,
                )
            });
        let lines = lines.collect();
        Some(Traffic {
            batches,
            dt: inputs.dt,
            watches,
            surrogate: inputs.surrogate,
            edges: Vec::new(),
            trains,
            next: 0,
            lines,
            desks,
            calendar: Calendar::new(inputs.dt, inputs.steps),
            spikes: Vec::new(),
            log: Log::default(),
            mode: Mode::Live { kept: false },
            shows_states: (program.recordings.iter())
                .any(|recording| matches!(recording.reads, Reads::State { .. })),
            undelivered: HashMap::new(),
            program,
        })
    }

    /// Writes deliveries down from now on.
    pub(crate) fn keep_log(&mut self) {
        self.mode = Mode::Live { kept: true };
    }

    /// What was delivered; from now on it is delivered again.
    pub(crate) fn finish_log(&mut self) -> Log<T> {
        self.mode = Mode::Replay;
        std::mem::take(&mut self.log)
    }

    /// Delivers what was written down.
    pub(crate) fn replay(&mut self, log: Log<T>) {
        self.mode = Mode::Replay;
        self.log = log;
    }

    /// Positions in the model of the mechanisms that lines go to.
    pub(super) fn mechanisms(&self) -> impl Iterator<Item = usize> + use<'_, T> {
        let network = self.program.events.iter();
        let projections = network.flat_map(|network| &network.projections);
        projections.map(|projection| projection.mechanism)
    }

    /// Where the numbers of a quantity start in [`crate::Inputs::values`].
    pub(super) fn column(&self, quantity: Quantity) -> Option<usize> {
        self.program.layout.index(quantity, 0)
    }

    /// The connections of a projection in the order of its lines.
    pub(super) fn by_source(&self, projection: usize) -> &[u32] {
        let network = self.program.events.as_ref();
        network.map_or(&[], |network| network.projections[projection].by_source())
    }

    pub(super) fn first_batch(&self) -> usize {
        self.batches.start
    }

    /// Lets lines bring what connections were made with.
    pub(super) fn reset_lines<S: Stepper<Real = T>>(&mut self, members: &[S]) {
        let Some(first) = members.first() else { return };
        let lookup = LaneLookup::new(&first.plain().inputs);
        let network = self.program.events.iter();
        let projections = network.flat_map(|network| &network.projections);
        for (projection, lines) in projections.zip(&mut self.lines) {
            let layout = &self.program.layout;
            lines.reset(projection, layout, &lookup, self.batches.clone());
        }
    }

    /// The spikes of the run, in the order of time.
    pub(crate) fn take_spikes(&mut self) -> Vec<Spike> {
        std::mem::take(&mut self.spikes)
    }

    /// Begins a run whose state at t = 0 is in these slots.
    pub(crate) fn begin<S: Stepper<Real = T>>(
        &mut self,
        members: &mut [S],
        slots: impl Fn(usize) -> Slots,
    ) {
        self.calendar.clear();
        for (index, desk) in self.desks.iter().enumerate() {
            let block = members[desk.member].plain_mut();
            let lines = &mut self.lines[desk.projection];
            let calendar = &mut self.calendar;
            desk.begin(block, slots(desk.member), index as u32, lines, |event| {
                calendar.enter(0, event);
            });
        }
    }

    /// Finds the spikes with which a step begins, and delivers the events that are due by its middle to
    /// the states between its halves.
    pub(crate) fn deliver<S: Stepper<Real = T>>(
        &mut self,
        step: usize,
        members: &mut [S],
        slots: impl Fn(usize) -> Slots,
    ) {
        self.undelivered.clear();
        match self.mode {
            Mode::Replay => self.replay_step(step, members, slots),
            Mode::Live { kept } => {
                if kept {
                    self.log.begin();
                }
                self.watch(step, members, &slots, kept);
                self.send_trains(step);
                self.look_out(step, members, &slots);
                loop {
                    let mut due = self.calendar.due(step);
                    if due.is_empty() {
                        break;
                    }
                    arrange(&mut due);
                    self.take(step, &due, members, &slots, kept);
                }
            }
        }
    }

    /// States of a member that events changed in the last step, as they were before: positions in a slot,
    /// and numbers.
    pub(crate) fn undelivered(&self, member: usize) -> impl Iterator<Item = (usize, T)> + '_ {
        let all = self.undelivered.iter();
        let own = all.filter(move |((of, _), _)| *of == member);
        own.map(|((_, at), number)| (*at, *number))
    }

    fn watch<S: Stepper<Real = T>>(
        &mut self,
        step: usize,
        members: &[S],
        slots: impl Fn(usize) -> Slots,
        kept: bool,
    ) {
        let time = step as f64 * self.dt;
        let mut edges = std::mem::take(&mut self.edges);
        // slopes are asked for by gradients only
        let surrogate = self.surrogate.filter(|_| kept);
        for watch in &mut self.watches {
            let from = slots(watch.member).from;
            let block = members[watch.member].plain();
            match surrogate {
                None => watch.look(block, from, &mut edges),
                Some(surrogate) => watch.look_closely(block, from, surrogate, &mut edges),
            }
        }
        for edge in edges.drain(..) {
            let (source, batch) = edge.source;
            if edge.spikes {
                self.note_spike(time, edge.source);
            }
            let number = match surrogate {
                Some(_) if self.is_connected(source) => self.log.keep_edge(edge),
                _ => NO_EDGE,
            };
            if edge.spikes || number != NO_EDGE {
                self.send(step, time + LATER, (source, batch), number, !edge.spikes);
            }
        }
        self.edges = edges;
    }

    /// Sends the events of conditions that mechanisms watch.
    fn look_out<S: Stepper<Real = T>>(
        &mut self,
        step: usize,
        members: &[S],
        slots: impl Fn(usize) -> Slots,
    ) {
        let time = step as f64 * self.dt;
        for (index, desk) in self.desks.iter_mut().enumerate() {
            let (block, slots) = (members[desk.member].plain(), slots(desk.member));
            let (lines, calendar) = (&self.lines[desk.projection], &mut self.calendar);
            desk.look(block, slots, (index as u32, time), lines, |event| {
                calendar.enter(step, event);
            });
        }
    }

    fn send_trains(&mut self, step: usize) {
        let middle = (step as f64 + 0.5) * self.dt;
        while let Some(&(time, source, batch)) = self.trains.get(self.next) {
            if time > middle {
                break;
            }
            self.next += 1;
            self.note_spike(time, (source, batch));
            self.send(step, time, (source, batch), NO_EDGE, false);
        }
    }

    fn note_spike(&mut self, time: f64, (source, batch): (u32, u32)) {
        self.spikes.push(Spike {
            lane: self.batches.start + batch as usize,
            source: source as usize,
            time,
        });
    }

    /// Whether events follow from a source.
    fn is_connected(&self, source: u32) -> bool {
        let network = self.program.events.iter();
        let mut projections = network.flat_map(|network| &network.projections);
        projections.any(|projection| !projection.of_source(source as usize).is_empty())
    }

    /// Sends the events of a spike.
    fn send(
        &mut self,
        step: usize,
        sent: f64,
        (source, batch): (u32, u32),
        edge: u32,
        is_ghost: bool,
    ) {
        let network = self.program.events.iter();
        let projections = network.flat_map(|network: &Network| &network.projections);
        for (projection, lines) in projections.zip(&self.lines) {
            let first = batch as usize * lines.connections;
            for line in projection.of_source(source as usize) {
                let line = first + line;
                let (desk, element) = lines.targets[line];
                let delivery = Delivery {
                    time: sent + lines.delays[line],
                    flag: 0.0,
                    desk,
                    element,
                    line: line as u32,
                    edge,
                    is_ghost,
                };
                self.calendar.enter(step, delivery);
            }
        }
    }

    /// Delivers events in this order.
    fn take<S: Stepper<Real = T>>(
        &mut self,
        step: usize,
        due: &[Delivery],
        members: &mut [S],
        slots: &impl Fn(usize) -> Slots,
        kept: bool,
    ) {
        let is_live = self.mode != Mode::Replay;
        for together in Together::of(due) {
            let desk = &mut self.desks[together[0].desk as usize];
            let slots = slots(desk.member);
            let block = members[desk.member].plain_mut();
            let lines = &mut self.lines[desk.projection];
            let mut aside = Aside {
                log: kept.then_some(&mut self.log),
                undelivered: self.shows_states.then_some(&mut self.undelivered),
            };
            let calendar = &mut self.calendar;
            let follow = |event: Delivery| {
                if is_live {
                    calendar.enter(step, event);
                }
            };
            desk.take(block, slots, together, lines, &mut aside, follow);
        }
    }

    fn replay_step<S: Stepper<Real = T>>(
        &mut self,
        step: usize,
        members: &mut [S],
        slots: impl Fn(usize) -> Slots,
    ) {
        let (range, mut number) = self.log.of_step(step);
        let due: Vec<Delivery> = range.map(|index| self.log.delivery(index)).collect();
        for together in Together::of(&due) {
            // what connections bring is what they brought then
            for delivery in together {
                let desk = &self.desks[delivery.desk as usize];
                let (writes, kept) = (desk.writes().len(), desk.kept(delivery));
                if !delivery.is_ghost {
                    self.restore_arguments(delivery, number + writes);
                }
                number += kept;
            }
            if together[0].is_ghost {
                continue;
            }
            self.take(step, together, members, &slots, false);
        }
    }

    /// Lets a connection bring what it brought before a delivery, which is kept from `first` on.
    pub(super) fn restore_arguments(&mut self, delivery: &Delivery, first: usize) {
        if delivery.line == NO_LINE {
            return;
        }
        let desk = &self.desks[delivery.desk as usize];
        let lines = &mut self.lines[desk.projection];
        for (offset, argument) in desk.changes().enumerate() {
            lines.arguments[argument][delivery.line as usize] = self.log.number(first + offset);
        }
    }
}

/// Puts deliveries in order: by desk; then the first one to each element, the second one to each, and so
/// on, where those to one element come in the order of time, then of connections.
fn arrange(due: &mut Vec<Delivery>) {
    // times are no less than 0, so that their bits are in their order
    let target = |delivery: &Delivery| u64::from(delivery.desk) << 32 | u64::from(delivery.element);
    due.sort_unstable_by(|a, b| {
        let by_time = || a.time.to_bits().cmp(&b.time.to_bits());
        let order = target(a).cmp(&target(b)).then_with(by_time);
        let order = order.then_with(|| a.line.cmp(&b.line));
        order.then_with(|| a.flag.total_cmp(&b.flag))
    });
    if due
        .windows(2)
        .all(|pair| target(&pair[0]) != target(&pair[1]))
    {
        return;
    }
    let mut rounds = Vec::with_capacity(due.len());
    for (index, delivery) in due.iter().enumerate() {
        let again = index > 0 && target(&due[index - 1]) == target(delivery);
        let round = if again { rounds[index - 1] + 1 } else { 0 };
        rounds.push(round);
    }
    let mut order: Vec<usize> = (0..due.len()).collect();
    order.sort_by_key(|index| (due[*index].desk, rounds[*index]));
    *due = order.into_iter().map(|index| due[index]).collect();
}

/// Cuts deliveries into those that can be taken together: to one desk, each to another element, and so
/// many at most.
pub(super) struct Together<'d> {
    left: &'d [Delivery],
}

impl<'d> Together<'d> {
    pub(super) fn of(deliveries: &'d [Delivery]) -> Self {
        Together { left: deliveries }
    }
}

impl<'d> Iterator for Together<'d> {
    type Item = &'d [Delivery];

    fn next(&mut self) -> Option<&'d [Delivery]> {
        self.left.first()?;
        let most = self.left.len().min(LANES);
        // in the order of deliveries elements ascend until one comes once more
        let follows = |index: &usize| {
            let (before, next) = (&self.left[index - 1], &self.left[*index]);
            let same = next.desk == before.desk && next.is_ghost == before.is_ghost;
            !same || next.element <= before.element
        };
        let len = (1..most).find(follows).unwrap_or(most);
        let (together, left) = self.left.split_at(len);
        self.left = left;
        Some(together)
    }
}
