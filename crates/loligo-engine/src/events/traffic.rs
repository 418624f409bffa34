//! The events of a crew: from spikes to deliveries.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::Spike;
use super::assembly::{Assembly, Given};
use super::calendar::{Calendar, Delivery, NO_EDGE, NO_LINE};
use super::desk::{Aside, Desk, Following};
use super::lines::Lines;
use super::log::Log;
use super::network::Network;
use super::room::LANES;
use super::surrogate::Surrogate;
use super::watch::{Edge, Watch};
use crate::block::Slots;
use crate::convention::SpikeTimes;
use crate::error::RunError;
use crate::inputs::LaneLookup;
use crate::program::{Program, Reads};
use crate::stepper::Stepper;
use crate::vector::Real;
use loligo_model::Quantity;

/// A spike is found a little later than the step begins, as NEURON's, ms: what arrives half a step later
/// is in the next one.
const LATER: f64 = 1e-10;

/// How often more events follow within a step before that is taken for something that never ends.
const MOST_ROUNDS: usize = 1_000_000;

/// The flag of events that others may take the place of, as NEURON has it.
const MOVABLE: f64 = 1.0;

/// Everything about the events of a crew.
pub(crate) struct Traffic<T: Real> {
    program: Arc<Program>,
    batches: Range<usize>,
    pub(super) dt: f64,
    watches: Vec<Watch<T>>,
    /// The slope of thresholds in gradients.
    surrogate: Option<Surrogate>,
    /// Sources at their thresholds as a step begins.
    edges: Vec<Edge>,
    /// Spikes at given times, ascending: time, source, lane of the batch within the crew.
    trains: Vec<Given>,
    /// The first that was not sent yet.
    next: usize,
    pub(super) lines: Vec<Lines<T>>,
    pub(super) desks: Vec<Desk<T>>,
    /// Sources that announce spikes when they take events, by desk and element.
    firing: HashMap<(u32, u32), (u32, u32)>,
    /// The shortest delay behind these, ms.
    shortest: f64,
    /// The last event of each element with a flag of 1, where another may take its place.
    movable: HashMap<(u32, u32), Delivery>,
    /// What follows from events that were just taken.
    following: Vec<Following>,
    /// The step in which events follow each other without end.
    endless: Option<usize>,
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
        let Assembly {
            watches,
            trains,
            desks,
            lines,
            firing,
            shortest,
        } = Assembly::new(members, (&program, network), &batches);
        Some(Traffic {
            firing,
            shortest,
            movable: HashMap::new(),
            following: Vec::new(),
            endless: None,
            batches,
            dt: inputs.dt,
            watches,
            surrogate: inputs.surrogate,
            edges: Vec::new(),
            trains,
            next: 0,
            lines,
            desks,
            calendar: Calendar::new(inputs.dt, inputs.steps, program.spike_times),
            spikes: Vec::new(),
            log: Log::default(),
            mode: Mode::Live { kept: false },
            shows_states: (program.recordings.iter())
                .any(|recording| matches!(recording.reads, Reads::State { .. })),
            undelivered: HashMap::new(),
            program,
        })
    }

    /// Writes the deliveries of so many steps down from now on.
    pub(crate) fn keep_log(&mut self, steps: usize) {
        self.log = Log::of_steps(steps);
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

    pub(super) fn is_on_grid(&self) -> bool {
        self.program.spike_times == SpikeTimes::Grid
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

    /// That events do not follow each other without end.
    pub(crate) fn check(&self) -> Result<(), RunError> {
        match self.endless {
            None => Ok(()),
            Some(step) => Err(RunError::EndlessEvents {
                time: step as f64 * self.dt,
            }),
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
        let (calendar, movable) = (&mut self.calendar, &mut self.movable);
        for (index, desk) in self.desks.iter().enumerate() {
            let block = members[desk.member].plain_mut();
            let lines = &mut self.lines[desk.projection];
            let moves = desk.moves();
            desk.begin(block, slots(desk.member), index as u32, lines, |event| {
                if moves && event.flag == MOVABLE {
                    movable.insert(event.target(), event);
                }
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
                let mut rounds = 0;
                while let Some(mut due) = self.next_due(step) {
                    rounds += 1;
                    if rounds > MOST_ROUNDS || self.endless.is_some() {
                        self.endless.get_or_insert(step);
                        break;
                    }
                    arrange(&mut due);
                    for delivery in &mut due {
                        self.desks[delivery.desk as usize].count(delivery);
                    }
                    self.take(&due, members, &slots, kept);
                    self.follow(step);
                }
            }
        }
    }

    /// Events of a step that can be taken now: what may follow from others comes no earlier. Events that
    /// nothing follows from wait for all others of the step.
    fn next_due(&mut self, step: usize) -> Option<Vec<Delivery>> {
        let desks = &self.desks;
        let day = self.calendar.due(step).filter(|day| !day.is_empty())?;
        let answers = |delivery: &Delivery| desks[delivery.desk as usize].answers();
        if !day.iter().any(answers) {
            return Some(std::mem::take(day));
        }
        // what a spike brings about is later than it by the shortest delay
        let fires = |delivery: &&Delivery| desks[delivery.desk as usize].fires();
        let firing = day.iter().filter(fires).map(|delivery| delivery.time);
        let first = firing.fold(f64::INFINITY, f64::min);
        let latest = first + self.shortest;
        let mut earliest: HashMap<(u32, u32), Delivery> = HashMap::new();
        for delivery in day.iter().filter(|delivery| answers(delivery)) {
            if delivery.time < latest || delivery.time <= first {
                let known = earliest.entry(delivery.target()).or_insert(*delivery);
                if delivery.compare(known).is_lt() {
                    *known = *delivery;
                }
            }
        }
        let mut due = Vec::with_capacity(earliest.len());
        day.retain(|delivery| match earliest.get(&delivery.target()) {
            Some(known) if known == delivery => {
                earliest.remove(&delivery.target());
                due.push(*delivery);
                false
            }
            _ => true,
        });
        Some(due)
    }

    /// Puts under way what follows from events that were taken.
    fn follow(&mut self, step: usize) {
        let mut following = std::mem::take(&mut self.following);
        for event in following.drain(..) {
            match event {
                Following::Sent(event) => {
                    let moves = self.desks[event.desk as usize].moves();
                    if moves && event.flag == MOVABLE && !event.is_ghost {
                        self.movable.insert(event.target(), event);
                    }
                    self.calendar.enter(step, event);
                }
                Following::Moved(event) => {
                    let Some(last) = self.movable.get_mut(&event.target()) else {
                        continue;
                    };
                    // NEURON stops where none is under way
                    if self.calendar.remove(step, last) {
                        *last = Delivery {
                            time: event.time,
                            sent: event.sent,
                            ..*last
                        };
                        self.calendar.enter(step, *last);
                    }
                }
                Following::Spike(time, from) => {
                    if let Some(&source) = self.firing.get(&from.target()) {
                        self.note_spike(time, source);
                        self.send(step, (time, from.time), source, NO_EDGE, false);
                    }
                }
            }
        }
        self.following = following;
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
        let differentiated = surrogate.is_some() || kept && !self.is_on_grid();
        for watch in &mut self.watches {
            let from = slots(watch.member).from;
            let block = members[watch.member].plain();
            match (surrogate, self.program.spike_times) {
                (Some(surrogate), _) => watch.look_closely(block, from, surrogate, &mut edges),
                (None, SpikeTimes::Grid) => watch.look(block, from, &mut edges),
                (None, SpikeTimes::Interpolated) => {
                    watch.look_between(block, from, self.dt, &mut edges);
                }
            }
            watch.listen(block, slots(watch.member).factors, &mut edges);
        }
        for edge in edges.drain(..) {
            let (source, batch) = edge.source;
            let spike = time - edge.earlier * self.dt;
            if edge.spikes {
                self.note_spike(spike, edge.source);
            }
            let number = match differentiated && self.is_connected(source) {
                true => self.log.keep_edge(edge),
                false => NO_EDGE,
            };
            if edge.spikes || number != NO_EDGE {
                let times = match self.program.spike_times {
                    SpikeTimes::Grid => (time + LATER, time),
                    SpikeTimes::Interpolated => (spike, spike),
                };
                self.send(step, times, (source, batch), number, !edge.spikes);
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
        let (middle, end) = ((step as f64 + 0.5) * self.dt, (step + 1) as f64 * self.dt);
        while let Some(&(time, source, batch)) = self.trains.get(self.next) {
            let is_late = match self.program.spike_times {
                SpikeTimes::Grid => time > middle,
                SpikeTimes::Interpolated => time >= end,
            };
            if is_late {
                break;
            }
            self.next += 1;
            self.note_spike(time, (source, batch));
            self.send(step, (time, time), (source, batch), NO_EDGE, false);
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

    /// Sends the events of a spike, of which it is said when it is and since when that is known.
    fn send(
        &mut self,
        step: usize,
        (spike, known): (f64, f64),
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
                    time: spike + lines.delays[line],
                    sent: known,
                    flag: 0.0,
                    desk,
                    element,
                    line: line as u32,
                    edge,
                    left: 0.0,
                    count: 0,
                    is_ghost,
                };
                self.calendar.enter(step, delivery);
            }
        }
    }

    /// Delivers events in this order.
    fn take<S: Stepper<Real = T>>(
        &mut self,
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
            let following = &mut self.following;
            let follow = |event: Following| {
                if is_live {
                    following.push(event);
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
            self.take(together, members, &slots, false);
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
    due.sort_unstable_by(|a, b| a.target().cmp(&b.target()).then_with(|| a.compare(b)));
    let follows = |pair: &[Delivery]| pair[0].target() == pair[1].target();
    if !due.windows(2).any(follows) {
        return;
    }
    let mut rounds = Vec::with_capacity(due.len());
    for (index, delivery) in due.iter().enumerate() {
        let again = index > 0 && due[index - 1].target() == delivery.target();
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
