//! Events that are under way, by the step in which they arrive.

use std::cmp::Ordering;
use std::collections::VecDeque;

use crate::convention::SpikeTimes;

/// An event that is to be delivered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Delivery {
    /// When, ms.
    pub(super) time: f64,
    /// When it was put under way, ms: of those that arrive at the same time the first one goes first, as
    /// in NEURON.
    pub(super) sent: f64,
    /// 0 for one from outside, else what the mechanism called it.
    pub(super) flag: f64,
    /// Which desk takes it.
    pub(super) desk: u32,
    /// Whom it is for, counted within the desk's group.
    pub(super) element: u32,
    /// The connection that it came through, or that the one came through which it follows from;
    /// [`NO_LINE`] if there is none.
    pub(super) line: u32,
    /// Which edge of the log it comes from, at the threshold of its source; [`NO_EDGE`] if none.
    pub(super) edge: u32,
    /// How much is left of the step that it is delivered in, in steps; above 1 if it came before that.
    pub(super) left: f64,
    /// How many events its element has taken with it, where that decides about random numbers.
    pub(super) count: u32,
    /// Whether it changes nothing, and only gradients ask what it would have changed.
    pub(super) is_ghost: bool,
}

impl Delivery {
    /// An event at t = 0 for an element, or through a line, that comes from no threshold.
    pub(super) fn at_start(desk: u32, element: u32, line: u32) -> Self {
        Delivery {
            time: 0.0,
            sent: BEFORE,
            flag: 0.0,
            desk,
            element,
            line,
            edge: NO_EDGE,
            left: 0.0,
            count: 0,
            is_ghost: false,
        }
    }

    /// Whom it is for.
    pub(super) fn target(&self) -> (u32, u32) {
        (self.desk, self.element)
    }

    /// Which of two deliveries to one element comes first.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let by_time = self.time.total_cmp(&other.time);
        let order = by_time.then_with(|| self.sent.total_cmp(&other.sent));
        let order = order.then_with(|| self.line.cmp(&other.line));
        order.then_with(|| self.flag.total_cmp(&other.flag))
    }
}

/// When that was sent which is under way as a run begins, ms.
const BEFORE: f64 = -1.0;

/// What comes from no threshold, or is not asked for.
pub(super) const NO_EDGE: u32 = u32::MAX;

/// What has no connection.
pub(super) const NO_LINE: u32 = u32::MAX;

/// Events by step.
pub(super) struct Calendar {
    dt: f64,
    /// The step that comes first in `days`.
    first: usize,
    /// How many steps there are; what arrives later is forgotten.
    steps: usize,
    days: VecDeque<Vec<Delivery>>,
    spike_times: SpikeTimes,
}

impl Calendar {
    pub(super) fn new(dt: f64, steps: usize, spike_times: SpikeTimes) -> Self {
        Calendar {
            spike_times,
            dt,
            first: 0,
            steps,
            days: VecDeque::new(),
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.first = 0;
        self.days.clear();
    }

    /// Enters an event, which arrives in the step that its time belongs to, and not before this one.
    #[inline]
    pub(super) fn enter(&mut self, now: usize, mut delivery: Delivery) {
        let step = self.step_of(delivery.time).max(now);
        if step >= self.steps {
            return;
        }
        delivery.left = (step + 1) as f64 - delivery.time / self.dt;
        let day = step - self.first;
        if day >= self.days.len() {
            self.days.resize_with(day + 1, Vec::new);
        }
        self.days[day].push(delivery);
    }

    /// What arrives in a step, which becomes the first one; those before it are over.
    pub(super) fn due(&mut self, step: usize) -> Option<&mut Vec<Delivery>> {
        while self.first < step {
            self.days.pop_front();
            self.first += 1;
        }
        self.days.front_mut()
    }

    /// Takes an event out, and says whether it was still under way.
    pub(super) fn remove(&mut self, now: usize, delivery: &Delivery) -> bool {
        let step = self.step_of(delivery.time).max(now);
        if step >= self.steps {
            return true;
        }
        let Some(day) = self.days.get_mut(step - self.first) else {
            return false;
        };
        let is_it = |d: &Delivery| {
            d.target() == delivery.target() && d.time == delivery.time && d.flag == delivery.flag
        };
        let found = day.iter().rposition(is_it);
        found.map(|at| day.remove(at)).is_some()
    }

    /// The first step whose middle is not before a time, or the step that it is in; for negative ones and
    /// what is no number 0.
    fn step_of(&self, time: f64) -> usize {
        match self.spike_times {
            SpikeTimes::Grid => (time / self.dt - 0.5).ceil() as usize,
            SpikeTimes::Interpolated => (time / self.dt).floor() as usize,
        }
    }
}
