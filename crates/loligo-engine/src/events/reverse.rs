//! The transpose of deliveries: cotangents of states go back through what an event did to them, and leave
//! behind those of what connections brought.
//!
//! On the grid of steps the time of an event does not change by a little, and is held fixed; where it is
//! interpolated its cotangent goes to the delay of its connection, and to the voltages that crossed the
//! threshold.

use std::collections::HashSet;

use loligo_model::Quantity;

use super::calendar::{Delivery, NO_EDGE};
use super::room::{LANES, States, carry};
use super::traffic::{Together, Traffic};
use super::transposed::Transposed;
use crate::block::Slots;
use crate::code::Handling;
use crate::reverse::{Asked, Reverse};
use crate::stepper::Stepper;
use crate::vector::Real;

/// The derivative by what a connection brings: lane of the batch, place in [`crate::Inputs::values`].
pub(crate) struct LineSlope {
    pub(crate) batch: usize,
    pub(crate) index: usize,
    pub(crate) value: f64,
}

/// What deliveries return in a reverse sweep.
pub(crate) struct Returns<T: Real> {
    /// By desk.
    takes: Vec<Transposed<T>>,
    /// Cotangents of what lines bring, `[projection][argument][line]`; empty where none are needed.
    slopes: Vec<Vec<Vec<f64>>>,
    /// The same of delays, `[projection][line]`; empty where those are not asked for.
    delays: Vec<Vec<f64>>,
    /// For each projection which arguments events change.
    changes: Vec<Vec<bool>>,
    /// Cotangents of spikes, by edge of the log.
    edges: Vec<f64>,
    /// Cotangents of voltages with which the step before began: member, position, number.
    pending: Vec<(usize, usize, f64)>,
    /// What deliveries of this step left of states: member, position in its workspace, number.
    undone: Vec<(usize, usize, T)>,
    /// What lines bring at the end of the run, `[projection][argument][line]`, where events change it.
    last_brought: Vec<Option<Vec<Vec<T>>>>,
}

impl<T: Real> Returns<T> {
    /// Whether a connection's number has a derivative that is asked for.
    fn is_wanted(asked: &Asked, mechanism: usize, argument: usize) -> bool {
        asked.has(Quantity::Argument {
            mechanism,
            argument,
        })
    }
}

impl<T: Real> Traffic<T> {
    /// What is needed to transpose deliveries.
    pub(crate) fn returns<S: Stepper<Real = T>>(
        &self,
        members: &[S],
        reverses: &[Reverse<S>],
        asked: &Asked,
    ) -> Returns<T> {
        let takes = self.desks.iter().map(|desk| {
            let wanted = reverses[desk.member].wanted(desk.group);
            let at = (desk.group, desk.handler);
            Transposed::new(&members[desk.member], at, Handling::Take, wanted)
        });
        let takes = takes.collect();
        let all = self.lines.iter();
        let mut changes: Vec<Vec<bool>> = all
            .map(|lines| vec![false; lines.arguments.len()])
            .collect();
        for desk in &self.desks {
            for argument in desk.changes() {
                changes[desk.projection][argument] = true;
            }
        }
        let slopes = self.lines.iter().zip(self.mechanisms()).enumerate();
        let slopes = slopes.map(|(projection, (lines, mechanism))| {
            let arguments = lines.arguments.iter().enumerate();
            let needed = |argument: usize| {
                let moves = changes[projection].iter().any(|changes| *changes);
                moves || Returns::<T>::is_wanted(asked, mechanism, argument)
            };
            let slopes = arguments.map(|(argument, values)| match needed(argument) {
                true => vec![0.0; values.len()],
                false => Vec::new(),
            });
            slopes.collect()
        });
        let slopes = slopes.collect();
        let last_brought = self.lines.iter().zip(&changes);
        let last_brought = last_brought.map(|(lines, changes)| {
            let moves = changes.iter().any(|changes| *changes);
            moves.then(|| lines.arguments.clone())
        });
        let last_brought = last_brought.collect();
        let delays = self.lines.iter().zip(self.mechanisms());
        let delays =
            delays.map(
                |(lines, mechanism)| match asked.has(Quantity::Delay { mechanism }) {
                    true => vec![0.0; lines.delays.len()],
                    false => Vec::new(),
                },
            );
        Returns {
            takes,
            delays: delays.collect(),
            slopes,
            changes,
            edges: vec![0.0; self.log.edges()],
            pending: Vec::new(),
            undone: Vec::new(),
            last_brought,
        }
    }

    /// States that events changed in a step: member, and position in a slot.
    pub(crate) fn touched(&self, step: usize) -> HashSet<(usize, usize)> {
        let (range, _) = self.log.of_step(step);
        let mut touched = HashSet::new();
        for delivery in range.map(|index| self.log.delivery(index)) {
            let desk = &self.desks[delivery.desk as usize];
            let at = desk.writes().map(|at| at + delivery.element as usize);
            touched.extend(at.map(|at| (desk.member, at)));
        }
        touched
    }

    /// The transpose of a step's deliveries, from the last one to the first; the states between its halves
    /// become what they were before these, until [`Traffic::redo`].
    pub(crate) fn pull_back<S: Stepper<Real = T>>(
        &mut self,
        returns: &mut Returns<T>,
        step: usize,
        members: &mut [S],
        reverses: &mut [Reverse<S>],
        slots: impl Fn(usize) -> Slots,
    ) {
        let (range, first) = self.log.of_step(step);
        let due: Vec<Delivery> = range.map(|index| self.log.delivery(index)).collect();
        let mut number = first;
        let numbers: Vec<usize> = (due.iter())
            .map(|delivery| {
                let at = number;
                number += self.desks[delivery.desk as usize].kept(delivery);
                at
            })
            .collect();
        let mut together: Vec<(&[Delivery], &[usize])> = Vec::new();
        let mut left = &numbers[..];
        for due in Together::of(&due) {
            let (theirs, rest) = left.split_at(due.len());
            together.push((due, theirs));
            left = rest;
        }
        for (due, numbers) in together.into_iter().rev() {
            if self.is_on_grid() {
                self.weigh(due, numbers, returns, members, reverses, &slots);
            }
            if !due[0].is_ghost {
                self.undo(due, numbers, members, &slots, &mut returns.undone);
                self.transpose(due, returns, members, reverses, &slots);
            }
        }
        self.pull_back_edges(returns, step, members, reverses);
    }

    /// Carries cotangents back through deliveries that are taken together, and undone.
    fn transpose<S: Stepper<Real = T>>(
        &self,
        due: &[Delivery],
        returns: &mut Returns<T>,
        members: &mut [S],
        reverses: &mut [Reverse<S>],
        slots: &impl Fn(usize) -> Slots,
    ) {
        let index = due[0].desk as usize;
        let desk = &self.desks[index];
        let (member, group, projection) = (desk.member, desk.group, desk.projection);
        let (block, reverse) = (members[member].plain_mut(), &mut reverses[member]);
        let at = (group, reverse.cotangent());
        let transposed = &mut returns.takes[index];
        let slopes = &mut returns.slopes[projection];
        let room = &mut transposed.room;
        let (lines, slots) = (&self.lines[projection], slots(member));
        carry(room, block, group, slots, due, lines, States::Halfway);
        transposed.take(block, at, due, slopes);
        transposed.run(due.len());
        transposed.give_back(block, at, due);
        transposed.give_back_slopes(due, slopes);
        transposed.add_sums(reverse, group, due);
        if self.is_on_grid() {
            return;
        }
        for (lane, delivery) in due.iter().enumerate() {
            let by_time = transposed.by_time(lane, self.dt);
            if let Some(edge) = returns.edges.get_mut(delivery.edge as usize) {
                *edge += by_time;
            }
            let delays = &mut returns.delays[projection];
            if let Some(delay) = delays.get_mut(delivery.line as usize) {
                *delay += by_time;
            }
        }
    }

    /// Adds to the cotangents of spikes what deliveries would do if they came with a little more weight:
    /// the cotangents of what they leave, times what they change of it.
    fn weigh<S: Stepper<Real = T>>(
        &mut self,
        due: &[Delivery],
        numbers: &[usize],
        returns: &mut Returns<T>,
        members: &[S],
        reverses: &[Reverse<S>],
        slots: &impl Fn(usize) -> Slots,
    ) {
        if due.iter().all(|delivery| delivery.edge == NO_EDGE) {
            return;
        }
        let desk = &mut self.desks[due[0].desk as usize];
        let (member, projection) = (desk.member, desk.projection);
        let (block, slots) = (members[member].plain(), slots(member));
        let lines = &self.lines[projection];
        if due[0].is_ghost {
            desk.try_out(block, slots, due, lines, |_| {});
        }
        let cotangent = reverses[member].cotangent();
        let slopes = &returns.slopes[projection];
        for (lane, delivery) in due.iter().enumerate() {
            if delivery.edge == NO_EDGE {
                continue;
            }
            let (element, line) = (delivery.element as usize, delivery.line as usize);
            let mut kept = numbers[lane];
            let mut before = || {
                kept += 1;
                self.log.number(kept - 1).to_f64()
            };
            let mut weight = 0.0;
            for (in_slot, tried) in desk.tried_states(lane) {
                let here = slots.factors + block.memory.halfway(in_slot) + element;
                let here = block.workspace[here].to_f64();
                let change = match delivery.is_ghost {
                    true => tried.to_f64() - here,
                    false => here - before(),
                };
                weight += change * block.workspace[cotangent + in_slot + element].to_f64();
            }
            for (argument, tried) in desk.tried_arguments(lane) {
                let Some(here) = lines.arguments[argument].get(line) else {
                    continue;
                };
                let change = match delivery.is_ghost {
                    true => tried.to_f64() - here.to_f64(),
                    false => here.to_f64() - before(),
                };
                weight += change * slopes[argument][line];
            }
            returns.edges[delivery.edge as usize] += weight;
        }
    }

    /// Carries the cotangents of a step's spikes to the voltages that they depend on.
    fn pull_back_edges<S: Stepper<Real = T>>(
        &self,
        returns: &mut Returns<T>,
        step: usize,
        members: &mut [S],
        reverses: &[Reverse<S>],
    ) {
        let mut add = |member: usize, position: usize, more: f64| {
            let at = reverses[member].cotangent() + position;
            let to = &mut members[member].plain_mut().workspace[at];
            *to = *to + T::from_f64(more);
        };
        for (member, position, more) in returns.pending.drain(..) {
            add(member, position, more);
        }
        for (number, edge) in self.log.edges_of(step) {
            let cotangent = returns.edges[number];
            add(edge.member, edge.position, cotangent * edge.by_voltage);
            let before = cotangent * edge.by_voltage_before;
            returns.pending.push((edge.member, edge.position, before));
        }
    }

    /// Lets the states between the halves of a step be what its deliveries left, so that it can be transposed
    /// once more.
    pub(crate) fn redo<S: Stepper<Real = T>>(&self, returns: &mut Returns<T>, members: &mut [S]) {
        // the last of several deliveries to one target was undone first
        for (member, at, number) in returns.undone.drain(..).rev() {
            members[member].plain_mut().workspace[at] = number;
        }
    }

    /// Lets states and connections be what they were before deliveries, and keeps what the states were.
    fn undo<S: Stepper<Real = T>>(
        &mut self,
        due: &[Delivery],
        numbers: &[usize],
        members: &mut [S],
        slots: &impl Fn(usize) -> Slots,
        undone: &mut Vec<(usize, usize, T)>,
    ) {
        for (delivery, first) in due.iter().zip(numbers) {
            let desk = &self.desks[delivery.desk as usize];
            let factors = slots(desk.member).factors;
            let block = members[desk.member].plain_mut();
            let writes = desk.writes();
            let arguments = first + writes.len();
            for (offset, in_slot) in writes.enumerate() {
                let at = factors + block.memory.halfway(in_slot) + delivery.element as usize;
                undone.push((desk.member, at, block.workspace[at]));
                block.workspace[at] = self.log.number(first + offset);
            }
            self.restore_arguments(delivery, arguments);
        }
    }

    /// What is asked for of the lines, once all steps are transposed; through what connections were made
    /// of, too, whose sums go to the members.
    pub(crate) fn line_slopes<S: Stepper<Real = T>>(
        &mut self,
        returns: &mut Returns<T>,
        members: &mut [S],
        reverses: &mut [Reverse<S>],
        slots: impl Fn(usize) -> Slots,
        asked: &Asked,
    ) -> Vec<LineSlope> {
        self.reset_lines(members);
        for index in 0..self.desks.len() {
            let desk = &self.desks[index];
            if !returns.changes[desk.projection]
                .iter()
                .any(|changes| *changes)
            {
                continue;
            }
            let (member, group) = (desk.member, desk.group);
            let wanted = reverses[member].wanted(group).to_vec();
            let at = (group, desk.handler);
            let mut made = Transposed::new(&members[member], at, Handling::Make, &wanted);
            let lines = &self.lines[desk.projection];
            let connections = lines.all_to(index as u32);
            let slopes = &mut returns.slopes[desk.projection];
            for chunk in connections.chunks(LANES) {
                let (block, slots) = (members[member].plain(), slots(member));
                carry(
                    &mut made.room,
                    block,
                    group,
                    slots,
                    chunk,
                    lines,
                    States::Slot,
                );
                made.take_slopes(chunk, slopes);
                made.run(chunk.len());
                made.give_back_slopes(chunk, slopes);
                made.add_sums(&mut reverses[member], group, chunk);
            }
        }
        for (lines, last) in self.lines.iter_mut().zip(&mut returns.last_brought) {
            if let Some(last) = last.take() {
                lines.arguments = last;
            }
        }
        self.asked_slopes(returns, asked)
    }

    fn asked_slopes(&self, returns: &Returns<T>, asked: &Asked) -> Vec<LineSlope> {
        let mut found = Vec::new();
        for (projection, mechanism) in self.mechanisms().enumerate() {
            let connections = self.lines[projection].connections;
            let in_order = self.by_source(projection);
            let slope = |first: usize, (line, value): (usize, &f64)| LineSlope {
                batch: self.first_batch() + line / connections,
                index: first + in_order[line % connections] as usize,
                value: *value,
            };
            if let Some(first) = self.column(Quantity::Delay { mechanism }) {
                let delays = returns.delays[projection].iter().enumerate();
                found.extend(delays.map(|each| slope(first, each)));
            }
            for (argument, slopes) in returns.slopes[projection].iter().enumerate() {
                if !Returns::<T>::is_wanted(asked, mechanism, argument) {
                    continue;
                }
                let quantity = Quantity::Argument {
                    mechanism,
                    argument,
                };
                let Some(first) = self.column(quantity) else {
                    continue;
                };
                let slopes = slopes.iter().enumerate();
                found.extend(slopes.map(|each| slope(first, each)));
            }
        }
        found
    }
}
