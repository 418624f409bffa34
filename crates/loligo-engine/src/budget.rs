//! What the reverse sweep of a program needs of a budget of memory.

use std::sync::Arc;

use crate::block::Block;
use crate::checkpoint::{INSTRUCTIONS, Plan, Weights};
use crate::dual::Number;
use crate::error::RunError;
use crate::inputs::Inputs;
use crate::lanes::{Factors, Lanes, NodeLayout, slot_len};
use crate::partition::blocks;
use crate::program::Program;
use crate::stepper::Stepper;
use crate::vector::{REGISTER_BYTES, Real};

/// The most registers that a tape is taken to have.
const REGISTERS: usize = 256;

impl Program {
    /// What a reverse sweep would keep, for a budget in bytes.
    ///
    /// # Errors
    /// [`RunError::Budget`] if nothing fits.
    pub fn plan<T: Real>(
        self: &Arc<Self>,
        inputs: &Inputs,
        budget: usize,
        threads: usize,
    ) -> Result<Plan, RunError> {
        self.plan_of::<Block<T>>(inputs, budget, threads)
    }

    /// [`Program::plan`] for blocks with or without tangents.
    pub(crate) fn plan_of<S: Stepper>(
        self: &Arc<Self>,
        inputs: &Inputs,
        budget: usize,
        threads: usize,
    ) -> Result<Plan, RunError> {
        let (weights, fixed) = self.weights::<S>(inputs, threads);
        Plan::within(budget.saturating_sub(fixed), inputs.steps, weights).map_err(|least| {
            RunError::Budget {
                budget,
                needed: least + fixed,
                steps: inputs.steps,
            }
        })
    }

    /// What states and steps weigh, and what is needed whatever is kept.
    fn weights<S: Stepper>(self: &Arc<Self>, inputs: &Inputs, threads: usize) -> (Weights, usize) {
        // a number of the block, and one in double precision
        let number = S::Number::PARTS * size_of::<S::Real>();
        let wide = S::Wide::PARTS * size_of::<f64>();
        let (mut slots, mut steps) = (Vec::new(), Vec::new());
        let (mut setups, mut workspaces) = (Vec::new(), Vec::new());
        for (index, range) in blocks::<S::Real>(self, inputs.lanes) {
            let lanes = Lanes {
                program: Arc::clone(self),
                index,
                range,
            };
            let layout = NodeLayout::new::<S::Real>(lanes.population(), lanes.width());
            let slot = slot_len(&lanes, &layout).next_multiple_of(S::Real::LANES);
            slots.push(slot * number);
            let factors = Factors::new::<S::Real>(&lanes, &layout).len;
            steps.push((slot + factors) * number);
            let arrays: usize = lanes
                .population()
                .groups
                .iter()
                .zip(&layout.groups)
                .map(|(group, region)| {
                    let code = &self.codes[group.code];
                    region.len() * (code.sources.len() + code.invariants.len())
                })
                .sum();
            let setup = arrays
                + slot
                + 2 * layout.len
                + lanes.population().tree.edges.len() * lanes.width();
            setups.push(setup * wide);
            // the step's arrays, cotangents, and sums in double precision
            let species = lanes.population().species.len();
            let step = 3 * slot + (9 + 4 * species) * layout.len + arrays;
            // tapes forth and back, whose registers are as long as what they compute, up to a limit
            let longest = |region: &std::ops::Range<usize>| {
                (region.len() * REGISTERS * size_of::<S::Real>()).min(REGISTER_BYTES)
            };
            let tapes = 2 * self.phases.len();
            let registers: usize = layout.groups.iter().map(longest).sum::<usize>() * tapes;
            workspaces.push(INSTRUCTIONS + registers + step * number + setup * wide);
        }
        // what is reversed at the same time: the largest blocks, one for each thread
        let local = |weights: &[usize]| -> usize {
            let mut weights = weights.to_vec();
            weights.sort_unstable_by(|a, b| b.cmp(a));
            weights.iter().take(threads.max(1)).sum()
        };
        let weights = Weights {
            snapshot: slots.iter().sum(),
            local_snapshot: local(&slots),
            step: local(&steps),
            total_step: steps.iter().sum(),
        };
        (weights, setups.iter().sum::<usize>() + local(&workspaces))
    }
}
