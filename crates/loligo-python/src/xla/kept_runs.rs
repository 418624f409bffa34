//! The runs of a staged run that wait for their gradients.

use std::collections::VecDeque;

use super::any_trace::AnyTrace;
use super::staged::Arrays;

/// Runs that wait for their gradients, within a budget, and the last one that has had one.
///
/// Gradients go through a program from its end, so the latest run is asked for first, and the oldest are those
/// that go when there is no room.
pub struct KeptRuns {
    budget: usize,
    waiting: VecDeque<Kept>,
    /// What the latest run takes in bytes: the next will take about the same.
    latest: usize,
    used: Option<(Arrays, AnyTrace)>,
}

struct Kept {
    arrays: Arrays,
    trace: AnyTrace,
    bytes: usize,
}

impl KeptRuns {
    /// None, and at most so many bytes of them; the latest is kept whatever it takes.
    pub fn within(budget: usize) -> Self {
        KeptRuns {
            budget,
            waiting: VecDeque::new(),
            latest: 0,
            used: None,
        }
    }

    /// Makes room for one more, before it runs.
    pub fn make_room(&mut self) {
        self.used = None;
        while self.waiting.iter().map(|kept| kept.bytes).sum::<usize>() + self.latest > self.budget
            && self.waiting.pop_front().is_some()
        {}
    }

    /// Keeps a run of these arrays until its gradient is asked for.
    pub fn wait(&mut self, arrays: Arrays, trace: AnyTrace) {
        self.latest = trace.bytes();
        self.make_room();
        let bytes = self.latest;
        self.waiting.push_back(Kept {
            arrays,
            trace,
            bytes,
        });
    }

    /// Keeps a run whose gradient was computed, since it may be asked for once more.
    pub fn used(&mut self, arrays: Arrays, trace: AnyTrace) {
        self.used = Some((arrays, trace));
    }

    /// The latest run of these arrays, if there is one.
    pub fn take(&mut self, arrays: &[Vec<f64>]) -> Option<AnyTrace> {
        let used = self.used.take_if(|(of, _)| same_bits(of, arrays));
        if let Some((_, trace)) = used {
            return Some(trace);
        }
        let mut waiting = self.waiting.iter();
        let position = waiting.rposition(|kept| same_bits(&kept.arrays, arrays))?;
        self.waiting.remove(position).map(|kept| kept.trace)
    }
}

/// Whether arrays are the same, also where they are not numbers.
fn same_bits(one: &[Vec<f64>], other: &[Vec<f64>]) -> bool {
    let same = |(a, b): (&Vec<f64>, &Vec<f64>)| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
    };
    one.len() == other.len() && one.iter().zip(other).all(same)
}
