//! Events that are under way, by the step in which they arrive.

use std::collections::VecDeque;

/// An event that is to be delivered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Delivery {
    /// When, ms.
    pub(super) time: f64,
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
    /// Whether it changes nothing, and only gradients ask what it would have changed.
    pub(super) is_ghost: bool,
}

impl Delivery {
    /// An event at t = 0 for an element, or through a line, that comes from no threshold.
    pub(super) fn at_start(desk: u32, element: u32, line: u32) -> Self {
        Delivery {
            time: 0.0,
            flag: 0.0,
            desk,
            element,
            line,
            edge: NO_EDGE,
            is_ghost: false,
        }
    }
}

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
}

impl Calendar {
    pub(super) fn new(dt: f64, steps: usize) -> Self {
        Calendar {
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

    /// Enters an event, which arrives in the first step whose middle is not before its time, and not
    /// before this one.
    #[inline]
    pub(super) fn enter(&mut self, now: usize, delivery: Delivery) {
        // negative and what is no number become 0
        let step = (delivery.time / self.dt - 0.5).ceil() as usize;
        let step = step.max(now);
        if step >= self.steps {
            return;
        }
        let day = step - self.first;
        if day >= self.days.len() {
            self.days.resize_with(day + 1, Vec::new);
        }
        self.days[day].push(delivery);
    }

    /// What arrives in a step, which becomes the first one; those before it are over.
    pub(super) fn due(&mut self, step: usize) -> Vec<Delivery> {
        while self.first < step {
            self.days.pop_front();
            self.first += 1;
        }
        self.days
            .front_mut()
            .map(std::mem::take)
            .unwrap_or_default()
    }
}
