//! Which states of a run are kept for its reverse sweep, within a budget of memory.
//!
//! A run of N steps is cut into spans, spans into shorter spans, and the shortest are run again
//! with every state kept just before they are reversed. Each level of spans costs one more run, and
//! its memory grows with the number of spans only, so two levels reach N steps with about 2√N
//! states.

/// What is kept of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Lengths of the spans of each level in steps, longest first. The last are run with every
    /// state kept; with one level as long as the run nothing is run twice.
    pub spans: Vec<usize>,
}

/// What states and steps of a run weigh, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// One state of all lanes of the run.
    pub snapshot: usize,
    /// One state of the lanes that are reversed at the same time.
    pub local_snapshot: usize,
    /// One step, with its state and its factors, of the lanes that are reversed at the same time.
    pub step: usize,
    /// One step of all lanes.
    pub total_step: usize,
}

/// Up to this size a trajectory is kept whole. A larger one is not worth its memory: running the
/// spans twice costs about as much as going through so many bytes.
const KEPT_WHOLE: usize = 512 << 20;

/// What a block that is reversed needs besides states, whatever the length of the run: instructions
/// bound to their memory, and lists of what is recorded and wanted. Six tenths of it were measured.
pub(crate) const INSTRUCTIONS: usize = 1 << 20;

impl Plan {
    /// The plan of least work whose memory is within `budget` bytes, or what the least is that any
    /// plan needs.
    ///
    /// # Errors
    /// The number of bytes that would be enough.
    pub fn within(budget: usize, steps: usize, weights: Weights) -> Result<Plan, usize> {
        let whole = Plan { spans: vec![steps] };
        if whole.bytes(steps, weights) <= budget.min(KEPT_WHOLE) {
            return Ok(whole);
        }
        let mut least = usize::MAX;
        for levels in 2..=8 {
            // as many spans in a level as steps in a span: the least memory for the level
            let leaf = (steps as f64).powf(1.0 / levels as f64).ceil() as usize;
            let plan = Plan::even(steps, levels, leaf.max(1));
            let bytes = plan.bytes(steps, weights);
            if bytes <= budget {
                return Ok(plan);
            }
            least = least.min(bytes);
        }
        Err(least)
    }

    /// `levels` levels of spans with the same number of spans in each, above leaves of this length.
    fn even(steps: usize, levels: usize, leaf: usize) -> Plan {
        let leaves = steps.div_ceil(leaf);
        let fan = (leaves as f64)
            .powf(1.0 / (levels - 1) as f64)
            .ceil()
            .max(1.0) as usize;
        let mut spans = vec![leaf];
        for _ in 2..levels {
            let above = spans[0] * fan;
            spans.insert(0, above);
        }
        Plan { spans }
    }

    /// Whether nothing is run twice.
    pub fn keeps_everything(&self, steps: usize) -> bool {
        self.spans[0] >= steps
    }

    /// How many states the longest spans start from.
    pub fn snapshots(&self, steps: usize) -> usize {
        steps.div_ceil(self.spans[0])
    }

    /// How many states the spans of each lower level start from, within a span above.
    pub fn inner_snapshots(&self) -> usize {
        self.spans
            .windows(2)
            .map(|pair| pair[0].div_ceil(pair[1]))
            .sum()
    }

    /// What it needs, in bytes.
    pub fn bytes(&self, steps: usize, weights: Weights) -> usize {
        if self.keeps_everything(steps) {
            return (steps + 1) * weights.total_step;
        }
        let leaf = self.spans.last().copied().unwrap_or(steps);
        self.snapshots(steps) * weights.snapshot
            + self.inner_snapshots() * weights.local_snapshot
            + (leaf + 1) * weights.step
    }

    /// How many times each step is run, forward, in all.
    pub fn runs(&self, steps: usize) -> usize {
        if self.keeps_everything(steps) {
            1
        } else {
            1 + self.spans.len()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_thousand_compartments_and_a_hundred_thousand_steps_fit_in_32_mebibytes() {
        let state = 1000 * 4 * 8;
        let weights = Weights {
            snapshot: state,
            local_snapshot: state,
            step: state + 8000,
            total_step: state + 8000,
        };
        let plan = Plan::within(32 << 20, 100_000, weights).expect("it fits");
        assert_eq!(plan.runs(100_000), 2, "one extra run is enough: {plan:?}");
    }

    proptest! {
        #[test]
        fn a_plan_keeps_to_its_budget(
            budget in 1usize << 12..1 << 30,
            steps in 1usize..200_000,
            state in 8usize..100_000,
        ) {
            let weights = Weights {
                snapshot: state, local_snapshot: state, step: 2 * state, total_step: 2 * state,
            };
            match Plan::within(budget, steps, weights) {
                Ok(plan) => {
                    prop_assert!(plan.bytes(steps, weights) <= budget);
                    prop_assert!(plan.spans.windows(2).all(|pair| pair[0] >= pair[1]));
                    prop_assert!(*plan.spans.last().expect("never empty") >= 1);
                }
                Err(least) => prop_assert!(least > budget),
            }
        }
    }
}
