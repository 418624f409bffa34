//! The order in which the steps of a run are transposed, and run again where nothing was kept.

use std::ops::Range;

use crate::checkpoint::Plan;
use crate::crew::{Crew, Seats};
use crate::dual::Number;
use crate::error::RunError;
use crate::events::{LineSlope, Returns};
use crate::exchange::Values;
use crate::execution::Control;
use crate::gaps::Equation;
use crate::kept::{Tracing, Trajectory};
use crate::pass::STRIDE;
use crate::reverse::{Asked, Reverse, Seeds};
use crate::stepper::Stepper;
use crate::threads::for_each;
use crate::wiring::Wiring;

/// The reverse sweep of a crew.
pub(crate) struct Sweep<'s, 'c, S: Stepper> {
    crew: Crew<S>,
    /// By member.
    trajectories: Vec<Trajectory>,
    reverses: Vec<Reverse<S>>,
    seeds: Vec<Seeds<'c, S::Number>>,
    returns: Option<Returns<S::Real>>,
    plan: &'s Plan,
    control: &'s Control,
    steps: usize,
}

impl<'s, 'c, S: Stepper> Sweep<'s, 'c, S> {
    /// A sweep whose cotangents go to the workspaces behind the trajectories.
    pub(crate) fn new(
        mut crew: Crew<S>,
        trajectories: Vec<Trajectory>,
        asked: &Asked,
        cotangents: <S::Number as Number>::Samples<'c>,
        tracing: &Tracing<'s>,
    ) -> Self {
        let members = crew.members.iter_mut().zip(&trajectories);
        let reverses = members.map(|(block, trajectory)| {
            let mut reverse = Reverse::new(block, asked, trajectory.end());
            reverse.clear(block);
            reverse
        });
        let reverses: Vec<Reverse<S>> = reverses.collect();
        let weights = &reverses[crew.wiring.weights..];
        for (rows, reverse) in crew.folded.rows.iter_mut().zip(weights) {
            rows.want(reverse.wanted_weights());
        }
        let traffic = crew.traffic.as_ref();
        let returns = traffic.map(|traffic| traffic.returns(&crew.members, &reverses, asked));
        let members = crew.members.iter();
        let seeds = members.map(|block| Seeds::new(block.plain(), cotangents));
        Sweep {
            seeds: seeds.collect(),
            returns,
            crew,
            trajectories,
            reverses,
            plan: tracing.plan,
            control: tracing.control,
            steps: tracing.inputs.steps,
        }
    }

    /// The crew, its cotangents, and the derivatives by what its lines bring.
    pub(crate) fn finish(mut self, asked: &Asked) -> (Crew<S>, Vec<Reverse<S>>, Vec<LineSlope>) {
        let weights = &mut self.reverses[self.crew.wiring.weights..];
        for (rows, reverse) in self.crew.folded.rows.iter_mut().zip(weights) {
            reverse.take_weights(rows);
            rows.want([false; 2]);
        }
        let trajectories = &self.trajectories;
        let lines = match (&mut self.crew.traffic, &mut self.returns) {
            (Some(traffic), Some(returns)) => {
                let slots = |member: usize| trajectories[member].slots(0);
                let (members, reverses) = (&mut self.crew.members, &mut self.reverses);
                traffic.line_slopes(returns, members, reverses, slots, asked)
            }
            _ => Vec::new(),
        };
        (self.crew, self.reverses, lines)
    }

    /// Reverses a span of `level - 1` that starts from `snapshots`, by member.
    pub(crate) fn reverse_span(
        &mut self,
        range: Range<usize>,
        snapshots: &[&[S::Real]],
        level: usize,
    ) -> Result<(), RunError> {
        let trajectories = &self.trajectories;
        let members = self.crew.members.iter_mut().zip(trajectories);
        for ((block, trajectory), snapshot) in members.zip(snapshots) {
            block.restore(trajectory.slot(0), snapshot);
        }
        if level == self.plan.spans.len() {
            for step in range.clone() {
                let index = step - range.start;
                self.crew.step(step, |m| trajectories[m].slots(index));
            }
            self.control.check(range.len())?;
            return self.reverse_kept(range);
        }
        // run through the span once more, keeping what its parts start from
        let span = self.plan.spans[level];
        let mut starts = Vec::with_capacity(range.len().div_ceil(span));
        for step in range.clone() {
            if (step - range.start).is_multiple_of(span) {
                let members = self.crew.members.iter().zip(trajectories);
                let states = members.map(|(block, trajectory)| block.state(trajectory.slot(0)));
                starts.push(states.collect::<Vec<_>>());
            }
            self.crew.step(step, |m| trajectories[m].in_place());
        }
        self.control.check(range.len())?;
        for (index, start) in starts.into_iter().enumerate().rev() {
            let from = range.start + index * span;
            let part = from..(from + span).min(range.end);
            let start: Vec<&[S::Real]> = start.iter().map(Vec::as_slice).collect();
            self.reverse_span(part, &start, level + 1)?;
        }
        Ok(())
    }

    /// Reverses steps whose states are all in the trajectories, the first in their first slots.
    pub(crate) fn reverse_kept(&mut self, range: Range<usize>) -> Result<(), RunError> {
        if range.end == self.steps {
            self.last_update(range.len());
        }
        for step in range.clone().rev() {
            self.step(step, step - range.start);
            if step.is_multiple_of(STRIDE) {
                self.control.check(STRIDE)?;
            }
        }
        if range.start == 0 {
            self.start();
        }
        Ok(())
    }

    /// The transpose of a step whose states are in these slots of the trajectories.
    fn step(&mut self, step: usize, index: usize) {
        let trajectories = &self.trajectories;
        let seats = |member: usize| trajectories[member].slots(index);
        let spread = self.crew.is_large;
        self.crew.meet(seats);
        let Wiring {
            cells,
            sources,
            weights,
            ..
        } = self.crew.wiring;
        let members = self.crew.members.iter_mut().zip(&mut self.reverses);
        let members = members.zip(&self.seeds).enumerate();
        let are_joined = self.crew.gaps.is_some();
        // a whole step of cells at once, while they are in the cache
        let at_once = !are_joined && self.returns.is_none();
        for_each(members, spread, |(member, ((block, reverse), seeds))| {
            if member < cells && are_joined {
                reverse.before_solve(block, step, seats(member), seeds);
            } else if member < cells {
                reverse.equation(block, step, seats(member), seeds);
                if at_once {
                    reverse.membranes(block, step, seats(member), seeds);
                }
            } else if member < weights {
                reverse.written(block, step, seats(member), seeds);
            }
        });
        solve_joined(&mut self.crew, &mut self.reverses, &self.seeds, step, seats);
        tell_back(&mut self.crew, &self.reverses, seats);
        let Crew {
            members, folded, ..
        } = &mut self.crew;
        folded.gather(&members[sources..weights], |index| seats(sources + index));
        folded.add_derivatives(spread);
        let Crew {
            members,
            folded,
            traffic,
            ..
        } = &mut self.crew;
        let reverses = &mut self.reverses;
        let told = |member: usize, block: &mut S, reverse: &Reverse<S>| {
            if member >= sources {
                folded.pull_back(member - sources, block, reverse.cotangent());
            }
        };
        match (&mut self.returns, traffic) {
            (Some(returns), Some(traffic)) => {
                let touched = traffic.touched(step);
                let all = members[..weights].iter_mut().zip(reverses.iter_mut());
                let all = all.zip(&self.seeds).enumerate();
                for_each(all, spread, |(member, ((block, reverse), seeds))| {
                    told(member, block, reverse);
                    let counts = |at: usize| !touched.contains(&(member, at));
                    reverse.second_half(block, step, seats(member), seeds, &counts);
                });
                traffic.pull_back(returns, step, members, reverses, seats);
                let all = members[..weights].iter_mut().zip(reverses.iter_mut());
                let all = all.zip(&self.seeds).enumerate();
                for_each(all, spread, |(member, ((block, reverse), seeds))| {
                    let counts = |at: usize| touched.contains(&(member, at));
                    reverse.before_events(block, step, seeds, &counts);
                    reverse.first_half(block, step, seats(member));
                });
                traffic.redo(returns, members);
            }
            _ => {
                let all = members[..weights].iter_mut().zip(reverses.iter_mut());
                let all = all.zip(&self.seeds).enumerate();
                let all = all.skip(if at_once { cells } else { 0 });
                for_each(all, spread, |(member, ((block, reverse), seeds))| {
                    told(member, block, reverse);
                    reverse.membranes(block, step, seats(member), seeds);
                });
            }
        }
        collect(&mut self.crew, &self.reverses);
        if self.crew.is_cut(step) {
            let members = self.crew.members.iter_mut().zip(&self.reverses);
            for (block, reverse) in members {
                let slot = block.plain().memory.slot;
                block.clear(reverse.cotangent()..reverse.cotangent() + slot);
            }
        }
    }

    /// The transpose of what is written down at the end: the state, and, of the last update, states that are
    /// recorded.
    fn last_update(&mut self, index: usize) {
        let trajectories = &self.trajectories;
        let seats = |member: usize| trajectories[member].last(index);
        self.crew.meet(seats);
        let members = self.crew.members.iter_mut().zip(&mut self.reverses);
        for (member, ((block, reverse), seeds)) in members.zip(&self.seeds).enumerate() {
            reverse.finish(block, seats(member), seeds);
            seeds.add_end(block, reverse.cotangent());
        }
        collect(&mut self.crew, &self.reverses);
    }

    /// The transpose of what is written down at t = 0.
    fn start(&mut self) {
        let trajectories = &self.trajectories;
        let seats = |member: usize| trajectories[member].slots(0);
        self.crew.meet(seats);
        let members = self.crew.members.iter_mut().zip(&mut self.reverses);
        for (member, ((block, reverse), seeds)) in members.zip(&self.seeds).enumerate() {
            reverse.start(block, seats(member), seeds);
        }
        collect(&mut self.crew, &self.reverses);
    }
}

/// The transposed equations of cells that gap junctions join.
fn solve_joined<S: Stepper>(
    crew: &mut Crew<S>,
    reverses: &mut [Reverse<S>],
    seeds: &[Seeds<'_, S::Number>],
    step: usize,
    seats: impl Seats,
) {
    let Some(gaps) = &mut crew.gaps else {
        return;
    };
    let cells = crew.wiring.cells;
    let equations = reverses[..cells].iter().map(Reverse::equation_at);
    let equations: Vec<Equation> = equations.collect();
    gaps.solve_again(&mut crew.members, seats, &equations);
    let members = crew.members[..cells].iter_mut().zip(reverses).zip(seeds);
    let members = members.enumerate();
    for_each(
        members,
        crew.is_large,
        |(member, ((block, reverse), seeds))| {
            for (position, inflow) in gaps.inflows(member) {
                reverse.join_clamp(block, position, inflow);
            }
            reverse.after_solve(block, step, seats(member), seeds);
        },
    );
}

/// Tells synapses the cotangents of the equations that they add to, and the solution of those.
fn tell_back<S: Stepper>(crew: &mut Crew<S>, reverses: &[Reverse<S>], seats: impl Seats) {
    let Crew {
        members,
        wiring,
        exchange,
        folded,
        is_large,
        ..
    } = crew;
    if !wiring.is_needed() {
        return;
    }
    let (values, spread) = (&mut exchange.values, *is_large);
    let transposed = |member: usize, _: &S| reverses[member].transposed();
    let solved = |member: usize, block: &S| reverses[member].where_solved(block, seats(member));
    let tell = |values: &Values<S::Number>, members: &mut [S], to: &dyn Fn(usize, &S) -> usize| {
        let synapses = members.iter_mut().enumerate().skip(wiring.cells);
        let synapses = synapses.zip(wiring.joins());
        let synapses = synapses.map(|((member, block), joins)| {
            let to = to(member, block);
            (member, block, joins, to)
        });
        let synapses = synapses.take(wiring.sources - wiring.cells);
        for_each(synapses, spread, |(member, block, joins, to)| {
            match member < wiring.gaps {
                true => values.spread(joins, block, (to, None)),
                false => values.spread_difference(joins, block, to),
            }
        });
    };
    values.gather(wiring, members, spread, transposed);
    tell(values, members, &transposed);
    folded.take_transposed(values.by_end(), spread);
    values.gather(wiring, members, spread, solved);
    tell(values, members, &solved);
    folded.take_solved(values.by_end(), spread);
}

/// Carries cotangents of the voltages that synapses read to the cells.
fn collect<S: Stepper>(crew: &mut Crew<S>, reverses: &[Reverse<S>]) {
    let Crew {
        members,
        wiring,
        exchange,
        is_large,
        ..
    } = crew;
    if wiring.is_needed() {
        let post = |member: usize| reverses[member].cotangent();
        let pre = |member: usize| reverses[member].presynaptic();
        let to = |member: usize| reverses[member].cotangent();
        let values = &mut exchange.values;
        values.collect(wiring, members, *is_large, (post, pre), to);
    }
}
